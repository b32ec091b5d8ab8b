/* data/idx.c - the idx format of MNIST and its kin: four files in one folder.
 *
 * A file is: two zero bytes, the type of its numbers (0x08: unsigned byte), the number of dimensions,
 * each dimension as 32 bits big-endian, then the numbers. Images have three dimensions (count, height,
 * width), labels one. Each file may be plain (then it is mapped) or .gz (then it is inflated once),
 * and be named in either of the two ways that are about. Nothing of a header is believed before the
 * file's real length bears it out, so no header can make us take memory that is not needed.
 */
#include "config.h"
#include "data/formats.h"
#include "data/gunzip.h"
#include "base/bits.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GET_DATA "sh samples/get-data.sh mnist"
#define DIMS_MAX 3
#define SIDE_MAX 65535 /* of an image */
#define PATH_SHOWN 240 /* bytes of a path in a message */

struct kind {
	const char *noun;
	int rank;
	size_t header; /* bytes */
};
static const struct kind images_kind = {"images", 3, 16}, labels_kind = {"labels", 1, 8};

struct idx { /* one file, open and checked */
	char *path;
	struct lepton__block block;
	int64_t dim[DIMS_MAX];
	const uint8_t *values;
};

/* ---- finding the file ---- */

/* "train", "images", 3: train-images-idx3-ubyte, train-images.idx3-ubyte, and both with .gz. */
static int find(const char *folder, const char *part, const struct kind *kind, struct idx *idx,
	struct lepton_error *err)
{
	for (int i = 0; i < 4; i++) {
		lepton__free(idx->path);
		idx->path = lepton__format("%s/%s-%s%cidx%d-ubyte%s", folder, part, kind->noun,
			i % 2 ? '.' : '-', kind->rank, i < 2 ? "" : ".gz");
		if (!idx->path)
			return lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for a file name");
		int code = lepton__block_map(idx->path, &idx->block, err);
		if (code != LEPTON_E_NOTFOUND)
			return code;
	}
	return lepton_error_set(err, LEPTON_E_DATA,
		"no %s-%s-idx%d-ubyte nor %s-%s.idx%d-ubyte, plain or .gz, in %.*s; MNIST comes "
		"with: " GET_DATA,
		part, kind->noun, kind->rank, part, kind->noun, kind->rank, PATH_SHOWN, folder);
}

static bool is_gz(const char *path)
{
	size_t length = strlen(path);
	return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

/* ---- the header ---- */

static int check_magic(const struct kind *kind, const char *path, const uint8_t *header, size_t size,
	struct lepton_error *err)
{
	if (size >= 2 && header[0] == 0x1F && header[1] == 0x8B)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: compressed, but its name lacks .gz; rename it or gunzip it", PATH_SHOWN, path);
	if (size < kind->header)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: %zu bytes, expected at least the %zu of an idx header; fetch it again",
			PATH_SHOWN, path, size, kind->header);
	uint32_t magic = lepton__big_endian(header), expected = 0x800u | (uint32_t)kind->rank;
	if (magic != expected)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: not an idx file of %s: it begins with 0x%08" PRIX32 ", expected 0x%08" PRIX32,
			PATH_SHOWN, path, kind->noun, magic, expected);
	return LEPTON_OK;
}

/* Dimensions that no data set has are refused before they are multiplied. */
static int read_dims(const struct kind *kind, const char *path, const uint8_t *header, int64_t dim[DIMS_MAX],
	struct lepton_error *err)
{
	for (int i = 0; i < DIMS_MAX; i++)
		dim[i] = i < kind->rank ? (int64_t)lepton__big_endian(header + 4 + 4 * i) : 1;
	if (dim[0] < 1 || dim[0] > LEPTON__SAMPLES_MAX)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: its header says %" PRId64 " %s, expected 1 to %" PRId64, PATH_SHOWN, path,
			dim[0], kind->noun, LEPTON__SAMPLES_MAX);
	bool sane = dim[1] >= 1 && dim[1] <= SIDE_MAX && dim[2] >= 1 && dim[2] <= SIDE_MAX;
	if (!sane || dim[1] * dim[2] > LEPTON__SAMPLE_BYTES_MAX)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: its header says images of %" PRId64 "x%" PRId64
			", which no image this program reads has",
			PATH_SHOWN, path, dim[1], dim[2]);
	return LEPTON_OK;
}

