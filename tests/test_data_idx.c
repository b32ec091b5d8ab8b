/* The idx loader on good files in every spelling, and on damaged ones: cut at each length, each bit of each
 * header flipped, grown, swapped, forged. Every case ends in data that is right or in LEPTON_E_DATA with the
 * file's name.
 */
#include "config.h"
#include "data_make.h"

#include <sys/stat.h>

static void refused(const char *folder, const char *words)
{
	struct lepton_dataset *d;
	struct lepton_error err;
	int code = open_folder(folder, &d, &err);
	assert_int_equal(code, LEPTON_E_DATA);
	assert_int_equal(err.code, code);
	assert_null(d);
	if (!strstr(err.message, words))
		fail_msg("\"%s\" does not say \"%s\"", err.message, words);
}

static void accepted(const char *folder, char hash[LEPTON_HASH_HEX])
{
	struct lepton_dataset *d;
	struct lepton_error err;
	if (open_folder(folder, &d, &err))
		fail_msg("%s", err.message);
	memcpy(hash, lepton_dataset_info(d)->hash, LEPTON_HASH_HEX);
	lepton_dataset_release(d);
}

/* Write file f as plain or .gz under the name with a dash or a dot; the other spellings go. */
static void spell(const char *folder, int f, bool dot, bool gz)
{
	char name[64];
	struct bytes plain = idx_bytes(f), packed = gz_of(&plain);
	drop_file(folder, make_files[f]);
	snprintf(name, sizeof name, "%s%s", make_files[f], gz ? ".gz" : "");
	if (dot)
		*(strstr(name, "-idx")) = '.';
	put_file(folder, name, gz ? packed.at : plain.at, gz ? packed.size : plain.size);
}

static void test_spellings(void **state)
{
	(void)state;
	for (int mask = 0; mask < 16; mask++) {
		char folder[64], name[64], hash[LEPTON_HASH_HEX], first[LEPTON_HASH_HEX];
		make_folder(folder);
		accepted(folder, first);
		for (int f = 0; f < 4; f++)
			spell(folder, f, (mask + f) & 1, (mask >> f) & 1);
		accepted(folder, hash);
		assert_string_equal(hash, first);
		for (int f = 0; f < 4; f++) {
			snprintf(name, sizeof name, "%s%s", make_files[f], (mask >> f) & 1 ? ".gz" : "");
			if ((mask + f) & 1)
				*(strstr(name, "-idx")) = '.';
			drop_file(folder, name);
		}
		drop_folder(folder);
	}
}

static void test_missing(void **state)
{
	(void)state;
	char folder[64], file[128];
	make_folder(folder);
	path_in(file, sizeof file, folder, make_files[0]);
	refused(file, "expected the folder");
	drop_file(folder, make_files[2]);
	refused(folder, "t10k-images-idx3-ubyte");
	refused(folder, "t10k-images.idx3-ubyte");
	refused(folder, folder);
	refused(folder, "sh samples/get-data.sh mnist");
	path_in(file, sizeof file, folder, make_files[2]);
	assert_int_equal(mkdir(file, 0700), 0);
	refused(folder, "not a regular file");
	assert_int_equal(rmdir(file), 0);
	assert_int_equal(mkfifo(file, 0600), 0);
	refused(folder, "not a regular file"); /* and does not wait for a writer */
	drop_folder(folder);
	refused(folder, "no such folder");
}

static void test_cut_at_each_length(void **state)
{
	(void)state;
	char folder[64], hash[LEPTON_HASH_HEX];
	make_folder(folder);
	for (int f = 0; f < 4; f++) {
		struct bytes b = idx_bytes(f);
		for (size_t size = 0; size < b.size; size++) {
			put_file(folder, make_files[f], b.at, size);
			refused(folder, make_files[f]);
		}
		b.at[b.size] = 0;
		put_file(folder, make_files[f], b.at, b.size + 1);
		refused(folder, "expected");
		put_file(folder, make_files[f], b.at, b.size);
	}
	accepted(folder, hash);
	struct bytes images = idx_bytes(0);
	put_file(folder, make_files[0], images.at, 100);
	refused(folder, "holds 100 bytes, expected 136 for the 20 images");
	drop_folder(folder);
}

