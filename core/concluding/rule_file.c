#include "core/concluding/rule_file.h"

#include <cjson/cJSON.h>
#include <inttypes.h>

#include "core/base/mem.h"

/* What a limit is called, where it stands and how far it may go. */
static const struct member {
    const char *name;
    size_t offset;
    uint32_t max;
} MEMBERS[] = {
    {"events",      offsetof(struct rule_limits, events),      1000000000},
    {"accounts",    offsetof(struct rule_limits, accounts),    1000000000},
    {"per-account", offsetof(struct rule_limits, per_account), 1000000   },
    {"share",       offsetof(struct rule_limits, share),       100       },
    {"factor",      offsetof(struct rule_limits, factor),      1000000   },
};

static const int64_t MAX_WINDOW_US = 400 * INSTANT_DAY;

static uint32_t *number_of(struct rule_limits *l, const struct member *m)
{
    return (uint32_t *)(void *)((char *)l + m->offset);
}

/* In the largest unit that says it exactly. */
static void add_window(struct buffer *out, int64_t window_us)
{
    static const struct {
        int64_t us;
        char letter;
    } units[] = {
        {INSTANT_DAY,    'd'},
        {INSTANT_HOUR,   'h'},
        {INSTANT_MINUTE, 'm'},
        {INSTANT_SECOND, 's'},
    };
    size_t i = 0;

    while (i + 1 < ARRAY_LEN(units) && window_us % units[i].us != 0)
        i++;
    buffer_printf(out, "%" PRId64 "%c", window_us / units[i].us, units[i].letter);
}

/* One limit from its text. */
static bool set_limit(struct rule_limits *l, struct bytes name, struct bytes value)
{
    uint64_t number;

    if (bytes_are(name, "window"))
        return instant_parse_span(value, &l->window_us) && l->window_us >= INSTANT_SECOND &&
               l->window_us <= MAX_WINDOW_US;
    if (bytes_are(name, "on")) {
        l->on = bytes_are(value, "true") || bytes_are(value, "yes");
        return l->on || bytes_are(value, "false") || bytes_are(value, "no");
    }
    for (size_t i = 0; i < ARRAY_LEN(MEMBERS); i++) {
        if (!bytes_are(name, MEMBERS[i].name))
            continue;
        if (!bytes_to_u64(value, &number) || number > MEMBERS[i].max ||
            (number == 0 && bytes_are(name, "events")))
            return false;
        *number_of(l, &MEMBERS[i]) = (uint32_t)number;
        return true;
    }
    return false;
}

void rule_limits_write(const struct rule_limits *l, bool all, struct buffer *out)
{
    struct rule_limits copy = *l;

    buffer_add_text(out, "window=");
    add_window(out, l->window_us);
    for (size_t i = 0; i < ARRAY_LEN(MEMBERS); i++) {
        uint32_t number = *number_of(&copy, &MEMBERS[i]);

        if (all || number)
            buffer_printf(out, " %s=%" PRIu32, MEMBERS[i].name, number);
    }
    if (all || !l->on)
        buffer_printf(out, " on=%s", l->on ? "yes" : "no");
}

enum err rule_limits_read(struct rule_limits *l, struct bytes line, struct buffer *message)
{
    struct rule_limits made = *l;
    size_t at = 0;

    while (at < line.len) {
        size_t end = at, equals = at;

        while (end < line.len && line.ptr[end] != ' ')
            end++;
        while (equals < end && line.ptr[equals] != '=')
            equals++;
        if (end > at && (equals == end || !set_limit(&made, bytes_slice(line, at, equals),
                                                     bytes_slice(line, equals + 1, end)))) {
            buffer_add_char(message, '\'');
            buffer_add(message, bytes_slice(line, at, end));
            buffer_add_text(message, "' is no limit: write window=10m events=12 accounts=8 "
                                     "per-account=0 share=60 factor=4 on=yes");
            return ERR_QUERY;
        }
        at = end + 1;
    }
    *l = made;
    return ERR_OK;
}

/* ---- the file ---- */

static bool read_member(struct rule_limits *l, const cJSON *item)
{
    struct buffer text = {0};
    bool ok;

    if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= 1e9 &&
        item->valuedouble == (double)(int64_t)item->valuedouble)
        buffer_printf(&text, "%" PRId64, (int64_t)item->valuedouble);
    else if (cJSON_IsBool(item))
        buffer_add_text(&text, cJSON_IsTrue(item) ? "true" : "false");
    else if (cJSON_IsString(item))
        buffer_add_text(&text, item->valuestring);
    ok = set_limit(l, bytes_of(item->string), buffer_bytes(&text));
    buffer_deinit(&text);
    return ok;
}

static bool read_rule(struct rules *r, const cJSON *entry, struct buffer *message)
{
    size_t rule = rule_find(bytes_of(entry->string));
    const cJSON *item;

    if (rule == SIZE_MAX || !cJSON_IsObject(entry)) {
        buffer_printf(message, "there is no rule '%.60s'", entry->string);
        return false;
    }
    cJSON_ArrayForEach(item, entry)
    {
        if (read_member(&r->limits[rule], item))
            continue;
        buffer_printf(message,
                      "'%.40s' of rule '%s' is no limit, or has a value it cannot have",
                      item->string, rule_get(rule)->name);
        return false;
    }
    return true;
}

bool rules_read(struct rules *r, struct bytes json, struct buffer *message)
{
    cJSON *root = cJSON_ParseWithLength(json.ptr, json.len);
    struct rules made = {0};
    const cJSON *entry;
    bool ok = cJSON_IsObject(root);

    if (!ok)
        buffer_add_text(message, "is no JSON object");
    rules_copy(&made, r);
    for (entry = ok ? root->child : NULL; ok && entry; entry = entry->next)
        ok = read_rule(&made, entry, message);
    if (ok)
        memcpy(r->limits, made.limits, rule_count() * sizeof *r->limits);
    rules_deinit(&made);
    cJSON_Delete(root);
    return ok;
}

void rules_write(const struct rules *r, struct buffer *out)
{
    const char *separator = "\n";

    buffer_add_char(out, '{');
    for (size_t i = 0; i < rule_count(); i++) {
        struct rule_limits mine = r->limits[i], shipped = rule_get(i)->limits;

        if (rule_limits_same(&mine, &shipped))
            continue;
        buffer_printf(out, "%s  \"%s\": {\"window\": \"", separator, rule_get(i)->name);
        add_window(out, mine.window_us);
        buffer_add_char(out, '"');
        for (size_t k = 0; k < ARRAY_LEN(MEMBERS); k++)
            buffer_printf(out, ", \"%s\": %" PRIu32, MEMBERS[k].name,
                          *number_of(&mine, &MEMBERS[k]));
        buffer_printf(out, ", \"on\": %s}", mine.on ? "true" : "false");
        separator = ",\n";
    }
    buffer_add_text(out, "\n}\n");
}
