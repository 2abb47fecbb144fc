/* Archives of several files, some of them damaged at random: whatever happened to a file, its
 * bytes and records are accounted for, and the others do not suffer. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "core/index/index.h"
#include "core/index/load.h"

#include "tests/mutate/wrapper.h"

enum { FILES_MAX = 8, ENTRIES_MAX = 3, RECORDS_MAX = 12, DAMAGE_BYTES_MAX = 60 };

/* What went into a file. */
struct plan {
    size_t wrapper;
    enum packing packing;
    enum holding holding;
    unsigned entries; /* 1 but for archives */
    uint64_t first;   /* number of its records */
    unsigned records; /* written into each entry */
    unsigned events;  /* to be found in each entry */
    bool damaged;
};

/* One archive; everything about it follows from its number. */
struct trial {
    uint64_t number, random;
    struct plan plans[FILES_MAX];
    size_t n_plans;
};

static _Noreturn void fail(const struct trial *t, size_t file, const char *property)
{
    const struct plan *p = &t->plans[file];

    (void)fprintf(stderr,
                  "archive %" PRIu64 ", file %zu (%s, packing %d, holding %d, %u entries of %u "
                  "records, %s): does not hold: %s\n",
                  t->number, file, wrapper_name(p->wrapper), (int)p->packing, (int)p->holding,
                  p->entries, p->records, p->damaged ? "damaged" : "whole", property);
    abort();
}

static void need(const struct trial *t, size_t file, bool holds, const char *property)
{
    if (!holds)
        fail(t, file, property);
}

/* One change: a byte replaced, a stretch left out, doubled, zeroed, swapped for noise, or all
 * behind a place cut off. */
static void damage(struct buffer *b, uint64_t *random)
{
    size_t at, length;
    struct buffer tail = {0};

    if (b->len == 0)
        return;
    at = wrapper_draw(random, b->len);
    length = 1 + wrapper_draw(random, DAMAGE_BYTES_MAX);
    length = length < b->len - at ? length : b->len - at;
    switch (wrapper_draw(random, 6)) {
    case 0:
        b->ptr[at] = wrapper_draw(random, 2) ? "{}[],:\"\\\n"[wrapper_draw(random, 9)]
                                             : (char)wrapper_draw(random, 256);
        break;
    case 1:
        memmove(b->ptr + at, b->ptr + at + length, b->len - at - length);
        b->len -= length;
        break;
    case 2:
        buffer_add(&tail, bytes_slice(buffer_bytes(b), at, b->len));
        b->len = at + length;
        buffer_add(b, buffer_bytes(&tail));
        break;
    case 3:
        memset(b->ptr + at, 0, length);
        break;
    case 4:
        for (size_t i = 0; i < length; i++)
            b->ptr[at + i] = (char)wrapper_draw(random, 256);
        break;
    default:
        b->len = at;
    }
    buffer_deinit(&tail);
}

/* One file: `text` is damaged before it is packed. */
static void write_file(struct trial *t, struct plan *p, struct buffer *stored)
{
    struct buffer texts[ENTRIES_MAX] = {{0}};
    unsigned times = p->damaged ? 1 + wrapper_draw(&t->random, 3) : 0;

    for (unsigned i = 0; i < p->entries; i++)
        p->events =
            wrapper_write(&texts[i], p->wrapper, p->first + i * RECORDS_MAX, p->records);
    if (wrapper_draw(&t->random, 2))
        for (; times > 0; times--)
            damage(&texts[wrapper_draw(&t->random, p->entries)], &t->random);
    wrapper_hold(stored, texts, p->entries, p->packing, p->holding, &t->random);
    for (; times > 0; times--)
        damage(stored, &t->random);
    for (unsigned i = 0; i < p->entries; i++)
        buffer_deinit(&texts[i]);
}

/* Makes the files and hands them to the archive. */
static void make(struct trial *t, struct archive *a)
{
    t->n_plans = 2 + wrapper_draw(&t->random, FILES_MAX - 1);
    for (size_t i = 0; i < t->n_plans; i++) {
        struct plan *p = &t->plans[i];
        struct buffer stored = {0};
        char name[32];

        p->wrapper = wrapper_draw(&t->random, wrapper_count());
        p->packing = (enum packing)wrapper_draw(&t->random, PACKING_COUNT);
        p->holding = wrapper_draw(&t->random, 2)
                         ? HOLDING_NONE
                         : (enum holding)wrapper_draw(&t->random, HOLDING_COUNT);
        p->entries = p->holding == HOLDING_NONE ? 1 : 1 + wrapper_draw(&t->random, ENTRIES_MAX);
        p->records = 1 + wrapper_draw(&t->random, RECORDS_MAX);
        p->first = i * ENTRIES_MAX * RECORDS_MAX;
        p->damaged = wrapper_draw(&t->random, 2);
        write_file(t, p, &stored);
        (void)snprintf(name, sizeof name, "%zu file", i);
        archive_add_memory(a, bytes_of(name), buffer_bytes(&stored));
        buffer_deinit(&stored);
    }
}