static int wrong_length(const struct kind *kind, const struct idx *idx, const char *found, uint64_t expected,
	struct lepton_error *err)
{
	return lepton_error_set(err, LEPTON_E_DATA,
		"%.*s: holds %s bytes, expected %" PRIu64 " for the %" PRId64
		" %s its header says; fetch it again",
		PATH_SHOWN, idx->path, found, expected, idx->dim[0], kind->noun);
}

static uint64_t expected_size(const struct kind *kind, const struct idx *idx)
{
	return kind->header + (uint64_t)idx->dim[0] * (uint64_t)idx->dim[1] * (uint64_t)idx->dim[2];
}

/* ---- the contents ---- */

static int check_plain(const struct kind *kind, struct idx *idx, struct lepton_error *err)
{
	char found[24];
	int code = check_magic(kind, idx->path, idx->block.bytes, idx->block.size, err);
	if (!code)
		code = read_dims(kind, idx->path, idx->block.bytes, idx->dim, err);
	if (code)
		return code;
	snprintf(found, sizeof found, "%zu", idx->block.size);
	if (idx->block.size != expected_size(kind, idx))
		return wrong_length(kind, idx, found, expected_size(kind, idx), err);
	return LEPTON_OK;
}

/* The header of a compressed file, and whether its claim can be true at all. */
static int peek(const struct kind *kind, struct idx *idx, struct lepton_error *err)
{
	uint8_t header[16];
	size_t got;
	bool more;
	int code = lepton__gunzip(
		idx->path, idx->block.bytes, idx->block.size, header, kind->header, &got, &more, err);
	if (!code)
		code = check_magic(kind, idx->path, header, got, err);
	if (!code)
		code = read_dims(kind, idx->path, header, idx->dim, err);
	if (code)
		return code;
	uint64_t expected = expected_size(kind, idx);
	if (expected / LEPTON__GUNZIP_MAX_RATIO > idx->block.size)
		return wrong_length(kind, idx, "far fewer", expected, err);
	double memory = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
	if (memory > 0 && (double)expected > memory)
		return lepton_error_set(err, LEPTON_E_NOMEM,
			"%.*s: inflates to %.1f GB, but this machine has %.1f GB; gunzip it first",
			PATH_SHOWN, idx->path, (double)expected / 1e9, memory / 1e9);
	return LEPTON_OK;
}

static int inflate_all(const struct kind *kind, struct idx *idx, struct lepton_error *err)
{
	struct lepton__block inflated = {0};
	uint8_t *bytes;
	size_t got;
	bool more;
	char found[32];
	int code = peek(kind, idx, err);
	size_t expected = code ? 0 : (size_t)expected_size(kind, idx);
	if (!code)
		code = lepton__block_new(expected, &inflated, &bytes, err);
	if (!code)
		code = lepton__gunzip(
			idx->path, idx->block.bytes, idx->block.size, bytes, expected, &got, &more, err);
	if (!code && (more || got != expected)) {
		snprintf(found, sizeof found, more ? "more than %zu" : "%zu", got);
		code = wrong_length(kind, idx, found, expected, err);
	}
	if (code) {
		lepton__block_free(&inflated);
		return code;
	}
	lepton__block_free(&idx->block);
	idx->block = inflated;
	return LEPTON_OK;
}

