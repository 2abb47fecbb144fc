#include "core/concluding/exposure.h"

#include "core/base/mem.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Base64url, the alphabet of tokens. Source: RFC 4648, section 5. */
static bool is_token_char(char c)
{
    return is_digit(c) || is_letter(c) || c == '-' || c == '_';
}

/* eyJ….eyJ….…: header and claims begin with an encoded `{"`. Source: RFC 7519. */
static bool is_token(struct bytes t)
{
    enum { MIN_PART = 8 };
    size_t at = 0;

    for (unsigned part = 0; part < 3; part++) {
        size_t start = at;

        if (part < 2 && (t.len - at < 3 || memcmp(t.ptr + at, "eyJ", 3) != 0))
            return false;
        while (at < t.len && is_token_char(t.ptr[at]))
            at++;
        if (at - start < MIN_PART)
            return false;
        if (part < 2 && (at >= t.len || t.ptr[at++] != '.'))
            return false;
    }
    return true;
}

/* password=…, client_secret: …: a name that says it, and a value that is not masked. */
static bool is_secret(struct bytes t)
{
    // clang-format off
    static const char *const names[] = {
        "password", "passwd", "secret", "client_secret", "refresh_token", "access_token",
        "id_token", "api_key",
    };
    // clang-format on

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t len = strlen(names[i]), at = len;

        if (t.len < len || !bytes_equal_nocase(bytes_slice(t, 0, len), bytes_of(names[i])))
            continue;
        while (at < t.len && (t.ptr[at] == '"' || t.ptr[at] == ' '))
            at++;
        if (at >= t.len || (t.ptr[at] != '=' && t.ptr[at] != ':'))
            continue;
        at++;
        while (at < t.len && (t.ptr[at] == '"' || t.ptr[at] == ' '))
            at++;
        if (t.len - at >= 4 && !bytes_starts(bytes_slice(t, at, t.len), "HIDDEN_") &&
            t.ptr[at] != '*')
            return true;
    }
    return false;
}

/* E.164: a plus sign and 8 to 15 digits. */
static bool is_phone(struct bytes t)
{
    size_t at = 1;

    while (at < t.len && is_digit(t.ptr[at]))
        at++;
    return t.ptr[0] == '+' && at >= 9 && at <= 16 && t.ptr[1] != '0';
}

/* `at` is the position of an @ in the text. */
static bool is_email(struct bytes t, size_t at)
{
    size_t end = at + 1, dot = 0;

    if (at == 0 || !(is_token_char(t.ptr[at - 1]) || t.ptr[at - 1] == '.'))
        return false;
    while (end < t.len && (is_digit(t.ptr[end]) || is_letter(t.ptr[end]) || t.ptr[end] == '-' ||
                           t.ptr[end] == '.')) {
        if (t.ptr[end] == '.')
            dot = end;
        end++;
    }
    return dot > at + 1 && end - dot > 2;
}

enum exposure exposure_of(struct bytes text)
{
    enum exposure worst = EXPOSURE_NONE;

    for (size_t i = 0; i < text.len; i++) {
        struct bytes rest = bytes_slice(text, i, text.len);
        bool starts = i == 0 || !(is_digit(text.ptr[i - 1]) || is_letter(text.ptr[i - 1]));
        enum exposure found = EXPOSURE_NONE;

        if (starts && text.ptr[i] == 'e' && is_token(rest))
            return EXPOSURE_TOKEN;
        if (starts && is_letter(text.ptr[i]) && is_secret(rest))
            found = EXPOSURE_SECRET;
        else if (starts && text.ptr[i] == '+' && is_phone(rest))
            found = EXPOSURE_PHONE;
        else if (text.ptr[i] == '@' && is_email(text, i))
            found = EXPOSURE_EMAIL;
        if (found != EXPOSURE_NONE && (worst == EXPOSURE_NONE || found < worst))
            worst = found;
    }
    return worst;
}

static const struct {
    const char *name;
    enum severity severity;
} KINDS[EXPOSURE_COUNT] = {
    [EXPOSURE_TOKEN] = {"tokens",           SEVERITY_MEDIUM},
    [EXPOSURE_SECRET] = {"secrets",          SEVERITY_MEDIUM},
    [EXPOSURE_PHONE] = {"phone numbers",    SEVERITY_LOW   },
    [EXPOSURE_EMAIL] = {"e-mail addresses", SEVERITY_LOW   },
};

