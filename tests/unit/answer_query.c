/* Whole queries of the plain evaluator. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/mem.h"

#include "tests/unit/answer.h"

enum { ITEMS = 3, KEYS = 2, FILTERS = 2, INPUTS = EVENTS * 4, LATE = 1 << 20 };

const char *const field_names[FIELDS] = {"sub", "user", "errorCode", "status"};

enum aggregate {
    COUNT_ALL,
    COUNT,
    DISTINCT,
    SUM,
    AVG,
    MIN,
    MAX,
    PCT,
    MEDIAN,
    STDDEV,
    VARIANCE,
    LISTED,
    RATIO,
    EARLIEST,
    LATEST,
    AGGREGATES
};

/* What is written before the argument and behind it. */
static const char *const aggregate_forms[AGGREGATES][2] = {
    [COUNT_ALL] = {"count(*)",              NULL          },
    [COUNT] = {"count(",                ")"           },
    [DISTINCT] = {"count_distinct(",       ")"           },
    [SUM] = {"sum(",                  ")"           },
    [AVG] = {"avg(",                  ")"           },
    [MIN] = {"min(",                  ")"           },
    [MAX] = {"sortsLast(",            ")"           },
    [PCT] = {"pct(",                  NULL          },
    [MEDIAN] = {"median(",               ")"           },
    [STDDEV] = {"stddev(",               ")"           },
    [VARIANCE] = {"variance(",             ")"           },
    [LISTED] = {"jsonArraySize(values(", "))"          },
    [RATIO] = {"sum(",                  ") / count(*)"},
    [EARLIEST] = {"earliest(",             ")"           },
    [LATEST] = {"latest(",               ")"           },
};

struct item {
    enum aggregate function;
    struct node *e;
    unsigned percent;
};

/* One stats: bins of time, keys, items; its columns are called PREFIX0, PREFIX1, … */
struct stage {
    char prefix;
    struct node *keys[KEYS];
    struct item items[ITEMS];
    size_t n_bins, n_keys, n_items;
    int64_t bin_us;
};

enum unnested { UNNEST_NOTHING, UNNEST_JSON, UNNEST_SPLIT };
enum parsed { PARSE_NOTHING, PARSE_GLOB, PARSE_REGEX };

struct input {
    struct val values[CELLS];
    int64_t time_us;
};

struct group {
    size_t members[INPUTS];
    size_t n_members;
    char key[CELLS * (TEXT_BYTES + 40)];
};

struct plain_query {
    struct maker maker;
    struct names names, results;
    bool has_json, has_stats, has_second, has_having;
    enum unnested unnested;
    enum parsed parsed;
    unsigned unnested_field, parsed_field;
    struct node *filters[FILTERS], *having;
    size_t n_filters;
    struct stage first, second;
    struct item shown[ITEMS];
    size_t n_shown, n_sort, n_dedup;
    unsigned sort[2], dedup[2]; /* columns */
    bool descending[2];
    unsigned limit;
    struct input *inputs, *between;
    size_t n_inputs;
    struct group *groups;
    size_t n_groups;
};

struct plain_query *plain_new(void)
{
    struct plain_query *q = mem_alloc(sizeof *q);

    q->maker.nodes = nodes_new();
    q->inputs = mem_array(INPUTS, sizeof *q->inputs);
    q->between = mem_array(INPUTS, sizeof *q->between);
    q->groups = mem_array(INPUTS + 1, sizeof *q->groups);
    return q;
}

void plain_free(struct plain_query *q)
{
    mem_free(q->maker.nodes);
    mem_free(q->inputs);
    mem_free(q->between);
    mem_free(q->groups);
    mem_free(q);
}

/* ---- made ---- */

static void add_name(struct names *n, const char *name)
{
    (void)snprintf(n->text[n->count++], sizeof n->text[0], "%s", name);
}

