/* lepton/event.h - the one stream of events: everything the engine says.
 *
 * Plain structs with one JSON codec, so that the same messages travel in process or as JSON lines.
 * A reader that applies every event to a lepton_run (run.h) knows all there is to know.
 * Long texts are reference counted and immutable, so copying an event is cheap.
 */
#ifndef LEPTON_EVENT_H
#define LEPTON_EVENT_H

#include "lepton/model.h"
#include "lepton/node.h"

enum lepton_event_type {
	LEPTON_EVENT_RUN,        /* experiment, environment, data: first of all */
	LEPTON_EVENT_VERSION,    /* a version exists */
	LEPTON_EVENT_STATE,      /* a version's state changed */
	LEPTON_EVENT_METRIC,     /* training loss and accuracy since the last one */
	LEPTON_EVENT_EPOCH,      /* an epoch ended: with validation figures */
	LEPTON_EVENT_TEST,       /* a version was scored on the test split */
	LEPTON_EVENT_CHECKPOINT, /* weights were captured; in process it carries the state itself */
	LEPTON_EVENT_JOB,        /* a background job started, moved on, ended */
	LEPTON_EVENT_ALIAS,      /* an alias points elsewhere */
	LEPTON_EVENT_LOG,        /* a line for the Log view */
	LEPTON_EVENT_REPLY,      /* the answer to one command */
	LEPTON_EVENT_LABELS,     /* a version's tags and note are now these */
	LEPTON_EVENT_PRIORITY,   /* a version's priority is now this */
	LEPTON_EVENT_NODE,       /* what a machine's workers and sub-models do now; only the last one counts, no store keeps it */
	LEPTON_EVENT_END,        /* the engine has stopped; nothing follows */
};

enum lepton_version_state {
	LEPTON_QUEUED, LEPTON_RUNNING, LEPTON_PAUSED, LEPTON_DONE, LEPTON_STOPPED, LEPTON_FAILED, LEPTON_ARCHIVED,
};
LEPTON_API const char *lepton_version_state_name(enum lepton_version_state state); /* "running" */

enum lepton_job_state { LEPTON_JOB_RUNNING, LEPTON_JOB_DONE, LEPTON_JOB_FAILED };
enum lepton_log_level { LEPTON_LOG_INFO, LEPTON_LOG_WARNING, LEPTON_LOG_ERROR };

struct lepton_text; /* reference-counted immutable string */
LEPTON_API struct lepton_text *lepton_text_new(const char *string); /* NULL when out of memory */
LEPTON_API const char *lepton_text_get(const struct lepton_text *text); /* "" for NULL */
LEPTON_API struct lepton_text *lepton_text_retain(struct lepton_text *text);
LEPTON_API void lepton_text_release(struct lepton_text *text);

#define LEPTON_CHAIN_MAX 8 /* each base more is one more to read, and to lose */

/* A lepton_state shared by reference, with the encoded form where the version is a compressed one. */
struct lepton_checkpoint {
	int references; /* atomic */
	struct lepton_state state;
	struct lepton_params *encoded; /* compressed versions: one U8 tensor "blob"; else NULL */
	char method[LEPTON_NAME_MAX];  /* compressor that can decode it */
	char base_hash[LEPTON_HASH_HEX]; /* weights hash of the base it needs; "" for none */
	struct lepton_params *base;    /* those weights, while in memory */
	int chain; /* bases below it, each needing the next: 1 when its base needs none; at most LEPTON_CHAIN_MAX */
};
LEPTON_API struct lepton_checkpoint *lepton_checkpoint_retain(struct lepton_checkpoint *checkpoint);
LEPTON_API void lepton_checkpoint_release(struct lepton_checkpoint *checkpoint);

#define LEPTON_MAX_PARENTS 32

