/* tui/terminal_sequence.c - ESC and what comes behind it: keys with Alt, control sequences, answers of the
 * terminal.
 *
 * Characters are fed in one by one, for a sequence may be cut anywhere between two reads; what has come of it
 * is kept until the rest is there. The rest of a key comes at once, that of an answer perhaps not over a slow
 * line, so half a sequence is forgotten after half a second, and a key typed then is a key again. A string of
 * the terminal's (ESC _ … ESC \) is only looked for while an answer is awaited; else that is Alt and an
 * underscore. An ESC alone is the key at once; while an answer is awaited it may have been torn from its
 * rest, which then is none of keys either.
 *
 * What is pasted comes between CSI 200 ~ and CSI 201 ~ (we ask for that together with the mouse), and all
 * keys in between say that they are no typing. Where the second mark does not come, the paste is over after
 * two seconds of silence: a dashboard that hears no keys any more would be worse.
 */
#include "config.h"
#include "tui/terminal_parts.h"

#include <string.h>

enum { NOTHING, ESCAPE, TORN, CONTROL, STRING, STRING_ESCAPE };

static const double patience = 0.5;
static const double paste_patience = 2;

static struct lepton__input key_of(uint32_t key, bool alt)
{
	return (struct lepton__input){.kind = LEPTON__INPUT_KEY, .key = key, .alt = alt};
}

static void begin(struct lepton__sequence *sequence, int state, double now)
{
	sequence->state = state;
	sequence->used = 0;
	sequence->until = now + patience;
}

/* What is longer than any answer is read to its end all the same. */
static void keep(struct lepton__sequence *sequence, uint32_t code)
{
	if (sequence->used + 1 < sizeof sequence->text)
		sequence->text[sequence->used] = (char)(code < 0x7f ? code : '?');
	sequence->used++;
}

/* The text as a whole; empty where it did not fit. */
static const char *finish(struct lepton__sequence *sequence)
{
	bool whole = sequence->used < sizeof sequence->text;
	sequence->text[whole ? sequence->used : 0] = '\0';
	sequence->state = NOTHING;
	return sequence->text;
}

static struct lepton__input end_control(struct lepton__sequence *sequence, double now)
{
	const char *text = finish(sequence);
	if (strcmp(text, "200~") == 0 || strcmp(text, "201~") == 0)
		sequence->pasting = text[2] == '0';
	if (strcmp(text, "0n") == 0 || strcmp(text, "3n") == 0) /* well, or with a fault of its own */
		lepton__pace_heard(&sequence->pace, now);
	uint32_t key = lepton__answers_csi(&sequence->answers, text) ? 0 : lepton__csi_key(text);
	return key ? key_of(key, false) : (struct lepton__input){.kind = LEPTON__INPUT_NONE};
}

static struct lepton__input after_escape(struct lepton__sequence *sequence, uint32_t code, double now)
{
	sequence->state = NOTHING;
	if (code == '[')
		begin(sequence, CONTROL, now);
	else if (code == '_' && lepton__answers_awaited(&sequence->answers, now))
		begin(sequence, STRING, now);
	else
		return key_of(code, true);
	return (struct lepton__input){.kind = LEPTON__INPUT_NONE};
}

/* A character that belongs into none breaks a control sequence off, and is lost with it; an ESC begins
 * another. */
static struct lepton__input in_control(struct lepton__sequence *sequence, uint32_t code, double now)
{
	if (code == LEPTON__KEY_ESC)
		begin(sequence, ESCAPE, now);
	else if (code < 0x20 || code >= 0x7f)
		sequence->state = NOTHING;
	else
		keep(sequence, code);
	return sequence->state == CONTROL && code >= 0x40
		       ? end_control(sequence, now)
		       : (struct lepton__input){.kind = LEPTON__INPUT_NONE};
}

static void in_string(struct lepton__sequence *sequence, uint32_t code)
{
	bool ends = code == 7 || (sequence->state == STRING_ESCAPE && code == '\\');
	if (ends)
		lepton__answers_apc(&sequence->answers, finish(sequence));
	else if (code == LEPTON__KEY_ESC)
		sequence->state = STRING_ESCAPE;
	else
		keep(sequence, code);
}

bool lepton__sequence_pasting(struct lepton__sequence *sequence, double now)
{
	sequence->pasting = sequence->pasting && now < sequence->pasting_until;
	return sequence->pasting;
}

bool lepton__sequence_take(
	struct lepton__sequence *sequence, uint32_t code, double now, struct lepton__input *out)
{
	*out = (struct lepton__input){.kind = LEPTON__INPUT_NONE};
	if (now >= sequence->until)
		sequence->state = NOTHING;
	(void)lepton__sequence_pasting(sequence, now);
	sequence->pasting_until = now + paste_patience;
	if (sequence->state == TORN)
		sequence->state = code == '[' || code == '_' ? ESCAPE : NOTHING;
	switch (sequence->state) {
	case ESCAPE:
		*out = after_escape(sequence, code, now);
		return true;
	case CONTROL:
		*out = in_control(sequence, code, now);
		return true;
	case STRING:
	case STRING_ESCAPE:
		in_string(sequence, code);
		return true;
	default:
		break;
	}
	if (code != LEPTON__KEY_ESC)
		return false;
	begin(sequence, ESCAPE, now);
	return true;
}

struct lepton__input lepton__sequence_pause(struct lepton__sequence *sequence, double now)
{
	bool alone = sequence->state == ESCAPE || (sequence->state == CONTROL && !sequence->used);
	uint32_t key = sequence->state == ESCAPE ? LEPTON__KEY_ESC : '[';
	bool may_go_on = key == '[' && lepton__answers_awaited(&sequence->answers, now);
	if (!alone || may_go_on || now >= sequence->until)
		return (struct lepton__input){.kind = LEPTON__INPUT_NONE};
	sequence->state = key != '[' && lepton__answers_awaited(&sequence->answers, now) ? TORN : NOTHING;
	return key_of(key, key == '[');
}

bool lepton__sequence_escaped(struct lepton__sequence *sequence)
{
	bool escaped = sequence->state == ESCAPE;
	sequence->state = NOTHING;
	return escaped;
}
