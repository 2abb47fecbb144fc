/* Fills a manual template from the program's own tables, at build.
 *
 * fill TEMPLATE OUTPUT SOURCES: copies TEMPLATE to OUTPUT; a line of the form "@what@" or
 * "@what NAME@" becomes a table, "@VERSION@" anywhere the version. SOURCES is a file that
 * lists the source files of the program, one path a line from the repository's root, in the
 * order they are to be read in; the working folder is that root. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/bytes.h"
#include "core/base/mem.h"

#include "core/concluding/attempt.h"
#include "core/concluding/rule.h"
#include "core/query/functions.h"

#include "keymaps/keyfile.h"
#include "keymaps/manual.h"

#include "tui/option.h"

enum { FILE_MAX_BYTES = 1 << 20 };

static _Noreturn void die(const char *what, const char *name)
{
    (void)fprintf(stderr, "fill: %s: %s\n", what, name);
    exit(1);
}

static void read_file(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        die("cannot be read", path);
    buffer_clear(out);
    out->len = fread(buffer_room(out, FILE_MAX_BYTES), 1, FILE_MAX_BYTES, file);
    if (ferror(file) || out->len == FILE_MAX_BYTES)
        die("cannot be read, or too large", path);
    (void)fclose(file);
}

static bool next_line(struct bytes *rest, struct bytes *line)
{
    if (rest->len == 0)
        return false;
    *line = bytes_slice(*rest, 0, bytes_find(*rest, bytes_of("\n")));
    *rest = bytes_slice(*rest, line->len + 1, rest->len);
    return true;
}

/* The first sentence of the comment that opens a source file, on one line. */
static bool first_sentence(struct bytes source, struct buffer *out)
{
    buffer_clear(out);
    if (!bytes_starts(source, "/* "))
        return false;
    for (size_t i = 3; i < source.len; i++) {
        char c = source.ptr[i], next = i + 1 < source.len ? source.ptr[i + 1] : '\n';

        if (c == '*' && next == '/')
            break;
        if (c == '.' && (next == ' ' || next == '\n'))
            break;
        if (c == '\n') {
            if (bytes_starts(bytes_slice(source, i, source.len), "\n *\n"))
                break;
            i += 3; /* the star of the next line and the blanks around it */
            c = ' ';
        }
        buffer_add_char(out, c);
    }
    while (out->len && out->ptr[out->len - 1] == ' ')
        out->len--;
    return out->len > 0;
}

/* A table is no module: it stands for itself beside the files that use it. */
static bool is_table(struct bytes path)
{
    return bytes_ends(path, ".def");
}

/* "core/base/bytes" of "core/base/bytes.c" */
static struct bytes stem_of(struct bytes path)
{
    size_t dot = path.len;

    while (dot > 0 && path.ptr[dot - 1] != '.')
        dot--;
    return bytes_slice(path, 0, dot ? dot - 1 : path.len);
}

static bool listed_before(struct bytes sources, struct bytes path)
{
    struct bytes line;

    while (next_line(&sources, &line) && line.ptr != path.ptr) {
        if (!is_table(line) && !is_table(path) && bytes_equal(stem_of(line), stem_of(path)))
            return true;
    }
    return false;
}

/* One entry per file, a .c and its .h being one; the header says what both are for. */
static void write_sources(struct buffer *out, const char *list)
{
    struct buffer sources = {0}, text = {0}, path = {0}, sentence = {0};
    struct bytes rest, line;

    read_file(list, &sources);
    rest = buffer_bytes(&sources);
    buffer_add_text(out, ".Pp\n.Bl -tag -width Ds -compact\n");
    while (next_line(&rest, &line)) {
        FILE *header;

        if (listed_before(buffer_bytes(&sources), line))
            continue;
        buffer_clear(&path);
        buffer_add(&path, stem_of(line));
        buffer_add_text(&path, ".h");
        header = bytes_ends(line, ".c") ? fopen(buffer_cstr(&path), "rb") : NULL;
        if (header)
            (void)fclose(header);
        buffer_printf(out, ".It Pa %.*s%s\n", (int)(header ? stem_of(line).len : line.len),
                      line.ptr, header ? ".[ch]" : "");
        if (!header) {
            buffer_clear(&path);
            buffer_add(&path, line);
        }
        read_file(buffer_cstr(&path), &text);
        /* tests/layers complains about a file that does not say what it is for. */
        if (!first_sentence(buffer_bytes(&text), &sentence))
            continue;
        manual_write_text(out, buffer_bytes(&sentence), false);
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out, ".El\n");
    buffer_deinit(&sources);
    buffer_deinit(&text);
    buffer_deinit(&path);
    buffer_deinit(&sentence);
}

