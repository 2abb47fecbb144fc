/* What the views of metrics share: the report, how it is asked for, and its drawn pieces. */
#ifndef TUI_PANES_METRIC_VIEW_H
#define TUI_PANES_METRIC_VIEW_H

#include "tui/ui.h"

struct metric_view {
    struct view view; /* first */
    struct ask *asking;
    struct metric_report *report; /* NULL until the first answer */
    struct buffer scratch;
    void (*taken)(struct metric_view *m); /* a new report is there; may be NULL */
};

void metric_view_init(struct metric_view *m, const struct view_ops *ops, struct ui *ui,
                      struct filters *filters, struct metrics *known);
void metric_view_deinit(struct metric_view *m);

/* Operations of the views. */
void metric_view_ask(struct view *v);
bool metric_view_ready(const struct view *v);

/* The commands that all of them have: widths of bins, thresholds of alarms. `alarm` is the one
 * to begin with when none is named. */
bool metric_view_command(struct metric_view *m, enum command_id id, struct bytes argument,
                         enum alarm alarm, unsigned *reactions);

/* Draws an id of a dictionary, or in which way it is missing; returns the columns used. */
unsigned metric_view_id(struct metric_view *m, struct canvas *c, unsigned row, unsigned col,
                        unsigned cols, enum style style, enum field_id field, uint32_t id);

/* "SignIn", … without what they all end in. */
struct bytes metric_view_name(enum metric metric);

/* What the numbers are, and how many events they leave out or rest on one log alone. */
void metric_view_draw_note(const struct metric_view *m, struct canvas *c, unsigned row);
void metric_view_draw_omissions(struct metric_view *m, struct canvas *c, unsigned row);

/* The bins of one series (pane_metric_bins.c), and the pages of one alarm. */
struct view *metric_bins_new(struct ui *ui, struct filters *filters, struct metrics *known,
                             const struct metric_row *row);
struct view *metric_pages_new(struct ui *ui, struct filters *filters, struct metrics *known,
                              enum alarm alarm);

#endif
