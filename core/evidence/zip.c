#include "core/evidence/zip.h"

#include "core/base/mem.h"

#include "core/evidence/spool.h"
#include "core/evidence/zip_directory.h"

enum {
    WINDOW_BYTES = 64 * 1024,
    DESCRIPTOR_MAX_BYTES = 24,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    FLAG_ENCRYPTED = 1,
    FLAG_DESCRIPTOR = 8,
    RATIO_MAX = 400,
    CANDIDATE_WORK = 64, /* what it costs to look at one place, in bytes */
};

#define SEARCH_GRACE_BYTES ((uint64_t)64 * 1024 * 1024)

/* The walk through one archive. */
struct walk {
    int fd;
    uint64_t size;
    struct file *f;
    struct parcels *out;
    uint64_t unlisted;    /* entries that the directory does not name */
    uint64_t overlapping; /* that are not read, and where the first of them is */
    uint64_t first_overlap;
    uint64_t lost; /* beyond PARCELS_MAX */
    uint64_t work; /* bytes gone over for entries of unknown length */

    char *window; /* the bytes [window_at, window_at + window_len) of the archive */
    uint64_t window_at;
    size_t window_len;
};

bool zip_is(struct bytes head)
{
    return bytes_starts(head, "PK\x03\x04") || bytes_starts(head, "PK\x05\x06");
}

bool zip_is_by_end(int fd, uint64_t size_bytes)
{
    return zip_directory_ends(fd, size_bytes);
}

static void problem(struct walk *w, uint64_t offset, uint64_t length, const char *detail)
{
    file_problem(w->f, (struct problem){.code = ERR_ARCHIVE,
                                        .packed = true,
                                        .offset = offset,
                                        .length = length,
                                        .detail = bytes_of(detail)});
}

/* NULL, or why an entry is not read. */
static const char *refusal(const struct zip_entry *e)
{
    static const struct {
        uint16_t method;
        const char *words;
    } methods[] = {
        {9,  "a ZIP entry compressed by Deflate64, which is not read"},
        {12, "a ZIP entry compressed by bzip2, which is not read"    },
        {14, "a ZIP entry compressed by LZMA, which is not read"     },
        {93, "a ZIP entry compressed by Zstandard, which is not read"},
        {95, "a ZIP entry compressed by xz, which is not read"       },
    };

    if (e->flags & FLAG_ENCRYPTED)
        return "an encrypted entry of a ZIP archive";
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (methods[i].method == e->method)
            return methods[i].words;
    if (e->method != METHOD_STORED && e->method != METHOD_DEFLATED)
        return "a ZIP entry compressed by another method than deflate";
    if (e->packed_bytes > ZIP_ENTRY_MAX_BYTES)
        return "a ZIP entry of more than 1 GiB: unpack the archive to read it";
    return NULL;
}

static bool is_folder(const struct zip_entry *e)
{
    return e->name.len > 0 && e->name.ptr[e->name.len - 1] == '/' && e->bytes == 0;
}

static void add(struct walk *w, const struct zip_entry *e, uint64_t data, struct parcel p)
{
    p.offset = data;
    p.packed_bytes = e->packed_bytes;
    p.bytes = e->bytes;
    p.crc = e->crc;
    p.deflated = e->method == METHOD_DEFLATED;
    p.refusal = refusal(e);
    if (!is_folder(e) && !parcels_add(w->out, p, e->name))
        w->lost++;
}

/* The length of the data descriptor at `at`, behind data of that many bytes; 0 for none. It
 * comes with a signature or without, and with sizes of 4 or 8 bytes. */
static size_t descriptor_at(const struct walk *w, uint64_t at, const struct zip_entry *e)
{
    char p[DESCRIPTOR_MAX_BYTES] = {0};
    size_t len = w->size - at < sizeof p ? (size_t)(w->size - at) : sizeof p;

    if (!spool_read_at(w->fd, at, p, len))
        return 0;
    if (len >= 16 && memcmp(p, "PK\x07\x08", 4) == 0)
        return len >= 24 && zip_number(p + 8, 8) == e->packed_bytes &&
                       zip_number(p + 8, 4) == e->packed_bytes && zip_number(p + 20, 4) == 0
                   ? 24
                   : 16;
    if (len >= 12 && zip_number(p, 4) == e->crc) {
        if (len >= 20 && zip_number(p + 4, 8) == e->packed_bytes)
            return 20;
        if (zip_number(p + 4, 4) == e->packed_bytes)
            return 12;
    }
    return 0;
}

