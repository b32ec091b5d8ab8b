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
