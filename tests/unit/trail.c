#include "trail.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <zlib.h>

#include "core/base/mem.h"

#include "tests/data/holder.h"

#define ACCOUNT "111122223333"
#define REGION "eu-west-1"
#define FINGERPRINT "8eba5db5bea9b640d1c96a77256fe7f2"

/* In every build: a trail that was made wrongly proves nothing. */
static void need(bool holds)
{
    if (!holds)
        abort();
}

void trail_init(struct trail *t, EVP_PKEY *key, enum trail_holder holder)
{
    *t = (struct trail){.key = key, .holder = holder};
    buffer_add_text(&t->root, "dump/");
}

void trail_deinit(struct trail *t)
{
    for (size_t i = 0; i < t->n_files; i++) {
        buffer_deinit(&t->files[i].path);
        buffer_deinit(&t->files[i].content);
        buffer_deinit(&t->files[i].packed);
    }
    buffer_deinit(&t->pending);
    buffer_deinit(&t->previous_object);
    buffer_deinit(&t->previous_hash);
    buffer_deinit(&t->previous_signature);
    buffer_deinit(&t->root);
}

void trail_pack(struct bytes content, struct buffer *out)
{
    uLong room = compressBound(content.len) + 64;
    z_stream z = {0};
    union {
        const char *borrowed;
        unsigned char *next;
    } in = {content.ptr};

    need(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = in.next;
    z.avail_in = (unsigned)content.len;
    z.avail_out = (unsigned)room;
    z.next_out = (unsigned char *)buffer_room(out, room);
    need(deflate(&z, Z_FINISH) == Z_STREAM_END);
    out->len += room - z.avail_out;
    (void)deflateEnd(&z);
}

void trail_change(struct trail *t, size_t file, struct bytes content)
{
    struct trail_file *f = &t->files[file];

    buffer_clear(&f->content);
    buffer_add(&f->content, content);
    buffer_clear(&f->packed);
    trail_pack(content, &f->packed);
}

size_t trail_add(struct trail *t, const char *path, struct bytes content)
{
    size_t number = t->n_files++;

    need(number < TRAIL_FILES_MAX);
    buffer_add_text(&t->files[number].path, path);
    buffer_add(&t->files[number].content, content);
    buffer_add(&t->files[number].packed, content);
    return number;
}

/* A packed file at its key below the root. */
static size_t add_object(struct trail *t, struct bytes key, struct bytes content)
{
    struct buffer path = {0};
    size_t number;

    buffer_add(&path, buffer_bytes(&t->root));
    buffer_add(&path, key);
    number = trail_add(t, buffer_cstr(&path), (struct bytes){0});
    trail_change(t, number, content);
    buffer_deinit(&path);
    return number;
}

size_t trail_log(struct trail *t, unsigned hour, unsigned minute)
{
    struct buffer key = {0}, content = {0}, hash = {0};
    struct sha sum;
    size_t number;

    buffer_printf(&key,
                  "AWSLogs/" ACCOUNT "/CloudTrail/" REGION "/2026/11/18/" ACCOUNT
                  "_CloudTrail_" REGION "_20261118T%02u%02uZ_Random%zu.json.gz",
                  hour, minute, t->n_files);
    buffer_printf(&content,
                  "{\"Records\":[{\"eventVersion\":\"1.08\",\"eventName\":\"ListUsers\","
                  "\"eventSource\":\"iam.amazonaws.com\",\"eventTime\":"
                  "\"2026-11-18T%02u:%02u:00Z\",\"eventID\":"
                  "\"00000000-0000-4000-8000-%012zu\"}]}",
                  hour, minute, t->n_files);
    sum = sha_of(buffer_bytes(&content));
    sha_add_hex(&hash, &sum);
    if (t->pending.len)
        buffer_add_char(&t->pending, ',');
    buffer_printf(&t->pending,
                  "{\"s3Bucket\":\"bucket\",\"s3Object\":\"%.*s\",\"hashValue\":\"%.*s\","
                  "\"hashAlgorithm\":\"SHA-256\",\"newestEventTime\":null,"
                  "\"oldestEventTime\":null}",
                  (int)key.len, key.ptr, (int)hash.len, hash.ptr);
    number = add_object(t, buffer_bytes(&key), buffer_bytes(&content));
    buffer_deinit(&key);
    buffer_deinit(&content);
    buffer_deinit(&hash);
    return number;
}

/* The signature in hexadecimal form. */
static void sign(EVP_PKEY *key, const EVP_MD *hash, struct bytes text, struct buffer *out)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char raw[512];
    size_t len = sizeof raw;

    need(EVP_DigestSignInit(context, NULL, hash, NULL, key) == 1);
    need(EVP_DigestSign(context, raw, &len, (const unsigned char *)text.ptr, text.len) == 1);
    for (size_t i = 0; i < len; i++)
        buffer_printf(out, "%02x", raw[i]);
    EVP_MD_CTX_free(context);
}

