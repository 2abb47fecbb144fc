#include "tui/input.h"

#include "core/base/utf8.h"

static const char paste_end[] = "\033[201~";

void input_deinit(struct input *in)
{
    buffer_deinit(&in->pasted);
    *in = (struct input){0};
}

static void begin(struct input *in, enum input_state state)
{
    in->state = state;
    in->n_parameters = 0;
    in->n_sign = 0;
}

static unsigned sign_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/* A byte of a character; what is no UTF-8 is dropped. */
static enum input_event take_sign(struct input *in, unsigned char byte, struct key *key)
{
    bool follows = (byte & 0xc0) == 0x80;
    uint32_t code;

    if (in->n_sign && !follows)
        in->n_sign = 0;
    else if (in->n_sign == 0 && (follows || byte >= 0xf8))
        return INPUT_NOTHING;
    if (in->n_sign == 0 && byte < 0x80) {
        *key = key_typed(byte, in->alt);
        return INPUT_KEY;
    }
    in->sign[in->n_sign++] = (char)byte;
    if (in->n_sign < sign_length((unsigned char)in->sign[0]))
        return INPUT_NOTHING;
    (void)utf8_decode(bytes_make(in->sign, in->n_sign), &code);
    in->n_sign = 0;
    if (code == UTF8_INVALID)
        return INPUT_NOTHING;
    *key = key_typed(code, in->alt);
    return INPUT_KEY;
}

static enum input_event take_plain(struct input *in, unsigned char byte, struct key *key)
{
    if (byte == 0x1b) {
        begin(in, INPUT_ESCAPE);
        return INPUT_NOTHING;
    }
    if (in->n_sign == 0)
        in->alt = false;
    return take_sign(in, byte, key);
}

static enum input_event take_escape(struct input *in, unsigned char byte, struct key *key)
{
    begin(in, INPUT_PLAIN);
    if (byte < ' ') {
        /* Typed fast or sent in one piece over a slow line: two keys. */
        *key = key_named(KEY_NAME_ESC, 0);
        return INPUT_KEY_AGAIN;
    }
    if (byte == '[')
        begin(in, INPUT_CSI);
    else if (byte == 'O')
        begin(in, INPUT_SS3);
    else if (byte == ']' || byte == 'P' || byte == '_' || byte == '^' || byte == 'X')
        begin(in, INPUT_STRING);
    else {
        in->alt = true;
        return take_sign(in, byte, key);
    }
    return INPUT_NOTHING;
}

/* Names of keys by the last byte of their sequence. */
static bool named_by_letter(unsigned char letter, enum key_name *name)
{
    static const struct {
        char letter;
        enum key_name name;
    } rows[] = {
        {'A', KEY_NAME_UP      },
        {'B', KEY_NAME_DOWN    },
        {'C', KEY_NAME_RIGHT   },
        {'D', KEY_NAME_LEFT    },
        {'H', KEY_NAME_HOME    },
        {'F', KEY_NAME_END     },
        {'Z', KEY_NAME_BACK_TAB},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (rows[i].letter == (char)letter) {
            *name = rows[i].name;
            return true;
        }
    }
    return false;
}

/* The same by the number before a final `~`. */
static bool named_by_number(unsigned number, enum key_name *name)
{
    static const uint8_t edit[] = {0,
                                   KEY_NAME_HOME,
                                   KEY_NAME_INSERT,
                                   KEY_NAME_DELETE,
                                   KEY_NAME_END,
                                   KEY_NAME_PAGE_UP,
                                   KEY_NAME_PAGE_DOWN,
                                   KEY_NAME_HOME,
                                   KEY_NAME_END};
    static const uint8_t functions[] = {11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24};

    if (number > 0 && number < ARRAY_LEN(edit)) {
        *name = (enum key_name)edit[number];
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        if (functions[i] == number) {
            *name = (enum key_name)(KEY_NAME_F1 + i);
            return true;
        }
    }
    return false;
}

/* "5" or "1;3": a number, and 1 + the sum of Shift 1, Alt 2, Ctrl 4. False for what no key
 * sends. */
static bool read_parameters(const struct input *in, unsigned *number, unsigned *modifiers)
{
    unsigned values[2] = {0, 1};
    size_t at = 0;

    for (size_t i = 0; i < in->n_parameters; i++) {
        char c = in->parameters[i];

        if (c == ';' && at == 0)
            values[at = 1] = 0;
        else if (c >= '0' && c <= '9' && values[at] < 1000)
            values[at] = values[at] * 10 + (unsigned)(c - '0');
        else
            return false;
    }
    *number = values[0];
    *modifiers = values[1];
    return values[1] >= 1 && values[1] <= 8;
}

static enum input_event end_csi(struct input *in, unsigned char final, struct key *key)
{
    unsigned number, modifiers, held = 0;
    enum key_name name;
    bool known;

