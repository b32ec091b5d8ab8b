/* tui/sixel.c - an image as sixels: DEC's graphics for terminals, of 1984.
 *
 * After the VT330/VT340 Programmer Reference Manual, volume 2, chapter 14. A picture is a string of the
 * terminal's (ESC P … q … ESC \). It is drawn in bands of six rows, and a band once for each of its colours:
 * a character is a column of six pixels, '?' plus one bit for each that has the colour, the topmost lowest.
 * "$" goes back to the beginning of the band, "-" on to the next. "!12~" is the character "~" twelve times,
 * "#3" chooses a colour, "#3;2;r;g;b" first says it in percent. In front stands the size, after '"', with
 * square pixels.
 */
#include "config.h"
#include "tui/graphics.h"
#include "base/memory.h"

#define BAND 6
#define SHORTEST_RUN 4 /* "!4~" is no longer than "~~~~" */

struct plane {                     /* a picture as it is drawn */
	int height, width, factor; /* of pixels before they are made larger */
	const uint8_t *index;      /* of their colours */
	struct lepton__buffer *out;
};

/* Which of a band's rows have a colour in a column. */
static int bits_of(const struct plane *p, int band, int x, int color)
{
	int bits = 0;
	for (int bit = 0; bit < BAND; bit++) {
		int y = (band * BAND + bit) / p->factor;
		if (y < p->height && p->index[y * p->width + x] == color)
			bits |= 1 << bit;
	}
	return bits;
}

static void write_run(struct lepton__buffer *out, int bits, int length)
{
	const char sign = (char)('?' + bits);
	if (length >= SHORTEST_RUN)
		lepton__buffer_printf(out, "!%d%c", length, sign);
	else
		for (; length > 0; length--)
			lepton__buffer_append(out, &sign, 1);
}

/* Columns behind the last pixel of the colour are left out. */
static void write_color(const struct plane *p, int band, int color)
{
	int length = 0, last = 0;
	for (int x = 0; x < p->width; x++) {
		int bits = bits_of(p, band, x, color);
		if (bits != last) {
			write_run(p->out, last, length);
			length = 0;
		}
		last = bits;
		length += p->factor;
	}
	if (last)
		write_run(p->out, last, length);
}

static void write_band(const struct plane *p, int band)
{
	bool there[LEPTON__REGISTERS] = {false}, first = true;
	int from = band * BAND / p->factor, to = (band * BAND + BAND - 1) / p->factor;
	for (int y = from; y <= to && y < p->height; y++)
		for (int x = 0; x < p->width; x++)
			there[p->index[y * p->width + x]] = true;
	for (int color = 0; color < LEPTON__REGISTERS; color++)
		if (there[color]) {
			lepton__buffer_printf(p->out, "%s#%d", first ? "" : "$", color);
			write_color(p, band, color);
			first = false;
		}
}

static void write_picture(const struct plane *p, const struct lepton__registers *registers)
{
	const int height = p->height * p->factor;
	lepton__buffer_printf(p->out, "\x1bP0;1;0q\"1;1;%d;%d", p->width * p->factor, height);
	for (int i = 0; i < registers->count; i++) {
		const uint8_t *percent = registers->percent[i];
		lepton__buffer_printf(p->out, "#%d;2;%d;%d;%d", i, percent[0], percent[1], percent[2]);
	}
	for (int band = 0; band * BAND < height; band++) {
		lepton__buffer_string(p->out, band ? "-" : "");
		write_band(p, band);
	}
	lepton__buffer_string(p->out, "\x1b\\");
}

void lepton__sixel(
	const struct lepton__picture *picture, int factor, int registers, struct lepton__buffer *out)
{
	struct lepton__registers *chosen = lepton__malloc(sizeof *chosen);
	uint8_t *index = lepton__calloc((size_t)picture->height * (size_t)picture->width, 1);
	struct plane plane = {picture->height, picture->width, factor, index, out};
	if (chosen && index && lepton__registers_choose(picture, registers, chosen, index))
		write_picture(&plane, chosen);
	else
		out->failed = true;
	lepton__free(index);
	lepton__free(chosen);
}
