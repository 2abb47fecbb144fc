/* What is concluded of each file, and the words for it.
 *
 * Two things are said of a file and never mixed: whether it is as a digest says (status), and
 * who stands behind that digest (level). */
#ifndef CORE_PROVING_RULING_H
#define CORE_PROVING_RULING_H

#include "core/base/arena.h"
#include "core/base/instant.h"

#include "core/proving/exhibit.h"

enum ruling_status {
    RULING_ALTERED,   /* not as a digest says, or as no writer of AWS leaves it */
    RULING_MISSING,   /* named by a digest, and not here */
    RULING_MOVED,     /* here, but not where its digest says */
    RULING_EXTRA,     /* from an hour whose digests do not name it */
    RULING_GAP,       /* a time that no digest speaks of, between two that are here */
    RULING_MISFIT,    /* keys or metadata that cannot be used with these digests */
    RULING_UNREAD,    /* could not be read to its end */
    RULING_UNCOVERED, /* no digest that is here speaks of it */
    RULING_INTACT,
    RULING_ASIDE, /* of a kind that no digest speaks of */
    RULING_COUNT
};

/* "altered", "missing", …; static. */
const char *ruling_status_name(enum ruling_status status);

/* True for what a responder must look into: everything above RULING_UNCOVERED. */
bool ruling_is_fault(enum ruling_status status);

enum ruling_level {
    RULING_BY_NOBODY, /* nothing that is here says anything of it */
    RULING_BY_DIGEST, /* a digest does, and nothing shows that AWS made it */
    RULING_SIGNED,    /* a digest that carries, or hangs on, a good signature */
    RULING_LEVELS
};

/* "none", "digest", "signature"; static. */
const char *ruling_level_name(enum ruling_level level);

struct ruling {
    enum exhibit_kind kind;
    enum ruling_status status;
    enum ruling_level level;
    struct bytes name;             /* path; the S3 key of what is missing; the chain of a gap */
    struct bytes digest;           /* path of the digest that says so; may be empty */
    struct bytes detail;           /* words; may be empty */
    int64_t from_us, to_us;        /* hours of a digest or gap; INSTANT_NONE elsewhere */
    const struct exhibit *exhibit; /* NULL for what is not here */
};

/* Verdicts, and the memory of their texts. */
struct rulings {
    struct arena arena;
    struct ruling *rows;
    size_t n, cap;
};

void rulings_deinit(struct rulings *v);

/* Adds a row; `detail` is copied. */
void rulings_add(struct rulings *v, struct ruling row);

/* Faults first, then what is not covered, then the rest; by time and name. */
void rulings_sort(struct rulings *v);

#endif
