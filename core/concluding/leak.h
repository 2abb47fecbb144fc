/* Secrets and personal data in clear at any path of any record.
 *
 * Columns hold a few fields only (exposure.h looks at those). Here every record is read again:
 * a search of the raw text, the same as that of a query on @message, leaves the records that
 * may hold some; these are walked value by value. Who called (userIdentity) and the names that
 * a user-activity export has on purpose are no leak. */
#ifndef CORE_CONCLUDING_LEAK_H
#define CORE_CONCLUDING_LEAK_H

#include "core/concluding/triage.h"

struct archive;
struct load;

/* Beyond so many different paths of a kind the rest is told as one. */
enum { LEAK_PATHS = 100 };

/* Appends one finding per kind and path, finished and in the order of their scores. `unread`
 * gets how many records could not be read or decided. Blocks while the pool reads; not from one
 * of its workers. */
void leaks_find(const struct triage *t, struct pool *pool, struct archive *archive,
                struct load *load, struct findings *out, uint64_t *unread);

#endif
