/* The loop that drives the screen: poll, drain, dispatch, draw once.
 *
 * Signals come as bytes in a pipe, workers' answers through the session's wake descriptors,
 * keys from the terminal; only this loop draws. */
#ifndef TUI_LOOP_H
#define TUI_LOOP_H

#include "tui/ui.h"

/* Runs until the user quits; returns the exit status. The session is started already. */
int loop_run(struct session *session, const struct options *options, struct keymap *keymap);

#endif
