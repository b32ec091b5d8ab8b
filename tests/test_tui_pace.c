/* tests/test_tui_pace.c - frames over made-up lines of so many bytes a second and such a way: what is under
 * way when a frame goes is counted by the line itself, whatever the pace thinks.
 */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tui/terminal_parts.h"

#define ANSWERS 4096

struct line {
	double rate, way;    /* bytes a second; seconds there and back */
	double now, free;    /* free: what was sent last is at the other end */
	double due[ANSWERS]; /* when each answer comes */
	size_t asked, answered;
	int answers; /* the terminal gives so many, then none */
	struct lepton__pace pace;
	size_t frames, bytes;
	double worst; /* seconds that a frame stood behind others, after the first answer */
};

static void hear(struct line *line, double until)
{
	while (line->answered < line->asked && (int)line->answered < line->answers &&
		line->due[line->answered] <= until)
		lepton__pace_heard(&line->pace, line->due[line->answered++]);
	line->now = until;
}

static void send_frame(struct line *line, size_t bytes)
{
	double begins = line->free > line->now ? line->free : line->now;
	if (line->pace.answers && begins - line->now > line->worst)
		line->worst = begins - line->now;
	line->free = begins + (double)bytes / line->rate;
	line->frames++;
	line->bytes += bytes;
	if (lepton__pace_ask(&line->pace, bytes, line->now)) {
		assert_true(line->asked < ANSWERS);
		line->due[line->asked++] = line->free + line->way;
	}
}

/* Something is to be drawn every `each` seconds; the first frame is the whole screen. */
static void play(struct line *line, double seconds, double each, size_t bytes)
{
	double next = line->now, end = line->now + seconds;
	if (!line->frames)
		send_frame(line, 4); /* the question ahead */
	for (; line->now < end; hear(line, line->now + 0.01)) {
		if (line->now < next || lepton__pace_held(&line->pace, line->now) > 0)
			continue;
		send_frame(line, line->frames > 1 ? bytes : 10000);
		next = line->now + each;
	}
}

/* Whatever its way, who has bandwidth is never held up: as many frames as without. */
static void test_long_line(void **state)
{
	(void)state;
	for (double way = 0.001; way < 2; way *= 3) {
		struct line line = {.rate = 1e6, .way = way, .answers = ANSWERS};
		play(&line, 60, 0.25, 500);
		assert_in_range(line.frames, 230, 241);
		assert_true(line.worst <= 0);
	}
}

/* On a slow one a frame never stands behind others for longer than the line's way and what nobody
 * notices, and yet the line is used. */
static void test_slow_line(void **state)
{
	(void)state;
	for (double rate = 100; rate <= 3000; rate *= 2) {
		struct line line = {.rate = rate, .way = 0.1, .now = 1, .answers = ANSWERS};
		play(&line, 10000 / rate + 10, 0.25, 700); /* to the end of the first */
		assert_true(line.worst < 0.1 + 0.2 + 0.05);
		line.worst = 0;
		size_t before = line.bytes;
		play(&line, 100, 0.05, 700);
		double frame = 700 / rate;
		if (line.worst > 0.1 + 0.2 + 0.05)
			fail_msg("%g bytes a second: a frame stood %g s behind others", rate, line.worst);
		assert_true((double)(line.bytes - before) > 0.5 * rate * (100 - frame));
	}
}

/* A terminal that never answers is asked a few times and never waited for. */
static void test_silent(void **state)
{
	(void)state;
	struct line line = {.rate = 1000, .now = 1};
	play(&line, 600, 0.25, 100);
	assert_in_range(line.frames, 2300, 2401);
	assert_in_range(line.asked, 1, 6);
}

/* One that answers no more: each frame waits its time, three times, and then never again. */
static void test_falls_silent(void **state)
{
	(void)state;
	struct line line = {.rate = 1e6, .now = 1, .answers = 5};
	play(&line, 5, 0.25, 100);
	size_t before = line.frames;
	double begun = line.now;
	play(&line, 40, 0.25, 100);
	assert_true(line.frames - before < 160 && line.frames - before > 40);
	assert_true(line.asked < 5 + 4 * LEPTON__PACE_FRAMES);
	before = line.frames;
	size_t asked = line.asked;
	play(&line, 40, 0.25, 100);
	assert_in_range(line.frames - before, 155, 161);
	assert_int_equal(line.asked, asked);
	assert_true(line.now > begun);
}

/* Answers to nothing, and late ones, do no harm; what was asked before a suspend is forgotten. */
static void test_odd_answers(void **state)
{
	(void)state;
	struct lepton__pace pace = {.count = 0};
	lepton__pace_heard(&pace, 1);
	assert_false(pace.answers);
	for (int turn = 0; turn < 100; turn++) {
		assert_true(lepton__pace_ask(&pace, 10, 2));
		lepton__pace_heard(&pace, 2.1);
		lepton__pace_heard(&pace, 2.1);
		assert_int_equal(pace.count, 0);
	}
	for (int i = 0; i < LEPTON__PACE_FRAMES; i++)
		assert_true(lepton__pace_ask(&pace, 10, 3));
	assert_false(lepton__pace_ask(&pace, 10, 3));
	assert_true(lepton__pace_held(&pace, 3) > 3);
	for (int i = 1; i < LEPTON__PACE_FRAMES; i++)
		lepton__pace_heard(&pace, 3.1);
	assert_int_equal(pace.count, 1);
	assert_true(lepton__pace_held(&pace, 3.2) <= 0);
	assert_true(lepton__pace_held(&pace, 3.4) > 3.4); /* it is late */
	lepton__pace_forget(&pace);
	assert_true(lepton__pace_held(&pace, 4) <= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_slow_line),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_falls_silent),
		cmocka_unit_test(test_odd_answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
