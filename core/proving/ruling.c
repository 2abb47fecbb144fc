#include "core/proving/ruling.h"

#include <stdlib.h>

#include "core/base/mem.h"

const char *ruling_status_name(enum ruling_status status)
{
    static const char *const names[RULING_COUNT] = {
        [RULING_ALTERED] = "altered", [RULING_MISSING] = "missing",
        [RULING_MOVED] = "moved",     [RULING_EXTRA] = "extra",
        [RULING_GAP] = "gap",         [RULING_MISFIT] = "misfit",
        [RULING_UNREAD] = "unread",   [RULING_UNCOVERED] = "uncovered",
        [RULING_INTACT] = "intact",   [RULING_ASIDE] = "aside",
    };

    return names[status];
}

bool ruling_is_fault(enum ruling_status status)
{
    return status < RULING_UNCOVERED;
}

const char *ruling_level_name(enum ruling_level level)
{
    static const char *const names[RULING_LEVELS] = {
        [RULING_BY_NOBODY] = "none",
        [RULING_BY_DIGEST] = "digest",
        [RULING_SIGNED] = "signature",
    };

    return names[level];
}

void rulings_deinit(struct rulings *v)
{
    arena_deinit(&v->arena);
    mem_free(v->rows);
}

void rulings_add(struct rulings *v, struct ruling row)
{
    mem_grow(&v->rows, &v->cap, v->n + 1, sizeof *v->rows);
    row.detail = arena_copy(&v->arena, row.detail);
    v->rows[v->n++] = row;
}

/* Faults stand in one group, ordered by time: what hangs together stands together. */
static int group_of(enum ruling_status status)
{
    return ruling_is_fault(status) ? -1 : (int)status;
}

static int64_t time_of(const struct ruling *v)
{
    if (v->from_us != INSTANT_NONE)
        return v->from_us;
    return v->exhibit ? v->exhibit->file->facts.delivered_us : INSTANT_NONE;
}

static int compare(const void *a, const void *b)
{
    const struct ruling *x = a, *y = b;
    int64_t x_us = time_of(x), y_us = time_of(y);

    if (group_of(x->status) != group_of(y->status))
        return group_of(x->status) < group_of(y->status) ? -1 : 1;
    if (x_us != y_us)
        return x_us < y_us ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return bytes_compare(x->name, y->name);
}

void rulings_sort(struct rulings *v)
{
    if (v->n > 1)
        qsort(v->rows, v->n, sizeof *v->rows, compare);
}
