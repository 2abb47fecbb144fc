/* The evidence on disk: finds files and hands them out, newest day first.
 *
 * Read-only: files are opened O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW, with O_NOATIME
 * where allowed. Symbolic links inside a tree are not followed (skipped, with the reason);
 * a PATH given by the user may be one. Directories are visited once by (device, inode).
 *
 * The tree is opened best first by the dates in its names (AWSLogs/…/2026/11/18/…), so the
 * newest day is handed out before the rest has been listed. Ties go by name, so the order is
 * the same in every run.
 * Threads: archive_next() may be called by all workers; the rest belongs to the owner. */
#ifndef CORE_ARCHIVE_H
#define CORE_ARCHIVE_H

#include "core/ledger.h"

struct archive;

struct archive *archive_new(void);

/* Frees every file row too. */
void archive_free(struct archive *a);

/* Adds a file or tree. Errors (no such file …) become a skipped file with its problem. */
void archive_add_path(struct archive *a, struct bytes path);

/* Adds bytes under a name, as if they were a file of that name (the demo). Copied. */
void archive_add_memory(struct archive *a, struct bytes name, struct bytes content);

/* Spools `fd` (standard input) into an anonymous file and adds it as "-". At most
 * `limit_bytes`. */
enum err archive_add_stream(struct archive *a, int fd, uint64_t limit_bytes) MUST_CHECK;

/* The next file to read, or NULL when there are no more. Skipped entries (links, devices,
 * unreadable directories) get their rows here and are not handed out. */
struct file *archive_next(struct archive *a);

/* Rows so far, and one of them; rows stay where they are. True from the first moment that
 * all files are known. Threads: any. */
size_t archive_count(struct archive *a);
struct file *archive_file(struct archive *a, size_t id);
bool archive_is_listed(struct archive *a);
void archive_totals(struct archive *a, struct ledger_totals *out);

/* Opens the file for reading. -1 and `problem` on failure. Fills `packed_bytes`. */
int archive_open_file(struct file *f, struct problem *problem);

/* Facts from the name alone. */
struct file_facts file_facts_of(struct bytes path);

#endif
