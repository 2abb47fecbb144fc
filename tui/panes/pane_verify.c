#include "tui/panes/pane_verify.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "tui/draw.h"
#include "tui/panes/pane_events.h"
#include "tui/prove.h"
#include "tui/ui.h"

enum { LEFT = 2, DETAIL_ROWS = 7, STATUS_COLS = 10, PROOF_COLS = 10, KIND_COLS = 9 };

struct verify {
    struct view view;
    struct buffer wanted; /* the path that the caret goes to */
    struct buffer scratch;
};

static struct verify *of(struct view *v)
{
    return (struct verify *)v;
}

static void free_verify(struct view *v)
{
    struct verify *y = of(v);

    buffer_deinit(&y->wanted);
    buffer_deinit(&y->scratch);
    view_deinit(v);
    mem_free(y);
}

/* NULL while it runs. */
static const struct proof *ended(const struct view *v)
{
    const struct proof *p = session_proof(v->ui->session);

    return p && proof_is_finished(p) ? p : NULL;
}

static size_t count_rows(const struct view *v)
{
    const struct proof *p = ended(v);

    return p ? proof_rulings(p)->n : 0;
}

static const struct ruling *row_at(const struct view *v, size_t row)
{
    return &proof_rulings(ended(v))->rows[row];
}

/* Keys wait for the end, as for an answer. */
static bool ready(const struct view *v)
{
    return !session_is_proving(v->ui->session);
}

static void crumb(struct view *v, struct buffer *out)
{
    (void)v;
    buffer_add_text(out, "verification");
}

static void counts(struct view *v, struct buffer *out)
{
    const struct proof *p = ended(v);
    struct proof_progress now;

    if (!session_proof(v->ui->session))
        return;
    if (!p) {
        now = proof_progress(session_proof(v->ui->session));
        ui_add_count(v->ui, out, now.files_done, false);
        buffer_add_text(out, " of ");
        ui_add_count(v->ui, out, now.files_found, !now.listed);
        buffer_add_text(out, " files");
        return;
    }
    ui_add_count(v->ui, out, proof_totals(p)->logs, false);
    buffer_add_text(out, " log files, ");
    ui_add_count(v->ui, out, proof_totals(p)->digests, false);
    buffer_add_text(out, " digests");
}

static void status(struct view *v, struct buffer *out)
{
    buffer_add_text(out, ended(v) ? "Enter shows a file's events" : "hashing; Ctrl-C stops");
}

/* Where the wanted file stands, once there is a list. */
static void seek_wanted(struct verify *y)
{
    struct view *v = &y->view;

    if (!ended(v) || y->wanted.len == 0)
        return;
    for (size_t i = 0; i < count_rows(v); i++)
        if (bytes_equal(row_at(v, i)->name, buffer_bytes(&y->wanted))) {
            v->caret = i;
            break;
        }
    buffer_clear(&y->wanted);
}

static enum style style_of(const struct ruling *r)
{
    if (ruling_is_fault(r->status))
        return STYLE_BAD;
    if (r->status == RULING_UNCOVERED)
        return STYLE_WARN;
    return r->status == RULING_ASIDE ? STYLE_DIM : STYLE_PLAIN;
}

static const char *kind_of(const struct ruling *r)
{
    static const char *const kinds[] = {
        [EXHIBIT_OTHER] = "other", [EXHIBIT_LOG] = "log file",  [EXHIBIT_DIGEST] = "digest",
        [EXHIBIT_KEYS] = "keys",   [EXHIBIT_SEAL] = "metadata",
    };

    return r->status == RULING_GAP ? "" : kinds[r->kind];
}

