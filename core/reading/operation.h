/* Every operation that has a plain sentence: what it does, which step of a sign-in or account
 * life it is, and what tells how it ended. Sources stand beside the rows in operation.c.
 * Threads: any. */
#ifndef CORE_READING_OPERATION_H
#define CORE_READING_OPERATION_H

#include "core/reading/field.h"

/* What tells the result when the record has no error code. */
enum answer {
    ANSWER_CALL,   /* an API call: no error means it worked */
    ANSWER_AUTH,   /* tokens or a challenge in the answer */
    ANSWER_PAGE,   /* a page was shown: nothing to succeed at */
    ANSWER_FORM,   /* a form was sent: the HTTP status proves only refusals */
    ANSWER_STATUS, /* an endpoint whose HTTP status tells */
    ANSWER_LOGIN,  /* responseElements.ConsoleLogin */
};

struct operation {
    const char *name; /* eventName; case matters: Signup_POST and signup_POST differ */
    enum stage stage; /* before the flow is looked at: refresh and m2m are decided there */
    enum answer answer;
    const char *purpose; /* follows "called X to": "ask for a password reset" */
    const char *matters; /* why an investigator cares, a sentence; NULL for no comment */
};

/* `service` is eventSource. NULL when there is no row. */
const struct operation *operation_find(struct bytes service, struct bytes name);

/* Stage of an operation without a row, from its service and the form of its name. */
enum stage operation_stage(struct bytes service, struct bytes name);

/* Row number `i` over all services, and (when not NULL) its service; NULL past the end. */
const struct operation *operation_get(size_t i, const char **service);

#endif
