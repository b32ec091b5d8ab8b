/* lepton/compress.h - making weights small.
 *
 * A compressor turns a set of weights into a blob and back. The blob is self-describing (names,
 * shapes, tables: everything needed to rebuild), checksummed, and its decoder checks every length
 * before it allocates. Sizes quoted are always the whole blob's. One file a method; compress.c
 * holds the table. Format: src/compress/FORMAT.md.
 */
#ifndef LEPTON_COMPRESS_H
#define LEPTON_COMPRESS_H

#include "lepton/option.h"
#include "lepton/tensor.h"

struct lepton_compress_report {
	int64_t raw_bytes, bytes; /* float32 before; whole blob after */
	double relative_error;    /* ‖rebuilt − weights‖ / ‖weights‖ over all tensors */
	char base_hash[LEPTON_HASH_HEX]; /* "" for none */
	char detail[256];         /* e.g. "alpha 0.98 (least squares), residual 8 bits" */
};

struct lepton_compressor {
	const char *name;    /* "delta", "quantize", "prune,entropy" */
	const char *summary; /* one line */
	bool needs_base;     /* takes, and decodes with, another version's weights */
	bool trees;          /* for the weights of trees, and no others */
	const struct lepton_option *options;
	/* weights → payload, heap, released by compress.c, which puts the envelope round it. `settings` is a
	 * checked JSON object (text or NULL). base is NULL unless needs_base. Must not write into its inputs.
	 * Leaves its one-line account in report->detail. */
	int (*encode)(const struct lepton_params *weights, const struct lepton_params *base, const char *settings,
			uint8_t **payload, size_t *size, struct lepton_compress_report *report, struct lepton_error *err);
	/* The payload only, after compress.c has checked the envelope. */
	int (*decode)(const uint8_t *payload, size_t size, const struct lepton_params *base, struct lepton_params **weights,
			struct lepton_error *err);
};

LEPTON_API const struct lepton_compressor *const *lepton_compressors(void); /* NULL-terminated table */
/* "auto": not in the table, since it is no method but the engine's search among them; it needs data to score by, and
 * lepton_compress refuses it. */
LEPTON_API extern const struct lepton_compressor lepton_compress_auto;
/* "slim": not in the table either, since it makes another network, with fewer units, whose weights are then kept as they are. */
LEPTON_API extern const struct lepton_compressor lepton_compress_slim;
/* "distil": nor this, since it trains a smaller network. */
LEPTON_API extern const struct lepton_compressor lepton_compress_distil;
LEPTON_API int lepton_compressor_find(const char *name, const struct lepton_compressor **out, struct lepton_error *err)
		LEPTON_MUST_CHECK; /* LEPTON_E_NOTFOUND lists the methods and suggests */

/* Check settings, encode, decode what was encoded (so the caller evaluates what a user will get), report.
 * *blob and *rebuilt are new references. */
LEPTON_API int lepton_compress(const char *method, const struct lepton_params *weights, const struct lepton_params *base,
		const char *settings, struct lepton_params **blob, struct lepton_params **rebuilt,
		struct lepton_compress_report *report, struct lepton_error *err) LEPTON_MUST_CHECK;
/* Rebuild from any blob: envelope (magic, version, method, base hash, checksum) says how. base may be
 * NULL when the blob needs none; LEPTON_E_CORRUPT, LEPTON_E_NOTFOUND (base missing or another one). */
LEPTON_API int lepton_decompress(const void *blob, size_t size, const struct lepton_params *base,
		struct lepton_params **weights, struct lepton_error *err) LEPTON_MUST_CHECK;
/* The hash of the base a blob needs ("" for none), after checking its envelope. */
LEPTON_API int lepton_blob_base(const void *blob, size_t size, char *hash, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
