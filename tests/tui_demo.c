/* tests/tui_demo.c - the foundation of the dashboard on a real terminal, to look at and for test_tui_pty.
 *
 * Shows a plot of made-up curves, awkward names, meters and the last key or mouse event. Keys: q quits, t
 * next theme, l log axis, s smoothing, e writes to standard error, ! crashes, arrows move the cross-hair, i a
 * picture, o something over it, u how pictures are drawn.
 */
#include "config.h"
#include "tui/boxes.h"
#include "tui/picture.h"
#include "tui/plot.h"
#include "tui/sparkline.h"
#include "tui/terminal.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POINTS 4000
#define CURVES 4

struct demo {
	struct lepton__terminal *terminal;
	struct lepton__theme theme;
	struct lepton__trace trace[CURVES];
	struct lepton__series series[CURVES];
	struct lepton__plot plot;
	char event[128], heard[128];
	size_t theme_number;
	int resizes;
	bool picture, window;
	enum lepton__pictures wish;
};

static float values[CURVES][POINTS];
static const char *const names[CURVES] = {"cnn", "größe-\xff-1", "日本語モデル", "e\xcc\x81te\xcc\x81"};

static void make_curves(struct demo *demo, double smoothing)
{
	uint32_t state = 1;
	for (int k = 0; k < CURVES; k++) {
		for (int i = 0; i < POINTS; i++) {
			state = state * 1664525u + 1013904223u;
			values[k][i] = (float)(0.08 + 0.05 * k + 2.3 * exp(-i / (90.0 + 60 * k)) +
					       0.05 * ((double)(state >> 8) / (1 << 24) - 0.3));
		}
		if (lepton__trace_update(
			    &demo->trace[k], values[k], POINTS - (size_t)k * 300, smoothing, NULL) != 0)
			abort();
		demo->series[k] = (struct lepton__series){
			.name = names[k], .trace = &demo->trace[k], .look = (size_t)k, .pinned = k == 1};
	}
}

static void draw_picture(const struct demo *demo, struct lepton__screen *screen)
{
	uint8_t pixels[28 * 28];
	struct lepton__picture picture = {28, 28, 1, pixels};
	for (int i = 0; i < 28 * 28; i++)
		pixels[i] = (uint8_t)((i % 28 - 14) * (i % 28 - 14) + (i / 28 - 14) * (i / 28 - 14));
	if (demo->picture)
		lepton__picture_draw(screen, 5, 40, &picture, 2, false);
	if (demo->window)
		lepton__screen_text(screen, 8, 36, -1, screen->base, "a window");
}

static void draw(struct demo *demo)
{
	struct lepton__screen *screen = lepton__terminal_screen(demo->terminal);
	struct lepton__layout layout;
	const struct lepton__theme *theme = &demo->theme;
	screen->base = lepton__theme_style(theme, LEPTON__MAIN);
	lepton__screen_clear(screen);
	if (!lepton__layout(screen->rows, screen->cols, CURVES, &layout)) {
		lepton__screen_text(screen, 0, 0, -1, screen->base, "too small: 60x18 is the least");
		lepton__terminal_flush(demo->terminal);
		return;
	}
	struct lepton__box box = {.title = "versions", .hot = '1', .role = LEPTON__LIST_BOX};
	struct lepton__rect in = lepton__box_draw(screen, theme, layout.list, &box);
	for (int k = 0; k < CURVES && k < in.rows; k++) {
		struct lepton__style style =
			lepton__theme_style(theme, k == 1 ? LEPTON__SELECTED : LEPTON__MAIN);
		struct lepton__rect row = {in.y + k, in.x, 1, in.cols};
		if (k == 1)
			lepton__screen_fill(screen, row, ' ', style);
		lepton__screen_text(screen, row.y, row.x + 1, 16, style, names[k]);
		lepton__sparkline_draw(screen, row.y, row.x + 18, 12, style, values[k], 400);
		lepton__progress_draw(
			screen, theme, row.y, row.x + 32, in.cols - 33, LEPTON__CPU, 0.2 + 0.25 * k);
	}
	box = (struct lepton__box){
		.title = "loss", .right = theme->name, .hot = '2', .role = LEPTON__CURVE_BOX, .focus = true};
	lepton__plot_draw(
		screen, theme, lepton__box_draw(screen, theme, layout.curves, &box), &demo->plot, NULL);
	box = (struct lepton__box){.title = "details", .role = LEPTON__DETAIL_BOX};
	lepton__box_draw(screen, theme, layout.details, &box);
	lepton__screen_textf(screen, layout.message.y, 0, -1, lepton__theme_style(theme, LEPTON__WARN),
		"%s | %s", demo->event, demo->heard);
	draw_picture(demo, screen);
	lepton__screen_textf(screen, layout.footer.y, 0, -1, lepton__theme_style(theme, LEPTON__MAIN),
		"%dx%d colors %d glyphs %d resizes %d", screen->cols, screen->rows,
		(int)lepton__terminal_colors(demo->terminal), (int)screen->glyphs, demo->resizes);
	lepton__terminal_flush(demo->terminal);
}

