/* Every way to alter evidence that digests speak of, and what is said of it then. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <openssl/rsa.h>

#include "core/base/hash.h"

#include "trail.h"

/* Made once: one that signs as AWS would, one of a forger. */
struct keys {
    EVP_PKEY *aws, *forger;
    struct buffer list; /* list-public-keys of `aws` */
    enum trail_holder holder;
};

static int make_keys(void **state, enum trail_holder holder)
{
    static struct keys keys;

    keys =
        (struct keys){.aws = EVP_RSA_gen(2048), .forger = EVP_RSA_gen(2048), .holder = holder};
    trail_keys(keys.aws, TRAIL_PKCS1, &keys.list);
    *state = &keys;
    return keys.aws && keys.forger ? 0 : -1;
}

static int in_folders(void **state)
{
    return make_keys(state, TRAIL_TREE);
}

static int in_a_zip(void **state)
{
    return make_keys(state, TRAIL_ZIP_STORED);
}

static int in_a_deflated_zip(void **state)
{
    return make_keys(state, TRAIL_ZIP_DEFLATED);
}

static int in_a_tar(void **state)
{
    return make_keys(state, TRAIL_TAR);
}

static int drop_keys(void **state)
{
    struct keys *keys = *state;

    EVP_PKEY_free(keys->aws);
    EVP_PKEY_free(keys->forger);
    buffer_deinit(&keys->list);
    return 0;
}

static bool says(const struct proof *p, const char *words)
{
    for (size_t i = 0; i < proof_sentences(p); i++)
        if (bytes_find(proof_sentence(p, i), bytes_of(words)) != SIZE_MAX)
            return true;
    return false;
}

static void expect(const struct ruling *v, enum ruling_status status, enum ruling_level level,
                   const char *words)
{
    assert_non_null(v);
    assert_string_equal(ruling_status_name(v->status), ruling_status_name(status));
    assert_string_equal(ruling_level_name(v->level), ruling_level_name(level));
    if (bytes_find(v->detail, bytes_of(words)) == SIZE_MAX)
        fail_msg("'%.*s' lacks '%s'", (int)v->detail.len, v->detail.ptr, words);
}

/* Files 0 1 2: log, log, digest of hour 0; 3 4 5: hour 1; 6: the empty digest of hour 2;
 * 7 8 9: hour 3; 10 11 12: hour 4. */
enum { HOURS = 5, LOG = 3, DIGEST = 5, EMPTY_DIGEST = 6, NEWEST = 12, FILES = 13 };

static void fill(struct trail *t, const struct keys *keys, EVP_PKEY *key)
{
    trail_init(t, key, keys->holder);
    trail_fill(t, HOURS);
    assert_int_equal(t->n_files, FILES);
}

static struct bytes key_of(const struct trail *t, size_t file)
{
    struct bytes path = buffer_bytes(&t->files[file].path);

    return bytes_slice(path, t->root.len, path.len);
}

static void four_levels(void **state)
{
    const struct keys *keys = *state;
    struct buffer head = {0}, spki = {0};
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->aws);
    /* Digests alone. */
    p = trail_prove(&t, (struct bytes){0});
    assert_true(proof_holds(p));
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_BY_DIGEST], 8);
    assert_int_equal(proof_totals(p)->digests_by_level[RULING_BY_DIGEST], 4);
    assert_int_equal(proof_totals(p)->empty_digests, 1);
    expect(trail_ruling(p, &t, LOG), RULING_INTACT, RULING_BY_DIGEST, "");
    assert_true(says(p, "can forge log files and digests together"));
    assert_false(says(p, "AWS made it"));
    proof_free(p);
    /* And keys: all but the newest. */
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_true(proof_holds(p));
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 6);
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_BY_DIGEST], 2);
    assert_int_equal(proof_totals(p)->digests_by_level[RULING_SIGNED], 4);
    expect(trail_ruling(p, &t, NEWEST), RULING_INTACT, RULING_BY_NOBODY, "not here");
    assert_true(says(p, "AWS made it"));
    assert_true(says(p, "head-object"));
    proof_free(p);
    /* And the newest one's metadata, with the key in its other encoding. */
    trail_head(&t, NEWEST, &head);
    (void)trail_add(&t, "saved/head.json", buffer_bytes(&head));
    trail_keys(keys->aws, TRAIL_SPKI, &spki);
    p = trail_prove(&t, buffer_bytes(&spki));
    assert_true(proof_holds(p));
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 8);
    assert_int_equal(proof_totals(p)->digests_by_level[RULING_SIGNED], 5);
    expect(trail_ruling(p, &t, NEWEST), RULING_INTACT, RULING_SIGNED, "metadata");
    proof_free(p);
    /* Log files alone. */
    for (size_t i = 0; i < t.n_files; i++)
        t.files[i].gone = i > 1;
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, 0), RULING_UNCOVERED, RULING_BY_NOBODY, "no digest");
    assert_true(says(p, "nothing can be said"));
    proof_free(p);
    trail_deinit(&t);
    buffer_deinit(&head);
    buffer_deinit(&spki);
}

