/* The program in a pseudo-terminal, as a person has it: keys in, screen out.
 *
 * What the program sends goes through libvterm, so tests see what a terminal would show; the
 * raw bytes are kept as well. No sleeps: terminal_settle() sends Ctrl-^ (the program was
 * started with --settle) and reads until the program's mark says that nothing is left to do. */
#ifndef TESTS_SCREENS_TERMINAL_H
#define TESTS_SCREENS_TERMINAL_H

#include <sys/types.h>
#include <termios.h>

#include "core/base/bytes.h"

struct terminal;

struct terminal_start {
    unsigned rows, cols;
    const char *const *arguments;   /* behind the program's name, NULL at the end */
    const char *const *environment; /* NAME=VALUE, or NAME to unset it; NULL at the end; beside
                                     * a fixed small set */
    const char *input;  /* file for standard input instead of the terminal; NULL: terminal */
    const char *output; /* file for standard output likewise */
    const char *folder; /* where it runs; NULL: here */
    bool job;           /* below a shell's stand-in, which takes the terminal back when the
                         * program stops and gives it again on terminal_resume() */
};

/* Ends the test run with a message when the program cannot be started. */
struct terminal *terminal_new(const struct terminal_start *start);

/* The demo incident, loaded and settled; `options` are further arguments, NULL at the end, or
 * NULL. */
struct terminal *terminal_demo(unsigned rows, unsigned cols, const char *const *options);

/* Kills the program if it still runs and frees everything. */
void terminal_free(struct terminal *t);

/* Types the bytes as they are. */
void terminal_send(struct terminal *t, const char *keys);
void terminal_send_bytes(struct terminal *t, struct bytes keys);

/* Reads until the program is idle. False when it ended or 30 s passed. */
bool terminal_settle(struct terminal *t);

/* keys, then settle; fails the test when the program ended. */
void terminal_type(struct terminal *t, const char *keys);

/* Whether anything comes within the time; it is read. */
bool terminal_sends(struct terminal *t, int wait_ms);

/* Reads until the program ends; its exit status, 128 + signal, or -1 after 30 s. */
int terminal_wait(struct terminal *t);

/* Reads until the program is stopped by a signal (job only); false after 30 s. */
bool terminal_stopped(struct terminal *t);

/* Lets a stopped job go on in the foreground; returns when it has the screen again. */
void terminal_resume(struct terminal *t);

/* Closes the terminal's side, as a lost connection does, and waits as terminal_wait(). */
int terminal_hang_up(struct terminal *t);

/* The line modes of the terminal, as stty(1) sees them. */
void terminal_modes(const struct terminal *t, struct termios *out);

/* Whether the alternate screen is on, and whether the cursor is shown. */
bool terminal_on_alternate(const struct terminal *t);
bool terminal_cursor_shown(const struct terminal *t);

void terminal_resize(struct terminal *t, unsigned rows, unsigned cols);
void terminal_signal(struct terminal *t, int number);
pid_t terminal_pid(const struct terminal *t);

/* One row as UTF-8 without trailing blanks; valid until the next call. */
const char *terminal_row(struct terminal *t, unsigned row);

/* The whole screen, rows ended by newlines. Appended. */
void terminal_text(struct terminal *t, struct buffer *out);

/* True when the cell is empty. */
bool terminal_blank(struct terminal *t, unsigned row, unsigned col);

/* True when some row holds the text. */
bool terminal_shows(struct terminal *t, const char *text);

/* Everything the program sent since the last terminal_forget(). */
struct bytes terminal_raw(const struct terminal *t);

/* How many bytes the screen changes since then took, the marks of settling not counted. */
size_t terminal_cost(const struct terminal *t);
void terminal_forget(struct terminal *t);

/* Where the cursor is. */
void terminal_cursor(struct terminal *t, unsigned *row, unsigned *col);

/* True when the cell has a colour that is not the default; for NO_COLOR. */
bool terminal_has_color(struct terminal *t);

/* What stands in one cell. */
struct terminal_cell {
    struct bytes text; /* UTF-8, at least a blank; valid until the next call */
    unsigned cols;     /* 1, or 2 for a wide character */
    uint32_t front, back; /* 0xRRGGBB, or TERMINAL_DEFAULT; as sent, reversing not applied */
    bool bold, underlined, reversed;
};
enum { TERMINAL_DEFAULT = 0x1000000 };
struct terminal_cell terminal_cell(struct terminal *t, unsigned row, unsigned col);

/* Compares the screen with golden/NAME.txt; with COGTRAIL_UPDATE_GOLDEN set writes it instead.
 * Fails the test on a difference, printing both. */
void terminal_expect(struct terminal *t, const char *name);

/* The raw bytes hold printable text and the sequences that curses needs, and nothing else: no
 * OSC but 52, no DCS, no C1, no format characters. Fails the test naming the first other. */
void terminal_expect_clean(struct terminal *t);

#endif
