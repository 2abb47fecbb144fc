/* The functions over texts.
 * Source: CloudWatch Logs user guide, "String functions" (2026). */
#include <math.h>

#include "core/asking/eval.h"
#include "core/asking/json.h"
#include "core/query/query_names.h"

static const struct datum missing = {.kind = DATUM_MISSING};
static const struct datum undecided = {.kind = DATUM_UNDECIDED};

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Appends while the whole stays within EVAL_MAX_TEXT_BYTES. */
static bool add(struct buffer *out, struct bytes text)
{
    if (text.len > EVAL_MAX_TEXT_BYTES - out->len)
        return false;
    buffer_add(out, text);
    return true;
}

/* The text, or undecided when it did not fit. */
static struct datum finish(struct eval *e, struct buffer *out, bool fits)
{
    if (fits)
        return eval_take(e, out);
    buffer_deinit(out);
    return undecided;
}

static struct datum call_concat(struct eval *e, const struct expr *call)
{
    struct buffer text = {0};
    bool fits = true;

    for (size_t i = 0; i < call->n_args && fits; i++) {
        struct datum d = eval_value(e, call->args[i]);

        fits = d.kind != DATUM_UNDECIDED && add(&text, eval_text(e, d));
    }
    return finish(e, &text, fits);
}

static struct datum change_case(struct eval *e, struct bytes text, bool upper)
{
    struct buffer out = {0};

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (upper && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        else if (!upper && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        buffer_add_char(&out, c);
    }
    return eval_take(e, &out);
}

static size_t count_characters(struct bytes text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

/* Byte offset of character `index`. */
static size_t character_offset(struct bytes text, double index)
{
    double seen = -1;

    for (size_t i = 0; i < text.len; i++) {
        seen += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
        if (seen >= index)
            return i;
    }
    return text.len;
}

static struct datum call_substr(struct eval *e, struct bytes text, const struct expr *call)
{
    double bounds[2] = {0, INFINITY}; /* start, length */

    for (size_t i = 1; i < call->n_args; i++) {
        struct datum d = eval_value(e, call->args[i]);

        if (!datum_number(d, &bounds[i - 1]))
            return d.kind == DATUM_UNDECIDED ? d : missing;
    }
    text = bytes_slice(text, character_offset(text, fmax(0, floor(bounds[0]))), text.len);
    return datum_of_text(
        bytes_slice(text, 0, character_offset(text, fmax(0, floor(bounds[1])))));
}

static struct datum call_replace(struct eval *e, struct bytes text, struct bytes from,
                                 struct bytes to)
{
    struct buffer out = {0};
    bool fits = true;

    while (from.len && fits) {
        size_t at = bytes_find(text, from);

        if (at == SIZE_MAX)
            break;
        fits = add(&out, bytes_slice(text, 0, at)) && add(&out, to);
        text = bytes_slice(text, at + from.len, text.len);
    }
    fits = fits && add(&out, text);
    return finish(e, &out, fits);
}

/* $1 to $9, also as \1, are groups, $0 is the whole match and $$ a $. */
static bool add_replacement(struct buffer *out, struct bytes to, const struct bytes *groups)
{
    bool fits = true;

    for (size_t i = 0; i < to.len && fits; i++) {
        char c = to.ptr[i], next = i + 1 < to.len ? to.ptr[i + 1] : '\0';

        if ((c == '$' || c == '\\') && next >= '0' && next <= '9') {
            fits = add(out, groups[next - '0']);
            i++;
        } else {
            fits = add(out, bytes_slice(to, i, i + 1));
            i += c == '$' && next == '$';
        }
    }
    return fits;
}

static size_t next_character(struct bytes text, size_t at)
{
    at++;
    while (at < text.len && ((unsigned char)text.ptr[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static struct datum call_regex_replace(struct eval *e, struct bytes text,
                                       const struct expr *regex, struct bytes to)
{
    const struct match *m = eval_match(e, regex);
    struct bytes groups[10];
    struct buffer out = {0};
    size_t from = 0, kept = 0; /* looked at from; copied up to */
    enum match_result result = m ? MATCH_YES : MATCH_UNDECIDED;
    bool fits = true;

    while (result == MATCH_YES && fits && from <= text.len) {
        size_t start, end;

        result = match_capture(m, e->scratch, text, from, groups, ARRAY_LEN(groups));
        if (result != MATCH_YES)
            break;
        start = groups[0].ptr ? (size_t)(groups[0].ptr - text.ptr) : from;
        end = start + groups[0].len;
        fits = add(&out, bytes_slice(text, kept, start)) && add_replacement(&out, to, groups);
        kept = end;
        from = groups[0].len ? end : next_character(text, end);
    }
    fits = fits && result != MATCH_UNDECIDED && add(&out, bytes_slice(text, kept, text.len));
    return finish(e, &out, fits);
}

/* A list as text, like every list here. */
static struct datum call_split(struct eval *e, struct bytes text, struct bytes delimiter)
{
    struct buffer out = {0};

    buffer_add_char(&out, '[');
    for (;;) {
        size_t at = delimiter.len ? bytes_find(text, delimiter) : SIZE_MAX;

        json_write_string(&out, bytes_slice(text, 0, at == SIZE_MAX ? text.len : at));
        if (at == SIZE_MAX)
            break;
        buffer_add_char(&out, ',');
        text = bytes_slice(text, at + delimiter.len, text.len);
    }
    buffer_add_char(&out, ']');
    return finish(e, &out, out.len <= EVAL_MAX_TEXT_BYTES);
}

static bool is_in(char c, const struct bytes *set)
{
    return set ? set->len && memchr(set->ptr, c, set->len) : is_space(c);
}

static struct datum call_trim(unsigned function, struct bytes text, const struct bytes *set)
{
    while (function != FUNCTION_RTRIM && text.len && is_in(text.ptr[0], set))
        text = bytes_slice(text, 1, text.len);
    while (function != FUNCTION_LTRIM && text.len && is_in(text.ptr[text.len - 1], set))
        text.len--;
    return datum_of_text(text);
}

static struct datum call_contains(struct eval *e, struct bytes text, struct bytes part,
                                  struct datum caseless)
{
    double flag;
    bool fold = (datum_number(caseless, &flag) && flag != 0) ||
                (caseless.kind == DATUM_TEXT && bytes_are(caseless.text, "true"));

    if (fold) {
        text = change_case(e, text, false).text;
        part = change_case(e, part, false).text;
    }
    return datum_of_bool(bytes_find(text, part) != SIZE_MAX);
}

/* With two or three texts. */
static struct datum call_texts(struct eval *e, const struct expr *call, struct bytes text)
{
    struct bytes texts[2] = {{0}};
    struct datum last = {0};

    for (size_t i = 1; i < call->n_args; i++) {
        if (call->args[i]->kind == EXPR_REGEX)
            continue;
        last = eval_value(e, call->args[i]);
        if (last.kind == DATUM_MISSING || last.kind == DATUM_UNDECIDED)
            return last;
        texts[i - 1] = eval_text(e, last);
    }
    switch (call->function) {
    case FUNCTION_STRCONTAINS:
        return call_contains(e, text, texts[0], call->n_args > 2 ? last : missing);
    case FUNCTION_STARTS_WITH:
        return datum_of_bool(bytes_equal(bytes_slice(text, 0, texts[0].len), texts[0]));
    case FUNCTION_ENDS_WITH:
        return datum_of_bool(
            text.len >= texts[0].len &&
            bytes_equal(bytes_slice(text, text.len - texts[0].len, text.len), texts[0]));
    case FUNCTION_REPLACE:
        return call_replace(e, text, texts[0], texts[1]);
    case FUNCTION_REGEX_REPLACE:
        return call_regex_replace(e, text, call->args[1], texts[1]);
    case FUNCTION_SPLIT:
        return call_split(e, text, texts[0]);
    default:
        return call_trim(call->function, text, call->n_args > 1 ? &texts[0] : NULL);
    }
}

struct datum eval_call_text(struct eval *e, const struct expr *call)
{
    struct datum first;
    struct bytes text;

    if (call->function == FUNCTION_CONCAT)
        return call_concat(e, call);
    first = eval_value(e, call->args[0]);
    if (first.kind == DATUM_MISSING || first.kind == DATUM_UNDECIDED)
        return first;
    text = eval_text(e, first);
    switch (call->function) {
    case FUNCTION_STRLEN:
        return datum_of_number((double)count_characters(text));
    case FUNCTION_MESSAGE_SIZE:
        return datum_of_number((double)text.len);
    case FUNCTION_TOUPPER:
    case FUNCTION_TOLOWER:
        return change_case(e, text, call->function == FUNCTION_TOUPPER);
    case FUNCTION_SUBSTR:
        return call_substr(e, text, call);
    default:
        return call_texts(e, call, text);
    }
}
