/* tui/terminal_input.c - curses' keys and mouse events as our own.
 *
 * Our codes are independent of curses, so that scripts and tests can play them. An ESC with another key right
 * behind it is that key with Alt, or the beginning of a sequence (terminal_sequence.c). In a locale
 * without UTF-8 curses gives single bytes, which are taken as they are.
 */
#include "config.h"
#include "tui/terminal_parts.h"
#include "base/clock.h"

static const struct {
	int curses;
	uint32_t key;
} keys_table[] = {{KEY_UP, LEPTON__KEY_UP}, {KEY_DOWN, LEPTON__KEY_DOWN}, {KEY_LEFT, LEPTON__KEY_LEFT},
	{KEY_RIGHT, LEPTON__KEY_RIGHT}, {KEY_HOME, LEPTON__KEY_HOME}, {KEY_END, LEPTON__KEY_END},
	{KEY_PPAGE, LEPTON__KEY_PAGE_UP}, {KEY_NPAGE, LEPTON__KEY_PAGE_DOWN}, {KEY_IC, LEPTON__KEY_INSERT},
	{KEY_DC, LEPTON__KEY_DELETE}, {KEY_BTAB, LEPTON__KEY_BACKTAB}, {KEY_SLEFT, LEPTON__KEY_SHIFT_LEFT},
	{KEY_SRIGHT, LEPTON__KEY_SHIFT_RIGHT}, {KEY_SR, LEPTON__KEY_SHIFT_UP},
	{KEY_SF, LEPTON__KEY_SHIFT_DOWN}, {KEY_ENTER, LEPTON__KEY_ENTER},
	{KEY_BACKSPACE, LEPTON__KEY_BACKSPACE}, {KEY_A1, LEPTON__KEY_HOME}, {KEY_C1, LEPTON__KEY_END},
	{KEY_A3, LEPTON__KEY_PAGE_UP}, {KEY_C3, LEPTON__KEY_PAGE_DOWN}};

/* 0: no key of ours. */
static uint32_t function_key(int code)
{
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return LEPTON__KEY_F1 + (uint32_t)(code - KEY_F(1));
	for (size_t i = 0; i < sizeof keys_table / sizeof *keys_table; i++)
		if (keys_table[i].curses == code)
			return keys_table[i].key;
	return 0;
}

static uint32_t character(wint_t code)
{
	if (code == '\n' || code == '\r')
		return LEPTON__KEY_ENTER;
	return code == '\b' ? LEPTON__KEY_BACKSPACE : (uint32_t)code;
}

static bool mouse_kind(mmask_t state, struct lepton__input *out)
{
	for (int button = 1; button <= 3; button++) {
		out->button = button;
		if (state & NCURSES_MOUSE_MASK(button, NCURSES_BUTTON_PRESSED)) {
			out->mouse = LEPTON__MOUSE_PRESS;
			return true;
		}
		if (state & NCURSES_MOUSE_MASK(button, NCURSES_BUTTON_RELEASED)) {
			out->mouse = LEPTON__MOUSE_RELEASE;
			return true;
		}
		if (state & NCURSES_MOUSE_MASK(button, NCURSES_DOUBLE_CLICKED)) {
			out->mouse = LEPTON__MOUSE_DOUBLE;
			return true;
		}
	}
	out->button = 0;
	out->mouse = state & BUTTON4_PRESSED   ? LEPTON__MOUSE_WHEEL_UP
		     : state & BUTTON5_PRESSED ? LEPTON__MOUSE_WHEEL_DOWN
					       : LEPTON__MOUSE_DRAG;
	return (state & (BUTTON4_PRESSED | BUTTON5_PRESSED | REPORT_MOUSE_POSITION)) != 0;
}

static struct lepton__input read_mouse(void)
{
	static int held; /* the button of a drag: curses reports only that the mouse moved */
	struct lepton__input input = {.kind = LEPTON__INPUT_NONE};
	MEVENT event;
	if (getmouse(&event) != OK || !mouse_kind(event.bstate, &input))
		return input;
	if (input.mouse == LEPTON__MOUSE_PRESS)
		held = input.button;
	if (input.mouse == LEPTON__MOUSE_DRAG)
		input.button = held;
	input.kind = LEPTON__INPUT_MOUSE;
	input.y = event.y;
	input.x = event.x;
	input.shift = (event.bstate & BUTTON_SHIFT) != 0;
	input.ctrl = (event.bstate & BUTTON_CTRL) != 0;
	input.alt = (event.bstate & BUTTON_ALT) != 0;
	return input;
}

static struct lepton__input translate(int status, wint_t code)
{
	struct lepton__input input = {.kind = LEPTON__INPUT_NONE};
	if (status == KEY_CODE_YES && code == KEY_MOUSE)
		return read_mouse();
	input.key = status == KEY_CODE_YES ? function_key((int)code) : character(code);
	if (status != ERR && (input.key != 0 || status == OK))
		input.kind = LEPTON__INPUT_KEY;
	return input;
}

static struct lepton__input read_any(WINDOW *keys, struct lepton__sequence *sequence, double now)
{
	struct lepton__input input;
	wint_t code = 0;
	for (int status; (status = wget_wch(keys, &code)) != ERR;) {
		bool escaped = false;
		if (status != OK)
			escaped = lepton__sequence_escaped(sequence);
		if (status != OK || !lepton__sequence_take(sequence, character(code), now, &input))
			input = translate(status, code);
		input.alt |= escaped && input.kind == LEPTON__INPUT_KEY;
		if (input.kind != LEPTON__INPUT_NONE) /* keys we have no name for are passed over */
			return input;
	}
	return lepton__sequence_pause(sequence, now);
}

struct lepton__input lepton__input_read(WINDOW *keys, struct lepton__sequence *sequence)
{
	const double now = lepton__monotonic();
	struct lepton__input input = read_any(keys, sequence, now);
	input.pasted = input.kind == LEPTON__INPUT_KEY && lepton__sequence_pasting(sequence, now);
	return input;
}
