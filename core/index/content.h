/* A number for what a record says: equal for copies of one record.
 *
 * Columns hold only the unified fields; two records may agree in all of them and still differ,
 * in a request parameter say. Their bytes decide, without the white space between them, so a
 * pretty-printed copy is a copy. */
#ifndef CORE_INDEX_CONTENT_H
#define CORE_INDEX_CONTENT_H

#include "core/base/bytes.h"

/* A keyed hash, see hash.h. `scratch` is the caller's and is written for records with white
 * space only. A record that begins as compact text is taken as compact to its end: a wrong
 * guess makes a copy look like another content, never the other way round. Threads: any. */
uint32_t content_hash(struct bytes record, struct buffer *scratch);

#endif