/* The header at `at`, and where the data behind it begins. `room` gets the name. */
static bool read_header(const struct walk *w, uint64_t at, struct zip_entry *e, uint64_t *data,
                        struct buffer *room)
{
    char p[ZIP_HEADER_BYTES];
    size_t name, extra;

    if (at > w->size || w->size - at < sizeof p || !spool_read_at(w->fd, at, p, sizeof p) ||
        memcmp(p, "PK\x03\x04", 4) != 0)
        return false;
    name = (size_t)zip_number(p + 26, 2);
    extra = (size_t)zip_number(p + 28, 2);
    *data = at + ZIP_HEADER_BYTES + name + extra;
    buffer_clear(room);
    if (*data > w->size || !spool_read_at(w->fd, at + ZIP_HEADER_BYTES,
                                          buffer_room(room, name + extra + 1), name + extra))
        return false;
    room->len = name + extra;
    *e = (struct zip_entry){
        .header = at,
        .flags = (uint16_t)zip_number(p + 6, 2),
        .method = (uint16_t)zip_number(p + 8, 2),
        .crc = (uint32_t)zip_number(p + 14, 4),
        .packed_bytes = zip_number(p + 18, 4),
        .bytes = zip_number(p + 22, 4),
        .name = bytes_slice(buffer_bytes(room), 0, name),
    };
    zip_widen(e, bytes_slice(buffer_bytes(room), name, room->len));
    return true;
}

/* True for headers that a writer may have made: chance and hostile text make others too. */
static bool is_plausible(const struct zip_entry *e)
{
    return e->name.len > 0 && e->method < 100 && !memchr(e->name.ptr, '\0', e->name.len);
}

/* The bytes from `at` on, at most up to `to`; none when they cannot be read. */
static struct bytes look(struct walk *w, uint64_t at, uint64_t to)
{
    size_t wanted = to - at < WINDOW_BYTES ? (size_t)(to - at) : WINDOW_BYTES, from;

    if (at < w->window_at || at + (wanted < 4 ? wanted : 4) > w->window_at + w->window_len) {
        w->window_at = at;
        w->window_len = w->size - at < WINDOW_BYTES ? (size_t)(w->size - at) : WINDOW_BYTES;
        w->work += w->window_len;
        if (!spool_read_at(w->fd, at, w->window, w->window_len))
            w->window_len = 0;
    }
    from = (size_t)(at - w->window_at);
    return bytes_slice(bytes_make(w->window, w->window_len), from,
                       wanted < w->window_len - from ? from + wanted : w->window_len);
}

/* The first record of an archive in [from, to), or `to`: an entry, a part of the directory,
 * an end or a descriptor. `*kind` gets the two bytes that tell. */
static uint64_t find_record(struct walk *w, uint64_t from, uint64_t to, unsigned *kind)
{
    static const char kinds[] = "\x03\x04\x01\x02\x05\x06\x06\x06\x06\x07\x05\x05\x07\x08";

    while (to - from >= 4) {
        struct bytes text = look(w, from, to);
        const char *p = text.ptr, *end = text.ptr + text.len - 3;

        if (text.len < 4)
            break;
        for (; (p = memchr(p, 'P', (size_t)(end - p))); p++)
            for (size_t i = 0; p[1] == 'K' && i < sizeof kinds - 1; i += 2)
                if (memcmp(p + 2, kinds + i, 2) == 0) {
                    *kind = (unsigned)kinds[i] << 8 | (unsigned)kinds[i + 1];
                    return from + (uint64_t)(p - text.ptr);
                }
        from += text.len - 3;
    }
    return to;
}

enum {
    KIND_ENTRY = 0x0304,
    KIND_CENTRAL = 0x0102,
    KIND_END = 0x0506,
    KIND_WIDE_END = 0x0606,
    KIND_LOCATOR = 0x0607,
    KIND_SIGNATURE = 0x0505,
    KIND_DESCRIPTOR = 0x0708,
};

/* Whether the data of an entry without sizes ends at `at` by what stands there: the descriptor
 * itself, or one without signature before the record that follows. Fills sizes and checksum. */
static bool ends_at(const struct walk *w, uint64_t data, uint64_t at, bool descriptor,
                    struct zip_entry *e, uint64_t *end)
{
    char p[DESCRIPTOR_MAX_BYTES] = {0};
    size_t len = w->size - at < sizeof p ? (size_t)(w->size - at) : sizeof p;

