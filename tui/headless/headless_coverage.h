/* Runs without a screen: what the evidence covers. No escape byte leaves here. */
#ifndef TUI_HEADLESS_HEADLESS_COVERAGE_H
#define TUI_HEADLESS_HEADLESS_COVERAGE_H

#include "core/owning/session.h"

#include "tui/option.h"

/* --coverage: waits for the session (started) to load, prints one row per line of coverage, and
 * returns the exit status. */
int headless_coverage(struct session *s, const struct options *o);

/* The lines on hours, delay and what such logs cannot show, behind the sums of --files. */
void headless_coverage_tail(struct session *s, FILE *out);

#endif
