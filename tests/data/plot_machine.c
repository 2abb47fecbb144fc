/* Plots about machines, settings, risk and what stands in logs that should not. */
#include <string.h>

#include "tests/data/scene.h"

#define BILLING_IP "192.0.2.40"
#define BILLING_AGENT "okhttp/4.12.0"
#define CREDENTIALS "\"grant_type\":[\"client_credentials\"],"

static void ask_token(struct scene *s, int64_t t, const char *ip, const char *agent, int status)
{
    struct story *story = scene_story(s);
    struct visit v = {NULL, ip, agent, story->clients[APP_BILLING]};
    call_hosted(story, t, v, "Token_POST", CREDENTIALS, status);
}

/* n tokens at once from where the client always is. */
void plot_machine_burst(struct scene *s)
{
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++)
        ask_token(s, scene_time(s, i, s->plot->n), BILLING_IP, BILLING_AGENT, 200);
    scene_mark(s, from);
}

/* The secret is used from elsewhere. */
void plot_machine_elsewhere(struct scene *s)
{
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++)
        ask_token(s, scene_time(s, i, s->plot->n), scene_ip(s), "Go-http-client/1.1", 200);
    scene_mark(s, from);
}

/* Somebody still has the secret that was replaced. */
void plot_machine_refused(struct scene *s)
{
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++)
        ask_token(s, scene_time(s, i, s->plot->n), scene_ip(s), "Go-http-client/1.1", 400);
    scene_mark(s, from);
}

void plot_throttling(struct scene *s)
{
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++)
        answer_error(call_initiate(scene_story(s), scene_time(s, i, s->plot->n),
                                   scene_visit(s, NULL), "USER_PASSWORD_AUTH"),
                     "TooManyRequestsException", "Rate exceeded");
    scene_mark(s, from);
}

/* One change of settings per variant; %s is the pool, then the client. */
static const struct {
    const char *variant, *service, *name, *request;
} CHANGES[] = {
    {"mfa-off",        "cognito-idp",      "SetUserPoolMfaConfig",
     "{\"userPoolId\":\"%s\",\"mfaConfiguration\":\"OFF\"}"                           },
    {"client-flow",    "cognito-idp",      "UpdateUserPoolClient",
     "{\"userPoolId\":\"%s\",\"clientId\":\"%s\",\"explicitAuthFlows\":"
     "[\"ALLOW_USER_PASSWORD_AUTH\",\"ALLOW_ADMIN_USER_PASSWORD_AUTH\"],"
     "\"callbackURLs\":[\"https://shop.example.net/callback\"]}"                      },
    {"new-client",     "cognito-idp",      "CreateUserPoolClient",
     "{\"userPoolId\":\"%s\",\"clientName\":\"backup\",\"generateSecret\":true}"      },
    {"pool",           "cognito-idp",      "UpdateUserPool",
     "{\"userPoolId\":\"%s\",\"policies\":{\"passwordPolicy\":{\"minimumLength\":6}},"
     "\"lambdaConfig\":{\"preTokenGeneration\":"
     "\"arn:aws:lambda:" STORY_REGION ":" STORY_ACCOUNT ":function:claims\"}}"        },
    {"risk-off",       "cognito-idp",      "SetRiskConfiguration",
     "{\"userPoolId\":\"%s\",\"compromisedCredentialsRiskConfiguration\":"
     "{\"actions\":{\"eventAction\":\"NO_ACTION\"}}}"                                 },
    {"provider",       "cognito-idp",      "CreateIdentityProvider",
     "{\"userPoolId\":\"%s\",\"providerName\":\"partner\",\"providerType\":\"SAML\","
     "\"providerDetails\":{\"MetadataURL\":\"https://idp.example.net/metadata\"}}"    },
    {"log-delivery",   "cognito-idp",      "SetLogDeliveryConfiguration",
     "{\"userPoolId\":\"%s\",\"logConfigurations\":[]}"                               },
    {"identity-pool",  "cognito-identity", "UpdateIdentityPool",
     "{\"identityPoolId\":\"" STORY_REGION ":6f1c2a58-90be-4d27-8c4e-1b7f3e5a9d06\","
     "\"allowUnauthenticatedIdentities\":true}"                                       },
    {"identity-roles", "cognito-identity", "SetIdentityPoolRoles",
     "{\"identityPoolId\":\"" STORY_REGION ":6f1c2a58-90be-4d27-8c4e-1b7f3e5a9d06\","
     "\"roles\":{\"unauthenticated\":\"arn:aws:iam::" STORY_ACCOUNT ":role/power\"}}" },
    {"trail-stopped",  "cloudtrail",       "StopLogging",
     "{\"name\":\"arn:aws:cloudtrail:" STORY_REGION ":" STORY_ACCOUNT ":trail/main\"}"},
    {"trail-deleted",  "cloudtrail",       "DeleteTrail",
     "{\"name\":\"arn:aws:cloudtrail:" STORY_REGION ":" STORY_ACCOUNT ":trail/main\"}"},
    {"selectors",      "cloudtrail",       "PutEventSelectors",
     "{\"trailName\":\"main\",\"eventSelectors\":[{\"readWriteType\":\"ReadOnly\","
     "\"includeManagementEvents\":false}]}"                                           },
};

