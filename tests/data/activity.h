/* Lines of a user pool's log export: user activity and message-delivery errors.
 * Source: Amazon Cognito developer guide, "Exporting logs from user pools", 2026. */
#ifndef TESTS_DATA_ACTIVITY_H
#define TESTS_DATA_ACTIVITY_H

#include "tests/data/random.h"
#include "tests/data/text.h"

struct activity {
    int64_t time_s;
    const char *type, *response, *risk, *decision;
    const char *challenges; /* JSON */
    const char *sub, *user, *pool, *client, *request_id;
    const char *ip, *device, *city, *country, *compromised;
    char event_id[UUID_TEXT_BYTES + 1];
};

/* Appends one JSON object and a line end. */
void activity_write(struct text *out, const struct activity *a);

/* A message that could not be delivered. */
void notification_write(struct text *out, int64_t time_s, const char *pool,
                        const char *details);

#endif
