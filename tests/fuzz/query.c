/* Any text is read or refused with a place in it, and what is read can be written and read
 * again as the same. */
#include "core/query/query.h"

#include "tests/fuzz/fuzz.h"

static void check_error(struct bytes text, struct query_error *e)
{
    fuzz_check(e->message.len > 0, "an error has words");
    fuzz_check(e->offset <= text.len && e->length <= text.len - e->offset,
               "an error has its place in the text");
    fuzz_check(e->line >= 1 && e->column >= 1, "lines and columns count from 1");
    query_error_deinit(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct query_options options = {.now_us = 1000 * INSTANT_SECOND,
                                    .last_event_us = INSTANT_NONE};
    struct bytes text = bytes_make(data, size);
    struct query *q = NULL, *again = NULL;
    struct query_error e;

    if (query_parse(text, &options, &q, &e) != ERR_OK) {
        check_error(text, &e);
        return 0;
    }
    if (query_parse(query_text(q), &options, &again, &e) != ERR_OK) {
        (void)fprintf(stderr, "%.*s: %.*s\n", (int)query_text(q).len, query_text(q).ptr,
                      (int)e.message.len, e.message.ptr);
        fuzz_check(false, "what was written is read again");
    }
    fuzz_check(bytes_equal(query_text(again), query_text(q)), "it is the same text again");
    fuzz_check(query_is_filter(again) == query_is_filter(q), "and of the same kind");
    query_free(q);
    query_free(again);
    return 0;
}