static void make_preamble(struct plain_query *q)
{
    struct maker *m = &q->maker;

    for (size_t i = 0; i < FIELDS; i++)
        add_name(&q->names, field_names[i]);
    q->names.from_pool = true;
    q->has_json = draw(&m->r, 3) == 0;
    q->names.json_base = q->has_json ? FIELDS : 0;
    q->parsed = draw(&m->r, 4) == 0 ? (enum parsed)(1 + draw(&m->r, 2)) : PARSE_NOTHING;
    q->parsed_field = draw(&m->r, FIELDS);
    if (q->parsed) {
        add_name(&q->names, "p0");
        add_name(&q->names, "p1");
    }
    q->unnested = draw(&m->r, 4)                  ? UNNEST_NOTHING
                  : q->has_json && draw(&m->r, 3) ? UNNEST_JSON
                                                  : UNNEST_SPLIT;
    q->unnested_field = draw(&m->r, FIELDS);
    if (q->unnested)
        add_name(&q->names, "u");
}

static void make_stage(struct maker *m, struct stage *s, const struct names *names,
                       bool is_first)
{
    *s = (struct stage){.prefix = is_first ? 'c' : 'd'};
    s->n_bins = is_first && draw(&m->r, 4) == 0;
    s->bin_us = draw(&m->r, 2) ? INSTANT_MINUTE : 5 * INSTANT_MINUTE;
    s->n_keys = draw(&m->r, KEYS + 1);
    for (size_t i = 0; i < s->n_keys; i++)
        s->keys[i] =
            draw(&m->r, 3) || !is_first ? make_field(m, names) : make_value(m, names, 1);
    s->n_items = 1 + draw(&m->r, ITEMS);
    for (size_t i = 0; i < s->n_items; i++) {
        struct item *item = &s->items[i];

        item->function = (enum aggregate)draw(&m->r, is_first ? AGGREGATES : EARLIEST);
        item->percent = draw(&m->r, 5) * 25;
        /* Of times in milliseconds the last decimal is a matter of rounding. */
        if (!is_first && (item->function == STDDEV || item->function == VARIANCE))
            item->function = SUM;
        item->e = item->function == STDDEV || item->function == VARIANCE
                      ? make_field(m, names)
                      : make_value(m, names, 1);
    }
    s->items[0].function = COUNT_ALL;
}

static size_t stage_columns(const struct stage *s)
{
    return s->n_bins + s->n_keys + s->n_items;
}

static void make_order(struct plain_query *q, size_t columns)
{
    struct maker *m = &q->maker;

    q->n_sort = draw(&m->r, 3);
    for (size_t i = 0; i < q->n_sort; i++) {
        q->sort[i] = draw(&m->r, (unsigned)columns);
        q->descending[i] = draw(&m->r, 2);
    }
    q->n_dedup = draw(&m->r, 5) ? 0 : 1 + draw(&m->r, 2);
    for (size_t i = 0; i < q->n_dedup; i++)
        q->dedup[i] = draw(&m->r, (unsigned)columns);
    q->limit = draw(&m->r, 3) ? 10000 : 1 + draw(&m->r, 20);
}

void plain_make(struct plain_query *q, uint64_t r)
{
    struct plain_query fresh = {
        .maker = {.nodes = q->maker.nodes, .r = r},
        .inputs = q->inputs,
        .between = q->between,
        .groups = q->groups
    };
    struct maker *m = &q->maker;

    *q = fresh;
    make_preamble(q);
    q->n_filters = draw(&m->r, 3);
    for (size_t i = 0; i < q->n_filters; i++)
        q->filters[i] = make_condition(m, &q->names, 2);
    q->has_stats = draw(&m->r, 3) > 0;
    if (!q->has_stats) {
        q->n_shown = 1 + draw(&m->r, ITEMS);
        for (size_t i = 0; i < q->n_shown; i++)
            q->shown[i].e = make_value(m, &q->names, 2);
        make_order(q, q->n_shown);
        return;
    }
    make_stage(m, &q->first, &q->names, true);
    for (size_t i = 0; i < stage_columns(&q->first); i++)
        (void)snprintf(q->results.text[q->results.count++], sizeof q->results.text[0], "c%zu",
                       i);
    q->has_having = draw(&m->r, 3) == 0;
    if (q->has_having)
        q->having = make_condition(m, &q->results, 1);
    q->has_second = draw(&m->r, 4) == 0;
    if (q->has_second)
        make_stage(m, &q->second, &q->results, false);
    make_order(q, stage_columns(q->has_second ? &q->second : &q->first));
}

