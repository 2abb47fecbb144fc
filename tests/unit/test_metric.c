/* Metrics and alarms against a count by brute force: whole records, parsed by another parser,
 * every line of the export compared with every record. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "core/concluding/alarm.h"
#include "core/owning/session.h"

#include "tests/data/activity.h"
#include "tests/data/pack.h"
#include "tests/data/scene.h"

/* --- the count by brute force --- */

struct call {
    char time[64]; /* 2026-11-18T09:12:44Z */
    const char *id, *request, *metric, *pool, *client;
    char result;        /* S, F, T (throttled), ? (not told), - (no attempt) */
    bool twin_of_other; /* a line of the export that belongs to a record */
};

struct brute {
    cJSON **roots;
    size_t n_roots;
    struct call *calls, *lines;
    size_t n_calls, n_lines;
};

/* The text at a path of keys with dots between; the first element where an array stands. */
static const char *text_at(const cJSON *at, const char *path)
{
    char key[64];

    while (at && *path) {
        size_t len = strcspn(path, ".");

        snprintf(key, sizeof key, "%.*s", (int)len, path);
        at = cJSON_GetObjectItemCaseSensitive(at, key);
        if (cJSON_IsArray(at))
            at = cJSON_GetArrayItem(at, 0);
        path += len + (path[len] == '.');
    }
    return cJSON_IsString(at) && *at->valuestring ? at->valuestring : NULL;
}

static const char *first_of(const cJSON *record, const char *const *paths)
{
    const char *text = NULL;

    for (; *paths && !text; paths++)
        text = text_at(record, *paths);
    return text;
}

