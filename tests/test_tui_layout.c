/* tests/test_tui_layout.c - what must hold of every layout, at every size: inside, apart, big enough. */
#include "config.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/pareto.h"
#include "tui/layout.h"

#include <string.h>

static bool inside(struct lepton__rect a, struct lepton__rect b)
{
	return a.y >= b.y && a.x >= b.x && a.rows >= 0 && a.cols >= 0 && a.y + a.rows <= b.y + b.rows &&
	       a.x + a.cols <= b.x + b.cols;
}

static bool overlap(struct lepton__rect a, struct lepton__rect b)
{
	return !lepton__rect_empty(a) && !lepton__rect_empty(b) && a.y < b.y + b.rows && b.y < a.y + a.rows &&
	       a.x < b.x + b.cols && b.x < a.x + a.cols;
}

static int cells(struct lepton__rect rect)
{
	return lepton__rect_empty(rect) ? 0 : rect.rows * rect.cols;
}

static void check_layout(int rows, int cols, int versions)
{
	struct lepton__layout l;
	struct lepton__rect screen = {0, 0, rows, cols};
	assert_true(lepton__layout(rows, cols, versions, &l));
	const struct lepton__rect panes[] = {
		l.header, l.list, l.curves, l.second, l.details, l.message, l.footer};
	int covered = 0;
	for (size_t i = 0; i < 7; i++) {
		covered += cells(panes[i]);
		assert_true(inside(panes[i], screen));
		for (size_t j = i + 1; j < 7; j++)
			if (overlap(panes[i], panes[j]))
				fail_msg("%dx%d with %d versions: panes %zu and %zu overlap", cols, rows,
					versions, i, j);
	}
	assert_int_equal(covered, rows * cols); /* nothing is wasted */
	for (size_t i = 1; i < 5; i++)
		assert_true(lepton__rect_empty(panes[i]) || inside(panes[i], l.body));
	assert_true(l.list.rows >= 5 && l.list.cols >= 40);
	assert_true(l.curves.rows >= 8 && l.curves.cols >= 40);
	assert_true(l.header.rows == 1 && l.message.rows == 1 && l.footer.rows == 1);
	assert_true(lepton__rect_empty(l.details) || (l.details.rows >= 4 && l.details.cols >= 40));
	assert_true(lepton__rect_empty(l.second) || (l.second.rows >= 8 && l.second.cols >= 40));
}

static void test_all_sizes(void **state)
{
	(void)state;
	static const int counts[] = {0, 1, 4, 17, 300};
	for (int rows = 18; rows <= 120; rows++)
		for (int cols = 60; cols <= 400; cols += cols < 130 ? 1 : 7)
			for (size_t i = 0; i < 5; i++)
				check_layout(rows, cols, counts[i]);
}

static void test_too_small(void **state)
{
	(void)state;
	struct lepton__layout l, zero;
	memset(&zero, 0, sizeof zero);
	for (int rows = 0; rows < 30; rows++)
		for (int cols = 0; cols < 80; cols++) {
			bool fits = rows >= 18 && cols >= 60;
			memset(&l, 0x55, sizeof l);
			assert_int_equal(lepton__layout(rows, cols, 3, &l), fits);
			if (!fits)
				assert_memory_equal(&l, &zero, sizeof l);
		}
}

static void test_cuts(void **state)
{
	(void)state;
	struct lepton__rect rect = {2, 3, 10, 20}, rest;
	for (int size = -25; size <= 25; size++) {
		struct lepton__rect cut = lepton__rect_rows(rect, size, &rest);
		assert_true(inside(cut, rect) && inside(rest, rect) && !overlap(cut, rest));
		assert_int_equal(cells(cut) + cells(rest), 200);
		cut = lepton__rect_cols(rect, size, &rest);
		assert_true(inside(cut, rect) && inside(rest, rect) && !overlap(cut, rest));
		assert_int_equal(cells(cut) + cells(rest), 200);
		assert_true(inside(lepton__rect_center(rect, size, size * 2), rect));
		if (size >= 0)
			assert_true(inside(lepton__rect_inner(rect, size), rect));
	}
}