/* The plan that a row of the ledger comes from, and the entry in it. */
static size_t plan_of(const struct file *f)
{
    return (size_t)(f->path.ptr[0] - '0');
}

static unsigned entry_of(const struct file *f)
{
    return f->outer ? (unsigned)(f->path.ptr[strlen("0 file/")] - '0') : 0;
}

/* What the rows of the store say of one file. */
struct rows {
    uint64_t count, bytes, end;
    uint64_t at; /* of the last one */
};

/* Rows stand in order and do not overlap; of a whole file they are the records, one by one. */
static void check_row(const struct trial *t, const struct store *s, row_id row,
                      const struct file *f, struct rows *rows)
{
    struct row_place place = store_place(s, row);
    size_t i = plan_of(f);
    const struct plan *p = &t->plans[i];
    enum value_state state;
    char scratch[UNIQUE_TEXT_BYTES], wanted[64];
    struct bytes id;

    /* The records of one outer object share its bytes. */
    if (rows->count == 0 || event_wrapped(store_flags(s, row)).split == 0 ||
        place.offset_bytes != rows->at) {
        need(t, i, place.offset_bytes >= rows->end || place.length_bytes == 0,
             "records stand in order");
        rows->end = place.offset_bytes + place.length_bytes;
        rows->bytes += place.length_bytes;
    }
    rows->at = place.offset_bytes;
    if (!p->damaged && wrapper_has_ids(p->wrapper)) {
        id = store_text(s, row, FIELD_EVENT_ID, scratch, &state);
        (void)snprintf(wanted, sizeof wanted, "00000000-0000-4000-8000-%012" PRIx64,
                       p->first + entry_of(f) * RECORDS_MAX + rows->count);
        need(t, i, bytes_are(id, wanted), "each record of a whole file is there");
    }
    rows->count++;
}

static void check_problems(const struct trial *t, size_t i, const struct file *f,
                           uint64_t *notes)
{
    uint64_t listed = 0, folded = 0;

    for (size_t k = 0; k < f->n_problems; k++) {
        const struct problem *problem = &f->problems[k];

        need(t, i, problem->code != ERR_OK && problem->code < ERR_COUNT,
             "a problem has a name");
        need(t, i, problem->events_kept <= f->events, "no more was kept than there is");
        /* Places in an archive that is gzipped are those of its unpacked bytes. */
        if (f->content_fd < 0)
            need(t, i, problem->offset <= (problem->packed ? f->packed_bytes : f->bytes),
                 "a problem lies within its file");
        listed += problem->packed ? 0 : problem->length;
        folded += problem->folded;
        *notes += problem_is_note(problem->code);
    }
    need(t, i, folded > 0 || listed == f->problem_bytes, "each problem byte is listed");
}

static void check_file(const struct trial *t, const struct file *f, const struct rows *rows)
{
    size_t i = plan_of(f);
    const struct plan *p = &t->plans[i];
    uint64_t notes = 0;
    enum file_status status = (enum file_status)f->status;

    need(t, i, file_is_finished(f), "reading ends");
    need(t, i, f->bytes == f->record_bytes + f->wrapper_bytes + f->problem_bytes,
         "bytes = records + wrappers + problems");
    need(t, i, rows->count == f->events, "events = rows");
    need(t, i, rows->bytes == f->record_bytes, "record bytes = those of the rows");
    need(t, i, rows->end <= f->bytes, "records end within the text");
    check_problems(t, i, f, &notes);
    need(t, i, f->rejected == 0 || f->n_problems > notes, "what is rejected is told");
    need(t, i, status != FILE_READ || (f->n_problems == notes && f->rejected == 0),
         "a file with a loss is not called read");
    need(t, i, status != FILE_SKIPPED || (f->n_problems > 0 && f->events == 0),
         "a file is skipped for a reason");
    if (!p->damaged && (f->container || p->events > 0))
        need(t, i, status == FILE_READ, "a whole file is read whole");
    if (!p->damaged && !f->container)
        need(t, i, f->events == p->events, "all events of a whole file are there");
}

struct sums {
    uint64_t files, damaged_files, records, events, problems;
};

/* Each file of a plan has its row, and each entry of a whole one. */
static void check_plans(const struct trial *t, struct archive *a, struct sums *sums)
{
    unsigned seen[FILES_MAX] = {0}, entries[FILES_MAX] = {0};

    for (size_t i = 0; i < archive_count(a); i++) {
        const struct file *f = archive_file(a, i);

        seen[plan_of(f)] += !f->outer;
        entries[plan_of(f)] += f->outer != NULL;
    }
    for (size_t i = 0; i < t->n_plans; i++) {
        const struct plan *p = &t->plans[i];

        need(t, i, seen[i] == 1, "every file has its row");
        need(t, i, p->damaged || entries[i] == (p->holding == HOLDING_NONE ? 0 : p->entries),
             "every entry has its row");
        sums->damaged_files += p->damaged;
        sums->records += (uint64_t)p->events * p->entries;
    }
}

