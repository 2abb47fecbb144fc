#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

#include "tui/input.h"

enum {
    ESCAPE_DELAY_MS = 25,
    SEQUENCE_PATIENCE_MS = 50, /* for the rest of a reply that comes in pieces */
    PASTE_PATIENCE_MS = 10000, /* after this the end mark of a paste is taken to be lost */
    CLIPBOARD_MAX_BYTES = 74994,
    SETTLE_CODE = 0x1e, /* Ctrl-^ */
};

struct screen {
    SCREEN *terminal;
    FILE *out, *in;
    int in_fd;
    bool ascii, colors, pasting;
    attr_t attributes[STYLE_COUNT];
    short pairs[STYLE_COUNT];
    struct input input;
    int again;       /* a byte to be read once more, or ERR */
    int64_t read_ms; /* when the last byte came; monotonic */
};

/* For screen_restore(): a handler has no other way to what must be undone. */
static volatile sig_atomic_t taken_over;
static struct termios saved_modes;
static int saved_fd = -1;

void screen_restore(void)
{
    static const char leave[] = "\033[?2004l\033[?1049l\033[?25h\033[0m\r";

    if (!taken_over)
        return;
    taken_over = 0;
    if (write(STDOUT_FILENO, leave, sizeof leave - 1) < 0)
        return;
    if (saved_fd >= 0)
        (void)tcsetattr(saved_fd, TCSANOW, &saved_modes);
}

static void prepare_styles(struct screen *s, enum color_when when)
{
    s->colors = color_wanted(when, getenv("NO_COLOR")) && has_colors();
    if (s->colors) {
        start_color();
        use_default_colors();
        for (int i = 1; i < TINT_COUNT; i++)
            init_pair((short)i, (short)color_index((enum tint)i, COLORS), -1);
    }
    for (int i = 0; i < STYLE_COUNT; i++) {
        const struct look *look = color_look((enum style)i);

        s->attributes[i] = (look->bold ? A_BOLD : 0) | (look->dim ? A_DIM : 0) |
                           (look->reverse ? A_REVERSE : 0) |
                           (look->underline ? A_UNDERLINE : 0);
        s->pairs[i] = s->colors ? (short)look->tint : 0;
    }
}

/* Opens the terminal under its own name, or under one that nearly all understand. */
static SCREEN *open_terminal(FILE *out, FILE *in, struct buffer *why, struct buffer *notice)
{
    static const char *const others[] = {"xterm-256color", "xterm", "vt100"};
    const char *name = getenv("TERM");
    SCREEN *terminal;

    if (!name || !name[0] || strcmp(name, "dumb") == 0) {
        buffer_add_text(why, "TERM is unset or dumb: set it (TERM=xterm-256color) or use -q "
                             "for output without a screen");
        return NULL;
    }
    terminal = newterm(name, out, in);
    for (size_t i = 0; !terminal && i < ARRAY_LEN(others); i++) {
        terminal = newterm(others[i], out, in);
        if (terminal)
            buffer_printf(notice, "terminal '%.40s' is unknown: using %s", name, others[i]);
    }
    if (!terminal) {
        buffer_printf(why,
                      "no description of terminal '%.40s' was found: try "
                      "TERM=xterm-256color, or -q for output without a screen",
                      name);
        return NULL;
    }
    if (!tigetstr("cup")) {
        endwin();
        delscreen(terminal);
        buffer_printf(why,
                      "terminal '%.40s' cannot place its cursor: try "
                      "TERM=xterm-256color, or -q for output without a screen",
                      name);
        return NULL;
    }
    return terminal;
}

static void set_modes(struct screen *s)
{
    raw();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(ESCAPE_DELAY_MS);
    leaveok(stdscr, FALSE);
    curs_set(0);
    (void)s;
}

struct screen *screen_new(const struct screen_options *options, struct buffer *why,
                          struct buffer *notice)
{
    struct screen *s = mem_alloc(sizeof *s);

