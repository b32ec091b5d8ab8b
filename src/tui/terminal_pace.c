/* tui/terminal_pace.c - no more under way to the terminal than it keeps up with.
 *
 * A program does not see how far its bytes have come: over ssh they leave the pseudo-terminal at once and
 * stand in the line's buffers, where there is room for megabytes. On a slow line a key's effect would come
 * behind all the frames that stand there. So behind a frame the terminal is asked how it is (DSR, "CSI 5 n"),
 * which all since the VT100 answer by "CSI 0 n": then that frame is drawn.
 *
 * The answers tell what the line can do, as a sender's acknowledgements do in BBR (Cardwell et al. 2016): the
 * most bytes a second that any frame came at, and the shortest way there and back, which is the quickest
 * answer's time less what its frame's bytes took. More than that product, and what comes in the time that
 * nobody notices, need not be under way; nor where the oldest answer is later than that lets expect, for the
 * line may have become slower. Then the next frame waits, and shows what is true by then. A line that is only
 * long holds up nothing.
 *
 * The first question goes ahead of the first frame: a frame of the whole screen may take a slow line many
 * seconds, and until it is known whether the terminal answers at all, the next ones would stand behind it.
 * Nobody waits for a terminal that never answered; one that answers no more is given the time that a very
 * slow line would take, and after a few such times it is asked no more.
 */
#include "config.h"
#include "tui/terminal_parts.h"

#include <math.h>

static const double slack = 0.2;     /* seconds that nobody notices */
static const double patience = 5;    /* seconds, and the time that … */
static const double slowest = 100;   /* … bytes take at that many a second */
static const int unheard_enough = 3; /* questions without an answer */

static double under_way(const struct lepton__pace *pace)
{
	double bytes = 0;
	for (size_t i = 0; i < pace->count; i++)
		bytes += (double)pace->frames[(pace->first + i) % LEPTON__PACE_FRAMES].bytes;
	return bytes;
}

static double give_up_at(const struct lepton__pace *pace)
{
	return pace->frames[pace->first].sent + patience + under_way(pace) / slowest;
}

bool lepton__pace_ask(struct lepton__pace *pace, size_t bytes, double now)
{
	if (pace->count && now >= give_up_at(pace)) {
		pace->count = 0;
		pace->unheard++;
	}
	size_t most = pace->answers ? LEPTON__PACE_FRAMES : 2;
	if (pace->count == most || pace->unheard >= unheard_enough)
		return false;
	pace->frames[(pace->first + pace->count++) % LEPTON__PACE_FRAMES] =
		(struct lepton__pace_frame){.sent = now, .bytes = bytes};
	return true;
}

void lepton__pace_heard(struct lepton__pace *pace, double now)
{
	if (!pace->count)
		return; /* too late, or nobody asked */
	const struct lepton__pace_frame *frame = &pace->frames[pace->first];
	double took = fmax(now - frame->sent, 1e-6);
	pace->rate = fmax(pace->rate, (double)frame->bytes / took);
	if (!pace->answers || took < pace->quickest) {
		pace->quickest = took;
		pace->quickest_bytes = frame->bytes;
	}
	pace->first = (pace->first + 1) % LEPTON__PACE_FRAMES;
	pace->count--;
	pace->answers = true;
	pace->unheard = 0;
}

static bool is_full(const struct lepton__pace *pace, double now)
{
	const struct lepton__pace_frame *oldest = &pace->frames[pace->first];
	double way = fmax(pace->quickest - (double)pace->quickest_bytes / pace->rate, 0) + slack;
	return pace->count == LEPTON__PACE_FRAMES || under_way(pace) > pace->rate * way ||
	       now > oldest->sent + (double)oldest->bytes / pace->rate + way;
}

double lepton__pace_held(const struct lepton__pace *pace, double now)
{
	double end = pace->answers && pace->count && is_full(pace, now) ? give_up_at(pace) : 0;
	return now < end ? end : 0;
}

void lepton__pace_forget(struct lepton__pace *pace)
{
	pace->count = 0;
}
