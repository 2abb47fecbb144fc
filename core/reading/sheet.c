#include "core/reading/sheet.h"

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/reading/csv.h"
#include "core/reading/cursor.h"
#include "core/reading/skeleton.h"

enum {
    HEADING_BYTES_MAX = 64 * 1024,
    COLUMNS_MAX = 1024,
    ACCOUNT_DIGITS = 12,
    MADE_BYTES = 24, /* at most, of a value that is written anew */
};

enum cell_kind {
    CELL_TEXT,
    CELL_JSON,    /* an object or array as its JSON text, else a text */
    CELL_BOOL,    /* true or false, whatever the case */
    CELL_MOMENT,  /* a time, as milliseconds since 1970 */
    CELL_ACCOUNT, /* twelve digits */
};

/* Headings that stand for another key. Case is ignored: databases fold it. */
static const struct {
    const char *heading, *path;
    enum cell_kind kind;
} COLUMNS[] = {
    {"User name",            "userIdentity.userName",    CELL_TEXT   },
    {"AWS access key",       "userIdentity.accessKeyId", CELL_TEXT   },
    {"Event time",           "eventTime",                CELL_TEXT   },
    {"Event source",         "eventSource",              CELL_TEXT   },
    {"Event name",           "eventName",                CELL_TEXT   },
    {"AWS region",           "awsRegion",                CELL_TEXT   },
    {"Source IP address",    "sourceIPAddress",          CELL_TEXT   },
    {"User agent",           "userAgent",                CELL_TEXT   },
    {"Error code",           "errorCode",                CELL_TEXT   },
    {"Resources",            "resources",                CELL_JSON   },
    {"Request ID",           "requestID",                CELL_TEXT   },
    {"Event ID",             "eventID",                  CELL_TEXT   },
    {"Read-only",            "readOnly",                 CELL_BOOL   },
    {"Event type",           "eventType",                CELL_TEXT   },
    {"Recipient Account Id", "recipientAccountId",       CELL_ACCOUNT},
    {"Event category",       "eventCategory",            CELL_TEXT   },
    {"eventVersion",         "eventVersion",             CELL_TEXT   },
    {"userIdentity",         "userIdentity",             CELL_JSON   },
    {"eventTime",            "eventTime",                CELL_TEXT   },
    {"eventSource",          "eventSource",              CELL_TEXT   },
    {"eventName",            "eventName",                CELL_TEXT   },
    {"awsRegion",            "awsRegion",                CELL_TEXT   },
    {"sourceIPAddress",      "sourceIPAddress",          CELL_TEXT   },
    {"userAgent",            "userAgent",                CELL_TEXT   },
    {"errorCode",            "errorCode",                CELL_TEXT   },
    {"errorMessage",         "errorMessage",             CELL_TEXT   },
    {"requestParameters",    "requestParameters",        CELL_JSON   },
    {"responseElements",     "responseElements",         CELL_JSON   },
    {"additionalEventData",  "additionalEventData",      CELL_JSON   },
    {"requestID",            "requestID",                CELL_TEXT   },
    {"eventID",              "eventID",                  CELL_TEXT   },
    {"readOnly",             "readOnly",                 CELL_BOOL   },
    {"eventType",            "eventType",                CELL_TEXT   },
    {"recipientAccountId",   "recipientAccountId",       CELL_ACCOUNT},
    {"sharedEventID",        "sharedEventID",            CELL_TEXT   },
    {"eventCategory",        "eventCategory",            CELL_TEXT   },
    {"managementEvent",      "managementEvent",          CELL_BOOL   },
    {"tlsDetails",           "tlsDetails",               CELL_JSON   },
    {"eventJson",            "eventJson",                CELL_TEXT   },
};

/* Headings by which a table is known: the first row of which both are there. */
static const struct {
    const char *one, *two, *name, *lacks;
} TABLES[] = {
    {"Event time",      "Event name",      "CSV table from the CloudTrail console",
     "request parameters, response and additional data of the events, and with them most "
     "subs, clients and pools"                                                                    },
    {"@message",        "@message",        "CSV table of CloudWatch Logs Insights results",   NULL},
    {"@timestamp",      "eventName",       "CSV table of CloudWatch Logs Insights results",
     "all that the query did not ask for"                                                         },
    {"timestamp",       "message",         "CSV table from the CloudWatch log events viewer", NULL},
    {"eventJson",       "eventJson",       "CSV table of CloudTrail Lake results",            NULL},
    {"eventTime",       "eventName",       "CSV table of CloudTrail records",
     "all columns of the log that were not asked for"                                             },
    {"CloudTrailEvent", "CloudTrailEvent", "CSV table of CloudTrail records",                 NULL},
    {"requestId",       "status",          "CSV table of API Gateway access logs",            NULL},
};

