/* model/ranking.c - precision, recall and NDCG of the first LEPTON_RANKED recommendations (Järvelin and
 * Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002, with gains of 1 and 0).
 *
 * Each user with something relevant in the split is recommended the items it has not rated in training, those
 * foretold the highest ratings first (of equals, the one numbered first). Relevant is what it rated at least
 * as high as the mean of all training ratings.
 */
#include "config.h"
#include "model/ranking.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

struct list {            /* pairs of user and item, by user */
	int64_t *starts; /* users + 1 */
	uint32_t *item;
};

struct work {
	struct lepton_learner *learner;
	int64_t users, items;
	struct list trained, relevant;
	uint8_t *mark;     /* of each item: rated in training, or relevant */
	float *pair, *out; /* the candidates, and what is foretold */
};

enum { RATED = 1, RELEVANT = 2 };

static void free_work(struct work *w)
{
	lepton__free(w->trained.starts);
	lepton__free(w->trained.item);
	lepton__free(w->relevant.starts);
	lepton__free(w->relevant.item);
	lepton__free(w->mark);
	lepton__free(w->pair);
	lepton__free(w->out);
}

static int no_memory(struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for ranking");
}

/* Is it to be listed? A user or item that the training data does not know is not. */
static bool counts(const struct work *w, const float *pair, float rating, double least)
{
	return pair[0] >= 0 && pair[0] < (float)w->users && pair[1] >= 0 && pair[1] < (float)w->items &&
	       (double)rating >= least;
}

static int make_list(const struct work *w, const struct lepton_dataset *data, enum lepton_split split,
	double least, struct list *out, struct lepton_error *err)
{
	const float *values = lepton_dataset_values(data, split),
		    *targets = lepton_dataset_targets(data, split);
	int64_t n = lepton_dataset_count(data, split);
	out->starts = lepton__calloc((size_t)w->users + 1, sizeof *out->starts);
	out->item = lepton__calloc((size_t)n + 1, sizeof *out->item);
	if (!out->starts || !out->item)
		return no_memory(err);
	for (int64_t i = 0; i < n; i++)
		if (counts(w, values + 2 * i, targets[i], least))
			out->starts[(int64_t)values[2 * i] + 1]++;
	for (int64_t u = 0; u < w->users; u++)
		out->starts[u + 1] += out->starts[u];
	for (int64_t i = 0; i < n; i++)
		if (counts(w, values + 2 * i, targets[i], least))
			out->item[out->starts[(int64_t)values[2 * i]]++] = (uint32_t)values[2 * i + 1];
	memmove(out->starts + 1, out->starts, (size_t)w->users * sizeof *out->starts);
	out->starts[0] = 0;
	return LEPTON_OK;
}

static double training_mean(const struct lepton_dataset *data)
{
	const float *targets = lepton_dataset_targets(data, LEPTON_TRAIN);
	int64_t n = lepton_dataset_count(data, LEPTON_TRAIN);
	double sum = 0;
	for (int64_t i = 0; i < n; i++)
		sum += (double)targets[i];
	return sum / (double)n;
}

/* Mark, or take the marks off again. */
static void mark(struct work *w, const struct list *list, int64_t user, int bit, bool set)
{
	for (int64_t i = list->starts[user]; i < list->starts[user + 1]; i++)
		w->mark[list->item[i]] =
			(uint8_t)(set ? w->mark[list->item[i]] | bit : w->mark[list->item[i]] & ~bit);
}

/* The best of n candidates, best first; how many. */
static int best_of(const struct work *w, int64_t n, int64_t best[LEPTON_RANKED])
{
	int count = 0;
	for (int64_t i = 0; i < n; i++) {
		int at = count;
		while (at > 0 && w->out[i] > w->out[best[at - 1]])
			at--;
		if (at == LEPTON_RANKED)
			continue;
		count += count < LEPTON_RANKED;
		memmove(best + at + 1, best + at, (size_t)(count - 1 - at) * sizeof *best);
		best[at] = i;
	}
	return count;
}

static void add_user(const struct work *w, int64_t n, int64_t relevant, struct lepton_metrics *out)
{
	int64_t best[LEPTON_RANKED];
	int count = best_of(w, n, best), hits = 0;
	double gain = 0, ideal = 0;
	for (int i = 0; i < count; i++) {
		bool hit = w->mark[(int64_t)w->pair[2 * best[i] + 1]] & RELEVANT;
		hits += hit;
		gain += hit ? 1 / log2(i + 2) : 0;
	}
	for (int i = 0; i < LEPTON_RANKED && i < relevant; i++)
		ideal += 1 / log2(i + 2);
	out->ranked_users++;
	out->ranked_precision += (double)hits / LEPTON_RANKED;
	out->ranked_recall += (double)hits / (double)relevant;
	out->ndcg += gain / ideal;
}

static int judge_user(struct work *w, int64_t user, struct lepton_metrics *out, struct lepton_error *err)
{
	int64_t n = 0, relevant = 0;
	mark(w, &w->trained, user, RATED, true);
	mark(w, &w->relevant, user, RELEVANT, true);
	for (int64_t i = 0; i < w->items; i++) {
		relevant += w->mark[i] == RELEVANT; /* rated again after training it cannot be recommended */
		if (w->mark[i] & RATED)
			continue;
		w->pair[2 * n] = (float)user;
		w->pair[2 * n++ + 1] = (float)i;
	}
	int code = relevant ? w->learner->ops->predict(w->learner, w->pair, n, w->out, err) : LEPTON_OK;
	if (!code && relevant)
		add_user(w, n, relevant, out);
	mark(w, &w->trained, user, RATED, false);
	mark(w, &w->relevant, user, RELEVANT, false);
	return code;
}

static int judge(struct work *w, bool (*go_on)(void *arg), void *arg, struct lepton_metrics *out,
	struct lepton_error *err)
{
	int code = LEPTON_OK;
	for (int64_t user = 0; user < w->users && !code; user++) {
		if (go_on && !go_on(arg))
			return lepton_error_set(err, LEPTON_E_CANCELED, "the evaluation was ended");
		if (w->relevant.starts[user + 1] > w->relevant.starts[user])
			code = judge_user(w, user, out, err);
	}
	if (code || !out->ranked_users)
		return code;
	out->ranked_precision /= (double)out->ranked_users;
	out->ranked_recall /= (double)out->ranked_users;
	out->ndcg /= (double)out->ranked_users;
	return LEPTON_OK;
}

int lepton__ranking_judge(struct lepton_learner *learner, const struct lepton_dataset *data,
	enum lepton_split split, bool (*go_on)(void *arg), void *arg, struct lepton_metrics *out,
	struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(data);
	struct work w = {.learner = learner, .users = info->users, .items = info->items};
	w.mark = lepton__calloc((size_t)w.items, sizeof *w.mark);
	w.pair = lepton__calloc((size_t)w.items, 2 * sizeof *w.pair);
	w.out = lepton__calloc((size_t)w.items, sizeof *w.out);
	int code = w.mark && w.pair && w.out ? LEPTON_OK : no_memory(err);
	if (!code)
		code = make_list(&w, data, LEPTON_TRAIN, -INFINITY, &w.trained, err);
	if (!code)
		code = make_list(&w, data, split, training_mean(data), &w.relevant, err);
	if (!code)
		code = judge(&w, go_on, arg, out, err);
	free_work(&w);
	return code;
}