static bool is_one_of(const char *text, const char *const *list)
{
    for (; text && *list; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

static int status_of(const cJSON *record)
{
    const cJSON *data = cJSON_GetObjectItem(record, "additionalEventData");
    const cJSON *status =
        cJSON_GetObjectItem(cJSON_GetObjectItem(data, "responseParameters"), "status");

    return cJSON_IsNumber(status) ? status->valueint : 0;
}

static char result_of_error(const char *code, const char *message)
{
    static const char *const throttled[] = {"TooManyRequestsException",
                                            "LimitExceededException",
                                            "TooManyFailedAttemptsException", NULL};
    static const char *const no_attempt[] = {
        "ForbiddenException",     "InvalidParameterException", "ResourceNotFoundException",
        "InternalErrorException", "UnexpectedLambdaException", NULL};

    if (is_one_of(code, throttled))
        return 'T';
    if (is_one_of(code, no_attempt) || (strcmp(code, "NotAuthorizedException") == 0 &&
                                        message && strstr(message, "SECRET_HASH")))
        return '-';
    return 'F';
}

/* What the record counts for; NULL for nothing. */
static const char *metric_of(const char *name, const char *flow)
{
    static const char *const ends[] = {"InitiateAuth", "AdminInitiateAuth",
                                       "RespondToAuthChallenge", "AdminRespondToAuthChallenge",
                                       NULL};
    static const char *const forms[] = {"Login_POST", "login_POST", "Mfa_POST", "mfa_totp_POST",
                                        NULL};
    static const char *const providers[] = {"SAML2Response_POST", "OAuth2Response_GET", NULL};
    bool refresh =
        flow && (strcmp(flow, "REFRESH_TOKEN_AUTH") == 0 || strcmp(flow, "REFRESH_TOKEN") == 0);

    if (strcmp(name, "GetTokensFromRefreshToken") == 0)
        return "TokenRefresh";
    if (strcmp(name, "Token_POST") == 0)
        return flow && strcmp(flow, "refresh_token") == 0 ? "TokenRefresh" : NULL;
    if (is_one_of(name, ends))
        return refresh && strstr(name, "InitiateAuth") ? "TokenRefresh" : "SignIn";
    if (strcmp(name, "SignUp") == 0)
        return "SignUp";
    if (is_one_of(name, forms))
        return "SignIn";
    return is_one_of(name, providers) ? "Federation" : NULL;
}

static char result_of(const cJSON *record, const char *name, const char *metric,
                      const char *flow)
{
    const char *code = text_at(record, "errorCode");
    const cJSON *response = cJSON_GetObjectItem(record, "responseElements");
    int status = status_of(record);

    if (code)
        return result_of_error(code, text_at(record, "errorMessage"));
    if (strcmp(name, "SignUp") == 0 || strcmp(name, "GetTokensFromRefreshToken") == 0)
        return 'S';
    if (strstr(name, "_POST") || strstr(name, "_GET")) {
        if (status == 429)
            return 'T';
        if (status >= 500)
            return '-';
        if (status >= 400)
            return 'F';
        return strcmp(name, "Token_POST") == 0 && status >= 200 && status < 300 ? 'S' : '?';
    }
    if (cJSON_GetObjectItem(response, "authenticationResult"))
        return 'S';
    if (cJSON_GetObjectItem(response, "challengeName"))
        return '-';
    if (strcmp(metric, "TokenRefresh") == 0)
        return 'S';
    if (strstr(name, "Respond"))
        return '?';
    return flow && (strstr(flow, "SRP") || strstr(flow, "CUSTOM")) ? '-' : '?';
}

static void take_record(struct brute *b, const cJSON *record)
{
    static const char *const pools[] = {"requestParameters.userPoolId",
                                        "additionalEventData.userPoolId", NULL};
    static const char *const clients[] = {
        "additionalEventData.clientId", "requestParameters.clientId",
        "additionalEventData.requestParameters.client_id", NULL};
    static const char *const flows[] = {
        "requestParameters.authFlow", "additionalEventData.requestParameters.grant_type", NULL};
    const char *name = text_at(record, "eventName"), *flow = first_of(record, flows);
    const char *metric = metric_of(name, flow), *id = text_at(record, "eventID");
    struct call *call;

    if (!metric || strcmp(text_at(record, "eventSource"), "cognito-idp.amazonaws.com") != 0)
        return;
    for (size_t i = 0; i < b->n_calls; i++)
        if (strcmp(b->calls[i].id, id) == 0)
            return;
    b->calls = realloc(b->calls, (b->n_calls + 1) * sizeof *b->calls);
    call = &b->calls[b->n_calls++];
    *call = (struct call){.id = id,
                          .request = text_at(record, "requestID"),
                          .metric = metric,
                          .pool = first_of(record, pools),
                          .client = first_of(record, clients),
                          .result = result_of(record, name, metric, flow)};
    snprintf(call->time, sizeof call->time, "%s", text_at(record, "eventTime"));
}

/* "Wed Nov 18 09:12:44 UTC 2026" as the records write it. */
static void write_time(const char *java, char *out, size_t cap)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day = 0, year = 0;
    char month[4] = "", clock[9] = "";

    assert_int_equal(sscanf(java, "%*3s %3s %d %8s UTC %d", month, &day, clock, &year), 4);
    snprintf(out, cap, "%04d-%02d-%02dT%sZ", year,
             (int)(strstr(months, month) - months) / 3 + 1, day, clock);
}

static void take_export_line(struct brute *b, const cJSON *line)
{
    const char *type = text_at(line, "message.eventType"),
               *response = text_at(line, "message.eventResponse"),
               *idp = text_at(line, "message.idpName");
    const char *decision = text_at(line, "message.riskDecision");
    bool blocked = decision && strcmp(decision, "Block") == 0 && strcmp(response, "Fail") == 0;
    struct call *call;

    if (strcmp(type, "SignIn") != 0 && strcmp(type, "SignUp") != 0)
        return;
    b->lines = realloc(b->lines, (b->n_lines + 1) * sizeof *b->lines);
    call = &b->lines[b->n_lines++];
    *call = (struct call){.request = text_at(line, "message.requestId"),
                          .metric = strcmp(type, "SignUp") == 0 ? "SignUp"
                                    : idp                       ? "Federation"
                                                                : "SignIn",
                          .pool = text_at(line, "message.userPoolId"),
                          .client = text_at(line, "message.clientId"),
                          .result = blocked                         ? '-'
                                    : strcmp(response, "Pass") == 0 ? 'S'
                                    : strcmp(response, "Fail") == 0 ? 'F'
                                    : strcmp(type, "SignUp") == 0   ? 'S'
                                                                    : '-'};
    write_time(text_at(line, "message.creationDate"), call->time, sizeof call->time);
}

static void take_text(struct brute *b, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        cJSON *root = cJSON_ParseWithLengthOpts(text, (size_t)(end - text), &text, false);
        const cJSON *records = cJSON_GetObjectItem(root, "Records"), *record;

        if (!root)
            break;
        b->roots = realloc(b->roots, (b->n_roots + 1) * sizeof(cJSON *));
        b->roots[b->n_roots++] = root;
        cJSON_ArrayForEach(record, records) take_record(b, record);
        if (!records)
            take_export_line(b, root);
        while (text < end && *text == '\n')
            text++;
    }
}

