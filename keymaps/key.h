/* One key press, independent of curses and of any terminal.
 *
 * A key is a character or a named key, with Ctrl and Alt. Keys that no terminal can tell
 * apart have one form: Ctrl-I is Tab, Ctrl-M is Enter, Ctrl-[ is Esc.
 * Threads: any. */
#ifndef KEYMAPS_KEY_H
#define KEYMAPS_KEY_H

#include "core/base/bytes.h"

enum key_name {
    KEY_NAME_NONE, /* a character */
    KEY_NAME_ENTER,
    KEY_NAME_TAB,
    KEY_NAME_BACK_TAB,
    KEY_NAME_ESC,
    KEY_NAME_BACKSPACE,
    KEY_NAME_INSERT,
    KEY_NAME_DELETE,
    KEY_NAME_HOME,
    KEY_NAME_END,
    KEY_NAME_PAGE_UP,
    KEY_NAME_PAGE_DOWN,
    KEY_NAME_UP,
    KEY_NAME_DOWN,
    KEY_NAME_LEFT,
    KEY_NAME_RIGHT,
    KEY_NAME_SHIFT_LEFT,
    KEY_NAME_SHIFT_RIGHT,
    KEY_NAME_F1, /* F1 … F12 follow one another */
    KEY_NAME_F12 = KEY_NAME_F1 + 11,
    KEY_NAME_COUNT
};

enum {
    KEY_WITH_CTRL = 1,
    KEY_WITH_ALT = 2,
};

/* Compared with key_compare(). */
struct key {
    uint32_t code;     /* the character; 0 for a named key */
    uint8_t name;      /* enum key_name */
    uint8_t modifiers; /* KEY_WITH_…; letters with Ctrl are capitals */
};

struct key key_named(enum key_name name, unsigned modifiers);

/* What a terminal sends as the character `code`: controls become Ctrl-letters, Tab, Enter
 * (13 and 10), Esc, Backspace (127) or Ctrl-Space (0). Ctrl-H (8) stays itself: whether it is
 * the Backspace key is known to the terminal alone. */
struct key key_typed(uint32_t code, bool alt);

/* `j`, `Ctrl-D`, `Alt-x`, `PgDn`, `F1`, `Space`, `Hash` (for `#`) … Case matters.
 * False when it is no key or one that no terminal sends (`Ctrl-5`). */
bool key_parse(struct bytes text, struct key *out);

/* The text that key_parse() reads; appended. */
void key_write(struct buffer *out, struct key key);

/* Order of keys for tables and help: characters first. 0 for the same key. */
int key_compare(struct key a, struct key b);

/* True for a character without Ctrl and Alt: in a line of text it is text. */
bool key_is_text(struct key key);

/* Esc and Ctrl-G: they leave whatever was begun, so they can only begin a sequence. */
bool key_is_escape(struct key key);

#endif
