/* The terminal: the only file that knows curses.
 *
 * Carries a canvas to the terminal (curses sends what changed), reads keys, and leaves the
 * terminal as it was on every way out. Never sends queries to the terminal and ignores input
 * sequences that it does not know. */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include "keymaps/key.h"

#include "tui/cell.h"

struct screen;

struct screen_options {
    enum color_when color;
    bool ascii; /* asked for; a locale without UTF-8 forces it */
    int in_fd;  /* keys come from here: standard input, or the terminal when standard input
                 * is evidence */
};

/* Takes the terminal over. NULL with the reason in `why` when there is none that will do
 * (TERM unset, dumb, without cursor addressing). `notice` gets a line when another TERM is used
 * in place of an unknown one. */
struct screen *screen_new(const struct screen_options *options, struct buffer *why,
                          struct buffer *notice);
void screen_free(struct screen *s);

bool screen_is_ascii(const struct screen *s);
void screen_size(const struct screen *s, unsigned *rows, unsigned *cols);

/* The window changed its size. */
void screen_resized(struct screen *s);

void screen_show(struct screen *s, const struct canvas *c);

/* Everything is sent again with the next screen_show(). */
void screen_redraw(struct screen *s);

enum screen_input {
    SCREEN_NOTHING, /* no more input for now */
    SCREEN_KEY,
    SCREEN_PASTE,  /* pasted text, see screen_pasted() */
    SCREEN_HANGUP, /* the terminal is gone */
    SCREEN_SETTLE, /* Ctrl-^, see --settle */
};

/* The next input; never waits. */
enum screen_input screen_read(struct screen *s, struct key *key);

/* The text of the last SCREEN_PASTE, as it came; at most 64 KiB. Valid until the next read. */
struct bytes screen_pasted(const struct screen *s);

/* Bracketed paste is on only while a prompt is open. */
void screen_accept_paste(struct screen *s, bool on);

/* Gives the terminal back for a while (Ctrl-Z). */
void screen_leave(struct screen *s);
void screen_enter(struct screen *s);

/* Sends text to the terminal's clipboard (OSC 52), base64, at most 74,994 bytes encoded.
 * False when it is too long. Whether it arrives only the terminal knows. */
bool screen_clipboard(struct screen *s, struct bytes text);

/* An in-band mark for the screen tests (an OSC that no terminal knows). */
void screen_mark(struct screen *s);

/* Restores the terminal from a signal or failure handler; only async-signal-safe calls. */
void screen_restore(void);

#endif
