/* The parts of the manual that tables know best, as mdoc source.
 * Threads: any. */
#ifndef KEYMAPS_MANUAL_H
#define KEYMAPS_MANUAL_H

#include "keymaps/keymap.h"

/* Appends `text` so that mdoc prints it as it is: anywhere in a line of text, and with
 * `as_argument` as one argument of a macro. */
void manual_write_text(struct buffer *out, struct bytes text, bool as_argument);

/* A list of all commands under a heading per group. */
void manual_write_commands(struct buffer *out);

/* The contexts and what lies below what. */
void manual_write_contexts(struct buffer *out);

/* The keys of a map, a list per context; what is inherited stands with the context above. */
void manual_write_keys(struct buffer *out, const struct keymap *map);

/* The fields: name, letter, meaning. */
void manual_write_fields(struct buffer *out);

/* The words of the fields that have a vocabulary, with what they mean. */
void manual_write_choices(struct buffer *out);

/* The formats that are read with an example each, and those that are known and left out. */
void manual_write_formats(struct buffer *out);
void manual_write_left_out(struct buffer *out);

/* A tab-separated table for other uses: one command, field or key per line. */
void manual_list_commands(struct buffer *out);
void manual_list_fields(struct buffer *out);
void manual_list_keys(struct buffer *out, const struct keymap *map);

#endif
