/* What accounts did after they were taken. */
#ifndef CORE_CONCLUDING_AFTERMATH_H
#define CORE_CONCLUDING_AFTERMATH_H

#include "core/concluding/finding.h"

/* An account that is broken into again and again has a finding each time, and what followed is
 * the same for all: the first lists all of it, the later ones this much, and each says how much
 * there is. */
enum { AFTERMATH_KEPT = 500 };

/* Fills `after` and `n_followed` of every compromise: all events since its last hit that name
 * the account, an identity or an access key that leads to it, in time order. One pass over the
 * index, and memory for each such event once. */
void aftermath_find(const struct signals *s, struct findings *f, const atomic_bool *cancelled);

#endif
