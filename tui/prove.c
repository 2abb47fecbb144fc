#include "tui/prove.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_BYTES_MAX = 16 * 1024 * 1024 };

/* NULL, or what is wrong with the file. */
static const char *read_file(const char *path, struct buffer *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const char *wrong = NULL;
    struct stat st;
    ssize_t got = 1;

    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        wrong = "is not a plain file";
    while (!wrong && got > 0) {
        got = read(fd, buffer_room(out, 65536), 65536);
        if (got > 0)
            out->len += (size_t)got;
        if (got < 0)
            wrong = strerror(errno);
        else if (out->len > KEY_FILE_BYTES_MAX)
            wrong = "is too large for a list of keys";
    }
    (void)close(fd);
    return wrong;
}

static bool add_keys(struct proof *p, const char *path, struct buffer *message)
{
    struct buffer text = {0}, why = {0};
    const char *wrong = read_file(path, &text);

    if (!wrong && proof_add_keys(p, buffer_bytes(&text), bytes_of(path), &why) != ERR_OK)
        wrong = "is no output of 'aws cloudtrail list-public-keys'";
    if (wrong) {
        buffer_printf(message, "--public-keys %s: %s", path, wrong);
        if (why.len) {
            buffer_add_text(message, ": ");
            buffer_add(message, buffer_bytes(&why));
        }
    }
    buffer_deinit(&text);
    buffer_deinit(&why);
    return !wrong;
}

bool prove_begin(struct session *s, const struct options *o, struct buffer *message)
{
    struct proof *p = session_new_proof(s);

    if (!p) {
        buffer_add_text(message, "a verification is running");
        return false;
    }
    for (size_t i = 0; i < o->n_public_keys; i++)
        if (!add_keys(p, o->public_keys[i], message))
            return false;
    session_prove(s);
    return true;
}
