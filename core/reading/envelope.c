#include "core/reading/envelope.h"

#include "core/base/mem.h"

#include "core/reading/guess.h"
#include "core/reading/lambda.h"
#include "core/reading/opening.h"
#include "core/reading/passage.h"
#include "core/reading/resume.h"
#include "core/reading/stretch.h"

enum { OPEN_MAX = 8 }; /* wrappers within wrappers */

/* What may stand next in the innermost wrapper. */
enum due {
    DUE_FIRST, /* a value, or the end */
    DUE_VALUE, /* a value: there was a comma */
    DUE_COMMA, /* a comma, or the end */
    DUE_ANY,   /* after damage nobody knows */
};

enum step { STEP_ON, STEP_EVENT, STEP_END };

struct envelope {
    struct passage passage;
    struct event_reader *reader;
    bool started;   /* the head was looked at */
    bool lenient;   /* after damage, stray separators are what is left of a wrapper */
    bool json_seen; /* something of the file was JSON */
    bool ended;
    bool several;        /* the last event may not be the only one in its record */
    const char *seems;   /* what the head looks like if there is no JSON at all */
    size_t record_bytes; /* of the last event */
    char open[OPEN_MAX]; /* '{', '[' or OPENING_ROWS per wrapper that is open */
    unsigned n_open;
    enum due due;
    struct event spare; /* for records that are only tried */
    struct stretch stretch;
    struct buffer log, stream; /* of the log whose events stand in a wrapper */
    unsigned log_level;        /* brackets around them; 0: none are known */
    bool names_changed;        /* since the begin of a part */
    bool has_formats;          /* the user knows formats of access logs */
    struct dialects dialects;
    struct userlist users;
    const struct envelope *whole; /* of a part: what it is a part of */
};

struct envelope *envelope_new(struct file *f, struct block *b, struct event_reader *reader,
                              bool quiet)
{
    struct envelope *e = mem_alloc(sizeof(*e));

    e->reader = reader;
    passage_init(&e->passage, f, b, quiet);
    stretch_init(&e->stretch, &e->passage, reader);
    e->has_formats = config_format(event_reader_config(reader), 0) != NULL;
    return e;
}

void envelope_free(struct envelope *e)
{
    if (!e)
        return;
    passage_deinit(&e->passage);
    stretch_deinit(&e->stretch);
    dialects_deinit(&e->dialects);
    userlist_deinit(&e->users);
    buffer_deinit(&e->log);
    buffer_deinit(&e->stream);
    mem_free(e);
}

/* Passes damage that begins where the window stands, up to the next start of a record. */
static void pass_damage(struct envelope *e, enum err code, uint64_t fault, const char *words)
{
    uint64_t start = window_offset(&e->passage.window);
    bool found = resume_find(&e->passage.window, e->reader, &e->spare, code == ERR_CUT);
    uint64_t length = window_offset(&e->passage.window) - start;

    buffer_clear(&e->passage.words);
    if (!found && !e->json_seen && e->seems) {
        buffer_add_text(&e->passage.words, e->seems);
        passage_problem(&e->passage, ERR_NOT_LOGS, start, length);
        passage_lost(&e->passage, length, 0);
        e->n_open = 0;
        return;
    }
    if (code == ERR_CUT && found) {
        code = ERR_SYNTAX; /* it took the following records for its own, up to the end */
        words = "a record that does not end before the text does,";
    }
    if (code == ERR_CUT)
        buffer_printf(&e->passage.words, "%llu bytes of a record without its end",
                      (unsigned long long)length);
    else
        buffer_printf(&e->passage.words, "%s at offset %llu", words, (unsigned long long)fault);
    if (found)
        buffer_printf(&e->passage.words, ", reading on at offset %llu",
                      (unsigned long long)window_offset(&e->passage.window));
    passage_problem(&e->passage, code, start, length);
    passage_lost(&e->passage, length, 1);
    e->due = DUE_ANY;
    e->lenient = true;
    if (!found)
        e->n_open = 0;
}

/* Damage named by the fault of a cursor that began where the window stands. */
static void pass_fault(struct envelope *e, const struct cursor *c)
{
    const char *end = e->passage.window.ptr + e->passage.window.len;
    uint64_t fault = e->passage.window.base + (uint64_t)(c->at - e->passage.window.ptr);
    enum err code = ERR_SYNTAX;

    if (c->fault == CURSOR_DEPTH)
        code = ERR_TOO_DEEP;
    else if (c->fault == CURSOR_ENCODING)
        code = ERR_ENCODING;
    else if (c->at == end && e->passage.window.final)
        code = ERR_CUT;
    pass_damage(e, code, fault, cursor_fault_text(c->fault));
}

