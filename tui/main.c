/* The program: options, sources, and which of its ways to run. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/hash.h"
#include "core/base/mem.h"
#include "core/base/userfile.h"

#include "core/concluding/rule_file.h"

#include "keymaps/keyfile.h"

#include "tui/dump.h"
#include "tui/headless/headless.h"
#include "tui/headless/headless_coverage.h"
#include "tui/headless/headless_verify.h"
#include "tui/loop.h"
#include "tui/message.h"
#include "tui/option.h"
#include "tui/user_file.h"

#include "tests/data/demo.h"

/* Standard input is spooled in memory: it cannot be read twice. */
static const uint64_t STREAM_MAX_BYTES = UINT64_C(4) << 30;

/* Loads a file of keys, the default map where the user has none. */
static enum err load_key_file(const char *path, bool is_wanted, struct keymap **map,
                              struct buffer *message)
{
    struct keyfile_source source = keyfile_builtin();
    struct buffer text = {0};
    const char *wrong = userfile_read(AT_FDCWD, path, USER_FILE_MAX_BYTES, &text);
    enum err err;

    if (!wrong) {
        err = keymap_load(bytes_of(path), buffer_bytes(&text), &source, map, message);
    } else if (errno == ENOENT && !is_wanted) {
        err = keymap_load_builtin(bytes_of("default"), map, message);
    } else {
        buffer_printf(message, "keymap %s: %s", path, wrong);
        err = ERR_IO;
    }
    buffer_deinit(&text);
    return err;
}

/* The keymap asked for: a shipped name, a file, the user's own file, or the default. */
static struct keymap *load_keymap(const char *wanted)
{
    struct buffer path = {0}, message = {0};
    struct keymap *map = NULL;
    enum err err;

    if (wanted && !strchr(wanted, '/')) {
        err = keymap_load_builtin(bytes_of(wanted), &map, &message);
        if (err == ERR_NOT_FOUND)
            buffer_printf(&message, "there is no keymap '%.60s' (a file needs a / in its name)",
                          wanted);
    } else if (wanted || user_file_path("keymap", &path)) {
        err = load_key_file(wanted ? wanted : buffer_cstr(&path), wanted, &map, &message);
    } else {
        err = keymap_load_builtin(bytes_of("default"), &map, &message);
    }
    if (err == ERR_OK && !keymap_leads_out(map)) {
        buffer_printf(
            &message,
            "keymap %s: no keys for back, quit or quit-now among the events, so there "
            "would be no way out ('include default' brings them)",
            wanted ? wanted : buffer_cstr(&path));
        keymap_free(map);
        map = NULL;
    }
    if (!map)
        message_print(buffer_bytes(&message));
    buffer_deinit(&path);
    buffer_deinit(&message);
    return map;
}

/* The user's own paths, NULL in `*out` where there is no such file. */
static enum err load_config(struct config **out)
{
    struct buffer path = {0}, text = {0}, message = {0};
    const char *wrong;
    enum err err = ERR_OK;

    *out = NULL;
    if (user_file_path("fields.json", &path)) {
        wrong = userfile_read(AT_FDCWD, buffer_cstr(&path), USER_FILE_MAX_BYTES, &text);
        if (!wrong) {
            err = config_read(buffer_bytes(&path), buffer_bytes(&text), out, &message);
        } else if (errno != ENOENT) {
            buffer_printf(&message, "%s: %s", buffer_cstr(&path), wrong);
            err = ERR_IO;
        }
    }
    if (err != ERR_OK)
        message_print(buffer_bytes(&message));
    buffer_deinit(&path);
    buffer_deinit(&text);
    buffer_deinit(&message);
    return err;
}

/* Adds the formats of the command line to `*config`, made where there is none. */
static bool add_formats(const struct options *o, struct config **config)
{
    struct buffer message = {0};
    const char *why = NULL;

    if (o->n_access_formats > 0 && !*config)
        *config = config_new();
    for (size_t i = 0; i < o->n_access_formats && !why; i++)
        if (config_add_format(*config, bytes_of(o->access_formats[i]), &why))
            why = NULL;
    if (why) {
        buffer_printf(&message, "--access-log-format: the template %s", why);
        message_print(buffer_bytes(&message));
    }
    buffer_deinit(&message);
    return !why;
}

