/* train/fuse_help.c - see fuse_help.h. Methods that try what they make are helped with the validation split
 * only. */
#include "config.h"
#include "train/fuse_help.h"

static int evaluate(void *context, const struct lepton_params *weights, double *loss, double *accuracy,
	struct lepton_error *err)
{
	struct lepton__fuse_desk *desk = context;
	struct lepton_score score;
	int code = lepton__job_validate(desk->job, desk->learner, weights, &score, err);
	if (!code) {
		*loss = score.loss;
		*accuracy = score.accuracy;
	}
	return code;
}

/* The job's own learner with these weights. */
static int put(struct lepton__fuse_desk *desk, const struct lepton_params *weights, struct lepton_error *err)
{
	if (lepton__job_ending(desk->job))
		return lepton_error_set(err, LEPTON_E_CANCELED, "fuse: the engine ends");
	return desk->learner->ops->set_weights(desk->learner, weights, err);
}

static int inputs(void *context, const struct lepton_params *weights, int64_t samples, lepton_inputs_fn see,
	void *to, struct lepton_error *err)
{
	struct lepton__fuse_desk *desk = context;
	int code = put(desk, weights, err);
	return code ? code : desk->learner->ops->inputs(desk->learner, samples, see, to, err);
}

static int fisher(void *context, const struct lepton_params *weights, int64_t samples,
	struct lepton_params **out, struct lepton_error *err)
{
	struct lepton__fuse_desk *desk = context;
	int code = put(desk, weights, err);
	return code ? code : desk->learner->ops->fisher(desk->learner, samples, out, err);
}

static void report(void *context, const char *line, const char *json)
{
	struct lepton__fuse_desk *desk = context;
	struct lepton_event event = {.type = LEPTON_EVENT_LOG, .version = desk->job->version};
	event.u.log.level = LEPTON_LOG_INFO;
	event.u.log.line = lepton_text_new(line);
	lepton__say(desk->job->engine, &event);
	lepton_event_clear(&event);
	lepton_text_release(desk->found);
	desk->found = lepton_text_new(json);
}

struct lepton_fuse_help lepton__fuse_help(struct lepton__fuse_desk *desk)
{
	const struct lepton_learner_ops *ops = desk->learner->ops;
	const bool looks = ops->inputs && ops->fisher;
	return (struct lepton_fuse_help){
		evaluate, report, looks ? inputs : NULL, looks ? fisher : NULL, desk};
}
