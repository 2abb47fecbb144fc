/* What an account or a machine client never did before: tokens used from elsewhere, two
 * countries at once, a new place that knows the secret. */
#ifndef CORE_CONCLUDING_NOVELTY_H
#define CORE_CONCLUDING_NOVELTY_H

#include "core/concluding/weigh.h"

/* Appends the findings of token-theft, risky-sign-in.travel and m2m-anomaly.source. */
void novelty_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled);

#endif
