/* model/layers.c - the table of layers: adding a kind is one new file and one line here. */
#include "config.h"
#include "model/layers.h"

#include <string.h>

static const struct lepton_layer_ops *const table[] = {
	&lepton__layer_input,
	&lepton__layer_conv2d,
	&lepton__layer_max_pooling2d,
	&lepton__layer_flatten,
	&lepton__layer_dense,
	&lepton__layer_dropout,
	&lepton__layer_average_pooling2d,
	&lepton__layer_global_average_pooling2d,
	&lepton__layer_batch_normalization,
	&lepton__layer_embedding,
	&lepton__layer_global_average_pooling1d,
	&lepton__layer_random_translation,
	&lepton__layer_random_rotation,
	&lepton__layer_random_zoom,
};

#define COUNT (sizeof table / sizeof *table)

/* In the table's order; a test holds the two together. */
static const char *const types[COUNT + 1] = {"Input", "Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dropout",
	"AveragePooling2D", "GlobalAveragePooling2D", "BatchNormalization", "Embedding",
	"GlobalAveragePooling1D", "RandomTranslation", "RandomRotation", "RandomZoom", NULL};

const struct lepton_layer_ops *lepton__layer_find(const char *type)
{
	for (size_t i = 0; type && i < COUNT; i++)
		if (strcmp(table[i]->type, type) == 0)
			return table[i];
	return NULL;
}

const struct lepton__key *lepton__layer_keys(const char *type)
{
	const struct lepton_layer_ops *ops = lepton__layer_find(type);
	return ops ? ops->keys : NULL;
}

const char *const *lepton__layer_types(void)
{
	return types;
}
