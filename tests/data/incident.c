#include "tests/data/incident.h"

#include <stdlib.h>
#include <string.h>

#include "tests/data/activity.h"
#include "tests/data/pack.h"

enum {
    SLOT_S = 300,      /* CloudTrail delivers about every five minutes */
    PATIENCE_S = 900,  /* … and these trails at least every fifteen */
    WORTH_A_FILE = 24, /* events that end a file at the next slot */
    LEVEL = 9,
    DAMAGE_PERCENT = 62, /* how much of the damaged file is left */
};

static struct evidence_file *add_file(struct incident *in, const char *name, const char *format)
{
    in->files = must_grow(in->files, (in->n_files + 1) * sizeof(*in->files));
    struct evidence_file *f = &in->files[in->n_files++];
    *f = (struct evidence_file){.name = name, .format = format, .status = "read"};
    return f;
}

static struct delivery *deliver(struct incident *in, size_t event)
{
    size_t n = in->n_deliveries;
    if ((n & (n - 1)) == 0)
        in->deliveries = must_grow(in->deliveries, (n ? n * 2 : 1) * sizeof(*in->deliveries));
    in->deliveries[in->n_deliveries] =
        (struct delivery){.event = event, .file = in->n_files - 1};
    return &in->deliveries[in->n_deliveries++];
}

/* Source of the key's form: CloudTrail user guide, "CloudTrail log file name format". */
static const char *trail_name(struct story *s, const char *region, int64_t stamp_s)
{
    char unique[17];
    random_text(&s->random, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                16, unique);
    return keep_printf(&s->keep,
                       "AWSLogs/" STORY_ACCOUNT "/CloudTrail/%s/%s/" STORY_ACCOUNT
                       "_CloudTrail_%s_%s_%s.json.gz",
                       region, keep_time(&s->keep, TIME_FOLDER, stamp_s), region,
                       keep_time(&s->keep, TIME_STAMP, stamp_s), unique);
}

static void shuffle(struct random *r, size_t *items, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = random_below(r, (uint32_t)i), swap = items[i - 1];
        items[i - 1] = items[other];
        items[other] = swap;
    }
}

/* Packs the events into one file, then cuts it short or delivers it again where told. */
static void deliver_trail(struct incident *in, const char *region, int64_t stamp_s,
                          size_t *events, size_t n, bool with_accidents)
{
    struct story *s = &in->story;
    bool damaged = with_accidents && stamp_s == STORY_BURST_S + 2 * SLOT_S;
    bool twice = with_accidents && stamp_s == STORY_BURST_S + 3 * SLOT_S;
    struct text raw = {0};
    size_t *ends = must_grow(NULL, n * sizeof(*ends));
    shuffle(&s->random, events, n);
    text_add(&raw, "{\"Records\":[");
    for (size_t i = 0; i < n; i++) {
        text_add(&raw, i ? "," : "");
        record_write(&raw, &s->events[events[i]].record);
        ends[i] = raw.len;
    }
    text_add(&raw, "]}");
    struct evidence_file *f = add_file(in, trail_name(s, region, stamp_s), "cloudtrail");
    pack_gzip(&f->content, raw.ptr, raw.len, LEVEL);
    size_t readable = raw.len;
    if (damaged) {
        f->status = "damaged";
        f->content.len = f->content.len * DAMAGE_PERCENT / 100;
        readable = pack_readable_bytes(f->content.ptr, f->content.len);
    }
    for (size_t i = 0; i < n; i++)
        deliver(in, events[i])->lost = ends[i] > readable;
    if (twice) {
        f = add_file(in, trail_name(s, region, stamp_s), "cloudtrail");
        text_add_bytes(&f->content, f[-1].content.ptr, f[-1].content.len);
        for (size_t i = 0; i < n; i++)
            deliver(in, events[i])->copy = true;
    }
    free(ends);
    text_deinit(&raw);
}

