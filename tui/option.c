#include "tui/option.h"

#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

enum option_id {
#define OPTION(id, letter, name, argument, choices, help) OPTION_##id,
#include "tui/options.def"
#undef OPTION
    OPTION_COUNT
};

static const struct option_row rows[] = {
#define OPTION(id, letter, name, argument, choices, help)                                      \
    {letter, name, argument, choices, help},
#include "tui/options.def"
#undef OPTION
};

size_t option_count(void)
{
    return OPTION_COUNT;
}

const struct option_row *option_get(size_t i)
{
    return &rows[i];
}

static bool is_choice(const char *choices, struct bytes value)
{
    while (*choices) {
        size_t len = strcspn(choices, "|");

        if (bytes_equal(bytes_make(choices, len), value))
            return true;
        choices += len + (choices[len] == '|');
    }
    return false;
}

static bool refuse(struct buffer *message, const char *what, struct bytes name)
{
    buffer_add_text(message, what);
    buffer_add_text(message, " '");
    safe_add(message, name, 200, true);
    buffer_add_text(message, "' (see cogtrail --help)");
    return false;
}

/* Long names may be cut short as far as they stay unique, as getopt_long(3) allows. */
static int find_long(struct bytes name, struct buffer *message)
{
    int found = -1;

    for (int i = 0; i < OPTION_COUNT; i++) {
        if (bytes_are(name, rows[i].name))
            return i;
        if (rows[i].help && name.len && strlen(rows[i].name) > name.len &&
            memcmp(rows[i].name, name.ptr, name.len) == 0) {
            if (found >= 0) {
                refuse(message, "ambiguous option", name);
                return -2;
            }
            found = i;
        }
    }
    return found;
}

/* Options that print something and exit; one of them at a time. */
static const struct {
    enum option_id id;
    enum option_mode mode;
    const char *name;
} modes[] = {
    {OPTION_QUERY,    MODE_QUERY,    "-q"        },
    {OPTION_FILES,    MODE_FILES,    "--files"   },
    {OPTION_FINDINGS, MODE_FINDINGS, "--findings"},
    {OPTION_COVERAGE, MODE_COVERAGE, "--coverage"},
    {OPTION_VERIFY,   MODE_VERIFY,   "--verify"  },
    {OPTION_HASHES,   MODE_HASHES,   "--hashes"  },
    {OPTION_ATTEMPTS, MODE_ATTEMPTS, "--attempts"},
    {OPTION_METRICS,  MODE_METRICS,  "--metrics" },
};

/* MODE_EXPLORE when the option is none of them. */
static enum option_mode mode_of(int id)
{
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if ((int)modes[i].id == id)
            return modes[i].mode;
    return MODE_EXPLORE;
}

static const char *mode_name(enum option_mode mode)
{
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (modes[i].mode == mode)
            return modes[i].name;
    return NULL;
}

static void apply(struct options *out, enum option_id id, const char *value)
{
    switch (id) {
    case OPTION_QUERY:
        out->mode = MODE_QUERY;
        out->query = value;
        break;
    case OPTION_FILES:
        out->mode = MODE_FILES;
        break;
    case OPTION_ATTEMPTS:
        out->mode = MODE_ATTEMPTS;
        break;
    case OPTION_FINDINGS:
        out->mode = MODE_FINDINGS;
        break;
    case OPTION_COVERAGE:
        out->mode = MODE_COVERAGE;
        break;
    case OPTION_VERIFY:
        out->mode = MODE_VERIFY;
        break;
    case OPTION_HASHES:
        out->mode = MODE_HASHES;
        break;
    case OPTION_PUBLIC_KEYS:
        out->public_keys[out->n_public_keys++] = value;
        break;
    case OPTION_METRICS:
        out->mode = MODE_METRICS;
        break;
    case OPTION_BIN:
        out->bin = value;
        break;
    case OPTION_SET:
        out->sets[out->n_sets++] = value;
        break;
    case OPTION_ALARM:
        out->alarms[out->n_alarms++] = value;
        break;
    case OPTION_ACCESS_LOG_FORMAT:
        out->access_formats[out->n_access_formats++] = value;
        break;
    case OPTION_FORMAT:
        out->format_given = writer_format_find(bytes_of(value), &out->format);
        break;
    case OPTION_DEMO:
        out->demo = true;
        break;
    case OPTION_ALL:
        out->all = true;
        break;
    case OPTION_CASE:
        out->case_path = value;
        break;
    case OPTION_KEYMAP:
        out->keymap = value;
        break;
    case OPTION_COLOR:
        out->color = value[1] == 'l'   ? COLOR_WHEN_ALWAYS
                     : value[0] == 'n' ? COLOR_WHEN_NEVER
                                       : COLOR_WHEN_AUTO;
        break;
    case OPTION_RECORDS:
        out->records = true;
        break;
    case OPTION_ASCII:
        out->ascii = true;
        break;
    case OPTION_LOCAL:
        out->local_time = true;
        break;
    case OPTION_MASK:
        (void)mask_level_find(bytes_of(value), &out->mask.level);
        break;
    case OPTION_NO_OSC52:
        out->no_osc52 = true;
        break;
    case OPTION_DUMP:
        out->mode = MODE_DUMP;
        out->dump = value;
        break;
    case OPTION_SETTLE:
        out->settle = true;
        break;
    case OPTION_HELP:
        out->mode = MODE_HELP;
        break;
    case OPTION_VERSION:
        out->mode = MODE_VERSION;
        break;
    case OPTION_COUNT:
        break;
    }
}

