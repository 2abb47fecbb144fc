#include "core/base/safe.h"

#include "core/base/utf8.h"

enum { MARKS_PER_CHARACTER = 4, ESCAPE_MAX_BYTES = 10 };

/* Walks text in units that are drawn whole: a character, a mark, or an escape. */
struct walk {
    struct bytes rest;
    bool ascii;
    bool on_base; /* a mark may follow */
    unsigned marks;
};

struct unit {
    struct bytes text; /* points into the walked text or into `escape` */
    unsigned cols;
    bool escaped;
    char escape[ESCAPE_MAX_BYTES];
};

static void unit_escape(struct unit *u, char letter, uint32_t value, unsigned digits)
{
    u->escape[0] = '\\';
    u->escape[1] = letter;
    for (unsigned i = 0; i < digits; i++)
        u->escape[2 + i] = "0123456789abcdef"[value >> 4 * (digits - 1 - i) & 15];
    u->text = bytes_make(u->escape, 2 + digits);
    u->cols = 2 + digits;
    u->escaped = true;
}

static void unit_escape_code(struct unit *u, uint32_t code)
{
    if (code == '\n')
        unit_escape(u, 'n', 0, 0);
    else if (code == '\r')
        unit_escape(u, 'r', 0, 0);
    else if (code == '\t')
        unit_escape(u, 't', 0, 0);
    else if (code < 0x10000)
        unit_escape(u, 'u', code, 4);
    else
        unit_escape(u, 'U', code, 8);
}

/* True when a character of this width may be drawn as it is after what came before. */
static bool walk_allows(const struct walk *w, uint32_t code, int width)
{
    if (width < 0 || (w->ascii && code >= 0x80))
        return false;
    return width > 0 || (w->on_base && w->marks < MARKS_PER_CHARACTER);
}

static void walk_next(struct walk *w, struct unit *u)
{
    uint32_t code;
    size_t used = utf8_decode(w->rest, &code);
    int width = code == UTF8_INVALID ? -1 : utf8_width(code);

    if (code == UTF8_INVALID) {
        unit_escape(u, 'x', (unsigned char)w->rest.ptr[0], 2);
    } else if (walk_allows(w, code, width)) {
        u->text = bytes_make(w->rest.ptr, used);
        u->cols = (unsigned)width;
        u->escaped = false;
    } else {
        unit_escape_code(u, code);
    }
    if (width > 0 || u->escaped) {
        /* A mark behind an escape would be drawn on its last digit. A run of too many marks
         * stays one run: the ones that follow are escaped too. */
        w->on_base = !u->escaped;
        w->marks = 0;
    } else {
        w->marks++;
    }
    w->rest = bytes_slice(w->rest, used, w->rest.len);
}

/* Length of the run of printable ASCII at the start. */
static size_t plain_run(struct bytes text)
{
    size_t n = 0;

    while (n < text.len && (unsigned char)(text.ptr[n] - 0x20) < 0x5f)
        n++;
    return n;
}

/* Output with a limit, which remembers where the mark for cut text would still fit. */
struct sink {
    struct buffer *out;
    unsigned max_cols, cols;
    size_t fit_len;
    unsigned fit_cols;
};

/* False (and nothing added) when it would be too wide. */
static bool sink_put(struct sink *s, struct bytes text, size_t cols)
{
    if (cols > s->max_cols - s->cols)
        return false;
    buffer_add(s->out, text);
    s->cols += (unsigned)cols;
    if (s->cols < s->max_cols) {
        s->fit_len = s->out->len;
        s->fit_cols = s->cols;
    }
    return true;
}

/* One column per byte. False when it did not fit; then as much is added as may stay. */
static bool sink_put_plain(struct sink *s, struct bytes run)
{
    size_t room = s->max_cols - s->cols, first = run.len;

    if (room == 0)
        return run.len == 0;
    if (first >= room)
        first = room - 1;
    (void)sink_put(s, bytes_slice(run, 0, first), first);
    return sink_put(s, bytes_slice(run, first, run.len), run.len - first);
}

static void sink_cut(struct sink *s, bool ascii)
{
    s->out->len = s->fit_len;
    s->cols = s->fit_cols;
    if (s->max_cols > 0) {
        buffer_add_text(s->out, ascii ? "~" : "\xe2\x80\xa6");
        s->cols++;
    }
}

unsigned safe_add(struct buffer *out, struct bytes text, unsigned max_cols, bool ascii)
{
    struct sink sink = {.out = out, .fit_len = out->len};
    struct walk walk = {.rest = text, .ascii = ascii};
    bool fits = true;

    sink.max_cols = max_cols < SAFE_ALL_COLUMNS ? max_cols : SAFE_ALL_COLUMNS;
    while (fits && walk.rest.len > 0) {
        size_t plain = plain_run(walk.rest);

        if (plain > 0) {
            fits = sink_put_plain(&sink, bytes_slice(walk.rest, 0, plain));
            walk.rest = bytes_slice(walk.rest, plain, walk.rest.len);
            walk.on_base = true;
            walk.marks = 0;
        } else {
            struct unit unit;

            walk_next(&walk, &unit);
            fits = sink_put(&sink, unit.text, unit.cols);
        }
    }
    if (!fits)
        sink_cut(&sink, ascii);
    return sink.cols;
}

size_t safe_hidden(struct bytes text)
{
    struct walk walk = {.rest = text};
    size_t hidden = 0;

    while (walk.rest.len > 0) {
        struct unit unit;

        walk_next(&walk, &unit);
        hidden += unit.escaped;
    }
    return hidden;
}
