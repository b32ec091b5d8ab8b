/* store/bundle_store.c - bundles out of the store and into it.
 *
 * A version that comes in is made of what its statement says, checked as a spec's version is, and its
 * operation becomes "import", with the statement in it: so it can be handed on with the signature it came
 * with. External programs' versions are not let in, for they hold a command that would be run.
 */
#include "config.h"
#include "store/bundle_parts.h"
#include "store/statement.h"
#include "store/store_parts.h"
#include "lepton/model.h"
#include "lepton/spec.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a version out of its statement ---------------------------------------------------------------- */

static int refuse(const char *file, const char *why, struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_DATA, "%s: %s: it is not let in", file, why);
}

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a version's file");
}

static int take_text(const cJSON *value, struct lepton_text **out, struct lepton_error *err)
{
	char *text = lepton__json_text(value);
	*out = text ? lepton_text_new(text) : NULL;
	lepton__free(text);
	return *out ? LEPTON_OK : no_memory(err);
}

static int import_operation(
	const struct lepton_bundle *bundle, struct lepton_text **out, struct lepton_error *err)
{
	char *text = lepton__format("{\"op\":\"import\",\"statement\":%s}", bundle->statement);
	*out = text ? lepton_text_new(text) : NULL;
	lepton__free(text);
	return *out ? LEPTON_OK : no_memory(err);
}

static bool read_seed(const char *text, uint64_t *out)
{
	char *end;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

static bool is_hash(const char *text)
{
	return strlen(text) == LEPTON_HASH_HEX - 1 && strspn(text, "0123456789abcdef") == LEPTON_HASH_HEX - 1;
}

/* A figure that nobody has to believe, but that must be one. */
static double figure(const cJSON *figures, const char *split, const char *key)
{
	return lepton__json_get_number(cJSON_GetObjectItemCaseSensitive(figures, split), key, (double)NAN);
}

static int read_figures(struct lepton_bundle *b, const char *file, struct lepton_error *err)
{
	struct lepton_run_version *v = &b->version;
	cJSON *figures = cJSON_ParseWithOpts(b->figures, NULL, true);
	bool good = cJSON_IsObject(figures);
	v->test_loss = figure(figures, "test", "loss");
	v->test_accuracy = figure(figures, "test", "accuracy");
	v->val_loss = figure(figures, "validation", "loss");
	v->val_accuracy = figure(figures, "validation", "accuracy");
	cJSON_Delete(figures);
	return good ? LEPTON_OK : refuse(file, "its figures are no JSON object", err);
}

static int check_learner(const char *learner, const char *file, struct lepton_error *err)
{
	const struct lepton_learner_ops *ops = lepton_learner_find(learner);
	if (!ops)
		return refuse(file, "it is a kind of version that this build does not know", err);
	if (ops->foreign)
		return refuse(file, "it is an external program's, and would have a command run", err);
	return LEPTON_OK;
}

int lepton__bundle_version(
	struct lepton_bundle *b, const cJSON *statement, const char *file, struct lepton_error *err)
{
	struct lepton_run_version *v = &b->version;
	const char *name = lepton__json_get_string(statement, "name", ""),
		   *learner = lepton__json_get_string(statement, "learner", ""),
		   *hash = lepton__json_get_string(statement, "weights_hash", "");
	const cJSON *config = cJSON_GetObjectItemCaseSensitive(statement, "hyperparameters");
	v->state = LEPTON_DONE;
	v->priority = 1;
	if (lepton_name_check(name, NULL))
		return refuse(file, "its name is none", err);
	if (!is_hash(hash) || !read_seed(lepton__json_get_string(statement, "seed", ""), &v->seed) ||
		!cJSON_IsObject(config) ||
		!cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(statement, "operation")))
		return refuse(file, "its statement lacks something", err);
	lepton__copy_name(v->name, sizeof v->name, name);
	lepton__copy_name(v->learner, sizeof v->learner, learner);
	lepton__copy_name(v->weights_hash, sizeof v->weights_hash, hash);
	int code = check_learner(learner, file, err);
	if (!code)
		code = take_text(config, &v->hyperparameters, err);
	if (!code)
		code = lepton_config_check(learner, lepton_text_get(v->hyperparameters), err);
	if (code && code != LEPTON_E_NOMEM)
		return lepton_error_set(
			err, LEPTON_E_DATA, "%s: its configuration is not sound: %s", file, err->message);
	if (!code)
		code = import_operation(b, &v->operation, err);
	return code ? code : read_figures(b, file, err);
}

