/* Accounts that are active behind the API and were given no token, as far as the records go.
 *
 * An API takes access or ID tokens, which live for a day at most: who calls must have signed in
 * or refreshed within that time. That says something only where sign-ins are recorded: the
 * records must reach back the whole time without a long pause, and nearly all others who call
 * through the same client must have been given their tokens in the records. The token endpoint
 * names no account: of clients that refresh there nothing is said.
 * Source: Amazon Cognito Developer Guide, "Using tokens with user pools": access and ID tokens
 * last 5 minutes to 1 day. */
#ifndef CORE_CONCLUDING_API_USE_H
#define CORE_CONCLUDING_API_USE_H

#include "core/concluding/weigh.h"

/* Appends a finding for each such account. One pass over the index. */
void api_use_find(const struct signals *s, const struct rules *rules, struct findings *out,
                  const atomic_bool *cancelled);

#endif
