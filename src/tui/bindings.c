/* tui/bindings.c - keys that the person chose, over those of the table of actions.
 *
 * There is one keyboard, so there is one set of bindings in a process. It is made while the preferences are
 * read and only looked at later. A key a person gives to one action leaves every other that the table gave it
 * to in the same view; so all that shows keys (bottom line, palette, help, manual) asks here and cannot
 * disagree with what the keys do. Ctrl-C always quits.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/keymap.h"
#include "tui/text.h"
#include "lepton/option.h"

#include <stdio.h>
#include <string.h>

static struct binding {
	bool said;                   /* by the person */
	char keys[LEPTON__KEYS_MAX]; /* as things stand */
} bindings[LEPTON__MOST_ACTIONS];
static bool settled;

static struct binding *binding_of(const struct lepton__action *action)
{
	return &bindings[action - lepton__actions];
}

const char *lepton__action_keys(const struct lepton__action *action)
{
	return settled ? binding_of(action)->keys : action->keys;
}

bool lepton__is_bound(const struct lepton__action *action)
{
	return settled && binding_of(action)->said;
}

bool lepton__is_keyless(const struct lepton__action *action)
{
	return *action->keys && !lepton__is_bound(action) && !*lepton__action_keys(action);
}

void lepton__bindings_reset(void)
{
	memset(bindings, 0, sizeof bindings);
	settled = false;
}

/* Who else was given the key by the person, where both can be pressed; NULL: nobody. */
static const struct lepton__action *taken_by(const struct lepton__action *action, uint32_t key)
{
	for (size_t i = 0; i < lepton__action_count(); i++) {
		const struct lepton__action *other = &lepton__actions[i];
		if (other != action && binding_of(other)->said && (other->views & action->views) &&
			lepton__key_among(binding_of(other)->keys, key))
			return other;
	}
	return NULL;
}

/* What the table gives it, less what others have taken. */
static void settle_default(const struct lepton__action *action)
{
	char *out = binding_of(action)->keys;
	*out = '\0';
	for (const char *at = action->keys; *at;) {
		size_t length = strcspn(at, " "), used = strlen(out);
		if (!taken_by(action, lepton__key_named(at, length)))
			lepton__print(out + used, LEPTON__KEYS_MAX - used, "%s%.*s", used ? " " : "",
				(int)length, at);
		at += length + (at[length] == ' ');
	}
}

static void settle(void)
{
	for (size_t i = 0; i < lepton__action_count(); i++)
		if (!bindings[i].said)
			settle_default(&lepton__actions[i]);
	settled = true;
}

static int unknown_action(const char *word, struct lepton_error *err)
{
	const char *names[LEPTON__MOST_ACTIONS];
	char shown[160];
	for (size_t i = 0; i < lepton__action_count(); i++)
		names[i] = lepton__actions[i].id;
	const char *near = lepton_suggest(word, names, lepton__action_count());
	lepton__text_cut(shown, sizeof shown, word, 30);
	return near ? lepton_error_set(
			      err, LEPTON_E_SPEC, "no action is called \"%s\"; did you mean %s?", shown, near)
		    : lepton_error_set(err, LEPTON_E_SPEC,
			      "no action is called \"%s\"; `lepton-tui --keys` lists them", shown);
}

static int unknown_key(const char *word, struct lepton_error *err)
{
	const char *near = lepton__key_suggest(word);
	char shown[160];
	lepton__text_cut(shown, sizeof shown, word, 30);
	return near ? lepton_error_set(
			      err, LEPTON_E_SPEC, "no key is called \"%s\"; did you mean %s?", shown, near)
		    : lepton_error_set(err, LEPTON_E_SPEC,
			      "no key is called \"%s\"; write one character, or a name such as F2, C-x, "
			      "Space, Enter",
			      shown);
}

/* One key of the list, checked and added to out. */
static int take_key(const struct lepton__action *action, const char *word, char out[LEPTON__KEYS_MAX],
	struct lepton_error *err)
{
	uint32_t key = lepton__key_named(word, strlen(word));
	size_t used = strlen(out);
	if (!key)
		return unknown_key(word, err);
	const struct lepton__action *other = taken_by(action, key);
	if (other)
		return lepton_error_set(err, LEPTON_E_SPEC, "%s is bound to %s already", word, other->id);
	if (used + strlen(word) + 6 >= LEPTON__KEYS_MAX)
		return lepton_error_set(err, LEPTON_E_SPEC, "too many keys for %s", action->id);
	if (!lepton__key_among(out, key))
		lepton__print(out + used, LEPTON__KEYS_MAX - used, "%s%s", used ? " " : "", word);
	return LEPTON_OK;
}

int lepton__bind(const char *id, const char *keys, struct lepton_error *err)
{
	const struct lepton__action *action = lepton__action_find(id);
	char made[LEPTON__KEYS_MAX] = "", word[40];
	int code = action ? LEPTON_OK : unknown_action(id, err);
	while (!code && *(keys += strspn(keys, " \t"))) {
		size_t length = strcspn(keys, " \t");
		lepton__print(word, sizeof word, "%.*s",
			(int)(length < sizeof word ? length : sizeof word - 1), keys);
		code = take_key(action, word, made, err);
		keys += length;
	}
	if (code)
		return code;
	if (strcmp(id, "quit") == 0 && !lepton__key_among(made, 3))
		lepton__print(
			made + strlen(made), LEPTON__KEYS_MAX - strlen(made), "%sC-c", *made ? " " : "");
	binding_of(action)->said = true;
	memcpy(binding_of(action)->keys, made, sizeof made);
	settle();
	return LEPTON_OK;
}

/* The action named at {id}, and how long that is; NULL where it is none. */
static const struct lepton__action *named_at(const char *at, size_t *length)
{
	char id[40];
	const char *close = *at == '{' ? strchr(at, '}') : NULL;
	if (!close || (size_t)(close - at) > sizeof id)
		return NULL;
	*length = (size_t)(close - at) + 1;
	lepton__print(id, sizeof id, "%.*s", (int)(close - at - 1), at + 1);
	return lepton__action_find(id);
}

void lepton__spell_keys(const char *text, char *out, size_t size)
{
	size_t used = 0, length;
	while (*text && used + 8 < size) {
		const struct lepton__action *action = named_at(text, &length);
		char key[16];
		if (action) {
			lepton__action_key(action, key, sizeof key);
			used += (size_t)snprintf(out + used, size - used, "%s", *key ? key : action->label);
			used = used < size ? used : size - 1;
			text += length;
		} else {
			out[used++] = *text++;
		}
	}
	out[used] = '\0';
}
