/* The JSON cursor: conformance, windows, exactness, and agreement with cJSON but for a list of
 * known differences. */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdlib.h>

#include "core/reading/cursor.h"

#include "tests/unit/corpus.h"

#define SUITE "corpora/JSONTestSuite"

static const char record[] =
    "{\"eventVersion\":\"1.08\",\"userIdentity\":{\"type\":\"Unknown\",\"principalId\":\"Any\"}"
    ","
    "\"eventTime\":\"2026-03-01T10:00:00Z\",\"eventSource\":\"cognito-idp.amazonaws.com\",\n"
    "  \"eventName\" : \"InitiateAuth\", "
    "\"sourceIPAddress\":\"198.51.100.7\",\"errorCode\":null,"
    "\"userAgent\":\"Mozilla\\/5.0 (\\\"X11\\\"; \\u00e9\\ud83d\\ude00) "
    "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\",\"requestParameters\":{\"authFlow\":"
    "\"USER_PASSWORD_AUTH\",\"list\":[1,-0.5e+10,[],{},[true,false]],\"clientMetadata\":{}},\t"
    "\"responseElements\":null,\"readOnly\":false,\"n\":18446744073709551616}";

/* Walks the value with every call but cursor_skip(), writing it without white space. */
static void rewrite(struct cursor *c, struct buffer *out)
{
    enum cursor_kind kind;
    struct cursor_text text;
    struct bytes number;
    const char *start;
    bool first = true;

    if (!cursor_peek(c, &kind))
        return;
    start = c->at;
    switch (kind) {
    case CURSOR_OBJECT:
        if (!cursor_enter_object(c))
            return;
        buffer_add_char(out, '{');
        for (; cursor_next_key(c, &text, first); first = false) {
            buffer_add_text(out, first ? "\"" : ",\"");
            buffer_add(out, text.raw);
            buffer_add_text(out, "\":");
            rewrite(c, out);
        }
        buffer_add_char(out, '}');
        return;
    case CURSOR_ARRAY:
        if (!cursor_enter_array(c))
            return;
        buffer_add_char(out, '[');
        for (; cursor_next_item(c, first); first = false) {
            if (!first)
                buffer_add_char(out, ',');
            rewrite(c, out);
        }
        buffer_add_char(out, ']');
        return;
    case CURSOR_STRING:
        if (!cursor_string(c, &text))
            return;
        buffer_add_char(out, '"');
        buffer_add(out, text.raw);
        buffer_add_char(out, '"');
        return;
    case CURSOR_NUMBER:
        if (cursor_number(c, &number))
            buffer_add(out, number);
        return;
    case CURSOR_TRUE:
    case CURSOR_FALSE:
    case CURSOR_NULL:
        if (cursor_literal(c))
            buffer_add(out, bytes_make(start, (size_t)(c->at - start)));
        return;
    }
}

/* The text without white space outside strings, by the simplest means. */
static void squeeze(struct bytes text, struct buffer *out)
{
    bool inside = false;

    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];

        if (inside && byte == '\\' && i + 1 < text.len) {
            buffer_add_char(out, byte);
            byte = text.ptr[++i];
        } else if (byte == '"') {
            inside = !inside;
        } else if (!inside && byte && strchr(" \t\r\n", byte)) {
            continue;
        }
        buffer_add_char(out, byte);
    }
}

struct verdict {
    enum cursor_fault fault;
    size_t at;
    bool whole; /* one value and nothing behind it */
    struct bytes raw;
};

/* Reads `text` both ways, which must agree, from memory that ends where the text ends. */
static struct verdict judge(struct bytes text, bool final, bool lenient)
{
    char *copy = malloc(text.len ? text.len : 1);
    struct buffer out = {0};
    struct cursor skip, walk;
    struct verdict v = {0};

