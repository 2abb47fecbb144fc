#include "tui/headless/headless.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/query/placeholder.h"

#include "tui/headless/headless_coverage.h"
#include "tui/headless/output.h"
#include "tui/message.h"

int headless_status(struct session *s)
{
    struct ledger_totals totals;

    session_totals(s, &totals);
    if (totals.events == 0 && totals.read + totals.stopped == 0)
        return 3;
    return ledger_is_partial(&totals) ? 1 : 0;
}

/* Says on standard error what the counts do not cover. */
static void warn_partial(struct session *s)
{
    struct ledger_totals totals;
    struct buffer line = {0};

    session_totals(s, &totals);
    if (!ledger_is_partial(&totals))
        return;
    buffer_printf(&line,
                  "counts are lower bounds: %" PRIu64 " damaged, %" PRIu64
                  " skipped of %" PRIu64 " files, %" PRIu64
                  " records rejected (--files lists them)",
                  totals.damaged, totals.skipped, totals.files, totals.rejected);
    message_print(buffer_bytes(&line));
    buffer_deinit(&line);
}

/* What is left out by whoever made a file is no damage, and misleads as much. */
static void warn_lacking(struct session *s)
{
    struct ledger_totals totals;
    struct buffer line = {0};

    session_totals(s, &totals);
    if (totals.lacking == 0)
        return;
    buffer_printf(&line,
                  "%" PRIu64 " %s less than there was: pages, fields or ends of records are "
                  "not in them (--files says which)",
                  totals.lacking, totals.lacking == 1 ? "file holds" : "files hold");
    message_print(buffer_bytes(&line));
    buffer_deinit(&line);
}

/* Names every path of the command line of which nothing could be read. */
static void warn_unreadable(struct session *s, const struct options *o)
{
    struct archive *a = session_archive(s);
    struct buffer line = {0};

    for (size_t i = 0; i < archive_count(a); i++) {
        const struct file *f = archive_file(a, i);
        bool is_given = false;

        if (f->status != FILE_SKIPPED)
            continue;
        for (size_t path = 0; path < o->n_paths; path++)
            is_given |= bytes_are(f->path, o->paths[path]);
        if (!is_given)
            continue;
        buffer_clear(&line);
        buffer_add(&line, f->path);
        for (size_t p = 0; p < f->n_problems; p++) {
            buffer_printf(&line, ": %s", err_text(f->problems[p].code));
            if (f->problems[p].detail.len) {
                buffer_add_text(&line, ": ");
                buffer_add(&line, f->problems[p].detail);
            }
        }
        message_print(buffer_bytes(&line));
    }
    buffer_deinit(&line);
}

/* Copies are hidden; what only looks like a copy is not, and whoever counts should know. */
static void warn_conflicts(const struct index *index)
{
    struct buffer line = {0};

    if (index->n_conflicts == 0)
        return;
    buffer_printf(&line, "%" PRIu64 " %s an id with another content; all of them are counted",
                  index->n_conflicts,
                  index->n_conflicts == 1 ? "event shares" : "events share");
    message_print(buffer_bytes(&line));
    buffer_deinit(&line);
}

/* Evidence should be left as it was found; where it could not be, nobody may learn it late. */
static void warn_access_times(struct session *s)
{
    struct ledger_totals totals;
    struct buffer line = {0};

    session_totals(s, &totals);
    if (totals.atime_touched == 0)
        return;
    buffer_printf(&line,
                  "reading may have changed the access times of %" PRIu64
                  " %s: O_NOATIME is refused for files of another owner; mount the evidence "
                  "read-only or noatime",
                  totals.atime_touched, totals.atime_touched == 1 ? "file" : "files");
    message_print(buffer_bytes(&line));
    buffer_deinit(&line);
}

void headless_warn(struct session *s)
{
    warn_partial(s);
    warn_lacking(s);
    warn_conflicts(session_index(s));
    warn_access_times(s);
}

bool headless_wait(struct session *s, const struct options *o)
{
    session_wait(s);
    warn_unreadable(s, o);
    if (session_index(s) && headless_status(s) != 3)
        return true;
    warn_access_times(s);
    message_print(bytes_of("nothing readable was found (--files says why)"));
    return false;
}

enum { QUERY_FILE_MAX = 65536 };

/* Opens FILE of @FILE; `-` is standard input. A pipe with nobody at its other end would wait
 * for ever, so that by name only regular files are read. NULL, or what is wrong. */
