/* --findings: the triage queue without a screen. */
#include <inttypes.h>
#include <stdio.h>

#include "core/base/mem.h"

#include "core/concluding/change.h"
#include "core/concluding/evidence.h"
#include "core/concluding/leak.h"

#include "tui/headless/headless.h"
#include "tui/headless/headless_cells.h"
#include "tui/headless/output.h"
#include "tui/message.h"

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
    COL_CHANGES,
    COL_DOUBT,
    COL_TECHNIQUE,
    COL_QUERY,
    COL_STATE,
    COL_NOTE,
    COLUMNS
};

static const char *const NAMES[COLUMNS] = {
    "id",      "scenario", "severity",  "score",  "campaign", "entities", "first",
    "last",    "peak",     "count",     "events", "after",    "followed", "why",
    "changes", "doubt",    "technique", "query",  "state",    "note"};

struct printing {
    struct cells cells;
    const struct triage *triage;
    const struct mask *mask;
    struct buffer hidden;
};

static void add_list(struct printing *p, struct buffer *out, const struct entities *e)
{
    enum { SHOWN = 3 };

    for (uint32_t i = 0; i < e->count && (p->cells.json || i < SHOWN); i++) {
        if (i)
            buffer_add_char(out, ',');
        if (p->cells.json)
            writer_add_json(out, e->items[i].text);
        else
            buffer_add(out, e->items[i].text);
    }
    if (!p->cells.json && e->count > SHOWN)
        buffer_printf(out, " and %" PRIu32 " more", e->count - SHOWN);
}

static struct writer_cell entities(struct printing *p, const struct finding *f)
{
    struct buffer text = {0};
    bool first = true;

    if (p->cells.json)
        buffer_add_char(&text, '{');
    for (unsigned kind = 0; kind < ENTITY_COUNT; kind++) {
        if (!f->entities[kind].count)
            continue;
        if (!first)
            buffer_add_text(&text, p->cells.json ? "," : "; ");
        first = false;
        buffer_printf(&text, p->cells.json ? "\"%s\":[" : "%s ",
                      entity_name((enum entity_kind)kind));
        add_list(p, &text, &f->entities[kind]);
        if (p->cells.json)
            buffer_add_char(&text, ']');
    }
    if (p->cells.json)
        buffer_add_char(&text, '}');
    return cells_keep(&p->cells, p->cells.json ? WRITER_RAW : WRITER_STRING, &text);
}

static struct bytes hide(void *context, struct bytes name, struct bytes value)
{
    struct printing *p = context;

    buffer_clear(&p->hidden);
    mask_add(p->mask, name, value, &p->hidden);
    return buffer_bytes(&p->hidden);
}

/* ,"set":{"mfaConfiguration":"OFF"}: under their names, so that the mask knows them. */
static void add_values(struct buffer *out, const char *key, const struct change *c, bool before)
{
    const char *separator = "";

    buffer_printf(out, ",\"%s\":{", key);
    for (uint32_t i = 0; i < c->n_settings; i++) {
        const struct change_setting *s = &c->settings[i];
        struct bytes value = before ? s->before : s->value;

        if (!value.len)
            continue;
        buffer_add_text(out, separator);
        separator = ",";
        writer_add_json(out, s->path);
        buffer_add_char(out, ':');
        if (s->is_cut)
            writer_add_json(out, value);
        else
            buffer_add(out, value);
    }
    buffer_add_char(out, '}');
}

static void add_id(struct printing *p, struct buffer *out, const row_id *row)
{
    buffer_add(out, cells_events(&p->cells, row, 1).text);
}

static void add_change(struct printing *p, struct buffer *out, const struct change *c)
{
    if (!p->cells.json) {
        buffer_add(out, c->operation);
        if (c->outcome != OUTCOME_SUCCESS)
            buffer_printf(out, " (%s)", outcome_name(c->outcome));
        buffer_add_text(out, c->is_read ? ":" : ": the record cannot be read again");
        for (uint32_t i = 0; i < c->n_settings; i++) {
            buffer_add_text(out, i ? ", " : " ");
            change_write(&c->settings[i], hide, p, out);
        }
        if (c->is_cut)
            buffer_add_text(out, ", and more");
        return;
    }
    buffer_add_text(out, "{\"events\":");
    add_id(p, out, &c->row);
    buffer_add_text(out, ",\"operation\":");
    writer_add_json(out, c->operation);
    buffer_printf(out, ",\"outcome\":\"%s\"", outcome_name(c->outcome));
    buffer_printf(out, ",\"read\":%s", c->is_read ? "true" : "false");
    if (c->is_read)
        add_values(out, c->outcome == OUTCOME_SUCCESS ? "set" : "asked", c, false);
    if (c->has_before) {
        add_values(out, "was", c, true);
        buffer_add_text(out, ",\"before\":");
        add_id(p, out, &c->before);
    }
    buffer_printf(out, ",\"cut\":%s}", c->is_cut ? "true" : "false");
}

static struct writer_cell changes(struct printing *p, const struct finding *f)
{
    struct buffer text = {0};
    struct changes c;

    changes_read(&c, p->triage, f, session_archive(p->cells.session),
                 session_load(p->cells.session));
    if (c.count && p->cells.json)
        buffer_add_char(&text, '[');
    for (uint32_t i = 0; i < c.count; i++) {
        if (i)
            buffer_add_text(&text, p->cells.json ? "," : "; ");
        add_change(p, &text, &c.items[i]);
    }
    if (c.n_left)
        buffer_printf(
            &text, p->cells.json ? ",{\"left\":%" PRIu32 "}" : "; and %" PRIu32 " calls more",
            c.n_left);
    if (c.count && p->cells.json)
        buffer_add_char(&text, ']');
    changes_deinit(&c);
    return cells_keep(&p->cells, p->cells.json ? WRITER_RAW : WRITER_STRING, &text);
}