    if (descriptor) {
        bool narrow, wide;

        if (!spool_read_at(w->fd, at, p, len))
            return false;
        narrow = len >= 16 && zip_number(p + 8, 4) == at - data;
        wide = len >= 24 && zip_number(p + 8, 8) == at - data;
        if (!narrow && !wide)
            return false;
        e->crc = (uint32_t)zip_number(p + 4, 4);
        e->packed_bytes = at - data;
        wide = wide && zip_number(p + 20, 4) == 0;
        e->bytes = zip_number(p + (wide ? 16 : 12), wide ? 8 : 4);
        *end = at + (wide ? 24 : 16);
        return true;
    }
    for (unsigned bytes = 4; bytes <= 8; bytes += 4) {
        size_t before = 4 + 2 * (size_t)bytes;

        if (at - data < before || !spool_read_at(w->fd, at - before, p, before) ||
            zip_number(p + 4, bytes) != at - before - data)
            continue;
        e->crc = (uint32_t)zip_number(p, 4);
        e->packed_bytes = at - before - data;
        e->bytes = zip_number(p + 4 + bytes, bytes);
        *end = at;
        return true;
    }
    return false;
}

/* Hostile archives must not make us go over the same bytes again and again. */
static bool may_search(const struct walk *w)
{
    return w->work < 16 * w->size + SEARCH_GRACE_BYTES;
}

static bool find_descriptor(struct walk *w, uint64_t data, uint64_t to, struct zip_entry *e,
                            uint64_t *end)
{
    uint64_t at = data;
    unsigned kind = 0;

    while (may_search(w)) {
        at = find_record(w, at, to, &kind);
        w->work += CANDIDATE_WORK;
        if (ends_at(w, data, at, at < to && kind == KIND_DESCRIPTOR, e, end))
            return true;
        if (at == to)
            return false;
        at++;
    }
    return false;
}

/* Where the next entry or the directory begins, as far as one can tell. */
static uint64_t next_header(struct walk *w, uint64_t from, uint64_t to)
{
    struct buffer room = {0};
    struct zip_entry e;
    unsigned kind = 0;
    uint64_t data, at = from;

    for (; may_search(w); at++) {
        at = find_record(w, at, to, &kind);
        w->work += CANDIDATE_WORK;
        if (at == to || kind == KIND_CENTRAL || kind == KIND_END || kind == KIND_WIDE_END ||
            (kind == KIND_ENTRY && read_header(w, at, &e, &data, &room) && is_plausible(&e)))
            break;
    }
    buffer_deinit(&room);
    return may_search(w) ? at : to;
}

/* Something that an archive is made of, or the end of the stretch, stands at `at`. */
static bool is_boundary(struct walk *w, uint64_t at, uint64_t to)
{
    unsigned kind;

    if (at > to)
        return false;
    /* A cut may have left less than a signature. */
    return to - at < 4 || find_record(w, at, at + 4, &kind) == at;
}

/* The data of an entry whose length is unknown or doubtful: deflate tells its own end. */
static uint64_t measure(struct walk *w, uint64_t data, uint64_t to, bool has_crc,
                        struct zip_entry *e, struct parcel *p)
{
    bool sized = e->packed_bytes > 0 && e->packed_bytes <= to - data;
    struct spool_inflated z = {0};
    uint64_t next;

    if (e->method == METHOD_DEFLATED && !(e->flags & FLAG_ENCRYPTED) && may_search(w)) {
        uint64_t len = to - data < ZIP_ENTRY_MAX_BYTES ? to - data : ZIP_ENTRY_MAX_BYTES;

        (void)spool_inflate(-1, w->fd, data, len, RATIO_MAX * len + SEARCH_GRACE_BYTES, &z);
        w->work += z.bytes / 16 + z.used_bytes;
    }
    if (z.ended) {
        p->unchecked = !has_crc;
        if (p->unchecked)
            e->crc = z.crc;
        p->doubt = p->unchecked ? "its length and checksum are lost: read to where its data "
                                  "ends, not checked"
                                : "its length is damaged: read to where its data ends";
        e->packed_bytes = z.used_bytes;
        e->bytes = p->unchecked ? z.bytes : e->bytes;
        return data + z.used_bytes;
    }
    next = sized ? data + e->packed_bytes : next_header(w, data, to);
    p->cut = true;
    p->unchecked = true;
    p->doubt = "it breaks off; what is there was read";
    e->packed_bytes = next - data;
    return next;
}

