#include "tests/data/record.h"

#include <string.h>
#include <time.h>

static void write_instant(struct text *out, const char *key, int64_t time_s)
{
    time_t seconds = (time_t)time_s;
    struct tm t;
    gmtime_r(&seconds, &t);
    text_printf(out, "\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\"", key, t.tm_year + 1900,
                t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec);
}

static void write_role(struct text *out, const struct record *r)
{
    const struct caller *c = &r->caller;
    text_printf(out,
                "{\"type\":\"AssumedRole\",\"principalId\":\"%s:%s\","
                "\"arn\":\"arn:aws:sts::%s:assumed-role/%s/%s\",\"accountId\":\"%s\","
                "\"accessKeyId\":\"%s\",\"sessionContext\":{\"sessionIssuer\":{"
                "\"type\":\"Role\",\"principalId\":\"%s\",\"arn\":\"arn:aws:iam::%s:role/%s\","
                "\"accountId\":\"%s\",\"userName\":\"%s\"},\"webIdFederationData\":{",
                c->id, c->session, r->account, c->name, c->session, r->account, c->access_key,
                c->id, r->account, c->name, r->account, c->name);
    if (c->kind == CALLER_COGNITO) {
        text_add(out, "\"federatedProvider\":\"cognito-identity.amazonaws.com\","
                      "\"attributes\":{\"cognito-identity.amazonaws.com:amr\":");
        text_add_quoted(out, c->amr);
        text_add(out, "}");
    }
    text_add(out, "},\"attributes\":{");
    write_instant(out, "creationDate", c->since_s);
    text_add(out, ",\"mfaAuthenticated\":\"false\"}}}");
}

static void write_caller(struct text *out, const struct record *r)
{
    const struct caller *c = &r->caller;
    switch (c->kind) {
    case CALLER_ANONYMOUS:
        text_add(out, "{\"type\":\"Unknown\",\"principalId\":\"Anonymous\"}");
        return;
    case CALLER_UNKNOWN:
        text_add(out, "{\"type\":\"Unknown\"}");
        return;
    case CALLER_ACCOUNT:
        text_printf(out, "{\"accountId\":\"%s\"}", r->account);
        return;
    case CALLER_SERVICE:
        text_printf(out, "{\"type\":\"AWSService\",\"invokedBy\":\"%s\"}", c->name);
        return;
    case CALLER_USER:
        text_printf(out,
                    "{\"type\":\"IAMUser\",\"principalId\":\"%s\","
                    "\"arn\":\"arn:aws:iam::%s:user/%s\",\"accountId\":\"%s\","
                    "\"accessKeyId\":\"%s\",\"userName\":\"%s\"}",
                    c->id, r->account, c->name, r->account, c->access_key, c->name);
        return;
    case CALLER_ROLE:
    case CALLER_COGNITO:
        write_role(out, r);
    }
}

static void write_json(struct text *out, const char *key, const char *json)
{
    text_printf(out, ",\"%s\":", key);
    text_add(out, json ? json : "null");
}

void record_write(struct text *out, const struct record *r)
{
    const char *type = r->type ? r->type : "AwsApiCall";
    text_add(out, "{\"eventVersion\":\"1.10\",\"userIdentity\":");
    write_caller(out, r);
    text_add(out, ",");
    write_instant(out, "eventTime", r->time_s);
    text_printf(out,
                ",\"eventSource\":\"%s.amazonaws.com\",\"eventName\":\"%s\","
                "\"awsRegion\":\"%s\",\"sourceIPAddress\":\"%s\",\"userAgent\":",
                r->service, r->name, r->region, r->ip);
    if (r->agent_json)
        text_add(out, r->agent_json);
    else
        text_add_quoted(out, r->agent);
    if (r->error)
        text_printf(out, ",\"errorCode\":\"%s\"", r->error);
    if (r->message) {
        text_add(out, ",\"errorMessage\":");
        text_add_quoted(out, r->message);
    }
    write_json(out, "requestParameters", r->request);
    write_json(out, "responseElements", r->response);
    if (r->additional)
        write_json(out, "additionalEventData", r->additional);
    text_printf(out, ",\"requestID\":\"%s\",\"eventID\":\"%s\",\"readOnly\":%s", r->request_id,
                r->event_id, r->read_only ? "true" : "false");
    if (r->resources)
        write_json(out, "resources", r->resources);
    text_printf(out,
                ",\"eventType\":\"%s\",\"managementEvent\":%s,\"recipientAccountId\":\"%s\"",
                type, r->data_event ? "false" : "true", r->account);
    if (strcmp(type, "AwsServiceEvent") == 0)
        text_add(out, ",\"serviceEventDetails\":{\"serviceAccountId\":\"999988887777\"}");
    text_printf(out, ",\"eventCategory\":\"%s\"", r->data_event ? "Data" : "Management");
    if (r->tls_host)
        text_printf(out,
                    ",\"tlsDetails\":{\"tlsVersion\":\"TLSv1.3\","
                    "\"cipherSuite\":\"TLS_AES_128_GCM_SHA256\","
                    "\"clientProvidedHostHeader\":\"%s\"}",
                    r->tls_host);
    text_add(out, "}");
}
