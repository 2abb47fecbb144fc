/* How it is started: standard input as evidence, no terminal, odd file names; and what loading
 * looks like while it lasts. */
#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <zlib.h>
// clang-format on

#include "core/base/mem.h"

#include "tests/screens/folder.h"

static void add_record(struct buffer *out, unsigned number)
{
    buffer_printf(
        out,
        "%s{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-11-18T09:%02u:%02uZ\","
        "\"eventSource\":\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\","
        "\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"203.0.113.%u\","
        "\"eventID\":\"00000000-0000-4000-8000-%012u\",\"eventType\":\"AwsApiCall\","
        "\"recipientAccountId\":\"123456789012\"}",
        out->len && out->ptr[out->len - 1] != '[' ? "," : "", number / 60 % 60, number % 60,
        number % 200, number);
}

static void add_log(struct buffer *out, unsigned from, unsigned count)
{
    buffer_add_text(out, "{\"Records\":[");
    for (unsigned i = 0; i < count; i++)
        add_record(out, from + i);
    buffer_add_text(out, "]}");
}

/* One gzip member. */
static void add_member(struct buffer *out, struct bytes text)
{
    z_stream z = {0};
    size_t bound;
    union {
        const char *from;
        Bytef *to;
    } input = {.from = text.ptr};

    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    bound = deflateBound(&z, text.len);
    z.next_in = input.to;
    z.avail_in = (uInt)text.len;
    z.next_out = (Bytef *)buffer_room(out, bound);
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->len += z.total_out;
    deflateEnd(&z);
}

/* The path of a file in the folder; the caller frees the buffer. */
static const char *file_in(struct buffer *folder, const char *name, struct buffer *path)
{
    buffer_printf(path, "%s/%s", buffer_cstr(folder), name);
    return buffer_cstr(path);
}

/* gz on standard input, keys from the terminal. */
static void standard_input(void **state)
{
    static const char *const arguments[] = {"-", NULL};
    struct buffer folder = {0}, json = {0}, packed = {0}, path = {0};
    struct terminal *t;

    (void)state;
    folder_make(&folder);
    add_log(&json, 0, 50);
    add_member(&packed, buffer_bytes(&json));
    folder_write(&folder, "x.gz", buffer_bytes(&packed));
    t = terminal_new(&(struct terminal_start){.rows = 24,
                                              .cols = 80,
                                              .arguments = arguments,
                                              .input = file_in(&folder, "x.gz", &path)});
    terminal_type(t, "jj");
    assert_true(terminal_shows(t, "50 events"));
    assert_true(terminal_shows(t, "3/50"));
    terminal_type(t, "\r");
    assert_true(terminal_shows(t, "sourceIPAddress"));
    terminal_send(t, "Q");
    assert_int_equal(terminal_wait(t), 0);
    terminal_free(t);
    buffer_deinit(&path);
    buffer_deinit(&json);
    buffer_deinit(&packed);
    folder_remove(&folder);
}

/* With the terminal itself as input there is nothing to read: a sentence, not a hang. */
static void standard_input_is_the_terminal(void **state)
{
    static const char *const arguments[] = {"-", NULL};
    struct terminal *t =
        terminal_new(&(struct terminal_start){.rows = 24, .cols = 80, .arguments = arguments});

    (void)state;
    assert_int_equal(terminal_wait(t), 2);
    assert_true(bytes_starts(terminal_raw(t), "cogtrail: "));
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("terminal")), SIZE_MAX);
    terminal_free(t);
}

static void output_is_no_terminal(void **state)
{
    static const char *const arguments[] = {"--demo", NULL};
    struct buffer folder = {0}, path = {0};
    struct terminal *t;
    FILE *file;

    (void)state;
    folder_make(&folder);
    t = terminal_new(&(struct terminal_start){.rows = 24,
                                              .cols = 80,
                                              .arguments = arguments,
                                              .output = file_in(&folder, "out", &path)});
    assert_int_equal(terminal_wait(t), 2);
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("-q")), SIZE_MAX);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    file = fopen(buffer_cstr(&path), "r");
    assert_non_null(file);
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    terminal_free(t);
    buffer_deinit(&path);
    folder_remove(&folder);
}

