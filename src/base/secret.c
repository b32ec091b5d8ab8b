/* base/secret.c - the one place keys are held in: see secret.h. */
#include "config.h"
#include "base/secret.h"
#include "base/memory.h"

void *lepton__secret_new(size_t size)
{
	void *counted = lepton__malloc(1); /* it can be made to fail like every other allocation */
	void *secret = counted && sodium_init() >= 0 ? sodium_malloc(size) : NULL;
	lepton__free(counted);
	if (secret)
		sodium_memzero(secret, size);
	return secret;
}

void lepton__secret_free(void *secret)
{
	sodium_free(secret); /* which wipes it first */
}