static void test_parts_and_tiles(void **state)
{
	(void)state;
	struct lepton__rect rect = {1, 2, 37, 111};
	for (int n = 1; n <= 40; n++) {
		int across = 0, stacked = 0;
		for (int i = 0; i < n; i++) {
			struct lepton__rect tile = lepton__rect_tile(rect, i, n, 4, 12);
			across += lepton__rect_part(rect, i, n, false).cols;
			stacked += lepton__rect_part(rect, i, n, true).rows;
			assert_true(inside(tile, rect));
			assert_true(tile.rows == 0 || (tile.rows >= 4 && tile.cols >= 12));
			for (int j = 0; j < i; j++)
				assert_false(overlap(tile, lepton__rect_tile(rect, j, n, 4, 12)));
		}
		assert_int_equal(across, 111);
		assert_int_equal(stacked, 37);
	}
	assert_true(lepton__rect_empty(lepton__rect_tile(rect, 0, 200, 4, 12)));
	assert_true(lepton__rect_has(rect, 1, 2) && lepton__rect_has(rect, 37, 112) &&
		    !lepton__rect_has(rect, 38, 2));
}

/* By hand: 2 beats 4 and 5, 3 is worse than 2 for more; equals are both there; NaN is no offer. */
static void test_pareto(void **state)
{
	(void)state;
	struct lepton__offer offers[] = {{1, 0.5, false}, {10, 0.9, false}, {11, 0.8, false}, {10, 0.7, false}, {12, 0.9, false},
		{1, 0.5, false}, {20, 0.95, false}, {0.5, (double)NAN, true}};
	static const bool front[] = {true, true, false, false, false, true, true, false};
	lepton__pareto(offers, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(offers[i].front, front[i]);
	lepton__pareto(offers, 0);
}

/* Pages: every pane inside and apart from the others, none smaller than asked for unless all would be, and
 * every item on the page of one of them. */
static void check_page(int rows, int cols, size_t count)
{
	struct lepton__rect rect = {2, 3, rows, cols};
	for (size_t at = 0; at <= count; at++) {
		struct lepton__page page = lepton__page_of(rect, count, at, 6, 24);
		assert_true(page.shown > 0 && page.first + page.shown <= count);
		assert_true(at == count || (at >= page.first && at < page.first + page.shown));
		assert_true(page.shown == count || (rows >= 12 || page.down == 1));
		for (size_t i = 0; i < page.shown; i++) {
			struct lepton__rect a = lepton__page_cell(rect, &page, i);
			assert_true(inside(a, rect) && !lepton__rect_empty(a));
			assert_true(a.rows >= (rows < 6 ? rows : 6) && a.cols >= (cols < 24 ? cols : 24));
			for (size_t j = i + 1; j < page.shown; j++)
				assert_false(overlap(a, lepton__page_cell(rect, &page, j)));
		}
		assert_true(lepton__rect_empty(lepton__page_cell(rect, &page, page.shown)));
	}
}

static void test_pages(void **state)
{
	(void)state;
	for (int rows = 1; rows < 121; rows += rows < 40 ? 1 : 20)
		for (int cols = 1; cols < 401; cols += cols < 60 ? 7 : 61)
			for (size_t count = 1; count < 60; count += 1 + count / 6)
				check_page(rows, cols, count);
	assert_int_equal(lepton__page_of((struct lepton__rect){0, 0, 0, 10}, 5, 0, 6, 24).shown, 0);
	assert_int_equal(lepton__page_of((struct lepton__rect){0, 0, 10, 10}, 0, 0, 6, 24).shown, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_pareto),
		cmocka_unit_test(test_all_sizes),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_parts_and_tiles),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
