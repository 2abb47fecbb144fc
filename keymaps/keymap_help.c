/* What a loaded keymap tells about itself: help lines and sentences. */
#include "core/base/mem.h"
#include "core/base/safe.h"

#include "core/reading/field.h"

#include "keymaps/keymap.h"

void keymap_write_keys(struct buffer *out, const struct key *keys, size_t n_keys)
{
    for (size_t i = 0; i < n_keys; i++) {
        if (i > 0)
            buffer_add_char(out, ' ');
        key_write(out, keys[i]);
    }
}

bool keymap_find(const struct keymap *map, enum context context, enum command_id command,
                 struct bytes argument, struct buffer *out)
{
    bool found = false;

    for (size_t i = 0; i < keymap_count(map, context); i++) {
        const struct binding *row = keymap_get(map, context, i);

        if (row->command != command || !bytes_equal(row->argument, argument))
            continue;
        if (found)
            buffer_add_text(out, "  ");
        keymap_write_keys(out, row->keys, row->n_keys);
        found = true;
    }
    return found;
}

static bool begins(const struct binding *row, const struct key *keys, size_t n_keys)
{
    for (size_t i = 0; i < n_keys; i++) {
        if (i >= row->n_keys || key_compare(row->keys[i], keys[i]) != 0)
            return false;
    }
    return true;
}

void keymap_describe(const struct keymap *map, enum context context, const struct key *keys,
                     size_t n_keys, struct buffer *out)
{
    size_t found = 0;

    keymap_write_keys(out, keys, n_keys);
    for (size_t i = 0; i < keymap_count(map, context); i++) {
        const struct binding *row = keymap_get(map, context, i);

        if (!begins(row, keys, n_keys))
            continue;
        if (row->n_keys == n_keys) {
            const struct command *command = command_get(row->command);

            buffer_printf(out, ": %s", command->name);
            if (row->argument.len) {
                buffer_add_char(out, ' ');
                safe_add(out, row->argument, SAFE_ALL_COLUMNS, false);
            }
            buffer_printf(out, " - %s", command->help);
            return;
        }
        buffer_add_text(out, found++ ? ", " : ": begins ");
        keymap_write_keys(out, row->keys, row->n_keys);
    }
    if (!found)
        buffer_add_text(out, ": not bound here");
}

/* How many rows run the command on a field with its own letter as the last key, behind the
 * same keys as `row`. */
static size_t letter_rows(const struct keymap *map, enum context context,
                          const struct binding *row)
{
    size_t count = 0;

    for (size_t i = 0; i < keymap_count(map, context); i++) {
        const struct binding *other = keymap_get(map, context, i);
        struct key last = other->keys[other->n_keys - 1];
        enum field_id field;

        if (other->command == row->command && other->n_keys == row->n_keys &&
            begins(other, row->keys, row->n_keys - 1u) && key_is_text(last) &&
            last.code < 128 && field_find(other->argument, &field) &&
            field_get(field)->pivot_key == (char)last.code)
            count++;
    }
    return count;
}

enum { LETTER_ROWS_MIN = 4 }; /* fewer are shown one by one */

static struct keymap_help *help_line(struct keymap_help *lines, size_t count,
                                     const struct keymap_help *like)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i].command == like->command && lines[i].letters == like->letters &&
            bytes_equal(lines[i].argument, like->argument))
            return &lines[i];
    }
    return NULL;
}

static bool keys_shown(const struct buffer *keys, struct bytes text)
{
    return bytes_find(buffer_bytes(keys), text) != SIZE_MAX;
}

static void help_add(const struct keymap *map, enum context context, const struct binding *row,
                     struct keymap_help *lines, size_t *count)
{
    bool letters = row->n_keys > 1 && letter_rows(map, context, row) >= LETTER_ROWS_MIN &&
                   row->argument.len > 0;
    bool number = command_get(row->command)->argument == ARGUMENT_NUMBER;
    struct keymap_help wanted = {
        row->command, letters || number ? bytes_of("") : row->argument, letters, {0}};
    struct keymap_help *line = help_line(lines, *count, &wanted);
    struct buffer keys = {0};

    keymap_write_keys(&keys, row->keys, letters ? row->n_keys - 1u : row->n_keys);
    if (letters)
        buffer_add_text(&keys, " + letter");
    if (!line) {
        line = &lines[(*count)++];
        *line = wanted;
    }
    /* All letters behind one key are one entry. */
    if (!letters || !keys_shown(&line->keys, buffer_bytes(&keys))) {
        if (line->keys.len)
            buffer_add_text(&line->keys, "  ");
        buffer_add(&line->keys, buffer_bytes(&keys));
    }
    buffer_deinit(&keys);
}

size_t keymap_help(const struct keymap *map, enum context context, struct keymap_help **out)
{
    size_t rows = keymap_count(map, context), count = 0;
    struct keymap_help *lines = mem_array(rows, sizeof *lines);

    for (unsigned c = 0; c < COMMAND_COUNT; c++) {
        for (size_t i = 0; i < rows; i++) {
            const struct binding *row = keymap_get(map, context, i);

            if (row->command == (enum command_id)c)
                help_add(map, context, row, lines, &count);
        }
    }
    *out = lines;
    return count;
}

void keymap_help_free(struct keymap_help *lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_deinit(&lines[i].keys);
    mem_free(lines);
}
