#include "tui/panes/pane_files.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/draw.h"
#include "tui/panes/pane_events.h"
#include "tui/ui.h"

enum { LEFT = 2, DETAIL_ROWS = 7 };

struct files {
    struct view view;
    enum files_kind kind;
    uint32_t *rows; /* file ids, those with problems first, then by number */
    size_t count, cap;
    struct buffer scratch;
};

static struct files *of(struct view *v)
{
    return (struct files *)v;
}

static void free_files(struct view *v)
{
    struct files *f = of(v);

    mem_free(f->rows);
    buffer_deinit(&f->scratch);
    view_deinit(v);
    mem_free(f);
}

static struct file *file_at(const struct files *f, size_t row)
{
    return archive_file(session_archive(f->view.ui->session), f->rows[row]);
}

/* A file's own row belongs to its worker until it is done with it. */
static bool is_done(const struct file *f)
{
    int status = atomic_load_explicit(&f->status, memory_order_acquire);

    return status != FILE_WAITING && status != FILE_READING;
}

static bool has_problem(const struct file *f)
{
    int status = atomic_load_explicit(&f->status, memory_order_acquire);

    return is_done(f) && (status != FILE_READ || f->n_problems > 0 || f->rejected > 0);
}

/* Files that were found and have no row, for reading was stopped before their turn. While it
 * goes on their turn will come. */
static uint64_t count_not_begun(const struct files *f)
{
    struct archive *a = session_archive(f->view.ui->session);
    /* First: both only grow, and it never passes what was found. */
    uint64_t begun = archive_count(a);

    return session_is_reading(f->view.ui->session) ? 0 : archive_found(a) - begun;
}

/* What the list of problems shows: once reading has ended, files left waiting too. */
static bool is_listed(const struct files *f, const struct file *file)
{
    return has_problem(file) || (!is_done(file) && !session_is_reading(f->view.ui->session));
}

static void ask(struct view *v)
{
    struct files *f = of(v);
    struct archive *a = session_archive(v->ui->session);
    size_t count = archive_count(a);

    f->count = 0;
    mem_grow(&f->rows, &f->cap, count, sizeof *f->rows);
    for (int troubled = 1; troubled >= 0; troubled--) {
        for (size_t i = 0; i < count; i++) {
            struct file *file = archive_file(a, i);

            if (is_listed(f, file) == (troubled == 1) && (troubled || f->kind == FILES_ALL))
                f->rows[f->count++] = (uint32_t)i;
        }
    }
}

static void crumb(struct view *v, struct buffer *out)
{
    buffer_add_text(out, of(v)->kind == FILES_ALL ? "files" : "damaged and skipped files");
}

static void counts(struct view *v, struct buffer *out)
{
    struct ledger_totals t;

    session_totals(v->ui->session, &t);
    ui_add_count(v->ui, out, t.files, false);
    buffer_add_text(out, " files: ");
    ui_add_count(v->ui, out, t.read, false);
    buffer_add_text(out, " read, ");
    ui_add_count(v->ui, out, t.damaged, false);
    buffer_add_text(out, " damaged, ");
    ui_add_count(v->ui, out, t.skipped, false);
    buffer_add_text(out, " skipped");
    if (t.waiting + t.stopped) {
        buffer_add_text(out, ", ");
        ui_add_count(v->ui, out, t.waiting + t.stopped, false);
        buffer_add_text(out, " not read");
    }
}

static void status(struct view *v, struct buffer *out)
{
    struct ledger_totals t;

    session_totals(v->ui->session, &t);
    ui_add_count(v->ui, out, t.events, false);
    buffer_add_text(out, " events, ");
    ui_add_count(v->ui, out, t.rejected, false);
    buffer_add_text(out, " rejected");
    if (session_index(v->ui->session)) {
        buffer_add_text(out, ", ");
        ui_add_count(v->ui, out, session_index(v->ui->session)->n_duplicates, false);
        buffer_add_text(out, " duplicates");
    }
    if (t.updates) {
        buffer_add_text(out, ", ");
        ui_add_count(v->ui, out, t.updates, false);
        buffer_add_text(out, " updates");
    }
    if (t.atime_touched) {
        buffer_add_text(out, ", ");
        ui_add_count(v->ui, out, t.atime_touched, false);
        buffer_add_text(out, " access times not spared");
    }
    if (v->ui->canvas.cols >= 100) {
        buffer_add_text(out, "; ");
        ui_add_count(v->ui, out, t.bytes, false);
        buffer_add_text(out, " bytes = ");
        ui_add_count(v->ui, out, t.record_bytes, false);
        buffer_add_text(out, " in records + ");
        ui_add_count(v->ui, out, t.wrapper_bytes, false);
        buffer_add_text(out, " around them + ");
        ui_add_count(v->ui, out, t.problem_bytes, false);
        buffer_add_text(out, " in problems");
    }
}

