#include "core/evidence/zip_directory.h"

#include <stdlib.h>

#include "core/base/mem.h"

#include "core/evidence/parcel.h"
#include "core/evidence/spool.h"

enum {
    COMMENT_MAX_BYTES = 65535,
    LOCATOR_BYTES = 20,
    WIDE_END_BYTES = 56,
    EXTRA_WIDE = 1,
};

#define ALL_ONES 0xFFFFFFFFu

uint64_t zip_number(const char *p, unsigned bytes)
{
    uint64_t n = 0;

    while (bytes-- > 0)
        n = n << 8 | (unsigned char)p[bytes];
    return n;
}

/* One 64-bit field of the extra field stands for each that is all ones, in this order. */
void zip_widen(struct zip_entry *e, struct bytes extra)
{
    uint64_t *const fields[] = {&e->bytes, &e->packed_bytes, &e->header};

    while (extra.len >= 4) {
        size_t id = (size_t)zip_number(extra.ptr, 2),
               len = (size_t)zip_number(extra.ptr + 2, 2);
        struct bytes field = bytes_slice(extra, 4, 4 + len);

        if (id == EXTRA_WIDE) {
            for (size_t i = 0; i < ARRAY_LEN(fields); i++)
                if (*fields[i] == ALL_ONES && field.len >= 8) {
                    *fields[i] = zip_number(field.ptr, 8);
                    field = bytes_slice(field, 8, field.len);
                }
            return;
        }
        extra = bytes_slice(extra, 4 + len, extra.len);
    }
}

/* What the records at the end say. */
struct end {
    uint64_t at; /* of the first of them */
    uint64_t count, size, offset;
    uint64_t disk, first_disk;
    bool wide; /* in the ZIP64 form */
};

/* The last record at the end whose comment fits into the file: one that reaches to the very
 * end if there is any, so that a signature inside a comment is not taken for it. */
static const char *find_end(struct bytes tail)
{
    const char *best = NULL;

    for (size_t at = tail.len < ZIP_END_BYTES ? 0 : tail.len - ZIP_END_BYTES + 1; at-- > 0;) {
        const char *p = tail.ptr + at;
        size_t end;

        if (memcmp(p, "PK\x05\x06", 4) != 0)
            continue;
        end = at + ZIP_END_BYTES + (size_t)zip_number(p + 20, 2);
        if (end == tail.len)
            return p;
        if (end < tail.len && !best)
            best = p;
    }
    return best;
}

/* The ZIP64 form: a locator before the record at the end leads to a larger one. */
static bool read_wide_end(int fd, struct end *end)
{
    char locator[LOCATOR_BYTES], record[WIDE_END_BYTES];
    uint64_t at;

    if (end->at < LOCATOR_BYTES + WIDE_END_BYTES ||
        !spool_read_at(fd, end->at - LOCATOR_BYTES, locator, sizeof locator) ||
        memcmp(locator, "PK\x06\x07", 4) != 0)
        return false;
    at = zip_number(locator + 8, 8);
    /* Something may have been put before the archive. */
    if (at > end->at || !spool_read_at(fd, at, record, sizeof record) ||
        memcmp(record, "PK\x06\x06", 4) != 0) {
        at = end->at - LOCATOR_BYTES - WIDE_END_BYTES;
        if (!spool_read_at(fd, at, record, sizeof record) ||
            memcmp(record, "PK\x06\x06", 4) != 0)
            return false;
    }
    *end = (struct end){
        .at = at,
        .wide = true,
        .disk = zip_number(record + 16, 4),
        .first_disk = zip_number(record + 20, 4),
        .count = zip_number(record + 32, 8),
        .size = zip_number(record + 40, 8),
        .offset = zip_number(record + 48, 8),
    };
    return true;
}

static const char without_end[] = "without its directory: cut short?";

/* NULL, or why there is no directory to be read. */
static const char *read_end(int fd, uint64_t size_bytes, struct end *out)
{
    uint64_t reach = ZIP_END_BYTES + COMMENT_MAX_BYTES;
    struct buffer tail = {0};
    const char *p = NULL;

    if (reach > size_bytes)
        reach = size_bytes;
    if (spool_read_at(fd, size_bytes - reach, buffer_room(&tail, (size_t)reach + 1),
                      (size_t)reach)) {
        tail.len = (size_t)reach;
        p = find_end(buffer_bytes(&tail));
    }
    if (p)
        *out = (struct end){
            .at = size_bytes - reach + (uint64_t)(p - tail.ptr),
            .disk = zip_number(p + 4, 2),
            .first_disk = zip_number(p + 6, 2),
            .count = zip_number(p + 10, 2),
            .size = zip_number(p + 12, 4),
            .offset = zip_number(p + 16, 4),
        };
    buffer_deinit(&tail);
    if (!p)
        return without_end;
    if ((out->count == 0xFFFF || out->size == ALL_ONES || out->offset == ALL_ONES) &&
        !read_wide_end(fd, out) && (out->size == ALL_ONES || out->offset == ALL_ONES))
        return "without the ZIP64 record of its directory";
    if (out->disk != 0 || out->first_disk != 0)
        return "one part of several, which zip -s 0 joins";
    if (out->size > ZIP_DIRECTORY_MAX_BYTES)
        return "with a directory of more than 256 MiB";
    if (out->size > out->at)
        return "with a directory that lies outside of it";
    return NULL;
}

