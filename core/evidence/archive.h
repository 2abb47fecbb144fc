/* The evidence on disk: finds files and hands them out, newest day first.
 *
 * Symbolic links inside a tree are not followed (skipped, with the reason);
 * a PATH given by the user may be one. Directories are visited once by (device, inode).
 *
 * The tree is opened best first by the dates in its names (AWSLogs/…/2026/11/18/…), so the
 * newest day is handed out before the rest has been listed. Folders that say nothing about
 * dates are opened first, files that say nothing come last. Ties go by name, so the order is
 * the same in every run.
 *
 * Entries of ZIP and tar archives are files of their own, OUTER/NAME, down to an archive in an
 * archive. Archives are known by their content; looked at are files with their names and those
 * that were given by themselves.
 * Threads: archive_next() may be called by all workers; the rest belongs to the owner unless
 * said otherwise. */
#ifndef CORE_EVIDENCE_ARCHIVE_H
#define CORE_EVIDENCE_ARCHIVE_H

#include "core/evidence/facts.h"

struct archive;

struct archive *archive_new(void);

/* Frees every file row too. */
void archive_free(struct archive *a);

/* Adds a file or tree. Errors (no such file …) become a skipped file with its problem. What
 * is given twice, or lies in a tree that is given too, is listed once. */
void archive_add_path(struct archive *a, struct bytes path);

/* Adds bytes under a name, as if they were a file of that name (the demo). Copied. */
void archive_add_memory(struct archive *a, struct bytes name, struct bytes content);

/* Spools `fd` (standard input) into an anonymous file and adds it as "-". What lies beyond
 * `limit_bytes` is not read: the file is added with ERR_TOO_LARGE as its problem.
 * Errors: ERR_IO when nothing could be spooled; nothing is added then. */
enum err archive_add_stream(struct archive *a, int fd, uint64_t limit_bytes) MUST_CHECK;

/* The same sources once more, to be read anew from their beginning. Paths are looked up again:
 * what has come since is found, what has gone is told. Call on the owner's thread. */
struct archive *archive_again(struct archive *a);

/* The next file to read, or NULL when there are no more. Skipped entries (links, devices,
 * unreadable directories) get their rows here and are not handed out. */
struct file *archive_next(struct archive *a);

/* Opens one folder ahead of its turn, so that the number of files is known early. Changes
 * nothing about the order in which files are handed out. Threads: any. */
void archive_look_ahead(struct archive *a);

/* Rows so far, and one of them; rows stay where they are. Threads: any. */
size_t archive_count(struct archive *a);
struct file *archive_file(struct archive *a, size_t id);

/* Files known so far, those included that have no row yet; it stays the same once
 * archive_is_listed() is true. Threads: any. */
size_t archive_found(struct archive *a);
bool archive_is_listed(struct archive *a);

/* Sums of the ledger; files without a row count as waiting. Threads: any. */
void archive_totals(struct archive *a, struct ledger_totals *out);

#endif
