#include "core/reading/lambda.h"

#include "core/reading/cursor.h"

enum {
    TIME_BYTES = 24,
    ID_MAX_BYTES = 64,
    OBJECT_TRIES =
        8, /* braces that may begin the object: each costs a reading of what follows */
};

static bool is_time(struct bytes text)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";

    for (size_t i = 0; i < TIME_BYTES; i++) {
        bool digit = i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9';

        if (i >= text.len || (form[i] == '0' ? !digit : text.ptr[i] != form[i]))
            return false;
    }
    return true;
}

/* START RequestId: … and its like, by the platform. */
static bool is_platform(struct bytes text)
{
    static const char *const headings[] = {
        "START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "RequestId: "};

    for (size_t i = 0; i < ARRAY_LEN(headings); i++)
        if (bytes_starts(text, headings[i]))
            return true;
    return false;
}

/* [INFO] and a tab, by the logger of Python. */
static bool is_level(struct bytes text)
{
    static const char *const levels[] = {"[DEBUG]\t",    "[INFO]\t",  "[WARNING]\t",
                                         "[CRITICAL]\t", "[ERROR]\t", "[WARN]\t"};

    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (bytes_starts(text, levels[i]))
            return true;
    return false;
}

bool lambda_begins(struct bytes text)
{
    return (is_time(text) && text.len > TIME_BYTES && text.ptr[TIME_BYTES] == '\t') ||
           is_level(text) || is_platform(text);
}

/* Takes what stands before the next tab. */
static struct bytes take_part(struct bytes *text)
{
    size_t tab = bytes_find(*text, bytes_of("\t"));
    struct bytes part = bytes_slice(*text, 0, tab);

    *text = bytes_slice(*text, tab < text->len ? tab + 1 : text->len, text->len);
    return part;
}

/* "undefined" stands there outside of requests. */
static bool is_id(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-'))
            return false;
    }
    return text.len > 0 && text.len <= ID_MAX_BYTES && !bytes_are(text, "undefined");
}

static struct bytes find_object(struct bytes text)
{
    for (unsigned i = 0; i < OBJECT_TRIES; i++) {
        size_t at = bytes_find(text, bytes_of("{"));
        struct bytes object;
        struct cursor c;

        if (at >= text.len)
            break;
        text = bytes_slice(text, at, text.len);
        cursor_init(&c, text, true);
        c.lenient_utf8 = true;
        if (cursor_skip(&c, &object))
            return object;
        text = bytes_slice(text, 1, text.len);
    }
    return (struct bytes){0};
}

static void read_platform(struct bytes text, struct lambda_line *out)
{
    static const char before[] = "RequestId: ";
    size_t at = bytes_find(text, bytes_of(before)) + strlen(before), end = at;

    while (end < text.len && !memchr(" \t\r\n", text.ptr[end], 4))
        end++;
    if (is_id(bytes_slice(text, at, end)))
        out->request_id = bytes_slice(text, at, end);
}

bool lambda_read(struct bytes text, struct lambda_line *out)
{
    struct bytes id;

    *out = (struct lambda_line){0};
    if (!lambda_begins(text))
        return false;
    if (is_platform(text)) {
        read_platform(text, out);
        return true;
    }
    if (is_level(text))
        (void)take_part(&text);
    if (!is_time(text))
        return false;
    out->time = bytes_slice(take_part(&text), 0, TIME_BYTES);
    id = take_part(&text);
    if (is_id(id))
        out->request_id = id;
    out->object = find_object(text);
    return true;
}

struct bytes lambda_json(struct bytes text)
{
    struct lambda_line line;

    return lambda_read(text, &line) && line.object.len > 0 ? line.object : text;
}
