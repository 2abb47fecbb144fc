#include "core/evidence/layer.h"

#include "core/base/mem.h"

#include "core/evidence/inflate.h"

enum {
    HEADER_BYTES = 10,
    TRAILER_BYTES = 8,
    FIELD_BYTES_MAX = 64 * 1024, /* of a name or comment; no writer comes near */
    TRIAL_BYTES = 4096,          /* that decode without fault make a member sound */
    TRIES_MAX = 1000,
    TRIAL_INTAKE_BYTES = 8 * 1024,
};

enum { FLAG_HCRC = 2, FLAG_EXTRA = 4, FLAG_NAME = 8, FLAG_COMMENT = 16, FLAGS_RESERVED = 0xE0 };

_Static_assert(INTAKE_BACK_BYTES >= (int)INFLATE_GIVE_BACK_BYTES, "an intake must step back");

void layer_init(struct layer *l, struct intake_source source, size_t buffer_bytes)
{
    *l = (struct layer){0};
    intake_init(&l->in, source, buffer_bytes);
}

void layer_deinit(struct layer *l)
{
    intake_deinit(&l->in);
    inflater_free(l->z);
}

void layer_rewind(struct layer *l)
{
    intake_seek(&l->in, 0);
    l->phase = LAYER_START;
    l->skip_bytes = l->out_bytes = l->n_members = 0;
}

static void layer_note(struct layer *l, struct problem p)
{
    l->doubted = true;
    if (p.offset < l->noted_until)
        return;
    l->noted_until = p.offset + 1;
    if (l->note)
        l->note(l->context, p);
}

static uint64_t layer_rest(const struct layer *l, uint64_t offset)
{
    return l->size_bytes > offset ? l->size_bytes - offset : 0;
}

static bool has_magic(const struct intake *in)
{
    size_t len = in->end - in->at;

    return len >= 2 && in->buf[in->at] == 0x1F && in->buf[in->at + 1] == 0x8B;
}

static void member_header(struct layer *l);
static size_t member_data(struct layer *l, unsigned char *out, size_t cap);
static void member_trailer(struct layer *l);

/* Whether the bytes at `offset` begin a member that ends well or at least goes on well. */
static bool member_is_sound(const struct layer *l, uint64_t offset)
{
    unsigned char *out = mem_resize(NULL, TRIAL_BYTES, 1);
    struct layer trial;
    size_t n = 0;

    layer_init(&trial, l->in.source, TRIAL_INTAKE_BYTES);
    intake_seek(&trial.in, offset);
    member_header(&trial);
    while (trial.phase == LAYER_DATA && n < TRIAL_BYTES)
        n += member_data(&trial, out, TRIAL_BYTES - n);
    if (trial.phase == LAYER_TRAILER)
        member_trailer(&trial);
    layer_deinit(&trial);
    mem_free(out);
    return !trial.doubted;
}

/* The first sound member from `offset` on. The intake is left anywhere. */
static bool layer_find_member(struct layer *l, uint64_t offset, uint64_t *found)
{
    struct intake *in = &l->in;

    intake_seek(in, offset);
    while (l->tries < TRIES_MAX && intake_need(in, HEADER_BYTES) >= HEADER_BYTES) {
        unsigned char *from = in->buf + in->at;
        unsigned char *at = memchr(from, 0x1F, in->end - in->at);

        in->at = at ? in->at + (size_t)(at - from) : in->end;
        if (!at || intake_need(in, HEADER_BYTES) < HEADER_BYTES)
            continue;
        at = in->buf + in->at;
        if (at[1] == 0x8B && at[2] == 8 && !(at[3] & FLAGS_RESERVED)) {
            *found = intake_offset(in);
            if (member_is_sound(l, *found))
                return true;
            l->tries++;
            intake_seek(in, *found);
            (void)intake_byte(in);
            continue;
        }
        in->at++;
    }
    return false;
}

/* Lists damage and goes on with the next sound member; without one the layer ends here.
 * `from` is where to look for it. */
static void layer_damage(struct layer *l, struct problem p, uint64_t from)
{
    uint64_t next = 0;

    p.length = layer_rest(l, p.offset);
    l->skip_bytes = 0;
    if (l->rescues && p.code != ERR_TRUNCATED && layer_find_member(l, from, &next)) {
        p.length = next - p.offset;
        layer_note(l, p);
        intake_seek(&l->in, next);
        l->phase = LAYER_START;
        return;
    }
    layer_note(l, p);
    l->damaged = true;
    l->phase = LAYER_END;
}

/* Skips a text that ends in NUL, or `count` bytes when that is not negative. */
static bool header_skip(struct intake *in, int count, uint32_t *crc)
{
    for (int taken = 0; taken != count; taken++) {
        int c = taken < FIELD_BYTES_MAX ? intake_byte(in) : -1;
        unsigned char byte = (unsigned char)c;

        if (c < 0)
            return false;
        *crc = inflate_crc(*crc, &byte, 1);
        if (count < 0 && c == 0)
            return true;
    }
    return true;
}

