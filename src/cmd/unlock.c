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

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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
static char *asked; /* the passphrase itself, for unlock_hand_on; memory for keys */
static size_t asked_size;

#define HANDED "LEPTON_PASSPHRASE_FD" /* from a program of ours that asked: where to read it */

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
	asked_size = size;
	return code ? code : lepton_key_from_passphrase(first, size, out, err);
}

/* Through the pipe of unlock_hand_on, once. */
static int take_handed(const char *descriptor, char *first, struct lepton_key **out, struct lepton_error *err)
{
	int fd = atoi(descriptor);
	ssize_t got = read(fd, first, PROMPT_MAX);
	close(fd);
	unsetenv(HANDED);
	if (got <= 0)
		return lepton_error_set(err, LEPTON_E_IO, "the passphrase did not come through");
	return lepton_key_from_passphrase(first, (size_t)got, out, err);
}

static int from_terminal(bool fresh, struct lepton_key **out, struct lepton_error *err)
{
	const char *handed = getenv(HANDED);
	char *first = lepton__secret_new(PROMPT_MAX), *again = lepton__secret_new(PROMPT_MAX);
	int code;
	if (!first || !again)
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a passphrase");
	else
		code = handed ? take_handed(handed, first, out, err) : ask(fresh, first, again, out, err);
	lepton__secret_free(again);
	if (code || handed || asked) {
		lepton__secret_free(first);
		return code;
	}
	asked = first;
	return LEPTON_OK;
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

static bool has_database(const char *dir)
{
	char *database = lepton__path_join(dir, "store.db");
	bool there = database && access(database, F_OK) == 0;
	lepton__free(database);
	return there;
}

int unlock_hand_on(const char *dir, int *fd, struct lepton_error *err)
{
	struct lepton_key *key;
	char number[16];
	int ends[2];
	*fd = -1;
	if (!told.prompt)
		return LEPTON_OK;
	int code = unlock_key(!has_database(dir), &key, err);
	if (code)
		return code;
	if (pipe2(ends, O_CLOEXEC))
		return lepton_error_set(
			err, LEPTON_E_IO, "cannot hand on the passphrase: %s", strerror(errno));
	fcntl(ends[0], F_SETFD, 0); /* this end goes along; all of it fits into the pipe */
	bool written = write(ends[1], asked, asked_size) == (ssize_t)asked_size;
	close(ends[1]);
	snprintf(number, sizeof number, "%d", ends[0]);
	*fd = ends[0];
	if (written && setenv(HANDED, number, 1) == 0)
		return LEPTON_OK;
	unlock_handed_on(*fd);
	return lepton_error_set(err, LEPTON_E_IO, "cannot hand on the passphrase");
}

void unlock_handed_on(int fd)
{
	if (fd >= 0)
		close(fd);
	unsetenv(HANDED);
}

int unlock_store(const char *dir, int mode, struct lepton_store **out, struct lepton_error *err)
{
	struct lepton_key *key;
	char dropped[512];
	*out = NULL;
	int code = unlock_key(mode == LEPTON_STORE_WRITE && !has_database(dir), &key, err);
	if (!code)
		code = lepton_store_open_with(dir, mode, key, out, err);
	if (!code && lepton_store_dropped(*out, dropped, sizeof dropped))
		fprintf(stderr, "lepton: %s\n", dropped);
	return code;
}

void unlock_forget(void)
{
	lepton_key_free(held);
	lepton__secret_free(asked);
	held = NULL;
	asked = NULL;
}
