/* cmd/unlock.c - where the store's key comes from.
 *
 * An option is stronger than the environment. The key is read once, when a store is first opened, and kept,
 * in locked memory, for the store is opened more than once, and a passphrase is asked for and stretched only
 * once. From then on the process leaves no core dump, and other processes of the same user cannot look into
 * it.
 */
#include "config.h"
#include "cmd/prompt.h"
#include "cmd/unlock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define WATCHED 1 /* the leak check looks into the process as a debugger does */
#else
#define WATCHED 0
#endif

static struct unlock_choice told;
static struct lepton_key *held;

const struct arg unlock_args[] = {
	{"--key-file", ARG_STRING, &told.key_file, 0, 0, "FILE",
		"the encrypted store's key; also LEPTON_KEY_FILE"},
	{"--passphrase", ARG_FLAG, &told.prompt, 0, 0, NULL, "ask for the encrypted store's passphrase"},
	{"--passphrase-file", ARG_STRING, &told.passphrase_file, 0, 0, "FILE",
		"read it from there; also LEPTON_PASSPHRASE_FILE"},
	{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
};

static void protect(void)
{
	if (!WATCHED)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int ask(bool fresh, char *first, char *again, struct lepton_key **out, struct lepton_error *err)
{
	size_t size, again_size;
	int code = prompt_secret(fresh ? "New passphrase: " : "Passphrase: ", first, &size, err);
	if (!code && fresh)
		code = prompt_secret("Again: ", again, &again_size, err);
	if (!code && fresh && (size != again_size || memcmp(first, again, size) != 0))
		code = lepton_error_set(err, LEPTON_E_KEY, "the two passphrases are not the same");
	return code ? code : lepton_key_from_passphrase(first, size, out, err);
}

static int from_terminal(bool fresh, struct lepton_key **out, struct lepton_error *err)
{
	char *first = lepton__secret_new(PROMPT_MAX), *again = lepton__secret_new(PROMPT_MAX);
	int code = first && again ? ask(fresh, first, again, out, err)
				  : lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a passphrase");
	lepton__secret_free(again);
	lepton__secret_free(first);
	return code;
}

int unlock_read(
	const struct unlock_choice *choice, bool fresh, struct lepton_key **out, struct lepton_error *err)
{
	int count = (choice->key_file != NULL) + (choice->passphrase_file != NULL) + choice->prompt;
	*out = NULL;
	if (count > 1)
		return lepton_error_set(err, LEPTON_E_USAGE,
			"one key is enough: a key file, a passphrase, or a passphrase's file");
	if (count)
		protect();
	if (choice->key_file)
		return lepton_key_from_file(choice->key_file, out, err);
	if (choice->passphrase_file)
		return lepton_key_from_passphrase_file(choice->passphrase_file, out, err);
	return choice->prompt ? from_terminal(fresh, out, err) : LEPTON_OK;
}

static const char *environment(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

int unlock_key(bool fresh, struct lepton_key **out, struct lepton_error *err)
{
	struct unlock_choice choice = told;
	if (!choice.key_file && !choice.passphrase_file && !choice.prompt) {
		choice.key_file = environment("LEPTON_KEY_FILE");
		choice.passphrase_file = environment("LEPTON_PASSPHRASE_FILE");
	}
	int code = held ? LEPTON_OK : unlock_read(&choice, fresh, &held, err);
	*out = held;
	return code;
}

int unlock_store(const char *dir, int mode, struct lepton_store **out, struct lepton_error *err)
{
	struct lepton_key *key;
	char *database = lepton__path_join(dir, "store.db");
	*out = NULL;
	if (!database)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory opening store %s", dir);
	int code = unlock_key(mode == LEPTON_STORE_WRITE && access(database, F_OK), &key, err);
	lepton__free(database);
	return code ? code : lepton_store_open_with(dir, mode, key, out, err);
}

void unlock_forget(void)
{
	lepton_key_free(held);
	held = NULL;
}
