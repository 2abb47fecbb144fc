#include "core/keeping/casebook.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"
#include "core/base/userfile.h"
#include "core/base/utf8.h"

enum { VERSION = 1, FILE_MAX_BYTES = 16 << 20, NOTE_MAX_BYTES = 4096 };
enum {
    ID_MAX_BYTES = 64,
    VALUE_MAX_BYTES = 1024,
    TAG_MAX_BYTES = 64,
    TAGS_MAX = 32,
    WORD_MAX_BYTES = 256
};

struct casebook {
    cJSON *root;
    char *path;               /* NULL: in memory only */
    bool read_only;           /* made by a newer program */
    struct mask_words hidden; /* texts are the root's */
};

static const char *const STATES[CASEBOOK_STATES] = {"new", "confirmed", "benign"};

const char *casebook_state_name(enum casebook_state s)
{
    return STATES[s];
}

bool casebook_state_find(struct bytes name, enum casebook_state *out)
{
    for (unsigned i = 0; i < CASEBOOK_STATES; i++) {
        if (bytes_are(name, STATES[i])) {
            *out = (enum casebook_state)i;
            return true;
        }
    }
    return false;
}

/* cJSON has no other failure than the end of memory. */
static cJSON *must(cJSON *item)
{
    if (!item)
        abort();
    return item;
}

struct casebook *casebook_new(void)
{
    struct casebook *c = mem_alloc(sizeof *c);

    c->root = must(cJSON_CreateObject());
    return c;
}

void casebook_free(struct casebook *c)
{
    if (!c)
        return;
    cJSON_Delete(c->root);
    mem_free(c->path);
    mem_free(c);
}

bool casebook_has_file(const struct casebook *c)
{
    return c->path != NULL;
}

/* What "hide" lists, as the mask wants it. */
static void gather_hidden(struct casebook *c)
{
    const cJSON *words = cJSON_GetObjectItemCaseSensitive(c->root, "hide"), *word;

    c->hidden.count = 0;
    cJSON_ArrayForEach(word, words)
    {
        const char *text = cJSON_GetStringValue(word);

        if (text && strlen(text) >= MASK_WORD_MIN && strlen(text) <= WORD_MAX_BYTES &&
            c->hidden.count < MASK_WORDS_MAX)
            c->hidden.items[c->hidden.count++] = bytes_of(text);
    }
}

/* ---- reading ---- */

static const char *take_text(struct casebook *c, struct bytes text)
{
    const cJSON *version, *findings;
    cJSON *root;

    if (text.len == 0)
        return NULL;
    root = cJSON_ParseWithLength(text.ptr, text.len);
    version = cJSON_GetObjectItemCaseSensitive(root, "version");
    findings = cJSON_GetObjectItemCaseSensitive(root, "findings");
    if (!cJSON_IsObject(root) || !cJSON_IsNumber(version) ||
        (findings && !cJSON_IsObject(findings))) {
        cJSON_Delete(root);
        return "is no case file of cogtrail";
    }
    c->read_only = version->valuedouble > VERSION;
    cJSON_Delete(c->root);
    c->root = root;
    gather_hidden(c);
    return NULL;
}

bool casebook_open(struct casebook *c, const char *path, struct buffer *message)
{
    struct buffer text = {0};
    const char *wrong = userfile_read(AT_FDCWD, path, FILE_MAX_BYTES, &text);

    if (wrong && errno == ENOENT)
        wrong = NULL; /* it is made by the first save */
    if (!wrong)
        wrong = take_text(c, buffer_bytes(&text));
    if (wrong)
        buffer_printf(message, "case file %s: %s", path, wrong);
    else
        c->path = mem_text(path, strlen(path));
    buffer_deinit(&text);
    return !wrong;
}

/* ---- entries ---- */

/* The entry of a key in a member of the case; NULL when there is none and none is to be made.
 */