    assert_non_null(copy);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    cursor_init(&skip, bytes_make(copy, text.len), final);
    skip.lenient_utf8 = lenient;
    walk = skip;
    if (cursor_skip(&skip, &v.raw)) {
        assert_true(v.raw.ptr >= copy && v.raw.ptr + v.raw.len == skip.at);
        v.raw.ptr = text.ptr + (v.raw.ptr - copy);
    } else {
        assert_int_not_equal(skip.fault, CURSOR_FINE);
    }
    v.fault = skip.fault;
    v.at = (size_t)(skip.at - copy);
    rewrite(&walk, &out);
    assert_int_equal(walk.fault, skip.fault);
    assert_ptr_equal(walk.at, skip.at);
    assert_int_equal(walk.bad_utf8, skip.bad_utf8);
    if (!v.fault)
        assert_int_equal(walk.depth, 0);
    v.whole = cursor_at_end(&skip) && !skip.fault;
    buffer_deinit(&out);
    free(copy);
    return v;
}

static bool accepts(struct bytes text)
{
    return judge(text, true, false).whole;
}

/* Calls `each` with every file whose name begins with `prefix`; returns their number. */
static unsigned each_file(const char *folder, const char *prefix,
                          void (*each)(const char *name, struct bytes text))
{
    char path[1024];
    struct buffer text = {0};
    unsigned count = 0;
    DIR *dir;

    (void)snprintf(path, sizeof(path), COGTRAIL_SHARED "/" SUITE "/%s", folder);
    dir = opendir(path);
    if (!dir) {
        print_message("JSONTestSuite is not beside the checkout\n");
        skip();
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.' || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        (void)snprintf(path, sizeof(path), SUITE "/%s/%s", folder, entry->d_name);
        buffer_clear(&text);
        assert_true(corpus_read(path, &text));
        each(entry->d_name, buffer_bytes(&text));
        count++;
    }
    (void)closedir(dir);
    buffer_deinit(&text);
    return count;
}

static void must_accept(const char *name, struct bytes text)
{
    if (!accepts(text))
        fail_msg("%s is refused", name);
}

static void must_reject(const char *name, struct bytes text)
{
    if (accepts(text))
        fail_msg("%s is accepted", name);
}

static void suite_y(void **state)
{
    (void)state;
    assert_int_equal(each_file("test_parsing", "y_", must_accept), 95);
}

static void suite_n(void **state)
{
    (void)state;
    assert_int_equal(each_file("test_parsing", "n_", must_reject), 188);
}

/* The policy of cursor.h, file by file. */
static const struct {
    const char *name;
    bool strict, lenient;
} free_choice[] = {
  /* Numbers of any size are kept as text. */
    {"i_number_double_huge_neg_exp.json",                   true,  true },
    {"i_number_huge_exp.json",                              true,  true },
    {"i_number_neg_int_huge_exp.json",                      true,  true },
    {"i_number_pos_double_huge_exp.json",                   true,  true },
    {"i_number_real_neg_overflow.json",                     true,  true },
    {"i_number_real_pos_overflow.json",                     true,  true },
    {"i_number_real_underflow.json",                        true,  true },
    {"i_number_too_big_neg_int.json",                       true,  true },
    {"i_number_too_big_pos_int.json",                       true,  true },
    {"i_number_very_big_negative_int.json",                 true,  true },
 /* Lone surrogates are kept as they are written. */
    {"i_object_key_lone_2nd_surrogate.json",                true,  true },
    {"i_string_1st_surrogate_but_2nd_missing.json",         true,  true },
    {"i_string_1st_valid_surrogate_2nd_invalid.json",       true,  true },
    {"i_string_incomplete_surrogate_and_escape_valid.json", true,  true },
    {"i_string_incomplete_surrogate_pair.json",             true,  true },
    {"i_string_incomplete_surrogates_escape_valid.json",    true,  true },
    {"i_string_invalid_lonely_surrogate.json",              true,  true },
    {"i_string_invalid_surrogate.json",                     true,  true },
    {"i_string_inverted_surrogates_U+1D11E.json",           true,  true },
    {"i_string_lone_second_surrogate.json",                 true,  true },
 /* Bytes that are not UTF-8: evidence only. */
    {"i_string_UTF-8_invalid_sequence.json",                false, true },
    {"i_string_UTF8_surrogate_U+D800.json",                 false, true },
    {"i_string_invalid_utf-8.json",                         false, true },
    {"i_string_iso_latin_1.json",                           false, true },
    {"i_string_lone_utf8_continuation_byte.json",           false, true },
    {"i_string_not_in_unicode_range.json",                  false, true },
    {"i_string_overlong_sequence_2_bytes.json",             false, true },
    {"i_string_overlong_sequence_6_bytes.json",             false, true },
    {"i_string_overlong_sequence_6_bytes_null.json",        false, true },
    {"i_string_truncated-utf-8.json",                       false, true },
 /* Other encodings and the byte order mark are the envelope's business. */
    {"i_string_UTF-16LE_with_BOM.json",                     false, false},
    {"i_string_utf16BE_no_BOM.json",                        false, false},
    {"i_string_utf16LE_no_BOM.json",                        false, false},
    {"i_structure_UTF-8_BOM_empty_object.json",             false, false},
 /* 500 levels are within the limit. */
    {"i_structure_500_nested_arrays.json",                  true,  true },
};