static void take_file(struct brute *b, const struct text *packed)
{
    z_stream z = {0};
    size_t cap = packed->len * 64 + 4096;
    char *text = malloc(cap);

    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    z.next_in = (Bytef *)packed->ptr;
    z.avail_in = (uInt)packed->len;
    z.next_out = (Bytef *)text;
    z.avail_out = (uInt)cap;
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    take_text(b, text, z.total_out);
    inflateEnd(&z);
    free(text);
}

/* Gives the lines of the export to the records; what is left of them counts by itself. */
static void join(struct brute *b)
{
    for (size_t l = 0; l < b->n_lines; l++) {
        struct call *line = &b->lines[l];

        for (size_t other = 0; other < l && line->request; other++)
            if (b->lines[other].request && strcmp(b->lines[other].request, line->request) == 0)
                line->twin_of_other = true;
        for (size_t i = 0; i < b->n_calls && line->request && !line->twin_of_other; i++) {
            struct call *call = &b->calls[i];

            if (!call->request || strcmp(call->request, line->request) != 0)
                continue;
            line->twin_of_other = true;
            if (strcmp(line->metric, "Federation") == 0 && strcmp(call->metric, "SignIn") == 0)
                call->metric = "Federation";
            if (call->result == '?')
                call->result = line->result;
        }
    }
}

static void drop_brute(struct brute *b)
{
    for (size_t i = 0; i < b->n_roots; i++)
        cJSON_Delete(b->roots[i]);
    free(b->roots);
    free(b->calls);
    free(b->lines);
}

/* --- lines to compare: one for each event that counts --- */

struct list {
    char **items;
    size_t n;
};

static void list_add(struct list *list, const char *time, const char *metric, bool throttles,
                     const char *pool, const char *client, char result)
{
    char line[256];

    snprintf(line, sizeof line, "%s %s%s %s %s %c", time, metric,
             throttles ? "Throttles" : "Successes", pool ? pool : "-", client ? client : "-",
             result);
    list->items = realloc(list->items, (list->n + 1) * sizeof(char *));
    list->items[list->n++] = strdup(line);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_calls(struct list *list, const struct call *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct call *c = &calls[i];

        if (c->twin_of_other || c->result == '-' || c->result == '?' ||
            (c->result == 'T' && strcmp(c->metric, "Federation") == 0))
            continue;
        list_add(list, c->time, c->metric, c->result == 'T', c->pool, c->client, c->result);
    }
}

static const char *id_text(const struct metrics *m, enum field_id field, uint32_t id,
                           char *room, size_t cap)
{
    struct bytes text = dictionary_text(store_dictionaries(m->index->store)[field], id);

    if (id < DICTIONARY_FIRST_TEXT)
        return NULL;
    snprintf(room, cap, "%.*s", (int)text.len, text.ptr);
    return room;
}

