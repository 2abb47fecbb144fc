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

/* What first lines begin with. Sources: "Exporting log data to Amazon S3" of CloudWatch Logs;
 * VPC flow log records, default format and its heading; CloudFront standard logs; "Access log
 * entries" of load balancers (2026). */
static const struct {
    const char *beginning, *seems;
} BEGINNINGS[] = {
    {"Permission Check Successful",   "the write test of a CloudWatch Logs export task"},
    {"version account-id interface-", "a VPC flow log"                                 },
    {"2 unknown eni-",                "a VPC flow log"                                 },
    {"#Version: 1.0",                 "a CloudFront access log"                        },
};

/* A run of hexadecimal digits as long as an owner's id, and a blank: S3 server access logs. */
static bool is_owner_id(struct bytes line)
{
    enum { OWNER_DIGITS = 64 };

    for (size_t i = 0; i < OWNER_DIGITS && i < line.len; i++)
        if (!memchr("0123456789abcdef", line.ptr[i], 16))
            return false;
    return line.len > OWNER_DIGITS && line.ptr[OWNER_DIGITS] == ' ';
}

/* 2 111122223333 eni-… */
static bool is_flow(struct bytes line)
{
    uint64_t account;

    return bytes_starts(line, "2 ") && bytes_to_u64(bytes_slice(line, 2, 14), &account) &&
           bytes_starts(bytes_slice(line, 14, line.len), " eni-");
}

/* http 2026-11-18T09:26:41.186641Z app/name/… */
static bool is_load_balancer(struct bytes line)
{
    static const char *const kinds[] = {"http ", "https ", "h2 ", "ws ", "wss ", "tls "};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (bytes_starts(line, kinds[i]) && (bytes_find(line, bytes_of("Z app/")) != SIZE_MAX ||
                                             bytes_find(line, bytes_of(" net/")) != SIZE_MAX))
            return true;
    return false;
}

const char *guess_text(struct bytes head)
{
    struct bytes line = first_line(head);

    for (size_t i = 0; i < ARRAY_LEN(BEGINNINGS); i++)
        if (bytes_starts(line, BEGINNINGS[i].beginning))
            return BEGINNINGS[i].seems;
    if (is_owner_id(line))
        return "an S3 server access log";
    if (is_flow(line))
        return "a VPC flow log";
    if (is_load_balancer(line))
        return "an access log of a load balancer";
    if (line.len && line.ptr[0] == '\0')
        return "NUL bytes";
    if (count(line, ',') >= (count(line, ' ') ? TABLE_SEPARATORS : 1))
        return "CSV table";
    if (count(line, '\t') >= TABLE_SEPARATORS)
        return "table with tabs";
    return "plain text";
}
