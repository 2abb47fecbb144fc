#include "core/keeping/writer.h"

#include "core/base/mem.h"
#include "core/base/safe.h"
#include "core/base/utf8.h"

enum {
    HELD_ROWS = 1000,
    HELD_BYTES = 16 << 20,
    ALIGN_MAX_COLS = 100, /* one long cell does not push all others off the screen */
    ALIGN_MIN_COLS = 16,  /* on narrow terminals */
    FLUSH_BYTES = 64 << 10,
};

/* A sanitised cell of a row that is held back; its text stands in `held`. */
struct held_cell {
    size_t start, len;
    unsigned cols;
};

struct writer {
    FILE *out;
    enum writer_format format;
    bool ascii;
    unsigned terminal_cols; /* 0: no terminal */
    bool failed;
    struct buffer *columns; /* names: as JSON strings in JSON, as they are elsewhere */
    size_t n_columns;
    uint64_t n_rows;
    struct buffer line;         /* ready for `out` */
    struct buffer safe;         /* a cell of CSV for a terminal */
    const struct mask *mask;    /* NULL: nothing is hidden */
    struct writer_cell *masked; /* one row */
    struct buffer masked_text;
    size_t n_hidden;
    /* Text only. */
    bool released;       /* widths are decided, rows go straight out */
    bool blocks;         /* a row is a block of lines */
    unsigned names_cols; /* of the longest heading */
    struct buffer held;
    struct held_cell *cells; /* row by row, the headings first */
    size_t n_cells, cap_cells;
    unsigned *widths;
    bool *right; /* columns that hold nothing but numbers */
    bool *any;   /* columns that hold something */
};

bool writer_format_find(struct bytes name, enum writer_format *out)
{
    static const char *const names[] = {"text", "csv", "json", "jsonl"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (bytes_are(name, names[i])) {
            *out = (enum writer_format)i;
            return true;
        }
    }
    return false;
}

static void writer_flush(struct writer *w, size_t at_least)
{
    if (w->line.len < at_least)
        return;
    if (w->line.len > 0 && fwrite(w->line.ptr, 1, w->line.len, w->out) != w->line.len)
        w->failed = true;
    buffer_clear(&w->line);
}

/* JSON */

static void add_escaped(struct buffer *out, uint32_t code)
{
    if (code >= 0x10000) {
        uint32_t over = code - 0x10000;

        buffer_printf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + (over >> 10)),
                      (unsigned)(0xdc00 + (over & 0x3ff)));
    } else {
        buffer_printf(out, "\\u%04x", (unsigned)code);
    }
}

/* A code point from U+0080, or a byte that is no UTF-8, at the start of `text`; the bytes used.
 * What a terminal must not see is escaped: in JSON that loses nothing. */
static size_t add_beyond_ascii(struct buffer *out, struct bytes text)
{
    uint32_t code;
    size_t used = utf8_decode(text, &code);

    if (code == UTF8_INVALID)
        buffer_add_text(out, "\xef\xbf\xbd");
    else if (utf8_width(code) < 0)
        add_escaped(out, code);
    else
        buffer_add(out, bytes_slice(text, 0, used));
    return used;
}

static void add_ascii_escape(struct buffer *out, char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *named = c ? strchr(from, c) : NULL;

    if (named) {
        buffer_add_char(out, '\\');
        buffer_add_char(out, to[named - from]);
    } else {
        add_escaped(out, (unsigned char)c);
    }
}

void writer_add_json(struct buffer *out, struct bytes text)
{
    buffer_add_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t from = at;

        while (at < text.len && (unsigned char)(text.ptr[at] - 0x20) < 0x5f &&
               text.ptr[at] != '"' && text.ptr[at] != '\\')
            at++;
        buffer_add(out, bytes_slice(text, from, at));
        if (at == text.len)
            break;
        if ((unsigned char)text.ptr[at] < 0x80)
            add_ascii_escape(out, text.ptr[at++]);
        else
            at += add_beyond_ascii(out, bytes_slice(text, at, text.len));
    }
    buffer_add_char(out, '"');
}

/* JSON as it stood in the evidence, on one line. Line ends in it can only be white space
 * between tokens. */
static void add_raw_json(struct buffer *out, struct bytes text)
{
    for (size_t at = 0; at < text.len;) {
        unsigned char c = (unsigned char)text.ptr[at];

        if (c >= 0x80) {
            at += add_beyond_ascii(out, bytes_slice(text, at, text.len));
            continue;
        }
        if (c == 0x7f)
            add_escaped(out, c);
        else
            buffer_add_char(out, c < 0x20 ? ' ' : (char)c);
        at++;
    }
}

