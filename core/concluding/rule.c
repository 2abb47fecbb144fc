#include "core/concluding/rule.h"

#include "core/base/mem.h"

#include "core/concluding/signal.h"

enum {
    SIGN_INS = 1 << STAGE_SIGN_IN | 1 << STAGE_CHALLENGE,
    ENTRIES = SIGN_INS | 1 << STAGE_TOKEN,
    REFUSED = 1 << OUTCOME_FAILURE | 1 << OUTCOME_BLOCKED,
    WENT_WRONG = REFUSED | 1 << OUTCOME_FAULT | 1 << OUTCOME_THROTTLED,
};

static const char *const KEYS[KEY_COUNT] = {
    [KEY_NONE] = "",           [KEY_IP] = "address",
    [KEY_NETWORK] = "network", [KEY_AGENT_CLIENT] = "user agent and client",
    [KEY_ACCOUNT] = "account", [KEY_CLIENT] = "client",
    [KEY_ACTOR] = "actor",     [KEY_ALL] = "everything loaded",
};

const char *rule_key_name(enum rule_key k)
{
    return KEYS[k];
}

/* Names of calls that send a message each. Sources: Developer Guide on SMS pumping;
 * operation.c.
 */
static const char MESSAGES[] = "mfa_phone_register_POST mfa_phone_resendCode_POST "
                               "ResendConfirmationCode ResendCode_POST ResendCode "
                               "GetUserAttributeVerificationCode";
static const char RESETS[] = "ForgotPassword ForgotPassword_POST forgotPassword_POST";

/* Changes that open a pool or blind its logs, and others. */
static const char BLINDING[] =
    "StopLogging DeleteTrail UpdateTrail PutEventSelectors StopEventDataStoreIngestion "
    "DeleteEventDataStore SetLogDeliveryConfiguration DeleteDelivery DeleteDeliverySource "
    "DeleteDeliveryDestination UpdateDeliveryConfiguration DeleteLogGroup DeleteLogStream "
    "DeleteSubscriptionFilter PutRetentionPolicy SetRiskConfiguration SetUserPoolMfaConfig "
    "SetIdentityPoolRoles DisassociateWebACL DeleteWebACL DeleteUserPool";
static const char CHANGES[] =
    "UpdateUserPool CreateUserPoolClient UpdateUserPoolClient DeleteUserPoolClient "
    "CreateIdentityProvider UpdateIdentityProvider DeleteIdentityProvider UpdateIdentityPool "
    "DeleteIdentityPool SetPrincipalTagAttributeMap UpdateGroup CreateUserPoolDomain "
    "UpdateUserPoolDomain UpdateResourceServer AddCustomAttributes UpdateWebACL "
    "UpdateEventDataStore PutInsightSelectors PutDeliverySource PutDeliveryDestination "
    "CreateDelivery";