/* Where the value ends that begins in `text`, told only by quotes and brackets; the state goes
 * on over windows. SIZE_MAX while it goes on. */
struct outline {
    bool inside, escaped; /* of a string, behind a backslash */
    uint64_t depth;
    bool broken; /* a newline inside a string: this is not one value */
};

static size_t outline_end(struct outline *o, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.ptr[i];

        if (o->inside) {
            o->broken = byte == '\n';
            if (o->broken)
                return i;
            o->inside = byte != '"' || o->escaped;
            o->escaped = byte == '\\' && !o->escaped;
        } else if (o->depth == 0 && (byte == ',' || byte == '}' || byte == ']')) {
            return i; /* behind a text or number */
        } else if (byte == '"') {
            o->inside = true;
        } else if (byte == '{' || byte == '[') {
            o->depth++;
        } else if ((byte == '}' || byte == ']') && --o->depth == 0) {
            return i + 1;
        }
    }
    return SIZE_MAX;
}

/* Passes a value that is larger than any window, without keeping it. */
static void pass_large(struct envelope *e)
{
    uint64_t start = window_offset(&e->passage.window), length;
    struct outline outline = {0};
    bool more = true;

    do {
        struct bytes rest = window_rest(&e->passage.window);
        size_t end = outline_end(&outline, rest);

        e->passage.window.at += end < rest.len ? end : rest.len;
        if (end != SIZE_MAX)
            break;
        more = window_more(&e->passage.window);
    } while (more);
    if (outline.broken)
        (void)resume_find(&e->passage.window, e->reader, &e->spare, false);
    length = window_offset(&e->passage.window) - start;
    buffer_clear(&e->passage.words);
    buffer_printf(&e->passage.words, "a record of %llu bytes%s; the limit is %u MiB",
                  (unsigned long long)length, more && !outline.broken ? "" : " without its end",
                  WINDOW_MAX_BYTES >> 20);
    passage_problem(&e->passage, ERR_TOO_LARGE, start, length);
    passage_lost(&e->passage, length, 1);
    e->due = outline.broken ? DUE_ANY : DUE_COMMA;
    e->lenient = e->lenient || outline.broken;
    if (!more)
        e->n_open = 0;
}

/* The value is not whole in the window. */
static enum step want_more(struct envelope *e)
{
    if (!window_more(&e->passage.window))
        pass_large(e);
    return STEP_ON;
}

static void set_names(struct envelope *e, struct bytes log, struct bytes stream, unsigned level)
{
    if (level == e->log_level && bytes_equal(log, buffer_bytes(&e->log)) &&
        bytes_equal(stream, buffer_bytes(&e->stream)))
        return;
    e->names_changed = true;
    e->log_level = level;
    buffer_clear(&e->log);
    buffer_add(&e->log, log);
    buffer_clear(&e->stream);
    buffer_add(&e->stream, stream);
}

/* The names of the log that a wrapper's head gives hold for all events in it. */
static void keep_names(struct envelope *e, const struct opened *opened)
{
    struct buffer log = {0};

    if (opened->group.len > 0) {
        buffer_add(&log, opened->owner);
        buffer_add_char(&log, ':');
        buffer_add(&log, opened->group);
    }
    if (opened->group.len > 0 || opened->stream.len > 0)
        set_names(e, buffer_bytes(&log), opened->stream,
                  e->n_open + (unsigned)strlen(opened->kinds));
    else if (e->n_open < e->log_level)
        set_names(e, (struct bytes){0}, (struct bytes){0}, 0);
    buffer_deinit(&log);
}

static void use_names(const struct envelope *e, struct event *out)
{
    if (e->log_level == 0 || e->n_open < e->log_level)
        return;
    if (out->log.len == 0)
        out->log = buffer_bytes(&e->log);
    if (out->stream.len == 0)
        out->stream = buffer_bytes(&e->stream);
}

static enum step open_wrapper(struct envelope *e, const struct opened *opened)
{
    size_t more = strlen(opened->kinds);