/* Runs to its end and returns the status; what it printed is in terminal_raw(). */
static struct terminal *run(const struct buffer *folder, const char *const *arguments,
                            int wanted)
{
    struct buffer path = {0};
    struct terminal *t;
    int status;

    buffer_add(&path, buffer_bytes(folder));
    t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .arguments = arguments, .folder = buffer_cstr(&path)});
    status = terminal_wait(t);
    if (status != wanted)
        fail_msg("status %d with\n%.*s", status, (int)terminal_raw(t).len, terminal_raw(t).ptr);
    buffer_deinit(&path);
    return t;
}

static void usage(void **state)
{
    static const char *const nothing[] = {NULL}, *const wrong[] = {"--no\033[31m", NULL},
                             *const help[] = {"--help", NULL};
    struct buffer folder = {0};
    struct terminal *t;

    (void)state;
    folder_make(&folder);
    t = run(&folder, nothing, 2);
    assert_true(bytes_starts(terminal_raw(t), "Usage: "));
    terminal_free(t);
    t = run(&folder, wrong, 2);
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("\\u001b[31m")), SIZE_MAX);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    terminal_free(t);
    t = run(&folder, help, 0);
    assert_true(bytes_starts(terminal_raw(t), "Example: "));
    terminal_free(t);
    folder_remove(&folder);
}

/* Names that look like options or drive terminals. */
static void odd_file_names(void **state)
{
    static const char *const dash[] = {"--files", "--", "-x.json", NULL};
    static const char *const odd[] = {"--files", ".", NULL};
    static const char *const missing[] = {"--files", "no\033[31m\n such", NULL};
    static const char *const query[] = {"-q", "fields file", ".", NULL};
    static const char *const beside[] = {"-q", "fields ip", ".", "no\033[31m", NULL};
    struct buffer folder = {0}, json = {0};
    struct terminal *t;

    (void)state;
    folder_make(&folder);
    add_log(&json, 0, 3);
    folder_write(&folder, "-x.json", buffer_bytes(&json));
    t = run(&folder, dash, 0);
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("-x.json")), SIZE_MAX);
    terminal_free(t);
    folder_write(&folder, "new\nline \033[31m\xc2\x9b\xe2\x80\xae.json", buffer_bytes(&json));
    t = run(&folder, odd, 0);
    assert_int_not_equal(
        bytes_find(terminal_raw(t), bytes_of("new\\nline \\u001b[31m\\u009b\\u202e.json")),
        SIZE_MAX);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    terminal_free(t);
    t = run(&folder, query, 0);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    terminal_free(t);
    t = run(&folder, beside, 1);
    assert_int_not_equal(
        bytes_find(terminal_raw(t), bytes_of("cogtrail: no\\u001b[31m: not found")), SIZE_MAX);
    terminal_free(t);
    t = run(&folder, missing, 3);
    assert_int_not_equal(bytes_find(terminal_raw(t), bytes_of("no\\u001b[31m\\n such")),
                         SIZE_MAX);
    assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
    terminal_free(t);
    buffer_deinit(&json);
    folder_remove(&folder);
}

/* One page of several was read whole, and is not all: said beside counts. Files
 * without events open no empty list. */
static void files_that_hold_less(void **state)
{
    static const char *const count[] = {"-q", "stats count(*)", "page.json", NULL};
    const char *paths[] = {"page.json", "digest.json", NULL};
    struct buffer folder = {0};
    struct terminal *t;

    (void)state;
    folder_make(&folder);
    folder_write(&folder, "page.json",
                 bytes_of("{\"Events\":[{\"EventName\":\"GetUser\",\"EventSource\":"
                          "\"iam.amazonaws.com\",\"EventTime\":1763456801.0}],"
                          "\"NextToken\":\"x\"}"));
    folder_write(&folder, "digest.json",
                 bytes_of("{\"digestStartTime\":\"2026-11-18T09:00:00Z\",\"logFiles\":[]}"));
    t = run(&folder, count, 0);
    assert_int_not_equal(
        bytes_find(terminal_raw(t), bytes_of("1 file holds less than there was")), SIZE_MAX);
    terminal_free(t);
    t = terminal_new(&(struct terminal_start){
        .rows = 24, .cols = 80, .folder = buffer_cstr(&folder), .arguments = paths});
    assert_true(terminal_settle(t));
    assert_true(terminal_shows(t, "1 file holds less than there was (D)"));
    terminal_type(t, "VG\r");
    assert_true(terminal_shows(t, "verification"));
    assert_true(terminal_shows(t, "No event was read from this file."));
    terminal_send(t, "Q");
    (void)terminal_wait(t);
    terminal_free(t);
    folder_remove(&folder);
}

