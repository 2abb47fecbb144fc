/* A tree of 100,000 small files: few descriptors, progress on the way, and an end when asked
 * for. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <poll.h>
#include <sys/resource.h>

#include "core/base/hash.h"

#include "settle.h"
#include "tree.h"

enum { FOLDERS = 1000, FILES = 100, DESCRIPTORS = 64 };

/* 100,000 files of one event each, in a thousand folders. */
static void fill_many(const char *folder)
{
    struct buffer text = {0};

    for (unsigned i = 0; i < FOLDERS; i++) {
        char name[64];

        (void)snprintf(name, sizeof name, "2026-%04u", i);
        tree_folder(folder, name);
        for (unsigned k = 0; k < FILES; k++) {
            buffer_clear(&text);
            tree_event(&text, i * FILES + k);
            (void)snprintf(name, sizeof name, "2026-%04u/%02u.json", i, k);
            tree_file(folder, name, buffer_bytes(&text), 0600);
        }
    }
    buffer_deinit(&text);
}

static void read_many(const char *folder)
{
    struct session *s = session_new();
    struct ledger_totals t;

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
}

/* Stops a verification as soon as something was hashed. */
static void stop_early(void *context, struct proof_progress now)
{
    struct session *s = context;

    if (now.files_done > 0)
        session_stop_proof(s);
}

static void stop_many(const char *folder)
{
    struct session *s = session_new();
    struct pollfd wake = {.fd = session_wake_fd(s, 0), .events = POLLIN};
    struct ledger_totals t = {0};
    struct proof_progress now;

    archive_add_path(session_archive(s), bytes_of(folder));
    session_start(s);
    while (t.read == 0 && session_is_reading(s)) {
        (void)poll(&wake, 1, 10);
        (void)session_poll(s);
        session_totals(s, &t);
    }
    session_stop_loading(s);
    session_wait(s);
    session_totals(s, &t);
    assert_true(t.read > 0 && t.read < FOLDERS * FILES);
    assert_true(t.events >= t.read);
    assert_int_equal(t.files, t.read + t.stopped + t.waiting);
    assert_true(session_is_partial(s));

    (void)session_new_proof(s);
    session_prove(s);
    session_wait_for_proof(s, stop_early, s);
    now = proof_progress(session_proof(s));
    assert_true(now.files_done > 0 && now.files_done < FOLDERS * FILES);
    assert_true(proof_is_cancelled(session_proof(s)));
    assert_false(proof_holds(session_proof(s)));
    assert_int_equal(proof_rulings(session_proof(s))->n, 0);
    session_free(s);
}

static void prove_many(const char *folder)
{
    struct session *s = session_new();

    archive_add_path(session_archive(s), bytes_of(folder));
    (void)session_new_proof(s);
    session_prove(s);
    session_wait_for_proof(s, NULL, NULL);
    assert_int_equal(proof_progress(session_proof(s)).files_done, FOLDERS * FILES);
    assert_int_equal(proof_count(session_proof(s)), FOLDERS * FILES);
    session_free(s);
}

static void many_files_cost_few_descriptors(void **state)
{
    const char *folder = *state;
    struct rlimit usual, few;

    fill_many(folder);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    few = usual;
    few.rlim_cur = DESCRIPTORS;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    read_many(folder);
    stop_many(folder);
    prove_many(folder);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_files_cost_few_descriptors, tree_setup,
                                        tree_teardown),
    };

    hash_seed();
    return cmocka_run_group_tests_name("many", tests, NULL, NULL);
}
