#include "tui/message.h"

#include <stdio.h>

#include "core/base/safe.h"

void message_print(struct bytes text)
{
    struct buffer line = {0};

    buffer_add_text(&line, "cogtrail: ");
    safe_add(&line, text, SAFE_ALL_COLUMNS, true);
    buffer_add_char(&line, '\n');
    (void)fwrite(line.ptr, 1, line.len, stderr);
    buffer_deinit(&line);
}
