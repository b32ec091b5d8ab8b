/* tests/test_model_config.c - every fault of a configuration: its code and its very sentence; and that
 * nonsense of any kind is answered, not crashed on.
 */
#include "config.h"
#include "lepton/model.h"
#include "model/graph.h"
#include "model_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define INPUT "{\"type\":\"Input\",\"shape\":[6,6,1]}"
#define CONV "{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[3,3]}"
#define FLATTEN "{\"type\":\"Flatten\"}"
#define DENSE "{\"type\":\"Dense\",\"units\":8}"
#define END "{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}"
#define GOOD "{\"layers\":[" INPUT "," FLATTEN "," END "]"

static struct lepton_dataset *data;

static int make_data(void **state)
{
	uint8_t images[20 * 36] = {0}, labels[20] = {0, 1, 2};
	const struct lepton_shape sample = {3, {6, 6, 1}};
	(void)state;
	return lepton_dataset_from_u8(images, labels, 20, 4, &sample, 3, 0.25, &data, NULL);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

struct fault {
	const char *config;
	int code;
	const char *sentence;
};

static const struct fault faults[] = {
	{"", LEPTON_E_SPEC, "network: the configuration is not JSON"},
	{"[]", LEPTON_E_SPEC, "network: takes an object {…}"},
	{"{}", LEPTON_E_SPEC, "network: \"layers\" is missing (the network's layers, Input first)"},
	{"{\"layers\":{}}", LEPTON_E_SPEC, "network: \"layers\" takes a list"},
	{"{\"layers\":[]}", LEPTON_E_SPEC, "network: \"layers\" has 0 elements, but takes 1 to 256"},
	{"{\"layers\":[3]}", LEPTON_E_SPEC,
		"layers[0]: takes an object with a \"type\", as in {\"type\": \"Dense\", \"units\": 10}"},
	{"{\"layers\":[{\"type\":\"dense\"}]}", LEPTON_E_SPEC,
		"layers[0]: unknown \"type\" \"dense\"; did you mean \"Dense\"?"},
	{"{\"layers\":[{\"type\":\"Attention\"}]}", LEPTON_E_SPEC,
		"layers[0]: unknown \"type\" \"Attention\"; there are Input, Conv2D, MaxPooling2D, Flatten, "
		"Dense, Dropout, AveragePooling2D, GlobalAveragePooling2D, BatchNormalization, "
		"Embedding, GlobalAveragePooling1D, RandomTranslation, RandomRotation, RandomZoom"},
	{"{\"layers\":[" INPUT ",{\"type\":\"AveragePooling2D\",\"poolsize\":2}]}", LEPTON_E_SPEC,
		"layers[1] AveragePooling2D: unknown key \"poolsize\"; did you mean \"pool_size\"?"},
	{"{\"layers\":[" INPUT ",{\"type\":\"AveragePooling2D\",\"pool_size\":[7,2]}]}", LEPTON_E_SHAPE,
		"layers[1] AveragePooling2D: a 7x2 window does not fit into [6,6,1]; make it smaller or set "
		"\"padding\": \"same\""},
	{"{\"layers\":[" INPUT ",{\"type\":\"BatchNormalization\",\"axis\":1}]}", LEPTON_E_SPEC,
		"layers[1] BatchNormalization: unknown key \"axis\"; it takes type, name, momentum, epsilon"},
	{"{\"layers\":[" INPUT ",{\"type\":\"BatchNormalization\",\"momentum\":1.5}]}", LEPTON_E_SPEC,
		"layers[1] BatchNormalization: \"momentum\" is 1.5, but goes from 0 to 1"},
	{"{\"layers\":[" INPUT "," FLATTEN "," END ",{\"type\":\"BatchNormalization\"}]}", LEPTON_E_SPEC,
		"layers[3] BatchNormalization: the last layer with weights cannot be BatchNormalization; end "
		"with Dense"},
	{"{\"layers\":[" INPUT "," FLATTEN ",{\"type\":\"GlobalAveragePooling2D\"}]}", LEPTON_E_SHAPE,
		"layers[2] GlobalAveragePooling2D: takes an image [height,width,channels], but gets [36]; "
		"put "
		"it in place of Flatten"},
	{"{\"layers\":[" DENSE "]}", LEPTON_E_SPEC,
		"layers[0] Dense: the first layer must be Input, as in {\"type\": \"Input\", \"shape\": [28, "
		"28, 1]}"},
	{"{\"layers\":[" INPUT "," INPUT "]}", LEPTON_E_SPEC,
		"layers[1] Input: only the first layer can be Input"},
	{"{\"layers\":[{\"type\":\"Input\"}]}", LEPTON_E_SPEC,
		"layers[0] Input: \"shape\" is missing (of one sample: height, width, channels)"},
	{"{\"layers\":[{\"type\":\"Input\",\"shape\":[1,2,3,4]}]}", LEPTON_E_SPEC,
		"layers[0] Input: \"shape\" has 4 elements, but takes 1 to 3"},
	{"{\"layers\":[{\"type\":\"Input\",\"shape\":[6,0,1]}]}", LEPTON_E_SPEC,
		"layers[0] Input: \"shape\" takes whole numbers from 1 to 65536, as in [28, 28, 1]"},
	{"{\"layers\":[" INPUT ",{\"type\":\"Conv2D\",\"filters\":4}]}", LEPTON_E_SPEC,
		"layers[1] Conv2D: \"kernel_size\" is missing (height and width of a filter)"},
	{"{\"layers\":[" INPUT ",{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[7,7]}]}", LEPTON_E_SHAPE,
		"layers[1] Conv2D: a 7x7 kernel does not fit into [6,6,1]; make it smaller or set "
		"\"padding\": \"same\""},
	{"{\"layers\":[" INPUT ",{\"type\":\"MaxPooling2D\",\"pool_size\":[2,8]}]}", LEPTON_E_SHAPE,
		"layers[1] MaxPooling2D: a 2x8 window does not fit into [6,6,1]; make it smaller or set "
		"\"padding\": "
		"\"same\""},
	{"{\"layers\":[" INPUT ",{\"type\":\"Conv2D\",\"filters\":4,\"kernel_size\":[3]}]}", LEPTON_E_SPEC,
		"layers[1] Conv2D: \"kernel_size\" takes two whole numbers, as in [3, 3]"},
	{"{\"layers\":[" INPUT ",{\"type\":\"Conv2D\",\"filters\":2.5,\"kernel_size\":3}]}", LEPTON_E_SPEC,
		"layers[1] Conv2D: \"filters\" takes a whole number from 1 to 65536"},
	{"{\"layers\":[" INPUT ",{\"type\":\"Conv2D\",\"filters\":2,\"kernel_size\":3,\"strides\":[0,1]}]}",
		LEPTON_E_SPEC, "layers[1] Conv2D: \"strides\" is 0, but goes from 1 to 1024"},
	{"{\"layers\":[" INPUT
	 ",{\"type\":\"Conv2D\",\"filters\":2,\"kernel_size\":3,\"padding\":\"full\"}]}",
		LEPTON_E_SPEC, "layers[1] Conv2D: \"padding\" is \"full\", but is one of valid|same"},
	{"{\"layers\":[" INPUT ",{\"type\":\"Conv2D\",\"filters\":2,\"kernelsize\":3}]}", LEPTON_E_SPEC,
		"layers[1] Conv2D: unknown key \"kernelsize\"; did you mean \"kernel_size\"?"},
	{"{\"layers\":[" INPUT ",{\"type\":\"Flatten\",\"order\":1}]}", LEPTON_E_SPEC,
		"layers[1] Flatten: unknown key \"order\"; it takes type, name"},
	{"{\"layers\":[" INPUT "," DENSE "]}", LEPTON_E_SHAPE,
		"layers[1] Dense: takes one row of values, but gets [6,6,1]; put a Flatten layer before it"},
	{"{\"layers\":[" INPUT "," FLATTEN "," CONV "]}", LEPTON_E_SHAPE,
		"layers[2] Conv2D: takes an image [height,width,channels], but gets [36]; put it before the "
		"Flatten "
		"layer"},
	{"{\"layers\":[" INPUT "," FLATTEN ",{\"type\":\"Dense\",\"units\":3,\"activation\":\"relo\"}]}",
		LEPTON_E_SPEC,
		"layers[2] Dense: \"activation\" is \"relo\", but is one of "
		"linear|relu|tanh|sigmoid|gelu|softmax"},
	{"{\"layers\":[" INPUT "," FLATTEN ",{\"type\":\"Dropout\",\"rate\":1}]}", LEPTON_E_SPEC,
		"layers[2] Dropout: \"rate\" is 1, but goes from 0 to 0.999"},
	{"{\"layers\":[" INPUT "," FLATTEN "," DENSE "]}", LEPTON_E_SPEC,
		"layers[2] Dense: categorical_crossentropy takes probabilities; set \"activation\": "
		"\"softmax\""},
	{"{\"layers\":[" INPUT "," FLATTEN "," END ",{\"type\":\"Dropout\",\"rate\":0.5}]}", LEPTON_E_SPEC,
		"layers[3] Dropout: the last layer cannot be Dropout; end with Dense"},
	{"{\"layers\":[" INPUT "," CONV "]}", LEPTON_E_SHAPE,
		"layers[1] Conv2D: the network must end in one row of values, one a class; add Flatten and "
		"Dense"},
	{"{\"layers\":[" INPUT "," FLATTEN "]}", LEPTON_E_SPEC,
		"layers[1] Flatten: no layer has weights to train; add Dense"},
	{"{\"layers\":[" INPUT "," FLATTEN ",{\"type\":\"Dense\",\"units\":4,\"activation\":\"softmax\"}]}",
		LEPTON_E_SHAPE,
		"layers[2] Dense: its output is for 4 classes, but the data has 3; let it give as many values"},
	{"{\"layers\":[{\"type\":\"Input\",\"shape\":[6,5,1]}," FLATTEN "," END "]}", LEPTON_E_SHAPE,
		"layers[0] Input: shape [6,5,1] is not that of the data's samples; set \"shape\": [6,6,1]"},
	{"{\"layers\":[" INPUT "," FLATTEN ",{\"type\":\"Dense\",\"units\":8,\"name\":\"a/b\"}," END "]}",
		LEPTON_E_SPEC, "layers[2] Dense: \"name\" takes 1 to 39 letters, digits, and \"_-.\""},
	{"{\"layers\":[" INPUT "," FLATTEN ",{\"type\":\"Dense\",\"units\":8,\"name\":\"dense_1\"}," END "]}",
		LEPTON_E_SPEC,
		"layers[3] Dense: the name \"dense_1\" is already taken by layers[2]; give another \"name\""},
	{"{\"layers\":[" INPUT "," FLATTEN
	 ",{\"type\":\"Dense\",\"units\":1000000},{\"type\":\"Dense\",\"units\":"
	 "1000000}," END "]}",
		LEPTON_E_SHAPE,
		"layers[3] Dense: 1000037000000 weights are more than the 2147483647 a network can have; "
		"make it "
		"smaller"},
	{"{\"layers\":[" INPUT
	 ",{\"type\":\"Conv2D\",\"filters\":65536,\"kernel_size\":1},{\"type\":\"Conv2D\","
	 "\"filters\":3,\"kernel_size\":1024,\"padding\":\"same\"}," FLATTEN "," END "]}",
		LEPTON_E_SHAPE,
		"layers[2] Conv2D: 206158561280 weights are more than the 2147483647 a network can have; "
		"make it "
		"smaller"},
	{GOOD ",\"batch_size\":0}", LEPTON_E_SPEC, "network: \"batch_size\" is 0, but goes from 1 to 65536"},
	{GOOD ",\"batch_size\":1e300}", LEPTON_E_SPEC,
		"network: \"batch_size\" is 1e+300, but goes from 1 to 65536"},
	{GOOD ",\"epochs\":\"ten\"}", LEPTON_E_SPEC,
		"network: \"epochs\" takes a whole number from 1 to 1000000"},
	{GOOD ",\"batch_size\":4,\"micro_batches\":5}", LEPTON_E_SPEC,
		"network: \"micro_batches\" is 5, more than the \"batch_size\" of 4"},
	{GOOD ",\"loss\":\"mae\"}", LEPTON_E_SPEC,
		"network: \"loss\" is \"mae\", but is one of categorical_crossentropy|binary_crossentropy|hinge|squared_hinge|mse"},
	{GOOD ",\"metrics\":[\"auc\"]}", LEPTON_E_SPEC, "network: \"metrics\" takes [\"accuracy\"] or []"},
	{GOOD ",\"optimizer\":\"adam\"}", LEPTON_E_SPEC, "network: \"optimizer\" takes an object {…}"},
	{GOOD ",\"optimizer\":{\"name\":\"adan\"}}", LEPTON_E_SPEC,
		"optimizer: unknown name \"adan\"; did you mean \"adam\"?"},
};

static int try_config(const char *config, struct lepton_error *err)
{
	struct lepton_learner *learner = NULL;
	int code = lepton_learner_find("network")->create(config, 1, data, &learner, err);
	assert_int_equal(code == 0, learner != NULL);
	if (learner)
		learner->ops->destroy(learner);
	return code;
}

static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct lepton_error err = {0};
		int code = try_config(faults[i].config, &err);
		assert_string_equal(err.message, faults[i].sentence);
		assert_int_equal(code, faults[i].code);
		assert_int_equal(err.code, faults[i].code);
	}
	assert_int_equal(try_config(NULL, NULL), LEPTON_E_SPEC);
}