void plot_tamper(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct caller caller = {.kind = CALLER_USER,
                                  .name = "build-bot",
                                  .id = "AIDAEXAMPLEBUILDBOT01",
                                  .access_key = "AKIAEXAMPLEBUILD0001"};
    size_t i = 0, from = scene_here(s);
    while (strcmp(CHANGES[i].variant, s->plot->variant) != 0)
        i++;
    char *request = must_grow(NULL, 1024);
    struct text text = {request, 0, 1024};
    for (const char *at = CHANGES[i].request, *name = story->pool; *at;) {
        size_t plain = strcspn(at, "%");
        text_add_bytes(&text, at, plain);
        at += plain;
        if (*at) {
            text_add(&text, name);
            name = story->clients[APP_LEGACY];
            at += 2;
        }
    }
    struct story_event *e =
        call_admin(story, s->begin_s, caller, CHANGES[i].name,
                   keep_printf(&story->keep, "%.*s", (int)text.len, text.ptr), NULL);
    text_deinit(&text);
    e->record.service = CHANGES[i].service;
    e->record.ip = scene_ip(s);
    scene_mark(s, from);
}

/* n sign-ins that threat protection judged. */
void plot_risk(struct scene *s)
{
    struct story *story = scene_story(s);
    size_t from = scene_here(s);
    bool compromised = strncmp(s->plot->variant, "compromised", 11) == 0;
    for (uint32_t i = 0; i < s->plot->n; i++) {
        int64_t t = scene_time(s, i, s->plot->n);
        attempt_succeed(story, MANNER_PASSWORD, t, scene_visit(s, scene_pick(s, i)));
        struct story_event *e = &story->events[story->n_events - 1];
        e->risk = compromised ? "Low" : "High";
        e->compromised = compromised ? "true" : "false";
        e->decision = compromised ? "PASS" : i % 2 ? "Block" : "AccountTakeover";
        if (!compromised && i % 2) {
            answer_error(e, "NotAuthorizedException",
                         "Unable to login because of security reasons.");
            e->activity_response = "Fail";
        }
    }
    scene_mark(s, from);
}

/* Here, and half an hour later on another continent. */
void plot_travel(struct scene *s)
{
    struct story *story = scene_story(s);
    const struct person *p = scene_anyone(s);
    struct visit home = visit_of(story, p);
    size_t from = scene_here(s);
    home.client = s->client;
    attempt_succeed(story, s->plot->manner, s->begin_s, home);
    story->events[story->n_events - 1].city = "Seattle";
    story->events[story->n_events - 1].country = "United States";
    attempt_succeed(story, s->plot->manner, s->begin_s + s->plot->span_s, scene_visit(s, p));
    story->events[story->n_events - 1].city = "Singapore";
    story->events[story->n_events - 1].country = "Singapore";
    scene_mark(s, from);
}

/* Redirect addresses that the client does not have. */
void plot_callback(struct scene *s)
{
    size_t from = scene_here(s);
    s->client = scene_story(s)->clients[APP_WEB];
    for (uint32_t i = 0; i < s->plot->n; i++) {
        struct story_event *e =
            call_hosted(scene_story(s), scene_time(s, i, s->plot->n), scene_visit(s, NULL),
                        i % 3 ? "OAuth2_Authorize_GET" : "SAML2Response_POST",
                        "\"redirect_uri\":[\"https://shop.example.net/callback\"],", 400);
        answer_error(e, "InvalidParameterException", "redirect_mismatch");
    }
    scene_mark(s, from);
}

/* What an application's trigger or a careless caller left in clear. All of it is made up. */
void plot_over_logging(struct scene *s)
{
    struct story *story = scene_story(s);
    bool token = strcmp(s->plot->variant, "token") == 0;
    bool address = strcmp(s->plot->variant, "address") == 0;
    size_t from = scene_here(s);
    for (uint32_t i = 0; i < s->plot->n; i++) {
        const struct person *p = scene_pick(s, i);
        struct visit v = visit_of(story, p);
        int64_t t = scene_time(s, i, s->plot->n);
        if (address) {
            call_api(story, t, v,
                     "/orders?access_token=eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9."
                     "eyJzdWIiOiJleGFtcGxlIn0.bm90LWEtcmVhbC1zaWduYXR1cmU");
            continue;
        }
        struct story_event *e = call_initiate(story, t, v, "USER_PASSWORD_AUTH");
        answer_error(
            e, "UserLambdaValidationException",
            token ? "PreAuthentication failed with error token "
                    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJleGFtcGxlIiwiaXNzIjoi"
                    "ZXhhbXBsZSJ9.bm90LWEtcmVhbC1zaWduYXR1cmU is not accepted."
                  : keep_printf(&story->keep,
                                "PreAuthentication failed with error no entry for %s, "
                                "+1202555%04u.",
                                p->user, 100 + i));
    }
    scene_mark(s, from);
}
