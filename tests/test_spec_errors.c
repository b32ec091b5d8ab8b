/* Every fault of a spec file, its code, its line, and the words a person needs.
 *
 * Most cases put members into a good file by the macros below, at a line counted by hand.
 */
#include "config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lepton/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NET                                                                                                  \
	"\"layers\": [{\"type\": \"Input\", \"shape\": [4, 4, 1]}, {\"type\": \"Flatten\"},"                 \
	" {\"type\": \"Dense\", \"units\": 3, \"activation\": \"softmax\"}]"
#define A "{\"name\": \"a\", " NET "}"
#define TOP(members) "{\"data\": {\"path\": \"d\"},\n" members ",\n\"versions\": [" A "]}"
#define DATA(members) "{\"data\": {\"path\": \"d\",\n" members "},\n\"versions\": [" A "]}"
#define DEFAULTS(members)                                                                                    \
	"{\"data\": {\"path\": \"d\"},\n\"defaults\": {\n" members "},\n\"versions\": [" A "]}"
#define ONE(members)                                                                                         \
	"{\"data\": {\"path\": \"d\"}, \"versions\": [\n{\"name\": \"a\",\n" members ",\n" NET "}]}"
#define LAYERS(layers)                                                                                       \
	"{\"data\": {\"path\": \"d\"}, \"versions\": [\n{\"name\": \"a\", \"layers\": [\n" layers "\n]}]}"
#define LIST(versions) "{\"data\": {\"path\": \"d\"}, \"versions\": [\n" versions "]}"
#define IN "{\"type\": \"Input\", \"shape\": [4, 4, 1]},\n"
#define OUT ",\n{\"type\": \"Flatten\"},\n{\"type\": \"Dense\", \"units\": 3, \"activation\": \"softmax\"}"

