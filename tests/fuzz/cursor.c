/* Both ways of reading a value agree, and a window never lies about what follows. */
#include "core/reading/cursor.h"

#include "tests/fuzz/fuzz.h"

static void walk(struct cursor *c, struct buffer *scratch)
{
    struct cursor_text text;
    enum cursor_kind kind;
    struct bytes number;
    bool first = true;

    if (!cursor_peek(c, &kind))
        return;
    switch (kind) {
    case CURSOR_OBJECT:
        if (cursor_enter_object(c))
            for (; cursor_next_key(c, &text, first); first = false) {
                buffer_clear(scratch);
                cursor_decode(text, scratch);
                walk(c, scratch);
            }
        return;
    case CURSOR_ARRAY:
        if (cursor_enter_array(c))
            for (; cursor_next_item(c, first); first = false)
                walk(c, scratch);
        return;
    case CURSOR_STRING:
        if (!cursor_string(c, &text))
            return;
        buffer_clear(scratch);
        cursor_decode(text, scratch);
        fuzz_check(scratch->len <= text.raw.len, "decoding never makes text longer");
        fuzz_check(text.escaped || scratch->len == text.raw.len, "plain text stays");
        return;
    case CURSOR_NUMBER:
        (void)cursor_number(c, &number);
        return;
    case CURSOR_TRUE:
    case CURSOR_FALSE:
    case CURSOR_NULL:
        (void)cursor_literal(c);
        return;
    }
}

static struct cursor read_both(struct bytes text, bool final, bool lenient)
{
    struct buffer scratch = {0};
    struct cursor skip, all;

    cursor_init(&skip, text, final);
    skip.lenient_utf8 = lenient;
    all = skip;
    (void)cursor_skip(&skip, NULL);
    walk(&all, &scratch);
    fuzz_check(skip.fault == all.fault, "the same fault");
    fuzz_check(skip.at == all.at, "at the same place");
    fuzz_check(skip.bad_utf8 == all.bad_utf8, "the same opinion on UTF-8");
    fuzz_check(skip.fault || all.depth == 0, "all closed");
    fuzz_check(final ? skip.fault != CURSOR_MORE : true, "no more than all");
    buffer_deinit(&scratch);
    return skip;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_make(data, size);

    for (int lenient = 0; lenient < 2; lenient++) {
        struct cursor whole = read_both(text, true, lenient);
        size_t cut = size ? data[0] % size : 0;
        struct cursor part = read_both(bytes_slice(text, 0, cut), false, lenient);

        fuzz_check(part.fault == CURSOR_MORE ||
                       (part.fault == whole.fault && part.at == whole.at),
                   "a window shows the same or asks for more");
    }
    return 0;
}
