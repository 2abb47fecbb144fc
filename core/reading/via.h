/* How the text that stands at a path becomes the value of a field: the forms behind `enum via`,
 * and the spellings that differ between logs. Works on views, allocates nothing.
 * Threads: any. */
#ifndef CORE_READING_VIA_H
#define CORE_READING_VIA_H

#include "core/base/instant.h"

#include "core/reading/field.h"

/* A text and the state that it has as a value. */
struct via_text {
    struct bytes bytes;
    enum value_state state;
    bool in_scratch; /* the bytes stand in the reader's scratch buffer; handed on to parts */
};

/* Whether a string is what CloudTrail writes in place of hidden values. */
bool via_is_mask(struct bytes text);

/* Whether the source text of an object or array holds nothing. */
bool via_is_empty(struct bytes source);

/* What a scalar (or a container, as its source text) gives; VALUE_ABSENT when it has not the
 * form that `via` asks for. Element 0 and keys are the reader's business. */
struct via_text via_take(enum via via, struct via_text text, bool container);

/* The pool in a key of `logins`, else VALUE_ABSENT. */
struct via_text via_login_pool(struct via_text key);

/* One spelling for what logs write differently; texts that mean "unknown" become empty. */
void via_fix(enum field_id field, struct value *v);

bool via_time(enum via via, struct bytes text, int64_t *out_us);

#endif
