#include "core/base/hash.h"

#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* Odd constants with about half of their bits set; the secrecy is in the seed. */
static const uint64_t FACTOR_A = 0x9e3779b97f4a7c15u, FACTOR_B = 0xd6e8feb86659fd93u;
static uint64_t seed_a = 0x243f6a8885a308d3u, seed_b = 0x13198a2e03707344u;

void hash_seed(void)
{
    uint64_t drawn[2];

    if (getrandom(drawn, sizeof drawn, GRND_NONBLOCK) != (ssize_t)sizeof drawn) {
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        drawn[0] = (uint64_t)now.tv_nsec * FACTOR_A;
        drawn[1] = ((uint64_t)getpid() << 32 ^ (uint64_t)now.tv_sec) * FACTOR_B;
    }
    seed_a ^= drawn[0];
    seed_b ^= drawn[1];
}

__extension__ typedef unsigned __int128 wide;

static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load64(const char *p)
{
    uint64_t value;

    memcpy(&value, p, sizeof value);
    return value;
}

static uint64_t load32(const char *p)
{
    uint32_t value;

    memcpy(&value, p, sizeof value);
    return value;
}

uint64_t hash_bytes(struct bytes text)
{
    const char *p = text.ptr;
    size_t left = text.len;
    uint64_t state = seed_a ^ text.len * FACTOR_A, low = 0, high = 0;

    while (left > 16) {
        state = fold(load64(p) ^ seed_b ^ FACTOR_A, load64(p + 8) ^ state);
        p += 16;
        left -= 16;
    }
    if (left >= 8) {
        low = load64(p);
        high = load64(p + left - 8);
    } else if (left >= 4) {
        low = load32(p);
        high = load32(p + left - 4);
    } else if (left) {
        low = (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[left / 2] << 8 |
              (unsigned char)p[left - 1];
    }
    return fold(fold(low ^ seed_b ^ FACTOR_B, high ^ state), FACTOR_A ^ seed_a);
}

uint64_t hash_u64(uint64_t value)
{
    return fold(fold(value ^ seed_a, FACTOR_A ^ seed_b), FACTOR_B);
}
