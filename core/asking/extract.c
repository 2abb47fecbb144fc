#include "core/asking/extract.h"

#include "core/base/mem.h"

#include "core/asking/json.h"
#include "core/reading/lambda.h"

enum {
    KEPT_FILES = 8,
    WHOLE_FILE_BYTES = 8 << 20, /* bigger files have maps */
    MIN_STRETCH_BYTES = 1 << 20,
    MAX_STRETCH_BYTES = 8 << 20,
    MAX_GAP_BYTES = 4 << 20, /* between records of one reading in order */
};

struct datum extract_find(struct bytes record, struct bytes path, struct arena *memory)
{
    /* A key that begins with @ is written with one more; the others are the language's own. */
    if (bytes_starts(path, "@@"))
        path = bytes_slice(path, 1, path.len);
    return json_find(lambda_json(record), path, memory);
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
    struct buffer text;    /* of a record that stands there in another form than JSON */
    uint64_t clock, failures;
};

struct extract *extract_new(const struct store *s, const struct reread *from)
{
    struct extract *r = mem_alloc(sizeof *r);

    r->store = s;
    r->archive = from->archive;
    r->load = from->load;
    r->progress = from->progress;
    return r;
}

void extract_free(struct extract *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < KEPT_FILES; i++)
        buffer_deinit(&r->files[i].text);
    buffer_deinit(&r->stretch);
    buffer_deinit(&r->text);
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

/* The bytes of the record as they stand in the file. */
static bool read_raw(struct extract *r, struct row_place place, struct bytes *out)
{
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
        return false;
    }
    *out = bytes_slice(buffer_bytes(&r->stretch), 0, place.length_bytes);
    return true;
}

bool extract_try(struct extract *r, row_id row, struct bytes *out)
{
    struct row_place place = store_place(r->store, row);

    if (!read_raw(r, place, out))
        return false;
    buffer_clear(&r->text);
    if (r->load && load_render(r->load, place.file, place.offset_bytes, *out, &r->text))
        *out = buffer_bytes(&r->text);
    return true;
}

bool extract_record(struct extract *r, row_id row, struct bytes *out)
{
    bool read = extract_try(r, row, out);

    r->failures += !read;
    return read;
}
