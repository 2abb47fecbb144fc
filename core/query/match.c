#include "core/query/match.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/base/mem.h"

/* About a millisecond of backtracking on one text: far above what an honest pattern needs. */
enum { MATCH_LIMIT = 200000, HEAP_LIMIT_KIB = 20000, JIT_STACK_BYTES = 256 * 1024 };

/* Literal kinds become patterns where the regular expression engine is the faster or the only
 * right way (caseless comparison of any script); the rest is plain memory comparison. */
struct match {
    enum match_kind kind;
    pcre2_code *code; /* NULL for literal kinds */
    char *literal;    /* owned; NULL for patterns */
    size_t literal_len;
};

struct match_scratch {
    pcre2_match_context *context;
    pcre2_match_data *data;
    pcre2_jit_stack *stack;
};

static void add_literal(struct buffer *out, unsigned char c)
{
    bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                 c == '_' || c >= 0x80;

    if (plain)
        buffer_add_char(out, (char)c);
    else if (c < 0x20 || c == 0x7f)
        buffer_printf(out, "\\x%02x", c);
    else
        buffer_printf(out, "\\%c", c);
}

static void pattern_of(enum match_kind kind, struct bytes text, struct buffer *out)
{
    if (kind != MATCH_SUBSTRING)
        buffer_add_text(out, "\\A");
    for (size_t i = 0; i < text.len; i++) {
        if (kind == MATCH_WILDCARD && text.ptr[i] == '*')
            buffer_add_text(out, ".*");
        else if (kind == MATCH_WILDCARD && text.ptr[i] == '?')
            buffer_add_char(out, '.');
        else
            add_literal(out, (unsigned char)text.ptr[i]);
    }
    if (kind != MATCH_SUBSTRING)
        buffer_add_text(out, "\\z");
}

static enum err compile(struct match *m, struct bytes pattern, uint32_t flags,
                        struct buffer *message, size_t *offset)
{
    static const unsigned char nothing[1];
    int code;
    PCRE2_SIZE at;

    m->code =
        pcre2_compile(pattern.len ? (PCRE2_SPTR)pattern.ptr : nothing, pattern.len,
                      flags | PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C,
                      &code, &at, NULL);
    if (!m->code) {
        unsigned char text[160];
        int len = pcre2_get_error_message(code, text, sizeof text);

        *offset = at > pattern.len ? pattern.len : at;
        if (len > 0)
            buffer_add(message, bytes_make(text, (size_t)len));
        else
            buffer_add_text(message, "not a regular expression");
        return ERR_QUERY;
    }
    /* Without JIT (where the system forbids it) matching is slower and just as right. */
    (void)pcre2_jit_compile(m->code, PCRE2_JIT_COMPLETE);
    return ERR_OK;
}

enum err match_new(enum match_kind kind, struct bytes pattern, bool caseless,
                   struct match **out, struct buffer *message, size_t *offset)
{
    struct match *m = mem_alloc(sizeof *m);
    bool literal = !caseless && (kind == MATCH_SUBSTRING || kind == MATCH_EQUAL);
    enum err err = ERR_OK;

    m->kind = kind;
    if (literal) {
        m->literal = mem_text(pattern.ptr, pattern.len);
        m->literal_len = pattern.len;
    } else if (kind == MATCH_REGEX) {
        err = compile(m, pattern, caseless ? PCRE2_CASELESS : 0, message, offset);
    } else {
        struct buffer made = {0};

        pattern_of(kind, pattern, &made);
        err = compile(m, buffer_bytes(&made), PCRE2_DOTALL | (caseless ? PCRE2_CASELESS : 0),
                      message, offset);
        /* The place is in the made pattern: no use to whoever wrote the literal. */
        if (err != ERR_OK)
            *offset = 0;
        buffer_deinit(&made);
    }
    if (err != ERR_OK) {
        match_free(m);
        return err;
    }
    *out = m;
    return ERR_OK;
}

void match_free(struct match *m)
{
    if (!m)
        return;
    pcre2_code_free(m->code);
    mem_free(m->literal);
    mem_free(m);
}

struct match_scratch *match_scratch_new(void)
{
    struct match_scratch *s = mem_alloc(sizeof *s);

    s->context = pcre2_match_context_create(NULL);
    s->data = pcre2_match_data_create(MATCH_MAX_GROUPS, NULL);
    s->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_BYTES, NULL);
    pcre2_set_match_limit(s->context, MATCH_LIMIT);
    pcre2_set_depth_limit(s->context, MATCH_LIMIT);
    pcre2_set_heap_limit(s->context, HEAP_LIMIT_KIB);
    if (s->stack)
        pcre2_jit_stack_assign(s->context, NULL, s->stack);
    return s;
}

void match_scratch_free(struct match_scratch *s)
{
    if (!s)
        return;
    pcre2_match_data_free(s->data);
    pcre2_match_context_free(s->context);
    pcre2_jit_stack_free(s->stack);
    mem_free(s);
}

static enum match_result run(const struct match *m, struct match_scratch *s, struct bytes text,
                             size_t from)
{
    static const unsigned char nothing[1];
    int rc = pcre2_match(m->code, text.len ? (PCRE2_SPTR)text.ptr : nothing, text.len, from, 0,
                         s->data, s->context);

    if (rc >= 0)
        return MATCH_YES;
    return rc == PCRE2_ERROR_NOMATCH ? MATCH_NO : MATCH_UNDECIDED;
}

enum match_result match_test(const struct match *m, struct match_scratch *s, struct bytes text)
{
    bool yes;

    if (m->code)
        return run(m, s, text, 0);
    if (m->kind == MATCH_EQUAL)
        yes = bytes_equal(text, bytes_make(m->literal, m->literal_len));
    else
        yes = bytes_find(text, bytes_make(m->literal, m->literal_len)) != SIZE_MAX;
    return yes ? MATCH_YES : MATCH_NO;
}

size_t match_groups(const struct match *m, struct match_group *groups, size_t cap)
{
    PCRE2_SPTR table;
    uint32_t count = 0, size = 0;

    if (!m->code)
        return 0;
    (void)pcre2_pattern_info(m->code, PCRE2_INFO_NAMECOUNT, &count);
    (void)pcre2_pattern_info(m->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    (void)pcre2_pattern_info(m->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count && i < cap; i++, table += size) {
        groups[i].number = (unsigned)(table[0] << 8 | table[1]);
        groups[i].name = bytes_of((const char *)table + 2);
    }
    return count;
}

enum match_result match_capture(const struct match *m, struct match_scratch *s,
                                struct bytes text, size_t from, struct bytes *groups,
                                size_t n_groups)
{
    enum match_result result = run(m, s, text, from);
    size_t *spans = pcre2_get_ovector_pointer(s->data);
    size_t held = pcre2_get_ovector_count(s->data);

    for (size_t i = 0; i < n_groups; i++) {
        bool set = result == MATCH_YES && i < held && spans[2 * i] != PCRE2_UNSET &&
                   spans[2 * i] <= spans[2 * i + 1];

        groups[i] = set ? bytes_slice(text, spans[2 * i], spans[2 * i + 1]) : (struct bytes){0};
    }
    return result;
}
