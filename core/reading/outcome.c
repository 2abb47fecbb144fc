#include "core/reading/outcome.h"

#include "core/reading/operation.h"
#include "core/reading/refusal.h"

static struct bytes text_of(const struct value *values, enum field_id field)
{
    return values[field].state == VALUE_TEXT ? values[field].text : (struct bytes){0};
}

/* Flows that make a sign-in or token call something else. Sources: AuthFlowType of the
 * cognito-idp model; grant types of the token endpoint. */
static const struct {
    const char *flow;
    enum stage stage;
} FLOWS[] = {
    {"REFRESH_TOKEN_AUTH", STAGE_REFRESH},
    {"REFRESH_TOKEN",      STAGE_REFRESH},
    {"refresh_token",      STAGE_REFRESH},
    {"client_credentials", STAGE_M2M    },
};

/* Flows whose first call asks for a challenge whatever the password is. Source: developer
 * guide, authentication flows. */
static const char *const CHALLENGE_FLOWS[] = {"USER_SRP_AUTH", "CUSTOM_AUTH", "USER_AUTH"};

static enum stage stage_of(enum stage stage, struct bytes flow)
{
    if (stage != STAGE_SIGN_IN && stage != STAGE_TOKEN)
        return stage;
    for (size_t i = 0; i < ARRAY_LEN(FLOWS); i++)
        if (bytes_are(flow, FLOWS[i].flow))
            return FLOWS[i].stage;
    return stage;
}

/* Stages in which a user asks for something. */
enum {
    USER_STAGES = 1 << STAGE_SIGN_IN | 1 << STAGE_CHALLENGE | 1 << STAGE_TOKEN |
                  1 << STAGE_REFRESH | 1 << STAGE_M2M | 1 << STAGE_SIGN_UP |
                  1 << STAGE_CONFIRM | 1 << STAGE_RESET | 1 << STAGE_MFA_SETUP |
                  1 << STAGE_PASSKEY | 1 << STAGE_SIGN_OUT | 1 << STAGE_USER_INFO
};

/* What AWS refuses before the pool is asked: the caller's permission or its credentials.
 * Source: IAM User Guide, "Policy evaluation logic"; common errors of the AWS APIs. */
static bool is_of_caller(const struct refusal *r, struct bytes code)
{
    return r->reason == REASON_PERMISSION ||
           (r->reason == REASON_TOKEN_EXPIRED && bytes_starts(code, "ExpiredToken"));
}

static void refuse(struct outcome_verdict *v, struct bytes code, struct bytes message)
{
    const struct refusal *refusal = refusal_find(code), *split = refusal_split(code, message);

    if (split)
        refusal = split;
    v->outcome = refusal->outcome;
    v->reason = refusal->reason;
    /* No user tried anything: a program in between is set up wrongly. */
    if (USER_STAGES >> v->stage & 1 && is_of_caller(refusal, code)) {
        v->outcome = OUTCOME_FAULT;
        v->reason = REASON_PERMISSION;
    }
    /* A refresh has no password to be wrong: what is refused is the token. */
    if (v->reason == REASON_NOT_AUTHORIZED && v->stage == STAGE_REFRESH)
        v->reason = REASON_REFRESH_REVOKED;
}

/* A page that was shown has no result, and a form may answer 200 or 302 to right and wrong
 * input alike: there the status proves only refusals. Source: Cognito entries examples;
 * documentation of the login and token endpoints. */
static void judge_status(struct outcome_verdict *v, enum answer answer, struct bytes status)
{
    uint64_t code = 0;

    v->outcome = answer == ANSWER_PAGE ? OUTCOME_NONE : OUTCOME_UNKNOWN;
    if (!bytes_to_u64(status, &code))
        return;
    if (code == 429) {
        v->outcome = OUTCOME_THROTTLED;
        v->reason = REASON_REQUEST_RATE;
    } else if (code >= 500) {
        v->outcome = OUTCOME_FAULT;
        v->reason = REASON_SERVICE;
    } else if (code >= 400) {
        v->outcome = OUTCOME_FAILURE;
        v->reason = code == 400 && answer == ANSWER_PAGE ? REASON_BAD_REQUEST : REASON_OTHER;
    } else if (answer == ANSWER_STATUS && (code < 300 || v->stage == STAGE_SIGN_OUT)) {
        v->outcome = OUTCOME_SUCCESS;
    }
}