/* Keys that lie among the files say so. */
static void keys_among_the_files(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->aws);
    (void)trail_add(&t, "dump/keys.json", buffer_bytes(&keys->list));
    p = trail_prove(&t, (struct bytes){0});
    expect(trail_ruling(p, &t, DIGEST), RULING_INTACT, RULING_SIGNED, "found among the files");
    assert_true(says(p, "only if you saved them yourself"));
    proof_free(p);
    trail_deinit(&t);
}

/* Alters one log file, verifies with the keys, and tells what is said of it. */
static void expect_log(const struct keys *keys, void (*alter)(struct trail *t),
                       enum ruling_status status, const char *words)
{
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->aws);
    alter(&t);
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, LOG), status, RULING_SIGNED, words);
    assert_int_equal(proof_totals(p)->by_status[status], 1);
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 5);
    assert_int_equal(proof_totals(p)->logs, 8);
    assert_true(says(p, "NOT WHOLE: 1 finding"));
    proof_free(p);
    trail_deinit(&t);
}

static void change_content(struct trail *t)
{
    trail_change(t, LOG, bytes_of("{\"Records\":[]}"));
}

static void append_member(struct trail *t)
{
    trail_pack(bytes_of("{\"Records\":[{\"eventName\":\"Forged\"}]}"), &t->files[LOG].packed);
}

static void append_empty_member(struct trail *t)
{
    trail_pack(bytes_of(""), &t->files[LOG].packed);
}

static void append_bytes(struct trail *t)
{
    buffer_add_text(&t->files[LOG].packed, "{\"Records\":[{\"eventName\":\"Forged\"}]}");
}

static void append_zeros(struct trail *t)
{
    buffer_add(&t->files[LOG].packed, bytes_make("\0\0\0\0", 4));
}

static void cut_trailer(struct trail *t)
{
    t->files[LOG].packed.len -= 8;
}

static void wrong_checksum(struct trail *t)
{
    t->files[LOG].packed.ptr[t->files[LOG].packed.len - 5] ^= 1;
}

static void move_file(struct trail *t)
{
    struct buffer *path = &t->files[LOG].path;
    size_t at = bytes_find(buffer_bytes(path), bytes_of("/11/18/"));

    path->ptr[at + 5] = '9';
}

static void altered_log_files(void **state)
{
    const struct keys *keys = *state;

    expect_log(keys, change_content, RULING_ALTERED, "not what the digest says");
    expect_log(keys, wrong_checksum, RULING_ALTERED, "checksum");
    expect_log(keys, append_empty_member, RULING_ALTERED, "empty gzip member");
    expect_log(keys, append_zeros, RULING_ALTERED, "zeros");
    expect_log(keys, move_file, RULING_MOVED, "folder");
}

/* The three that validate-logs of the AWS CLI calls valid. */
static void a_second_gzip_member(void **state)
{
    expect_log(*state, append_member, RULING_ALTERED, "appended as another gzip member");
}

static void bytes_behind_the_data(void **state)
{
    expect_log(*state, append_bytes, RULING_ALTERED, "behind its gzip data");
}

static void a_cut_trailer(void **state)
{
    expect_log(*state, cut_trailer, RULING_ALTERED, "its end was cut off");
}

