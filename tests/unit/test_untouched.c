/* Reading and verifying leave evidence as it was. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "tests/data/holder.h"

#include "settle.h"
#include "tree.h"

/* Names and values of the extended attributes; none where the file system has none. */
static void describe_attributes(struct buffer *out, const char *path)
{
    char names[4096], value[4096];
    ssize_t len = llistxattr(path, names, sizeof names);

    for (ssize_t at = 0; at < len; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t n = lgetxattr(path, names + at, value, sizeof value);

        buffer_printf(out, " %s=", names + at);
        if (n > 0)
            buffer_add(out, bytes_make(value, (size_t)n));
    }
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
    describe_attributes(out, path);
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

/* Archives, one of them cut in its last entry. */
static void fill_archives(const char *folder, struct bytes text)
{
    struct holder zip = {0}, tar = {0};
    struct buffer packed = {0};

    holder_zip_add(&zip, "one.json", text, HOLDER_DEFLATED, 0);
    holder_deflate(&packed, text, false);
    holder_zip_add(&zip, "two.json.gz", buffer_bytes(&packed), HOLDER_STORED, 0);
    tree_file(folder, "AWSLogs/cut.zip",
              bytes_slice(buffer_bytes(&zip.out), 0, zip.out.len - 9), 0400);
    holder_zip_end(&zip, false);
    tree_file(folder, "AWSLogs/whole.zip", buffer_bytes(&zip.out), 0640);
    holder_tar_add(&tar, "one.json", text, '0');
    holder_tar_end(&tar);
    buffer_clear(&packed);
    holder_deflate(&packed, buffer_bytes(&tar.out), false);
    tree_file(folder, "AWSLogs/dump.tar.gz", buffer_bytes(&packed), 0600);
    buffer_deinit(&packed);
    holder_deinit(&zip);
    holder_deinit(&tar);
}

static void fill_tree(const char *folder)
{
    struct buffer text = {0};
    char link_path[4096];

    for (unsigned i = 0; i < 300; i++)
        tree_event(&text, i);
    tree_folder(folder, "AWSLogs");
    tree_folder(folder, "AWSLogs/empty");
    tree_file(folder, "AWSLogs/good.json", buffer_bytes(&text), 0640);
    tree_file(folder, "AWSLogs/read-only.json", buffer_bytes(&text), 0400);
    tree_file(folder, "AWSLogs/cut.json", bytes_slice(buffer_bytes(&text), 0, 5000), 0600);
    tree_file(folder, "AWSLogs/cut.json.gz", bytes_make("\x1f\x8b\x08\0", 4), 0600);
    tree_file(folder, "AWSLogs/notes.txt", bytes_of("words\n"), 0600);
    tree_file(folder, "AWSLogs/zero", (struct bytes){0}, 0600);
    fill_archives(folder, buffer_bytes(&text));
    (void)snprintf(link_path, sizeof link_path, "%s/link", folder);
    assert_int_equal(symlink("AWSLogs/good.json", link_path), 0);
    (void)snprintf(link_path, sizeof link_path, "%s/pipe", folder);
    assert_int_equal(mkfifo(link_path, 0600), 0);
    (void)snprintf(link_path, sizeof link_path, "%s/AWSLogs/good.json", folder);
    if (setxattr(link_path, "user.case", "17", 2, 0) != 0)
        printf("no extended attributes here: not compared\n");
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
    assert_true(session_index(s)->n_rows > 2000);
    for (uint64_t i = 0; i < session_index(s)->n_rows; i++) {
        buffer_clear(&record);
        assert_int_equal(session_record(s, session_index(s)->order[i], &record), ERR_OK);
    }
    session_totals(s, &t);
    assert_int_equal(t.atime_touched, 0);
    (void)session_new_proof(s);
    session_prove(s);
    session_wait_for_proof(s, NULL, NULL);
    assert_int_equal(proof_count(session_proof(s)), 8 + 3 + 3 + 2);
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

    tree_file(folder, "x.json", bytes_of("[]"), 0600);
    assert_int_equal(utimensat(AT_FDCWD, folder, past, 0), 0);
    archive_add_path(session_archive(s), bytes_of(folder));
    session_start(s);
    session_wait(s);
    session_free(s);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_atim.tv_sec, past[0].tv_sec);
    assert_int_equal(st.st_mtim.tv_sec, past[1].tv_sec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(evidence_stays_as_it_was, tree_setup, tree_teardown),
        cmocka_unit_test_setup_teardown(listing_a_folder_leaves_its_times, tree_setup,
                                        tree_teardown),
    };

    hash_seed();
    return cmocka_run_group_tests_name("untouched", tests, NULL, NULL);
}
