#include "tests/data/calls.h"

#define IDP_HOST "cognito-idp." STORY_REGION ".amazonaws.com"
#define IDENTITY_HOST "cognito-identity." STORY_REGION ".amazonaws.com"

struct visit visit_of(const struct story *s, const struct person *p)
{
    return (struct visit){p, p->ip, p->agent, s->clients[p->app]};
}

static struct story_event *begin(struct story *s, int64_t time_s, struct visit v,
                                 const char *name)
{
    struct story_event *e = story_add(s, time_s);
    e->person = v.person;
    e->has_sub = v.person != NULL;
    e->client = v.client;
    e->record.name = name;
    e->record.ip = v.ip;
    e->record.agent = v.agent;
    e->record.tls_host = IDP_HOST;
    if (v.person)
        e->record.additional = keep_printf(&s->keep, "{\"sub\":\"%s\"}", v.person->sub);
    return e;
}

struct story_event *call_initiate(struct story *s, int64_t time_s, struct visit v,
                                  const char *flow)
{
    struct story_event *e = begin(s, time_s, v, "InitiateAuth");
    e->record.caller.kind = CALLER_ANONYMOUS;
    e->record.request = keep_printf(&s->keep,
                                    "{\"authFlow\":\"%s\",\"authParameters\":" MASKED_JSON
                                    ",\"clientId\":\"%s\"}",
                                    flow, v.client);
    return e;
}

struct story_event *call_respond(struct story *s, int64_t time_s, struct visit v,
                                 const char *challenge)
{
    struct story_event *e = begin(s, time_s, v, "RespondToAuthChallenge");
    e->record.caller.kind = CALLER_ANONYMOUS;
    e->record.request = keep_printf(&s->keep,
                                    "{\"clientId\":\"%s\",\"challengeName\":\"%s\","
                                    "\"challengeResponses\":" MASKED_JSON "}",
                                    v.client, challenge);
    return e;
}

struct story_event *call_with_token(struct story *s, int64_t time_s, struct visit v,
                                    const char *name, const char *request)
{
    struct story_event *e = begin(s, time_s, v, name);
    e->record.caller.kind = CALLER_ANONYMOUS;
    e->client = NULL;
    e->record.request = request;
    e->record.additional =
        keep_printf(&s->keep, "{\"sub\":\"%s\",\"userPoolId\":\"%s\"}", v.person->sub, s->pool);
    return e;
}

struct story_event *call_by_name(struct story *s, int64_t time_s, struct visit v,
                                 const char *name, const char *extra)
{
    struct story_event *e = begin(s, time_s, v, name);
    e->record.caller.kind = CALLER_ANONYMOUS;
    e->record.request = keep_printf(
        &s->keep, "{\"clientId\":\"%s\",\"username\":" MASKED_JSON "%s}", v.client, extra);
    return e;
}

struct story_event *call_hosted(struct story *s, int64_t time_s, struct visit v,
                                const char *name, const char *parameters, int status)
{
    struct story_event *e = begin(s, time_s, v, name);
    e->has_sub = false;
    e->record.caller.kind = CALLER_ACCOUNT;
    e->record.type = "AwsServiceEvent";
    e->record.tls_host = NULL;
    e->record.additional =
        keep_printf(&s->keep,
                    "{\"responseParameters\":{\"status\":%d},\"requestParameters\":{%s"
                    "\"client_id\":[\"%s\"]},\"userPoolDomain\":\"%s\",\"userPoolId\":\"%s\"}",
                    status, parameters, v.client, s->domain, s->pool);
    return e;
}

static const char *logins_of(struct story *s)
{
    return keep_printf(&s->keep, "{\"" IDP_HOST "/%s\":" MASKED_JSON "}", s->pool);
}

struct story_event *call_identity(struct story *s, int64_t time_s, struct visit v,
                                  const char *name)
{
    struct story_event *e = begin(s, time_s, v, name);
    struct record *r = &e->record;
    bool asks_id = name[3] == 'I'; /* GetId, else GetCredentialsForIdentity */
    e->client = NULL;
    e->has_sub = false;
    r->caller.kind = CALLER_UNKNOWN;
    r->service = "cognito-identity";
    r->tls_host = IDENTITY_HOST;
    r->data_event = true;
    r->additional = NULL;
    r->request = asks_id ? keep_printf(&s->keep, "{\"identityPoolId\":\"%s\",\"logins\":%s}",
                                       s->identity_pool, logins_of(s))
                         : keep_printf(&s->keep,
                                       "{\"identityId\":\"" STORY_REGION ":%s\",\"logins\":%s}",
                                       v.person->identity, logins_of(s));
    r->response =
        keep_printf(&s->keep, "{\"identityId\":\"" STORY_REGION ":%s\"}", v.person->identity);
    r->resources = keep_printf(&s->keep,
                               "[{\"accountId\":\"" STORY_ACCOUNT "\","
                               "\"type\":\"AWS::Cognito::IdentityPool\","
                               "\"ARN\":\"arn:aws:cognito-identity:" STORY_REGION
                               ":" STORY_ACCOUNT ":identitypool/%s\"}]",
                               s->identity_pool);
    return e;
}

