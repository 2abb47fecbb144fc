/* Cells of tables about events, for the options that print what was concluded. */
#ifndef TUI_HEADLESS_HEADLESS_CELLS_H
#define TUI_HEADLESS_HEADLESS_CELLS_H

#include "core/keeping/writer.h"
#include "core/owning/session.h"

/* What cells are made from and kept in; the arena may be emptied after each row. */
struct cells {
    struct session *session;
    const struct store *store;
    bool json; /* lists of ids; text and CSV have numbers there */
    struct arena arena;
};

/* Ends `text`; a missing cell when it is empty. */
struct writer_cell cells_keep(struct cells *c, enum writer_type type, struct buffer *text);

/* `text` must outlive the row. */
struct writer_cell cells_word(struct bytes text);
struct writer_cell cells_number(struct cells *c, uint64_t value);
struct writer_cell cells_bool(bool yes);
struct writer_cell cells_time(struct cells *c, int64_t at_us);

/* The ids of records; one without is named by its request, else by file and offset. */
struct writer_cell cells_events(struct cells *c, const row_id *rows, uint32_t n);

#endif
