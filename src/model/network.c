/* model/network.c - the network learner: made from a configuration and a data set.
 *
 * A batch is split into a number of micro-batches that the configuration fixes. Each runs in a lane
 * of its own, on whatever thread is free, or all run as one where no other thread is; gradients are summed
 * in the same order either way. A network whose layers share out their work themselves always runs them as one.
 * So the arithmetic is the same to the bit for any number of workers. All memory is planned and taken here.
 */
#include "config.h"
#include "model/network.h"
#include "model/join.h"
#include "base/json.h"
#include "base/memory.h"

#include <inttypes.h>
#include <unistd.h>

#define UPDATE_PART 16384 /* floats that are worth a part of their own */
#define UPDATE_PARTS_MAX 64

static struct lepton__network *network_of(struct lepton_learner *learner)
{
	return (struct lepton__network *)learner;
}

static const struct lepton__network *network_of_const(const struct lepton_learner *learner)
{
	return (const struct lepton__network *)learner;
}

/* ---- does it fit the data and the machine ---- */

/* A row of values takes any image of as many; [28,28] is [28,28,1]. */
static bool same_sample(const struct lepton_shape *input, const struct lepton_shape *sample)
{
	struct lepton_shape a = *input, b = *sample;
	if (a.rank == 1)
		return a.dim[0] == lepton_shape_count(&b);
	while (a.rank > 1 && a.dim[a.rank - 1] == 1)
		a.rank--;
	while (b.rank > 1 && b.dim[b.rank - 1] == 1)
		b.rank--;
	return lepton_shape_equal(&a, &b);
}

/* Texts are whole numbers, which only a layer of their own can read. */
static int check_text(
	const struct lepton__network *network, const struct lepton_data_info *info, struct lepton_error *err)
{
	const struct lepton__layer *first = &network->graph.layers[1];
	if (!info->tokens)
		return LEPTON_OK;
	if (network->graph.count < 2 || first->ops != &lepton__layer_embedding)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"network: the data is text; set \"learner\": \"text\", or let Embedding follow Input");
	if (first->u.numbers < info->tokens)
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"layers[1] Embedding: \"input_dim\" is %" PRId64 ", but the data's words have numbers below %" PRId64
			"; set it to that, or lower \"buckets\" in the data",
			first->u.numbers, info->tokens);
	return LEPTON_OK;
}

static int check_data(const struct lepton__network *network, struct lepton_error *err)
{
	const struct lepton_data_info *info = lepton_dataset_info(network->data);
	const struct lepton__layer *input = network->graph.layers;
	const struct lepton__layer *last = &network->graph.layers[network->graph.count - 1];
	char wish[96], have[96];
	lepton_shape_format(&input->in, wish, sizeof wish);
	lepton_shape_format(&info->sample, have, sizeof have);
	int code = check_text(network, info, err);
	if (code)
		return code;
	if (!same_sample(&input->in, &info->sample))
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"layers[0] Input: shape %s is not that of the data's samples; set \"shape\": %s",
			wish, have);
	if ((network->graph.loss.kind == LEPTON__SQUARED_ERROR) != info->regression)
		return lepton_error_set(err, LEPTON_E_SPEC, "network: %s",
			info->regression ? "the data has numbers to learn; set \"loss\": \"mse\" and end with "
					   "Dense, \"units\": 1"
					 : "\"loss\" mse is for regression; set \"task\": \"regression\" in the data, or "
					   "leave it out");
	if (!info->regression && info->classes < 2)
		return lepton_error_set(err, LEPTON_E_DATA,
			"a network that learns classes needs data with them, but this has none");
	if (!info->regression && network->graph.classes != info->classes)
		return lepton_error_set(err, LEPTON_E_SHAPE,
			"layers[%d] %s: its output is for %d classes, but the data has %" PRId64
			"; let it give as many values",
			last->index, last->ops->type, network->graph.classes, info->classes);
	if (network->train < 1)
		return lepton_error_set(
			err, LEPTON_E_DATA, "the data has no training samples; lower \"validation_split\"");
	return LEPTON_OK;
}

