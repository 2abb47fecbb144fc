#include "core/reading/config.h"

#include <cjson/cJSON.h>

#include "core/base/mem.h"
#include "core/base/safe.h"

enum { MESSAGE_COLUMNS = 60 };

static const uint32_t ALL_FORMATS = (UINT32_C(1) << FORMAT_COUNT) - 1;

struct config {
    struct arena memory;
    struct path_row paths[CONFIG_MAX_PATHS];
    size_t n_paths;
    struct template *formats[CONFIG_MAX_FORMATS];
    size_t n_formats;
};

/* What reading one file needs. */
struct reading {
    struct config *config;
    struct bytes name, text;
    struct buffer *message;
};

static unsigned line_of(struct bytes text, size_t offset)
{
    unsigned line = 1;

    for (size_t i = 0; i < offset && i < text.len; i++)
        line += text.ptr[i] == '\n';
    return line;
}

/* "NAME:LINE: 'word' words". cJSON keeps no places, so the line is that of the first such word
 * in quotes. */
static enum err wrong(struct reading *r, const char *word, const char *words)
{
    struct buffer quoted = {0};
    size_t at;

    buffer_printf(&quoted, "\"%s\"", word);
    at = bytes_find(r->text, buffer_bytes(&quoted));
    safe_add(r->message, r->name, SAFE_ALL_COLUMNS, false);
    buffer_printf(r->message, ":%u: '", at == SIZE_MAX ? 1 : line_of(r->text, at));
    safe_add(r->message, bytes_of(word), MESSAGE_COLUMNS, false);
    buffer_printf(r->message, "' %s", words);
    buffer_deinit(&quoted);
    return ERR_CONFIG;
}

/* NULL, or what is wrong with a path. Keys are compared as compact JSON writes them. */
static const char *path_fault(struct bytes path)
{
    struct bytes step;
    unsigned steps = 0;
    bool ended = path.len > 0 && path.ptr[path.len - 1] == '.';

    for (size_t i = 0; i < path.len; i++) {
        unsigned char byte = (unsigned char)path.ptr[i];

        if (byte < ' ' || byte == '"' || byte == '\\')
            return "is no path: controls, quotes and backslashes cannot stand in a step";
    }
    while (path_step(&path, &step)) {
        if (step.len == 0)
            return "is no path: a step is empty";
        if (++steps > CONFIG_MAX_STEPS)
            return "is no path: more than 16 steps";
    }
    return steps == 0 || ended ? "is no path: a step is empty" : NULL;
}

/* Some fields are concluded from others, or are the place itself. */
static bool is_settable(enum field_id field)
{
    enum field_kind kind = field_get(field)->kind;

    return kind == FIELD_TEXT || kind == FIELD_UNIQUE || kind == FIELD_INSTANT;
}

static enum err add_path(struct reading *r, enum field_id field, const char *text,
                         uint32_t formats)
{
    struct config *c = r->config;
    const char *fault = path_fault(bytes_of(text));

    if (fault)
        return wrong(r, text, fault);
    for (size_t i = 0; i < c->n_paths; i++)
        if (strcmp(c->paths[i].path, text) == 0)
            return wrong(r, text, "stands twice in paths");
    if (c->n_paths == CONFIG_MAX_PATHS)
        return wrong(r, text, "is one path too many: there is room for 64");
    c->paths[c->n_paths++] = (struct path_row){
        .field = field,
        .formats = formats,
        /* With its NUL. */
        .path = arena_copy(&c->memory, bytes_make(text, strlen(text) + 1)).ptr,
        .via = field == FIELD_TIME ? VIA_TIME : VIA_FIRST,
        .source = "your fields.json",
    };
    return ERR_OK;
}

static bool find_format(const char *name, uint32_t *formats)
{
    for (enum format f = 0; f < FORMAT_COUNT; f++)
        if (strcmp(name, format_name(f)) == 0) {
            *formats |= UINT32_C(1) << f;
            return true;
        }
    return false;
}

static enum err read_format_names(struct reading *r, const cJSON *list, uint32_t *formats)
{
    const cJSON *name;

    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) == 0)
        return wrong(r, "formats", "needs a list of formats: [\"app-log\"]");
    cJSON_ArrayForEach(name, list)
    {
        if (!cJSON_IsString(name))
            return wrong(r, "formats", "needs a list of formats: [\"app-log\"]");
        if (!find_format(name->valuestring, formats))
            return wrong(r, name->valuestring,
                         "is no format (cogtrail-formats(5) has their names)");
    }
    return ERR_OK;
}

/* {"path": "a.b", "formats": ["app-log"]} */
static enum err read_narrow_path(struct reading *r, enum field_id field, const cJSON *entry)
{
    const cJSON *member, *path = NULL, *list = NULL;
    uint32_t formats = 0;

    cJSON_ArrayForEach(member, entry)
    {
        if (strcmp(member->string, "path") == 0)
            path = member;
        else if (strcmp(member->string, "formats") == 0)
            list = member;
        else
            return wrong(r, member->string,
                         "is no key of a path: \"path\" and \"formats\" are");
    }
    if (!cJSON_IsString(path))
        return wrong(r, field_get(field)->name, "has an entry without \"path\"");
    if (list)
        TRY(read_format_names(r, list, &formats));
    return add_path(r, field, path->valuestring, list ? formats : ALL_FORMATS);
}

