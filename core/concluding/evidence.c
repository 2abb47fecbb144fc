#include "core/concluding/evidence.h"

#include "core/base/mem.h"

/* Few records are named one by one; longer lists nobody reads. */
enum { MAX_IDS = 24 };

static void add_quoted(struct buffer *out, struct bytes text)
{
    struct buffer term = {0};

    /* The term writer knows how to quote any bytes; what stands behind "ip = " is the text. */
    query_write_term(&term, FIELD_IP, VALUE_TEXT, text, false);
    buffer_add(out, bytes_slice(buffer_bytes(&term), strlen("ip = "), term.len));
    buffer_deinit(&term);
}

static void add_and(struct buffer *out)
{
    if (out->len)
        buffer_add_text(out, " and ");
}

/* field in ["a", "b"] over those words of a vocabulary whose bit is set. */
static void add_choices(struct buffer *out, enum field_id field, uint64_t bits)
{
    const char *separator = "", *word;

    if (!bits)
        return;
    add_and(out);
    buffer_add_text(out, field_get(field)->name);
    buffer_add_text(out, " in [");
    for (unsigned i = 0; (word = field_choice(field, i)); i++) {
        if (!(bits >> i & 1))
            continue;
        buffer_add_text(out, separator);
        add_quoted(out, bytes_of(word));
        separator = ", ";
    }
    buffer_add_char(out, ']');
}

/* Of the words that a rule takes, those that the evidence has: the same rows, and a filter that
 * tells what happened. */
static uint64_t present(const struct triage *t, const struct finding *f, enum field_id field,
                        uint64_t bits)
{
    uint64_t found = 0;

    for (uint32_t i = 0; i < f->n_rows; i++) {
        uint64_t id = store_id(t->index->store, f->rows[i], field);

        if (id >= DICTIONARY_FIRST_TEXT && id < DICTIONARY_FIRST_TEXT + 64)
            found |= UINT64_C(1) << (id - DICTIONARY_FIRST_TEXT);
    }
    return bits & found ? bits & found : bits;
}

static bool has_operation(const struct triage *t, const struct finding *f, struct bytes name)
{
    uint32_t id = dictionary_find(store_dictionaries(t->index->store)[FIELD_OPERATION], name);

    for (uint32_t i = 0; id && i < f->n_rows; i++)
        if (store_id(t->index->store, f->rows[i], FIELD_OPERATION) == id)
            return true;
    return false;
}

static void add_operations(const struct triage *t, const struct finding *f, const char *names,
                           struct buffer *out)
{
    const char *separator = "";

    if (!names)
        return;
    add_and(out);
    buffer_add_text(out, "operation in [");
    while (*names) {
        struct bytes name = bytes_make(names, strcspn(names, " "));

        if (has_operation(t, f, name)) {
            buffer_add_text(out, separator);
            add_quoted(out, name);
            separator = ", ";
        }
        names += name.len + (names[name.len] == ' ');
    }
    buffer_add_char(out, ']');
}

static void add_term(struct buffer *out, enum field_id field, struct bytes text)
{
    add_and(out);
    query_write_term(out, field, VALUE_TEXT, text, false);
}

static void add_key(const struct triage *t, const struct finding *f, struct buffer *out)
{
    const struct signal *s = &t->signals->items[f->hits[0]];
    struct dictionary *const *d = store_dictionaries(t->index->store);

    switch (f->key) {
    case KEY_IP:
        add_term(out, FIELD_IP, f->key_text);
        break;
    case KEY_NETWORK:
        add_and(out);
        buffer_add_text(out, memchr(f->key_text.ptr, ':', f->key_text.len)
                                 ? "isIpv6InSubnet(ip, "
                                 : "isIpv4InSubnet(ip, ");
        add_quoted(out, f->key_text);
        buffer_add_char(out, ')');
        break;
    case KEY_AGENT_CLIENT:
        add_term(out, FIELD_AGENT, dictionary_text(d[FIELD_AGENT], s->agent));
        add_term(out, FIELD_CLIENT, dictionary_text(d[FIELD_CLIENT], s->client));
        break;
    case KEY_ACCOUNT:
        add_term(out, s->flags & SIGNAL_NAMELESS ? FIELD_USER : FIELD_SUB, f->key_text);
        break;
    case KEY_CLIENT:
        add_term(out, FIELD_CLIENT, f->key_text);
        break;
    case KEY_ACTOR:
        add_term(out, s->actor ? FIELD_ACTOR : FIELD_IP, f->key_text);
        break;
    case KEY_ALL:
    case KEY_NONE:
    case KEY_COUNT:
        break;
    }
}

