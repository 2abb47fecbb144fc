#include "tui/shell.h"

void shell_add_word(struct buffer *out, struct bytes text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:@%+,=";
    bool is_plain = text.len > 0 && text.ptr[0] != '-';

    for (size_t i = 0; i < text.len; i++)
        is_plain &= text.ptr[i] && strchr(plain, text.ptr[i]) != NULL;
    if (is_plain) {
        buffer_add(out, text);
        return;
    }
    buffer_add_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            buffer_add_text(out, "'\\''");
        else
            buffer_add_char(out, text.ptr[i]);
    }
    buffer_add_char(out, '\'');
}
