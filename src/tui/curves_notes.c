/* tui/curves_notes.c - what happened to versions, as signs on the x axis of their curves. */
#include "config.h"
#include "tui/curves.h"
#include "tui/format.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

#define MOST_NOTES 512
#define TEXT 160

struct note_text { /* lies behind the marks, in one piece with them */
	char text[TEXT];
};

/* By the note's first word; the routine ones have no sign. */
static bool sign_of(const char *what, bool fine, uint32_t *sign)
{
	static const struct {
		const char *word;
		uint32_t fine, plain;
	} signs[] = {{"paused", 0x2016, '='}, {"resumed", 0x25b6, '>'}, {"stopped", 0x25a0, '#'},
		{"failed", 0x2717, '!'}, {"cloned", 0x2197, '/'}, {"compressed", 0x25be, 'v'},
		{"fused", 0x2295, 'o'}, {"promoted", 0x2605, '^'}, {"rolled", 0x21b6, '<'}};
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (strncmp(what, signs[i].word, strlen(signs[i].word)) == 0) {
			*sign = fine ? signs[i].fine : signs[i].plain;
			return true;
		}
	return false;
}

/* The x of a step; NaN where there are no points. */
static double x_of_step(const struct lepton__curve_context *context, int64_t step)
{
	const struct lepton_history *h = &context->version->history;
	struct lepton__curve_context often = *context;
	size_t low = 0, high = h->count;
	often.metric = LEPTON__LOSS;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (h->step[middle] < step)
			low = middle + 1;
		else
			high = middle;
	}
	if (h->count == 0)
		return NAN;
	return lepton__curve_x(&often, low < h->count ? low : h->count - 1);
}

static size_t note_count(const struct lepton__series *series, size_t count)
{
	size_t notes = 0;
	for (size_t i = 0; i < count; i++) {
		const struct lepton__curve_context *context = series[i].context;
		notes += context->version->note_count;
	}
	return notes < MOST_NOTES ? notes : MOST_NOTES;
}

struct lepton__plot_mark *lepton__notes_make(
	const struct lepton__app *app, const struct lepton__series *series, size_t count, size_t *marks)
{
	size_t room = note_count(series, count);
	bool fine = app->screen->glyphs == LEPTON__GLYPHS_BRAILLE;
	*marks = 0;
	struct lepton__plot_mark *out =
		room ? lepton__calloc(room, sizeof *out + sizeof(struct note_text)) : NULL;
	struct note_text *texts = out ? (struct note_text *)(void *)(out + room) : NULL;
	for (size_t i = 0; i < count && out; i++) {
		const struct lepton__curve_context *context = series[i].context;
		for (size_t n = 0; n < context->version->note_count && *marks < room; n++) {
			const struct lepton_note *note = &context->version->notes[n];
			struct lepton__plot_mark mark = {.x = x_of_step(context, note->step),
				.look = series[i].look,
				.text = texts[*marks].text};
			if (!isfinite(mark.x) || !sign_of(note->what, fine, &mark.sign))
				continue;
			lepton__print(texts[*marks].text, TEXT, "%.60s: %s", series[i].name, note->what);
			out[(*marks)++] = mark;
		}
	}
	return out;
}
