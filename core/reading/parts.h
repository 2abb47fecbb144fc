/* The records in a text that holds several: {"Records":[…]}, a list, one behind the other.
 *
 * Wrappers of log files are met within others too: as the text of a log's event, as the body of
 * a message. Threads: any. */
#ifndef CORE_READING_PARTS_H
#define CORE_READING_PARTS_H

#include "core/reading/cursor.h"

/* Told apart in one text: to read the last one again, all before it are passed. */
enum { PARTS_MAX = 4096, PARTS_MAX_OPEN = 8 };

struct parts {
    struct bytes rest; /* empty when all was passed */
    char open[PARTS_MAX_OPEN]; /* as in envelope.c */
    unsigned n_open;
    bool cut; /* the text ended inside of a value or list */
};

/* Whether the text holds a list of records, or more than one object. */
bool parts_are(struct bytes text);

void parts_init(struct parts *p, struct bytes text);

/* The next value: an object, a row, or what else stands in a list. False at the end, or where
 * the text is no longer such. */
bool parts_next(struct parts *p, struct bytes *out);

#endif
