#include "core/index/store.h"

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/pool.h"

struct store {
    struct lock lock; /* of publishing */
    struct dictionary *dictionaries[FIELD_COUNT + 1];
    struct chunk **chunks; /* STORE_MAX_CHUNKS; what is not used costs no memory */
    _Atomic size_t n_chunks;
    _Atomic uint64_t n_rows;
    _Atomic size_t chunk_bytes;
    struct listed *_Atomic listed;
    _Atomic size_t listed_bytes;
};

struct store *store_new(void)
{
    struct store *s = mem_alloc(sizeof *s);

    lock_init(&s->lock);
    s->chunks = mem_resize(NULL, STORE_MAX_CHUNKS, sizeof(struct chunk *));
    for (enum field_id f = 0; f < FIELD_COUNT; f++) {
        enum field_kind kind = field_get(f)->kind;

        if (kind == FIELD_TEXT || kind == FIELD_CHOICE || kind == FIELD_UNIQUE)
            s->dictionaries[f] = dictionary_new(f);
    }
    s->dictionaries[FIELD_COUNT] = dictionary_new(FIELD_COUNT);
    return s;
}

void store_free(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < store_count(s); i++)
        chunk_free(s->chunks[i]);
    for (size_t f = 0; f <= FIELD_COUNT; f++)
        dictionary_free(s->dictionaries[f]);
    for (struct listed *l = atomic_load(&s->listed), *next; l; l = next) {
        next = (struct listed *)(uintptr_t)l->next;
        mem_free(l);
    }
    lock_deinit(&s->lock);
    mem_free(s->chunks);
    mem_free(s);
}

struct dictionary *const *store_dictionaries(const struct store *s)
{
    return s->dictionaries;
}

bool store_publish(struct store *s, struct chunk *c)
{
    size_t number;

    lock_take(&s->lock);
    number = atomic_load_explicit(&s->n_chunks, memory_order_relaxed);
    if (number == STORE_MAX_CHUNKS) {
        lock_give(&s->lock);
        chunk_free(c);
        return false;
    }
    s->chunks[number] = c;
    atomic_fetch_add_explicit(&s->n_rows, c->n_rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&s->chunk_bytes, chunk_bytes(c), memory_order_relaxed);
    atomic_store_explicit(&s->n_chunks, number + 1, memory_order_release);
    lock_give(&s->lock);
    return true;
}

static uint32_t id_of(struct dictionary *d, struct bytes text)
{
    uint64_t hash = hash_bytes(text);
    uint32_t id;

    dictionary_add(d, &text, &hash, 1, &id);
    return id;
}

uint64_t store_list_users(struct store *s, uint32_t file, const struct userlist *users)
{
    struct listed *l;
    uint64_t lost = 0;
    size_t n = 0, bytes;

    for (size_t i = 0; i < users->n; i++)
        n += users->items[i].n_names;
    if (n == 0)
        return 0;
    bytes = sizeof *l + n * sizeof l->names[0];
    l = mem_alloc(bytes);
    l->file = file;
    for (size_t i = 0; i < users->n; i++) {
        const struct listed_user *p = &users->items[i];
        uint32_t sub = id_of(s->dictionaries[FIELD_SUB], p->sub);

        for (size_t j = 0; j < p->n_names; j++) {
            uint32_t user = id_of(s->dictionaries[FIELD_USER], p->names[j]);

            if (sub == DICTIONARY_FULL || user == DICTIONARY_FULL)
                lost++;
            else
                l->names[l->n_names++] = (struct listed_name){sub, user, j == 0};
        }
    }
    lock_take(&s->lock);
    l->next = atomic_load_explicit(&s->listed, memory_order_relaxed);
    atomic_store_explicit(&s->listed, l, memory_order_release);
    lock_give(&s->lock);
    atomic_fetch_add_explicit(&s->listed_bytes, bytes, memory_order_relaxed);
    return lost;
}

const struct listed *store_listed(const struct store *s)
{
    return atomic_load_explicit(&s->listed, memory_order_acquire);
}

size_t store_count(const struct store *s)
{
    return atomic_load_explicit(&s->n_chunks, memory_order_acquire);
}

const struct chunk *store_chunk(const struct store *s, size_t number)
{
    return s->chunks[number];
}

uint64_t store_rows(const struct store *s)
{
    return atomic_load_explicit(&s->n_rows, memory_order_relaxed);
}

size_t store_bytes(const struct store *s)
{
    size_t bytes = sizeof *s + store_count(s) * sizeof(struct chunk *) +
                   atomic_load_explicit(&s->chunk_bytes, memory_order_relaxed) +
                   atomic_load_explicit(&s->listed_bytes, memory_order_relaxed);

    for (size_t f = 0; f <= FIELD_COUNT; f++)
        if (s->dictionaries[f])
            bytes += dictionary_bytes(s->dictionaries[f]);
    return bytes;
}

struct bytes store_text(const struct store *s, row_id row, enum field_id field, char *scratch,
                        enum value_state *state)
{
    return chunk_text(store_chunk(s, row_chunk(row)), row_in_chunk(row), field, s->dictionaries,
                      scratch, state);
}

void store_values(const struct store *s, row_id row, struct value *values,
                  char (*scratch)[UNIQUE_TEXT_BYTES])
{
    for (int f = 0; f < FIELD_COUNT; f++) {
        enum field_kind kind = field_get((enum field_id)f)->kind;
        enum value_state state = VALUE_ABSENT;

        values[f] = (struct value){0};
        if (kind == FIELD_INSTANT || kind == FIELD_POSITION)
            continue;
        values[f].text = store_text(s, row, (enum field_id)f, scratch[f], &state);
        values[f].state = (uint8_t)state;
    }
}

uint32_t store_id(const struct store *s, row_id row, enum field_id field)
{
    return chunk_id(store_chunk(s, row_chunk(row)), row_in_chunk(row), field);
}

struct row_place store_place(const struct store *s, row_id row)
{
    const struct chunk *c = store_chunk(s, row_chunk(row));
    size_t i = row_in_chunk(row);

    return (struct row_place){(uint32_t)column_get(&c->file, i), column_get(&c->offset, i),
                              (uint32_t)column_get(&c->length, i)};
}

uint32_t store_flags(const struct store *s, row_id row)
{
    return (uint32_t)column_get(&store_chunk(s, row_chunk(row))->flags, row_in_chunk(row));
}

int64_t store_time(const struct store *s, row_id row)
{
    return chunk_time(store_chunk(s, row_chunk(row)), row_in_chunk(row));
}
