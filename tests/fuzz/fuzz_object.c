/* tests/fuzz/fuzz_object.c - any bytes as an object's file of a store, under a name that is not theirs:
 * refused in one sentence. The checksum is made to fit first, or nothing behind it would ever be reached.
 */
#include "config.h"
#include "store/object_form.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SUM 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sentence(const struct lepton_error *err)
{
	if (err->message[0] == '\0' || strchr(err->message, '\n'))
		abort();
}

/* A base of the shape that is asked for, where it is a small one. */
static struct lepton_params *base_like(const struct lepton__object_head *head)
{
	struct lepton_tensor like = head->like;
	struct lepton_params *base = NULL;
	if (!*head->base || lepton_shape_count(&like.shape) > 1 << 20 ||
		lepton_params_new(&like, 1, &base, NULL))
		return NULL;
	return base;
}

static void decode(const struct lepton__object_head *head)
{
	struct lepton_params *base = base_like(head), *set = NULL;
	struct lepton_error err = {0};
	char name[LEPTON_HASH_HEX];
	if (*head->base && !base)
		return;
	const struct lepton_tensor *under = base ? lepton_params_at(base, 0) : NULL;
	/* by a name that it cannot have */
	memset(name, '0', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	if (!lepton__object_decode(NULL, head, under, name, &set, &err) || set)
		abort();
	check_sentence(&err);
	lepton_params_release(base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lepton__object_head head;
	struct lepton_error err = {0};
	if (size < SUM || size > 65536)
		return 0;
	uint8_t *bytes = malloc(size);
	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	crypto_generichash(bytes + size - SUM, SUM, bytes, size - SUM, NULL, 0);
	if (lepton__object_head((const char *)bytes, size, "0123456789ab", &head, &err))
		check_sentence(&err);
	else if (lepton_shape_count(&head.like.shape) <= 1 << 20)
		decode(&head);
	free(bytes);
	return 0;
}
