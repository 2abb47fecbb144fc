/* What an account or a machine client never did before: rules that go over all events of one
 * group in time order and learn its habits on the way. Which events, what they are compared
 * with and how many are enough stands in the rows of rule.c. */
#ifndef CORE_CONCLUDING_NOVELTY_H
#define CORE_CONCLUDING_NOVELTY_H

#include "core/concluding/weigh.h"

/* Appends the findings of rules that look elsewhere, at two places, or at travel. */
void novelty_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled);

#endif