static size_t skip_digits(struct bytes text, size_t at)
{
    while (at < text.len && (unsigned char)(text.ptr[at] - '0') <= 9)
        at++;
    return at;
}

/* A number by the grammar of RFC 8259, section 6. */
static bool is_number(struct bytes text)
{
    size_t at = text.len > 0 && text.ptr[0] == '-', from = at;

    at = skip_digits(text, at);
    if (at == from || (at - from > 1 && text.ptr[from] == '0'))
        return false;
    if (at < text.len && text.ptr[at] == '.') {
        from = ++at;
        at = skip_digits(text, at);
        if (at == from)
            return false;
    }
    if (at < text.len && (text.ptr[at] | 32) == 'e') {
        at++;
        at += at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-');
        from = at;
        at = skip_digits(text, at);
        if (at == from)
            return false;
    }
    return at == text.len;
}

static void write_json_row(struct writer *w, const struct writer_cell *cells)
{
    struct buffer *out = &w->line;
    bool first = true;

    if (w->format == WRITER_JSON)
        buffer_add_text(out, w->n_rows == 0 ? "[\n" : ",\n");
    buffer_add_char(out, '{');
    for (size_t i = 0; i < w->n_columns; i++) {
        const struct writer_cell *cell = &cells[i];

        if (cell->type == WRITER_MISSING)
            continue;
        if (!first)
            buffer_add_char(out, ',');
        first = false;
        buffer_add(out, buffer_bytes(&w->columns[i]));
        buffer_add_char(out, ':');
        if (cell->type == WRITER_NUMBER && is_number(cell->text))
            buffer_add(out, cell->text);
        else if (cell->type == WRITER_RAW)
            add_raw_json(out, cell->text);
        else
            writer_add_json(out, cell->text);
    }
    buffer_add_char(out, '}');
    if (w->format == WRITER_JSONL)
        buffer_add_char(out, '\n');
}

/* CSV */

/* Would a spreadsheet take the cell for a formula? Blanks before it do not help: some strip
 * them. Source: OWASP, CSV Injection. */
static bool runs_as_formula(struct bytes text)
{
    static const char *const starts[] = {
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\n",
        "\xef\xbc\x9d", /* U+FF1D, full-width = */
        "\xef\xbc\x8b", /* U+FF0B, + */
        "\xef\xbc\x8d", /* U+FF0D, - */
        "\xef\xbc\xa0", /* U+FF20, @ */
    };

    /* A spreadsheet may not see what has no width. */
    while (text.len > 0) {
        uint32_t code;
        size_t used = utf8_decode(text, &code);

        if (text.ptr[0] != ' ' && (code < 0x80 || code == UTF8_INVALID || utf8_width(code) > 0))
            break;
        text = bytes_slice(text, used, text.len);
    }
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        if (bytes_starts(text, starts[i]))
            return true;
    }
    return false;
}

static bool csv_needs_quotes(struct bytes text)
{
    /* An empty text is quoted, so that it differs from a missing one. */
    if (text.len == 0 || text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ')
        return true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '"' || c == ',' || c == ';' || c == '\t' || c == '\n' || c == '\r')
            return true;
    }
    return false;
}

static void add_csv(struct writer *w, struct bytes text, bool number)
{
    bool formula = !number && runs_as_formula(text);
    struct buffer *out = &w->line;

    if (w->terminal_cols > 0) {
        buffer_clear(&w->safe);
        safe_add(&w->safe, text, SAFE_ALL_COLUMNS, w->ascii);
        text = buffer_bytes(&w->safe);
    }
    if (!formula && !csv_needs_quotes(text)) {
        buffer_add(out, text);
        return;
    }
    buffer_add_char(out, '"');
    if (formula)
        buffer_add_char(out, '\'');
    while (text.len > 0) {
        const char *quote = memchr(text.ptr, '"', text.len);
        size_t upto = quote ? (size_t)(quote - text.ptr) + 1 : text.len;

        buffer_add(out, bytes_slice(text, 0, upto));
        if (quote)
            buffer_add_char(out, '"');
        text = bytes_slice(text, upto, text.len);
    }
    buffer_add_char(out, '"');
}

static void write_csv_head(struct writer *w)
{
    for (size_t i = 0; i < w->n_columns; i++) {
        if (i > 0)
            buffer_add_char(&w->line, ',');
        add_csv(w, buffer_bytes(&w->columns[i]), false);
    }
    buffer_add_text(&w->line, "\r\n");
}

