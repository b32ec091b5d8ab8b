/* compress/stages.h - methods that can follow one another: prune, cluster, lowrank, entropy.
 *
 * Each stage changes a private copy of the weights, or the plans for writing them down, or both; the
 * payload is written once, after the last.
 */
#ifndef LEPTON_COMPRESS_STAGES_H
#define LEPTON_COMPRESS_STAGES_H

#include "compress/payload.h"
#include "lepton/compress.h"

struct lepton__stages {
	struct lepton_params *weights; /* a private copy */
	struct lepton__plan *plans;    /* one a tensor; at first: float32 to the bit */
	float **books;                 /* the code books or factors the plans refer to, heap */
	const struct lepton_option *options;
	const char *settings;
	char detail[256]; /* what each stage did */
};

typedef int lepton__stage(struct lepton__stages *stages, struct lepton_error *err);
lepton__stage lepton__stage_prune, lepton__stage_lowrank, lepton__stage_cluster, lepton__stage_entropy;

/* Biases and scalars: few, and felt by every output, so the stages leave them alone. */
static inline bool lepton__stage_spares(const struct lepton_tensor *tensor)
{
	return tensor->shape.rank < 2;
}
/* The step between levels: as so many bits reach the largest number, or, with bits 0, a share of the root mean square of
 * those that are not 0. Never so fine that a level would pass the coder's bound, nor 0 where there are numbers. */
float lepton__stage_step(const struct lepton_tensor *tensor, int bits, double share);
#define LEPTON__BIAS_BITS 8 /* of coded biases */
/* Add to the account. */
void lepton__stage_says(struct lepton__stages *stages, const char *fmt, ...) LEPTON_PRINTF(2, 3);

/* Run the stages, NULL-terminated, and write what they leave. */
int lepton__stages_encode(lepton__stage *const *list, const struct lepton_option *options,
	const struct lepton_params *weights, const char *settings, uint8_t **payload, size_t *size,
	struct lepton_compress_report *report, struct lepton_error *err) LEPTON_MUST_CHECK;
/* lepton_compressor's decode, for all of them. */
int lepton__stages_decode(const uint8_t *payload, size_t size, const struct lepton_params *base,
	struct lepton_params **weights, struct lepton_error *err) LEPTON_MUST_CHECK;

/* The method `title` that runs stages in a row, or one alone: lepton__compress_ID. */
#define LEPTON__ROW(id, title, words, table, ...)                                                            \
	static int encode_##id(const struct lepton_params *weights, const struct lepton_params *base,        \
		const char *settings, uint8_t **payload, size_t *size,                                       \
		struct lepton_compress_report *report, struct lepton_error *err)                             \
	{                                                                                                    \
		static lepton__stage *const list[] = {__VA_ARGS__, NULL};                                    \
		(void)base;                                                                                  \
		return lepton__stages_encode(list, table, weights, settings, payload, size, report, err);    \
	}                                                                                                    \
	const struct lepton_compressor lepton__compress_##id = {                                             \
		.name = title,                                                                               \
		.summary = words,                                                                            \
		.options = table,                                                                            \
		.encode = encode_##id,                                                                       \
		.decode = lepton__stages_decode,                                                             \
	}

/* What each stage can be told, for the tables of those that use it. */
#define LEPTON__PRUNE_OPTIONS                                                                                \
	{"sparsity", LEPTON_OPTION_NUMBER, 0.6, 0, 0.999, NULL,                                              \
		"share of the weights set to zero; biases are left alone"},                                  \
	{"retrain", LEPTON_OPTION_INTEGER, 0, 0, 100000, NULL,                                               \
		"epochs of training on while the weights go, in a version of its own; 0: none"},             \
	{                                                                                                    \
		"scope", LEPTON_OPTION_CHOICE, 0, 0, 0, "global|layer",                                      \
			"the smallest of the whole network or of each layer"                                 \
	}
#define LEPTON__LOWRANK_OPTIONS                                                                              \
	{"rank", LEPTON_OPTION_INTEGER, 0, 0, 1000000, NULL,                                                 \
		"of each kernel's product; 0: the least that keeps \"energy\""},                             \
	{                                                                                                    \
		"energy", LEPTON_OPTION_NUMBER, 0.98, 0, 1, NULL,                                            \
			"share of a kernel's squared singular values that is kept"                           \
	}
#define LEPTON__CLUSTER_OPTIONS                                                                              \
	{                                                                                                    \
		"clusters", LEPTON_OPTION_INTEGER, 16, 1, 4096, NULL,                                        \
			"shared values of each tensor, beside zero; biases are left alone"                   \
	}
#define LEPTON__CLUSTER_RETRAIN                                                                              \
	{                                                                                                    \
		"retrain", LEPTON_OPTION_INTEGER, 0, 0, 100000, NULL,                                        \
			"epochs in which the shared values learn, in a version of its own; 0: none"          \
	}
#define LEPTON__LAMBDA_OPTIONS                                                                               \
	{"lambda", LEPTON_OPTION_NUMBER, 0.05, 0, 10, NULL,                                                  \
		"what a bit is worth in squared steps; 0 rounds to the nearest"},                            \
	{                                                                                                    \
		"biases", LEPTON_OPTION_CHOICE, 0, 0, 0, "float32|coded",                                    \
			"tensors of rank 1: to the bit, or in even steps of 8 bits"                          \
	}
#define LEPTON__STEP_OPTIONS                                                                                 \
	{"step", LEPTON_OPTION_NUMBER, 0.5, 0.001, 8, NULL,                                                  \
		"between levels, as a share of the tensor's root mean square"},                              \
	{                                                                                                    \
		"bits", LEPTON_OPTION_INTEGER, 0, 0, 16, NULL,                                               \
			"step by the largest weight instead, as that many bits would; 0: by \"step\""        \
	}
#define LEPTON__OPTIONS_END                                                                                  \
	{                                                                                                    \
		NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL                                              \
	}

#endif