/* ---- out ------------------------------------------------------------------------------------------- */

/* A blob that needs a base would be of no use alone: then the weights themselves go. */
static int self_contained(
	const struct lepton_checkpoint *c, struct lepton_checkpoint **out, struct lepton_error *err)
{
	*out = lepton__calloc(1, sizeof **out);
	if (!*out)
		return no_memory(err);
	(*out)->references = 1;
	(*out)->state.weights = lepton_params_retain(c->state.weights);
	if (c->encoded && !*c->base_hash) {
		(*out)->encoded = lepton_params_retain(c->encoded);
		lepton__copy_name((*out)->method, sizeof(*out)->method, c->method);
	}
	return LEPTON_OK;
}

static void pair(struct lepton__buffer *out, const char *split, double loss, double accuracy)
{
	lepton__buffer_printf(out, "\"%s\":{\"loss\":", split);
	lepton__json_number(out, loss);
	lepton__buffer_string(out, ",\"accuracy\":");
	lepton__json_number(out, accuracy);
	lepton__buffer_string(out, "}");
}

static char *figures_of(const struct lepton_run_version *v)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 4096);
	lepton__buffer_printf(&out, "{\"step\":%lld,\"epoch\":", (long long)v->step);
	lepton__json_number(&out, v->epoch);
	lepton__buffer_string(&out, ",");
	pair(&out, "test", v->test_loss, v->test_accuracy);
	lepton__buffer_string(&out, ",");
	pair(&out, "validation", v->val_loss, v->val_accuracy);
	lepton__buffer_string(&out, "}");
	return lepton__buffer_take(&out);
}

/* What there is to sign or to hand on: weights, and the statement about them. */
static int gather(struct lepton_store *store, const struct lepton_run *run, int64_t id,
	struct lepton_bundle *out, struct lepton_error *err)
{
	struct lepton_checkpoint *c;
	char hash[LEPTON_HASH_HEX];
	const struct lepton_run_version *v = lepton_run_version(run, id);
	if (!v)
		return lepton_error_set(err, LEPTON_E_NOTFOUND, "there is no version #%lld", (long long)id);
	const struct lepton_learner_ops *ops = lepton_learner_find(v->learner);
	if (ops && ops->foreign)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"version %s is an external program's: only that knows what its weights mean",
			v->name);
	int code = lepton_store_load_checkpoint(store, id, -1, &c, err);
	if (code)
		return lepton_error_prefix(err, "version %s", v->name), code;
	lepton_params_hash(c->state.weights, hash);
	code = self_contained(c, &out->checkpoint, err);
	lepton_checkpoint_release(c);
	if (!code)
		code = lepton__statement_new(run, v, hash, out->checkpoint->method, &out->statement, err);
	if (!code && !(out->figures = figures_of(v)))
		code = no_memory(err);
	return code;
}

int lepton_bundle_write(
	struct lepton_store *store, int64_t version, const char *path, struct lepton_error *err)
{
	struct lepton_bundle bundle = {0};
	struct lepton__buffer bytes = {0};
	struct lepton_run run;
	struct lepton_run_version real;
	lepton_run_init(&run);
	int code = lepton_store_load_run(store, &run, err);
	if (!code)
		code = gather(store, &run, version, &bundle, err);
	if (!code) { /* by the weights themselves, whatever the database says they are */
		real = *lepton_run_version(&run, version);
		lepton_params_hash(bundle.checkpoint->state.weights, real.weights_hash);
		code = lepton__signature_find(store, &real, &bundle, err);
	}
	if (!code)
		code = lepton__bundle_render(&bundle, &bytes, err);
	if (!code)
		code = lepton__file_write(path, bytes.data, bytes.size, 0644, err);
	lepton__buffer_free(&bytes);
	lepton_bundle_clear(&bundle);
	lepton_run_clear(&run);
	return code;
}

