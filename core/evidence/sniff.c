#include "core/evidence/sniff.h"

#include "core/base/utf8.h"

struct magic {
    size_t offset;
    const char *bytes;
    size_t len;
    const char *name;
};

/* Signatures that no log text begins with. */
// clang-format off
static const struct magic magics[] = {
    {0, "PK\x03\x04", 4, "ZIP archive; unzip unpacks it"},
    {0, "PK\x05\x06", 4, "ZIP archive, empty"},
    {0, "PK\x07\x08", 4, "ZIP archive, split; zip -s 0 joins it"},
    {0, "\0\x05\x16\x07\0\x02\0\0", 8, "attributes of a file, as macOS saves them"},
    {0, "\0\0\0\x01" "Bud1", 8, "view of a folder, as macOS saves it"},
    {0, "\x28\xB5\x2F\xFD", 4, "Zstandard data; zstd -d unpacks it"},
    {0, "\x1F\x9D", 2, "compress (.Z) data; gunzip unpacks it"},
    {0, "\x1F\xA0", 2, "compress (LZH) data"},
    {0, "\xFD" "7zXZ\0", 6, "xz data; unxz unpacks it"},
    {0, "7z\xBC\xAF\x27\x1C", 6, "7-Zip archive; 7z x unpacks it"},
    {0, "\x04\x22\x4D\x18", 4, "LZ4 data; lz4 -d unpacks it"},
    {0, "\xFF\x06\0\0sNaPpY", 10, "Snappy data"},
    {0, "Obj\x01", 4, "Avro file"},
    {0, "PAR1", 4, "Parquet file"},
    {0, "SQLite format 3\0", 16, "SQLite database"},
    {0, "ElfFile\0", 8, "Windows event log"},
    {0, "\x7F" "ELF", 4, "ELF program"},
    {0, "\x89PNG", 4, "PNG image"},
    {0, "%PDF-", 5, "PDF document"},
    {0, "\xD4\xC3\xB2\xA1", 4, "packet capture"},
    {0, "\x0A\x0D\x0D\x0A", 4, "packet capture"},
    {0, "\xFF\xFE\0\0", 4, "UTF-32 text"},
    {0, "\0\0\xFE\xFF", 4, "UTF-32 text"},
    {0, "\xFF\xFE", 2, "UTF-16 text"},
    {0, "\xFE\xFF", 2, "UTF-16 text"},
    {257, "ustar", 5, "tar archive; tar xf unpacks it"},
};
// clang-format on

bool sniff_is_gzip(struct bytes head)
{
    /* A lone first byte is what a cut leaves: gzip that was truncated, not another format. */
    if (head.len == 1)
        return head.ptr[0] == '\x1F';
    return bytes_starts(head, "\x1F\x8B");
}

static bool is_control(uint32_t code)
{
    return (code < 0x20 && code != '\t' && code != '\n' && code != '\r' && code != 0x1B &&
            code != 0) ||
           code == 0x7F;
}

/* More than a quarter of control bytes and broken UTF-8. NUL does not count: files that lost
 * power begin with runs of it and may hold records behind. */
static bool is_binary(struct bytes head)
{
    size_t strange = 0;

    for (size_t i = 0; i < head.len;) {
        uint32_t code = (unsigned char)head.ptr[i];
        size_t step = 1;

        if (code >= 0x80)
            step = utf8_decode(bytes_slice(head, i, head.len), &code);
        /* The last sequence may only be cut by the end of what we see. */
        if (code == UTF8_INVALID)
            strange += head.len - i > 3 || head.len < SNIFF_BYTES;
        else if (is_control(code))
            strange++;
        i += step;
    }
    return strange * 4 > head.len;
}

/* Every second byte NUL: ASCII in 16 bits, saved without a mark. */
static const char *utf16_name(struct bytes head)
{
    size_t pairs = head.len / 2, low = 0, high = 0;

    for (size_t i = 0; i < pairs; i++) {
        bool first = head.ptr[2 * i] == 0, second = head.ptr[2 * i + 1] == 0;

        high += first && !second;
        low += second && !first;
    }
    if (pairs >= 2 && (low * 10 >= pairs * 9 || high * 10 >= pairs * 9))
        return "UTF-16 text";
    return NULL;
}

/* What a failed download leaves under the name of a log file. */
static bool is_markup(struct bytes head, struct buffer *name)
{
    struct bytes text = head;
    size_t from, to;

    if (bytes_starts(text, "\xEF\xBB\xBF"))
        text = bytes_slice(text, 3, text.len);
    while (text.len > 0 && memchr(" \t\r\n", text.ptr[0], 4))
        text = bytes_slice(text, 1, text.len);
    if (bytes_equal_nocase(bytes_slice(text, 0, 9), bytes_of("<!doctype")) ||
        bytes_equal_nocase(bytes_slice(text, 0, 5), bytes_of("<html"))) {
        buffer_add_text(name, "HTML page");
        return true;
    }
    if (!bytes_starts(text, "<?xml") && !bytes_starts(text, "<Error>"))
        return false;
    from = bytes_find(text, bytes_of("<Code>"));
    to = bytes_find(text, bytes_of("</Code>"));
    if (bytes_find(text, bytes_of("<Error>")) == SIZE_MAX || from == SIZE_MAX || to <= from) {
        buffer_add_text(name, "XML document");
        return true;
    }
    buffer_add_text(name, "XML error response, code ");
    buffer_add(name, bytes_slice(text, from + strlen("<Code>"), to));
    return true;
}

static const char *binary_name(struct bytes head)
{
    unsigned first = head.len > 0 ? (unsigned char)head.ptr[0] : 0;
    unsigned second = head.len > 1 ? (unsigned char)head.ptr[1] : 0;

    /* These begin with printable characters, so that only what follows tells them. */
    if ((first & 0x0F) == 8 && first >> 4 <= 7 && (first << 8 | second) % 31 == 0)
        return "zlib data without gzip header";
    if (bytes_starts(head, "ORC"))
        return "ORC file";
    if (bytes_starts(head, "MZ"))
        return "Windows program";
    return "binary data";
}

bool sniff_is_foreign(struct bytes head, struct buffer *name)
{
    const char *found = NULL;

    for (size_t i = 0; i < ARRAY_LEN(magics) && !found; i++) {
        const struct magic *m = &magics[i];

        if (head.len >= m->offset + m->len &&
            memcmp(head.ptr + m->offset, m->bytes, m->len) == 0)
            found = m->name;
    }
    if (!found && bytes_starts(head, "BZh") &&
        bytes_equal(bytes_slice(head, 4, 10), bytes_of("1AY&SY")))
        found = "bzip2 data; bunzip2 unpacks it";
    if (!found)
        found = utf16_name(head);
    if (!found && is_markup(head, name))
        return true;
    if (!found && is_binary(head))
        found = binary_name(head);
    if (!found)
        return false;
    buffer_add_text(name, found);
    return true;
}
