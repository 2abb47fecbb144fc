#include "core/reading/cursor.h"

#include "core/base/span.h"
#include "core/base/utf8.h"

/* Which containers the skipped value stands in: one bit per level, set for objects. Only
 * levels above `base` are ever looked at. */
struct nest {
    uint64_t in_object[CURSOR_MAX_DEPTH / 64];
    unsigned base, depth;
    bool object; /* the innermost one */
};

void cursor_init(struct cursor *c, struct bytes text, bool final)
{
    const char *start = text.ptr ? text.ptr : "";

    *c = (struct cursor){.at = start, .end = start + text.len, .final = final};
}

/* Ends the reading. Returns NULL, which every pass_ function hands up. */
static const char *fail(struct cursor *c, const char *at, enum cursor_fault fault)
{
    c->at = at;
    c->fault = fault;
    return NULL;
}

/* The byte at `at` does not belong there, or the text ends there. */
__attribute__((noinline, cold)) static const char *fail_at(struct cursor *c, const char *at)
{
    return fail(c, at, at == c->end && !c->final ? CURSOR_MORE : CURSOR_SYNTAX);
}

static inline bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static inline const char *pass_space(const char *at, const char *end)
{
    if (at == end || (unsigned char)*at > ' ')
        return at;
    if (*at == ' ' && end - at > 1 && (unsigned char)at[1] > ' ')
        return at + 1;
    return span_space(at, end);
}

/* Bytes of the sequence at `at` by RFC 3629: 2 to 4, 0 when it is none, or -1 when the text
 * ends before that is clear. */