struct column {
    enum cell_kind kind;
    struct bytes heading; /* in the arena */
};

struct sheet {
    struct arena arena;
    struct skeleton skeleton;
    struct column *columns;
    size_t n_columns;
    size_t table; /* of TABLES */
    char separator;
    bool is_log; /* timestamp and message: an event of CloudWatch Logs */
};

static bool has_heading(const struct sheet *s, const char *wanted)
{
    for (size_t i = 0; i < s->n_columns; i++)
        if (bytes_equal_nocase(s->columns[i].heading, bytes_of(wanted)))
            return true;
    return false;
}

static bool know_table(struct sheet *s)
{
    for (size_t i = 0; i < ARRAY_LEN(TABLES); i++) {
        if (!has_heading(s, TABLES[i].one) || !has_heading(s, TABLES[i].two))
            continue;
        s->table = i;
        s->is_log = bytes_are(bytes_of(TABLES[i].two), "message");
        return true;
    }
    return false;
}

static void split_heading(struct sheet *s, struct bytes row)
{
    struct buffer text = {0};
    struct csv_cell cell;
    size_t cap = 0;

    s->n_columns = 0;
    while (s->n_columns < COLUMNS_MAX && csv_next(&row, s->separator, &cell)) {
        buffer_clear(&text);
        csv_decode(&cell, &text);
        mem_grow(&s->columns, &cap, s->n_columns + 1, sizeof *s->columns);
        s->columns[s->n_columns++] =
            (struct column){CELL_TEXT, arena_copy(&s->arena, buffer_bytes(&text))};
    }
    if (row.ptr)
        s->n_columns = 0; /* more than there can be */
    buffer_deinit(&text);
}

/* Lays down one hole for each column, in their order. */
static bool lay_columns(struct sheet *s)
{
    for (size_t i = 0; i < s->n_columns; i++) {
        struct column *column = &s->columns[i];
        struct bytes path = column->heading;

        if (s->is_log && bytes_equal_nocase(path, bytes_of("timestamp")))
            column->kind = CELL_MOMENT;
        /* The shape that Logs Insights gives an event. */
        if (column->kind == CELL_MOMENT)
            path = bytes_of("@timestamp");
        else if (s->is_log && bytes_equal_nocase(path, bytes_of("message")))
            path = bytes_of("@message");
        for (size_t j = 0; !s->is_log && j < ARRAY_LEN(COLUMNS); j++) {
            if (!bytes_equal_nocase(path, bytes_of(COLUMNS[j].heading)))
                continue;
            path = bytes_of(COLUMNS[j].path);
            column->kind = COLUMNS[j].kind;
            break;
        }
        if (!skeleton_add(&s->skeleton, &s->arena, path))
            return false;
    }
    return true;
}

struct sheet *sheet_new(struct bytes head, bool final, size_t *length)
{
    static const char separators[] = ",;\t";
    struct sheet *s = mem_alloc(sizeof *s);
    bool short_of = head.len > HEADING_BYTES_MAX;

    head = bytes_slice(head, 0, HEADING_BYTES_MAX);
    for (const char *at = separators; *at; at++) {
        s->separator = *at;
        if (csv_row(head, final && !short_of, *at, length) != CSV_ROW)
            continue;
        mem_free(s->columns);
        s->columns = NULL;
        split_heading(s, csv_trim(bytes_slice(head, 0, *length)));
        if (know_table(s) && lay_columns(s))
            return s;
    }
    sheet_free(s);
    return NULL;
}

void sheet_free(struct sheet *s)
{
    if (!s)
        return;
    mem_free(s->columns);
    arena_deinit(&s->arena);
    mem_free(s);
}

const char *sheet_name(const struct sheet *s)
{
    return TABLES[s->table].name;
}

const char *sheet_lacks(const struct sheet *s)
{
    return TABLES[s->table].lacks;
}

char sheet_separator(const struct sheet *s)
{
    return s->separator;
}

static bool are_digits(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

/* 5.28758E+11, as spreadsheets show long numbers; some write a comma in it. */
static bool is_rounded(struct bytes text)
{
    size_t digits = 0, letters = 0;

    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];

        if (byte >= '0' && byte <= '9')
            digits++;
        else if (byte == 'E' || byte == 'e')
            letters++;
        else if (byte != '.' && byte != ',' && byte != '+')
            return false;
    }
    return digits > 0 && letters == 1;
}

