/* --attempts: sign-ins as wholes without a screen, each with its verdict. */
#include <inttypes.h>

#include "core/base/mem.h"

#include "core/concluding/attempt.h"

#include "tui/headless/headless.h"
#include "tui/headless/headless_cells.h"
#include "tui/headless/output.h"
#include "tui/message.h"

enum attempts_column {
    COL_FIRST,
    COL_LAST,
    COL_VERDICT,
    COL_CONCLUDED,
    COL_STAGE,
    COL_FIELDS, /* from here on one column for each of FIELDS */
};

/* What an attempt is known by: of each, what its first record says that says anything. */
static const enum field_id FIELDS[] = {FIELD_FLOW,   FIELD_USER, FIELD_SUB,  FIELD_IP,
                                       FIELD_CLIENT, FIELD_POOL, FIELD_AGENT};

enum {
    COL_OPERATION = COL_FIELDS + ARRAY_LEN(FIELDS), /* of the record that decided */
    COL_REASON,
    COL_ERROR,
    COL_COUNT,
    COL_EVENTS,
    COLUMNS
};

static void name_columns(struct bytes *columns)
{
    static const struct {
        unsigned column;
        const char *name;
    } names[] = {
        {COL_FIRST,     "first"    },
        {COL_LAST,      "last"     },
        {COL_VERDICT,   "verdict"  },
        {COL_CONCLUDED, "concluded"},
        {COL_STAGE,     "stage"    },
        {COL_OPERATION, "operation"},
        {COL_REASON,    "reason"   },
        {COL_ERROR,     "error"    },
        {COL_COUNT,     "count"    },
        {COL_EVENTS,    "events"   },
    };

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        columns[names[i].column] = bytes_of(names[i].name);
    for (size_t i = 0; i < ARRAY_LEN(FIELDS); i++)
        columns[COL_FIELDS + i] = bytes_of(field_get(FIELDS[i])->name);
}

static struct writer_cell text_of(struct cells *c, row_id row, enum field_id field)
{
    char scratch[UNIQUE_TEXT_BYTES];
    enum value_state state;
    struct bytes text = store_text(c->store, row, field, scratch, &state);

    return cells_word(state == VALUE_TEXT ? arena_copy(&c->arena, text) : (struct bytes){0});
}

static void fill(struct cells *c, const struct signals *signals, const struct attempts *all,
                 const struct attempt *x, struct writer_cell *cells)
{
    const uint32_t *members = &all->members[x->first_member];
    const struct signal *decided = &signals->items[x->deciding];
    row_id *rows = mem_array(x->n_members, sizeof *rows);

    for (uint32_t i = 0; i < x->n_members; i++)
        rows[i] = signals->items[members[i]].row;
    cells[COL_FIRST] = cells_time(c, signals->items[members[0]].time_us);
    cells[COL_LAST] = cells_time(c, signals->items[members[x->n_members - 1]].time_us);
    cells[COL_VERDICT] = cells_word(bytes_of(verdict_name((enum verdict)x->verdict)));
    cells[COL_CONCLUDED] = cells_bool(x->derived);
    cells[COL_STAGE] = cells_word(bytes_of(stage_name((enum stage)x->stage)));
    for (size_t f = 0; f < ARRAY_LEN(FIELDS); f++) {
        struct writer_cell cell = {WRITER_MISSING, {0}};

        for (uint32_t i = 0; i < x->n_members && cell.type == WRITER_MISSING; i++)
            cell = text_of(c, rows[i], FIELDS[f]);
        cells[COL_FIELDS + f] = cell;
    }
    cells[COL_OPERATION] = text_of(c, decided->row, FIELD_OPERATION);
    cells[COL_REASON] = cells_word(bytes_of(reason_name((enum reason)decided->reason)));
    cells[COL_ERROR] = text_of(c, decided->row, FIELD_ERROR);
    cells[COL_COUNT] = cells_number(c, x->n_members);
    cells[COL_EVENTS] = cells_events(c, rows, x->n_members);
    mem_free(rows);
}

static bool print_attempts(struct session *s, const struct options *o,
                           const struct signals *signals, const struct attempts *all)
{
    struct cells c = {.session = s, .store = signals->index->store};
    struct writer_cell cells[COLUMNS];
    struct bytes columns[COLUMNS];
    struct output out;

    c.json = o->format == WRITER_JSON || o->format == WRITER_JSONL;
    name_columns(columns);
    output_open(&out, o, columns, COLUMNS);
    for (uint32_t i = 0; i < all->count; i++) {
        fill(&c, signals, all, &all->items[i], cells);
        writer_row(out.writer, cells);
        arena_deinit(&c.arena);
    }
    return output_close(&out, o);
}

int headless_attempts(struct session *s, const struct options *o)
{
    atomic_bool never = false;
    struct crew crew = {session_pool(s), &never};
    struct signals *signals;
    struct attempts *all;
    struct buffer line = {0};
    int status;

    if (!headless_wait(s, o))
        return 3;
    signals = signals_new(session_index(s), &crew);
    all = attempts_new(signals, &never);
    if (signals->n_timeless) {
        buffer_printf(&line, "%" PRIu64 " events have no time and were not stitched",
                      signals->n_timeless);
        message_print(buffer_bytes(&line));
    }
    buffer_deinit(&line);
    headless_warn(s);
    status = print_attempts(s, o, signals, all) ? headless_status(s) : 4;
    attempts_release(all);
    signals_release(signals);
    return status;
}