static const struct fault {
	const char *text;
	int code, line; /* line 0: the fault has none */
	const char *words;
} faults[] = {
	/* syntax: with a column */
	{"", LEPTON_E_SPEC, 1, "x.json:1:1: the file is empty"},
	{" \n\n", LEPTON_E_SPEC, 3, "x.json:3:1: the file is empty"},
	{"{\n \"a\" 1}", LEPTON_E_SPEC, 2, "x.json:2:6: expected ':' behind the key, found '1'"},
	{"{\"a\": 1,\n}", LEPTON_E_SPEC, 2, "x.json:2:1: a ',' with nothing behind it"},
	{"{\"a\": [1,\n 2,\n]}", LEPTON_E_SPEC, 3, "x.json:3:1: a ',' with nothing"},
	{"{\"a\": [1\n2]}", LEPTON_E_SPEC, 2, "x.json:2:1: expected ',' or ']', found '2'"},
	{"{\"a\": 1\n \"b\": 2}", LEPTON_E_SPEC, 2, "x.json:2:2: expected ',' or '}', found '\"'"},
	{"{a: 1}", LEPTON_E_SPEC, 1, "x.json:1:2: expected a key in \"double quotes\", found 'a'"},
	{"{\"a\": 'b'}", LEPTON_E_SPEC, 1, "\"double quotes\", found '''"},
	{"{\"a\": 1 // one\n}", LEPTON_E_SPEC, 1, "x.json:1:9: expected ',' or '}', found '/'"},
	{"{\"a\":\n# one\n1}", LEPTON_E_SPEC, 2, "JSON has no comments"},
	{"{\"a\": \"b}\n", LEPTON_E_SPEC, 1, "no closing quote"},
	{"{\"a\": \"\xC3\"}", LEPTON_E_SPEC, 1, "not UTF-8"},
	{"{\"\xC3\xA4\": ?}", LEPTON_E_SPEC, 1,
		"x.json:1:7: expected a value, found '?'"}, /* columns count characters */
	{"{\"a\": \"\x01\"}", LEPTON_E_SPEC, 1, "no control character"},
	{"{\"a\": \"\\x\"}", LEPTON_E_SPEC, 1, "behind a backslash, found 'x'"},
	{"{\"a\": \"\\u12g4\"}", LEPTON_E_SPEC, 1, "four hexadecimal digits"},
	{"{\"a\": \"\\u0000\"}", LEPTON_E_SPEC, 1, "\\u0000"},
	{"{\"a\": \"\\ud800\"}", LEPTON_E_SPEC, 1, "surrogate"},
	{"{\"a\": \"\\udc00\\ud800\"}", LEPTON_E_SPEC, 1, "surrogate"},
	{"{\"a\": 01}", LEPTON_E_SPEC, 1, "cannot begin with 0"},
	{"{\"a\": 1.}", LEPTON_E_SPEC, 1, "a digit behind the point"},
	{"{\"a\": 1e}", LEPTON_E_SPEC, 1, "a digit in the exponent"},
	{"{\"a\": -}", LEPTON_E_SPEC, 1, "expected a digit"},
	{"{\"a\": +1}", LEPTON_E_SPEC, 1, "expected a value, found '+'"},
	{"{\"a\": NaN}", LEPTON_E_SPEC, 1, "expected a value, found 'N'"},
	{"{\"a\": 1000000000000000000000000000000000000000000000000000000000000000000}", LEPTON_E_SPEC, 1,
		"too many digits"},
	{"{\"a\": {\"b\":\n [1, 2}}", LEPTON_E_SPEC, 2, "expected ',' or ']', found '}'"},
	{"{\"a\": 1", LEPTON_E_SPEC, 1, "found the end of the file"},
	{"{\"a\": 1}}", LEPTON_E_SPEC, 1, "expected nothing behind the last '}', found '}'"},
	{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", LEPTON_E_SPEC, 1,
		"nested too deeply"},
	{"{\"a\": 1,\n\"b\": 2,\n\"a\": 3}", LEPTON_E_SPEC, 3,
		"\"a\" is here a second time; it stands in line 1"},
	{"{\"a\": 1,\n\"\\u0061\": 3}", LEPTON_E_SPEC, 2, "\"a\" is here a second time"},
	/* the whole */
	{"[1]", LEPTON_E_SPEC, 1, "a spec is an object"},
	{"\n{}", LEPTON_E_SPEC, 2, "\"data\" is missing"},
	{"{\"data\": {\"path\": \"d\"}}", LEPTON_E_SPEC, 1, "\"versions\" is missing"},
	{TOP("\"verions\": 1"), LEPTON_E_SPEC, 2, "unknown key \"verions\"; did you mean \"versions\"?"},
	{TOP("\"zzzzzzzzzzzz\": 1"), LEPTON_E_SPEC, 2,
		"it takes experiment, seed, data, defaults, search, keep, versions"},
	{TOP("\"experiment\": 3"), LEPTON_E_SPEC, 2, "\"experiment\" takes a string"},
	{TOP("\"experiment\": \"\""), LEPTON_E_SPEC, 2, "1 to 63 bytes"},
	{TOP("\"seed\": -1"), LEPTON_E_SPEC, 2, "\"seed\" is -1"},
	{TOP("\"seed\": 1.5"), LEPTON_E_SPEC, 2, "\"seed\" takes a whole number"},
	{TOP("\"seed\": 9007199254740994"), LEPTON_E_SPEC, 2, "\"seed\" is"},
	{TOP("\"defaults\": []"), LEPTON_E_SPEC, 2, "\"defaults\" takes an object"},
	{LIST(""), LEPTON_E_SPEC, 1, "\"versions\" has 0 elements"},
	/* data */
	{"{\"data\": 3,\n\"versions\": [" A "]}", LEPTON_E_SPEC, 1, "\"data\" takes an object"},
	{"{\"data\":\n{},\n\"versions\": [" A "]}", LEPTON_E_SPEC, 1, "data: \"path\" is missing"},
	{"{\"data\": {\n\"path\": \"\"},\n\"versions\": [" A "]}", LEPTON_E_SPEC, 2,
		"data: \"path\" is empty"},
	{DATA("\"target\": \"y\""), LEPTON_E_SPEC, 2, "data: \"target\" means nothing to format \"idx\""},
	{DATA("\"format\": \"libsvm\",\n\"ignore\": [\"y\"]"), LEPTON_E_SPEC, 3,
		"data: \"ignore\" means nothing to format \"libsvm\""},
	{DATA("\"format\": \"csv\",\n\"test_split\": 0"), LEPTON_E_SPEC, 3,
		"it goes from above 0 to below 1"},
	{DATA("\"format\": \"csv\", \"ignore\": [\"y\",\n3]"), LEPTON_E_SPEC, 3,
		"\"ignore\" is a list of columns' names"},
	{DATA("\"format\": \"csv\",\n\"separator\": \":\""), LEPTON_E_SPEC, 3, "\"separator\""},
	{DATA("\"format\": \"csv\",\n\"task\": \"sort\""), LEPTON_E_SPEC, 3, "\"task\""},
	{DATA("\"format\": \"csw\""), LEPTON_E_SPEC, 2, "did you mean \"csv\""},
	{DATA("\"pth\": \"d\""), LEPTON_E_SPEC, 2, "data: unknown key \"pth\"; did you mean \"path\"?"},
	{DATA("\"format\": \"idz\""), LEPTON_E_SPEC, 2, "did you mean \"idx\""},
	{DATA("\"format\": \"parquet\""), LEPTON_E_SPEC, 2, "it reads \"idx\""},
	{DATA("\"format\": 1"), LEPTON_E_SPEC, 2, "\"format\" takes a string"},
	{DATA("\"validation_split\": 1"), LEPTON_E_SPEC, 2, "leaves nothing to train on"},
	{DATA("\"validation_split\": -0.1"), LEPTON_E_SPEC, 2, "\"validation_split\" is -0.1"},
	{DATA("\"validation_split\": 1e999"), LEPTON_E_SPEC, 2, "\"validation_split\" takes a number"},
	{DATA("\"validation_split\": \"0.1\""), LEPTON_E_SPEC, 2, "\"validation_split\" takes a number"},
	{DATA("\"limit\": 2.5"), LEPTON_E_SPEC, 2, "\"limit\" takes a whole number"},
	{DATA("\"test_limit\": -1"), LEPTON_E_SPEC, 2, "\"test_limit\" is -1"},
	/* defaults */
	{DEFAULTS("\"epoch\": 3"), LEPTON_E_SPEC, 3,
		"defaults: unknown key \"epoch\"; did you mean \"epochs\"?"},
	{DEFAULTS("\"name\": \"b\""), LEPTON_E_SPEC, 3, "defaults: \"name\" belongs to one version"},
	{DEFAULTS("\"base\": \"a\""), LEPTON_E_SPEC, 3, "\"base\" belongs to one version"},
	{DEFAULTS("\"grid\": {}"), LEPTON_E_SPEC, 3, "\"grid\" belongs to one version"},
	{DEFAULTS("\"epochs\": 0"), LEPTON_E_SPEC, 3,
		"\"epochs\" is 0"}, /* found in the version, shown where it stands */
	{DEFAULTS("\"optimizer\": {\"name\": \"adam\",\n\"learning_rat\": 1}"), LEPTON_E_SPEC, 4,
		"did you mean \"learning_rate\"?"},
	{DEFAULTS("\"learner\": \"bayes\""), LEPTON_E_SPEC, 3,
		"\"bayes\", which is not available in this build; available: network"},
	/* versions as written */
	{LIST("3"), LEPTON_E_SPEC, 2, "versions[0]: takes an object"},
	{LIST(A ",\n{" NET "}"), LEPTON_E_SPEC, 3, "versions[1]: \"name\" is missing"},
	{LIST("{\"name\": 7}"), LEPTON_E_SPEC, 2, "\"name\" takes a string"},
	{LIST("{\"name\": \"\"}"), LEPTON_E_SPEC, 2, "1 to 63 bytes"},
	{LIST("{\"name\": \"a@3\"}"), LEPTON_E_SPEC, 2, "'@'"},
	{LIST("{\"name\": \":a\"}"), LEPTON_E_SPEC, 2, "begins with ':'"},
	{LIST("{\"name\": \"-a\"}"), LEPTON_E_SPEC, 2, "begins with '-'"},
	{LIST("{\"name\": \"#1\"}"), LEPTON_E_SPEC, 2, "begins with '#'"},
	{LIST("{\"name\": \"a\\nb\"}"), LEPTON_E_SPEC, 2, "control characters"},
	{LIST("{\"name\": \"a\\u0085\"}"), LEPTON_E_SPEC, 2, "control characters"},
	{LIST("{\"name\": \"0123456789012345678901234567890123456789012345678901234567890123\"}"),
		LEPTON_E_SPEC, 2, "1 to 63 bytes, not 64"},
	{LIST(A ",\n" A), LEPTON_E_SPEC, 3, "the name \"a\" is taken by the version in line 2"},
	{ONE("\"base\": \"b\""), LEPTON_E_SPEC, 3,
		"\"base\" is \"b\", but no version has that name; did you mean \"a\"?"},
	{ONE("\"base\": 3"), LEPTON_E_SPEC, 3, "\"base\" takes a string"},
	{ONE("\"base\": \"a\""), LEPTON_E_SPEC, 3, "goes round in a circle"},
	{LIST("{\"name\": \"a\", \"base\": \"b\"},\n{\"name\": \"b\",\n\"base\": \"c\"},\n{\"name\": \"c\", "
	      "\"base\": \"b\"}"),
		LEPTON_E_SPEC, 2, "version \"a\": \"base\" goes round"},
	{ONE("\"learner\": \"bayes\""), LEPTON_E_SPEC, 3, "available: network"},
	{ONE("\"learner\": 1"), LEPTON_E_SPEC, 3, "\"learner\" takes one of network"},
	{ONE("\"seed\": \"x\""), LEPTON_E_SPEC, 3, "\"seed\" takes a whole number"},
	{ONE("\"priority\": 0"), LEPTON_E_SPEC, 3, "\"priority\" is 0"},
	{ONE("\"shards\": 1"), LEPTON_E_SPEC, 3, "\"shards\" is 1, but goes from 2 to 16"},
	{ONE("\"shards\": \"x\""), LEPTON_E_SPEC, 3, "\"shards\" takes a whole number from 2 to 16"},
	{ONE("\"shards\": {\n\"split\": \"iid\"}"), LEPTON_E_SPEC, 3,
		"version \"a\": shards: \"count\" is missing"},
	{ONE("\"shards\": {\"count\": 3,\n\"split\": \"clas\"}"), LEPTON_E_SPEC, 4,
		"is one of iid|class|dirichlet"},
	{ONE("\"shards\": 3,\n\"learner\": \"random_forest\""), LEPTON_E_SPEC, 5, "unknown key \"layers\""},
	{ONE("\"fuse\": {}"), LEPTON_E_SPEC, 3, "\"fuse\" says how \"shards\" are fused, and there are none"},
	{ONE("\"shards\": 3, \"fuse\": {\n\"methd\": 1}"), LEPTON_E_SPEC, 4,
		"fuse: unknown key \"methd\"; did you mean \"method\"?"},
	{ONE("\"shards\": 3, \"fuse\": {\n\"method\": \"avrage\"}"), LEPTON_E_SPEC, 4, "avrage"},
	{ONE("\"shards\": 3, \"fuse\": {\n\"method\": \"soup\"}"), LEPTON_E_SPEC, 4,
		"soup is for versions that are done"},
	{ONE("\"shards\": 3,\n\"averaging\": {\"method\": \"ema\"}"), LEPTON_E_SPEC, 4,
		"leave \"averaging\" or \"shards\" out"},
	{ONE("\"averaging\": {\n\"method\": \"mean\"}"), LEPTON_E_SPEC, 4, "ema|swa"},
	{ONE("\"shards\": 3, \"fuse\": {\n\"method\": \"fisher\"}"), LEPTON_E_SPEC, 4,
		"fisher looks into networks at work, which is for versions that are done"},
	{ONE("\"shards\": 3, \"fuse\": {\"method\": \"rebasin\",\n\"settings\": {\"repair\": true}}"),
		LEPTON_E_SPEC, 4, "rebasin with these settings looks into networks"},
	{ONE("\"shards\": 3, \"fuse\": {\"method\": \"ties\",\n\"settings\": {\"densty\": 1}}"),
		LEPTON_E_SPEC, 4, "densty"},
	{ONE("\"shards\": 3, \"fuse\": {\n\"server\": {}}"), LEPTON_E_SPEC, 4,
		"server: \"optimizer\" is missing"},
	{ONE("\"shard\": {\n\"index\": 3, \"of\": 2}"), LEPTON_E_SPEC, 3, "\"index\" is above \"of\""},
	{ONE("\"shard\": 2"), LEPTON_E_SPEC, 3, "takes an object: {\"index\": 1, \"of\": 3}"},
	{ONE("\"shards\": 2,\n\"shard\": {\"index\": 1, \"of\": 2}"), LEPTON_E_SPEC, 3, "has both"},
	{ONE("\"search\": {}"), LEPTON_E_SPEC, 3, "\"search\" stands beside \"versions\""},
	{ONE("\"early_stopping\": true"), LEPTON_E_SPEC, 3, "\"early_stopping\" takes an object"},
	{ONE("\"early_stopping\": {\n\"patient\": 3}"), LEPTON_E_SPEC, 4,
		"version \"a\": early_stopping: unknown key \"patient\"; did you mean \"patience\"?"},
	{ONE("\"early_stopping\": {\n\"patience\": 0}"), LEPTON_E_SPEC, 4, "\"patience\" is 0"},
	{ONE("\"early_stopping\": {\n\"monitor\": \"loss\"}"), LEPTON_E_SPEC, 4, "\"monitor\" is \"loss\""},
	{TOP("\"keep\": {\"last\": 1}"), LEPTON_E_SPEC, 2, "keep: \"last\" is 1, but goes from 2"},
	{TOP("\"keep\": {\"newest\": 3}"), LEPTON_E_SPEC, 2, "keep: unknown key \"newest\""},
	{TOP("\"keep\": {\"best\": 1}"), LEPTON_E_SPEC, 2, "keep: \"best\""},
	{TOP("\"keep\": 3"), LEPTON_E_SPEC, 2, "\"keep\""},
	{TOP("\"search\": {}"), LEPTON_E_SPEC, 2, "search: \"asha\" is missing"},
	{TOP("\"search\": {\"asa\": {}}"), LEPTON_E_SPEC, 2,
		"search: unknown key \"asa\"; did you mean \"asha\"?"},
	{TOP("\"search\": {\"asha\": {\n\"reduction_factor\": 1}}"), LEPTON_E_SPEC, 3,
		"search: asha: \"reduction_factor\" is 1"},
	{ONE("\"optimiser\": {}"), LEPTON_E_SPEC, 3, "did you mean \"optimizer\"?"},
	{ONE("\"Epochs\": 3"), LEPTON_E_SPEC, 3, "did you mean \"epochs\"?"},
	/* configurations */
	{LIST("{\"name\": \"a\"}"), LEPTON_E_SPEC, 2, "version \"a\": network: \"layers\" is missing"},
	{LAYERS(""), LEPTON_E_SPEC, 2, "\"layers\" has 0 elements"},
	{ONE("\"epochs\": 2.5"), LEPTON_E_SPEC, 3, "\"epochs\" takes a whole number"},
	{ONE("\"epochs\": null"), LEPTON_E_SPEC, 3, "\"epochs\" takes a whole number"},
	{ONE("\"batch_size\": 0"), LEPTON_E_SPEC, 3, "\"batch_size\" is 0"},
	{ONE("\"loss\": \"mae\""), LEPTON_E_SPEC, 3, "\"loss\" is \"mae\""},
	{ONE("\"metrics\": [\"auc\"]"), LEPTON_E_SPEC, 3, "\"metrics\" takes"},
	{ONE("\"optimizer\": \"adam\""), LEPTON_E_SPEC, 3, "\"optimizer\" takes an object"},
	{ONE("\"optimizer\": {\"name\":\n\"adams\"}"), LEPTON_E_SPEC, 3, "adam"},
	{ONE("\"optimizer\": {\n\"learning_rate\": -1}"), LEPTON_E_SPEC, 4, "\"learning_rate\" is -1"},
	{ONE("\"optimizer\": {\"schedule\":\n{\"name\": \"cosine\",\n\"alfa\": 0.5}}"), LEPTON_E_SPEC, 5,
		"optimizer.schedule: unknown key \"alfa\"; did you mean \"alpha\"?"},
	{ONE("\"optimizer\": {\"schedule\":\n{\"name\": \"step\"}}"), LEPTON_E_SPEC, 4,
		"needs \"decay_epochs\""},
	{ONE("\"optimizer\": {\"name\": \"sgd\",\n\"beta_1\": 0.5}"), LEPTON_E_SPEC, 4,
		"unknown key \"beta_1\""},
	{LAYERS("{\"type\": \"Dense\", \"units\": 3}"), LEPTON_E_SPEC, 3, "the first layer must be Input"},
	{LAYERS(IN "{\"type\": \"Conv3D\"}" OUT), LEPTON_E_SPEC, 4, "\"Conv3D\"; did you mean \"Conv2D\"?"},
	{LAYERS(IN "7" OUT), LEPTON_E_SPEC, 4, "layers[1]"},
	{LAYERS(IN "{\"type\": \"Conv2D\",\n\"filters\": 0, \"kernel_size\": 3}" OUT), LEPTON_E_SPEC, 5,
		"layers[1] Conv2D: \"filters\" is 0"},
	{LAYERS(IN "{\"type\": \"Conv2D\",\n\"kernel_size\": 3}" OUT), LEPTON_E_SPEC, 4,
		"layers[1] Conv2D: \"filters\" is missing"},
	{LAYERS(IN
		 "{\"type\": \"Conv2D\", \"filters\": 2, \"kernel_size\": 3,\n\"activation\": \"selu\"}" OUT),
		LEPTON_E_SPEC, 5, "\"activation\" is \"selu\""},
	{LAYERS(IN "{\"type\": \"Conv2D\", \"filters\": 2, \"kernel_size\": 5}" OUT), LEPTON_E_SHAPE, 4,
		"5x5"},
	{LAYERS(IN "{\"type\": \"Dropout\",\n\"rate\": 1.5}" OUT), LEPTON_E_SPEC, 5, "\"rate\" is 1.5"},
	{LAYERS(IN "{\"type\": \"Dense\", \"unit\": 5}" OUT), LEPTON_E_SPEC, 4, "did you mean \"units\"?"},
	/* grid and random */
	{ONE("\"grid\": []"), LEPTON_E_SPEC, 3, "\"grid\" takes an object"},
	{ONE("\"grid\": {}"), LEPTON_E_SPEC, 3, "\"grid\" is empty"},
	{ONE("\"grid\": {\"epochs\": 3}"), LEPTON_E_SPEC, 3, "grid: \"epochs\" takes a list"},
	{ONE("\"grid\": {\n\"epochs\": []}"), LEPTON_E_SPEC, 4, "at least one value"},
	{ONE("\"grid\": {\"epochs\":\n[1, [2]]}"), LEPTON_E_SPEC, 4, "takes numbers, words"},
	{ONE("\"grid\": {\"epochs\": [3,\n0]}"), LEPTON_E_SPEC, 4,
		"version \"a/0\": network: \"epochs\" is 0"},
	{ONE("\"grid\": {\n\"epoch\": [3]}"), LEPTON_E_SPEC, 4, "did you mean \"epochs\"?"},
	{ONE("\"grid\": {\n\"optimizer.rate\": [3]}"), LEPTON_E_SPEC, 4, "unknown key \"rate\""},
	{ONE("\"grid\": {\n\"layers.9.units\": [3]}"), LEPTON_E_SPEC, 4,
		"no element \"9\"; the list goes from 0 to 2"},
	{ONE("\"grid\": {\n\"epochs.x\": [3]}"), LEPTON_E_SPEC, 4, "epochs"},
	{ONE("\"grid\": {\n\"optimizer..x\": [3]}"), LEPTON_E_SPEC, 4, "empty part"},
	{ONE("\"grid\": {\n\"name\": [\"x\"]}"), LEPTON_E_SPEC, 4, "\"name\" belongs to one version"},
	{ONE("\"grid\": {\"epochs\": [3, 3.0]}"), LEPTON_E_SPEC, 3, "two versions would be called \"a/3\""},
	{ONE("\"grid\": {\"epochs\": [1]},\n\"random\": {\"count\": 1, \"epochs\": [1]}"), LEPTON_E_SPEC, 4,
		"both \"grid\" and \"random\""},
	{ONE("\"random\": {\"epochs\": [1]}"), LEPTON_E_SPEC, 3, "\"count\" is missing"},
	{ONE("\"random\": {\"count\": 2}"), LEPTON_E_SPEC, 3, "names no key"},
	{ONE("\"random\": {\n\"count\": 0, \"epochs\": [1]}"), LEPTON_E_SPEC, 4, "\"count\" is 0"},
	{ONE("\"random\": {\"count\": 2,\n\"epochs\": 7}"), LEPTON_E_SPEC, 4, "takes a list, or"},
	{ONE("\"random\": {\"count\": 2, \"epochs\": {\"min\": 2,\n\"mx\": 3}}"), LEPTON_E_SPEC, 4,
		"did you mean \"max\"?"},
	{ONE("\"random\": {\"count\": 2,\n\"epochs\": {\"min\": 2}}"), LEPTON_E_SPEC, 4,
		"\"max\" is missing"},
	{ONE("\"random\": {\"count\": 2,\n\"epochs\": {\"min\": 3, \"max\": 2}}"), LEPTON_E_SPEC, 4,
		"\"min\" above its \"max\""},
	{ONE("\"random\": {\"count\": 2,\n\"epochs\": {\"min\": 0, \"max\": 2, \"log\": true}}"),
		LEPTON_E_SPEC, 4, "a \"min\" above 0"},
	{ONE("\"random\": {\"count\": 2,\n\"epochs\": {\"min\": 1.2, \"max\": 1.8, \"integer\": true}}"),
		LEPTON_E_SPEC, 4, "no whole number"},
	{ONE("\"random\": {\"count\": 9,\n\"epochs\": {\"min\": 2.1, \"max\": 2.9}}"), LEPTON_E_SPEC, 4,
		"\"epochs\" takes a whole number"},
};