static void add_times(const struct finding *f, struct buffer *out)
{
    add_and(out);
    buffer_add_text(out, "@timestamp >= \"");
    instant_add(out, f->first_us, INSTANT_ISO, 0);
    buffer_add_text(out, "\" and @timestamp <= \"");
    instant_add(out, f->last_us, INSTANT_ISO, 0);
    buffer_add_char(out, '"');
}

/* Each record by its id. */
static bool add_ids(const struct triage *t, const struct finding *f, struct buffer *out)
{
    char scratch[UNIQUE_TEXT_BYTES];
    enum value_state state;
    size_t start = out->len;

    if (f->n_rows > MAX_IDS)
        return false;
    buffer_add_text(out, "filter event_id in [");
    for (uint32_t i = 0; i < f->n_rows; i++) {
        struct bytes id =
            store_text(t->index->store, f->rows[i], FIELD_EVENT_ID, scratch, &state);

        if (state != VALUE_TEXT) {
            out->len = start;
            return false;
        }
        if (i)
            buffer_add_text(out, ", ");
        add_quoted(out, id);
    }
    buffer_add_char(out, ']');
    return true;
}

static bool add_rule(const struct triage *t, const struct finding *f, struct buffer *out)
{
    const struct rule *rule = f->rule == FINDING_NO_RULE ? NULL : rule_get(f->rule);
    struct buffer text = {0};

    if (!rule)
        return false;
    add_key(t, f, &text);
    add_choices(&text, FIELD_STAGE, present(t, f, FIELD_STAGE, rule->stages));
    add_choices(&text, FIELD_OUTCOME, present(t, f, FIELD_OUTCOME, rule->outcomes));
    add_choices(&text, FIELD_REASON, present(t, f, FIELD_REASON, rule_reasons(rule)));
    add_operations(t, f, rule->operations, &text);
    if (rule->nameless) {
        add_and(&text);
        buffer_add_text(&text, "not ispresent(sub)");
    }
    add_times(f, &text);
    buffer_add_text(out, "filter ");
    buffer_add(out, buffer_bytes(&text));
    buffer_deinit(&text);
    return true;
}

void evidence_phrase(const struct triage *t, const struct finding *f, struct buffer *out)
{
    if (!add_rule(t, f, out))
        (void)add_ids(t, f, out);
}

/* As many, and each of them: rows of the evidence are all different. */
bool evidence_is(const struct finding *f, const struct selection *s)
{
    uint32_t i = 0;

    while (s->n_rows == f->n_rows && i < f->n_rows && selection_has(s, f->rows[i]))
        i++;
    return i == f->n_rows && s->n_rows == f->n_rows;
}

static bool selects(const struct triage *t, const struct finding *f, struct pool *pool,
                    struct archive *archive, struct bytes text)
{
    struct query_options options = {.now_us = INSTANT_NONE, .last_event_us = INSTANT_NONE};
    struct query_error error = {0};
    struct query *query = NULL;
    bool same = false;

    if (query_parse(text, &options, &query, &error) == ERR_OK) {
        const struct query *filter = query;
        struct scan_request request = {.index = t->index,
                                       .filters = &filter,
                                       .n_filters = 1,
                                       .archive = archive,
                                       .bits_only = true};
        struct scan scan;

        scan_init(&scan, &request);
        pool_run(pool, &scan.job);
        same = scan.result && evidence_is(f, scan.result);
        scan_deinit(&scan);
    }
    query_free(query);
    query_error_deinit(&error);
    return same;
}

bool evidence_filter(const struct triage *t, const struct finding *f, struct pool *pool,
                     struct archive *archive, struct buffer *out)
{
    struct buffer text = {0};
    bool proved = add_rule(t, f, &text) && selects(t, f, pool, archive, buffer_bytes(&text));

    if (proved)
        buffer_add(out, buffer_bytes(&text));
    buffer_deinit(&text);
    return proved;
}
