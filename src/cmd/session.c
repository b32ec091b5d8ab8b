/* cmd/session.c - store, data, engine and the keeper thread, opened in the order that loses nothing.
 *
 * Order matters twice. Opening: the store first (its lock says whether anyone else is at work), then
 * what it remembers, then the data (checked to be the same as before), then the engine with its
 * readers open before anything is said. Closing: the engine is told to quit, which checkpoints
 * what runs; the keeper reads on until the END event, so those checkpoints are on disk before
 * the store is closed.
 */
#include "config.h"
#include "cmd/session.h"
#include "cmd/args.h"
#include "cmd/keeper.h"
#include "cmd/recall.h"
#include "cmd/unlock.h"
#include "base/json.h"
#include "base/memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EPOCH_CHECKPOINT_SECONDS 0.25 /* of epochs that are shorter, not each has a checkpoint */

struct lepton_session {
	struct lepton_store *store;
	struct lepton_dataset *data;
	struct lepton_engine *engine;
	struct lepton_listener *server; /* NULL: it does not listen */
	struct lepton_reader *keeper_reader, *reader;
	int wake_fd;
	struct keeper *keeper;
	struct recall *recall; /* what the engine reads of versions that rest */
	struct lepton_spec spec;
	bool has_spec;
	struct lepton_run run; /* what the store remembered */
};

/* ---- the spec and the data --------------------------------------------------------------------- */

static int whole_path(char **path, struct lepton_error *err)
{
	char real[PATH_MAX];
	if (!*path || !realpath(*path, real))
		return LEPTON_OK; /* the loader says what is wrong with it */
	char *copy = lepton__strdup(real);
	if (!copy)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory");
	lepton__free(*path);
	*path = copy;
	return LEPTON_OK;
}

/* The spec as it was stored, with the data's folder as it was found then. */
static int remembered_spec(struct lepton_session *session, const char *dir, struct lepton_error *err)
{
	const char *text = lepton_text_get(session->run.spec);
	if (!*text)
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"store %s has no run yet: start one with `lepton train SPEC`", dir);
	int code = lepton_spec_parse(text, strlen(text), "the stored spec", NULL, &session->spec, err);
	if (code)
		return code;
	session->has_spec = true;
	cJSON *data = cJSON_Parse(lepton_text_get(session->run.data));
	const char *path = lepton__json_get_string(data, "path", NULL);
	char *copy = path ? lepton__strdup(path) : NULL;
	cJSON_Delete(data);
	if (copy) {
		lepton__free((void *)(uintptr_t)session->spec.data
				     .path); /* the spec owns it; const is for its readers */
		session->spec.data.path = copy;
	}
	return LEPTON_OK;
}

/* Versions' seeds follow from the experiment's, so the spec is read again with the other one in it. */
static int override_seed(struct lepton_session *session, const struct lepton_session_options *options,
	struct lepton_error *err)
{
	const char *slash = strrchr(options->spec_path, '/');
	char *folder = slash ? lepton__strndup(options->spec_path, (size_t)(slash - options->spec_path) + 1)
			     : lepton__strdup(".");
	cJSON *spec = cJSON_Parse(session->spec.text);
	cJSON_DeleteItemFromObjectCaseSensitive(spec, "seed");
	char *text = spec && cJSON_AddNumberToObject(spec, "seed", (double)options->seed)
			     ? lepton__json_text(spec)
			     : NULL;
	cJSON_Delete(spec);
	int code = folder && text ? LEPTON_OK
				  : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory reading %s",
					    options->spec_path);
	if (!code) {
		lepton_spec_clear(&session->spec);
		code = lepton_spec_parse(text, strlen(text), options->spec_path, folder, &session->spec, err);
		session->has_spec = code == LEPTON_OK;
	}
	lepton__free(folder);
	lepton__free(text);
	return code;
}

static int read_spec(struct lepton_session *session, const struct lepton_session_options *options,
	const char *dir, struct lepton_error *err)
{
	if (!options->spec_path)
		return remembered_spec(session, dir, err);
	int code = lepton_spec_load(options->spec_path, &session->spec, err);
	if (code)
		return code;
	session->has_spec = true;
	if (options->seed >= 0)
		code = override_seed(session, options, err);
	if (code)
		return code;
	char *path = (char *)(uintptr_t)session->spec.data.path;
	code = whole_path(&path, err);
	session->spec.data.path = path;
	return code;
}