static void next_theme(struct demo *demo)
{
	char **list;
	size_t count;
	if (lepton__theme_names(&list, &count, NULL) != 0)
		return;
	if (lepton__theme_load(&demo->theme, list[demo->theme_number++ % count], NULL) != 0)
		lepton__theme_default(&demo->theme);
	lepton__theme_names_free(list);
}

static void crash(void)
{
	volatile uintptr_t nowhere = 64;
	*(volatile int *)nowhere = 1;
}

static bool act(struct demo *demo, const struct lepton__input *input)
{
	if (input->kind == LEPTON__INPUT_RESIZE) {
		demo->resizes++;
		return true;
	}
	if (input->kind == LEPTON__INPUT_MOUSE) {
		snprintf(demo->event, sizeof demo->event, "mouse %d button %d at %d,%d%s", (int)input->mouse,
			input->button, input->y, input->x, input->ctrl ? " ctrl" : "");
		return true;
	}
	snprintf(demo->event, sizeof demo->event, "key %x%s%s", (unsigned)input->key,
		input->alt ? " alt" : "", input->pasted ? " pasted" : "");
	if (input->key == 't')
		next_theme(demo);
	if (input->key == 'l')
		demo->plot.log_y = !demo->plot.log_y;
	if (input->key == 's')
		make_curves(demo, demo->trace[0].smoothing > 0 ? 0 : 0.95);
	if (input->key == 'i')
		demo->picture = !demo->picture;
	if (input->key == 'o')
		demo->window = !demo->window;
	if (input->key == 'u')
		lepton__terminal_pictures(demo->terminal, ++demo->wish % LEPTON__PICTURES);
	if (input->key == 'e')
		fprintf(stderr, "a library speaks\n");
	if (input->key == '!')
		crash();
	if (input->key == 'a')
		abort();
	if (input->key == LEPTON__KEY_RIGHT)
		demo->plot.cursor = isnan(demo->plot.cursor) ? 1000 : demo->plot.cursor + 50;
	return input->key != 'q';
}

static void hear(void *context, const char *line)
{
	struct demo *demo = context;
	snprintf(demo->heard, sizeof demo->heard, "heard: %s", line);
}

static void loop(struct demo *demo)
{
	for (bool on = true; on;) {
		int fds[3];
		struct pollfd poll_fds[3];
		draw(demo);
		size_t count = lepton__terminal_fds(demo->terminal, fds);
		for (size_t i = 0; i < count; i++)
			poll_fds[i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
		(void)poll(poll_fds, count, 1000);
		for (struct lepton__input input; on;) {
			input = lepton__terminal_next(demo->terminal);
			if (input.kind == LEPTON__INPUT_NONE)
				break;
			on = act(demo, &input);
		}
		on = on && lepton__terminal_signal(demo->terminal) == LEPTON__SIGNAL_NONE;
	}
}

/* The thread sanitizers of gcc 12 and clang 14 make a thread's list of signals to be delivered in its first
 * call that can wait. A signal in the middle of that makes a second list, which is then lost with the signal
 * in it. test_tui_pty sends signals just when the loop comes to its first poll, so the first wait is made
 * here. */
static void wait_once(void)
{
	(void)poll(NULL, 0, 0);
}

int main(int argc, char **argv)
{
	static struct demo demo;
	struct lepton_error err;
	struct lepton__terminal_options options = {
		.stderr_line = hear, .context = &demo, .no_mouse = getenv("DEMO_NO_MOUSE") != NULL};
	wait_once();
	int code = lepton__theme_load(&demo.theme, argc > 1 ? argv[1] : NULL, &err);
	if (code == 0)
		code = lepton__terminal_open(&options, &demo.terminal, &err);
	if (code != 0) {
		fprintf(stderr, "demo: %s\n", err.message);
		return lepton_error_exit_code(code);
	}
	make_curves(&demo, 0);
	lepton__plot_init(&demo.plot);
	demo.plot.series = demo.series;
	demo.plot.series_count = CURVES;
	demo.plot.x_label = "step";
	loop(&demo);
	lepton__terminal_close(demo.terminal);
	for (int k = 0; k < CURVES; k++)
		lepton__trace_free(&demo.trace[k]);
	printf("goodbye\n");
	return 0;
}