static void test_good_ones(void **state)
{
	static const char *const configs[] = {
		GOOD "}",
		GOOD ",\"learner\":\"network\",\"shards\":3,\"fuse\":{}}", /* other rooms' keys */
		GOOD ",\"batch_size\":1,\"micro_batches\":1,\"metrics\":[]}",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[36]}," END "]}",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[6,6]}," FLATTEN "," END "]}",
		"{\"layers\":[{\"type\":\"Input\",\"shape\":[6,6,1],\"name\":\"x\"}," FLATTEN
		",{\"type\":\"Dense\",\"units\":3,\"activation\":\"softmax\"}," FLATTEN "]}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
		struct lepton_error err = {0};
		int code = try_config(configs[i], &err);
		assert_string_equal(err.message, "");
		assert_int_equal(code, 0);
	}
}

/* Too large for any machine (terabytes), but not for the arithmetic: a sentence, not the kernel's killer. */
static void test_too_large(void **state)
{
#define MORE ",{\"type\":\"Dropout\",\"rate\":0.5}"
	struct lepton_error err = {0};
	int code = try_config(
		"{\"layers\":[" INPUT
		",{\"type\":\"Conv2D\",\"filters\":50000,\"kernel_size\":1}" MORE MORE MORE MORE MORE MORE
		"," FLATTEN "," END "],\"batch_size\":65536,\"micro_batches\":64}",
		&err);
	(void)state;
	assert_int_equal(code, LEPTON_E_NOMEM);
	assert_non_null(strstr(err.message, "but this machine has"));
	code = try_config("{\"layers\":[" INPUT
			  ",{\"type\":\"Conv2D\",\"filters\":4000,\"kernel_size\":1}," FLATTEN "," END
			  "],\"batch_size\":65536,\"micro_batches\":1}",
		&err);
	assert_int_equal(code, LEPTON_E_SHAPE);
	assert_string_equal(err.message,
		"layers[1] Conv2D: its output is too large for a batch of 65536; lower \"batch_size\"");
}