int lepton_store_sign(struct lepton_store *store, int64_t version, const char *key_path,
	char public_key[LEPTON_PUBLIC_HEX], struct lepton_error *err)
{
	struct lepton_bundle bundle = {0};
	struct lepton_run run;
	lepton_run_init(&run);
	int code = lepton_store_load_run(store, &run, err);
	if (!code)
		code = gather(store, &run, version, &bundle, err);
	if (!code)
		code = lepton__statement_sign(
			bundle.statement, key_path, bundle.signer, bundle.signature, err);
	if (!code)
		code = lepton__sql_begin(store, err);
	if (!code)
		code = lepton__signature_put(store, version, &bundle, err);
	if (!code)
		code = lepton__sql_commit(store, err);
	else
		lepton__sql_rollback(store);
	lepton__copy_name(public_key, LEPTON_PUBLIC_HEX, bundle.signer);
	lepton_bundle_clear(&bundle);
	lepton_run_clear(&run);
	return code;
}

/* ---- in -------------------------------------------------------------------------------------------- */

static int put_events(struct lepton_store *store, const struct lepton_bundle *b, struct lepton_error *err)
{
	const struct lepton_run_version *v = &b->version;
	const double now = lepton__wall();
	struct lepton_event added = {.type = LEPTON_EVENT_VERSION, .version = v->id, .time = now};
	struct lepton_event kept = {.type = LEPTON_EVENT_CHECKPOINT, .version = v->id, .time = now};
	struct lepton_event test = {.type = LEPTON_EVENT_TEST, .version = v->id, .time = now};
	struct lepton_event state = {.type = LEPTON_EVENT_STATE, .version = v->id, .time = now};
	lepton__copy_name(added.u.added.name, LEPTON_NAME_MAX, v->name);
	lepton__copy_name(added.u.added.learner, LEPTON_NAME_MAX, v->learner);
	added.u.added.operation = v->operation; /* borrowed: none of these is cleared */
	added.u.added.hyperparameters = v->hyperparameters;
	added.u.added.seed = v->seed;
	added.u.added.priority = v->priority;
	added.u.added.parameters = v->parameters;
	added.u.added.bytes = v->bytes;
	added.u.added.raw_bytes = v->raw_bytes;
	kept.u.checkpoint.bytes = v->bytes;
	kept.u.checkpoint.checkpoint = b->checkpoint;
	lepton__copy_name(kept.u.checkpoint.weights_hash, LEPTON_HASH_HEX, v->weights_hash);
	test.u.test.loss = v->test_loss;
	test.u.test.accuracy = v->test_accuracy;
	test.u.test.val_loss = v->val_loss;
	test.u.test.val_accuracy = v->val_accuracy;
	state.u.state.state = LEPTON_DONE;
	const struct lepton_event *const events[] = {&added, &kept, &test, &state};
	int code = LEPTON_OK;
	for (size_t i = 0; i < sizeof events / sizeof *events && !code; i++)
		code = lepton__put_one(store, events[i], err);
	return code;
}

int lepton_bundle_keep(
	struct lepton_store *store, const struct lepton_bundle *bundle, struct lepton_error *err)
{
	int code = lepton__sql_commit(store, err);
	if (!code)
		code = lepton__sql_begin(store, err);
	if (!code)
		code = put_events(store, bundle, err);
	if (!code && *bundle->signer)
		code = lepton__signature_put(store, bundle->version.id, bundle, err);
	if (!code)
		return lepton__sql_commit(store, err);
	lepton__sql_rollback(store);
	return code;
}