/* Cells of one second: each success and each failure becomes a line. */
static void list_cells(struct list *list, const struct metrics *m)
{
    struct metric_cells cells;

    metrics_cells(m, METRIC_BY_SERIES, 1000000, &cells);
    for (size_t i = 0; i < cells.n; i++) {
        const struct metric_cell *c = &cells.items[i];
        const struct metric_series *s = &m->series[c->of];
        bool throttles = metric_is_throttles(c->metric);
        char metric[32], pool[64], client[64];
        struct buffer time = {0};

        snprintf(metric, sizeof metric, "%.*s", (int)(strlen(metric_name(c->metric)) - 9),
                 metric_name(c->metric));
        instant_add(&time, c->from_us, INSTANT_ISO, 0);
        buffer_add_char(&time, '\0');
        assert_int_equal(time.ptr[19] == '.' ? 1 : 0, 0);
        for (uint64_t k = 0; k < c->attempts; k++)
            list_add(list, time.ptr, metric, throttles,
                     id_text(m, FIELD_POOL, s->pool, pool, sizeof pool),
                     id_text(m, FIELD_CLIENT, s->client, client, sizeof client),
                     throttles          ? 'T'
                     : k < c->successes ? 'S'
                                        : 'F');
        buffer_deinit(&time);
    }
    metric_cells_deinit(&cells);
}

static void compare(struct list *want, struct list *got)
{
    qsort(want->items, want->n, sizeof(char *), by_text);
    qsort(got->items, got->n, sizeof(char *), by_text);
    for (size_t i = 0; i < want->n && i < got->n; i++)
        assert_string_equal(got->items[i], want->items[i]);
    assert_int_equal(got->n, want->n);
    for (size_t i = 0; i < want->n; i++)
        free(want->items[i]);
    for (size_t i = 0; i < got->n; i++)
        free(got->items[i]);
    free(want->items);
    free(got->items);
}

/* --- evidence --- */

static struct session *load(const struct text *files, size_t n_files)
{
    struct session *s = session_new();
    char name[48];

    for (size_t i = 0; i < n_files; i++) {
        snprintf(name, sizeof name, "file-%zu.json.gz", i);
        archive_add_memory(session_archive(s), bytes_of(name),
                           bytes_make(files[i].ptr, files[i].len));
    }
    session_start(s);
    session_wait(s);
    return s;
}

static struct metrics *metrics_of(struct session *s)
{
    atomic_bool cancelled = false;
    struct metrics *m = metrics_new(session_index(s), false, &cancelled);

    assert_non_null(m);
    return m;
}

static void check(const struct text *files, size_t n_files)
{
    struct brute b = {0};
    struct list want = {0}, got = {0};
    struct session *s = load(files, n_files);
    struct metrics *m = metrics_of(s);

    for (size_t i = 0; i < n_files; i++)
        take_file(&b, &files[i]);
    join(&b);
    list_calls(&want, b.calls, b.n_calls);
    list_calls(&want, b.lines, b.n_lines);
    assert_true(want.n > 0);
    list_cells(&got, m);
    compare(&want, &got);
    drop_brute(&b);
    metrics_release(m);
    session_free(s);
}

static void check_scene(const char *scenario, const char *variant)
{
    const struct plot *plot;
    struct scene scene;
    struct text *files;
    size_t i = 0;

    while ((plot = plot_get(i)) &&
           (strcmp(plot->scenario, scenario) != 0 || strcmp(plot->variant, variant) != 0))
        i++;
    assert_non_null(plot);
    scene_make(&scene, plot, 4);
    files = malloc(scene.incident.n_files * sizeof *files);
    for (i = 0; i < scene.incident.n_files; i++)
        files[i] = scene.incident.files[i].content;
    check(files, scene.incident.n_files);
    free(files);
    scene_deinit(&scene);
}

static void test_generated(void **state)
{
    (void)state;
    check_scene("credential-stuffing", "hosted-ui");
    check_scene("compromise-after-failures", "managed-login");
    check_scene("risky-sign-in", "activity-only");
    check_scene("throttling-spike", "plain");
    check_scene("token-theft", "reuse");
}

/* --- random records --- */

