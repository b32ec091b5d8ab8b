/* tui/views.c - the table of views. */
#include "config.h"
#include "tui/views.h"

const struct lepton__view *const lepton__views[LEPTON__VIEWS] = {
	[LEPTON__VIEW_VERSIONS] = &lepton__view_versions,
	[LEPTON__VIEW_COMPARE] = &lepton__view_compare,
	[LEPTON__VIEW_LINEAGE] = &lepton__view_lineage,
	[LEPTON__VIEW_DEPLOY] = &lepton__view_deploy,
	[LEPTON__VIEW_LOG] = &lepton__view_log,
	[LEPTON__VIEW_CLASSES] = &lepton__view_classes,
	[LEPTON__VIEW_SIZE] = &lepton__view_size,
	[LEPTON__VIEW_MACHINE] = &lepton__view_machine,
	[LEPTON__VIEW_QUEUE] = &lepton__view_queue,
	[LEPTON__VIEW_NODES] = &lepton__view_nodes,
};

long lepton__scroll_last(const struct lepton__scroll *scroll)
{
	return scroll->total > scroll->page ? scroll->total - scroll->page : 0;
}

bool lepton__scroll_move(struct lepton__scroll *scroll, enum lepton__move how)
{
	long page = scroll->page > 1 ? scroll->page - 1 : 1,
	     last = lepton__scroll_last(scroll);
	switch (how) {
	case LEPTON__UP:
		scroll->top--;
		break;
	case LEPTON__DOWN:
		scroll->top++;
		break;
	case LEPTON__PAGE_UP:
		scroll->top -= page;
		break;
	case LEPTON__PAGE_DOWN:
		scroll->top += page;
		break;
	case LEPTON__FIRST:
		scroll->top = 0;
		break;
	case LEPTON__LAST:
		scroll->top = last;
		break;
	default:
		return false;
	}
	scroll->top = scroll->top > last ? last : scroll->top < 0 ? 0 : scroll->top;
	return true;
}

long lepton__row_selected(const struct lepton__app *app, const size_t *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (app->dash.extras[rows[i]].id == app->dash.selected)
			return (long)i;
	return 0;
}

long lepton__row_after(const struct lepton__app *app, enum lepton__move how, long row, long total)
{
	long page = app->scroll[app->view].page;
	struct lepton__scroll at = {.top = row, .page = 1, .total = total}; /* a scroll whose "top" is the row */
	bool by_page = how == LEPTON__PAGE_UP || how == LEPTON__PAGE_DOWN;
	for (long i = 0; i < (by_page && page > 1 ? page - 1 : 1); i++)
		lepton__scroll_move(&at, how);
	return at.top;
}

void lepton__rows_move(struct lepton__app *app, enum lepton__move how, const size_t *rows, size_t count)
{
	if (!count)
		return;
	long row = lepton__row_after(app, how, lepton__row_selected(app, rows, count), (long)count);
	app->dash.selected = app->dash.extras[rows[row]].id;
}
