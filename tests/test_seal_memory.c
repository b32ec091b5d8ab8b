/* Every allocation of a session with an encrypted store fails once in turn: made, filled, its key changed,
 * rotated, a version signed, written as a file and read back. Each time the call says LEPTON_E_NOMEM, and
 * afterwards the store opens and is whole. Needs --enable-error-injection.
 */
#include "config.h"
#include "fail_alloc.h"
#include "lepton/bundle.h"
#include "base/memory.h"

#include <string.h>

#define MOST_TURNS 2000
#define CONFIG                                                                                               \
	"{\"layers\":[{\"type\":\"Input\",\"shape\":[4]},{\"type\":\"Dense\",\"units\":2,\"activation\":"    \
	"\"softmax\"}]}"

static char folder[64], dir[96], key_path[96], sign_path[96], file[96];

static int put_version(struct lepton_store *store, struct lepton_error *err)
{
	struct lepton_event event = {.type = LEPTON_EVENT_VERSION, .version = 1, .time = 1};
	strcpy(event.u.added.name, "v");
	strcpy(event.u.added.learner, "network");
	event.u.added.hyperparameters = lepton_text_new(CONFIG);
	int code = event.u.added.hyperparameters ? lepton_store_put(store, &event, err) : LEPTON_E_NOMEM;
	lepton_event_clear(&event);
	return code;
}

static int put_checkpoint(struct lepton_store *store, struct lepton_error *err)
{
	const struct lepton_tensor like = {.name = "k", .shape = {1, {8}}};
	struct lepton_event event = {.type = LEPTON_EVENT_CHECKPOINT, .version = 1, .time = 1};
	struct lepton_checkpoint c = {.references = 1};
	int code = lepton_params_new(&like, 1, &c.state.weights, err);
	if (code)
		return code;
	event.u.checkpoint.checkpoint = &c;
	lepton_params_hash(c.state.weights, event.u.checkpoint.weights_hash);
	code = lepton_store_put(store, &event, err);
	lepton_params_release(c.state.weights);
	return code;
}

static int steps(struct lepton_store *store, struct lepton_key *key, struct lepton_error *err)
{
	char by[LEPTON_PUBLIC_HEX];
	size_t objects;
	int code = put_version(store, err);
	if (!code)
		code = put_checkpoint(store, err);
	if (!code)
		code = lepton_store_key_add(store, key, key, err);
	if (!code)
		code = lepton_store_key_remove(store, key, 2, err);
	if (!code)
		code = lepton_store_key_change(store, key, key, err);
	if (!code)
		code = lepton_store_rotate(store, key, &objects, err);
	if (!code)
		code = lepton_store_sign(store, 1, sign_path, by, err);
	if (!code)
		code = lepton_bundle_write(store, 1, file, err);
	return code;
}

static int scenario(struct lepton_error *err)
{
	struct lepton_key *key;
	struct lepton_store *store;
	struct lepton_bundle bundle;
	int code = lepton_key_from_file(key_path, &key, err);
	if (code)
		return code;
	code = lepton_store_open_with(dir, LEPTON_STORE_WRITE, key, &store, err);
	if (!code)
		code = steps(store, key, err);
	lepton_store_close(store);
	lepton_key_free(key);
	if (!code)
		code = lepton_bundle_read(file, NULL, 0, &bundle, err);
	if (!code)
		lepton_bundle_clear(&bundle);
	return code;
}

static void hear(const char *line, void *arg)
{
	(void)arg;
	printf("%s\n", line);
}

/* As the next program finds it, with memory again. */
static bool whole(void)
{
	struct lepton_key *key;
	struct lepton_store *store;
	struct lepton_error err = {0};
	unsetenv("LEPTON_FAIL_ALLOC");
	if (lepton_key_from_file(key_path, &key, &err))
		return false;
	int code = lepton_store_open_with(dir, LEPTON_STORE_WRITE, key, &store, &err);
	if (!code)
		code = lepton_store_verify(store, hear, NULL, &err);
	if (code)
		printf("%s\n", err.message);
	lepton_store_close(store);
	lepton_key_free(key);
	return code == LEPTON_OK;
}

/* The keys are made before the count begins: LEPTON_FAIL_ALLOC is looked at with each allocation. */
static int turn(void)
{
	char wish[16], command[96], by[LEPTON_PUBLIC_HEX];
	struct lepton_error err = {0};
	snprintf(wish, sizeof wish, "%s", getenv("LEPTON_FAIL_ALLOC"));
	unsetenv("LEPTON_FAIL_ALLOC");
	strcpy(folder, "/tmp/lepton-memory-XXXXXX");
	if (!mkdtemp(folder))
		return WRONG;
	snprintf(dir, sizeof dir, "%s/store", folder);
	snprintf(key_path, sizeof key_path, "%s/key", folder);
	snprintf(sign_path, sizeof sign_path, "%s/sign", folder);
	snprintf(file, sizeof file, "%s/file", folder);
	if (lepton_key_file_new(key_path, NULL) || lepton_sign_key_new(sign_path, by, NULL))
		return WRONG;
	setenv("LEPTON_FAIL_ALLOC", wish, 1);
	int code = scenario(&err), verdict = code == LEPTON_OK        ? ALL_WELL
					     : code == LEPTON_E_NOMEM ? RAN_OUT
								      : WRONG;
	if (verdict == WRONG)
		printf("%s: %d %s\n", wish, code, err.message);
	if (!whole())
		verdict = WRONG;
	snprintf(command, sizeof command, "rm -rf %s", folder);
	return system(command) ? WRONG : verdict;
}

int main(int argc, char **argv)
{
	return fail_main(argc, argv, turn, MOST_TURNS);
}
