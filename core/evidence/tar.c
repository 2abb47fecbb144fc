#include "core/evidence/tar.h"

#include "core/evidence/spool.h"

enum { BLOCK_BYTES = 512, LONG_MAX_BYTES = 64 * 1024 };

/* The walk through one archive. */
struct walk {
    int fd;
    uint64_t size;
    struct file *f;
    struct parcels *out;
    struct buffer name; /* for the next entry, from a header of its own; empty for none */
    uint64_t wide_size; /* the same of its size; UINT64_MAX for none */
    bool full;          /* PARCELS_MAX are listed */
};

/* Octal text, or a big-endian number behind a set first bit. UINT64_MAX when it is neither. */
static uint64_t number(const char *p, size_t len)
{
    uint64_t n = 0;
    size_t i = 0;

    if ((unsigned char)p[0] & 0x80) {
        n = (unsigned char)p[0] & 0x7F;
        for (i = 1; i < len; i++) {
            if (n >> 55)
                return UINT64_MAX;
            n = n << 8 | (unsigned char)p[i];
        }
        return n;
    }
    while (i < len && p[i] == ' ')
        i++;
    for (; i < len && p[i] >= '0' && p[i] <= '7'; i++)
        n = n << 3 | (uint64_t)(p[i] - '0');
    return i == len || p[i] == '\0' || p[i] == ' ' ? n : UINT64_MAX;
}

static struct bytes text(const char *p, size_t len)
{
    const char *end = memchr(p, '\0', len);

    return bytes_make(p, end ? (size_t)(end - p) : len);
}

static bool is_header(const char *p)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < BLOCK_BYTES; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)p[i];
    return p[0] != '\0' && number(p + 148, 8) == sum;
}

bool tar_is(struct bytes head)
{
    return head.len >= BLOCK_BYTES && is_header(head.ptr);
}

static bool is_zero(const char *p)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        if (p[i] != 0)
            return false;
    return true;
}

static void problem(struct walk *w, uint64_t offset, uint64_t length, const char *detail)
{
    file_problem(w->f, (struct problem){.code = ERR_ARCHIVE,
                                        .packed = true,
                                        .offset = offset,
                                        .length = length,
                                        .detail = bytes_of(detail)});
}

/* Records of a pax header: "LENGTH KEY=VALUE\n". */
static void read_pax(struct walk *w, struct bytes records)
{
    while (records.len > 0) {
        size_t space = bytes_find(records, bytes_of(" ")), equal;
        struct bytes record;
        uint64_t len, size;

        if (space == SIZE_MAX || !bytes_to_u64(bytes_slice(records, 0, space), &len) ||
            len < space + 2 || len > records.len)
            return;
        record = bytes_slice(records, space + 1, (size_t)len - 1);
        equal = bytes_find(record, bytes_of("="));
        if (bytes_starts(record, "path=") && record.len > strlen("path=")) {
            buffer_clear(&w->name);
            buffer_add(&w->name, bytes_slice(record, equal + 1, record.len));
        } else if (bytes_starts(record, "size=") &&
                   bytes_to_u64(bytes_slice(record, equal + 1, record.len), &size)) {
            w->wide_size = size;
        }
        records = bytes_slice(records, (size_t)len, records.len);
    }
}

/* A header that speaks of the next entry. */
static void read_about(struct walk *w, uint64_t data, uint64_t size, char type)
{
    struct buffer room = {0};

    if (size > 0 && size <= LONG_MAX_BYTES &&
        spool_read_at(w->fd, data, buffer_room(&room, (size_t)size), (size_t)size)) {
        room.len = (size_t)size;
        if (type == 'x') {
            read_pax(w, buffer_bytes(&room));
        } else {
            buffer_clear(&w->name);
            buffer_add(&w->name, text(room.ptr, room.len));
        }
    } else if (size > 0) {
        problem(w, data - BLOCK_BYTES, size, "a name that is too long or cut; not read");
    }
    buffer_deinit(&room);
}