static void check_choice(const char *name, struct bytes text)
{
    for (size_t i = 0; i < ARRAY_LEN(free_choice); i++) {
        if (strcmp(free_choice[i].name, name) != 0)
            continue;
        if (judge(text, true, false).whole != free_choice[i].strict ||
            judge(text, true, true).whole != free_choice[i].lenient)
            fail_msg("%s is not treated as the policy says", name);
        return;
    }
    fail_msg("%s is not in the table", name);
}

static void suite_i(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_LEN(free_choice), 35);
    assert_int_equal(each_file("test_parsing", "i_", check_choice), 35);
}

static void must_keep(const char *name, struct bytes text)
{
    struct buffer want = {0}, got = {0};
    struct cursor c;

    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    rewrite(&c, &got);
    squeeze(text, &want);
    if (c.fault || !bytes_equal(buffer_bytes(&got), buffer_bytes(&want)))
        fail_msg("%s is changed", name);
    buffer_deinit(&want);
    buffer_deinit(&got);
}

static void suite_transform(void **state)
{
    (void)state;
    assert_int_equal(each_file("test_transform", "", must_keep), 22);
}

/* Whatever the window shows of a good text: more is asked for until the value is whole. */
static void windows_of_good(const char *name, struct bytes text)
{
    struct verdict all = judge(text, true, false);
    bool number;

    assert_int_equal(all.fault, CURSOR_FINE);
    number = all.raw.ptr[0] == '-' || (all.raw.ptr[0] >= '0' && all.raw.ptr[0] <= '9');
    for (size_t len = 0; len <= text.len; len++) {
        struct verdict v = judge(bytes_make(text.ptr, len), false, false);
        bool whole = number ? len > all.at : len >= all.at;

        if (v.fault != (whole ? CURSOR_FINE : CURSOR_MORE))
            fail_msg("%s cut at %zu: fault %d", name, len, v.fault);
        if (v.fault == CURSOR_MORE && v.at != len)
            fail_msg("%s cut at %zu: stands at %zu", name, len, v.at);
        if (whole)
            assert_true(bytes_equal(v.raw, all.raw));
    }
}

/* The fault of a bad text is named the same whatever the window, or more is asked for. */
static void windows_of_bad(const char *name, struct bytes text)
{
    struct verdict all;

    if (text.len > 2000)
        text.len = 2000;
    all = judge(text, true, false);
    for (size_t len = 0; len <= text.len; len++) {
        struct verdict v = judge(bytes_make(text.ptr, len), false, false);

        if (v.fault != CURSOR_MORE && (v.fault != all.fault || v.at != all.at))
            fail_msg("%s cut at %zu: fault %d at %zu", name, len, v.fault, v.at);
        if (all.fault && len > all.at + 4 && v.fault == CURSOR_MORE)
            fail_msg("%s cut at %zu: the fault is not seen", name, len);
    }
}

static void windows_suite(void **state)
{
    (void)state;
    each_file("test_parsing", "y_", windows_of_good);
    each_file("test_parsing", "n_", windows_of_bad);
}

