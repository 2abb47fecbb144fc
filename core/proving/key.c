#include "core/proving/key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/base/mem.h"

#include "core/proving/saved.h"

enum {
    MODULUS_BITS_MIN = 2048,
    MODULUS_BITS_MAX = 8192,
    EXPONENT_MIN = 3,
    EXPONENT_BITS_MAX = 64,
    DER_BYTES_MAX = 4096,
    KEYS_MAX = 10000,
};

struct entry {
    struct bytes fingerprint, source; /* the ring's */
    struct bytes der;                 /* empty: the list holds none that can be decoded */
    struct key_validity validity;
    bool given;
};

struct key_ring {
    struct arena arena;
    struct entry *entries;
    size_t n_entries, cap;
};

struct key_ring *key_ring_new(void)
{
    return mem_alloc(sizeof(struct key_ring));
}

void key_ring_free(struct key_ring *ring)
{
    if (!ring)
        return;
    arena_deinit(&ring->arena);
    mem_free(ring->entries);
    mem_free(ring);
}

static int base64_value(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* RFC 4648, 4, white space left aside; false when it is anything else. */
static bool base64_decode(struct bytes text, struct buffer *out)
{
    uint32_t bits = 0;
    unsigned n = 0, padding = 0;

    for (size_t i = 0; i < text.len; i++) {
        int value = base64_value(text.ptr[i]);

        if (text.ptr[i] == '\n' || text.ptr[i] == '\r' || text.ptr[i] == ' ')
            continue;
        if (text.ptr[i] == '=') {
            padding++;
            continue;
        }
        if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++n % 4 == 0) {
            buffer_add_char(out, (char)(bits >> 16));
            buffer_add_char(out, (char)(bits >> 8));
            buffer_add_char(out, (char)bits);
        }
    }
    if (n % 4 == 2)
        buffer_add_char(out, (char)(bits >> 4));
    if (n % 4 == 3) {
        buffer_add_char(out, (char)(bits >> 10));
        buffer_add_char(out, (char)(bits >> 2));
    }
    return n % 4 != 1 && (padding == 0 || (n + padding) % 4 == 0);
}

/* `text` is the key in base64. */
static void ring_add(struct key_ring *ring, struct entry added, struct bytes text)
{
    struct buffer der = {0};
    struct entry *e;

    mem_grow(&ring->entries, &ring->cap, ring->n_entries + 1, sizeof *ring->entries);
    e = &ring->entries[ring->n_entries++];
    *e = added;
    e->fingerprint = arena_copy(&ring->arena, added.fingerprint);
    if (text.len <= (size_t)2 * DER_BYTES_MAX && base64_decode(text, &der))
        e->der = arena_copy(&ring->arena, buffer_bytes(&der));
    buffer_deinit(&der);
}

static struct saved list_member(void)
{
    return (struct saved){.name = "PublicKeyList"};
}

static bool list_read(struct bytes text, struct saved *list, struct arena *arena,
                      struct buffer *why)
{
    *list = list_member();
    if (saved_read(text, list, 1, arena, why) != ERR_OK)
        return false;
    if (list->present && list->kind == CURSOR_ARRAY)
        return true;
    buffer_add_text(why, "no PublicKeyList in it");
    return false;
}

bool key_list_is(struct bytes text)
{
    struct arena arena = {0};
    struct buffer why = {0};
    struct saved list;
    bool is = list_read(text, &list, &arena, &why);

    buffer_deinit(&why);
    arena_deinit(&arena);
    return is;
}

/* A time as one version of the CLI prints it, seconds since 1970, or the other, ISO 8601. */
static bool read_time(const struct saved *member, int64_t *out_us)
{
    const char *unit;

    *out_us = INSTANT_NONE;
    if (!member->present || member->kind == CURSOR_NULL)
        return true;
    if (member->kind == CURSOR_NUMBER)
        return instant_from_epoch(member->source, out_us, &unit);
    return member->kind == CURSOR_STRING && instant_parse(member->text, out_us);
}

static enum err ring_add_key(struct key_ring *ring, struct bytes key, struct bytes source,
                             bool given, struct buffer *why)
{
    struct saved members[] = {{.name = "Fingerprint"},
                              {.name = "Value"},
                              {.name = "ValidityStartTime"},
                              {.name = "ValidityEndTime"}};
    struct arena arena = {0};
    struct entry added = {.source = source, .given = given};
    enum err code = saved_read(key, members, ARRAY_LEN(members), &arena, why);

    if (code == ERR_OK && (!saved_is_text(&members[0]) || !saved_is_text(&members[1]))) {
        buffer_add_text(why, "a key without Fingerprint or Value");
        code = ERR_SYNTAX;
    }
    if (code == ERR_OK && (!read_time(&members[2], &added.validity.from_us) ||
                           !read_time(&members[3], &added.validity.to_us))) {
        buffer_add_text(why, "a key whose validity is no time");
        code = ERR_SYNTAX;
    }
    if (code == ERR_OK && ring->n_entries == KEYS_MAX) {
        buffer_add_text(why, "too many keys");
        code = ERR_TOO_LARGE;
    }
    added.fingerprint = members[0].text;
    if (code == ERR_OK)
        ring_add(ring, added, members[1].text);
    arena_deinit(&arena);
    return code;
}

