/* tui/bunch.c - versions in bunches by tag, name, learner, state or parent. See bunch.h.
 *
 * A version is in one bunch: of several tags or parents the first counts. A name's bunch is what stands
 * before its
 * "/", as in what "grid", "random" and "shards" make; one without "/" joins the bunch of its own name, if
 * there is one.
 */
#include "config.h"
#include "base/labels.h"
#include "base/memory.h"
#include "tui/dash.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const lepton__grouping_names[LEPTON__GROUPINGS] = {
	"nothing", "tag", "name before /", "learner", "state", "parent"};

/* ---- which bunch ---- */

static void first_tag(const struct lepton_run_version *v, char out[LEPTON_NAME_MAX])
{
	const char *at = lepton_text_get(v->tags);
	size_t length;
	const char *tag = lepton__tags_next(&at, &length);
	snprintf(out, LEPTON_NAME_MAX, "%.*s", (int)length, tag ? tag : "");
}

static bool has_parts(const struct lepton__dash *dash, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i < dash->shown; i++) {
		const char *other = dash->run->versions[dash->order[i]]->name;
		if (strncmp(other, name, length) == 0 && other[length] == '/')
			return true;
	}
	return false;
}

static void name_of(
	const struct lepton__dash *dash, const struct lepton_run_version *v, char out[LEPTON_NAME_MAX])
{
	const struct lepton_run_version *parent;
	*out = '\0';
	switch (dash->bunches.by) {
	case LEPTON__BY_TAG:
		first_tag(v, out);
		break;
	case LEPTON__BY_NAME:
		if (strchr(v->name, '/') || has_parts(dash, v->name))
			snprintf(out, LEPTON_NAME_MAX, "%.*s", (int)strcspn(v->name, "/"), v->name);
		break;
	case LEPTON__BY_LEARNER:
		lepton__copy_name(out, LEPTON_NAME_MAX, v->learner);
		break;
	case LEPTON__BY_STATE:
		lepton__copy_name(out, LEPTON_NAME_MAX, lepton_version_state_name(v->state));
		break;
	case LEPTON__BY_PARENT:
		parent = v->parent_count ? lepton_run_version(dash->run, v->parents[0]) : NULL;
		lepton__copy_name(out, LEPTON_NAME_MAX, parent ? parent->name : "");
		break;
	default:
		break;
	}
}

/* What runs first, then as states follow each other; those without a name last. */
static int rank_of(const struct lepton__dash *dash, const struct lepton_run_version *v, const char *name)
{
	if (dash->bunches.by == LEPTON__BY_STATE)
		return v->state == LEPTON_RUNNING ? -1 : (int)v->state;
	return *name ? 0 : 1;
}

static bool find(struct lepton__dash *dash, size_t index)
{
	struct lepton__bunches *b = &dash->bunches;
	const struct lepton_run_version *v = dash->run->versions[index];
	char name[LEPTON_NAME_MAX];
	size_t *in = &dash->extras[index].bunch;
	name_of(dash, v, name);
	if (*in < b->count && strcmp(b->items[*in].name, name) == 0)
		return true;
	for (*in = 0; *in < b->count; ++*in)
		if (strcmp(b->items[*in].name, name) == 0)
			return true;
	if (lepton__grow(&b->items, &b->capacity, b->count + 1, sizeof *b->items))
		return false;
	b->items[b->count] = (struct lepton__bunch){.rank = rank_of(dash, v, name)};
	lepton__copy_name(b->items[b->count++].name, LEPTON_NAME_MAX, name);
	return true;
}

bool lepton__bunches_assign(struct lepton__dash *dash)
{
	struct lepton__bunches *b = &dash->bunches;
	bool good = true;
	for (size_t i = 0; i < b->count; i++)
		b->items[i].shown = 0;
	for (size_t i = 0; b->by && good && i < dash->shown; i++) {
		good = find(dash, dash->order[i]);
		if (good)
			b->items[dash->extras[dash->order[i]].bunch].shown++;
	}
	return good;
}

int lepton__bunches_compare(const struct lepton__dash *dash, size_t a, size_t b)
{
	size_t one = dash->extras[a].bunch, other = dash->extras[b].bunch;
	if (!dash->bunches.by || one == other)
		return 0;
	const struct lepton__bunch *x = &dash->bunches.items[one], *y = &dash->bunches.items[other];
	return x->rank != y->rank ? x->rank - y->rank : strcmp(x->name, y->name);
}

bool lepton__bunches_rows(struct lepton__dash *dash)
{
	if (lepton__grow(&dash->rows, &dash->row_capacity, dash->shown + dash->bunches.count + 1,
		    sizeof *dash->rows))
		return false;
	dash->row_count = 0;
	for (size_t i = 0; i < dash->shown; i++) {
		size_t bunch = dash->extras[dash->order[i]].bunch;
		if (dash->bunches.by && (!i || dash->extras[dash->order[i - 1]].bunch != bunch))
			dash->rows[dash->row_count++] = lepton__bunch_row(bunch);
		if (!dash->bunches.by || !dash->bunches.items[bunch].folded)
			dash->rows[dash->row_count++] = (long)dash->order[i];
	}
	return true;
}

/* ---- the rest ---- */

void lepton__bunches_set(struct lepton__dash *dash, enum lepton__grouping by)
{
	dash->bunches.by = by;
	dash->bunches.count = 0;
	for (size_t i = 0; i < dash->extra_count; i++)
		dash->extras[i].bunch = 0;
	if (lepton__is_header(dash->selected))
		dash->selected = 0;
}

void lepton__bunches_free(struct lepton__bunches *bunches)
{
	lepton__free(bunches->items);
	*bunches = (struct lepton__bunches){0};
}

/* The greater or lesser of two, of which either may be unknown. */
static double better(double a, double b, bool more)
{
	return more ? fmax(a, b) : fmin(a, b);
}

struct lepton__bunch_sum lepton__bunch_sum(const struct lepton__dash *dash, size_t bunch)
{
	struct lepton__bunch_sum sum = {.best_accuracy = (double)NAN, .best_loss = (double)NAN};
	for (size_t i = 0; i < dash->shown; i++) {
		const struct lepton__extra *extra = &dash->extras[dash->order[i]];
		const struct lepton_run_version *v = dash->run->versions[dash->order[i]];
		if (extra->bunch != bunch)
			continue;
		sum.versions++;
		sum.marked += extra->marked;
		sum.running += v->state == LEPTON_RUNNING;
		if (v->state == LEPTON_RUNNING && isfinite(v->samples_per_second))
			sum.rate += v->samples_per_second;
		bool known = isfinite(v->val_loss);
		sum.best_accuracy = better(sum.best_accuracy, known ? v->val_accuracy : v->accuracy, true);
		sum.best_loss = better(sum.best_loss, known ? v->val_loss : v->loss, false);
	}
	return sum;
}
