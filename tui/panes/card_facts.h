/* What a card tells of one value, line by line: the names learned for it, what the investigator
 * noted, the findings that it is part of, and the values that it met. */
#ifndef TUI_PANES_CARD_FACTS_H
#define TUI_PANES_CARD_FACTS_H

#include "core/owning/session.h"

enum { CARD_SECTIONS = 11 };

enum card_kind {
    CARD_HEADING, /* of values */
    CARD_VALUE,
    CARD_TITLE,   /* of the lines that are no values */
    CARD_LESSON,  /* a learned name: opens the record that teaches it */
    CARD_COMMAND, /* to copy */
    CARD_TAGS,
    CARD_NOTE,
    CARD_FINDING,
};

struct card_line {
    enum card_kind kind;
    size_t section;  /* CARD_HEADING and CARD_VALUE */
    size_t at;       /* group, lesson or finding; of a heading how many values stand below it */
    uint32_t events; /* CARD_FINDING: of its evidence, those with the value */
    const char *title;
};

struct card_facts {
    struct session *session;
    enum field_id field;
    struct buffer text; /* the value */
    int64_t event_us;   /* of the event the card was opened on; INSTANT_NONE: none */
    struct selection *selection;
    struct grouping *groupings[CARD_SECTIONS];
    struct lessons *lessons; /* held; NULL while there are none */
    struct lesson learned[LESSONS_MAX];
    size_t n_learned;
    struct triage *triage;           /* held; NULL while there is none */
    size_t findings[SEVERITY_COUNT]; /* that the value is in */
    struct buffer command;           /* asks the pool who a sub is */
    struct card_line *lines;
    size_t count, cap;
};

/* The field whose values a section lists. */
enum field_id card_met(size_t section);

/* Groups with a real value: what is absent was not met. */
size_t card_values(const struct grouping *g);

/* From when on a value that was never met before is new: the event the card was opened on, else
 * the last day; INSTANT_NONE when nothing was seen before that. */
int64_t card_new_since(const struct card_facts *c);
bool card_is_new(const struct card_facts *c, const struct group *g);
size_t card_new_values(const struct card_facts *c, const struct grouping *g);

/* Takes newer names and findings, if there are any; true when lines have come or gone. */
bool card_facts_take(struct card_facts *c);

/* Lists the lines anew, after a change of what they are made from. */
void card_facts_list(struct card_facts *c);
void card_facts_deinit(struct card_facts *c);

#endif
