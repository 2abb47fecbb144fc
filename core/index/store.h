/* Everything that was read: dictionaries and published chunks.
 * Chunk numbers are handed out in the order of publishing. */
#ifndef CORE_INDEX_STORE_H
#define CORE_INDEX_STORE_H

#include "core/index/chunk.h"
#include "core/reading/userlist.h"

enum { STORE_MAX_CHUNKS = 65535 };

struct store;

struct store *store_new(void);
void store_free(struct store *s);

/* Owned by the store; indexed by enum field_id; NULL for fields without one. Behind them, at
 * FIELD_COUNT, stands that of the names of logs. */
struct dictionary *const *store_dictionaries(const struct store *s);

/* Takes ownership. False (and the chunk freed) when row ids are used up: 65,535 chunks.
 * Threads: any. */
bool store_publish(struct store *s, struct chunk *c);

/* Names that lists of users give to subs, as ids of the dictionaries of FIELD_SUB and
 * FIELD_USER: they belong to no event. One block for each file that has any, newest first; a
 * block never changes. */
struct listed {
    const struct listed *next;
    uint32_t file;
    size_t n_names;
    struct listed_name {
        uint32_t sub, user;
        bool best; /* the one to show for the sub */
    } names[];
};

/* Keeps what the users of a file are called. What found no room in a dictionary is left out;
 * returns how many names that were. Threads: any. */
uint64_t store_list_users(struct store *s, uint32_t file, const struct userlist *users);

/* The newest block, or NULL. Threads: any. */
const struct listed *store_listed(const struct store *s);

/* Chunks published so far and one of them; they stay where they are. Threads: any. */
size_t store_count(const struct store *s);
const struct chunk *store_chunk(const struct store *s, size_t number);
uint64_t store_rows(const struct store *s);

/* Bytes held, for the memory line of the files view. */
size_t store_bytes(const struct store *s);

/* The text of one field of one row; see chunk_text(). File and positions are not texts. */
struct bytes store_text(const struct store *s, row_id row, enum field_id field, char *scratch,
                        enum value_state *state);

/* The texts of every field of one row, FIELD_COUNT of them, as explain_event() takes them: the
 * time and positions are left out. Views point into dictionaries or into `scratch`. */
void store_values(const struct store *s, row_id row, struct value *values,
                  char (*scratch)[UNIQUE_TEXT_BYTES]);

/* The dictionary id of a row in a field, as chunk_id(). */
uint32_t store_id(const struct store *s, row_id row, enum field_id field);

/* Where the record of a row stands. */
struct row_place {
    uint32_t file;
    uint64_t offset_bytes;
    uint32_t length_bytes;
};
struct row_place store_place(const struct store *s, row_id row);
/* enum event_flag bits, see event.h. */
uint32_t store_flags(const struct store *s, row_id row);
int64_t store_time(const struct store *s, row_id row);

#endif
