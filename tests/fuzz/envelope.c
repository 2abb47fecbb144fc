/* Whatever the text is: its bytes add up, records stand in order, and a quiet reading finds the
 * same ones. */
#include "core/reading/envelope.h"

#include "tests/fuzz/fuzz.h"

#define OWN_FORMAT "$context.requestId from $context.identity.sourceIp gave $context.status"

enum { LIMIT_BYTES = 4 * 1024 * 1024 };

static uint64_t read_all(struct file *f, int fd, struct event_reader *reader, bool quiet)
{
    struct block_limits limits = {.max_bytes = LIMIT_BYTES, .max_ratio = 400, .max_layers = 2};
    struct block *b = block_new(f, fd, limits, quiet);
    struct envelope *e = envelope_new(f, b, reader, quiet);
    uint64_t offset, last = 0, end = 0, events = 0;
    uint32_t length;
    struct event event;

    while (envelope_next(e, &event, &offset, &length)) {
        fuzz_check(offset >= end || (event_wrapped(event.flags).part > 0 && offset == last),
                   "records stand in order, those of one text at one place");
        fuzz_check(event.raw.len == length && length > 0, "a record has its length");
        last = offset;
        end = offset + length;
        events++;
    }
    envelope_free(e);
    block_free(b);
    return events;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file *f = file_new(bytes_of("fuzz"));
    struct config *config = config_new();
    struct event_reader *reader;
    int fd = fuzz_file(data, size);
    uint64_t events;
    size_t problems;
    const char *why;

    fuzz_check(config_add_format(config, bytes_of(OWN_FORMAT), &why), "a format template");
    reader = event_reader_new(config);
    events = read_all(f, fd, reader, false);
    problems = f->n_problems;

    fuzz_check(f->record_bytes + f->wrapper_bytes + f->problem_bytes == f->bytes,
               "every byte is in a record, a wrapper or a problem");
    fuzz_check(f->rejected == 0 || problems > 0, "what is rejected is told");
    fuzz_check(read_all(f, fd, reader, true) == events, "a quiet reading finds the same");
    fuzz_check(f->n_problems == problems, "a quiet reading lists nothing");
    (void)close(fd);
    event_reader_free(reader);
    config_free(config);
    file_free(f);
    return 0;
}
