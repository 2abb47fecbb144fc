/* What one leaf of a plan says of an entry of a dictionary, of a file or of a row. Private to
 * bitmap.c.
 *
 * Whatever is the same for many rows is decided once; what records say is kept (recall.h), so
 * that neither another mode nor another question reads them again.
 * Threads: a decider belongs to one; the plan is shared. */
#ifndef CORE_ASKING_DECIDE_H
#define CORE_ASKING_DECIDE_H

#include "core/asking/plan.h"

enum { DECIDE_KEPT_LEAVES = 16 /* leaves on records whose answers are kept */ };

/* By id of an entry: 0 or 1 + enum truth. */
struct decide_codes {
    unsigned char *codes;
    size_t cap;
};

struct decider {
    const struct plan *plan;
    struct eval eval;
    struct value_reader values;
    const struct job *job; /* may be NULL */
    size_t chunk_number;
    const struct chunk *chunk;
    bool again;                  /* the chunk was looked at before, in another mode */
    const struct expr *one_name; /* for entries: every name has the value `one` */
    struct datum one;
    /* For leaves on records, per row: 0 or 1 + enum truth. `own` is for what is not kept. */
    _Atomic unsigned char *known[DECIDE_KEPT_LEAVES], *own[DECIDE_KEPT_LEAVES];
    /* For leaves on one path: the same per entry of its dictionary. */
    struct decide_codes entries[DECIDE_KEPT_LEAVES];
};

void decider_init(struct decider *d, const struct plan *p, const struct job *job);
void decider_deinit(struct decider *d);

/* Turns to a chunk; `again` when it is the one it is turned to already. */
void decider_turn(struct decider *d, size_t chunk_number, bool again);

/* Before any negation of the leaf. */
enum truth decide_value(struct decider *d, const struct leaf *leaf, struct datum value);
enum truth decide_entry(struct decider *d, const struct leaf *leaf, uint32_t id);
enum truth decide_unique(struct decider *d, const struct leaf *leaf, size_t row, uint64_t id);
enum truth decide_file(struct decider *d, const struct leaf *leaf, uint32_t id);
enum truth decide_row(struct decider *d, const struct leaf *leaf, size_t row);

/* True when the job was cancelled or its asker has enough. */
bool decider_ends(const struct decider *d);

/* Records that could not be read again so far. */
uint64_t decider_unread(const struct decider *d);

#endif