    in->state = INPUT_PLAIN;
    if (final == 'M' && in->n_parameters == 0) {
        begin(in, INPUT_SKIP); /* a mouse report that some other program asked for */
        in->skip = 3;
        return INPUT_NOTHING;
    }
    if (!read_parameters(in, &number, &modifiers))
        return INPUT_NOTHING;
    if (final == '~' && number == 200) {
        begin(in, INPUT_IN_PASTE);
        buffer_clear(&in->pasted);
        in->paste_end = 0;
        return INPUT_NOTHING;
    }
    known = final == '~' ? named_by_number(number, &name)
                         : (number <= 1 && named_by_letter(final, &name));
    if (!known)
        return INPUT_NOTHING;
    modifiers--;
    if (modifiers & 1 && name == KEY_NAME_LEFT)
        name = KEY_NAME_SHIFT_LEFT;
    else if (modifiers & 1 && name == KEY_NAME_RIGHT)
        name = KEY_NAME_SHIFT_RIGHT;
    held |= modifiers & 2 ? KEY_WITH_ALT : 0;
    held |= modifiers & 4 ? KEY_WITH_CTRL : 0;
    *key = key_named(name, held);
    return INPUT_KEY;
}

static enum input_event take_csi(struct input *in, unsigned char byte, struct key *key)
{
    if (byte < ' ' || byte >= 0x7f) {
        begin(in, INPUT_PLAIN); /* it broke off */
        return take_plain(in, byte, key);
    }
    if (byte == '[' && in->n_parameters == 0) {
        begin(in, INPUT_SKIP); /* function keys of the Linux console: one more letter */
        in->skip = 1;
        return INPUT_NOTHING;
    }
    if (byte >= '@')
        return end_csi(in, byte, key);
    if (in->n_parameters < sizeof in->parameters)
        in->parameters[in->n_parameters++] = (char)byte;
    return INPUT_NOTHING;
}

static enum input_event take_ss3(struct input *in, unsigned char byte, struct key *key)
{
    enum key_name name;

    begin(in, INPUT_PLAIN);
    if (byte < ' ' || byte >= 0x7f)
        return take_plain(in, byte, key);
    if (byte == 'M')
        name = KEY_NAME_ENTER;
    else if (byte >= 'P' && byte <= 'S')
        name = (enum key_name)(KEY_NAME_F1 + (byte - 'P'));
    else if (!named_by_letter(byte, &name))
        return INPUT_NOTHING;
    *key = key_named(name, 0);
    return INPUT_KEY;
}

static enum input_event take_string(struct input *in, unsigned char byte)
{
    bool ends = in->state == INPUT_STRING_END && byte == '\\';

    if (ends || byte == 0x07 || byte == 0x18 || byte == 0x1a)
        begin(in, INPUT_PLAIN);
    else
        in->state = byte == 0x1b ? INPUT_STRING_END : INPUT_STRING;
    return INPUT_NOTHING;
}

static enum input_event take_pasted(struct input *in, unsigned char byte)
{
    if ((char)byte != paste_end[in->paste_end])
        in->paste_end = 0;
    if ((char)byte == paste_end[in->paste_end])
        in->paste_end++;
    if (in->pasted.len < INPUT_PASTE_MAX_BYTES)
        buffer_add_char(&in->pasted, (char)byte);
    if (in->paste_end < sizeof paste_end - 1)
        return INPUT_NOTHING;
    if (bytes_ends(buffer_bytes(&in->pasted), paste_end))
        in->pasted.len -= sizeof paste_end - 1;
    return input_paste_end(in);
}

enum input_event input_paste_end(struct input *in)
{
    if (in->state != INPUT_IN_PASTE)
        return INPUT_NOTHING;
    begin(in, INPUT_PLAIN);
    return INPUT_PASTE;
}

enum input_event input_byte(struct input *in, unsigned char byte, struct key *key)
{
    switch (in->state) {
    case INPUT_PLAIN:
        return take_plain(in, byte, key);
    case INPUT_ESCAPE:
        return take_escape(in, byte, key);
    case INPUT_CSI:
        return take_csi(in, byte, key);
    case INPUT_SS3:
        return take_ss3(in, byte, key);
    case INPUT_STRING:
    case INPUT_STRING_END:
        return take_string(in, byte);
    case INPUT_SKIP:
        if (--in->skip == 0)
            begin(in, INPUT_PLAIN);
        return INPUT_NOTHING;
    case INPUT_IN_PASTE:
        return take_pasted(in, byte);
    }
    return INPUT_NOTHING;
}

enum input_event input_pause(struct input *in, struct key *key)
{
    enum input_state state = in->state;

    if (state == INPUT_IN_PASTE)
        return INPUT_NOTHING;
    begin(in, INPUT_PLAIN);
    if (state != INPUT_ESCAPE)
        return INPUT_NOTHING;
    *key = key_named(KEY_NAME_ESC, 0);
    return INPUT_KEY;
}
