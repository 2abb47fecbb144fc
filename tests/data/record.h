/* One CloudTrail record and its JSON text.
 *
 * Key order, spelling and nulls follow the examples of the Amazon Cognito developer guide
 * ("Understanding Amazon Cognito log file entries", 2026) and records published in the open.
 * Texts are the caller's and must outlive the record; they stand in the output as they are,
 * except `agent` and `message`, which are quoted. */
#ifndef TESTS_DATA_RECORD_H
#define TESTS_DATA_RECORD_H

#include "tests/data/random.h"
#include "tests/data/text.h"

#define MASKED "HIDDEN_DUE_TO_SECURITY_REASONS"
#define MASKED_JSON "\"" MASKED "\""

/* Who called. `kind` decides which of the texts are used. */
struct caller {
    enum caller_kind {
        CALLER_ANONYMOUS, /* {"type":"Unknown","principalId":"Anonymous"} */
        CALLER_UNKNOWN,   /* {"type":"Unknown"} */
        CALLER_ACCOUNT,   /* {"accountId":…}: hosted UI, managed login, token endpoint */
        CALLER_USER,      /* IAM user `name` */
        CALLER_ROLE,      /* session `session` of role `name` */
        CALLER_COGNITO,   /* role `name` assumed with an identity-pool identity */
        CALLER_SERVICE,   /* AWS service `name` */
    } kind;
    const char *name, *session;
    const char *id;         /* AIDA… or AROA… */
    const char *access_key; /* AKIA… or ASIA… */
    const char *amr;        /* CALLER_COGNITO: the amr text, with quotes not yet escaped */
    int64_t since_s;        /* when the session began */
};

struct record {
    int64_t time_s;
    struct caller caller;
    const char *service; /* cognito-idp, s3, …: without .amazonaws.com */
    const char *name;    /* eventName */
    const char *region, *account;
    const char *ip, *agent;
    const char *agent_json;         /* instead of `agent`, as JSON text; NULL: quote `agent` */
    const char *error, *message;    /* NULL: none */
    const char *request, *response; /* JSON; NULL: null */
    const char *additional;         /* JSON; NULL: key absent */
    const char *resources;          /* JSON; NULL: key absent */
    char request_id[UUID_TEXT_BYTES + 1], event_id[UUID_TEXT_BYTES + 1];
    bool read_only, data_event;
    const char *type;     /* eventType; NULL: AwsApiCall */
    const char *tls_host; /* NULL: no tlsDetails */
};

/* Appends the record as one JSON object without line end. */
void record_write(struct text *out, const struct record *r);

#endif
