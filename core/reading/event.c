#include "core/reading/event.h"

#include <assert.h>

#include "core/base/mem.h"

#include "core/reading/foreign.h"
#include "core/reading/lambda.h"
#include "core/reading/parts.h"
#include "core/reading/via.h"

/* A way down through wrappers, from a record to a text in it. */
struct descent {
    struct bytes text;    /* where it has come to */
    struct wrapped where; /* of that text */
    unsigned log_layers;  /* around the text of a log's event, if one was passed */
    int64_t at_us, log_us;
    struct log_place place;
    bool inmost; /* where a layer could be a record and also holds one, the inner one is meant:
                  * columns that were asked for beside @message repeat what it says */
    bool passed; /* such a layer was passed */
    bool row, summary; /* what was taken off last */
    const char *seems;
};

struct event_reader {
    struct walker walker;
    struct filler filler;
    struct unwrapper inner; /* what stands in wrappers */
    bool record_is_row;     /* something could be taken off, be it no record */
    size_t row_service, row_lambda;
    /* A record whose text holds several: those behind the one that was given last. */
    struct parts parts;
    struct descent several;
    struct bytes raw; /* of the record */
    unsigned n_parts;
    bool is_split;
    struct left_out left_out;
    struct arena names; /* of the user */
    struct listed_user user;
};

static size_t row_of(const char *path)
{
    size_t i = 0;

    while (i < path_count() && !bytes_are(bytes_of(path), path_get(i)->path))
        i++;
    assert(i < path_count());
    return i;
}

struct event_reader *event_reader_new(const struct config *config)
{
    struct event_reader *r = mem_alloc(sizeof *r);

    walker_init(&r->walker, config, foreign_sign);
    filler_init(&r->filler);
    r->row_service = row_of("eventSource");
    r->row_lambda = row_of(LAMBDA_REQUEST_ID);
    return r;
}

const struct config *event_reader_config(const struct event_reader *r)
{
    return r->walker.config;
}

void event_reader_free(struct event_reader *r)
{
    if (!r)
        return;
    walker_deinit(&r->walker);
    filler_deinit(&r->filler);
    unwrapper_deinit(&r->inner);
    arena_deinit(&r->names);
    mem_free(r);
}

/* Takes what the record that was walked says. */
static void decide(struct event_reader *r, const struct cursor *c, struct event *out)
{
    fill_event(&r->filler, &r->walker, out);
    out->flags |= c->bad_utf8 ? EVENT_BAD_UTF8 : 0;
}

/* eventSource of what was walked; empty without one. */
static struct bytes service_of(const struct event_reader *r)
{
    const struct found *f = &r->walker.found[r->row_service];

    return f->state == VALUE_TEXT ? walker_text_of(&r->walker, f) : (struct bytes){0};
}

/* A record of a format that is read, by what the walk met. */
static bool is_record(const struct event_reader *r, enum format *format)
{
    return foreign_format(r->walker.signs, service_of(r), format);
}

static const char *seems_to_be(const struct event_reader *r)
{
    return foreign_seems(r->walker.signs, service_of(r));
}

static void use_time(struct event *e, int64_t at_us)
{
    if (at_us == INSTANT_NONE)
        return;
    e->time_us = at_us;
    e->flags &= ~(uint32_t)EVENT_NO_TIME;
}

/* Logs drop or cut what is too long for them. Both keys stand in every record. */
static bool begins_as_record(struct bytes text)
{
    static const char *const keys[] = {"\"eventVersion\"", "\"eventSource\""};

    for (size_t i = 0; bytes_starts(text, "{") && i < ARRAY_LEN(keys); i++)
        if (bytes_find(text, bytes_of(keys[i])) < text.len)
            return true;
    return false;
}

static uint32_t place_flags(struct wrapped where)
{
    return where.layers * EVENT_LAYER | where.split * EVENT_SPLIT | where.part * EVENT_PART;
}

/* What the heading of a line says counts where the object in it does not. */
static void take_heading(const struct event_reader *r, const struct lambda_line *line,
                         struct event *out)
{
    struct value *id = &out->values[FIELD_REQUEST_ID];
    int64_t at_us;

    if (line->request_id.len > 0 && id->state != VALUE_TEXT)
        *id = (struct value){line->request_id, VALUE_TEXT, (uint16_t)r->row_lambda};
    if (out->time_us == INSTANT_NONE && line->time.len > 0 && instant_parse(line->time, &at_us))
        use_time(out, at_us);
}

/* An event of a log whose text is no record. */
static void read_log_text(struct event_reader *r, struct event *out, struct wrapped where,
                          int64_t at_us)
{
    struct bytes text = unwrap(&r->inner, out->raw, where);
    struct cursor c;
    struct lambda_line line = {0};
    bool json = walker_text(&r->walker, text, &c);

    if (!json && (!lambda_read(text, &line) || !walker_text(&r->walker, line.object, &c)))
        walker_start(&r->walker);
    out->format = FORMAT_APP_LOG;
    decide(r, &c, out);
    take_heading(r, &line, out);
    out->torn = !json && begins_as_record(text);
    use_time(out, at_us);
    out->flags |= place_flags(where);
}

