/* tests/test_tui_pictures.c - images as sixels and in kitty's protocol, read back pixel by pixel. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "picture_read.h"
#include "tui/graphics.h"

#include <stdlib.h>
#include <string.h>

/* ---- sixels ---- */

static struct lepton__picture any_picture(
	uint8_t *pixels, int height, int width, int channels, uint32_t levels)
{
	struct lepton__picture picture = {height, width, channels, pixels};
	for (int i = 0; i < height * width * channels; i++)
		pixels[i] = (uint8_t)(any(levels) * 255 / (levels > 1 ? levels - 1 : 1));
	return picture;
}

static int percent_of(const struct lepton__picture *picture, int y, int x, int c)
{
	uint8_t value = picture->pixels[(y * picture->width + x) * picture->channels +
					(picture->channels == 3 ? c : 0)];
	return (int)(value / 255.0 * 100 + 0.5);
}

static struct image decoded;

static void encode_and_decode(const struct lepton__picture *picture, int factor, int registers)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 24);
	lepton__sixel(picture, factor, registers, &out);
	assert_false(out.failed);
	assert_string_equal(read_sixel(out.data, &decoded), "");
	assert_int_equal(decoded.height, picture->height * factor);
	assert_int_equal(decoded.width, picture->width * factor);
	assert_int_equal(decoded.painted, decoded.height * decoded.width);
	assert_true(decoded.registers <= registers);
	lepton__buffer_free(&out);
}

static void check_exact(const struct lepton__picture *picture, int factor)
{
	encode_and_decode(picture, factor, 256);
	for (int y = 0; y < decoded.height; y++)
		for (int x = 0; x < decoded.width; x++)
			for (int c = 0; c < 3; c++)
				assert_int_equal(
					decoded.rgb[y][x][c], percent_of(picture, y / factor, x / factor, c));
}

static void test_sixels(void **state)
{
	(void)state;
	static uint8_t pixels[64 * 64 * 3];
	for (int round = 0; round < 60; round++) {
		int height = 1 + (int)any(30), width = 1 + (int)any(30), factor = 1 + (int)any(8);
		struct lepton__picture grey = any_picture(pixels, height, width, 1, 256);
		check_exact(&grey, factor);
		struct lepton__picture color = any_picture(pixels, height, width, 3, 1 + any(6));
		check_exact(&color, factor); /* at most 216 colours */
	}
}

/* By hand: two columns of two pixels, white and black, five times as large. */
static void test_sixel_bytes(void **state)
{
	(void)state;
	static const uint8_t pixels[] = {255, 0, 0, 0};
	struct lepton__picture picture = {2, 2, 1, pixels};
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 16);
	lepton__sixel(&picture, 5, 256, &out);
	assert_string_equal(out.data, "\x1bP0;1;0q\"1;1;10;10#0;2;0;0;0#1;2;100;100;100"
				      "#0!5_!5~$#1!5^-#0!10N\x1b\\");
	lepton__buffer_free(&out);
}

/* Many colours in few registers: the mean error is that of a sensible choice, and two clear groups stay
 * apart. */
static void test_few_registers(void **state)
{
	(void)state;
	static uint8_t pixels[64 * 64 * 3];
	struct lepton__picture picture = any_picture(pixels, 64, 64, 3, 256);
	static const struct {
		int registers;
		double most;
	} cases[] = {{16, 16}, {64, 11}, {256, 7.5}}; /* percent; all of one colour: 25 */
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		double error = 0;
		encode_and_decode(&picture, 1, cases[i].registers);
		assert_int_equal(decoded.registers, cases[i].registers);
		for (int y = 0; y < 64; y++)
			for (int x = 0; x < 64; x++)
				for (int c = 0; c < 3; c++)
					error += abs(decoded.rgb[y][x][c] - percent_of(&picture, y, x, c));
		error /= 64 * 64 * 3;
		if (error > cases[i].most)
			fail_msg("%d registers: mean error %.2f", cases[i].registers, error);
	}
	for (int i = 0; i < 64 * 64; i++)
		for (int c = 0; c < 3; c++)
			pixels[3 * i + c] = (uint8_t)(i % 7 == 0 ? 200 + any(20) : any(20));
	encode_and_decode(&picture, 1, 2);
	for (int y = 0; y < 64; y++)
		for (int x = 0; x < 64; x++)
			assert_int_equal(decoded.rgb[y][x][0] > 50, (y * 64 + x) % 7 == 0);
}

/* ---- kitty's protocol ---- */

static struct command command;

static void check_kitty(const struct lepton__picture *picture, int factor)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 24);
	lepton__kitty_send(picture, factor, 77, &out);
	assert_false(out.failed);
	assert_string_equal(read_command(out.data, &command), "");
	assert_int_equal(strncmp(command.keys, "a=T,f=24,o=z,", 13), 0);
	assert_int_equal(key_of(&command, ",i="), 77);
	assert_int_equal(key_of(&command, ",C="), 1);
	unpack(&command, &decoded);
	assert_int_equal(decoded.height, picture->height * factor);
	assert_int_equal(decoded.width, picture->width * factor);
	for (int y = 0; y < decoded.height; y++)
		for (int x = 0; x < decoded.width; x++)
			for (int c = 0; c < 3; c++)
				assert_int_equal(decoded.rgb[y][x][c],
					picture->pixels[(y / factor * picture->width + x / factor) *
								picture->channels +
							(picture->channels == 3 ? c : 0)]);
	lepton__buffer_free(&out);
}

static void test_kitty(void **state)
{
	(void)state;
	static uint8_t pixels[64 * 64 * 3];
	for (int round = 0; round < 30; round++) {
		int height = 1 + (int)any(28), width = 1 + (int)any(28), factor = 1 + (int)any(6);
		struct lepton__picture grey = any_picture(pixels, height, width, 1, 256);
		check_kitty(&grey, factor);
		struct lepton__picture color = any_picture(pixels, height, width, 3, 256);
		check_kitty(&color, factor);
	}
	struct lepton__picture large = any_picture(pixels, 64, 64, 3, 256); /* does not pack at all */
	check_kitty(&large, 1);
	assert_int_equal(command.chunks, 5); /* 12,288 bytes are 16,384 characters and a little more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sixels),
		cmocka_unit_test(test_sixel_bytes),
		cmocka_unit_test(test_few_registers),
		cmocka_unit_test(test_kitty),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
