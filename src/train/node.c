/* train/node.c - what a NODE event says of workers and sub-models, as JSON and back.
 *
 * One event says all of a node, so that its rows fit together; how many rows there are differs from machine
 * to machine, and so they travel as text. What is not there or does not fit is read as unknown, so that a row
 * of a later lepton can be looked at by an earlier one.
 */
#include "config.h"
#include "lepton/event.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define TEXT_MAX ((size_t)4 << 20)
#define ROWS_MAX 4096 /* of workers, or of versions with sub-models, that are believed */

static const char *const works[] = {"idle", "training", "validating", "testing", "fusing", "helping"};

#define WORKS (sizeof works / sizeof *works)

const char *lepton_work_name(enum lepton_work work)
{
	return (unsigned)work < WORKS ? works[work] : works[0];
}

/* ---- writing ---- */

static void write_worker(struct lepton__buffer *out, const struct lepton_worker *w)
{
	lepton__buffer_printf(out, "{\"work\":\"%s\",\"version\":%" PRId64 ",\"step\":%" PRId64,
		lepton_work_name(w->work), w->version, w->step);
	lepton__json_member(out, "busy", w->busy);
	lepton__json_member(out, "slices_per_second", w->slices_per_second);
	lepton__json_member(out, "steps_per_second", w->steps_per_second);
	lepton__json_member(out, "samples_per_second", w->samples_per_second);
	lepton__buffer_printf(out, ",\"slices\":%" PRId64 ",\"steps\":%" PRId64 ",\"samples\":%" PRId64 "}",
		w->slices, w->steps, w->samples);
}

static void write_shard(struct lepton__buffer *out, const struct lepton_shard *s)
{
	lepton__buffer_printf(out,
		"{\"version\":%" PRId64 ",\"samples\":%" PRId64 ",\"worker\":%d,\"begin\":%" PRId64
		",\"end\":%" PRId64 ",\"waits\":%s",
		s->version, s->samples, s->worker, s->begin, s->end, s->waits ? "true" : "false");
	lepton__json_member(out, "samples_per_second", s->samples_per_second);
	lepton__buffer_string(out, "}");
}

static void write_sharded(struct lepton__buffer *out, const struct lepton_sharded *s)
{
	lepton__buffer_printf(out, "{\"version\":%" PRId64 ",\"round\":%" PRId64 ",\"rounds\":%" PRId64,
		s->version, s->round, s->rounds);
	lepton__json_member(out, "fused", s->fused);
	lepton__buffer_printf(out, ",\"fuses\":%s,\"shards\":[", s->fuses ? "true" : "false");
	for (int i = 0; i < s->count; i++) {
		lepton__buffer_string(out, i ? "," : "");
		write_shard(out, &s->shards[i]);
	}
	lepton__buffer_string(out, "]}");
}

static struct lepton_text *finish(struct lepton__buffer *out)
{
	lepton__buffer_string(out, "]");
	struct lepton_text *text = out->failed ? NULL : lepton_text_new(out->data);
	lepton__buffer_free(out);
	return text;
}

struct lepton_text *lepton_node_workers(const struct lepton_node *node)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, TEXT_MAX);
	lepton__buffer_string(&out, "[");
	for (size_t i = 0; i < node->worker_count; i++) {
		lepton__buffer_string(&out, i ? "," : "");
		write_worker(&out, &node->workers[i]);
	}
	return finish(&out);
}

struct lepton_text *lepton_node_sharded(const struct lepton_node *node)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, TEXT_MAX);
	lepton__buffer_string(&out, "[");
	for (size_t i = 0; i < node->sharded_count; i++) {
		lepton__buffer_string(&out, i ? "," : "");
		write_sharded(&out, &node->sharded[i]);
	}
	return finish(&out);
}

/* ---- reading ---- */

