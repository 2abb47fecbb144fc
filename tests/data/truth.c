#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/data/incident.h"
#include "tests/data/pack.h"

/* Counts per text. Few different texts: a plain list will do. */
struct tally {
    struct count {
        const char *key;
        uint64_t n;
    } counts[160];
    size_t n_counts;
};

static void tally_add(struct tally *t, const char *key)
{
    size_t i = 0;
    while (i < t->n_counts && strcmp(t->counts[i].key, key) != 0)
        i++;
    if (i == sizeof(t->counts) / sizeof(*t->counts))
        abort(); /* the story has more different texts than the list holds */
    if (i == t->n_counts)
        t->counts[t->n_counts++] = (struct count){key, 0};
    t->counts[i].n++;
}

static int by_count(const void *a, const void *b)
{
    const struct count *left = a, *right = b;
    if (left->n != right->n)
        return left->n > right->n ? -1 : 1;
    return strcmp(left->key, right->key);
}

/* A member of the object at hand: `"key":{"text":count,…}`, largest first. */
static void write_tally(struct text *out, const char *key, struct tally *t)
{
    qsort(t->counts, t->n_counts, sizeof(*t->counts), by_count);
    text_printf(out, ",\n  \"%s\":{", key);
    for (size_t i = 0; i < t->n_counts; i++) {
        text_add(out, i ? "," : "");
        text_add_quoted(out, t->counts[i].key);
        text_printf(out, ":%" PRIu64, t->counts[i].n);
    }
    text_add(out, "}");
}

static bool is_failure(const struct record *r)
{
    return r->error && strcmp(r->error, "NotAuthorizedException") == 0;
}

static const struct story_event *event_of(const struct incident *in, const struct delivery *d)
{
    return d->event == SIZE_MAX ? NULL : &in->story.events[d->event];
}

/* A CloudTrail record that can be read and is not the copy of another. */
static bool counts(const struct delivery *d)
{
    return d->event != SIZE_MAX && !d->activity && !d->copy && !d->lost;
}

static void write_files(struct text *out, const struct incident *in)
{
    text_add(out, "{\n\"files\":[");
    for (size_t i = 0; i < in->n_files; i++) {
        uint64_t events = 0, copies = 0, lost = 0;
        for (size_t k = 0; k < in->n_deliveries; k++) {
            const struct delivery *d = &in->deliveries[k];
            events += d->file == i && !d->lost;
            copies += d->file == i && d->copy;
            lost += d->file == i && d->lost;
        }
        const struct evidence_file *f = &in->files[i];
        text_printf(out,
                    "%s\n  {\"name\":\"%s\",\"format\":\"%s\",\"status\":\"%s\","
                    "\"packed_bytes\":%zu,\"events\":%" PRIu64 ",\"copies\":%" PRIu64
                    ",\"lost\":%" PRIu64 "}",
                    i ? "," : "", f->name, f->format, f->status, f->content.len, events, copies,
                    lost);
    }
    text_add(out, "]");
}

static void write_totals(struct text *out, const struct incident *in)
{
    uint64_t trail = 0, activity = 0, copies = 0, lost = 0, damaged = 0, skipped = 0;
    for (size_t i = 0; i < in->n_deliveries; i++) {
        const struct delivery *d = &in->deliveries[i];
        trail += counts(d);
        activity += d->activity;
        copies += d->copy;
        lost += d->lost;
    }
    for (size_t i = 0; i < in->n_files; i++) {
        damaged += strcmp(in->files[i].status, "damaged") == 0;
        skipped += strcmp(in->files[i].status, "skipped") == 0;
    }
    text_printf(out,
                ",\n\"totals\":{\"files\":%zu,\"damaged\":%" PRIu64 ",\"skipped\":%" PRIu64
                ",\n  \"events\":%" PRIu64 ",\"copies\":%" PRIu64 ",\"distinct\":%" PRIu64
                ",\"lost\":%" PRIu64 ",\n  \"cloudtrail\":%" PRIu64
                ",\"user_activity\":%" PRIu64 ",\"user_notification\":%zu}",
                in->n_files, damaged, skipped, trail + activity + copies + in->n_notifications,
                copies, trail + activity + in->n_notifications, lost, trail, activity,
                in->n_notifications);
}