static int open_one(const char *folder, const char *part, const struct kind *kind, struct idx *idx,
	struct lepton_error *err)
{
	int code = find(folder, part, kind, idx, err);
	if (!code)
		code = is_gz(idx->path) ? inflate_all(kind, idx, err) : check_plain(kind, idx, err);
	if (!code)
		idx->values = idx->block.bytes + kind->header;
	return code;
}

/* Images and their labels: as many of the ones as of the others. */
static int open_part(const char *folder, const char *name, struct lepton__part *part, int64_t sides[2],
	struct lepton_error *err)
{
	struct idx images = {0}, labels = {0};
	int code = open_one(folder, name, &images_kind, &images, err);
	if (!code)
		code = open_one(folder, name, &labels_kind, &labels, err);
	if (!code && images.dim[0] != labels.dim[0])
		code = lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: holds %" PRId64 " labels, but %s holds %" PRId64
			" images; they do not belong together",
			PATH_SHOWN / 2, labels.path, labels.dim[0], strrchr(images.path, '/') + 1,
			images.dim[0]);
	*part = (struct lepton__part){.count = images.dim[0],
		.pixels = images.values,
		.labels = labels.values,
		.blocks = {images.block, labels.block}};
	sides[0] = images.dim[1];
	sides[1] = images.dim[2];
	lepton__free(images.path);
	lepton__free(labels.path);
	return code;
}

/* ---- the set ---- */

/* Classes are counted over the whole training file. A number far beyond all others is damage, and the
 * network's complaint about hundreds of classes would lead astray. */
static int count_classes(const char *folder, struct lepton__samples *out, struct lepton_error *err)
{
	int64_t first[256], distinct = 0, largest = 0;
	memset(first, -1, sizeof first);
	for (int64_t i = 0; i < out->train.count; i++) {
		uint8_t label = out->train.labels[i];
		if (first[label] < 0) {
			first[label] = i;
			distinct++;
			largest = label > largest ? label : largest;
		}
	}
	out->classes = largest + 1;
	if (largest >= 32 && distinct * 2 <= largest)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: training label %" PRId64 " is %" PRId64 ", but there are only %" PRId64
			" different ones; the file is damaged",
			PATH_SHOWN, folder, first[largest], largest, distinct);
	for (int64_t i = 0; i < out->test.count; i++)
		if (out->test.labels[i] > largest)
			return lepton_error_set(err, LEPTON_E_DATA,
				"%.*s: test label %" PRId64
				" is %d, but the training labels go from 0 to %" PRId64,
				PATH_SHOWN, folder, i, out->test.labels[i], largest);
	return LEPTON_OK;
}

static int check_folder(const char *folder, struct lepton_error *err)
{
	struct stat info;
	if (stat(folder, &info) == 0 && !S_ISDIR(info.st_mode))
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: a file, expected the folder that holds the four idx files", PATH_SHOWN,
			folder);
	if (access(folder, F_OK) && errno == ENOENT)
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: no such folder; MNIST comes with: " GET_DATA, PATH_SHOWN, folder);
	return LEPTON_OK;
}

static int open_idx(
	const struct lepton_data_options *options, struct lepton__samples *out, struct lepton_error *err)
{
	int64_t train[2], test[2];
	int code = check_folder(options->path, err);
	if (!code)
		code = open_part(options->path, "train", &out->train, train, err);
	if (!code)
		code = open_part(options->path, "t10k", &out->test, test, err);
	if (code)
		return code;
	if (train[0] != test[0] || train[1] != test[1])
		return lepton_error_set(err, LEPTON_E_DATA,
			"%.*s: training images are %" PRId64 "x%" PRId64 ", but test images %" PRId64
			"x%" PRId64,
			PATH_SHOWN, options->path, train[0], train[1], test[0], test[1]);
	out->shape = (struct lepton_shape){3, {train[0], train[1], 1}};
	return count_classes(options->path, out, err);
}

const struct lepton__data_format lepton__format_idx = {"idx", open_idx, NULL};
