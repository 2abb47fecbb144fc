/* What triage found: findings with their evidence, numbers and words.
 *
 * A finding's evidence is a list of rows; its numbers are counts of exactly these. Ids are made
 * of the scenario, what it is grouped by and the first record, so they stay the same however
 * the list is ordered. Immutable once made. Threads: any. */
#ifndef CORE_CONCLUDING_FINDING_H
#define CORE_CONCLUDING_FINDING_H

#include "core/base/arena.h"

#include "core/concluding/attempt.h"
#include "core/concluding/episode.h"

enum { FINDING_ID_BYTES = 16, FINDING_MAX_NEXT = 12 };

/* What a finding is about, most frequent first; texts live as long as the findings. */
enum entity_kind {
    ENTITY_SUB,
    ENTITY_USER,
    ENTITY_IP,
    ENTITY_NETWORK,
    ENTITY_CLIENT,
    ENTITY_POOL,
    ENTITY_AGENT,
    ENTITY_ACTOR,
    ENTITY_IDENTITY,
    ENTITY_ACCESS_KEY,
    ENTITY_COUNT
};

const char *entity_name(enum entity_kind k); /* "sub", "ip", "network", … */

/* The field that an entity is a value of; FIELD_COUNT for a network. */
enum field_id entity_field(enum entity_kind k);

struct entity {
    struct bytes text;
    uint32_t events; /* of the evidence */
};

struct entities {
    struct entity *items;
    uint32_t count;
};

#define FINDING_NO_RULE SIZE_MAX

struct finding {
    char id[FINDING_ID_BYTES + 1];
    char campaign[FINDING_ID_BYTES + 1]; /* id of the first finding of those that belong
                                          * together; its own where it stands alone */
    enum scenario scenario;
    enum severity severity;
    unsigned score; /* 0 to 100; the queue's order */
    size_t rule;    /* or FINDING_NO_RULE */
    enum rule_key key;
    int64_t first_us, last_us, peak_us;
    uint32_t *hits; /* positions in the signals: what counted, in time order; may be none */
    uint32_t n_hits;
    row_id *rows; /* the evidence in time order: hits and their twins */
    uint32_t n_rows;
    row_id *after; /* what the account did since it was taken: the first of it, see
                    * aftermath.h; empty but for compromises */
    uint32_t n_after, n_followed; /* of so many */
    uint32_t account; /* of a compromise: as in struct signal */
    struct entities entities[ENTITY_COUNT];
    struct bytes key_text; /* what it is grouped by: an address, an account, … */
    struct bytes why;      /* the counts against limits and against the usual, in words */
    struct bytes doubt;    /* what speaks for a benign reading here; may be empty */
};

struct findings {
    struct finding *items; /* by score, highest first */
    size_t count, cap;
    struct arena arena;
};

/* Appends one; its hits are copied. Evidence, times, entities and ids are filled later, by
 * findings_finish(). Valid until the next is added. */
struct finding *findings_add(struct findings *f, const struct signals *s,
                             enum scenario scenario, const uint32_t *hits, uint32_t n_hits);

/* The same of rows that are no signals, in time order, copied. */
struct finding *findings_add_rows(struct findings *f, const struct signals *s,
                                  enum scenario scenario, const row_id *rows, uint32_t n_rows);

/* Appends those of `from`, which is empty afterwards. */
void findings_take(struct findings *f, struct findings *from);

/* Evidence and entities of every finding, ids, campaigns, order. */
void findings_finish(struct findings *f, const struct signals *s);
void findings_deinit(struct findings *f);

/* Position of the finding with this id, SIZE_MAX when there is none. */
size_t findings_find(const struct findings *f, struct bytes id);

#endif