static void write_trail(struct text *out, struct incident *in)
{
    struct tally operations = {0}, errors = {0}, ips = {0}, failures = {0}, hours = {0},
                 subs = {0};
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (size_t i = 0; i < in->n_deliveries; i++) {
        const struct story_event *e = event_of(in, &in->deliveries[i]);
        if (!counts(&in->deliveries[i]))
            continue;
        const struct record *r = &e->record;
        tally_add(&operations, r->name);
        tally_add(&ips, r->ip);
        tally_add(&hours, keep_time(&in->story.keep, TIME_HOUR, r->time_s));
        if (r->error)
            tally_add(&errors, r->error);
        if (is_failure(r))
            tally_add(&failures, r->ip);
        if (e->has_sub)
            tally_add(&subs, e->person->sub);
        first = r->time_s < first ? r->time_s : first;
        last = r->time_s > last ? r->time_s : last;
    }
    struct keep *k = &in->story.keep;
    text_printf(out, ",\n\"cloudtrail\":{\"first\":\"%s\",\"last\":\"%s\"",
                keep_time(k, TIME_ISO, first), keep_time(k, TIME_ISO, last));
    write_tally(out, "operations", &operations);
    write_tally(out, "errors", &errors);
    write_tally(out, "ips", &ips);
    write_tally(out, "not_authorized_by_ip", &failures);
    write_tally(out, "hours", &hours);
    write_tally(out, "subs", &subs);
    text_add(out, "}");
}

static bool has_readable_record(const struct incident *in, size_t event)
{
    for (size_t i = 0; i < in->n_deliveries; i++)
        if (in->deliveries[i].event == event && counts(&in->deliveries[i]))
            return true;
    return false;
}

static void write_activity(struct text *out, const struct incident *in)
{
    struct tally responses = {0}, risks = {0};
    uint64_t joined = 0;
    for (size_t i = 0; i < in->n_deliveries; i++) {
        const struct delivery *d = &in->deliveries[i];
        if (!d->activity)
            continue;
        const struct story_event *e = event_of(in, d);
        tally_add(&responses, e->activity_response);
        tally_add(&risks, e->risk);
        joined += has_readable_record(in, d->event);
    }
    text_printf(out, ",\n\"user_activity\":{\"joined_by_request_id\":%" PRIu64, joined);
    write_tally(out, "responses", &responses);
    write_tally(out, "risks", &risks);
    text_add(out, "}");
}

static void write_burst(struct text *out, struct incident *in)
{
    struct tally ips = {0}, subs = {0}, errors = {0};
    uint64_t events = 0, nameless = 0;
    for (size_t i = 0; i < in->n_deliveries; i++) {
        const struct story_event *e = event_of(in, &in->deliveries[i]);
        if (!counts(&in->deliveries[i]) || !e->attack)
            continue;
        events++;
        tally_add(&ips, e->record.ip);
        if (e->record.error)
            tally_add(&errors, e->record.error);
        if (e->has_sub)
            tally_add(&subs, e->person->sub);
        else
            nameless++;
    }
    struct keep *k = &in->story.keep;
    text_printf(out,
                ",\n\"burst\":{\"from\":\"%s\",\"to\":\"%s\",\"network\":\"203.0.113.0/24\","
                "\"client\":\"%s\",\n  \"events\":%" PRIu64
                ",\"subs\":%zu,\"without_sub\":%" PRIu64,
                keep_time(k, TIME_ISO, STORY_BURST_S),
                keep_time(k, TIME_ISO, STORY_BURST_S + STORY_BURST_LASTS_S),
                in->story.clients[APP_LEGACY], events, subs.n_counts, nameless);
    write_tally(out, "ips", &ips);
    write_tally(out, "errors", &errors);
    text_add(out, "}");
}

static void write_taken(struct text *out, struct incident *in)
{
    const struct person *p = &in->story.people[STORY_TAKEN];
    const struct story_event *success = &in->story.events[in->story.taken_event];
    const char *hostile = "";
    struct text after = {0};
    uint64_t before = 0;
    for (size_t i = 0; i < in->n_deliveries; i++) {
        const struct story_event *e = event_of(in, &in->deliveries[i]);
        if (!counts(&in->deliveries[i]))
            continue;
        before += e->has_sub && e->person == p && is_failure(&e->record) &&
                  strcmp(e->record.ip, success->record.ip) == 0 &&
                  e->record.time_s < success->record.time_s;
        if (e->record.agent_json)
            hostile = e->record.event_id;
        if (e->aftermath && e != success)
            text_printf(&after, "%s\"%s\"", after.len ? "," : "", e->record.event_id);
    }
    text_printf(out,
                ",\n\"taken\":{\"sub\":\"%s\",\"user\":\"%s\",\"ip\":\"%s\",\"client\":\"%s\","
                "\"time\":\"%s\",\"event_id\":\"%s\",\n  \"failures_before\":%" PRIu64
                ",\n  \"after\":[%.*s]},\n\"hostile_agent\":{\"event_id\":\"%s\"}\n}\n",
                p->sub, p->user, success->record.ip, success->client,
                keep_time(&in->story.keep, TIME_ISO, success->record.time_s),
                success->record.event_id, before, (int)after.len, after.ptr, hostile);
    text_deinit(&after);
}

void truth_write(struct incident *in, const char *path)
{
    struct text out = {0};
    write_files(&out, in);
    write_totals(&out, in);
    write_trail(&out, in);
    write_activity(&out, in);
    write_burst(&out, in);
    write_taken(&out, in);
    pack_write_file(path, out.ptr, out.len);
    text_deinit(&out);
}