static void write_csv_row(struct writer *w, const struct writer_cell *cells)
{
    for (size_t i = 0; i < w->n_columns; i++) {
        if (i > 0)
            buffer_add_char(&w->line, ',');
        if (cells[i].type != WRITER_MISSING)
            add_csv(w, cells[i].text,
                    cells[i].type == WRITER_NUMBER && is_number(cells[i].text));
    }
    buffer_add_text(&w->line, "\r\n");
}

/* Text */

static void hold_cell(struct writer *w, struct bytes text)
{
    struct held_cell cell = {.start = w->held.len};

    cell.cols = safe_add(&w->held, text, SAFE_ALL_COLUMNS, w->ascii);
    cell.len = w->held.len - cell.start;
    mem_grow(&w->cells, &w->cap_cells, w->n_cells + 1, sizeof *w->cells);
    w->cells[w->n_cells++] = cell;
}

static void add_blanks(struct buffer *out, size_t n)
{
    if (n == 0)
        return;
    memset(buffer_room(out, n), ' ', n);
    out->len += n;
}

/* One line of the held rows; `cells` are its n_columns. Nothing is padded behind the last
 * cell that holds something. */
static void write_text_line(struct writer *w, const struct held_cell *cells)
{
    size_t pending = 0;

    for (size_t i = 0; i < w->n_columns; i++) {
        size_t pad = w->widths[i] > cells[i].cols ? w->widths[i] - cells[i].cols : 0;

        if (cells[i].len == 0) {
            pending += pad + 2;
            continue;
        }
        add_blanks(&w->line, pending + (w->right[i] ? pad : 0));
        buffer_add(&w->line, bytes_make(w->held.ptr + cells[i].start, cells[i].len));
        pending = (w->right[i] ? 0 : pad) + 2;
    }
    buffer_add_char(&w->line, '\n');
    writer_flush(w, FLUSH_BYTES);
}

/* A line per cell that holds something; values are not wrapped, so that they can be copied. */
static void write_block(struct writer *w, const struct held_cell *cells)
{
    for (size_t i = 0; i < w->n_columns; i++) {
        unsigned cols;

        if (cells[i].len == 0)
            continue;
        cols = safe_add(&w->line, buffer_bytes(&w->columns[i]), SAFE_ALL_COLUMNS, w->ascii);
        add_blanks(&w->line, w->names_cols - cols + 2);
        buffer_add(&w->line, bytes_make(w->held.ptr + cells[i].start, cells[i].len));
        buffer_add_char(&w->line, '\n');
    }
    buffer_add_char(&w->line, '\n');
    writer_flush(w, FLUSH_BYTES);
}

/* The widths of the columns, and whether most rows would take more than two lines. */
static void decide_widths(struct writer *w)
{
    unsigned most = w->terminal_cols / 3;
    size_t n_rows = w->n_columns ? w->n_cells / w->n_columns - 1 : 0, n_long = 0;

    if (most < ALIGN_MIN_COLS)
        most = ALIGN_MIN_COLS;
    if (w->terminal_cols == 0 || most > ALIGN_MAX_COLS)
        most = ALIGN_MAX_COLS;
    for (size_t i = 0; i < w->n_cells; i++) {
        unsigned *width = &w->widths[i % w->n_columns];

        if (w->cells[i].cols > *width)
            *width = w->cells[i].cols < most ? w->cells[i].cols : most;
    }
    for (size_t i = 0; i < w->n_columns; i++)
        if (w->cells[i].cols > w->names_cols)
            w->names_cols = w->cells[i].cols;
    for (size_t row = 1; row <= n_rows; row++) {
        const struct held_cell *cells = &w->cells[row * w->n_columns];
        uint64_t cols = 0, upto = 0; /* where its last cell that holds something ends */

        for (size_t i = 0; i < w->n_columns; i++) {
            cols += (cells[i].cols > w->widths[i] ? cells[i].cols : w->widths[i]) + 2u;
            upto = cells[i].len > 0 ? cols : upto;
        }
        n_long += upto > 2 * (uint64_t)w->terminal_cols;
    }
    w->blocks = w->terminal_cols > 0 && n_long * 2 > n_rows;
    for (size_t i = 0; i < w->n_columns; i++)
        w->right[i] &= w->any[i];
}

static void release_text(struct writer *w)
{
    size_t from = 0;

    if (!w->released) {
        decide_widths(w);
        w->released = true;
        from = w->blocks ? w->n_columns : 0; /* the headings */
    }
    for (size_t i = from; i < w->n_cells; i += w->n_columns) {
        if (w->blocks)
            write_block(w, &w->cells[i]);
        else
            write_text_line(w, &w->cells[i]);
    }
    w->n_cells = 0;
    buffer_clear(&w->held);
}

