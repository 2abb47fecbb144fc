/* Reading leaves evidence as it was, and many files cost few descriptors. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "settle.h"

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

/* A folder under /tmp whose path stands in `*state`. */
static int setup(void **state)
{
    char *folder = strdup("/tmp/cogtrail-untouched-XXXXXX");

    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    char *folder = *state;
    int failed = nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);

    free(folder);
    return failed;
}

static void write_file(const char *folder, const char *name, struct bytes content, mode_t mode)
{
    char path[4096];
    int fd;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.ptr, content.len), content.len);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

static void make_folder(const char *folder, const char *name)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void add_event(struct buffer *out, unsigned number)
{
    buffer_printf(out,
                  "{\"eventVersion\":\"1.08\",\"eventSource\":\"iam.amazonaws.com\","
                  "\"eventName\":\"ListUsers\",\"eventTime\":\"2026-01-01T00:00:00Z\","
                  "\"eventID\":\"00000000-0000-4000-8000-%012u\"}\n",
                  number);
}

/* What one entry of a tree looks like from outside, as text. */
static void describe(struct buffer *out, const char *path, const struct stat *st)
{
    uint64_t sum = 0;

    if (S_ISREG(st->st_mode)) {
        char block[4096];
        ssize_t got;
        int fd = open(path, O_RDONLY | O_NOATIME);

        assert_true(fd >= 0);
        while ((got = read(fd, block, sizeof block)) > 0)
            sum = sum * 31 + hash_bytes(bytes_make(block, (size_t)got));
        (void)close(fd);
    }
    buffer_printf(out,
                  "%s mode %o size %lld content %llx owner %u:%u links %lu inode %llu "
                  "modified %lld.%09ld changed %lld.%09ld",
                  path, st->st_mode, (long long)st->st_size, (unsigned long long)sum,
                  st->st_uid, st->st_gid, (unsigned long)st->st_nlink,
                  (unsigned long long)st->st_ino, (long long)st->st_mtim.tv_sec,
                  st->st_mtim.tv_nsec, (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
    if (!S_ISLNK(st->st_mode)) /* listing them does not ask for their target's time */
        buffer_printf(out, " accessed %lld.%09ld", (long long)st->st_atim.tv_sec,
                      st->st_atim.tv_nsec);
    buffer_add_char(out, '\n');
}

/* Sets the times of everything below `path` to the past, or describes it, by name. The access
 * time lies before the modification, so that any reading without O_NOATIME would show. */
static void walk(const char *path, bool set_times, struct buffer *out)
{
    static const struct timespec past[2] = {
        {978307200,  1},
        {1009843200, 2}
    };
    struct stat st;
    struct dirent **names;
    int n;

    assert_int_equal(lstat(path, &st), 0);
    if (!set_times)
        describe(out, path, &st);
    if (S_ISDIR(st.st_mode)) {
        n = scandir(path, &names, NULL, alphasort);
        assert_true(n >= 0);
        for (int i = 0; i < n; i++) {
            char below[4096];

            (void)snprintf(below, sizeof below, "%s/%s", path, names[i]->d_name);
            if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
                walk(below, set_times, out);
            free(names[i]);
        }
        free(names);
    }
    if (set_times)
        assert_int_equal(utimensat(AT_FDCWD, path, past, AT_SYMLINK_NOFOLLOW), 0);
}

static void fill_tree(const char *folder)
{
    struct buffer text = {0};
    char link_path[4096];

    for (unsigned i = 0; i < 300; i++)
        add_event(&text, i);
    make_folder(folder, "AWSLogs");
    make_folder(folder, "AWSLogs/empty");
    write_file(folder, "AWSLogs/good.json", buffer_bytes(&text), 0640);
    write_file(folder, "AWSLogs/read-only.json", buffer_bytes(&text), 0400);
    write_file(folder, "AWSLogs/cut.json", bytes_slice(buffer_bytes(&text), 0, 5000), 0600);
    write_file(folder, "AWSLogs/cut.json.gz", bytes_make("\x1f\x8b\x08\0", 4), 0600);
    write_file(folder, "AWSLogs/notes.txt", bytes_of("words\n"), 0600);
    write_file(folder, "AWSLogs/zero", (struct bytes){0}, 0600);
    (void)snprintf(link_path, sizeof link_path, "%s/link", folder);
    assert_int_equal(symlink("AWSLogs/good.json", link_path), 0);
    (void)snprintf(link_path, sizeof link_path, "%s/pipe", folder);
    assert_int_equal(mkfifo(link_path, 0600), 0);
    buffer_deinit(&text);
}

static void evidence_stays_as_it_was(void **state)
{
    const char *folder = *state;
    struct buffer before = {0}, after = {0}, record = {0};
    struct session *s = session_new();
    struct ledger_totals t;

    fill_tree(folder);
    walk(folder, true, NULL);
    /* The description itself lists folders: what that changes is in both. */
    walk(folder, false, &before);
    buffer_clear(&before);
    walk(folder, false, &before);
    archive_add_path(session_archive(s), bytes_of(folder));
    session_start(s);
    session_wait(s);
    assert_true(session_index(s)->n_rows > 600);
    for (uint64_t i = 0; i < session_index(s)->n_rows; i++) {
        buffer_clear(&record);
        assert_int_equal(session_record(s, session_index(s)->order[i], &record), ERR_OK);
    }
    session_totals(s, &t);
    assert_int_equal(t.atime_touched, 0);
    session_free(s);
    walk(folder, false, &after);
    assert_true(bytes_equal(buffer_bytes(&before), buffer_bytes(&after)));
    buffer_deinit(&before);
    buffer_deinit(&after);
    buffer_deinit(&record);
}

/* Folders get their access time from being listed by us too, not only by the test: looked at
 * with stat alone. */
static void listing_a_folder_leaves_its_times(void **state)
{
    static const struct timespec past[2] = {
        {978307200,  1},
        {1009843200, 2}
    };
    const char *folder = *state;
    struct session *s = session_new();
    struct stat st;

    write_file(folder, "x.json", bytes_of("[]"), 0600);
    assert_int_equal(utimensat(AT_FDCWD, folder, past, 0), 0);
    archive_add_path(session_archive(s), bytes_of(folder));
    session_start(s);
    session_wait(s);
    session_free(s);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_atim.tv_sec, past[0].tv_sec);
    assert_int_equal(st.st_mtim.tv_sec, past[1].tv_sec);
}

static void many_files_cost_few_descriptors(void **state)
{
    enum { FOLDERS = 200, FILES = 100, DESCRIPTORS = 64 };
    const char *folder = *state;
    struct rlimit usual, few;
    struct session *s;
    struct ledger_totals t;

    for (unsigned i = 0; i < FOLDERS; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "2026-%03u", i);
        make_folder(folder, name);
        for (unsigned k = 0; k < FILES; k++) {
            struct buffer text = {0};

            add_event(&text, i * FILES + k);
            (void)snprintf(name, sizeof name, "2026-%03u/%02u.json", i, k);
            write_file(folder, name, buffer_bytes(&text), 0600);
            buffer_deinit(&text);
        }
    }
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    few = usual;
    few.rlim_cur = DESCRIPTORS;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    s = session_new();
    archive_add_path(session_archive(s), bytes_of(folder));
    session_start(s);
    session_wait(s);
    session_totals(s, &t);
    assert_int_equal(t.files, FOLDERS * FILES);
    assert_int_equal(t.read, FOLDERS * FILES);
    assert_int_equal(t.events, FOLDERS * FILES);
    assert_int_equal(t.problems + t.notes, 0);
    assert_int_equal(session_index(s)->n_rows, FOLDERS * FILES);
    assert_int_equal(session_index(s)->n_duplicates, 0);
    session_free(s);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(evidence_stays_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(listing_a_folder_leaves_its_times, setup, teardown),
        cmocka_unit_test_setup_teardown(many_files_cost_few_descriptors, setup, teardown),
    };

    hash_seed();
    return cmocka_run_group_tests_name("untouched", tests, NULL, NULL);
}
