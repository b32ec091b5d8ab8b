/* tui/form.h - what form.c (drawing) and form_edit.c (keys) share; users of forms need popup.h only. */
#ifndef LEPTON_TUI_FORM_H
#define LEPTON_TUI_FORM_H

#include "tui/popup.h"

#define LEPTON__FORM_ACCEPT (-1) /* the item of the button that Enter presses */

void lepton__form_act(struct lepton__app *app, struct lepton__popup *popup, int act);
void lepton__form_type(struct lepton__app *app, struct lepton__popup *popup, uint32_t key);
void lepton__form_pick(struct lepton__app *app, struct lepton__popup *popup, int64_t item);
void lepton__form_changed(struct lepton__app *app, struct lepton__form *form); /* check anew */

#endif
