/* fuse/fuse_slerp.c - along the sphere instead of through it.
 *
 * The mean of two vectors at an angle is shorter than both: averaged weights shrink, and with them the
 * signal of every layer. Spherical interpolation (Shoemake: Animating rotation with quaternion curves,
 * SIGGRAPH 1985) turns from one direction to the other at their own length. For each tensor, as one long
 * vector, with u and v the parents' directions and Ω the angle between them:
 *
 *     direction = (sin((1-t)Ω)·u + sin(tΩ)·v) / sin Ω,   length = (1-t)·|a| + t·|b|
 *
 * More than two have no path but a middle: the Karcher mean (Karcher, 1977; Buss and Fillmore: Spherical
 * averages, ACM TOG 2001), the point whose tangent vectors to all directions sum to zero, found by
 * stepping along their mean. Everything stays in the span of the parents, so the iteration works on
 * their dot products alone: a matrix of at most 32 by 32, whatever the size of the tensor.
 *
 * Nearly parallel, opposite or zero vectors have no arc worth the name; they are interpolated straight.
 */
#include "config.h"
#include "fuse/methods.h"
#include "base/memory.h"

#include <math.h>

#define PARALLEL 1e-4 /* radians; below it the arc and the chord differ less than a float can say */
#define ROUNDS 100
#define STILL 1e-12

static const struct lepton_option options[] = {
	{"t", LEPTON_OPTION_NUMBER, 0.5, 0, 1, NULL,
		"how far from the first of two versions to the second; more than two meet in the middle"},
	{NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL},
};

struct sphere {
	size_t count;
	double *dots;    /* count by count; then cosines between the directions */
	double *lengths; /* of the parents' vectors */
	double *weights; /* of the directions in the point; then of the parents */
	double *step, *cosines;
};

static double dot(const float *a, const float *b, int64_t n)
{
	double sum = 0;
	for (int64_t i = 0; i < n; i++)
		sum += (double)a[i] * (double)b[i];
	return sum;
}

static double clamp(double cosine)
{
	return fmin(1, fmax(-1, cosine));
}

/* False when a parent is zero there, which has no direction. */
static bool measure(struct sphere *s, const struct lepton_fuse_parent *parents, size_t t)
{
	size_t n = s->count;
	const struct lepton_tensor *first = lepton_params_at(parents[0].weights, t);
	int64_t values = lepton_shape_count(&first->shape);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++) {
			const float *a = lepton_params_at(parents[i].weights, t)->data,
				    *b = lepton_params_at(parents[j].weights, t)->data;
			s->dots[i * n + j] = s->dots[j * n + i] = dot(a, b, values);
		}
	bool all = true;
	for (size_t i = 0; i < n; i++) {
		s->lengths[i] = sqrt(s->dots[i * n + i]);
		all = all && s->lengths[i] > 0;
	}
	for (size_t i = 0; i < n && all; i++)
		for (size_t j = 0; j < n; j++)
			s->dots[i * n + j] =
				i == j ? 1 : clamp(s->dots[i * n + j] / (s->lengths[i] * s->lengths[j]));
	return all;
}

static bool arc_of_two(struct sphere *s, double t)
{
	double angle = acos(s->dots[1]), sine = sin(angle);
	if (angle < PARALLEL || sine < PARALLEL)
		return false;
	s->weights[0] = sin((1 - t) * angle) / sine;
	s->weights[1] = sin(t * angle) / sine;
	return true;
}

/* Cosines from the point to every direction; its own square, to keep it on the sphere. */
static double look_around(struct sphere *s)
{
	double square = 0;
	for (size_t i = 0; i < s->count; i++) {
		s->cosines[i] = 0;
		for (size_t j = 0; j < s->count; j++)
			s->cosines[i] += s->weights[j] * s->dots[i * s->count + j];
	}
	for (size_t i = 0; i < s->count; i++)
		square += s->weights[i] * s->cosines[i];
	return square;
}