struct lepton_event {
	enum lepton_event_type type;
	uint64_t serial;  /* 1, 2, 3 … in the order they happened */
	double time;      /* seconds since 1970 */
	int64_t version;  /* id the event is about; 0 for none. Ids start at 1, are never reused. */
	union {
		struct {
			char experiment[LEPTON_NAME_MAX];
			uint64_t seed;
			struct lepton_text *environment; /* JSON object of DESIGN §6 */
			struct lepton_text *data;        /* JSON object of DESIGN §6 */
			struct lepton_text *spec;        /* the spec file's text */
		} run;
		struct {
			char name[LEPTON_NAME_MAX];
			char learner[LEPTON_NAME_MAX];
			int parent_count;
			int64_t parents[LEPTON_MAX_PARENTS];
			/* JSON: {"op":"train"|"clone"|"compress"|"fuse", "method":…, "settings":{…}}. Of a clone that is to be
			 * compressed at its end "then" is that command. */
			struct lepton_text *operation;
			struct lepton_text *hyperparameters; /* the merged configuration, JSON object */
			uint64_t seed;
			double priority;
			int64_t parameters; /* numbers trained */
			int64_t bytes;      /* of the weights in their stored form (a compressed version: the blob) */
			int64_t raw_bytes;  /* of the weights as float32 */
			int64_t steps_per_epoch, epochs; /* planned */
		} added;
		struct {
			enum lepton_version_state state;
			struct lepton_text *reason; /* why it failed or stopped; NULL for none */
			int64_t step;
			double seconds;    /* training time so far */
		} state;
		struct {
			int64_t step;
			double epoch;      /* with fraction */
			double seconds;    /* training time of this version so far, pauses left out */
			double loss, accuracy;
			double samples_per_second; /* over the interval, while it had the core(s) and by the wall */
		} metric;
		struct {
			int64_t epoch, step;
			double seconds, loss, accuracy; /* training means over the epoch */
			double val_loss, val_accuracy;  /* NaN without a validation split */
		} epoch;
		struct {
			double loss, accuracy;         /* test split */
			double val_loss, val_accuracy; /* validation split, for derived versions; else NaN */
			struct lepton_text *report;    /* of "evaluate now": lepton_metrics_to_json; else NULL */
		} test;
		struct {
			int64_t step;
			double epoch;
			char weights_hash[LEPTON_HASH_HEX];
			int64_t bytes;
			struct lepton_text *importance; /* trees of a table: JSON array of {"feature", "share"}, most
			                                 * first; else NULL */
			bool best; /* of the epochs so far, by its "early_stopping" */
			struct lepton_checkpoint *checkpoint; /* NULL after a trip through JSON */
		} checkpoint;
		struct {
			int64_t job;  /* id */
			char kind[16];   /* "compress", "fuse", "evaluate", "barrier", "preview", "clone" */
			char method[LEPTON_NAME_MAX];
			enum lepton_job_state state;
			double progress; /* 0..1 */
			int64_t result;  /* id of the version made; 0 until done */
			struct lepton_text *message;
			struct lepton_text *detail; /* JSON object: of a barrier that is done, see lepton_barrier_read; of a preview
			                            * so far, see lepton_preview_read; else NULL */
		} job;
		struct {
			char alias[LEPTON_NAME_MAX];
			int64_t target, previous; /* version ids; 0 for none */
			char weights_hash[LEPTON_HASH_HEX]; /* what was promoted, to the bit */
			bool rollback;
		} alias;
		struct {
			enum lepton_log_level level;
			struct lepton_text *line;
		} log;
		struct {
			uint64_t ticket; /* the command's */
			int code;        /* 0 or LEPTON_E… */
			int64_t result;  /* version made, or job id; 0 for none */
			struct lepton_text *message;
		} reply;
		struct {
			struct lepton_text *tags; /* "big slow": in alphabetical order, a blank between; NULL or "" for none */
			struct lepton_text *note; /* NULL or "" for none */
		} labels;
		struct {
			double value;
		} priority;
		struct {
			struct lepton_node_figures figures;
			struct lepton_text *workers, *sharded; /* JSON arrays: see lepton_node_read */
		} node;
	} u;
};

/* Of these only the newest count, and more come: whoever reads too slowly misses some. METRIC and NODE. */
LEPTON_API bool lepton_event_passes(enum lepton_event_type type);
LEPTON_API void lepton_event_copy(struct lepton_event *to, const struct lepton_event *from); /* retains */
LEPTON_API void lepton_event_clear(struct lepton_event *event);                              /* releases */
/* One JSON object without newline, heap; non-finite numbers are null; numbers round-trip exactly. */
LEPTON_API char *lepton_event_to_json(const struct lepton_event *event);
LEPTON_API int lepton_event_from_json(const char *json, struct lepton_event *out, struct lepton_error *err) LEPTON_MUST_CHECK;

#endif
