#include "tui/frame.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "tui/draw.h"

enum { TOP_ROWS = 2, BOTTOM_ROWS = 2, LEFT = 1, MEANING_ROWS = 3, NOTE_COLS = 34 };

static struct bytes glyph(const struct ui *ui, enum glyph g)
{
    return glyph_text(g, ui->canvas.ascii);
}

/* "UTC", or the zone's distance from it when the last event happened: "+01:00". */
static void add_zone(const struct ui *ui, struct buffer *out)
{
    const struct index *index = session_index(ui->session);
    int64_t ahead_us = index ? ui_zone_us(ui, index->last_us) : 0;
    int minutes = (int)((ahead_us < 0 ? -ahead_us : ahead_us) / INSTANT_MINUTE);

    if (!ui->local_time)
        buffer_add_text(out, "UTC");
    else
        buffer_printf(out, "%c%02d:%02d", ahead_us < 0 ? '-' : '+', minutes / 60, minutes % 60);
    if (ui->mask.level != MASK_SECRETS)
        buffer_add_text(out,
                        ui->mask.level == MASK_NONE ? "  nothing hidden" : "  persons hidden");
}

/* Row 1: the way here on the left, counts and zone on the right. */
static void draw_where(struct ui *ui, struct view *v)
{
    struct canvas *c = &ui->canvas;
    struct buffer right = {0}, crumb = {0};
    unsigned col = LEFT, end;

    v->ops->counts(v, &right);
    buffer_add_text(&right, "  ");
    add_zone(ui, &right);
    end = utf8_columns(buffer_bytes(&right)) + 2;
    end = c->cols > end ? c->cols - end : 0;

    /* When the whole way does not fit, its beginning is left out. */
    size_t first = 0;
    for (;;) {
        unsigned need = LEFT;

        for (size_t i = first; i < ui->depth; i++) {
            buffer_clear(&crumb);
            ui->views[i]->ops->crumb(ui->views[i], &crumb);
            need += utf8_columns(buffer_bytes(&crumb)) + 3;
        }
        if (need <= end + 3 || first + 1 >= ui->depth)
            break;
        first++;
    }
    if (first > 0)
        col += canvas_text(c, 0, col, end - col, STYLE_DIM, glyph(ui, GLYPH_ELLIPSIS)) + 1;
    for (size_t i = first; i < ui->depth && col < end; i++) {
        buffer_clear(&crumb);
        ui->views[i]->ops->crumb(ui->views[i], &crumb);
        if (i > first) {
            col += canvas_text(c, 0, col, end - col, STYLE_DIM, glyph(ui, GLYPH_CRUMB)) + 1;
        }
        if (col < end)
            col += canvas_put(c, 0, col, end - col, STYLE_TITLE, buffer_bytes(&crumb)) + 1;
    }
    canvas_right(c, 0, c->cols - 1, STYLE_PLAIN, buffer_bytes(&right));
    buffer_deinit(&right);
    buffer_deinit(&crumb);
}

/* Row 2: the filters in words; one that is switched off stands in parentheses. */
static void draw_filters(struct ui *ui, struct view *v)
{
    struct canvas *c = &ui->canvas;
    const struct filters *f = view_filters(v);
    unsigned col = LEFT, end = c->cols - 1;

    if (session_keeps_unknown(ui->session)) {
        struct bytes text = bytes_of("missing fields count in");

        canvas_text(c, 1, end - (unsigned)text.len, (unsigned)text.len, STYLE_WARN, text);
        end -= (unsigned)text.len + 1;
    }
    if (v->ops->unfiltered)
        return;
    col += canvas_text(c, 1, col, end - col, STYLE_HEADING, bytes_of("Filters:")) + 1;
    if (filters_count(f) == 0) {
        const char *text = session_is_loading(ui->session)
                               ? "none - you can filter, pivot and open events while it loads"
                               : "none";

        canvas_text(c, 1, col, end - col, STYLE_DIM, bytes_of(text));
        return;
    }
    for (size_t i = 0; i < filters_count(f) && col < end; i++) {
        bool on = filters_enabled(f, i);

        if (i)
            col += canvas_text(c, 1, col, end - col, STYLE_DIM, bytes_of("and")) + 1;
        if (!on && col < end)
            col += canvas_text(c, 1, col, end - col, STYLE_DIM, bytes_of("(off: "));
        if (col < end)
            col += canvas_put(c, 1, col, end - col, on ? STYLE_ACCENT : STYLE_DIM,
                              filters_text(f, i));
        if (!on && col < end)
            col += canvas_text(c, 1, col, end - col, STYLE_DIM, bytes_of(")"));
        col++;
    }
}