/* ---- written ---- */

static void write_preamble(struct buffer *out, const struct plain_query *q)
{
    const char *parsed = field_names[q->parsed_field];

    for (size_t i = 0; q->has_json && i < FIELDS; i++)
        buffer_printf(out, "%sjsonParse(%s) as j%zu", i ? ", " : "fields ", field_names[i], i);
    if (q->has_json)
        buffer_add_text(out, " | ");
    if (q->parsed == PARSE_GLOB)
        buffer_printf(out, "parse %s \"*9*\" as p0, p1 | ", parsed);
    if (q->parsed == PARSE_REGEX)
        buffer_printf(out, "parse %s /(?<p0>[a-z]+)(?<p1>[0-9]*)/ | ", parsed);
    if (q->unnested == UNNEST_JSON)
        buffer_printf(out, "unnest j%u into u | ", q->unnested_field);
    if (q->unnested == UNNEST_SPLIT)
        buffer_printf(out, "unnest split(%s, \" \") into u | ", field_names[q->unnested_field]);
}

static void write_item(struct buffer *out, const struct names *names, const struct item *item)
{
    buffer_add_text(out, aggregate_forms[item->function][0]);
    if (item->function == COUNT_ALL)
        return;
    write_node(out, names, item->e);
    if (item->function == PCT)
        buffer_printf(out, ", %u)", item->percent);
    else
        buffer_add_text(out, aggregate_forms[item->function][1]);
}

static void write_stage(struct buffer *out, const struct names *names, const struct stage *s)
{
    size_t by = s->n_bins + s->n_keys;

    buffer_add_text(out, "stats ");
    for (size_t i = 0; i < s->n_items; i++) {
        buffer_add_text(out, i ? ", " : "");
        write_item(out, names, &s->items[i]);
        buffer_printf(out, " as %c%zu", s->prefix, by + i);
    }
    if (s->n_bins)
        buffer_printf(out, " by bin(%um) as %c0", (unsigned)(s->bin_us / INSTANT_MINUTE),
                      s->prefix);
    for (size_t i = 0; i < s->n_keys; i++) {
        buffer_add_text(out, i + s->n_bins ? ", " : " by ");
        write_node(out, names, s->keys[i]);
        buffer_printf(out, " as %c%zu", s->prefix, s->n_bins + i);
    }
}

void plain_write(struct buffer *out, const struct plain_query *q)
{
    char prefix = q->has_second ? 'd' : 'c';

    write_preamble(out, q);
    for (size_t i = 0; i < q->n_filters; i++) {
        buffer_add_text(out, "filter ");
        write_node(out, &q->names, q->filters[i]);
        buffer_add_text(out, " | ");
    }
    for (size_t i = 0; i < q->n_shown; i++) {
        buffer_add_text(out, i ? ", " : "display ");
        write_node(out, &q->names, q->shown[i].e);
        buffer_printf(out, " as c%zu", i);
    }
    if (q->has_stats)
        write_stage(out, &q->names, &q->first);
    if (q->has_having) {
        buffer_add_text(out, " | filter ");
        write_node(out, &q->results, q->having);
    }
    if (q->has_second) {
        buffer_add_text(out, " | ");
        write_stage(out, &q->results, &q->second);
    }
    for (size_t i = 0; i < q->n_sort; i++)
        buffer_printf(out, "%s %c%u %s", i ? "," : " | sort", prefix, q->sort[i],
                      q->descending[i] ? "desc" : "asc");
    for (size_t i = 0; i < q->n_dedup; i++)
        buffer_printf(out, "%s %c%u", i ? "," : " | dedup", prefix, q->dedup[i]);
    if (q->limit < 10000)
        buffer_printf(out, " | limit %u", q->limit);
}

/* ---- rows to begin with ---- */

