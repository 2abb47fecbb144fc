#include "core/proving/digest.h"

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/evidence/facts.h"
#include "core/proving/saved.h"

static const char ALGORITHM[] = "SHA256withRSA";
static const char HASH_ALGORITHM[] = "SHA-256";

enum member {
    ACCOUNT,
    START,
    END,
    BUCKET,
    OBJECT,
    FINGERPRINT,
    SIGNATURE_ALGORITHM,
    PREVIOUS_BUCKET,
    PREVIOUS_OBJECT,
    PREVIOUS_HASH,
    PREVIOUS_HASH_ALGORITHM,
    PREVIOUS_SIGNATURE,
    LOGS,
    MEMBERS
};

static const char *const names[MEMBERS] = {
    [ACCOUNT] = "awsAccountId",
    [START] = "digestStartTime",
    [END] = "digestEndTime",
    [BUCKET] = "digestS3Bucket",
    [OBJECT] = "digestS3Object",
    [FINGERPRINT] = "digestPublicKeyFingerprint",
    [SIGNATURE_ALGORITHM] = "digestSignatureAlgorithm",
    [PREVIOUS_BUCKET] = "previousDigestS3Bucket",
    [PREVIOUS_OBJECT] = "previousDigestS3Object",
    [PREVIOUS_HASH] = "previousDigestHashValue",
    [PREVIOUS_HASH_ALGORITHM] = "previousDigestHashAlgorithm",
    [PREVIOUS_SIGNATURE] = "previousDigestSignature",
    [LOGS] = "logFiles",
};

static enum err refuse(struct buffer *why, const char *text, const char *name)
{
    buffer_printf(why, "%s %s", name, text);
    return ERR_SYNTAX;
}

bool digest_is(struct bytes text)
{
    struct saved members[] = {{.name = names[START]}, {.name = names[OBJECT]}};
    struct arena arena = {0};
    struct buffer why = {0};
    bool is = saved_read(text, members, ARRAY_LEN(members), &arena, &why) == ERR_OK &&
              members[0].present && members[1].present;

    buffer_deinit(&why);
    arena_deinit(&arena);
    return is;
}

static enum err read_own(struct digest *d, const struct saved *m, struct buffer *why)
{
    for (enum member i = ACCOUNT; i <= SIGNATURE_ALGORITHM; i++)
        if (!saved_is_text(&m[i]))
            return refuse(why, "is missing", m[i].name);
    d->account = m[ACCOUNT].text;
    d->bucket = m[BUCKET].text;
    d->object = m[OBJECT].text;
    d->fingerprint = m[FINGERPRINT].text;
    d->end_text = m[END].text;
    d->sha256_rsa = bytes_are(m[SIGNATURE_ALGORITHM].text, ALGORITHM);
    if (!instant_parse(m[START].text, &d->start_us))
        return refuse(why, "is no time", m[START].name);
    if (!instant_parse(m[END].text, &d->end_us))
        return refuse(why, "is no time", m[END].name);
    if (d->end_us < d->start_us)
        return refuse(why, "lies before the start", m[END].name);
    return ERR_OK;
}

static enum err read_previous(struct digest *d, const struct saved *m, struct buffer *why)
{
    size_t nulls = 0;

    for (enum member i = PREVIOUS_BUCKET; i <= PREVIOUS_SIGNATURE; i++) {
        if (!m[i].present)
            return refuse(why, "is missing", m[i].name);
        nulls += m[i].kind == CURSOR_NULL;
    }
    d->starting = nulls == PREVIOUS_SIGNATURE - PREVIOUS_BUCKET + 1;
    if (d->starting)
        return ERR_OK;
    for (enum member i = PREVIOUS_BUCKET; i <= PREVIOUS_SIGNATURE; i++)
        if (!saved_is_text(&m[i]))
            return refuse(why, "is null or no text, and others of previous… are not",
                          m[i].name);
    if (!bytes_are(m[PREVIOUS_HASH_ALGORITHM].text, HASH_ALGORITHM))
        return refuse(why, "is not SHA-256", m[PREVIOUS_HASH_ALGORITHM].name);
    if (!sha_from_hex(m[PREVIOUS_HASH].text, &d->previous_hash))
        return refuse(why, "is no SHA-256 sum", m[PREVIOUS_HASH].name);
    d->previous_bucket = m[PREVIOUS_BUCKET].text;
    d->previous_object = m[PREVIOUS_OBJECT].text;
    d->previous_signature = m[PREVIOUS_SIGNATURE].text;
    return ERR_OK;
}

static enum err read_log(struct digest *d, struct bytes text, struct digest_log *out,
                         struct buffer *why)
{
    struct saved m[] = {{.name = "s3Bucket"},
                        {.name = "s3Object"},
                        {.name = "hashValue"},
                        {.name = "hashAlgorithm"}};