    s->in_fd = options->in_fd;
    s->again = ERR;
    s->out = stdout;
    s->in = options->in_fd == STDIN_FILENO ? stdin : fdopen(dup(options->in_fd), "r");
    s->ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    if (tcgetattr(s->in_fd, &saved_modes) == 0)
        saved_fd = s->in_fd;
    s->terminal = s->in ? open_terminal(s->out, s->in, why, notice) : NULL;
    if (!s->terminal) {
        if (why->len == 0)
            buffer_add_text(why, "the terminal cannot be opened");
        mem_free(s);
        return NULL;
    }
    taken_over = 1;
    set_modes(s);
    /* No mouse was asked for; what reports come are read to their end and dropped. */
    (void)define_key(NULL, KEY_MOUSE);
    prepare_styles(s, options->color);
    return s;
}

void screen_free(struct screen *s)
{
    if (!s)
        return;
    screen_leave(s);
    delscreen(s->terminal);
    if (s->in != stdin)
        (void)fclose(s->in);
    input_deinit(&s->input);
    mem_free(s);
}

bool screen_is_ascii(const struct screen *s)
{
    return s->ascii;
}

void screen_size(const struct screen *s, unsigned *rows, unsigned *cols)
{
    (void)s;
    *rows = LINES > 0 ? (unsigned)LINES : 1;
    *cols = COLS > 0 ? (unsigned)COLS : 1;
}

