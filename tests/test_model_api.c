/* tests/test_model_api.c - a network built, trained and scored by calls, as a program does it. */
#include "config.h"
#include "lepton/lepton.h"
#include "model_reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define SIDE 6
#define ALL 90
#define TEST 20
#define CLASSES 3

static struct lepton_dataset *make_set(int n, int test, double split)
{
	uint8_t images[ALL * SIDE * SIDE], labels[ALL];
	uint64_t seed = 1;
	const struct lepton_shape sample = {3, {SIDE, SIDE, 1}};
	struct lepton_dataset *data = NULL;
	for (int i = 0; i < n; i++) {
		labels[i] = (uint8_t)(i % CLASSES);
		for (int p = 0; p < SIDE * SIDE; p++) {
			int base = p / SIDE / 2 == labels[i] ? 160 : 50;
			images[i * SIDE * SIDE + p] = (uint8_t)(base + (int)(50 * test_random(&seed)));
		}
	}
	assert_int_equal(
		lepton_dataset_from_u8(images, labels, n, test, &sample, CLASSES, split, &data, NULL), 0);
	return data;
}

static struct lepton_model *make_model(const struct lepton_compile_options *options)
{
	struct lepton_error err = {0};
	struct lepton_model *model = lepton_model_new("small");
	assert_non_null(model);
	lepton_input(model, SIDE, SIDE, 1);
	lepton_conv2d(model, 4, 3, 3, "relu");
	lepton_flatten(model);
	lepton_dropout(model, 0.1);
	lepton_dense(model, CLASSES, "softmax");
	int code = lepton_compile(model, options, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
	return model;
}

struct log {
	int calls;
	struct lepton_epoch_report last;
};

static void note(const struct lepton_epoch_report *report, void *arg)
{
	struct log *log = arg;
	log->calls++;
	log->last = *report;
	assert_int_equal(report->epoch, log->calls);
}

static void fit(struct lepton_model *model, struct lepton_dataset *data, struct lepton_fit_options options,
	struct log *log)
{
	struct lepton_error err = {0};
	*log = (struct log){0};
	options.on_epoch = note;
	options.arg = log;
	int code = lepton_fit(model, data, &options, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
}

static void score(struct lepton_model *model, struct lepton_dataset *data, double *loss, double *accuracy)
{
	struct lepton_error err = {0};
	int code = lepton_evaluate(model, data, LEPTON_TEST, loss, accuracy, &err);
	assert_string_equal(err.message, "");
	assert_int_equal(code, 0);
}

static void test_build_fit_evaluate(void **state)
{
	struct lepton_dataset *data = make_set(ALL, TEST, 0.2);
	struct lepton_model *model = make_model(&(struct lepton_compile_options){.learning_rate = 0.01});
	struct log log;
	double before, after, accuracy;
	(void)state;
	score(model, data, &before, NULL); /* untrained models can be scored too */
	fit(model, data, (struct lepton_fit_options){.batch_size = 16, .epochs = 12, .seed = 3}, &log);
	assert_int_equal(log.calls, 12);
	assert_int_equal(log.last.epochs, 12);
	assert_true(log.last.seconds >= 0 && log.last.accuracy > 0.9 && log.last.val_accuracy > 0.9);
	score(model, data, &after, &accuracy);
	assert_true(after < before / 2 && accuracy > 0.94);
	lepton_model_free(model);
	lepton_dataset_release(data);
}

static void test_fits_add_up(void **state)
{
	struct lepton_dataset *data = make_set(ALL, TEST, 0.2);
	struct lepton_model *once = make_model(NULL), *twice = make_model(NULL);
	struct log log;
	double a, b;
	(void)state;
	fit(once, data, (struct lepton_fit_options){.batch_size = 64, .epochs = 5, .seed = 3}, &log);
	fit(twice, data, (struct lepton_fit_options){.batch_size = 64, .epochs = 2, .seed = 3}, &log);
	score(twice, data, &b, NULL);
	fit(twice, data, (struct lepton_fit_options){.batch_size = 64, .epochs = 3, .seed = 3}, &log);
	assert_int_equal(log.calls, 3);
	score(once, data, &a, NULL);
	score(twice, data, &b, NULL);
	assert_memory_equal(&a, &b, sizeof a);
	lepton_model_free(once);
	lepton_model_free(twice);
	lepton_dataset_release(data);
}

static void test_workers_do_not_matter(void **state)
{
	struct lepton_dataset *data = make_set(ALL, TEST, 0);
	double first = 0, loss;
	(void)state;
	for (int workers = 0; workers <= 4; workers++) {
		struct lepton_model *model = make_model(NULL);
		struct log log;
		fit(model, data,
			(struct lepton_fit_options){
				.batch_size = 64, .epochs = 3, .seed = 3, .workers = workers},
			&log);
		assert_true(isnan(log.last.val_loss) && isnan(log.last.val_accuracy));
		score(model, data, &loss, NULL);
		if (workers == 0)
			first = loss;
		assert_memory_equal(&loss, &first, sizeof loss);
		lepton_model_free(model);
	}
	lepton_dataset_release(data);
}

static void test_another_data_set(void **state)
{
	struct lepton_dataset *data = make_set(ALL, TEST, 0.2), *other = make_set(40, 10, 0);
	struct lepton_model *model = make_model(NULL);
	struct log log;
	double a, b;
	(void)state;
	fit(model, data, (struct lepton_fit_options){.epochs = 3, .seed = 3}, &log);
	score(model, data, &a, NULL);
	score(model, other, &b, NULL);
	fit(model, other, (struct lepton_fit_options){.epochs = 2, .seed = 3}, &log);
	score(model, data, &b, NULL);
	assert_true(b < a); /* the same kind of images: it went on learning */
	lepton_dataset_release(data);
	lepton_dataset_release(other);
	lepton_model_free(model);
}

static void test_compile_again_keeps_weights(void **state)
{
	struct lepton_dataset *data = make_set(ALL, TEST, 0.2);
	struct lepton_model *model = make_model(NULL);
	struct log log;
	double a, b;
	(void)state;
	fit(model, data, (struct lepton_fit_options){.epochs = 3, .seed = 3}, &log);
	score(model, data, &a, NULL);
	assert_int_equal(lepton_compile(model,
				 &(struct lepton_compile_options){.optimizer = "sgd", .momentum = 0.5}, NULL),
		0);
	score(model, data, &b, NULL);
	assert_memory_equal(&a, &b, sizeof a);
	fit(model, data, (struct lepton_fit_options){.epochs = 2, .seed = 3}, &log);
	assert_int_equal(log.calls, 2);
	lepton_model_free(model);
	lepton_dataset_release(data);
}

static void test_config_text(void **state)
{
	struct lepton_model *model = lepton_model_new("m");
	(void)state;
	lepton_input(model, 8, 8, 2);
	lepton_conv2d_with(model, 4, 3, 2, 2, 1, "same", NULL);
	lepton_max_pooling2d(model, 2, 3);
	lepton_flatten(model);
	lepton_dropout(model, 0.25);
	lepton_dense(model, 5, "softmax");
	const struct lepton_compile_options options = {
		.optimizer = "sgd", .learning_rate = 0.1, .momentum = 0.9};
	assert_int_equal(lepton_compile(model, &options, NULL), 0);
	char *text = lepton_model_config(model);
	assert_string_equal(text,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[8,8,2]},{\"type\":\"Conv2D\",\"filters\":4,"
		"\"kernel_size\":[3,2],\"strides\":[2,1],\"padding\":\"same\"},{\"type\":\"MaxPooling2D\","
		"\"pool_size\":[2,3]},{\"type\":\"Flatten\"},{\"type\":\"Dropout\",\"rate\":0.25},{\"type\":"
		"\"Dense\",\"units\":5,\"activation\":\"softmax\"}],\"optimizer\":{\"name\":\"sgd\","
		"\"learning_rate\":0.1,\"momentum\":0.9},\"metrics\":[\"accuracy\"],\"loss\":"
		"\"categorical_crossentropy\"}");
	free(text);
	lepton_model_free(model);
}

static void test_config_text_of_the_others(void **state)
{
	struct lepton_model *model = lepton_model_new("m");
	(void)state;
	lepton_input(model, 8, 8, 2);
	lepton_random_rotation(model, 0.05);
	lepton_random_zoom(model, 0.2);
	lepton_random_translation(model, 0.1, 0.25);
	lepton_batch_normalization(model);
	lepton_average_pooling2d(model, 2, 3);
	lepton_global_average_pooling2d(model);
	lepton_dense(model, 5, "softmax");
	const struct lepton_compile_options options = {.optimizer = "sgd", .momentum = 0.9, .nesterov = true};
	assert_int_equal(lepton_compile(model, &options, NULL), 0);
	char *text = lepton_model_config(model);
	assert_string_equal(text,
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[8,8,2]},{\"type\":\"RandomRotation\",\"factor\":"
		"0.05},"
		"{\"type\":\"RandomZoom\",\"height_factor\":0.2},{\"type\":\"RandomTranslation\",\"height_"
		"factor\":0.1,"
		"\"width_factor\":0.25},{\"type\":\"BatchNormalization\"},{"
		"\"type\":"
		"\"AveragePooling2D\",\"pool_size\":[2,3]},{\"type\":\"GlobalAveragePooling2D\"},{\"type\":"
		"\"Dense\",\"units\":5,\"activation\":\"softmax\"}],\"optimizer\":{\"name\":\"sgd\","
		"\"momentum\":0.9,\"nesterov\":true},\"metrics\":[\"accuracy\"],\"loss\":"
		"\"categorical_crossentropy\"}");
	free(text);
	assert_int_equal(
		lepton_compile(model,
			&(struct lepton_compile_options){.optimizer = "adamw", .weight_decay = 0.1}, NULL),
		0);
	lepton_model_free(model);
}

static void compile_fault(void (*build)(struct lepton_model *), const struct lepton_compile_options *options,
	int want, const char *sentence)
{
	struct lepton_error err = {0};
	struct lepton_model *model = lepton_model_new("bad");
	build(model);
	assert_int_equal(lepton_compile(model, options, &err), want);
	assert_string_equal(err.message, sentence);
	struct lepton_dataset *data = make_set(ALL, TEST, 0);
	assert_int_equal(lepton_fit(model, data, NULL, &err), LEPTON_E_STATE);
	assert_string_equal(err.message, "the model \"bad\" is not compiled; call lepton_compile first");
	assert_int_equal(lepton_evaluate(model, data, LEPTON_TEST, NULL, NULL, &err), LEPTON_E_STATE);
	lepton_dataset_release(data);
	lepton_model_free(model);
}

static void no_layers(struct lepton_model *model)
{
	(void)model;
}

static void odd_activation(struct lepton_model *model)
{
	lepton_input(model, 6, 6, 1);
	lepton_flatten(model);
	lepton_dense(model, 3, "sofmax");
}

static void negative_units(struct lepton_model *model)
{
	lepton_input(model, 6, 6, 1);
	lepton_flatten(model);
	lepton_dense(model, -3, "softmax");
}

static void no_rate(struct lepton_model *model)
{
	lepton_input(model, 6, 6, 1);
	lepton_dropout(model, NAN);
}

static void good(struct lepton_model *model)
{
	lepton_input(model, 6, 6, 1);
	lepton_flatten(model);
	lepton_dense(model, 3, "softmax");
}

static void test_faults(void **state)
{
	(void)state;
	compile_fault(no_layers, NULL, LEPTON_E_SPEC,
		"bad: network: \"layers\" has 0 elements, but takes 1 to 256");
	compile_fault(odd_activation, NULL, LEPTON_E_SPEC,
		"bad: layers[2] Dense: \"activation\" is \"sofmax\", but is one of "
		"linear|relu|tanh|sigmoid|gelu|softmax");
	compile_fault(negative_units, NULL, LEPTON_E_SPEC,
		"bad: layers[2] Dense: \"units\" is -3, but goes from 1 to 1000000");
	compile_fault(no_rate, NULL, LEPTON_E_SPEC,
		"bad: layers[1] Dropout: \"rate\" takes a number from 0 to 0.999");
	compile_fault(good, &(struct lepton_compile_options){.optimizer = "adagrad"}, LEPTON_E_SPEC,
		"bad: optimizer: unknown name \"adagrad\"; there are adam, sgd, adamw, rmsprop");
	compile_fault(good, &(struct lepton_compile_options){.learning_rate = -1}, LEPTON_E_SPEC,
		"bad: optimizer: \"learning_rate\" is -1, but goes from 0 to 1000");
	compile_fault(good, &(struct lepton_compile_options){.momentum = 0.5}, LEPTON_E_SPEC,
		"bad: optimizer: unknown key \"momentum\"; it takes name, learning_rate, "
		"schedule, beta_1, beta_2, epsilon");
	compile_fault(good, &(struct lepton_compile_options){.loss = "mae"}, LEPTON_E_SPEC,
		"bad: network: \"loss\" is \"mae\", but is one of categorical_crossentropy|binary_crossentropy|hinge|squared_hinge|mse");
}

static void test_bad_fits(void **state)
{
	struct lepton_dataset *data = make_set(ALL, TEST, 0.2);
	struct lepton_model *model = make_model(NULL);
	struct lepton_error err = {0};
	double loss;
	(void)state;
	assert_int_equal(lepton_fit(model, data, &(struct lepton_fit_options){.batch_size = -1}, &err),
		LEPTON_E_USAGE);
	assert_string_equal(err.message, "batch_size, epochs and workers cannot be below zero");
	assert_int_equal(lepton_fit(model, data, &(struct lepton_fit_options){.batch_size = 100000}, &err),
		LEPTON_E_SPEC);
	score(model, data, &loss, NULL); /* and the model is none the worse */
	lepton_dense(model, 4, NULL);
	assert_int_equal(lepton_evaluate(model, data, LEPTON_TEST, &loss, NULL, &err), LEPTON_E_STATE);
	lepton_model_free(model);
	lepton_model_free(NULL);
	lepton_dataset_release(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_build_fit_evaluate),
		cmocka_unit_test(test_fits_add_up),
		cmocka_unit_test(test_workers_do_not_matter),
		cmocka_unit_test(test_another_data_set),
		cmocka_unit_test(test_compile_again_keeps_weights),
		cmocka_unit_test(test_config_text),
		cmocka_unit_test(test_config_text_of_the_others),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_bad_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
