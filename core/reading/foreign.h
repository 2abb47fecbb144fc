/* Telling what a JSON object is by the keys that it holds, never by a file's name.
 *
 * The event reader collects signs (one bit per telling path) while it walks; here they are
 * judged: a format that is read, or a guess at what else it is, for the problem list.
 * Threads: any. */
#ifndef CORE_READING_FOREIGN_H
#define CORE_READING_FOREIGN_H

#include "core/reading/field.h"

/* Telling path number `i` and its bit; NULL past the end. */
const char *foreign_sign(size_t i, uint64_t *sign);

/* The format of a record with these signs and this eventSource; false when it is none that is
 * read. */
bool foreign_format(uint64_t signs, struct bytes service, enum format *out);

/* An entry of an application's own log that tells who asked: a claim and the id of a request.
 */
bool foreign_is_app_log(uint64_t signs);

/* It may be a row of a query's result in CloudWatch Logs Insights: it has @timestamp. */
bool foreign_is_row(uint64_t signs);

/* Beside what it says itself, it has a key below which a whole record may stand. */
bool foreign_is_holder(uint64_t signs);

/* It may be a user of a user pool (userlist.h). */
bool foreign_is_user(uint64_t signs);

/* Messages carry other things: what these are says more than what carries them. `seems` is what
 * foreign_seems() gave. */
bool foreign_is_carrier(const char *seems);

/* What a row is that counts, where others are events; static. */
extern const char *const FOREIGN_STATISTIC;

/* A CloudTrail record that completes or mends an earlier one. */
bool foreign_is_update(uint64_t signs);

/* True for the text that CloudWatch Logs sends to try a subscription out; `seems` gets its
 * name then. */
bool foreign_is_control(struct bytes text, const char **seems);

/* What an object of no such format seems to be; static. NULL when nothing is known of it. */
const char *foreign_seems(uint64_t signs, struct bytes service);

/* True when objects that seem so never hold events, so that leaving them out makes no count
 * smaller. `seems` is what foreign_seems() gave. */
bool foreign_is_aside(const char *seems);

#endif