static size_t count_rows(const struct view *v)
{
    return ((const struct files *)v)->count;
}

static void draw_row(struct files *f, struct canvas *c, unsigned row, size_t at)
{
    struct file *file = file_at(f, at);
    bool caret = at == f->view.caret, done = is_done(file);
    enum file_status state = (enum file_status)atomic_load(&file->status);
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    enum style warn = caret                                         ? STYLE_CARET
                      : state == FILE_DAMAGED                       ? STYLE_BAD
                      : state == FILE_SKIPPED || is_listed(f, file) ? STYLE_WARN
                                                                    : STYLE_PLAIN;
    unsigned col = LEFT;

    if (caret) {
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    }
    canvas_text(c, row, col, 8, warn, bytes_of(file_status_name(state)));
    canvas_printf(c, row, col + 9, 18, style, "%8" PRIu64 " %8" PRIu64,
                  atomic_load(&file->events), done ? file->rejected : 0);
    col += 28;
    if (done && file->n_problems) {
        canvas_text(c, row, col, 26, warn, bytes_of(err_text(file->problems[0].code)));
    } else if (done) {
        buffer_clear(&f->scratch);
        for (unsigned i = 0; i < FORMAT_COUNT; i++) {
            if (file->formats & 1u << i)
                buffer_printf(&f->scratch, "%s%s", f->scratch.len ? " " : "",
                              format_name((enum format)i));
        }
        canvas_text(c, row, col, 26, style, buffer_bytes(&f->scratch));
    }
    col += 27;
    draw_tail(c, row, col, c->cols > col + 1 ? c->cols - col - 1 : 1, style, file->path);
}

/* Words on one problem, safe to draw: what, where, what was kept. */
static void add_problem(struct files *f, const struct problem *p, bool ascii)
{
    buffer_clear(&f->scratch);
    buffer_add_text(&f->scratch, err_text(p->code));
    buffer_printf(&f->scratch, " at byte %" PRIu64 "%s", p->offset,
                  p->packed ? " of the file" : " of its text");
    if (p->length)
        buffer_printf(&f->scratch, ", %" PRIu64 " bytes", p->length);
    if (!p->packed)
        buffer_printf(&f->scratch, "; %" PRIu64 " %s kept before it", p->events_kept,
                      p->events_kept == 1 ? "event" : "events");
    if (p->detail.len) {
        buffer_add_text(&f->scratch, ": ");
        safe_add(&f->scratch, p->detail, SAFE_ALL_COLUMNS, ascii);
    }
}

/* Below the list: the whole path of the selected file and its problems. */
static void draw_detail(struct files *f, struct canvas *c, struct area area)
{
    struct file *file = file_at(f, f->view.caret);
    struct bytes path = file->path;
    unsigned row = area.row, end = area.row + area.rows;

    draw_rule(c, row);
    row++;
    while (path.len && row < end) {
        size_t len = path.len < c->cols - 2 ? path.len : c->cols - 2;

        canvas_put(c, row++, 1, c->cols - 2, STYLE_TITLE, bytes_slice(path, 0, len));
        path = bytes_slice(path, len, path.len);
    }
    if (!is_done(file))
        return;
    buffer_clear(&f->scratch);
    buffer_printf(&f->scratch,
                  "%" PRIu64 " bytes packed, %" PRIu64 " unpacked, %u gzip members",
                  file->packed_bytes, atomic_load(&file->bytes), file->members);
    if (file->first_us != INSTANT_NONE) {
        buffer_add_text(&f->scratch, "; events ");
        ui_add_time(f->view.ui, &f->scratch, file->first_us, INSTANT_TABLE);
        buffer_add_text(&f->scratch, " to ");
        ui_add_time(f->view.ui, &f->scratch, file->last_us, INSTANT_TABLE);
    }
    if (row < end)
        canvas_text(c, row++, 1, c->cols - 2, STYLE_PLAIN, buffer_bytes(&f->scratch));
    if (file->atime_touched && row < end)
        canvas_text(c, row++, 1, c->cols - 2, STYLE_WARN,
                    bytes_of("Reading may have changed its access time: O_NOATIME is refused, "
                             "the owner is another. Mount read-only or noatime."));
    for (size_t i = 0; i < file->n_problems && row < end; i++) {
        add_problem(f, &file->problems[i], c->ascii);
        row = draw_wrapped(c, row, end, STYLE_WARN, buffer_bytes(&f->scratch));
    }
}

