/* Who is who: what the records that hold two names of one thing teach.
 *
 * CloudTrail records the sub and no user name; the activity export records both; an
 * identity-pool role's calls record sub, identity and access key; the issue of a key records
 * identity and key; a pool's list of its users has all names of a sub, and settles which one
 * is shown. A link is learned only where one record holds both sides, and is kept apart
 * from what a record says itself. Where records contradict each other the link is LINK_MANY and
 * is used for nothing.
 * Immutable once made. Threads: any. */
#ifndef CORE_CONCLUDING_LINK_H
#define CORE_CONCLUDING_LINK_H

#include "core/base/crew.h"

#include "core/index/index.h"

/* More than one: not a link. */
#define LINK_MANY UINT32_MAX

enum link_kind {
    LINK_USER_SUB,     /* user name → sub */
    LINK_SUB_USER,     /* sub → user name */
    LINK_IDENTITY_SUB, /* identity-pool identity → sub */
    LINK_KEY_SUB,      /* AWS access key → sub */
    LINK_KEY_IDENTITY, /* AWS access key → identity */
    LINK_CLIENT_POOL,  /* app client → user pool */
    LINK_COUNT
};

/* The fields of both sides. */
struct link_sides {
    enum field_id from, to;
};
struct link_sides link_sides(enum link_kind kind);

/* False for a row that holds both sides and still links nothing. */
bool link_teaches(enum link_kind kind, const struct chunk *c, size_t row);

/* By dictionary id of the first side: the id of the second, 0 for unknown, or LINK_MANY. */
struct links {
    struct {
        uint32_t *to;
        uint32_t count;
    } by[LINK_COUNT];
};

struct links *links_new(const struct index *index, const struct crew *crew);
void links_free(struct links *l);

/* What `id` leads to; 0 when that is unknown or more than one. */
uint32_t link_get(const struct links *l, enum link_kind kind, uint32_t id);

/* The sub behind whichever of these a row has (dictionary ids, 0 to 3 for none): its own,
 * else the one that its user name, identity or access key leads to; 0 when none does. */
struct link_names {
    uint32_t sub, user, identity, access_key;
};
uint32_t link_sub(const struct links *l, const struct link_names *names);

#endif