    if (e->due == DUE_ANY)
        e->n_open = 0; /* its surroundings went with the damage */
    if (e->n_open + more > OPEN_MAX) {
        pass_damage(e, ERR_TOO_DEEP, window_offset(&e->passage.window),
                    "wrapper in wrapper in wrapper");
        return STEP_ON;
    }
    if (opened->more)
        passage_slip(&e->passage, ERR_PAGE, opened->more);
    keep_names(e, opened);
    memcpy(e->open + e->n_open, opened->kinds, more);
    e->n_open += (unsigned)more;
    e->due = DUE_FIRST;
    passage_wrapper(&e->passage, opened->length);
    return STEP_ON;
}

static enum step close_wrapper(struct envelope *e)
{
    if (e->due == DUE_VALUE)
        passage_slip(&e->passage, ERR_SYNTAX, "comma before the end of a list");
    e->n_open--;
    e->due = DUE_COMMA;
    e->json_seen = true;
    passage_wrapper(&e->passage, 1);
    return STEP_ON;
}

/* Goes on in a dialect when one begins here, outside of all wrappers. */
static bool begin_stretch(struct envelope *e)
{
    if (e->n_open > 0 || !stretch_begin(&e->stretch, &e->dialects))
        return false;
    e->json_seen = true; /* what follows is no text of an unknown kind */
    return true;
}

/* The same for a line that `c` found to be broken JSON; when not, `c` stands as it was though
 * the window may have moved. */
static bool begin_mended(struct envelope *e, struct cursor *c)
{
    const struct window *w = &e->passage.window;
    size_t ahead = (size_t)(c->at - (w->ptr + w->at));

    if (begin_stretch(e))
        return true;
    c->at = w->ptr + w->at + ahead;
    return false;
}

/* A user of a pool: names, and no event. */
static void keep_user(struct envelope *e, size_t length)
{
    const struct listed_user *user = event_user(e->reader);
    bool learned = user->sub.len > 0 && user->n_names > 0;

    if (learned)
        userlist_add(&e->users, user);
    passage_user(&e->passage, length, learned);
}

/* An object, or a row that is a list. */
static enum step read_record(struct envelope *e, struct event *out)
{
    struct cursor c = resume_cursor(&e->passage.window, 0, SIZE_MAX / 2);
    const char *start = c.at, *seems = NULL;

    switch (event_read(e->reader, &c, out, &seems)) {
    case EVENT_READ:
        passage_record(&e->passage, (size_t)(c.at - start));
        if (out->torn)
            passage_torn(&e->passage);
        e->record_bytes = (size_t)(c.at - start);
        e->json_seen = true;
        e->due = DUE_COMMA;
        return STEP_EVENT;
    case EVENT_MORE:
        return want_more(e);
    case EVENT_USER:
        keep_user(e, (size_t)(c.at - start));
        e->json_seen = true;
        e->due = DUE_COMMA;
        return STEP_ON;
    case EVENT_FOREIGN:
        passage_foreign(&e->passage, seems ? seems : "JSON of an unknown kind",
                        (size_t)(c.at - start));
        e->json_seen = true;
        e->due = DUE_COMMA;
        return STEP_ON;
    case EVENT_MALFORMED:
        break;
    }
    if (!begin_mended(e, &c))
        pass_fault(e, &c);
    return STEP_ON;
}

/* What comes at the window's start may open a wrapper. */
static enum step read_opening(struct envelope *e, struct event *out,
                              enum opening (*look)(struct cursor c, struct opened *out))
{
    struct opened opened;

    switch (look(resume_cursor(&e->passage.window, 0, SIZE_MAX / 2), &opened)) {
    case OPENING_WRAPPER:
        return open_wrapper(e, &opened);
    case OPENING_MORE:
        return want_more(e);
    case OPENING_RECORD:
        break;
    }
    return read_record(e, out);
}

/* A key of a wrapper behind its list, and the value with it. */
static enum step read_key(struct envelope *e)
{
    struct cursor c = resume_cursor(&e->passage.window, 0, SIZE_MAX / 2);
    const char *start = c.at;
    struct cursor_text key;
    char kinds[2] = "";

    if (cursor_next_key(&c, &key, true)) {
        const char *more = opening_more(key.raw, c);

        if (opening_is_list(key.raw, &c, kinds))
            return open_wrapper(
                e, &(struct opened){.length = (size_t)(c.at - start), .kinds = kinds});
        if (cursor_skip(&c, NULL)) {
            if (more)
                passage_slip(&e->passage, ERR_PAGE, more);
            passage_wrapper(&e->passage, (size_t)(c.at - start));
            e->due = DUE_COMMA;
            return STEP_ON;
        }
    }
    if (c.fault == CURSOR_MORE)
        return want_more(e);
    pass_fault(e, &c);
    return STEP_ON;
}

