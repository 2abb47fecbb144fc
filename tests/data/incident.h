/* The story as evidence: files as a bucket would hold them, with what happens to files.
 *
 * CloudTrail delivers every few minutes, unsorted inside a file; one file comes twice under
 * two names, one is cut short, and something that is no log lies beside them. */
#ifndef TESTS_DATA_INCIDENT_H
#define TESTS_DATA_INCIDENT_H

#include "tests/data/story.h"

/* One record standing in one file. */
struct delivery {
    size_t event; /* position in the story; SIZE_MAX for records outside it */
    size_t file;
    bool activity; /* the export's line for the event, else its CloudTrail record, or for a
                    * call of the API its line in the access log */
    bool copy;     /* stands in a file that is a copy of another */
    bool lost;     /* behind the point where its file breaks off */
};

struct evidence_file {
    const char *name;   /* AWSLogs/… */
    const char *format; /* "cloudtrail", … or "other" */
    const char *status; /* "read", "damaged", "skipped": what a careful reader should say */
    struct text content;
};

struct incident {
    struct story story;
    struct evidence_file *files;
    size_t n_files;
    struct delivery *deliveries;
    size_t n_deliveries;
    size_t n_notifications;
};

/* Which of a story's events are delivered, and how. */
struct delivery_plan {
    bool no_trail;                          /* the activity export alone */
    bool with_accidents;                    /* a damaged, a repeated and a strange file */
    int64_t activity_from_s, activity_to_s; /* what the export covers; equal for nothing */
};

/* Makes the files of the story at hand, sorting it first. */
void incident_deliver(struct incident *in, const struct delivery_plan *plan);

/* The demo. */
void incident_make(struct incident *in, uint64_t seed);
void incident_deinit(struct incident *in);

/* Writes the files below `folder`. */
void incident_write(const struct incident *in, const char *folder);

/* Writes a C source with the files as an array, see demo.h. */
void incident_embed(const struct incident *in, const char *path);

/* Writes what a reader of the files must find, as JSON. Counted here from the story, never by
 * the program under test. */
void truth_write(struct incident *in, const char *path);

#endif