#define POOL_A "eu-west-1_aaaaaaaaa"
#define POOL_B "eu-west-1_bbbbbbbbb"

static const char *one_of(struct random *r, const char *const *list, uint32_t n)
{
    return list[random_below(r, n)];
}

static void random_call(struct random *r, struct keep *k, struct record *out)
{
    static const char *const names[] = {"InitiateAuth",
                                        "AdminInitiateAuth",
                                        "RespondToAuthChallenge",
                                        "AdminRespondToAuthChallenge",
                                        "SignUp",
                                        "GetTokensFromRefreshToken",
                                        "GetUser"};
    static const char *const flows[] = {"USER_PASSWORD_AUTH", "USER_SRP_AUTH", "CUSTOM_AUTH",
                                        "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"};
    static const char *const errors[] = {
        "NotAuthorizedException",        "UserNotFoundException",
        "CodeMismatchException",         "TooManyRequestsException",
        "LimitExceededException",        "ForbiddenException",
        "InvalidParameterException",     "InternalErrorException",
        "TooManyFailedAttemptsException"};
    static const char *const answers[] = {"{\"authenticationResult\":{\"expiresIn\":3600}}",
                                          "{\"challengeName\":\"SMS_MFA\"}", "{}"};
    const char *pool = random_chance(r, 30) ? ",\"userPoolId\":\"" POOL_A "\"" : "";

    out->name = one_of(r, names, 7);
    out->request = keep_printf(k, "{\"authFlow\":\"%s\",\"clientId\":\"client%u\"%s}",
                               one_of(r, flows, 5), random_below(r, 4), pool);
    if (random_chance(r, 40)) {
        out->error = one_of(r, errors, 9);
        out->message = random_chance(r, 10) ? "Unable to verify SECRET_HASH for client" : "No.";
    } else {
        out->response = one_of(r, answers, 3);
    }
}

static void random_form(struct random *r, struct keep *k, struct record *out)
{
    static const char *const names[] = {
        "Login_POST",         "login_POST",         "Mfa_POST", "Token_POST",
        "SAML2Response_POST", "OAuth2Response_GET", "Login_GET"};
    static const char *const grants[] = {"refresh_token", "authorization_code",
                                         "client_credentials"};
    static const unsigned statuses[] = {200, 302, 302, 302, 400, 429, 500};

    out->name = one_of(r, names, 7);
    out->type = "AwsServiceEvent";
    out->additional = keep_printf(k,
                                  "{\"responseParameters\":{\"status\":%u},"
                                  "\"requestParameters\":{\"grant_type\":[\"%s\"],"
                                  "\"client_id\":[\"client%u\"]},\"userPoolId\":\"%s\"}",
                                  statuses[random_below(r, 7)], one_of(r, grants, 3),
                                  random_below(r, 5), random_chance(r, 50) ? POOL_A : POOL_B);
}

static void random_line(struct random *r, struct text *out, const char *request, int64_t time_s)
{
    static const char *const types[] = {"SignIn", "SignIn", "SignIn", "SignUp",
                                        "ForgotPassword"};
    static const char *const responses[] = {"Pass", "Fail", "InProgress"};
    struct activity a = {.time_s = time_s,
                         .type = one_of(r, types, 5),
                         .response = one_of(r, responses, 3),
                         .risk = "",
                         .decision = "PASS",
                         .challenges = "[]",
                         .sub = "5b3f9e0a-1111-4222-8333-444455556666",
                         .user = "someone",
                         .pool = random_chance(r, 50) ? POOL_A : POOL_B,
                         .client = random_chance(r, 50) ? "client1" : "client4",
                         .request_id = request,
                         .ip = "192.0.2.1",
                         .device = "Other, Other",
                         .city = "",
                         .country = "",
                         .compromised = "false"};

    random_uuid(r, a.event_id);
    activity_write(out, &a);
}