static void draw_row(struct verify *y, struct canvas *c, unsigned row, size_t i)
{
    const struct ruling *r = row_at(&y->view, i);
    bool caret = i == y->view.caret;
    enum style style = caret ? STYLE_CARET : STYLE_PLAIN;
    unsigned col = LEFT;

    if (caret) {
        draw_caret_row(c, row, (struct area){.cols = c->cols});
    }
    canvas_text(c, row, col, STATUS_COLS - 1, caret ? style : style_of(r),
                bytes_of(ruling_status_name(r->status)));
    col += STATUS_COLS;
    canvas_text(c, row, col, PROOF_COLS - 1, style, bytes_of(ruling_level_name(r->level)));
    col += PROOF_COLS;
    canvas_text(c, row, col, KIND_COLS - 1, style, bytes_of(kind_of(r)));
    col += KIND_COLS;
    draw_tail(c, row, col, c->cols > col + 1 ? c->cols - col - 1 : 1, style, r->name);
}

/* Words before evidence, as one paragraph. */
static unsigned put_words(struct verify *y, struct canvas *c, unsigned row, unsigned end,
                          enum style style, const char *head, struct bytes text)
{
    buffer_clear(&y->scratch);
    buffer_add_text(&y->scratch, head);
    safe_add(&y->scratch, text, SAFE_ALL_COLUMNS, c->ascii);
    return draw_wrapped(c, row, end, style, buffer_bytes(&y->scratch));
}

static void draw_detail(struct verify *y, struct canvas *c, struct area area)
{
    const struct ruling *r = row_at(&y->view, y->view.caret);
    unsigned row = area.row + 1, end = area.row + area.rows;
    struct buffer line = {0};

    draw_rule(c, area.row);
    row = put_words(y, c, row, end, STYLE_TITLE, "", r->name);
    if (r->detail.len)
        row = put_words(y, c, row, end, style_of(r), "", r->detail);
    if (r->from_us != INSTANT_NONE) {
        buffer_add_text(&line, "from ");
        ui_add_time(y->view.ui, &line, r->from_us, INSTANT_TABLE);
        buffer_add_text(&line, " to ");
        ui_add_time(y->view.ui, &line, r->to_us, INSTANT_TABLE);
        row = put_words(y, c, row, end, STYLE_PLAIN, "", buffer_bytes(&line));
        buffer_clear(&line);
    }
    if (r->digest.len)
        row = put_words(y, c, row, end, STYLE_PLAIN, "by ", r->digest);
    if (r->exhibit && r->exhibit->opened) {
        sha_add_hex(&line, &r->exhibit->content);
        (void)put_words(y, c, row, end, STYLE_DIM, "SHA-256 ", buffer_bytes(&line));
    }
    buffer_deinit(&line);
}

/* What can be said, before the list. Returns the row behind it. */
static unsigned draw_sentences(struct verify *y, struct canvas *c, struct area area)
{
    const struct proof *p = ended(&y->view);
    unsigned row = area.row, end = area.row + area.rows;

    for (size_t i = 0; i < proof_sentences(p) && row < end; i++) {
        struct bytes sentence = proof_sentence(p, i);

        row = put_words(y, c, row, end,
                        bytes_starts(sentence, "NOT WHOLE") ? STYLE_BAD : STYLE_PLAIN, "",
                        sentence);
    }
    return row;
}

static void draw_running(struct verify *y, struct canvas *c, struct area area)
{
    struct proof *p = session_proof(y->view.ui->session);
    struct proof_progress now;

    if (!p || proof_is_finished(p)) {
        canvas_text(c, area.row + 1, LEFT, c->cols, STYLE_WARN,
                    bytes_of("No verification could be started."));
        return;
    }
    now = proof_progress(p);
    canvas_printf(c, area.row + 1, LEFT, c->cols, STYLE_PLAIN,
                  "Hashing: %" PRIu64 " of %" PRIu64 "%s files, %" PRIu64 " MB unpacked",
                  now.files_done, now.files_found, now.listed ? "" : "+",
                  now.bytes_done / 1000000);
    if (session_is_reading(y->view.ui->session))
        canvas_text(c, area.row + 3, LEFT, c->cols, STYLE_DIM,
                    bytes_of("It begins when all files were read."));
}