/* An entry that the directory does not tell, from its own header. Returns where it ends, or
 * `at` when there is none. */
static uint64_t salvage(struct walk *w, uint64_t at, uint64_t to)
{
    struct buffer room = {0};
    struct parcel p = {0};
    struct zip_entry e;
    uint64_t data, end = at;
    bool sized;

    if (read_header(w, at, &e, &data, &room) && is_plausible(&e) && data <= to) {
        sized = !(e.flags & FLAG_DESCRIPTOR) || e.packed_bytes > 0;
        end = data + e.packed_bytes;
        if (!sized || e.packed_bytes > to - data || !is_boundary(w, end, to)) {
            struct zip_entry found = e;

            if ((e.flags & FLAG_DESCRIPTOR) && find_descriptor(w, data, to, &found, &end))
                e = found;
            else
                end = measure(w, data, to, !(e.flags & FLAG_DESCRIPTOR), &e, &p);
        } else if (e.flags & FLAG_DESCRIPTOR) {
            end += descriptor_at(w, end, &e);
        }
        add(w, &e, data, p);
        w->unlisted += !is_folder(&e);
    }
    buffer_deinit(&room);
    return end;
}

/* The length of a record that holds no data; 0 when it is not whole. */
static uint64_t record_bytes(const struct walk *w, uint64_t at, unsigned kind)
{
    char p[ZIP_CENTRAL_BYTES] = {0};
    uint64_t rest = w->size - at, len = 0;

    if (!spool_read_at(w->fd, at, p, rest < sizeof p ? (size_t)rest : sizeof p))
        return 0;
    if (kind == KIND_CENTRAL)
        len = ZIP_CENTRAL_BYTES + zip_number(p + 28, 2) + zip_number(p + 30, 2) +
              zip_number(p + 32, 2);
    else if (kind == KIND_END)
        len = ZIP_END_BYTES + zip_number(p + 20, 2);
    else if (kind == KIND_WIDE_END)
        len = zip_number(p + 4, 8) < rest ? 12 + zip_number(p + 4, 8) : 0;
    else if (kind == KIND_LOCATOR)
        len = 20;
    else if (kind == KIND_SIGNATURE)
        len = 6 + zip_number(p + 4, 2);
    else if (kind == KIND_DESCRIPTOR)
        len = 16;
    return len <= rest ? len : 0;
}

static bool is_blank(const struct walk *w, uint64_t from, uint64_t to)
{
    char piece[4096];

    while (from < to) {
        size_t len = to - from < sizeof piece ? (size_t)(to - from) : sizeof piece;

        if (!spool_read_at(w->fd, from, piece, len))
            return false;
        for (size_t i = 0; i < len; i++)
            if (piece[i] != 0)
                return false;
        from += len;
    }
    return true;
}

/* A stretch that the directory says nothing of. */
static void gap(struct walk *w, uint64_t from, uint64_t to)
{
    uint64_t junk = from;

    while (from < to) {
        unsigned kind = 0;
        uint64_t at = find_record(w, from, to, &kind), end = at;

        if (at < to)
            end = kind == KIND_ENTRY ? salvage(w, at, to) : at + record_bytes(w, at, kind);
        if (end > to)
            end = to;
        if (at < to && end == at && may_search(w)) { /* no whole record */
            w->work += CANDIDATE_WORK;
            from = at + 1;
            continue;
        }
        if (end == at)
            end = at = to; /* given up, or nothing there */
        if (at > junk && !is_blank(w, junk, at))
            problem(w, junk, at - junk, "bytes that belong to no entry; not read");
        from = junk = end;
    }
    if (to > junk && !is_blank(w, junk, to))
        problem(w, junk, to - junk, "bytes that belong to no entry; not read");
}

/* Where the data of an entry with a damaged header may begin: behind a name as long as in the
 * directory, or so that it ends before the next entry. Its checksum decides. */
static bool find_data(struct walk *w, const struct zip_entry *e, uint64_t to, uint64_t *data)
{
    static const uint8_t tails[] = {0, 16, 12, 24, 20};
    uint64_t least = e->header + ZIP_HEADER_BYTES;

    for (size_t i = 0; i <= ARRAY_LEN(tails) && may_search(w); i++) {
        struct spool_inflated z = {0};
        uint64_t at = least + e->name.len;

        if (i > 0 && to < least + e->packed_bytes + tails[i - 1])
            continue;
        if (i > 0)
            at = to - e->packed_bytes - tails[i - 1];
        if (e->packed_bytes > to || at > to - e->packed_bytes)
            continue;
        if (e->method == METHOD_DEFLATED)
            (void)spool_inflate(-1, w->fd, at, e->packed_bytes, e->bytes, &z);
        else
            z.ended = spool_copy(-1, w->fd, at, e->packed_bytes, &z.crc);
        w->work += e->packed_bytes + z.bytes / 16;
        *data = at;
        if (z.ended && z.crc == e->crc)
            return true;
    }
    return false;
}

