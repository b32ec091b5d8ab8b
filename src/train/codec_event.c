/* train/codec_event.c - events as JSON lines: one table of members for each type.
 *
 *     {"type":"metric","serial":7,"time":1730000000.5,"version":2,"step":120,"epoch":0.28, …}
 *
 * Members keep the names of the C struct. A checkpoint's state does not travel: it is too large for
 * a line, and whoever needs it has the store.
 */
#include "config.h"
#include "train/codec.h"
#include "train/names.h"

#include <stddef.h>
#include <string.h>

#define LINE_MAX_BYTES ((size_t)64 << 20)
#define WHAT "event"

#define AT(member) offsetof(struct lepton_event, member)
#define SIZE(member) sizeof(((struct lepton_event *)NULL)->member)
#define INT(key, member)                                                                                     \
	{                                                                                                    \
		key, LEPTON__FIELD_INT, AT(member), 0, 0, NULL, false                                        \
	}
#define I64(key, member)                                                                                     \
	{                                                                                                    \
		key, LEPTON__FIELD_I64, AT(member), 0, 0, NULL, false                                        \
	}
#define U64(key, member)                                                                                     \
	{                                                                                                    \
		key, LEPTON__FIELD_U64, AT(member), 0, 0, NULL, false                                        \
	}
#define NUMBER(key, member)                                                                                  \
	{                                                                                                    \
		key, LEPTON__FIELD_NUMBER, AT(member), 0, 0, NULL, false                                     \
	}
#define BOOL(key, member)                                                                                    \
	{                                                                                                    \
		key, LEPTON__FIELD_BOOL, AT(member), 0, 0, NULL, false                                       \
	}
#define NAME(key, member)                                                                                    \
	{                                                                                                    \
		key, LEPTON__FIELD_NAME, AT(member), SIZE(member), 0, NULL, false                            \
	}
#define TEXT(key, member)                                                                                    \
	{                                                                                                    \
		key, LEPTON__FIELD_TEXT, AT(member), 0, 0, NULL, false                                       \
	}
/* One that lines of earlier builds do not have. */
#define LATER_TEXT(key, member)                                                                              \
	{                                                                                                    \
		key, LEPTON__FIELD_TEXT, AT(member), 0, 0, NULL, true                                        \
	}
#define LATER_BOOL(key, member)                                                                              \
	{                                                                                                    \
		key, LEPTON__FIELD_BOOL, AT(member), 0, 0, NULL, true                                        \
	}
#define ENUM(key, member, names)                                                                             \
	{                                                                                                    \
		key, LEPTON__FIELD_ENUM, AT(member), 0, 0, &(names), false                                   \
	}
#define IDS(key, member, count)                                                                              \
	{                                                                                                    \
		key, LEPTON__FIELD_IDS, AT(member), SIZE(member), AT(count), NULL, false                     \
	}
#define END                                                                                                  \
	{                                                                                                    \
		NULL, LEPTON__FIELD_INT, 0, 0, 0, NULL, false                                                \
	}

static const struct lepton__field common[] = {
	U64("serial", serial), NUMBER("time", time), I64("version", version), END};

static const struct lepton__field run[] = {NAME("experiment", u.run.experiment), U64("seed", u.run.seed),
	TEXT("environment", u.run.environment), TEXT("data", u.run.data), TEXT("spec", u.run.spec), END};

static const struct lepton__field added[] = {NAME("name", u.added.name), NAME("learner", u.added.learner),
	IDS("parents", u.added.parents, u.added.parent_count), TEXT("operation", u.added.operation),
	TEXT("hyperparameters", u.added.hyperparameters), U64("seed", u.added.seed),
	NUMBER("priority", u.added.priority), I64("parameters", u.added.parameters),
	I64("bytes", u.added.bytes), I64("raw_bytes", u.added.raw_bytes),
	I64("steps_per_epoch", u.added.steps_per_epoch), I64("epochs", u.added.epochs), END};

static const struct lepton__field state[] = {ENUM("state", u.state.state, lepton__state_names),
	TEXT("reason", u.state.reason), I64("step", u.state.step), NUMBER("seconds", u.state.seconds), END};

static const struct lepton__field metric[] = {I64("step", u.metric.step), NUMBER("epoch", u.metric.epoch),
	NUMBER("seconds", u.metric.seconds), NUMBER("loss", u.metric.loss),
	NUMBER("accuracy", u.metric.accuracy), NUMBER("samples_per_second", u.metric.samples_per_second),
	END};

static const struct lepton__field epoch[] = {I64("epoch", u.epoch.epoch), I64("step", u.epoch.step),
	NUMBER("seconds", u.epoch.seconds), NUMBER("loss", u.epoch.loss),
	NUMBER("accuracy", u.epoch.accuracy), NUMBER("val_loss", u.epoch.val_loss),
	NUMBER("val_accuracy", u.epoch.val_accuracy), END};