static void add_value(struct buffer *out, const char *name, const struct buffer *value)
{
    buffer_printf(out, "\"%s\":", name);
    if (value) {
        buffer_add_char(out, '"');
        buffer_add(out, buffer_bytes(value));
        buffer_add_text(out, "\",");
    } else {
        buffer_add_text(out, "null,");
    }
}

static void add_time(struct buffer *out, unsigned minutes)
{
    buffer_printf(out, "2026-11-18T%02u:%02u:00Z", minutes / 60, minutes % 60);
}

static void write_digest(struct trail *t, unsigned start, unsigned end, bool starting,
                         const struct buffer *key, struct buffer *out)
{
    struct buffer bucket = {0}, algorithm = {0};

    buffer_add_text(&bucket, "bucket");
    buffer_add_text(&algorithm, "SHA-256");
    buffer_add_text(out, "{\"awsAccountId\":\"" ACCOUNT "\",\"digestStartTime\":\"");
    add_time(out, start);
    buffer_add_text(out, "\",\"digestEndTime\":\"");
    add_time(out, end);
    buffer_add_text(out, "\",\"digestS3Bucket\":\"bucket\",");
    add_value(out, "digestS3Object", key);
    buffer_add_text(out, "\"digestPublicKeyFingerprint\":\"" FINGERPRINT "\","
                         "\"digestSignatureAlgorithm\":\"SHA256withRSA\","
                         "\"newestEventTime\":null,\"oldestEventTime\":null,");
    add_value(out, "previousDigestS3Bucket", starting ? NULL : &bucket);
    add_value(out, "previousDigestS3Object", starting ? NULL : &t->previous_object);
    add_value(out, "previousDigestHashValue", starting ? NULL : &t->previous_hash);
    add_value(out, "previousDigestHashAlgorithm", starting ? NULL : &algorithm);
    add_value(out, "previousDigestSignature", starting ? NULL : &t->previous_signature);
    buffer_add_text(out, "\"logFiles\":[");
    buffer_add(out, buffer_bytes(&t->pending));
    buffer_add_text(out, "]}");
    buffer_deinit(&bucket);
    buffer_deinit(&algorithm);
}

size_t trail_digest(struct trail *t, unsigned start, unsigned end, unsigned flags)
{
    bool starting = flags & TRAIL_STARTING || t->previous_object.len == 0;
    struct buffer key = {0}, content = {0}, text = {0}, hash = {0};
    struct sha sum;
    size_t number;

    buffer_printf(&key,
                  "AWSLogs/" ACCOUNT "/CloudTrail-Digest/" REGION "/2026/11/18/" ACCOUNT
                  "_CloudTrail-Digest_" REGION "_a_trail_" REGION "_20261118T%02u%02u00Z%s"
                  ".json.gz",
                  end / 60, end % 60, flags & TRAIL_BACKFILL ? "_backfill" : "");
    write_digest(t, start, end, starting, &key, &content);
    sum = sha_of(buffer_bytes(&content));
    sha_add_hex(&hash, &sum);
    add_time(&text, end);
    buffer_printf(&text, "\nbucket/%.*s\n%.*s\n", (int)key.len, key.ptr, (int)hash.len,
                  hash.ptr);
    if (starting)
        buffer_add_text(&text, "null");
    else
        buffer_add(&text, buffer_bytes(&t->previous_signature));
    buffer_clear(&t->previous_signature);
    sign(t->key, flags & TRAIL_SHA1 ? EVP_sha1() : EVP_sha256(), buffer_bytes(&text),
         &t->previous_signature);
    buffer_clear(&t->previous_object);
    buffer_add(&t->previous_object, buffer_bytes(&key));
    buffer_clear(&t->previous_hash);
    buffer_add(&t->previous_hash, buffer_bytes(&hash));
    buffer_clear(&t->pending);
    number = add_object(t, buffer_bytes(&key), buffer_bytes(&content));
    buffer_deinit(&key);
    buffer_deinit(&content);
    buffer_deinit(&text);
    buffer_deinit(&hash);
    return number;
}