static cJSON *entry_in(const struct casebook *c, const char *member, const char *key, bool make)
{
    cJSON *entries = cJSON_GetObjectItemCaseSensitive(c->root, member), *entry;

    if (!cJSON_IsObject(entries)) {
        if (!make)
            return NULL;
        cJSON_DeleteItemFromObjectCaseSensitive(c->root, member);
        entries = must(cJSON_AddObjectToObject(c->root, member));
    }
    entry = cJSON_GetObjectItemCaseSensitive(entries, key);
    if (!cJSON_IsObject(entry) && make) {
        cJSON_DeleteItemFromObjectCaseSensitive(entries, key);
        entry = must(cJSON_AddObjectToObject(entries, key));
    }
    return entry;
}

static cJSON *entry_of(const struct casebook *c, struct bytes id, bool make)
{
    char key[ID_MAX_BYTES + 1] = "";

    memcpy(key, id.ptr, id.len < ID_MAX_BYTES ? id.len : ID_MAX_BYTES);
    return entry_in(c, "findings", key, make);
}

/* At most `max_bytes`, without what is no UTF-8. */
static void add_clean(struct bytes given, size_t max_bytes, struct buffer *out)
{
    size_t at = 0;

    while (at < given.len) {
        uint32_t point;
        size_t len = utf8_decode(bytes_slice(given, at, given.len), &point);

        if (out->len + len > max_bytes)
            break;
        if (point != UTF8_INVALID && point != 0)
            buffer_add(out, bytes_slice(given, at, at + len));
        at += len;
    }
}

static void set_text(cJSON *entry, const char *key, const char *text)
{
    cJSON_DeleteItemFromObjectCaseSensitive(entry, key);
    if (text[0])
        must(cJSON_AddStringToObject(entry, key, text));
}

enum casebook_state casebook_state(const struct casebook *c, struct bytes id)
{
    const cJSON *entry = entry_of(c, id, false);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "state"));
    enum casebook_state state = CASEBOOK_NEW;

    if (text)
        (void)casebook_state_find(bytes_of(text), &state);
    return state;
}

struct bytes casebook_note(const struct casebook *c, struct bytes id)
{
    const cJSON *entry = entry_of(c, id, false);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "note"));

    return text ? bytes_of(text) : (struct bytes){0};
}

void casebook_set_state(struct casebook *c, struct bytes id, enum casebook_state state)
{
    set_text(entry_of(c, id, true), "state", STATES[state]);
}

static void set_clean(cJSON *entry, const char *key, struct bytes given, size_t max_bytes)
{
    struct buffer text = {0};

    add_clean(given, max_bytes, &text);
    set_text(entry, key, text.len ? buffer_cstr(&text) : "");
    buffer_deinit(&text);
}

void casebook_set_note(struct casebook *c, struct bytes id, struct bytes note)
{
    set_clean(entry_of(c, id, true), "note", note, NOTE_MAX_BYTES);
}

/* ---- values ---- */

bool casebook_can_keep(struct bytes value)
{
    return value.len > 0 && value.len <= VALUE_MAX_BYTES && utf8_valid(value) &&
           memchr(value.ptr, '\0', value.len) == NULL;
}

static cJSON *value_entry(const struct casebook *c, struct bytes field, struct bytes value,
                          bool make)
{
    struct buffer key = {0};
    cJSON *entry = NULL;

    if (casebook_can_keep(value)) {
        buffer_add(&key, field);
        buffer_add_char(&key, '=');
        buffer_add(&key, value);
        entry = entry_in(c, "values", buffer_cstr(&key), make);
    }
    buffer_deinit(&key);
    return entry;
}

struct bytes casebook_value_note(const struct casebook *c, struct bytes field,
                                 struct bytes value)
{
    const cJSON *entry = value_entry(c, field, value, false);
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "note"));

    return text ? bytes_of(text) : (struct bytes){0};
}

void casebook_set_value_note(struct casebook *c, struct bytes field, struct bytes value,
                             struct bytes note)
{
    cJSON *entry = value_entry(c, field, value, true);

    if (entry)
        set_clean(entry, "note", note, NOTE_MAX_BYTES);
}