static bool normalize(struct sphere *s)
{
	double square = look_around(s);
	if (square < PARALLEL * PARALLEL)
		return false; /* the directions cancel out */
	for (size_t i = 0; i < s->count; i++) {
		s->weights[i] /= sqrt(square);
		s->cosines[i] = clamp(s->cosines[i] / sqrt(square));
	}
	return true;
}

/* The mean of the tangents to all directions, as weights of the directions; its length. */
static double mean_tangent(struct sphere *s)
{
	double own = 0, square = 0;
	for (size_t i = 0; i < s->count; i++) {
		double angle = acos(s->cosines[i]), sine = sin(angle);
		s->step[i] = (sine > STILL ? angle / sine : 1) / (double)s->count;
		own += s->step[i] * s->cosines[i];
	}
	for (size_t i = 0; i < s->count; i++)
		s->step[i] -= own * s->weights[i];
	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < s->count; j++)
			square += s->step[i] * s->step[j] * s->dots[i * s->count + j];
	return sqrt(fmax(0, square));
}

static bool middle_of_many(struct sphere *s)
{
	double widest = 0;
	for (size_t i = 0; i < s->count * s->count; i++)
		widest = fmax(widest, acos(s->dots[i]));
	for (size_t i = 0; i < s->count; i++)
		s->weights[i] = 1;
	if (widest < PARALLEL || !normalize(s))
		return false;
	for (int round = 0; round < ROUNDS; round++) {
		double length = mean_tangent(s);
		if (length < STILL)
			break;
		for (size_t i = 0; i < s->count; i++)
			s->weights[i] = cos(length) * s->weights[i] + sin(length) / length * s->step[i];
		if (!normalize(s))
			return false;
	}
	return true;
}

/* From directions and a common length to shares of the parents; or the straight line. */
static void shares(struct sphere *s, bool curved, double t)
{
	double length = 0;
	for (size_t i = 0; i < s->count; i++) {
		double share = s->count > 2 ? 1 / (double)s->count : i ? t : 1 - t;
		length += share * s->lengths[i];
		if (!curved)
			s->weights[i] = share;
	}
	for (size_t i = 0; i < s->count && curved; i++)
		s->weights[i] *= length / s->lengths[i];
}

static int fuse_all(struct sphere *s, const struct lepton_fuse_parent *parents, double t,
	struct lepton_params **out, struct lepton_error *err)
{
	int code = lepton_params_copy(parents[0].weights, out, err);
	for (size_t i = 0; !code && i < lepton_params_count(*out); i++) {
		bool curved = measure(s, parents, i) && (s->count > 2 ? middle_of_many(s) : arc_of_two(s, t));
		shares(s, curved, t);
		lepton__fuse_sum(parents, s->count, s->weights, 1, i, *out);
	}
	return code;
}

static int fuse(const struct lepton_fuse_parent *parents, size_t count, const char *settings,
	const struct lepton_fuse_help *help, struct lepton_params **out, struct lepton_error *err)
{
	(void)help;
	if (count > 2 && lepton_options_given(settings, "t"))
		return lepton_error_set(err, LEPTON_E_USAGE,
			"fuse slerp: \"t\" is a way between two versions, and these are %zu: leave it out",
			count);
	double *room = lepton__calloc(count + 4, count * sizeof *room);
	if (!room)
		return lepton_error_set(err, LEPTON_E_NOMEM, "no memory to fuse");
	struct sphere s = {count, room, room + count * count, room + count * (count + 1),
		room + count * (count + 2), room + count * (count + 3)};
	int code = fuse_all(&s, parents, lepton_options_number(options, settings, "t"), out, err);
	lepton__free(room);
	return code;
}

const struct lepton_fuser lepton__fuse_slerp = {
	.name = "slerp",
	.summary = "along the sphere, at the parents' own length",
	.options = options,
	.fuse = fuse,
};
