#include "core/reading/template.h"

#include "core/base/instant.h"
#include "core/base/mem.h"

#include "core/reading/cursor.h"
#include "core/reading/skeleton.h"

enum {
    STEPS_PER_BYTE = 64, /* of a line, before it counts as another */
    STEPS_MIN = 4096,
    MEND_MAX_MEMBERS = 256,
    KEY_MAX_BYTES = 128,
};

/* What a value must look like, so that text between values is not taken for one. */
enum shape { SHAPE_ANY, SHAPE_WORD, SHAPE_DIGITS, SHAPE_TIME };

static const struct {
    const char *name; /* of the variable, behind $context. */
    enum shape shape;
} SHAPES[] = {
    {"requestId",         SHAPE_WORD  },
    {"extendedRequestId", SHAPE_WORD  },
    {"identity.sourceIp", SHAPE_WORD  },
    {"httpMethod",        SHAPE_WORD  },
    {"protocol",          SHAPE_WORD  },
    {"apiId",             SHAPE_WORD  },
    {"status",            SHAPE_DIGITS},
    {"responseLength",    SHAPE_DIGITS},
    {"responseLatency",   SHAPE_DIGITS},
    {"requestTimeEpoch",  SHAPE_DIGITS},
    {"requestTime",       SHAPE_TIME  },
};

/* Sources: formats of the console, REST APIs (2026); CLF was shorter once. */
static const struct {
    const char *sign; /* that every such line holds */
    const char *text;
} BUILTINS[] = {
    {" [",
     "$context.identity.sourceIp $context.identity.caller $context.identity.user "
     "[$context.requestTime] \"$context.httpMethod $context.resourcePath $context.protocol\" "
     "$context.status $context.responseLength $context.requestId $context.extendedRequestId"},
    {" [",
     "$context.identity.sourceIp $context.identity.caller $context.identity.user "
     "[$context.requestTime] \"$context.httpMethod $context.resourcePath $context.protocol\" "
     "$context.status $context.responseLength $context.requestId"                           },
    {" - - [",       "$context.identity.sourceIp - - [$context.requestTime] \"$context.httpMethod "
               "$context.routeKey $context.protocol\" $context.status $context.responseLength "
               "$context.requestId $context.extendedRequestId"                },
    {",",
     "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,"
     "$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,"
     "$context.status,$context.responseLength,$context.requestId,$context.extendedRequestId"},
    {",",            "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,"
          "$context.requestTime,$context.httpMethod,$context.resourcePath,$context.protocol,"
          "$context.status,$context.responseLength,$context.requestId"             },
    {"<request id=",
     "<request id=\"$context.requestId\"> "
     "<extendedRequestId>$context.extendedRequestId</extendedRequestId> "
     "<ip>$context.identity.sourceIp</ip> <caller>$context.identity.caller</caller> "
     "<user>$context.identity.user</user> <requestTime>$context.requestTime</requestTime> "
     "<httpMethod>$context.httpMethod</httpMethod> "
     "<resourcePath>$context.resourcePath</resourcePath> <status>$context.status</status> "
     "<protocol>$context.protocol</protocol> "
     "<responseLength>$context.responseLength</responseLength> </request>"                  },
};

struct variable {
    enum shape shape;
    struct bytes behind; /* what stands between it and the next one, or the end */
};

