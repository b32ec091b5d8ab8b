/* tui/actions.h - THE table of everything the dashboard can do.
 *
 * One entry says an action's name, keys, words and function; the key map, the bottom line, the
 * palette, the help of each view and the manual page are all made from it, so that they cannot
 * disagree. An action that is not possible now says why instead of doing nothing.
 */
#ifndef LEPTON_TUI_ACTIONS_H
#define LEPTON_TUI_ACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lepton__app;

enum lepton__view_id {
	LEPTON__VIEW_VERSIONS, LEPTON__VIEW_COMPARE, LEPTON__VIEW_LINEAGE, LEPTON__VIEW_DEPLOY, LEPTON__VIEW_LOG, LEPTON__VIEW_CLASSES,
	LEPTON__VIEW_SIZE, LEPTON__VIEW_MACHINE, LEPTON__VIEW_QUEUE, LEPTON__VIEW_NODES,
	LEPTON__VIEWS,
};
enum lepton__group { LEPTON__MOVING, LEPTON__CHOOSING, LEPTON__STEERING, LEPTON__MAKING, LEPTON__CURVE_GROUP, LEPTON__PROGRAM,
	LEPTON__GROUPS };

struct lepton__action {
	const char *id;    /* "pause": stable, for the configuration and the manual */
	const char *keys;  /* "Down j": names of keymap.h; the first is shown */
	const char *mouse; /* where to click, in words; NULL: on its name in the bottom line or palette */
	const char *label; /* one or two words for the bottom line */
	const char *title; /* a line for the palette and the help */
	const char *help;  /* a sentence more; NULL: the title says it all */
	enum lepton__group group;
	unsigned views;    /* bits of the views where it makes sense */
	int rank;          /* place on the bottom line, lowest first; 0: not there */
	bool dangerous;    /* asks once before it acts */
	/* NULL: always. *why, where false, is for the person. */
	bool (*possible)(const struct lepton__app *app, const char **why);
	void (*run)(struct lepton__app *app);
	const char *(*now)(const struct lepton__app *app); /* the label as things stand ("resume"); NULL: always `label` */
};

extern const struct lepton__action lepton__actions[];
size_t lepton__action_count(void);
extern const char *const lepton__group_names[LEPTON__GROUPS];

const struct lepton__action *lepton__action_find(const char *id); /* NULL: none */
/* The action of a key in a view; NULL: none. */
const struct lepton__action *lepton__action_for_key(enum lepton__view_id view, uint32_t key);
bool lepton__action_possible(const struct lepton__app *app, const struct lepton__action *action, const char **why);
/* Do it, or say why not. */
void lepton__action_run(struct lepton__app *app, const struct lepton__action *action);
/* The first key as people read it: "Space", "p", "^L". */
void lepton__action_key(const struct lepton__action *action, char *out, size_t size);

#endif
