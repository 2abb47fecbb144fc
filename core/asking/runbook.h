/* The built-in queries of runbook.def. Threads: any; everything here is constant. */
#ifndef CORE_ASKING_RUNBOOK_H
#define CORE_ASKING_RUNBOOK_H

#include <stddef.h>

struct runbook_row {
    const char *title;
    const char *query; /* as published */
    const char *finds; /* one sentence without capital and stop */
    const char *misses;
    const char *better; /* a query that does not miss it; NULL: the same */
};

size_t runbook_count(void);
const struct runbook_row *runbook_get(size_t i);

#endif