struct template
{
    struct arena memory;
    struct skeleton skeleton;
    struct bytes before; /* the first variable */
    struct variable variables[TEMPLATE_MAX_VARIABLES];
    size_t n;
    bool json; /* values may hold JSON escapes */
};

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static bool is_name(char byte)
{
    return (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z') ||
           byte == '_';
}

static const char START[] = "$context.";

/* The name that begins `text`: words joined by dots, a word of a claim also by a colon or
 * dash, or ['in brackets']. `path` gets it as steps; returns its bytes. */
static size_t take_name(struct bytes text, struct buffer *path)
{
    size_t at = 0, start = 0;

    for (;;) {
        bool colon = false;

        for (start = at; at < text.len; at++) {
            bool joins = (text.ptr[at] == ':' || text.ptr[at] == '-') && at > start &&
                         at + 1 < text.len && is_name(text.ptr[at + 1]);

            if (!is_name(text.ptr[at]) && !joins)
                break;
            colon |= joins;
        }
        if (at == start)
            break;
        if (path->len)
            buffer_add_char(path, '.');
        if (colon)
            buffer_add_char(path, '`');
        buffer_add(path, bytes_slice(text, start, at));
        if (colon)
            buffer_add_char(path, '`');
        if (bytes_starts(bytes_slice(text, at, text.len), "['")) {
            size_t end = bytes_find(bytes_slice(text, at, text.len), bytes_of("']"));

            if (end == SIZE_MAX || end == 2)
                break;
            buffer_add_text(path, ".`");
            buffer_add(path, bytes_slice(text, at + 2, at + end));
            buffer_add_char(path, '`');
            at += end + 2;
        }
        if (at + 1 >= text.len || text.ptr[at] != '.' || !is_name(text.ptr[at + 1]))
            break;
        at++;
    }
    return at;
}

static enum shape shape_of(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(SHAPES); i++)
        if (bytes_are(name, SHAPES[i].name))
            return SHAPES[i].shape;
    return SHAPE_ANY;
}

/* NULL, or what is wrong. */
static const char *compile(struct template *t, struct bytes text)
{
    struct buffer path = {0};
    const char *why = NULL;
    size_t at = bytes_find(text, bytes_of(START));

    if (at == SIZE_MAX)
        return "holds no $context. variable";
    t->before = arena_copy(&t->memory, bytes_slice(text, 0, at));
    while (!why && at < text.len) {
        struct bytes rest = bytes_slice(text, at + strlen(START), text.len);
        size_t used, next;

        buffer_clear(&path);
        used = take_name(rest, &path);
        rest = bytes_slice(rest, used, rest.len);
        next = bytes_find(rest, bytes_of(START));
        if (next == SIZE_MAX)
            next = rest.len;
        at = text.len - rest.len + next;
        if (used == 0)
            why = "has a $context. without a name behind it";
        else if (next == 0 && rest.len > 0)
            why = "has two variables without anything between them";
        else if (t->n == TEMPLATE_MAX_VARIABLES)
            why = "has more than 128 variables";
        else if (!skeleton_add(&t->skeleton, &t->memory, buffer_bytes(&path)))
            why = "has too many variables";
        else
            t->variables[t->n++] =
                (struct variable){shape_of(buffer_bytes(&path)),
                                  arena_copy(&t->memory, bytes_slice(rest, 0, next))};
    }
    buffer_deinit(&path);
    return why;
}

struct template *template_new(struct bytes text, const char **why)
{
    struct template *t;

    while (text.len > 0 && is_blank(text.ptr[0]))
        text = bytes_slice(text, 1, text.len);
    while (text.len > 0 && is_blank(text.ptr[text.len - 1]))
        text.len--;
    *why = "is longer than 16 KiB";
    if (text.len > TEMPLATE_MAX_BYTES)
        return NULL;
    t = mem_alloc(sizeof *t);
    t->json = bytes_starts(text, "{");
    *why = compile(t, text);
    if (!*why && skeleton_add(&t->skeleton, &t->memory, bytes_of("$context")))
        return t;
    template_free(t);
    return NULL;
}

void template_free(struct template *t)
{
    if (!t)
        return;
    arena_deinit(&t->memory);
    mem_free(t);
}

struct template *template_find(struct bytes line)
{
    struct buffer rendered = {0};
    struct template *found = NULL;
    const char *why;