static const char *open_query(const char *path, int *fd)
{
    struct stat st;

    *fd = STDIN_FILENO;
    if (strcmp(path, "-") == 0)
        return isatty(STDIN_FILENO) ? "standard input is the terminal, and no query" : NULL;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0)
        return "the file cannot be read";
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
        return NULL;
    close(*fd);
    *fd = -1;
    return "this is no regular file; @- reads standard input";
}

/* QUERY, or with @FILE the content of a file. NULL, or what is wrong. */
static const char *query_of(const struct options *o, struct buffer *out)
{
    const char *wrong;
    ssize_t got = 1;
    int fd;

    if (o->query[0] != '@') {
        buffer_add_text(out, o->query);
        return NULL;
    }
    for (size_t i = 0; i < o->n_paths; i++) {
        if (strcmp(o->query, "@-") == 0 && strcmp(o->paths[i], "-") == 0)
            return "standard input cannot be both query and log";
    }
    wrong = open_query(o->query + 1, &fd);
    while (!wrong && got > 0 && out->len <= QUERY_FILE_MAX) {
        got = read(fd, buffer_room(out, 4096), 4096);
        if (got > 0)
            out->len += (size_t)got;
        else if (got < 0)
            wrong = "the file cannot be read";
    }
    if (!wrong && out->len > QUERY_FILE_MAX)
        wrong = "a query of over 64 KiB is not read";
    if (fd > STDIN_FILENO)
        close(fd);
    return wrong;
}

/* Puts the values of --set into their places. NULL, or what is wrong. */
static const char *fill_query(const struct options *o, struct buffer *text)
{
    for (size_t i = 0; i < o->n_sets; i++) {
        const char *equal = strchr(o->sets[i], '=');
        struct bytes name = bytes_make(o->sets[i], (size_t)(equal - o->sets[i]));
        struct buffer filled = {0};
        bool same;

        placeholder_fill(&filled, buffer_bytes(text), name, bytes_of(equal + 1));
        same = bytes_equal(buffer_bytes(&filled), buffer_bytes(text));
        buffer_deinit(text);
        *text = filled;
        if (same)
            return "a name of --set is no placeholder of the query";
    }
    return NULL;
}

static void complain_file(const struct options *o, const char *wrong)
{
    struct buffer line = {0};

    buffer_printf(&line, "-q %s: %s", o->query, wrong);
    message_print(buffer_bytes(&line));
    buffer_deinit(&line);
}

static void complain_query(const struct query_error *error)
{
    struct buffer line = {0};

    buffer_printf(&line, "query, line %zu, column %zu: ", error->line, error->column);
    buffer_add(&line, buffer_bytes(&error->message));
    if (error->placeholder.len) {
        buffer_add_text(&line, ", or give it with --set '");
        buffer_add(&line, error->placeholder);
        buffer_add_text(&line, "=VALUE'");
    }
    message_print(buffer_bytes(&line));
    buffer_deinit(&line);
}

static bool write_table(const struct table *t, const struct options *o)
{
    struct writer_cell *cells = mem_array(t->n_columns, sizeof *cells);
    struct output out;

    output_open(&out, o, t->columns, t->n_columns);
    for (size_t row = 0; row < t->n_rows; row++) {
        for (size_t col = 0; col < t->n_columns; col++) {
            const struct cell *cell = &t->cells[row * t->n_columns + col];

            cells[col].type = cell->present ? WRITER_STRING : WRITER_MISSING;
            cells[col].text = cell->text;
        }
        writer_row(out.writer, cells);
    }
    mem_free(cells);
    return output_close(&out, o);
}

int headless_query(struct session *s, const struct options *o)
{
    struct query_error error = {0};
    struct buffer text = {0};
    struct query *query = NULL;
    struct query_options options;
    struct table *table = NULL;
    const char *wrong;
    int status = 2;

    wrong = query_of(o, &text);
    if (!wrong)
        wrong = fill_query(o, &text);
    if (wrong) {
        complain_file(o, wrong);
        goto out;
    }
    /* A query that is wrong is refused before the archive is read. */
    options = (struct query_options){
        .reads_lists = true, .now_us = INSTANT_NONE, .last_event_us = INSTANT_NONE};
    if (query_parse(buffer_bytes(&text), &options, &query, &error) != ERR_OK) {
        complain_query(&error);
        goto out;
    }
    if (!headless_wait(s, o)) {
        status = 3;
        goto out;
    }
    query_free(query);
    query = NULL;
    options = session_query_options(s);
    struct table_source source = session_source(s);

    if (query_parse(buffer_bytes(&text), &options, &query, &error) != ERR_OK ||
        table_run(query, &source, session_pool(s), o->all, &table, &error) != ERR_OK) {
        complain_query(&error);
        goto out;
    }
    for (size_t i = 0; i < table->n_notices; i++)
        message_print(table->notices[i]);
    headless_warn(s);
    status = headless_status(s);
    if (!write_table(table, o))
        status = 4;
out:
    table_free(table);
    query_free(query);
    query_error_deinit(&error);
    buffer_deinit(&text);
    return status;
}

