/* What is a text that holds no JSON? Binary data and markup were named by sniff.h before.
 * Threads: any. */
#ifndef CORE_READING_GUESS_H
#define CORE_READING_GUESS_H

#include "core/base/bytes.h"

/* A log of another service by name, or "CSV table", "table with tabs" or "plain text"; static. */
const char *guess_text(struct bytes head);

#endif