static enum err read_field(struct reading *r, const cJSON *item)
{
    const cJSON *path;
    enum field_id field;

    if (!field_find(bytes_of(item->string), &field))
        return wrong(r, item->string, "is no field (cogtrail --dump fields lists them)");
    if (!is_settable(field))
        return wrong(r, item->string, "is concluded from other fields: it has no paths");
    if (!cJSON_IsArray(item))
        return wrong(r, item->string, "needs a list of paths: [\"a.b\", \"c\"]");
    cJSON_ArrayForEach(path, item)
    {
        if (cJSON_IsObject(path))
            TRY(read_narrow_path(r, field, path));
        else if (!cJSON_IsString(path))
            return wrong(r, item->string, "needs paths as texts: [\"a.b\", \"c\"]");
        else
            TRY(add_path(r, field, path->valuestring, ALL_FORMATS));
    }
    return ERR_OK;
}

static enum err read_paths(struct reading *r, const cJSON *section)
{
    const cJSON *item;

    if (!cJSON_IsObject(section))
        return wrong(r, section->string, "needs an object: {\"ip\": [\"my.clientAddress\"]}");
    cJSON_ArrayForEach(item, section) TRY(read_field(r, item));
    return ERR_OK;
}

static enum err read_formats(struct reading *r, const cJSON *section)
{
    const cJSON *item;
    const char *why;

    if (!cJSON_IsArray(section))
        return wrong(r, section->string, "needs a list of texts");
    cJSON_ArrayForEach(item, section)
    {
        if (!cJSON_IsString(item))
            return wrong(r, section->string, "needs a list of texts");
        if (!config_add_format(r->config, bytes_of(item->valuestring), &why))
            return wrong(r, item->valuestring, why);
    }
    return ERR_OK;
}

static const struct {
    const char *name;
    enum err (*read)(struct reading *r, const cJSON *section);
} SECTIONS[] = {
    {"paths",              read_paths  },
    {"access_log_formats", read_formats},
};

static enum err read_section(struct reading *r, const cJSON *section)
{
    for (size_t i = 0; i < ARRAY_LEN(SECTIONS); i++)
        if (strcmp(section->string, SECTIONS[i].name) == 0)
            return SECTIONS[i].read(r, section);
    return wrong(r, section->string,
                 "is no section of this file: \"paths\" and \"access_log_formats\" are");
}

static enum err read_root(struct reading *r, const cJSON *root)
{
    const cJSON *section;

    if (!cJSON_IsObject(root)) {
        safe_add(r->message, r->name, SAFE_ALL_COLUMNS, false);
        buffer_add_text(r->message, ":1: one JSON object is expected");
        return ERR_CONFIG;
    }
    cJSON_ArrayForEach(section, root) TRY(read_section(r, section));
    return ERR_OK;
}

static bool is_blank(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!memchr(" \t\r\n", text.ptr[i], 4))
            return false;
    return true;
}

static enum err read_text(struct reading *r)
{
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(r->text.ptr, r->text.len, &end, false);
    size_t at = end ? (size_t)(end - r->text.ptr) : 0;
    enum err err;

    if (!root || !is_blank(bytes_slice(r->text, at, r->text.len))) {
        safe_add(r->message, r->name, SAFE_ALL_COLUMNS, false);
        buffer_printf(r->message, ":%u: %s", line_of(r->text, at),
                      root ? "more text behind the JSON object" : "not JSON from here on");
        err = ERR_CONFIG;
    } else {
        err = read_root(r, root);
    }
    cJSON_Delete(root);
    return err;
}

enum err config_read(struct bytes name, struct bytes text, struct config **out,
                     struct buffer *message)
{
    struct reading r = {.name = name, .text = text, .message = message};
    enum err err;

    if (text.len > CONFIG_MAX_BYTES) {
        safe_add(message, name, SAFE_ALL_COLUMNS, false);
        buffer_add_text(message, ":1: larger than 256 KiB");
        return ERR_CONFIG;
    }
    r.config = config_new();
    err = read_text(&r);
    if (err == ERR_OK)
        *out = r.config;
    else
        config_free(r.config);
    return err;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_formats; i++)
        template_free(c->formats[i]);
    arena_deinit(&c->memory);
    mem_free(c);
}

struct config *config_new(void)
{
    return mem_alloc(sizeof(struct config));
}

bool config_add_format(struct config *c, struct bytes text, const char **why)
{
    struct template *made;

    *why = "is one access log format too many: there is room for 16";
    if (c->n_formats == CONFIG_MAX_FORMATS || !(made = template_new(text, why)))
        return false;
    memmove(c->formats + 1, c->formats, c->n_formats * sizeof(struct template *));
    c->formats[0] = made;
    c->n_formats++;
    return true;
}

const struct template *config_format(const struct config *c, size_t i)
{
    return c && i < c->n_formats ? c->formats[i] : NULL;
}

size_t config_path_count(const struct config *c)
{
    return path_count() + (c ? c->n_paths : 0);
}

const struct path_row *config_path(const struct config *c, size_t row)
{
    return row < path_count() ? path_get(row) : &c->paths[row - path_count()];
}

bool config_adds_to(const struct config *c, enum field_id field)
{
    for (size_t i = 0; c && i < c->n_paths; i++)
        if (c->paths[i].field == field)
            return true;
    return false;
}
