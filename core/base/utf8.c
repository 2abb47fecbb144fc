#include "core/base/utf8.h"

#include "core/base/utf8_width.h"

/* What a lead byte announces: length, and the bounds of the second byte, which is where
 * over-long forms, surrogates and values past U+10FFFF show. Source: RFC 3629, section 4. */
struct lead {
    unsigned len;
    unsigned char low, high;
};

static struct lead lead_of(unsigned char byte)
{
    if (byte < 0xc2)
        return (struct lead){0, 0, 0};
    if (byte < 0xe0)
        return (struct lead){2, 0x80, 0xbf};
    if (byte < 0xf0)
        return (struct lead){3, byte == 0xe0 ? 0xa0 : 0x80, byte == 0xed ? 0x9f : 0xbf};
    if (byte < 0xf5)
        return (struct lead){4, byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf};
    return (struct lead){0, 0, 0};
}

size_t utf8_decode(struct bytes text, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text.ptr;
    struct lead lead;
    uint32_t value;

    if (p[0] < 0x80) {
        *code = p[0];
        return 1;
    }
    *code = UTF8_INVALID;
    lead = lead_of(p[0]);
    if (lead.len == 0 || text.len < lead.len || p[1] < lead.low || p[1] > lead.high)
        return 1;
    value = (uint32_t)p[0] & (0x7fu >> lead.len);
    for (unsigned i = 1; i < lead.len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1;
        value = value << 6 | (p[i] & 0x3fu);
    }
    *code = value;
    return lead.len;
}

size_t utf8_encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

bool utf8_valid(struct bytes text)
{
    size_t at = 0;

    while (at < text.len) {
        uint64_t word;
        uint32_t code;

        if (text.len - at >= sizeof word) {
            memcpy(&word, text.ptr + at, sizeof word);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof word;
                continue;
            }
        }
        at += utf8_decode(bytes_make(text.ptr + at, text.len - at), &code);
        if (code == UTF8_INVALID)
            return false;
    }
    return true;
}

int utf8_width(uint32_t code)
{
    size_t low = 0, high = UTF8_WIDTH_RUNS;

    if (code < 0x7f)
        return code < 0x20 ? -1 : 1;
    if (code > 0x10ffff)
        return -1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (code < utf8_width_runs[middle].first)
            high = middle;
        else
            low = middle;
    }
    return utf8_width_runs[low].columns;
}

unsigned utf8_columns(struct bytes safe)
{
    unsigned columns = 0;

    for (size_t at = 0; at < safe.len;) {
        uint32_t code;
        int width;

        at += utf8_decode(bytes_make(safe.ptr + at, safe.len - at), &code);
        width = utf8_width(code);
        columns += width > 0 ? (unsigned)width : 0;
    }
    return columns;
}