static void deliver_region(struct incident *in, const char *region, bool with_accidents)
{
    struct story *s = &in->story;
    size_t *events = must_grow(NULL, s->n_events * sizeof(*events)), n = 0;
    int64_t first_slot = 0, slot = 0;
    for (size_t i = 0; i <= s->n_events; i++) {
        const struct record *r = i < s->n_events ? &s->events[i].record : NULL;
        if (r && (s->events[i].api || strcmp(r->region, region) != 0))
            continue;
        int64_t now = r ? r->time_s / SLOT_S : INT64_MAX / SLOT_S;
        bool ends =
            now > slot && (n >= WORTH_A_FILE || (now - first_slot) * SLOT_S > PATIENCE_S);
        if (n > 0 && ends) {
            deliver_trail(in, region, (slot + 1) * SLOT_S, events, n, with_accidents);
            n = 0;
        }
        if (n == 0)
            first_slot = now;
        slot = now;
        events[n] = i;
        n += r != NULL;
    }
    free(events);
}

static void deliver_activity(struct incident *in, int64_t from_s, int64_t to_s)
{
    struct story *s = &in->story;
    struct evidence_file *f =
        add_file(in, keep_printf(&s->keep, "user-activity/%s-20261118.jsonl.gz", s->pool),
                 "user-activity");
    struct text raw = {0};
    for (size_t i = 0; i < s->n_events; i++) {
        struct story_event *e = &s->events[i];
        if (!e->activity || e->record.time_s < from_s || e->record.time_s >= to_s)
            continue;
        bool own = strcmp(e->record.ip, e->person->ip) == 0;
        struct activity a = {
            .time_s = e->record.time_s,
            .type = e->activity,
            .response = e->activity_response,
            .risk = e->risk,
            .decision = e->decision,
            .challenges = e->challenges,
            .sub = e->person->sub,
            .user = e->person->user,
            .pool = s->pool,
            .client = e->client,
            .request_id = e->record.request_id,
            .ip = e->record.ip,
            .device = own ? e->person->device : "Other, Other",
            .city = e->city ? e->city
                    : own   ? e->person->city
                            : "",
            .country = e->country ? e->country
                       : own      ? e->person->country
                                  : "Netherlands",
            .compromised = e->compromised ? e->compromised : "false",
        };
        random_uuid(&s->random, a.event_id);
        memcpy(e->activity_id, a.event_id, sizeof(a.event_id));
        activity_write(&raw, &a);
        deliver(in, i)->activity = true;
    }
    pack_gzip(&f->content, raw.ptr, raw.len, LEVEL);
    text_deinit(&raw);
}

/* Lines in the form of the console's template for REST APIs, with claims beside.
 * Source: API Gateway developer guide, "Set up CloudWatch logging for REST APIs". */
static void deliver_access_log(struct incident *in)
{
    struct story *s = &in->story;
    struct evidence_file *f = NULL;
    struct text raw = {0};
    for (size_t i = 0; i < s->n_events; i++) {
        const struct story_event *e = &s->events[i];
        const struct record *r = &e->record;
        if (!e->api)
            continue;
        if (!f)
            f = add_file(in, "api-gateway/shop-prod-20261118.jsonl.gz", "api-access");
        text_printf(&raw,
                    "{\"requestId\":\"%s\",\"ip\":\"%s\",\"caller\":\"-\",\"user\":\"-\","
                    "\"requestTime\":\"%s\",\"httpMethod\":\"GET\",\"resourcePath\":\"%s\","
                    "\"status\":\"200\",\"protocol\":\"HTTP/1.1\",\"responseLength\":\"%u\","
                    "\"sub\":\"%s\",\"client_id\":\"%s\"}\n",
                    r->request_id, r->ip, keep_time(&s->keep, TIME_CLF, r->time_s), e->api,
                    200 + random_below(&s->random, 900),
                    e->person ? e->person->sub : e->client, e->client);
        deliver(in, i);
    }
    if (f)
        pack_gzip(&f->content, raw.ptr, raw.len, LEVEL);
    text_deinit(&raw);
}

static void deliver_notifications(struct incident *in)
{
    static const char *const details[] = {
        "E-mail message could not be delivered: the recipient's mailbox is full.",
        "SMS message could not be delivered: the monthly spending limit was reached.",
        "E-mail message could not be delivered: the address is on the suppression list.",
    };
    struct story *s = &in->story;
    struct evidence_file *f =
        add_file(in, keep_printf(&s->keep, "user-notification/%s-20261118.jsonl", s->pool),
                 "user-notification");
    for (size_t i = 0; i < sizeof(details) / sizeof(*details); i++) {
        notification_write(&f->content, STORY_HOUR(32) + (int64_t)i * 2711, s->pool,
                           details[i]);
        deliver(in, SIZE_MAX);
        in->n_notifications++;
    }
}