static void write_options(struct buffer *out)
{
    buffer_add_text(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < option_count(); i++) {
        const struct option_row *row = option_get(i);

        if (!row->help)
            continue;
        buffer_add_text(out, ".It ");
        if (row->letter) {
            buffer_printf(out, "Fl %c", row->letter);
            if (row->argument)
                buffer_printf(out, " Ar %s", row->argument);
            buffer_add_text(out, " , ");
        }
        buffer_add_text(out, "Fl Fl ");
        manual_write_text(out, bytes_of(row->name), true);
        if (row->argument)
            buffer_printf(out, " Ns = Ns Ar %s", row->argument);
        buffer_add_char(out, '\n');
        manual_write_text(out, bytes_of(row->help), false);
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out, ".El\n");
}

static void write_keys(struct buffer *out, struct bytes name)
{
    struct buffer message = {0};
    struct keymap *map;

    if (keymap_load_builtin(name, &map, &message))
        die("keymap", buffer_cstr(&message));
    manual_write_keys(out, map);
    keymap_free(map);
    buffer_deinit(&message);
}

static void write_entry(struct buffer *out, const char *name, const char *behind,
                        const char *arguments, const char *what)
{
    buffer_add_text(out, ".It Li ");
    manual_write_text(out, bytes_of(name), true);
    if (arguments && *arguments) {
        struct buffer whole = {0};

        buffer_printf(&whole, "%s%s%s", behind[0] == '(' ? "(" : "", arguments,
                      behind[0] == '(' ? ")" : "");
        buffer_add_text(out, behind[0] == '(' ? " Ns Li " : " Li ");
        manual_write_text(out, buffer_bytes(&whole), true);
        buffer_deinit(&whole);
    } else if (behind[0] == '(') {
        buffer_add_text(out, " Ns Li ()");
    }
    buffer_add_char(out, '\n');
    manual_write_text(out, bytes_of(what), false);
    buffer_add_text(out, what[0] ? ".\n" : "\n");
}

/* The commands of the query language. */
static void write_words(struct buffer *out)
{
    buffer_add_text(out, ".Bl -tag -width Ds\n");
#define WORD(name, kind, starter, arguments, what)                                             \
    if (((const char *)arguments))                                                             \
        write_entry(out, name, "", arguments, what);
#define OTHER_WORD(name, kind, starter, notice)
#define FOREIGN_WORD(name)
#define SHIM(id, met, notice)
#include "core/query/query_words.def"
#undef WORD
#undef OTHER_WORD
#undef FOREIGN_WORD
#undef SHIM
    buffer_add_text(out, ".El\n");
}

/* What is read as something else, with the notice that says so. */
static void write_shims(struct buffer *out)
{
    buffer_add_text(out, ".Bl -tag -width Ds -compact\n");
#define WORD(name, kind, starter, arguments, what)
#define OTHER_WORD(name, kind, starter, notice) write_entry(out, name, "", NULL, notice);
#define FOREIGN_WORD(name)
#define SHIM(id, met, notice) write_entry(out, met, "", NULL, notice);
#include "core/query/query_words.def"
#undef WORD
#undef OTHER_WORD
#undef FOREIGN_WORD
#undef SHIM
    for (size_t i = 0; i < function_alias_count(); i++) {
        const struct function_alias *alias = function_alias_get(i);

        if (alias->notice)
            write_entry(out, alias->name, "(", NULL, alias->notice);
    }
    buffer_add_text(out, ".El\n");
}

