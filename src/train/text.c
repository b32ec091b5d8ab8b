/* train/text.c - reference-counted immutable strings.
 *
 * An event may reach many readers, each on its own thread; its long texts (a spec, a configuration)
 * are therefore shared and never written after they are made. One block holds count and bytes.
 */
#include "config.h"
#include "lepton/event.h"
#include "base/memory.h"

#include <string.h>

struct lepton_text {
	int references; /* atomic */
	char bytes[];
};

struct lepton_text *lepton_text_new(const char *string)
{
	size_t size = strlen(string) + 1;
	struct lepton_text *text = lepton__malloc(sizeof *text + size);
	if (!text)
		return NULL;
	text->references = 1;
	memcpy(text->bytes, string, size);
	return text;
}

const char *lepton_text_get(const struct lepton_text *text)
{
	return text ? text->bytes : "";
}

struct lepton_text *lepton_text_retain(struct lepton_text *text)
{
	if (text)
		__atomic_add_fetch(&text->references, 1, __ATOMIC_RELAXED);
	return text;
}

void lepton_text_release(struct lepton_text *text)
{
	if (text && __atomic_sub_fetch(&text->references, 1, __ATOMIC_ACQ_REL) == 0)
		lepton__free(text);
}