/* What the bucket told a queue about a new object: has Records and is no log. */
static void add_false_friend(struct incident *in)
{
    struct evidence_file *f = add_file(in, "s3-events/object-created-20261118.json", "other");
    f->status = "skipped";
    text_add(&f->content,
             "{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\","
             "\"awsRegion\":\"" STORY_REGION "\",\"eventTime\":\"2026-11-18T09:20:04.517Z\","
             "\"eventName\":\"ObjectCreated:Put\",\"userIdentity\":{\"principalId\":"
             "\"AWS:AROAEXAMPLEDELIVERY1:i-delivery\"},\"requestParameters\":{"
             "\"sourceIPAddress\":\"192.0.2.77\"},\"s3\":{\"s3SchemaVersion\":\"1.0\","
             "\"bucket\":{\"name\":\"shop-example-trail\","
             "\"arn\":\"arn:aws:s3:::shop-example-trail\"},\"object\":{\"key\":"
             "\"AWSLogs/" STORY_ACCOUNT "/CloudTrail/" STORY_REGION
             "/2026/11/18/\",\"size\":14211}}}]}\n");
}

void incident_deliver(struct incident *in, const struct delivery_plan *plan)
{
    story_sort(&in->story);
    if (!plan->no_trail) {
        deliver_region(in, STORY_REGION, plan->with_accidents);
        deliver_region(in, "us-east-1", plan->with_accidents);
    }
    if (plan->activity_from_s < plan->activity_to_s)
        deliver_activity(in, plan->activity_from_s, plan->activity_to_s);
    deliver_access_log(in);
    if (plan->with_accidents) {
        deliver_notifications(in);
        add_false_friend(in);
    }
}

void incident_make(struct incident *in, uint64_t seed)
{
    /* The export covers a part of the second day only. */
    static const struct delivery_plan demo = {.with_accidents = true,
                                              .activity_from_s = STORY_HOUR(32),
                                              .activity_to_s = STORY_HOUR(36)};
    *in = (struct incident){0};
    story_init(&in->story, &story_demo, seed);
    story_background(&in->story);
    story_attack(&in->story);
    incident_deliver(in, &demo);
}

void incident_deinit(struct incident *in)
{
    for (size_t i = 0; i < in->n_files; i++)
        text_deinit(&in->files[i].content);
    free(in->files);
    free(in->deliveries);
    story_deinit(&in->story);
}

void incident_write(const struct incident *in, const char *folder)
{
    struct text path = {0};
    for (size_t i = 0; i < in->n_files; i++) {
        const struct evidence_file *f = &in->files[i];
        path.len = 0;
        text_printf(&path, "%s/%s", folder, f->name);
        text_add_bytes(&path, "", 1);
        pack_write_file(path.ptr, f->content.ptr, f->content.len);
    }
    text_deinit(&path);
}

void incident_embed(const struct incident *in, const char *path)
{
    struct text out = {0};
    text_add(&out, "/* Written by cogtrail-generate. */\n#include \"tests/data/demo.h\"\n");
    for (size_t i = 0; i < in->n_files; i++) {
        const struct text *content = &in->files[i].content;
        text_printf(&out, "\nstatic const unsigned char file_%zu[] = {", i);
        for (size_t at = 0; at < content->len; at++)
            text_printf(&out, "%s%u,", at % 24 ? "" : "\n", (unsigned char)content->ptr[at]);
        text_add(&out, "\n};\n");
    }
    text_add(&out, "\nconst struct demo_file demo_files[] = {\n");
    for (size_t i = 0; i < in->n_files; i++)
        text_printf(&out, "    {\"dump/%s\", file_%zu, sizeof(file_%zu)},\n", in->files[i].name,
                    i, i);
    text_printf(&out, "};\nconst size_t demo_file_count = %zu;\n", in->n_files);
    pack_write_file(path, out.ptr, out.len);
    text_deinit(&out);
}
