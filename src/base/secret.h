/* base/secret.h - memory for keys: locked, fenced, left out of core dumps, wiped when it is given back.
 *
 * libsodium's guarded heap. Locking is as good as the system lets it be: past RLIMIT_MEMLOCK the pages may
 * be swapped, and nothing says so.
 */
#ifndef LEPTON_BASE_SECRET_H
#define LEPTON_BASE_SECRET_H

#include "lepton/error.h"

#include <sodium.h>

void *lepton__secret_new(size_t size) LEPTON_MUST_CHECK; /* zeroed; NULL when out of memory */
void lepton__secret_free(void *secret);                  /* wiped; NULL is fine */

#endif