/* One option with its value, which may stand in the same word or the next. */
static bool take(struct options *out, int id, const char *inline_value, struct bytes shown,
                 int argc, char **argv, int *at, struct buffer *message)
{
    const struct option_row *row = &rows[id];
    const char *value = inline_value;

    if (!row->argument && value)
        return refuse(message, "no value is allowed for", shown);
    if (row->argument && !value) {
        if (*at + 1 >= argc)
            return refuse(message, "a value is missing for", shown);
        value = argv[++*at];
    }
    if (row->choices && !is_choice(row->choices, bytes_of(value))) {
        buffer_add_text(message, "--");
        buffer_add_text(message, row->name);
        buffer_add_text(message, " must be one of ");
        buffer_add_text(message, row->choices);
        buffer_add_text(message, " (see cogtrail --help)");
        return false;
    }
    if (mode_of(id) != MODE_EXPLORE && out->mode != mode_of(id) &&
        mode_name(out->mode) != NULL) {
        buffer_printf(message, "%s and %s do not go together (see cogtrail --help)",
                      mode_name(out->mode), mode_name(mode_of(id)));
        return false;
    }
    /* Help and version win over any other mode, whatever the order. */
    if (out->mode != MODE_HELP && out->mode != MODE_VERSION)
        apply(out, (enum option_id)id, value);
    return true;
}

static bool parse_word(struct options *out, int argc, char **argv, int *at,
                       struct buffer *message)
{
    const char *word = argv[*at];

    if (word[1] == '-') {
        size_t len = strcspn(word + 2, "=");
        struct bytes name = bytes_make(word + 2, len);
        int id = find_long(name, message);

        if (id == -1)
            return refuse(message, "unknown option", bytes_of(word));
        return id >= 0 && take(out, id, word[2 + len] == '=' ? word + 3 + len : NULL,
                               bytes_of(word), argc, argv, at, message);
    }
    for (size_t i = 1; word[i]; i++) {
        int id = 0;

        while (id < OPTION_COUNT && rows[id].letter != word[i])
            id++;
        if (id == OPTION_COUNT)
            return refuse(message, "unknown option", bytes_of(word));
        if (rows[id].argument)
            return take(out, id, word[i + 1] ? word + i + 1 : NULL, bytes_of(word), argc, argv,
                        at, message);
        if (!take(out, id, NULL, bytes_of(word), argc, argv, at, message))
            return false;
    }
    return true;
}

