/* Completion: fields, words of the query language, and the values a field has in the view with
 * their counts. */
#ifndef TUI_VERBS_COMPLETE_H
#define TUI_VERBS_COMPLETE_H

#include "tui/prompt.h"

/* Candidates for a filter or query whose text up to the caret is `before`. Values are counted
 * by a job: then prompt->asking is set, and the candidates are offered once they are there. */
void complete_filter(struct ui *ui, struct bytes before, struct candidates *out);

/* Tab: candidates for the word, what they have in common, then one after the other. */
unsigned complete_step(struct ui *ui);

#endif
