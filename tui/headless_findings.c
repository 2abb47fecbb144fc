/* --findings: the triage queue without a screen. */
#include <inttypes.h>
#include <stdio.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/concluding/evidence.h"

#include "tui/headless.h"
#include "tui/message.h"
#include "tui/output.h"

enum findings_column {
    COL_ID,
    COL_SCENARIO,
    COL_SEVERITY,
    COL_SCORE,
    COL_CAMPAIGN,
    COL_ENTITIES,
    COL_FIRST,
    COL_LAST,
    COL_PEAK,
    COL_COUNT,
    COL_EVENTS,
    COL_AFTER,
    COL_FOLLOWED,
    COL_WHY,
    COL_DOUBT,
    COL_TECHNIQUE,
    COL_QUERY,
    COL_STATE,
    COL_NOTE,
    COLUMNS
};

static const char *const NAMES[COLUMNS] = {
    "id",    "scenario",  "severity", "score",  "campaign", "entities", "first",
    "last",  "peak",      "count",    "events", "after",    "followed", "why",
    "doubt", "technique", "query",    "state",  "note"};

/* Text and CSV have numbers where JSON has lists of event ids. */
struct printing {
    struct session *session;
    const struct triage *triage;
    bool json;
    struct arena arena;
};

static struct writer_cell keep(struct printing *p, enum writer_type type, struct buffer *text)
{
    struct writer_cell cell = {text->len ? type : WRITER_MISSING,
                               arena_copy(&p->arena, buffer_bytes(text))};

    buffer_deinit(text);
    return cell;
}

static struct writer_cell word(struct bytes text)
{
    return (struct writer_cell){text.len ? WRITER_STRING : WRITER_MISSING, text};
}

static struct writer_cell number(struct printing *p, uint64_t value)
{
    struct buffer text = {0};

    buffer_printf(&text, "%" PRIu64, value);
    return keep(p, WRITER_NUMBER, &text);
}

static struct writer_cell time_of(struct printing *p, int64_t at_us)
{
    struct buffer text = {0};

    instant_add(&text, at_us, INSTANT_ISO, 0);
    return keep(p, WRITER_STRING, &text);
}

/* The id of a record; one without is named by file and offset. */
static void add_event(struct printing *p, struct buffer *out, row_id row)
{
    const struct store *store = p->triage->index->store;
    char scratch[UNIQUE_TEXT_BYTES];
    enum value_state state;
    struct bytes id = store_text(store, row, FIELD_EVENT_ID, scratch, &state);
    struct buffer place = {0};

    if (state != VALUE_TEXT)
        id = store_text(store, row, FIELD_REQUEST_ID, scratch, &state);
    if (state != VALUE_TEXT) {
        struct row_place at = store_place(store, row);

        buffer_add(&place, archive_file(session_archive(p->session), at.file)->path);
        buffer_printf(&place, ":%" PRIu64, at.offset_bytes);
        id = buffer_bytes(&place);
    }
    writer_add_json(out, id);
    buffer_deinit(&place);
}

static struct writer_cell events(struct printing *p, const row_id *rows, uint32_t n)
{
    struct buffer text = {0};

    if (!p->json)
        return number(p, n);
    buffer_add_char(&text, '[');
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buffer_add_char(&text, ',');
        add_event(p, &text, rows[i]);
    }
    buffer_add_char(&text, ']');
    return keep(p, WRITER_RAW, &text);
}

static void add_list(struct printing *p, struct buffer *out, const struct entities *e)
{
    enum { SHOWN = 3 };

    for (uint32_t i = 0; i < e->count && (p->json || i < SHOWN); i++) {
        if (i)
            buffer_add_char(out, ',');
        if (p->json)
            writer_add_json(out, e->items[i].text);
        else
            buffer_add(out, e->items[i].text);
    }
    if (!p->json && e->count > SHOWN)
        buffer_printf(out, " and %" PRIu32 " more", e->count - SHOWN);
}

