/* cmd/unlock.h - the key of the store, as the command line or the environment gives it: the same for every verb and for the
 * dashboard. One a process.
 */
#ifndef LEPTON_CMD_UNLOCK_H
#define LEPTON_CMD_UNLOCK_H

#include "cmd/args.h"

/* --key-file, --passphrase and --passphrase-file: known wherever --store is (args.c). */
extern const struct arg unlock_args[];

/* Which key a verb was told of. */
struct unlock_choice {
	const char *key_file, *passphrase_file;
	bool prompt;
};
/* The key; NULL where none was told of. A prompt asks twice where the key is a new one. LEPTON_E_USAGE for more than one. */
int unlock_read(const struct unlock_choice *choice, bool fresh, struct lepton_key **out, struct lepton_error *err)
	LEPTON_MUST_CHECK;

/* The store's key: from the options, or the environment's LEPTON_KEY_FILE and LEPTON_PASSPHRASE_FILE. It stays the
 * process's; NULL where none was told of. `fresh`: for a store that is about to be made. */
int unlock_key(bool fresh, struct lepton_key **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* lepton_store_open_with that key. */
int unlock_store(const char *dir, int mode, struct lepton_store **out, struct lepton_error *err) LEPTON_MUST_CHECK;
/* A passphrase that was asked for here goes on to a program that is about to be started, which has no terminal: asked for now
 * if it was not yet. *fd is to be given to unlock_handed_on when that program has been started; -1: there is nothing to give. */
int unlock_hand_on(const char *dir, int *fd, struct lepton_error *err) LEPTON_MUST_CHECK;
void unlock_handed_on(int fd);
void unlock_forget(void); /* at the end: the key is wiped */

#endif
