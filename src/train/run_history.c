/* train/run_history.c - a version's curves: parallel arrays that grow together.
 *
 * After a kill or a divergence training goes back to a checkpoint and says some steps again. The
 * newer account wins: points at or after the step that arrives are dropped, so a curve never doubles
 * back. Memory grows by doubling; a failed growth leaves the curve as it was. Older points may be there by
 * their outline alone (run_outline.c).
 */
#include "config.h"
#include "train/run_parts.h"
#include "train/outline.h"
#include "base/memory.h"

#include <string.h>

#define FIRST_CAPACITY 64

/* Grows one array in place. The others may already be longer than `capacity`: harmless. */
static bool longer(void *array_pointer, size_t capacity, size_t element)
{
	void *array;
	memcpy(&array, array_pointer, sizeof array); /* its own pointer type is not ours to alias */
	array = lepton__realloc(array, capacity, element);
	if (array)
		memcpy(array_pointer, &array, sizeof array);
	return array != NULL;
}

static size_t next_capacity(size_t capacity)
{
	return capacity ? 2 * capacity : FIRST_CAPACITY;
}

bool lepton__history_room(struct lepton_history *h, size_t more)
{
	size_t capacity = h->capacity;
	if (h->count + more <= h->capacity)
		return true;
	while (capacity < h->count + more)
		capacity = next_capacity(capacity);
	bool grown = longer(&h->step, capacity, sizeof *h->step) &&
		     longer(&h->epoch, capacity, sizeof *h->epoch) &&
		     longer(&h->seconds, capacity, sizeof *h->seconds) &&
		     longer(&h->loss, capacity, sizeof *h->loss) &&
		     longer(&h->accuracy, capacity, sizeof *h->accuracy);
	if (grown)
		h->capacity = capacity;
	return grown;
}

static bool epochs_room(struct lepton_epochs *e)
{
	if (e->count < e->capacity)
		return true;
	size_t capacity = next_capacity(e->capacity);
	bool grown = longer(&e->epoch, capacity, sizeof *e->epoch) &&
		     longer(&e->step, capacity, sizeof *e->step) &&
		     longer(&e->seconds, capacity, sizeof *e->seconds) &&
		     longer(&e->loss, capacity, sizeof *e->loss) &&
		     longer(&e->accuracy, capacity, sizeof *e->accuracy) &&
		     longer(&e->val_loss, capacity, sizeof *e->val_loss) &&
		     longer(&e->val_accuracy, capacity, sizeof *e->val_accuracy);
	if (grown)
		e->capacity = capacity;
	return grown;
}

int lepton__history_push(struct lepton_history *h, int64_t step, double epoch, double seconds, float loss,
	float accuracy, struct lepton_error *err)
{
	if (!lepton__history_room(h, 1))
		return lepton__run_nomem(err);
	size_t i = h->count++;
	h->step[i] = step;
	h->epoch[i] = epoch;
	h->seconds[i] = seconds;
	h->loss[i] = loss;
	h->accuracy[i] = accuracy;
	return LEPTON_OK;
}

int lepton__history_add(struct lepton_history *h, const struct lepton_event *event, struct lepton_error *err)
{
	while (h->count && h->step[h->count - 1] >= event->u.metric.step)
		h->count--;
	lepton__history_cut_buckets(h);
	return lepton__history_push(h, event->u.metric.step, event->u.metric.epoch, event->u.metric.seconds,
		(float)event->u.metric.loss, (float)event->u.metric.accuracy, err);
}

int lepton__epochs_add(struct lepton_epochs *e, const struct lepton_event *event, struct lepton_error *err)
{
	while (e->count && e->epoch[e->count - 1] >= event->u.epoch.epoch)
		e->count--;
	if (!epochs_room(e))
		return lepton__run_nomem(err);
	size_t i = e->count++;
	e->epoch[i] = event->u.epoch.epoch;
	e->step[i] = event->u.epoch.step;
	e->seconds[i] = event->u.epoch.seconds;
	e->loss[i] = (float)event->u.epoch.loss;
	e->accuracy[i] = (float)event->u.epoch.accuracy;
	e->val_loss[i] = (float)event->u.epoch.val_loss;
	e->val_accuracy[i] = (float)event->u.epoch.val_accuracy;
	return LEPTON_OK;
}

void lepton_history_clear(struct lepton_history *h)
{
	lepton__free(h->step);
	lepton__free(h->epoch);
	lepton__free(h->seconds);
	lepton__free(h->loss);
	lepton__free(h->accuracy);
	lepton__free(h->buckets);
	*h = (struct lepton_history){0};
}

void lepton__epochs_free(struct lepton_epochs *e)
{
	lepton__free(e->epoch);
	lepton__free(e->step);
	lepton__free(e->seconds);
	lepton__free(e->loss);
	lepton__free(e->accuracy);
	lepton__free(e->val_loss);
	lepton__free(e->val_accuracy);
	*e = (struct lepton_epochs){0};
}