struct story_event *call_api(struct story *s, int64_t time_s, struct visit v, const char *path)
{
    struct story_event *e = begin(s, time_s, v, "GET");
    e->api = path;
    return e;
}

struct caller cognito_caller(struct story *s, const struct person *p, const char *access_key,
                             int64_t since_s)
{
    return (struct caller){
        .kind = CALLER_COGNITO,
        .name = "shop-authenticated",
        .session = "CognitoIdentityCredentials",
        .id = "AROAEXAMPLESHOPAUTH01",
        .access_key = access_key,
        .since_s = since_s,
        .amr = keep_printf(&s->keep,
                           "[\"authenticated\",\"" IDP_HOST "/%s\",\"" IDP_HOST
                           "/%s:CognitoSignIn:%s\"]",
                           s->pool, s->pool, p->sub),
    };
}

struct story_event *call_s3(struct story *s, int64_t time_s, struct visit v,
                            const char *access_key, const char *name, const char *object)
{
    struct story_event *e = begin(s, time_s, v, name);
    struct record *r = &e->record;
    e->client = NULL;
    r->service = "s3";
    r->caller = cognito_caller(s, v.person, access_key, time_s - 30);
    r->tls_host = "shop-example-files.s3." STORY_REGION ".amazonaws.com";
    r->read_only = true;
    r->additional = "{\"SignatureVersion\":\"SigV4\",\"AuthenticationMethod\":\"AuthHeader\"}";
    if (!object) {
        r->request = "{\"Host\":\"s3." STORY_REGION ".amazonaws.com\"}";
        return e;
    }
    r->data_event = true;
    r->request =
        keep_printf(&s->keep,
                    "{\"bucketName\":\"shop-example-files\",\"Host\":"
                    "\"shop-example-files.s3." STORY_REGION ".amazonaws.com\",\"key\":\"%s\"}",
                    object);
    r->resources = "[{\"accountId\":\"" STORY_ACCOUNT "\",\"type\":\"AWS::S3::Bucket\","
                   "\"ARN\":\"arn:aws:s3:::shop-example-files\"}]";
    return e;
}

struct story_event *call_admin(struct story *s, int64_t time_s, struct caller caller,
                               const char *name, const char *request,
                               const struct person *about)
{
    struct visit v = {.person = about,
                      .ip = "192.0.2.10",
                      .agent = "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux "
                               "lang/python#3.13.7"};
    struct story_event *e = begin(s, time_s, v, name);
    e->record.caller = caller;
    e->record.request = request;
    return e;
}

void answer_tokens(struct story_event *e, bool with_refresh_token)
{
    e->record.response =
        with_refresh_token
            ? "{\"challengeParameters\":" MASKED_JSON ",\"authenticationResult\":{"
              "\"accessToken\":" MASKED_JSON ",\"expiresIn\":3600,\"tokenType\":\"Bearer\","
              "\"refreshToken\":" MASKED_JSON ",\"idToken\":" MASKED_JSON "}}"
            : "{\"challengeParameters\":" MASKED_JSON ",\"authenticationResult\":{"
              "\"accessToken\":" MASKED_JSON ",\"expiresIn\":3600,\"tokenType\":\"Bearer\","
              "\"idToken\":" MASKED_JSON "}}";
}

void answer_challenge(struct story_event *e, const char *response)
{
    e->record.response = response;
}

void answer_error(struct story_event *e, const char *code, const char *message)
{
    e->record.error = code;
    e->record.message = message;
    e->record.response = NULL;
}

void export_activity(struct story_event *e, const char *type, const char *response,
                     const char *challenges)
{
    e->activity = type;
    e->activity_response = response;
    e->challenges = challenges;
    e->risk = "";
    e->decision = "PASS";
}

const char *new_access_key(struct story *s)
{
    char key[KEY_TEXT_BYTES + 1] = "ASIAEX";
    random_text(&s->random, "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ", KEY_TEXT_BYTES - 6, key + 6);
    return keep_printf(&s->keep, "%s", key);
}