/* A text, number or literal in a list. */
static enum step read_scalar(struct envelope *e)
{
    struct cursor c = resume_cursor(&e->passage.window, 0, SIZE_MAX / 2);
    struct bytes value;

    if (cursor_skip(&c, &value)) {
        passage_foreign(&e->passage, "value that is not an object", value.len);
        e->json_seen = true;
        e->due = DUE_COMMA;
    } else if (c.fault == CURSOR_MORE) {
        return want_more(e);
    } else {
        pass_fault(e, &c);
    }
    return STEP_ON;
}

/* White space, and byte order marks between values outside all wrappers. */
static void pass_blank(struct envelope *e)
{
    struct cursor c = resume_cursor(&e->passage.window, 0, SIZE_MAX / 2);
    const char *start = c.at;

    (void)cursor_at_end(&c);
    if (e->n_open == 0 && c.end - c.at >= 3 && memcmp(c.at, "\xEF\xBB\xBF", 3) == 0)
        c.at += 3;
    passage_wrapper(&e->passage, (size_t)(c.at - start));
}

/* Keeps what the head looks like, in case that there is no JSON at all. */
static void look_at_head(struct envelope *e)
{
    struct bytes head;
    bool listed = false;

    (void)window_more(&e->passage.window);
    e->started = true;
    head = window_rest(&e->passage.window);
    if (bytes_starts(head, "\xEF\xBB\xBF"))
        head = bytes_slice(head, 3, head.len);
    for (size_t i = 0; i < head.len; i++) {
        char byte = head.ptr[i];

        if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n')
            continue;
        if (byte == '[' && !listed) {
            listed = true;
            continue;
        }
        if (byte != '{' && !(listed && (byte == '[' || byte == ']' || byte == '"')))
            e->seems = guess_text(head);
        return;
    }
}

static enum step read_end(struct envelope *e)
{
    if (!e->ended && e->n_open > 0)
        passage_slip(&e->passage, ERR_CUT, "the text ends before its list of records does");
    if (!e->ended)
        passage_list_kinds(&e->passage);
    e->ended = true;
    return STEP_END;
}

/* A separator or a closing bracket that fits no open wrapper. */
static bool is_stray(const struct envelope *e, char byte)
{
    return (e->lenient || e->json_seen) && (byte == ',' || byte == ']' || byte == '}');
}

static enum step read_step(struct envelope *e, struct event *out)
{
    struct window *w = &e->passage.window;
    char byte, wrapper;
    bool list;

    pass_blank(e);
    if (w->at == w->len)
        return window_more(w) ? STEP_ON : read_end(e);
    if (w->len - w->at < 3 && window_more(w))
        return STEP_ON; /* a byte order mark must be seen whole */
    byte = w->ptr[w->at];
    wrapper = e->n_open ? e->open[e->n_open - 1] : '\0';
    list = wrapper == '[' || wrapper == OPENING_ROWS;
    if ((wrapper == '{' && byte == '}') || (list && byte == ']'))
        return close_wrapper(e);
    if (wrapper && byte == ',' && e->due == DUE_COMMA) {
        passage_wrapper(&e->passage, 1);
        e->due = DUE_VALUE;
        return STEP_ON;
    }
    if (is_stray(e, byte)) {
        if (!e->lenient)
            passage_slip(&e->passage, ERR_SYNTAX, "separators outside of a list");
        e->lenient = true;
        passage_wrapper(&e->passage, 1);
        return STEP_ON;
    }
    if (wrapper && e->due == DUE_COMMA && (byte == '{' || byte == '[')) {
        passage_slip(&e->passage, ERR_SYNTAX, "no comma between two records");
        e->due = DUE_VALUE;
    }
    if (byte == '[' && wrapper == OPENING_ROWS)
        return read_record(e, out);
    if (byte == '{' && e->has_formats && begin_stretch(e))
        return STEP_ON; /* the user's word for what a line means goes first */
    if (byte == '[' && lambda_begins(window_rest(w)) && begin_stretch(e))
        return STEP_ON; /* [INFO], and no list */
    if (byte == '{' && wrapper != '{')
        return read_opening(e, out, opening_find);
    if (byte == '[' && wrapper != '{')
        return read_opening(e, out, opening_find_list);
    if (wrapper == '{' && byte == '"' && e->due != DUE_COMMA)
        return read_key(e);
    if (list && e->due != DUE_COMMA)
        return read_scalar(e);
    if (begin_stretch(e))
        return STEP_ON;
    pass_damage(e, ERR_SYNTAX, window_offset(w), cursor_fault_text(CURSOR_SYNTAX));
    return STEP_ON;
}