    for (size_t i = 0; i < ARRAY_LEN(BUILTINS) && !found; i++) {
        if (bytes_find(line, bytes_of(BUILTINS[i].sign)) == SIZE_MAX)
            continue;
        found = template_new(bytes_of(BUILTINS[i].text), &why);
        if (template_render(found, line, &rendered))
            break;
        template_free(found);
        found = NULL;
    }
    buffer_deinit(&rendered);
    return found;
}

/* How many bytes of `text` from `at` on are `literal`; SIZE_MAX when they are not. White space
 * may be more or less than in the template, but not missing where it alone parts two values. */
static size_t literal_at(struct bytes text, size_t at, struct bytes literal)
{
    size_t from = at, i = 0;
    bool only_blank = true, blank_met = false;

    while (i < literal.len) {
        if (is_blank(literal.ptr[i])) {
            while (i < literal.len && is_blank(literal.ptr[i]))
                i++;
            for (; at < text.len && is_blank(text.ptr[at]); at++)
                blank_met = true;
            continue;
        }
        only_blank = false;
        if (at == text.len || text.ptr[at++] != literal.ptr[i++])
            return SIZE_MAX;
    }
    return literal.len > 0 && only_blank && !blank_met ? SIZE_MAX : at - from;
}

static bool fits(enum shape shape, struct bytes value)
{
    int64_t at_us;

    if (shape == SHAPE_ANY || bytes_are(value, "-"))
        return true;
    if (shape == SHAPE_TIME)
        return instant_parse(value, &at_us);
    for (size_t i = 0; i < value.len; i++)
        if (shape == SHAPE_DIGITS ? value.ptr[i] < '0' || value.ptr[i] > '9'
                                  : is_blank(value.ptr[i]) || value.ptr[i] == '"')
            return false;
    return value.len > 0;
}

struct match {
    const struct template *t;
    struct bytes line;
    struct bytes values[TEMPLATE_MAX_VARIABLES];
    uint64_t steps; /* left */
};

/* The shortest values first; when what follows does not fit, longer ones. */
static bool match_from(struct match *m, size_t variable, size_t at)
{
    const struct variable *v = &m->t->variables[variable];
    bool last = variable + 1 == m->t->n;

    for (size_t end = at; end <= m->line.len; end++) {
        size_t used;

        if (m->steps == 0)
            return false;
        m->steps--;
        if (last && v->behind.len == 0)
            end = m->line.len;
        used = literal_at(m->line, end, v->behind);
        if (used == SIZE_MAX || (last && end + used != m->line.len))
            continue;
        m->values[variable] = bytes_slice(m->line, at, end);
        if (fits(v->shape, m->values[variable]) &&
            (last || match_from(m, variable + 1, end + used)))
            return true;
    }
    return false;
}

/* A value inside JSON text: with its escapes when they are right, else as it stands. `room` has
 * room for it and its quotes. */
static struct filling json_filling(struct bytes value, struct buffer *room)
{
    size_t start = room->len;
    struct bytes quoted;
    struct cursor_text text;
    struct cursor c;

    if (!memchr(value.ptr, '\\', value.len) && !memchr(value.ptr, '"', value.len))
        return (struct filling){FILLING_TEXT, value};
    if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
        value = bytes_slice(value, 1, value.len - 1); /* $context.error.messageString */
    buffer_add_char(room, '"');
    buffer_add(room, value);
    buffer_add_char(room, '"');
    quoted = bytes_slice(buffer_bytes(room), start, room->len);
    cursor_init(&c, quoted, true);
    c.lenient_utf8 = true;
    if (cursor_string(&c, &text) && cursor_at_end(&c))
        return (struct filling){FILLING_SOURCE, quoted};
    return (struct filling){FILLING_TEXT, value};
}

