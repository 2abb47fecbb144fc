#include "core/query/address.h"

#include <arpa/inet.h>

enum { LONGEST_ADDRESS = 45 };

bool address_parse(struct bytes text, struct address *out)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char copy[LONGEST_ADDRESS + 1];
    struct address a = {0};

    if (text.len < 2 || text.len > LONGEST_ADDRESS || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, a.bytes) == 1) {
        a.is_v4 = true;
    } else if (inet_pton(AF_INET6, copy, a.bytes) != 1) {
        return false;
    } else if (memcmp(a.bytes, mapped, sizeof mapped) == 0) {
        memmove(a.bytes, a.bytes + 12, 4);
        memset(a.bytes + 4, 0, 12);
        a.is_v4 = true;
    }
    *out = a;
    return true;
}

bool subnet_parse(struct bytes text, struct subnet *out)
{
    size_t slash = bytes_find(text, bytes_of("/"));
    struct subnet s = {0};
    uint64_t bits;

    if (slash == SIZE_MAX)
        slash = text.len;
    if (!address_parse(bytes_slice(text, 0, slash), &s.base))
        return false;
    bits = s.base.is_v4 ? 32 : 128;
    if (slash < text.len) {
        uint64_t given;

        if (!bytes_to_u64(bytes_slice(text, slash + 1, text.len), &given) || given > bits)
            return false;
        bits = given;
    }
    s.bits = (unsigned)bits;
    *out = s;
    return true;
}

struct subnet subnet_of(const struct address *a, unsigned bits)
{
    struct subnet s = {.base = *a, .bits = bits};

    for (unsigned i = 0; i < sizeof s.base.bytes; i++) {
        unsigned kept = bits > 8 * i ? bits - 8 * i : 0;

        if (kept < 8)
            s.base.bytes[i] &= (unsigned char)(0xffu << (8 - kept));
    }
    return s;
}

void subnet_write(struct buffer *out, const struct subnet *s)
{
    struct subnet base = subnet_of(&s->base, s->bits);
    char text[INET6_ADDRSTRLEN];

    if (!inet_ntop(s->base.is_v4 ? AF_INET : AF_INET6, base.base.bytes, text, sizeof text))
        return;
    buffer_add_text(out, text);
    if (s->bits < (s->base.is_v4 ? 32u : 128u))
        buffer_printf(out, "/%u", s->bits);
}

bool subnet_is_meant(struct bytes text)
{
    size_t colon = bytes_find(text, bytes_of(":"));

    if (bytes_made_of(text, "0123456789./"))
        return bytes_find(text, bytes_of(".")) != SIZE_MAX;
    return colon != SIZE_MAX && bytes_made_of(text, "0123456789abcdefABCDEF:./") &&
           bytes_find(bytes_slice(text, colon + 1, text.len), bytes_of(":")) != SIZE_MAX;
}

bool subnet_has(const struct subnet *s, const struct address *a)
{
    unsigned whole = s->bits / 8, rest = s->bits % 8;
    unsigned mask = 0xffu & ~(0xffu >> rest);

    if (s->base.is_v4 != a->is_v4 || memcmp(s->base.bytes, a->bytes, whole) != 0)
        return false;
    return rest == 0 || ((s->base.bytes[whole] ^ a->bytes[whole]) & mask) == 0;
}