static void test_faults(void **state)
{
	(void)state;
	for (size_t f = 0; f < sizeof faults / sizeof *faults; f++) {
		struct lepton_spec spec;
		struct lepton_error err = {0};
		char place[32];
		int code = lepton_spec_parse(
			faults[f].text, strlen(faults[f].text), "x.json", NULL, &spec, &err);
		snprintf(place, sizeof place, "x.json:%d:", faults[f].line);
		if (code != faults[f].code || err.code != code ||
			strncmp(err.message, place, strlen(place)) != 0 ||
			!strstr(err.message, faults[f].words) || strchr(err.message, '\n'))
			fail_msg("%s\n gave %d \"%s\",\n expected %d %s … %s", faults[f].text, code,
				code ? err.message : "", faults[f].code, place, faults[f].words);
		assert_null(spec.versions);
		assert_null(spec.text);
		assert_int_equal(lepton_spec_parse(
					 faults[f].text, strlen(faults[f].text), "x.json", NULL, &spec, NULL),
			code);
	}
}

/* A NUL byte is a control character, not the end of the text. */
static void test_nul(void **state)
{
	(void)state;
	struct lepton_spec spec;
	struct lepton_error err;
	const char text[] = "{}\0{}";
	assert_int_equal(lepton_spec_parse(text, 5, "x", NULL, &spec, &err), LEPTON_E_SPEC);
	assert_non_null(strstr(err.message, "found byte 0x00"));
}