/* CSV keeps the exact bytes in a file or pipe; on a screen they become escapes. */
static void csv_on_a_screen(void **state)
{
    static const char evil[] = "x \033[31m\033]52;c;cm0=\a\xc2\x9b\xe2\x80\xae.json";
    static const char *const files[] = {"--files", "--format=csv", ".", NULL};
    static const char *const query[] = {"-q", "fields file", "--format=csv", ".", NULL};
    static const char *const *const both[] = {files, query};
    struct buffer folder = {0}, other = {0}, json = {0};

    (void)state;
    folder_make(&folder);
    folder_make(&other);
    add_log(&json, 0, 3);
    folder_write(&folder, evil, buffer_bytes(&json));
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        struct buffer path = {0}, where = {0};
        struct terminal *t = run(&folder, both[i], 0);
        struct bytes wanted = bytes_of("\\u001b[31m\\u001b]52;c;cm0=\\u0007\\u009b\\u202e");
        char text[4096];
        size_t got;
        FILE *file;

        assert_int_not_equal(bytes_find(terminal_raw(t), wanted), SIZE_MAX);
        assert_int_equal(bytes_find(terminal_raw(t), bytes_of("\033")), SIZE_MAX);
        terminal_expect_clean(t);
        terminal_free(t);

        buffer_add(&where, buffer_bytes(&folder));
        t = terminal_new(&(struct terminal_start){.rows = 24,
                                                  .cols = 80,
                                                  .arguments = both[i],
                                                  .folder = buffer_cstr(&where),
                                                  .output = file_in(&other, "out.csv", &path)});
        assert_int_equal(terminal_wait(t), 0);
        file = fopen(buffer_cstr(&path), "r");
        assert_non_null(file);
        got = fread(text, 1, sizeof text, file);
        fclose(file);
        assert_int_not_equal(bytes_find(bytes_make(text, got), bytes_of(evil)), SIZE_MAX);
        terminal_free(t);
        buffer_deinit(&path);
        buffer_deinit(&where);
    }
    buffer_deinit(&json);
    folder_remove(&other);
    folder_remove(&folder);
}

/* A small plain log, and packed ones that hold little but take a while to read. */
static void make_slow(struct buffer *folder)
{
    struct buffer json = {0}, packed = {0}, blanks = {0};
    uint32_t seed = 1;

    folder_make(folder);
    add_log(&json, 0, 100);
    folder_write(folder, "a.json", buffer_bytes(&json));
    memset(buffer_room(&blanks, 16 << 20), ' ', 16 << 20);
    blanks.len = 16 << 20;
    /* Not so regular that it would pass for a bomb. */
    for (size_t at = 0; at < blanks.len; at += 60 + seed % 100) {
        seed = seed * 1664525 + 1013904223;
        blanks.ptr[at] = seed >> 30 ? '\n' : '\t';
    }
    add_member(&packed, bytes_of("{\"Records\":["));
    for (int i = 0; i < 4; i++) {
        size_t start = packed.len;

        if (i == 0) {
            add_member(&packed, buffer_bytes(&blanks));
            buffer_clear(&json);
            buffer_add(&json, bytes_slice(buffer_bytes(&packed), start, packed.len));
        } else {
            buffer_add(&packed, buffer_bytes(&json));
        }
    }
    add_member(&packed, bytes_of("]}"));
    folder_write(folder, "b.json.gz", buffer_bytes(&packed));
    for (int i = 0; i < 600; i++) {
        buffer_clear(&json);
        buffer_printf(&json, "b%03d.json.gz", i);
        folder_link(folder, "b.json.gz", buffer_cstr(&json));
    }
    buffer_deinit(&json);
    buffer_deinit(&packed);
    buffer_deinit(&blanks);
}

static struct terminal *start_slow(struct buffer *folder)
{
    const char *arguments[] = {buffer_cstr(folder), NULL};
    struct terminal *t =
        terminal_new(&(struct terminal_start){.rows = 24, .cols = 80, .arguments = arguments});

    /* Until the first events are there. */
    for (int i = 0; i < 300 && !(terminal_shows(t, "at least 100 events") &&
                                 strncmp(terminal_row(t, 3), "fail", 4) == 0);
         i++)
        (void)terminal_sends(t, 100);
    assert_true(terminal_shows(t, "at least 100 events"));
    return t;
}

