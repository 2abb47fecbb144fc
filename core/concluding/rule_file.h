/* Limits as text: the user's own in a JSON file, and one rule's on a line.
 *
 * The file holds what differs from the shipped limits, by the names of rules:
 * {"credential-stuffing": {"window": "10m", "events": 20, "on": true}, …}. */
#ifndef CORE_CONCLUDING_RULE_FILE_H
#define CORE_CONCLUDING_RULE_FILE_H

#include "core/concluding/rule.h"

/* Sets the limits that the JSON text names. False with a sentence in `message` when a name or a
 * value is not understood; then nothing is set. */
bool rules_read(struct rules *r, struct bytes json, struct buffer *message) MUST_CHECK;

/* Appends the limits that differ from the shipped ones, as JSON with a line for each rule. */
void rules_write(const struct rules *r, struct buffer *out);

/* Appends "window=10m events=12 accounts=8 …"; with `all` also what limits nothing. */
void rule_limits_write(const struct rule_limits *l, bool all, struct buffer *out);

/* Sets what the words of the line name; ERR_QUERY with a sentence in `message`, and nothing
 * set, when one is not understood. */
enum err rule_limits_read(struct rule_limits *l, struct bytes line,
                          struct buffer *message) MUST_CHECK;

#endif
