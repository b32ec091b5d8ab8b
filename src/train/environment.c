/* train/environment.c - what a run was made on and with, as JSON, for its summary. */
#include "config.h"
#include "train/engine_parts.h"
#include "base/json.h"
#include "base/memory.h"
#include "tensor/kernels.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)1 << 20)
#define FEATURES_NAMED 1000

static void cpu_name(char *out, size_t size)
{
	char line[256];
	FILE *file = fopen("/proc/cpuinfo", "re");
	lepton__copy_name(out, size, "unknown");
	while (file && fgets(line, sizeof line, file)) {
		char *colon = strchr(line, ':');
		if (strncmp(line, "model name", 10) != 0 || !colon)
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		lepton__copy_name(out, size, colon[1] == ' ' ? colon + 2 : colon + 1);
		break;
	}
	if (file)
		fclose(file);
}

static struct lepton_text *finish(struct lepton__buffer *out)
{
	struct lepton_text *text = out->failed ? NULL : lepton_text_new(out->data);
	lepton__buffer_free(out);
	return text;
}

struct lepton_text *lepton__environment(int workers)
{
	char cpu[128];
	struct lepton__buffer out;
	cpu_name(cpu, sizeof cpu);
	lepton__buffer_init(&out, TEXT_MAX);
	lepton__buffer_string(&out, "{\"cpu\":");
	lepton__json_string(&out, cpu);
	lepton__buffer_printf(
		&out, ",\"cores\":%ld,\"workers\":%d,\"kernels\":", sysconf(_SC_NPROCESSORS_ONLN), workers);
	lepton__json_string(&out, lepton__kernels_get()->name);
	lepton__buffer_string(&out, ",\"blas\":");
	lepton__json_string(&out, openblas_get_config());
	lepton__buffer_string(&out, ",\"blas_core\":");
	lepton__json_string(&out, openblas_get_corename());
	lepton__buffer_string(&out, ",\"lepton\":\"" PACKAGE_VERSION "\"}");
	return finish(&out);
}

static void add_names(
	struct lepton__buffer *out, const char *key, const char *const *names, int64_t count)
{
	lepton__buffer_printf(out, ",\"%s\":[", key);
	for (int64_t i = 0; i < count; i++) {
		lepton__buffer_string(out, i ? "," : "");
		lepton__json_string(out, names[i]);
	}
	lepton__buffer_string(out, "]");
}

/* What the figures of a table, or of texts, mean. Very many names would only make every event stream longer. */
static void describe_table(struct lepton__buffer *out, const struct lepton_data_info *info)
{
	int64_t features = lepton_shape_count(&info->sample);
	lepton__buffer_string(out, ",\"task\":");
	lepton__json_string(out, info->regression ? "regression" : "classification");
	lepton__buffer_string(out, ",\"target\":");
	lepton__json_string(out, info->target);
	if (info->features && features <= FEATURES_NAMED)
		add_names(out, "features", info->features, features);
	if (info->class_names)
		add_names(out, "class_names", info->class_names, info->classes);
}

struct lepton_text *lepton__data_description(const struct lepton_dataset *data)
{
	const struct lepton_data_info *info = lepton_dataset_info(data);
	char shape[96];
	struct lepton__buffer out;
	lepton_shape_format(&info->sample, shape, sizeof shape);
	lepton__buffer_init(&out, TEXT_MAX);
	lepton__buffer_string(&out, "{\"format\":");
	lepton__json_string(&out, info->format);
	lepton__buffer_string(&out, ",\"path\":");
	lepton__json_string(&out, info->path ? info->path : "");
	lepton__buffer_printf(&out,
		",\"train\":%lld,\"validation\":%lld,\"test\":%lld,\"sample\":%s,\"classes\":%lld,\"hash\":",
		(long long)info->train, (long long)info->validation, (long long)info->test, shape,
		(long long)info->classes);
	lepton__json_string(&out, info->hash);
	if (info->features || info->tokens)
		describe_table(&out, info);
	lepton__buffer_string(&out, "}");
	return finish(&out);
}
