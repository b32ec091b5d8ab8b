/* base/distil_options.h - what "distil" can be told, as a method of compressing and as one of fusing. */
#ifndef LEPTON_BASE_DISTIL_OPTIONS_H
#define LEPTON_BASE_DISTIL_OPTIONS_H

#include "lepton/option.h"

/* Rows of a table; `width` is the student's unless said. */
#define LEPTON__DISTIL_OPTIONS(width)                                                                        \
	{"width", LEPTON_OPTION_NUMBER, width, 0.01, 4, NULL,                                                \
		"hidden units and filters, times those of the network it is like"},                          \
		{"epochs", LEPTON_OPTION_INTEGER, 0, 0, 1e6, NULL,                                           \
			"of the student's training; 0: as the network it is like"},                          \
		{"share", LEPTON_OPTION_NUMBER, 0.9, 0, 1, NULL,                                             \
			"of the teacher in the loss; the rest is the labels'"},                              \
		{"temperature", LEPTON_OPTION_NUMBER, 2, 0.1, 100, NULL, "softens the teacher's answers"},   \
	{                                                                                                    \
		NULL, LEPTON_OPTION_NUMBER, 0, 0, 0, NULL, NULL                                              \
	}

#endif
