#include "core/asking/extract.h"

#include "core/base/mem.h"

enum {
    KEPT_FILES = 8,
    WHOLE_FILE_BYTES = 8 << 20, /* bigger files have maps */
    MIN_STRETCH_BYTES = 1 << 20,
    MAX_STRETCH_BYTES = 8 << 20,
    MAX_GAP_BYTES = 4 << 20, /* between records of one reading in order */
};

static bool number_step(struct bytes step, uint64_t *out)
{
    return bytes_to_u64(step, out);
}

/* Moves to the value of the last key `step`; false when there is none. */
static bool enter_key(struct cursor *c, struct bytes step, struct bytes *value)
{
    struct cursor_text key;
    struct buffer decoded = {0};
    bool found = false, first = true;

    if (!cursor_enter_object(c))
        return false;
    for (; cursor_next_key(c, &key, first); first = false) {
        struct bytes name = key.raw, skipped;

        if (key.escaped) {
            buffer_clear(&decoded);
            cursor_decode(key, &decoded);
            name = buffer_bytes(&decoded);
        }
        if (!cursor_skip(c, &skipped))
            break;
        if (bytes_equal(name, step)) {
            *value = skipped;
            found = true;
        }
    }
    buffer_deinit(&decoded);
    return found;
}

static bool enter_item(struct cursor *c, uint64_t wanted, struct bytes *value)
{
    bool first = true;

    if (!cursor_enter_array(c))
        return false;
    for (uint64_t i = 0; cursor_next_item(c, first); i++, first = false) {
        if (!cursor_skip(c, value))
            return false;
        if (i == wanted)
            return true;
    }
    return false;
}

static struct datum leaf_datum(struct bytes value, struct arena *memory)
{
    struct cursor c;
    enum cursor_kind kind;
    struct cursor_text text;
    struct buffer decoded = {0};
    struct datum d = {.kind = DATUM_MISSING};

    cursor_init(&c, value, true);
    c.lenient_utf8 = true;
    if (!cursor_peek(&c, &kind))
        return d;
    if (kind == CURSOR_NULL) {
        d.state = VALUE_NULL;
        return d;
    }
    if (kind != CURSOR_STRING)
        return datum_of_text(value);
    if (!cursor_string(&c, &text))
        return d;
    if (!text.escaped)
        return datum_of_text(text.raw);
    cursor_decode(text, &decoded);
    d = datum_of_text(arena_copy(memory, buffer_bytes(&decoded)));
    buffer_deinit(&decoded);
    return d;
}

struct datum extract_find(struct bytes record, struct bytes path, struct arena *memory)
{
    struct bytes step, value = record;
    struct datum d;

    /* A key that begins with @ is written with one more; the others are the language's own. */
    if (bytes_starts(path, "@@"))
        path = bytes_slice(path, 1, path.len);
    while (path_step(&path, &step)) {
        struct cursor c;
        enum cursor_kind kind;
        uint64_t position;

        cursor_init(&c, value, true);
        c.lenient_utf8 = true;
        if (!cursor_peek(&c, &kind))
            return (struct datum){.kind = DATUM_MISSING};
        if (kind == CURSOR_OBJECT ? !enter_key(&c, step, &value)
                                  : kind != CURSOR_ARRAY || !number_step(step, &position) ||
                                        !enter_item(&c, position, &value))
            return (struct datum){.kind = DATUM_MISSING};
    }
    d = leaf_datum(value, memory);
    if (d.kind == DATUM_TEXT && (bytes_are(d.text, "HIDDEN_DUE_TO_SECURITY_REASONS") ||
                                 bytes_are(d.text, "HIDDEN_FOR_SECURITY_REASONS")))
        d.state = VALUE_REDACTED;
    return d;
}

struct kept_file {
    uint32_t id;
    bool used;
    uint64_t last_use;
    struct buffer text;
};

struct extract {
    const struct store *store;
    struct archive *archive;
    struct load *load;
    struct progress *progress;
    struct kept_file files[KEPT_FILES];
    struct buffer stretch; /* of a big file */
    uint32_t stretch_file;
    uint64_t stretch_from; /* its offset in the file */
    uint64_t clock, failures;
};

struct extract *extract_new(const struct store *s, struct archive *a, struct load *load,
                            struct progress *progress)
{
    struct extract *r = mem_alloc(sizeof *r);

