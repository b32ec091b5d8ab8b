/* tui/terminal_answers.c - what the terminal says of itself when it is asked: which keyboard and graphics,
 * how large a cell is.
 *
 * Questions go out behind the first frame, and nobody waits: the answers come through the keyboard and
 * are picked out there (terminal_sequence.c). Who knows kitty's keyboard protocol says which of its modes are
 * on ("CSI ? u"). Who knows kitty's graphics says OK to a picture of one pixel that it only has to look at
 * (a=q). XTSMGRAPHICS gives the number of sixel's colours, "CSI 16 t" a cell's pixels. Last comes DA1, which
 * all terminals know: 4 among the attributes is sixel, and behind it no answer is waited for. tmux would take
 * kitty's question for a window's title, and hides what is outside of it, so there it is not put; what tmux
 * says of sixel itself is true.
 */
#include "config.h"
#include "tui/terminal_parts.h"
#include "base/clock.h"
#include "base/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double patience = 5; /* seconds, after which an answer is none */

const char *const lepton__pictures_names[LEPTON__PICTURES] = {"auto", "kitty", "sixel", "blocks"};

const char *lepton__answers_ask(struct lepton__terminal_answers *answers, unsigned which, double now)
{
	answers->asked = true;
	answers->done = false;
	answers->until = now + patience;
	lepton__print(answers->questions, sizeof answers->questions, "%s%s%s\x1b[c",
		which & LEPTON__ASK_KEYS ? "\x1b[?u" : "",
		which & LEPTON__ASK_KITTY ? "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" : "",
		which & LEPTON__ASK_SIXEL ? "\x1b[?1;1;0S\x1b[16t" : "");
	return answers->questions;
}

bool lepton__answers_awaited(const struct lepton__terminal_answers *answers, double now)
{
	return answers->asked && !answers->done && now < answers->until;
}

/* "?64;1;4c": the first number is the terminal's class. */
static bool take_attributes(struct lepton__terminal_answers *answers, const char *text)
{
	if (*text != '?' || text[strspn(text, "?0123456789;")] != 'c')
		return false;
	for (const char *at = strchr(text, ';'); at; at = strchr(at + 1, ';'))
		if (strtol(at + 1, NULL, 10) == 4)
			answers->sixel = true;
	return answers->done = true;
}

static bool take_registers(struct lepton__terminal_answers *answers, const char *text)
{
	int item, status, count;
	char end;
	if (sscanf(text, "?%3d;%3d;%9d%c", &item, &status, &count, &end) != 4 || end != 'S')
		return false;
	if (item == 1 && status == 0 && count >= 2)
		answers->registers = count < LEPTON__REGISTERS ? count : LEPTON__REGISTERS;
	return true;
}

static bool take_keys(struct lepton__terminal_answers *answers, const char *text)
{
	int modes;
	char end;
	if (sscanf(text, "?%9d%c", &modes, &end) != 2 || end != 'u')
		return false;
	return answers->keys = true;
}

static bool take_cell(struct lepton__terminal_answers *answers, const char *text)
{
	int height, width;
	char end;
	if (sscanf(text, "6;%9d;%9d%c", &height, &width, &end) != 3 || end != 't')
		return false;
	if (lepton__is_cell_size(height, width)) {
		answers->cell_height = height;
		answers->cell_width = width;
	}
	return true;
}

bool lepton__is_cell_size(int height, int width)
{
	return height >= 4 && width >= 2 && height <= 512 && width <= 512;
}

bool lepton__answers_csi(struct lepton__terminal_answers *answers, const char *text)
{
	bool taken = take_attributes(answers, text) || take_registers(answers, text) ||
		     take_cell(answers, text) || take_keys(answers, text);
	answers->news |= taken;
	return taken;
}

void lepton__answers_apc(struct lepton__terminal_answers *answers, const char *text)
{
	if (strncmp(text, "Gi=31", 5) != 0)
		return;
	const char *words = strchr(text, ';');
	answers->kitty = words && strcmp(words, ";OK") == 0;
	answers->news = true;
}