void screen_resized(struct screen *s)
{
    struct winsize size;

    if (ioctl(fileno(s->out), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
    /* What a terminal leaves on its screen when its size changes is its own affair. */
    screen_redraw(s);
}

/* One cell at its own place, so that a terminal (or a C library) that sees a width otherwise
 * cannot shift what follows. */
static void show_cell(const struct screen *s, int row, int col, const struct canvas_cell *cell)
{
    struct bytes rest = bytes_make(cell->text, cell->len);
    wchar_t text[CCHARW_MAX + 1];
    size_t count = 0;
    cchar_t sign;

    while (rest.len && count < CCHARW_MAX) {
        uint32_t code;

        rest = bytes_slice(rest, utf8_decode(rest, &code), rest.len);
        /* The library must agree on the width, or its picture of the line would be wrong. */
        if (wcwidth((wchar_t)code) != utf8_width(code))
            code = count ? 0 : '?';
        if (code)
            text[count++] = (wchar_t)code;
    }
    text[count] = L'\0';
    setcchar(&sign, text, s->attributes[cell->style], s->pairs[cell->style], NULL);
    mvadd_wch(row, col, &sign);
}

/* A run of plain ASCII cells of one style. */
static unsigned show_run(const struct screen *s, int row, unsigned col,
                         const struct canvas_cell *cells, unsigned cols)
{
    char run[256];
    unsigned count = 0;

    while (col + count < cols && count < sizeof run && cells[count].len == 1 &&
           cells[count].style == cells[0].style &&
           (unsigned char)cells[count].text[0] >= 0x20 &&
           (unsigned char)cells[count].text[0] < 0x7f) {
        run[count] = cells[count].text[0];
        count++;
    }
    if (count) {
        attr_set(s->attributes[cells[0].style], s->pairs[cells[0].style], NULL);
        mvaddnstr(row, (int)col, run, (int)count);
    }
    return count;
}

void screen_show(struct screen *s, const struct canvas *c)
{
    erase();
    for (unsigned row = 0; row < c->rows; row++) {
        const struct canvas_cell *cells = c->cells + (size_t)row * c->cols;

        for (unsigned col = 0; col < c->cols;) {
            unsigned run = show_run(s, (int)row, col, cells + col, c->cols);

            if (run) {
                col += run;
                continue;
            }
            if (cells[col].columns && cells[col].len)
                show_cell(s, (int)row, (int)col, &cells[col]);
            col++;
        }
    }
    attr_set(A_NORMAL, 0, NULL);
    curs_set(c->caret_shown ? 1 : 0);
    move((int)c->caret_row, (int)c->caret_col);
    refresh();
}

void screen_redraw(struct screen *s)
{
    (void)s;
    clearok(curscr, TRUE);
}

/* curses' name for a key to ours. */
static const struct {
    int code;
    enum key_name name;
} special_keys[] = {
    {KEY_UP,        KEY_NAME_UP         },
    {KEY_DOWN,      KEY_NAME_DOWN       },
    {KEY_LEFT,      KEY_NAME_LEFT       },
    {KEY_RIGHT,     KEY_NAME_RIGHT      },
    {KEY_HOME,      KEY_NAME_HOME       },
    {KEY_END,       KEY_NAME_END        },
    {KEY_PPAGE,     KEY_NAME_PAGE_UP    },
    {KEY_NPAGE,     KEY_NAME_PAGE_DOWN  },
    {KEY_IC,        KEY_NAME_INSERT     },
    {KEY_DC,        KEY_NAME_DELETE     },
    {KEY_BACKSPACE, KEY_NAME_BACKSPACE  },
    {KEY_ENTER,     KEY_NAME_ENTER      },
    {KEY_BTAB,      KEY_NAME_BACK_TAB   },
    {KEY_SLEFT,     KEY_NAME_SHIFT_LEFT },
    {KEY_SRIGHT,    KEY_NAME_SHIFT_RIGHT},
};

static bool special_key(int code, struct key *key)
{
    for (size_t i = 0; i < ARRAY_LEN(special_keys); i++) {
        if (special_keys[i].code == code) {
            *key = key_named(special_keys[i].name, 0);
            return true;
        }
    }
    if (code >= KEY_F(1) && code <= KEY_F(12)) {
        *key = key_named((enum key_name)(KEY_NAME_F1 + (code - KEY_F(1))), 0);
        return true;
    }
    return false;
}

/* Keys with Ctrl, Alt or Shift, which curses knows by the names of their capabilities only:
 * "kRIT5" is Right with 1 + 4 for Ctrl. */
static bool modified_key(int code, struct key *key)
{
    static const struct {
        const char *name;
        enum key_name key;
    } rows[] = {
        {"kUP",  KEY_NAME_UP   },
        {"kDN",  KEY_NAME_DOWN },
        {"kLFT", KEY_NAME_LEFT },
        {"kRIT", KEY_NAME_RIGHT},
        {"kHOM", KEY_NAME_HOME },
        {"kEND", KEY_NAME_END  },
    };
    const char *name = code > KEY_MAX ? keyname(code) : NULL;

    for (size_t i = 0; name && i < ARRAY_LEN(rows); i++) {
        size_t len = strlen(rows[i].name);
        unsigned held;

        if (strncmp(name, rows[i].name, len) != 0 || name[len] < '3' || name[len] > '8')
            continue;
        held = (unsigned)(name[len] - '1');
        *key = key_named(rows[i].key,
                         (held & 2 ? KEY_WITH_ALT : 0u) | (held & 4 ? KEY_WITH_CTRL : 0u));
        return true;
    }
    return false;
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* True when more input stands ready within the time. */
static bool more_input(const struct screen *s, int wait_ms)
{
    struct pollfd look = {.fd = s->in_fd, .events = POLLIN};

    return poll(&look, 1, wait_ms) > 0 && (look.revents & POLLIN);
}

static bool hung_up(const struct screen *s)
{
    struct pollfd look = {.fd = s->in_fd, .events = POLLIN};

    return poll(&look, 1, 0) > 0 && (look.revents & (POLLHUP | POLLERR | POLLNVAL));
}

/* The next byte or curses' code of a key, ERR when there is none. */
static int next_code(struct screen *s)
{
    int code = s->again;

    s->again = ERR;
    return code == ERR ? getch() : code;
}

static enum screen_input as_screen(enum input_event event)
{
    return event == INPUT_PASTE ? SCREEN_PASTE : SCREEN_KEY;
}

enum screen_input screen_read(struct screen *s, struct key *key)
{
    int64_t now_ms = monotonic_ms();

    if (now_ms - s->read_ms > PASTE_PATIENCE_MS && input_paste_end(&s->input) == INPUT_PASTE)
        return SCREEN_PASTE;
    for (;;) {
        int code = next_code(s);
        enum input_event event;

        if (code == ERR) {
            if (s->input.state != INPUT_PLAIN && s->input.state != INPUT_ESCAPE &&
                s->input.state != INPUT_IN_PASTE && more_input(s, SEQUENCE_PATIENCE_MS))
                continue;
            if (input_pause(&s->input, key) == INPUT_KEY)
                return SCREEN_KEY;
            return hung_up(s) ? SCREEN_HANGUP : SCREEN_NOTHING;
        }
        s->read_ms = now_ms;
        if (code >= KEY_MIN) {
            if (s->input.state != INPUT_IN_PASTE &&
                (special_key(code, key) || modified_key(code, key)))
                return SCREEN_KEY;
            continue;
        }
        if (code == SETTLE_CODE && s->input.state == INPUT_PLAIN)
            return SCREEN_SETTLE;
        event = input_byte(&s->input, (unsigned char)code, key);
        if (event == INPUT_KEY_AGAIN)
            s->again = code;
        if (event != INPUT_NOTHING)
            return as_screen(event);
    }
}

struct bytes screen_pasted(const struct screen *s)
{
    return buffer_bytes(&s->input.pasted);
}

static void send_text(struct screen *s, const char *text, size_t len)
{
    (void)fwrite(text, 1, len, s->out);
    (void)fflush(s->out);
}

void screen_accept_paste(struct screen *s, bool on)
{
    if (on == s->pasting)
        return;
    s->pasting = on;
    send_text(s, on ? "\033[?2004h" : "\033[?2004l", 8);
}

void screen_leave(struct screen *s)
{
    const char *show_cursor = tigetstr("cnorm");

    screen_accept_paste(s, false);
    curs_set(1);
    endwin();
    /* Some terminals hide it again with the return to the main screen. */
    if (show_cursor && show_cursor != (const char *)-1) {
        (void)putp(show_cursor);
        (void)fflush(s->out);
    }
    taken_over = 0;
}

void screen_enter(struct screen *s)
{
    taken_over = 1;
    reset_prog_mode();
    screen_resized(s);
    screen_redraw(s);
}

bool screen_clipboard(struct screen *s, struct bytes text)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct buffer out = {0};

    if ((text.len + 2) / 3 * 4 > CLIPBOARD_MAX_BYTES)
        return false;
    buffer_add_text(&out, "\033]52;c;");
    for (size_t i = 0; i < text.len; i += 3) {
        uint32_t group = (uint32_t)(unsigned char)text.ptr[i] << 16;
        size_t left = text.len - i;

        if (left > 1)
            group |= (uint32_t)(unsigned char)text.ptr[i + 1] << 8;
        if (left > 2)
            group |= (unsigned char)text.ptr[i + 2];
        buffer_add_char(&out, digits[group >> 18]);
        buffer_add_char(&out, digits[group >> 12 & 63]);
        buffer_add_char(&out, left > 1 ? digits[group >> 6 & 63] : '=');
        buffer_add_char(&out, left > 2 ? digits[group & 63] : '=');
    }
    buffer_add_text(&out, "\033\\");
    send_text(s, out.ptr, out.len);
    buffer_deinit(&out);
    return true;
}

void screen_mark(struct screen *s)
{
    static const char mark[] = "\033]7777;settled\033\\";

    send_text(s, mark, sizeof mark - 1);
}