static struct bytes kept_number(struct arena *arena, uint64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRIu64, number);

    return arena_copy(arena, bytes_make(text, (size_t)len));
}

static struct bytes kept_time(struct arena *arena, int64_t at_us)
{
    struct buffer text = {0};
    struct bytes kept;

    instant_add(&text, at_us, INSTANT_ISO, 0);
    kept = arena_copy(arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

/* In JSON a list of objects; in text and CSV sentences. */
static struct bytes kept_problems(struct arena *arena, const struct file *f, bool json)
{
    struct buffer text = {0};
    struct bytes kept;

    if (json)
        buffer_add_char(&text, '[');
    for (size_t i = 0; i < f->n_problems; i++) {
        const struct problem *p = &f->problems[i];
        struct buffer reason = {0};

        buffer_add_text(&reason, err_text(p->code));
        if (p->detail.len) {
            buffer_add_text(&reason, ": ");
            buffer_add(&reason, p->detail);
        }
        if (i)
            buffer_add_text(&text, json ? "," : "; ");
        if (json) {
            buffer_printf(&text,
                          "{\"offset\":%" PRIu64 ",\"of\":\"%s\",\"length\":%" PRIu64
                          ",\"reason\":",
                          p->offset, p->packed ? "file" : "unpacked text", p->length);
            writer_add_json(&text, buffer_bytes(&reason));
            buffer_printf(&text, ",\"kept\":%" PRIu64 "}", p->events_kept);
        } else {
            buffer_add(&text, buffer_bytes(&reason));
            buffer_printf(&text, " at byte %" PRIu64 "%s", p->offset,
                          p->packed ? " of the file" : "");
        }
        buffer_deinit(&reason);
    }
    if (json)
        buffer_add_char(&text, ']');
    kept = arena_copy(arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

static void number_cell(struct arena *arena, struct writer_cell *cell, uint64_t number)
{
    *cell = (struct writer_cell){WRITER_NUMBER, kept_number(arena, number)};
}

/* Nothing to say is a missing cell. */
static struct writer_cell text_cell(struct bytes text)
{
    return (struct writer_cell){text.len ? WRITER_STRING : WRITER_MISSING, text};
}

static void time_cell(struct arena *arena, struct writer_cell *cell, int64_t at_us)
{
    if (at_us == INSTANT_NONE)
        *cell = (struct writer_cell){WRITER_MISSING, {0}};
    else
        *cell = (struct writer_cell){WRITER_STRING, kept_time(arena, at_us)};
}

/* The formats of a file as their names. */
static struct bytes kept_formats(struct arena *arena, const struct file *f)
{
    struct buffer text = {0};
    struct bytes kept;

    for (unsigned i = 0; i < FORMAT_COUNT; i++) {
        if (!(f->formats & 1u << i))
            continue;
        if (text.len)
            buffer_add_char(&text, ',');
        buffer_add_text(&text, format_name((enum format)i));
    }
    kept = arena_copy(arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

enum files_column {
    COL_FILE,
    COL_STATUS,
    COL_FORMAT,
    COL_MEMBERS,
    COL_EVENTS,
    COL_REJECTED,
    COL_DUPLICATES,
    COL_BYTES,
    COL_FIRST,
    COL_LAST,
    COL_ACCOUNT,
    COL_REGION,
    COL_TRAIL,
    COL_DELIVERED,
    COL_PROBLEMS,
    FILES_COLUMNS
};

/* Duplicates stand in the index, files in the ledger: count them by file once. */
static uint64_t *duplicates_by_file(struct session *s)
{
    uint64_t *counts = mem_array(archive_count(session_archive(s)), sizeof *counts);
    const struct index *index = session_index(s);

    for (size_t chunk = 0; index && chunk < index->n_chunks; chunk++) {
        const struct chunk *c = store_chunk(session_store(s), chunk);

        for (size_t row = 0; index->duplicates[chunk] && row < c->n_rows; row++) {
            if (index_is_duplicate(index, row_make(chunk, row)))
                counts[column_get(&c->file, row)]++;
        }
    }
    return counts;
}

static void file_row(struct arena *arena, const struct file *f, uint64_t duplicates, bool json,
                     struct writer_cell *cells)
{
    cells[COL_FILE] = (struct writer_cell){WRITER_STRING, f->path};
    cells[COL_STATUS] = (struct writer_cell){
        WRITER_STRING, bytes_of(file_status_name((enum file_status)f->status))};
    cells[COL_FORMAT] = text_cell(kept_formats(arena, f));
    number_cell(arena, &cells[COL_MEMBERS], f->members);
    number_cell(arena, &cells[COL_EVENTS], f->events);
    number_cell(arena, &cells[COL_REJECTED], f->rejected);
    number_cell(arena, &cells[COL_DUPLICATES], duplicates);
    number_cell(arena, &cells[COL_BYTES], f->bytes);
    time_cell(arena, &cells[COL_FIRST], f->first_us);
    time_cell(arena, &cells[COL_LAST], f->last_us);
    cells[COL_ACCOUNT] = text_cell(f->facts.account);
    cells[COL_REGION] = text_cell(f->facts.region);
    cells[COL_TRAIL] = text_cell(f->facts.trail);
    time_cell(arena, &cells[COL_DELIVERED], f->facts.delivered_us);
    cells[COL_PROBLEMS] = text_cell(kept_problems(arena, f, json));
    if (json)
        cells[COL_PROBLEMS].type = WRITER_RAW;
}

/* The sums, behind the rows: in text on the same stream, beside data on standard error. */
static void totals_line(struct session *s, FILE *out)
{
    struct ledger_totals t;
    const struct index *index = session_index(s);

    session_totals(s, &t);
    fprintf(out,
            "%" PRIu64 " files = %" PRIu64 " read + %" PRIu64 " damaged + %" PRIu64
            " skipped + %" PRIu64 " not read\n"
            "%" PRIu64 " records = %" PRIu64 " events + %" PRIu64 " rejected; %" PRIu64
            " events are duplicates, %" PRIu64 " share an id with another content\n"
            "%" PRIu64 " bytes = %" PRIu64 " in records + %" PRIu64 " around them + %" PRIu64
            " in problems\n",
            t.files, t.read, t.damaged, t.skipped, t.stopped + t.waiting, t.events + t.rejected,
            t.events, t.rejected, index ? index->n_duplicates : 0,
            index ? index->n_conflicts : 0, t.bytes, t.record_bytes, t.wrapper_bytes,
            t.problem_bytes);
    if (t.updates || t.summaries)
        fprintf(out,
                "%" PRIu64 " events complete or mend earlier ones (addendum), of %" PRIu64
                " only the words around the record were left\n",
                t.updates, t.summaries);
}

int headless_files(struct session *s, const struct options *o)
{
    static const char *const names[FILES_COLUMNS] = {
        "file",  "status", "format",  "members", "events", "rejected",  "duplicates", "bytes",
        "first", "last",   "account", "region",  "trail",  "delivered", "problems"};
    bool json = o->format == WRITER_JSON || o->format == WRITER_JSONL;
    struct bytes columns[FILES_COLUMNS];
    struct writer_cell cells[FILES_COLUMNS];
    struct arena arena = {0};
    struct output out;
    uint64_t *duplicates;

    session_wait(s);
    duplicates = duplicates_by_file(s);
    for (size_t i = 0; i < FILES_COLUMNS; i++)
        columns[i] = bytes_of(names[i]);
    output_open(&out, o, columns, FILES_COLUMNS);
    for (size_t i = 0; i < archive_count(session_archive(s)); i++) {
        file_row(&arena, archive_file(session_archive(s), i), duplicates[i], json, cells);
        writer_row(out.writer, cells);
        /* The writer of text holds rows back and copies what it needs. */
        arena_deinit(&arena);
    }
    mem_free(duplicates);
    if (!output_close(&out, o))
        return 4;
    totals_line(s, o->format == WRITER_TEXT ? stdout : stderr);
    if (o->format == WRITER_TEXT)
        headless_coverage_tail(s, stdout);
    warn_access_times(s);
    return headless_status(s);
}
