#include "tui/dump.h"

#include "keymaps/keyfile.h"
#include "keymaps/manual.h"

#include "tui/option.h"

static void write_options(struct buffer *out, bool mdoc)
{
    for (size_t i = 0; i < option_count(); i++) {
        const struct option_row *row = option_get(i);

        if (!row->help)
            continue;
        if (mdoc) {
            buffer_add_text(out, ".It ");
            if (row->letter)
                buffer_printf(out, "Fl %c%s%s , ", row->letter, row->argument ? " Ar " : "",
                              row->argument ? row->argument : "");
            buffer_printf(out, "Fl -%s", row->name);
            if (row->argument)
                buffer_printf(out, " Ns = Ns Ar %s", row->argument);
            buffer_add_char(out, '\n');
            manual_write_text(out, bytes_of(row->help), false);
            buffer_add_text(out, ".\n");
        } else {
            buffer_printf(out, "%s\t%s\t%s\t%s\n", row->name,
                          row->argument ? row->argument : "", row->choices ? row->choices : "",
                          row->help);
        }
    }
}

static bool write_keys(struct buffer *out, const char *name, bool mdoc)
{
    struct buffer message = {0};
    struct keymap *map;
    bool ok = keymap_load_builtin(bytes_of(name), &map, &message) == ERR_OK;

    if (ok) {
        if (mdoc)
            manual_write_keys(out, map);
        else
            manual_list_keys(out, map);
        keymap_free(map);
    }
    buffer_deinit(&message);
    return ok;
}

bool dump_write(const char *what, struct buffer *out)
{
    bool mdoc = strncmp(what, "mdoc:", 5) == 0;

    what += mdoc ? 5 : 0;
    if (strcmp(what, "fields") == 0)
        mdoc ? manual_write_fields(out) : manual_list_fields(out);
    else if (strcmp(what, "commands") == 0)
        mdoc ? manual_write_commands(out) : manual_list_commands(out);
    else if (strcmp(what, "contexts") == 0 && mdoc)
        manual_write_contexts(out);
    else if (strcmp(what, "options") == 0)
        write_options(out, mdoc);
    else if (strncmp(what, "keys=", 5) == 0)
        return write_keys(out, what + 5, mdoc);
    else
        return false;
    return true;
}

const char *dump_names(void)
{
    return "fields, commands, options, keys=NAME; with mdoc: before it also contexts";
}
