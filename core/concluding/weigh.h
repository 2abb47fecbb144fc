/* From episodes to findings: one finding per burst however many keys saw it, how bad it is, and
 * why, in words.
 *
 * The same hits show by address, by network, by agent: the narrowest key that explains them
 * stays, unless a broader one joins several or adds much. What another scenario explains is
 * dropped or lowered. Where successes stand beside the failures, or the accounts are known at
 * that source, the finding is low and says so. */
#ifndef CORE_CONCLUDING_WEIGH_H
#define CORE_CONCLUDING_WEIGH_H

#include "core/concluding/finding.h"

/* Appends findings for the episodes of all rules. */
void weigh_episodes(const struct signals *s, const struct rules *rules,
                    const struct episodes *episodes, struct findings *out);

/* 0 to 100: the severity's floor and how far past its limit it went. */
unsigned weigh_score(enum severity severity, uint32_t hits, uint32_t limit);

/* Appends "12 tries", "1 try". */
void weigh_add_count(struct buffer *out, uint64_t count, const char *one, const char *many);

#endif