static void write_foreign(struct buffer *out)
{
    size_t count = function_foreign_count();

    buffer_add_text(out, "Commands:\n");
#define WORD(name, kind, starter, arguments, what)
#define OTHER_WORD(name, kind, starter, notice)
#define FOREIGN_WORD(name) buffer_add_text(out, ".Li " name " ,\n");
#define SHIM(id, met, notice)
#include "core/query/query_words.def"
#undef WORD
#undef OTHER_WORD
#undef FOREIGN_WORD
#undef SHIM
    buffer_add_text(out, "and offset behind stats.\nFunctions:\n");
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, ".Fn %s%s\n", function_foreign_get(i), i + 1 < count ? " ," : " .");
}

/* The functions of the query language, group by group. */
static void write_functions(struct buffer *out)
{
    static const char *const titles[FUNCTION_GROUP_COUNT] = {
        "What kind of value is there; never unknown",
        "Choice",
        "Texts",
        "Addresses",
        "Other notations",
        "Numbers",
        "Times",
        "Over the events of a group, in stats"};

    for (unsigned g = 0; g < FUNCTION_GROUP_COUNT; g++) {
        buffer_printf(out, "%s%s:\n.Bl -tag -width Ds -compact\n", g ? ".Pp\n" : "", titles[g]);
        for (size_t i = 0; function_get(i); i++) {
            const struct function_row *row = function_get(i);

            if (row->group == g)
                write_entry(out, row->name, "(", row->arguments, row->what);
        }
        buffer_add_text(out, ".El\n");
    }
    buffer_add_text(out, ".Pp\nOther spellings:\n");
    for (size_t i = 0; i < function_alias_count(); i++) {
        const struct function_alias *alias = function_alias_get(i);

        if (!alias->notice)
            buffer_printf(out, ".Fn %s\nis\n.Fn %s .\n", alias->name,
                          function_get(alias->function)->name);
    }
}

static void write_paragraph(struct buffer *out, const char *label, const char *text)
{
    size_t end;

    buffer_add_text(out, ".Pp\n");
    if (label)
        buffer_printf(out, ".Em %s\n", label);
    /* A new sentence begins a new line. */
    for (; *text; text += end) {
        end = strcspn(text, ".:");
        while (text[end] && text[end + 1] && text[end + 1] != ' ')
            end += 1 + strcspn(text + end + 1, ".:");
        end += text[end] != '\0';
        manual_write_text(out, bytes_make(text, end), false);
        buffer_add_char(out, '\n');
        end += text[end] == ' ';
    }
}

/* "at least 10 hits of 8 accounts within 10m, per address, network" */
static void write_rule(struct buffer *out, const struct rule *rule)
{
    const struct rule_limits *l = &rule->limits;
    struct buffer text = {0};

    buffer_add_text(&text, "at least ");
    buffer_printf(&text, "%u %s", l->events, l->events == 1 ? "event" : "events");
    if (l->accounts)
        buffer_printf(&text, " of %s %u accounts", rule->few_accounts ? "at most" : "at least",
                      l->accounts);
    if (l->per_account)
        buffer_printf(&text, ", at most %u for each on average", l->per_account);
    if (l->window_us) {
        buffer_add_text(&text, ", within ");
        instant_add_width(&text, l->window_us);
    }
    if (l->factor)
        buffer_printf(&text, ", at least %u times as many as before", l->factor);
    for (size_t i = 0; i < RULE_MAX_KEYS && rule->keys[i] != KEY_NONE; i++)
        buffer_printf(&text, "%s%s", i ? ", " : "; per ", rule_key_name(rule->keys[i]));
    buffer_add_text(out, ".It Sy ");
    manual_write_text(out, bytes_of(rule->name), true);
    buffer_printf(out, "\n%s, ", severity_name(rule->severity));
    manual_write_text(out, buffer_bytes(&text), false);
    buffer_add_char(out, '\n');
    buffer_deinit(&text);
}