/* No flip of a header's bit leaves a file whose length fits its header. */
static void test_header_bits(void **state)
{
	(void)state;
	char folder[64];
	make_folder(folder);
	for (int f = 0; f < 4; f++) {
		struct bytes b = idx_bytes(f);
		for (size_t bit = 0; bit < 8 * (f % 2 ? 8u : 16u); bit++) {
			b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
			put_file(folder, make_files[f], b.at, b.size);
			refused(folder, make_files[f]);
			b.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		put_file(folder, make_files[f], b.at, b.size);
	}
	drop_folder(folder);
}

static void test_forged_dimensions(void **state)
{
	(void)state;
	static const uint32_t forged[][3] = {{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, {0x7FFFFFFF, 65535, 65535},
		{0x7FFFFFFF, 16384, 16384}, {0, 3, 2}, {20, 0, 2}, {20, 3, 0}, {20, 65536, 1},
		{1, 65535, 65535}, {0x80000000, 1, 1}, {20, 2, 2}};
	char folder[64];
	make_folder(folder);
	for (size_t c = 0; c < sizeof forged / sizeof *forged; c++) {
		struct bytes b = {.size = 0}, good = idx_bytes(0);
		put_u32(&b, 0x803);
		for (int i = 0; i < 3; i++)
			put_u32(&b, forged[c][i]);
		memcpy(b.at + 16, good.at + 16, good.size - 16);
		b.size = good.size;
		put_file(folder, make_files[0], b.at, b.size);
		refused(folder, make_files[0]);
		struct bytes packed =
			gz_of(&b); /* the same claims, compressed: refused before any memory is taken */
		drop_file(folder, make_files[0]);
		put_file(folder, "train-images-idx3-ubyte.gz", packed.at, packed.size);
		refused(folder, "train-images-idx3-ubyte.gz");
		drop_file(folder, "train-images-idx3-ubyte.gz");
	}
	drop_folder(folder);
}

static void test_disagreements(void **state)
{
	(void)state;
	char folder[64];
	make_folder(folder);
	struct bytes test_images = idx_bytes(2), test_labels = idx_bytes(3), labels = idx_bytes(1),
		     other = {.size = 0};
	put_file(folder, make_files[0], labels.at, labels.size);
	refused(folder, "begins with 0x00000801, expected 0x00000803");
	struct bytes images = idx_bytes(0);
	put_file(folder, make_files[0], images.at, images.size);
	put_file(folder, make_files[1], test_labels.at, test_labels.size);
	refused(folder, "holds 5 labels, but train-images-idx3-ubyte holds 20 images");
	put_file(folder, make_files[1], labels.at, labels.size);
	put_u32(&other, 0x803); /* 5 images of 2x3 */
	put_u32(&other, 5);
	put_u32(&other, 2);
	put_u32(&other, 3);
	memcpy(other.at + 16, test_images.at + 16, 30);
	put_file(folder, make_files[2], other.at, 46);
	refused(folder, "training images are 3x2, but test images 2x3");
	put_file(folder, make_files[2], test_images.at, test_images.size);
	test_labels.at[8 + 3] = 9;
	put_file(folder, make_files[3], test_labels.at, test_labels.size);
	refused(folder, "test label 3 is 9, but the training labels go from 0 to 3");
	test_labels.at[8 + 3] = 0;
	put_file(folder, make_files[3], test_labels.at, test_labels.size);
	labels.at[8 + 6] = 200;
	put_file(folder, make_files[1], labels.at, labels.size);
	refused(folder, "training label 6 is 200");
	drop_folder(folder);
}

/* ---- compressed ---- */

/* A flip that passes (the time stamp, bits that pad the last byte) must leave the data as it was. */
static void test_gz_cut_and_flipped(void **state)
{
	(void)state;
	char folder[64], hash[LEPTON_HASH_HEX], good[LEPTON_HASH_HEX];
	const char *name = "train-images-idx3-ubyte.gz";
	make_folder(folder);
	accepted(folder, good);
	struct bytes plain = idx_bytes(0), packed = gz_of(&plain);
	drop_file(folder, make_files[0]);
	for (size_t size = 0; size < packed.size; size++) {
		put_file(folder, name, packed.at, size);
		refused(folder, name);
	}
	for (size_t bit = 0; bit < 8 * packed.size; bit++) {
		struct lepton_dataset *d;
		struct lepton_error err;
		packed.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		put_file(folder, name, packed.at, packed.size);
		int code = open_folder(folder, &d, &err);
		packed.at[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (code) {
			assert_int_equal(code, LEPTON_E_DATA);
			assert_non_null(strstr(err.message, name));
			continue;
		}
		assert_string_equal(lepton_dataset_info(d)->hash, good);
		lepton_dataset_release(d);
	}
	put_file(folder, name, packed.at, packed.size);
	accepted(folder, hash);
	drop_folder(folder);
}

static void test_gz_length(void **state)
{
	(void)state;
	char folder[64], hash[LEPTON_HASH_HEX], good[LEPTON_HASH_HEX];
	const char *name = "train-images-idx3-ubyte.gz";
	make_folder(folder);
	accepted(folder, good);
	struct bytes plain = idx_bytes(0), packed;
	drop_file(folder, make_files[0]);
	plain.size++;
	packed = gz_of(&plain);
	put_file(folder, name, packed.at, packed.size);
	refused(folder, "holds more than 136 bytes, expected 136");
	plain.size -= 2;
	packed = gz_of(&plain);
	put_file(folder, name, packed.at, packed.size);
	refused(folder, "holds 135 bytes, expected 136");
	plain.size++;
	put_file(folder, name, plain.at, plain.size);
	refused(folder, "not a gzip file");
	drop_file(folder, name);
	packed = gz_of(&plain);
	put_file(folder, make_files[0], packed.at, packed.size);
	refused(folder, "compressed, but its name lacks .gz");
	drop_file(folder, make_files[0]);
	struct bytes front = {.size = 70}, back = {.size = plain.size - 70}, both;
	memcpy(front.at, plain.at, 70);
	memcpy(back.at, plain.at + 70, back.size);
	both = gz_of(&front);
	back = gz_of(&back);
	memcpy(both.at + both.size, back.at,
		back.size); /* two members are one file, as cat a.gz b.gz makes */
	put_file(folder, name, both.at, both.size + back.size);
	accepted(folder, hash);
	assert_string_equal(hash, good);
	memcpy(both.at + both.size + back.size, "rubbish", 7);
	put_file(folder, name, both.at, both.size + back.size + 7);
	refused(folder, "damaged");
	drop_folder(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_cut_at_each_length),
		cmocka_unit_test(test_header_bits),
		cmocka_unit_test(test_forged_dimensions),
		cmocka_unit_test(test_disagreements),
		cmocka_unit_test(test_gz_cut_and_flipped),
		cmocka_unit_test(test_gz_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
