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
	lepton__buffer_string(&out, "}");
	return finish(&out);
}
