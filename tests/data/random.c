#include "tests/data/random.h"

#include <string.h>

struct random random_make(uint64_t seed, uint64_t stream)
{
    struct random r = {seed * 0x9e3779b97f4a7c15u ^ stream};
    r.state = random_next(&r) + stream;
    return r;
}

uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint32_t random_below(struct random *r, uint32_t n)
{
    return (uint32_t)((random_next(r) >> 32) * n >> 32);
}

int64_t random_between(struct random *r, int64_t from, int64_t to)
{
    return from + (int64_t)(random_next(r) % (uint64_t)(to - from + 1));
}

bool random_chance(struct random *r, uint32_t percent)
{
    return random_below(r, 100) < percent;
}

uint32_t random_head(struct random *r, uint32_t n)
{
    return random_below(r, random_below(r, random_below(r, n) + 1) + 1);
}

void random_uuid(struct random *r, char out[UUID_TEXT_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";
    uint64_t high = random_next(r), low = random_next(r);
    high = (high & ~(uint64_t)0xf000) | 0x4000;
    low = (low & ~((uint64_t)3 << 62)) | (uint64_t)2 << 62;
    size_t at = 0;
    for (unsigned nibble = 0; nibble < 32; nibble++) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20)
            out[at++] = '-';
        uint64_t half = nibble < 16 ? high : low;
        out[at++] = digits[half >> (60 - 4 * (nibble & 15)) & 15];
    }
    out[at] = '\0';
}

void random_text(struct random *r, const char *alphabet, size_t length, char *out)
{
    uint32_t n = (uint32_t)strlen(alphabet);
    for (size_t i = 0; i < length; i++)
        out[i] = alphabet[random_below(r, n)];
    out[length] = '\0';
}