static void windows_record(void **state)
{
    static const char *const numbers[] = {"0", "-0", "12", "1.5", "1e5", "-1.25E-10", "1 "};

    (void)state;
    windows_of_good("record", bytes_of(record));
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        windows_of_good(numbers[i], bytes_of(numbers[i]));
}

/* What a string may hold, or not, and what the cursor says to it. */
static const struct special {
    const char *text;
    enum cursor_fault strict, lenient;
    bool escaped, bad;
} specials[] = {
    {"x",                CURSOR_FINE,     CURSOR_FINE,   false, false},
    {"\\n",              CURSOR_FINE,     CURSOR_FINE,   true,  false},
    {"\\u12aF",          CURSOR_FINE,     CURSOR_FINE,   true,  false},
    {"\\\"\\\\",         CURSOR_FINE,     CURSOR_FINE,   true,  false},
    {"\xC3\xA9",         CURSOR_FINE,     CURSOR_FINE,   false, false},
    {"\xF4\x8F\xBF\xBF", CURSOR_FINE,     CURSOR_FINE,   false, false},
    {"\x7F ~",           CURSOR_FINE,     CURSOR_FINE,   false, false},
    {"\xF4\x90\x80\x80", CURSOR_ENCODING, CURSOR_FINE,   false, true },
    {"\xED\xA0\x80",     CURSOR_ENCODING, CURSOR_FINE,   false, true },
    {"\xC0\x80",         CURSOR_ENCODING, CURSOR_FINE,   false, true },
    {"\xE2\x82",         CURSOR_ENCODING, CURSOR_FINE,   false, true },
    {"\x80",             CURSOR_ENCODING, CURSOR_FINE,   false, true },
    {"\x01",             CURSOR_SYNTAX,   CURSOR_SYNTAX, false, false},
    {"\x1F",             CURSOR_SYNTAX,   CURSOR_SYNTAX, false, false},
    {"\n",               CURSOR_SYNTAX,   CURSOR_SYNTAX, false, false},
};

static void check_special(struct bytes text, size_t place, const struct special *want)
{
    struct cursor_text got;
    struct cursor c;

    assert_int_equal(judge(text, true, false).fault, want->strict);
    assert_int_equal(judge(text, true, true).fault, want->lenient);
    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    if (!cursor_string(&c, &got)) {
        assert_int_equal(c.at - text.ptr, 1 + place);
        return;
    }
    assert_int_equal(got.raw.len, text.len - 2);
    assert_int_equal(got.escaped, want->escaped);
    assert_int_equal(c.bad_utf8, want->bad);
}

/* Every kind of byte at every place of strings of every length around the block sizes. */
static void string_blocks(void **state)
{
    struct buffer text = {0};

    (void)state;
    for (size_t len = 0; len < 70; len++) {
        for (size_t place = 0; place <= len; place++) {
            for (size_t i = 0; i < ARRAY_LEN(specials); i++) {
                buffer_clear(&text);
                buffer_printf(&text, "\"%.*s%s", (int)place,
                              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                              specials[i].text);
                for (size_t k = place; k < len; k++)
                    buffer_add_char(&text, '!');
                buffer_add_char(&text, '"');
                check_special(buffer_bytes(&text), place, &specials[i]);
            }
        }
    }
    buffer_deinit(&text);
}

/* `levels` arrays and objects in turn around nothing. */
static void nest(struct buffer *text, size_t levels)
{
    buffer_clear(text);
    for (size_t i = 0; i < levels; i++)
        buffer_add_text(text, i % 2 && i + 1 < levels ? "{\"k\":" : "[");
    for (size_t i = levels; i-- > 0;)
        buffer_add_char(text, i % 2 && i + 1 < levels ? '}' : ']');
}

static void depth_limit(void **state)
{
    struct buffer text = {0};
    struct verdict v;
    struct cursor c;

    (void)state;
    nest(&text, CURSOR_MAX_DEPTH);
    assert_true(accepts(buffer_bytes(&text)));
    nest(&text, CURSOR_MAX_DEPTH + 1);
    v = judge(buffer_bytes(&text), true, false);
    assert_int_equal(v.fault, CURSOR_DEPTH);
    assert_int_equal(text.ptr[v.at], '[');
    cursor_init(&c, buffer_bytes(&text), true);
    assert_true(cursor_enter_array(&c));
    assert_true(cursor_next_item(&c, true));
    assert_false(cursor_skip(&c, NULL));
    assert_int_equal(c.fault, CURSOR_DEPTH);
    assert_int_equal((size_t)(c.at - text.ptr), v.at);
    buffer_deinit(&text);
}

