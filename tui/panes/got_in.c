#include "tui/panes/got_in.h"

#include <inttypes.h>

#include "core/concluding/entries.h"

#include "tui/panes/pane_pivot.h"
#include "tui/verbs/verb.h"

static unsigned open_accounts(struct ui *ui, const struct entries *e, bool is_part)
{
    struct buffer label = {0};
    struct filters *none = filters_new(), *entered;
    unsigned reactions;

    buffer_add_text(&label, "sign-ins that worked where it had failed since ");
    instant_add(&label, e->first_us, INSTANT_TABLE, 0);
    entered = filters_add_rows(none, buffer_bytes(&label), e->rows, e->count);
    reactions = ui_push(ui, pivot_new(ui, entered, FIELD_SUB));
    ui_say(ui, STYLE_PLAIN,
           "%s%" PRIu64 " addresses and %" PRIu64 " accounts were refused. o s: all of one",
           is_part ? "At least " : "", e->n_addresses, e->n_accounts);
    filters_release(entered);
    filters_release(none);
    buffer_deinit(&label);
    return reactions;
}

unsigned got_in(struct ui *ui, const struct selection *s)
{
    struct entries entries;
    unsigned reactions = REACT_REDRAW;
    bool is_part;

    if (!s)
        return reactions;
    is_part = s->n_unlooked || session_is_partial(ui->session);
    entries_find(s, &entries);
    if (entries.n_refused == 0)
        ui_say(ui, STYLE_PLAIN, "No sign-in was refused in these events.");
    else if (entries.count == 0)
        ui_say(ui, STYLE_PLAIN,
               "Nobody got in from a refused address, or newly into a refused account%s",
               is_part ? ": of what was read, not all" : ".");
    else
        reactions = open_accounts(ui, &entries, is_part);
    entries_deinit(&entries);
    return reactions;
}
