#include "core/reading/fill.h"

#include <assert.h>

#include "core/reading/foreign.h"
#include "core/reading/outcome.h"
#include "core/reading/via.h"

static size_t row_of(enum field_id field, const char *path)
{
    size_t i = 0;

    while (i < path_count() &&
           (path_get(i)->field != field || !bytes_are(bytes_of(path), path_get(i)->path)))
        i++;
    assert(i < path_count());
    return i;
}

void filler_init(struct filler *f)
{
    *f = (struct filler){
        .row_result = row_of(FIELD_OUTCOME, "responseElements.authenticationResult"),
        .row_login = row_of(FIELD_OUTCOME, "responseElements.ConsoleLogin"),
        .row_response = row_of(FIELD_OUTCOME, "message.eventResponse"),
        .row_asked = row_of(FIELD_CHALLENGE, "responseElements.challengeName"),
        .row_challenges = row_of(FIELD_REASON, "message.challenges"),
        .row_auth_response = row_of(FIELD_OUTCOME, "EventResponse"),
        .row_auth_challenges = row_of(FIELD_REASON, "ChallengeResponses"),
        .row_method = row_of(FIELD_OUTCOME, "httpMethod"),
    };
}

void filler_deinit(struct filler *f)
{
    buffer_deinit(&f->route);
}

/* The first row that holds a usable time gives it; the others are compared with it. */
static void decide_time(const struct walker *w, struct event *e)
{
    int64_t other_us;
    size_t best = SIZE_MAX;

    e->time_us = INSTANT_NONE;
    for (size_t i = 0; i < w->n_seen; i++) {
        const struct path_row *row = &w->rows[w->seen[i]];
        const struct found *f = &w->found[w->seen[i]];

        if (row->field != FIELD_TIME || f->state != VALUE_TEXT ||
            !(row->formats & 1u << e->format) ||
            !via_time(row->via, walker_text_of(w, f), &other_us))
            continue;
        if (e->time_us != INSTANT_NONE &&
            (e->time_us - other_us > INSTANT_DAY || other_us - e->time_us > INSTANT_DAY))
            e->flags |= EVENT_TWO_TIMES;
        if (w->seen[i] < best) {
            best = w->seen[i];
            e->time_us = other_us;
        }
    }
    if (e->time_us == INSTANT_NONE)
        e->flags |= EVENT_NO_TIME;
}

/* What API Gateway writes for a variable that has no value. */
static bool is_dash(const struct walker *w, const struct found *f)
{
    return f->state == VALUE_TEXT && f->len == 1 && walker_text_of(w, f).ptr[0] == '-';
}

/* A value beats redacted beats empty beats null; among equals the earlier row. */
static void decide_values(const struct walker *w, struct event *e)
{
    for (size_t i = 0; i < w->n_seen; i++) {
        size_t number = w->seen[i];
        const struct path_row *row = &w->rows[number];
        const struct found *f = &w->found[number];
        struct value *best = &e->values[row->field];
        struct value v = {.state = f->state, .path = (uint16_t)number};

        if (!(row->formats & 1u << e->format) || row->field == FIELD_TIME ||
            f->state < best->state || (e->format == FORMAT_API_ACCESS && is_dash(w, f)))
            continue;
        if (v.state == VALUE_TEXT) {
            v.text = walker_text_of(w, f);
            via_fix(row->field, &v); /* may find that it counts for less than it looked */
        }
        if (v.state < best->state || (v.state == best->state && best->path < number) ||
            v.state == VALUE_ABSENT)
            continue;
        *best = v;
        if (v.state != VALUE_TEXT)
            best->text = (struct bytes){0};
    }
}

static void put_word(struct event *e, enum field_id field, const char *word)
{
    e->values[field].state = VALUE_TEXT;
    e->values[field].text = bytes_of(word);
}

static void decide_outcome(const struct filler *f, const struct walker *w, struct event *e)
{
    bool auth = e->format == FORMAT_AUTH_EVENT;
    const struct found *response = &w->found[e->format == FORMAT_CLOUDTRAIL ? f->row_login
                                             : auth ? f->row_auth_response
                                                    : f->row_response];
    const struct found *challenges =
        &w->found[auth ? f->row_auth_challenges : f->row_challenges];
    struct outcome_facts facts = {
        .has_result = w->found[f->row_result].state == VALUE_TEXT,
        .has_challenge = w->found[f->row_asked].state > VALUE_EMPTY,
    };
    struct outcome_verdict verdict;

    if (response->state == VALUE_TEXT)
        facts.response = walker_text_of(w, response);
    if (challenges->state == VALUE_TEXT)
        facts.challenges = walker_text_of(w, challenges);
    verdict = outcome_decide(e->format, e->values, &facts);
    e->stage = verdict.stage;
    e->outcome = verdict.outcome;
    e->reason = verdict.reason;
    put_word(e, FIELD_FORMAT, format_name(e->format));
    put_word(e, FIELD_STAGE, stage_name(e->stage));
    put_word(e, FIELD_OUTCOME, outcome_name(e->outcome));
    put_word(e, FIELD_REASON, reason_name(e->reason));
    if (e->format == FORMAT_API_ACCESS) /* and not the method, which is a row of it too */
        e->values[FIELD_OUTCOME].path = e->values[FIELD_STATUS].path;
}

/* REST APIs log method and resource apart, HTTP APIs as one route: both become "GET /pets". */
static void join_method(struct filler *f, const struct walker *w, struct event *e)
{
    struct value *operation = &e->values[FIELD_OPERATION];
    const struct found *method = &w->found[f->row_method];

    if (operation->state != VALUE_TEXT || method->state != VALUE_TEXT || is_dash(w, method) ||
        operation->text.ptr[0] != '/')
        return;
    buffer_clear(&f->route);
    buffer_add(&f->route, walker_text_of(w, method));
    buffer_add_char(&f->route, ' ');
    buffer_add(&f->route, operation->text);
    operation->text = buffer_bytes(&f->route);
}

void fill_event(struct filler *f, const struct walker *w, struct event *out)
{
    out->torn = false;
    out->flags = (w->duplicate_key ? EVENT_DUPLICATE_KEY : 0) |
                 (foreign_is_update(w->signs) ? EVENT_UPDATE : 0);
    memset(out->values, 0, sizeof out->values);
    decide_time(w, out);
    decide_values(w, out);
    if (out->format == FORMAT_API_ACCESS)
        join_method(f, w, out);
    decide_outcome(f, w, out);
}

int64_t fill_time(const struct walker *w, enum format format)
{
    struct event timed = {.format = format};

    decide_time(w, &timed);
    return timed.time_us;
}
