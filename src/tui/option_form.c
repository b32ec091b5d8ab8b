/* tui/option_form.c - a method's table of options as a form, and what was typed as its settings.
 *
 * The table the library checks settings against also makes the fields, so a new method needs no
 * line here. Only what differs from the default is sent: the record of how a version was made stays short.
 */
#include "config.h"
#include "tui/format.h"
#include "tui/acts.h"
#include "tui/popup.h"
#include "base/json.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void default_of(const struct lepton_option *option, char *out, size_t size)
{
	if (option->type == LEPTON_OPTION_CHOICE)
		lepton__print(out, size, "%.*s", (int)strcspn(option->choices, "|"), option->choices);
	else if (option->type == LEPTON_OPTION_BOOL)
		lepton__print(out, size, "%s", option->number > 0 ? "true" : "false");
	else
		lepton__print(out, size, "%.9g", option->number);
}

void lepton__form_options(struct lepton__form *form, const struct lepton_option *options)
{
	for (const struct lepton_option *o = options; o && o->name && form->count < LEPTON__FIELDS - 1; o++) {
		char value[64], help[200];
		default_of(o, value, sizeof value);
		bool bounded = o->type == LEPTON_OPTION_NUMBER || o->type == LEPTON_OPTION_INTEGER;
		if (bounded && o->min < o->max)
			lepton__print(help, sizeof help, "%s (%g to %g)", o->help ? o->help : o->name, o->min,
				o->max);
		else
			lepton__print(help, sizeof help, "%s", o->help ? o->help : o->name);
		struct lepton__field *field = lepton__form_field(form, o->name, value, help);
		field->choices = o->type == LEPTON_OPTION_CHOICE ? o->choices
				 : o->type == LEPTON_OPTION_BOOL ? "false|true"
								 : NULL;
	}
}

static const struct lepton_option *option_named(const struct lepton_option *options, const char *name)
{
	for (; options && options->name; options++)
		if (strcmp(options->name, name) == 0)
			return options;
	return NULL;
}

/* Anything that is no number goes through as a string, for the check to refuse with its own words. */
static void add(struct lepton__buffer *out, const struct lepton_option *option, const char *value)
{
	char *end = NULL;
	double number = strtod(value, &end);
	lepton__json_string(out, option->name);
	lepton__buffer_string(out, ":");
	if (option->type == LEPTON_OPTION_BOOL)
		lepton__buffer_string(out, strcmp(value, "true") == 0 ? "true" : "false");
	else if (option->type != LEPTON_OPTION_CHOICE && *value && !*end && isfinite(number))
		lepton__json_number(out, number);
	else
		lepton__json_string(out, value);
}

char *lepton__form_settings(
	const struct lepton__form *form, const struct lepton_option *options, const char *base)
{
	struct lepton__buffer out;
	lepton__buffer_init(&out, 1 << 16);
	const char *comma = "";
	lepton__buffer_string(&out, "{");
	for (size_t i = 0; i < form->count; i++) {
		const struct lepton_option *option = option_named(options, form->fields[i].label);
		char usual[64];
		if (!option)
			continue;
		default_of(option, usual, sizeof usual);
		if (strcmp(usual, form->fields[i].value) == 0)
			continue;
		lepton__buffer_string(&out, comma);
		add(&out, option, form->fields[i].value);
		comma = ",";
	}
	if (base) {
		lepton__buffer_printf(&out, "%s\"base\":", comma);
		lepton__json_string(&out, base);
	}
	lepton__buffer_string(&out, "}");
	char *text = lepton__buffer_take(&out);
	lepton__buffer_free(&out);
	return text;
}
