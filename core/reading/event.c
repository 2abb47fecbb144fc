#include "core/reading/event.h"

#include <assert.h>

#include "core/base/mem.h"

#include "core/reading/foreign.h"

struct event_reader {
    struct walker walker;
    struct filler filler;
    struct unwrapper inner; /* what stands in wrappers */
    bool record_is_row;     /* something could be taken off, be it no record */
    size_t row_service;
    struct arena names; /* of the user */
    struct listed_user user;
};

struct event_reader *event_reader_new(const struct config *config)
{
    struct event_reader *r = mem_alloc(sizeof *r);

    walker_init(&r->walker, config, foreign_sign);
    filler_init(&r->filler);
    while (r->row_service < path_count() &&
           !bytes_are(bytes_of("eventSource"), path_get(r->row_service)->path))
        r->row_service++;
    assert(r->row_service < path_count());
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

/* An event of a log whose text is no record: `layers` stand around that text. */
static void read_log_text(struct event_reader *r, struct event *out, unsigned layers,
                          int64_t at_us)
{
    struct bytes text = unwrap(&r->inner, out->raw, layers);
    struct cursor c;
    bool json = walker_text(&r->walker, text, &c);

    if (!json)
        walker_start(&r->walker);
    out->format = FORMAT_APP_LOG;
    decide(r, &c, out);
    out->torn = !json && begins_as_record(text);
    use_time(out, at_us);
    out->flags |= layers * EVENT_LAYER;
}

/* Rows that count are made of the same columns as rows that are events, but nothing says when.
 */
static bool is_statistic(const struct event *e)
{
    return e->time_us == INSTANT_NONE && e->values[FIELD_EVENT_ID].state != VALUE_TEXT;
}

static const char *const STATISTIC =
    "a row of a query's result that counts or sums up, no event";

/* What stands in the object that was walked. Where that, or a layer, could be a record and
 * also holds one, the inner one is meant with `inmost`: columns that were asked for beside
 * @message repeat what it says. False when there is nothing; `seems` may know more then. */
static bool read_wrapped(struct event_reader *r, struct event *out, bool inmost,
                         const char **seems)
{
    struct bytes text = out->raw;
    int64_t at_us = INSTANT_NONE, log_us = INSTANT_NONE;
    unsigned log_layers = 0;
    bool passed = inmost && is_record(r, &out->format);

    for (unsigned layers = 1; layers <= UNWRAP_MAX_LAYERS; layers++) {
        int64_t here_us = fill_time(&r->walker, FORMAT_APP_LOG);
        bool row = bytes_starts(text, "[");
        enum wrapping wrapping = unwrap_layer(text, &r->inner.texts[(layers - 1) % 2], &text);
        struct cursor c;
        int64_t own_us;

        r->record_is_row |= layers == 1 && wrapping != WRAPPING_NONE;
        if (wrapping == WRAPPING_NONE)
            break;
        at_us = here_us != INSTANT_NONE ? here_us : at_us;
        if (wrapping == WRAPPING_LOG) {
            if (foreign_is_control(text, seems))
                return false;
            log_layers = layers;
            log_us = at_us;
        }
        if (!walker_text(&r->walker, text, &c))
            break;
        if (!is_record(r, &out->format)) {
            *seems = *seems ? *seems : seems_to_be(r);
            continue;
        }
        if (inmost && foreign_is_holder(r->walker.signs)) {
            passed = true;
            continue;
        }
        own_us = fill_time(&r->walker, FORMAT_APP_LOG); /* of a row laid out: @timestamp */
        decide(r, &c, out);
        if (out->time_us == INSTANT_NONE)
            use_time(out, own_us != INSTANT_NONE ? own_us : at_us);
        if (row && is_statistic(out)) {
            *seems = STATISTIC;
            return false;
        }
        out->content = text;
        out->flags |= layers * EVENT_LAYER;
        if (wrapping == WRAPPING_SUMMARY)
            out->flags |= EVENT_SUMMARY;
        return true;
    }
    if (log_layers == 0 || passed)
        return false;
    read_log_text(r, out, log_layers, log_us);
    return true;
}

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
    if (!is_statistic(out) || !unwrap_has_call(out->raw))
        return EVENT_READ;
    if (seems)
        *seems = STATISTIC;
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
        read_log_text(r, out, 0, INSTANT_NONE);
        return EVENT_READ;
    }
    if (seems)
        *seems = foreign ? foreign : unknown_kind(kind, r);
    return EVENT_FOREIGN;
}
