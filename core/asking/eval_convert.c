/* Functions that read other notations: JSON, encodings, kinds of addresses.
 * Source: CloudWatch Logs user guide, functions (2026). */
#include <math.h>

#include "core/asking/eval.h"
#include "core/asking/json.h"
#include "core/query/address.h"
#include "core/query/query_names.h"

static const struct datum missing = {.kind = DATUM_MISSING};
static const char base64_signs[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A container is its own text here as everywhere. */
static struct datum json_parse(struct bytes text)
{
    enum cursor_kind kind;

    return json_is_container(text, &kind) ? datum_of_text(text) : missing;
}

/* How many elements, or whether one of them equals `wanted`. What is no list has no size, and
 * contains nothing. */
static struct datum json_array(struct eval *e, struct bytes text, const struct datum *wanted)
{
    enum cursor_kind kind;
    struct json_items items;
    struct bytes raw;
    size_t count = 0;

    if (!json_is_container(text, &kind) || kind != CURSOR_ARRAY ||
        !json_items_start(&items, text))
        return wanted ? datum_of_bool(false) : missing;
    for (; json_items_next(&items, &raw); count++) {
        if (wanted && eval_compare(e, OP_EQ, json_value(raw, &e->memory), *wanted) == TRUTH_YES)
            return datum_of_bool(true);
    }
    return wanted ? datum_of_bool(false) : datum_of_number((double)count);
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
    return eval_take(e, &out);
}

/* Both alphabets, padding or none; missing when the text is no base64. */
static struct datum base64_decode(struct eval *e, struct bytes text)
{
    struct buffer out = {0};
    unsigned bits = 0, held = 0;

    while (text.len && text.ptr[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i] == '-' ? '+' : text.ptr[i] == '_' ? '/' : text.ptr[i];
        const char *at = c ? strchr(base64_signs, c) : NULL;

        if (!at) {
            buffer_deinit(&out);
            return missing;
        }
        held = (held << 6 | (unsigned)(at - base64_signs)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            buffer_add_char(&out, (char)(held >> bits & 0xff));
        }
    }
    return eval_take(e, &out);
}

static struct datum url_encode(struct eval *e, struct bytes text)
{
    struct buffer out = {0};

    for (size_t i = 0; i < text.len; i++) {
        unsigned char ch = (unsigned char)text.ptr[i];

        if ((ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
            (ch && strchr("-._~", ch)))
            buffer_add_char(&out, (char)ch);
        else
            buffer_printf(&out, "%%%02X", ch);
    }
    return eval_take(e, &out);
}

static struct datum base64_encode(struct eval *e, struct bytes text)
{
    struct buffer out = {0};

    for (size_t i = 0; i < text.len; i += 3) {
        size_t have = text.len - i < 3 ? text.len - i : 3;
        uint32_t held = 0;

        for (size_t j = 0; j < 3; j++)
            held = held << 8 | (j < have ? (unsigned char)text.ptr[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            buffer_add_char(&out, j <= have ? base64_signs[held >> (18 - 6 * j) & 63] : '=');
    }
    return eval_take(e, &out);
}

static struct bytes without_0x(struct bytes text)
{
    return bytes_starts(text, "0x") || bytes_starts(text, "0X") ? bytes_slice(text, 2, text.len)
                                                                : text;
}

/* Missing when the text is no run of pairs of hexadecimal digits. */
static struct datum hex_to_ascii(struct eval *e, struct bytes text)
{
    struct buffer out = {0};

    text = without_0x(text);
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_value(text.ptr[i]);
        int low = i + 1 < text.len ? hex_value(text.ptr[i + 1]) : -1;

        if (high < 0 || low < 0) {
            buffer_deinit(&out);
            return missing;
        }
        buffer_add_char(&out, (char)(high << 4 | low));
    }
    return eval_take(e, &out);
}

/* Missing when the text is no number of at most 64 bits. */
static struct datum hex_to_dec(struct bytes text)
{
    bool minus = bytes_starts(text, "-");
    double value = 0;

    text = without_0x(bytes_slice(text, minus, text.len));
    if (text.len == 0 || text.len > 16)
        return missing;
    for (size_t i = 0; i < text.len; i++) {
        int digit = hex_value(text.ptr[i]);

        if (digit < 0)
            return missing;
        value = value * 16 + digit;
    }
    return datum_of_number(minus ? -value : value);
}

static struct datum dec_to_hex(struct eval *e, struct datum d)
{
    struct buffer out = {0};
    double number;

    if (!datum_number(d, &number) || fabs(number) >= 0x1p63)
        return missing;
    buffer_printf(&out, "%s0x%llx", trunc(number) < 0 ? "-" : "",
                  (unsigned long long)fabs(trunc(number)));
    return eval_take(e, &out);
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
        return datum_of_bool(is_private);
    return datum_of_bool(function == FUNCTION_IS_RESERVED_IP ? is_reserved
                                                             : !is_private && !is_reserved);
}

struct datum eval_convert(struct eval *e, const struct expr *call)
{
    struct datum d = eval_value(e, call->args[0]), wanted;
    struct bytes text;

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
    case FUNCTION_URL_ENCODE:
        return url_encode(e, text);
    case FUNCTION_URL_DECODE:
        return url_decode(e, text);
    case FUNCTION_BASE64_ENCODE:
        return base64_encode(e, text);
    case FUNCTION_HEX_TO_ASCII:
        return hex_to_ascii(e, text);
    case FUNCTION_HEX_TO_DEC:
        return hex_to_dec(text);
    case FUNCTION_DEC_TO_HEX:
        return dec_to_hex(e, d);
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
