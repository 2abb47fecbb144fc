/* A pull reader over JSON bytes: validates whatever it passes, allocates nothing.
 *
 * Text is RFC 8259 JSON in UTF-8. Everything is checked, also inside values that are passed
 * over, so a malformed record is found and named. Policy where the RFC leaves freedom: lone
 * surrogate escapes are accepted and kept as they are written; numbers of any size are kept as
 * their source text; duplicate keys are the reader's business; U+0000 escapes are fine; a
 * byte order mark is the envelope's business; invalid UTF-8 in strings is accepted when
 * `lenient_utf8` is set (evidence) and refused otherwise. Nesting is limited.
 *
 * The text may be a window onto something longer: when `final` is false and the cursor runs
 * into the end, the error is CURSOR_MORE and the caller comes again with a longer window. A
 * number that touches the end of such a window may go on, so it is CURSOR_MORE too. A text that
 * ends inside a value when nothing follows is CURSOR_SYNTAX with `at` at the end. Threads: a
 * cursor belongs to one thread. */
#ifndef CORE_READING_CURSOR_H
#define CORE_READING_CURSOR_H

#include "core/base/err.h"

enum { CURSOR_MAX_DEPTH = 512 };

enum cursor_kind {
    CURSOR_OBJECT,
    CURSOR_ARRAY,
    CURSOR_STRING,
    CURSOR_NUMBER,
    CURSOR_TRUE,
    CURSOR_FALSE,
    CURSOR_NULL,
};

enum cursor_fault {
    CURSOR_FINE,
    CURSOR_MORE,     /* the window ended inside the value */
    CURSOR_SYNTAX,   /* at `at` */
    CURSOR_ENCODING, /* bytes that are not UTF-8 */
    CURSOR_DEPTH,
};

struct cursor {
    const char *at;    /* the next byte to look at; on a fault, the offending one */
    const char *end;   /* of the window */
    bool final;        /* nothing follows the window */
    bool lenient_utf8; /* strings may hold any bytes but controls below U+0020 */
    bool bad_utf8;     /* a string that was passed leniently held bytes that are not UTF-8 */
    unsigned depth;
    enum cursor_fault fault; /* sticky: once set, every call fails */
};

/* A string or number as it stands in the text. */
struct cursor_text {
    struct bytes raw; /* without quotes */
    bool escaped;     /* holds backslashes: decode with cursor_decode() */
};

void cursor_init(struct cursor *c, struct bytes text, bool final);

/* Skips white space and tells what the next value is, without passing it.
 * False on a fault (also at the end of the text). */
bool cursor_peek(struct cursor *c, enum cursor_kind *kind);

/* Whether a string comes at once, as most values do. Tells no more when it says no. */
static inline bool cursor_at_quote(const struct cursor *c)
{
    return c->at < c->end && *c->at == '"' && !c->fault;
}

/* Objects: enter, then next_key until it returns false (end of object, or a fault); after a
 * true the caller reads or skips exactly one value. Arrays likewise with next_item. */
bool cursor_enter_object(struct cursor *c);
bool cursor_next_key(struct cursor *c, struct cursor_text *key, bool first);
bool cursor_enter_array(struct cursor *c);
bool cursor_next_item(struct cursor *c, bool first);

bool cursor_string(struct cursor *c, struct cursor_text *out);
bool cursor_number(struct cursor *c, struct bytes *out);

/* In place of next_key where the caller expects a certain one: passes `member`, which is a
 * comma, the quoted key and a colon as compact JSON has them (no comma when `first`), if
 * exactly that comes next. When not, nothing happened. */
static inline bool cursor_pass_member(struct cursor *c, struct bytes member, bool first)
{
    const char *text = member.ptr + first;
    size_t len = member.len - first;

    if (c->fault || (size_t)(c->end - c->at) < len || !bytes_agree(c->at, text, len))
        return false;
    c->at += len;
    return true;
}

/* Passes true, false or null. */
bool cursor_literal(struct cursor *c);

/* Passes any one value, checking it; iterative, whatever the nesting. `out`, when not NULL,
 * gets its source text. */
bool cursor_skip(struct cursor *c, struct bytes *out);

/* Passes white space; true when the text ends there. */
bool cursor_at_end(struct cursor *c);

/* Appends the text with escapes resolved, as UTF-8. A lone surrogate is kept as its six
 * characters \udXXX, so nothing is lost and the result is valid UTF-8
 * wherever the text was. `text` must have come from a cursor. */
void cursor_decode(struct cursor_text text, struct buffer *out);

/* What a caller shows: the words for `fault` at offset `at`. Static. */
const char *cursor_fault_text(enum cursor_fault fault);

#endif
