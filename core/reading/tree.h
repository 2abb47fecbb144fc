/* The paths of fields.def and of the user as a tree of keys, so that one walk over a record
 * meets them all.
 *
 * Built once per reader. A node is one step of some path; finding the child of a key takes one
 * hash of at most 16 of its bytes and one comparison. */
#ifndef CORE_READING_TREE_H
#define CORE_READING_TREE_H

#include "core/base/arena.h"

#include "core/reading/config.h"

struct tree_node {
    struct bytes key;
    uint64_t low, high;  /* tree_words() of the key */
    struct bytes member; /* as compact JSON has it, with comma and colon: ,"key": */
    struct tree_node *child, *sibling;
    /* The reader's: which child came first, and which one behind this one, in the record
     * before. Records of one service keep their keys in one order. */
    struct tree_node *leader, *follower;
    struct tree_node **slots; /* children by hash, open addressing; NULL without children */
    unsigned shift;           /* 64 - log2 of the number of slots */
    uint16_t n_rows;
    uint16_t rows[4];  /* of config_path(), in order of preference */
    bool positions;    /* some child is an array position */
    bool elements;     /* some row wants element 0 of an array */
    bool keys;         /* some row wants the keys of an object */
    bool converts;     /* some row takes a text in another form than it stands there */
    uint64_t signs;    /* what meeting this key tells about the format; the reader's meaning */
    uint32_t last_met; /* the reader's count of records when this node was met */
};

enum { TREE_FACTOR_SHIFT = 29 };

/* Up to 16 bytes of a key in two words: with the length they stand for the whole key when it
 * is no longer than that. Reads only inside the key. */
static inline void tree_words(struct bytes key, uint64_t *low, uint64_t *high)
{
    const char *p = key.ptr;
    uint32_t first, last;

    *low = *high = 0;
    if (key.len >= 8) {
        memcpy(low, p, 8);
        memcpy(high, p + key.len - 8, 8);
    } else if (key.len >= 4) {
        memcpy(&first, p, 4);
        memcpy(&last, p + key.len - 4, 4);
        *low = (uint64_t)first << 32 | last;
    } else if (key.len) {
        *low = (uint64_t)(unsigned char)p[0] << 16 |
               (uint64_t)(unsigned char)p[key.len / 2] << 8 | (unsigned char)p[key.len - 1];
    }
}

/* The keys of the table are ours, so no seed is needed: the table cannot be filled by input. */
static inline uint64_t tree_hash(uint64_t low, uint64_t high, size_t len)
{
    uint64_t mixed = (low ^ len) * 0x9e3779b97f4a7c15u + high;

    return (mixed ^ mixed >> TREE_FACTOR_SHIFT) * 0xd6e8feb86659fd93u;
}

/* The child for a key, or NULL. The key is without escapes. */
static inline struct tree_node *tree_child(const struct tree_node *node, struct bytes key)
{
    uint64_t low, high;
    size_t mask, at;

    if (!node->slots)
        return NULL;
    tree_words(key, &low, &high);
    mask = ((size_t)1 << (64 - node->shift)) - 1;
    at = (size_t)(tree_hash(low, high, key.len) >> node->shift);
    for (struct tree_node *found; (found = node->slots[at]); at = (at + 1) & mask)
        if (found->low == low && found->high == high && found->key.len == key.len &&
            (key.len <= 16 || memcmp(found->key.ptr, key.ptr, key.len) == 0))
            return found;
    return NULL;
}

/* The node of a path, made when it is new. Only before tree_seal(). */
struct tree_node *tree_add(struct arena *a, struct tree_node *root, const char *path);

/* Adds all rows of config_path(). */
void tree_add_rows(struct arena *a, struct tree_node *root, const struct config *config);

/* Makes the hash tables of the node and everything below. */
void tree_seal(struct arena *a, struct tree_node *node);

#endif
