/* Files by what they are, not by how they are called. */
#ifndef CORE_EVIDENCE_IDENTITY_H
#define CORE_EVIDENCE_IDENTITY_H

#include <sys/types.h>

#include "core/base/bytes.h"

struct identity {
    dev_t device;
    ino_t inode;
};

/* Zero-initialised is empty and valid. */
struct identity_set {
    struct identity *items;
    bool *used; /* beside the items, because (0, 0) is a possible identity */
    size_t n, cap;
};

void identity_deinit(struct identity_set *set);
bool identity_has(const struct identity_set *set, struct identity id);

/* False when it was there before. */
bool identity_add(struct identity_set *set, struct identity id);

#endif