/* NULL for a file, or why the entry is none. */
static const char *refusal(char type)
{
    switch (type) {
    case '\0':
    case '0':
    case '7':
        return NULL;
    case '1':
        return "a hard link in a tar archive, not followed";
    case '2':
        return "a symbolic link in a tar archive, not followed";
    case '3':
    case '4':
        return "a device in a tar archive";
    case '6':
        return "a FIFO in a tar archive";
    case 'S':
        return "a sparse file in a tar archive, which is not read: unpack the archive";
    default:
        return "an entry of unknown kind in a tar archive";
    }
}

static void add(struct walk *w, const char *header, uint64_t data, uint64_t size)
{
    struct parcel p = {.offset = data, .bytes = size, .packed_bytes = size, .unchecked = true};
    struct bytes name = text(header, 100), prefix = text(header + 345, 155);
    struct buffer path = {0};

    if (w->name.len > 0) {
        buffer_add(&path, buffer_bytes(&w->name));
    } else {
        if (memcmp(header + 257, "ustar\0", 6) == 0 && prefix.len > 0) {
            buffer_add(&path, prefix);
            buffer_add_char(&path, '/');
        }
        buffer_add(&path, name);
    }
    p.refusal = refusal(header[156]);
    if (size > w->size - data) {
        p.cut = true;
        p.packed_bytes = w->size - data;
        p.doubt = "it breaks off; what is there was read";
        problem(w, data, w->size - data, "cut short within an entry");
    }
    /* "./a" is what tar(1) makes of "tar c ." */
    name = buffer_bytes(&path);
    if (bytes_starts(name, "./"))
        name = bytes_slice(name, 2, name.len);
    /* V7 marks folders by their name alone. */
    if (header[156] != '5' && !bytes_ends(name, "/"))
        w->full |= !parcels_add(w->out, p, name);
    buffer_clear(&w->name);
    w->wide_size = UINT64_MAX;
    buffer_deinit(&path);
}

/* One header with its data. Returns where the next one stands. */
static uint64_t read_entry(struct walk *w, uint64_t at, const char *header)
{
    char type = header[156];
    uint64_t data = at + BLOCK_BYTES, size = number(header + 124, 12), blocks;
    bool about = type == 'x' || type == 'L';

    if (w->wide_size != UINT64_MAX && !about)
        size = w->wide_size;
    /* Links, folders and devices have no data, whatever their size says. */
    if (type >= '1' && type <= '6')
        size = 0;
    if (size == UINT64_MAX || size > INT64_MAX) {
        problem(w, at, BLOCK_BYTES, "a header without a usable size");
        return data;
    }
    if (about)
        read_about(w, data, size, type);
    else if (type != 'g' && type != 'K')
        add(w, header, data, size);
    blocks = (size + BLOCK_BYTES - 1) / BLOCK_BYTES;
    return blocks > (w->size - data) / BLOCK_BYTES ? w->size : data + blocks * BLOCK_BYTES;
}

void tar_list(int fd, uint64_t size_bytes, struct file *f, struct parcels *out)
{
    struct walk w = {.fd = fd, .size = size_bytes, .f = f, .out = out, .wide_size = UINT64_MAX};
    uint64_t at = 0, junk = UINT64_MAX, zeros = 0;
    char block[BLOCK_BYTES];

    while (!w.full && size_bytes - at >= BLOCK_BYTES &&
           spool_read_at(fd, at, block, sizeof block)) {
        bool header = is_header(block), zero = is_zero(block);

        if (junk != UINT64_MAX && (header || zero)) {
            problem(&w, junk, at - junk, "bytes that belong to no entry; not read");
            junk = UINT64_MAX;
        } else if (junk == UINT64_MAX && !header && !zero) {
            junk = at;
        }
        zeros += zero;
        at = header ? read_entry(&w, at, block) : at + BLOCK_BYTES;
    }
    if (junk != UINT64_MAX || at < size_bytes) {
        junk = junk < at ? junk : at;
        problem(&w, junk, size_bytes - junk, "bytes that belong to no entry; not read");
    }
    if (w.full)
        problem(&w, at, size_bytes - at,
                "more than 2,000,000 entries; the others are not read");
    else if (zeros == 0)
        problem(&w, size_bytes, 0, "without its end: cut short?");
    buffer_deinit(&w.name);
}