static void fill(struct printing *p, const struct finding *f, struct writer_cell *cells)
{
    const struct scenario_text *text = scenario_text(f->scenario);
    struct buffer query = {0};

    cells[COL_ID] = cells_word(bytes_of(f->id));
    cells[COL_SCENARIO] = cells_word(bytes_of(text->slug));
    cells[COL_SEVERITY] = cells_word(bytes_of(severity_name(f->severity)));
    cells[COL_SCORE] = cells_number(&p->cells, f->score);
    cells[COL_CAMPAIGN] = cells_word(bytes_of(f->campaign));
    cells[COL_ENTITIES] = entities(p, f);
    cells[COL_FIRST] = cells_time(&p->cells, f->first_us);
    cells[COL_LAST] = cells_time(&p->cells, f->last_us);
    cells[COL_PEAK] = cells_time(&p->cells, f->peak_us);
    cells[COL_COUNT] = cells_number(&p->cells, f->n_rows);
    cells[COL_EVENTS] = cells_events(&p->cells, f->rows, f->n_rows);
    cells[COL_AFTER] = f->n_followed ? cells_events(&p->cells, f->after,
                                                    p->cells.json ? f->n_after : f->n_followed)
                                     : cells_word((struct bytes){0});
    cells[COL_FOLLOWED] =
        f->n_followed ? cells_number(&p->cells, f->n_followed) : cells_word((struct bytes){0});
    cells[COL_WHY] = cells_word(f->why);
    cells[COL_CHANGES] = changes(p, f);
    cells[COL_DOUBT] = cells_word(f->doubt);
    cells[COL_TECHNIQUE] = cells_word(bytes_of(text->technique));
    if (evidence_filter(p->triage, f, session_pool(p->cells.session),
                        session_archive(p->cells.session), &query))
        cells[COL_QUERY] = cells_keep(&p->cells, WRITER_STRING, &query);
    else
        cells[COL_QUERY] = cells_word((struct bytes){0});
    buffer_deinit(&query);
    cells[COL_STATE] = cells_word(bytes_of(
        casebook_state_name(casebook_state(session_case(p->cells.session), bytes_of(f->id)))));
    cells[COL_NOTE] =
        cells_word(casebook_note(session_case(p->cells.session), bytes_of(f->id)));
}

/* Findings of the triage and of a search of whole records, the worst first. What columns tell
 * of secrets in clear the search tells too. */
struct merged {
    const struct findings *triage, *leaks;
    size_t at, leak;
    bool searched;
};

static const struct finding *next_finding(struct merged *m)
{
    const struct finding *a, *b;

    while (m->searched && m->at < m->triage->count &&
           m->triage->items[m->at].scenario == SCENARIO_OVER_LOGGING)
        m->at++;
    a = m->at < m->triage->count ? &m->triage->items[m->at] : NULL;
    b = m->leak < m->leaks->count ? &m->leaks->items[m->leak] : NULL;
    if (a && (!b || a->score >= b->score)) {
        m->at++;
        return a;
    }
    m->leak += b != NULL;
    return b;
}

static int print_findings(struct session *s, const struct options *o, const struct triage *t,
                          const struct findings *leaks)
{
    struct merged all = {&t->findings, leaks, 0, 0, o->records};
    const struct finding *f;
    struct printing p = {
        .cells = {.session = s, .store = t->index->store},
          .triage = t, .mask = &o->mask
    };
    struct writer_cell cells[COLUMNS];
    struct bytes columns[COLUMNS];
    struct output out;

    p.cells.json = o->format == WRITER_JSON || o->format == WRITER_JSONL;
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = bytes_of(NAMES[i]);
    output_open(&out, o, columns, COLUMNS);
    while ((f = next_finding(&all))) {
        fill(&p, f, cells);
        writer_row(out.writer, cells);
        arena_deinit(&p.cells.arena);
    }
    buffer_deinit(&p.hidden);
    return output_close(&out, o) ? headless_status(s) : 4;
}

static void search_records(struct session *s, const struct triage *t, struct findings *leaks)
{
    struct buffer line = {0};
    uint64_t unread;

    leaks_find(t, session_pool(s), session_archive(s), session_load(s), leaks, &unread);
    buffer_printf(&line, "secrets in clear: every record was searched");
    if (unread)
        buffer_printf(&line, " but %" PRIu64 ", which could not be read again or decided",
                      unread);
    message_print(buffer_bytes(&line));
    buffer_deinit(&line);
}

int headless_findings(struct session *s, const struct options *o)
{
    struct findings leaks = {0};
    atomic_bool never = false;
    struct crew crew = {session_pool(s), &never};
    struct triage *t;
    struct buffer line = {0};
    int status = 3;

    if (!headless_wait(s, o))
        return status;
    t = triage_new(session_index(s), session_rules(s), NULL, &crew, NULL);
    if (t->signals->n_timeless) {
        buffer_printf(&line, "%" PRIu64 " events have no time and were not weighed",
                      t->signals->n_timeless);
        message_print(buffer_bytes(&line));
    }
    buffer_deinit(&line);
    headless_warn(s);
    if (o->records)
        search_records(s, t, &leaks);
    else
        message_print(
            bytes_of("secrets in clear: only messages, agents, users and devices were "
                     "looked at; --records reads every record for them"));
    status = print_findings(s, o, t, &leaks);
    findings_deinit(&leaks);
    triage_release(t);
    return status;
}
