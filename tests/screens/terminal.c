#include "tests/screens/terminal.h"

/* cmocka.h needs the others before it. */
// clang-format off
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <vterm.h>
// clang-format on

#include "core/base/mem.h"
#include "core/base/utf8.h"

enum { PATIENCE_MS = 30000 };

static const char mark[] = "\033]7777;settled\033\\";

struct terminal {
    pid_t pid;    /* of the program */
    pid_t parent; /* of the shell's stand-in, the same without one */
    int job_fd; /* a byte comes from the stand-in for each stop, one goes to it to go on; -1 */
    bool alternate, cursor_shown;
    int fd;
    unsigned rows, cols;
    VTerm *vterm;
    VTermScreen *screen;
    struct buffer raw, text;
    size_t seen; /* bytes of `raw` that were searched for the mark */
    bool ended;
    int status;
};

/* The program must find nothing of the tester's own surroundings. */
static void set_environment(const struct terminal_start *start)
{
    static const char *const fixed[] = {"TERM=xterm-256color", "LANG=C.UTF-8", "TZ=UTC",
                                        "HOME=/nonexistent", "PATH=/usr/bin:/bin"};

    clearenv();
    for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
        putenv(mem_text(fixed[i], strlen(fixed[i])));
    for (size_t i = 0; start->environment && start->environment[i]; i++) {
        const char *setting = start->environment[i];

        putenv(mem_text(setting, strlen(setting)));
    }
}

static void replace_fd(const char *path, int flags, int fd)
{
    int opened = path ? open(path, flags, 0600) : -1;

    if (!path)
        return;
    if (opened < 0 || dup2(opened, fd) < 0)
        _exit(126);
    close(opened);
}