void trail_fill(struct trail *t, unsigned hours)
{
    for (unsigned hour = 0; hour < hours; hour++) {
        if (hour != hours / 2) {
            (void)trail_log(t, hour, 10);
            (void)trail_log(t, hour, 40);
        }
        (void)trail_digest(t, hour * 60, hour * 60 + 60, 0);
    }
}

void trail_keys(EVP_PKEY *key, enum trail_encoding encoding, struct buffer *out)
{
    unsigned char *der = NULL, text[4096];
    int len = encoding == TRAIL_PKCS1 ? i2d_PublicKey(key, &der) : i2d_PUBKEY(key, &der);

    need(len > 0 && len < 3000);
    (void)EVP_EncodeBlock(text, der, len);
    buffer_printf(out,
                  "{\"PublicKeyList\": [{\"Value\": \"%s\", \"ValidityStartTime\": "
                  "1767225600.0, \"ValidityEndTime\": 1798761600.0, \"Fingerprint\": "
                  "\"" FINGERPRINT "\"}]}",
                  (const char *)text);
    OPENSSL_free(der);
}

void trail_head(const struct trail *t, size_t digest, struct buffer *out)
{
    buffer_printf(out,
                  "{\"AcceptRanges\": \"bytes\", \"ContentLength\": %zu, \"Metadata\": "
                  "{\"signature\": \"%.*s\", \"signature-algorithm\": \"SHA256withRSA\"}}",
                  t->files[digest].packed.len, (int)t->previous_signature.len,
                  t->previous_signature.ptr);
}

/* Whether a file lies in the archive, and then under which name. */
static const char *held_name(const struct trail *t, const struct buffer *path)
{
    static const char folder[] = "dump/";

    return t->holder != TRAIL_TREE && bytes_starts(buffer_bytes(path), folder)
               ? path->ptr + strlen(folder)
               : NULL;
}

static void hold(const struct trail *t, struct archive *a)
{
    struct holder h = {0};

    for (size_t i = 0; i < t->n_files; i++) {
        struct buffer path = {0};
        const char *name;

        buffer_add(&path, buffer_bytes(&t->files[i].path));
        (void)buffer_cstr(&path);
        name = held_name(t, &path);
        if (name && !t->files[i].gone && t->holder == TRAIL_TAR)
            holder_tar_add(&h, name, buffer_bytes(&t->files[i].packed), '0');
        else if (name && !t->files[i].gone)
            holder_zip_add(&h, name, buffer_bytes(&t->files[i].packed),
                           t->holder == TRAIL_ZIP_STORED ? HOLDER_STORED : HOLDER_DEFLATED, 0);
        buffer_deinit(&path);
    }
    if (t->holder == TRAIL_TAR)
        holder_tar_end(&h);
    else
        holder_zip_end(&h, false);
    if (h.n > 0)
        archive_add_memory(a, bytes_of("dump"), buffer_bytes(&h.out));
    holder_deinit(&h);
}

struct proof *trail_prove(const struct trail *t, struct bytes keys)
{
    struct archive *a = archive_new();
    struct pool *pool = pool_new(2);
    struct buffer why = {0};
    struct proof *p;

    for (size_t i = 0; i < t->n_files; i++)
        if (!t->files[i].gone && !held_name(t, &t->files[i].path))
            archive_add_memory(a, buffer_bytes(&t->files[i].path),
                               buffer_bytes(&t->files[i].packed));
    if (t->holder != TRAIL_TREE)
        hold(t, a);
    p = proof_new(a);
    if (keys.len)
        need(proof_add_keys(p, keys, bytes_of("given keys"), &why) == ERR_OK);
    proof_start(p, pool, NULL, NULL);
    while (!proof_is_finished(p))
        (void)pool_drain(pool);
    pool_free(pool);
    buffer_deinit(&why);
    return p;
}

const struct ruling *trail_ruling(const struct proof *p, const struct trail *t, size_t file)
{
    const struct rulings *v = proof_rulings(p);

    for (size_t i = 0; i < v->n; i++)
        if (v->rows[i].exhibit &&
            bytes_equal(v->rows[i].name, buffer_bytes(&t->files[file].path)))
            return &v->rows[i];
    return NULL;
}

const struct ruling *trail_find(const struct proof *p, struct bytes name,
                                enum ruling_status status)
{
    const struct rulings *v = proof_rulings(p);

    for (size_t i = 0; i < v->n; i++)
        if (v->rows[i].status == status && bytes_equal(v->rows[i].name, name))
            return &v->rows[i];
    return NULL;
}
