/* The lines of a coverage in words. */
#include <inttypes.h>

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/concluding/coverage.h"

/* Values beyond these are told as a number: a line each would hide the rest. */
enum { VALUES_MAX = 50, GAPS_MAX = 50 };

const char *coverage_section_name(enum coverage_section section)
{
    static const char *const names[COVERAGE_SECTIONS] = {
        [COVERAGE_FILES] = "files",     [COVERAGE_EVENTS] = "events",
        [COVERAGE_FORMATS] = "formats", [COVERAGE_ACCOUNTS] = "accounts",
        [COVERAGE_REGIONS] = "regions", [COVERAGE_POOLS] = "pools",
        [COVERAGE_HOURS] = "hours",     [COVERAGE_DELAY] = "delay",
        [COVERAGE_NOTICES] = "notices",
    };

    return names[section];
}

/* Appends a line; what `text` holds moves into it. */
static struct coverage_line *add(struct coverage *c, enum coverage_section section, bool warns,
                                 struct buffer *text)
{
    struct coverage_line *line;

    mem_grow(&c->lines, &c->lines_cap, c->n_lines + 1, sizeof *c->lines);
    line = &c->lines[c->n_lines++];
    *line = (struct coverage_line){.section = section,
                                   .warns = warns,
                                   .text = arena_copy(&c->arena, buffer_bytes(text)),
                                   .field = FIELD_COUNT,
                                   .from_us = INSTANT_NONE,
                                   .to_us = INSTANT_NONE};
    buffer_clear(text);
    return line;
}

static void add_count(struct buffer *out, uint64_t n, const char *what)
{
    buffer_printf(out, "%" PRIu64 " %s%s", n, what, n == 1 ? "" : "s");
}

static void add_span(struct buffer *out, int64_t first_us, int64_t last_us)
{
    instant_add(out, first_us, INSTANT_TABLE, 0);
    buffer_add_text(out, " to ");
    instant_add(out, last_us, INSTANT_TABLE, 0);
}

static void add_files(struct coverage *c, struct buffer *text)
{
    const struct ledger_totals *t = &c->totals;

    buffer_printf(text,
                  "%" PRIu64 " files = %" PRIu64 " read + %" PRIu64 " damaged + %" PRIu64
                  " skipped + %" PRIu64 " not read",
                  t->files, t->read, t->damaged, t->skipped, t->stopped + t->waiting);
    add(c, COVERAGE_FILES, t->damaged + t->skipped + t->stopped + t->waiting > 0, text);
    buffer_printf(text,
                  "%" PRIu64 " bytes = %" PRIu64 " in records + %" PRIu64
                  " around them + %" PRIu64 " in problems",
                  t->bytes, t->record_bytes, t->wrapper_bytes, t->problem_bytes);
    add(c, COVERAGE_FILES, t->problem_bytes > 0, text);
}

static void add_events(struct coverage *c, struct buffer *text)
{
    buffer_printf(text, "%" PRIu64 " records = %" PRIu64 " indexed + %" PRIu64 " rejected",
                  c->totals.events + c->totals.rejected, c->totals.events, c->totals.rejected);
    add(c, COVERAGE_EVENTS, c->totals.rejected > 0, text);
    buffer_printf(
        text, "%" PRIu64 " are copies of others; %" PRIu64 " share an id with another content",
        c->duplicates, c->conflicts);
    add(c, COVERAGE_EVENTS, c->conflicts > 0, text);
    if (c->first_us != INSTANT_NONE) {
        add_span(text, c->first_us, c->last_us);
        add(c, COVERAGE_EVENTS, false, text);
    }
    if (c->no_time > 0) {
        buffer_printf(text, "%" PRIu64 " have no usable time and stand last", c->no_time);
        add(c, COVERAGE_EVENTS, true, text);
    }
}

static void add_values(struct coverage *c, enum coverage_field which,
                       enum coverage_section section, struct buffer *text)
{
    static const char *const states[] = {
        [VALUE_ABSENT] = "none given", [VALUE_NULL] = "null", [VALUE_EMPTY] = "empty",
        [VALUE_REDACTED] = "hidden",   [VALUE_TEXT] = "",
    };
    size_t n = c->n_values[which], shown = n < VALUES_MAX ? n : VALUES_MAX;

    for (size_t i = 0; i < shown; i++) {
        const struct coverage_value *v = &c->values[which][i];
        struct coverage_line *line;

        add_count(text, v->events, "event");
        if (v->first_us != INSTANT_NONE) {
            buffer_add_text(text, ", ");
            add_span(text, v->first_us, v->last_us);
        }
        line = add(c, section, false, text);
        line->name = v->state == VALUE_TEXT ? v->text : bytes_of(states[v->state]);
        if (v->state == VALUE_TEXT)
            line->field = coverage_field_id(which);
    }
    if (shown < n) {
        buffer_printf(text, "and %zu more", n - shown);
        add(c, section, false, text);
    }
}

static void add_gaps(struct coverage *c, const struct coverage_stream *s, struct bytes name,
                     struct buffer *text)
{
    size_t shown = s->n_gaps < GAPS_MAX ? s->n_gaps : GAPS_MAX;