static bool begins(const char *text, const struct end *end)
{
    return end->size == 0 || (end->size >= 4 && memcmp(text, "PK\x01\x02", 4) == 0);
}

/* The directory's bytes. Where something was put before the archive, all offsets in it are
 * too small by `*base`. */
static const char *read_text(int fd, const struct end *end, struct zip_directory *out,
                             uint64_t *base)
{
    uint64_t before_end = end->at - end->size;
    char *room = buffer_room(&out->text, (size_t)end->size + 1);

    out->offset = end->offset;
    if (end->offset > before_end || !spool_read_at(fd, end->offset, room, (size_t)end->size) ||
        !begins(room, end)) {
        out->offset = before_end;
        if (!spool_read_at(fd, before_end, room, (size_t)end->size))
            return "whose directory cannot be read";
    }
    if (!begins(room, end) || out->offset < end->offset)
        return "with a directory that lies elsewhere";
    *base = out->offset - end->offset;
    out->text.len = (size_t)end->size;
    return NULL;
}

static int compare_places(const void *a, const void *b)
{
    const struct zip_entry *x = a, *y = b;

    if (x->header != y->header)
        return x->header < y->header ? -1 : 1;
    return bytes_compare(x->name, y->name);
}

/* One entry of the text; its length, or 0 when it is not whole. */
static size_t parse_entry(struct bytes text, struct zip_entry *e)
{
    const char *p = text.ptr;
    size_t name, extra, total;

    if (text.len < ZIP_CENTRAL_BYTES || memcmp(p, "PK\x01\x02", 4) != 0)
        return 0;
    name = ZIP_CENTRAL_BYTES + (size_t)zip_number(p + 28, 2);
    extra = name + (size_t)zip_number(p + 30, 2);
    total = extra + (size_t)zip_number(p + 32, 2);
    if (text.len < total)
        return 0;
    *e = (struct zip_entry){
        .flags = (uint16_t)zip_number(p + 8, 2),
        .method = (uint16_t)zip_number(p + 10, 2),
        .crc = (uint32_t)zip_number(p + 16, 4),
        .packed_bytes = zip_number(p + 20, 4),
        .bytes = zip_number(p + 24, 4),
        .header = zip_number(p + 42, 4),
        .name = bytes_slice(text, ZIP_CENTRAL_BYTES, name),
    };
    zip_widen(e, bytes_slice(text, name, extra));
    return total;
}

/* Entry by entry; `out->end` is where the last sound one ends. */
static const char *parse(struct zip_directory *out, const struct end *end, uint64_t base)
{
    struct bytes rest = buffer_bytes(&out->text);

    while (rest.len > 0 && !bytes_starts(rest, "PK\x05\x05")) {
        struct zip_entry e;
        size_t len = parse_entry(rest, &e);

        if (len == 0)
            return "with a directory that breaks off";
        if (out->n == PARCELS_MAX)
            return "with more than 2,000,000 entries";
        if (__builtin_add_overflow(e.header, base, &e.header))
            e.header = UINT64_MAX;
        mem_grow(&out->entries, &out->cap, out->n + 1, sizeof *out->entries);
        out->entries[out->n++] = e;
        rest = bytes_slice(rest, len, rest.len);
        out->end += len;
    }
    /* The short form counts to 65,535, and some writers begin anew behind it. */
    if (out->n != end->count && (end->wide || (out->n & 0xFFFF) != end->count))
        return "whose directory holds another number of entries than it says";
    return NULL;
}

bool zip_directory_ends(int fd, uint64_t size_bytes)
{
    struct end end;

    return read_end(fd, size_bytes, &end) != without_end;
}

void zip_directory_read(int fd, uint64_t size_bytes, struct zip_directory *out)
{
    struct end end;
    uint64_t base = 0;

    *out = (struct zip_directory){.offset = size_bytes, .end = size_bytes};
    out->fault = read_end(fd, size_bytes, &end);
    if (!out->fault)
        out->fault = read_text(fd, &end, out, &base);
    if (out->fault) {
        out->offset = size_bytes;
        return;
    }
    out->end = out->offset;
    out->fault = parse(out, &end, base);
    if (out->n > 1)
        qsort(out->entries, out->n, sizeof *out->entries, compare_places);
}

void zip_directory_deinit(struct zip_directory *d)
{
    buffer_deinit(&d->text);
    mem_free(d->entries);
}
