#include "tui/headless/headless_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "tui/headless/output.h"
#include "tui/message.h"
#include "tui/prove.h"

/* The line of progress on a terminal, wiped at the end. */
struct meter {
    bool shown;
    uint64_t files;
};

enum { METER_STEP_FILES = 100, METER_COLS = 60 };

static void meter_show(void *context, struct proof_progress now)
{
    struct meter *m = context;

    if (!isatty(STDERR_FILENO) || now.files_done < m->files + METER_STEP_FILES)
        return;
    m->files = now.files_done;
    m->shown = true;
    fprintf(stderr, "\rverifying: %" PRIu64 " of %" PRIu64 "%s files, %" PRIu64 " MB ",
            now.files_done, now.files_found, now.listed ? "" : "+", now.bytes_done / 1000000);
    (void)fflush(stderr);
}

static void meter_wipe(const struct meter *m)
{
    if (m->shown)
        fprintf(stderr, "\r%*s\r", METER_COLS, "");
}

static bool run(struct session *s, const struct options *o)
{
    struct buffer message = {0};
    struct meter meter = {0};
    bool begun = prove_begin(s, o, &message);

    if (begun) {
        session_wait_for_proof(s, meter_show, &meter);
        meter_wipe(&meter);
    } else {
        message_print(buffer_bytes(&message));
    }
    buffer_deinit(&message);
    return begun;
}

static struct bytes kept_sha(struct arena *arena, const struct sha *sum)
{
    struct buffer text = {0};
    struct bytes kept;

    sha_add_hex(&text, sum);
    kept = arena_copy(arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return kept;
}

static struct writer_cell text_cell(struct bytes text)
{
    return (struct writer_cell){text.len ? WRITER_STRING : WRITER_MISSING, text};
}

static struct writer_cell time_cell(struct arena *arena, int64_t at_us)
{
    struct buffer text = {0};
    struct writer_cell cell = {WRITER_MISSING, {0}};

    if (at_us != INSTANT_NONE) {
        instant_add(&text, at_us, INSTANT_ISO, 0);
        cell = (struct writer_cell){WRITER_STRING, arena_copy(arena, buffer_bytes(&text))};
    }
    buffer_deinit(&text);
    return cell;
}

static struct writer_cell number_cell(struct arena *arena, uint64_t number)
{
    struct buffer text = {0};
    struct writer_cell cell = {.type = WRITER_NUMBER};

    buffer_printf(&text, "%" PRIu64, number);
    cell.text = arena_copy(arena, buffer_bytes(&text));
    buffer_deinit(&text);
    return cell;
}

/* Files whose times reading may have changed are told here too. */
static void warn_access_times(const struct proof *p)
{
    struct ledger_totals t;
    struct buffer line = {0};

    archive_totals(proof_archive(p), &t);
    if (t.atime_touched > 0) {
        buffer_printf(&line,
                      "reading may have changed the access times of %" PRIu64
                      " files: O_NOATIME is refused for files of another owner; mount the "
                      "evidence read-only or noatime",
                      t.atime_touched);
        message_print(buffer_bytes(&line));
    }
    buffer_deinit(&line);
}

static bool nothing_was_read(const struct proof *p)
{
    for (size_t i = 0; i < proof_count(p); i++)
        if (proof_exhibit(p, i)->opened)
            return false;
    return true;
}

static void write_sentences(const struct proof *p, const struct options *o)
{
    FILE *out = o->format == WRITER_TEXT ? stdout : stderr;

    for (size_t i = 0; i < proof_sentences(p); i++) {
        struct bytes sentence = proof_sentence(p, i);

        fprintf(out, "%.*s\n", (int)sentence.len, sentence.ptr);
    }
}

int headless_verify(struct session *s, const struct options *o)
{
    enum { STATUS, PROOF, KIND, FILE_NAME, FROM, TO, DETAIL, DIGEST, SHA, COLUMNS };
    static const char *const names[COLUMNS] = {"status", "proof",  "kind",   "file",  "from",
                                               "to",     "detail", "digest", "sha256"};
    struct bytes columns[COLUMNS];
    struct writer_cell cells[COLUMNS];
    struct arena arena = {0};
    const struct rulings *v;
    const struct proof *p;
    struct output out;

    if (!run(s, o))
        return 2;
    p = session_proof(s);
    v = proof_rulings(p);
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = bytes_of(names[i]);
    output_open(&out, o, columns, COLUMNS);
    for (size_t i = 0; i < v->n; i++) {
        const struct ruling *row = &v->rows[i];
        bool is_gap = row->status == RULING_GAP;

        cells[STATUS] = text_cell(bytes_of(ruling_status_name(row->status)));
        cells[PROOF] = text_cell(bytes_of(ruling_level_name(row->level)));
        cells[KIND] = text_cell(bytes_of(is_gap ? "gap" : exhibit_kind_name(row->kind)));
        cells[FILE_NAME] = text_cell(row->name);
        cells[FROM] = time_cell(&arena, row->from_us);
        cells[TO] = time_cell(&arena, row->to_us);
        cells[DETAIL] = text_cell(row->detail);
        cells[DIGEST] = text_cell(row->digest);
        cells[SHA] = text_cell(row->exhibit && row->exhibit->opened
                                   ? kept_sha(&arena, &row->exhibit->content)
                                   : (struct bytes){0});
        writer_row(out.writer, cells);
        arena_deinit(&arena);
    }
    if (!output_close(&out, o))
        return 4;
    write_sentences(p, o);
    warn_access_times(p);
    if (nothing_was_read(p))
        return 3;
    return proof_holds(p) ? 0 : 1;
}

int headless_hashes(struct session *s, const struct options *o)
{
    enum { SHA, BYTES, CONTENT_SHA, CONTENT_BYTES, STATUS, FILE_NAME, PROBLEM, COLUMNS };
    static const char *const names[COLUMNS] = {
        "sha256", "bytes", "content_sha256", "content_bytes", "status", "file", "problem"};
    struct bytes columns[COLUMNS];
    struct writer_cell cells[COLUMNS];
    struct arena arena = {0};
    bool all_read = true;
    const struct proof *p;
    struct output out;

    if (!run(s, o))
        return 2;
    p = session_proof(s);
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = bytes_of(names[i]);
    output_open(&out, o, columns, COLUMNS);
    for (size_t i = 0; i < proof_count(p); i++) {
        const struct exhibit *e = proof_exhibit(p, i);
        const struct file *f = e->file;

        memset(cells, 0, sizeof cells);
        cells[STATUS] = text_cell(bytes_of(file_status_name((enum file_status)f->status)));
        cells[FILE_NAME] = text_cell(f->path);
        if (e->opened) {
            cells[SHA] = text_cell(kept_sha(&arena, &e->stored));
            cells[BYTES] = number_cell(&arena, e->stored_bytes);
            cells[CONTENT_SHA] = text_cell(kept_sha(&arena, &e->content));
            cells[CONTENT_BYTES] = number_cell(&arena, e->content_bytes);
        }
        if (f->n_problems)
            cells[PROBLEM] = text_cell(bytes_of(err_text(f->problems[0].code)));
        all_read &= f->status == FILE_READ;
        writer_row(out.writer, cells);
        arena_deinit(&arena);
    }
    if (!output_close(&out, o))
        return 4;
    warn_access_times(p);
    if (nothing_was_read(p))
        return 3;
    return all_read ? 0 : 1;
}