static void check(const struct trial *t, struct archive *a, const struct store *s,
                  struct sums *sums)
{
    size_t n = archive_count(a);
    struct rows *rows = mem_array(n, sizeof *rows);
    struct ledger_totals totals;
    atomic_bool never = false;
    struct index *index;
    uint64_t events = 0;

    for (size_t chunk = 0; chunk < store_count(s); chunk++)
        for (size_t i = 0; i < store_chunk(s, chunk)->n_rows; i++) {
            row_id row = row_make(chunk, i);
            uint32_t file = store_place(s, row).file;

            check_row(t, s, row, archive_file(a, file), &rows[file]);
        }
    check_plans(t, a, sums);
    for (size_t i = 0; i < n; i++) {
        check_file(t, archive_file(a, i), &rows[i]);
        events += archive_file(a, i)->events;
    }
    mem_free(rows);
    archive_totals(a, &totals);
    need(t, 0, totals.files == totals.read + totals.damaged + totals.skipped,
         "files = read + damaged + skipped");
    need(t, 0, totals.events == events, "the sum of events is that of the files");
    need(t, 0,
         totals.bytes == totals.record_bytes + totals.wrapper_bytes + totals.problem_bytes,
         "the sum of bytes is that of the parts");
    need(t, 0, totals.packed_bytes == totals.packed_read_bytes, "every byte was gone over");
    index = index_build(s, store_count(s), true, &never);
    need(t, 0, index && index->n_rows == events, "every event is indexed");
    sums->files += n;
    sums->events += events;
    sums->problems += totals.problems;
    index_release(index);
}

static void run(uint64_t number, struct pool *pool, const struct config *config,
                struct sums *sums)
{
    struct trial t = {.number = number, .random = number};
    struct pollfd wake = {.fd = pool_wake_fd(pool), .events = POLLIN};
    struct archive *a = archive_new();
    struct store *s = store_new();
    struct load *l = load_new(a, s, block_default_limits(), config);

    make(&t, a);
    load_start(l, pool, NULL, NULL);
    while (!load_is_finished(l)) {
        (void)poll(&wake, 1, -1);
        (void)pool_drain(pool);
    }
    check(&t, a, s, sums);
    load_free(l);
    store_free(s);
    archive_free(a);
}

static void write_seed(const char *folder, const char *kind, size_t number,
                       struct bytes content)
{
    char path[4096];
    FILE *f;
    bool fine;

    (void)snprintf(path, sizeof path, "%s/%s", folder, kind);
    (void)mkdir(path, 0777);
    (void)snprintf(path, sizeof path, "%s/%s/%02zu", folder, kind, number);
    f = fopen(path, "wb");
    fine = f && fwrite(content.ptr, 1, content.len, f) == content.len;
    if (!f || fclose(f) != 0 || !fine) {
        (void)fprintf(stderr, "%s cannot be written\n", path);
        exit(1);
    }
}

/* Seeds for the fuzz targets: each wrapper as a whole file below FOLDER/envelope, archives of
 * them below FOLDER/container. */
static void write_seeds(const char *folder)
{
    uint64_t random = 1;

    (void)mkdir(folder, 0777);
    for (size_t i = 0; i < wrapper_count(); i++) {
        struct buffer texts[2] = {{0}}, archive = {0};
        enum holding holding = (enum holding)(1 + i % (HOLDING_COUNT - 1));

        (void)wrapper_write(&texts[0], i, 0, 2);
        (void)wrapper_write(&texts[1], i, 2, 1);
        write_seed(folder, "envelope", i, buffer_bytes(&texts[0]));
        wrapper_hold(&archive, texts, 2, (enum packing)(i / 3 % PACKING_COUNT), holding,
                     &random);
        write_seed(folder, "container", i, buffer_bytes(&archive));
        buffer_deinit(&texts[0]);
        buffer_deinit(&texts[1]);
        buffer_deinit(&archive);
    }
}

/* cogtrail-mutate [ARCHIVES [FIRST]], or cogtrail-mutate --seeds FOLDER */
int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    time_t told = time(NULL);
    struct sums sums = {0};
    struct config *config = config_new();
    const char *why;
    struct pool *pool;

    hash_seed();
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        write_seeds(argv[2]);
        config_free(config);
        return 0;
    }
    if (!config_add_format(config, bytes_of(wrapper_template()), &why))
        abort();
    pool = pool_new(pool_cores());
    for (uint64_t i = 0; i < count; i++) {
        run(first + i, pool, config, &sums);
        if (time(NULL) - told >= 30) {
            told = time(NULL);
            printf("%" PRIu64 " of %" PRIu64 " archives\n", i + 1, count);
            (void)fflush(stdout);
        }
    }
    pool_free(pool);
    config_free(config);
    printf("%" PRIu64 " archives, %" PRIu64 " files, %" PRIu64 " of them damaged: %" PRIu64
           " records written, %" PRIu64 " events found, %" PRIu64
           " problems listed; everything is accounted for\n",
           count, sums.files, sums.damaged_files, sums.records, sums.events, sums.problems);
    return 0;
}
