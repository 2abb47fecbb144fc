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

/* The next event and where its record stands in the unpacked text. False at the end. Views in
 * `out` are valid until the next call. */
bool envelope_next(struct envelope *e, struct event *out, uint64_t *offset_bytes,
                   uint32_t *length_bytes);

/* Hands over how rows that are no JSON are to be read again. At the end; the caller's then. */
struct dialects envelope_take_dialects(struct envelope *e);

/* Hands over the users that were met. At the end; the caller's then. */
struct userlist envelope_take_users(struct envelope *e);

#endif