static void missing_and_extra_log_files(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;
    size_t extra, late, odd;

    fill(&t, keys, keys->aws);
    t.files[LOG].gone = true;
    extra = trail_log(&t, 1, 30);
    late = trail_log(&t, 9, 30);
    odd = trail_add(&t, "dump/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/18/odd.json",
                    bytes_of("{\"Records\":[]}"));
    buffer_clear(&t.pending);
    p = trail_prove(&t, buffer_bytes(&keys->list));
    expect(trail_find(p, key_of(&t, LOG), RULING_MISSING), RULING_MISSING, RULING_SIGNED,
           "named by the digest");
    expect(trail_ruling(p, &t, extra), RULING_EXTRA, RULING_BY_NOBODY, "does not name it");
    expect(trail_ruling(p, &t, odd), RULING_EXTRA, RULING_BY_NOBODY, "does not name it");
    expect(trail_ruling(p, &t, late), RULING_UNCOVERED, RULING_BY_NOBODY, "covers");
    assert_int_equal(proof_totals(p)->logs_missing, 1);
    assert_int_equal(proof_totals(p)->logs, 10);
    proof_free(p);
    trail_deinit(&t);
}

/* Unpacked by the responder, in one folder: told from an alteration. What S3 says of the size
 * of the newest digest is that of the packed one. */
static void unpacked_and_flat(void **state)
{
    const struct keys *keys = *state;
    struct buffer head = {0};
    struct trail t;
    struct proof *p;
    size_t saved;

    fill(&t, keys, keys->aws);
    trail_head(&t, NEWEST, &head);
    for (size_t i = 0; i < t.n_files; i++) {
        struct trail_file *f = &t.files[i];
        struct bytes path = buffer_bytes(&f->path);
        struct buffer flat = {0};
        size_t from = path.len;

        while (path.ptr[from - 1] != '/')
            from--;
        buffer_add_text(&flat, "flat/");
        buffer_add(&flat, bytes_slice(path, from, path.len - strlen(".gz")));
        buffer_deinit(&f->path);
        f->path = flat;
        buffer_clear(&f->packed);
        buffer_add(&f->packed, buffer_bytes(&f->content));
    }
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_true(proof_holds(p));
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 6);
    assert_int_equal(proof_totals(p)->claims.by_name_only, 8);
    assert_true(says(p, "by name alone"));
    proof_free(p);
    saved = trail_add(&t, "flat/head.json", buffer_bytes(&head));
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_true(proof_holds(p));
    expect(trail_ruling(p, &t, saved), RULING_INTACT, RULING_BY_NOBODY, "holds the signature");
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 8);
    proof_free(p);
    buffer_deinit(&head);
    trail_deinit(&t);
}

/* What a digest says of the content of one log file. */
static void replace_hash(struct buffer *digest, struct bytes key, struct bytes content)
{
    static const char name[] = "\"hashValue\":\"";
    struct sha sum = sha_of(content);
    struct buffer hex = {0};
    size_t at = bytes_find(buffer_bytes(digest), key);

    assert_true(at != SIZE_MAX);
    at += bytes_find(bytes_slice(buffer_bytes(digest), at, digest->len), bytes_of(name));
    sha_add_hex(&hex, &sum);
    memcpy(digest->ptr + at + strlen(name), hex.ptr, hex.len);
    buffer_deinit(&hex);
}

static void a_changed_digest(void **state)
{
    const struct keys *keys = *state;
    struct buffer text = {0};
    struct trail t;
    struct proof *p;

    /* The log file and what its digest says of it are changed together. */
    fill(&t, keys, keys->aws);
    buffer_add(&text, buffer_bytes(&t.files[DIGEST].content));
    change_content(&t);
    replace_hash(&text, key_of(&t, LOG), bytes_of("{\"Records\":[]}"));
    trail_change(&t, DIGEST, buffer_bytes(&text));
    for (int with_keys = 0; with_keys < 2; with_keys++) {
        p = trail_prove(&t, with_keys ? buffer_bytes(&keys->list) : (struct bytes){0});
        assert_false(proof_holds(p));
        expect(trail_ruling(p, &t, DIGEST), RULING_ALTERED, RULING_BY_NOBODY,
               with_keys ? "signature is wrong" : "not what the digest after it");
        /* What an altered digest says counts neither for nor against. */
        expect(trail_ruling(p, &t, LOG), RULING_UNCOVERED, RULING_BY_NOBODY,
               "digest that names it was altered");
        proof_free(p);
    }
    buffer_deinit(&text);
    trail_deinit(&t);
}

/* What it leaves out counts no more than what it names, and takes nothing from the one before.
 */
