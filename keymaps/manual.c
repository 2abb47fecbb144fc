#include "keymaps/manual.h"

#include "core/base/utf8.h"

#include "core/reading/shape.h"

/* Characters that mdoc takes for punctuation when an argument is made of them alone. */
static bool is_delimiter(char c)
{
    return memchr("()[]|.,:;?!", c, 11) != NULL;
}

static bool needs_guard(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_delimiter(text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

/* roff reads ASCII; it draws hyphens and quotes for some of it when not told otherwise. */
static void write_character(struct buffer *out, uint32_t code, bool as_argument)
{
    static const struct {
        char c;
        const char *escape;
    } escapes[] = {
        {'\\', "\\e"  },
        {'-',  "\\-"  },
        {'\'', "\\(aq"},
        {'^',  "\\(ha"},
        {'~',  "\\(ti"},
        {'`',  "\\(ga"},
    };

    for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
        if (code == (unsigned char)escapes[i].c) {
            buffer_add_text(out, escapes[i].escape);
            return;
        }
    }
    if (code == '"' && as_argument)
        buffer_add_text(out, "\\(dq");
    else if (code < 128)
        buffer_add_char(out, (char)code);
    else
        buffer_printf(out, "\\[u%04X]", code == UTF8_INVALID ? 0xfffdu : code);
}

void manual_write_text(struct buffer *out, struct bytes text, bool as_argument)
{
    bool macro_like = text.len > 0 && (text.ptr[0] == '.' || text.ptr[0] == '\'');

    if (macro_like || (as_argument && needs_guard(text)))
        buffer_add_text(out, "\\&");
    while (text.len) {
        uint32_t code;
        size_t used = utf8_decode(text, &code);

        write_character(out, code, as_argument);
        text = bytes_slice(text, used, text.len);
    }
}

static void write_line(struct buffer *out, const char *text)
{
    manual_write_text(out, bytes_of(text), false);
    buffer_add_char(out, '\n');
}

void manual_write_commands(struct buffer *out)
{
    const char *group = "";

    for (unsigned c = 0; c < COMMAND_COUNT; c++) {
        const struct command *command = command_get((enum command_id)c);

        if (strcmp(group, command->group) != 0) {
            if (group[0])
                buffer_add_text(out, ".El\n");
            group = command->group;
            buffer_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", group);
        }
        buffer_add_text(out, ".It Ic ");
        manual_write_text(out, bytes_of(command->name), true);
        switch (command->argument) {
        case ARGUMENT_NONE:
            break;
        case ARGUMENT_NUMBER:
            buffer_add_text(out, " Ar number");
            break;
        case ARGUMENT_FIELD:
            buffer_add_text(out, " Ar field");
            break;
        case ARGUMENT_FIELD_OR:
            buffer_add_text(out, " Op Ar field");
            break;
        case ARGUMENT_TEXT_OR:
            buffer_add_text(out, " Op Ar text");
            break;
        }
        buffer_add_char(out, '\n');
        write_line(out, command->help);
    }
    buffer_add_text(out, ".El\n");
}

void manual_write_contexts(struct buffer *out)
{
    buffer_add_text(out, ".Bl -tag -width problems\n");
    for (unsigned c = 0; c < CONTEXT_COUNT; c++) {
        enum context context = (enum context)c, parent = context_parent(context);

        buffer_printf(out, ".It Cm %s\n%s", context_name(context), context_meaning(context));
        if (parent != context)
            buffer_printf(out, "; below\n.Cm %s", context_name(parent));
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out, ".El\n");
}

static bool is_inherited(const struct keymap *map, enum context context,
                         const struct keymap_help *line)
{
    enum context parent = context_parent(context);
    struct keymap_help *lines;
    bool found = false;
    size_t count;

    if (parent == context)
        return false;
    count = keymap_help(map, parent, &lines);
    for (size_t i = 0; i < count && !found; i++)
        found = lines[i].command == line->command && lines[i].letters == line->letters &&
                bytes_equal(lines[i].argument, line->argument) &&
                bytes_equal(buffer_bytes(&lines[i].keys), buffer_bytes(&line->keys));
    keymap_help_free(lines, count);
    return found;
}

/* ".It Ic j Ic Down": keys are apart by two blanks. */
static void write_key_item(struct buffer *out, const struct keymap_help *line)
{
    struct bytes rest = buffer_bytes(&line->keys);

    buffer_add_text(out, ".It");
    while (rest.len) {
        struct bytes one = bytes_slice(rest, 0, bytes_find(rest, bytes_of("  ")));

        buffer_add_text(out, " Ic \"");
        manual_write_text(out, one, true);
        buffer_add_text(out, "\"");
        rest = bytes_slice(rest, one.len + 2, rest.len);
    }
    buffer_add_char(out, '\n');
}

static void write_key_line(struct buffer *out, const struct keymap_help *line)
{
    const struct command *command = command_get(line->command);

    write_key_item(out, line);
    buffer_printf(out, ".Ic ");
    manual_write_text(out, bytes_of(command->name), true);
    if (line->letters)
        buffer_add_text(out, " Ar field");
    else if (line->argument.len) {
        buffer_add_text(out, " \"");
        manual_write_text(out, line->argument, true);
        buffer_add_text(out, "\"");
    }
    buffer_add_text(out, " :\n");
    write_line(out, command->help);
}

void manual_write_keys(struct buffer *out, const struct keymap *map)
{
    for (unsigned c = 0; c < CONTEXT_COUNT; c++) {
        enum context context = (enum context)c;
        struct keymap_help *lines;
        size_t count = keymap_help(map, context, &lines);
        bool open = false;

        for (size_t i = 0; i < count; i++) {
            if (is_inherited(map, context, &lines[i]))
                continue;
            if (!open)
                buffer_printf(out, ".Ss \"Context %s: %s\"\n.Bl -tag -width Ds\n",
                              context_name(context), context_meaning(context));
            open = true;
            write_key_line(out, &lines[i]);
        }
        if (open)
            buffer_add_text(out, ".El\n");
        keymap_help_free(lines, count);
    }
}

void manual_write_fields(struct buffer *out)
{
    buffer_add_text(out,
                    ".Bl -column error_message letter\n.It Sy field Ta Sy key Ta Sy what\n");
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        const struct field *field = field_get((enum field_id)f);

        buffer_printf(out, ".It Va %s Ta ", field->name);
        if (field->pivot_key)
            buffer_printf(out, "Ic %c", field->pivot_key);
        buffer_add_text(out, " Ta ");
        manual_write_text(out, bytes_of(field->meaning), false);
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out, ".El\n");
}

