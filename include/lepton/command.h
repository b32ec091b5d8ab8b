/* lepton/command.h - the one queue of commands: everything anyone asks of the engine.
 *
 * Each command is answered by one LEPTON_EVENT_REPLY with its ticket. Commands on versions take
 * effect at the next slice boundary (within 20 ms); compress, fuse, evaluate, barrier and preview run in
 * the background on snapshots and answer when they end (progress comes as LEPTON_EVENT_JOB).
 */
#ifndef LEPTON_COMMAND_H
#define LEPTON_COMMAND_H

#include "lepton/event.h"

enum lepton_command_type {
	LEPTON_CMD_PAUSE, LEPTON_CMD_RESUME, LEPTON_CMD_STOP, LEPTON_CMD_ARCHIVE, LEPTON_CMD_RESTORE,
	LEPTON_CMD_CLONE,    /* one version; name; settings */
	LEPTON_CMD_COMPRESS, /* one version, then its base where the method needs one; method; name or ""; settings */
	LEPTON_CMD_FUSE,     /* two or more versions; method; name or ""; settings */
	LEPTON_CMD_PROMOTE,  /* one version; alias */
	LEPTON_CMD_ROLLBACK, /* alias */
	LEPTON_CMD_PRIORITY, /* value */
	LEPTON_CMD_EVALUATE, /* score on validation and test */
	LEPTON_CMD_BARRIER,  /* two versions; settings: lepton_barrier_options. What was measured is the detail of the job's last
	                      * event. No versions: give up the barriers that are being measured or wait */
	LEPTON_CMD_PREVIEW,  /* two or more versions: every way to fuse them, scored; the rows so far are the detail of the job's
	                      * events. No versions: give up the previews that are being made or wait */
	LEPTON_CMD_CHECKPOINT, /* capture now; no versions = all */
	LEPTON_CMD_TAG,      /* settings: {"tags": "+big -old"}, changes; a word "=" takes away all that are there */
	LEPTON_CMD_NOTE,     /* settings: {"note": "…"}, "" for none; UTF-8 of at most 2,000 bytes */
	LEPTON_CMD_KEEP,     /* one version: mark a checkpoint of it in the store, so that it stays; settings: "step" (without: its newest),
	                      * "drop": true takes the mark away. The reply's result is the step */
	LEPTON_CMD_GC,       /* drop what the store need not keep, pack the rest; the reply says what came of it, in lines */
	LEPTON_CMD_QUIT,     /* checkpoint what runs, then end */
};

struct lepton_command {
	enum lepton_command_type type;
	uint64_t ticket;  /* chosen by the sender */
	int count;        /* versions; 0 where none is needed */
	int64_t versions[LEPTON_MAX_PARENTS]; /* ids */
	char name[LEPTON_NAME_MAX];   /* of the version to make */
	char method[LEPTON_NAME_MAX]; /* compressor or fuser */
	char alias[LEPTON_NAME_MAX];  /* "production" */
	double value;
	struct lepton_text *settings; /* JSON object: method settings, or hyper-parameters to change by dotted key; NULL for none */
};

LEPTON_API void lepton_command_clear(struct lepton_command *command);
/* {"key": "text"}, the settings of some; NULL when out of memory. */
LEPTON_API struct lepton_text *lepton_command_setting(const char *key, const char *text);
LEPTON_API const char *lepton_command_name(enum lepton_command_type type); /* "pause" */
LEPTON_API char *lepton_command_to_json(const struct lepton_command *command); /* heap, one line */
LEPTON_API int lepton_command_from_json(const char *json, struct lepton_command *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
