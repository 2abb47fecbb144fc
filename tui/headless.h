/* Runs without a screen: -q and --files. No escape byte leaves here. */
#ifndef TUI_HEADLESS_H
#define TUI_HEADLESS_H

#include "core/session.h"

#include "tui/option.h"

/* Both wait for the session (started) to load, print to standard output, notices to standard
 * error, and return the exit status. */
int headless_query(struct session *s, const struct options *o);
int headless_files(struct session *s, const struct options *o);

/* 0 all read, 1 some input damaged or rejected, 3 nothing readable. */
int headless_status(struct session *s);

#endif
