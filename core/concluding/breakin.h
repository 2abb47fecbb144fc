/* Who got in: successes after failures, and what each account did from then on.
 *
 * Two ways lead here. An account fails, and then gets in from the same network or with the same
 * program: familiar ones (that the account had got in with before) are taken for the owner who
 * mistypes. Or a source that a finding holds for hostile gets into an account that never signed
 * in from there before. Either way the finding is one per account and source. */
#ifndef CORE_CONCLUDING_BREAKIN_H
#define CORE_CONCLUDING_BREAKIN_H

#include "core/concluding/weigh.h"

/* Appends compromises; `out` holds the findings of sources already. */
void breakin_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled);

#endif
