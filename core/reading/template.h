/* Access-log lines of API Gateway, by the format template of their stage.
 *
 * A stage writes each request as one line of free text with $context variables in it; the same
 * text, as it stands in the stage's settings, reads the line again. What stands between the
 * variables is looked for, so it does not matter whether the line is JSON, CLF, CSV or XML,
 * nor whether a value holds quotes or braces that make it broken JSON. Values become a JSON
 * object under the names of the variables: $context.identity.sourceIp is identity.sourceIp.
 * Source: API Gateway Developer Guide, "Set up CloudWatch logging" and "Variables for access
 * logging" (2026). Threads: immutable, any. */
#ifndef CORE_READING_TEMPLATE_H
#define CORE_READING_TEMPLATE_H

#include "core/base/bytes.h"

enum { TEMPLATE_MAX_BYTES = 16 * 1024, TEMPLATE_MAX_VARIABLES = 128 };

struct template;

/* NULL when the text is no template; `why` (static) tells then. */
struct template *template_new(struct bytes text, const char **why);
void template_free(struct template *t);

/* Whichever of the formats that the console offers beside JSON (CLF, CSV, XML) the line has;
 * NULL when it has none. The caller's. */
struct template *template_find(struct bytes line);

/* Appends the line (without line end) as JSON; false when it is not of this template. */
bool template_render(const struct template *t, struct bytes line, struct buffer *out);

/* For lines of the default JSON format, or any flat one, that quotes or braces in a value make
 * broken JSON: appends the object as its keys tell it. False when that fails too. */
bool template_mend(struct bytes line, struct buffer *out);

#endif
