/* model/message.h - a line of an external program, understood. */
#ifndef LEPTON_MODEL_MESSAGE_H
#define LEPTON_MODEL_MESSAGE_H

#include "lepton/model.h"

#define LEPTON__PATH_ROOM 4096

struct lepton__message {
	bool ours;    /* a JSON object with at least one key of ours; else it is a plain line */
	bool figures; /* it has numbers */
	char fault[96]; /* "": none; otherwise which key cannot be used, and why */
	char text[1024], weights[LEPTON__PATH_ROOM]; /* "": none */
};

/* Figures go into *report, all of which is set. The line is changed. */
void lepton__message_read(char *line, struct lepton__message *message, struct lepton_report *report);

#endif
