/* A list of indicators: one per line, from a file of the user's, for `ip in @bad.txt`.
 *
 * A line is a text that a value must equal, letters of either case being the same, or an
 * address or network that holds it. What follows a # at the start of a line or behind a blank
 * is a comment; blanks around a line do not count. Addresses may be written with [.] for a dot,
 * as reports spell them.
 *
 * Immutable and shared by use count. Threads: any. */
#ifndef CORE_QUERY_INDICATORS_H
#define CORE_QUERY_INDICATORS_H

#include "core/base/err.h"

#include "core/query/address.h"

enum {
    INDICATORS_MAX_BYTES = 16 << 20,
    INDICATORS_MAX_LINE_BYTES = 4096,
    INDICATORS_MAX_MATCHES = 131, /* of one value: its text, and a network of each length */
};

struct indicator {
    struct bytes text; /* as it stands, without comment */
    size_t line;       /* in the file, from 1 */
    bool is_network;   /* an address or network, in `subnet` */
    struct subnet subnet;
};

struct indicators;

/* Reads the list. `message` gets what is wrong, in words. */
enum err indicators_read(const char *path, struct indicators **out,
                         struct buffer *message) MUST_CHECK;

/* The same from text; `name` is what it is called. */
enum err indicators_parse(struct bytes name, struct bytes text, struct indicators **out,
                          struct buffer *message) MUST_CHECK;

struct indicators *indicators_hold(struct indicators *list);
void indicators_release(struct indicators *list);

struct bytes indicators_name(const struct indicators *list);
size_t indicators_count(const struct indicators *list);
const struct indicator *indicators_get(const struct indicators *list, size_t i);
size_t indicators_networks(const struct indicators *list);

/* Lines that say again what one before them says; they are left out. */
size_t indicators_repeats(const struct indicators *list);

/* All indicators that the value matches, by their positions, at most INDICATORS_MAX_MATCHES. */
size_t indicators_match(const struct indicators *list, struct bytes value, uint32_t *out);
bool indicators_have(const struct indicators *list, struct bytes value);

#endif
