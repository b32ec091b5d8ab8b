/* train/run_nodes.c - the nodes of a run, each as its last event has it. */
#include "config.h"
#include "train/run_parts.h"
#include "base/memory.h"

#include <string.h>

#define NODES_MAX 1024

static struct lepton_node *place_of(struct lepton_run *run, int number)
{
	for (size_t i = 0; i < run->node_count; i++)
		if (run->nodes[i].figures.node == number)
			return &run->nodes[i];
	if (run->node_count >= NODES_MAX ||
		lepton__grow(&run->nodes, &run->node_capacity, run->node_count + 1, sizeof *run->nodes))
		return NULL;
	run->nodes[run->node_count] = (struct lepton_node){.figures.node = number};
	return &run->nodes[run->node_count++];
}

/* An event that cannot be read leaves what was known. */
int lepton__run_node(struct lepton_run *run, const struct lepton_event *event, struct lepton_error *err)
{
	struct lepton_node fresh = {.figures = event->u.node.figures, .time = event->time};
	int code = lepton_node_read(
		lepton_text_get(event->u.node.workers), lepton_text_get(event->u.node.sharded), &fresh, err);
	struct lepton_node *node = code ? NULL : place_of(run, fresh.figures.node);
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