/* Rows that count are made of the same columns as rows that are events, but nothing says when.
 */
static bool is_statistic(const struct event *e)
{
    return e->time_us == INSTANT_NONE && e->values[FIELD_EVENT_ID].state != VALUE_TEXT;
}

static void clear_place(struct event *e)
{
    e->log = e->stream = (struct bytes){0};
    e->ingested_us = INSTANT_NONE;
}

static void use_place(struct event *e, const struct log_place *place)
{
    e->log = place->log;
    e->stream = place->stream;
    if (place->ingested.len == 0 || !via_time(VIA_TIME, place->ingested, &e->ingested_us))
        e->ingested_us = INSTANT_NONE;
}

/* Is the text that was walked a record, and not one that holds the record which is meant? */
static bool is_met(struct event_reader *r, struct event *out, struct descent *d)
{
    if (!is_record(r, &out->format)) {
        const char *seems = seems_to_be(r);

        if (seems && (!d->seems || foreign_is_carrier(d->seems)))
            d->seems = seems;
        return false;
    }
    if (!d->inmost || !foreign_is_holder(r->walker.signs))
        return true;
    d->passed = true;
    return false;
}

/* Takes the record that was walked. False when it is none after all. */
static bool take(struct event_reader *r, const struct cursor *c, struct event *out,
                 struct descent *d)
{
    int64_t own_us = fill_time(&r->walker, FORMAT_APP_LOG); /* of a row laid out: @timestamp */

    decide(r, c, out);
    if (out->time_us == INSTANT_NONE)
        use_time(out, own_us != INSTANT_NONE ? own_us : d->at_us);
    if (d->row && is_statistic(out)) {
        d->seems = FOREIGN_STATISTIC;
        return false;
    }
    use_place(out, &d->place);
    out->content = d->text;
    out->flags |= place_flags(d->where) | (d->summary ? EVENT_SUMMARY : 0);
    return true;
}

static bool split(struct event_reader *r, struct event *out, struct descent *d);

/* Goes on down to a record, or to the text of a log's event. False when there is neither;
 * `d->seems` may know more then. */
static bool descend(struct event_reader *r, struct event *out, struct descent *d)
{
    while (d->where.layers < UNWRAP_MAX_LAYERS) {
        int64_t here_us = fill_time(&r->walker, FORMAT_APP_LOG);
        bool row = bytes_starts(d->text, "["), walked;
        enum wrapping wrapping =
            unwrap_layer(d->text, &r->inner.texts[d->where.layers], &d->text, &d->place);
        const char *seems = d->seems;
        struct cursor c;

        r->record_is_row |= d->where.layers == 0 && wrapping != WRAPPING_NONE;
        if (wrapping == WRAPPING_NONE)
            break;
        d->where.layers++;
        d->row = row;
        d->summary = wrapping == WRAPPING_SUMMARY;
        d->at_us = here_us != INSTANT_NONE ? here_us : d->at_us;
        if (wrapping == WRAPPING_LOG) {
            if (foreign_is_control(d->text, &d->seems))
                return false;
            d->log_layers = d->where.layers;
            d->log_us = d->at_us;
        }
        walked = walker_text(&r->walker, d->text, &c);
        if (walked && is_met(r, out, d))
            return take(r, &c, out, d);
        if (d->where.split == 0 && parts_are(d->text)) {
            d->seems = seems;
            if (split(r, out, d))
                return true;
            walked = walked && walker_text(&r->walker, d->text, &c);
        }
        if (!walked)
            break;
    }
    if (d->log_layers == 0 || d->passed)
        return false;
    d->where.layers = d->log_layers;
    read_log_text(r, out, d->where, d->log_us);
    use_place(out, &d->place);
    return true;
}

/* The record in the object that was walked; see struct descent for `inmost`. */
static bool read_wrapped(struct event_reader *r, struct event *out, bool inmost,
                         const char **seems)
{
    struct descent d = {.text = out->raw,
                        .at_us = INSTANT_NONE,
                        .log_us = INSTANT_NONE,
                        .inmost = inmost,
                        .passed = inmost && is_record(r, &out->format),
                        .seems = *seems};
    bool read = descend(r, out, &d);

    *seems = d.seems;
    return read;
}

/* ---- several records in one text ---- */

static void leave_out(struct event_reader *r, const char *seems)
{
    r->left_out.count++;
    if (!r->left_out.seems || foreign_is_aside(r->left_out.seems))
        r->left_out.seems = seems;
}

static bool read_part(struct event_reader *r, struct event *out, struct descent *d)
{
    struct cursor c;

    if (walker_text(&r->walker, d->text, &c) && is_met(r, out, d))
        return take(r, &c, out, d);
    return descend(r, out, d);
}

/* The next part that is an event. */
static bool next_part(struct event_reader *r, struct event *out)
{
    struct bytes text;

    out->raw = out->content = r->raw;
    while (parts_next(&r->parts, &text)) {
        struct descent d = r->several;

        d.text = text;
        d.where.part = r->n_parts++;
        if (d.where.part >= PARTS_MAX) {
            leave_out(r, "records behind the first 4,096 in one text");
            continue;
        }
        if (read_part(r, out, &d))
            return true;
        leave_out(r, d.seems ? d.seems : "JSON of an unknown kind");
    }
    if (r->parts.cut)
        leave_out(r, "a record without its end");
    else if (r->parts.rest.len > 0)
        leave_out(r, "text that is no record");
    return false;
}