static void faults_stay(void **state)
{
    struct cursor_text text;
    struct bytes number;
    enum cursor_kind kind;
    struct cursor c;

    (void)state;
    cursor_init(&c, bytes_of(" ? \"a\" 1 {} [] null"), true);
    assert_false(cursor_peek(&c, &kind));
    assert_int_equal(c.fault, CURSOR_SYNTAX);
    c.at += 1;
    assert_false(cursor_string(&c, &text));
    assert_false(cursor_number(&c, &number));
    assert_false(cursor_literal(&c));
    assert_false(cursor_enter_object(&c));
    assert_false(cursor_enter_array(&c));
    assert_false(cursor_next_item(&c, true));
    assert_false(cursor_next_key(&c, &text, true));
    assert_false(cursor_skip(&c, NULL));
    assert_false(cursor_at_end(&c));
    for (int fault = CURSOR_FINE; fault <= CURSOR_DEPTH; fault++)
        assert_true(strlen(cursor_fault_text((enum cursor_fault)fault)) > 0);
}

static void refused_forms(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } rows[] = {
        {"{\"a\" 1}",         5},
        {"{\"a\":1,}",        7},
        {"{,\"a\":1}",        1},
        {"{\"a\":1 \"b\":2}", 7},
        {"[1 2]",             3},
        {"[1,]",              3},
        {"[,1]",              1},
        {"[1}",               2},
        {"{\"a\":1]",         6},
        {"{1:2}",             1},
        {"{\"a\":}",          5},
        {"-",                 1},
        {"-a",                1},
        {"1.",                2},
        {"1.e1",              2},
        {"1e",                2},
        {"1e+",               3},
        {"tru",               3},
        {"trUe",              2},
        {"nul",               3},
        {"\"\\x\"",           2},
        {"\"\\u12g4\"",       5},
        {"\"abc",             4},
        {"",                  0},
        {"\xEF\xBB\xBF{}",    0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct verdict v = judge(bytes_of(rows[i].text), true, false);

        if (v.fault != CURSOR_SYNTAX || v.at != rows[i].at)
            fail_msg("%s: fault %d at %zu", rows[i].text, v.fault, v.at);
    }
}

static void duplicate_keys(void **state)
{
    struct cursor c;
    struct cursor_text key;
    struct bytes value;

    (void)state;
    cursor_init(&c, bytes_of("{\"a\":1, \"A\" :2,\"a\": 3 } "), true);
    assert_true(cursor_enter_object(&c));
    assert_true(cursor_next_key(&c, &key, true));
    assert_true(bytes_are(key.raw, "a"));
    assert_true(cursor_number(&c, &value));
    assert_true(cursor_next_key(&c, &key, false));
    assert_true(bytes_are(key.raw, "A"));
    assert_true(cursor_skip(&c, &value));
    assert_true(bytes_are(value, "2"));
    assert_true(cursor_next_key(&c, &key, false));
    assert_true(bytes_are(key.raw, "a"));
    assert_true(cursor_number(&c, &value));
    assert_true(bytes_are(value, "3"));
    assert_false(cursor_next_key(&c, &key, false));
    assert_true(cursor_at_end(&c));
    assert_int_equal(c.depth, 0);
}

static void big_numbers(void **state)
{
    static const char *const numbers[] = {"9007199254740993", "18446744073709551616", "1e400",
                                          "-0.000000000000000000000000000000000000001E-999999",
                                          "123456789012345678901234567890.123456789012345678"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        struct cursor c;
        struct bytes got;

        cursor_init(&c, bytes_of(numbers[i]), true);
        assert_true(cursor_number(&c, &got));
        assert_true(bytes_are(got, numbers[i]));
    }
}

