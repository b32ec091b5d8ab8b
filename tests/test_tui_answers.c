/* tests/test_tui_answers.c - what a terminal sends behind an ESC: keys come out as keys, answers as answers,
 * and neither as the other, wherever the bytes are cut and whatever is wrong with them.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tui/terminal_parts.h"

#include <stdlib.h>
#include <string.h>

struct heard { /* keys, Alt as 0x1000000 */
	uint32_t keys[256];
	size_t count;
};

static struct lepton__sequence sequence;
static double now;

static void hear(struct heard *heard, const struct lepton__input *input)
{
	if (input->kind != LEPTON__INPUT_KEY)
		return;
	assert_true(heard->count < 256);
	heard->keys[heard->count++] = input->key | (input->alt ? 0x1000000u : 0);
}

static void feed(struct heard *heard, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		struct lepton__input input;
		if (!lepton__sequence_take(&sequence, (unsigned char)bytes[i], now, &input))
			input = (struct lepton__input){
				.kind = LEPTON__INPUT_KEY, .key = (unsigned char)bytes[i]};
		hear(heard, &input);
	}
}

static void rest(struct heard *heard)
{
	struct lepton__input input = lepton__sequence_pause(&sequence, now);
	hear(heard, &input);
}

static void begin(bool asked)
{
	sequence = (struct lepton__sequence){.state = 0};
	now = 1000;
	if (asked)
		assert_non_null(
			strstr(lepton__answers_ask(&sequence.answers, LEPTON__ASK_KITTY, now), "\x1b[c"));
}

static struct heard play(const char *bytes)
{
	struct heard heard = {.count = 0};
	feed(&heard, bytes, strlen(bytes));
	rest(&heard);
	return heard;
}

static void test_keys(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		uint32_t key;
	} cases[] = {{"x", 'x'}, {"\x1b", LEPTON__KEY_ESC}, {"\x1bx", 0x1000000 | 'x'},
		{"\x1b[", 0x1000000 | '['}, {"\x1b_", 0x1000000 | '_'}, {"\x1b[1;2A", LEPTON__KEY_SHIFT_UP},
		{"\x1b[120;3ux", 'x'}, {"\x1b[57441;2ux", 'x'}, {"\x1b[3~", LEPTON__KEY_DELETE},
		{"\x1b[12\x1b[3~", LEPTON__KEY_DELETE}, {"\x1b[1\x02x", 'x'}, {"\x1b[6;16;8tx", 'x'}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin(false);
		struct heard heard = play(cases[i].bytes);
		assert_int_equal(heard.count, 1);
		assert_int_equal(heard.keys[0], cases[i].key);
	}
}

static void check_full_answer(void)
{
	const struct lepton__terminal_answers *answers = &sequence.answers;
	assert_true(answers->kitty && answers->sixel && answers->done && answers->news);
	assert_int_equal(answers->cell_height, 18);
	assert_int_equal(answers->cell_width, 9);
	assert_int_equal(answers->registers, 256);
}

static const char full_answer[] = "\x1b_Gi=31;OK\x1b\\\x1b[?1;0;1024S\x1b[6;18;9t\x1b[?62;4;22c";

/* Cut anywhere, with a pause there in which the reader finds nothing: an ESC alone has to be the key, all
 * else is heard as the answer; 'q' behind it is a key. */
static void test_cut_anywhere(void **state)
{
	(void)state;
	const size_t size = sizeof full_answer - 1;
	for (size_t cut = 0; cut <= size; cut++)
		for (size_t again = cut; again <= size; again += 3) {
			struct heard heard = {.count = 0};
			begin(true);
			feed(&heard, full_answer, cut);
			rest(&heard);
			now += 0.2;
			feed(&heard, full_answer + cut, again - cut);
			rest(&heard);
			feed(&heard, full_answer + again, size - again);
			check_full_answer();
			for (size_t i = 0; i < heard.count; i++)
				assert_int_equal(heard.keys[i], LEPTON__KEY_ESC);
			feed(&heard, "q", 1);
			assert_int_equal(heard.keys[heard.count - 1], 'q');
		}
}

static void test_attributes(void **state)
{
	(void)state;
	static const struct {
		const char *answer;
		bool sixel, done;
	} cases[] = {{"\x1b[?62;4;22c", true, true}, {"\x1b[?1;2;4c", true, true},
		{"\x1b[?1;2c", false, true}, {"\x1b[?4;6c", false, true}, /* a VT132: 4 is its class */
		{"\x1b[?64;14;40c", false, true}, {"\x1b[?6c", false, true}, {"\x1b[?62;4;22", false, false},
		{"\x1b[62;4c", false, false}, {"\x1b[?62;4xc", false, false}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		begin(true);
		play(cases[i].answer);
		assert_int_equal(sequence.answers.sixel, cases[i].sixel);
		assert_int_equal(sequence.answers.done, cases[i].done);
		assert_int_equal(lepton__answers_awaited(&sequence.answers, now), !cases[i].done);
	}
	assert_false(lepton__answers_awaited(&sequence.answers, now + 60));
}

