/* tui/window_keys.c - all windows that have keys, and looking these up.
 *
 * A new window: its table beside its code, and its name here.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/keymap.h"
#include "tui/popup.h"

#include <string.h>

const struct lepton__window_keys *const lepton__windows[] = {
	&lepton__pager_keys,
	&lepton__menu_keys,
	&lepton__form_keys,
	&lepton__question_keys,
	&lepton__mistakes_keys,
	&lepton__inside_keys,
	&lepton__barrier_keys,
	&lepton__preview_keys,
};

size_t lepton__window_count(void)
{
	return sizeof lepton__windows / sizeof *lepton__windows;
}

const struct lepton__window_key *lepton__window_key_for(
	const struct lepton__window_keys *window, uint32_t key)
{
	for (size_t i = 0; i < window->count; i++)
		if (lepton__key_among(lepton__bound_keys(&window->keys[i]), key))
			return &window->keys[i];
	return NULL;
}

const struct lepton__window_key *lepton__window_key_find(const char *id, size_t length)
{
	for (size_t w = 0; w < lepton__window_count(); w++) {
		const struct lepton__window_keys *window = lepton__windows[w];
		const size_t front = strlen(window->name);
		if (length <= front || strncmp(id, window->name, front) != 0 || id[front] != '.')
			continue;
		for (size_t i = 0; i < window->count; i++)
			if (strlen(window->keys[i].id) == length - front - 1 &&
				strncmp(id + front + 1, window->keys[i].id, length - front - 1) == 0)
				return &window->keys[i];
	}
	return NULL;
}

static uint32_t first_key(const struct lepton__window_key *entry)
{
	const char *keys = lepton__bound_keys(entry);
	return lepton__key_named(keys, strcspn(keys, " "));
}

uint32_t lepton__window_key_now(const struct lepton__window_keys *window, uint32_t key)
{
	for (size_t i = 0; i < window->count; i++)
		if (lepton__key_among(window->keys[i].keys, key))
			return first_key(&window->keys[i]);
	return 0;
}

static bool same_words(const struct lepton__window_key *a, const struct lepton__window_key *b)
{
	return a->words && b->words && strcmp(a->words, b->words) == 0;
}

void lepton__window_hint(const struct lepton__window_keys *window, char *out, size_t size)
{
	const struct lepton__window_key *last = NULL; /* whose words are still to come */
	*out = '\0';
	for (size_t i = 0; i < window->count; i++) {
		const struct lepton__window_key *entry = &window->keys[i];
		const uint32_t key = first_key(entry);
		char name[16];
		if (!entry->words || !key)
			continue;
		lepton__key_name(key, name, sizeof name);
		const size_t used = strlen(out);
		if (last && same_words(last, entry))
			lepton__print(out + used, size - used, "/%s", name);
		else
			lepton__print(out + used, size - used, "%s%s%s%s", last ? " " : "",
				last ? last->words : "", last ? "  " : "", name);
		last = entry;
	}
	const size_t used = strlen(out);
	lepton__print(out + used, size - used, "%s%s%s%s", last ? " " : "", last ? last->words : "",
		window->also ? "  " : "", window->also ? window->also : "");
}
