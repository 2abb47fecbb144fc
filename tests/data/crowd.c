#include "tests/data/crowd.h"

#include <inttypes.h>
#include <string.h>

enum {
    AGENTS = 200,
    CLIENTS = 30,
    BENCH_ADDRESSES = 1 << 17,
    ROLE_BYTES = 1180,
    ITEM_BYTES = 180
};

/* Streams of the generator that give person number i the same ids in every file. */
#define USER_STREAM ((uint64_t)1 << 40)
#define CLIENT_STREAM ((uint64_t)2 << 40)

static const char *const regions[] = {"us-west-2", "eu-west-1"};
static const char lower[] = "0123456789abcdefghijklmnopqrstuvwxyz";

struct crowd crowd_make(uint64_t seed, uint64_t events)
{
    uint64_t users = events / 50, addresses = events / 40;
    return (struct crowd){.seed = seed,
                          .users = (uint32_t)(users < 20 ? 20 : users),
                          .addresses = (uint32_t)(addresses < 20 ? 20 : addresses),
                          .agents = AGENTS,
                          .clients = CLIENTS};
}

const char *crowd_region(size_t file_number)
{
    return regions[file_number % 4 == 3]; /* a quarter of the files is from the second */
}

/* Most of the time someone of the busy head, else anyone. */
static uint32_t someone(struct random *r, uint32_t n)
{
    return random_chance(r, 60) ? random_head(r, n) : random_below(r, n);
}

static const char *address(const struct crowd *c, struct random *r, struct keep *k)
{
    uint32_t n = someone(r, c->addresses);
    if (n % 8 == 5 || n >= BENCH_ADDRESSES)
        return keep_printf(k, "2001:db8:%x:%x::%x", n >> 12 & 0xffff, n & 0xfff, n % 251 + 1);
    return keep_printf(k, "198.%u.%u.%u", 18 + (n >> 16), n >> 8 & 255, n & 255);
}

static const char *user_sub(const struct crowd *c, struct keep *k, uint32_t user)
{
    struct random r = random_make(c->seed, USER_STREAM + user);
    char sub[UUID_TEXT_BYTES + 1];
    random_uuid(&r, sub);
    return keep_printf(k, "%s", sub);
}

static const char *client(const struct crowd *c, struct random *r, struct keep *k)
{
    struct random own = random_make(c->seed, CLIENT_STREAM + random_head(r, c->clients));
    char id[27];
    random_text(&own, lower, 26, id);
    return keep_printf(k, "%s", id);
}

static const char *agent(const struct crowd *c, struct random *r, struct keep *k)
{
    uint32_t n = random_head(r, c->agents);
    switch (n % 4) {
    case 0:
        return keep_printf(k,
                           "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
                           "(KHTML, like Gecko) Chrome/%u.0.0.0 Safari/537.36",
                           100 + n / 4);
    case 1:
        return keep_printf(k,
                           "aws-sdk-java/2.%u.%u Linux/6.1.102 Java/17.0.%u exec-env/AWS_ECS",
                           20 + n / 16, n % 16, n % 12);
    case 2:
        return keep_printf(k,
                           "Boto3/1.%u.0 md/Botocore#1.%u.0 ua/2.1 os/linux lang/python#3.12",
                           30 + n / 8, 30 + n / 8);
    default:
        return keep_printf(k, "aws-amplify/6.%u.%u auth/4 framework/2 Android/15 Pixel-%u",
                           n / 12, n % 12, n % 5 + 5);
    }
}

static void fail_sometimes(struct random *r, struct record *out)
{
    static const char *const errors[][2] = {
        {"NotAuthorizedException",    "Incorrect username or password."         },
        {"NotAuthorizedException",    "Incorrect username or password."         },
        {"NotAuthorizedException",    "Refresh Token has expired"               },
        {"NotAuthorizedException",    "Password attempts exceeded"              },
        {"UserNotFoundException",     "User does not exist."                    },
        {"CodeMismatchException",     "Invalid code or auth state for the user."},
        {"TooManyRequestsException",  "Rate exceeded"                           },
        {"UserNotConfirmedException", "User is not confirmed."                  },
        {"InvalidParameterException", "Missing required parameter USERNAME"     },
    };
    if (!random_chance(r, 14))
        return;
    size_t n = random_below(r, sizeof(errors) / sizeof(*errors));
    out->error = errors[n][0];
    out->message = errors[n][1];
    out->response = NULL;
}

