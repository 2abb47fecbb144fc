/* The command line: one table gives parsing, --help, the manual and completions. */
#ifndef TUI_OPTION_H
#define TUI_OPTION_H

#include "core/base/bytes.h"

#include "core/keeping/writer.h"

#include "tui/color.h"

enum option_mode {
    MODE_EXPLORE,
    MODE_QUERY,
    MODE_FILES,
    MODE_FINDINGS,
    MODE_ATTEMPTS,
    MODE_COVERAGE,
    MODE_VERIFY,
    MODE_HASHES,
    MODE_METRICS,
    MODE_DUMP,
    MODE_HELP,
    MODE_VERSION,
};

struct options {
    enum option_mode mode;
    const char *query; /* of -q */
    const char *dump;  /* of --dump */
    enum writer_format format;
    bool format_given;
    const char *case_path; /* of --case; NULL: none */
    const char *keymap;    /* name or path; NULL: the user's file, else default */
    enum color_when color;
    bool records; /* findings look into every record again */
    bool ascii;
    bool demo;
    bool all; /* duplicates too */
    bool no_osc52;
    struct mask mask; /* its key is made when the case is open */
    bool local_time;
    bool settle;              /* for the screen tests: answer Ctrl-^ with a mark when idle */
    const char **public_keys; /* files, into argv */
    size_t n_public_keys;
    const char *bin;     /* of --metrics; NULL: the default */
    const char **alarms; /* texts of --alarm, into argv */
    size_t n_alarms;
    const char **sets; /* NAME=VALUE of --set, into argv */
    size_t n_sets;
    const char **access_formats; /* texts of --access-log-format, into argv */
    size_t n_access_formats;
    const char **paths; /* into argv */
    size_t n_paths;
};

/* Fills `out` from the command line. False after writing what is wrong to `message` (one
 * safe line that names --help). Free with options_deinit(), in either case. */
bool options_parse(int argc, char **argv, struct options *out, struct buffer *message);

void options_deinit(struct options *o);

/* The text of --help, below 80 columns. Appended. */
void options_help(struct buffer *out);

/* The rows of the table, for manual and completions. */
struct option_row {
    char letter;          /* 0: none */
    const char *name;     /* without dashes */
    const char *argument; /* "QUERY"; NULL: takes none */
    const char *choices;  /* "text|csv|json|jsonl"; NULL: free */
    const char *help;     /* NULL: not for users */
};
size_t option_count(void);
const struct option_row *option_get(size_t i);

#endif
