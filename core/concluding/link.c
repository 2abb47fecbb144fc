#include "core/concluding/link.h"

#include "core/base/mem.h"

static const struct link_sides KINDS[LINK_COUNT] = {
    [LINK_USER_SUB] = {FIELD_USER,       FIELD_SUB     },
    [LINK_SUB_USER] = {FIELD_SUB,        FIELD_USER    },
    [LINK_IDENTITY_SUB] = {FIELD_IDENTITY,   FIELD_SUB     },
    [LINK_KEY_SUB] = {FIELD_ACCESS_KEY, FIELD_SUB     },
    [LINK_KEY_IDENTITY] = {FIELD_ACCESS_KEY, FIELD_IDENTITY},
    [LINK_CLIENT_POOL] = {FIELD_CLIENT,     FIELD_POOL    },
};

struct link_sides link_sides(enum link_kind kind)
{
    return KINDS[kind];
}

static void learn(uint32_t *to, uint32_t value)
{
    if (*to == 0)
        *to = value;
    else if (*to != value)
        *to = LINK_MANY;
}

/* A key that was issued stands in the same field as a key that called. An administrator's own
 * key beside the sub that the call was about links nothing: only callers that act through an
 * identity pool, or records that name the identity, do. */
bool link_teaches(enum link_kind kind, const struct chunk *c, size_t row)
{
    if (kind != LINK_KEY_SUB)
        return true;
    /* Other services name a sub only where the caller's own session does. */
    return column_get(&c->ids[FIELD_IDENTITY], row) >= DICTIONARY_FIRST_TEXT ||
           column_get(&c->ids[FIELD_STAGE], row) == DICTIONARY_FIRST_TEXT + STAGE_OTHER;
}

static void learn_chunk(struct links *l, enum link_kind kind, const struct chunk *c)
{
    const struct column *from = &c->ids[KINDS[kind].from], *to = &c->ids[KINDS[kind].to];

    /* A column without width has one value for all rows. */
    if ((from->width == 0 && from->base < DICTIONARY_FIRST_TEXT) ||
        (to->width == 0 && to->base < DICTIONARY_FIRST_TEXT))
        return;
    for (uint32_t row = 0; row < c->n_rows; row++) {
        uint64_t a = column_get(from, row), b = column_get(to, row);

        if (a >= DICTIONARY_FIRST_TEXT && b >= DICTIONARY_FIRST_TEXT && a < l->by[kind].count &&
            link_teaches(kind, c, row))
            learn(&l->by[kind].to[a], (uint32_t)b);
    }
}

/* A name that is the sub itself names nobody. */
static bool is_sub_itself(const struct index *index, uint32_t sub, uint32_t user)
{
    struct dictionary *const *d = store_dictionaries(index->store);

    return bytes_equal(dictionary_text(d[FIELD_SUB], sub),
                       dictionary_text(d[FIELD_USER], user));
}

static void drop_own_names(struct links *l, const struct index *index)
{
    for (uint32_t sub = 0; sub < l->by[LINK_SUB_USER].count; sub++) {
        uint32_t user = link_get(l, LINK_SUB_USER, sub);

        if (user && is_sub_itself(index, sub, user))
            l->by[LINK_SUB_USER].to[sub] = 0;
    }
}

/* The pool's own list of its users settles which of a user's names is shown; the others lead to
 * the sub too. */
static void learn_list(struct links *l, const struct index *index)
{
    const struct listed *first = store_listed(index->store);

    for (unsigned round = 0; round < 2; round++)
        for (const struct listed *block = first; block; block = block->next)
            for (size_t i = 0; i < block->n_names; i++) {
                const struct listed_name *name = &block->names[i];

                if (name->sub >= l->by[LINK_SUB_USER].count ||
                    name->user >= l->by[LINK_USER_SUB].count)
                    continue; /* of a file that was read since */
                if (round == 0 && name->best)
                    l->by[LINK_SUB_USER].to[name->sub] = 0;
                if (round == 1 && name->best)
                    learn(&l->by[LINK_SUB_USER].to[name->sub], name->user);
                if (round == 1)
                    learn(&l->by[LINK_USER_SUB].to[name->user], name->sub);
            }
}

/* identity → sub also by way of a key that both were seen with. */
static void close_chain(struct links *l)
{
    for (uint32_t key = 0; key < l->by[LINK_KEY_IDENTITY].count; key++) {
        uint32_t identity = link_get(l, LINK_KEY_IDENTITY, key);
        uint32_t sub = link_get(l, LINK_KEY_SUB, key);

        if (identity && sub)
            learn(&l->by[LINK_IDENTITY_SUB].to[identity], sub);
    }
}

struct learning {
    struct links *links;
    const struct index *index;
    const struct crew *crew;
};

static void learn_kind(void *context, size_t kind, unsigned worker)
{
    const struct learning *w = context;

    (void)worker;
    for (size_t i = 0; i < w->index->n_chunks && !crew_is_stopped(w->crew); i++)
        learn_chunk(w->links, (enum link_kind)kind, store_chunk(w->index->store, i));
}

struct links *links_new(const struct index *index, const struct crew *crew)
{
    struct dictionary *const *dictionaries = store_dictionaries(index->store);
    struct links *l = mem_alloc(sizeof *l);
    struct learning w = {l, index, crew};

    for (unsigned kind = 0; kind < LINK_COUNT; kind++) {
        l->by[kind].count = dictionary_count(dictionaries[KINDS[kind].from]);
        l->by[kind].to = mem_array(l->by[kind].count, sizeof(uint32_t));
    }
    crew_each(crew, LINK_COUNT, learn_kind, &w);
    drop_own_names(l, index);
    learn_list(l, index);
    close_chain(l);
    return l;
}

void links_free(struct links *l)
{
    for (unsigned kind = 0; l && kind < LINK_COUNT; kind++)
        mem_free(l->by[kind].to);
    mem_free(l);
}

uint32_t link_get(const struct links *l, enum link_kind kind, uint32_t id)
{
    uint32_t to;

    if (id < DICTIONARY_FIRST_TEXT || id >= l->by[kind].count)
        return 0;
    to = l->by[kind].to[id];
    return to == LINK_MANY ? 0 : to;
}

uint32_t link_sub(const struct links *l, const struct link_names *names)
{
    uint32_t sub;

    if (names->sub >= DICTIONARY_FIRST_TEXT)
        return names->sub;
    sub = link_get(l, LINK_USER_SUB, names->user);
    if (!sub)
        sub = link_get(l, LINK_IDENTITY_SUB, names->identity);
    if (!sub)
        sub = link_get(l, LINK_KEY_SUB, names->access_key);
    if (!sub)
        sub = link_get(l, LINK_IDENTITY_SUB, link_get(l, LINK_KEY_IDENTITY, names->access_key));
    return sub;
}