static void parse_value(const struct plain_query *q, struct val *row)
{
    char text[TEXT_BYTES], *at;
    size_t letters, digits;

    row[FIELDS] = row[FIELDS + 1] = none;
    if (row[q->parsed_field].kind == NONE)
        return;
    show(&row[q->parsed_field], text);
    if (q->parsed == PARSE_GLOB) {
        at = strchr(text, '9');
        if (!at)
            return;
        *at = '\0';
        row[FIELDS] = text_val(text);
        row[FIELDS + 1] = text_val(at + 1);
        return;
    }
    at = text + strcspn(text, "abcdefghijklmnopqrstuvwxyz");
    if (!*at)
        return;
    letters = strspn(at, "abcdefghijklmnopqrstuvwxyz");
    digits = strspn(at + letters, "0123456789");
    at[letters + digits] = '\0';
    row[FIELDS + 1] = text_val(at + letters);
    at[letters] = '\0';
    row[FIELDS] = text_val(at);
}

static void keep_input(struct plain_query *q, const struct input *in)
{
    for (size_t k = 0; k < q->n_filters; k++) {
        if (truth(q->filters[k], in->values) != YES)
            return;
    }
    q->inputs[q->n_inputs++] = *in;
}

static void split_input(struct plain_query *q, struct input *in, size_t at)
{
    char text[TEXT_BYTES], *rest = text;

    if (in->values[q->unnested_field].kind == NONE) {
        in->values[at] = none;
        keep_input(q, in);
        return;
    }
    show(&in->values[q->unnested_field], text);
    while (rest) {
        char *blank = strchr(rest, ' ');

        if (blank)
            *blank = '\0';
        in->values[at] = text_val(rest);
        keep_input(q, in);
        rest = blank ? blank + 1 : NULL;
    }
}

static void unnest_input(struct plain_query *q, struct input *in)
{
    const struct val *v = &in->values[q->unnested_field];
    const struct json_sample *j = v->kind == TEXT ? json_of(v->text) : NULL;
    size_t at = q->names.count - 1;

    if (q->unnested == UNNEST_SPLIT) {
        split_input(q, in, at);
    } else if (j && j->is_list) {
        for (size_t i = 0; j->elements[i]; i++) {
            in->values[at] =
                strcmp(j->elements[i], "null") == 0 ? none : text_val(j->elements[i]);
            keep_input(q, in);
        }
    } else {
        /* A map is one element; what is no JSON is missing. */
        in->values[at] = j ? text_val(j->text) : none;
        keep_input(q, in);
    }
}

static void begin(struct plain_query *q, const struct plain_event *events)
{
    struct input in;

    q->n_inputs = 0;
    for (size_t i = 0; i < EVENTS; i++) {
        in.time_us = events[i].time_us;
        for (size_t k = 0; k < FIELDS; k++)
            in.values[k] = events[i].values[k] ? text_val(events[i].values[k]) : none;
        if (q->parsed)
            parse_value(q, in.values);
        if (q->unnested)
            unnest_input(q, &in);
        else
            keep_input(q, &in);
    }
}

/* ---- stats ---- */

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What one aggregate sees of its group. */
struct sample {
    struct val best;
    double numbers[INPUTS];
    size_t n_numbers, n_values, n_seen, n_members;
    long double sum;
    bool timed;
};

static char (*seen_texts(void))[TEXT_BYTES + 40]
{
    static char seen[INPUTS][TEXT_BYTES + 40];

    return seen;
}

static bool is_better(const struct item *item, const struct sample *s, const struct val *v,
                      int64_t time_us)
{
    if (s->best.kind == NONE)
        return true;
    if (item->function == MIN)
        return order_of(v, &s->best) < 0;
    if (item->function == MAX)
        return order_of(v, &s->best) > 0;
    return item->function == LATEST && (time_us != INSTANT_NONE || !s->timed);
}

static void look(const struct item *item, const struct group *g, const struct input *inputs,
                 struct sample *s)
{
    char(*seen)[TEXT_BYTES + 40] = seen_texts();