static const struct lepton__field test[] = {NUMBER("loss", u.test.loss), NUMBER("accuracy", u.test.accuracy),
	NUMBER("val_loss", u.test.val_loss), NUMBER("val_accuracy", u.test.val_accuracy),
	LATER_TEXT("report", u.test.report), END};

static const struct lepton__field checkpoint[] = {I64("step", u.checkpoint.step),
	NUMBER("epoch", u.checkpoint.epoch), NAME("weights_hash", u.checkpoint.weights_hash),
	I64("bytes", u.checkpoint.bytes), LATER_TEXT("importance", u.checkpoint.importance),
	LATER_BOOL("best", u.checkpoint.best), END};

static const struct lepton__field job[] = {I64("job", u.job.job), NAME("kind", u.job.kind),
	NAME("method", u.job.method), ENUM("state", u.job.state, lepton__job_state_names),
	NUMBER("progress", u.job.progress), I64("result", u.job.result), TEXT("message", u.job.message),
	LATER_TEXT("detail", u.job.detail), END};

static const struct lepton__field alias[] = {NAME("alias", u.alias.alias), I64("target", u.alias.target),
	I64("previous", u.alias.previous), NAME("weights_hash", u.alias.weights_hash),
	BOOL("rollback", u.alias.rollback), END};

static const struct lepton__field log_line[] = {
	ENUM("level", u.log.level, lepton__level_names), TEXT("line", u.log.line), END};

static const struct lepton__field reply[] = {U64("ticket", u.reply.ticket), INT("code", u.reply.code),
	I64("result", u.reply.result), TEXT("message", u.reply.message), END};

static const struct lepton__field labels[] = {TEXT("tags", u.labels.tags), TEXT("note", u.labels.note), END};

static const struct lepton__field priority[] = {NUMBER("priority", u.priority.value), END};

static const struct lepton__field node[] = {INT("node", u.node.figures.node),
	NAME("host", u.node.figures.host), NAME("kernels", u.node.figures.kernels),
	INT("cores", u.node.figures.cores), NUMBER("span", u.node.figures.span),
	NUMBER("busy", u.node.figures.busy), NUMBER("used", u.node.figures.used),
	NUMBER("memory", u.node.figures.memory), NUMBER("memory_used", u.node.figures.memory_used),
	NUMBER("memory_own", u.node.figures.memory_own), TEXT("workers", u.node.workers),
	TEXT("sharded", u.node.sharded), END};

static const struct lepton__field none[] = {END};

static const struct lepton__field *const tables[] = {run, added, state, metric, epoch, test, checkpoint, job,
	alias, log_line, reply, labels, priority, node, none};

char *lepton_event_to_json(const struct lepton_event *event)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, LINE_MAX_BYTES);
	lepton__buffer_printf(&out, "{\"type\":\"%s\"", lepton__event_names[event->type]);
	lepton__codec_write(&out, common, event);
	lepton__codec_write(&out, tables[event->type], event);
	lepton__buffer_string(&out, "}");
	return lepton__buffer_take(&out);
}

/* A line as lepton_event_to_json writes it, unless it has texts. */
static bool read_quickly(const char *json, struct lepton_event *out)
{
	static const char begin[] = "{\"type\":\"";
	if (strncmp(json, begin, sizeof begin - 1) != 0)
		return false;
	const char *at = json + sizeof begin - 1;
	size_t size = strcspn(at, "\"");
	for (int type = 0; lepton__event_names[type]; type++) {
		const char *name = lepton__event_names[type];
		if (strlen(name) != size || memcmp(at, name, size) != 0)
			continue;
		at += size + (at[size] == '"');
		out->type = (enum lepton_event_type)type;
		return lepton__codec_quick(&at, common, out) && lepton__codec_quick(&at, tables[type], out) &&
		       strcmp(at, "}") == 0;
	}
	return false;
}

int lepton_event_from_json(const char *json, struct lepton_event *out, struct lepton_error *err)
{
	*out = (struct lepton_event){.type = LEPTON_EVENT_END};
	if (lepton__codec_quick_numbers() && read_quickly(json, out))
		return LEPTON_OK;
	*out = (struct lepton_event){.type = LEPTON_EVENT_END};
	cJSON *object = lepton__codec_parse(json, WHAT, LEPTON_E_CORRUPT, err);
	if (!object)
		return LEPTON_E_CORRUPT;
	const char *word = lepton__json_get_string(object, "type", "");
	int type = lepton__codec_word(lepton__event_names, word), code;
	if (type < 0) {
		code = lepton_error_set(err, LEPTON_E_CORRUPT, "\"%.40s\" is no type of event", word);
	} else {
		out->type = (enum lepton_event_type)type;
		code = lepton__codec_read(object, common, out, LEPTON_E_CORRUPT, err);
		if (!code)
			code = lepton__codec_read(object, tables[type], out, LEPTON_E_CORRUPT, err);
	}
	cJSON_Delete(object);
	if (code) {
		lepton_event_clear(out);
		lepton_error_prefix(err, WHAT);
	}
	return code;
}