/* Two files of records, of which one comes twice, and an export that shares some requests. */
static void random_files(uint64_t seed, struct text files[4])
{
    struct random r = random_make(seed, 1);
    struct keep k = {0};
    struct text lines = {0};

    for (size_t file = 0; file < 2; file++) {
        struct text raw = {0};

        text_add(&raw, "{\"Records\":[");
        for (unsigned i = 0; i < 700; i++) {
            struct record record = {.service = random_chance(&r, 95) ? "cognito-idp" : "signin",
                                    .region = "eu-west-1",
                                    .account = "111122223333",
                                    .ip = "192.0.2.1",
                                    .agent = "test",
                                    .time_s = 1794873600 + random_between(&r, -4000, 90000)};

            random_uuid(&r, record.event_id);
            random_uuid(&r, record.request_id);
            if (random_chance(&r, 50))
                random_call(&r, &k, &record);
            else
                random_form(&r, &k, &record);
            text_add(&raw, i ? "," : "");
            record_write(&raw, &record);
            for (unsigned twins = random_below(&r, 3); twins > 0; twins--)
                random_line(&r, &lines, record.request_id, record.time_s + 1);
        }
        text_add(&raw, "]}");
        files[file] = (struct text){0};
        pack_gzip(&files[file], raw.ptr, raw.len, 6);
        text_deinit(&raw);
    }
    for (unsigned i = 0; i < 60; i++) {
        char request[UUID_TEXT_BYTES + 1];

        random_uuid(&r, request);
        random_line(&r, &lines, request, 1794873600 + i * 977);
    }
    files[2] = files[3] = (struct text){0};
    text_add_bytes(&files[2], files[0].ptr, files[0].len);
    pack_gzip(&files[3], lines.ptr, lines.len, 6);
    text_deinit(&lines);
    keep_drop(&k);
}

static void test_random(void **state)
{
    struct text files[4];

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        random_files(seed, files);
        check(files, 4);
        for (size_t i = 0; i < 4; i++)
            text_deinit(&files[i]);
    }
}

/* Bins of any width add up to the same, start on their grid and name rows that are as many. */
static void test_widths(void **state)
{
    static const int64_t widths_us[] = {0,         1000000,    60000000,
                                        300000000, 3600000000, 86400000000};
    struct text files[4];
    struct session *s;
    struct metrics *m;
    uint64_t sums[2] = {0};

    (void)state;
    random_files(9, files);
    s = load(files, 4);
    m = metrics_of(s);
    for (size_t i = 0; i < ARRAY_LEN(widths_us); i++) {
        struct metric_cells cells;
        uint64_t attempts = 0, successes = 0;

        metrics_cells(m, i % 2 ? METRIC_BY_TARGET : METRIC_BY_SERIES, widths_us[i], &cells);
        for (size_t k = 0; k < cells.n; k++) {
            const struct metric_cell *c = &cells.items[k];
            struct metric_pick pick = {c->metric,
                                       i % 2 ? METRIC_BY_TARGET : METRIC_BY_SERIES,
                                       c->of,
                                       c->from_us,
                                       widths_us[i] ? c->from_us + widths_us[i] : INT64_MAX,
                                       METRIC_FAILURES};
            row_id *rows = NULL;
            size_t cap = 0;

            assert_true(widths_us[i] == 0 || c->from_us % widths_us[i] == 0);
            assert_int_equal(metrics_rows(m, &pick, &rows, 0, &cap),
                             c->attempts - c->successes);
            free(rows);
            attempts += c->attempts;
            successes += c->successes;
        }
        assert_int_equal(attempts, m->n_events);
        assert_true(i == 0 || (attempts == sums[0] && successes == sums[1]));
        sums[0] = attempts;
        sums[1] = successes;
        metric_cells_deinit(&cells);
    }
    metrics_release(m);
    session_free(s);
    for (size_t i = 0; i < 4; i++)
        text_deinit(&files[i]);
}

