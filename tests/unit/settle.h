/* Running a session without a screen. */
#ifndef TESTS_UNIT_SETTLE_H
#define TESTS_UNIT_SETTLE_H

#include <poll.h>

#include "core/session.h"

/* Polls until nothing runs; returns all changes on the way. */
static inline unsigned settle(struct session *s)
{
    struct pollfd wakes[2] = {
        {.fd = session_wake_fd(s, 0), .events = POLLIN},
        {.fd = session_wake_fd(s, 1), .events = POLLIN}
    };
    unsigned changes = session_poll(s);

    while (session_is_busy(s)) {
        (void)poll(wakes, 2, -1);
        changes |= session_poll(s);
    }
    return changes;
}

static inline void settle_keep_selection(void *context, struct selection *selection)
{
    *(struct selection **)context = selection;
}

/* What no filter leaves out; the caller's. */
static inline struct selection *settle_select_all(struct session *s)
{
    struct filters *filters = filters_new();
    struct selection *selection = NULL;

    (void)session_select(s, filters, settle_keep_selection, &selection);
    filters_release(filters);
    (void)settle(s);
    return selection;
}

#endif
