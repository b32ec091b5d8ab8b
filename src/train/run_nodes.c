/* train/run_nodes.c - the nodes of a run, each as its last event has it. */
#include "config.h"
#include "train/run_parts.h"
#include "base/memory.h"

#include <string.h>

#define NODES_MAX 1024

static struct lepton_node *place_of(struct lepton_run *run, int number)
{
	for (size_t i = 0; i < run->node_count; i++)
		if (run->nodes[i].node == number)
			return &run->nodes[i];
	if (run->node_count >= NODES_MAX ||
		lepton__grow(&run->nodes, &run->node_capacity, run->node_count + 1, sizeof *run->nodes))
		return NULL;
	run->nodes[run->node_count] = (struct lepton_node){.node = number};
	return &run->nodes[run->node_count++];
}

static void describe(struct lepton_node *node, const struct lepton_event *event)
{
	node->node = event->u.node.node;
	lepton__copy_name(node->host, sizeof node->host, event->u.node.host);
	lepton__copy_name(node->kernels, sizeof node->kernels, event->u.node.kernels);
	node->cores = event->u.node.cores;
	node->time = event->time;
	node->span = event->u.node.span;
	node->busy = event->u.node.busy;
	node->used = event->u.node.used;
	node->memory = event->u.node.memory;
	node->memory_used = event->u.node.memory_used;
	node->memory_own = event->u.node.memory_own;
}

/* An event that cannot be read leaves what was known. */
int lepton__run_node(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	struct lepton_node fresh = {0};
	describe(&fresh, event);
	int code = lepton_node_read(
		lepton_text_get(event->u.node.workers), lepton_text_get(event->u.node.sharded), &fresh, err);
	struct lepton_node *node = code ? NULL : place_of(run, event->u.node.node);
	if (!node) {
		lepton_node_clear(&fresh);
		return code ? code : lepton__run_nomem(err);
	}
	lepton_node_clear(node);
	*node = fresh;
	return LEPTON_OK;
}

void lepton__run_nodes_free(struct lepton_run *run)
{
	for (size_t i = 0; i < run->node_count; i++)
		lepton_node_clear(&run->nodes[i]);
	lepton__free(run->nodes);
}
