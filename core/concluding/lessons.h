/* Learned names, for people to read: who is called what elsewhere, and which record says so.
 *
 * link.h answers triage's question whose event it is, and drops what contradicts itself. Here
 * every pair of names that one record holds is kept with the earliest such record, and every
 * name that a list of users gives a sub, so that a contradiction can be shown as one and the
 * source of what was learned can be opened. What is learned is no value of any record: no
 * filter and no count is made of it. Immutable once made. Memory: 32 bytes a pair. Threads:
 * any. */
#ifndef CORE_CONCLUDING_LESSONS_H
#define CORE_CONCLUDING_LESSONS_H

#include "core/concluding/link.h"

struct lessons;

/* Of the rows of an index that are not hidden duplicates. NULL when cancelled. One use. */
struct lessons *lessons_new(struct index *index, const atomic_bool *cancelled);
struct lessons *lessons_hold(struct lessons *l);
void lessons_release(struct lessons *l);

/* The index that it was made from. */
const struct index *lessons_index(const struct lessons *l);

enum { LESSONS_MAX = 16 };

#define LESSON_OF_RECORD UINT32_MAX

/* One value that stands in a record beside another one that was known. Texts live as long as
 * the store. */
struct lesson {
    enum field_id by, field;
    struct bytes by_text, text;
    uint32_t file; /* the list of users that says so; LESSON_OF_RECORD for none */
    row_id row;    /* LESSON_OF_RECORD: the earliest record that holds both */
    size_t rivals; /* other values of `field` beside `by_text`: above 0 nothing is sure */
};

/* What is learned from the values that are known (by field; an empty one is not known) and from
 * what that teaches in turn, as long as it is sure. A text that is known already is left out.
 * At most LESSONS_MAX into `out`; returns how many. */
size_t lessons_about(const struct lessons *l, const struct bytes known[FIELD_COUNT],
                     struct lesson *out);

/* The user name behind a value of a field, for a list: the first one of lessons_about(). False
 * when there is none. */
bool lessons_user(const struct lessons *l, enum field_id field, struct bytes text,
                  struct lesson *out);

#endif
