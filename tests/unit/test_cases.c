/* The acceptance cases of the query language, each run against its set of events. */
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

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "tests/unit/world.h"

static bool row_is(const struct table *t, size_t row, const cJSON *wanted)
{
    size_t present = 0;

    for (size_t i = 0; i < t->n_columns; i++) {
        const struct cell *cell = &t->cells[row * t->n_columns + i];
        char name[400];
        const cJSON *value;

        (void)snprintf(name, sizeof name, "%.*s", (int)t->columns[i].len, t->columns[i].ptr);
        value = cJSON_GetObjectItemCaseSensitive(wanted, name);
        if (cell->present != (value != NULL))
            return false;
        if (value && !bytes_are(cell->text, value->valuestring))
            return false;
        present += cell->present;
    }
    return (int)present == cJSON_GetArraySize(wanted);
}

static bool rows_are(const struct table *t, const cJSON *rows, bool ordered)
{
    size_t n = (size_t)cJSON_GetArraySize(rows);
    bool *used = mem_array(n, sizeof *used), same = t->n_rows == n;

    for (size_t i = 0; same && i < n; i++) {
        bool found = false;

        for (size_t j = ordered ? i : 0; !found && j < (ordered ? i + 1 : n); j++) {
            found = !used[j] && row_is(t, i, cJSON_GetArrayItem(rows, (int)j));
            used[j] = used[j] || found;
        }
        same = found;
    }
    mem_free(used);
    return same;
}

static bool columns_are(const struct table *t, const cJSON *columns)
{
    if (!columns)
        return true;
    if ((size_t)cJSON_GetArraySize(columns) != t->n_columns)
        return false;
    for (size_t i = 0; i < t->n_columns; i++) {
        if (!bytes_are(t->columns[i], cJSON_GetArrayItem(columns, (int)i)->valuestring))
            return false;
    }
    return true;
}

static void show(const struct table *t)
{
    for (size_t i = 0; i < t->n_rows && i < 12; i++) {
        for (size_t j = 0; j < t->n_columns; j++)
            print_message("  %.*s=%.*s", (int)t->columns[j].len, t->columns[j].ptr,
                          (int)t->cells[i * t->n_columns + j].text.len,
                          t->cells[i * t->n_columns + j].text.ptr
                              ? t->cells[i * t->n_columns + j].text.ptr
                              : "");
        print_message("\n");
    }
}

static bool run_case(struct world *w, const cJSON *c)
{
    const cJSON *expect = cJSON_GetObjectItem(c, "expect");
    const cJSON *error = cJSON_GetObjectItem(expect, "error"), *note;
    struct buffer message = {0};
    struct table *t = ask(w, cJSON_GetObjectItem(c, "query")->valuestring, &message);
    bool good;

    if (!t || error) {
        good = !t && error;
        if (!good)
            print_message("%s\n", t ? "accepted" : buffer_cstr(&message));
        buffer_deinit(&message);
        table_free(t);
        return good;
    }
    good = rows_are(t, cJSON_GetObjectItem(expect, "rows"),
                    cJSON_IsTrue(cJSON_GetObjectItem(expect, "ordered"))) &&
           columns_are(t, cJSON_GetObjectItem(expect, "columns"));
    cJSON_ArrayForEach(note, cJSON_GetObjectItem(expect, "notes"))
    {
        good = good && has_notice(t, note->valuestring);
    }
    if (!good)
        show(t);
    table_free(t);
    return good;
}

/* The array behind `"ct":` as it is written, blanks taken out: numbers keep their digits. */
static struct bytes find_set(struct bytes minified, const char *start)
{
    size_t from = bytes_find(minified, bytes_of(start)) + strlen(start) - 1, depth = 0;
    bool string = false;

    for (size_t i = from; i < minified.len; i++) {
        char c = minified.ptr[i];

        if (string && c == '\\')
            i++;
        else if (c == '"')
            string = !string;
        else if (!string && (c == '[' || c == '{'))
            depth++;
        else if (!string && (c == ']' || c == '}') && --depth == 0)
            return bytes_slice(minified, from, i + 1);
    }
    return (struct bytes){0};
}