void manual_write_choices(struct buffer *out)
{
    const char *word;

    buffer_add_text(out, ".Bl -tag -width Ds\n");
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        enum field_id field = (enum field_id)f;

        if (!field_choice(field, 0))
            continue;
        buffer_printf(out, ".It Va %s\n.Bl -tag -width Ds -compact\n", field_get(field)->name);
        for (unsigned i = 0; (word = field_choice(field, i)); i++) {
            buffer_add_text(out, ".It Ql ");
            manual_write_text(out, bytes_of(word), true);
            buffer_add_char(out, '\n');
            manual_write_text(out, bytes_of(field_choice_meaning(field, i)), false);
            buffer_add_text(out, ".\n");
        }
        buffer_add_text(out, ".El\n");
    }
    buffer_add_text(out, ".El\n");
}

/* Examples keep their lines. */
static void write_shapes(struct buffer *out, bool left_out)
{
    const struct shape *shape;

    buffer_add_text(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; (shape = shape_get(i)); i++) {
        struct bytes rest = bytes_of(shape->example);

        if ((shape->events == 0 && !shape->names) != left_out)
            continue;
        buffer_add_text(out, ".It ");
        manual_write_text(out, bytes_of(shape->name), true);
        if (shape->names)
            buffer_add_text(out, " Pq names of users");
        else if (!left_out)
            buffer_printf(out, " Pq Cm %s", format_name(shape->format));
        buffer_add_char(out, '\n');
        manual_write_text(out, bytes_of(shape->where), false);
        buffer_add_text(out, "\n.Bd -literal -compact\n");
        while (rest.len > 0) {
            struct bytes line = bytes_slice(rest, 0, bytes_find(rest, bytes_of("\n")));

            manual_write_text(out, line, false);
            buffer_add_char(out, '\n');
            rest = bytes_slice(rest, line.len + 1, rest.len);
        }
        buffer_add_text(out, ".Ed\n");
    }
    buffer_add_text(out, ".El\n");
}

void manual_write_formats(struct buffer *out)
{
    write_shapes(out, false);
}

void manual_write_left_out(struct buffer *out)
{
    write_shapes(out, true);
}

void manual_list_commands(struct buffer *out)
{
    for (unsigned c = 0; c < COMMAND_COUNT; c++) {
        const struct command *command = command_get((enum command_id)c);

        buffer_printf(out, "%s%s\t%s\t%s\n", command->name,
                      command_argument_text(command->argument), command->group, command->help);
    }
}

void manual_list_fields(struct buffer *out)
{
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        const struct field *field = field_get((enum field_id)f);

        buffer_printf(out, "%s\t", field->name);
        if (field->pivot_key)
            buffer_add_char(out, field->pivot_key);
        buffer_printf(out, "\t%s\n", field->meaning);
    }
}

void manual_list_keys(struct buffer *out, const struct keymap *map)
{
    for (unsigned c = 0; c < CONTEXT_COUNT; c++) {
        enum context context = (enum context)c;

        for (size_t i = 0; i < keymap_count(map, context); i++) {
            const struct binding *row = keymap_get(map, context, i);

            buffer_printf(out, "%s\t", context_name(context));
            keymap_write_keys(out, row->keys, row->n_keys);
            buffer_printf(out, "\t%s", command_get(row->command)->name);
            if (row->argument.len)
                buffer_add_char(out, ' ');
            buffer_add(out, row->argument);
            buffer_add_char(out, '\n');
        }
    }
}
