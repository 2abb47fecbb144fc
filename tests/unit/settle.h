/* Running a session without a screen. */
#ifndef TESTS_UNIT_SETTLE_H
#define TESTS_UNIT_SETTLE_H

#include <poll.h>

#include "core/owning/session.h"

/* Polls until nothing runs; returns all changes on the way. */
static inline unsigned settle(struct session *s)
{
    struct pollfd wakes[SESSION_WAKES];
    unsigned changes = session_poll(s);

    for (unsigned i = 0; i < SESSION_WAKES; i++)
        wakes[i] = (struct pollfd){.fd = session_wake_fd(s, i), .events = POLLIN};
    while (session_is_busy(s)) {
        (void)poll(wakes, SESSION_WAKES, -1);
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
