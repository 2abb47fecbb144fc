#include "core/index/content.h"

#include "core/base/hash.h"
#include "core/base/span.h"

/* Writers put white space everywhere or nowhere: behind the brace, around the first colon, or
 * before the last brace it shows. */
static bool is_compact(struct bytes record)
{
    const char *end = record.ptr + record.len, *quote;

    if (record.len < 4 || record.ptr[0] != '{' || record.ptr[1] != '"' ||
        span_is_space(end[-2]))
        return false;
    quote = memchr(record.ptr + 2, '"', record.len - 2);
    return quote && end - quote > 2 && quote[1] == ':' && !span_is_space(quote[2]);
}

/* Behind the string that begins at `at`, or `end`. */
static const char *string_end(const char *at, const char *end)
{
    at++;
    while ((at = span_plain(at, end)) < end) {
        if (*at == '"')
            return at + 1;
        at += *at == '\\' && end - at > 1 ? 2 : 1;
    }
    return end;
}

static void squeeze(struct bytes record, struct buffer *out)
{
    const char *at = record.ptr, *end = at + record.len;

    buffer_clear(out);
    while (at < end) {
        const char *from = at;

        while (at < end && !span_is_space(*at))
            at = *at == '"' ? string_end(at, end) : at + 1;
        buffer_add(out, bytes_make(from, (size_t)(at - from)));
        at = span_space(at, end);
    }
}

uint32_t content_hash(struct bytes record, struct buffer *scratch)
{
    if (!is_compact(record)) {
        squeeze(record, scratch);
        record = buffer_bytes(scratch);
    }
    return (uint32_t)hash_bytes(record);
}
