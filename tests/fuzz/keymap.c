/* A key file is taken whole or refused with its place, and what is bound can be typed. */
#include "keymaps/keymap.h"

#include "keymaps/keyfile.h"
#include "keymaps/manual.h"

#include "tests/fuzz/fuzz.h"

/* Typing the keys of a row runs that row. */
static void type_row(struct keymap_matcher *m, enum context context, const struct binding *row)
{
    for (size_t i = 0; i < row->n_keys; i++) {
        const struct binding *found = NULL;
        enum keymap_match match = keymap_feed(m, context, row->keys[i], &found);

        if (i + 1u < row->n_keys) {
            fuzz_check(match == KEYMAP_PENDING, "a sequence is pending until its end");
            fuzz_check(keymap_pending(m, 0) != NULL, "something can follow");
        } else {
            fuzz_check(match == KEYMAP_COMMAND && found == row, "the row's own command");
        }
    }
    keymap_matcher_reset(m);
}

static void check_keys(const struct binding *row)
{
    struct buffer text = {0};

    for (size_t i = 0; i < row->n_keys; i++) {
        struct key again;

        buffer_clear(&text);
        key_write(&text, row->keys[i]);
        fuzz_check(key_parse(buffer_bytes(&text), &again) &&
                       key_compare(row->keys[i], again) == 0,
                   "a key reads back as itself");
    }
    buffer_deinit(&text);
}

static void use(const struct keymap *map)
{
    struct keymap_matcher *m = keymap_matcher_new(map);
    struct buffer page = {0};

    for (unsigned c = 0; c < CONTEXT_COUNT; c++) {
        enum context context = (enum context)c;

        for (size_t i = 0; i < keymap_count(map, context); i++) {
            const struct binding *row = keymap_get(map, context, i);

            fuzz_check(command_works_in(row->command, context), "of use where it is bound");
            fuzz_check(!context_takes_text(context) || !key_is_text(row->keys[0]),
                       "letters stay text");
            check_keys(row);
            type_row(m, context, row);
        }
    }
    manual_write_keys(&page, map);
    buffer_deinit(&page);
    keymap_matcher_free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keyfile_source source = keyfile_builtin();
    struct buffer message = {0};
    struct keymap *map = NULL;
    enum err err =
        keymap_load(bytes_of("input"), bytes_make(data, size), &source, &map, &message);

    if (err) {
        fuzz_check(err == ERR_KEYMAP && map == NULL, "one kind of refusal");
        fuzz_check(bytes_find(buffer_bytes(&message), bytes_of(":")) != SIZE_MAX, "a place");
        for (size_t i = 0; i < message.len; i++)
            fuzz_check((unsigned char)message.ptr[i] >= ' ', "a message safe to print");
    } else {
        fuzz_check(message.len == 0, "no message without an error");
        use(map);
        keymap_free(map);
    }
    buffer_deinit(&message);
    return 0;
}