static void add_size(struct buffer *out, uint64_t size_bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double size = (double)size_bytes;
    size_t unit = 0;

    while (size >= 1000 && unit + 1 < ARRAY_LEN(units)) {
        size /= 1000;
        unit++;
    }
    buffer_printf(out, size < 10 && unit ? "%.1f %s" : "%.0f %s", size, units[unit]);
}

/* "Looking through 412,000 of 1,000,000 events, 31 files read again (Ctrl-C stops)" */
static void add_search(struct ui *ui, const struct progress *p, struct buffer *out)
{
    uint64_t files = p->files;

    buffer_add_text(out, "Looking through ");
    ui_add_count(ui, out, p->rows, false);
    buffer_add_text(out, " of ");
    ui_add_count(ui, out, p->of_rows, false);
    buffer_add_text(out, " events");
    if (files) {
        buffer_add_text(out, ", ");
        ui_add_count(ui, out, files, false);
        buffer_add_text(out, files == 1 ? " file read again" : " files read again");
    }
    buffer_add_text(out, " (Ctrl-C stops)");
}

/* "Reading 1,204 of 2,968 files, 412 MB, 38 MB/s, 16 s left (Ctrl-C stops)" */
static void add_progress(struct ui *ui, struct buffer *out)
{
    struct archive *archive = session_archive(ui->session);
    bool listed = archive_is_listed(archive);
    size_t found = archive_found(archive);
    struct ledger_totals t;
    double seconds = (double)(ui_clock_us() - ui->load_started_us) / 1e6;
    uint64_t done;

    session_totals(ui->session, &t);
    done = t.read + t.damaged + t.skipped;
    if (!session_is_reading(ui->session)) {
        buffer_add_text(out, "Putting events in order of time ...");
        return;
    }
    buffer_add_text(out, "Reading ");
    ui_add_count(ui, out, done, false);
    buffer_add_text(out, " of ");
    ui_add_count(ui, out, found, !listed);
    buffer_add_text(out, " files, ");
    add_size(out, t.packed_read_bytes);
    if (seconds > 0.3) {
        buffer_add_text(out, ", ");
        add_size(out, (uint64_t)((double)t.packed_read_bytes / seconds));
        buffer_add_text(out, "/s");
    }
    /* One file tells by its bytes, many by their number. */
    if (listed && seconds > 0.3 && done > 10)
        buffer_printf(out, ", %.0f s left",
                      seconds * (double)(found - done) / (double)done + 0.5);
    else if (listed && seconds > 0.3 && found == 1 && t.packed_read_bytes)
        buffer_printf(out, ", %.0f s left",
                      seconds * (double)(t.packed_bytes - t.packed_read_bytes) /
                              (double)t.packed_read_bytes +
                          0.5);
    buffer_add_text(out, " (Ctrl-C stops)");
}

/* What makes counts lower bounds, short. */
static void add_damage(struct ui *ui, struct buffer *out)
{
    struct ledger_totals t;

    session_totals(ui->session, &t);
    if (session_is_loading(ui->session) || (!ledger_is_partial(&t) && !t.lacking))
        return;
    buffer_add(out, glyph(ui, GLYPH_WARNING));
    if (!ledger_is_partial(&t)) {
        buffer_printf(out, " %" PRIu64 " %s less than there was (D)", t.lacking,
                      t.lacking == 1 ? "file holds" : "files hold");
        return;
    }
    if (t.stopped + t.waiting)
        buffer_printf(out, " %" PRIu64 " files not read", t.stopped + t.waiting);
    else if (t.damaged)
        buffer_printf(out, " %" PRIu64 " damaged file%s", t.damaged, t.damaged == 1 ? "" : "s");
    else if (t.rejected)
        buffer_printf(out, " %" PRIu64 " record%s rejected", t.rejected,
                      t.rejected == 1 ? "" : "s");
    else
        buffer_printf(out, " %" PRIu64 " file%s skipped", t.skipped, t.skipped == 1 ? "" : "s");
    if (ui->canvas.cols >= 100)
        buffer_add_text(out, ": counts are lower bounds");
    buffer_add_text(out, " (D)");
}

/* Last row but one: position and view's words on the left, damage on the right; a message
 * takes the left part until the next key. */