static struct writer_cell entities(struct printing *p, const struct finding *f)
{
    struct buffer text = {0};
    bool first = true;

    if (p->json)
        buffer_add_char(&text, '{');
    for (unsigned kind = 0; kind < ENTITY_COUNT; kind++) {
        if (!f->entities[kind].count)
            continue;
        if (!first)
            buffer_add_text(&text, p->json ? "," : "; ");
        first = false;
        buffer_printf(&text, p->json ? "\"%s\":[" : "%s ", entity_name((enum entity_kind)kind));
        add_list(p, &text, &f->entities[kind]);
        if (p->json)
            buffer_add_char(&text, ']');
    }
    if (p->json)
        buffer_add_char(&text, '}');
    return keep(p, p->json ? WRITER_RAW : WRITER_STRING, &text);
}

static void fill(struct printing *p, const struct finding *f, struct writer_cell *cells)
{
    const struct scenario_text *text = scenario_text(f->scenario);
    struct buffer query = {0};

    cells[COL_ID] = word(bytes_of(f->id));
    cells[COL_SCENARIO] = word(bytes_of(text->slug));
    cells[COL_SEVERITY] = word(bytes_of(severity_name(f->severity)));
    cells[COL_SCORE] = number(p, f->score);
    cells[COL_CAMPAIGN] = word(bytes_of(f->campaign));
    cells[COL_ENTITIES] = entities(p, f);
    cells[COL_FIRST] = time_of(p, f->first_us);
    cells[COL_LAST] = time_of(p, f->last_us);
    cells[COL_PEAK] = time_of(p, f->peak_us);
    cells[COL_COUNT] = number(p, f->n_rows);
    cells[COL_EVENTS] = events(p, f->rows, f->n_rows);
    cells[COL_AFTER] = f->n_followed ? events(p, f->after, p->json ? f->n_after : f->n_followed)
                                     : word((struct bytes){0});
    cells[COL_FOLLOWED] = f->n_followed ? number(p, f->n_followed) : word((struct bytes){0});
    cells[COL_WHY] = word(f->why);
    cells[COL_DOUBT] = word(f->doubt);
    cells[COL_TECHNIQUE] = word(bytes_of(text->technique));
    if (evidence_filter(p->triage, f, session_pool(p->session), session_archive(p->session),
                        &query))
        cells[COL_QUERY] = keep(p, WRITER_STRING, &query);
    else
        cells[COL_QUERY] = word((struct bytes){0});
    buffer_deinit(&query);
    cells[COL_STATE] = word(bytes_of(
        casebook_state_name(casebook_state(session_case(p->session), bytes_of(f->id)))));
    cells[COL_NOTE] = word(casebook_note(session_case(p->session), bytes_of(f->id)));
}

static int print_findings(struct session *s, const struct options *o, const struct triage *t)
{
    struct printing p = {.session = s, .triage = t};
    struct writer_cell cells[COLUMNS];
    struct bytes columns[COLUMNS];
    struct output out;

    p.json = o->format == WRITER_JSON || o->format == WRITER_JSONL;
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = bytes_of(NAMES[i]);
    output_open(&out, o, columns, COLUMNS);
    for (size_t i = 0; i < t->findings.count; i++) {
        fill(&p, &t->findings.items[i], cells);
        writer_row(out.writer, cells);
        arena_deinit(&p.arena);
    }
    return output_close(&out, o) ? headless_status(s) : 4;
}

int headless_findings(struct session *s, const struct options *o)
{
    atomic_bool never = false;
    struct triage *t;
    struct buffer line = {0};
    int status = 3;

    if (!headless_wait(s, o))
        return status;
    t = triage_new(session_index(s), session_rules(s), &never, NULL);
    if (t->signals->n_timeless) {
        buffer_printf(&line, "%" PRIu64 " events have no time and were not weighed",
                      t->signals->n_timeless);
        message_print(buffer_bytes(&line));
    }
    buffer_deinit(&line);
    headless_warn(s);
    status = print_findings(s, o, t);
    triage_release(t);
    return status;
}
