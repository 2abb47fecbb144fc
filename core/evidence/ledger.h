/* The ledger: what became of every file and every byte.
 *
 * Nothing is lost and nothing is silent: each byte of each file stands in an event, in a known
 * wrapper, or in a problem. Events found = indexed + rejected; files found = read + damaged +
 * skipped with a reason. */
#ifndef CORE_EVIDENCE_LEDGER_H
#define CORE_EVIDENCE_LEDGER_H

#include <stdatomic.h>

#include "core/base/err.h"

/* A stretch of a file that could not be used, or was used with a doubt. */
struct problem {
    enum err code;
    bool packed;     /* `offset` counts bytes of the file itself, else of its unpacked text */
    uint64_t offset; /* where it begins */
    uint64_t length; /* bytes concerned; 0 when unknown or none */
    uint64_t events_kept; /* events read from the file before it; from all of the file when
                           * `packed`, as text is unpacked ahead of the reading */
    uint64_t folded;      /* further problems added up in this row (the last one only) */
    struct bytes detail;  /* owned by the file row; names what it seems to be, what was kept */
};

/* True for what is worth a row but takes nothing away: an empty file, one of a kind that holds
 * no events, or output that was only one page of several when it was saved. */
bool problem_is_note(enum err code);

enum file_status {
    FILE_WAITING, /* found, not yet opened */
    FILE_READING,
    FILE_READ,    /* whole */
    FILE_DAMAGED, /* something of it was rejected or lost */
    FILE_SKIPPED, /* nothing of it was read, see the problem */
    FILE_STOPPED, /* reading was stopped on request before its end */
};

/* "read", "damaged", …; static. */
const char *file_status_name(enum file_status status);

/* Which formats a file held, as bits 1 << enum format (field.h). */
typedef uint32_t format_mask;

/* Facts that a file's name gives (CloudTrail's S3 keys); empty where it gives none.
 * Source: CloudTrail user guide, "Finding your CloudTrail log files". */
struct file_facts {
    struct bytes account, region; /* views into `path` */
    struct bytes trail;           /* of digests; the names of log files do not tell */
    bool is_digest, is_backfill;  /* a digest; one that was made later */
    int64_t delivered_us;         /* from the time stamp in the name, or INSTANT_NONE */
    int64_t day_us; /* from the folders YYYY/MM/DD or the stamp, or INSTANT_NONE */
};

struct parcel; /* see parcel.h */

/* One row of the ledger. The worker that reads the file owns it until `status` leaves
 * FILE_READING (store-release); after that it is immutable and anyone may read it. The
 * counters may be read at any time. */
struct file {
    uint32_t id;       /* 0 … in the order of reading */
    struct bytes path; /* as given or found; owned */
    struct file_facts facts;
    _Atomic int status; /* enum file_status */
    int fd;             /* an open descriptor for sources without a path (standard input, the
                         * demo), else -1; owned */
    const struct file *outer; /* the archive that it is an entry of, or NULL */
    bool container;           /* an archive, whose entries are files of their own */
    struct parcel *parcel;    /* where it stands in there; owned */
    int content_fd; /* of an archive in another file: its bytes, unpacked; else -1; owned */
    bool wrapped;   /* its outermost layer of gzip is not its own, but stands for the archive's
                     * compression */
    bool given;     /* named by the user, so it may be a symbolic link */
    bool atime_touched; /* O_NOATIME was refused, and the mount keeps access times: reading may
                         * have changed it */

    _Atomic uint64_t packed_bytes; /* size on disk, or as an entry comes out of its archive;
                                    * known once it was opened */
    int64_t modified_ns;           /* its time of modification then */
    _Atomic uint64_t packed_read_bytes; /* consumed so far */
    _Atomic uint64_t bytes;             /* unpacked bytes so far */
    _Atomic uint64_t events;            /* indexed */
    uint64_t updates;                   /* of them, that complete or mend earlier ones */
    uint64_t summaries;                 /* of them, whose record was missing in its wrapper */
    uint64_t rejected;                  /* records found and not indexed */
    uint64_t record_bytes;              /* in indexed records */
    uint64_t wrapper_bytes;             /* in known wrappers, separators, white space */
    uint64_t problem_bytes;             /* in problems */
    uint64_t padding_bytes; /* zeros behind the gzip data, as tapes and block devices leave */
    uint32_t members;       /* gzip members; 0 for a plain file */
    uint32_t layers;        /* of gzip; 0 for a plain file */
    format_mask formats;
    int64_t first_us, last_us; /* event times; INSTANT_NONE without events */

    struct problem *problems;
    size_t n_problems, problems_cap;
};

/* `path` is copied. Facts are for the archive to fill in. */
struct file *file_new(struct bytes path);

/* Closes `fd` too. */
void file_free(struct file *f);

/* Appends a problem; `detail` is copied. A file keeps at most 1,000 problem rows: further ones
 * are added up in the last row, so that a hostile file cannot fill memory. */
void file_problem(struct file *f, struct problem problem);

/* The status that a file deserves once it has been read to its end. Without events: skipped
 * when all that it holds is of kinds that are not read, or when nothing could be unpacked.
 * Else damaged when anything was lost, and read when not. */
enum file_status file_verdict(const struct file *f);

/* Publishes the verdict: after this the row belongs to everyone. */
void file_finish(struct file *f, enum file_status status);

/* True once the row is immutable (load-acquire). Threads: any. */
bool file_is_finished(const struct file *f);

/* Sums over all files. */
struct ledger_totals {
    uint64_t files, read, damaged, skipped, stopped, waiting;
    uint64_t packed_bytes, packed_read_bytes; /* on disk: entries lie in their archives */
    uint64_t bytes;
    uint64_t atime_touched;             /* of finished files, as all below */
    uint64_t events;                    /* of all files, up to now */
    uint64_t updates, summaries;        /* of `events` */
    uint64_t rejected, problems, notes; /* a note is a problem row of no loss */
    uint64_t lacking;                   /* files with events that say that there was more */
    uint64_t record_bytes, wrapper_bytes, problem_bytes;
};

void ledger_add(struct ledger_totals *totals, const struct file *f);

/* True when counts are lower bounds: something is unread, damaged or rejected. Files that were
 * skipped count by their problems: a digest takes no event away, an archive of an unknown
 * format may. */
bool ledger_is_partial(const struct ledger_totals *totals);

#endif
