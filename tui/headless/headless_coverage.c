#include "tui/headless/headless_coverage.h"

#include "core/base/instant.h"
#include "core/base/safe.h"

#include "core/concluding/coverage.h"

#include "tui/headless/headless.h"
#include "tui/headless/output.h"

static struct writer_cell text_cell(struct bytes text)
{
    return (struct writer_cell){text.len ? WRITER_STRING : WRITER_MISSING, text};
}

static struct writer_cell time_cell(struct arena *arena, int64_t at_us)
{
    struct buffer text = {0};
    struct writer_cell cell = {WRITER_MISSING, {0}};

    if (at_us != INSTANT_NONE) {
        instant_add(&text, at_us, INSTANT_ISO, 0);
        cell = (struct writer_cell){WRITER_STRING, arena_copy(arena, buffer_bytes(&text))};
    }
    buffer_deinit(&text);
    return cell;
}

int headless_coverage(struct session *s, const struct options *o)
{
    enum { SECTION, NAME, TEXT, FROM, TO, COLUMNS };
    static const char *const names[COLUMNS] = {"section", "name", "text", "from", "to"};
    const struct coverage_line *lines;
    struct writer_cell cells[COLUMNS];
    struct bytes columns[COLUMNS];
    struct arena arena = {0};
    struct coverage *c;
    struct output out;
    size_t n;

    session_wait(s);
    c = coverage_new(session_archive(s), session_index(s));
    lines = coverage_lines(c, &n);
    for (size_t i = 0; i < COLUMNS; i++)
        columns[i] = bytes_of(names[i]);
    output_open(&out, o, columns, COLUMNS);
    for (size_t i = 0; i < n; i++) {
        cells[SECTION] = text_cell(bytes_of(coverage_section_name(lines[i].section)));
        cells[NAME] = text_cell(lines[i].name);
        cells[TEXT] = text_cell(lines[i].text);
        cells[FROM] = time_cell(&arena, lines[i].from_us);
        cells[TO] = time_cell(&arena, lines[i].to_us);
        writer_row(out.writer, cells);
        arena_deinit(&arena);
    }
    coverage_free(c);
    if (!output_close(&out, o))
        return 4;
    return headless_status(s);
}

void headless_coverage_tail(struct session *s, FILE *out)
{
    struct coverage *c = coverage_new(session_archive(s), session_index(s));
    struct buffer safe = {0};
    const struct coverage_line *lines;
    size_t n;

    lines = coverage_lines(c, &n);
    for (size_t i = 0; i < n; i++) {
        if (lines[i].section < COVERAGE_HOURS)
            continue;
        buffer_clear(&safe);
        buffer_printf(&safe, "%s: ", coverage_section_name(lines[i].section));
        if (lines[i].name.len) {
            safe_add(&safe, lines[i].name, SAFE_ALL_COLUMNS, true);
            buffer_add_text(&safe, ": ");
        }
        buffer_add(&safe, lines[i].text);
        buffer_add_char(&safe, '\n');
        (void)fwrite(safe.ptr, 1, safe.len, out);
    }
    buffer_deinit(&safe);
    coverage_free(c);
}