static void draw_status(struct ui *ui, struct view *v)
{
    struct canvas *c = &ui->canvas;
    unsigned row = c->rows - 2, end = c->cols - 1;
    struct buffer left = {0}, right = {0};

    add_damage(ui, &right);
    /* A message is read now, the badge stays for later. */
    if (utf8_columns(buffer_bytes(&ui->message)) + utf8_columns(buffer_bytes(&right)) + 3 >
        c->cols)
        buffer_clear(ui->message.len ? &right : &left);
    if (right.len) {
        canvas_right(c, row, end, STYLE_BADGE, buffer_bytes(&right));
        end -= utf8_columns(buffer_bytes(&right)) + 2;
    }
    if (ui->message.len) {
        canvas_text(c, row, LEFT, end - LEFT, ui->message_style, buffer_bytes(&ui->message));
    } else if (ui_waits_long(ui)) {
        add_search(ui, ask_progress(v->ops->asked(v)), &left);
        canvas_text(c, row, LEFT, end - LEFT, STYLE_WARN, buffer_bytes(&left));
    } else if (session_is_loading(ui->session)) {
        add_progress(ui, &left);
        canvas_text(c, row, LEFT, end - LEFT, STYLE_WARN, buffer_bytes(&left));
    } else {
        size_t count = v->ops->count(v);

        if (count) {
            ui_add_count(ui, &left, v->caret + 1, false);
            buffer_add_char(&left, '/');
            ui_add_count(ui, &left, count, false);
            buffer_add_text(&left, "  ");
        }
        v->ops->status(v, &left);
        canvas_text(c, row, LEFT, end - LEFT, STYLE_PLAIN, buffer_bytes(&left));
    }
    buffer_deinit(&left);
    buffer_deinit(&right);
}

/* The prompt, its error mark and its completions take the last rows. */
static void draw_prompt(struct ui *ui)
{
    struct canvas *c = &ui->canvas;
    struct prompt *p = &ui->prompt;
    unsigned row = c->rows - 1, col = LEFT, start, width;
    struct bytes text = edit_text(&p->edit);
    size_t from = 0;

    canvas_blank(c, row, 0, c->cols, STYLE_PLAIN);
    col += canvas_text(c, row, col, c->cols - col, STYLE_HEADING,
                       p->title.len ? buffer_bytes(&p->title) : bytes_of(p->kind->label));
    col += canvas_text(c, row, col, c->cols - col, STYLE_HEADING, bytes_of(": "));
    start = col;
    width = c->cols - 1 - col;
    /* A long line shows the part around the caret. */
    while (utf8_columns(bytes_slice(text, from, p->edit.caret)) >= width &&
           from < p->edit.caret)
        from++;
    while (from < text.len && ((unsigned char)text.ptr[from] & 0xc0) == 0x80)
        from++;
    if (text.len == 0 && p->kind->hint)
        canvas_text(c, row, col, width, STYLE_DIM, bytes_of(p->kind->hint));
    else {
        /* What is being typed is never hidden: the caret stands in it. */
        c->mask = NULL;
        canvas_put(c, row, col, width, STYLE_PLAIN, bytes_slice(text, from, text.len));
        c->mask = &ui->mask;
    }
    if (p->error_len && p->error_at >= from)
        canvas_style(c, row, start + utf8_columns(bytes_slice(text, from, p->error_at)),
                     utf8_columns(bytes_slice(text, p->error_at, p->error_at + p->error_len)),
                     STYLE_BAD);
    c->caret_row = row;
    c->caret_col = start + utf8_columns(bytes_slice(text, from, p->edit.caret));
    c->caret_shown = true;
}

/* Above the line: the query that it stands for, or why it is none yet. */
static void draw_meaning(struct ui *ui)
{
    struct canvas *c = &ui->canvas;
    const struct prompt *p = &ui->prompt;
    struct buffer text = {0};
    unsigned used;

    if (p->asking)
        buffer_add_text(&text, "Counting the values ...");
    else if (p->meaning.len && ui->message.len == 0 &&
             !bytes_equal(buffer_bytes(&p->meaning), edit_text(&p->edit))) {
        buffer_add_text(&text, p->refused ? "" : "means: ");
        safe_add(&text, buffer_bytes(&p->meaning), SAFE_ALL_COLUMNS, c->ascii);
    }
    if (text.len) {
        used = utf8_columns(buffer_bytes(&text)) / (c->cols - 12) + 1;
        used = used < MEANING_ROWS ? used : MEANING_ROWS;
        for (unsigned i = c->rows - 1 - used; i < c->rows - 1; i++)
            canvas_blank(c, i, 0, c->cols, STYLE_PLAIN);
        (void)draw_wrapped(c, c->rows - 1 - used, c->rows - 1,
                           p->refused ? STYLE_WARN : STYLE_DIM, buffer_bytes(&text));
    }
    buffer_deinit(&text);
}