static void a_digest_that_leaves_out(void **state)
{
    static const char none[] = "\"logFiles\":[]}";
    const struct keys *keys = *state;
    struct buffer text = {0};
    struct trail t;
    struct proof *p;
    size_t at;

    fill(&t, keys, keys->aws);
    at = bytes_find(buffer_bytes(&t.files[DIGEST].content), bytes_of("\"logFiles\""));
    assert_true(at != SIZE_MAX);
    buffer_add(&text, bytes_slice(buffer_bytes(&t.files[DIGEST].content), 0, at));
    buffer_add_text(&text, none);
    trail_change(&t, DIGEST, buffer_bytes(&text));
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, DIGEST), RULING_ALTERED, RULING_BY_NOBODY, "not what");
    expect(trail_ruling(p, &t, LOG), RULING_UNCOVERED, RULING_BY_NOBODY, "was altered");
    expect(trail_ruling(p, &t, DIGEST - LOG), RULING_INTACT, RULING_SIGNED, "signed");
    assert_int_equal(proof_totals(p)->by_status[RULING_EXTRA], 0);
    proof_free(p);
    buffer_deinit(&text);
    trail_deinit(&t);
}

static void a_digest_that_is_none(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->aws);
    trail_change(&t, DIGEST, bytes_of("{\"digestStartTime\":1,\"digestS3Object\":2}"));
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, DIGEST), RULING_ALTERED, RULING_BY_NOBODY, "is missing");
    assert_int_equal(proof_totals(p)->digests_missing, 0); /* it is here, and broken */
    proof_free(p);
    trail_deinit(&t);
}

static void swapped_and_deleted_digests(void **state)
{
    const struct keys *keys = *state;
    struct buffer other;
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->aws);
    other = t.files[DIGEST].packed;
    t.files[DIGEST].packed = t.files[2].packed;
    t.files[2].packed = other;
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, DIGEST), RULING_MOVED, RULING_SIGNED, "name of another");
    expect(trail_ruling(p, &t, 2), RULING_MOVED, RULING_SIGNED, "name of another");
    proof_free(p);
    trail_deinit(&t);

    fill(&t, keys, keys->aws);
    t.files[DIGEST].gone = true;
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_find(p, key_of(&t, DIGEST), RULING_MISSING), RULING_MISSING, RULING_SIGNED,
           "named by the digest after it");
    expect(trail_ruling(p, &t, LOG), RULING_UNCOVERED, RULING_BY_NOBODY, "no digest");
    /* Its neighbour's signature went with it: its hash too. */
    expect(trail_ruling(p, &t, 2), RULING_INTACT, RULING_BY_NOBODY, "not here");
    assert_int_equal(proof_totals(p)->digests_missing, 1);
    proof_free(p);
    trail_deinit(&t);
}

/* Whoever can write to the bucket forges everything together, but has no key of AWS. */
static void a_forged_chain(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->forger);
    p = trail_prove(&t, (struct bytes){0});
    assert_true(proof_holds(p)); /* relative to the digests, as is said */
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 0);
    proof_free(p);
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, DIGEST), RULING_ALTERED, RULING_BY_NOBODY, "signature is wrong");
    expect(trail_ruling(p, &t, LOG), RULING_UNCOVERED, RULING_BY_NOBODY, "");
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 0);
    assert_true(says(p, "No signature could be confirmed"));
    proof_free(p);
    trail_deinit(&t);
}

static void keys_of_others(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->aws);
    p = trail_prove(&t, bytes_of("{\"PublicKeyList\":[{\"Fingerprint\":\"other\","
                                 "\"Value\":\"AAAA\"}]}"));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, DIGEST), RULING_UNCOVERED, RULING_BY_DIGEST, "fingerprint");
    proof_free(p);
    trail_deinit(&t);
}

/* Version 1 of the AWS CLI took the hash that the signature names. */
/* The list of the key with other times of validity, as one version of the CLI or the other
 * prints them. */
static struct buffer list_valid(const struct keys *keys, const char *from, const char *to)
{
    static const char first[] = "1767225600.0", second[] = "1798761600.0";
    struct bytes list = buffer_bytes(&keys->list);
    size_t a = bytes_find(list, bytes_of(first)), b = bytes_find(list, bytes_of(second));
    struct buffer out = {0};

    buffer_add(&out, bytes_slice(list, 0, a));
    buffer_add_text(&out, from);
    buffer_add(&out, bytes_slice(list, a + strlen(first), b));
    buffer_add_text(&out, to);
    buffer_add(&out, bytes_slice(list, b + strlen(second), list.len));
    return out;
}

