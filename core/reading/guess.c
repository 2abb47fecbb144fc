#include "core/reading/guess.h"

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

/* Headings of tables that are known: the columns in their order, as downloads have them.
 * Sources: "Download event history" in the CloudTrail console, "Export results" in CloudWatch
 * Logs Insights and "Download search results" in its log events view, as seen in 2023-2025. */
static const struct {
    const char *heading, *seems;
} HEADINGS[] = {
    {"User name,AWS access key,Event time,", "CSV table from the CloudTrail console"          },
    {"Event ID,Event time,",                 "CSV table from the CloudTrail console"          },
    {"@timestamp,@message",                  "CSV table of CloudWatch Logs Insights results"  },
    {"timestamp,message",                    "CSV table from the CloudWatch log events viewer"},
};

const char *guess_text(struct bytes head)
{
    struct bytes line = first_line(head);

    for (size_t i = 0; i < ARRAY_LEN(HEADINGS); i++)
        if (bytes_starts(line, HEADINGS[i].heading))
            return HEADINGS[i].seems;
    if (line.len && line.ptr[0] == '\0')
        return "NUL bytes";
    if (count(line, ',') >= (count(line, ' ') ? TABLE_SEPARATORS : 1))
        return "CSV table";
    if (count(line, '\t') >= TABLE_SEPARATORS)
        return "table with tabs";
    return "plain text";
}
