/* What the evidence covers and what it cannot show: no data is not no events.
 *
 * Accounts, regions, pools and formats with their events; the hours in which log files were
 * delivered, and those without any, by the names of the files; how late files came; what was
 * not read; and what is missing by the nature of such logs.
 * Threads: one; a coverage is immutable once made. */
#ifndef CORE_CONCLUDING_COVERAGE_H
#define CORE_CONCLUDING_COVERAGE_H

#include "core/base/arena.h"

#include "core/evidence/archive.h"
#include "core/index/index.h"

/* Events of one value of one field, copies left out. */
struct coverage_value {
    enum value_state state;
    struct bytes text; /* the dictionary's */
    uint64_t events;
    int64_t first_us, last_us; /* INSTANT_NONE when none has a time */
};

/* The fields that are told one by one. */
enum coverage_field {
    COVERAGE_FORMAT,
    COVERAGE_ACCOUNT,
    COVERAGE_REGION,
    COVERAGE_POOL,
    COVERAGE_FIELDS
};
enum field_id coverage_field_id(enum coverage_field field);

struct coverage_gap {
    int64_t from_us, to_us; /* whole hours: [from, to) */
};

/* Log files of CloudTrail for one account and region, as their names tell. */
struct coverage_stream {
    struct bytes account, region; /* the archive's */
    uint64_t files;
    int64_t first_us, last_us; /* stamps of delivery */
    uint64_t hours;            /* from the first to the last, both counted */
    uint64_t empty_hours;      /* of them, without any file: the sum of the gaps */
    struct coverage_gap *gaps; /* by time; the arena's */
    size_t n_gaps;
};

/* From the newest event of a file to the stamp of delivery in its name. Stamps are minutes, so
 * up to a minute is lost. */
struct coverage_delay {
    uint64_t files; /* that tell both */
    uint64_t early; /* of them, with an event newer than the minute of the stamp */
    int64_t median_us, p99_us, max_us;
    const struct file *slowest; /* NULL without files */
};

struct coverage {
    struct arena arena;
    struct ledger_totals totals;
    uint64_t rows, duplicates, conflicts, no_time;
    int64_t first_us, last_us;
    struct coverage_value *values[COVERAGE_FIELDS]; /* by events, most first */
    size_t n_values[COVERAGE_FIELDS];
    struct coverage_stream *streams; /* by account and region */
    size_t n_streams;
    struct coverage_delay delay;
    bool has_trail, has_activity, has_cognito, has_identity_data, has_managed_login;

    struct coverage_line *lines; /* once asked for */
    size_t n_lines, lines_cap;
};

/* Of what is there now. `index` may be NULL: then nothing is told of events. */
struct coverage *coverage_new(struct archive *a, const struct index *index);
void coverage_free(struct coverage *c);

/* One line each, in sections. */
enum coverage_section {
    COVERAGE_FILES,
    COVERAGE_EVENTS,
    COVERAGE_FORMATS,
    COVERAGE_ACCOUNTS,
    COVERAGE_REGIONS,
    COVERAGE_POOLS,
    COVERAGE_HOURS,
    COVERAGE_DELAY,
    COVERAGE_NOTICES,
    COVERAGE_SECTIONS
};
const char *coverage_section_name(enum coverage_section section);

struct coverage_line {
    enum coverage_section section;
    bool warns;             /* something is missing or wrong */
    struct bytes text;      /* the program's own words; the arena's */
    struct bytes name;      /* evidence that the line is about; may be empty */
    enum field_id field;    /* what `name` is a value of; FIELD_COUNT for none */
    int64_t from_us, to_us; /* of a gap; INSTANT_NONE elsewhere */
};

/* The lines, in the order of the sections; the coverage's. */
const struct coverage_line *coverage_lines(struct coverage *c, size_t *count);

#endif
