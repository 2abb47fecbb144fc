/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/evidence/access.h"
#include "core/evidence/archive.h"

/* A folder of its own for each test; removed afterwards. */
static int tree_make(void **state)
{
    char *root = strdup("/tmp/cogtrail-archive-XXXXXX");

    *state = root;
    return root && mkdtemp(root) ? 0 : -1;
}

static int tree_remove(void **state)
{
    struct buffer command = {0};
    int code;

    buffer_printf(&command, "chmod -R u+rwx '%s' && rm -rf '%s'", (char *)*state,
                  (char *)*state);
    code = system(buffer_cstr(&command));
    buffer_deinit(&command);
    free(*state);
    return code;
}

/* `name` below the root, with the folders on its way. The caller frees. */
static char *tree_path(const char *root, const char *name)
{
    struct buffer path = {0};

    buffer_printf(&path, "%s/%s", root, name);
    (void)buffer_cstr(&path);
    for (char *p = path.ptr + strlen(root) + 1; (p = strchr(p, '/')) != NULL; p++) {
        *p = '\0';
        assert_true(mkdir(path.ptr, 0755) == 0 || errno == EEXIST);
        *p = '/';
    }
    return path.ptr;
}

static void tree_file(const char *root, const char *name)
{
    char *path = tree_path(root, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs("{}\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    mem_free(path);
}

/* What is handed out, one name a line, without the root. */
static char *listing(struct archive *a, const char *root)
{
    struct buffer out = {0};
    struct file *f;

    while ((f = archive_next(a)) != NULL) {
        size_t skip = bytes_starts(f->path, root) ? strlen(root) + 1 : 0;

        buffer_add(&out, bytes_slice(f->path, skip, f->path.len));
        buffer_add_char(&out, '\n');
    }
    (void)buffer_cstr(&out);
    return out.ptr;
}

static void check_listing(const char *root, const char *want)
{
    struct archive *a = archive_new();
    char *got;

    archive_add_path(a, bytes_of(root));
    assert_false(archive_is_listed(a));
    got = listing(a, root);
    assert_string_equal(got, want);
    assert_true(archive_is_listed(a));
    mem_free(got);
    archive_free(a);
}

static void test_newest_day_first(void **state)
{
    const char *root = *state;

    tree_file(root, "AWSLogs/1/CloudTrail/us-east-1/2026/11/18/b.gz");
    tree_file(root, "AWSLogs/1/CloudTrail/us-east-1/2026/11/18/a.gz");
    tree_file(root, "AWSLogs/1/CloudTrail/us-east-1/2026/11/09/c.gz");
    tree_file(root, "AWSLogs/1/CloudTrail/us-east-1/2025/12/31/d.gz");
    tree_file(root, "AWSLogs/1/CloudTrail/eu-west-1/2026/11/18/e.gz");
    tree_file(root, "AWSLogs/1/CloudTrail/eu-west-1/2026/11/19/f.gz");
    tree_file(root, "flat/x_20261119T0100Z_q.gz");
    tree_file(root, "flat/x_20250101T0100Z_q.gz");
    tree_file(root, "notes.json");
    check_listing(root, "AWSLogs/1/CloudTrail/eu-west-1/2026/11/19/f.gz\n"
                        "flat/x_20261119T0100Z_q.gz\n"
                        "AWSLogs/1/CloudTrail/eu-west-1/2026/11/18/e.gz\n"
                        "AWSLogs/1/CloudTrail/us-east-1/2026/11/18/a.gz\n"
                        "AWSLogs/1/CloudTrail/us-east-1/2026/11/18/b.gz\n"
                        "AWSLogs/1/CloudTrail/us-east-1/2026/11/09/c.gz\n"
                        "AWSLogs/1/CloudTrail/us-east-1/2025/12/31/d.gz\n"
                        "flat/x_20250101T0100Z_q.gz\n"
                        "notes.json\n");
}

static void test_old_days_wait_unlisted(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    struct file *f;

    tree_file(root, "2026/11/18/new.gz");
    tree_file(root, "2024/01/01/old.gz");
    archive_add_path(a, bytes_of(root));
    f = archive_next(a);
    assert_true(bytes_ends(f->path, "new.gz"));
    assert_false(archive_is_listed(a));
    assert_int_equal(archive_found(a), 1);
    f = archive_next(a);
    assert_true(bytes_ends(f->path, "old.gz"));
    assert_true(archive_is_listed(a));
    assert_int_equal(archive_found(a), 2);
    assert_null(archive_next(a));
    assert_null(archive_next(a));
    archive_free(a);
}

/* The row whose path ends so, or NULL. */
static struct file *row_of(struct archive *a, const char *suffix)
{
    for (size_t i = 0; i < archive_count(a); i++)
        if (bytes_ends(archive_file(a, i)->path, suffix))
            return archive_file(a, i);
    return NULL;
}

static void check_skipped(struct archive *a, const char *suffix, enum err code,
                          const char *detail)
{
    struct file *f = row_of(a, suffix);

    assert_non_null(f);
    assert_int_equal(f->status, FILE_SKIPPED);
    assert_int_equal(f->n_problems, 1);
    assert_int_equal(f->problems[0].code, code);
    if (bytes_find(f->problems[0].detail, bytes_of(detail)) == SIZE_MAX)
        fail_msg("%s: \"%.*s\"", suffix, (int)f->problems[0].detail.len,
                 f->problems[0].detail.ptr);
}

static void test_odd_entries_are_skipped_with_reason(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *path = tree_path(root, "pipe.json.gz");
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct ledger_totals totals;
    char *got;

    assert_int_equal(mkfifo(path, 0600), 0);
    mem_free(path);
    path = tree_path(root, "link");
    assert_int_equal(symlink("/etc", path), 0);
    mem_free(path);
    path = tree_path(root, "deep/loop");
    assert_int_equal(symlink("..", path), 0);
    mem_free(path);
    path = tree_path(root, "socket");
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    mem_free(path);
    tree_file(root, "good.json");

    archive_add_path(a, bytes_of(root));
    archive_add_path(a, bytes_of("/dev/null"));
    archive_add_path(a, bytes_of("/no/such/file"));
    archive_add_path(a, bytes_make("/etc\0/x", 7));
    got = listing(a, root);
    assert_string_equal(got, "good.json\n");
    check_skipped(a, "pipe.json.gz", ERR_NOT_REGULAR, "FIFO");
    check_skipped(a, "/link", ERR_NOT_REGULAR, "symbolic link, not followed: /etc");
    check_skipped(a, "deep/loop", ERR_NOT_REGULAR, "symbolic link, not followed: ..");
    check_skipped(a, "/socket", ERR_NOT_REGULAR, "socket");
    check_skipped(a, "/dev/null", ERR_NOT_REGULAR, "character device");
    check_skipped(a, "/no/such/file", ERR_NOT_FOUND, "No such file");
    archive_totals(a, &totals);
    assert_int_equal(totals.files, 8);
    assert_int_equal(totals.skipped, 7);
    assert_int_equal(totals.waiting, 1);
    (void)close(listener);
    mem_free(got);
    archive_free(a);
}

enum { NOBODY = 65534 };

/* Root reads everything: these tests need someone who does not. False when nobody else is
 * to be had. */
static bool become_nobody(const char *root)
{
    return geteuid() != 0 || (chmod(root, 0755) == 0 && seteuid(NOBODY) == 0);
}

static void become_self(void)
{
    if (getuid() != geteuid())
        assert_int_equal(seteuid(getuid()), 0);
}

static void test_unreadable_folder_is_a_problem(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    char *path = tree_path(root, "closed");
    char *got;

    tree_file(root, "closed/x.json");
    tree_file(root, "open.json");
    assert_int_equal(chmod(path, 0), 0);
    assert_true(become_nobody(root));
    archive_add_path(a, bytes_of(root));
    got = listing(a, root);
    become_self();
    assert_string_equal(got, "open.json\n");
    check_skipped(a, "closed", ERR_IO, "Permission denied");
    mem_free(got);
    mem_free(path);
    archive_free(a);
}

static void test_files_of_others_are_read_all_the_same(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    struct ledger_totals totals;
    struct problem problem;
    struct file *f;
    int fd;

    if (geteuid() != 0) {
        print_message("only root can make files of others\n");
        archive_free(a);
        skip();
    }
    tree_file(root, "x.json");
    assert_true(become_nobody(root));
    archive_add_path(a, bytes_of(root));
    f = archive_next(a);
    fd = f ? access_file(f, &problem) : -1;
    become_self();
    assert_true(fd >= 0);
    /* The owner's access time could not be spared, and the ledger says so. */
    assert_true(f->atime_touched);
    file_finish(f, FILE_READ);
    archive_totals(a, &totals);
    assert_int_equal(totals.atime_touched, 1);
    (void)close(fd);
    archive_free(a);
}

static void test_vanished_file_is_a_problem(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    struct problem problem;
    struct file *f;
    char *path;

    tree_file(root, "x.json");
    tree_file(root, "y.json");
    archive_add_path(a, bytes_of(root));
    f = archive_next(a);
    path = tree_path(root, "x.json");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(access_file(f, &problem), -1);
    assert_int_equal(problem.code, ERR_NOT_FOUND);
    mem_free(path);

    /* A file that was swapped for a link between listing and opening. */
    f = archive_next(a);
    path = tree_path(root, "y.json");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(access_file(f, &problem), -1);
    assert_int_equal(problem.code, ERR_IO);

    /* And for a FIFO, which must not block. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(access_file(f, &problem), -1);
    assert_int_equal(problem.code, ERR_NOT_REGULAR);
    mem_free(path);
    archive_free(a);
}

static void test_given_twice_is_listed_once(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    char *file = tree_path(root, "sub/a.json");
    char *folder = tree_path(root, "sub");
    char *link = tree_path(root, "link.json");
    char *got;

    tree_file(root, "sub/a.json");
    tree_file(root, "sub/b.json");
    tree_file(root, "c.json");
    assert_int_equal(symlink(file, link), 0);
    archive_add_path(a, bytes_of(link));
    archive_add_path(a, bytes_of(file));
    archive_add_path(a, bytes_of(folder));
    archive_add_path(a, bytes_of(root));
    archive_add_path(a, bytes_of(root));
    got = listing(a, root);
    assert_string_equal(got, "c.json\nlink.json\nsub/b.json\n");
    /* The link of the tree is a row; it was given as well, so nothing is lost by it. */
    mem_free(got);
    mem_free(link);
    mem_free(folder);
    mem_free(file);
    archive_free(a);
}

static void test_given_link_is_followed(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    char *target = tree_path(root, "real/a.json");
    char *folder = tree_path(root, "real");
    char *link = tree_path(root, "alias");
    struct problem problem;
    struct file *f;
    int fd;

    tree_file(root, "real/a.json");
    assert_int_equal(symlink(folder, link), 0);
    archive_add_path(a, bytes_of(link));
    f = archive_next(a);
    assert_non_null(f);
    assert_true(bytes_ends(f->path, "alias/a.json"));
    fd = access_file(f, &problem);
    assert_true(fd >= 0);
    assert_int_equal(f->packed_bytes, 3);
    assert_int_equal(f->facts.account.len, 0);
    (void)close(fd);
    mem_free(link);
    mem_free(folder);
    mem_free(target);
    archive_free(a);
}

static void test_reading_leaves_access_time(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    char *path = tree_path(root, "x.json");
    struct timespec old[2] = {
        {1000000, 0},
        {2000000, 0}
    };
    struct problem problem;
    struct stat st;
    char text[8];
    int fd;

    tree_file(root, "x.json");
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    archive_add_path(a, bytes_of(root));
    fd = access_file(archive_next(a), &problem);
    assert_int_equal(read(fd, text, sizeof text), 3);
    (void)close(fd);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_atim.tv_sec, 1000000);
    assert_false(archive_file(a, 0)->atime_touched);
    mem_free(path);
    archive_free(a);
}

static void test_names_are_bytes(void **state)
{
    const char *root = *state;

    tree_file(root, "a\nb.json");
    tree_file(root, "c\x1b[31m.json");
    tree_file(root, "d\xff\xfe.json");
    check_listing(root, "a\nb.json\nc\x1b[31m.json\nd\xff\xfe.json\n");
}

static void test_many_files(void **state)
{
    struct archive *a = archive_new();
    const char *root = *state;
    size_t n = 0;

    for (unsigned i = 0; i < 5000; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "%02u/%u.json", i % 50, i);
        tree_file(root, name);
    }
    archive_add_path(a, bytes_of(root));
    for (struct file *f, *last = NULL; (f = archive_next(a)) != NULL; last = f) {
        assert_int_equal(f->id, n++);
        assert_true(!last || bytes_compare(last->path, f->path) < 0);
    }
    assert_int_equal(n, 5000);
    archive_free(a);
}