    for (size_t i = 0; i < shown; i++) {
        const struct coverage_gap *gap = &s->gaps[i];
        struct coverage_line *line;

        buffer_add_text(text, "no file delivered from ");
        add_span(text, gap->from_us, gap->to_us);
        buffer_printf(text, " (%" PRIi64 " h)", (gap->to_us - gap->from_us) / INSTANT_HOUR);
        line = add(c, COVERAGE_HOURS, true, text);
        line->name = name;
        line->from_us = gap->from_us;
        line->to_us = gap->to_us;
    }
    if (shown < s->n_gaps) {
        buffer_printf(text, "and %zu more gaps", s->n_gaps - shown);
        add(c, COVERAGE_HOURS, true, text);
    }
}

static void add_streams(struct coverage *c, struct buffer *text)
{
    struct buffer name = {0};

    for (size_t i = 0; i < c->n_streams; i++) {
        const struct coverage_stream *s = &c->streams[i];
        struct coverage_line *line;
        struct bytes kept;

        add_count(text, s->files, "log file");
        buffer_printf(text, " delivered in %" PRIu64 " of ", s->hours - s->empty_hours);
        add_count(text, s->hours, "hour");
        buffer_add_text(text, ", ");
        add_span(text, s->first_us, s->last_us);
        line = add(c, COVERAGE_HOURS, false, text);
        buffer_clear(&name);
        buffer_add(&name, s->account);
        buffer_add_char(&name, ' ');
        buffer_add(&name, s->region);
        kept = arena_copy(&c->arena, buffer_bytes(&name));
        line->name = kept;
        add_gaps(c, s, kept, text);
    }
    if (c->n_streams > 0) {
        buffer_add_text(text, "An hour without a file may have had no events, or its files are "
                              "not here: digests tell (--verify).");
        add(c, COVERAGE_HOURS, false, text);
    }
    buffer_deinit(&name);
}

static void add_delay(struct coverage *c, struct buffer *text)
{
    const struct coverage_delay *d = &c->delay;
    struct coverage_line *line;

    if (d->files == 0)
        return;
    add_count(text, d->files, "file");
    buffer_add_text(text, " came after the newest event in it by ");
    instant_add_span(text, d->median_us);
    buffer_add_text(text, " (median), ");
    instant_add_span(text, d->p99_us);
    buffer_add_text(text, " (99 %), ");
    instant_add_span(text, d->max_us);
    buffer_add_text(text, " (most)");
    add(c, COVERAGE_DELAY, false, text);
    buffer_add_text(text, "came latest");
    line = add(c, COVERAGE_DELAY, false, text);
    line->name = d->slowest->path;
    line->field = FIELD_FILE;
    if (d->early > 0) {
        buffer_printf(text,
                      "%" PRIu64 " hold events newer than the minute of their delivery: a "
                      "wrong clock, or other content than they had",
                      d->early);
        add(c, COVERAGE_DELAY, true, text);
    }
}

/* What such logs do not hold, whoever reads them.
 * Sources: Amazon Cognito developer guide, "Logging Amazon Cognito API calls with AWS
 * CloudTrail" and "Exporting user activity"; CloudTrail user guide, "Logging data events". */
static void add_notices(struct coverage *c, struct buffer *text)
{
    if (c->has_trail && c->has_cognito && !c->has_identity_data) {
        buffer_add_text(
            text,
            "No data events of identity pools (GetId, GetCredentialsForIdentity): CloudTrail "
            "does not log them by default, so credentials that were handed out do not show. To "
            "log them from now on, together with the selectors that the trail has already, as "
            "these replace them: aws cloudtrail put-event-selectors --trail-name TRAIL "
            "--advanced-event-selectors '[{\"FieldSelectors\":[{\"Field\":\"eventCategory\","
            "\"Equals\":[\"Data\"]},{\"Field\":\"resources.type\",\"Equals\":"
            "[\"AWS::Cognito::IdentityPool\"]}]}]'");
        add(c, COVERAGE_NOTICES, true, text);
    }
    if (c->has_activity) {
        buffer_add_text(text,
                        "The export of user activity is best effort: an event that is not "
                        "in it may have happened.");
        add(c, COVERAGE_NOTICES, false, text);
    } else if (c->has_cognito) {
        buffer_add_text(text,
                        "No export of user activity is here: CloudTrail alone has neither "
                        "user names nor risk levels of sign-ins.");
        add(c, COVERAGE_NOTICES, true, text);
    }
    if (c->has_cognito) {
        buffer_add_text(text, "Throttled calls may not be in CloudTrail at all.");
        add(c, COVERAGE_NOTICES, false, text);
    }
    if (c->has_managed_login) {
        buffer_add_text(text, "Of the steps that hosted pages and OIDC endpoints take inside, "
                              "only some are logged.");
        add(c, COVERAGE_NOTICES, false, text);
    }
    if (ledger_is_partial(&c->totals)) {
        buffer_add_text(text, "Something is damaged, rejected or unread: all counts are lower "
                              "bounds.");
        add(c, COVERAGE_NOTICES, true, text);
    }
}

const struct coverage_line *coverage_lines(struct coverage *c, size_t *count)
{
    struct buffer text = {0};

    if (c->n_lines == 0) {
        add_files(c, &text);
        add_events(c, &text);
        add_values(c, COVERAGE_FORMAT, COVERAGE_FORMATS, &text);
        add_values(c, COVERAGE_ACCOUNT, COVERAGE_ACCOUNTS, &text);
        add_values(c, COVERAGE_REGION, COVERAGE_REGIONS, &text);
        add_values(c, COVERAGE_POOL, COVERAGE_POOLS, &text);
        add_streams(c, &text);
        add_delay(c, &text);
        add_notices(c, &text);
    }
    buffer_deinit(&text);
    *count = c->n_lines;
    return c->lines;
}
