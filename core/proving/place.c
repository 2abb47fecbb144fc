#include "core/proving/place.h"

static struct bytes without_gz(struct bytes text)
{
    return bytes_ends(text, ".gz") ? bytes_slice(text, 0, text.len - strlen(".gz")) : text;
}

struct bytes place_name(struct bytes path)
{
    size_t from = path.len;

    while (from > 0 && path.ptr[from - 1] != '/')
        from--;
    return without_gz(bytes_slice(path, from, path.len));
}

/* What follows the last folder AWSLogs, that folder included; false without one. */
static bool from_root(struct bytes path, struct bytes *tail)
{
    static const char root[] = "AWSLogs/";
    const size_t len = sizeof root - 1;

    for (size_t i = path.len; i-- > 0;)
        if (bytes_starts(bytes_slice(path, i, path.len), root) &&
            (i == 0 || path.ptr[i - 1] == '/')) {
            *tail = bytes_slice(path, i + len, path.len);
            return true;
        }
    return false;
}

enum place place_of(struct bytes path, struct bytes key)
{
    struct bytes here, there;

    if (!bytes_equal(place_name(path), place_name(key)))
        return PLACE_OTHER_NAME;
    path = without_gz(path);
    key = without_gz(key);
    if (from_root(path, &here) && from_root(key, &there))
        return bytes_equal(here, there) ? PLACE_KEY : PLACE_MOVED;
    if (path.len > key.len && path.ptr[path.len - key.len - 1] == '/' &&
        bytes_equal(bytes_slice(path, path.len - key.len, path.len), key))
        return PLACE_KEY;
    return bytes_equal(path, key) ? PLACE_KEY : PLACE_NAME;
}