static void read_worker(const cJSON *item, struct lepton_worker *w)
{
	const char *word = lepton__json_get_string(item, "work", works[0]);
	for (size_t i = 0; i < WORKS; i++)
		if (strcmp(word, works[i]) == 0)
			w->work = (enum lepton_work)i;
	w->version = lepton__json_get_int(item, "version", 0);
	w->step = lepton__json_get_int(item, "step", 0);
	w->busy = lepton__json_get_number(item, "busy", (double)NAN);
	w->slices_per_second = lepton__json_get_number(item, "slices_per_second", (double)NAN);
	w->steps_per_second = lepton__json_get_number(item, "steps_per_second", (double)NAN);
	w->samples_per_second = lepton__json_get_number(item, "samples_per_second", (double)NAN);
	w->slices = lepton__json_get_int(item, "slices", 0);
	w->steps = lepton__json_get_int(item, "steps", 0);
	w->samples = lepton__json_get_int(item, "samples", 0);
}

static void read_shard(const cJSON *item, struct lepton_shard *s)
{
	int64_t worker = lepton__json_get_int(item, "worker", 0);
	s->version = lepton__json_get_int(item, "version", 0);
	s->samples = lepton__json_get_int(item, "samples", 0);
	s->worker = worker > 0 && worker <= ROWS_MAX ? (int)worker : 0;
	s->begin = lepton__json_get_int(item, "begin", 0);
	s->end = lepton__json_get_int(item, "end", 0);
	s->waits = lepton__json_get_bool(item, "waits", false);
	s->samples_per_second = lepton__json_get_number(item, "samples_per_second", (double)NAN);
}

static void read_sharded(const cJSON *item, struct lepton_sharded *s)
{
	const cJSON *shard;
	s->version = lepton__json_get_int(item, "version", 0);
	s->round = lepton__json_get_int(item, "round", 0);
	s->rounds = lepton__json_get_int(item, "rounds", 0);
	s->fused = lepton__json_get_number(item, "fused", 0);
	s->fuses = lepton__json_get_bool(item, "fuses", false);
	cJSON_ArrayForEach(shard, cJSON_GetObjectItemCaseSensitive(item, "shards"))
	{
		if (s->count < LEPTON_SHARDS_MAX)
			read_shard(shard, &s->shards[s->count++]);
	}
}

/* An array of at most so many as are believed, and in *room zeros for what it says; else NULL, and *code says
 * why. */
static cJSON *parse(
	const char *text, const char *what, size_t size, void **room, int *code, struct lepton_error *err)
{
	cJSON *list = cJSON_Parse(text);
	int count = cJSON_IsArray(list) ? cJSON_GetArraySize(list) : -1;
	*code = LEPTON_OK;
	*room = NULL;
	if (count < 0 || count > ROWS_MAX)
		*code = lepton_error_set(
			err, LEPTON_E_CORRUPT, "a node event: \"%s\" is no list of them", what);
	else if (!(*room = lepton__calloc((size_t)count, size)))
		*code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a node's %s", what);
	if (!*code)
		return list;
	cJSON_Delete(list);
	return NULL;
}

int lepton_node_read(
	const char *workers, const char *sharded, struct lepton_node *out, struct lepton_error *err)
{
	int code;
	void *room;
	const cJSON *item;
	cJSON *list = parse(workers, "workers", sizeof *out->workers, &room, &code, err);
	out->workers = room;
	cJSON_ArrayForEach(item, list)
	{
		read_worker(item, &out->workers[out->worker_count++]);
	}
	cJSON_Delete(list);
	if (code)
		return code;
	list = parse(sharded, "sharded", sizeof *out->sharded, &room, &code, err);
	out->sharded = room;
	cJSON_ArrayForEach(item, list)
	{
		read_sharded(item, &out->sharded[out->sharded_count++]);
	}
	cJSON_Delete(list);
	return code;
}

void lepton_node_clear(struct lepton_node *node)
{
	lepton__free(node->workers);
	lepton__free(node->sharded);
	*node = (struct lepton_node){.figures.node = node->figures.node};
}