/* The user's own limits of triage, where there is such a file. */
static bool load_rules(struct session *s)
{
    struct buffer path = {0}, text = {0}, message = {0};
    struct rules rules = {0};
    const char *wrong = NULL;
    bool ok = true;

    if (user_file_path("triage.json", &path)) {
        wrong = userfile_read(AT_FDCWD, buffer_cstr(&path), USER_FILE_MAX_BYTES, &text);
        if (!wrong) {
            rules_copy(&rules, session_rules(s));
            ok = rules_read(&rules, buffer_bytes(&text), &message);
            if (ok)
                session_set_rules(s, &rules);
            rules_deinit(&rules);
        } else if (errno != ENOENT) {
            buffer_add_text(&message, wrong);
            ok = false;
        }
    }
    if (!ok) {
        buffer_clear(&text);
        buffer_printf(&text, "%s: ", buffer_cstr(&path));
        buffer_add(&text, buffer_bytes(&message));
        message_print(buffer_bytes(&text));
    }
    buffer_deinit(&path);
    buffer_deinit(&text);
    buffer_deinit(&message);
    return ok;
}

/* True when `path` lies in the folder `root`, or is it. Both are real paths. */
static bool lies_in(const char *path, const char *root)
{
    size_t len = strlen(root);

    return strncmp(path, root, len) == 0 &&
           (path[len] == '\0' || path[len] == '/' || (len && root[len - 1] == '/'));
}

/* Nothing is ever written among the evidence. */
static bool is_among_evidence(const struct options *o, const char *path)
{
    char *copy = mem_text(path, strlen(path)), *slash = strrchr(copy, '/'), *folder, *root;
    bool found = false;

    if (slash)
        slash[slash == copy ? 1 : 0] = '\0';
    folder = realpath(slash ? copy : ".", NULL);
    for (size_t i = 0; folder && i < o->n_paths && !found; i++) {
        struct stat given, made;

        root = realpath(o->paths[i], NULL);
        if (!root)
            continue;
        found = lies_in(folder, root) ||
                (stat(root, &given) == 0 && stat(path, &made) == 0 &&
                 given.st_dev == made.st_dev && given.st_ino == made.st_ino);
        free(root);
    }
    free(folder);
    mem_free(copy);
    return found;
}

/* The case, and the key of its pseudonyms. */
static bool open_case(struct session *s, struct options *o)
{
    struct buffer message = {0};
    bool ok = true;

    if (o->case_path && is_among_evidence(o, o->case_path)) {
        buffer_printf(&message,
                      "case file %s: lies among the evidence, where nothing is written",
                      o->case_path);
        ok = false;
    } else if (o->case_path) {
        ok = casebook_open(session_case(s), o->case_path, &message);
    }
    if (ok && !mask_init(&o->mask, o->mask.level))
        message_print(bytes_of("no random numbers: pseudonyms can be guessed"));
    o->mask.words = casebook_hidden(session_case(s));
    if (ok && casebook_pseudonyms(session_case(s), o->mask.key))
        ok = casebook_save(session_case(s), &message);
    if (!ok)
        message_print(buffer_bytes(&message));
    buffer_deinit(&message);
    return ok;
}

/* "-" where nothing is piped in would wait for a log to be typed. */
static bool wants_terminal_as_log(const struct options *o)
{
    bool wanted = false;

    for (size_t i = 0; i < o->n_paths; i++)
        wanted |= strcmp(o->paths[i], "-") == 0;
    return wanted && isatty(STDIN_FILENO);
}

