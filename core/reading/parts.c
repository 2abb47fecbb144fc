#include "core/reading/parts.h"

#include "core/reading/opening.h"

static struct cursor cursor_on(struct bytes text)
{
    struct cursor c;

    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    return c;
}

static bool is_wrapper(struct bytes text)
{
    struct opened opened;

    return bytes_starts(text, "{") && opening_find(cursor_on(text), &opened) == OPENING_WRAPPER;
}

bool parts_are(struct bytes text)
{
    struct cursor c = cursor_on(text);

    if (cursor_at_end(&c))
        return false;
    if (*c.at == '[' || is_wrapper(bytes_make(c.at, (size_t)(c.end - c.at))))
        return true;
    return *c.at == '{' && cursor_skip(&c, NULL) && !cursor_at_end(&c) &&
           (*c.at == '{' || *c.at == ',');
}

void parts_init(struct parts *p, struct bytes text)
{
    *p = (struct parts){.rest = text};
}

static bool push(struct parts *p, const char *kinds)
{
    size_t more = strlen(kinds);

    if (p->n_open + more > PARTS_MAX_OPEN)
        return false;
    memcpy(p->open + p->n_open, kinds, more);
    p->n_open += (unsigned)more;
    return true;
}

static void pass(struct parts *p, const char *to)
{
    p->rest = bytes_slice(p->rest, (size_t)(to - p->rest.ptr), p->rest.len);
}

static bool fail(struct parts *p, const struct cursor *c)
{
    p->cut = c->fault && c->at == c->end;
    return false;
}

/* A key of a wrapper behind its list, and the value with it. */
static bool pass_key(struct parts *p, struct cursor c)
{
    char kinds[2] = "";
    struct cursor_text key;

    if (!cursor_next_key(&c, &key, true))
        return fail(p, &c);
    if (opening_is_list(key.raw, &c, kinds)) {
        if (!push(p, kinds))
            return false;
    } else if (!cursor_skip(&c, NULL)) {
        return fail(p, &c);
    }
    pass(p, c.at);
    return true;
}

/* Brackets, commas and wrappers at the start of the rest. False when a value comes. */
static bool pass_punctuation(struct parts *p, struct cursor c, bool *fine)
{
    char top = p->n_open ? p->open[p->n_open - 1] : '\0';
    struct opened opened = {.kinds = "["};

    *fine = true;
    if (top && *c.at == (top == '{' ? '}' : ']')) {
        p->n_open--;
        pass(p, c.at + 1);
    } else if (*c.at == ',') {
        pass(p, c.at + 1);
    } else if (top == '{') {
        *fine = pass_key(p, c);
    } else if (*c.at == '[' && top != OPENING_ROWS) {
        (void)opening_find_list(c, &opened);
        *fine = push(p, opened.kinds);
        pass(p, c.at + 1);
    } else if (*c.at == '{' && opening_find(c, &opened) == OPENING_WRAPPER) {
        *fine = push(p, opened.kinds);
        pass(p, c.at + opened.length);
    } else {
        return false;
    }
    return true;
}

bool parts_next(struct parts *p, struct bytes *out)
{
    struct cursor c;
    bool fine = true;

    do {
        c = cursor_on(p->rest);
        if (cursor_at_end(&c)) {
            p->cut = p->n_open > 0;
            pass(p, c.at);
            return false;
        }
    } while (pass_punctuation(p, c, &fine) && fine);
    if (!fine || (p->n_open == 0 && *c.at != '{'))
        return false;
    if (!cursor_skip(&c, out))
        return fail(p, &c);
    pass(p, c.at);
    return true;
}