// clang-format off
static const struct rule RULES[] = {
    {.name = "compromise-after-failures", .scenario = SCENARIO_COMPROMISE,
     .severity = SEVERITY_HIGH, .look = LOOK_BREAK_IN, .group = KEY_ACCOUNT,
     .limits = {7 * INSTANT_DAY, 5, 0, 0, 0, 0, true}},
    {.name = "credential-stuffing", .scenario = SCENARIO_STUFFING, .severity = SEVERITY_HIGH,
     .stages = SIGN_INS, .outcomes = REFUSED, .good_stages = ENTRIES,
     .reasons = {REASON_WRONG_PASSWORD, REASON_USER_UNKNOWN, REASON_LOCKED_OUT, REASON_RISK,
                 REASON_NOT_AUTHORIZED, REASON_UNCONFIRMED, REASON_RESET_REQUIRED,
                 REASON_USER_DISABLED},
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT, KEY_CLIENT},
     .limits = {10 * INSTANT_MINUTE, 12, 8, 12, 60, 4, true}},
    {.name = "password-spraying", .scenario = SCENARIO_SPRAYING, .severity = SEVERITY_HIGH,
     .stages = SIGN_INS, .outcomes = REFUSED, .good_stages = ENTRIES,
     .reasons = {REASON_WRONG_PASSWORD, REASON_USER_UNKNOWN, REASON_LOCKED_OUT, REASON_RISK,
                 REASON_NOT_AUTHORIZED, REASON_UNCONFIRMED, REASON_RESET_REQUIRED,
                 REASON_USER_DISABLED},
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT},
     .limits = {INSTANT_DAY, 15, 12, 3, 60, 4, true}},
    {.name = "brute-force", .scenario = SCENARIO_BRUTE_FORCE, .severity = SEVERITY_MEDIUM,
     .stages = SIGN_INS, .outcomes = REFUSED, .good_stages = ENTRIES,
     .reasons = {REASON_WRONG_PASSWORD, REASON_LOCKED_OUT, REASON_NOT_AUTHORIZED, REASON_RISK},
     .keys = {KEY_ACCOUNT},
     .limits = {10 * INSTANT_MINUTE, 10, 0, 0, 60, 0, true}},
    {.name = "brute-force.slow", .scenario = SCENARIO_BRUTE_FORCE, .severity = SEVERITY_MEDIUM,
     .stages = SIGN_INS, .outcomes = REFUSED, .good_stages = ENTRIES,
     .reasons = {REASON_WRONG_PASSWORD, REASON_LOCKED_OUT, REASON_NOT_AUTHORIZED, REASON_RISK},
     .keys = {KEY_ACCOUNT},
     .limits = {INSTANT_DAY, 20, 0, 0, 60, 0, true}},
    {.name = "brute-force.source", .scenario = SCENARIO_BRUTE_FORCE, .severity = SEVERITY_MEDIUM,
     .stages = SIGN_INS, .outcomes = REFUSED, .good_stages = ENTRIES, .few_accounts = true,
     .reasons = {REASON_WRONG_PASSWORD, REASON_LOCKED_OUT, REASON_NOT_AUTHORIZED, REASON_RISK},
     .keys = {KEY_IP, KEY_NETWORK},
     .limits = {10 * INSTANT_MINUTE, 15, 7, 0, 60, 0, true}},
    {.name = "account-enumeration", .scenario = SCENARIO_ENUMERATION, .severity = SEVERITY_MEDIUM,
     .outcomes = WENT_WRONG, .good_stages = ENTRIES,
     .reasons = {REASON_USER_UNKNOWN, REASON_USER_EXISTS, REASON_UNCONFIRMED,
                 REASON_RESET_REQUIRED, REASON_ALIAS_EXISTS},
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT},
     .limits = {10 * INSTANT_MINUTE, 10, 0, 0, 60, 4, true}},
    {.name = "account-enumeration.slow", .scenario = SCENARIO_ENUMERATION,
     .severity = SEVERITY_MEDIUM, .outcomes = WENT_WRONG, .good_stages = ENTRIES,
     .reasons = {REASON_USER_UNKNOWN, REASON_USER_EXISTS, REASON_UNCONFIRMED,
                 REASON_RESET_REQUIRED, REASON_ALIAS_EXISTS},
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT},
     .limits = {INSTANT_DAY, 15, 0, 0, 60, 4, true}},
    {.name = "account-enumeration.hardened", .scenario = SCENARIO_ENUMERATION,
     .severity = SEVERITY_MEDIUM, .stages = SIGN_INS | 1 << STAGE_RESET,
     .outcomes = 1 << OUTCOME_FAILURE, .good_stages = ENTRIES, .nameless = true,
     .reasons = {REASON_WRONG_PASSWORD, REASON_NOT_AUTHORIZED},
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT},
     .limits = {10 * INSTANT_MINUTE, 20, 0, 0, 60, 4, true}},
    {.name = "password-reset-abuse", .scenario = SCENARIO_RESET_ABUSE, .severity = SEVERITY_MEDIUM,
     .operations = RESETS, .good_stages = ENTRIES,
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT},
     .limits = {INSTANT_HOUR, 8, 4, 0, 60, 4, true}},
    {.name = "password-reset-abuse.account", .scenario = SCENARIO_RESET_ABUSE,
     .severity = SEVERITY_MEDIUM, .operations = RESETS, .good_stages = ENTRIES,
     .keys = {KEY_ACCOUNT},
     .limits = {INSTANT_HOUR, 5, 0, 0, 60, 0, true}},
    {.name = "password-reset-abuse.slow", .scenario = SCENARIO_RESET_ABUSE,
     .severity = SEVERITY_MEDIUM, .operations = RESETS, .good_stages = ENTRIES,
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT},
     .limits = {INSTANT_DAY, 20, 10, 0, 60, 4, true}},
    {.name = "code-guessing", .scenario = SCENARIO_CODE_GUESSING, .severity = SEVERITY_MEDIUM,
     .outcomes = WENT_WRONG, .good_stages = ENTRIES,
     .reasons = {REASON_WRONG_CODE, REASON_EXPIRED_CODE, REASON_TOO_MANY_CODES},
     .keys = {KEY_ACCOUNT, KEY_IP, KEY_NETWORK},
     .limits = {INSTANT_HOUR, 5, 0, 0, 60, 0, true}},
    {.name = "code-guessing.slow", .scenario = SCENARIO_CODE_GUESSING,
     .severity = SEVERITY_MEDIUM, .outcomes = WENT_WRONG, .good_stages = ENTRIES,
     .reasons = {REASON_WRONG_CODE, REASON_EXPIRED_CODE, REASON_TOO_MANY_CODES},
     .keys = {KEY_ACCOUNT, KEY_IP, KEY_NETWORK},
     .limits = {INSTANT_DAY, 12, 0, 0, 60, 0, true}},
    {.name = "sms-pumping", .scenario = SCENARIO_SMS_PUMPING, .severity = SEVERITY_MEDIUM,
     .operations = MESSAGES, .good_stages = ENTRIES,
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT, KEY_CLIENT},
     .limits = {10 * INSTANT_MINUTE, 15, 0, 0, 60, 4, true}},
    {.name = "sms-pumping.slow", .scenario = SCENARIO_SMS_PUMPING, .severity = SEVERITY_MEDIUM,
     .operations = MESSAGES, .good_stages = ENTRIES,
     .keys = {KEY_IP, KEY_NETWORK, KEY_AGENT_CLIENT},
     .limits = {INSTANT_DAY, 40, 0, 0, 60, 4, true}},
    {.name = "throttling-spike", .scenario = SCENARIO_THROTTLING, .severity = SEVERITY_MEDIUM,
     .outcomes = 1 << OUTCOME_THROTTLED, .good_stages = ENTRIES | 1 << STAGE_M2M,
     .keys = {KEY_IP, KEY_CLIENT, KEY_ALL},
     .limits = {INSTANT_MINUTE, 101, 0, 0, 60, 0, true}},
    {.name = "config-tampering", .scenario = SCENARIO_TAMPERING, .severity = SEVERITY_HIGH,
     .operations = BLINDING, .keys = {KEY_ACTOR},
     .limits = {INSTANT_HOUR, 1, 0, 0, 0, 0, true}},
    {.name = "config-tampering.change", .scenario = SCENARIO_TAMPERING,
     .severity = SEVERITY_MEDIUM, .operations = CHANGES, .keys = {KEY_ACTOR},
     .limits = {INSTANT_HOUR, 1, 0, 0, 0, 0, true}},
    {.name = "risky-sign-in", .scenario = SCENARIO_RISKY, .severity = SEVERITY_HIGH,
     .flags = SIGNAL_RISKY, .outcomes = 1 << OUTCOME_SUCCESS | 1 << OUTCOME_CHALLENGE,
     .keys = {KEY_ACCOUNT},
     .limits = {INSTANT_DAY, 1, 0, 0, 0, 0, true}},
    {.name = "risky-sign-in.refused", .scenario = SCENARIO_RISKY, .severity = SEVERITY_MEDIUM,
     .flags = SIGNAL_RISKY, .outcomes = WENT_WRONG, .keys = {KEY_IP, KEY_NETWORK},
     .limits = {INSTANT_HOUR, 1, 0, 0, 0, 0, true}},
    {.name = "callback-mismatch", .scenario = SCENARIO_CALLBACK, .severity = SEVERITY_MEDIUM,
     .stages = 1 << STAGE_VIEW | 1 << STAGE_TOKEN | 1 << STAGE_SIGN_IN | 1 << STAGE_API,
     .outcomes = WENT_WRONG, .reasons = {REASON_BAD_REQUEST}, .flags = SIGNAL_PAGE,
     .keys = {KEY_IP, KEY_CLIENT},
     .limits = {10 * INSTANT_MINUTE, 5, 0, 0, 0, 0, true}},
    {.name = "risky-sign-in.travel", .scenario = SCENARIO_RISKY, .severity = SEVERITY_MEDIUM,
     .look = LOOK_TRAVEL, .group = KEY_ACCOUNT, .stages = ENTRIES,
     .outcomes = 1 << OUTCOME_SUCCESS, .one = "sign-in", .many = "sign-ins",
     .limits = {2 * INSTANT_HOUR, 1, 0, 0, 0, 0, true}},
    {.name = "token-theft", .scenario = SCENARIO_TOKEN_THEFT, .severity = SEVERITY_MEDIUM,
     .look = LOOK_ELSEWHERE, .group = KEY_ACCOUNT, .stages = 1 << STAGE_REFRESH,
     .outcomes = 1 << OUTCOME_SUCCESS | 1 << OUTCOME_FAILURE,
     .reasons = {REASON_REFRESH_REVOKED}, .good_stages = ENTRIES, .habits = 1, .common = 5,
     .one = "refresh", .many = "refreshes",
     .limits = {INSTANT_DAY, 1, 0, 0, 0, 0, true}},
    {.name = "token-theft.two-networks", .scenario = SCENARIO_TOKEN_THEFT,
     .severity = SEVERITY_MEDIUM, .look = LOOK_TWO_PLACES, .group = KEY_ACCOUNT,
     .stages = 1 << STAGE_REFRESH, .outcomes = 1 << OUTCOME_SUCCESS, .good_stages = ENTRIES,
     .one = "refresh", .many = "refreshes",
     .limits = {INSTANT_DAY, 6, 0, 0, 0, 0, true}},
    {.name = "token-theft.no-sign-in", .scenario = SCENARIO_TOKEN_THEFT,
     .severity = SEVERITY_MEDIUM, .look = LOOK_UNFOUNDED, .group = KEY_ACCOUNT,
     .stages = 1 << STAGE_API, .outcomes = 1 << OUTCOME_SUCCESS,
     .good_stages = ENTRIES | 1 << STAGE_REFRESH, .one = "API call", .many = "API calls",
     .limits = {INSTANT_DAY, 3, 0, 0, 0, 0, true}},
    {.name = "token-theft.reuse", .scenario = SCENARIO_TOKEN_THEFT, .severity = SEVERITY_HIGH,
     .reasons = {REASON_REFRESH_REUSED}, .keys = {KEY_ACCOUNT, KEY_IP},
     .limits = {INSTANT_DAY, 1, 0, 0, 0, 0, true}},
    {.name = "m2m-anomaly.volume", .scenario = SCENARIO_M2M, .severity = SEVERITY_MEDIUM,
     .stages = 1 << STAGE_M2M, .outcomes = 1 << OUTCOME_SUCCESS, .needs_past = true,
     .keys = {KEY_CLIENT},
     .limits = {10 * INSTANT_MINUTE, 30, 0, 0, 0, 8, true}},
    {.name = "m2m-anomaly.failures", .scenario = SCENARIO_M2M, .severity = SEVERITY_MEDIUM,
     .stages = 1 << STAGE_M2M, .outcomes = WENT_WRONG, .good_stages = 1 << STAGE_M2M,
     .keys = {KEY_IP, KEY_CLIENT},
     .limits = {10 * INSTANT_MINUTE, 10, 0, 0, 60, 0, true}},
    {.name = "m2m-anomaly.failures-slow", .scenario = SCENARIO_M2M, .severity = SEVERITY_MEDIUM,
     .stages = 1 << STAGE_M2M, .outcomes = WENT_WRONG, .good_stages = 1 << STAGE_M2M,
     .keys = {KEY_IP, KEY_CLIENT},
     .limits = {6 * INSTANT_HOUR, 15, 0, 0, 60, 0, true}},
    {.name = "m2m-anomaly.source", .scenario = SCENARIO_M2M, .severity = SEVERITY_MEDIUM,
     .look = LOOK_ELSEWHERE, .group = KEY_CLIENT, .stages = 1 << STAGE_M2M,
     .outcomes = 1 << OUTCOME_SUCCESS, .good_stages = 1 << STAGE_M2M, .habits = 5,
     .one = "token", .many = "tokens",
     .limits = {INSTANT_DAY, 3, 0, 0, 0, 0, true}},
    {.name = "m2m-anomaly.uncached", .scenario = SCENARIO_M2M, .severity = SEVERITY_INFO,
     .stages = 1 << STAGE_M2M, .outcomes = 1 << OUTCOME_SUCCESS, .keys = {KEY_CLIENT},
     .limits = {INSTANT_HOUR, 30, 0, 0, 0, 0, true}},
    {.name = "over-logging", .scenario = SCENARIO_OVER_LOGGING, .severity = SEVERITY_MEDIUM,
     .look = LOOK_IN_CLEAR,
     .limits = {INSTANT_DAY, 1, 0, 0, 0, 0, true}},
};
// clang-format on
_Static_assert(ARRAY_LEN(RULES) <= RULES_MAX, "a signal has a bit for each rule");

