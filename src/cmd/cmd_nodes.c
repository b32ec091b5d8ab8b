/* cmd/cmd_nodes.c - lepton nodes: what the workers of a run do at this moment, and its sub-models.
 *
 * Only a run that trains can say so, and it keeps none of it in the store: so this attaches, is told at once
 * how things stand (lepton_engine_look), and leaves again.
 */
#include "config.h"
#include "cmd/attach.h"
#include "cmd/verb.h"
#include "base/format.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define PATIENCE 10.0 /* seconds: it is told twice a second */

/* ---- for people ---- */

static const char *name_of(const struct lepton_run *run, int64_t id)
{
	const struct lepton_run_version *v = lepton_run_version(run, id);
	return v ? v->name : "-";
}

static void print_number(int width, double value)
{
	char text[32];
	lepton__text_number(text, sizeof text, value);
	printf(" %*s", width, text);
}

static void print_workers(const struct lepton_run *run, const struct lepton_node *node)
{
	printf("%-6s %-10s %-20s %9s %5s %9s %9s %9s\n", "worker", "doing", "version", "step", "busy",
		"steps/s", "samples/s", "slices/s");
	for (size_t i = 0; i < node->worker_count; i++) {
		const struct lepton_worker *w = &node->workers[i];
		printf("%-6zu %-10s %-20s", i + 1, lepton_work_name(w->work), name_of(run, w->version));
		if (w->step)
			printf(" %9" PRId64, w->step);
		else
			printf(" %9s", "-");
		if (isfinite(w->busy))
			printf(" %4.0f%%", 100 * w->busy);
		else
			printf(" %5s", "-");
		print_number(9, w->steps_per_second);
		print_number(9, w->samples_per_second);
		print_number(9, w->slices_per_second);
		printf("\n");
	}
}

static void print_shard(const struct lepton_run *run, const struct lepton_sharded *whole, int i)
{
	const struct lepton_shard *s = &whole->shards[i];
	const struct lepton_run_version *v = lepton_run_version(run, s->version);
	bool trains = v && (v->state == LEPTON_RUNNING || v->state == LEPTON_QUEUED);
	const char *doing = trains ? s->waits ? "waits" : "trains"
			    : v    ? lepton_version_state_name(v->state)
				   : "-";
	printf("%2d/%-3d %-10s %-20s %9" PRId64 " %5d %9" PRId64 " %9" PRId64, i + 1, whole->count, doing,
		name_of(run, s->version), v ? v->step : 0, s->worker, s->end, s->samples);
	print_number(9, s->samples_per_second);
	printf("\n");
}

static void print_node(const struct lepton_run *run, const struct lepton_node *node)
{
	char all[24], own[24];
	lepton__text_bytes(all, sizeof all, node->figures.memory);
	lepton__text_bytes(own, sizeof own, node->figures.memory_own);
	printf("%s: %zu worker%s, kernels %s, %d core%s", node->figures.host, node->worker_count,
		node->worker_count == 1 ? "" : "s", node->figures.kernels, node->figures.cores,
		node->figures.cores == 1 ? "" : "s");
	if (isfinite(node->figures.busy))
		printf(" %.0f%% busy", 100 * node->figures.busy);
	if (isfinite(node->figures.used))
		printf(", %.2f by training", node->figures.used);
	printf(", %s of %s of memory\n", own, all);
	print_workers(run, node);
	for (size_t i = 0; i < node->sharded_count; i++) {
		const struct lepton_sharded *whole = &node->sharded[i];
		printf("\n%s: %" PRId64 " of %" PRId64 " rounds fused\n%-6s %-10s %-20s %9s %5s %9s %9s %9s\n",
			name_of(run, whole->version), whole->round, whole->rounds, "shard", "doing",
			"version", "step", "on", "round end", "samples", "samples/s");
		for (int k = 0; k < whole->count; k++)
			print_shard(run, whole, k);
	}
}

/* ---- as JSON ---- */

/* The rows as the event has them, and each version's name beside its id. */
static void add_names(const struct lepton_run *run, cJSON *rows)
{
	cJSON *row;
	cJSON_ArrayForEach(row, rows)
	{
		int64_t id = lepton__json_get_int(row, "version", 0);
		if (id)
			cJSON_AddStringToObject(row, "name", name_of(run, id));
		add_names(run, cJSON_GetObjectItemCaseSensitive(row, "shards"));
	}
}

