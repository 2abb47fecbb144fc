/* What the name of a file says about it, before it is opened. */
#ifndef CORE_EVIDENCE_FACTS_H
#define CORE_EVIDENCE_FACTS_H

#include "core/evidence/ledger.h"

/* Facts from the name alone; views into `path`. Dates come from folders YYYY/MM/DD (also in
 * the form year=YYYY/month=MM/day=DD) or else from a stamp in the name: 20261118T0950Z with or
 * without seconds, 2026-11-18, or 2026-11-18-09-50-00 (Firehose). */
struct file_facts file_facts_of(struct bytes path);

/* The latest day that files below the folder `path` can have by its name: that day, or the
 * last one of the month or year that its name ends in, or INT64_MAX when it says nothing. */
int64_t folder_latest_day(struct bytes path);

#endif