const char *exposure_name(enum exposure e)
{
    return KINDS[e].name;
}

enum severity exposure_severity(enum exposure e)
{
    return KINDS[e].severity;
}

/* Columns that applications and callers write into. */
static const enum field_id FIELDS[] = {FIELD_ERROR_MESSAGE, FIELD_AGENT, FIELD_USER,
                                       FIELD_DEVICE};

struct search {
    const struct signals *s;
    struct findings *out;
    enum field_id field;
    const uint8_t *kinds; /* by dictionary id */
    uint32_t n_texts[EXPOSURE_COUNT];
    row_id *rows[EXPOSURE_COUNT];
    uint32_t n_rows[EXPOSURE_COUNT];
    size_t caps[EXPOSURE_COUNT];
};

/* The activity export has user names on purpose. */
static bool is_meant(const struct search *w, const struct chunk *c, size_t row)
{
    return w->field == FIELD_USER &&
           column_get(&c->ids[FIELD_FORMAT], row) != DICTIONARY_FIRST_TEXT + FORMAT_CLOUDTRAIL;
}

static void collect(struct search *w, const atomic_bool *cancelled)
{
    const struct index *index = w->s->index;

    for (uint64_t at = 0; at < index->n_rows; at++) {
        row_id row = index->order[at];
        const struct chunk *c = store_chunk(index->store, row_chunk(row));
        uint8_t kind = w->kinds[column_get(&c->ids[w->field], row_in_chunk(row))];

        if (at % 65536 == 0 && atomic_load(cancelled))
            return;
        if (!kind || is_meant(w, c, row_in_chunk(row)) || index_is_duplicate(index, row))
            continue;
        mem_grow(&w->rows[kind], &w->caps[kind], (size_t)w->n_rows[kind] + 1,
                 sizeof *w->rows[kind]);
        w->rows[kind][w->n_rows[kind]++] = row;
    }
}

static void report(struct search *w, enum exposure kind)
{
    struct finding *f =
        findings_add_rows(w->out, w->s, SCENARIO_OVER_LOGGING, w->rows[kind], w->n_rows[kind]);
    struct buffer why = {0};

    f->key = KEY_ALL;
    f->key_text = bytes_of(field_get(w->field)->name);
    f->severity = KINDS[kind].severity;
    f->score = weigh_score(f->severity, 1, 1);
    weigh_add_count(&why, w->n_rows[kind], "event", "events");
    buffer_printf(&why, " with %s in %s (", KINDS[kind].name, field_get(w->field)->name);
    weigh_add_count(&why, w->n_texts[kind], "text", "different texts");
    buffer_add_char(&why, ')');
    f->why = arena_copy(&w->out->arena, buffer_bytes(&why));
    buffer_deinit(&why);
}

static void search_field(const struct signals *s, enum field_id field, struct findings *out,
                         const atomic_bool *cancelled)
{
    const struct dictionary *d = store_dictionaries(s->index->store)[field];
    uint32_t count = dictionary_count(d), caught = 0;
    uint8_t *kinds = mem_array(count, 1);
    struct search w = {.s = s, .out = out, .field = field, .kinds = kinds};

    for (uint32_t id = DICTIONARY_FIRST_TEXT; id < count && !atomic_load(cancelled); id++) {
        kinds[id] = (uint8_t)exposure_of(dictionary_text(d, id));
        w.n_texts[kinds[id]]++;
        caught += kinds[id] != EXPOSURE_NONE;
    }
    if (caught)
        collect(&w, cancelled);
    for (unsigned kind = EXPOSURE_TOKEN; kind < EXPOSURE_COUNT; kind++) {
        if (w.n_rows[kind])
            report(&w, (enum exposure)kind);
        mem_free(w.rows[kind]);
    }
    mem_free(kinds);
}

void exposure_find(const struct signals *s, const struct rules *rules, struct findings *out,
                   const atomic_bool *cancelled)
{
    if (!rules->limits[rule_find(bytes_of("over-logging"))].on)
        return;
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++)
        search_field(s, FIELDS[i], out, cancelled);
}
