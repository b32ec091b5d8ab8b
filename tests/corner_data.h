/* corner_data.h - the data set of a whole test program: 600 rows of corner_make.h, of which the last CORNER_TEST are the
 * test split and a fifth of the others validation. make_data and drop_data are its group's setup and teardown.
 */
#ifndef CORNER_DATA_H
#define CORNER_DATA_H

#include "corner_make.h"

#define CORNER_TEST 100

static struct lepton_dataset *data;

static int make_data(void **state)
{
	(void)state;
	return make_corner(600, CORNER_TEST, 0.2, &data);
}

static int drop_data(void **state)
{
	(void)state;
	lepton_dataset_release(data);
	return 0;
}

#endif