static bool add_sources(struct session *s, const struct options *o)
{
    struct archive *a = session_archive(s);

    for (size_t i = 0; o->demo && i < demo_file_count; i++)
        archive_add_memory(a, bytes_of(demo_files[i].name),
                           bytes_make(demo_files[i].data, demo_files[i].len));
    for (size_t i = 0; i < o->n_paths; i++) {
        if (strcmp(o->paths[i], "-") != 0) {
            archive_add_path(a, bytes_of(o->paths[i]));
        } else if (archive_add_stream(a, STDIN_FILENO, STREAM_MAX_BYTES) != ERR_OK) {
            message_print(bytes_of("standard input cannot be read"));
            return false;
        }
    }
    return true;
}

static int explore(struct options *o)
{
    struct keymap *map = o->mode == MODE_EXPLORE ? load_keymap(o->keymap) : NULL;
    struct config *config = NULL;
    struct session *s;
    int status;

    if ((o->mode == MODE_EXPLORE && !map) || load_config(&config) != ERR_OK ||
        !add_formats(o, &config)) {
        config_free(config);
        keymap_free(map);
        return 2;
    }
    s = session_new();
    session_configure(s, config);
    session_show_duplicates(s, o->all);
    if (!load_rules(s) || !open_case(s, o)) {
        status = 2;
    } else if (!add_sources(s, o)) {
        status = 3;
    } else if (o->mode == MODE_VERIFY) {
        status = headless_verify(s, o);
    } else if (o->mode == MODE_HASHES) {
        status = headless_hashes(s, o);
    } else {
        session_start(s);
        if (o->mode == MODE_QUERY)
            status = headless_query(s, o);
        else if (o->mode == MODE_FILES)
            status = headless_files(s, o);
        else if (o->mode == MODE_COVERAGE)
            status = headless_coverage(s, o);
        else if (o->mode == MODE_FINDINGS)
            status = headless_findings(s, o);
        else if (o->mode == MODE_ATTEMPTS)
            status = headless_attempts(s, o);
        else if (o->mode == MODE_METRICS)
            status = headless_metrics(s, o);
        else
            status = loop_run(s, o, map);
    }
    /* Workers in the middle of files end with the process: who quits, or lost the connection,
     * does not wait for them. */
    if (!session_is_loading(s)) {
        session_free(s);
        config_free(config);
    }
    keymap_free(map);
    return status;
}

static int print(const struct buffer *text)
{
    bool ok = fwrite(text->ptr, 1, text->len, stdout) == text->len && fflush(stdout) == 0;

    return ok ? 0 : 4;
}

int main(int argc, char **argv)
{
    struct buffer text = {0};
    struct options o;
    int status = 2;

    mem_init();
    /* A helper with more rights than its caller must not open files for it. */
    if (getuid() != geteuid() || getgid() != getegid()) {
        message_print(bytes_of("refuses to run setuid or setgid"));
        return 2;
    }
    /* Only how bytes are characters: numbers and times are the same everywhere. */
    setlocale(LC_CTYPE, "");
    hash_seed();
    if (!options_parse(argc, argv, &o, &text)) {
        message_print(buffer_bytes(&text));
    } else if (o.mode == MODE_HELP) {
        options_help(&text);
        status = print(&text);
    } else if (o.mode == MODE_VERSION) {
        buffer_add_text(&text, "cogtrail " COGTRAIL_VERSION "\n");
        status = print(&text);
    } else if (o.mode == MODE_DUMP) {
        if (dump_write(o.dump, &text)) {
            status = print(&text);
        } else {
            buffer_clear(&text);
            buffer_printf(&text, "--dump knows %s", dump_names());
            message_print(buffer_bytes(&text));
        }
    } else if (o.n_paths == 0 && !o.demo) {
        fputs("Usage: cogtrail [OPTION]... PATH...\n"
              "Try cogtrail --demo, or cogtrail --help.\n",
              stderr);
    } else if (wants_terminal_as_log(&o)) {
        message_print(bytes_of("- stands for standard input, which is the terminal here: "
                               "pipe a log into it (see cogtrail --help)"));
    } else {
        status = explore(&o);
    }
    buffer_deinit(&text);
    options_deinit(&o);
    return status;
}