static void write_text_row(struct writer *w, const struct writer_cell *cells)
{
    for (size_t i = 0; i < w->n_columns; i++) {
        bool missing = cells[i].type == WRITER_MISSING;

        hold_cell(w, missing                 ? (struct bytes){0}
                     : cells[i].text.len > 0 ? cells[i].text
                                             : bytes_of("\"\""));
        if (!missing && !w->released) {
            w->any[i] = true;
            w->right[i] &= cells[i].type == WRITER_NUMBER;
        }
    }
    if (w->released || w->n_rows + 1 >= HELD_ROWS || w->held.len >= HELD_BYTES)
        release_text(w);
}

struct writer *writer_new(FILE *out, enum writer_format format, const struct bytes *columns,
                          size_t n_columns, bool ascii, unsigned terminal_cols)
{
    struct writer *w = mem_alloc(sizeof *w);

    w->out = out;
    w->format = format;
    w->ascii = ascii;
    w->terminal_cols = terminal_cols;
    w->n_columns = n_columns;
    w->columns = mem_array(n_columns, sizeof *w->columns);
    w->widths = mem_array(n_columns, sizeof *w->widths);
    w->right = mem_array(n_columns, sizeof *w->right);
    w->any = mem_array(n_columns, sizeof *w->any);
    for (size_t i = 0; i < n_columns; i++) {
        w->right[i] = true;
        if (format == WRITER_JSON || format == WRITER_JSONL)
            writer_add_json(&w->columns[i], columns[i]);
        else
            buffer_add(&w->columns[i], columns[i]);
        if (format == WRITER_TEXT)
            hold_cell(w, columns[i]);
    }
    if (format == WRITER_CSV)
        write_csv_head(w);
    return w;
}

void writer_mask(struct writer *w, const struct mask *m)
{
    w->mask = m->level != MASK_NONE ? m : NULL;
    if (w->mask && !w->masked)
        w->masked = mem_array(w->n_columns, sizeof *w->masked);
}

size_t writer_hidden(const struct writer *w)
{
    return w->n_hidden;
}

/* The cells with what is hidden replaced; valid until the next call. */
static const struct writer_cell *mask_cells(struct writer *w, const struct writer_cell *cells)
{
    bool is_json = w->format == WRITER_JSON || w->format == WRITER_JSONL;

    buffer_clear(&w->masked_text);
    for (size_t i = 0; i < w->n_columns; i++) {
        struct bytes name = buffer_bytes(&w->columns[i]);
        size_t start = w->masked_text.len, n = 0;

        if (is_json)
            name = bytes_slice(name, 1, name.len - 1);
        if (cells[i].type != WRITER_MISSING)
            n = mask_add(w->mask, name, cells[i].text, &w->masked_text);
        w->masked[i].type =
            n > 0 && cells[i].type == WRITER_NUMBER ? WRITER_STRING : cells[i].type;
        w->masked[i].text.len = w->masked_text.len - start;
        w->n_hidden += n;
    }
    for (size_t i = 0, at = 0; i < w->n_columns; at += w->masked[i++].text.len)
        w->masked[i].text.ptr = w->masked_text.ptr ? w->masked_text.ptr + at : NULL;
    return w->masked;
}

void writer_row(struct writer *w, const struct writer_cell *cells)
{
    if (w->mask)
        cells = mask_cells(w, cells);
    switch (w->format) {
    case WRITER_TEXT:
        write_text_row(w, cells);
        break;
    case WRITER_CSV:
        write_csv_row(w, cells);
        break;
    case WRITER_JSON:
    case WRITER_JSONL:
        write_json_row(w, cells);
        break;
    }
    w->n_rows++;
    writer_flush(w, FLUSH_BYTES);
}

enum err writer_finish(struct writer *w)
{
    enum err result;

    if (w->format == WRITER_TEXT)
        release_text(w);
    if (w->format == WRITER_JSON)
        buffer_add_text(&w->line, w->n_rows == 0 ? "[]\n" : "\n]\n");
    writer_flush(w, 0);
    if (fflush(w->out) != 0 || ferror(w->out))
        w->failed = true;
    result = w->failed ? ERR_IO : ERR_OK;
    for (size_t i = 0; i < w->n_columns; i++)
        buffer_deinit(&w->columns[i]);
    mem_free(w->columns);
    mem_free(w->masked);
    buffer_deinit(&w->masked_text);
    mem_free(w->widths);
    mem_free(w->right);
    mem_free(w->any);
    mem_free(w->cells);
    buffer_deinit(&w->held);
    buffer_deinit(&w->line);
    buffer_deinit(&w->safe);
    mem_free(w);
    return result;
}