size_t rule_count(void)
{
    return ARRAY_LEN(RULES);
}

const struct rule *rule_get(size_t i)
{
    return &RULES[i];
}

uint64_t rule_reasons(const struct rule *r)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < RULE_MAX_REASONS && r->reasons[i] != REASON_NONE; i++)
        bits |= UINT64_C(1) << r->reasons[i];
    return bits;
}

void rules_init(struct rules *r)
{
    r->limits = mem_array(ARRAY_LEN(RULES), sizeof *r->limits);
    for (size_t i = 0; i < ARRAY_LEN(RULES); i++)
        r->limits[i] = RULES[i].limits;
}

void rules_copy(struct rules *to, const struct rules *from)
{
    to->limits = mem_array(ARRAY_LEN(RULES), sizeof *to->limits);
    memcpy(to->limits, from->limits, ARRAY_LEN(RULES) * sizeof *to->limits);
}

void rules_deinit(struct rules *r)
{
    mem_free(r->limits);
    r->limits = NULL;
}

size_t rule_find(struct bytes name)
{
    size_t i = 0;

    while (i < ARRAY_LEN(RULES) && !bytes_are(name, RULES[i].name))
        i++;
    return i < ARRAY_LEN(RULES) ? i : SIZE_MAX;
}

bool rule_limits_same(const struct rule_limits *a, const struct rule_limits *b)
{
    return a->window_us == b->window_us && a->events == b->events &&
           a->accounts == b->accounts && a->per_account == b->per_account &&
           a->share == b->share && a->factor == b->factor && a->on == b->on;
}

bool rules_are_default(const struct rules *r)
{
    for (size_t i = 0; i < ARRAY_LEN(RULES); i++)
        if (!rule_limits_same(&r->limits[i], &RULES[i].limits))
            return false;
    return true;
}

size_t rules_on(const struct rules *r)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(RULES); i++)
        count += r->limits[i].on;
    return count;
}