    *s = (struct sample){.n_members = g->n_members};
    for (size_t i = 0; i < g->n_members; i++) {
        const struct input *in = &inputs[g->members[i]];
        struct val v = value(item->e, in->values);
        size_t at = 0;
        double x;

        if (v.kind == NONE)
            continue;
        s->n_values++;
        if (as_number(&v, &x)) {
            s->numbers[s->n_numbers++] = x;
            s->sum += x;
        }
        add_identity(seen[s->n_seen], sizeof seen[0], &v);
        while (strcmp(seen[at], seen[s->n_seen]) != 0)
            at++;
        s->n_seen += at == s->n_seen;
        if (is_better(item, s, &v, in->time_us))
            s->best = v;
        s->timed = s->timed || in->time_us != INSTANT_NONE;
    }
}

static struct val percentile(struct sample *s, unsigned percent)
{
    size_t rank = (size_t)ceil(percent / 100.0 * (double)s->n_numbers);

    if (s->n_numbers == 0)
        return none;
    qsort(s->numbers, s->n_numbers, sizeof s->numbers[0], compare_numbers);
    return number_val(s->numbers[rank ? rank - 1 : 0]);
}

static double variance(const struct sample *s)
{
    long double mean = s->sum / (long double)s->n_numbers, squares = 0;

    for (size_t i = 0; i < s->n_numbers; i++)
        squares += (s->numbers[i] - mean) * (s->numbers[i] - mean);
    return (double)(squares / (long double)s->n_numbers);
}

static struct val aggregate(const struct item *item, const struct group *g,
                            const struct input *inputs)
{
    static struct sample s;

    if (item->function == COUNT_ALL)
        return number_val((double)g->n_members);
    look(item, g, inputs, &s);
    switch (item->function) {
    case COUNT:
        return number_val((double)s.n_values);
    case DISTINCT:
        return number_val((double)s.n_seen);
    case LISTED:
        return s.n_seen ? number_val((double)s.n_seen) : none;
    case PCT:
        return percentile(&s, item->percent);
    case MEDIAN:
        return percentile(&s, 50);
    case SUM:
        return s.n_numbers ? number_val((double)s.sum) : none;
    case AVG:
        return s.n_numbers ? number_val((double)s.sum / (double)s.n_numbers) : none;
    case RATIO:
        return s.n_numbers ? number_val((double)s.sum / (double)s.n_members) : none;
    case STDDEV:
        return s.n_numbers ? number_val(sqrt(variance(&s))) : none;
    case VARIANCE:
        return s.n_numbers ? number_val(variance(&s)) : none;
    case COUNT_ALL:
    case MIN:
    case MAX:
    case EARLIEST:
    case LATEST:
    case AGGREGATES:
        break;
    }
    return s.best;
}

static struct val key_value(const struct stage *s, size_t i, const struct input *in)
{
    if (i >= s->n_bins)
        return value(s->keys[i - s->n_bins], in->values);
    return in->time_us == INSTANT_NONE ? none : time_val(in->time_us - in->time_us % s->bin_us);
}

static void group_inputs(struct plain_query *q, const struct stage *s,
                         const struct input *inputs, size_t count)
{
    q->n_groups = 0;
    for (size_t i = 0; i < count; i++) {
        struct group *g = &q->groups[q->n_groups];
        size_t len = 0, at = 0;

        g->n_members = 0;
        g->key[0] = '\0';
        for (size_t k = 0; k < s->n_bins + s->n_keys; k++) {
            struct val v = key_value(s, k, &inputs[i]);

            add_identity(g->key + len, sizeof g->key - len, &v);
            len += strlen(g->key + len);
        }
        while (strcmp(q->groups[at].key, g->key) != 0)
            at++;
        q->n_groups += at == q->n_groups;
        q->groups[at].members[q->groups[at].n_members++] = i;
    }
    if (s->n_bins + s->n_keys == 0 && q->n_groups == 0)
        q->groups[q->n_groups++].n_members = 0;
}

