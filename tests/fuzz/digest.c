/* Whatever the text is: what is taken for a digest, a list of keys or metadata stays within it,
 * and a digest can say what was signed. */
#include "core/proving/digest.h"

#include "core/base/mem.h"

#include "core/proving/key.h"

#include "tests/fuzz/fuzz.h"

static void try_digest(struct bytes text)
{
    struct buffer why = {0}, words = {0};
    struct sha sum = sha_of(text);
    struct digest *d = NULL;
    enum err code = digest_parse(text, &d, &why);

    fuzz_check((code == ERR_OK) == (d != NULL), "a digest, or an error");
    fuzz_check((code == ERR_OK) == (why.len == 0), "an error has its words");
    fuzz_check(!d || digest_is(text), "what can be read is told");
    if (d) {
        fuzz_check(d->end_us >= d->start_us, "a digest ends behind its start");
        digest_add_signed_text(d, &sum, &words);
        digest_add_chain(d, &words);
        fuzz_check(words.len > 2 * SHA_BYTES, "the signed text holds the hash");
    }
    digest_free(d);
    buffer_deinit(&why);
    buffer_deinit(&words);
}

static void try_keys(struct bytes text)
{
    struct key_ring *ring = key_ring_new();
    struct buffer why = {0};
    enum err code = key_ring_add_list(ring, text, bytes_of("x"), true, &why);

    fuzz_check(code != ERR_OK || key_list_is(text), "what can be read is told");
    fuzz_check(key_ring_check(ring, text, text, text) != KEY_GOOD, "no signature by chance");
    fuzz_check(key_check(text, text, text) != KEY_GOOD, "no key by chance");
    key_ring_free(ring);
    buffer_deinit(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An exact copy, so that reading past its end is noticed. */
    char *copy = mem_resize(NULL, size ? size : 1, 1);
    struct bytes text = bytes_make(copy, size);
    struct digest_seal seal;

    if (size)
        memcpy(copy, data, size);
    try_digest(text);
    try_keys(text);
    if (digest_seal_read(text, &seal))
        digest_seal_deinit(&seal);
    mem_free(copy);
    return 0;
}