/* No error is no sign-in yet: tokens in the answer are, a challenge is a step on the way. */
static enum outcome judge_auth(enum stage stage, struct bytes flow,
                               const struct outcome_facts *facts)
{
    if (facts->has_result)
        return OUTCOME_SUCCESS;
    if (facts->has_challenge)
        return OUTCOME_CHALLENGE;
    if (stage == STAGE_REFRESH)
        return OUTCOME_SUCCESS; /* asks no challenges, and refusals have an error */
    for (size_t i = 0; stage == STAGE_SIGN_IN && i < ARRAY_LEN(CHALLENGE_FLOWS); i++)
        if (bytes_are(flow, CHALLENGE_FLOWS[i]))
            return OUTCOME_CHALLENGE;
    return OUTCOME_UNKNOWN;
}

/* ConsoleLogin failures have no error code. Source: CloudTrail User Guide, console sign-in
 * events. */
static void judge_login(struct outcome_verdict *v, struct bytes response)
{
    if (bytes_are(response, "Success")) {
        v->outcome = OUTCOME_SUCCESS;
    } else if (bytes_are(response, "Failure")) {
        v->outcome = OUTCOME_FAILURE;
        v->reason = REASON_CONSOLE_LOGIN;
    } else {
        v->outcome = OUTCOME_UNKNOWN;
    }
}

static enum answer answer_of(const struct operation *operation, enum stage stage)
{
    if (operation)
        return operation->answer;
    if (stage == STAGE_VIEW)
        return ANSWER_PAGE;
    return stage == STAGE_API ? ANSWER_FORM : ANSWER_CALL;
}

static struct outcome_verdict decide_call(const struct value *values,
                                          const struct outcome_facts *facts)
{
    struct bytes service = text_of(values, FIELD_SERVICE),
                 name = text_of(values, FIELD_OPERATION), flow = text_of(values, FIELD_FLOW);
    const struct operation *operation = operation_find(service, name);
    enum stage stage = operation ? operation->stage : operation_stage(service, name);
    enum answer answer = answer_of(operation, stage);
    struct outcome_verdict v = {stage_of(stage, flow), OUTCOME_SUCCESS, REASON_NONE};

    if (values[FIELD_ERROR].state == VALUE_TEXT)
        refuse(&v, values[FIELD_ERROR].text, text_of(values, FIELD_ERROR_MESSAGE));
    else if (values[FIELD_ERROR].state == VALUE_REDACTED)
        v.outcome = OUTCOME_UNKNOWN;
    else if (answer == ANSWER_AUTH)
        v.outcome = judge_auth(v.stage, flow, facts);
    else if (answer == ANSWER_LOGIN)
        judge_login(&v, facts->response);
    else if (answer != ANSWER_CALL)
        judge_status(&v, answer, text_of(values, FIELD_STATUS));
    return v;
}

/* Which of the pairs {challengeName, challengeResponse} failed. Source: inferred from
 * ChallengeName and ChallengeResponse of the cognito-idp model. */
static enum reason failed_challenge(struct bytes challenges)
{
    size_t start = 0, end;

    for (; start < challenges.len; start = end + 1) {
        struct bytes pair;

        for (end = start; end < challenges.len && challenges.ptr[end] != '}';)
            end++;
        pair = bytes_slice(challenges, start, end);
        if (bytes_find(pair, bytes_of("\"Failure\"")) == SIZE_MAX)
            continue;
        if (bytes_find(pair, bytes_of("\"Password\"")) != SIZE_MAX)
            return REASON_WRONG_PASSWORD;
        if (bytes_find(pair, bytes_of("\"Mfa\"")) != SIZE_MAX)
            return REASON_WRONG_CODE;
    }
    return REASON_NOT_AUTHORIZED;
}

/* The user-activity export has no error codes. Source: EventResponseType and RiskDecisionType
 * of the cognito-idp model. */
static struct outcome_verdict decide_activity(const struct value *values,
                                              const struct outcome_facts *facts)
{
    struct bytes activity = bytes_of("USER_ACTIVITY"), name = text_of(values, FIELD_OPERATION);
    const struct operation *operation = operation_find(activity, name);
    struct outcome_verdict v = {operation ? operation->stage : STAGE_OTHER, OUTCOME_UNKNOWN,
                                REASON_NONE};

    if (bytes_equal_nocase(facts->response, bytes_of("Pass"))) {
        v.outcome = OUTCOME_SUCCESS;
    } else if (bytes_equal_nocase(facts->response, bytes_of("InProgress"))) {
        v.outcome = OUTCOME_CHALLENGE;
    } else if (bytes_equal_nocase(facts->response, bytes_of("Fail"))) {
        bool blocked = bytes_are(text_of(values, FIELD_DECISION), "block");

        v.outcome = blocked ? OUTCOME_BLOCKED : OUTCOME_FAILURE;
        v.reason = blocked ? REASON_RISK : failed_challenge(facts->challenges);
    }
    return v;
}

