#include "keymaps/key.h"

#include "core/base/utf8.h"

static const char *const names[KEY_NAME_COUNT] = {
    [KEY_NAME_ENTER] = "Enter",
    [KEY_NAME_TAB] = "Tab",
    [KEY_NAME_BACK_TAB] = "Shift-Tab",
    [KEY_NAME_ESC] = "Esc",
    [KEY_NAME_BACKSPACE] = "Backspace",
    [KEY_NAME_INSERT] = "Ins",
    [KEY_NAME_DELETE] = "Del",
    [KEY_NAME_HOME] = "Home",
    [KEY_NAME_END] = "End",
    [KEY_NAME_PAGE_UP] = "PgUp",
    [KEY_NAME_PAGE_DOWN] = "PgDn",
    [KEY_NAME_UP] = "Up",
    [KEY_NAME_DOWN] = "Down",
    [KEY_NAME_LEFT] = "Left",
    [KEY_NAME_RIGHT] = "Right",
    [KEY_NAME_SHIFT_LEFT] = "Shift-Left",
    [KEY_NAME_SHIFT_RIGHT] = "Shift-Right",
    [KEY_NAME_F1] = "F1",
    [KEY_NAME_F1 + 1] = "F2",
    [KEY_NAME_F1 + 2] = "F3",
    [KEY_NAME_F1 + 3] = "F4",
    [KEY_NAME_F1 + 4] = "F5",
    [KEY_NAME_F1 + 5] = "F6",
    [KEY_NAME_F1 + 6] = "F7",
    [KEY_NAME_F1 + 7] = "F8",
    [KEY_NAME_F1 + 8] = "F9",
    [KEY_NAME_F1 + 9] = "F10",
    [KEY_NAME_F1 + 10] = "F11",
    [KEY_NAME_F12] = "F12",
};

struct key key_named(enum key_name name, unsigned modifiers)
{
    return (struct key){.name = (uint8_t)name, .modifiers = (uint8_t)modifiers};
}

static struct key key_character(uint32_t code, unsigned modifiers)
{
    return (struct key){.code = code, .modifiers = (uint8_t)modifiers};
}

struct key key_typed(uint32_t code, bool alt)
{
    unsigned modifiers = alt ? KEY_WITH_ALT : 0;

    switch (code) {
    case 0:
        return key_character(' ', modifiers | KEY_WITH_CTRL);
    case '\t':
        return key_named(KEY_NAME_TAB, modifiers);
    case '\r':
    case '\n':
        return key_named(KEY_NAME_ENTER, modifiers);
    case 27:
        return key_named(KEY_NAME_ESC, modifiers);
    case 127:
        return key_named(KEY_NAME_BACKSPACE, modifiers);
    default:
        break;
    }
    if (code < ' ')
        return key_character(code + '@', modifiers | KEY_WITH_CTRL);
    return key_character(code, modifiers);
}

/* The character that Ctrl makes of `code`: 0 … 31, or UTF8_INVALID. */
static uint32_t key_control(uint32_t code)
{
    if (code >= 'a' && code <= 'z')
        return code - 'a' + 1;
    if (code >= '@' && code <= '_')
        return code - '@';
    return code == ' ' ? 0 : UTF8_INVALID;
}

/* Ctrl with a named key reaches programs only for the keys of movement. */
static bool key_takes_ctrl(unsigned name)
{
    return name >= KEY_NAME_DELETE && name <= KEY_NAME_RIGHT;
}

static bool key_parse_name(struct bytes text, unsigned modifiers, struct key *out)
{
    for (unsigned name = KEY_NAME_NONE + 1; name < KEY_NAME_COUNT; name++) {
        if (!bytes_are(text, names[name]))
            continue;
        if ((modifiers & KEY_WITH_CTRL) && !key_takes_ctrl(name))
            return false;
        *out = key_named((enum key_name)name, modifiers);
        return true;
    }
    return false;
}

bool key_parse(struct bytes text, struct key *out)
{
    unsigned modifiers = 0;
    uint32_t code;

    for (;;) {
        bool ctrl = bytes_starts(text, "Ctrl-");
        unsigned modifier = ctrl ? KEY_WITH_CTRL : KEY_WITH_ALT;

        if (!ctrl && !bytes_starts(text, "Alt-"))
            break;
        if (modifiers & modifier)
            return false;
        modifiers |= modifier;
        text = bytes_slice(text, ctrl ? 5 : 4, text.len);
    }
    if (text.len == 0)
        return false;
    if (bytes_are(text, "Space"))
        code = ' ';
    else if (bytes_are(text, "Hash"))
        code = '#';
    else if (utf8_decode(text, &code) != text.len || code == UTF8_INVALID || code == ' ' ||
             utf8_width(code) < 1)
        return key_parse_name(text, modifiers, out);
    if (!(modifiers & KEY_WITH_CTRL)) {
        *out = key_character(code, modifiers);
        return true;
    }
    code = key_control(code);
    if (code == UTF8_INVALID)
        return false;
    /* Ctrl-J is Enter for a terminal in raw mode as well as Ctrl-M. */
    *out = key_typed(code, modifiers & KEY_WITH_ALT);
    return true;
}

void key_write(struct buffer *out, struct key key)
{
    char character[4];

    if (key.modifiers & KEY_WITH_CTRL)
        buffer_add_text(out, "Ctrl-");
    if (key.modifiers & KEY_WITH_ALT)
        buffer_add_text(out, "Alt-");
    if (key.name != KEY_NAME_NONE)
        buffer_add_text(out, names[key.name]);
    else if (key.code == ' ')
        buffer_add_text(out, "Space");
    else if (key.code == '#')
        buffer_add_text(out, "Hash");
    else
        buffer_add(out, bytes_make(character, utf8_encode(key.code, character)));
}

static int key_order(unsigned a, unsigned b)
{
    return (a > b) - (a < b);
}

int key_compare(struct key a, struct key b)
{
    int order = key_order(a.name, b.name);

    if (order == 0)
        order = key_order(a.modifiers, b.modifiers);
    return order ? order : key_order(a.code, b.code);
}

bool key_is_text(struct key key)
{
    return key.name == KEY_NAME_NONE && key.modifiers == 0;
}

bool key_is_escape(struct key key)
{
    struct key ctrl_g = {.code = 'G', .modifiers = KEY_WITH_CTRL};

    return key_compare(key, key_named(KEY_NAME_ESC, 0)) == 0 || key_compare(key, ctrl_g) == 0;
}