struct taker {
    struct archive *a;
    pthread_t thread;
    uint64_t taken, id_sum;
    atomic_bool finished;
};

static void *take_files(void *context)
{
    struct taker *taker = context;
    struct file *f;

    while ((f = archive_next(taker->a)) != NULL) {
        taker->taken++;
        taker->id_sum += f->id;
        file_finish(f, FILE_READ);
    }
    atomic_store(&taker->finished, true);
    return NULL;
}

static void test_workers_share_the_files(void **state)
{
    enum { FILES = 2000, TAKERS = 4 };
    struct archive *a = archive_new();
    const char *root = *state;
    struct taker takers[TAKERS] = {0};
    struct ledger_totals totals = {0};
    uint64_t taken = 0, id_sum = 0;

    for (unsigned i = 0; i < FILES; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "%02u/%u.json", i % 20, i);
        tree_file(root, name);
    }
    archive_add_path(a, bytes_of(root));
    for (unsigned i = 0; i < TAKERS; i++) {
        takers[i].a = a;
        assert_int_equal(pthread_create(&takers[i].thread, NULL, take_files, &takers[i]), 0);
    }
    /* Meanwhile the owner looks on; what was read never shrinks. */
    while (!atomic_load(&takers[0].finished)) {
        uint64_t before = totals.read;

        archive_totals(a, &totals);
        assert_true(totals.read >= before);
        assert_true(totals.read + totals.waiting == totals.files);
    }
    for (unsigned i = 0; i < TAKERS; i++) {
        assert_int_equal(pthread_join(takers[i].thread, NULL), 0);
        taken += takers[i].taken;
        id_sum += takers[i].id_sum;
    }
    assert_int_equal(taken, FILES);
    assert_int_equal(id_sum, (uint64_t)FILES * (FILES - 1) / 2);
    archive_totals(a, &totals);
    assert_int_equal(totals.read, FILES);
    assert_int_equal(archive_count(a), FILES);
    assert_int_equal(archive_found(a), FILES);
    archive_free(a);
}