/* Kernels count in int, and a plan larger than the machine would end it. */
static int check_size(const struct lepton__network *network, struct lepton_error *err)
{
	const struct lepton__graph *graph = &network->graph;
	const struct lepton__settings *settings = &network->settings;
	const struct lepton__lane *lane = &network->lanes[0];
	size_t lanes = 0;
	for (int i = 0; i < network->lane_count; i++)
		lanes += network->lanes[i].bytes;
	for (int i = 0; i < graph->count; i++)
		if (graph->layers[i].out_size > INT32_MAX / lane->capacity)
			return lepton_error_set(err, LEPTON_E_SHAPE,
				"layers[%d] %s: its output is too large for a batch of %d; lower "
				"\"batch_size\"",
				i, graph->layers[i].ops->type, settings->batch_size);
	double arrays =
		(double)graph->floats * sizeof(float) * (1 + network->slot_count + settings->averaging.on);
	double need = (double)lanes + arrays;
	double have = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	if (have > 0 && need > have)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"the network needs %.1f GB, but this machine has %.1f GB; make it or \"batch_size\" "
			"smaller",
			need / 1e9, have / 1e9);
	return LEPTON_OK;
}

/* ---- making ---- */

/* May the parts of a batch run as one and leave their own bits? */
static bool parts_join(const struct lepton__network *network)
{
	const struct lepton__graph *graph = &network->graph;
	int batch = network->settings.batch_size;
	for (int i = 0; i < graph->count; i++)
		if (graph->layers[i].ops->whole_batch || graph->layers[i].out_size > INT32_MAX / batch)
			return false;
	return network->lanes[0].capacity <= LEPTON__PART_MAX && lepton__kernels_get()->joins_parts;
}

static int allocate_lanes(struct lepton__network *network, struct lepton_error *err)
{
	network->shares = !network->settings.privacy.on && lepton__join_shares(&network->graph);
	int count = network->lane_count = network->shares ? 1 : network->settings.micro_batches;
	int capacity = (network->settings.batch_size + count - 1) / count;
	network->lanes = lepton__calloc((size_t)count, sizeof *network->lanes);
	if (!network->lanes)
		return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for %d micro-batches", count);
	lepton__lane_plan_first(&network->lanes[0], &network->graph, capacity, count);
	for (int i = 1; i < count; i++)
		lepton__lane_plan(&network->lanes[i], &network->graph, capacity);
	int code = check_size(network, err);
	for (int i = 0; i < count && !code; i++)
		code = lepton__lane_allocate(&network->lanes[i], err);
	for (int i = 1; i < count && !code; i++)
		lepton__lane_share(&network->lanes[i], &network->graph, &network->lanes[0], i);
	return code;
}

static int allocate_arrays(struct lepton__network *network, struct lepton_error *err)
{
	size_t floats = (size_t)network->graph.floats;
	bool failed = false;
	network->weights = lepton__aligned(floats, sizeof(float));
	network->order = lepton__calloc((size_t)network->train, sizeof *network->order);
	for (int s = 0; s < network->slot_count; s++) {
		network->slots[s] = lepton__aligned(floats, sizeof(float));
		failed |= !network->slots[s];
	}
	if (failed || !network->weights || !network->order)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"out of memory for %" PRId64 " weights; make the network smaller",
			network->graph.values);
	return LEPTON_OK;
}

static int64_t steps_in_epoch(const struct lepton__network *network)
{
	return (network->train + network->settings.batch_size - 1) / network->settings.batch_size;
}

static int check_teacher(struct lepton__network *network, struct lepton_error *err)
{
	const struct lepton__loss_form *loss = &network->graph.loss;
	const struct lepton__teacher *teacher = &network->settings.teacher;
	if (loss->kind != LEPTON__CATEGORICAL_CROSS_ENTROPY || !loss->from_logits ||
		loss->outputs > LEPTON__CLASSES_MAX)
		return lepton_error_set(err, LEPTON_E_UNSUPPORTED,
			"a network learns from a teacher by categorical cross-entropy, and ends in a layer "
			"with \"activation\": "
			"\"softmax\"");
	network->graph.lesson = (struct lepton__lesson){teacher->share, teacher->temperature};
	return LEPTON_OK;
}

