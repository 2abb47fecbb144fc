/* A plain evaluator of whole queries, to hold the engine against: values, expressions and
 * queries of a grammar of its own. Written from the language notes, slow and simple on purpose.
 */
#ifndef TESTS_UNIT_ANSWER_H
#define TESTS_UNIT_ANSWER_H

#include "core/base/bytes.h"
#include "core/base/instant.h"

enum { EVENTS = 160, NODES = 128, TEXT_BYTES = 400 };

/* ---- values ---- */

enum kind { NONE, TEXT, NUMBER, TIME };

struct val {
    enum kind kind;
    bool is_truth; /* a number that a condition made */
    char text[TEXT_BYTES];
    double number;
    int64_t time_us;
};

extern const struct val none;

struct val text_val(const char *text);
struct val number_val(double x);
struct val time_val(int64_t time_us);
bool as_number(const struct val *v, double *x);

/* As results show it, into TEXT_BYTES. */
void show(const struct val *v, char *out);

/* The order of sort. */
int order_of(const struct val *a, const struct val *b);

/* Equal values have the same identity, different ones another. */
void add_identity(char *out, size_t room, const struct val *v);

/* Texts of the events; some are JSON, whose parts are written down by hand. */
const char *pool_text(unsigned n);
unsigned pool_count(void);
struct json_sample {
    const char *text;
    const char *elements[4]; /* of a list, as they show; NULL ends, "null" is missing */
    bool is_list;
    const char *k, *l0, *first; /* at k, l.0 and 0 */
};
const struct json_sample *json_of(const char *text);

/* ---- expressions ---- */

/* What names stand for: columns of events or of an earlier stats. */
struct names {
    char text[16][24];
    size_t count;
    bool from_pool;   /* the values are texts of the pool, or parts of them */
    size_t json_base; /* names before it can be parsed as JSON: j0, j1, … stand for that */
};

struct node;

struct maker {
    struct node *nodes;
    size_t count;
    uint64_t r;
};

unsigned draw(uint64_t *r, unsigned below);
struct node *nodes_new(void);
struct node *make_field(struct maker *m, const struct names *names);
struct node *make_value(struct maker *m, const struct names *names, unsigned depth);
struct node *make_condition(struct maker *m, const struct names *names, unsigned depth);
void write_node(struct buffer *out, const struct names *names, const struct node *n);

enum tri { NO, YES, UNKNOWN };

/* `row` holds a value per name. */
struct val value(const struct node *n, const struct val *row);
enum tri truth(const struct node *n, const struct val *row);

/* ---- queries ---- */

enum { FIELDS = 4, CELLS = 8 };

struct plain_event {
    const char *values[FIELDS]; /* NULL: missing */
    int64_t time_us;
};

extern const char *const field_names[FIELDS];

struct plain_row {
    struct val cells[CELLS];
    size_t number; /* of equal rows the lower one stands first */
};

struct plain_table {
    struct plain_row *rows;
    size_t n_rows, n_columns;
};

struct plain_query;

struct plain_query *plain_new(void);
void plain_free(struct plain_query *q);
void plain_make(struct plain_query *q, uint64_t r);
void plain_write(struct buffer *out, const struct plain_query *q);

/* Events stand in time order, those without a time last. */
void plain_run(struct plain_query *q, const struct plain_event *events, struct plain_table *t);

#endif