static void test_memory_and_stream(void **state)
{
    struct archive *a = archive_new();
    struct problem problem;
    struct file *f;
    char text[16];
    int ends[2], fd;

    (void)state;
    archive_add_memory(a, bytes_of("demo/2026/11/18/x.json"), bytes_of("{\"a\":1}"));
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "0123456789", 10), 10);
    (void)close(ends[1]);
    assert_int_equal(archive_add_stream(a, ends[0], 100), ERR_OK);
    (void)close(ends[0]);

    f = archive_next(a);
    assert_true(bytes_are(f->path, "demo/2026/11/18/x.json"));
    for (int i = 0; i < 2; i++) {
        fd = access_file(f, &problem);
        assert_int_equal(pread(fd, text, sizeof text, 0), 7);
        assert_memory_equal(text, "{\"a\":1}", 7);
        (void)close(fd);
    }
    f = archive_next(a);
    assert_true(bytes_are(f->path, "-"));
    fd = access_file(f, &problem);
    assert_int_equal(f->packed_bytes, 10);
    assert_int_equal(pread(fd, text, sizeof text, 0), 10);
    assert_int_equal(f->n_problems, 0);
    (void)close(fd);
    assert_null(archive_next(a));
    archive_free(a);
}

static void test_stream_limit(void **state)
{
    static const struct {
        uint64_t limit, kept;
        size_t problems;
    } cases[] = {
        {10, 10, 0},
        {9,  9,  1},
        {0,  0,  1}
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct archive *a = archive_new();
        struct problem problem;
        struct file *f;
        int ends[2], fd;

        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "0123456789", 10), 10);
        (void)close(ends[1]);
        assert_int_equal(archive_add_stream(a, ends[0], cases[i].limit), ERR_OK);
        (void)close(ends[0]);
        f = archive_next(a);
        fd = access_file(f, &problem);
        assert_int_equal(f->packed_bytes, cases[i].kept);
        assert_int_equal(f->n_problems, cases[i].problems);
        if (cases[i].problems)
            assert_int_equal(f->problems[0].code, ERR_TOO_LARGE);
        (void)close(fd);
        archive_free(a);
    }
    struct archive *a = archive_new();

    assert_int_equal(archive_add_stream(a, -1, 100), ERR_IO);
    assert_null(archive_next(a));
    archive_free(a);
}

