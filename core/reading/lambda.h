/* Lines that Lambda functions and their platform write into logs: a heading, then any text, in
 * which a function may have logged a JSON object.
 *
 * As Logs Insights does, the first JSON object in the text of such a line is taken for what the
 * entry says. It is never a record of another format, whatever it looks like: anybody who can
 * make a function log something could write it.
 * Sources: "Log and monitor Node.js (Python) Lambda functions", Lambda Developer Guide;
 * "Supported logs and discovered fields", CloudWatch Logs User Guide (2026). Threads: any. */
#ifndef CORE_READING_LAMBDA_H
#define CORE_READING_LAMBDA_H

#include "core/base/bytes.h"

/* The row of fields.def for the id in the heading, named as Logs Insights does. */
#define LAMBDA_REQUEST_ID "@requestId"

struct lambda_line {
    struct bytes time;       /* ISO 8601; empty when it has none */
    struct bytes request_id; /* empty when it has none */
    struct bytes object;     /* the first JSON object, checked; empty when there is none */
};

/* Whether such a line begins there; LAMBDA_PREFIX_BYTES are enough to tell. */
enum { LAMBDA_PREFIX_BYTES = 25 };
bool lambda_begins(struct bytes text);

/* False when the text is no such line. The views are into it. */
bool lambda_read(struct bytes text, struct lambda_line *out);

/* The JSON in the text of a log's event: the object of a line of Lambda, else the text itself.
 */
struct bytes lambda_json(struct bytes text);

#endif
