#include "core/evidence/zip.h"

#include <unistd.h>

#include "core/evidence/spool.h"

enum {
    END_BYTES = 22, /* of the record at the end, without its comment */
    COMMENT_MAX_BYTES = 65535,
    ENTRY_BYTES = 46, /* in the directory, without names */
    HEADER_BYTES = 30,
    METHOD_STORED = 0,
    METHOD_DEFLATED = 8,
    FLAG_ENCRYPTED = 1,
};

static uint32_t number(const char *p, unsigned bytes)
{
    uint32_t n = 0;

    while (bytes-- > 0)
        n = n << 8 | (unsigned char)p[bytes];
    return n;
}

bool zip_is(struct bytes head)
{
    return bytes_starts(head, "PK\x03\x04") || bytes_starts(head, "PK\x05\x06");
}

/* The record at the end in `tail`; NULL when there is none. Its comment must reach to the very
 * end, so that its signature inside a comment is not taken for it. */
static const char *find_end(struct bytes tail)
{
    for (size_t at = tail.len < END_BYTES ? 0 : tail.len - END_BYTES + 1; at-- > 0;) {
        const char *p = tail.ptr + at;

        if (memcmp(p, "PK\x05\x06", 4) == 0 && at + END_BYTES + number(p + 20, 2) == tail.len)
            return p;
    }
    return NULL;
}

enum err zip_open(int fd, uint64_t size_bytes, struct zip *out, const char **why)
{
    struct buffer tail = {0};
    uint64_t reach = END_BYTES + COMMENT_MAX_BYTES, size, offset;
    const char *end = NULL;

    *out = (struct zip){.size_bytes = size_bytes};
    if (reach > size_bytes)
        reach = size_bytes;
    if (spool_read_at(fd, size_bytes - reach, buffer_room(&tail, (size_t)reach + 1),
                      (size_t)reach)) {
        tail.len = (size_t)reach;
        end = find_end(buffer_bytes(&tail));
    }
    size = end ? number(end + 12, 4) : 0;
    offset = end ? number(end + 16, 4) : 0;
    *why = NULL;
    if (!end)
        *why = "without its directory: cut short?";
    else if (number(end + 10, 2) == 0xFFFF || offset == 0xFFFFFFFF || size == 0xFFFFFFFF)
        *why = "in the ZIP64 form, which is not read";
    else if (number(end + 4, 2) != 0 || number(end + 8, 2) != number(end + 10, 2))
        *why = "one part of several";
    else if (size > ZIP_DIRECTORY_MAX_BYTES || offset + size > size_bytes)
        *why = "with a directory that lies outside of it";
    else if (!spool_read_at(fd, offset, buffer_room(&out->directory, (size_t)size + 1),
                            (size_t)size))
        *why = "whose directory cannot be read";
    if (!*why) {
        out->directory.len = (size_t)size;
        out->left = number(end + 10, 2);
    }
    buffer_deinit(&tail);
    return *why ? ERR_ZIP : ERR_OK;
}

void zip_deinit(struct zip *z)
{
    buffer_deinit(&z->directory);
}

enum err zip_next(struct zip *z, struct zip_entry *out, struct bytes *name, const char **why)
{
    const char *p = z->directory.ptr + z->at;
    size_t rest = z->directory.len - z->at, total;

    if (z->left == 0)
        return ERR_NOT_FOUND;
    *why = "with a directory that breaks off";
    if (rest < ENTRY_BYTES || memcmp(p, "PK\x01\x02", 4) != 0)
        return ERR_ZIP;
    total = ENTRY_BYTES + number(p + 28, 2) + number(p + 30, 2) + number(p + 32, 2);
    if (rest < total)
        return ERR_ZIP;
    *out = (struct zip_entry){
        .flags = (uint16_t)number(p + 8, 2),
        .method = (uint16_t)number(p + 10, 2),
        .crc = number(p + 16, 4),
        .packed_bytes = number(p + 20, 4),
        .bytes = number(p + 24, 4),
        .offset = number(p + 42, 4),
    };
    *name = bytes_make(p + ENTRY_BYTES, number(p + 28, 2));
    *why = "with an entry that lies outside of it";
    if (out->offset + HEADER_BYTES + out->packed_bytes > z->size_bytes)
        return ERR_ZIP;
    z->at += total;
    z->left--;
    return ERR_OK;
}

const char *zip_refusal(const struct zip_entry *e)
{
    if (e->flags & FLAG_ENCRYPTED)
        return "an encrypted entry of a ZIP archive";
    if (e->method != METHOD_STORED && e->method != METHOD_DEFLATED)
        return "an entry of a ZIP archive, compressed by another method than deflate";
    if (e->packed_bytes > ZIP_ENTRY_MAX_BYTES)
        return "an entry of a ZIP archive of more than 1 GiB";
    return NULL;
}

static void put_number(char *p, uint32_t n)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (char)(n >> 8 * i & 0xFF);
}

static bool fill(int from, int to, const struct zip_entry *e, uint64_t data, bool *sound)
{
    static const char head[] = "\x1F\x8B\x08\0\0\0\0\0\0\xFF";
    char trailer[8];
    uint32_t crc = 0;

    *sound = true;
    if (e->method == METHOD_STORED) {
        bool fine = spool_copy(to, from, data, e->packed_bytes, &crc);

        *sound = crc == e->crc && e->packed_bytes == e->bytes;
        return fine;
    }
    put_number(trailer, e->crc);
    put_number(trailer + 4, (uint32_t)e->bytes);
    return spool_write(to, head, sizeof head - 1) &&
           spool_copy(to, from, data, e->packed_bytes, &crc) &&
           spool_write(to, trailer, sizeof trailer);
}

int zip_extract(int fd, const struct zip_entry *e, bool *sound, const char **why)
{
    char header[HEADER_BYTES];
    uint64_t data;
    int to;

    *why = "the entry's header in the ZIP archive is damaged";
    if (!spool_read_at(fd, e->offset, header, sizeof header) ||
        memcmp(header, "PK\x03\x04", 4) != 0)
        return -1;
    data = e->offset + HEADER_BYTES + number(header + 26, 2) + number(header + 28, 2);
    *why = "no memory file for an entry of a ZIP archive";
    to = spool_new();
    if (to < 0)
        return -1;
    *why = "the entry is not whole in the ZIP archive";
    if (fill(fd, to, e, data, sound))
        return to;
    (void)close(to);
    return -1;
}