static int prepare(struct lepton__network *network, const cJSON *config, struct lepton_error *err)
{
	int code = lepton__settings_read(&network->settings, config, err);
	if (!code)
		code = lepton__graph_build(
			&network->graph, cJSON_GetObjectItemCaseSensitive(config, "layers"),
			network->settings.loss, err);
	if (!code)
		code = check_data(network, err);
	if (code)
		return code;
	if (network->settings.teacher.on && (code = check_teacher(network, err)))
		return code;
	lepton__schedule_plan(
		&network->settings.optimizer.schedule, steps_in_epoch(network), network->settings.epochs);
	code = lepton__pruning_plan(&network->settings.pruning, &network->graph, steps_in_epoch(network),
		network->settings.epochs, err);
	if (code)
		return code;
	if ((code = lepton__quantization_plan(&network->settings.quantization, &network->graph, err)))
		return code;
	if ((code = lepton__clustering_plan(&network->settings.clustering, &network->graph, err)))
		return code;
	code = lepton__averaging_plan(
		&network->settings.averaging, &network->graph, network->settings.epochs, err);
	if (code)
		return code;
	network->slot_count = network->settings.optimizer.slots;
	int64_t parts = (network->graph.trained + UPDATE_PART - 1) / UPDATE_PART;
	network->update_parts = parts < UPDATE_PARTS_MAX ? (int)parts : UPDATE_PARTS_MAX;
	if ((code = allocate_lanes(network, err)) || (code = allocate_arrays(network, err)))
		return code;
	code = lepton__privacy_plan(&network->settings.privacy, &network->graph, network->lane_count,
		network->lanes[0].capacity, network->seed, config, err);
	if (code)
		return code;
	for (int i = 0; network->settings.privacy.sums && i < network->lane_count; i++)
		network->lanes[i].spare = network->settings.privacy.sums + i * network->graph.floats;
	network->parts_join = parts_join(network);
	lepton__graph_init(&network->graph, network->seed, network->weights);
	return LEPTON_OK;
}

static void destroy(struct lepton_learner *learner)
{
	struct lepton__network *network = network_of(learner);
	if (!network)
		return;
	lepton__network_leave_int8(network);
	for (int i = 0; network->lanes && i < network->lane_count; i++)
		lepton__lane_free(&network->lanes[i]);
	for (int s = 0; s < LEPTON__SLOTS_MAX; s++)
		lepton__free(network->slots[s]);
	lepton__free(network->lanes);
	lepton__free(network->weights);
	lepton__free(network->near);
	lepton__free(network->order);
	lepton__pruning_free(&network->settings.pruning);
	lepton__averaging_free(&network->settings.averaging);
	lepton__clustering_free(&network->settings.clustering);
	lepton__quantization_free(&network->settings.quantization);
	lepton__teacher_free(&network->settings.teacher);
	lepton__privacy_free(&network->settings.privacy);
	lepton__graph_free(&network->graph);
	lepton_dataset_release(network->data);
	lepton__free(network);
}

static int create(const char *config, uint64_t seed, struct lepton_dataset *data, struct lepton_learner **out,
	struct lepton_error *err)
{
	struct lepton__network *network = lepton__calloc(1, sizeof *network);
	cJSON *parsed = config ? cJSON_Parse(config) : NULL;
	int code = LEPTON_OK;
	*out = NULL;
	if (!network) {
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a network");
		goto done;
	}
	network->learner.ops = &lepton__learner_network;
	network->data = lepton_dataset_retain(data);
	network->seed = seed;
	network->order_epoch = -1;
	network->train = lepton_dataset_count(data, LEPTON_TRAIN);
	const struct lepton_data_info *info = lepton_dataset_info(data);
	network->unit = info->regression ? info->target_scale * info->target_scale : 1;
	code = parsed ? prepare(network, parsed, err)
		      : lepton_error_set(err, LEPTON_E_SPEC, "network: the configuration is not JSON");
	if (!code) {
		*out = &network->learner;
		network = NULL;
	}
done:
	cJSON_Delete(parsed);
	destroy((struct lepton_learner *)network);
	return code;
}

static int64_t steps_per_epoch(const struct lepton_learner *learner)
{
	return steps_in_epoch(network_of_const(learner));
}

static int64_t epochs(const struct lepton_learner *learner)
{
	return network_of_const(learner)->settings.epochs;
}

const struct lepton_learner_ops lepton__learner_network = {
	.name = "network",
	.summary = "layers of neurons, trained by gradient descent",
	.create = create,
	.destroy = destroy,
	.step = lepton__network_step,
	.steps_per_epoch = steps_per_epoch,
	.epochs = epochs,
	.evaluate = lepton__network_evaluate,
	.predict = lepton__network_predict,
	.weights = lepton__network_weights,
	.set_weights = lepton__network_set_weights,
	.hold_near = lepton__network_hold_near,
	.learn_from = lepton__network_learn_from,
	.use_int8 = lepton__network_use_int8,
	.inputs = lepton__network_inputs,
	.outputs = lepton__network_outputs,
	.fisher = lepton__network_fisher,
	.save = lepton__network_save,
	.load = lepton__network_load,
};
