/* What the investigator concluded: a state and a note per finding, tags and a note per value,
 * kept in a case file.
 *
 * JSON, {"version": 1, "pseudonyms": "64 hex digits", "findings": {"ID": {"state": "benign",
 * "note": "…"}}, "values": {"ip=203.0.113.7": {"tags": ["scanner"], "note": "…"}}, "hide":
 * ["words that a shared screen must not show"]}; members that are not known are kept as they
 * are. Written whole under a
 * temporary name and renamed, mode 0600, so that at any moment the old or the new one is there.
 * A file of a newer version is read and never written. */
#ifndef CORE_KEEPING_CASEBOOK_H
#define CORE_KEEPING_CASEBOOK_H

#include "core/keeping/mask.h"

enum casebook_state { CASEBOOK_NEW, CASEBOOK_CONFIRMED, CASEBOOK_BENIGN, CASEBOOK_STATES };

const char *casebook_state_name(enum casebook_state s);
bool casebook_state_find(struct bytes name, enum casebook_state *out);

struct casebook;

/* In memory only, until casebook_open(). */
struct casebook *casebook_new(void);
void casebook_free(struct casebook *c);

/* Reads the file, which need not exist yet; from then on saves go there. False with a sentence
 * in `message` when it cannot be read or is no case file; nothing is written then. */
bool casebook_open(struct casebook *c, const char *path, struct buffer *message) MUST_CHECK;
bool casebook_has_file(const struct casebook *c);

/* An unknown id is new and has no note. The view is valid until the note changes. */
enum casebook_state casebook_state(const struct casebook *c, struct bytes id);
struct bytes casebook_note(const struct casebook *c, struct bytes id);
void casebook_set_state(struct casebook *c, struct bytes id, enum casebook_state state);

/* Tags and note of a value of a field. A value that no text can name (over 1 KiB, no UTF-8,
 * with a NUL) has none, and none can be set: false. */
bool casebook_can_keep(struct bytes value);
struct bytes casebook_value_note(const struct casebook *c, struct bytes field,
                                 struct bytes value);
void casebook_set_value_note(struct casebook *c, struct bytes field, struct bytes value,
                             struct bytes note);

/* Appends the tags, parted by ", ". */
void casebook_tags(const struct casebook *c, struct bytes field, struct bytes value,
                   struct buffer *out);

/* Adds a tag (at most 64 bytes of it), or takes it away when it is there; true when added. */
bool casebook_turn_tag(struct casebook *c, struct bytes field, struct bytes value,
                       struct bytes tag);

/* The words that a shared screen must not show; the case's, and the same place for as long as
 * it lives. */
const struct mask_words *casebook_hidden(const struct casebook *c);

/* Adds a word, or takes it away when it is there; true when added. Words of less than
 * MASK_WORD_MIN bytes or over 256, and more than MASK_WORDS_MAX of them, are not taken. */
bool casebook_turn_hidden(struct casebook *c, struct bytes word);

/* The key of the case's pseudonyms (mask.h): `key` becomes the one that the case keeps, or else
 * is kept from now on, which true says: save it. */
bool casebook_pseudonyms(struct casebook *c, unsigned char key[MASK_KEY_BYTES]);

/* At most 4 KiB of it are kept; without bytes that are no UTF-8. */
void casebook_set_note(struct casebook *c, struct bytes id, struct bytes note);

/* True also when there is no file to write. False with a sentence in `message`. */
bool casebook_save(struct casebook *c, struct buffer *message) MUST_CHECK;

#endif