static const char whole[] =
	"{\"experiment\": \"e\", \"seed\": 3, \"data\": {\"path\": \"d\", \"limit\": 5},\n"
	"\"defaults\": {\"optimizer\": {\"name\": \"sgd\"}},\n\"versions\": [" A
	",\n{\"name\": \"b\", \"base\": \"a\", \"grid\": {\"epochs\": [1, 2]}},\n{\"name\": \"c\", \"base\": "
	"\"b\", "
	"\"random\": {\"count\": 2, \"optimizer.learning_rate\": {\"min\": 1e-4, \"max\": 1, \"log\": "
	"true}}}]}";

/* A file cut at any byte is a fault with a place, and so is, or is not, one with any byte changed: never a
 * crash. */
static void test_cut_and_changed(void **state)
{
	(void)state;
	static const char others[] = "\"{}[],:0-9e\\ \n\xFFz";
	struct lepton_spec spec;
	struct lepton_error err;
	char text[sizeof whole];
	assert_int_equal(lepton_spec_parse(whole, sizeof whole - 1, "x", NULL, &spec, &err), 0);
	assert_int_equal(spec.count, 5);
	lepton_spec_clear(&spec);
	for (size_t size = 0; size < sizeof whole - 1; size++) {
		char *exact = malloc(size + 1); /* so that a sanitizer sees a read past the end */
		assert_non_null(exact);
		memcpy(exact, whole, size);
		assert_int_equal(lepton_spec_parse(exact, size, "x", NULL, &spec, &err), LEPTON_E_SPEC);
		assert_int_equal(strncmp(err.message, "x:", 2), 0);
		free(exact);
	}
	memcpy(text, whole, sizeof whole);
	for (size_t i = 0; i < sizeof whole - 1; i++) {
		for (size_t o = 0; o < sizeof others; o++) {
			text[i] = others[o];
			int code = lepton_spec_parse(text, sizeof text - 1, "x", NULL, &spec, &err);
			if (!code)
				lepton_spec_clear(&spec);
			else
				assert_true((code == LEPTON_E_SPEC || code == LEPTON_E_SHAPE) &&
					    strncmp(err.message, "x:", 2) == 0);
		}
		text[i] = whole[i];
	}
}