/* Going on with other data than before would make curves and checkpoints lie. */
static int check_data(const struct lepton_session *session, const char *dir, struct lepton_error *err)
{
	cJSON *before = cJSON_Parse(lepton_text_get(session->run.data));
	const char *hash = lepton__json_get_string(before, "hash", "");
	int code = LEPTON_OK;
	if (*hash && session->run.version_count &&
		strcmp(hash, lepton_dataset_info(session->data)->hash) != 0)
		code = lepton_error_set(err, LEPTON_E_DATA,
			"the data in %s is not what the versions in store %s were trained on: put it back, "
			"or use another --store",
			session->spec.data.path, dir);
	cJSON_Delete(before);
	return code;
}

/* ---- versions: the store's and the spec's new ones ----------------------------------------------- */

static int restore_all(struct lepton_session *session, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < session->run.version_count && !code; i++)
		code = lepton_engine_restore(session->engine, session->run.versions[i], NULL, err);
	for (size_t i = 0; i < session->run.alias_count && !code; i++)
		code = lepton_engine_restore_alias(session->engine, &session->run.aliases[i], err);
	return code;
}

static bool remembered(const struct lepton_run *run, const char *name)
{
	for (size_t i = 0; i < run->version_count; i++)
		if (strcmp(run->versions[i]->name, name) == 0)
			return true;
	return false;
}

static int override_epochs(struct lepton_spec_version *version, int64_t epochs, struct lepton_error *err)
{
	char number[32], *config;
	snprintf(number, sizeof number, "%lld", (long long)epochs);
	int code = lepton_config_set(version->config, "epochs", number, &config, err);
	if (code)
		return code;
	lepton__free(version->config);
	version->config = config;
	return LEPTON_OK;
}

/* A version the store knows goes on as it was stored, so that a spec edited meanwhile cannot rewrite history.
 */
static int add_new(struct lepton_session *session, const struct lepton_session_options *options,
	struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; options->spec_path && i < session->spec.count && !code; i++) {
		struct lepton_spec_version *version = &session->spec.versions[i];
		int64_t id;
		if (remembered(&session->run, version->name))
			continue;
		if (options->epochs > 0)
			code = override_epochs(version, options->epochs, err);
		if (!code)
			code = lepton_engine_add(session->engine, version, &id, err);
	}
	return code;
}

/* In the engine first, as at every later start: what that does not take is not kept. */
static int import(struct lepton_session *session, struct lepton_bundle *bundle, struct lepton_error *err)
{
	int64_t last = 0;
	for (size_t i = 0; i < session->run.version_count; i++)
		last = session->run.versions[i]->id > last ? session->run.versions[i]->id : last;
	bundle->version.id = last + 1;
	int code = lepton_engine_restore(session->engine, &bundle->version, bundle->checkpoint, err);
	if (code && code != LEPTON_E_EXISTS && code != LEPTON_E_NOMEM)
		lepton_error_prefix(err, "it does not fit this store's data");
	return code ? code : lepton_bundle_keep(session->store, bundle, err);
}

/* ---- opening and closing --------------------------------------------------------------------------- */

/* A run in the foreground goes on without a socket, where the file system has none. */
static int listen_if(struct lepton_session *session, const struct lepton_session_options *options,
	const char *dir, struct lepton_error *err)
{
	if (options->net == SESSION_ALONE)
		return LEPTON_OK;
	int code = lepton_listener_start(session->engine, dir, &session->server, err);
	if (!code || options->net == SESSION_SERVES)
		return code;
	lepton_error_prefix(err, "nobody can attach to this run");
	struct lepton_text *line = lepton_text_new(err->message);
	lepton_engine_say(session->engine, LEPTON_LOG_WARNING, line);
	lepton_text_release(line);
	return LEPTON_OK;
}

/* For the engine: what is asked of the store. It asks only once it is started. */
static int tend_store(void *context, const struct lepton_command *command, struct lepton_error *err)
{
	const struct lepton_session *session = context;
	return keeper_tend(session->keeper, command, err);
}

static int open_engine(struct lepton_session *session, const struct lepton_session_options *options,
	const char *dir, struct lepton_error *err)
{
	struct lepton_engine_options engine_options = {.workers = options->workers,
		.epoch_checkpoint_seconds = EPOCH_CHECKPOINT_SECONDS,
		.serial = session->run.serial,
		.recall = recall_checkpoint,
		.tend = tend_store,
		.tend_context = session,
		.one_command = options->hold};
	int code = recall_new(dir, &session->recall, err);
	engine_options.recall_context = session->recall;
	if (!code)
		code = lepton_engine_create(&engine_options, session->spec.experiment, session->spec.seed,
			session->data, session->spec.text, &session->engine, err);
	if (!code)
		code = lepton_reader_open(session->engine, true, &session->keeper_reader, NULL, err);
	if (!code)
		code = lepton_reader_open(session->engine, false, &session->reader, &session->wake_fd, err);
	if (!code)
		code = restore_all(session, err);
	if (!code)
		code = add_new(session, options, err);
	if (!code && options->import)
		code = import(session, options->import, err);
	if (!code)
		code = keeper_start(
			session->store, session->engine, session->keeper_reader, &session->keeper, err);
	if (!code)
		code = listen_if(session, options, dir, err);
	if (!code)
		code = lepton_engine_start(session->engine, err);
	return code;
}

