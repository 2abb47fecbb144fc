#include "core/concluding/change.h"

#include "core/base/mem.h"

#include "core/asking/extract.h"
#include "core/reading/cursor.h"

enum {
    MAX_DEPTH = 8,        /* what lies deeper stands as one value */
    FORMERS_READ = 8,     /* earlier calls that are compared with, the latest first */
    MAX_PATH_BYTES = 400, /* longer ones are left out, and it is said */
};

/* What a call is about, not what it sets. */
// clang-format off
static const char *const TARGETS[] = {
    "userPoolId", "clientId", "identityPoolId", "name", "trailName", "providerName",
    "resourceArn", "groupName", "eventDataStore", "domain", "identifier", "id",
    "logGroupName", "logStreamName",
};
// clang-format on

static bool is_target(struct bytes path)
{
    for (size_t i = 0; i < ARRAY_LEN(TARGETS); i++)
        if (bytes_are(path, TARGETS[i]))
            return true;
    return false;
}

/* Parameters of one call. */
struct settings {
    struct change_setting items[CHANGE_SETTINGS];
    uint32_t count;
    bool is_cut;
    struct arena *arena;
    struct buffer path;
};

static void add_setting(struct settings *s, struct bytes value)
{
    struct change_setting *made = &s->items[s->count];
    size_t dot = s->path.len;

    if (s->count == CHANGE_SETTINGS || s->path.len > MAX_PATH_BYTES) {
        s->is_cut = true;
        return;
    }
    s->count++;
    *made = (struct change_setting){.path = arena_copy(s->arena, buffer_bytes(&s->path)),
                                    .value = arena_copy(s->arena, value)};
    while (dot > 0 && made->path.ptr[dot - 1] != '.')
        dot--;
    made->name = bytes_slice(made->path, dot, made->path.len);
}

static void walk(struct settings *s, struct cursor *c, unsigned depth);

static void walk_object(struct settings *s, struct cursor *c, unsigned depth)
{
    size_t len = s->path.len;
    struct cursor_text key;

    if (!cursor_enter_object(c))
        return;
    for (bool first = true; cursor_next_key(c, &key, first); first = false) {
        if (len)
            buffer_add_char(&s->path, '.');
        cursor_decode(key, &s->path);
        walk(s, c, depth + 1);
        s->path.len = len;
    }
}

/* Lists stand as they are: their order and number are what is set. */
static void walk(struct settings *s, struct cursor *c, unsigned depth)
{
    enum cursor_kind kind;
    struct bytes value;

    if (!cursor_peek(c, &kind))
        return;
    if (kind == CURSOR_OBJECT && depth < MAX_DEPTH)
        walk_object(s, c, depth);
    else if (cursor_skip(c, &value))
        add_setting(s, value);
}

/* False when the record cannot be read again. */
static bool read_settings(struct settings *s, struct extract *records, row_id row)
{
    struct bytes record;
    struct datum parameters;
    struct arena memory = {0};
    struct cursor c;

    s->count = 0;
    s->is_cut = false;
    if (!extract_try(records, row, &record))
        return false;
    parameters = extract_find(record, bytes_of("requestParameters"), &memory);
    if (parameters.text.len) {
        cursor_init(&c, parameters.text, true);
        c.lenient_utf8 = true;
        walk(s, &c, 0);
    }
    arena_deinit(&memory);
    return true;
}

static const struct change_setting *find(const struct settings *s, struct bytes path)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (bytes_equal(s->items[i].path, path))
            return &s->items[i];
    return NULL;
}

static bool same_target(const struct settings *a, const struct settings *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        const struct change_setting *other;

        if (!is_target(a->items[i].path))
            continue;
        other = find(b, a->items[i].path);
        if (!other || !bytes_equal(other->value, a->items[i].value))
            return false;
    }
    return true;
}

/* The call of the same operation on the same target before this one, that worked. */
static bool find_former(const struct triage *t, struct extract *records, uint32_t at,
                        const struct settings *now, struct settings *former, row_id *row)
{
    const struct signal *items = t->signals->items;
    unsigned left = FORMERS_READ;

    for (uint32_t i = at; i > 0 && left > 0; i--) {
        const struct signal *x = &items[i - 1];

        if (x->operation != items[at].operation || x->outcome != OUTCOME_SUCCESS ||
            store_id(t->index->store, x->row, FIELD_POOL) !=
                store_id(t->index->store, items[at].row, FIELD_POOL) ||
            store_id(t->index->store, x->row, FIELD_CLIENT) !=
                store_id(t->index->store, items[at].row, FIELD_CLIENT))
            continue;
        left--;
        *row = x->row;
        if (read_settings(former, records, x->row) && same_target(now, former))
            return true;
    }
    return false;
}

