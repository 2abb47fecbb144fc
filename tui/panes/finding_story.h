/* A finding as lines: why it is there, its evidence, whom it concerns, who got in, what it
 * means and what to do next. */
#ifndef TUI_PANES_FINDING_STORY_H
#define TUI_PANES_FINDING_STORY_H

#include "core/concluding/triage.h"
#include "core/keeping/mask.h"

#include "tui/color.h"

struct ui;

enum { STORY_INDENT = 4 };

enum line_kind {
    LINE_TEXT,
    LINE_HEADING,
    LINE_EVIDENCE, /* opens all of it */
    LINE_AFTER,    /* opens all that followed */
    LINE_ENTITY,   /* opens the evidence with this value */
    LINE_EVENT,    /* opens one event */
    LINE_QUERY,
    LINE_COMMAND,
};

struct line {
    enum line_kind kind;
    enum style style;
    struct bytes text;  /* safe; the arena's */
    struct bytes value; /* of an entity, a query or a command: exact */
    enum field_id field;
    row_id row;
};

enum query_state { QUERY_UNASKED, QUERY_ASKED, QUERY_EXACT, QUERY_NONE };

struct finding_story {
    struct ui *ui;
    struct triage *triage; /* held */
    size_t number;
    struct line *lines; /* for `cols` columns */
    size_t n_lines, cap;
    unsigned cols;
    unsigned mask_changes;   /* and with what was hidden then */
    struct lessons *lessons; /* and these names learned; held, NULL for none */
    struct arena arena;
    struct buffer query; /* a filter that may say what the evidence is */
    enum query_state query_state;
};

/* Makes the lines for a screen of this width, unless they are there. */
void finding_story_lay_out(struct finding_story *f, unsigned cols);

/* Drops the lines: what they say has changed. */
void finding_story_drop(struct finding_story *f);
void finding_story_deinit(struct finding_story *f);

#endif
