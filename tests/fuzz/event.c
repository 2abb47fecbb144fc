/* The event reader accepts what the cursor accepts, keeps its promises about values, and
 * forgets every record before the next one. */
#include "core/reading/event.h"

#include "core/base/hash.h"

#include "core/reading/explain.h"

#include "tests/fuzz/fuzz.h"

static void check_values(const struct event *e)
{
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const struct value *v = &e->values[i];

        fuzz_check((v->state == VALUE_TEXT) == (v->text.len > 0), "only texts have bytes");
        (void)hash_bytes(v->text); /* reads every byte, for the sanitiser */
        fuzz_check(!bytes_are(v->text, "HIDDEN_DUE_TO_SECURITY_REASONS"), "no mask is a value");
    }
    fuzz_check(e->values[FIELD_OUTCOME].state == VALUE_TEXT, "every event has an outcome");
    fuzz_check((e->time_us == INSTANT_NONE) == ((e->flags & EVENT_NO_TIME) != 0), "time flag");
}

/* Whoever reads the record again finds the same text in its wrapper. */
static void check_layers(const struct event *e)
{
    struct unwrapper u = {0};
    struct wrapped where = event_wrapped(e->flags);

    fuzz_check(where.layers <= UNWRAP_MAX_LAYERS && where.split <= where.layers, "few layers");
    if (e->content.ptr != e->raw.ptr)
        fuzz_check(where.layers > 0 && bytes_equal(unwrap(&u, e->raw, where), e->content),
                   "the content is what unwrapping gives");
    unwrapper_deinit(&u);
}

static void check_same(const struct event *a, const struct event *b)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        fuzz_check(a->values[i].state == b->values[i].state &&
                       bytes_equal(a->values[i].text, b->values[i].text),
                   "a used reader reads like a new one");
    fuzz_check(a->flags == b->flags && a->time_us == b->time_us, "same flags and time");
}

static enum event_verdict read_once(struct event_reader *r, struct bytes text, bool final,
                                    struct event *out)
{
    const char *seems = NULL;
    struct cursor c;
    enum event_verdict verdict;

    cursor_init(&c, text, final);
    c.lenient_utf8 = true;
    verdict = event_read(r, &c, out, &seems);
    fuzz_check((verdict == EVENT_FOREIGN) == (seems != NULL), "the foreign are named");
    return verdict;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event_reader *used = event_reader_new(NULL), *fresh = event_reader_new(NULL);
    struct bytes text = bytes_make(data, size);
    struct buffer words = {0};
    struct event first, second;
    struct cursor c;
    bool sound;

    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    sound = cursor_skip(&c, NULL);
    (void)read_once(used, bytes_slice(text, 0, size / 2), false, &first);
    switch (read_once(used, text, true, &first)) {
    case EVENT_READ:
        fuzz_check(sound, "what is read is sound");
        check_values(&first);
        check_layers(&first);
        fuzz_check(read_once(fresh, text, true, &second) == EVENT_READ, "same verdict");
        check_same(&first, &second);
        explain_event(first.values, &words);
        fuzz_check(words.len > 0, "every event has a sentence");
        fuzz_check(read_once(fresh, bytes_slice(text, 0, first.raw.len / 2), false, &second) ==
                       EVENT_MORE,
                   "half a record wants more");
        (void)read_once(used, text, true, &first);
        while (event_next(used, &first)) {
            check_values(&first);
            check_layers(&first);
        }
        break;
    case EVENT_USER:
        fuzz_check(sound, "what is a user is sound");
        break;
    case EVENT_FOREIGN:
        fuzz_check(sound, "what is foreign is sound");
        break;
    case EVENT_MALFORMED:
        fuzz_check(!sound, "what is sound is not malformed");
        break;
    case EVENT_MORE:
        fuzz_check(false, "nothing follows a final window");
        break;
    }
    buffer_deinit(&words);
    event_reader_free(used);
    event_reader_free(fresh);
    return 0;
}