/* The optional fields. Returns NULL or what is wrong. */
static const char *header_fields(struct layer *l, unsigned flags, uint32_t crc)
{
    struct intake *in = &l->in;

    if (flags & FLAG_EXTRA) {
        int low = intake_byte(in), high = intake_byte(in);
        unsigned char len[2] = {(unsigned char)low, (unsigned char)high};

        crc = inflate_crc(crc, len, 2);
        if (high < 0 || !header_skip(in, low | high << 8, &crc))
            return "extra field without end";
    }
    if (flags & FLAG_NAME && !header_skip(in, -1, &crc))
        return "file name without end";
    if (flags & FLAG_COMMENT && !header_skip(in, -1, &crc))
        return "comment without end";
    if (flags & FLAG_HCRC) {
        uint64_t at = intake_offset(in);
        int low = intake_byte(in), high = intake_byte(in);

        if (high < 0)
            return "header checksum cut short";
        if ((uint32_t)(low | high << 8) != (crc & 0xFFFF))
            layer_note(l,
                       (struct problem){.code = ERR_CHECKSUM,
                                        .offset = at,
                                        .length = 2,
                                        .detail = bytes_of("of the gzip header; data kept")});
    }
    return NULL;
}

static void layer_engine(struct layer *l, enum inflate_engine engine)
{
    if (l->z && inflater_engine(l->z) == engine) {
        inflater_reset(l->z);
        return;
    }
    inflater_free(l->z);
    l->z = inflater_new(engine);
}

/* At the first byte of a header. */
static void member_header(struct layer *l)
{
    struct problem p = {.code = ERR_GZIP_HEADER, .offset = intake_offset(&l->in)};
    const char *wrong = NULL;
    const unsigned char *head;

    if (intake_need(&l->in, HEADER_BYTES) < HEADER_BYTES) {
        p.code = ERR_TRUNCATED;
        p.detail = bytes_of("within the gzip header");
        layer_damage(l, p, p.offset);
        return;
    }
    head = l->in.buf + l->in.at;
    if (head[2] != 8) {
        wrong = "compression method is not deflate";
    } else if (head[3] & FLAGS_RESERVED) {
        wrong = "reserved flags are set";
    } else {
        l->in.at += HEADER_BYTES;
        wrong = header_fields(l, head[3], inflate_crc(0, head, HEADER_BYTES));
    }
    if (wrong) {
        p.detail = bytes_of(wrong);
        layer_damage(l, p, p.offset + 1);
        return;
    }
    l->data_start = intake_offset(&l->in);
    l->member_bytes = 0;
    l->skip_bytes = 0;
    l->crc = 0;
    l->n_members++;
    if (l->n_members > l->members_seen)
        l->members_seen = l->n_members;
    layer_engine(l, INFLATE_FAST);
    l->phase = LAYER_DATA;
}

/* Zeros between and behind members. */
static void member_padding(struct layer *l)
{
    uint64_t from = intake_offset(&l->in), to;

    while (intake_need(&l->in, 1) > 0 && l->in.buf[l->in.at] == 0)
        l->in.at++;
    to = intake_offset(&l->in);
    if (to > from && to > l->padding_until) {
        l->padding_until = to;
        l->padding_bytes += to - from;
    }
}

static void member_start(struct layer *l)
{
    struct problem p = {.code = ERR_TRAILING, .detail = bytes_of("no gzip member; not read")};

    if (l->n_members > 0)
        member_padding(l);
    if (intake_need(&l->in, 2) == 0) {
        l->phase = LAYER_END;
    } else if (l->n_members == 0 || has_magic(&l->in)) {
        member_header(l);
    } else {
        p.offset = intake_offset(&l->in);
        layer_damage(l, p, p.offset);
    }
}

/* Data that makes no sense, or ends too early. The fast engine's word is not enough: the
 * member is begun again with the one that decodes up to the last whole symbol, and what was
 * delivered before is dropped. */
static void member_damage(struct layer *l, enum err code, const char *why)
{
    struct problem p = {.code = code, .offset = intake_offset(&l->in)};
    struct buffer detail = {0};

    if (inflater_engine(l->z) == INFLATE_FAST) {
        l->skip_bytes = l->member_bytes;
        l->member_bytes = 0;
        l->crc = 0;
        layer_engine(l, INFLATE_JUDGE);
        intake_seek(&l->in, l->data_start);
        return;
    }
    buffer_printf(&detail, "%s; %llu bytes of member %llu kept", why,
                  (unsigned long long)l->member_bytes, (unsigned long long)l->n_members);
    p.detail = buffer_bytes(&detail);
    layer_damage(l, p, p.offset);
    buffer_deinit(&detail);
}

