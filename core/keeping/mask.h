/* What people who look over a shoulder, or read an export, must not see.
 *
 * The one place where values are hidden. Tokens, passwords, other secrets, telephone numbers
 * and the claims of a token that are not known to be harmless are hidden unless asked for;
 * e-mail addresses, user names and IP addresses on request, for a shared screen. What is hidden
 * keeps a pseudonym, the same for the same value under the same key, so that it can still be
 * followed ("[ip 3f9a21]"); secrets keep none, because they can be guessed.
 * Values are known by the name that they stand under and by their form, in any text: a cell, a
 * record's JSON, a sentence, a URL. Counting and filtering work on the values themselves.
 * Sources: RFC 7519 (tokens), E.164 (telephone numbers), the parameter names of the cognito-idp
 * and cognito-identity service models, the claims in the Cognito Developer Guide. */
#ifndef CORE_KEEPING_MASK_H
#define CORE_KEEPING_MASK_H

#include "core/base/bytes.h"

enum mask_level {
    MASK_NONE,    /* everything as it stands */
    MASK_SECRETS, /* the default */
    MASK_PERSONS, /* and who it was: for a shared screen */
    MASK_LEVELS
};

enum { MASK_KEY_BYTES = 32, MASK_WORDS_MAX = 256, MASK_WORD_MIN = 2 };

/* The user's own list of what to hide with persons, wherever it stands, in upper or lower case:
 * names of people, companies, projects. */
struct mask_words {
    struct bytes items[MASK_WORDS_MAX]; /* of MASK_WORD_MIN bytes or more */
    size_t count;
};

struct mask {
    enum mask_level level;
    unsigned char key[MASK_KEY_BYTES]; /* of the pseudonyms: one per case */
    const struct mask_words *words;    /* borrowed; NULL: none */
};

/* A key of its own, at random: pseudonyms hold for as long as the key is kept. False when the
 * system gives no random numbers. */
bool mask_init(struct mask *m, enum mask_level level);

/* Appends `text` with pieces replaced that `m` hides. `name` is what the text is the value of:
 * a field, a path, a column; empty when that is not known. Strings of JSON stay strings.
 * Returns how many pieces were replaced. Threads: any. */
size_t mask_add(const struct mask *m, struct bytes name, struct bytes text, struct buffer *out);

/* "none", "secrets", "persons". */
const char *mask_level_name(enum mask_level level);
bool mask_level_find(struct bytes name, enum mask_level *out);

/* For the manual: what is hidden at `level` beyond the one before, in words. */
const char *mask_level_meaning(enum mask_level level);

#endif
