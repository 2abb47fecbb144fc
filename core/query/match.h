/* Text matching: regular expressions (PCRE2) with limits, substrings, wildcards.
 *
 * A hostile text must not hang the program: a match that reaches the limit is undecided, which
 * is neither yes nor no and is counted.
 * Threads: a `struct match` is immutable and shared; each thread has its own scratch. */
#ifndef CORE_QUERY_MATCH_H
#define CORE_QUERY_MATCH_H

#include "core/base/err.h"

enum match_result { MATCH_NO, MATCH_YES, MATCH_UNDECIDED };

enum match_kind {
    MATCH_REGEX,     /* PCRE2, unanchored; invalid UTF-8 in the text is tolerated */
    MATCH_SUBSTRING, /* anywhere in the text */
    MATCH_WILDCARD,  /* the whole text; * any run, ? one character */
    MATCH_EQUAL,     /* the whole text */
};

struct match;

/* Compiles. On ERR_QUERY `message` gets the reason and `*offset` where in the pattern. */
enum err match_new(enum match_kind kind, struct bytes pattern, bool caseless,
                   struct match **out, struct buffer *message, size_t *offset) MUST_CHECK;
void match_free(struct match *m);

struct match_scratch;
struct match_scratch *match_scratch_new(void);
void match_scratch_free(struct match_scratch *s);

enum match_result match_test(const struct match *m, struct match_scratch *s, struct bytes text);

/* Groups above this number are never captured. */
enum { MATCH_MAX_GROUPS = 128 };

struct match_group {
    unsigned number;
    struct bytes name; /* the match's */
};

/* The named groups of a MATCH_REGEX; returns how many there are, fills at most `cap`. */
size_t match_groups(const struct match *m, struct match_group *groups, size_t cap);

/* Like match_test() for MATCH_REGEX, from byte `from` on, which must start a character. Group i
 * (0 is the whole match) becomes a view into `text`; its `ptr` is NULL when the group took no
 * part. */
enum match_result match_capture(const struct match *m, struct match_scratch *s,
                                struct bytes text, size_t from, struct bytes *groups,
                                size_t n_groups);

#endif