static size_t member_data(struct layer *l, unsigned char *out, size_t cap)
{
    size_t len = intake_need(&l->in, 1), drop;
    struct inflate_io io = {l->in.buf + l->in.at, len, out, cap};
    enum inflate_result result = inflater_run(l->z, &io);
    size_t n = cap - io.out_cap;

    if (result == INFLATE_DAMAGED && inflater_engine(l->z) == INFLATE_FAST) {
        /* The judge says which of these bytes are good. */
        member_damage(l, ERR_GZIP_DATA, "");
        return 0;
    }
    l->in.at = l->in.end - io.in_len;
    l->crc = inflate_crc(l->crc, out, n);
    l->member_bytes += n;
    drop = l->skip_bytes < n ? (size_t)l->skip_bytes : n;
    l->skip_bytes -= drop;
    if (drop > 0)
        memmove(out, out + drop, n - drop);
    l->out_bytes += n - drop;
    if (result == INFLATE_END)
        l->phase = LAYER_TRAILER;
    else if (result == INFLATE_DAMAGED)
        member_damage(l, ERR_GZIP_DATA, inflater_reason(l->z));
    else if (n == 0 && len == 0)
        member_damage(l, ERR_TRUNCATED, "within the data");
    else if (n == 0 && io.in_len == len)
        member_damage(l, ERR_GZIP_DATA, "no valid deflate data");
    return n - drop;
}

static uint32_t little_endian(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void member_trailer(struct layer *l)
{
    struct problem p = {.code = ERR_CHECKSUM, .length = TRAILER_BYTES};
    size_t len = intake_need(&l->in, TRAILER_BYTES);
    struct buffer detail = {0};
    uint32_t crc, size;

    p.offset = intake_offset(&l->in);
    l->phase = LAYER_START;
    if (len < TRAILER_BYTES) {
        buffer_printf(&detail, "within the checksum; all %llu bytes of member %llu kept",
                      (unsigned long long)l->member_bytes, (unsigned long long)l->n_members);
        p.code = ERR_TRUNCATED;
        p.detail = buffer_bytes(&detail);
        layer_damage(l, p, p.offset);
        buffer_deinit(&detail);
        return;
    }
    crc = little_endian(l->in.buf + l->in.at);
    size = little_endian(l->in.buf + l->in.at + 4);
    l->in.at += TRAILER_BYTES;
    if (l->n_members == 1)
        l->first_bytes = l->out_bytes;
    if (crc == l->crc && size == (uint32_t)l->member_bytes)
        return;
    if (crc != l->crc)
        buffer_printf(&detail, "CRC32 should be %08x and is %08x; ", crc, l->crc);
    if (size != (uint32_t)l->member_bytes)
        buffer_printf(&detail, "length should be %u and is %llu; ", size,
                      (unsigned long long)l->member_bytes);
    buffer_printf(&detail, "member %llu kept", (unsigned long long)l->n_members);
    p.detail = buffer_bytes(&detail);
    layer_note(l, p);
    buffer_deinit(&detail);
}

size_t layer_read(struct layer *l, unsigned char *out, size_t cap)
{
    size_t n = 0;

    while (n < cap && l->phase != LAYER_END) {
        switch (l->phase) {
        case LAYER_START:
            member_start(l);
            break;
        case LAYER_DATA:
            n += member_data(l, out + n, cap - n);
            break;
        case LAYER_TRAILER:
            member_trailer(l);
            break;
        case LAYER_END:
            break;
        }
    }
    return n;
}

struct layer_mark {
    uint64_t in_offset, data_start, member_bytes, out_bytes, n_members;
    enum layer_phase phase;
    uint32_t crc;
    struct inflate_frozen *z; /* NULL between members */
};

struct layer_mark *layer_mark_here(const struct layer *l)
{
    struct layer_mark *m;

    if (l->phase == LAYER_END || l->skip_bytes > 0)
        return NULL;
    m = mem_alloc(sizeof *m);
    *m = (struct layer_mark){
        .in_offset = intake_offset(&l->in),
        .data_start = l->data_start,
        .member_bytes = l->member_bytes,
        .out_bytes = l->out_bytes,
        .n_members = l->n_members,
        .phase = l->phase,
        .crc = l->crc,
        .z = l->phase == LAYER_DATA ? inflater_freeze(l->z) : NULL,
    };
    return m;
}

void layer_mark_free(struct layer_mark *m)
{
    if (m)
        inflate_frozen_free(m->z);
    mem_free(m);
}

size_t layer_mark_bytes(const struct layer_mark *m)
{
    return sizeof *m + (m->z ? inflate_frozen_bytes(m->z) : 0);
}

void layer_resume(struct layer *l, const struct layer_mark *m)
{
    size_t back = m->in_offset < INTAKE_BACK_BYTES ? (size_t)m->in_offset : INTAKE_BACK_BYTES;

    /* The inflater may give bytes back that it took before the mark. */
    intake_seek(&l->in, m->in_offset - back);
    l->in.at = intake_need(&l->in, back) < back ? l->in.end : back;
    l->data_start = m->data_start;
    l->member_bytes = m->member_bytes;
    l->out_bytes = m->out_bytes;
    l->n_members = m->n_members;
    l->phase = m->phase;
    l->crc = m->crc;
    inflater_free(l->z);
    l->z = m->z ? inflater_thaw(m->z) : NULL;
}
