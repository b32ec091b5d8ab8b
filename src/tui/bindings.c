/* tui/bindings.c - keys that the person chose, over those of the table of actions.
 *
 * There is one keyboard, so there is one set of bindings in a process. It is made while the preferences are
 * read and only looked at later. A key a person gives to one action leaves every other that the table gave it
 * to in the same view or window; so all that shows keys (bottom line, palette, help, manual) asks here and
 * cannot disagree with what the keys do. Ctrl-C always quits.
 */
#include "config.h"
#include "tui/bindings.h"
#include "tui/format.h"
#include "tui/keymap.h"
#include "tui/text.h"
#include "lepton/option.h"

#include <stdio.h>
#include <string.h>

/* Whatever can be given keys: an action of the views, or a key of a window. */
struct subject {
	const struct lepton__action *action;      /* either this */
	const struct lepton__window_keys *window; /* or these two */
	const struct lepton__window_key *entry;
	const char *usual; /* keys of the table */
	size_t at;         /* in bindings */
};

static struct binding {
	bool said;                   /* by the person */
	char keys[LEPTON__KEYS_MAX]; /* as things stand */
} bindings[LEPTON__MOST_ACTIONS + LEPTON__MOST_WINDOW_KEYS];
static bool settled;

/* ---- subjects, actions first ---- */

static struct subject subject_of_action(const struct lepton__action *action)
{
	return (struct subject){
		.action = action, .usual = action->keys, .at = (size_t)(action - lepton__actions)};
}

/* False past the last. */
static bool subject_at(size_t i, struct subject *out)
{
	if (i < lepton__action_count()) {
		*out = subject_of_action(&lepton__actions[i]);
		return true;
	}
	i -= lepton__action_count();
	size_t at = LEPTON__MOST_ACTIONS + i;
	for (size_t w = 0; w < lepton__window_count(); w++) {
		const struct lepton__window_keys *window = lepton__windows[w];
		if (i < window->count) {
			const struct lepton__window_key *entry = &window->keys[i];
			*out = (struct subject){
				.window = window, .entry = entry, .usual = entry->keys, .at = at};
			return true;
		}
		i -= window->count;
	}
	return false;
}

static struct subject subject_of_key(const struct lepton__window_key *entry)
{
	struct subject subject = {0};
	for (size_t i = lepton__action_count(); subject_at(i, &subject); i++)
		if (subject.entry == entry)
			break;
	return subject;
}

static bool subject_named(const char *id, struct subject *out)
{
	const struct lepton__action *action = lepton__action_find(id);
	const struct lepton__window_key *entry = lepton__window_key_find(id, strlen(id));
	if (action)
		*out = subject_of_action(action);
	else if (entry)
		*out = subject_of_key(entry);
	return action || entry;
}

static const char *keys_now(const struct subject *subject)
{
	return settled ? bindings[subject->at].keys : subject->usual;
}

/* "pause", "mistakes.larger" */
static void id_of(const struct subject *subject, char *out, size_t size)
{
	if (subject->action)
		lepton__print(out, size, "%s", subject->action->id);
	else
		lepton__print(out, size, "%s.%s", subject->window->name, subject->entry->id);
}

/* Can the keys of both be pressed in one place? */
static bool meet(const struct subject *a, const struct subject *b)
{
	return a->action ? b->action && (a->action->views & b->action->views) : a->window == b->window;
}

/* ---- asking ---- */

const char *lepton__action_keys(const struct lepton__action *action)
{
	const struct subject subject = subject_of_action(action);
	return keys_now(&subject);
}

bool lepton__is_bound(const struct lepton__action *action)
{
	return settled && bindings[subject_of_action(action).at].said;
}

const char *lepton__bound_keys(const struct lepton__window_key *entry)
{
	const struct subject subject = subject_of_key(entry);
	return keys_now(&subject);
}

bool lepton__is_bound_key(const struct lepton__window_key *entry)
{
	return settled && bindings[subject_of_key(entry).at].said;
}

bool lepton__keyless(size_t i, char *id, size_t size, bool *found)
{
	struct subject subject = {0};
	*found = subject_at(i, &subject);
	if (!*found)
		return false;
	id_of(&subject, id, size);
	return *subject.usual && settled && !bindings[subject.at].said && !*keys_now(&subject);
}

void lepton__bindings_reset(void)
{
	memset(bindings, 0, sizeof bindings);
	settled = false;
}

/* ---- giving ---- */

/* Who else was given the key by the person, where both can be pressed. False: nobody. */
static bool taken_by(const struct subject *subject, uint32_t key, struct subject *other)
{
	for (size_t i = 0; subject_at(i, other); i++)
		if (other->at != subject->at && bindings[other->at].said && meet(subject, other) &&
			lepton__key_among(bindings[other->at].keys, key))
			return true;
	return false;
}

/* What the table gives it, less what others have taken. */
static void settle_default(const struct subject *subject)
{
	char *out = bindings[subject->at].keys;
	struct subject other = {0};
	*out = '\0';
	for (const char *at = subject->usual; *at;) {
		size_t length = strcspn(at, " "), used = strlen(out);
		if (!taken_by(subject, lepton__key_named(at, length), &other))
			lepton__print(out + used, LEPTON__KEYS_MAX - used, "%s%.*s", used ? " " : "",
				(int)length, at);
		at += length + (at[length] == ' ');
	}
}

