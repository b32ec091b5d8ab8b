/* fuse/preview.c - all ways to fuse, side by side: which methods there are, which is best so far, and the
 * table as JSON.
 *
 *     {"versions":[{"name":"a","id":1,"step":469,"val_loss":0.08,"val_accuracy":0.97,"bytes":2678824},…],"samples":6000,
 *      "done":false,"methods":[{"method":"average","val_loss":0.8,"val_accuracy":0.94,"bytes":2678824,"seconds":0.3},
 *      {"method":"ties","refused":"why"},{"method":"distil","left_out":"why"},{"method":"dare"},…]}
 *
 * A row without figures and without a reason waits. What is not finite is null.
 */
#include "config.h"
#include "fuse/methods.h"
#include "fuse/preview.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void add_method(struct lepton_preview *p, const struct lepton_fuser *how, const char *left_out)
{
	if (p->method_count == LEPTON_PREVIEW_ROWS_MAX)
		return;
	struct lepton_preview_row *row = &p->methods[p->method_count++];
	*row = (struct lepton_preview_row){.val_loss = (double)NAN,
		.val_accuracy = (double)NAN,
		.seconds = (double)NAN,
		.state = left_out ? LEPTON_PREVIEW_LEFT_OUT : LEPTON_PREVIEW_WAITS};
	lepton__copy_name(row->name, sizeof row->name, how->name);
	lepton__copy_name(row->why, sizeof row->why, left_out ? left_out : "");
}

void lepton_preview_init(struct lepton_preview *p)
{
	*p = (struct lepton_preview){.samples = 0};
	for (const struct lepton_fuser *const *m = lepton_fusers(); *m; m++)
		if (*m != &lepton__fuse_auto)
			add_method(p, *m, NULL);
	add_method(p, &lepton_fuse_ensemble, NULL);
	add_method(p, &lepton__fuse_auto, "not tried: it keeps the best of the others, ensemble left out");
	add_method(p, &lepton_fuse_stacking, "not tried: it learns on the validation split itself");
	add_method(p, &lepton_fuse_distil, "not tried: it trains a network, for epochs");
}

static bool has_loss(const struct lepton_preview_row *row)
{
	return row->state == LEPTON_PREVIEW_SCORED && !isnan(row->val_loss);
}

static bool before(const struct lepton_preview_row *a, const struct lepton_preview_row *b)
{
	return has_loss(a) && (!has_loss(b) || a->val_loss < b->val_loss);
}

void lepton_preview_order(
	const struct lepton_preview_row *rows, size_t count, size_t order[LEPTON_PREVIEW_ROWS_MAX])
{
	for (size_t i = 0; i < count; i++) { /* insertion: the first of equals stays first */
		size_t at = i;
		for (; at > 0 && before(&rows[i], &rows[order[at - 1]]); at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

const struct lepton_preview_row *lepton_preview_best(const struct lepton_preview *p)
{
	const struct lepton_preview_row *best = NULL;
	for (size_t i = 0; i < p->method_count; i++)
		if (has_loss(&p->methods[i]) && (!best || before(&p->methods[i], best)))
			best = &p->methods[i];
	return best;
}

/* ---- as JSON ---- */

static void write_row(struct lepton__buffer *out, const struct lepton_preview_row *row)
{
	lepton__buffer_string(out, row->id ? "{\"name\":" : "{\"method\":");
	lepton__json_string(out, row->name);
	if (row->id)
		lepton__buffer_printf(out, ",\"id\":%" PRId64 ",\"step\":%" PRId64, row->id, row->step);
	if (row->state == LEPTON_PREVIEW_SCORED) {
		lepton__json_member(out, "val_loss", row->val_loss);
		lepton__json_member(out, "val_accuracy", row->val_accuracy);
		lepton__buffer_printf(out, ",\"bytes\":%" PRId64, row->bytes);
		if (!row->id)
			lepton__json_member(out, "seconds", row->seconds);
	} else if (row->state != LEPTON_PREVIEW_WAITS) {
		lepton__buffer_string(
			out, row->state == LEPTON_PREVIEW_REFUSED ? ",\"refused\":" : ",\"left_out\":");
		lepton__json_string(out, row->why);
	}
	lepton__buffer_string(out, "}");
}

static void write_rows(struct lepton__buffer *out, const struct lepton_preview_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		lepton__buffer_string(out, i ? "," : "");
		write_row(out, &rows[i]);
	}
}

void lepton__preview_write(struct lepton__buffer *out, const struct lepton_preview *p)
{
	lepton__buffer_string(out, "{\"versions\":[");
	write_rows(out, p->parents, p->parent_count);
	lepton__buffer_printf(out,
		"],\"split\":\"validation\",\"samples\":%" PRId64 ",\"done\":%s,\"methods\":[", p->samples,
		p->done ? "true" : "false");
	write_rows(out, p->methods, p->method_count);
	lepton__buffer_string(out, "]}");
}

static bool read_row(const cJSON *from, const char *name, struct lepton_preview_row *row)
{
	const char *refused = lepton__json_get_string(from, "refused", NULL),
		   *left_out = lepton__json_get_string(from, "left_out", NULL);
	*row = (struct lepton_preview_row){.val_loss = lepton__json_get_number(from, "val_loss", (double)NAN),
		.val_accuracy = lepton__json_get_number(from, "val_accuracy", (double)NAN),
		.seconds = lepton__json_get_number(from, "seconds", (double)NAN),
		.id = lepton__json_get_int(from, "id", 0),
		.step = lepton__json_get_int(from, "step", 0),
		.bytes = lepton__json_get_int(from, "bytes", 0)};
	row->state = refused                                 ? LEPTON_PREVIEW_REFUSED
		     : left_out                              ? LEPTON_PREVIEW_LEFT_OUT
		     : cJSON_HasObjectItem(from, "val_loss") ? LEPTON_PREVIEW_SCORED
							     : LEPTON_PREVIEW_WAITS;
	lepton__copy_name(row->name, sizeof row->name, lepton__json_get_string(from, name, ""));
	lepton__copy_name(row->why, sizeof row->why, refused ? refused : left_out ? left_out : "");
	return *row->name != '\0';
}

static bool read_rows(
	const cJSON *from, const char *key, const char *name, struct lepton_preview_row *rows, size_t *count)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(from, key), *item;
	bool good = cJSON_IsArray(list);
	cJSON_ArrayForEach(item, list)
	{
		good = good && *count < LEPTON_PREVIEW_ROWS_MAX && read_row(item, name, &rows[*count]);
		*count += good;
	}
	return good;
}

int lepton_preview_read(const char *json, struct lepton_preview *out, struct lepton_error *err)
{
	cJSON *object = cJSON_Parse(json);
	*out = (struct lepton_preview){.samples = lepton__json_get_int(object, "samples", 0),
		.done = lepton__json_get_bool(object, "done", false)};
	bool good = read_rows(object, "versions", "name", out->parents, &out->parent_count) &&
		    read_rows(object, "methods", "method", out->methods, &out->method_count);
	cJSON_Delete(object);
	return good ? LEPTON_OK
		    : lepton_error_set(
			      err, LEPTON_E_CORRUPT, "what was previewed of a fusion cannot be read");
}