static void test_what_cannot_be_believed(void **state)
{
	(void)state;
	static const char *const sizes[] = {"6;0;0t", "6;-1;8t", "6;16t", "6;16;8;3t", "6;99999999999;8t",
		"6;16;100000t", "6;1;1t", "4;16;8t", "6;16;8x"};
	static const char *const colors[] = {
		"?1;0;1S", "?1;3;0S", "?1;0;-4S", "?2;0;256S", "?1;0S", "?1;0;16T"};
	begin(true);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		(void)lepton__answers_csi(&sequence.answers, sizes[i]);
	for (size_t i = 0; i < sizeof colors / sizeof *colors; i++)
		(void)lepton__answers_csi(&sequence.answers, colors[i]);
	assert_int_equal(sequence.answers.cell_height, 0);
	assert_int_equal(sequence.answers.registers, 0);
	(void)lepton__answers_csi(&sequence.answers, "?1;0;16S");
	assert_int_equal(sequence.answers.registers, 16);
	lepton__answers_apc(&sequence.answers, "Gi=31;ENOTSUPPORTED:no");
	lepton__answers_apc(&sequence.answers, "Gi=32;OK");
	lepton__answers_apc(&sequence.answers, "Gi=31");
	lepton__answers_apc(&sequence.answers, "");
	assert_false(sequence.answers.kitty);
	lepton__answers_apc(&sequence.answers, "Gi=31;OK");
	assert_true(sequence.answers.kitty);
}

/* Longer than any answer: swallowed to its end, and then keys are keys. */
static void test_very_long(void **state)
{
	(void)state;
	static const char *const around[][2] = {
		{"\x1b[?62;4;", "c"}, {"\x1b_Gi=31;", "\x1b\\"}, {"\x1b_", "\x07"}};
	for (size_t i = 0; i < sizeof around / sizeof *around; i++)
		for (size_t length = 80; length < 100000; length = length < 110 ? length + 1 : length * 10) {
			struct heard heard = {.count = 0};
			begin(true);
			feed(&heard, around[i][0], strlen(around[i][0]));
			for (size_t k = 0; k < length; k++)
				feed(&heard, "4", 1);
			feed(&heard, around[i][1], strlen(around[i][1]));
			assert_int_equal(heard.count, 0);
			feed(&heard, "q", 1);
			assert_int_equal(heard.count, 1);
			assert_int_equal(heard.keys[0], 'q');
			assert_false(sequence.answers.kitty);
		}
}

/* Half an answer that never goes on: soon, keys are keys again. */
static void test_forgotten(void **state)
{
	(void)state;
	static const char *const halves[] = {"\x1b[?62;4", "\x1b_Gi=31;O", "\x1b_", "\x1b[", "\x1b_G\x1b"};
	for (size_t i = 0; i < sizeof halves / sizeof *halves; i++) {
		begin(true);
		(void)play(halves[i]);
		now += 0.6;
		struct heard heard = play("q");
		assert_int_equal(heard.count, 1);
		assert_int_equal(heard.keys[0], 'q');
	}
}

/* How far the frames have come is counted, and no key, however the answers are cut. */
static void test_frames_that_came(void **state)
{
	(void)state;
	static const char answers[] = "\x1b[0n\x1b[3n\x1b[0nq";
	for (size_t cut = 0; cut < sizeof answers; cut++) {
		struct heard heard = {.count = 0};
		begin(false);
		assert_true(lepton__pace_ask(&sequence.pace, 100, now));
		feed(&heard, answers, 4);
		for (int i = 0; i < 3; i++)
			assert_true(lepton__pace_ask(&sequence.pace, 100, now));
		feed(&heard, answers, cut);
		feed(&heard, answers + cut, sizeof answers - 1 - cut);
		assert_int_equal(sequence.pace.count, 0);
		assert_int_equal(heard.count, 1);
		assert_int_equal(heard.keys[0], 'q');
	}
}

static void test_garbage(void **state)
{
	(void)state;
	static const char letters[] = "\x1b\x1b[_\\?;;;0123456789GiOK=31cStuAq\x07\x7f\x80\xff ~";
	uint32_t seed = 1;
	begin(true);
	for (int round = 0; round < 20000; round++) {
		struct heard heard = {.count = 0};
		for (int i = 0; i < 20; i++) {
			seed = seed * 1664525u + 1013904223u;
			feed(&heard, &letters[(seed >> 8) % (sizeof letters - 1)], 1);
		}
		rest(&heard);
		assert_true(sequence.answers.cell_height == 0 ||
			    lepton__is_cell_size(sequence.answers.cell_height, sequence.answers.cell_width));
		now += 0.01;
	}
	now += 1;
	struct heard heard = play("q");
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.keys[0], 'q');
}

/* What stands between the marks is pasted, line ends and all; a mark that never comes is not waited for. */
static void test_paste(void **state)
{
	(void)state;
	begin(false);
	struct heard heard = play("\x1b[200~dq\r");
	assert_int_equal(heard.count, 3);
	assert_int_equal(heard.keys[2], '\r');
	assert_true(lepton__sequence_pasting(&sequence, now + 1));
	heard = play("y\x1b[201~");
	assert_int_equal(heard.count, 1);
	assert_false(lepton__sequence_pasting(&sequence, now));
	heard = play("\x1b[201~x"); /* an end without a beginning */
	assert_int_equal(heard.count, 1);
	assert_false(lepton__sequence_pasting(&sequence, now));
	(void)play("\x1b[200~d");
	now += 1.5;
	(void)play("q");
	now += 1.5; /* each character counts anew */
	assert_true(lepton__sequence_pasting(&sequence, now));
	now += 3;
	heard = play("q");
	assert_int_equal(heard.count, 1);
	assert_false(lepton__sequence_pasting(&sequence, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_what_cannot_be_believed),
		cmocka_unit_test(test_very_long),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_paste),
		cmocka_unit_test(test_frames_that_came),
		cmocka_unit_test(test_garbage),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
