/* Archives that hold files, read by a session; for tests. */
#ifndef TESTS_UNIT_HELD_H
#define TESTS_UNIT_HELD_H

#include "tests/data/holder.h"

#include "settle.h"

#define RECORD(id)                                                                             \
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-02T03:04:05Z\",\"eventSource\":"       \
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"eventID\":\"" id "\"}"

/* Reads the bytes as a file of that name; the sums agree. */
static inline struct session *held_read(const char *name, struct bytes content)
{
    struct session *s = session_new();
    struct ledger_totals t;

    archive_add_memory(session_archive(s), bytes_of(name), content);
    session_start(s);
    session_wait(s);
    session_totals(s, &t);
    assert_int_equal(t.files, t.read + t.damaged + t.skipped);
    assert_int_equal(t.bytes, t.record_bytes + t.wrapper_bytes + t.problem_bytes);
    assert_int_equal(t.events, session_index(s)->n_rows);
    assert_int_equal(t.packed_bytes, content.len);
    assert_int_equal(t.packed_read_bytes, content.len);
    return s;
}

/* NULL without one. */
static inline const struct file *held_find(struct session *s, const char *path)
{
    for (size_t i = 0; i < archive_count(session_archive(s)); i++) {
        const struct file *f = archive_file(session_archive(s), i);

        if (bytes_are(f->path, path))
            return f;
    }
    return NULL;
}

static inline const struct file *held_file(struct session *s, const char *path)
{
    const struct file *f = held_find(s, path);

    if (!f)
        fail_msg("no file %s", path);
    return f;
}

/* Whether some problem of the file says so. */
static inline bool held_says(const struct file *f, enum err code, const char *words)
{
    for (size_t i = 0; i < f->n_problems; i++)
        if (f->problems[i].code == code &&
            bytes_find(f->problems[i].detail, bytes_of(words)) != SIZE_MAX)
            return true;
    return false;
}

/* Rows lead back to their records. */
static inline void held_records(struct session *s)
{
    struct buffer text = {0};

    for (size_t i = 0, step = 1 + session_index(s)->n_rows / 50; i < session_index(s)->n_rows;
         i += step) {
        buffer_clear(&text);
        assert_int_equal(session_record(s, session_index(s)->order[i], &text), ERR_OK);
        assert_true(bytes_starts(buffer_bytes(&text), "{\"eventVersion\""));
        assert_true(bytes_ends(buffer_bytes(&text), "\"}"));
    }
    buffer_deinit(&text);
}

#endif
