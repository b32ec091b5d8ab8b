/* tui/parallel.c - parallel coordinates: each version a line through its settings to its figure.
 *
 * An axis goes from its least value at the bottom to its greatest at the top, by its logarithm where they lie
 * far apart; words stand in their alphabetical order. The last axis is what versions are compared by, the
 * best on top. Over an axis stands how much the setting mattered (lepton/sweep.h), and the settings that
 * mattered most come first.
 */
#include "config.h"
#include "base/hash.h"
#include "base/memory.h"
#include "tui/format.h"
#include "tui/parallel_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART 20.0 /* greatest to least, from which on an axis is logarithmic */

/* ---- values ---- */

static double figure_of(const struct lepton_run *run, const struct lepton_run_version *v)
{
	if (run->regression)
		return -lepton_run_rmse(isfinite(v->val_loss) ? v->val_loss : v->test_loss);
	return isfinite(v->val_accuracy) ? v->val_accuracy : v->test_accuracy;
}

static const char *setting(const struct lepton__parallel *p, size_t row, const char *key)
{
	return lepton__flat_get(&p->app->dash.extras[p->rows[row]].settings, key);
}

static bool is_number(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	return *text && !*end && isfinite(*out);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The different words of an axis, sorted; how many. Hundreds of versions may each have one of its own. */
static size_t sort_words(const struct lepton__parallel *p, const char *key, const char **words)
{
	size_t count = 0, different = 0;
	for (size_t i = 0; i < p->count; i++) {
		words[count] = setting(p, i, key);
		count += words[count] != NULL;
	}
	qsort(words, count, sizeof *words, by_text);
	for (size_t i = 0; i < count; i++)
		if (!different || strcmp(words[different - 1], words[i]) != 0)
			words[different++] = words[i];
	return different;
}

/* Its place among them. */
static double place_of_word(const char *const *words, size_t count, const char *word)
{
	const char *const *found = bsearch(&word, words, count, sizeof *words, by_text);
	return found ? (double)(found - words) : (double)NAN;
}

static bool all_numbers(const struct lepton__parallel *p, const char *key)
{
	double number;
	for (size_t i = 0; i < p->count; i++) {
		const char *text = setting(p, i, key);
		if (text && !is_number(text, &number))
			return false;
	}
	return true;
}

/* The words of both ends. */
static void name_ends(const struct lepton__parallel *p, struct lepton__parallel_axis *axis, const char *key,
	size_t settings)
{
	float least = INFINITY, most = -INFINITY;
	for (size_t i = 0; i < p->count; i++) {
		const float value = p->values[i * settings + axis->column];
		char number[LEPTON__FMT];
		const char *text = setting(p, i, key);
		if (!text)
			continue;
		text = lepton__fmt_setting(number, text);
		if (value < least) {
			least = value;
			lepton__copy_name(axis->bottom, sizeof axis->bottom, text);
		}
		if (value > most) {
			most = value;
			lepton__copy_name(axis->top, sizeof axis->top, text);
		}
	}
}

static void read_setting(struct lepton__parallel *p, size_t column, const char *key, size_t settings)
{
	const bool numbers = all_numbers(p, key);
	const char **words = lepton__calloc(p->count + 1, sizeof *words);
	const size_t word_count = words && !numbers ? sort_words(p, key, words) : 0;
	for (size_t i = 0; i < p->count; i++) {
		const char *text = setting(p, i, key);
		double number = (double)NAN;
		if (text && !(numbers && is_number(text, &number)))
			number = word_count ? place_of_word(words, word_count, text) : (double)NAN;
		p->values[i * settings + column] = (float)number;
	}
	lepton__free(words);
	p->axes[column] = (struct lepton__parallel_axis){.label = lepton__short_key(key), .column = column};
	name_ends(p, &p->axes[column], key, settings);
}

static void read_goal(struct lepton__parallel *p, size_t settings)
{
	const struct lepton_run *run = p->app->dash.run;
	struct lepton__parallel_axis *axis = &p->axes[settings];
	double least = INFINITY, most = -INFINITY;
	*axis = (struct lepton__parallel_axis){.label = run->regression ? "val rmse" : "val acc",
		.importance = (double)NAN,
		.correlation = (double)NAN,
		.column = settings};
	for (size_t i = 0; i < p->count; i++) {
		p->goal[i] = figure_of(run, run->versions[p->rows[i]]);
		least = p->goal[i] < least ? p->goal[i] : least;
		most = p->goal[i] > most ? p->goal[i] : most;
	}
	if (!isfinite(least))
		return;
	lepton__print(axis->top, sizeof axis->top, "%.4f", fabs(most));
	lepton__print(axis->bottom, sizeof axis->bottom, "%.4f", fabs(least));
}

/* ---- places ---- */

static double value_at(const struct lepton__parallel *p, size_t row, size_t column)
{
	const size_t settings = p->columns - 1;
	return column == settings ? p->goal[row] : (double)p->values[row * settings + column];
}

static void place(struct lepton__parallel *p, size_t column)
{
	double least = INFINITY, most = -INFINITY;
	for (size_t i = 0; i < p->count; i++) {
		const double value = value_at(p, i, column);
		least = value < least ? value : least;
		most = value > most ? value : most;
	}
	const bool logarithmic = column + 1 < p->columns && least > 0 && most / least >= APART;
	for (size_t i = 0; i < p->count; i++) {
		const double value = value_at(p, i, column);
		double at = most > least ? (value - least) / (most - least) : 0.5;
		if (logarithmic)
			at = log(value / least) / log(most / least);
		p->places[i * p->columns + column] = isfinite(value) ? at : (double)NAN;
	}
}

/* ---- what mattered ---- */

static void judge(struct lepton__parallel *p, struct lepton__sweep_cache *cache)
{
	const size_t settings = p->columns - 1;
	struct lepton__hash hash;
	char of[65];
	lepton__hash_begin(&hash);
	lepton__hash_add(&hash, p->values, p->count * settings * sizeof *p->values);
	lepton__hash_add(&hash, p->goal, p->count * sizeof *p->goal);
	lepton__hash_end(&hash, of);
	if (strcmp(of, cache->of) != 0 &&
		lepton_sweep_judge(p->values, p->goal, p->count, settings, &cache->found, NULL) == LEPTON_OK)
		memcpy(cache->of, of, sizeof of);
	if (strcmp(of, cache->of) == 0)
		p->sweep = cache->found;
	for (size_t s = 0; s < settings; s++) {
		p->axes[s].importance = p->sweep.importance[s];
		p->axes[s].correlation = p->sweep.correlation[s];
	}
}

static void most_important_first(struct lepton__parallel *p)
{
	const size_t settings = p->columns - 1;
	for (size_t i = 1; i < settings; i++)
		for (size_t at = i; at > 0 && p->axes[at].importance > p->axes[at - 1].importance; at--) {
			struct lepton__parallel_axis axis = p->axes[at];
			p->axes[at] = p->axes[at - 1];
			p->axes[at - 1] = axis;
		}
}

static void free_picture(struct lepton__parallel *p)
{
	lepton__free(p->values);
	lepton__free(p->goal);
	lepton__free(p->places);
}

static bool make_picture(struct lepton__parallel *p, const char *const *keys, size_t settings)
{
	p->columns = settings + 1;
	p->values = lepton__calloc(p->count * settings + 1, sizeof *p->values);
	p->goal = lepton__calloc(p->count + 1, sizeof *p->goal);
	p->places = lepton__calloc(p->count * p->columns + 1, sizeof *p->places);
	if (!p->values || !p->goal || !p->places)
		return false;
	for (size_t s = 0; s < settings; s++)
		read_setting(p, s, keys[s], settings);
	read_goal(p, settings);
	for (size_t c = 0; c < p->columns; c++)
		place(p, c);
	judge(p, p->app->sweep);
	most_important_first(p);
	return true;
}

/* ---- public ---- */

void lepton__parallel_draw(struct lepton__app *app, struct lepton__rect rect, const size_t *rows,
	size_t count, const char *const *keys, size_t key_count)
{
	struct lepton__parallel p = {.app = app, .rows = rows, .count = count};
	char right[96] = "";
	bool made = make_picture(&p, keys, key_count < LEPTON__AXES - 1 ? key_count : LEPTON__AXES - 1);
	if (made && p.sweep.rows < LEPTON_SWEEP_LEAST)
		lepton__print(right, sizeof right, "importance is said from %d versions with a figure on",
			LEPTON_SWEEP_LEAST);
	else if (made)
		lepton__print(right, sizeof right, "%% importance, %s correlation, of %zu versions",
			app->screen->glyphs == LEPTON__GLYPHS_ASCII ? "r" : "\u03c1", p.sweep.rows);
	struct lepton__box box = {.title = "settings to figure", .right = right, .role = LEPTON__CURVE_BOX};
	struct lepton__rect inside = lepton__box_draw(app->screen, &app->theme, rect, &box);
	if (made && inside.rows >= LEPTON__PARALLEL_ROWS - 2 && inside.cols >= LEPTON__PARALLEL_COLS - 2)
		lepton__parallel_inside(&p, inside);
	free_picture(&p);
}
