#include "keymaps/keyfile.h"

#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "keymaps/builtin.h"

enum { NAME_COLUMNS = 60 }; /* of what a message quotes */

struct loader {
    struct keymap *map;
    const struct keyfile_source *source;
    struct bytes files[KEYFILE_MAX_DEPTH]; /* names being read, outermost first; the map's */
    size_t depth;
    struct buffer *message;
};

/* The statement being read. */
struct statement {
    struct bytes rest; /* behind the words taken so far */
    struct bytes file;
    uint32_t line;
};

static void say_place(struct buffer *message, struct bytes file, uint32_t line)
{
    safe_add(message, file, SAFE_ALL_COLUMNS, false);
    buffer_printf(message, ":%u: ", line);
}

static void say_quoted(struct buffer *message, struct bytes text)
{
    buffer_add_char(message, '\'');
    safe_add(message, text, NAME_COLUMNS, false);
    buffer_add_char(message, '\'');
}

/* "FILE:LINE: what 'word' hint" */
static enum err refuse(const struct loader *l, const struct statement *s, const char *what,
                       struct bytes word, const char *hint)
{
    say_place(l->message, s->file, s->line);
    buffer_add_text(l->message, what);
    if (word.len) {
        buffer_add_char(l->message, ' ');
        say_quoted(l->message, word);
    }
    buffer_add_text(l->message, hint);
    return ERR_KEYMAP;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word; empty at the end of the line or before a comment. */
static struct bytes peek_word(const struct statement *s)
{
    size_t from = 0, to;

    while (from < s->rest.len && is_blank(s->rest.ptr[from]))
        from++;
    to = from;
    if (from < s->rest.len && s->rest.ptr[from] == '#')
        return bytes_slice(s->rest, from, from);
    while (to < s->rest.len && !is_blank(s->rest.ptr[to]))
        to++;
    return bytes_slice(s->rest, from, to);
}

static struct bytes take_word(struct statement *s)
{
    struct bytes word = peek_word(s);

    if (word.len) {
        size_t used = (size_t)(word.ptr + word.len - s->rest.ptr);

        s->rest = bytes_slice(s->rest, used, s->rest.len);
    }
    return word;
}

/* What is left of the line up to a comment, without blanks around it. */
static struct bytes take_line(struct statement *s)
{
    struct bytes first = take_word(s), last = first;

    for (struct bytes next = first; next.len; next = take_word(s))
        last = next;
    if (first.len == 0)
        return first;
    return bytes_make(first.ptr, (size_t)(last.ptr + last.len - first.ptr));
}

static enum err take_context(const struct loader *l, struct statement *s, enum context *out)
{
    struct bytes word = take_word(s);

    if (word.len == 0)
        return refuse(l, s, "a context is missing", word, ", like 'any' or 'events'");
    if (!context_find(word, out))
        return refuse(l, s, "unknown context", word, "");
    return ERR_OK;
}

/* Commands are words of small letters; whatever else stands there was meant to be a key. */
static bool looks_like_command(struct bytes word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];

        if ((c < 'a' || c > 'z') && c != '-')
            return false;
    }
    return word.len > 2;
}

static enum err take_keys(const struct loader *l, struct statement *s, struct binding *row)
{
    for (;;) {
        struct bytes word = peek_word(s);
        struct key key;

        if (word.len == 0 || !key_parse(word, &key)) {
            if (row->n_keys > 0 && (word.len == 0 || looks_like_command(word)))
                return ERR_OK;
            if (word.len == 0)
                return refuse(l, s, "a key is missing", word, "");
            return refuse(l, s, "bad key", word,
                          "; keys look like j, Ctrl-D, Alt-x, PgDn, F1, Space, Hash, and those "
                          "of a sequence stand apart: g g");
        }
        if (row->n_keys == KEYMAP_MAX_KEYS)
            return refuse(l, s, "more than 4 keys in a sequence", (struct bytes){0}, "");
        if (row->n_keys > 0 && key_is_escape(key))
            return refuse(l, s, "a sequence cannot go on with", word,
                          ", which leaves what was begun");
        if (row->n_keys == 0 && context_takes_text(row->context) && key_is_text(key))
            return refuse(l, s, "plain characters are text in the context",
                          bytes_of(context_name(row->context)), "");
        row->keys[row->n_keys++] = key;
        (void)take_word(s);
    }
}

/* A binding's context, keys and place. */
static enum err take_head(const struct loader *l, struct statement *s, struct binding *row)
{
    *row = (struct binding){.file = s->file, .line = s->line};
    TRY(take_context(l, s, &row->context));
    return take_keys(l, s, row);
}

static enum err statement_bind(struct loader *l, struct statement *s)
{
    struct buffer why = {0};
    const struct binding *old;
    struct binding row;
    struct bytes argument;
    enum err err;

