/* One finding in full: what it means, its evidence, whom it concerns, who got in and what they
 * did, what to do next. Lines open their events. */
#ifndef TUI_PANES_PANE_FINDING_H
#define TUI_PANES_PANE_FINDING_H

#include "core/concluding/triage.h"

#include "tui/view.h"

/* `number` in the findings of `t`, which is held. */
struct view *finding_view_new(struct ui *ui, struct filters *filters, struct triage *t,
                              size_t number);

/* Appends whom a finding is about, in a few words, safe text. */
void finding_add_who(struct ui *ui, const struct finding *f, unsigned cols, struct buffer *out);

/* State, note and evidence of a finding: the commands that the queue and the finding share.
 * False: not one of them. */
bool finding_command(struct ui *ui, struct triage *t, size_t number, enum command_id id,
                     struct bytes argument, unsigned *reactions);

#endif
