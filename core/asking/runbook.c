#include "core/asking/runbook.h"

static const struct runbook_row rows[] = {
#define RUNBOOK(title, query, finds, misses, better) {title, query, finds, misses, better},
#include "core/asking/runbook.def"
#undef RUNBOOK
};

size_t runbook_count(void)
{
    return sizeof rows / sizeof rows[0];
}

const struct runbook_row *runbook_get(size_t i)
{
    return &rows[i];
}