/* A signature of a key that was not valid when the digest was signed proves nothing. */
static void keys_of_other_times(void **state)
{
    const struct keys *keys = *state;
    struct buffer list, head = {0};
    struct trail t;
    struct proof *p;

    fill(&t, keys, keys->aws);
    trail_head(&t, NEWEST, &head);
    (void)trail_add(&t, "saved/head.json", buffer_bytes(&head));
    /* Until 02:30: the digests that end at 03:00 and later are untimely. */
    list = list_valid(keys, "1767225600.0", "\"2026-11-18T04:30:00+02:00\"");
    p = trail_prove(&t, buffer_bytes(&list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, DIGEST), RULING_INTACT, RULING_SIGNED, "signed with a key");
    expect(trail_ruling(p, &t, EMPTY_DIGEST), RULING_MISFIT, RULING_BY_DIGEST,
           "valid only from 2026-01-01T00:00:00Z to 2026-11-18T02:30:00Z");
    expect(trail_ruling(p, &t, NEWEST), RULING_MISFIT, RULING_BY_NOBODY, "valid only from");
    expect(trail_ruling(p, &t, LOG), RULING_INTACT, RULING_SIGNED, "");
    expect(trail_ruling(p, &t, 7), RULING_INTACT, RULING_BY_DIGEST, "");
    assert_int_equal(proof_totals(p)->digests_by_status[RULING_MISFIT], 3);
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 4);
    proof_free(p);
    buffer_deinit(&list);
    /* From two days later on: none counts. */
    list = list_valid(keys, "1795132800", "1798761600.0");
    p = trail_prove(&t, buffer_bytes(&list));
    assert_int_equal(proof_totals(p)->digests_by_status[RULING_MISFIT], 5);
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 0);
    proof_free(p);
    buffer_deinit(&list);
    /* From some hours later on: a digest is signed when it is delivered. */
    list = list_valid(keys, "\"2026-11-18T12:00:00Z\"", "null");
    p = trail_prove(&t, buffer_bytes(&list));
    assert_true(proof_holds(p));
    assert_int_equal(proof_totals(p)->intact_by_level[RULING_SIGNED], 8);
    proof_free(p);
    buffer_deinit(&list);
    trail_deinit(&t);
    buffer_deinit(&head);
}

static void a_sha1_signature(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;
    size_t weak;

    trail_init(&t, keys->aws, keys->holder);
    (void)trail_digest(&t, 0, 60, 0);
    weak = trail_digest(&t, 60, 120, TRAIL_SHA1);
    (void)trail_digest(&t, 120, 180, 0);
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, weak), RULING_ALTERED, RULING_BY_NOBODY, "signature is wrong");
    proof_free(p);
    trail_deinit(&t);
}

static void gaps_and_restarts(void **state)
{
    const struct keys *keys = *state;
    const struct ruling *gap;
    struct trail t;
    struct proof *p;

    trail_init(&t, keys->aws, keys->holder);
    (void)trail_digest(&t, 0, 60, 0);
    (void)trail_digest(&t, 90, 150, 0); /* named, but half an hour late */
    (void)trail_digest(&t, 300, 360, TRAIL_STARTING);
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    assert_int_equal(proof_totals(p)->gaps, 2);
    gap = trail_find(p, bytes_of("111122223333 eu-west-1 a_trail"), RULING_GAP);
    expect(gap, RULING_GAP, RULING_BY_NOBODY, "begins later");
    assert_int_equal(gap->to_us - gap->from_us, 30 * INSTANT_MINUTE);
    gap++;
    expect(gap, RULING_GAP, RULING_BY_NOBODY, "began anew");
    assert_int_equal(gap->to_us - gap->from_us, 150 * INSTANT_MINUTE);
    proof_free(p);
    trail_deinit(&t);
}

/* Digests of hours that had none are a chain of their own. */
static void backfill(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;
    size_t log;

    trail_init(&t, keys->aws, keys->holder);
    (void)trail_digest(&t, 0, 60, 0);
    (void)trail_digest(&t, 60, 120, 0);
    buffer_clear(&t.previous_object);
    log = trail_log(&t, 3, 10);
    (void)trail_digest(&t, 180, 240, TRAIL_BACKFILL);
    (void)trail_digest(&t, 240, 300, TRAIL_BACKFILL);
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_true(proof_holds(p));
    assert_int_equal(proof_totals(p)->gaps, 0);
    expect(trail_ruling(p, &t, log), RULING_INTACT, RULING_SIGNED, "");
    proof_free(p);
    trail_deinit(&t);
}