/* A client's records without a pool stand beside those with one: known where they agree. */
static void test_pools_of_clients(void **state)
{
    static const char records[] =
        "{\"Records\":["
        "{\"eventVersion\":\"1.08\",\"eventSource\":\"cognito-idp.amazonaws.com\","
        "\"eventName\":\"InitiateAuth\",\"eventTime\":\"2026-11-18T09:00:00Z\","
        "\"errorCode\":\"NotAuthorizedException\",\"requestParameters\":{\"clientId\":\"one\"},"
        "\"eventID\":\"1\"},"
        "{\"eventVersion\":\"1.08\",\"eventSource\":\"cognito-idp.amazonaws.com\","
        "\"eventName\":\"UpdateUserPoolClient\",\"eventTime\":\"2026-11-18T09:00:00Z\","
        "\"requestParameters\":{\"clientId\":\"one\",\"userPoolId\":\"" POOL_A "\"},"
        "\"eventID\":\"2\"},"
        "{\"eventVersion\":\"1.08\",\"eventSource\":\"cognito-idp.amazonaws.com\","
        "\"eventName\":\"AdminInitiateAuth\",\"eventTime\":\"2026-11-18T09:00:00Z\","
        "\"errorCode\":\"NotAuthorizedException\","
        "\"requestParameters\":{\"clientId\":\"one\",\"userPoolId\":\"" POOL_A "\"},"
        "\"eventID\":\"3\"},"
        "{\"eventVersion\":\"1.08\",\"eventSource\":\"cognito-idp.amazonaws.com\","
        "\"eventName\":\"InitiateAuth\",\"eventTime\":\"2026-11-18T09:00:00Z\","
        "\"errorCode\":\"NotAuthorizedException\",\"requestParameters\":{\"clientId\":\"two\"},"
        "\"eventID\":\"4\"}]}";
    struct text file = {(char *)(uintptr_t)records, sizeof records - 1, 0};
    struct session *s = load(&file, 1);
    struct metrics *m = metrics_of(s);
    char room[64];

    (void)state;
    assert_int_equal(m->n_series, 3);
    assert_int_equal(m->n_targets, 2);
    for (size_t i = 0; i < m->n_series; i++) {
        const char *client = id_text(m, FIELD_CLIENT, m->series[i].client, room, sizeof room);
        bool one = strcmp(client, "one") == 0;
        const char *pool = id_text(m, FIELD_POOL, m->series[i].client_pool, room, sizeof room);

        if (one)
            assert_string_equal(pool, POOL_A);
        else
            assert_null(pool);
    }
    metrics_release(m);
    session_free(s);
}

/* --- alarms --- */

static void add_sign_in(struct text *raw, int64_t time_s, bool fails)
{
    static unsigned id;
    struct keep k = {0};

    text_printf(raw,
                "%s{\"eventVersion\":\"1.08\",\"eventSource\":\"cognito-idp.amazonaws.com\","
                "\"eventName\":\"InitiateAuth\",\"eventTime\":\"%s\",%s"
                "\"requestParameters\":{\"clientId\":\"one\"},\"eventID\":\"%u\"}",
                raw->len > 12 ? "," : "", keep_time(&k, TIME_ISO, time_s),
                fails ? "\"errorCode\":\"NotAuthorizedException\","
                      : "\"responseElements\":{\"authenticationResult\":{\"expiresIn\":3600}},",
                ++id);
    keep_drop(&k);
}

/* `attempts` sign-ins inside one period of five minutes, of which `failures` fail. */
static void add_period(struct text *raw, int64_t from_s, unsigned attempts, unsigned failures)
{
    for (unsigned i = 0; i < attempts; i++)
        add_sign_in(raw, from_s + i, i < failures);
}

