/* What a terminal sends, byte by byte, to keys and pasted text.
 *
 * Curses names the keys that the terminal's description knows; every other byte comes here.
 * Keys that nearly all terminals send alike are understood whatever the description says.
 * Replies and sequences that are not known are read to their end and dropped: what a terminal
 * answers must never act as keys. Knows no curses. */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include "keymaps/key.h"

enum { INPUT_PASTE_MAX_BYTES = 65536 };

enum input_state {
    INPUT_PLAIN,
    INPUT_ESCAPE,     /* behind Esc */
    INPUT_CSI,        /* behind Esc [ */
    INPUT_SS3,        /* behind Esc O */
    INPUT_STRING,     /* in a reply that lasts until its terminator */
    INPUT_STRING_END, /* behind an Esc in it */
    INPUT_SKIP,       /* bytes that belong to a mouse report */
    INPUT_IN_PASTE,
};

/* Zero-initialised is the start. */
struct input {
    enum input_state state;
    char parameters[16]; /* of a CSI sequence, as far as they can be those of a key */
    uint8_t n_parameters;
    uint8_t skip;
    char sign[4]; /* the bytes so far of a character */
    uint8_t n_sign;
    bool alt;             /* Esc stood before that character */
    uint8_t paste_end;    /* bytes of the end mark seen */
    struct buffer pasted; /* valid after INPUT_PASTE until the next paste */
};

enum input_event {
    INPUT_NOTHING,
    INPUT_KEY,
    INPUT_KEY_AGAIN, /* a key; the same byte must be given once more */
    INPUT_PASTE,     /* `pasted` holds the text, as it came, at most INPUT_PASTE_MAX_BYTES */
};

void input_deinit(struct input *in);

enum input_event input_byte(struct input *in, unsigned char byte, struct key *key);

/* Nothing followed for a moment: an Esc that stands alone is the key, any other beginning is
 * dropped. A paste stays open, since its end mark is sure to come. */
enum input_event input_pause(struct input *in, struct key *key);

/* Ends a paste whose end mark never came. */
enum input_event input_paste_end(struct input *in);

#endif
