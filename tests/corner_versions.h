/* corner_versions.h - versions of an engine_world.h on the rows of corner_make.h: a small one, and one deep enough that
 * matching its units goes on while a test speaks.
 */
#ifndef CORNER_VERSIONS_H
#define CORNER_VERSIONS_H

#include "corner_make.h"
#include "engine_world.h"

#include <string.h>

static inline int64_t add_net(struct world *w, const char *name, int epochs)
{
	char config[1024];
	corner_config(config, sizeof config, epochs, "");
	return add(w, name, "network", config);
}

static inline int64_t add_deep(struct world *w, const char *name)
{
	char config[4096] = "{\"layers\":[{\"type\":\"Input\",\"shape\":[16]}";
	for (int i = 0; i < 12; i++)
		strcat(config, ",{\"type\":\"Dense\",\"units\":192,\"activation\":\"relu\"}");
	strcat(config, ",{\"type\":\"Dense\",\"units\":2,\"activation\":\"softmax\"}],\"batch_size\":200,"
		       "\"epochs\":1}");
	return add(w, name, "network", config);
}

#endif