/* An entry of the directory; `to` is where the next one or the directory begins. Returns where
 * it ends. */
static uint64_t place(struct walk *w, const struct zip_entry *listed, uint64_t to)
{
    struct zip_entry e = *listed, own = {0};
    struct buffer room = {0};
    struct parcel p = {0};
    uint64_t data, end;

    if (read_header(w, e.header, &own, &data, &room)) {
        if (!bytes_equal(own.name, e.name))
            p.doubt = "its own header gives it another name";
    } else if (!refusal(&e) && find_data(w, &e, to, &data)) {
        p.doubt = "its header is damaged; its data was found by the directory";
    } else {
        p.refusal = "the header of a ZIP entry is damaged";
        data = e.header < to ? to : e.header;
        problem(w, e.header, data - e.header, "the header of an entry is damaged");
        buffer_deinit(&room);
        e.packed_bytes = 0;
        add(w, &e, data, p);
        return data;
    }
    if (data > to)
        data = to;
    if (e.packed_bytes > to - data && own.packed_bytes > 0 && own.packed_bytes <= to - data) {
        p.doubt = "the directory gives it another length than its own header";
        e.packed_bytes = own.packed_bytes;
        e.bytes = own.bytes;
    } else if (e.packed_bytes > to - data) { /* it may lie over others, as bombs have it */
        (void)measure(w, data, to, true, &e, &p);
    }
    add(w, &e, data, p);
    end = data + e.packed_bytes;
    if (e.flags & FLAG_DESCRIPTOR)
        end += descriptor_at(w, end, &e);
    buffer_deinit(&room);
    return end;
}

/* Entry by entry as they stand, with all that lies between. */
static void walk_entries(struct walk *w, const struct zip_directory *d)
{
    uint64_t at = 0;

    for (size_t i = 0; i < d->n; i++) {
        const struct zip_entry *e = &d->entries[i];
        uint64_t to = d->offset;

        if (i + 1 < d->n && d->entries[i + 1].header > e->header &&
            d->entries[i + 1].header < to)
            to = d->entries[i + 1].header;
        if (e->header >= d->offset || e->header < at) { /* as bombs have it */
            if (w->overlapping++ == 0)
                w->first_overlap = e->header;
            continue;
        }
        gap(w, at, e->header);
        at = place(w, e, to);
    }
    gap(w, at, d->offset);
    gap(w, d->end, w->size);
}

static void tell(struct walk *w, const struct zip_directory *d)
{
    struct buffer words = {0};

    if (d->fault)
        buffer_printf(&words, "%s; found by their own headers: %llu entr%s", d->fault,
                      (unsigned long long)w->unlisted, w->unlisted == 1 ? "y" : "ies");
    else if (w->unlisted > 0)
        buffer_printf(&words, "not named by its directory, and read too: %llu entr%s",
                      (unsigned long long)w->unlisted, w->unlisted == 1 ? "y" : "ies");
    if (words.len > 0)
        problem(w, d->offset < w->size ? d->offset : 0, 0, buffer_cstr(&words));
    buffer_clear(&words);
    buffer_printf(&words, "not read, as they lie over others or outside of it: %llu entr%s",
                  (unsigned long long)w->overlapping, w->overlapping == 1 ? "y" : "ies");
    if (w->overlapping > 0)
        problem(w, w->first_overlap < w->size ? w->first_overlap : w->size, 0,
                buffer_cstr(&words));
    if (w->lost > 0)
        problem(w, 0, 0, "more than 2,000,000 entries; the others are not read");
    buffer_deinit(&words);
}

void zip_list(int fd, uint64_t size_bytes, struct file *f, struct parcels *out)
{
    struct walk w = {.fd = fd, .size = size_bytes, .f = f, .out = out};
    struct zip_directory d;

    zip_directory_read(fd, size_bytes, &d);
    w.window = mem_resize(NULL, WINDOW_BYTES, 1);
    walk_entries(&w, &d);
    mem_free(w.window);
    tell(&w, &d);
    zip_directory_deinit(&d);
}