static void check_facts(const char *path, const char *account, const char *region,
                        int64_t delivered_us, int64_t day_us)
{
    struct file_facts facts = file_facts_of(bytes_of(path));

    if (!bytes_are(facts.account, account) || !bytes_are(facts.region, region) ||
        facts.delivered_us != delivered_us || facts.day_us != day_us)
        fail_msg("%s: %.*s %.*s %lld %lld", path, (int)facts.account.len, facts.account.ptr,
                 (int)facts.region.len, facts.region.ptr, (long long)facts.delivered_us,
                 (long long)facts.day_us);
}

static void test_facts_of_names(void **state)
{
    const int64_t day = 20775 * INSTANT_DAY; /* 2026-11-18 */
    const int64_t stamp = day + 9 * INSTANT_HOUR + 50 * INSTANT_MINUTE;

    (void)state;
    check_facts("e/AWSLogs/123456789012/CloudTrail/eu-central-1/2026/11/18/"
                "123456789012_CloudTrail_eu-central-1_20261118T0950Z_AbCd.json.gz",
                "123456789012", "eu-central-1", stamp, day);
    check_facts("AWSLogs/o-abc/123456789012/CloudTrail-Digest/us-gov-west-1/2026/11/18/x.gz",
                "123456789012", "us-gov-west-1", INSTANT_NONE, day);
    check_facts("123456789012_CloudTrail_us-east-1_20261118T0950ZHdkvFTXOA3Vnhbc.json.gz",
                "123456789012", "us-east-1", stamp, day);
    check_facts("a_20261118T095007Z.json.gz", "", "", stamp + 7 * INSTANT_SECOND, day);
    /* The folder says which day the file is filed under; the stamp may be the day after. */
    check_facts("2026/11/18/a_20261119T0000Z.gz", "", "", day + INSTANT_DAY, day);
    check_facts("year=2026/month=11/day=18/part-0.gz", "", "", INSTANT_NONE, day);
    check_facts("2026/11/18/09/logs-1-2026-11-18-09-50-00-1b2c", "", "", stamp, day);
    check_facts("export-2026-11-18.json", "", "", INSTANT_NONE, day);
    check_facts("2026/13/18/x.gz", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("2026/02/30/x_20260230T0000Z.gz", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("a_20261118T2560Z", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("a_20261118T0950", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("a_20261118T", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("2026-1", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("///", "", "", INSTANT_NONE, INSTANT_NONE);
    check_facts("12345678901_CloudTrail_us-east-1_x", "", "", INSTANT_NONE, INSTANT_NONE);
}

static void test_latest_day_of_folders(void **state)
{
    const int64_t day = 20775 * INSTANT_DAY;

    (void)state;
    assert_int_equal(folder_latest_day(bytes_of("x/2026/11/18")), day);
    assert_int_equal(folder_latest_day(bytes_of("x/2026/11/18/09/")), day);
    assert_int_equal(folder_latest_day(bytes_of("x/2026/11")), day + 12 * INSTANT_DAY);
    assert_int_equal(folder_latest_day(bytes_of("2026")), day + 43 * INSTANT_DAY);
    assert_int_equal(folder_latest_day(bytes_of("x/2026/logs")), INT64_MAX);
    assert_int_equal(folder_latest_day(bytes_of("x")), INT64_MAX);
    assert_int_equal(folder_latest_day(bytes_of("/")), INT64_MAX);
    assert_int_equal(folder_latest_day(bytes_of("")), INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_newest_day_first, tree_make, tree_remove),
        cmocka_unit_test_setup_teardown(test_old_days_wait_unlisted, tree_make, tree_remove),
        cmocka_unit_test_setup_teardown(test_odd_entries_are_skipped_with_reason, tree_make,
                                        tree_remove),
        cmocka_unit_test_setup_teardown(test_unreadable_folder_is_a_problem, tree_make,
                                        tree_remove),
        cmocka_unit_test_setup_teardown(test_vanished_file_is_a_problem, tree_make,
                                        tree_remove),
        cmocka_unit_test_setup_teardown(test_given_twice_is_listed_once, tree_make,
                                        tree_remove),
        cmocka_unit_test_setup_teardown(test_given_link_is_followed, tree_make, tree_remove),
        cmocka_unit_test_setup_teardown(test_reading_leaves_access_time, tree_make,
                                        tree_remove),
        cmocka_unit_test_setup_teardown(test_names_are_bytes, tree_make, tree_remove),
        cmocka_unit_test_setup_teardown(test_many_files, tree_make, tree_remove),
        cmocka_unit_test_setup_teardown(test_files_of_others_are_read_all_the_same, tree_make,
                                        tree_remove),
        cmocka_unit_test_setup_teardown(test_workers_share_the_files, tree_make, tree_remove),
        cmocka_unit_test(test_memory_and_stream),
        cmocka_unit_test(test_stream_limit),
        cmocka_unit_test(test_facts_of_names),
        cmocka_unit_test(test_latest_day_of_folders),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
