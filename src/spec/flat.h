/* spec/flat.h - a version's configuration as rows of dotted key and value, for details, comparing, completing. */
#ifndef LEPTON_SPEC_FLAT_H
#define LEPTON_SPEC_FLAT_H

#include <stdbool.h>
#include <stddef.h>

struct lepton__flat_row {
	char *key;   /* "optimizer.learning_rate" */
	char *value; /* as the spec would have it, strings bare */
	bool inner;  /* inside the layers: "layers.1.filters"; the row "layers" sums them up */
};
struct lepton__flat {
	struct lepton__flat_row *items; /* in the configuration's own order */
	size_t count, capacity;
};

/* Flatten a JSON object; what is not one gives no rows. False when out of memory (what fitted is kept). */
bool lepton__flat_read(struct lepton__flat *settings, const char *json);
void lepton__flat_free(struct lepton__flat *settings);
const char *lepton__flat_get(const struct lepton__flat *settings, const char *key); /* NULL: not there */

#endif