static int sequence_length(const char *at, const char *end)
{
    unsigned char lead = (unsigned char)*at, low = 0x80, high = 0xBF;
    int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;

    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    if (lead == 0xE0)
        low = 0xA0; /* no over-long forms */
    else if (lead == 0xED)
        high = 0x9F; /* no surrogates */
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F; /* nothing over U+10FFFF */
    for (int i = 1; i < length; i++) {
        unsigned char byte;

        if (end - at <= i)
            return -1;
        byte = (unsigned char)at[i];
        if (byte < low || byte > high)
            return 0;
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

/* Passes a run of bytes that are not ASCII. */
static const char *pass_sequences(struct cursor *c, const char *at)
{
    while (at < c->end && (unsigned char)*at >= 0x80) {
        int length = sequence_length(at, c->end);

        if (length < 0 && !c->final)
            return fail(c, c->end, CURSOR_MORE);
        if (length <= 0) {
            if (!c->lenient_utf8)
                return fail(c, at, CURSOR_ENCODING);
            c->bad_utf8 = true;
            length = 1;
        }
        at += length;
    }
    return at;
}

static bool is_hex(char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

/* Passes the escape whose backslash is at `at`. */
static const char *pass_escape(struct cursor *c, const char *at)
{
    at++;
    if (at == c->end)
        return fail_at(c, at);
    switch (*at) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return at + 1;
    case 'u':
        break;
    default:
        return fail_at(c, at);
    }
    at++;
    for (int i = 0; i < 4; i++, at++)
        if (at == c->end || !is_hex(*at))
            return fail_at(c, at);
    return at;
}

/* Passes what stopped span_plain() short of the closing quote, and what follows of the same
 * kind. */
__attribute__((noinline)) static const char *pass_special(struct cursor *c, const char *at,
                                                          bool *escaped)
{
    if (at == c->end)
        return fail_at(c, at);
    if (*at == '\\') {
        *escaped = true;
        do {
            at = pass_escape(c, at);
        } while (at && at < c->end && *at == '\\');
        return at;
    }
    if ((unsigned char)*at >= 0x80)
        return pass_sequences(c, at);
    return fail_at(c, at);
}

/* From behind the opening quote to the closing one. */
static inline const char *pass_string(struct cursor *c, const char *at, bool *escaped)
{
    *escaped = false;
    for (;;) {
        at = span_plain(at, c->end);
        if (at < c->end && *at == '"')
            return at;
        at = pass_special(c, at, escaped);
        if (!at)
            return NULL;
    }
}

/* At least one digit. */
static const char *pass_digits(struct cursor *c, const char *at)
{
    if (at == c->end || !is_digit(*at))
        return fail_at(c, at);
    do {
        at++;
    } while (at < c->end && is_digit(*at));
    return at;
}

static const char *pass_number(struct cursor *c, const char *at)
{
    if (at < c->end && *at == '-')
        at++;
    if (at < c->end && *at == '0')
        at++;
    else if (!(at = pass_digits(c, at)))
        return NULL;
    if (at < c->end && *at == '.' && !(at = pass_digits(c, at + 1)))
        return NULL;
    if (at < c->end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < c->end && (*at == '+' || *at == '-'))
            at++;
        if (!(at = pass_digits(c, at)))
            return NULL;
    }
    /* More digits may follow the window. */
    return at == c->end && !c->final ? fail_at(c, at) : at;
}

static const char *pass_literal(struct cursor *c, const char *at)
{
    const char *word = "null";

    if (at < c->end && *at == 't')
        word = "true";
    else if (at < c->end && *at == 'f')
        word = "false";
    for (; *word; word++, at++)
        if (at == c->end || *at != *word)
            return fail_at(c, at);
    return at;
}

/* Any value that is neither an object nor an array. */
static inline const char *pass_scalar(struct cursor *c, const char *at)
{
    bool escaped;

    if (at == c->end)
        return fail_at(c, at);
    if (*at == '"') {
        at = pass_string(c, at + 1, &escaped);
        return at ? at + 1 : NULL;
    }
    if (is_digit(*at) || *at == '-')
        return pass_number(c, at);
    return pass_literal(c, at);
}

/* A key from its opening quote to the value behind its colon. */
static inline const char *pass_key(struct cursor *c, const char *at, struct cursor_text *key)
{
    const char *start;

    if (at == c->end || *at != '"')
        return fail_at(c, at);
    start = at + 1;
    at = pass_string(c, start, &key->escaped);
    if (!at)
        return NULL;
    key->raw = bytes_make(start, (size_t)(at - start));
    at = pass_space(at + 1, c->end);
    if (at == c->end || *at != ':')
        return fail_at(c, at);
    return pass_space(at + 1, c->end);
}

bool cursor_peek(struct cursor *c, enum cursor_kind *kind)
{
    if (c->fault)
        return false;
    c->at = pass_space(c->at, c->end);
    if (c->at == c->end)
        return fail_at(c, c->at) != NULL;
    switch (*c->at) {
    case '"':
        *kind = CURSOR_STRING;
        return true;
    case '{':
        *kind = CURSOR_OBJECT;
        return true;
    case '[':
        *kind = CURSOR_ARRAY;
        return true;
    case 't':
        *kind = CURSOR_TRUE;
        return true;
    case 'f':
        *kind = CURSOR_FALSE;
        return true;
    case 'n':
        *kind = CURSOR_NULL;
        return true;
    default:
        *kind = CURSOR_NUMBER;
        return *c->at == '-' || is_digit(*c->at) || fail_at(c, c->at);
    }
}

static bool enter(struct cursor *c, char opening)
{
    if (c->fault)
        return false;
    c->at = pass_space(c->at, c->end);
    if (c->at == c->end || *c->at != opening)
        return fail_at(c, c->at) != NULL;
    if (c->depth == CURSOR_MAX_DEPTH)
        return fail(c, c->at, CURSOR_DEPTH) != NULL;
    c->at++;
    c->depth++;
    return true;
}

/* Between the items of a container: true when another one follows, and `at` stands before
 * it. False behind the closing byte, or on a fault. */
static inline bool next(struct cursor *c, bool first, char closing)
{
    const char *at;

    if (c->fault)
        return false;
    at = pass_space(c->at, c->end);
    if (at == c->end)
        return fail_at(c, at) != NULL;
    if (*at == closing) {
        c->at = at + 1;
        c->depth--;
        return false;
    }
    if (!first) {
        if (*at != ',')
            return fail_at(c, at) != NULL;
        at = pass_space(at + 1, c->end);
    }
    c->at = at;
    return true;
}

bool cursor_enter_object(struct cursor *c)
{
    return enter(c, '{');
}

bool cursor_next_key(struct cursor *c, struct cursor_text *key, bool first)
{
    const char *at;

    if (!next(c, first, '}'))
        return false;
    at = pass_key(c, c->at, key);
    if (!at)
        return false;
    c->at = at;
    return true;
}

bool cursor_enter_array(struct cursor *c)
{
    return enter(c, '[');
}

bool cursor_next_item(struct cursor *c, bool first)
{
    return next(c, first, ']');
}

bool cursor_string(struct cursor *c, struct cursor_text *out)
{
    const char *at, *start;

    if (c->fault)
        return false;
    at = pass_space(c->at, c->end);
    if (at == c->end || *at != '"')
        return fail_at(c, at) != NULL;
    start = at + 1;
    at = pass_string(c, start, &out->escaped);
    if (!at)
        return false;
    out->raw = bytes_make(start, (size_t)(at - start));
    c->at = at + 1;
    return true;
}

bool cursor_number(struct cursor *c, struct bytes *out)
{
    const char *at, *start;

    if (c->fault)
        return false;
    start = pass_space(c->at, c->end);
    at = pass_number(c, start);
    if (!at)
        return false;
    *out = bytes_make(start, (size_t)(at - start));
    c->at = at;
    return true;
}

bool cursor_literal(struct cursor *c)
{
    const char *at;

    if (c->fault)
        return false;
    at = pass_literal(c, pass_space(c->at, c->end));
    if (!at)
        return false;
    c->at = at;
    return true;
}

/* Opens the container at `at`; hands back where its content begins. */
static inline const char *push(struct cursor *c, struct nest *nest, const char *at)
{
    uint64_t bit;

    if (nest->depth == CURSOR_MAX_DEPTH)
        return fail(c, at, CURSOR_DEPTH);
    bit = (uint64_t)1 << nest->depth % 64;
    nest->object = *at == '{';
    if (nest->object)
        nest->in_object[nest->depth / 64] |= bit;
    else
        nest->in_object[nest->depth / 64] &= ~bit;
    nest->depth++;
    return pass_space(at + 1, c->end);
}

static inline void pop(struct nest *nest)
{
    nest->depth--;
    if (nest->depth > nest->base) {
        unsigned outer = nest->depth - 1;

        nest->object = nest->in_object[outer / 64] >> outer % 64 & 1;
    }
}

/* From behind a value to the next one in the nest, closing what ends on the way. When the
 * whole nest is closed, hands back where it ended. */
static inline const char *pass_between(struct cursor *c, struct nest *nest, const char *at)
{
    struct cursor_text key;

    while (nest->depth > nest->base) {
        at = pass_space(at, c->end);
        if (at == c->end)
            return fail_at(c, at);
        if (*at == ',') {
            at = pass_space(at + 1, c->end);
            return nest->object ? pass_key(c, at, &key) : at;
        }
        if (*at != (nest->object ? '}' : ']'))
            return fail_at(c, at);
        at++;
        pop(nest);
    }
    return at;
}

bool cursor_skip(struct cursor *c, struct bytes *out)
{
    struct nest nest = {.base = c->depth, .depth = c->depth};
    struct cursor_text key;
    const char *at, *start;

    if (c->fault)
        return false;
    start = at = pass_space(c->at, c->end);
    do {
        if (at < c->end && (*at == '{' || *at == '[')) {
            at = push(c, &nest, at);
            if (!at)
                return false;
            if (at == c->end || *at != (nest.object ? '}' : ']')) {
                if (nest.object && !(at = pass_key(c, at, &key)))
                    return false;
                continue;
            }
        } else if (!(at = pass_scalar(c, at))) {
            return false;
        }
        at = pass_between(c, &nest, at);
        if (!at)
            return false;
    } while (nest.depth > nest.base);
    if (out)
        *out = bytes_make(start, (size_t)(at - start));
    c->at = at;
    return true;
}

bool cursor_at_end(struct cursor *c)
{
    if (c->fault)
        return false;
    c->at = pass_space(c->at, c->end);
    return c->at == c->end;
}

static unsigned hex_4(const char *at)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++) {
        unsigned byte = (unsigned char)at[i];

        value = value << 4 | (byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10);
    }
    return value;
}

