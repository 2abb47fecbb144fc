/* Rows on standard output, as the options want them: format, signs, and what is hidden. */
#ifndef TUI_HEADLESS_OUTPUT_H
#define TUI_HEADLESS_OUTPUT_H

#include "tui/option.h"

struct output {
    struct writer *writer; /* for writer_row() */
};

/* Begins; stays where it is until output_close(). `columns` is copied. */
void output_open(struct output *out, const struct options *o, const struct bytes *columns,
                 size_t n_columns);

/* Ends, and says on standard error how much was hidden. False, said too, when the output could
 * not be written. */
bool output_close(struct output *out, const struct options *o) MUST_CHECK;

#endif