bool template_render(const struct template *t, struct bytes line, struct buffer *out)
{
    struct match m = {.t = t, .line = line};
    struct filling fillings[TEMPLATE_MAX_VARIABLES + 1];
    struct buffer room = {0};
    size_t start = literal_at(line, 0, t->before);

    m.steps = (uint64_t)line.len * STEPS_PER_BYTE + STEPS_MIN;
    if (start == SIZE_MAX || !match_from(&m, 0, start))
        return false;
    (void)buffer_room(&room, line.len + 2 * t->n);
    for (size_t i = 0; i < t->n; i++)
        fillings[i] = t->json ? json_filling(m.values[i], &room)
                              : (struct filling){FILLING_TEXT, m.values[i]};
    fillings[t->n] = (struct filling){FILLING_TEXT, bytes_of("read by its access log format")};
    skeleton_write(&t->skeleton, fillings, out);
    buffer_deinit(&room);
    return true;
}

static size_t pass_blank(struct bytes text, size_t at)
{
    while (at < text.len && is_blank(text.ptr[at]))
        at++;
    return at;
}

/* "key": at `at`; returns where the value begins, or SIZE_MAX. */
static size_t take_key(struct bytes text, size_t at, struct bytes *key)
{
    size_t start;

    at = pass_blank(text, at);
    if (at >= text.len || text.ptr[at++] != '"')
        return SIZE_MAX;
    for (start = at; at < text.len && at - start <= KEY_MAX_BYTES; at++)
        if (!is_name(text.ptr[at]) && !memchr(".:-$", text.ptr[at], 4))
            break;
    *key = bytes_slice(text, start, at);
    if (at == start || at >= text.len || text.ptr[at] != '"')
        return SIZE_MAX;
    at = pass_blank(text, at + 1);
    return at < text.len && text.ptr[at] == ':' ? pass_blank(text, at + 1) : SIZE_MAX;
}

/* Where the value ends that begins at `at`: before a comma and the next key, or before the
 * brace that ends the line. `next` gets where that key stands, or the text's length. */
static size_t mend_value(struct bytes text, size_t at, bool quoted, size_t *next)
{
    struct bytes key;

    for (size_t end = at; end < text.len; end++) {
        size_t behind = quoted ? end + 1 : end;

        if (quoted && text.ptr[end] != '"')
            continue;
        behind = pass_blank(text, behind);
        if (behind >= text.len)
            return SIZE_MAX;
        *next = behind + 1;
        if (text.ptr[behind] == '}' && pass_blank(text, behind + 1) == text.len) {
            *next = text.len;
            return end;
        }
        if (text.ptr[behind] == ',' && take_key(text, behind + 1, &key) != SIZE_MAX)
            return end;
    }
    return SIZE_MAX;
}

bool template_mend(struct bytes line, struct buffer *out)
{
    struct buffer room = {0};
    size_t start = out->len, at = pass_blank(line, 0), n = 0;
    bool fine = at < line.len && line.ptr[at] == '{', request = false;

    (void)buffer_room(&room, line.len + 2);
    buffer_add_char(out, '{');
    for (at++; fine && at < line.len && n < MEND_MAX_MEMBERS; n++) {
        struct bytes key, value;
        struct filling f;
        bool quoted;
        size_t end, next = 0;

        at = take_key(line, at, &key);
        fine = at < line.len && line.ptr[at] != '{' && line.ptr[at] != '[';
        if (!fine)
            break;
        quoted = line.ptr[at] == '"';
        at += quoted;
        end = mend_value(line, at, quoted, &next);
        fine = end != SIZE_MAX;
        if (!fine)
            break;
        value = bytes_slice(line, at, end);
        room.len = 0;
        f = json_filling(value, &room);
        request |= bytes_are(key, "requestId");
        if (n > 0)
            buffer_add_char(out, ',');
        skeleton_text(out, key);
        buffer_add_char(out, ':');
        if (f.kind == FILLING_SOURCE)
            buffer_add(out, f.text);
        else
            skeleton_text(out, f.text);
        at = next;
    }
    buffer_add_char(out, '}');
    fine = fine && request && at == line.len;
    if (!fine)
        out->len = start;
    buffer_deinit(&room);
    return fine;
}
