#include "tui/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "core/base/safe.h"
#include "core/base/utf8.h"

#include "tui/frame.h"
#include "tui/headless/headless.h"
#include "tui/message.h"
#include "tui/panes/pane_events.h"
#include "tui/verbs/verb.h"

enum {
    PROGRESS_DRAW_MS = 500, /* how often the screen changes by itself while reading */
    KEYS_PER_DRAW = 256,    /* typed ahead: drained before one frame is drawn */
};

/* Signals reach the loop as bytes in a pipe; the write end must be known to the handler. */
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;

    if (write(signal_pipe[1], &byte, 1) < 0)
        errno = saved;
    errno = saved;
}

/* The terminal must be usable again, whatever happens. */
static void on_crash(int number)
{
    screen_restore();
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static bool catch_signals(void)
{
    static const int to_loop[] = {SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT};
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    if (pipe2(signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return false;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(to_loop); i++)
        sigaction(to_loop[i], &action, NULL);
    action.sa_handler = on_crash;
    action.sa_flags = (int)SA_RESETHAND;
    for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
        sigaction(crashes[i], &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    return true;
}

static enum context context_now(const struct ui *ui)
{
    return ui->prompt.kind ? verb_prompt_context(ui) : ui_view(ui)->ops->context;
}

/* A key that does nothing says so; a silent one leaves people guessing. */
static void say_unbound(struct ui *ui, enum context context)
{
    struct buffer text = {0};
    const struct key *keys;
    size_t n_keys;

    keys = keymap_matcher_keys(ui->matcher, &n_keys);
    keymap_describe(ui->keymap, context, keys, n_keys, &text);
    ui_say(ui, STYLE_DIM, "%.*s", (int)text.len, text.ptr);
    buffer_deinit(&text);
}

static void take_key(struct ui *ui, struct key key)
{
    enum context context = context_now(ui);
    const struct binding *row = NULL;

    if (ui->describe_key) {
        verb_describe(ui, key);
        return;
    }
    buffer_clear(&ui->message);
    switch (keymap_feed(ui->matcher, context, key, &row)) {
    case KEYMAP_COMMAND:
        if (row->command != COMMAND_BACK && row->command != COMMAND_QUIT)
            ui->quit_asked = false;
        verb_command(ui, row->command, row->argument);
        break;
    case KEYMAP_NONE:
        ui->quit_asked = false;
        if (ui->prompt.kind && key_is_text(key))
            ui_react(ui, verb_prompt_text(ui, key));
        else if (!ui->prompt.kind)
            say_unbound(ui, context);
        break;
    case KEYMAP_PENDING:
        break;
    }
}

static bool is_ready(const struct ui *ui)
{
    const struct view *v = ui_view(ui);

    return ui->prompt.kind || !v->ops->ready || v->ops->ready(v) ||
           !session_is_busy(ui->session);
}

static void note_waiting(struct ui *ui)
{
    const struct view *v = ui_view(ui);

    if (!v->ops->asked || !v->ops->asked(v))
        ui->asked_since_us = 0;
    else if (!ui->asked_since_us)
        ui->asked_since_us = ui_clock_us();
    if (is_ready(ui)) {
        ui->unready = NULL;
    } else if (ui->unready != v) {
        ui->unready = v;
        ui->unready_since_us = ui_clock_us();
    }
}

/* Of the commands of every view, those that mean the rows of the one that is shown. */
static bool acts_on_rows(enum command_id id)
{
    static const enum command_id of_rows[] = {
        COMMAND_ROW_NEXT,  COMMAND_ROW_PREVIOUS, COMMAND_PAGE_DOWN,       COMMAND_PAGE_UP,
        COMMAND_HALF_DOWN, COMMAND_HALF_UP,      COMMAND_ROW_FIRST,       COMMAND_ROW_LAST,
        COMMAND_PANE_NEXT, COMMAND_OPEN,         COMMAND_COPY_VALUE,      COMMAND_COPY_PATH,
        COMMAND_SEARCH,    COMMAND_SEARCH_NEXT,  COMMAND_SEARCH_PREVIOUS,
    };

    for (size_t i = 0; i < ARRAY_LEN(of_rows); i++)
        if (of_rows[i] == id)
            return true;
    return !(command_get(id)->contexts & UINT32_C(1) << CONTEXT_ANY);
}

/* True for the keys that get people out of waiting: back, and on to other views. */
static bool leads_away(const struct ui *ui, struct key key)
{
    enum context context = context_now(ui);

    for (size_t i = 0; i < keymap_count(ui->keymap, context); i++) {
        const struct binding *row = keymap_get(ui->keymap, context, i);

        if (row->n_keys == 1 && key_compare(row->keys[0], key) == 0)
            return !acts_on_rows(row->command);
    }
    return false;
}

static bool is_unready_long(const struct ui *ui)
{
    return ui->unready && ui_clock_us() - ui->unready_since_us >= UI_LONG_WAIT_US;
}

/* Keys wait for the view's first answer; Ctrl-C drops them and acts at once, and so do the ways
 * out once the wait is long: findings and proofs may take as long as reading does. */
static void hold_or_take(struct ui *ui, struct key key)
{
    struct key stop = key_typed(0x03, false);

    if (key_compare(key, stop) == 0 || (is_unready_long(ui) && leads_away(ui, key)))
        ui->n_held = 0;
    else if ((ui->n_held || !is_ready(ui)) && ui->n_held < UI_MAX_HELD) {
        ui->held[ui->n_held++] = key;
        return;
    }
    take_key(ui, key);
}

static bool take_held(struct ui *ui)
{
    bool any = false;

    while (ui->n_held && !ui->quit &&
           (is_ready(ui) || (is_unready_long(ui) && leads_away(ui, ui->held[0])))) {
        struct key key = ui->held[0];

        memmove(ui->held, ui->held + 1, --ui->n_held * sizeof *ui->held);
        take_key(ui, key);
        note_waiting(ui); /* of the view that it led to */
        any = true;
    }
    return any;
}

static void take_signal(struct ui *ui, int number)
{
    switch (number) {
    case SIGWINCH:
        screen_resized(ui->screen);
        break;
    case SIGTSTP:
        (void)verb_run(ui, COMMAND_SUSPEND, bytes_of(""));
        break;
    case SIGCONT:
        screen_enter(ui->screen);
        break;
    case SIGINT:
        /* Ctrl-C is a key: this one comes from outside. The second one means it. */
        if (ui->interrupted)
            ui->quit = true;
        ui->interrupted = true;
        (void)verb_run(ui, COMMAND_STOP, bytes_of(""));
        break;
    default:
        ui->quit = true;
        break;
    }
}

/* True when something happened that the screen must show. `more` tells whether input is left
 * that poll(2) cannot see, since curses read it already. */
static bool take_input(struct ui *ui, bool *settle, bool *more)
{
    struct key key;
    bool any = false;

    *more = true;
    for (unsigned i = 0; i < KEYS_PER_DRAW && !ui->quit; i++) {
        switch (screen_read(ui->screen, &key)) {
        case SCREEN_NOTHING:
            *more = false;
            return any;
        case SCREEN_KEY:
            hold_or_take(ui, key);
            break;
        case SCREEN_PASTE:
            if (ui->prompt.kind)
                ui_react(ui, verb_prompt_paste(ui, screen_pasted(ui->screen)));
            break;
        case SCREEN_HANGUP:
            ui->quit = true;
            return true;
        case SCREEN_SETTLE:
            *settle = ui->options->settle;
            return true;
        }
        any = true;
    }
    return any;
}

static bool take_signals(struct ui *ui)
{
    char number;
    bool any = false;

    while (read(signal_pipe[0], &number, 1) == 1) {
        take_signal(ui, number);
        any = true;
    }
    return any;
}

/* Takes what the session has; true when the view must be drawn again at once. */
static bool take_session(struct ui *ui)
{
    unsigned changes = session_poll(ui->session);

    if (changes & (SESSION_INDEX | SESSION_TRIAGE))
        ui_ask(ui_view(ui));
    return (changes & (SESSION_INDEX | SESSION_LOADED | SESSION_ANSWER | SESSION_TRIAGE |
                       SESSION_PROVED | SESSION_LEARNED)) != 0;
}

static void draw(struct ui *ui)
{
    screen_accept_paste(ui->screen, ui->prompt.kind != NULL);
    frame_draw(ui);
    screen_show(ui->screen, &ui->canvas);
}

/* The screen tells how far reading, a verification or triage has come. */
static bool works(const struct ui *ui)
{
    return session_is_loading(ui->session) || session_is_proving(ui->session) ||
           session_is_triaging(ui->session);
}

static int wait_ms(const struct ui *ui, bool at_once)
{
    if (at_once)
        return 0;
    return works(ui) || ui->asked_since_us || ui->unready ? PROGRESS_DRAW_MS : -1;
}

static void loop(struct ui *ui, int in_fd)
{
    struct pollfd fds[2 + SESSION_WAKES];
    bool settle = false, dirty = true, more = false;
    int64_t drawn_us = 0;

    fds[0] = (struct pollfd){.fd = in_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = signal_pipe[0], .events = POLLIN};
    for (unsigned i = 0; i < SESSION_WAKES; i++)
        fds[2 + i] = (struct pollfd){.fd = session_wake_fd(ui->session, i), .events = POLLIN};
    while (!ui->quit) {
        bool due;

        if (poll(fds, ARRAY_LEN(fds), wait_ms(ui, dirty || more)) < 0 && errno != EINTR)
            break;
        dirty |= take_input(ui, &settle, &more);
        dirty |= take_signals(ui);
        dirty |= take_session(ui);
        dirty |= take_held(ui);
        note_waiting(ui);
        due = (works(ui) || ui_waits_long(ui)) &&
              ui_clock_us() - drawn_us >= PROGRESS_DRAW_MS * 1000;
        if (dirty || due) {
            draw(ui);
            drawn_us = ui_clock_us();
            dirty = false;
        }
        if (settle && !session_is_busy(ui->session) && ui->n_held == 0) {
            settle = false;
            draw(ui);
            screen_mark(ui->screen);
        }
    }
}

int loop_run(struct session *session, const struct options *options, struct keymap *keymap)
{
    struct screen_options screen = {.color = options->color, .ascii = options->ascii};
    struct ui *ui = mem_alloc(sizeof *ui);
    struct buffer why = {0}, notice = {0};
    struct filters *none = filters_new();
    int status = 2;

    screen.in_fd = isatty(STDIN_FILENO) ? STDIN_FILENO : open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (screen.in_fd < 0 || !isatty(STDOUT_FILENO))
        buffer_add_text(&why, "this is no terminal: use -q QUERY or --files for output "
                              "without a screen");
    else if (headless_metric_options(options, &ui->metric_width_us, ui->alarms, &why))
        ui->screen = screen_new(&screen, &why, &notice);
    if (ui->screen && catch_signals()) {
        mem_on_exhausted(screen_restore);
        ui->session = session;
        ui->options = options;
        ui->keymap = keymap;
        ui->matcher = keymap_matcher_new(keymap);
        ui->local_time = options->local_time;
        ui->mask = options->mask;
        ui->canvas.mask = &ui->mask;
        ui->load_started_us = ui_clock_us();
        ui_push(ui, events_new(ui, none));
        if (options->demo)
            ui_say(ui, STYLE_PLAIN, "A made-up incident: who got in? ? shows the keys.");
        if (notice.len)
            ui_say(ui, STYLE_WARN, "%.*s", (int)notice.len, notice.ptr);
        loop(ui, screen.in_fd);
        status = headless_status(session);
    }
    if (why.len)
        message_print(buffer_bytes(&why));
    ui_deinit(ui);
    screen_free(ui->screen);
    filters_release(none);
    buffer_deinit(&why);
    buffer_deinit(&notice);
    mem_free(ui);
    return status;
}