static void become_program(const struct terminal_start *start)
{
    const char *arguments[40] = {COGTRAIL_PROGRAM, "--settle"};
    size_t count = 2;

    for (size_t i = 0; start->arguments && start->arguments[i] && count < 39; i++)
        arguments[count++] = start->arguments[i];
    replace_fd(start->input, O_RDONLY, STDIN_FILENO);
    replace_fd(start->output, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
    if (start->folder && chdir(start->folder) != 0)
        _exit(126);
    set_environment(start);
    /* execv(3) takes what it only reads as not const. */
    union {
        const char **from;
        char **to;
    } list = {.from = arguments};

    execv(COGTRAIL_PROGRAM, list.to);
    _exit(127);
}

/* What a shell does for a job in the foreground: gives it the terminal, takes the terminal back
 * when it stops, and ends as it ends. Never returns. */
static void become_shell(const struct terminal_start *start, int report_fd)
{
    pid_t pid = fork();
    int status;
    char byte;

    (void)signal(SIGTTOU, SIG_IGN);
    if (pid == 0) {
        (void)setpgid(0, 0);
        (void)tcsetpgrp(STDIN_FILENO, getpid());
        (void)signal(SIGTTOU, SIG_DFL);
        become_program(start);
    }
    (void)setpgid(pid, pid);
    if (write(report_fd, &pid, sizeof pid) != sizeof pid)
        _exit(126);
    for (;;) {
        if (waitpid(pid, &status, WUNTRACED) != pid)
            continue;
        if (!WIFSTOPPED(status))
            break;
        (void)tcsetpgrp(STDIN_FILENO, getpgrp());
        if (write(report_fd, "s", 1) != 1 || read(report_fd, &byte, 1) != 1)
            break;
        (void)tcsetpgrp(STDIN_FILENO, pid);
        (void)kill(-pid, SIGCONT);
    }
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static int note_property(VTermProp property, VTermValue *value, void *context)
{
    struct terminal *t = context;

    if (property == VTERM_PROP_ALTSCREEN)
        t->alternate = value->boolean != 0;
    if (property == VTERM_PROP_CURSORVISIBLE)
        t->cursor_shown = value->boolean != 0;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = note_property};

struct terminal *terminal_new(const struct terminal_start *start)
{
    int report[2] = {-1, -1};
    struct winsize size = {.ws_row = (unsigned short)start->rows,
                           .ws_col = (unsigned short)start->cols};
    struct terminal *t = mem_alloc(sizeof *t);

    t->rows = start->rows;
    t->cols = start->cols;
    if (start->job && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, report) != 0)
        exit(1);
    t->pid = t->parent = forkpty(&t->fd, NULL, NULL, &size);
    if (t->pid < 0) {
        fprintf(stderr, "forkpty: %s\n", strerror(errno));
        exit(1);
    }
    if (t->pid == 0 && start->job)
        become_shell(start, report[1]);
    if (t->pid == 0)
        become_program(start);
    t->job_fd = report[0];
    if (start->job) {
        (void)close(report[1]);
        if (read(t->job_fd, &t->pid, sizeof t->pid) != sizeof t->pid)
            exit(1);
    }
    (void)fcntl(t->fd, F_SETFL, O_NONBLOCK);
    (void)fcntl(t->fd, F_SETFD, FD_CLOEXEC);
    t->vterm = vterm_new((int)t->rows, (int)t->cols);
    vterm_set_utf8(t->vterm, 1);
    t->screen = vterm_obtain_screen(t->vterm);
    vterm_screen_enable_altscreen(t->screen, 1);
    vterm_screen_set_callbacks(t->screen, &callbacks, t);
    vterm_screen_reset(t->screen, 1);
    return t;
}

void terminal_free(struct terminal *t)
{
    if (!t->ended) {
        kill(t->pid, SIGKILL);
        kill(t->parent, SIGKILL);
        (void)waitpid(t->parent, NULL, 0);
    }
    if (t->fd >= 0)
        close(t->fd);
    if (t->job_fd >= 0)
        close(t->job_fd);
    vterm_free(t->vterm);
    buffer_deinit(&t->raw);
    buffer_deinit(&t->text);
    mem_free(t);
}

struct terminal *terminal_demo(unsigned rows, unsigned cols, const char *const *options)
{
    const char *arguments[20] = {"--demo"};
    struct terminal *t;

    for (size_t i = 0; options && options[i] && i < ARRAY_LEN(arguments) - 2; i++)
        arguments[i + 1] = options[i];
    t = terminal_new(
        &(struct terminal_start){.rows = rows, .cols = cols, .arguments = arguments});
    terminal_type(t, "");
    return t;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void reap(struct terminal *t)
{
    int status;

    if (t->ended || waitpid(t->parent, &status, 0) != t->parent)
        return;
    t->ended = true;
    t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Takes what there is to read within `wait_ms`; false when the program closed its side. */
static bool take(struct terminal *t, int wait_ms)
{
    struct pollfd look = {.fd = t->fd, .events = POLLIN};
    char chunk[65536];
    ssize_t got;

    if (poll(&look, 1, wait_ms) <= 0)
        return true;
    got = read(t->fd, chunk, sizeof chunk);
    if (got > 0) {
        buffer_add(&t->raw, bytes_make(chunk, (size_t)got));
        vterm_input_write(t->vterm, chunk, (size_t)got);
        return true;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

void terminal_send(struct terminal *t, const char *keys)
{
    terminal_send_bytes(t, bytes_of(keys));
}

void terminal_send_bytes(struct terminal *t, struct bytes keys)
{
    int64_t until = now_ms() + PATIENCE_MS;
    size_t at = 0;

    while (at < keys.len && now_ms() < until) {
        ssize_t sent = write(t->fd, keys.ptr + at, keys.len - at);

        if (sent > 0)
            at += (size_t)sent;
        else if (errno != EAGAIN && errno != EINTR)
            return;
        else
            (void)take(t, 10);
    }
}

bool terminal_settle(struct terminal *t)
{
    int64_t until = now_ms() + PATIENCE_MS;

    terminal_send(t, "\x1e");
    while (now_ms() < until) {
        size_t at;

        if (!take(t, 100)) {
            reap(t);
            return false;
        }
        at = bytes_find(bytes_slice(buffer_bytes(&t->raw), t->seen, t->raw.len),
                        bytes_make(mark, sizeof mark - 1));
        if (at != SIZE_MAX) {
            t->seen += at + sizeof mark - 1;
            return true;
        }
    }
    return false;
}

void terminal_type(struct terminal *t, const char *keys)
{
    terminal_send(t, keys);
    if (!terminal_settle(t)) {
        struct buffer text = {0};

        terminal_text(t, &text);
        print_error("%.*s", (int)text.len, text.ptr);
        buffer_deinit(&text);
        fail_msg("the program did not settle after the keys \"%s\" (status %d)", keys,
                 t->ended ? t->status : -1);
    }
}

bool terminal_sends(struct terminal *t, int wait_ms)
{
    size_t before = t->raw.len;

    (void)take(t, wait_ms);
    return t->raw.len != before;
}

int terminal_wait(struct terminal *t)
{
    int64_t until = now_ms() + PATIENCE_MS;

    while (!t->ended && now_ms() < until) {
        if (!take(t, 50))
            reap(t);
    }
    return t->ended ? t->status : -1;
}

bool terminal_stopped(struct terminal *t)
{
    struct pollfd report = {.fd = t->job_fd, .events = POLLIN};
    int64_t until = now_ms() + PATIENCE_MS;
    char byte;

    while (poll(&report, 1, 0) == 0 && now_ms() < until)
        (void)take(t, 20);
    if (poll(&report, 1, 0) <= 0 || read(t->job_fd, &byte, 1) != 1)
        return false;
    /* What it sent before it stopped may still be on its way. */
    while (t->alternate && now_ms() < until)
        (void)take(t, 100);
    return true;
}

void terminal_resume(struct terminal *t)
{
    int64_t until = now_ms() + PATIENCE_MS;

    if (write(t->job_fd, "g", 1) != 1)
        return;
    /* Keys that come before the program has its modes back would be echoed. */
    while (!t->alternate && now_ms() < until)
        (void)take(t, 100);
}

int terminal_hang_up(struct terminal *t)
{
    close(t->fd);
    t->fd = -1;
    for (int64_t until = now_ms() + PATIENCE_MS; !t->ended && now_ms() < until;) {
        int status;

        if (waitpid(t->parent, &status, WNOHANG) == t->parent) {
            t->ended = true;
            t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        } else {
            (void)poll(NULL, 0, 5);
        }
    }
    return t->ended ? t->status : -1;
}

void terminal_modes(const struct terminal *t, struct termios *out)
{
    memset(out, 0, sizeof *out);
    (void)tcgetattr(t->fd, out);
}

bool terminal_on_alternate(const struct terminal *t)
{
    return t->alternate;
}

bool terminal_cursor_shown(const struct terminal *t)
{
    return t->cursor_shown;
}

void terminal_resize(struct terminal *t, unsigned rows, unsigned cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    t->rows = rows;
    t->cols = cols;
    vterm_set_size(t->vterm, (int)rows, (int)cols);
    (void)ioctl(t->fd, TIOCSWINSZ, &size);
}

void terminal_signal(struct terminal *t, int number)
{
    kill(t->pid, number);
}

pid_t terminal_pid(const struct terminal *t)
{
    return t->pid;
}

static bool cell_at(struct terminal *t, unsigned row, unsigned col, VTermScreenCell *cell)
{
    return vterm_screen_get_cell(t->screen, (VTermPos){(int)row, (int)col}, cell) != 0;
}

const char *terminal_row(struct terminal *t, unsigned row)
{
    VTermScreenCell cell;

    buffer_clear(&t->text);
    for (unsigned col = 0; col<t->cols; col += cell.width> 1 ? (unsigned)cell.width : 1) {
        char sign[4];

        if (!cell_at(t, row, col, &cell))
            break;
        if (cell.chars[0] == 0 || cell.chars[0] == UINT32_MAX) {
            buffer_add_char(&t->text, ' ');
            continue;
        }
        for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            buffer_add(&t->text, bytes_make(sign, utf8_encode(cell.chars[i], sign)));
    }
    while (t->text.len && t->text.ptr[t->text.len - 1] == ' ')
        t->text.len--;
    return buffer_cstr(&t->text);
}

static uint32_t rgb_of(struct terminal *t, VTermColor color, bool is_default)
{
    if (is_default)
        return TERMINAL_DEFAULT;
    vterm_screen_convert_color_to_rgb(t->screen, &color);
    return (uint32_t)color.rgb.red << 16 | (uint32_t)color.rgb.green << 8 | color.rgb.blue;
}

struct terminal_cell terminal_cell(struct terminal *t, unsigned row, unsigned col)
{
    struct terminal_cell out = {
        .text = bytes_of(" "), .cols = 1, .front = TERMINAL_DEFAULT, .back = TERMINAL_DEFAULT};
    VTermScreenCell cell;

    if (!cell_at(t, row, col, &cell))
        return out;
    out.bold = cell.attrs.bold;
    out.underlined = cell.attrs.underline != 0;
    out.reversed = cell.attrs.reverse;
    out.front = rgb_of(t, cell.fg, VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
    out.back = rgb_of(t, cell.bg, VTERM_COLOR_IS_DEFAULT_BG(&cell.bg));
    if (cell.chars[0] == 0 || cell.chars[0] == UINT32_MAX)
        return out;
    buffer_clear(&t->text);
    for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++) {
        char sign[4];

        buffer_add(&t->text, bytes_make(sign, utf8_encode(cell.chars[i], sign)));
    }
    out.text = buffer_bytes(&t->text);
    out.cols = cell.width > 1 ? 2 : 1;
    return out;
}

void terminal_text(struct terminal *t, struct buffer *out)
{
    for (unsigned row = 0; row < t->rows; row++) {
        buffer_add_text(out, terminal_row(t, row));
        buffer_add_char(out, '\n');
    }
}

bool terminal_blank(struct terminal *t, unsigned row, unsigned col)
{
    VTermScreenCell cell;

    return cell_at(t, row, col, &cell) && (cell.chars[0] == 0 || cell.chars[0] == ' ');
}

bool terminal_shows(struct terminal *t, const char *text)
{
    for (unsigned row = 0; row < t->rows; row++) {
        if (strstr(terminal_row(t, row), text))
            return true;
    }
    return false;
}

struct bytes terminal_raw(const struct terminal *t)
{
    return buffer_bytes(&t->raw);
}

size_t terminal_cost(const struct terminal *t)
{
    struct bytes rest = buffer_bytes(&t->raw), sign = bytes_of(mark);
    size_t cost = rest.len, at;

    while ((at = bytes_find(rest, sign)) != SIZE_MAX) {
        rest = bytes_slice(rest, at + sign.len, rest.len);
        cost -= sign.len;
    }
    return cost;
}

void terminal_forget(struct terminal *t)
{
    buffer_clear(&t->raw);
    t->seen = 0;
}

void terminal_cursor(struct terminal *t, unsigned *row, unsigned *col)
{
    VTermPos at;

    vterm_state_get_cursorpos(vterm_obtain_state(t->vterm), &at);
    *row = (unsigned)at.row;
    *col = (unsigned)at.col;
}

bool terminal_has_color(struct terminal *t)
{
    VTermScreenCell cell;

    for (unsigned row = 0; row < t->rows; row++) {
        for (unsigned col = 0; col < t->cols; col++) {
            if (cell_at(t, row, col, &cell) &&
                !(VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) && VTERM_COLOR_IS_DEFAULT_BG(&cell.bg)))
                return true;
        }
    }
    return false;
}

static bool read_golden(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "r");
    char chunk[4096];
    size_t got;

    if (!file)
        return false;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        buffer_add(out, bytes_make(chunk, got));
    fclose(file);
    return true;
}

void terminal_expect(struct terminal *t, const char *name)
{
    struct buffer path = {0}, wanted = {0}, seen = {0};

    buffer_printf(&path, "%s/golden/%s.txt", COGTRAIL_SCREENS, name);
    terminal_text(t, &seen);
    if (getenv("COGTRAIL_UPDATE_GOLDEN")) {
        FILE *file = fopen(buffer_cstr(&path), "w");

        assert_non_null(file);
        (void)fwrite(seen.ptr, 1, seen.len, file);
        fclose(file);
    } else if (!read_golden(buffer_cstr(&path), &wanted) ||
               !bytes_equal(buffer_bytes(&wanted), buffer_bytes(&seen))) {
        print_error("--- %s wants\n%.*s--- but the screen is\n%.*s", name, (int)wanted.len,
                    wanted.ptr, (int)seen.len, seen.ptr);
        fail_msg("screen %s differs (COGTRAIL_UPDATE_GOLDEN=1 accepts it)", name);
    }
    buffer_deinit(&path);
    buffer_deinit(&wanted);
    buffer_deinit(&seen);
}

/* Length of the control sequence that `b` begins with, when it is one that curses needs. */
static size_t allowed_sequence(struct bytes b)
{
    size_t at = 2;

    if (bytes_starts(b, mark))
        return sizeof mark - 1;
    if (bytes_starts(b, "\033]52;c;")) {
        size_t end = bytes_find(b, bytes_of("\033\\"));

        for (size_t i = 7; end != SIZE_MAX && i < end; i++) {
            char c = b.ptr[i];

            if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '+' || c == '/' || c == '='))
                return 0;
        }
        return end == SIZE_MAX ? 0 : end + 2;
    }
    if (b.len >= 3 && (b.ptr[1] == '(' || b.ptr[1] == ')'))
        return b.ptr[2] == 'B' || b.ptr[2] == '0' ? 3 : 0;
    if (b.len >= 2 && strchr("=>78Mc", b.ptr[1]))
        return 2;
    if (b.len < 3 || b.ptr[1] != '[')
        return 0;
    while (at < b.len && strchr("0123456789;?>", b.ptr[at]))
        at++;
    /* The window title is put aside and brought back, never set. */
    if (bytes_starts(b, "\033[22;0;0t") || bytes_starts(b, "\033[23;0;0t"))
        return strlen("\033[22;0;0t");
    /* Moves, erasing, inserting, scrolling, attributes, modes; no reports, no windows. */
    return at < b.len && strchr("ABCDEFGHJKLMPSTXZ@`abdefgmrhl", b.ptr[at]) ? at + 1 : 0;
}

void terminal_expect_clean(struct terminal *t)
{
    struct bytes rest = buffer_bytes(&t->raw);

    while (rest.len) {
        unsigned char first = (unsigned char)rest.ptr[0];
        uint32_t code;
        size_t used;

        if (first == 0x1b) {
            used = allowed_sequence(rest);
            if (used == 0)
                fail_msg("sequence ESC %.20s at byte %zu", rest.ptr + 1, t->raw.len - rest.len);
        } else {
            used = utf8_decode(rest, &code);
            if (code != '\r' && code != '\n' && code != '\b' && code != 0x0e && code != 0x0f &&
                (code == UTF8_INVALID || utf8_width(code) < 0) && code != '\t')
                fail_msg("character U+%04X at byte %zu", code, t->raw.len - rest.len);
        }
        rest = bytes_slice(rest, used, rest.len);
    }
}
