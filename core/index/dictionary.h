/* The texts of one field, each once, numbered from 0 without gaps.
 *
 * The first ids are the states of a value (event.h): absent, null, empty, redacted; then comes
 * the fixed vocabulary of a CHOICE field, then what the evidence brings, in the order in which
 * chunks are published. That order differs from run to run: no output may depend on ids.
 *
 * Append-only. Workers add in batches (one lock per batch); ids that a published chunk uses
 * can be read by any thread without a lock. */
#ifndef CORE_INDEX_DICTIONARY_H
#define CORE_INDEX_DICTIONARY_H

#include "core/base/bytes.h"

#include "core/reading/event.h"

enum { DICTIONARY_FIRST_TEXT = VALUE_TEXT };

struct dictionary;

/* FIELD_COUNT: of texts of no field. */
struct dictionary *dictionary_new(enum field_id field);
void dictionary_free(struct dictionary *d);

/* Ids of `count` texts, added where new. The texts are copied.
 * `hashes` are hash_bytes() of them. At most 2^31 ids and 8 GiB of text; a
 * text past that gets DICTIONARY_FULL and the caller reports it. Threads: any. */
#define DICTIONARY_FULL UINT32_C(0xFFFFFFFF)
void dictionary_add(struct dictionary *d, const struct bytes *texts, const uint64_t *hashes,
                    size_t count, uint32_t *ids);

/* Ids below this have their text in place. Threads: any. */
uint32_t dictionary_count(const struct dictionary *d);

/* The text of an id; empty for the states below DICTIONARY_FIRST_TEXT. Lives as long as the
 * dictionary. Threads: any. */
struct bytes dictionary_text(const struct dictionary *d, uint32_t id);

/* The id of a text, or 0 (absent) when the dictionary does not hold it. Threads: any (takes the
 * lock). */
uint32_t dictionary_find(struct dictionary *d, struct bytes text);

/* Bytes in use: text, and about 11 bytes for each. Threads: any. */
size_t dictionary_bytes(const struct dictionary *d);

#endif