static void add_rows(
	struct lepton__buffer *out, const struct lepton_run *run, const char *key, struct lepton_text *text)
{
	cJSON *rows = cJSON_Parse(lepton_text_get(text));
	add_names(run, rows);
	lepton__buffer_printf(out, ",\"%s\":", key);
	if (rows)
		lepton__json_value(out, rows);
	else
		out->failed = true;
	cJSON_Delete(rows);
	lepton_text_release(text);
}

static void add_node(struct lepton__buffer *out, const struct lepton_run *run, const struct lepton_node *node)
{
	lepton__buffer_printf(out, "{\"node\":%d,\"host\":", node->figures.node);
	lepton__json_string(out, node->figures.host);
	lepton__buffer_string(out, ",\"kernels\":");
	lepton__json_string(out, node->figures.kernels);
	lepton__buffer_printf(out, ",\"cores\":%d", node->figures.cores);
	lepton__json_member(out, "span", node->figures.span);
	lepton__json_member(out, "busy", node->figures.busy);
	lepton__json_member(out, "used", node->figures.used);
	lepton__json_member(out, "memory", node->figures.memory);
	lepton__json_member(out, "memory_used", node->figures.memory_used);
	lepton__json_member(out, "memory_own", node->figures.memory_own);
	add_rows(out, run, "workers", lepton_node_workers(node));
	add_rows(out, run, "sharded", lepton_node_sharded(node));
	lepton__buffer_string(out, "}");
}

static int print_json(const struct lepton_run *run, struct lepton_error *err)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, (size_t)64 << 20);
	lepton__buffer_string(&out, "{\"nodes\":[");
	for (size_t i = 0; i < run->node_count; i++) {
		lepton__buffer_string(&out, i ? "," : "");
		add_node(&out, run, &run->nodes[i]);
	}
	lepton__buffer_string(&out, "]}\n");
	int code = out.failed ? lepton_error_set(err, LEPTON_E_NOMEM, "out of memory") : LEPTON_OK;
	if (!code)
		fputs(out.data, stdout);
	lepton__buffer_free(&out);
	return code;
}

/* ---- asking ---- */

/* Until it has said it. */
static int await_nodes(struct lepton_client *client, struct lepton_run *run, struct lepton_error *err)
{
	struct lepton_event event;
	bool end = false;
	while (!end && !run->node_count && lepton_client_next(client, PATIENCE, &event) == 1) {
		lepton_run_apply(run, &event, NULL);
		end = event.type == LEPTON_EVENT_END;
		lepton_event_clear(&event);
	}
	if (run->node_count)
		return LEPTON_OK;
	if (end)
		return lepton_error_set(err, LEPTON_E_STATE, "the run has just ended");
	return lepton_error_set(err, LEPTON_E_STATE,
		"process %" PRId64 " does not say what its workers do: is it stopped?",
		lepton_client_pid(client));
}

static int show(struct lepton_client *client, struct lepton_run *run, struct lepton_error *err)
{
	int code = await_nodes(client, run, err);
	for (size_t i = 0; !code && i < run->node_count; i++)
		print_node(run, &run->nodes[i]);
	return code;
}

static int show_json(struct lepton_client *client, struct lepton_run *run, struct lepton_error *err)
{
	int code = await_nodes(client, run, err);
	return code ? code : print_json(run, err);
}

static int run_nodes(const struct verb *verb, int argc, char **argv)
{
	const char *dir = NULL;
	bool json = false;
	const struct arg table[] = {
		{"--store", ARG_STRING, &dir, 0, 0, "DIR", "the store (default ./.lepton)"},
		{"--json", ARG_FLAG, &json, 0, 0, NULL, "as one JSON object, with the names of versions"},
		{NULL, ARG_FLAG, NULL, 0, 0, NULL, NULL},
	};
	struct arg_list operands = {.count = 0};
	struct lepton_error err = {0};
	int code = verb_parse(verb, table, argc, argv, &operands, 0, 0);
	if (code >= 0)
		return code;
	return attach_watch(args_store(dir), json ? show_json : show, &err) ? verb_fail(verb, &err) : 0;
}

const struct verb verb_nodes = {"nodes", "[--store DIR] [--json]",
	"what the workers and sub-models of a run do at this moment", run_nodes};