static void draw(struct view *v, struct canvas *c, struct area area)
{
    struct verify *y = of(v);
    struct area part = area;
    unsigned row;

    if (!ended(v)) {
        draw_running(y, c, area);
        return;
    }
    seek_wanted(y);
    part.rows = area.rows > DETAIL_ROWS + 6 ? (area.rows - DETAIL_ROWS) / 2 : area.rows / 2;
    row = draw_sentences(y, c, part);
    canvas_printf(c, row, LEFT, c->cols, STYLE_HEADING, "%-*s%-*s%-*s%s", STATUS_COLS, "STATUS",
                  PROOF_COLS, "PROOF", KIND_COLS, "KIND", "FILE");
    row++;
    part = (struct area){
        .row = area.row + area.rows - DETAIL_ROWS, .rows = DETAIL_ROWS, .cols = area.cols};
    if (part.row <= row + 1 || count_rows(v) == 0)
        part = (struct area){.row = area.row + area.rows};
    v->page_rows = part.row > row ? part.row - row : 1;
    view_scroll(v);
    for (size_t i = v->top; i < count_rows(v) && i - v->top < v->page_rows; i++)
        draw_row(y, c, row + (unsigned)(i - v->top), i);
    if (part.rows)
        draw_detail(y, c, part);
}

static bool value(struct view *v, const enum field_id *field, struct pick *out)
{
    if (v->caret >= count_rows(v) || (field && *field != FIELD_FILE))
        return false;
    *out = (struct pick){.has_field = true,
                         .field = FIELD_FILE,
                         .state = VALUE_TEXT,
                         .text = row_at(v, v->caret)->name};
    return true;
}

static void row_text(struct view *v, size_t row, struct buffer *out)
{
    const struct ruling *r = row_at(v, row);

    buffer_add_text(out, ruling_status_name(r->status));
    buffer_add_char(out, ' ');
    buffer_add_text(out, ruling_level_name(r->level));
    buffer_add_char(out, ' ');
    buffer_add(out, r->name);
    buffer_add_char(out, ' ');
    buffer_add(out, r->detail);
}

static unsigned open_row(struct view *v)
{
    struct verify *y = of(v);

    const struct exhibit *exhibit;

    if (v->caret >= count_rows(v))
        return REACT_NONE;
    exhibit = row_at(v, v->caret)->exhibit;
    if (!exhibit || atomic_load(&exhibit->file->events) == 0) {
        ui_say(v->ui, STYLE_PLAIN,
               exhibit ? "No event was read from this file." : "That is not among the files.");
        return REACT_REDRAW;
    }
    buffer_clear(&y->scratch);
    query_write_term(&y->scratch, FIELD_FILE, VALUE_TEXT, row_at(v, v->caret)->name, false);
    return events_with(v->ui, NULL, buffer_bytes(&y->scratch));
}

static const struct view_ops verify_ops = {
    .name = "verification",
    .context = CONTEXT_VERIFY,
    .unfiltered = true,
    .free = free_verify,
    .ready = ready,
    .crumb = crumb,
    .counts = counts,
    .status = status,
    .count = count_rows,
    .draw = draw,
    .value = value,
    .row_text = row_text,
    .open = open_row,
};

struct view *verify_new(struct ui *ui, struct filters *filters, struct bytes path)
{
    struct verify *y = mem_alloc(sizeof *y);
    const struct proof *p = session_proof(ui->session);
    struct buffer message = {0};

    view_init(&y->view, &verify_ops, ui, filters);
    buffer_add(&y->wanted, path);
    /* One that was stopped is begun again. */
    if ((!p || (proof_is_finished(p) && proof_is_cancelled(p))) &&
        !prove_begin(ui->session, ui->options, &message))
        ui_say(ui, STYLE_WARN, "%.*s", (int)message.len, message.ptr);
    buffer_deinit(&message);
    return &y->view;
}