    TRY(take_head(l, s, &row));
    err = command_parse(take_line(s), &row.command, &argument, &why);
    if (err) {
        say_place(l->message, s->file, s->line);
        buffer_add(l->message, buffer_bytes(&why));
        buffer_deinit(&why);
        return ERR_KEYMAP;
    }
    buffer_deinit(&why);
    if (!command_works_below(row.command, row.context))
        return refuse(l, s, command_get(row.command)->name, (struct bytes){0},
                      " does nothing in this context");
    old = keymap_own(l->map, &row);
    /* Names are kept once per file, so the pointer tells one reading from another. */
    if (old && old->file.ptr == s->file.ptr) {
        (void)refuse(l, s, "these keys are bound already, in line", (struct bytes){0}, "");
        buffer_printf(l->message, " %u", old->line);
        return ERR_KEYMAP;
    }
    row.argument = keymap_keep(l->map, argument);
    if (keymap_bind(l->map, &row))
        return refuse(l, s, "too many bindings", (struct bytes){0}, "");
    return ERR_OK;
}

static enum err statement_unbind(struct loader *l, struct statement *s)
{
    struct binding row;
    enum err err;

    TRY(take_head(l, s, &row));
    if (peek_word(s).len)
        return refuse(l, s, "unexpected", peek_word(s), " behind the keys");
    err = keymap_unbind(l->map, &row);
    if (err == ERR_NOT_FOUND)
        return refuse(l, s, "these keys are not bound in the context",
                      bytes_of(context_name(row.context)), "");
    if (err)
        return refuse(l, s, "too many bindings", (struct bytes){0}, "");
    return ERR_OK;
}

static enum err load_file(struct loader *l, const struct statement *from, struct bytes name,
                          struct bytes text);

static enum err statement_include(struct loader *l, struct statement *s)
{
    struct bytes name = take_word(s), text;

    if (name.len == 0)
        return refuse(l, s, "a name is missing behind include", name, "");
    if (peek_word(s).len)
        return refuse(l, s, "unexpected", peek_word(s), " behind the name");
    for (size_t i = 0; i < l->depth; i++) {
        if (bytes_equal(l->files[i], name))
            return refuse(l, s, "include loop:", name, " is being read already");
    }
    if (l->depth == KEYFILE_MAX_DEPTH)
        return refuse(l, s, "includes too deep", (struct bytes){0}, "");
    if (!l->source->find(l->source->context, name, &text))
        return refuse(l, s, "unknown keymap", name, "");
    return load_file(l, s, name, text);
}

static enum err load_line(struct loader *l, struct statement *s)
{
    struct bytes verb = take_word(s);

    if (verb.len == 0)
        return ERR_OK;
    if (bytes_are(verb, "bind"))
        return statement_bind(l, s);
    if (bytes_are(verb, "unbind"))
        return statement_unbind(l, s);
    if (bytes_are(verb, "include"))
        return statement_include(l, s);
    return refuse(l, s, "unknown word", verb, "; lines begin with bind, unbind or include");
}

/* `from` is the include statement, NULL for the outermost file. */
static enum err load_file(struct loader *l, const struct statement *from, struct bytes name,
                          struct bytes text)
{
    struct statement s = {.file = keymap_keep(l->map, name)};

    if (text.len > KEYFILE_MAX_BYTES)
        return refuse(l, from ? from : &s, "file too large, more than 256 KiB:", name, "");
    l->files[l->depth++] = s.file;
    for (size_t at = 0; at < text.len;) {
        struct bytes rest = bytes_slice(text, at, text.len);
        size_t end = bytes_find(rest, bytes_of("\n"));

        s.line++;
        s.rest = bytes_slice(rest, 0, end);
        at += s.rest.len + 1;
        if (!utf8_valid(s.rest))
            return refuse(l, &s, "not UTF-8", (struct bytes){0}, "");
        TRY(load_line(l, &s));
    }
    l->depth--;
    return ERR_OK;
}

static enum err settle(struct loader *l)
{
    struct keymap_conflict conflict;
    const struct binding *a, *b;

    if (keymap_settle(l->map, &conflict) == ERR_OK)
        return ERR_OK;
    a = conflict.earlier;
    b = conflict.later;
    say_place(l->message, b->file, b->line);
    buffer_add_char(l->message, '\'');
    keymap_write_keys(l->message, b->keys, b->n_keys);
    buffer_add_text(l->message, "' and '");
    keymap_write_keys(l->message, a->keys, a->n_keys);
    buffer_printf(l->message, "' (%s, ", command_get(a->command)->name);
    safe_add(l->message, a->file, SAFE_ALL_COLUMNS, false);
    buffer_printf(l->message, ":%u) begin alike in the context '%s'; unbind one of them",
                  a->line, context_name(conflict.context));
    return ERR_KEYMAP;
}

enum err keymap_load(struct bytes name, struct bytes text, const struct keyfile_source *source,
                     struct keymap **out, struct buffer *message)
{
    struct loader l = {.map = keymap_new(), .source = source, .message = message};
    enum err err = load_file(&l, NULL, name, text);

    if (err == ERR_OK)
        err = settle(&l);
    if (err) {
        keymap_free(l.map);
        return err;
    }
    *out = l.map;
    return ERR_OK;
}

static bool find_builtin(void *context, struct bytes name, struct bytes *text)
{
    (void)context;
    return builtin_find(name, text);
}

struct keyfile_source keyfile_builtin(void)
{
    return (struct keyfile_source){find_builtin, NULL};
}

enum err keymap_load_builtin(struct bytes name, struct keymap **out, struct buffer *message)
{
    struct keyfile_source source = keyfile_builtin();
    struct bytes text;

    if (!builtin_find(name, &text))
        return ERR_NOT_FOUND;
    return keymap_load(name, text, &source, out, message);
}