static void draw_candidates(struct ui *ui)
{
    struct canvas *c = &ui->canvas;
    const struct prompt *p = &ui->prompt;
    size_t shown = p->candidates.count < 8 ? p->candidates.count : 8;
    size_t top = p->candidate < p->candidates.count && p->candidate >= shown
                     ? p->candidate - shown + 1
                     : 0;
    unsigned most = c->cols > NOTE_COLS + 12 ? c->cols - NOTE_COLS : 12, width = 12;

    if (shown + 4 > c->rows)
        return;
    for (size_t i = top; i < top + shown; i++) {
        unsigned cols = utf8_columns(buffer_bytes(&p->candidates.items[i]));

        width = cols > width ? cols : width;
    }
    width = width < most ? width : most;
    for (size_t i = 0; i < shown; i++) {
        unsigned row = c->rows - 1 - (unsigned)(shown - i), col = 4 + width;
        enum style style = top + i == p->candidate ? STYLE_CARET : STYLE_PLAIN;

        canvas_blank(c, row, 0, c->cols, style);
        canvas_put(c, row, 2, width, style, buffer_bytes(&p->candidates.items[top + i]));
        canvas_put(c, row, col, c->cols - col - 1, style,
                   buffer_bytes(&p->candidates.notes[top + i]));
    }
}

/* The key of a command that stands first in the keymap's files; false when it has none. */
static bool first_key(const struct ui *ui, enum context context, enum command_id id,
                      struct buffer *out)
{
    const struct binding *best = NULL;
    bool of_field = command_get(id)->argument == ARGUMENT_FIELD ||
                    command_get(id)->argument == ARGUMENT_FIELD_OR;

    for (size_t i = 0; i < keymap_count(ui->keymap, context); i++) {
        const struct binding *row = keymap_get(ui->keymap, context, i);

        if (row->command == id && (!best || row->line < best->line))
            best = row;
    }
    if (best) /* of "p i" only the key that all fields share */
        keymap_write_keys(out, best->keys, of_field && best->n_keys > 1 ? 1 : best->n_keys);
    return best != NULL;
}

/* Does a filter look for a list of indicators? */
static bool has_list(const struct view *v)
{
    const struct filters *f = view_filters(v);
    struct indicators *list;
    enum field_id field;

    for (size_t i = 0; i < filters_count(f); i++) {
        if (query_indicators(filters_query(f, i), &field, &list))
            return true;
    }
    return false;
}

/* Where rows are no events, keep and drop have little to act on. */
static bool is_of_triage(enum context context)
{
    return context == CONTEXT_FINDINGS || context == CONTEXT_FINDING ||
           context == CONTEXT_RULES;
}

/* Last row: what can be done here, from the loaded keymap. */
static void draw_keys(struct ui *ui, struct view *v)
{
    struct canvas *c = &ui->canvas;
    unsigned row = c->rows - 1, col = LEFT;
    static const struct {
        enum command_id id;
        const char *label;
    } shown[] = {
        {COMMAND_OPEN,          "open"         },
        {COMMAND_EVIDENCE,      "events"       },
        {COMMAND_STATE,         "state"        },
        {COMMAND_NOTE,          "note"         },
        {COMMAND_TAG,           "tag"          },
        {COMMAND_LIMITS,        "limits"       },
        {COMMAND_BIN_WIDER,     "wider"        },
        {COMMAND_BIN_NARROWER,  "narrower"     },
        {COMMAND_INDICATORS,    "hits per line"},
        {COMMAND_KEEP,          "keep"         },
        {COMMAND_DROP,          "drop"         },
        {COMMAND_ENTRY_TOGGLE,  "switch"       },
        {COMMAND_ENTRY_EDIT,    "edit"         },
        {COMMAND_ENTRY_DELETE,  "delete"       },
        {COMMAND_PIVOT,         "pivot"        },
        {COMMAND_PIVOT_ADD,     "add field"    },
        {COMMAND_BURSTS,        "bursts"       },
        {COMMAND_OTHERS,        "others"       },
        {COMMAND_CARD,          "card"         },
        {COMMAND_COPY_VALUE,    "copy"         },
        {COMMAND_FILTER_PROMPT, "filter"       },
        {COMMAND_EVENT_NEXT,    "next event"   },
        {COMMAND_RAW,           "raw"          },
        {COMMAND_SEARCH,        "search"       },
        {COMMAND_MARK,          "mark"         },
        {COMMAND_SORT,          "sort"         },
        {COMMAND_UNDO,          "undo"         },
        {COMMAND_PREVIEW,       "preview"      },
        {COMMAND_PALETTE,       "all commands" },
    };
    struct buffer text = {0};
    struct buffer tail = {0};
    unsigned end;

    first_key(ui, v->ops->context, v->overlay ? COMMAND_ESCAPE : COMMAND_BACK, &tail);
    if (tail.len)
        buffer_add_text(&tail, v->overlay ? " close  " : " back  ");
    first_key(ui, v->ops->context, COMMAND_HELP, &tail);
    buffer_add_text(&tail, " help");
    end = c->cols - 1 - utf8_columns(buffer_bytes(&tail)) - 2;
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        struct bytes label = bytes_of(shown[i].label);
        unsigned need;

        if (!command_works_in(shown[i].id, v->ops->context) ||
            (shown[i].id == COMMAND_BURSTS && v->ops->context == CONTEXT_BURSTS) ||
            ((shown[i].id == COMMAND_KEEP || shown[i].id == COMMAND_DROP) &&
             is_of_triage(v->ops->context)) ||
            (shown[i].id == COMMAND_INDICATORS && !has_list(v)))
            continue;
        buffer_clear(&text);
        if (!first_key(ui, v->ops->context, shown[i].id, &text))
            continue;
        need = utf8_columns(buffer_bytes(&text)) + 1 + (unsigned)label.len;
        if (col + need > end)
            continue;
        col += canvas_text(c, row, col, need, STYLE_KEY, buffer_bytes(&text)) + 1;
        col += canvas_text(c, row, col, need, STYLE_PLAIN, label) + 2;
    }
    canvas_right(c, row, c->cols - 1, STYLE_PLAIN, buffer_bytes(&tail));
    buffer_deinit(&text);
    buffer_deinit(&tail);
}