    r->store = s;
    r->archive = a;
    r->load = load;
    r->progress = progress;
    return r;
}

void extract_free(struct extract *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < KEPT_FILES; i++)
        buffer_deinit(&r->files[i].text);
    buffer_deinit(&r->stretch);
    mem_free(r);
}

uint64_t extract_failures(const struct extract *r)
{
    return r->failures;
}

static const struct block_map *map_of(struct extract *r, uint32_t file)
{
    return r->load ? load_map(r->load, file) : NULL;
}

/* The whole text of a small file, from memory or read again; NULL when it cannot be had
 * whole. */
static struct buffer *whole_file(struct extract *r, struct file *f)
{
    struct kept_file *oldest = &r->files[0];
    uint64_t size = atomic_load(&f->bytes);

    for (size_t i = 0; i < KEPT_FILES; i++) {
        struct kept_file *k = &r->files[i];

        if (k->used && k->id == f->id) {
            k->last_use = ++r->clock;
            return &k->text;
        }
        if (k->last_use < oldest->last_use)
            oldest = k;
    }
    if (size > WHOLE_FILE_BYTES)
        return NULL;
    progress_file(r->progress);
    buffer_clear(&oldest->text);
    oldest->used = block_extract(f, map_of(r, f->id), 0, (size_t)size, &oldest->text) == ERR_OK;
    oldest->id = f->id;
    oldest->last_use = oldest->used ? ++r->clock : 0;
    return oldest->used ? &oldest->text : NULL;
}

/* How much to read from the record on: whoever reads a big file in order gets ever more of it
 * at once, as each reading starts at a snapshot some way before. */
static size_t stretch_length(const struct extract *r, const struct file *f,
                             struct row_place place)
{
    uint64_t end = r->stretch_from + r->stretch.len, size = atomic_load(&f->bytes);
    uint64_t length = r->stretch.len * UINT64_C(2);

    if (r->stretch.len == 0 || r->stretch_file != place.file ||
        place.offset_bytes < r->stretch_from || place.offset_bytes > end + MAX_GAP_BYTES)
        return place.length_bytes;
    if (length < MIN_STRETCH_BYTES)
        length = MIN_STRETCH_BYTES;
    if (length > MAX_STRETCH_BYTES)
        length = MAX_STRETCH_BYTES;
    if (place.offset_bytes < size && length > size - place.offset_bytes)
        length = size - place.offset_bytes;
    return length < place.length_bytes ? place.length_bytes : (size_t)length;
}

static bool read_stretch(struct extract *r, struct file *f, struct row_place place,
                         size_t length)
{
    if (r->stretch_file != place.file || r->stretch.len == 0)
        progress_file(r->progress);
    buffer_clear(&r->stretch);
    r->stretch_file = place.file;
    r->stretch_from = place.offset_bytes;
    return block_extract(f, map_of(r, place.file), place.offset_bytes, length, &r->stretch) ==
               ERR_OK ||
           (length > place.length_bytes && read_stretch(r, f, place, place.length_bytes));
}

static bool in_stretch(const struct extract *r, struct row_place place, struct bytes *out)
{
    uint64_t at = place.offset_bytes - r->stretch_from;

    if (r->stretch_file != place.file || place.offset_bytes < r->stretch_from ||
        at > r->stretch.len || place.length_bytes > r->stretch.len - at)
        return false;
    *out = bytes_slice(buffer_bytes(&r->stretch), at, at + place.length_bytes);
    return true;
}

bool extract_record(struct extract *r, row_id row, struct bytes *out)
{
    struct row_place place = store_place(r->store, row);
    struct file *f = archive_file(r->archive, place.file);
    struct buffer *whole = whole_file(r, f);

    if (whole && place.offset_bytes + place.length_bytes <= whole->len) {
        *out = bytes_slice(buffer_bytes(whole), place.offset_bytes,
                           place.offset_bytes + place.length_bytes);
        return true;
    }
    if (in_stretch(r, place, out))
        return true;
    if (!read_stretch(r, f, place, stretch_length(r, f, place))) {
        buffer_clear(&r->stretch);
        r->failures++;
        return false;
    }
    *out = bytes_slice(buffer_bytes(&r->stretch), 0, place.length_bytes);
    return true;
}
