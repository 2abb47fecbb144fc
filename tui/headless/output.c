#include "tui/headless/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "tui/message.h"

/* Of standard output, which may be no terminal: 0 then. */
static unsigned terminal_cols(void)
{
    struct winsize size = {0};

    if (!isatty(STDOUT_FILENO))
        return 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

void output_open(struct output *out, const struct options *o, const struct bytes *columns,
                 size_t n_columns)
{
    out->writer = writer_new(stdout, o->format, columns, n_columns, o->ascii, terminal_cols());
    writer_mask(out->writer, &o->mask);
}

bool output_close(struct output *out, const struct options *o)
{
    size_t n = writer_hidden(out->writer);
    struct buffer line = {0};

    if (writer_finish(out->writer) != ERR_OK) {
        message_print(bytes_of("the output cannot be written"));
        return false;
    }
    if (n > 0) {
        buffer_printf(&line, "%zu %s hidden (--mask=%s; --mask=none shows everything)", n,
                      n == 1 ? "value is" : "values are", mask_level_name(o->mask.level));
        message_print(buffer_bytes(&line));
        buffer_deinit(&line);
    }
    return true;
}