/* After the first key of a sequence: what can follow. */
static void draw_pending(struct ui *ui)
{
    struct canvas *c = &ui->canvas;
    struct buffer text = {0};
    const struct binding *row;
    size_t n_keys;
    unsigned used;
    const struct key *keys = keymap_matcher_keys(ui->matcher, &n_keys);

    keymap_write_keys(&text, keys, n_keys);
    buffer_add_char(&text, ':');
    for (size_t i = 0; (row = keymap_pending(ui->matcher, i)) != NULL; i++) {
        buffer_add_char(&text, ' ');
        keymap_write_keys(&text, row->keys + n_keys, row->n_keys - n_keys);
        buffer_add_char(&text, ' ');
        if (row->argument.len)
            buffer_add(&text, row->argument);
        else
            buffer_add_text(&text, command_get(row->command)->name);
    }
    used = utf8_columns(buffer_bytes(&text)) / (c->cols - 12) + 1;
    used = used < 4 ? used : 4;
    for (unsigned i = c->rows - used; i < c->rows; i++)
        canvas_blank(c, i, 0, c->cols, STYLE_PLAIN);
    (void)draw_wrapped(c, c->rows - used, c->rows, STYLE_KEY, buffer_bytes(&text));
    buffer_deinit(&text);
}

static void draw_view(struct ui *ui, struct view *v)
{
    struct canvas *c = &ui->canvas;
    struct area area = {TOP_ROWS, 0, c->rows - TOP_ROWS - BOTTOM_ROWS, c->cols};

    v->ops->draw(v, c, area);
}

void frame_draw(struct ui *ui)
{
    struct canvas *c = &ui->canvas;
    struct view *v = ui_view(ui);
    unsigned rows, cols;

    screen_size(ui->screen, &rows, &cols);
    canvas_reset(c, rows, cols);
    c->ascii = screen_is_ascii(ui->screen);
    if (c->rows < FRAME_MIN_ROWS || c->cols < FRAME_MIN_COLS) {
        canvas_printf(c, 0, 0, c->cols, STYLE_PLAIN, "window too small (%dx%d needed)",
                      FRAME_MIN_COLS, FRAME_MIN_ROWS);
        return;
    }
    for (size_t i = ui->depth; v->overlay && i-- > 0;) {
        if (!ui->views[i]->overlay) {
            draw_view(ui, ui->views[i]);
            break;
        }
    }
    draw_where(ui, v);
    draw_filters(ui, v);
    draw_view(ui, v);
    draw_status(ui, v);
    if (ui->prompt.kind) {
        draw_meaning(ui);
        draw_candidates(ui);
        draw_prompt(ui);
    } else if (keymap_pending(ui->matcher, 0)) {
        draw_pending(ui);
    } else {
        draw_keys(ui, v);
    }
}
