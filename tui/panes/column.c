#include "tui/panes/column.h"

#include "core/base/utf8.h"

void columns_default(struct column_set *set)
{
    static const enum field_id fields[] = {FIELD_TIME,    FIELD_IP,  FIELD_OPERATION,
                                           FIELD_OUTCOME, FIELD_SUB, FIELD_CLIENT,
                                           FIELD_AGENT};

    set->count = 0;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        set->chosen[set->count++] =
            (struct column_choice){fields[i] == FIELD_OUTCOME, fields[i]};
}

void columns_toggle(struct column_set *set, enum field_id field)
{
    for (size_t i = 0; i < set->count; i++) {
        if (!set->chosen[i].is_result && set->chosen[i].field == field) {
            if (set->count == 1)
                return;
            set->count--;
            memmove(set->chosen + i, set->chosen + i + 1,
                    (set->count - i) * sizeof *set->chosen);
            return;
        }
    }
    if (set->count < COLUMNS_MAX)
        set->chosen[set->count++] = (struct column_choice){false, field};
}

static unsigned narrow_width(const struct column_choice *column, bool years)
{
    unsigned width = column->is_result ? 13 : field_get(column->field)->columns;

    if (!column->is_result && column->field == FIELD_TIME)
        return years ? 19 : 14;
    if (!column->is_result && column->field == FIELD_SUB)
        return 8;
    if (!column->is_result && column->field == FIELD_CLIENT)
        return 6;
    if (!column->is_result && column->field == FIELD_OPERATION)
        return 15;
    return width < 15 ? width : 15;
}

static unsigned wide_width(const struct column_choice *column)
{
    if (column->is_result)
        return 16;
    if (column->field == FIELD_TIME)
        return 19;
    return field_get(column->field)->columns;
}

size_t columns_fit(const struct column_set *set, unsigned cols, bool years, unsigned *widths)
{
    unsigned used = 0;
    size_t shown = 0;

    while (shown < set->count) {
        unsigned width = narrow_width(&set->chosen[shown], years);

        if (shown && used + width + 1 > cols + 1)
            break;
        widths[shown++] = width;
        used += width + 1;
    }
    /* Spare room: first up to the usual width from the left, then all to the last column. */
    for (size_t i = 0; i < shown && used < cols + 1; i++) {
        unsigned want = wide_width(&set->chosen[i]);
        unsigned spare = cols + 1 - used;
        unsigned more = want > widths[i] ? want - widths[i] : 0;

        if (more > spare)
            more = spare;
        widths[i] += more;
        used += more;
    }
    if (shown && used < cols + 1)
        widths[shown - 1] += cols + 1 - used;
    return shown;
}

const char *column_title(const struct column_choice *column)
{
    return column->is_result ? "RESULT" : field_get(column->field)->title;
}

struct bytes short_error(struct bytes error)
{
    return bytes_ends(error, "Exception") && error.len > strlen("Exception")
               ? bytes_slice(error, 0, error.len - strlen("Exception"))
               : error;
}

enum style outcome_style(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_SUCCESS:
        return STYLE_GOOD;
    case OUTCOME_FAILURE:
        return STYLE_BAD;
    case OUTCOME_THROTTLED:
    case OUTCOME_BLOCKED:
    case OUTCOME_FAULT:
        return STYLE_WARN;
    case OUTCOME_CHALLENGE:
    case OUTCOME_NONE:
    case OUTCOME_UNKNOWN:
    case OUTCOME_COUNT:
        break;
    }
    return STYLE_PLAIN;
}

static enum outcome outcome_of(const struct store *store, row_id row)
{
    const struct chunk *chunk = store_chunk(store, row_chunk(row));
    uint64_t id = column_get(&chunk->ids[FIELD_OUTCOME], row_in_chunk(row));

    return id >= DICTIONARY_FIRST_TEXT && id - DICTIONARY_FIRST_TEXT < OUTCOME_COUNT
               ? (enum outcome)(id - DICTIONARY_FIRST_TEXT)
               : OUTCOME_UNKNOWN;
}