/* Kinds of answers that API Gateway gives itself. Source: API Gateway Developer Guide, "Gateway
 * response types"; WebSocket and HTTP APIs have no such variable, there the status tells. */
static const struct {
    const char *type;
    enum outcome outcome;
    enum reason reason;
} RESPONSE_TYPES[] = {
    {"ACCESS_DENIED",                  OUTCOME_FAILURE,   REASON_PERMISSION    },
    {"API_CONFIGURATION_ERROR",        OUTCOME_FAULT,     REASON_SERVICE       },
    {"AUTHORIZER_CONFIGURATION_ERROR", OUTCOME_FAULT,     REASON_SERVICE       },
    {"AUTHORIZER_FAILURE",             OUTCOME_FAULT,     REASON_SERVICE       },
    {"BAD_REQUEST_BODY",               OUTCOME_FAILURE,   REASON_BAD_REQUEST   },
    {"BAD_REQUEST_PARAMETERS",         OUTCOME_FAILURE,   REASON_BAD_REQUEST   },
    {"EXPIRED_TOKEN",                  OUTCOME_FAILURE,   REASON_TOKEN_EXPIRED },
    {"INTEGRATION_FAILURE",            OUTCOME_FAULT,     REASON_SERVICE       },
    {"INTEGRATION_TIMEOUT",            OUTCOME_FAULT,     REASON_SERVICE       },
    {"INVALID_API_KEY",                OUTCOME_FAILURE,   REASON_NOT_AUTHORIZED},
    {"INVALID_SIGNATURE",              OUTCOME_FAILURE,   REASON_PERMISSION    },
    {"MISSING_AUTHENTICATION_TOKEN",   OUTCOME_FAILURE,   REASON_NOT_AUTHORIZED},
    {"QUOTA_EXCEEDED",                 OUTCOME_THROTTLED, REASON_REQUEST_RATE  },
    {"RESOURCE_NOT_FOUND",             OUTCOME_FAILURE,   REASON_NOT_FOUND     },
    {"THROTTLED",                      OUTCOME_THROTTLED, REASON_REQUEST_RATE  },
    {"UNAUTHORIZED",                   OUTCOME_FAILURE,   REASON_NOT_AUTHORIZED},
    {"WAF_FILTERED",                   OUTCOME_BLOCKED,   REASON_WAF           },
};

static struct outcome_verdict decide_access(const struct value *values)
{
    struct outcome_verdict v = {STAGE_API, OUTCOME_UNKNOWN, REASON_NONE};
    struct bytes type = text_of(values, FIELD_ERROR);
    uint64_t status = 0;

    for (size_t i = 0; i < ARRAY_LEN(RESPONSE_TYPES); i++) {
        if (!bytes_are(type, RESPONSE_TYPES[i].type))
            continue;
        v.outcome = RESPONSE_TYPES[i].outcome;
        v.reason = RESPONSE_TYPES[i].reason;
        return v;
    }
    if (!bytes_to_u64(text_of(values, FIELD_STATUS), &status) || status < 100)
        return v;
    if (status < 400)
        v.outcome = OUTCOME_SUCCESS;
    else
        judge_status(&v, ANSWER_STATUS, text_of(values, FIELD_STATUS));
    if (status == 401)
        v.reason = REASON_NOT_AUTHORIZED;
    else if (status == 403)
        v.reason = REASON_PERMISSION;
    else if (status == 404)
        v.reason = REASON_NOT_FOUND;
    else if (status == 400)
        v.reason = REASON_BAD_REQUEST;
    return v;
}

struct outcome_verdict outcome_decide(enum format format, const struct value *values,
                                      const struct outcome_facts *facts)
{
    if (format == FORMAT_USER_ACTIVITY || format == FORMAT_AUTH_EVENT)
        return decide_activity(values, facts);
    if (format == FORMAT_INSIGHT || format == FORMAT_OTHER)
        return (struct outcome_verdict){STAGE_OTHER, OUTCOME_NONE, REASON_NONE};
    if (format == FORMAT_USER_NOTIFICATION)
        return (struct outcome_verdict){STAGE_NOTIFICATION, OUTCOME_FAULT, REASON_DELIVERY};
    if (format == FORMAT_API_ACCESS)
        return decide_access(values);
    if (format == FORMAT_APP_LOG)
        return (struct outcome_verdict){STAGE_OTHER, OUTCOME_UNKNOWN, REASON_NONE};
    return decide_call(values, facts);
}

uint64_t outcomes_failed(const uint64_t outcomes[OUTCOME_COUNT])
{
    return outcomes[OUTCOME_FAILURE] + outcomes[OUTCOME_THROTTLED] + outcomes[OUTCOME_BLOCKED] +
           outcomes[OUTCOME_FAULT];
}