/* Below the rows: the files that have none. */
static void draw_not_begun(struct files *f, struct canvas *c, unsigned row, uint64_t not_begun)
{
    struct archive *a = session_archive(f->view.ui->session);

    buffer_clear(&f->scratch);
    if (f->count)
        buffer_add_text(&f->scratch, "and ");
    ui_add_count(f->view.ui, &f->scratch, not_begun, false);
    buffer_add_text(&f->scratch, not_begun == 1 ? " file that was found but not begun"
                                                : " files that were found but not begun");
    if (!archive_is_listed(a))
        buffer_add_text(&f->scratch, "; more may stand in folders that were not listed");
    canvas_text(c, row, LEFT, c->cols - LEFT, STYLE_WARN, buffer_bytes(&f->scratch));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct files *f = of(v);
    struct area detail = area;
    uint64_t not_begun = count_not_begun(f);
    unsigned list_rows;

    ask(v);
    detail.rows = f->count ? DETAIL_ROWS : 0;
    list_rows = area.rows - detail.rows - 1 - (not_begun > 0);
    v->page_rows = list_rows;
    view_scroll(v);
    canvas_printf(c, area.row, LEFT, c->cols, STYLE_HEADING, "%-8s %8s %8s  %-26s %s", "STATUS",
                  "EVENTS", "REJECTED", f->kind == FILES_ALL ? "FORMAT OR PROBLEM" : "PROBLEM",
                  "FILE");
    if (f->count == 0 && not_begun) {
        draw_not_begun(f, c, area.row + 2, not_begun);
        return;
    }
    if (f->count == 0) {
        canvas_text(c, area.row + 2, LEFT, c->cols, STYLE_PLAIN,
                    bytes_of(session_is_loading(v->ui->session)
                                 ? "No damaged or skipped file so far."
                                 : "Every file was read whole; nothing was rejected."));
        return;
    }
    for (size_t i = v->top; i < f->count && i - v->top < v->page_rows; i++)
        draw_row(f, c, area.row + 1 + (unsigned)(i - v->top), i);
    if (not_begun)
        draw_not_begun(f, c, area.row + 1 + list_rows, not_begun);
    detail.row = area.row + 1 + list_rows + (not_begun > 0);
    draw_detail(f, c, detail);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    struct files *f = of(v);

    if (v->caret >= f->count || (field && *field != FIELD_FILE))
        return false;
    *out = (struct pick){.has_field = true,
                         .field = FIELD_FILE,
                         .state = VALUE_TEXT,
                         .text = file_at(f, v->caret)->path};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    struct files *f = of(v);
    struct file *file = file_at(f, row);

    buffer_add_text(out, file_status_name((enum file_status)atomic_load(&file->status)));
    buffer_add_char(out, ' ');
    buffer_add(out, file->path);
    for (size_t i = 0; is_done(file) && i < file->n_problems; i++) {
        buffer_add_char(out, ' ');
        buffer_add_text(out, err_text(file->problems[i].code));
        buffer_add_char(out, ' ');
        buffer_add(out, file->problems[i].detail);
    }
}

/* The events that were kept of the file. */
static unsigned open_file(struct view *v)
{
    struct files *f = of(v);
    unsigned reactions;

    if (v->caret >= f->count)
        return REACT_NONE;
    if (atomic_load(&file_at(f, v->caret)->events) == 0) {
        ui_say(v->ui, STYLE_PLAIN, "No event was read from this file.");
        return REACT_REDRAW;
    }
    buffer_clear(&f->scratch);
    query_write_term(&f->scratch, FIELD_FILE, VALUE_TEXT, file_at(f, v->caret)->path, false);
    reactions = events_with(v->ui, NULL, buffer_bytes(&f->scratch));
    return reactions;
}

static const struct view_ops problems_ops = {
    .name = "list of damaged and skipped files",
    .context = CONTEXT_PROBLEMS,
    .unfiltered = true,
    .free = free_files,
    .ask = ask,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_file,
};

static const struct view_ops files_ops = {
    .name = "list of files",
    .context = CONTEXT_FILES,
    .unfiltered = true,
    .free = free_files,
    .ask = ask,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_file,
};

struct view *files_new(struct ui *ui, struct filters *filters, enum files_kind kind)
{
    struct files *f = mem_alloc(sizeof *f);

    view_init(&f->view, kind == FILES_ALL ? &files_ops : &problems_ops, ui, filters);
    f->kind = kind;
    return &f->view;
}
