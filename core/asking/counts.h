/* How many rows have each value of a column, or each pair of values of two: no more than that,
 * so it takes about as long as a walk through the columns.
 *
 * Runs as a job. stats.h tells more of each group, in a multiple of the time. */
#ifndef CORE_ASKING_COUNTS_H
#define CORE_ASKING_COUNTS_H

#include "core/asking/scan.h"

enum { COUNTS_MAX_KEYS = 2 };

struct counted {
    uint32_t ids[COUNTS_MAX_KEYS]; /* of the fields' dictionaries */
    uint64_t count;                /* never 0 */
};

struct counting_job {
    struct job job;              /* first */
    struct selection *selection; /* held from init to deinit; bits are enough */
    enum field_id fields[COUNTS_MAX_KEYS];
    size_t n_fields;
    bool done;             /* false when cancelled */
    struct counted *items; /* each combination that occurs, in no order */
    size_t n_items;
    void *state;
};

/* True for the fields that can be counted so: TEXT and CHOICE. */
bool counting_can(enum field_id field);

/* By one field or two different ones. Memory: 4 bytes per worker and pair of ids, or about 24
 * per pair that occurs where that is less. */
void counting_init(struct counting_job *j, struct selection *s, const enum field_id *fields,
                   size_t n_fields);
void counting_deinit(struct counting_job *j);

#endif
