/* The key files that a manual page shows can be loaded.
 *
 * keys PAGE: an example is a literal block behind a comment "keys". */
#include <stdio.h>

#include "keymaps/keyfile.h"

enum { PAGE_MAX_BYTES = 1 << 20 };

/* Takes the next example off `page`; false when there is none left. */
static bool next_example(struct bytes *page, struct bytes *example)
{
    struct bytes mark = bytes_of("\n.\\\" keys\n.Bd "), end = bytes_of(".Ed\n");
    size_t at = bytes_find(*page, mark);

    if (at == SIZE_MAX)
        return false;
    *page = bytes_slice(*page, at + mark.len, page->len);
    *page = bytes_slice(*page, bytes_find(*page, bytes_of("\n")), page->len);
    *example = bytes_slice(*page, 0, bytes_find(*page, end));
    return true;
}

int main(int argc, char **argv)
{
    struct keyfile_source source = keyfile_builtin();
    struct buffer text = {0}, message = {0};
    struct bytes page, example;
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    unsigned count = 0, failed = 0;

    if (!file)
        return 2;
    text.len = fread(buffer_room(&text, PAGE_MAX_BYTES), 1, PAGE_MAX_BYTES, file);
    (void)fclose(file);
    page = buffer_bytes(&text);
    for (; next_example(&page, &example); count++) {
        struct keymap *map = NULL;

        if (keymap_load(bytes_of("example"), example, &source, &map, &message)) {
            (void)fprintf(stderr, "%s\n", buffer_cstr(&message));
            failed++;
        }
        keymap_free(map);
        buffer_clear(&message);
    }
    buffer_deinit(&text);
    buffer_deinit(&message);
    (void)printf("%u key files\n", count);
    return failed || count == 0;
}
