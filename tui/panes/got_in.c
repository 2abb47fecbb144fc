#include "tui/panes/got_in.h"

#include <inttypes.h>

#include "core/concluding/entries.h"

#include "tui/panes/pane_pivot.h"
#include "tui/verbs/verb.h"

static unsigned open_accounts(struct ui *ui, const struct entries *e)
{
    struct buffer label = {0};
    struct filters *none = filters_new(), *entered;
    unsigned reactions;

    buffer_add_text(&label, "sign-ins that worked where it had failed since ");
    instant_add(&label, e->first_us, INSTANT_TABLE, 0);
    entered = filters_add_rows(none, buffer_bytes(&label), e->rows, e->count);
    reactions = ui_push(ui, pivot_new(ui, entered, FIELD_SUB));
    ui_say(ui, STYLE_PLAIN,
           "From %" PRIu64 " refused addresses, or newly into %" PRIu64
           " accounts. o s: all that one did",
           e->n_addresses, e->n_accounts);
    filters_release(entered);
    filters_release(none);
    buffer_deinit(&label);
    return reactions;
}

unsigned got_in(struct ui *ui, const struct selection *s)
{
    struct entries entries;
    unsigned reactions = REACT_REDRAW;

    if (!s)
        return reactions;
    entries_find(s, &entries);
    if (entries.n_refused == 0)
        ui_say(ui, STYLE_PLAIN, "No sign-in was refused in these events.");
    else if (entries.count == 0)
        ui_say(
            ui, STYLE_PLAIN,
            "Nobody got in, as far as the records show: no sign-in that worked from a refused "
            "address or into a refused account.");
    else
        reactions = open_accounts(ui, &entries);
    entries_deinit(&entries);
    return reactions;
}