enum err key_ring_add_list(struct key_ring *ring, struct bytes text, struct bytes source,
                           bool given, struct buffer *why)
{
    struct arena arena = {0};
    struct saved list;
    enum err code = ERR_OK;

    if (!list_read(text, &list, &arena, why)) {
        code = ERR_SYNTAX;
    } else {
        struct bytes kept = arena_copy(&ring->arena, source);
        struct cursor c;
        struct bytes key;

        cursor_init(&c, list.source, true);
        (void)cursor_enter_array(&c);
        for (bool first = true; code == ERR_OK && cursor_next_item(&c, first); first = false)
            code =
                cursor_skip(&c, &key) ? ring_add_key(ring, key, kept, given, why) : ERR_SYNTAX;
    }
    arena_deinit(&arena);
    return code;
}

size_t key_ring_count(const struct key_ring *ring)
{
    return ring->n_entries;
}

bool key_ring_is_given(const struct key_ring *ring)
{
    for (size_t i = 0; i < ring->n_entries; i++)
        if (ring->entries[i].given)
            return true;
    return false;
}

/* The key that counts for a fingerprint: one that was given, else one that was found. NULL
 * with `*torn` when two of the same standing differ. */
static const struct entry *ring_find(const struct key_ring *ring, struct bytes fingerprint,
                                     bool *torn)
{
    const struct entry *best = NULL;

    *torn = false;
    for (size_t i = 0; i < ring->n_entries; i++) {
        const struct entry *e = &ring->entries[i];

        if (!bytes_equal_nocase(e->fingerprint, fingerprint) ||
            (best && best->given > e->given))
            continue;
        if (best && best->given == e->given) {
            *torn |= !bytes_equal(best->der, e->der) ||
                     best->validity.from_us != e->validity.from_us ||
                     best->validity.to_us != e->validity.to_us;
        } else {
            best = e;
            *torn = false;
        }
    }
    return *torn ? NULL : best;
}

struct key_validity key_ring_validity(const struct key_ring *ring, struct bytes fingerprint)
{
    bool torn;
    const struct entry *e = ring_find(ring, fingerprint, &torn);

    return e ? e->validity : (struct key_validity){INSTANT_NONE, INSTANT_NONE};
}

struct bytes key_ring_source(const struct key_ring *ring, struct bytes fingerprint, bool *given)
{
    bool torn;
    const struct entry *e = ring_find(ring, fingerprint, &torn);

    *given = e && e->given;
    return e ? e->source : (struct bytes){0};
}

enum key_verdict key_ring_check(const struct key_ring *ring, struct bytes fingerprint,
                                struct bytes text, struct bytes signature)
{
    bool torn;
    const struct entry *e = ring_find(ring, fingerprint, &torn);

    if (!e)
        return torn ? KEY_UNUSABLE : KEY_ABSENT;
    return key_check(e->der, text, signature);
}

/* Modulus and exponent within the bounds. */
static bool key_is_sound(const EVP_PKEY *key)
{
    BIGNUM *exponent = NULL, *modulus = NULL;
    bool sound = EVP_PKEY_is_a(key, "RSA") == 1 &&
                 EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
                 EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) == 1 &&
                 BN_num_bits(modulus) >= MODULUS_BITS_MIN &&
                 BN_num_bits(modulus) <= MODULUS_BITS_MAX && BN_is_odd(modulus) &&
                 BN_num_bits(exponent) <= EXPONENT_BITS_MAX && BN_is_odd(exponent) &&
                 BN_get_word(exponent) >= EXPONENT_MIN;

    BN_free(exponent);
    BN_free(modulus);
    return sound;
}

/* Both encodings; nothing may stand behind the key. NULL when it is none. */
static EVP_PKEY *key_decode(struct bytes der)
{
    const unsigned char *at = (const unsigned char *)der.ptr;
    const unsigned char *end = at + der.len;
    EVP_PKEY *key;

    if (der.len == 0 || der.len > DER_BYTES_MAX)
        return NULL;
    key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)der.len);
    if (!key) {
        at = (const unsigned char *)der.ptr;
        key = d2i_PUBKEY(NULL, &at, (long)der.len);
    }
    if (key && (at != end || !key_is_sound(key))) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

static bool key_verify(EVP_PKEY *key, struct bytes text, struct bytes signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    bool good;

    if (!context)
        mem_exhausted();
    good = EVP_DigestVerifyInit(context, &options, EVP_sha256(), NULL, key) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PADDING) == 1 &&
           EVP_DigestVerify(context, (const unsigned char *)signature.ptr, signature.len,
                            (const unsigned char *)text.ptr, text.len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

enum key_verdict key_check(struct bytes der, struct bytes text, struct bytes signature)
{
    EVP_PKEY *key = key_decode(der);
    bool good;

    if (!key)
        return KEY_UNUSABLE;
    good = signature.len == (size_t)EVP_PKEY_get_size(key) && key_verify(key, text, signature);
    EVP_PKEY_free(key);
    return good ? KEY_GOOD : KEY_WRONG;
}
