#include "keymaps/command.h"

#include "core/base/safe.h"

#include "core/reading/field.h"

enum letters {
    LETTERS_KEYS,
    LETTERS_TEXT,
};

static const struct context_row {
    const char *name;
    enum context parent;
    enum letters letters;
    const char *meaning;
} contexts[] = {
#define CONTEXT(id, name, parent, letters, meaning) {name, CONTEXT_##parent, letters, meaning},
#include "keymaps/commands.def"
};

enum context_bits {
#define CONTEXT(id, name, parent, letters, meaning) IN_##id = 1 << CONTEXT_##id,
#include "keymaps/commands.def"
    IN_EVERYWHERE = IN_ANY | IN_OVERLAY | IN_PROMPT,
};

static const struct command commands[] = {
#define COMMAND(id, name, argument, contexts, group, help)                                     \
    {name, ARGUMENT_##argument, contexts, group, help},
#include "keymaps/commands.def"
};

const struct command *command_get(enum command_id id)
{
    return &commands[id];
}

bool command_find(struct bytes name, enum command_id *out)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (bytes_are(name, commands[i].name)) {
            *out = (enum command_id)i;
            return true;
        }
    }
    return false;
}

bool command_works_in(enum command_id id, enum context context)
{
    for (;;) {
        enum context parent = contexts[context].parent;

        if (commands[id].contexts & (1u << context))
            return true;
        if (parent == context)
            return false;
        context = parent;
    }
}

bool command_works_below(enum command_id id, enum context context)
{
    for (size_t i = 0; i < ARRAY_LEN(contexts); i++) {
        if (context_is_in((enum context)i, context) && command_works_in(id, (enum context)i))
            return true;
    }
    return false;
}

const char *command_argument_text(enum argument argument)
{
    static const char *const texts[] = {
        [ARGUMENT_NONE] = "",
        [ARGUMENT_NUMBER] = " <number>",
        [ARGUMENT_FIELD] = " <field>",
        [ARGUMENT_FIELD_OR] = " [<field>]",
        [ARGUMENT_TEXT_OR] = " [<text>]",
    };

    return texts[argument];
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct bytes trim(struct bytes text)
{
    size_t from = 0;

    while (from < text.len && is_blank(text.ptr[from]))
        from++;
    while (text.len > from && is_blank(text.ptr[text.len - 1]))
        text.len--;
    return bytes_slice(text, from, text.len);
}

static struct bytes first_word(struct bytes text)
{
    size_t len = 0;

    while (len < text.len && !is_blank(text.ptr[len]))
        len++;
    return bytes_slice(text, 0, len);
}

static void say_unknown(struct buffer *why, const char *what, struct bytes name)
{
    buffer_printf(why, "unknown %s '", what);
    safe_add(why, name, 60, false);
    buffer_add_char(why, '\'');
}

static enum err argument_check(const struct command *command, struct bytes argument,
                               struct buffer *why)
{
    enum field_id field;

    switch (command->argument) {
    case ARGUMENT_NONE:
        if (argument.len == 0)
            return ERR_OK;
        buffer_printf(why, "'%s' takes no argument", command->name);
        return ERR_USAGE;
    case ARGUMENT_NUMBER:
        if (argument.len == 1 && argument.ptr[0] >= '1' && argument.ptr[0] <= '9')
            return ERR_OK;
        buffer_printf(why, "'%s' needs a number from 1 to 9", command->name);
        return ERR_USAGE;
    case ARGUMENT_FIELD:
    case ARGUMENT_FIELD_OR:
        if (argument.len == 0 && command->argument == ARGUMENT_FIELD_OR)
            return ERR_OK;
        if (argument.len == 0) {
            buffer_printf(why, "'%s' needs a field, like '%s ip'", command->name,
                          command->name);
            return ERR_USAGE;
        }
        if (field_find(argument, &field))
            return ERR_OK;
        say_unknown(why, "field", argument);
        return ERR_USAGE;
    case ARGUMENT_TEXT_OR:
        break;
    }
    return ERR_OK;
}

enum err command_parse(struct bytes line, enum command_id *id, struct bytes *argument,
                       struct buffer *why)
{
    struct bytes text = trim(line), name = first_word(text);
    struct bytes rest = trim(bytes_slice(text, name.len, text.len));
    enum command_id found;

    if (name.len == 0) {
        buffer_add_text(why, "no command named");
        return ERR_USAGE;
    }
    if (!command_find(name, &found)) {
        say_unknown(why, "command", name);
        return ERR_USAGE;
    }
    TRY(argument_check(&commands[found], rest, why));
    *id = found;
    *argument = rest;
    return ERR_OK;
}

static bool takes_field(enum argument argument)
{
    return argument == ARGUMENT_FIELD || argument == ARGUMENT_FIELD_OR;
}

static bool begins_with(const char *text, struct bytes part)
{
    return bytes_equal(bytes_slice(bytes_of(text), 0, part.len), part);
}

static bool complete_field(struct bytes name, struct bytes part, size_t i, struct buffer *out)
{
    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        const char *field = field_get((enum field_id)f)->name;

        if (!begins_with(field, part) || i-- > 0)
            continue;
        buffer_add(out, name);
        buffer_add_char(out, ' ');
        buffer_add_text(out, field);
        return true;
    }
    return false;
}

bool command_complete(struct bytes line, enum context context, size_t i, struct buffer *out)
{
    struct bytes name;
    enum command_id id;

    while (line.len && is_blank(line.ptr[0]))
        line = bytes_slice(line, 1, line.len);
    name = first_word(line);
    if (name.len < line.len) {
        if (!command_find(name, &id) || !takes_field(commands[id].argument))
            return false;
        return complete_field(name, trim(bytes_slice(line, name.len, line.len)), i, out);
    }
    for (size_t c = 0; c < ARRAY_LEN(commands); c++) {
        if (!command_works_in((enum command_id)c, context) ||
            !begins_with(commands[c].name, name) || i-- > 0)
            continue;
        buffer_add_text(out, commands[c].name);
        return true;
    }
    return false;
}

const char *context_name(enum context context)
{
    return contexts[context].name;
}

const char *context_meaning(enum context context)
{
    return contexts[context].meaning;
}

bool context_find(struct bytes name, enum context *out)
{
    for (size_t i = 0; i < ARRAY_LEN(contexts); i++) {
        if (bytes_are(name, contexts[i].name)) {
            *out = (enum context)i;
            return true;
        }
    }
    return false;
}

enum context context_parent(enum context context)
{
    return contexts[context].parent;
}

bool context_is_in(enum context context, enum context above)
{
    while (context != above) {
        if (contexts[context].parent == context)
            return false;
        context = contexts[context].parent;
    }
    return true;
}

bool context_takes_text(enum context context)
{
    return contexts[context].letters == LETTERS_TEXT;
}