bool options_parse(int argc, char **argv, struct options *out, struct buffer *message)
{
    bool only_paths = false;

    *out = (struct options){.mask = {.level = MASK_SECRETS}};
    out->paths = mem_array((size_t)(argc > 0 ? argc : 1), sizeof *out->paths);
    out->public_keys = mem_array((size_t)(argc > 0 ? argc : 1), sizeof *out->public_keys);
    out->alarms = mem_array((size_t)(argc > 0 ? argc : 1), sizeof *out->alarms);
    out->sets = mem_array((size_t)(argc > 0 ? argc : 1), sizeof *out->sets);
    out->access_formats = mem_array((size_t)(argc > 0 ? argc : 1), sizeof *out->access_formats);
    for (int i = 1; i < argc; i++) {
        if (!only_paths && strcmp(argv[i], "--") == 0)
            only_paths = true;
        else if (only_paths || argv[i][0] != '-' || argv[i][1] == '\0')
            out->paths[out->n_paths++] = argv[i];
        else if (!parse_word(out, argc, argv, &i, message))
            return false;
    }
    for (size_t i = 0; i < out->n_sets; i++) {
        if (out->mode == MODE_QUERY && strchr(out->sets[i], '=') && out->sets[i][0] != '=')
            continue;
        buffer_add_text(message,
                        "--set goes with -q and takes NAME=VALUE (see cogtrail --help)");
        return false;
    }
    if (out->demo && out->n_paths) {
        buffer_add_text(message, "--demo takes no PATH (see cogtrail --help)");
        return false;
    }
    if (out->format_given && out->mode == MODE_EXPLORE) {
        buffer_add_text(message,
                        "--format goes with what prints a table (see cogtrail --help)");
        return false;
    }
    if ((out->bin || out->n_alarms) && mode_name(out->mode) && out->mode != MODE_METRICS) {
        buffer_printf(message, "--bin and --alarm do not go with %s (see cogtrail --help)",
                      mode_name(out->mode));
        return false;
    }
    if (out->records && out->mode != MODE_FINDINGS) {
        buffer_add_text(message, "--records goes with --findings only (see cogtrail --help)");
        return false;
    }
    if (out->n_public_keys && out->mode != MODE_EXPLORE && out->mode != MODE_VERIFY &&
        mode_name(out->mode)) {
        buffer_printf(message, "--public-keys does not go with %s (see cogtrail --help)",
                      mode_name(out->mode));
        return false;
    }
    return true;
}

void options_deinit(struct options *o)
{
    mem_free(o->paths);
    mem_free(o->public_keys);
    mem_free(o->alarms);
    mem_free(o->sets);
    mem_free(o->access_formats);
}

void options_help(struct buffer *out)
{
    buffer_add_text(out,
                    "Example: cogtrail dump/AWSLogs\n"
                    "\n"
                    "Usage: cogtrail [OPTION]... PATH...\n"
                    "       cogtrail -q QUERY [OPTION]... PATH...\n"
                    "       cogtrail --files [OPTION]... PATH...\n"
                    "       cogtrail --findings [OPTION]... PATH...\n"
                    "       cogtrail --attempts [OPTION]... PATH...\n"
                    "       cogtrail --verify [OPTION]... PATH...\n"
                    "       cogtrail --hashes [OPTION]... PATH...\n"
                    "       cogtrail --metrics [OPTION]... PATH...\n"
                    "       cogtrail --demo\n"
                    "\n"
                    "Explores CloudTrail logs and Amazon Cognito exports, gzipped or not.\n"
                    "PATH is a file, a folder tree, or - for standard input.\n"
                    "\n");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = &rows[i];
        size_t start = out->len, width;
        const char *help = row->help;

        if (!help)
            continue;
        if (row->letter)
            buffer_printf(out, "  -%c, --%s", row->letter, row->name);
        else
            buffer_printf(out, "      --%s", row->name);
        if (row->argument)
            buffer_printf(out, "=%s", row->argument);
        width = out->len - start;
        while (width++ < 23)
            buffer_add_char(out, ' ');
        /* Fold the text behind column 24 so that lines stay below 80 columns. */
        while (*help) {
            size_t len = strlen(help);

            if (len > 55) {
                len = 55;
                while (help[len] != ' ')
                    len--;
            }
            buffer_add_char(out, ' ');
            buffer_add(out, bytes_make(help, len));
            help += len + (help[len] == ' ');
            if (*help)
                buffer_add_text(out, "\n                       ");
        }
        buffer_add_char(out, '\n');
    }
    buffer_add_text(out,
                    "\nExit status: 0 all read, 1 some input damaged or rejected, 2 usage,\n"
                    "3 nothing readable, 4 own failure.\n");
}
