/* The inside of a session, for the files that make it. */
#ifndef CORE_OWNING_SESSION_OWN_H
#define CORE_OWNING_SESSION_OWN_H

#include "core/owning/session.h"

struct index_job {
    struct job job;
    struct session *session;
    size_t n_chunks;
    bool complete;
    struct index *result;
};

/* Weighs one index with the limits of its start. */
struct triage_job {
    struct job job;
    struct session *session;
    struct index *index;   /* held */
    struct triage *before; /* held; NULL when there is none */
    struct rules rules;
    _Atomic unsigned done;
    struct triage *result;
};

/* Learns the names of one index. */
struct lessons_job {
    struct job job;
    struct session *session;
    struct index *index; /* held */
    struct lessons *result;
};

struct session {
    struct archive *archive;
    struct store *store;
    struct load *load;
    const struct config *config;
    struct pool *load_pool, *ask_pool;
    struct pool *table_pool;  /* whole queries wait there for scans of the ask pool */
    struct pool *triage_pool; /* triage waits there for its parts in the ask pool */
    struct recall *recall;
    struct index *index;
    struct index_job index_job;
    struct proof *proof;
    bool proving;
    bool indexing, loading, started, ending;
    size_t chunks_seen;
    unsigned changes;
    struct asks asks;
    bool with_duplicates, keep_unknown;
    struct triage *triage; /* the newest; NULL before the first */
    struct triage_job triage_job;
    struct rules rules;
    bool triage_wanted, triaging;
    bool triage_stale;       /* made with other limits */
    bool triage_stopped;     /* by the user: not started again until wanted anew */
    struct lessons *lessons; /* the newest; NULL before the first */
    struct lessons_job lessons_job;
    bool learning;
    struct casebook *casebook;
    row_id *marks; /* ascending */
    size_t n_marks, marks_cap;
};

#endif