static void decoded(void **state)
{
    static const struct {
        const char *raw, *want;
        size_t want_len;
    } rows[] = {
        {"plain",                      "plain",                   5 },
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t",         8 },
        {"a\\u0000b",                  "a\0b",                    3 },
        {"\\u00e9\\u20AC",             "\xC3\xA9\xE2\x82\xAC",    5 },
        {"\\ud83d\\uDE00!",            "\xF0\x9F\x98\x80!",       5 },
        {"\\ud800",                    "\\ud800",                 6 },
        {"\\uDC00x",                   "\\uDC00x",                7 },
        {"\\ud800\\ud800\\udc00",      "\\ud800\xF0\x90\x80\x80", 10},
        {"\\uD83Dx\\n",                "\\uD83Dx\n",              8 },
        {"\\uD83D\\n",                 "\\uD83D\n",               7 },
        {"\\\\ud83d",                  "\\ud83d",                 6 },
        {"\\udbff\\udfff",             "\xF4\x8F\xBF\xBF",        4 },
        {"",                           "",                        0 },
    };
    struct buffer quoted = {0}, out = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct cursor_text text;
        struct cursor c;

        buffer_clear(&quoted);
        buffer_clear(&out);
        buffer_printf(&quoted, "\"%s\"", rows[i].raw);
        cursor_init(&c, buffer_bytes(&quoted), true);
        assert_true(cursor_string(&c, &text));
        assert_int_equal(text.escaped, strchr(rows[i].raw, '\\') != NULL);
        cursor_decode(text, &out);
        assert_int_equal(out.len, rows[i].want_len);
        if (out.len)
            assert_memory_equal(out.ptr, rows[i].want, out.len);
    }
    buffer_deinit(&quoted);
    buffer_deinit(&out);
}

static uint32_t random_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Known reasons why cJSON takes what RFC 8259 does not: it skips all bytes up to U+0020 as
 * white space, takes controls in strings, reads numbers with strtod(3), takes any four
 * characters behind \u, does not check UTF-8, and skips a byte order mark. */
static bool cjson_is_lax(struct bytes text, struct verdict v)
{
    char byte = v.at < text.len ? text.ptr[v.at] : '\0', before;

    if (v.fault == CURSOR_ENCODING || (unsigned char)byte <= ' ')
        return true;
    before = v.at ? text.ptr[v.at - 1] : '\0';
    if (strchr("0123456789.eE+-", byte) || (before && strchr("0123456789.eE+-", before)))
        return true;
    for (size_t back = 1; back <= 4 && back < v.at; back++)
        if (text.ptr[v.at - back] == 'u' && text.ptr[v.at - back - 1] == '\\')
            return true;
    return bytes_starts(text, "\xEF\xBB\xBF");
}

/* The one reason why it refuses what is good: lone surrogates. */
static bool cjson_is_strict(struct bytes text)
{
    return bytes_find(text, bytes_of("\\ud")) != SIZE_MAX ||
           bytes_find(text, bytes_of("\\uD")) != SIZE_MAX;
}

/* Text of the cursor against text of cJSON, which ends at the first NUL. */
static void same_text(struct cursor_text text, const char *want, struct buffer *scratch)
{
    size_t len;

    buffer_clear(scratch);
    cursor_decode(text, scratch);
    len = scratch->len ? strnlen(scratch->ptr, scratch->len) : 0;
    assert_int_equal(strlen(want), len);
    if (len)
        assert_memory_equal(scratch->ptr, want, len);
}

static void same_tree(struct cursor *c, const cJSON *want, struct buffer *scratch);

static void same_children(struct cursor *c, const cJSON *want, struct buffer *scratch)
{
    const cJSON *child = want->child;
    struct cursor_text key;
    bool first = true;

    if (cJSON_IsObject(want)) {
        assert_true(cursor_enter_object(c));
        for (; cursor_next_key(c, &key, first); first = false, child = child->next) {
            assert_non_null(child);
            same_text(key, child->string, scratch);
            same_tree(c, child, scratch);
        }
    } else {
        assert_true(cJSON_IsArray(want) && cursor_enter_array(c));
        for (; cursor_next_item(c, first); first = false, child = child->next) {
            assert_non_null(child);
            same_tree(c, child, scratch);
        }
    }
    assert_null(child);
}