static void test_alarms(void **state)
{
    static const int64_t day_s = 1794873600;
    struct alarm_rule rules[ALARM_COUNT];
    struct text raw = {0};
    struct session *s;
    struct metrics *m;
    struct alarms a;
    row_id *rows = NULL;
    size_t cap = 0;

    (void)state;
    text_add(&raw, "{\"Records\":[");
    add_period(&raw, day_s, 10, 2);          /* 20 %: not greater */
    add_period(&raw, day_s + 300, 10, 3);    /* on */
    add_period(&raw, day_s + 600, 4, 4);     /* still on */
    add_period(&raw, day_s + 1200, 10, 0);   /* after one without attempts: off */
    add_period(&raw, day_s + 1500, 100, 21); /* on again */
    text_add(&raw, "]}");
    s = load(&raw, 1);
    m = metrics_of(s);
    for (unsigned i = 0; i < ALARM_COUNT; i++)
        rules[i] = alarm_default((enum alarm)i);
    alarms_replay(m, rules, &a);
    assert_int_equal(a.n_pages, 2);
    assert_int_equal(a.pages[0].from_us, (day_s + 300) * 1000000);
    assert_int_equal(a.pages[0].to_us, (day_s + 900) * 1000000);
    assert_int_equal(a.pages[0].periods, 2);
    assert_int_equal(a.pages[0].attempts, 14);
    assert_int_equal(a.pages[0].failures, 7);
    assert_true(a.pages[0].peak == 100.0);
    assert_int_equal(a.pages[1].from_us, (day_s + 1500) * 1000000);
    assert_int_equal(a.sums[ALARM_FAILURE_RATE].pages, 2);
    assert_int_equal(a.sums[ALARM_FAILURE_RATE].targets, 1);
    assert_int_equal(a.sums[ALARM_FAILURE_RATE].periods, 5);
    assert_int_equal(a.sums[ALARM_FAILURE_RATE].periods_on, 3);
    assert_int_equal(a.sums[ALARM_FAILURE_RATE].longest_us, 600000000);
    assert_int_equal(a.sums[ALARM_THROTTLES].pages, 0);
    assert_int_equal(alarm_rows(m, &a, &a.pages[0], &rows, 0, &cap), 14);
    free(rows);
    alarms_deinit(&a);
    rules[ALARM_FAILURE_RATE].threshold = 21;
    alarms_replay(m, rules, &a);
    assert_int_equal(a.n_pages, 1); /* 21 % is not greater than 21 */
    alarms_deinit(&a);
    metrics_release(m);
    session_free(s);
    text_deinit(&raw);
}

static void test_alarm_texts(void **state)
{
    struct alarm_rule rules[ALARM_COUNT];
    struct buffer message = {0};
    static const char *const wrong[] = {"",
                                        "noise=5",
                                        "throttles",
                                        "throttles=",
                                        "throttles=x",
                                        "throttles=5/",
                                        "throttles=5/0s",
                                        "throttles=5/5",
                                        "throttles=5/31d",
                                        "throttles=99999999999",
                                        "throttles=5/99999999999999999999s"};

    (void)state;
    for (unsigned i = 0; i < ALARM_COUNT; i++)
        rules[i] = alarm_default((enum alarm)i);
    assert_true(alarm_parse(bytes_of("throttles=50/30s"), rules, &message));
    assert_int_equal(rules[ALARM_THROTTLES].threshold, 50);
    assert_int_equal(rules[ALARM_THROTTLES].period_us, 30000000);
    assert_true(alarm_parse(bytes_of("failure-rate=5"), rules, &message));
    assert_int_equal(rules[ALARM_FAILURE_RATE].threshold, 5);
    assert_int_equal(rules[ALARM_FAILURE_RATE].period_us, 300000000);
    assert_int_equal(message.len, 0);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        buffer_clear(&message);
        assert_false(alarm_parse(bytes_of(wrong[i]), rules, &message));
        assert_true(message.len > 0);
    }
    buffer_clear(&message);
    instant_add_width(&message, 90000000);
    instant_add_width(&message, 7200000000);
    instant_add_width(&message, 86400000000);
    assert_true(bytes_are(buffer_bytes(&message), "90s2h1d"));
    buffer_deinit(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generated), cmocka_unit_test(test_random),
        cmocka_unit_test(test_widths),    cmocka_unit_test(test_pools_of_clients),
        cmocka_unit_test(test_alarms),    cmocka_unit_test(test_alarm_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
