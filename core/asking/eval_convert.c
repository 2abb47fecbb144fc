/* Functions that read other notations: JSON, encodings, addresses, whole numbers.
 * Source: CloudWatch Logs user guide, functions (2026). */
#include <math.h>

#include "core/asking/address.h"
#include "core/asking/eval.h"
#include "core/asking/query_names.h"
#include "core/reading/cursor.h"

static const struct datum missing = {.kind = DATUM_MISSING};

static struct datum of_bool(bool yes)
{
    return (struct datum){.kind = DATUM_BOOL, .state = VALUE_TEXT, .number = yes};
}

static struct datum of_buffer(struct eval *e, struct buffer *b)
{
    struct datum d = datum_of_text(arena_copy(&e->memory, buffer_bytes(b)));

    buffer_deinit(b);
    return d;
}

/* True for an object or array and nothing behind it. */
static bool is_container(struct bytes text, enum cursor_kind *kind)
{
    struct cursor c;

    cursor_init(&c, text, true);
    return cursor_peek(&c, kind) && (*kind == CURSOR_OBJECT || *kind == CURSOR_ARRAY) &&
           cursor_skip(&c, NULL) && cursor_at_end(&c);
}

/* A container is its own text here as everywhere. */
static struct datum json_parse(struct bytes text)
{
    enum cursor_kind kind;

    return is_container(text, &kind) ? datum_of_text(text) : missing;
}

/* The element as a value; containers and literals as their text. */
static struct datum element(struct eval *e, struct bytes raw)
{
    struct cursor c;
    struct cursor_text text;
    struct buffer decoded = {0};

    if (raw.len == 0 || raw.ptr[0] != '"')
        return datum_of_text(raw);
    cursor_init(&c, raw, true);
    if (!cursor_string(&c, &text))
        return missing;
    cursor_decode(text, &decoded);
    return of_buffer(e, &decoded);
}

/* How many elements, or whether one of them equals `wanted`. */
static struct datum json_array(struct eval *e, struct bytes text, const struct datum *wanted)
{
    enum cursor_kind kind;
    struct cursor c;
    struct bytes raw;
    size_t count = 0;

    if (!is_container(text, &kind) || kind != CURSOR_ARRAY)
        return missing;
    cursor_init(&c, text, true);
    if (!cursor_enter_array(&c))
        return missing;
    for (; cursor_next_item(&c, count == 0) && cursor_skip(&c, &raw); count++) {
        if (wanted && eval_compare(e, OP_EQ, element(e, raw), *wanted) == TRUTH_YES)
            return of_bool(true);
    }
    return wanted ? of_bool(false) : datum_of_number((double)count);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct datum url_decode(struct eval *e, struct bytes text)
{
    struct buffer out = {0};

    for (size_t i = 0; i < text.len; i++) {
        int high = -1, low = -1;

        if (text.ptr[i] == '%' && i + 2 < text.len) {
            high = hex_value(text.ptr[i + 1]);
            low = hex_value(text.ptr[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            buffer_add_char(&out, (char)(high << 4 | low));
            i += 2;
        } else {
            buffer_add_char(&out, text.ptr[i] == '+' ? ' ' : text.ptr[i]);
        }
    }
    return of_buffer(e, &out);
}

/* Both alphabets, padding or none; missing when the text is no base64. */
static struct datum base64_decode(struct eval *e, struct bytes text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buffer out = {0};
    unsigned bits = 0, held = 0;

    while (text.len && text.ptr[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i] == '-' ? '+' : text.ptr[i] == '_' ? '/' : text.ptr[i];
        const char *at = c ? strchr(alphabet, c) : NULL;

        if (!at) {
            buffer_deinit(&out);
            return missing;
        }
        held = (held << 6 | (unsigned)(at - alphabet)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buffer_add_char(&out, (char)(held >> bits & 0xff));
        }
    }
    return of_buffer(e, &out);
}

static bool in_any(const struct address *a, const char *const *subnets, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct subnet s;

        if (subnet_parse(bytes_of(subnets[i]), &s) && subnet_has(&s, a))
            return true;
    }
    return false;
}

/* Source: RFC 1918, RFC 4193; RFC 6890 and its registries for what else is not public. */
static struct datum address_kind(unsigned function, struct bytes text)
{
    static const char *const privates[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                           "fc00::/7"};
    static const char *const reserved[] = {
        "0.0.0.0/8",      "100.64.0.0/10", "127.0.0.0/8",     "169.254.0.0/16", "192.0.0.0/24",
        "192.0.2.0/24",   "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
        "240.0.0.0/4",    "::/128",        "::1/128",         "100::/64",       "2001:db8::/32",
        "192.88.99.0/24", "fe80::/10",     "ff00::/8"};
    struct address a;
    bool is_private, is_reserved;

    if (!address_parse(text, &a))
        return missing;
    if (function == FUNCTION_IPV4_NUMBER && !a.is_v4)
        return missing;
    if (function == FUNCTION_IPV4_NUMBER)
        return datum_of_number((double)((uint32_t)a.bytes[0] << 24 |
                                        (uint32_t)a.bytes[1] << 16 | (uint32_t)a.bytes[2] << 8 |
                                        a.bytes[3]));
    is_private = in_any(&a, privates, ARRAY_LEN(privates));
    is_reserved = in_any(&a, reserved, ARRAY_LEN(reserved));
    if (function == FUNCTION_IS_PRIVATE_IP)
        return of_bool(is_private);
    return of_bool(function == FUNCTION_IS_RESERVED_IP ? is_reserved
                                                       : !is_private && !is_reserved);
}

struct datum eval_convert(struct eval *e, const struct expr *call)
{
    struct datum d = eval_value(e, call->args[0]), wanted;
    struct bytes text;
    double number;

    if (d.kind == DATUM_MISSING || d.kind == DATUM_UNDECIDED)
        return d;
    text = eval_text(e, d);
    switch (call->function) {
    case FUNCTION_JSON_PARSE:
        return json_parse(text);
    case FUNCTION_JSON_ARRAY_SIZE:
        return json_array(e, text, NULL);
    case FUNCTION_JSON_ARRAY_CONTAINS:
        wanted = eval_value(e, call->args[1]);
        if (wanted.kind == DATUM_MISSING || wanted.kind == DATUM_UNDECIDED)
            return wanted;
        return json_array(e, text, &wanted);
    case FUNCTION_TO_WHOLE:
        return datum_number(d, &number) ? datum_of_number(trunc(number)) : missing;
    case FUNCTION_URL_DECODE:
        return url_decode(e, text);
    case FUNCTION_BASE64_DECODE:
        return base64_decode(e, text);
    case FUNCTION_IPV4_NUMBER:
    case FUNCTION_IS_PRIVATE_IP:
    case FUNCTION_IS_PUBLIC_IP:
    case FUNCTION_IS_RESERVED_IP:
        return address_kind(call->function, text);
    default: /* unmask(x) and jsonStringify(x): x */
        return d;
    }
}
