/* Every allocation of compress, decompress, fuse and barrier fails once in turn: each time the call says
 * LEPTON_E_NOMEM, hands out nothing, and (under a sanitizer) leaves nothing behind. Needs
 * --enable-error-injection.
 */
#include "config.h"
#include "compress_make.h"
#include "fail_alloc.h"
#include "lepton/compress.h"
#include "lepton/fuse.h"


#define MOST_TURNS 1000

static int judge(int code, const void *result)
{
	if (code == 0)
		return result ? ALL_WELL : WRONG;
	return code == LEPTON_E_NOMEM && !result ? RAN_OUT : WRONG;
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

static int try_compress(const char *method, const char *settings, const struct lepton_params *weights,
	const struct lepton_params *base)
{
	struct lepton_params *blob = NULL, *rebuilt = NULL;
	struct lepton_compress_report report;
	struct lepton_error err;
	int code = lepton_compress(method, weights, base, settings, &blob, &rebuilt, &report, &err);
	int verdict = worse(judge(code, blob), judge(code, rebuilt));
	lepton_params_release(blob);
	lepton_params_release(rebuilt);
	return verdict;
}

static int any_score(void *context, const struct lepton_params *weights, double *loss, double *accuracy,
	struct lepton_error *err)
{
	(void)context;
	(void)weights;
	(void)err;
	*loss = *accuracy = 0.5;
	return LEPTON_OK;
}

/* Two rows for each of the two kernels. */
static int any_inputs(void *context, const struct lepton_params *weights, int64_t samples,
	lepton_inputs_fn see, void *to, struct lepton_error *err)
{
	static const float rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6,
		7, 8, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 2, 4, 6, 8, 1, 3, 5, 7, 9, 2, 4, 6, 8, 1, 3, 5, 7, 9, 2,
		4, 6, 8, 1, 3};
	(void)context, (void)weights, (void)samples;
	int code = LEPTON_OK;
	for (size_t kernel = 0; kernel < 2 && !code; kernel++)
		code = see(to, &(struct lepton_inputs){kernel, 2, kernel ? 20 : 30, rows}, err);
	return code;
}

static int any_fisher(void *context, const struct lepton_params *weights, int64_t samples,
	struct lepton_params **out, struct lepton_error *err)
{
	(void)context, (void)samples;
	return lepton_params_copy(weights, out, err);
}

/* Both lines, so that units are matched too. */
static int try_barrier(const struct lepton_params *a, const struct lepton_params *b)
{
	const struct lepton_fuse_parent ends[] = {{"a", a, 0.1, 1}, {"b", b, 0.2, 1}};
	const struct lepton_fuse_help help = {.evaluate = any_score};
	struct lepton_barrier found;
	struct lepton_error err;
	int code = lepton_barrier_measure(ends, 3, &help, NULL, &found, &err);
	return judge(code, code || *found.unmatched ? NULL : &found);
}

static int try_fuse(const char *method, const char *settings, const struct lepton_params *a,
	const struct lepton_params *b)
{
	struct lepton_fuse_parent parents[] = {{"a", a, 0.1, 1}, {"b", b, 0.2, 1}};
	struct lepton_params *out = NULL;
	struct lepton_error err;
	const struct lepton_fuse_help help = {
		.evaluate = any_score, .inputs = any_inputs, .fisher = any_fisher};
	int code = lepton_fuse_with(method, parents, 2, settings, &help, &out, &err);
	int verdict = judge(code, out);
	lepton_params_release(out);
	return verdict;
}

static int scenario(void)
{
	static const struct lepton_tensor like[] = {
		{.name = "a/kernel", .dtype = LEPTON_F32, .shape = {2, {30, 20}}},
		{.name = "b/kernel", .dtype = LEPTON_F32, .shape = {2, {20, 3}}},
	};
	static const struct lepton_tensor leaf[] = {
		{.name = "feature", .dtype = LEPTON_F32, .shape = {1, {1}}},
		{.name = "threshold", .dtype = LEPTON_F32, .shape = {1, {1}}},
		{.name = "left", .dtype = LEPTON_F32, .shape = {1, {1}}},
		{.name = "value", .dtype = LEPTON_F32, .shape = {2, {1, 3}}},
		{.name = "roots", .dtype = LEPTON_F32, .shape = {1, {1}}}};
	struct lepton_params *weights = NULL, *base = NULL, *trees = NULL;
	int code = lepton_params_new(like, 2, &weights, NULL),
	    other = lepton_params_new(like, 2, &base, NULL), third = lepton_params_new(leaf, 5, &trees, NULL);
	int verdict = worse(worse(judge(code, weights), judge(other, base)), judge(third, trees));
	if (trees)
		*(float *)lepton_params_data(trees, 0) = -1;
	for (int i = 0; verdict == ALL_WELL && i < 600; i++)
		((float *)lepton_params_data(weights, 0))[i] = (float)(i % 7 * (i % 100 == 0)) + 0.25f;
	if (verdict == ALL_WELL) {
		verdict = worse(try_compress("delta", NULL, weights, base),
			try_compress("quantize", NULL, weights, NULL));
		verdict = worse(verdict, try_compress("delta", "{\"residual\":\"exact\"}", weights, base));
		verdict = worse(verdict, try_compress("delta", "{\"residual\":\"steps\"}", weights, base));
		verdict = worse(verdict, try_compress("quantize", "{\"bits\":2}", weights, NULL));
		verdict = worse(verdict, try_compress("lowrank", "{\"rank\":1}", weights, NULL));
		verdict = worse(verdict, try_compress("lowrank,entropy", "{\"rank\":1}", weights, NULL));
		verdict = worse(verdict, try_compress("trees", NULL, trees, NULL));
		verdict = worse(verdict, try_compress("prune", NULL, weights, NULL));
		verdict = worse(verdict, try_compress("prune,entropy", NULL, weights, NULL));
		verdict = worse(verdict, try_compress("prune,cluster,entropy", NULL, weights, NULL));
		for (const struct lepton_fuser *const *m = lepton_fusers(); *m; m++)
			verdict = worse(verdict, try_fuse((*m)->name, NULL, weights, base));
		verdict = worse(
			verdict, try_fuse("transport", "{\"repair\":true,\"entropy\":1}", weights, base));
		verdict = worse(verdict,
			try_fuse("rebasin", "{\"by\":\"activations\",\"repair\":true}", weights, base));
		verdict = worse(verdict, try_barrier(weights, base));
	}
	lepton_params_release(weights);
	lepton_params_release(base);
	lepton_params_release(trees);
	return verdict;
}

int main(int argc, char **argv)
{
	return fail_main(argc, argv, scenario, MOST_TURNS);
}
