/* What the investigator concluded: a state and a note per finding, kept in a case file.
 *
 * JSON, {"version": 1, "pseudonyms": "64 hex digits", "findings": {"ID": {"state": "benign",
 * "note": "…"}}}; members that are not known are kept as they are. Written whole under a
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

/* The key of the case's pseudonyms (mask.h): `key` becomes the one that the case keeps, or else
 * is kept from now on, which true says: save it. */
bool casebook_pseudonyms(struct casebook *c, unsigned char key[MASK_KEY_BYTES]);

/* At most 4 KiB of it are kept; without bytes that are no UTF-8. */
void casebook_set_note(struct casebook *c, struct bytes id, struct bytes note);

/* True also when there is no file to write. False with a sentence in `message`. */
bool casebook_save(struct casebook *c, struct buffer *message) MUST_CHECK;

#endif