static void run_stage(struct plain_query *q, const struct stage *s, const struct input *inputs,
                      size_t count, struct plain_table *t)
{
    size_t by = s->n_bins + s->n_keys;

    group_inputs(q, s, inputs, count);
    t->n_columns = stage_columns(s);
    t->n_rows = q->n_groups;
    for (size_t i = 0; i < q->n_groups; i++) {
        struct plain_row *row = &t->rows[i];

        row->number = i;
        for (size_t k = 0; k < by; k++)
            row->cells[k] = key_value(s, k, &inputs[q->groups[i].members[0]]);
        for (size_t k = 0; k < s->n_items; k++)
            row->cells[by + k] = aggregate(&s->items[k], &q->groups[i], inputs);
    }
}

static void keep_having(const struct plain_query *q, struct plain_table *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < t->n_rows; i++) {
        if (truth(q->having, t->rows[i].cells) != YES)
            continue;
        if (kept != i)
            t->rows[kept] = t->rows[i];
        kept++;
    }
    t->n_rows = kept;
}

/* ---- the end ---- */

static void show_inputs(const struct plain_query *q, struct plain_table *t)
{
    t->n_columns = q->n_shown;
    t->n_rows = q->n_inputs;
    for (size_t i = 0; i < q->n_inputs; i++) {
        for (size_t k = 0; k < q->n_shown; k++)
            t->rows[i].cells[k] = value(q->shown[k].e, q->inputs[i].values);
        /* Newest first without a sort; those without a time stay last. */
        t->rows[i].number =
            q->n_sort || q->inputs[i].time_us == INSTANT_NONE ? LATE + i : LATE - i;
    }
}

static int compare_rows(const void *pa, const void *pb, void *context)
{
    const struct plain_row *a = pa, *b = pb;
    const struct plain_query *q = *(const struct plain_query **)context;
    const struct stage *last = q->has_second ? &q->second : &q->first;
    size_t by = q->has_stats ? last->n_bins + last->n_keys : 0;

    for (size_t i = 0; i < q->n_sort; i++) {
        int order = order_of(&a->cells[q->sort[i]], &b->cells[q->sort[i]]);

        if (order)
            return q->descending[i] ? -order : order;
    }
    for (size_t i = 0; i < by; i++) {
        int order = order_of(&a->cells[i], &b->cells[i]);

        if (order)
            return i < last->n_bins ? -order : order;
    }
    return (a->number > b->number) - (a->number < b->number);
}

/* The first of each combination; a row with a missing value stays. */
static void keep_first(const struct plain_query *q, struct plain_table *t)
{
    static char keys[INPUTS][2 * (TEXT_BYTES + 40)];
    size_t kept = 0, n_keys = 0;

    for (size_t i = 0; q->n_dedup && i < t->n_rows; i++) {
        size_t len = 0, at = 0;
        bool whole = true;

        keys[n_keys][0] = '\0';
        for (size_t k = 0; k < q->n_dedup; k++) {
            const struct val *v = &t->rows[i].cells[q->dedup[k]];

            whole = whole && v->kind != NONE;
            add_identity(keys[n_keys] + len, sizeof keys[0] - len, v);
            len += strlen(keys[n_keys] + len);
        }
        while (whole && strcmp(keys[at], keys[n_keys]) != 0)
            at++;
        if (whole && at < n_keys)
            continue;
        n_keys += whole;
        if (kept != i)
            t->rows[kept] = t->rows[i];
        kept++;
    }
    if (q->n_dedup)
        t->n_rows = kept;
}

static void run_second(struct plain_query *q, struct plain_table *t)
{
    for (size_t i = 0; i < t->n_rows; i++) {
        memcpy(q->between[i].values, t->rows[i].cells, sizeof t->rows[i].cells);
        q->between[i].time_us = INSTANT_NONE;
    }
    run_stage(q, &q->second, q->between, t->n_rows, t);
}

void plain_run(struct plain_query *q, const struct plain_event *events, struct plain_table *t)
{
    begin(q, events);
    if (q->has_stats)
        run_stage(q, &q->first, q->inputs, q->n_inputs, t);
    else
        show_inputs(q, t);
    if (q->has_having)
        keep_having(q, t);
    if (q->has_second)
        run_second(q, t);
    qsort_r(t->rows, t->n_rows, sizeof t->rows[0], compare_rows, &q);
    keep_first(q, t);
    if (t->n_rows > q->limit)
        t->n_rows = q->limit;
}
