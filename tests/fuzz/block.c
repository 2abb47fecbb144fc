/* Whatever the file holds: both ways of reading give the same bytes, within the limits. */
#include "core/evidence/block.h"

#include "tests/fuzz/fuzz.h"

enum { LIMIT_BYTES = 4 * 1024 * 1024, PIECE_BYTES = 64 * 1024 };

/* Reads it all in pieces of `piece` bytes; returns the text. */
static struct buffer read_all(const uint8_t *data, size_t size, size_t piece, bool quiet)
{
    struct block_limits limits = {.max_bytes = LIMIT_BYTES, .max_ratio = 400, .max_layers = 2};
    struct file *f = file_new(bytes_of("fuzz"));
    int fd = fuzz_file(data, size);
    struct block *b = block_new(f, fd, limits, quiet);
    struct buffer text = {0};
    size_t got;

    do {
        got = block_read(b, buffer_room(&text, piece), piece);
        fuzz_check(got <= piece, "no more than asked for");
        text.len += got;
        fuzz_check(text.len <= LIMIT_BYTES, "no more than the limit");
    } while (got > 0);
    fuzz_check(block_read(b, buffer_room(&text, piece), piece) == 0, "the end is final");
    if (quiet)
        fuzz_check(f->n_problems == 0, "a quiet reading lists nothing");
    else
        fuzz_check(f->bytes == text.len, "every byte is counted");
    block_map_free(block_take_map(b));
    block_free(b);
    (void)close(fd);
    file_free(f);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer large = read_all(data, size, PIECE_BYTES, false);
    struct buffer small = read_all(data, size, size ? 1 + data[size - 1] : 1, true);

    fuzz_check(bytes_equal(buffer_bytes(&large), buffer_bytes(&small)),
               "the size of the pieces does not matter");
    buffer_deinit(&large);
    buffer_deinit(&small);
    return 0;
}
