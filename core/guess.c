#include "core/guess.h"

enum { TABLE_SEPARATORS = 2, LINE_MAX_BYTES = 4096 };

/* The first line that is not blank. */
static struct bytes first_line(struct bytes text)
{
    size_t start = 0, end;

    while (start < text.len && memchr(" \t\r\n", text.ptr[start], 4))
        start++;
    end = start;
    while (end < text.len && end - start < LINE_MAX_BYTES && text.ptr[end] != '\n')
        end++;
    return bytes_slice(text, start, end);
}

static size_t count(struct bytes text, char wanted)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == wanted;
    return n;
}

const char *guess_text(struct bytes head)
{
    struct bytes line = first_line(head);

    if (count(line, ',') >= (count(line, ' ') ? TABLE_SEPARATORS : 1))
        return "CSV table";
    if (count(line, '\t') >= TABLE_SEPARATORS)
        return "table with tabs";
    return "plain text";
}
