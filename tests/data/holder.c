#include "tests/data/holder.h"

#include <stdlib.h>
#include <zlib.h>

enum { FLAG_ENCRYPTED = 1, FLAG_DESCRIPTOR = 8, BLOCK_BYTES = 512 };

void holder_deinit(struct holder *h)
{
    buffer_deinit(&h->out);
    buffer_deinit(&h->directory);
    *h = (struct holder){0};
}

static void put(struct buffer *b, uint64_t value, unsigned bytes)
{
    for (; bytes > 0; bytes--, value >>= 8)
        buffer_add_char(b, (char)(value & 0xFF));
}

void holder_deflate(struct buffer *out, struct bytes text, bool raw)
{
    z_stream z = {0};
    union {
        const char *text;
        unsigned char *next;
    } in = {text.ptr};

    if (deflateInit2(&z, 6, Z_DEFLATED, raw ? -15 : 31, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    z.next_in = in.next;
    z.avail_in = (unsigned)text.len;
    z.avail_out = (unsigned)deflateBound(&z, text.len) + 64;
    z.next_out = (unsigned char *)buffer_room(out, z.avail_out);
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        abort();
    out->len += z.total_out;
    (void)deflateEnd(&z);
}

/* What the header of an entry and its row in the directory share. */
struct entry {
    unsigned flags, method, how;
    uint32_t crc;
    uint64_t packed, bytes, offset;
    const char *name;
};

static void put_common(struct buffer *b, const struct entry *e, bool known)
{
    bool wide = e->how & HOLDER_WIDE;

    put(b, wide ? 45 : 20, 2);
    put(b, e->flags, 2);
    put(b, e->method, 2);
    put(b, 0x21, 4);
    put(b, known ? e->crc : 0, 4);
    put(b, wide ? 0xFFFFFFFF : known ? e->packed : 0, 4);
    put(b, wide ? 0xFFFFFFFF : known ? e->bytes : 0, 4);
    put(b, strlen(e->name), 2);
}

void holder_zip_add(struct holder *h, const char *name, struct bytes text, unsigned method,
                    unsigned how)
{
    struct buffer packed = {0};
    bool wide = how & HOLDER_WIDE, streamed = how & HOLDER_STREAMED;
    struct entry e = {
        .flags =
            (how & HOLDER_ENCRYPTED ? FLAG_ENCRYPTED : 0) | (streamed ? FLAG_DESCRIPTOR : 0),
        .method = method,
        .how = how,
        .crc = (uint32_t)crc32(0, (const unsigned char *)text.ptr, (unsigned)text.len),
        .bytes = text.len,
        .offset = h->out.len,
        .name = name,
    };

    if (method == HOLDER_DEFLATED)
        holder_deflate(&packed, text, true);
    else
        buffer_add(&packed, text);
    e.packed = packed.len;
    buffer_add_text(&h->out, "PK\x03\x04");
    put_common(&h->out, &e, !streamed);
    put(&h->out, wide ? 20 : 4, 2);
    buffer_add_text(&h->out, name);
    put(&h->out, wide ? 1 : 0x7878, 2);
    put(&h->out, wide ? 16 : 0, 2);
    if (wide) {
        put(&h->out, streamed ? 0 : e.bytes, 8);
        put(&h->out, streamed ? 0 : e.packed, 8);
    }
    buffer_add(&h->out, buffer_bytes(&packed));
    if (streamed) {
        if (!(how & HOLDER_BARE))
            buffer_add_text(&h->out, "PK\x07\x08");
        put(&h->out, e.crc, 4);
        put(&h->out, e.packed, wide ? 8 : 4);
        put(&h->out, e.bytes, wide ? 8 : 4);
    }
    buffer_add_text(&h->directory, "PK\x01\x02");
    put(&h->directory, 20, 2);
    put_common(&h->directory, &e, true);
    put(&h->directory, wide ? 28 : 0, 2);
    put(&h->directory, 0, 10);
    put(&h->directory, wide ? 0xFFFFFFFF : e.offset, 4);
    buffer_add_text(&h->directory, name);
    if (wide) {
        put(&h->directory, 1, 2);
        put(&h->directory, 24, 2);
        put(&h->directory, e.bytes, 8);
        put(&h->directory, e.packed, 8);
        put(&h->directory, e.offset, 8);
    }
    buffer_deinit(&packed);
    h->n++;
}

void holder_zip_end(struct holder *h, bool wide)
{
    uint64_t offset = h->out.len, end;

    buffer_add(&h->out, buffer_bytes(&h->directory));
    if (wide) {
        end = h->out.len;
        buffer_add_text(&h->out, "PK\x06\x06");
        put(&h->out, 44, 8);
        put(&h->out, 45, 2);
        put(&h->out, 45, 2);
        put(&h->out, 0, 8);
        put(&h->out, h->n, 8);
        put(&h->out, h->n, 8);
        put(&h->out, h->directory.len, 8);
        put(&h->out, offset, 8);
        buffer_add_text(&h->out, "PK\x06\x07");
        put(&h->out, 0, 4);
        put(&h->out, end, 8);
        put(&h->out, 1, 4);
    }
    buffer_add_text(&h->out, "PK\x05\x06");
    put(&h->out, 0, 4);
    put(&h->out, wide ? 0xFFFF : h->n, 2);
    put(&h->out, wide ? 0xFFFF : h->n, 2);
    put(&h->out, wide ? 0xFFFFFFFF : h->directory.len, 4);
    put(&h->out, wide ? 0xFFFFFFFF : offset, 4);
    put(&h->out, 7, 2);
    buffer_add_text(&h->out, "comment");
}

void holder_tar_add(struct holder *h, const char *name, struct bytes text, char type)
{
    char header[BLOCK_BYTES] = {0};
    size_t length = strlen(name);
    unsigned sum = 0;

    /* What does not fit stands in a header before, as GNU tar does it. */
    if (length > 100 && type != 'L')
        holder_tar_add(h, "././@LongLink", bytes_make(name, length + 1), 'L');
    memcpy(header, name, length < 100 ? length : 100);
    memcpy(header + 100,
           "0000644\0"
           "0000000\0"
           "0000000\0",
           24);
    for (size_t i = 0, left = text.len; i < 11; i++, left /= 8)
        header[124 + 10 - i] = (char)('0' + left % 8);
    memcpy(header + 136, "00000000000\0", 12);
    memset(header + 148, ' ', 8);
    header[156] = type;
    memcpy(header + 257, "ustar  \0", 8);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sum += (unsigned char)header[i];
    for (size_t i = 0; i < 6; i++, sum /= 8)
        header[148 + 5 - i] = (char)('0' + sum % 8);
    header[154] = '\0';
    buffer_add(&h->out, bytes_make(header, sizeof header));
    buffer_add(&h->out, text);
    while (h->out.len % BLOCK_BYTES)
        buffer_add_char(&h->out, '\0');
    h->n++;
}

void holder_tar_end(struct holder *h)
{
    for (unsigned i = 0; i < 2 * BLOCK_BYTES; i++)
        buffer_add_char(&h->out, '\0');
}
