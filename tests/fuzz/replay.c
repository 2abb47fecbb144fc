/* Runs a fuzz target over a folder of inputs, where libFuzzer is not. */
#include <dirent.h>

#include "core/base/bytes.h"

#include "tests/fuzz/fuzz.h"

static bool replay(const char *folder, const char *name)
{
    struct buffer path = {0}, text = {0};
    size_t got;
    FILE *f;

    buffer_printf(&path, "%s/%s", folder, name);
    f = fopen(buffer_cstr(&path), "rb");
    buffer_deinit(&path);
    if (!f)
        return false;
    do {
        got = fread(buffer_room(&text, 65536), 1, 65536, f);
        text.len += got;
    } while (got > 0);
    (void)fclose(f);
    (void)LLVMFuzzerTestOneInput((const uint8_t *)text.ptr, text.len);
    /* The target must stand any beginning of it as well. */
    for (size_t len = 0; len < text.len && len < 4096; len += 1 + len / 16)
        (void)LLVMFuzzerTestOneInput((const uint8_t *)text.ptr, len);
    buffer_deinit(&text);
    return true;
}

int main(int argc, char **argv)
{
    unsigned count = 0;

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);

        if (!dir) {
            (void)fprintf(stderr, "%s cannot be read\n", argv[i]);
            return 1;
        }
        for (struct dirent *entry; (entry = readdir(dir));)
            count += entry->d_name[0] != '.' && replay(argv[i], entry->d_name);
        (void)closedir(dir);
    }
    printf("%u inputs\n", count);
    return count > 0 ? 0 : 1;
}
