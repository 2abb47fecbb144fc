/* The filter that says what a finding's evidence is, where one can.
 *
 * A filter is only told after it was run and selected exactly the finding's rows: what the
 * screen shows as a query has the very numbers of the finding. */
#ifndef CORE_CONCLUDING_EVIDENCE_H
#define CORE_CONCLUDING_EVIDENCE_H

#include "core/asking/scan.h"
#include "core/concluding/triage.h"

/* Appends a filter that should select the evidence, unproved. Nothing where there is none. */
void evidence_phrase(const struct triage *t, const struct finding *f, struct buffer *out);

/* True when the selection is the evidence, row by row. */
bool evidence_is(const struct finding *f, const struct selection *s);

/* Appends the filter of the finding's rule when it was run and is exact; else false and nothing
 * (records that are named one by one need no proof, nor a filter). Blocks while the
 * pool scans; not from one of its workers. */
bool evidence_filter(const struct triage *t, const struct finding *f, struct pool *pool,
                     struct archive *archive, struct buffer *out);

#endif
