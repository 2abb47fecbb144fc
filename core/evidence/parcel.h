/* Where files stand in the container that holds them.
 *
 * Threads: a list belongs to one thread; a parcel is immutable once its row is made. */
#ifndef CORE_EVIDENCE_PARCEL_H
#define CORE_EVIDENCE_PARCEL_H

#include "core/base/bytes.h"

struct parcel {
    uint64_t offset;       /* of its data in the container */
    uint64_t packed_bytes; /* that are there */
    uint64_t bytes;        /* unpacked, as the container says */
    uint32_t crc;
    bool deflated;
    bool unchecked;      /* no checksum of it is known; `crc` is what its data gives */
    bool cut;            /* its data breaks off */
    const char *refusal; /* why it is not read, or NULL; static */
    const char *doubt;   /* what is wrong about it though it is read, or NULL; static */
};

/* The parcels of one container with their names, in the order of their data. */
struct parcels {
    struct listed_parcel {
        struct parcel parcel;
        size_t name_at, name_len;
    } * items;
    size_t n, cap;
    struct buffer names;
};

enum { PARCELS_MAX = 2000000 };

void parcels_deinit(struct parcels *list);

/* False when the list is full. */
bool parcels_add(struct parcels *list, struct parcel parcel, struct bytes name);

/* A view until the next one is added. */
struct bytes parcels_name(const struct parcels *list, size_t i);

#endif
