/* Runs without a screen: -q, --files, --findings, --attempts, --metrics. No escape byte leaves
 * here. */
#ifndef TUI_HEADLESS_HEADLESS_H
#define TUI_HEADLESS_HEADLESS_H

#include "core/owning/session.h"

#include "tui/option.h"

/* All wait for the session (started) to load, print to standard output, notices to standard
 * error, and return the exit status. */
int headless_query(struct session *s, const struct options *o);
int headless_files(struct session *s, const struct options *o);
int headless_findings(struct session *s, const struct options *o);
int headless_attempts(struct session *s, const struct options *o);
int headless_metrics(struct session *s, const struct options *o);

/* What --bin and --alarm say, on top of the defaults. False, with the reason in `message`. */
bool headless_metric_options(const struct options *o, int64_t *width_us,
                             struct alarm_rule *rules, struct buffer *message);

/* Waits for the complete index; false after saying why when nothing was readable. */
bool headless_wait(struct session *s, const struct options *o);

/* Says on standard error what the counts do not cover. */
void headless_warn(struct session *s);

/* 0 all read, 1 some input damaged or rejected, 3 nothing readable. */
int headless_status(struct session *s);

#endif
