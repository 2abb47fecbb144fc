/* Commands and contexts: the rows of commands.def.
 * Threads: any; everything here is constant. */
#ifndef KEYMAPS_COMMAND_H
#define KEYMAPS_COMMAND_H

#include "core/base/err.h"

/* Where keys are read. Contexts form trees; see context_parent(). */
enum context {
#define CONTEXT(id, name, parent, letters, meaning) CONTEXT_##id,
#include "keymaps/commands.def"
    CONTEXT_COUNT
};

enum command_id {
#define COMMAND(id, name, argument, contexts, group, help) COMMAND_##id,
#include "keymaps/commands.def"
    COMMAND_COUNT
};

enum argument {
    ARGUMENT_NONE,
    ARGUMENT_NUMBER,   /* 1 … 9 */
    ARGUMENT_FIELD,    /* a name of fields.def */
    ARGUMENT_FIELD_OR, /* the same, or nothing: the field under the caret */
    ARGUMENT_TEXT_OR,  /* the rest of the line, or nothing */
};

struct command {
    const char *name;
    enum argument argument;
    uint32_t contexts; /* bits 1 << enum context, those below them included */
    const char *group; /* heading in help and manual */
    const char *help;  /* one line, lower case, no full stop */
};

const struct command *command_get(enum command_id id);
bool command_find(struct bytes name, enum command_id *out);

/* Whether the command does something there (or in a context below). */
bool command_works_in(enum command_id id, enum context context);
bool command_works_below(enum command_id id, enum context context);

/* " <field>", " [<field>]", … or "": what follows the name in help. Static. */
const char *command_argument_text(enum argument argument);

/* Splits `line` into command and argument and checks both, as the palette and key files need.
 * `argument` borrows from `line`. Errors: ERR_USAGE with a sentence appended to `why`. */
MUST_CHECK enum err command_parse(struct bytes line, enum command_id *id,
                                  struct bytes *argument, struct buffer *why);

/* Candidate `i` of completing `line` (a part of a name, or a name and a part of its field) in
 * `context`: appends the whole line to `out`. False past the last one. */
bool command_complete(struct bytes line, enum context context, size_t i, struct buffer *out);

const char *context_name(enum context context);
const char *context_meaning(enum context context);
bool context_find(struct bytes name, enum context *out);

/* The context itself for a root. */
enum context context_parent(enum context context);

/* True when `context` is `above` or lies below it. */
bool context_is_in(enum context context, enum context above);

/* Plain characters are text there. */
bool context_takes_text(enum context context);

#endif