static void settle(void)
{
	struct subject subject = {0};
	for (size_t i = 0; subject_at(i, &subject); i++)
		if (!bindings[subject.at].said)
			settle_default(&subject);
	settled = true;
}

/* Compared with all there are: "mistakes.lager" is nearest to one of that window. */
static int unknown_action(const char *word, struct lepton_error *err)
{
	static char ids[LEPTON__MOST_ACTIONS + LEPTON__MOST_WINDOW_KEYS][48];
	const char *names[LEPTON__MOST_ACTIONS + LEPTON__MOST_WINDOW_KEYS];
	struct subject subject = {0};
	size_t count = 0;
	char shown[160];
	for (; subject_at(count, &subject); count++) {
		id_of(&subject, ids[count], sizeof ids[count]);
		names[count] = ids[count];
	}
	const char *near = lepton_suggest(word, names, count);
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

/* What no key can be bound to: the way out, and letters where they are typed. */
static int refuse_key(const struct subject *subject, const char *id, uint32_t key, const char *word,
	struct lepton_error *err)
{
	struct subject other = {0};
	char other_id[48];
	if (key == 3 && strcmp(id, "quit") != 0)
		return lepton_error_set(
			err, LEPTON_E_SPEC, "C-c always quits, and leaves windows: %s needs another key", id);
	if (subject->window && subject->window->types && key >= ' ' && key < 0x110000 && key != 127)
		return lepton_error_set(err, LEPTON_E_SPEC,
			"%s is typed as text in %s; a key such as F2 or C-x can be bound there", word,
			subject->window->title);
	if (!taken_by(subject, key, &other))
		return LEPTON_OK;
	id_of(&other, other_id, sizeof other_id);
	return lepton_error_set(err, LEPTON_E_SPEC, "%s is bound to %s already", word, other_id);
}

/* One key of the list, checked and added to out. */
static int take_key(const struct subject *subject, const char *id, const char *word,
	char out[LEPTON__KEYS_MAX], struct lepton_error *err)
{
	uint32_t key = lepton__key_named(word, strlen(word));
	size_t used = strlen(out);
	int code = key ? refuse_key(subject, id, key, word, err) : unknown_key(word, err);
	if (code)
		return code;
	if (used + strlen(word) + 6 >= LEPTON__KEYS_MAX)
		return lepton_error_set(err, LEPTON_E_SPEC, "too many keys for %s", id);
	if (!lepton__key_among(out, key))
		lepton__print(out + used, LEPTON__KEYS_MAX - used, "%s%s", used ? " " : "", word);
	return LEPTON_OK;
}

int lepton__bind(const char *id, const char *keys, struct lepton_error *err)
{
	struct subject subject = {0};
	char made[LEPTON__KEYS_MAX] = "", word[40];
	int code = subject_named(id, &subject) ? LEPTON_OK : unknown_action(id, err);
	while (!code && *(keys += strspn(keys, " \t"))) {
		size_t length = strcspn(keys, " \t");
		lepton__print(word, sizeof word, "%.*s",
			(int)(length < sizeof word ? length : sizeof word - 1), keys);
		code = take_key(&subject, id, word, made, err);
		keys += length;
	}
	if (code)
		return code;
	if (strcmp(id, "quit") == 0 && !lepton__key_among(made, 3))
		lepton__print(
			made + strlen(made), LEPTON__KEYS_MAX - strlen(made), "%sC-c", *made ? " " : "");
	bindings[subject.at].said = true;
	memcpy(bindings[subject.at].keys, made, sizeof made);
	settle();
	return LEPTON_OK;
}

/* ---- texts that name keys ---- */

/* What is named at {id}, and how long that is; false where it is nothing. */
static bool named_at(const char *at, size_t *length, struct subject *out)
{
	char id[48];
	const char *close = *at == '{' ? strchr(at, '}') : NULL;
	if (!close || (size_t)(close - at) > sizeof id)
		return false;
	*length = (size_t)(close - at) + 1;
	lepton__print(id, sizeof id, "%.*s", (int)(close - at - 1), at + 1);
	return subject_named(id, out);
}

void lepton__spell_keys(const char *text, char *out, size_t size)
{
	size_t used = 0, length;
	struct subject subject = {0};
	while (*text && used + 8 < size) {
		if (named_at(text, &length, &subject)) {
			const char *keys = keys_now(&subject);
			char key[16] = "";
			if (*keys)
				lepton__key_name(
					lepton__key_named(keys, strcspn(keys, " ")), key, sizeof key);
			used += (size_t)snprintf(out + used, size - used, "%s",
				*key             ? key
				: subject.action ? subject.action->label
						 : subject.entry->id);
			used = used < size ? used : size - 1;
			text += length;
		} else {
			out[used++] = *text++;
		}
	}
	out[used] = '\0';
}

const char *lepton__spell(const char *text)
{
	static char spelled[4][400];
	static size_t turn;
	char *out = spelled[turn++ % 4];
	lepton__spell_keys(text, out, sizeof spelled[0]);
	return out;
}