/* A section for each scenario: what it means, what fools it, and the limits of its rules. */
static void write_scenarios(struct buffer *out)
{
    for (unsigned s = 0; s < SCENARIO_COUNT; s++) {
        const struct scenario_text *text = scenario_text((enum scenario)s);
        bool listed = false;

        buffer_add_text(out, ".Ss ");
        manual_write_text(out, bytes_of(text->title), true);
        buffer_printf(out, "\n.Ql %s ,\n", text->slug);
        manual_write_text(out, bytes_of(text->technique), false);
        buffer_add_text(out, "\n");
        write_paragraph(out, NULL, text->what);
        write_paragraph(out, "What fools it:", text->benign);
        write_paragraph(out, "What no log shows:", text->blind);
        for (size_t i = 0; i < rule_count(); i++) {
            if (rule_get(i)->scenario != s)
                continue;
            if (!listed)
                buffer_add_text(out, ".Pp\n.Bl -tag -width Ds -compact\n");
            listed = true;
            write_rule(out, rule_get(i));
        }
        if (listed)
            buffer_add_text(out, ".El\n");
    }
}

/* How a sign-in may have ended. */
static void write_verdicts(struct buffer *out)
{
    buffer_add_text(out, ".Bl -tag -width Ds -compact\n");
    for (unsigned v = 0; v < VERDICT_COUNT; v++) {
        buffer_add_text(out, ".It Sy ");
        manual_write_text(out, bytes_of(verdict_name((enum verdict)v)), true);
        buffer_add_char(out, '\n');
        manual_write_text(out, bytes_of(verdict_meaning((enum verdict)v)), false);
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out, ".El\n");
}

static void write_table(struct buffer *out, struct bytes what, const char *sources)
{
    if (bytes_are(what, "choices"))
        manual_write_choices(out);
    else if (bytes_are(what, "commands"))
        manual_write_commands(out);
    else if (bytes_are(what, "contexts"))
        manual_write_contexts(out);
    else if (bytes_are(what, "fields"))
        manual_write_fields(out);
    else if (bytes_are(what, "formats"))
        manual_write_formats(out);
    else if (bytes_are(what, "left-out"))
        manual_write_left_out(out);
    else if (bytes_are(what, "options"))
        write_options(out);
    else if (bytes_are(what, "query-commands"))
        write_words(out);
    else if (bytes_are(what, "query-functions"))
        write_functions(out);
    else if (bytes_are(what, "query-shims"))
        write_shims(out);
    else if (bytes_are(what, "query-foreign"))
        write_foreign(out);
    else if (bytes_are(what, "scenarios"))
        write_scenarios(out);
    else if (bytes_are(what, "sources"))
        write_sources(out, sources);
    else if (bytes_are(what, "verdicts"))
        write_verdicts(out);
    else if (bytes_starts(what, "keys "))
        write_keys(out, bytes_slice(what, 5, what.len));
    else
        die("unknown table in the template", mem_text(what.ptr, what.len));
}

static void fill_line(struct buffer *out, struct bytes line)
{
    struct bytes mark = bytes_of("@VERSION@");
    size_t at;

    while ((at = bytes_find(line, mark)) != SIZE_MAX) {
        buffer_add(out, bytes_slice(line, 0, at));
        buffer_add_text(out, COGTRAIL_VERSION);
        line = bytes_slice(line, at + mark.len, line.len);
    }
    buffer_add(out, line);
    buffer_add_char(out, '\n');
}

int main(int argc, char **argv)
{
    struct buffer template = {0}, out = {0};
    struct bytes rest, line;
    FILE *file;

    if (argc != 4)
        die("usage", "fill TEMPLATE OUTPUT SOURCES");
    read_file(argv[1], &template);
    rest = buffer_bytes(&template);
    while (next_line(&rest, &line)) {
        if (line.len > 2 && line.ptr[0] == '@' && line.ptr[line.len - 1] == '@')
            write_table(&out, bytes_slice(line, 1, line.len - 1), argv[3]);
        else
            fill_line(&out, line);
    }
    file = fopen(argv[2], "wb");
    if (!file || fwrite(out.ptr, 1, out.len, file) != out.len || fclose(file) != 0)
        die("cannot be written", argv[2]);
    buffer_deinit(&template);
    buffer_deinit(&out);
    return 0;
}
