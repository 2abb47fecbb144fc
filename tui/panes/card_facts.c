#include "tui/panes/card_facts.h"

#include "core/base/mem.h"

#include "tui/panes/names.h"

/* Users, addresses and clients come first: who was where, and with what. */
enum { SHOWN_PER_SECTION = 5, FINDINGS_SHOWN = 20, FIRST_SECTIONS = 4 };

/* What a value can have met, in the order of the card; its own field is left out. */
static const enum field_id MET[CARD_SECTIONS] = {
    FIELD_SUB,   FIELD_USER,      FIELD_IP,      FIELD_CLIENT,   FIELD_AGENT,     FIELD_POOL,
    FIELD_ERROR, FIELD_OPERATION, FIELD_COUNTRY, FIELD_IDENTITY, FIELD_ACCESS_KEY};

/* What a value met for the first time within this time of its last event is new, when the
 * caller names no moment. */
static const int64_t LATELY_US = INSTANT_DAY;

enum field_id card_met(size_t section)
{
    return MET[section];
}

size_t card_values(const struct grouping *g)
{
    size_t count = 0;

    for (size_t i = 0; i < g->n_groups; i++)
        count += g->groups[i].keys[0].state == VALUE_TEXT;
    return count;
}

int64_t card_new_since(const struct card_facts *c)
{
    const struct selection *s = c->selection;
    int64_t since_us;

    if (!s || s->first_us == INSTANT_NONE)
        return INSTANT_NONE;
    since_us = c->event_us != INSTANT_NONE ? c->event_us : s->last_us - LATELY_US;
    return since_us > s->first_us ? since_us : INSTANT_NONE;
}

bool card_is_new(const struct card_facts *c, const struct group *g)
{
    int64_t since_us = card_new_since(c);

    return since_us != INSTANT_NONE && g->first_us != INSTANT_NONE && g->first_us >= since_us;
}

size_t card_new_values(const struct card_facts *c, const struct grouping *g)
{
    size_t count = 0;

    for (size_t i = 0; i < g->n_groups; i++)
        count += g->groups[i].keys[0].state == VALUE_TEXT && card_is_new(c, &g->groups[i]);
    return count;
}

static void add_line(struct card_facts *c, struct card_line line)
{
    mem_grow(&c->lines, &c->cap, c->count + 1, sizeof *c->lines);
    c->lines[c->count++] = line;
}

static void list_learned(struct card_facts *c)
{
    if (c->n_learned == 0 && c->command.len == 0)
        return;
    add_line(c, (struct card_line){.kind = CARD_TITLE, .title = "LEARNED from other records"});
    for (size_t i = 0; i < c->n_learned; i++)
        add_line(c, (struct card_line){.kind = CARD_LESSON, .at = i});
    if (c->command.len)
        add_line(c, (struct card_line){.kind = CARD_COMMAND});
}

static void list_notes(struct card_facts *c)
{
    const struct casebook *book = session_case(c->session);
    struct bytes field = bytes_of(field_get(c->field)->name);
    struct buffer tags = {0};

    casebook_tags(book, field, buffer_bytes(&c->text), &tags);
    if (tags.len)
        add_line(c, (struct card_line){.kind = CARD_TAGS});
    if (casebook_value_note(book, field, buffer_bytes(&c->text)).len)
        add_line(c, (struct card_line){.kind = CARD_NOTE});
    buffer_deinit(&tags);
}

/* The events of a finding's evidence that have the value; 0 when it is no part of it. */
static uint32_t events_in(const struct card_facts *c, const struct finding *f)
{
    for (unsigned kind = 0; kind < ENTITY_COUNT; kind++) {
        const struct entities *e = &f->entities[kind];

        if (entity_field((enum entity_kind)kind) != c->field)
            continue;
        for (uint32_t i = 0; i < e->count; i++)
            if (bytes_equal(e->items[i].text, buffer_bytes(&c->text)))
                return e->items[i].events;
    }
    return 0;
}

/* Findings stand in the order of the queue: the worst first. */
static void list_findings(struct card_facts *c)
{
    const struct findings *all = c->triage ? &c->triage->findings : NULL;
    size_t shown = 0;

    memset(c->findings, 0, sizeof c->findings);
    for (size_t i = 0; all && i < all->count; i++) {
        uint32_t events = events_in(c, &all->items[i]);

        if (events == 0)
            continue;
        c->findings[all->items[i].severity]++;
        if (shown == 0)
            add_line(c,
                     (struct card_line){.kind = CARD_TITLE, .title = "FINDINGS that it is in"});
        if (shown++ < FINDINGS_SHOWN)
            add_line(c, (struct card_line){.kind = CARD_FINDING, .at = i, .events = events});
    }
}

/* The values with most events, and behind them new ones, which often have few. */
static void list_values(struct card_facts *c, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        const struct grouping *g = c->groupings[i];
        size_t shown = 0, fresh = 0, heading;

        if (!g || card_values(g) == 0)
            continue;
        heading = c->count;
        add_line(c, (struct card_line){.kind = CARD_HEADING, .section = i});
        for (size_t k = 0; k < g->n_groups; k++) {
            if (g->groups[k].keys[0].state != VALUE_TEXT)
                continue;
            if (shown < SHOWN_PER_SECTION)
                shown++;
            else if (fresh < SHOWN_PER_SECTION && card_is_new(c, &g->groups[k]))
                fresh++;
            else
                continue;
            add_line(c, (struct card_line){.kind = CARD_VALUE, .section = i, .at = k});
        }
        c->lines[heading].at = shown + fresh;
    }
}

/* The pool that the value has, as far as there is only one. */
static struct bytes only_pool(const struct card_facts *c)
{
    const struct grouping *g = NULL;
    struct bytes pool = {0};

    for (size_t i = 0; i < CARD_SECTIONS; i++)
        g = MET[i] == FIELD_POOL ? c->groupings[i] : g;
    for (size_t i = 0; g && i < g->n_groups && card_values(g) == 1; i++)
        if (g->groups[i].keys[0].state == VALUE_TEXT)
            pool = g->groups[i].keys[0].text;
    return pool;
}

void card_facts_list(struct card_facts *c)
{
    buffer_clear(&c->command);
    if (c->field == FIELD_SUB)
        (void)names_add_command(&c->command, only_pool(c), buffer_bytes(&c->text));
    c->count = 0;
    list_notes(c);
    list_values(c, 0, FIRST_SECTIONS);
    list_findings(c);
    list_learned(c);
    list_values(c, FIRST_SECTIONS, CARD_SECTIONS);
}

bool card_facts_take(struct card_facts *c)
{
    struct lessons *lessons = session_lessons(c->session);
    struct triage *triage = session_triage(c->session);
    struct bytes known[FIELD_COUNT] = {0};

    if (lessons == c->lessons && triage == c->triage)
        return false;
    if (lessons && lessons != c->lessons) {
        lessons_release(c->lessons);
        c->lessons = lessons_hold(lessons);
        known[c->field] = buffer_bytes(&c->text);
        c->n_learned = lessons_about(lessons, known, c->learned);
    }
    if (triage && triage != c->triage) {
        triage_release(c->triage);
        c->triage = triage_hold(triage);
    }
    card_facts_list(c);
    return true;
}

void card_facts_deinit(struct card_facts *c)
{
    for (size_t i = 0; i < CARD_SECTIONS; i++)
        grouping_free(c->groupings[i]);
    selection_release(c->selection);
    lessons_release(c->lessons);
    triage_release(c->triage);
    buffer_deinit(&c->text);
    buffer_deinit(&c->command);
    mem_free(c->lines);
}