/* Ctrl-C while reading keeps what was read; the status says that not all was. */
static void stop_reading(void **state)
{
    struct buffer folder = {0};
    struct terminal *t;

    (void)state;
    make_slow(&folder);
    t = start_slow(&folder);
    assert_true(terminal_shows(t, "Reading"));
    assert_true(terminal_shows(t, "Ctrl-C stops"));
    terminal_type(t, "\003");
    assert_true(terminal_shows(t, "at least 100 events"));
    terminal_type(t, "pi");
    assert_true(terminal_shows(t, "203.0.113."));
    terminal_type(t, "q");
    assert_true(terminal_shows(t, "not read"));
    /* Those whose turn never came are told, too. */
    terminal_type(t, "D");
    assert_true(terminal_shows(t, "files that were found but not begun"));
    terminal_send(t, "Q");
    assert_int_equal(terminal_wait(t), 1);
    terminal_free(t);
    folder_remove(&folder);
}

/* Views answer while the reading goes on, and progress does not flood a slow line. */
static void work_while_reading(void **state)
{
    struct buffer folder = {0};
    struct terminal *t;
    struct timespec began, now;
    double seconds;

    (void)state;
    make_slow(&folder);
    t = start_slow(&folder);
    do
        terminal_forget(t); /* the rest of the first rows */
    while (terminal_sends(t, 50));
    clock_gettime(CLOCK_MONOTONIC, &began);
    do {
        (void)terminal_sends(t, 100);
        clock_gettime(CLOCK_MONOTONIC, &now);
        seconds =
            (double)(now.tv_sec - began.tv_sec) + (double)(now.tv_nsec - began.tv_nsec) / 1e9;
    } while (seconds < 1.5 && terminal_shows(t, "Reading"));
    print_message("progress: %zu bytes in %.1f s\n", terminal_cost(t), seconds);
    if (terminal_shows(t, "Reading"))
        assert_true((double)terminal_cost(t) <= 200 * seconds + 200);
    /* Not settled: reading goes on. */
    terminal_send(t, "pi");
    for (int i = 0; i < 100 && !terminal_shows(t, "by ip"); i++)
        (void)terminal_sends(t, 100);
    assert_true(terminal_shows(t, "by ip"));
    terminal_send(t, "Q");
    assert_in_range(terminal_wait(t), 0, 1);
    terminal_free(t);
    folder_remove(&folder);
}

static void wait_until(struct terminal *t, const char *text, bool shown)
{
    for (int i = 0; i < 100 && terminal_shows(t, text) != shown; i++)
        (void)terminal_sends(t, 100);
    assert_int_equal(terminal_shows(t, text), shown);
}

/* Findings are made when all was read: whoever looks for them earlier is not kept waiting. */
static void leave_while_reading(void **state)
{
    struct buffer folder = {0};
    struct terminal *t;

    (void)state;
    make_slow(&folder);
    t = start_slow(&folder);
    terminal_send(t, "T");
    wait_until(t, "findings", true);
    terminal_send(t, "q");
    wait_until(t, "findings", false);
    terminal_send(t, "Tb"); /* typed at once */
    wait_until(t, "bursts", true);
    assert_true(terminal_shows(t, "Reading"));
    terminal_send(t, "Q");
    assert_int_equal(terminal_wait(t), 1);
    terminal_free(t);
    folder_remove(&folder);
}

/* The connection is lost in the middle of reading. */
static void hang_up_while_reading(void **state)
{
    struct buffer folder = {0};
    struct timespec began, now;
    struct terminal *t;

    (void)state;
    make_slow(&folder);
    t = start_slow(&folder);
    clock_gettime(CLOCK_MONOTONIC, &began);
    assert_int_equal(terminal_hang_up(t), 1);
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true(now.tv_sec - began.tv_sec < 5);
    terminal_free(t);
    folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_input),
        cmocka_unit_test(standard_input_is_the_terminal),
        cmocka_unit_test(output_is_no_terminal),
        cmocka_unit_test(usage),
        cmocka_unit_test(odd_file_names),
        cmocka_unit_test(files_that_hold_less),
        cmocka_unit_test(csv_on_a_screen),
        cmocka_unit_test(stop_reading),
        cmocka_unit_test(work_while_reading),
        cmocka_unit_test(leave_while_reading),
        cmocka_unit_test(hang_up_while_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
