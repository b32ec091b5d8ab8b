/* cmd/bench_peer.c - the same training by PyTorch, in turn with ours, and the ratio of the two.
 *
 * A person's alternative is N processes of one thread each, as many at once as there are cores
 * (samples/torch_versions.py). Both sides train N versions with Adam on the same MNIST files in batches of 128;
 * PyTorch's start-up is left out. A machine's speed drifts, so the two run in turn and each pair has its
 * own ratio; the median of those is what is said.
 *
 * PyTorch asks for fresh memory for every large tensor of every step, and the C library gives such blocks back to
 * the system at once. Where page faults are dear, as in some virtual machines, that alone made the seed CNN 20
 * times slower, so PyTorch runs with the C library told to keep its memory: the peer at its best.
 */
#include "config.h"
#include "cmd/bench.h"
#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3" /* Debian's own, the one that sees python3-torch */
#define PEER_SAMPLES 12800
#define KEEP_MEMORY \
	"glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=2147483648:glibc.malloc.top_pad=268435456"
#define WINDOW_SECONDS 2.0

static const char *find_script(void)
{
	static const char *const places[] = {
		"samples/torch_versions.py", "../samples/torch_versions.py", LEPTON_DATADIR "/samples/torch_versions.py"};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* What the command printed, as a string in `out`. Returns its exit code; -1 when it could not run. */
static int output_of(char *const argv[], char *out, size_t size)
{
	int ends[2], status = -1;
	size_t used = 0;
	ssize_t got;
	if (pipe(ends) != 0)
		return -1;
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		(void)dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(ends[1]);
	while (child > 0 && used < size - 1 &&
		((got = read(ends[0], out + used, size - 1 - used)) > 0 || (got < 0 && errno == EINTR)))
		used += got > 0 ? (size_t)got : 0;
	out[used] = '\0';
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int has_torch(struct lepton_error *err)
{
	char *const argv[] = {(char[]){PYTHON}, (char[]){"-c"},
		(char[]){"import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"}, NULL};
	char out[64];
	if (output_of(argv, out, sizeof out) != 0)
		return lepton_error_set(err, LEPTON_E_NOTFOUND,
			"--peer needs PyTorch: on Debian, run \"apt-get install python3-torch\"");
	return LEPTON_OK;
}

/* One number of what the peer's script answers; `argv` begins with python and the script. */
static int ask_peer(char *const argv[], const char *key, double *value, struct lepton_error *err)
{
	char out[4096];
	int status = output_of(argv, out, sizeof out);
	cJSON *answer = status == 0 ? cJSON_Parse(out) : NULL;
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer, key);
	bool good = cJSON_IsNumber(item) && item->valuedouble > 0;
	*value = good ? item->valuedouble : 0;
	cJSON_Delete(answer);
	return good ? LEPTON_OK
		    : lepton_error_set(err, LEPTON_E_IO, "%s failed (exit %d); its own words are above", argv[1], status);
}

static int peer_rate(const char *script, const char *folder, const struct bench_network *n, int versions,
	int jobs, double *rate, struct lepton_error *err)
{
	char count[16], samples[16], at_once[16], path[4096], file[4096], arch[16];
	snprintf(count, sizeof count, "%d", versions);
	snprintf(samples, sizeof samples, "%d", PEER_SAMPLES);
	snprintf(at_once, sizeof at_once, "%d", jobs);
	snprintf(path, sizeof path, "%s", folder);
	snprintf(file, sizeof file, "%s", script);
	snprintf(arch, sizeof arch, "%s", n->arch);
	/* the quick network trains longer, so that its figure is not all start and end */
	char *const argv[] = {(char[]){PYTHON}, file, path, (char[]){"--arch"}, arch, (char[]){"--versions"},
		count, (char[]){"--jobs"}, at_once, (char[]){"--samples"}, samples, (char[]){"--epochs"},
		strcmp(arch, "mlp") == 0 ? (char[]){"10"} : (char[]){"1"}, NULL};
	return ask_peer(argv, "samples_per_second", rate, err);
}

int bench_peer_seconds(const char *script, const char *folder, double *seconds, struct lepton_error *err)
{
	char path[4096], file[4096];
	snprintf(path, sizeof path, "%s", folder);
	snprintf(file, sizeof file, "%s", script);
	char *const argv[] = {(char[]){PYTHON}, file, path, (char[]){"--arch"}, (char[]){"seed"}, (char[]){"--versions"},
		(char[]){"1"}, (char[]){"--jobs"}, (char[]){"1"}, (char[]){"--samples"}, (char[]){"60000"},
		(char[]){"--epochs"}, (char[]){"10"}, (char[]){"--until"}, (char[]){BENCH_ACCURACY_TEXT}, NULL};
	return ask_peer(argv, "seconds", seconds, err);
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double bench_median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof *values, by_size);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static int one_case(struct bench *b, const char *script, const char *folder, const struct bench_network *n,
	int versions, int rounds, struct lepton_error *err)
{
	double ours[BENCH_ROUNDS_MAX], theirs[BENCH_ROUNDS_MAX], ratios[BENCH_ROUNDS_MAX];
	char name[128], ratio[128];
	snprintf(ratio, sizeof ratio, "ratio, %s, %d versions", n->name, versions);
	if (!bench_wants(b, ratio))
		return LEPTON_OK;
	for (int i = 0; i < rounds; i++) {
		int code = peer_rate(script, folder, n, versions, b->workers, &theirs[i], err);
		if (!code)
			code = bench_engine_rate(
				b, n, versions, b->workers, WINDOW_SECONDS, &ours[i], NULL, err);
		if (code)
			return code;
		ratios[i] = ours[i] / theirs[i];
	}
	snprintf(name, sizeof name, "PyTorch, %s, %d versions, %d processes", n->name, versions, b->workers);
	double rate = bench_median(theirs, rounds);
	bench_report(b, name, rate, rate * n->flops, b->workers);
	snprintf(name, sizeof name, "lepton, %s, %d versions, %d workers", n->name, versions, b->workers);
	rate = bench_median(ours, rounds);
	bench_report(b, name, rate, rate * n->flops, b->workers);
	bench_report_value(b, ratio, bench_median(ratios, rounds), "times PyTorch");
	return LEPTON_OK;
}

int bench_open_data(struct bench *b, const char *folder, int64_t limit, struct lepton_error *err)
{
	const struct lepton_data_options options = {
		.format = "idx", .path = folder, .validation_split = 0, .limit = limit};
	lepton_dataset_release(b->data);
	b->data = NULL;
	return lepton_dataset_open(&options, &b->data, err);
}

int bench_peer(struct bench *b, const char *folder, int rounds, struct lepton_error *err)
{
	static const int counts[] = {2, 8};
	const char *script = find_script();
	int code = has_torch(err);
	if (!code && setenv("GLIBC_TUNABLES", KEEP_MEMORY, 0)) /* read when a program starts: the peer's */
		code = lepton_error_set(err, LEPTON_E_NOMEM, "out of memory for the peer's settings");
	if (!code && !script)
		code = lepton_error_set(err, LEPTON_E_NOTFOUND,
			"samples/torch_versions.py is not here: run from the source folder or install first");
	if (!code)
		code = bench_open_data(b, folder, PEER_SAMPLES, err);
	for (size_t i = 0; i < BENCH_NETWORKS; i++)
		for (size_t c = 0; c < sizeof counts / sizeof *counts && !code; c++)
			code = one_case(b, script, folder, &bench_networks[i], counts[c], rounds, err);
	if (!code)
		code = bench_open_data(b, folder, 0, err);
	if (!code)
		code = bench_reach(b, script, folder, rounds, err);
	lepton_dataset_release(b->data);
	return code;
}
