/* The line at the bottom where the user types: filter, search, palette, a new value.
 *
 * Only one is open at a time; while it is, keys go to it through the `prompt` context. */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include "core/owning/session.h"

#include "tui/edit.h"

struct ui;

/* Candidates of a completion; texts are owned. */
struct candidates {
    struct buffer *items; /* what is inserted */
    struct buffer *notes; /* what is shown behind it (help, count) */
    size_t count, cap;
};

struct prompt_kind {
    const char *label; /* "Filter", "Search", … */
    const char *hint;  /* an example, shown while the line is empty */
    /* Accepts the line. True closes the prompt; otherwise `ui_say` told why not and
     * prompt->error_at may point at the place. */
    bool (*accept)(struct ui *ui, struct bytes line, unsigned *reactions);
    /* Candidates for the end of `before`, the line up to the caret, and in
     * prompt->complete_from what they replace; may be NULL. */
    void (*complete)(struct ui *ui, struct bytes before, struct candidates *out);
    /* Called after each change of the line; may be NULL. */
    void (*changed)(struct ui *ui, struct bytes line, unsigned *reactions);
    bool is_query; /* quick terms or a query: what it stands for is shown while it is typed */
};

struct prompt {
    const struct prompt_kind *kind; /* NULL: closed */
    struct edit edit;
    struct edit_history *history; /* may be NULL */
    struct candidates candidates;
    size_t candidate; /* the chosen one, candidates.count: none */
    size_t complete_from;
    struct ask *asking;     /* values for a completion are being counted */
    struct filters *within; /* they are counted among these; NULL: the view's */
    struct buffer meaning;  /* of kind->is_query: the query it stands for, or what is wrong */
    bool refused;           /* `meaning` is what is wrong */
    struct buffer title;    /* shown in place of kind->label when it is not empty */
    struct buffer pending;  /* the query that waits for the value being typed */
    struct buffer place;    /* the name of the placeholder it goes to */
    size_t error_at, error_len; /* the part of the line that was not understood; len 0: none */
    size_t context;             /* for the kind's own use (which filter is edited …) */
};

/* Opens with `text` to start from. */
void prompt_open(struct prompt *p, const struct prompt_kind *kind, struct edit_history *history,
                 struct bytes text);
void prompt_close(struct prompt *p);

/* Replaces what is before the caret from complete_from on. */
void prompt_replace(struct prompt *p, struct bytes text, const struct query_options *options);

/* The line was changed by other means than prompt_replace(): offers end, and its meaning is
 * found anew. */
void prompt_changed(struct prompt *p, const struct query_options *options);
void prompt_deinit(struct prompt *p);

void candidates_add(struct candidates *c, struct bytes item, struct bytes note);
void candidates_clear(struct candidates *c);

#endif