/* Appends the code unit or pair whose `u` is at `at` (all digits are known to be there), and
 * hands back what follows. */
static const char *decode_unit(const char *at, const char *end, struct buffer *out)
{
    unsigned unit = hex_4(at + 1);
    const char *rest = at + 5;
    char utf8[4];
    size_t length;

    if (unit - 0xD800 < 0x400 && end - rest >= 6 && rest[0] == '\\' && rest[1] == 'u') {
        unsigned low = hex_4(rest + 2);

        if (low - 0xDC00 < 0x400) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            rest += 6;
        }
    }
    if (unit - 0xD800 < 0x800) {
        buffer_add(out, bytes_make(at - 1, 6));
        return rest;
    }
    length = utf8_encode(unit, utf8);
    buffer_add(out, bytes_make(utf8, length));
    return rest;
}

void cursor_decode(struct cursor_text text, struct buffer *out)
{
    const char *at = text.raw.ptr, *end = at + text.raw.len;

    while (text.escaped && at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));

        if (!backslash)
            break;
        buffer_add(out, bytes_make(at, (size_t)(backslash - at)));
        at = backslash + 1;
        switch (*at) {
        case 'b':
            buffer_add_char(out, '\b');
            break;
        case 'f':
            buffer_add_char(out, '\f');
            break;
        case 'n':
            buffer_add_char(out, '\n');
            break;
        case 'r':
            buffer_add_char(out, '\r');
            break;
        case 't':
            buffer_add_char(out, '\t');
            break;
        case 'u':
            at = decode_unit(at, end, out);
            continue;
        default:
            buffer_add_char(out, *at);
        }
        at++;
    }
    buffer_add(out, bytes_make(at, (size_t)(end - at)));
}

const char *cursor_fault_text(enum cursor_fault fault)
{
    switch (fault) {
    case CURSOR_FINE:
        return "no fault";
    case CURSOR_MORE:
        return "the text goes on";
    case CURSOR_SYNTAX:
        return "not JSON";
    case CURSOR_ENCODING:
        return "not UTF-8";
    case CURSOR_DEPTH:
        return "nested deeper than 512 levels";
    }
    return "unknown fault";
}
