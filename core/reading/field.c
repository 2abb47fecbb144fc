#include "core/reading/field.h"

static const struct field FIELDS[] = {
#define FIELD(id, name, kind, title, columns, pivot_key, meaning)                              \
    {name, kind, title, columns, pivot_key, meaning},
#include "core/reading/fields.def"
};

static const struct path_row PATHS[] = {
#define PATH(field, formats, path, via, source) {FIELD_##field, formats, path, via, source},
#include "core/reading/fields.def"
};

static const char FORMAT_LETTERS[] = {
#define FORMAT(id, name, letter, meaning) letter,
#include "core/reading/fields.def"
};

/* A word of a vocabulary. */
struct choice {
    const char *name, *meaning;
};

static const struct choice FORMATS[] = {
#define FORMAT(id, name, letter, meaning) {name, meaning},
#include "core/reading/fields.def"
};

static const struct choice STAGES[] = {
#define STAGE(id, name, meaning) {name, meaning},
#include "core/reading/fields.def"
};

static const struct choice OUTCOMES[] = {
#define OUTCOME(id, name, meaning) {name, meaning},
#include "core/reading/fields.def"
};

static const struct choice REASONS[] = {
#define REASON(id, name, meaning) {name, meaning},
#include "core/reading/fields.def"
};

const struct field *field_get(enum field_id id)
{
    return &FIELDS[id];
}

bool field_find(struct bytes name, enum field_id *out)
{
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++)
        if (bytes_are(name, FIELDS[i].name)) {
            *out = (enum field_id)i;
            return true;
        }
    return false;
}

bool field_find_key(char key, enum field_id *out)
{
    for (size_t i = 0; key && i < ARRAY_LEN(FIELDS); i++)
        if (FIELDS[i].pivot_key == key) {
            *out = (enum field_id)i;
            return true;
        }
    return false;
}

bool path_step(struct bytes *path, struct bytes *step)
{
    bool quoted = path->len && path->ptr[0] == '`';
    size_t len, used;

    if (path->len == 0)
        return false;
    if (quoted)
        *path = bytes_slice(*path, 1, path->len);
    len = bytes_find(*path, quoted ? bytes_of("`") : bytes_of("."));
    if (len > path->len)
        len = path->len;
    *step = bytes_slice(*path, 0, len);
    used = len + quoted;
    if (used < path->len && path->ptr[used] == '.')
        used++;
    *path = bytes_slice(*path, used, path->len);
    return true;
}

size_t path_count(void)
{
    return ARRAY_LEN(PATHS);
}

const struct path_row *path_get(size_t row)
{
    return &PATHS[row];
}

const char *format_name(enum format f)
{
    return FORMATS[f].name;
}

char format_letter(enum format f)
{
    return FORMAT_LETTERS[f];
}

const char *stage_name(enum stage s)
{
    return STAGES[s].name;
}

const char *outcome_name(enum outcome o)
{
    return OUTCOMES[o].name;
}

const char *reason_name(enum reason r)
{
    return REASONS[r].name;
}

/* NULL for a field without a vocabulary, and behind its last word. */
static const struct choice *choice_get(enum field_id id, unsigned i)
{
    if (id == FIELD_FORMAT)
        return i < ARRAY_LEN(FORMATS) ? &FORMATS[i] : NULL;
    if (id == FIELD_STAGE)
        return i < ARRAY_LEN(STAGES) ? &STAGES[i] : NULL;
    if (id == FIELD_OUTCOME)
        return i < ARRAY_LEN(OUTCOMES) ? &OUTCOMES[i] : NULL;
    if (id == FIELD_REASON)
        return i < ARRAY_LEN(REASONS) ? &REASONS[i] : NULL;
    return NULL;
}

const char *field_choice(enum field_id id, unsigned i)
{
    const struct choice *choice = choice_get(id, i);

    return choice ? choice->name : NULL;
}

const char *field_choice_meaning(enum field_id id, unsigned i)
{
    const struct choice *choice = choice_get(id, i);

    return choice ? choice->meaning : NULL;
}