/* In a stretch of rows. */
static enum step read_row(struct envelope *e, struct event *out)
{
    return stretch_next(&e->stretch, &e->dialects, out, &e->record_bytes) ? STEP_EVENT
                                                                          : STEP_ON;
}

struct dialects envelope_take_dialects(struct envelope *e)
{
    struct dialects taken = e->dialects;

    e->dialects = (struct dialects){0};
    return taken;
}

struct userlist envelope_take_users(struct envelope *e)
{
    struct userlist taken = e->users;

    e->users = (struct userlist){0};
    return taken;
}

/* The next event of the record that the last one stood in. */
static bool read_part(struct envelope *e, struct event *out)
{
    struct left_out left_out;

    if (!e->several)
        return false;
    e->several = event_next(e->reader, out);
    if (e->several) {
        e->passage.events++;
        return true;
    }
    left_out = event_left_out(e->reader);
    if (left_out.count > 0)
        passage_left_out(&e->passage, left_out.seems, left_out.count, e->record_bytes);
    return false;
}

bool envelope_next(struct envelope *e, struct event *out, uint64_t *offset_bytes,
                   uint32_t *length_bytes)
{
    enum step step = STEP_EVENT;

    if (!e->started)
        look_at_head(e);
    if (!read_part(e, out))
        do {
            step = e->stretch.dialect ? read_row(e, out) : read_step(e, out);
        } while (step == STEP_ON);
    e->several = step == STEP_EVENT;
    if (step == STEP_END)
        return false;
    use_names(e, out);
    *length_bytes = (uint32_t)e->record_bytes;
    *offset_bytes = window_offset(&e->passage.window) - e->record_bytes;
    return true;
}

/* The user's own formats are looked for at each record, with the text behind it. */
bool envelope_is_even(const struct envelope *e)
{
    return e->due == DUE_COMMA && !event_is_split(e->reader) && !e->lenient &&
           !e->has_formats && e->dialects.n == 0;
}

uint64_t envelope_offset(const struct envelope *e)
{
    return window_offset(&e->passage.window);
}

size_t envelope_take(struct envelope *e, char *out, size_t cap)
{
    e->several = false; /* others use its reader from now on */
    return window_take(&e->passage.window, out, cap);
}

void envelope_put_back(struct envelope *e, struct bytes text)
{
    window_put_back(&e->passage.window, text);
}

void envelope_count(struct envelope *e, uint64_t events, uint64_t record_bytes,
                    uint64_t wrapper_bytes)
{
    passage_count(&e->passage, events, record_bytes, wrapper_bytes);
}

struct envelope *envelope_part_new(const struct envelope *e, struct event_reader *reader)
{
    struct envelope *part = envelope_new(e->passage.file, NULL, reader, true);

    part->whole = e;
    part->started = part->json_seen = true;
    part->ended = true; /* the end of a part is not that of its list */
    return part;
}

void envelope_part_begin(struct envelope *part, struct bytes text, uint64_t offset_bytes)
{
    window_borrow(&part->passage.window, text, offset_bytes);
    memcpy(part->open, part->whole->open, sizeof part->open);
    part->n_open = part->whole->n_open;
    part->due = DUE_COMMA;
    part->lenient = false; /* nor anything else of the part before */
    part->passage.n_faults = 0;
    part->stretch.dialect = NULL;
    part->several = false;
    set_names(part, buffer_bytes(&part->whole->log), buffer_bytes(&part->whole->stream),
              part->whole->log_level);
    part->names_changed = false;
    dialects_deinit(&part->dialects);
    userlist_deinit(&part->users);
}

bool envelope_part_next(struct envelope *part, struct event *out, uint64_t *offset_bytes,
                        uint32_t *length_bytes)
{
    const struct envelope *whole = part->whole;

    return envelope_next(part, out, offset_bytes, length_bytes) &&
           event_wrapped(out->flags).split == 0 && !part->names_changed &&
           part->passage.n_faults == 0 && !part->lenient && part->dialects.n == 0 &&
           part->n_open == whole->n_open && memcmp(part->open, whole->open, part->n_open) == 0;
}