static void user_pool_call(const struct crowd *c, struct random *r, struct keep *k,
                           struct record *out)
{
    static const char *const flows[] = {"USER_SRP_AUTH", "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH",
                                        "REFRESH_TOKEN_AUTH", "USER_PASSWORD_AUTH"};
    static const char tokens[] =
        "{\"challengeParameters\":" MASKED_JSON
        ",\"authenticationResult\":{\"accessToken\":" MASKED_JSON
        ",\"expiresIn\":3600,\"tokenType\":\"Bearer\",\"refreshToken\":" MASKED_JSON
        ",\"idToken\":" MASKED_JSON "}}";
    const char *id = client(c, r, k);
    out->service = "cognito-idp";
    out->caller.kind = CALLER_ANONYMOUS;
    out->tls_host = keep_printf(k, "cognito-idp.%s.amazonaws.com", out->region);
    out->additional = keep_printf(k, "{\"sub\":\"%s\"}", user_sub(c, k, someone(r, c->users)));
    switch (random_below(r, 8)) {
    case 0:
    case 1:
    case 2: {
        const char *flow = flows[random_below(r, 5)];
        out->name = "InitiateAuth";
        out->request = keep_printf(
            k, "{\"authFlow\":\"%s\",\"authParameters\":" MASKED_JSON ",\"clientId\":\"%s\"}",
            flow, id);
        out->response = strcmp(flow, "USER_SRP_AUTH") == 0
                            ? "{\"challengeName\":\"PASSWORD_VERIFIER\","
                              "\"challengeParameters\":" MASKED_JSON "}"
                            : tokens;
        break;
    }
    case 3:
    case 4:
        out->name = "RespondToAuthChallenge";
        out->request =
            keep_printf(k,
                        "{\"clientId\":\"%s\",\"challengeName\":\"PASSWORD_VERIFIER\","
                        "\"challengeResponses\":" MASKED_JSON "}",
                        id);
        out->response = tokens;
        break;
    case 5:
        out->name = "GetUser";
        out->request = "{\"accessToken\":" MASKED_JSON "}";
        break;
    default:
        out->name = "Token_POST";
        out->caller.kind = CALLER_ACCOUNT;
        out->type = "AwsServiceEvent";
        out->tls_host = NULL;
        out->additional = keep_printf(
            k,
            "{\"responseParameters\":{\"status\":200},\"requestParameters\":{\"grant_type\":"
            "[\"%s\"],\"client_id\":[\"%s\"]},\"userPoolDomain\":\"login.example.com\","
            "\"userPoolId\":\"%s_aB3dE6gH9\"}",
            random_chance(r, 50) ? "client_credentials" : "refresh_token", id, out->region);
        return;
    }
    fail_sometimes(r, out);
}

static void identity_pool_call(const struct crowd *c, struct random *r, struct keep *k,
                               struct record *out)
{
    const char *identity = user_sub(c, k, someone(r, c->users) + c->users);
    out->service = "cognito-identity";
    out->name = random_chance(r, 50) ? "GetId" : "GetCredentialsForIdentity";
    out->caller.kind = CALLER_UNKNOWN;
    out->data_event = true;
    out->request =
        keep_printf(k,
                    "{\"identityId\":\"%s:%s\",\"logins\":{\"cognito-idp.%s.amazonaws."
                    "com/%s_aB3dE6gH9\":" MASKED_JSON "}}",
                    out->region, identity, out->region, out->region);
    out->response = keep_printf(k, "{\"identityId\":\"%s:%s\"}", out->region, identity);
}