static bool is_json_container(struct bytes text)
{
    struct cursor c;

    if (text.len < 2 || (text.ptr[0] != '{' && text.ptr[0] != '['))
        return false;
    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    return cursor_skip(&c, NULL) && cursor_at_end(&c);
}

/* An account number may have lost digits in a spreadsheet: one that is not whole would be
 * another account. `room` has MADE_BYTES of room. */
static struct filling account_of(struct bytes text, struct buffer *room,
                                 struct sheet_mends *mends)
{
    size_t start = room->len;

    if (is_rounded(text)) {
        mends->lost_digits++;
        return (struct filling){.kind = FILLING_NONE};
    }
    if (are_digits(text) && text.len < ACCOUNT_DIGITS) {
        mends->lost_zeros++;
        for (size_t i = text.len; i < ACCOUNT_DIGITS; i++)
            buffer_add_char(room, '0');
        buffer_add(room, text);
        text = bytes_slice(buffer_bytes(room), start, room->len);
    }
    return (struct filling){FILLING_TEXT, text};
}

/* Nothing when it is no time. */
static struct filling moment_of(struct bytes text, struct buffer *room)
{
    size_t start = room->len;
    int64_t at_us;
    const char *unit;

    if (!instant_from_epoch(text, &at_us, &unit) && !instant_parse(text, &at_us))
        return (struct filling){.kind = FILLING_NONE};
    buffer_printf(room, "%lld", (long long)(at_us / 1000));
    return (struct filling){FILLING_SOURCE, bytes_slice(buffer_bytes(room), start, room->len)};
}

static struct filling filling_of(enum cell_kind kind, const struct csv_cell *cell,
                                 struct bytes text, struct buffer *room,
                                 struct sheet_mends *mends)
{
    struct filling f = {FILLING_TEXT, text};

    if (text.len == 0 && !cell->quoted)
        return (struct filling){.kind = FILLING_NONE};
    switch (kind) {
    case CELL_TEXT:
        break;
    case CELL_JSON:
        if (is_json_container(text))
            f.kind = FILLING_SOURCE;
        break;
    case CELL_BOOL:
        if (bytes_equal_nocase(text, bytes_of("true")))
            f = (struct filling){FILLING_SOURCE, bytes_of("true")};
        else if (bytes_equal_nocase(text, bytes_of("false")))
            f = (struct filling){FILLING_SOURCE, bytes_of("false")};
        break;
    case CELL_MOMENT:
        return moment_of(text, room);
    case CELL_ACCOUNT:
        return account_of(text, room, mends);
    }
    return f;
}

static size_t count_cells(struct bytes row, char separator)
{
    struct csv_cell cell;
    size_t n = 0;

    while (csv_next(&row, separator, &cell))
        n++;
    return n;
}

bool sheet_render(const struct sheet *s, struct bytes row, struct buffer *out,
                  struct sheet_mends *mends, const char **why)
{
    struct sheet_mends ignored = {0};
    struct filling *fillings;
    struct buffer text = {0}; /* of cells: room for all is made first, so it never moves */
    struct csv_cell cell;
    bool timeless = false;
    size_t n;

    row = csv_trim(row);
    n = count_cells(row, s->separator);
    if (n != s->n_columns) {
        *why = n < s->n_columns ? "a row with fewer cells than the heading"
                                : "a row with more cells than the heading";
        return false;
    }
    fillings = mem_array(s->skeleton.n_holes, sizeof *fillings);
    (void)buffer_room(&text, row.len + n * MADE_BYTES + 1);
    for (size_t i = 0; csv_next(&row, s->separator, &cell); i++) {
        struct bytes value = cell.raw;
        size_t start = text.len;

        if (cell.doubled) {
            csv_decode(&cell, &text);
            value = bytes_slice(buffer_bytes(&text), start, text.len);
        }
        fillings[i] =
            filling_of(s->columns[i].kind, &cell, value, &text, mends ? mends : &ignored);
        if (s->columns[i].kind == CELL_MOMENT && fillings[i].kind == FILLING_NONE)
            timeless = true;
    }
    if (timeless)
        *why = "a row without a time";
    else
        skeleton_write(&s->skeleton, fillings, out);
    buffer_deinit(&text);
    mem_free(fillings);
    return !timeless;
}

bool sheet_is_heading(const struct sheet *s, struct bytes row)
{
    struct csv_cell cell;
    size_t n = 0;

    row = csv_trim(row);
    while (csv_next(&row, s->separator, &cell)) {
        if (n == s->n_columns || !bytes_equal(cell.raw, s->columns[n].heading))
            return false;
        n++;
    }
    return n == s->n_columns;
}
