#include "core/proving/sha.h"

#include <openssl/evp.h>

#include "core/base/mem.h"

struct hasher {
    EVP_MD_CTX *context;
};

bool sha_equal(const struct sha *a, const struct sha *b)
{
    return memcmp(a->bytes, b->bytes, SHA_BYTES) == 0;
}

void sha_add_hex(struct buffer *out, const struct sha *sum)
{
    for (size_t i = 0; i < SHA_BYTES; i++)
        buffer_printf(out, "%02x", sum->bytes[i]);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hex_decode(struct bytes text, struct buffer *out)
{
    size_t start = out->len;

    for (size_t i = 0; i + 1 < text.len; i += 2) {
        int high = hex_value(text.ptr[i]), low = hex_value(text.ptr[i + 1]);

        if (high < 0 || low < 0) {
            out->len = start;
            return false;
        }
        buffer_add_char(out, (char)(high << 4 | low));
    }
    if (text.len % 2 == 0)
        return true;
    out->len = start;
    return false;
}

bool sha_from_hex(struct bytes text, struct sha *out)
{
    struct buffer raw = {0};
    bool fine = text.len == (size_t)2 * SHA_BYTES && hex_decode(text, &raw);

    if (fine)
        memcpy(out->bytes, raw.ptr, SHA_BYTES);
    buffer_deinit(&raw);
    return fine;
}

/* libcrypto fails here only for want of memory. */
static void must(bool done)
{
    if (!done)
        mem_exhausted();
}

struct hasher *hasher_new(void)
{
    struct hasher *h = mem_alloc(sizeof *h);

    h->context = EVP_MD_CTX_new();
    must(h->context && EVP_DigestInit_ex2(h->context, EVP_sha256(), NULL));
    return h;
}

void hasher_free(struct hasher *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->context);
    mem_free(h);
}

void hasher_add(struct hasher *h, const void *data, size_t len)
{
    must(EVP_DigestUpdate(h->context, data, len));
}

struct sha hasher_sum(struct hasher *h)
{
    struct sha sum;

    must(EVP_DigestFinal_ex(h->context, sum.bytes, NULL) &&
         EVP_DigestInit_ex2(h->context, EVP_sha256(), NULL));
    return sum;
}

struct sha sha_of(struct bytes text)
{
    struct hasher *h = hasher_new();
    struct sha sum;

    hasher_add(h, text.ptr, text.len);
    sum = hasher_sum(h);
    hasher_free(h);
    return sum;
}