static void role_call(const struct crowd *c, struct random *r, struct keep *k,
                      struct record *out)
{
    static const struct {
        const char *service, *name;
        bool read_only;
    } calls[] = {
        {"sts",            "AssumeRole",                true },
        {"kms",            "Decrypt",                   true },
        {"kms",            "GenerateDataKey",           true },
        {"s3",             "GetObject",                 true },
        {"s3",             "PutObject",                 false},
        {"ec2",            "DescribeInstances",         true },
        {"ec2",            "DescribeNetworkInterfaces", true },
        {"logs",           "CreateLogStream",           false},
        {"lambda",         "GetFunction20150331v2",     true },
        {"dynamodb",       "DescribeTable",             true },
        {"secretsmanager", "GetSecretValue",            true },
        {"cognito-idp",    "AdminGetUser",              true },
        {"cognito-idp",    "AdminInitiateAuth",         false},
        {"cognito-idp",    "ListUsers",                 true },
        {"iam",            "GetRole",                   true },
    };
    uint32_t role = random_head(r, 40);
    size_t n = random_below(r, sizeof(calls) / sizeof(*calls));
    char key[21] = "ASIA";
    random_text(r, "234567ABCDEFGHIJKLMNOPQRSTUVWXYZ", 16, key + 4);
    out->service = calls[n].service;
    out->name = calls[n].name;
    out->read_only = calls[n].read_only;
    out->data_event = strcmp(out->service, "s3") == 0;
    out->tls_host = keep_printf(k, "%s.%s.amazonaws.com", out->service, out->region);
    out->caller = (struct caller){
        .kind = CALLER_ROLE,
        .name = keep_printf(k, "service-role-%02u", role),
        .session = keep_printf(k, "i-%08x", role * 2654435761u + random_head(r, 50)),
        .id = keep_printf(k, "AROAEXAMPLE%010u", role * 7919),
        .access_key = keep_printf(k, "%s", key),
        .since_s = 1793491200 + (int64_t)role * 600,
    };
    if (strcmp(out->service, "cognito-idp") == 0) {
        out->request = keep_printf(
            k, "{\"userPoolId\":\"%s_aB3dE6gH9\",\"username\":" MASKED_JSON "}", out->region);
        out->additional =
            keep_printf(k, "{\"sub\":\"%s\"}", user_sub(c, k, someone(r, c->users)));
    } else {
        out->request = keep_printf(k, "{\"resourceName\":\"app-%04u\"}", random_head(r, 3000));
    }
    if (random_chance(r, 3)) {
        out->error = "AccessDenied";
        out->message =
            keep_printf(k, "not authorized to perform: %s:%s", out->service, out->name);
    }
}

void crowd_record(const struct crowd *c, struct random *r, struct keep *k, size_t file_number,
                  struct record *out)
{
    *out = (struct record){.region = crowd_region(file_number), .account = CROWD_ACCOUNT};
    random_uuid(r, out->request_id);
    random_uuid(r, out->event_id);
    out->ip = address(c, r, k);
    out->agent = agent(c, r, k);
    uint32_t kind = random_below(r, 100);
    if (kind < 40)
        user_pool_call(c, r, k, out);
    else if (kind < 50)
        identity_pool_call(c, r, k, out);
    else
        role_call(c, r, k, out);
}

void crowd_fill(struct random *r, struct keep *k, struct record *record, size_t want_bytes)
{
    if (record->caller.kind != CALLER_ROLE || want_bytes < ROLE_BYTES + ITEM_BYTES / 2)
        return;
    struct text list = {0};
    text_add(&list, "{\"items\":[");
    while (list.len < want_bytes - ROLE_BYTES) {
        char interface[18], subnet[18], token[13];
        random_text(r, "0123456789abcdef", 17, interface);
        random_text(r, "0123456789abcdef", 17, subnet);
        random_text(r, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 12,
                    token);
        text_printf(&list,
                    "%s{\"networkInterfaceId\":\"eni-%s\",\"subnetId\":\"subnet-%s\","
                    "\"privateIpAddress\":\"10.%u.%u.%u\",\"clientToken\":\"%s\"}",
                    list.ptr[list.len - 1] == '[' ? "" : ",", interface, subnet,
                    random_below(r, 4), random_below(r, 256), random_below(r, 256), token);
    }
    text_add(&list, "]}");
    record->response = keep_printf(k, "%.*s", (int)list.len, list.ptr);
    text_deinit(&list);
}

void crowd_activity(const struct crowd *c, struct random *r, struct keep *k,
                    struct activity *out)
{
    static const char *const types[] = {"SignIn", "SignIn", "SignIn",
                                        "SignIn", "SignUp", "ForgotPassword"};
    uint32_t user = someone(r, c->users);
    bool pass = random_chance(r, 84), risky = random_chance(r, 3);
    char request[UUID_TEXT_BYTES + 1];
    random_uuid(r, request);
    *out = (struct activity){
        .type = types[random_below(r, 6)],
        .response = pass ? "Pass" : "Fail",
        .risk = risky ? "High" : "",
        .decision = risky ? "AccountTakeover" : "PASS",
        .challenges =
            pass ? "[{\"challengeName\":\"Password\",\"challengeResponse\":\"Success\"}]"
                 : "[{\"challengeName\":\"Password\",\"challengeResponse\":\"Failure\"}]",
        .sub = user_sub(c, k, user),
        .user = keep_printf(k, "user%06u@example.com", user),
        .pool = "us-west-2_aB3dE6gH9",
        .client = client(c, r, k),
        .request_id = keep_printf(k, "%s", request),
        .ip = address(c, r, k),
        .device = keep_printf(k, "Chrome %u, Windows 10", 100 + random_head(r, 40)),
        .city = keep_printf(k, "City %u", random_head(r, 400)),
        .compromised = "false",
        .country = keep_printf(k, "Country %u", random_head(r, 60)),
    };
    random_uuid(r, out->event_id);
}