static void same_tree(struct cursor *c, const cJSON *want, struct buffer *scratch)
{
    struct cursor_text text;
    enum cursor_kind kind;
    struct bytes number;
    double value;

    assert_true(cursor_peek(c, &kind));
    switch (kind) {
    case CURSOR_OBJECT:
    case CURSOR_ARRAY:
        same_children(c, want, scratch);
        return;
    case CURSOR_STRING:
        assert_true(cJSON_IsString(want) && cursor_string(c, &text));
        same_text(text, want->valuestring, scratch);
        return;
    case CURSOR_NUMBER:
        assert_true(cJSON_IsNumber(want) && cursor_number(c, &number));
        buffer_clear(scratch);
        buffer_add(scratch, number);
        value = strtod(buffer_cstr(scratch), NULL);
        assert_memory_equal(&value, &want->valuedouble, sizeof(value));
        return;
    case CURSOR_TRUE:
        assert_true(cJSON_IsTrue(want) && cursor_literal(c));
        return;
    case CURSOR_FALSE:
        assert_true(cJSON_IsFalse(want) && cursor_literal(c));
        return;
    case CURSOR_NULL:
        assert_true(cJSON_IsNull(want) && cursor_literal(c));
        return;
    }
}

static void mutate(struct buffer *text, uint32_t *seed)
{
    static const char bytes[] = "{}[]\",:\\u0019eE+-. \n\t\x01\x80\xC3truefalsn/d8";
    unsigned changes = 1 + random_next(seed) % 3;

    while (changes--) {
        size_t at = random_next(seed) % text->len;
        char byte = bytes[random_next(seed) % (sizeof(bytes) - 1)];

        switch (random_next(seed) % 3) {
        case 0:
            text->ptr[at] = byte;
            break;
        case 1:
            memmove(text->ptr + at, text->ptr + at + 1, text->len - at - 1);
            text->len--;
            break;
        default:
            (void)buffer_room(text, 1);
            memmove(text->ptr + at + 1, text->ptr + at, text->len - at);
            text->ptr[at] = byte;
            text->len++;
        }
    }
}

static void differs_from_cjson_as_listed(void **state)
{
    struct buffer text = {0}, scratch = {0};
    uint32_t seed = 20260301;
    unsigned both = 0, neither = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        const char *end;
        struct verdict v;
        cJSON *tree;

        buffer_clear(&text);
        buffer_add_text(&text, record);
        mutate(&text, &seed);
        v = judge(buffer_bytes(&text), true, false);
        tree = cJSON_ParseWithLengthOpts(buffer_cstr(&text), text.len + 1, &end, true);
        if (tree && v.whole) {
            struct cursor c;

            cursor_init(&c, buffer_bytes(&text), true);
            same_tree(&c, tree, &scratch);
            both++;
        } else if (tree && !cjson_is_lax(buffer_bytes(&text), v)) {
            fail_msg("only cJSON takes (fault at %zu): %s", v.at, text.ptr);
        } else if (!tree && v.whole && !cjson_is_strict(buffer_bytes(&text))) {
            fail_msg("only the cursor takes: %s", text.ptr);
        }
        neither += !tree && !v.whole;
        cJSON_Delete(tree);
    }
    assert_true(both > 2000 && neither > 2000);
    buffer_deinit(&text);
    buffer_deinit(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suite_y),        cmocka_unit_test(suite_n),
        cmocka_unit_test(suite_i),        cmocka_unit_test(suite_transform),
        cmocka_unit_test(windows_suite),  cmocka_unit_test(windows_record),
        cmocka_unit_test(string_blocks),  cmocka_unit_test(depth_limit),
        cmocka_unit_test(faults_stay),    cmocka_unit_test(refused_forms),
        cmocka_unit_test(duplicate_keys), cmocka_unit_test(big_numbers),
        cmocka_unit_test(decoded),        cmocka_unit_test(differs_from_cjson_as_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