void casebook_tags(const struct casebook *c, struct bytes field, struct bytes value,
                   struct buffer *out)
{
    const cJSON *tags =
        cJSON_GetObjectItemCaseSensitive(value_entry(c, field, value, false), "tags");
    const cJSON *tag;
    bool any = false;

    cJSON_ArrayForEach(tag, tags)
    {
        const char *text = cJSON_GetStringValue(tag);

        if (!text)
            continue;
        buffer_printf(out, "%s%s", any ? ", " : "", text);
        any = true;
    }
}

/* The position of a text in a list; its size when it is not there. */
static int find_text(const cJSON *list, const char *text)
{
    int at = 0;

    while (at < cJSON_GetArraySize(list)) {
        const char *have = cJSON_GetStringValue(cJSON_GetArrayItem(list, at));

        if (have && strcmp(have, text) == 0)
            break;
        at++;
    }
    return at;
}

/* Adds a text to the list of an object's member, or takes it away; true when added. */
static bool turn_text(cJSON *owner, const char *member, const char *text, int max)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(owner, member);
    int at;

    if (!cJSON_IsArray(list)) {
        cJSON_DeleteItemFromObjectCaseSensitive(owner, member);
        list = must(cJSON_AddArrayToObject(owner, member));
    }
    at = find_text(list, text);
    if (at < cJSON_GetArraySize(list)) {
        cJSON_DeleteItemFromArray(list, at);
        return false;
    }
    if (at < max)
        cJSON_AddItemToArray(list, must(cJSON_CreateString(text)));
    return at < max;
}

bool casebook_turn_tag(struct casebook *c, struct bytes field, struct bytes value,
                       struct bytes tag)
{
    cJSON *entry = value_entry(c, field, value, true);
    struct buffer text = {0};
    bool added = false;

    add_clean(tag, TAG_MAX_BYTES, &text);
    if (entry && text.len)
        added = turn_text(entry, "tags", buffer_cstr(&text), TAGS_MAX);
    buffer_deinit(&text);
    return added;
}

const struct mask_words *casebook_hidden(const struct casebook *c)
{
    return &c->hidden;
}

bool casebook_turn_hidden(struct casebook *c, struct bytes word)
{
    struct buffer text = {0};
    bool added = false;

    add_clean(word, WORD_MAX_BYTES, &text);
    if (text.len >= MASK_WORD_MIN)
        added = turn_text(c->root, "hide", buffer_cstr(&text), MASK_WORDS_MAX);
    gather_hidden(c);
    buffer_deinit(&text);
    return added;
}

/* Exactly MASK_KEY_BYTES in hexadecimal. */
static bool read_key(const char *text, unsigned char key[MASK_KEY_BYTES])
{
    if (!text || strspn(text, "0123456789abcdef") != 2 * MASK_KEY_BYTES ||
        strlen(text) != 2 * MASK_KEY_BYTES)
        return false;
    for (size_t i = 0; i < MASK_KEY_BYTES; i++) {
        const char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};

        key[i] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return true;
}

bool casebook_pseudonyms(struct casebook *c, unsigned char key[MASK_KEY_BYTES])
{
    char text[2 * MASK_KEY_BYTES + 1];

    if (read_key(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(c->root, "pseudonyms")),
                 key))
        return false;
    for (size_t i = 0; i < MASK_KEY_BYTES; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", key[i]);
    set_text(c->root, "pseudonyms", text);
    return c->path != NULL && !c->read_only;
}

bool casebook_save(struct casebook *c, struct buffer *message)
{
    const char *wrong;
    char *text;

    if (!c->path)
        return true;
    if (c->read_only) {
        buffer_printf(message, "case file %s: made by a newer version, so it is not written",
                      c->path);
        return false;
    }
    if (!cJSON_GetObjectItemCaseSensitive(c->root, "version"))
        must(cJSON_AddNumberToObject(c->root, "version", VERSION));
    text = cJSON_Print(c->root);
    wrong = text ? userfile_write(c->path, bytes_of(text), true) : "cannot be written";
    cJSON_free(text);
    if (wrong)
        buffer_printf(message, "case file %s: %s", c->path, wrong);
    return !wrong;
}
