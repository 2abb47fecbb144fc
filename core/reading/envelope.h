/* Which wrapper is this, and where do the records stand in it?
 *
 * Content decides, never the name. Shapes: {"Records":[…]}, a bare array, one object, JSON
 * Lines, objects one after another without newline, pretty-printed or not, mixed in one file;
 * between them tables and log lines, see dialect.h.
 * The text comes in windows; a record is handed out as soon as it is whole. After a damaged
 * record the next one is found again and the stretch between is a problem.
 * Threads: one envelope belongs to one thread. */
#ifndef CORE_READING_ENVELOPE_H
#define CORE_READING_ENVELOPE_H

#include "core/evidence/block.h"
#include "core/reading/dialect.h"
#include "core/reading/event.h"

struct envelope;

/* Reads `b` to its end. Problems and byte sums go to `f` unless `quiet`. Both stay the
 * caller's. */
struct envelope *envelope_new(struct file *f, struct block *b, struct event_reader *reader,
                              bool quiet);
void envelope_free(struct envelope *e);

/* The next event and where its record stands in the unpacked text: several events stand at one
 * place when a text in a record holds them. False at the end. Views in
 * `out` are valid until the next call. */
bool envelope_next(struct envelope *e, struct event *out, uint64_t *offset_bytes,
                   uint32_t *length_bytes);

/* ---- A large text in parts, read by several workers ----
 *
 * Behind a record nearly every text goes on with records alone, and those can be read without
 * knowing what stood before. Whoever reads on sees the same as one reader of the whole would:
 * a part ends where anything else than plain records comes, and from there the whole is read
 * on as always. */

/* Whether `e`, which has just handed out an event, may be read on in parts. */
bool envelope_is_even(const struct envelope *e);

/* Where `e` stands in the unpacked text. */
uint64_t envelope_offset(const struct envelope *e);

/* Takes the text behind the place of `e` out of it, up to `cap` bytes; 0 at the end. */
size_t envelope_take(struct envelope *e, char *out, size_t cap);

/* Puts back what was taken last and has not been read. */
void envelope_put_back(struct envelope *e, struct bytes text);

/* What was taken held `events` records of `record_bytes` and, around them, `wrapper_bytes`. */
void envelope_count(struct envelope *e, uint64_t events, uint64_t record_bytes,
                    uint64_t wrapper_bytes);

/* A reader of parts; `e` is even and outlives it, and is not changed by it. */
struct envelope *envelope_part_new(const struct envelope *e, struct event_reader *reader);

/* Begins a part: `text` stands at `offset_bytes` behind a record. It stays the caller's and
 * must stay until the next one. */
void envelope_part_begin(struct envelope *part, struct bytes text, uint64_t offset_bytes);

/* Like envelope_next(); false also before anything that is no plain record. */
bool envelope_part_next(struct envelope *part, struct event *out, uint64_t *offset_bytes,
                        uint32_t *length_bytes);

/* Hands over how rows that are no JSON are to be read again. At the end; the caller's then. */
struct dialects envelope_take_dialects(struct envelope *e);

/* Hands over the users that were met. At the end; the caller's then. */
struct userlist envelope_take_users(struct envelope *e);

#endif