/* Every version of the spec can be made with this data? Asked before there is a store. */
static int try_versions(const struct lepton_session *session, struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (size_t i = 0; i < session->spec.count && !code; i++) {
		const struct lepton_spec_version *version = &session->spec.versions[i];
		const struct lepton_learner_ops *ops = lepton_learner_find(version->learner);
		struct lepton_learner *learner = NULL;
		if (!ops)
			return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
				"version %s: no learner \"%s\" in this build", version->name,
				version->learner);
		code = ops->create(version->config, version->seed, session->data, &learner, err);
		if (code)
			lepton_error_prefix(err, "version %s", version->name);
		else
			ops->destroy(learner);
	}
	return code;
}

/* Spec and data first where a spec is given, so that a fault in them makes no store; a store without a
 * spec must be there already, so that a mistyped --store is not made either. */
static int open_inputs(struct lepton_session *session, const struct lepton_session_options *options,
	const char *dir, struct lepton_error *err)
{
	if (options->spec_path) {
		int code = read_spec(session, options, dir, err);
		if (!code)
			code = lepton_dataset_open(&session->spec.data, &session->data, err);
		return code ? code : try_versions(session, err);
	}
	struct lepton_store *there = NULL;
	int code = unlock_store(dir, LEPTON_STORE_READ, &there, err);
	lepton_store_close(there);
	return code;
}

static int open_all(struct lepton_session *session, const struct lepton_session_options *options,
	struct lepton_error *err)
{
	const char *dir = args_store(options->store_dir);
	int code = open_inputs(session, options, dir, err);
	if (!code)
		code = unlock_store(dir, LEPTON_STORE_WRITE, &session->store, err);
	if (!code)
		code = lepton_store_load_run(session->store, &session->run, err);
	if (!code && !session->has_spec)
		code = read_spec(session, options, dir, err);
	if (!code && !session->data)
		code = lepton_dataset_open(&session->spec.data, &session->data, err);
	if (!code)
		code = check_data(session, dir, err);
	return code ? code : open_engine(session, options, dir, err);
}

int lepton_session_open(
	const struct lepton_session_options *options, struct lepton_session **out, struct lepton_error *err)
{
	struct lepton_session *session = lepton__calloc(1, sizeof *session);
	if (!session)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening the session");
	lepton_run_init(&session->run);
	session->wake_fd = -1;
	int code = open_all(session, options, err);
	if (code) {
		lepton_session_close(session, NULL);
		return code;
	}
	*out = session;
	return LEPTON_OK;
}

static int quit_engine(struct lepton_session *session, struct lepton_error *err)
{
	struct lepton_command quit = {.type = LEPTON_CMD_QUIT};
	int code = lepton_engine_submit(
		session->engine, &quit, NULL); /* LEPTON_E_STATE: it was asked before, and ends */
	return keeper_end(session->keeper, code == LEPTON_E_NOMEM, err);
}

int lepton_session_close(struct lepton_session *session, struct lepton_error *err)
{
	if (!session)
		return LEPTON_OK;
	int code = session->keeper ? quit_engine(session, err) : LEPTON_OK;
	lepton_listener_stop(session->server);
	lepton_reader_close(session->keeper_reader);
	lepton_reader_close(session->reader);
	lepton_engine_free(session->engine);
	recall_free(session->recall);
	lepton_dataset_release(session->data);
	lepton_store_close(session->store);
	lepton_listener_free(session->server); /* whoever sees the connection end may open the store */
	if (session->has_spec)
		lepton_spec_clear(&session->spec);
	lepton_run_clear(&session->run);
	lepton__free(session);
	return code;
}

struct lepton_engine *lepton_session_engine(struct lepton_session *session)
{
	return session->engine;
}

struct lepton_reader *lepton_session_reader(struct lepton_session *session, int *wake_fd)
{
	if (wake_fd)
		*wake_fd = session->wake_fd;
	return session->reader;
}

int lepton_session_steering(const struct lepton_session *session)
{
	return lepton_listener_steering(session->server);
}

void lepton_session_take_run(struct lepton_session *session, struct lepton_run *run)
{
	*run = session->run;
	lepton_run_init(&session->run);
}