/* Events that are only a time and a text come as CloudWatch Logs gives them back. */
static void add_log_event(struct buffer *out, const cJSON *event)
{
    char *text = cJSON_PrintUnformatted(cJSON_GetObjectItem(event, "@message"));
    int64_t at_us = 0;

    assert_true(
        instant_parse(bytes_of(cJSON_GetObjectItem(event, "@timestamp")->valuestring), &at_us));
    buffer_printf(out,
                  "%s{\"logStreamName\":\"s\",\"timestamp\":%lld,\"message\":%s,"
                  "\"ingestionTime\":1,\"eventId\":\"1\"}",
                  out->ptr[out->len - 1] == '[' ? "" : ",", (long long)(at_us / 1000), text);
    cJSON_free(text);
}

/* `minified` is the text of all cases, in which records keep their digits. */
static struct world *world_of_set(struct bytes minified, const cJSON *set)
{
    struct buffer wrapped = {0}, start = {0};
    const cJSON *event;
    struct world *w;

    if (cJSON_GetObjectItem(set->child, "@message")) {
        buffer_add_text(&wrapped, "{\"events\":[");
        cJSON_ArrayForEach(event, set)
        {
            add_log_event(&wrapped, event);
        }
        buffer_add_text(&wrapped, "],\"searchedLogStreams\":[]}");
    } else {
        buffer_printf(&start, "\"%s\":[", set->string);
        buffer_add_text(&wrapped, "{\"Records\":");
        buffer_add(&wrapped, find_set(minified, buffer_cstr(&start)));
        buffer_add_text(&wrapped, "}");
    }
    w = world_new("set.json", buffer_bytes(&wrapped));
    buffer_deinit(&start);
    buffer_deinit(&wrapped);
    return w;
}

static cJSON *read_cases(struct buffer *text)
{
    FILE *f = fopen(COGTRAIL_SHARED "/cases/query-cases.json", "rb");
    cJSON *json;

    if (!f)
        return NULL;
    for (;;) {
        size_t got = fread(buffer_room(text, 65536), 1, 65536, f);

        text->len += got;
        if (got == 0)
            break;
    }
    (void)fclose(f);
    json = cJSON_ParseWithLength(text->ptr, text->len);
    return json;
}

static size_t run_cases(struct world *w, const cJSON *cases, const char *set, size_t *passed)
{
    const cJSON *c;
    size_t failed = 0;

    cJSON_ArrayForEach(c, cases)
    {
        const char *id = cJSON_GetObjectItem(c, "id")->valuestring;

        if (strcmp(cJSON_GetObjectItem(c, "events")->valuestring, set) != 0)
            continue;
        if (run_case(w, c)) {
            ++*passed;
        } else {
            print_message("case %s fails: %s\n", id,
                          cJSON_GetObjectItem(c, "query")->valuestring);
            failed++;
        }
    }
    return failed;
}

static void test_acceptance_cases(void **state)
{
    struct buffer text = {0};
    cJSON *json = read_cases(&text);
    const cJSON *set;
    size_t passed = 0, failed = 0;

    (void)state;
    if (!json) {
        print_message("no acceptance cases beside the checkout: skipped\n");
        skip();
    }
    (void)buffer_cstr(&text);
    cJSON_Minify(text.ptr);
    cJSON_ArrayForEach(set, cJSON_GetObjectItem(json, "event_sets"))
    {
        struct world *w = world_of_set(bytes_of(text.ptr), set);

        failed += run_cases(w, cJSON_GetObjectItem(json, "cases"), set->string, &passed);
        world_free(w);
    }
    print_message("%zu cases pass\n", passed);
    assert_int_equal(failed, 0);
    cJSON_Delete(json);
    buffer_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_acceptance_cases),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
