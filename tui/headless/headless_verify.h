/* Runs without a screen: --verify and --hashes. No escape byte leaves here. */
#ifndef TUI_HEADLESS_HEADLESS_VERIFY_H
#define TUI_HEADLESS_HEADLESS_VERIFY_H

#include "core/owning/session.h"

#include "tui/option.h"

/* Both read the sources of the session (not started) by themselves, print to standard output,
 * notices to standard error, and return the exit status: of --verify 0 when every log file is
 * vouched for and nothing is wrong, of --hashes when every file was read whole; else 1, or 3
 * when nothing could be read. */
int headless_verify(struct session *s, const struct options *o);
int headless_hashes(struct session *s, const struct options *o);

#endif
