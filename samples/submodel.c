/* samples/submodel.c - a small convolutional network on MNIST, by the public library alone.
 *
 *     submodel DATA-FOLDER [SEED] [WORKERS]
 *
 * The folder holds the four idx files (train-images-idx3-ubyte …), plain or .gz. Trains 10 epochs in
 * batches of 128 with a tenth of the training images held back for validation, then scores the model
 * on the 10,000 test images.
 */
#include "lepton/lepton.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void say_epoch(const struct lepton_epoch_report *r, void *arg)
{
	(void)arg;
	printf("Epoch %" PRId64 "/%" PRId64
	       "  %.1f s  loss %.4f  accuracy %.4f  val_loss %.4f  val_accuracy %.4f\n",
		r->epoch, r->epochs, r->seconds, r->loss, r->accuracy, r->val_loss, r->val_accuracy);
	fflush(stdout);
}

static int run(struct lepton_model *model, struct lepton_dataset *data, uint64_t seed, int workers,
	struct lepton_error *err)
{
	double loss, accuracy;
	lepton_input(model, 28, 28, 1);
	lepton_conv2d(model, 32, 3, 3, "relu");
	lepton_flatten(model);
	lepton_dense(model, 10, "softmax");
	int code = lepton_compile(model,
		&(struct lepton_compile_options){.optimizer = "adam", .loss = "categorical_crossentropy"},
		err);
	if (!code)
		code = lepton_fit(model, data,
			&(struct lepton_fit_options){.batch_size = 128,
				.epochs = 10,
				.seed = seed,
				.workers = workers,
				.on_epoch = say_epoch},
			err);
	if (!code)
		code = lepton_evaluate(model, data, LEPTON_TEST, &loss, &accuracy, err);
	if (!code)
		printf("Test loss %.4f, test accuracy %.4f\n", loss, accuracy);
	return code;
}

static int number(const char *text, unsigned long long max, unsigned long long *out)
{
	char *end;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || *out > max;
}

int main(int argc, char **argv)
{
	struct lepton_error err = {0};
	struct lepton_dataset *data = NULL;
	struct lepton_model *model = NULL;
	unsigned long long seed = 1, workers = 0;
	if (argc < 2 || argc > 4 || (argc > 2 && number(argv[2], UINT64_MAX, &seed)) ||
		(argc > 3 && number(argv[3], 1024, &workers))) {
		fprintf(stderr, "usage: submodel DATA-FOLDER [SEED] [WORKERS]\n");
		return 2;
	}
	struct lepton_data_options options = {.format = "idx", .path = argv[1], .validation_split = 0.1};
	int code = lepton_dataset_open(&options, &data, &err);
	if (!code && !(model = lepton_model_new("submodel")))
		code = lepton_error_set(&err, LEPTON_E_NOMEM, "out of memory");
	if (!code)
		code = run(model, data, seed, (int)workers, &err);
	if (code)
		fprintf(stderr, "submodel: %s\n", err.message);
	lepton_model_free(model);
	lepton_dataset_release(data);
	return lepton_error_exit_code(code);
}