static void result_text(const struct ui *ui, row_id row, struct buffer *out, enum style *style)
{
    const struct store *store = session_store(ui->session);
    enum outcome outcome = outcome_of(store, row);
    enum value_state state;
    char scratch[40];
    struct bytes text = store_text(store, row, FIELD_ERROR, scratch, &state);

    *style = outcome_style(outcome);
    if (state == VALUE_TEXT) {
        buffer_add(out, short_error(text));
        return;
    }
    text = store_text(store, row, FIELD_CHALLENGE, scratch, &state);
    if (outcome == OUTCOME_CHALLENGE && state == VALUE_TEXT)
        buffer_add(out, text);
    else if (outcome == OUTCOME_SUCCESS)
        buffer_add_text(out, "ok");
    else if (outcome != OUTCOME_NONE)
        buffer_add_text(out, outcome_name(outcome));
    else
        buffer_add_char(out, '-');
}

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80)
            return false;
    }
    return true;
}

/* Ids that do not fit: a client differs at its end, a sub is known by its first block. Other
 * texts are cut where they are drawn. */
static struct bytes cut_id(enum field_id field, struct bytes text, unsigned width)
{
    if (text.len <= width || width < 3 || !is_ascii(text))
        return text;
    if (field == FIELD_CLIENT)
        return bytes_slice(text, text.len - width, text.len);
    return field == FIELD_SUB ? bytes_slice(text, 0, width) : text;
}

void column_text(const struct ui *ui, const struct column_choice *column, row_id row,
                 unsigned width, struct buffer *out, enum style *style)
{
    const struct store *store = session_store(ui->session);
    enum value_state state;
    char scratch[40];
    struct bytes text;

    *style = STYLE_PLAIN;
    if (column->is_result) {
        result_text(ui, row, out, style);
        return;
    }
    if (column->field == FIELD_TIME) {
        ui_add_time(ui, out, store_time(store, row),
                    width >= 19 ? INSTANT_TABLE : INSTANT_SHORT);
        return;
    }
    if (column->field == FIELD_FILE) {
        buffer_add(
            out,
            archive_file(session_archive(ui->session), store_place(store, row).file)->path);
        return;
    }
    if (column->field == FIELD_OFFSET) {
        buffer_printf(out, "%llu", (unsigned long long)store_place(store, row).offset_bytes);
        return;
    }
    text = store_text(store, row, column->field, scratch, &state);
    if (state != VALUE_TEXT) {
        /* "-" stands in every other row: a style for it would cost a page a quarter of its
         * bytes. */
        *style = state == VALUE_ABSENT ? STYLE_PLAIN : STYLE_DIM;
        buffer_add_text(out, state == VALUE_REDACTED ? "redacted"
                             : state == VALUE_EMPTY  ? "\"\""
                             : state == VALUE_NULL   ? "null"
                                                     : "-");
        return;
    }
    buffer_add(out, cut_id(column->field, text, width));
    if (column->field == FIELD_OUTCOME)
        *style = outcome_style(outcome_of(store, row));
}

bool field_pick(const struct ui *ui, enum field_id field, row_id row, struct buffer *scratch,
                struct pick *out)
{
    const struct store *store = session_store(ui->session);
    char made[40];
    struct bytes text;

    *out = (struct pick){.has_field = true, .field = field, .state = VALUE_TEXT};
    buffer_clear(scratch);
    if (field == FIELD_TIME) {
        int64_t at_us = store_time(store, row);

        if (at_us == INSTANT_NONE)
            out->state = VALUE_ABSENT;
        else
            instant_add(scratch, at_us, INSTANT_ISO, 0);
    } else if (field == FIELD_FILE) {
        buffer_add(
            scratch,
            archive_file(session_archive(ui->session), store_place(store, row).file)->path);
    } else if (field == FIELD_OFFSET) {
        buffer_printf(scratch, "%llu",
                      (unsigned long long)store_place(store, row).offset_bytes);
    } else {
        text = store_text(store, row, field, made, &out->state);
        buffer_add(scratch, text);
    }
    out->text = buffer_bytes(scratch);
    return true;
}

bool column_pick(const struct ui *ui, const struct column_choice *column, row_id row,
                 struct buffer *scratch, struct pick *out)
{
    if (column->is_result) {
        field_pick(ui, FIELD_ERROR, row, scratch, out);
        return out->state == VALUE_TEXT || field_pick(ui, FIELD_OUTCOME, row, scratch, out);
    }
    return field_pick(ui, column->field, row, scratch, out);
}