static void test_too_many(void **state)
{
	(void)state;
	char *text = malloc(200000);
	struct lepton_spec spec;
	struct lepton_error err;
	assert_non_null(text);
	size_t used = (size_t)snprintf(text, 1000, "{\"data\": {\"path\": \"d\"}, \"versions\": [" A);
	for (int i = 0; i < 1000; i++)
		used += (size_t)snprintf(text + used, 200, ",\n{\"name\": \"v%d\", \"base\": \"a\"}", i);
	snprintf(text + used, 10, "]}");
	assert_int_equal(lepton_spec_parse(text, strlen(text), "x", NULL, &spec, &err), LEPTON_E_SPEC);
	assert_non_null(strstr(err.message, "1001 elements"));
	used = (size_t)snprintf(text, 1000,
		"{\"data\": {\"path\": \"d\"}, \"versions\": [{\"name\": \"a\", " NET ", \"grid\": {");
	for (int k = 0; k < 2; k++) {
		used += (size_t)snprintf(
			text + used, 40, "%s\"%s\": [1", k ? "," : "", k ? "epochs" : "batch_size");
		for (int i = 2; i <= 40; i++)
			used += (size_t)snprintf(text + used, 10, ",%d", i);
		used += (size_t)snprintf(text + used, 10, "]");
	}
	snprintf(text + used, 10, "}}]}");
	assert_int_equal(lepton_spec_parse(text, strlen(text), "x", NULL, &spec, &err), LEPTON_E_SPEC);
	assert_non_null(strstr(err.message, "\"grid\" makes more than 1000 versions"));
	used = (size_t)snprintf(text, 1000, "{");
	for (int i = 0; i < 300; i++)
		used += (size_t)snprintf(text + used, 20, "%s\"k%d\":1", i ? "," : "", i);
	snprintf(text + used, 10, "}");
	assert_int_equal(lepton_spec_parse(text, strlen(text), "x", NULL, &spec, &err), LEPTON_E_SPEC);
	assert_non_null(strstr(err.message, "more than 256 keys"));
	free(text);
}

static void test_files(void **state)
{
	(void)state;
	struct lepton_spec spec;
	struct lepton_error err;
	assert_int_equal(lepton_spec_load("/nonexistent/x.json", &spec, &err), LEPTON_E_IO);
	assert_non_null(strstr(err.message, "/nonexistent/x.json: No such file"));
	assert_int_equal(lepton_spec_load("/", &spec, &err), LEPTON_E_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_cut_and_changed),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
