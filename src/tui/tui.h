/* tui/tui.h - the dashboard's way in. See src/README.md for the files of this room. */
#ifndef LEPTON_TUI_TUI_H
#define LEPTON_TUI_TUI_H

#include "lepton/lepton.h"

struct lepton_tui_options {
	const char *theme;  /* name or path of a .theme file; NULL: the default */
	bool ascii;         /* no braille or box characters */
	bool no_color;
	int notify;         /* of what ends: 0 in the message line, 1 with the bell, 2 on the desktop too */
	int pictures;       /* 0: as the settings say; else 1 for auto, 2 for kitty's graphics, 3 for sixels, 4 for half blocks */
	bool lines;         /* no screen: what happens as lines of text, commands by name */
	bool tour;          /* begin with the tour */
	const char *script; /* keys to play (tests, recordings); NULL: the person's */
	const char *config; /* the file of settings; NULL: the person's own, or none with a script */
	const char *record; /* an asciicast of the session; NULL: none */
	struct lepton__recorder *recorder;       /* these two are lepton_tui_run's own */
	struct lepton__preferences *preferences;
};

#define LEPTON_TUI_CORES 512
struct lepton_tui_machine { /* NaN where unknown */
	int cores;
	float busy[LEPTON_TUI_CORES]; /* 0 to 1 */
	double total, available, own; /* bytes of memory; own: of the program that trains */
};

/* Where commands go: to the engine's process, or nowhere in a replay. */
struct lepton_tui_link {
	int (*submit)(void *context, const struct lepton_command *command, struct lepton_error *err);
	/* next event: 1 and *event, 0 none waiting */
	int (*next)(void *context, struct lepton_event *event);
	/* How busy the machine is that trains: 1 and *out, 0 nothing new. NULL: it is this one. */
	int (*machine)(void *context, struct lepton_tui_machine *out);
	/* Of an attached dashboard: ask for another role; what came of it, 1 when there is news, as lepton_client_role says. NULL: it
	 * always steers. */
	int (*ask_role)(void *context, enum lepton_role role, struct lepton_error *err);
	int (*role)(void *context, enum lepton_role *now, struct lepton_error *refused);
	enum lepton_role begins_as;
	/* A version's points with steps in [from, to] out of the store, as lepton_store_load_history. NULL: there is none. */
	int (*history)(void *context, int64_t version, int64_t from, int64_t to, int64_t most, struct lepton_history *out,
			struct lepton_error *err);
	int wake_fd; /* polls readable while events wait; -1: none */
	bool can_detach; /* the run can go on without this dashboard */
	bool attached;   /* it did before: leaving does not end it */
	int64_t pid;     /* of the process that trains; 0: this one */
	void *context;
};

/* The actions with their keys as that file of settings (NULL: the person's own) has them; what is wrong in the file
 * (LEPTON_E_SPEC where anything is); the manual page, with the options' part given. Heap texts, lepton__free. */
int lepton_tui_keys(const char *config, char **out, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton_tui_check_config(const char *config, char **out, struct lepton_error *err) LEPTON_MUST_CHECK;
int lepton_tui_manual(const char *options, char **out, struct lepton_error *err) LEPTON_MUST_CHECK;

/* Run the dashboard until the person leaves. `run` is what is known already (the dashboard goes on folding
 * events into it; stays the caller's). *detached (may be NULL): the run is to go on without it. Returns 0, or an error before the screen was taken (not a terminal,
 * too dumb, unknown theme) or after it was given back. */
int lepton_tui_run(const struct lepton_tui_options *options, const struct lepton_tui_link *link, struct lepton_run *run,
		bool *detached, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