static void keep(struct change *c, struct change_setting s)
{
    struct bytes *texts[] = {&s.value, &s.before};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        s.is_cut |= texts[i]->len > CHANGE_VALUE_BYTES;
        if (texts[i]->len > CHANGE_VALUE_BYTES)
            *texts[i] = bytes_slice(*texts[i], 0, CHANGE_VALUE_BYTES);
    }
    c->settings[c->n_settings++] = s;
}

static void compare(struct change *c, const struct settings *now, const struct settings *former,
                    struct arena *arena)
{
    c->settings = arena_alloc(arena, (now->count + CHANGE_SETTINGS) * sizeof *c->settings);
    for (uint32_t i = 0; i < now->count; i++) {
        struct change_setting s = now->items[i];
        const struct change_setting *was = c->has_before ? find(former, s.path) : NULL;

        if (is_target(s.path))
            continue;
        if (was) {
            s.before = was->value;
            s.kind = bytes_equal(was->value, s.value) ? CHANGE_NONE : CHANGE_MADE;
        }
        keep(c, s);
    }
    for (uint32_t i = 0; c->has_before && !now->is_cut && i < former->count; i++) {
        struct change_setting s = former->items[i];

        if (is_target(s.path) || find(now, s.path))
            continue;
        s.before = s.value;
        s.value = (struct bytes){0};
        s.kind = CHANGE_UNSET;
        keep(c, s);
    }
    c->is_cut = now->is_cut;
}

static void read_change(struct changes *c, const struct triage *t, struct extract *records,
                        uint32_t at, struct settings *now, struct settings *former)
{
    const struct signal *s = &t->signals->items[at];
    struct change *made = &c->items[c->count++];

    *made = (struct change){.row = s->row, .outcome = (enum outcome)s->outcome};
    made->operation =
        dictionary_text(store_dictionaries(t->index->store)[FIELD_OPERATION], s->operation);
    made->is_read = read_settings(now, records, s->row);
    if (!made->is_read)
        return;
    made->has_before = find_former(t, records, at, now, former, &made->before);
    compare(made, now, former, &c->arena);
}

void changes_read(struct changes *c, const struct triage *t, const struct finding *f,
                  struct archive *archive, struct load *load)
{
    const struct reread from = {.archive = archive, .load = load};
    struct settings *sets;
    struct extract *records;
    uint32_t n = f->n_hits < CHANGE_EVENTS ? f->n_hits : CHANGE_EVENTS;

    *c = (struct changes){0};
    if (f->scenario != SCENARIO_TAMPERING)
        return;
    c->n_left = f->n_hits - n;
    sets = mem_array(2, sizeof *sets);
    sets[0].arena = sets[1].arena = &c->arena;
    records = extract_new(t->index->store, &from);
    c->items = mem_array((size_t)n + 1, sizeof *c->items);
    for (uint32_t i = 0; i < n; i++)
        read_change(c, t, records, f->hits[i], &sets[0], &sets[1]);
    extract_free(records);
    buffer_deinit(&sets[0].path);
    buffer_deinit(&sets[1].path);
    mem_free(sets);
}

void changes_deinit(struct changes *c)
{
    mem_free(c->items);
    arena_deinit(&c->arena);
    *c = (struct changes){0};
}

void change_write(const struct change_setting *s,
                  struct bytes (*hide)(void *context, struct bytes name, struct bytes value),
                  void *context, struct buffer *out)
{
    buffer_add(out, s->path);
    buffer_add_char(out, ' ');
    if (s->kind == CHANGE_UNSET)
        buffer_add_text(out, "is not given any more");
    else
        buffer_add(out, hide(context, s->name, s->value));
    if (s->kind == CHANGE_NONE)
        buffer_add_text(out, " (as before)");
    if (s->kind == CHANGE_MADE || s->kind == CHANGE_UNSET) {
        buffer_add_text(out, " (was ");
        buffer_add(out, hide(context, s->name, s->before));
        buffer_add_char(out, ')');
    }
    if (s->is_cut)
        buffer_add_text(out, " …");
}