/* Cut, and with a byte changed, at every place: any answer will do, so long as there is one. */
static void test_damaged_text(void **state)
{
	static const char good[] = "{\"layers\":[" INPUT "," CONV ",{\"type\":\"MaxPooling2D\"}," FLATTEN
				   ",{\"type\":\"Dropout\",\"rate\":0.5}," END
				   "],\"batch_size\":4,\"optimizer\":{\"name\":\"sgd\",\"momentum\":0.5}}";
	uint64_t seed = 3;
	int answered = 0;
	(void)state;
	for (size_t i = 0; i < sizeof good; i++) {
		char text[sizeof good];
		struct lepton_error err = {0};
		memcpy(text, good, sizeof good);
		text[i] = '\0';
		if (i < sizeof good - 1)
			assert_int_not_equal(try_config(text, &err), 0);
		for (int k = 0; k < 8; k++) {
			static const char letters[] = "{}[]\",:09-eaD";
			size_t which = (size_t)((test_random(&seed) + 1) / 2 * (sizeof letters - 1));
			memcpy(text, good, sizeof good);
			text[i < sizeof good - 1 ? i : 0] = letters[which];
			err = (struct lepton_error){0};
			int code = try_config(text, &err);
			assert_int_equal(code != 0, err.message[0] != '\0');
			answered++;
		}
	}
	assert_int_equal(answered, 8 * sizeof good);
}

