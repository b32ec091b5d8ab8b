/* cmd/prompt.h - a passphrase asked for on the terminal, unseen. */
#ifndef LEPTON_CMD_PROMPT_H
#define LEPTON_CMD_PROMPT_H

#include "lepton/error.h"

#define PROMPT_MAX 1024

/* A line without its newline into out (PROMPT_MAX bytes, memory for keys), its length into *size. LEPTON_E_USAGE without a
 * terminal, LEPTON_E_CANCELED by Ctrl-C, LEPTON_E_IO. */
int prompt_secret(const char *question, char *out, size_t *size, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