/* Metadata of an altered digest fits nothing, and that is told. */
static void metadata_that_fits_nothing(void **state)
{
    const struct keys *keys = *state;
    struct buffer head = {0}, text = {0};
    struct trail t;
    struct proof *p;
    size_t saved;

    fill(&t, keys, keys->aws);
    trail_head(&t, NEWEST, &head);
    saved = trail_add(&t, "head.json", buffer_bytes(&head));
    buffer_add(&text, buffer_bytes(&t.files[NEWEST].content));
    text.ptr[bytes_find(buffer_bytes(&text), bytes_of("bucket"))] = 'B';
    trail_change(&t, NEWEST, buffer_bytes(&text));
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_false(proof_holds(p));
    expect(trail_ruling(p, &t, saved), RULING_MISFIT, RULING_BY_NOBODY, "no digest");
    proof_free(p);
    buffer_deinit(&head);
    buffer_deinit(&text);
    trail_deinit(&t);
}

/* Overlapping dumps hold the same files twice. */
static void copies(void **state)
{
    const struct keys *keys = *state;
    struct trail t;
    struct proof *p;
    size_t once;

    fill(&t, keys, keys->aws);
    once = t.n_files;
    for (size_t i = 0; i < once; i++) {
        struct buffer path = {0};

        buffer_add_text(&path, "second/");
        buffer_add(&path, key_of(&t, i));
        (void)trail_add(&t, buffer_cstr(&path), buffer_bytes(&t.files[i].packed));
        buffer_deinit(&path);
    }
    t.files[once + LOG].packed.len -= 8;
    p = trail_prove(&t, buffer_bytes(&keys->list));
    assert_int_equal(proof_totals(p)->logs, 16);
    assert_int_equal(proof_totals(p)->gaps + proof_totals(p)->digests_missing, 0);
    assert_int_equal(proof_totals(p)->digests_by_level[RULING_SIGNED], 8);
    expect(trail_ruling(p, &t, LOG), RULING_INTACT, RULING_SIGNED, "");
    expect(trail_ruling(p, &t, once + LOG), RULING_ALTERED, RULING_SIGNED, "cut off");
    proof_free(p);
    trail_deinit(&t);
}

static void nothing_at_all(void **state)
{
    struct trail t;
    struct proof *p;

    (void)state;
    trail_init(&t, NULL, TRAIL_TREE);
    p = trail_prove(&t, (struct bytes){0});
    assert_false(proof_holds(p));
    assert_int_equal(proof_count(p), 0);
    proof_free(p);
    trail_deinit(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_levels),
        cmocka_unit_test(keys_among_the_files),
        cmocka_unit_test(altered_log_files),
        cmocka_unit_test(a_second_gzip_member),
        cmocka_unit_test(bytes_behind_the_data),
        cmocka_unit_test(a_cut_trailer),
        cmocka_unit_test(missing_and_extra_log_files),
        cmocka_unit_test(unpacked_and_flat),
        cmocka_unit_test(a_changed_digest),
        cmocka_unit_test(a_digest_that_leaves_out),
        cmocka_unit_test(a_digest_that_is_none),
        cmocka_unit_test(swapped_and_deleted_digests),
        cmocka_unit_test(a_forged_chain),
        cmocka_unit_test(keys_of_others),
        cmocka_unit_test(keys_of_other_times),
        cmocka_unit_test(a_sha1_signature),
        cmocka_unit_test(gaps_and_restarts),
        cmocka_unit_test(backfill),
        cmocka_unit_test(metadata_that_fits_nothing),
        cmocka_unit_test(copies),
        cmocka_unit_test(nothing_at_all),
    };

    hash_seed();
    return cmocka_run_group_tests_name("proof", tests, in_folders, drop_keys) +
           cmocka_run_group_tests_name("proof in a ZIP", tests, in_a_zip, drop_keys) +
           cmocka_run_group_tests_name("proof in a deflated ZIP", tests, in_a_deflated_zip,
                                       drop_keys) +
           cmocka_run_group_tests_name("proof in a tar", tests, in_a_tar, drop_keys);
}