/* The tables that the spec room reads agree with themselves. */
static void test_key_tables(void **state)
{
	const char *const *types = lepton__layer_types(), *const *names = lepton__optimizer_names();
	(void)state;
	for (int i = 0; types[i]; i++) {
		const struct lepton__key *keys = lepton__layer_keys(types[i]);
		assert_non_null(keys);
		assert_string_equal(lepton__layer_find(types[i])->type, types[i]);
		assert_true(lepton__key_find(keys, "type") && lepton__key_find(keys, "name"));
		for (; keys->name; keys++)
			assert_true(keys->help && *keys->help);
	}
	for (int i = 0; names[i]; i++)
		assert_non_null(lepton__key_find(lepton__optimizer_keys(names[i]), "learning_rate"));
	assert_null(lepton__layer_keys("LSTM"));
	assert_null(lepton__layer_keys(NULL));
	assert_null(lepton__optimizer_keys("lbfgs"));
	assert_null(lepton__key_find(lepton__network_keys, "unknown"));
	assert_true(lepton__key_find(lepton__network_keys, "layers")->required);
}

static void test_network_check(void **state)
{
	struct lepton_error err = {0};
	cJSON *good = cJSON_Parse(GOOD "}"), *bad = cJSON_Parse("{\"layers\":[" INPUT "," DENSE "]}");
	(void)state;
	assert_int_equal(lepton__network_check(good, &err), 0);
	assert_int_equal(lepton__network_check(bad, &err), LEPTON_E_SHAPE);
	assert_int_equal(lepton__network_check(NULL, &err), LEPTON_E_SPEC);
	cJSON_Delete(good);
	cJSON_Delete(bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_good_ones),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_damaged_text),
		cmocka_unit_test(test_key_tables),
		cmocka_unit_test(test_network_check),
	};
	return cmocka_run_group_tests(tests, make_data, drop_data);
}
