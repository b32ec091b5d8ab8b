/* cmd/lepton.c - the engine for scripts: one verb, one thing done, an exit code. */
#include "config.h"
#include "cmd/unlock.h"
#include "cmd/verb.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct verb *const verbs[] = {&verb_train, &verb_list, &verb_show, &verb_diff, &verb_log,
	&verb_nodes, &verb_pause, &verb_resume, &verb_stop, &verb_archive, &verb_restore, &verb_clone,
	&verb_compress, &verb_tag, &verb_note, &verb_fuse, &verb_promote, &verb_rollback, &verb_quit,
	&verb_evaluate, &verb_barrier, &verb_predict, &verb_export, &verb_report, &verb_import, &verb_verify,
	&verb_sign, &verb_keep, &verb_gc, &verb_key, &verb_bench};

#define VERB_COUNT (sizeof verbs / sizeof *verbs)

static void print_help(void)
{
	printf("usage: lepton VERB [ARGUMENTS]\n\nTrain several versions of a model at once, and steer them. "
	       "`lepton-tui` is the same engine with a dashboard.\n\n");
	for (size_t i = 0; i < VERB_COUNT; i++)
		printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	printf("\n`lepton VERB --help` tells more. V is a version's name, name@step, or an alias "
	       ":production.\n"
	       "The store is ./.lepton unless --store DIR says otherwise.\n");
}

/* The options of every verb, as its own --help has them. */
static void print_manual(void)
{
	char help[] = "--help";
	verb_manual = true;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		char name[32];
		snprintf(name, sizeof name, "%s", verbs[i]->name);
		char *words[] = {name, help, NULL};
		(void)verbs[i]->run(verbs[i], 2, words);
	}
}

static int unknown(const char *word)
{
	const char *names[VERB_COUNT];
	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i]->name;
	const char *near = lepton_suggest(word, names, VERB_COUNT);
	if (near)
		fprintf(stderr, "lepton: unknown verb \"%s\"; did you mean \"%s\"?\n", word, near);
	else
		fprintf(stderr, "lepton: unknown verb \"%s\"; `lepton --help` lists them\n", word);
	return 2;
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, ""); /* names are UTF-8; numbers stay in the C locale */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		fprintf(stderr,
			"lepton: say what to do: `lepton train SPEC`; `lepton --help` lists the verbs\n");
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		print_help();
		return 0;
	}
	if (strcmp(argv[1], "--man") == 0) { /* for the build of the manual */
		print_manual();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("lepton %s\n", PACKAGE_VERSION);
		return 0;
	}
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(argv[1], verbs[i]->name) == 0) {
			int code = verbs[i]->run(verbs[i], argc - 1, argv + 1);
			unlock_forget();
			if (fflush(stdout) || ferror(stdout)) {
				fprintf(stderr, "lepton %s: cannot write to standard output\n", argv[1]);
				return code ? code : 1;
			}
			return code;
		}
	return unknown(argv[1]);
}