    TRY(saved_read(text, m, ARRAY_LEN(m), &d->arena, why));
    for (size_t i = 0; i < ARRAY_LEN(m); i++)
        if (!saved_is_text(&m[i]))
            return refuse(why, "of a log file is missing", m[i].name);
    out->bucket = m[0].text;
    out->object = m[1].text;
    if (!bytes_are(m[3].text, HASH_ALGORITHM))
        return refuse(why, "of a log file is not SHA-256", m[3].name);
    if (!sha_from_hex(m[2].text, &out->hash))
        return refuse(why, "of a log file is no SHA-256 sum", m[2].name);
    return ERR_OK;
}

static enum err read_logs(struct digest *d, const struct saved *logs, struct buffer *why)
{
    struct cursor c;
    struct bytes log;
    size_t cap = 0;

    if (!logs->present || logs->kind != CURSOR_ARRAY)
        return refuse(why, "is missing", logs->name);
    cursor_init(&c, logs->source, true);
    (void)cursor_enter_array(&c);
    for (bool first = true; cursor_next_item(&c, first); first = false) {
        if (!cursor_skip(&c, &log))
            return refuse(why, "is no list", logs->name);
        mem_grow(&d->logs, &cap, d->n_logs + 1, sizeof *d->logs);
        TRY(read_log(d, log, &d->logs[d->n_logs], why));
        d->n_logs++;
    }
    return ERR_OK;
}

static void read_name(struct digest *d)
{
    struct file_facts facts = file_facts_of(d->object);

    d->region = facts.region;
    d->trail = facts.trail;
    d->backfill = facts.is_backfill;
}

enum err digest_parse(struct bytes text, struct digest **out, struct buffer *why)
{
    struct digest *d = mem_alloc(sizeof *d);
    struct saved members[MEMBERS] = {{0}};
    enum err code;

    for (size_t i = 0; i < MEMBERS; i++)
        members[i].name = names[i];
    code = saved_read(text, members, MEMBERS, &d->arena, why);
    if (code == ERR_OK)
        code = read_own(d, members, why);
    if (code == ERR_OK)
        code = read_previous(d, members, why);
    if (code == ERR_OK)
        code = read_logs(d, &members[LOGS], why);
    if (code != ERR_OK) {
        digest_free(d);
        return code;
    }
    read_name(d);
    *out = d;
    return ERR_OK;
}

void digest_free(struct digest *d)
{
    if (!d)
        return;
    arena_deinit(&d->arena);
    mem_free(d->logs);
    mem_free(d);
}

void digest_add_signed_text(const struct digest *d, const struct sha *content,
                            struct buffer *out)
{
    buffer_add(out, d->end_text);
    buffer_add_char(out, '\n');
    buffer_add(out, d->bucket);
    buffer_add_char(out, '/');
    buffer_add(out, d->object);
    buffer_add_char(out, '\n');
    sha_add_hex(out, content);
    buffer_add_char(out, '\n');
    if (d->starting)
        buffer_add_text(out, "null");
    else
        buffer_add(out, d->previous_signature);
}

void digest_add_chain(const struct digest *d, struct buffer *out)
{
    buffer_add(out, d->account);
    buffer_add_char(out, ' ');
    buffer_add(out, d->region);
    buffer_add_char(out, ' ');
    buffer_add(out, d->trail);
    if (d->backfill)
        buffer_add_text(out, " (backfill)");
}

static bool read_metadata(struct bytes text, struct digest_seal *out, struct arena *arena,
                          struct buffer *why)
{
    struct saved m[] = {{.name = "signature"}, {.name = "signature-algorithm"}};

    if (saved_read(text, m, ARRAY_LEN(m), arena, why) != ERR_OK || !saved_is_text(&m[0]) ||
        !saved_is_text(&m[1]))
        return false;
    out->sha256_rsa = bytes_are(m[1].text, ALGORITHM);
    return hex_decode(m[0].text, &out->signature);
}

bool digest_seal_read(struct bytes text, struct digest_seal *out)
{
    struct saved m[] = {{.name = "Metadata"}, {.name = "ContentLength"}};
    struct arena arena = {0};
    struct buffer why = {0};
    bool is;

    *out = (struct digest_seal){0};
    is = saved_read(text, m, ARRAY_LEN(m), &arena, &why) == ERR_OK && m[0].present &&
         m[0].kind == CURSOR_OBJECT && read_metadata(m[0].source, out, &arena, &why);
    if (is && m[1].present && !bytes_to_u64(m[1].source, &out->object_bytes))
        out->object_bytes = 0;
    if (!is)
        digest_seal_deinit(out);
    arena_deinit(&arena);
    buffer_deinit(&why);
    return is;
}

void digest_seal_deinit(struct digest_seal *seal)
{
    buffer_deinit(&seal->signature);
}