/* Begins with the parts of a text. False when none of them is an event. */
static bool split(struct event_reader *r, struct event *out, struct descent *d)
{
    r->several = *d;
    r->several.where.split = d->where.layers;
    r->several.log_layers = 0;
    r->several.passed = false;
    r->several.seems = NULL;
    parts_init(&r->parts, d->text);
    r->n_parts = 0;
    r->raw = out->raw;
    r->left_out = (struct left_out){0};
    r->is_split = next_part(r, out);
    if (r->is_split)
        return true;
    if (r->left_out.seems && (!d->seems || foreign_is_carrier(d->seems)))
        d->seems = r->left_out.seems;
    r->left_out = (struct left_out){0};
    return false;
}

bool event_next(struct event_reader *r, struct event *out)
{
    if (r->is_split)
        r->is_split = next_part(r, out);
    return r->is_split;
}

bool event_is_split(const struct event_reader *r)
{
    return r->is_split;
}

struct left_out event_left_out(const struct event_reader *r)
{
    return r->left_out;
}

bool event_read_again(struct event_reader *r, struct cursor *c, uint32_t flags,
                      struct event *out)
{
    if (event_read(r, c, out, NULL) != EVENT_READ)
        return false;
    while (event_wrapped(out->flags).part != event_wrapped(flags).part)
        if (!event_next(r, out))
            return false;
    return true;
}

/* ---- whole records ---- */

/* Rows of a result were laid out as objects to see what they are. */
static const char *unknown_kind(enum cursor_kind kind, const struct event_reader *r)
{
    if (kind == CURSOR_OBJECT)
        return "a JSON object of an unknown kind";
    return kind == CURSOR_ARRAY && r->record_is_row
               ? "a row of a query's result without a record"
               : "a JSON value that is no object";
}

/* Walks the whole of the record once more, when what stands in it was no better; a list has
 * nothing to be met. */
static bool walk_again(struct event_reader *r, struct bytes text)
{
    struct cursor c;

    return walker_text(&r->walker, text, &c) || bytes_starts(text, "[");
}

/* A record without a wrapper of its own. */
static enum event_verdict read_bare(struct event_reader *r, const struct cursor *c,
                                    struct event *out, const char **seems)
{
    decide(r, c, out);
    clear_place(out);
    if (!is_statistic(out) || !unwrap_is_count(out->raw))
        return EVENT_READ;
    if (seems)
        *seems = FOREIGN_STATISTIC;
    return EVENT_FOREIGN;
}

static bool read_user(struct event_reader *r, struct bytes text)
{
    arena_deinit(&r->names);
    return userlist_read(text, &r->names, &r->user);
}

const struct listed_user *event_user(const struct event_reader *r)
{
    return &r->user;
}

enum event_verdict event_read(struct event_reader *r, struct cursor *c, struct event *out,
                              const char **seems)
{
    enum cursor_kind kind;
    const char *start, *foreign;
    bool bare_log, record;

    r->record_is_row = false;
    r->is_split = false;
    r->left_out = (struct left_out){0};
    walker_start(&r->walker);
    c->bad_utf8 = false;
    if (!cursor_peek(c, &kind))
        return c->fault == CURSOR_MORE ? EVENT_MORE : EVENT_MALFORMED;
    start = c->at;
    if (!(kind == CURSOR_OBJECT ? walker_object(&r->walker, c) : cursor_skip(c, NULL)))
        return c->fault == CURSOR_MORE ? EVENT_MORE : EVENT_MALFORMED;
    out->raw = out->content = bytes_make(start, (size_t)(c->at - start));
    record = is_record(r, &out->format) &&
             !(foreign_is_row(r->walker.signs) && unwrap_is_flat(out->raw));
    if (record && !foreign_is_holder(r->walker.signs))
        return read_bare(r, c, out, seems);
    if (!record && foreign_is_user(r->walker.signs) && read_user(r, out->raw))
        return EVENT_USER;
    foreign = kind == CURSOR_OBJECT ? seems_to_be(r) : NULL;
    bare_log = foreign_is_app_log(r->walker.signs) || walker_met_user_path(&r->walker);
    if (read_wrapped(r, out, true, &foreign) ||
        (!record && walk_again(r, out->raw) && read_wrapped(r, out, false, &foreign))) {
        out->flags |= c->bad_utf8 ? EVENT_BAD_UTF8 : 0;
        return EVENT_READ;
    }
    if (record && walk_again(r, out->raw) && is_record(r, &out->format))
        return read_bare(r, c, out, seems);
    if (bare_log) {
        read_log_text(r, out, (struct wrapped){0}, INSTANT_NONE);
        clear_place(out);
        return EVENT_READ;
    }
    if (seems)
        *seems = foreign ? foreign : unknown_kind(kind, r);
    return EVENT_FOREIGN;
}
