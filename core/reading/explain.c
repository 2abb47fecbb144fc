#include "core/reading/explain.h"

#include "core/reading/operation.h"
#include "core/reading/refusal.h"

static struct bytes text_of(const struct value *values, enum field_id field)
{
    return values[field].state == VALUE_TEXT ? values[field].text : (struct bytes){0};
}

static bool is(const struct value *values, enum field_id field, const char *word)
{
    return bytes_are(text_of(values, field), word);
}

/* A user's doings as the pool tells them: known by shape, not by what eventSource says. */
static bool is_activity(const struct value *values)
{
    return is(values, FIELD_FORMAT, format_name(FORMAT_USER_ACTIVITY)) ||
           is(values, FIELD_FORMAT, format_name(FORMAT_AUTH_EVENT));
}

static const struct operation *operation_of(const struct value *values)
{
    return operation_find(is_activity(values) ? bytes_of("USER_ACTIVITY")
                                              : text_of(values, FIELD_SERVICE),
                          text_of(values, FIELD_OPERATION));
}

/* before, text, after; nothing when there is no text. */
static bool add_if(struct buffer *out, const char *before, struct bytes text, const char *after)
{
    if (text.len == 0)
        return false;
    buffer_add_text(out, before);
    buffer_add(out, text);
    buffer_add_text(out, after);
    return true;
}

static unsigned word_number(enum field_id field, struct bytes word, unsigned otherwise)
{
    const char *known;

    for (unsigned i = 0; (known = field_choice(field, i)); i++)
        if (bytes_are(word, known))
            return i;
    return otherwise;
}

/* `user "alice" (sub …)`, whatever of it is known; false when nothing is. A name is chosen by
 * its bearer and may hold any words: the signs tell where it ends, and let it be hidden. */
static bool add_user(const struct value *values, const char *before, struct buffer *out)
{
    struct bytes user = text_of(values, FIELD_USER), sub = text_of(values, FIELD_SUB);

    if (user.len && bytes_equal(user, sub))
        user.len = 0;
    if (user.len) {
        buffer_add_text(out, before);
        buffer_add_char(out, '"');
        for (size_t i = 0; i < user.len; i++) {
            if (user.ptr[i] == '"' || user.ptr[i] == '\\')
                buffer_add_char(out, '\\');
            buffer_add_char(out, user.ptr[i]);
        }
        buffer_add_char(out, '"');
        add_if(out, " (sub ", sub, ")");
        return true;
    }
    if (sub.len == 0)
        return false;
    buffer_add_text(out, before);
    return add_if(out, "with the sub ", sub, "");
}

static struct bytes behind_char(struct bytes text, char wanted)
{
    const char *at = text.len ? memchr(text.ptr, wanted, text.len) : NULL;

    return at ? bytes_slice(text, (size_t)(at - text.ptr) + 1, text.len) : (struct bytes){0};
}

static struct bytes before_char(struct bytes text, char wanted)
{
    const char *at = text.len ? memchr(text.ptr, wanted, text.len) : NULL;

    return at ? bytes_slice(text, 0, (size_t)(at - text.ptr)) : text;
}

/* Who may stand in an ARN of iam or sts. Source: AWS IAM User Guide, "IAM identifiers". */
static const struct {
    const char *prefix, *words;
    bool session; /* the last step is the session's name */
} ACTORS[] = {
    {"root",            "The root user",       false},
    {"user/",           "The IAM user ",       false},
    {"assumed-role/",   "The role ",           true },
    {"federated-user/", "The federated user ", false},
    {"role/",           "The role ",           false},
};

/* "The IAM user Alice of account 123456789012" for an ARN; other actors by what they are
 * called. */
static void add_actor(struct bytes actor, struct buffer *out)
{
    struct bytes rest = actor, account;

    for (unsigned i = 0; i < 4; i++)
        rest = behind_char(rest, ':');
    account = before_char(rest, ':');
    rest = behind_char(rest, ':');
    for (size_t i = 0; i < ARRAY_LEN(ACTORS) && bytes_starts(actor, "arn:"); i++) {
        struct bytes name, session = {0};

        if (!bytes_starts(rest, ACTORS[i].prefix))
            continue;
        name = bytes_slice(rest, strlen(ACTORS[i].prefix), rest.len);
        if (ACTORS[i].session) {
            session = behind_char(name, '/');
            name = before_char(name, '/');
        }
        buffer_add_text(out, ACTORS[i].words);
        buffer_add(out, name);
        (void)add_if(out, " (session ", session, ")");
        (void)add_if(out, " of account ", account, "");
        return;
    }
    if (bytes_ends(actor, ".amazonaws.com"))
        buffer_add_text(out, "The service ");
    buffer_add(out, actor);
}

static bool names_user(const struct value *values)
{
    return text_of(values, FIELD_USER).len || text_of(values, FIELD_SUB).len;
}

/* Steps that anybody can take who knows a name: whose account it is does not say who it was. */
static bool proves_nothing(enum stage stage)
{
    return stage == STAGE_SIGN_IN || stage == STAGE_CHALLENGE || stage == STAGE_SIGN_UP ||
           stage == STAGE_CONFIRM || stage == STAGE_RESET;
}

/* An administrator, a service or a machine acts in its own name, else whoever holds the user's
 * token does. Tells whether the user was named. */
static bool add_who(const struct value *values, enum stage stage, struct buffer *out)
{
    struct bytes actor = text_of(values, FIELD_ACTOR), client = text_of(values, FIELD_CLIENT);
    bool anonymous = actor.len == 0 || bytes_are(actor, "Anonymous");
    bool for_itself = proves_nothing(stage) || stage == STAGE_ADMIN_USER ||
                      stage == STAGE_CONFIG || stage == STAGE_OTHER;

    if (stage == STAGE_M2M && add_if(out, "The machine client ", client, ""))
        return false;
    if (!anonymous && for_itself)
        add_actor(actor, out);
    else if (proves_nothing(stage) && names_user(values))
        buffer_add_text(out, "Somebody");
    else if (add_user(values, "The user ", out))
        return true;
    else if (!anonymous)
        add_actor(actor, out);
    else if (!add_if(out, "The identity ", text_of(values, FIELD_IDENTITY), ""))
        buffer_add_text(out, "Somebody whom the log does not name");
    return false;
}

/* Tells whether a purpose was said. */
static bool add_what(const struct value *values, enum stage stage, struct buffer *out)
{
    const struct operation *operation = operation_of(values);
    const char *purpose = operation ? operation->purpose : NULL;

    if (operation && is_activity(values)) {
        buffer_add_text(out, " tried to ");
        buffer_add_text(out, purpose);
        return false;
    }
    if (!add_if(out, " called ", text_of(values, FIELD_OPERATION), ""))
        buffer_add_text(out, " made a call that the record does not name");
    if (stage == STAGE_REFRESH)
        purpose = "exchange a refresh token for new tokens";
    else if (stage == STAGE_M2M)
        purpose = "get a token for itself";
    if (!purpose) {
        (void)add_if(out, " of ", text_of(values, FIELD_SERVICE), "");
        return false;
    }
    buffer_add_text(out, " to ");
    buffer_add_text(out, purpose);
    if (stage == STAGE_SIGN_IN)
        (void)add_if(out, " (", text_of(values, FIELD_FLOW), ")");
    else if (stage == STAGE_CHALLENGE && !is(values, FIELD_OUTCOME, "challenge"))
        (void)add_if(out, " (", text_of(values, FIELD_CHALLENGE), ")"); /* else the next one */
    return true;
}

/* A sign-in that a server of the application passes on. */
static bool is_server_call(const struct value *values)
{
    return is(values, FIELD_OPERATION, "AdminInitiateAuth") ||
           is(values, FIELD_OPERATION, "AdminRespondToAuthChallenge");
}

/* Behind a purpose a comma sets the place apart: "to unlink a login from an identity, from
 * 192.0.2.4". */
static void add_where(const struct value *values, enum stage stage, bool user_is_named,
                      bool purpose_is_said, struct buffer *out)
{
    struct bytes city = text_of(values, FIELD_CITY), country = text_of(values, FIELD_COUNTRY);
    struct bytes ip = text_of(values, FIELD_IP);
    struct buffer place = {0};

    if (bytes_equal(ip, text_of(values, FIELD_ACTOR))) /* a service that calls itself */
        ip.len = 0;
    (void)add_if(&place, bytes_ends(ip, ".amazonaws.com") ? " through " : " from ", ip, "");
    if (ip.len && is_server_call(values))
        buffer_add_text(&place, ", which may be the server's own address,");
    if (city.len && country.len) {
        (void)add_if(&place, " (", city, ", ");
        (void)add_if(&place, "", country, ")");
    } else {
        (void)add_if(&place, " (", city.len ? city : country, ")");
    }
    if (stage != STAGE_M2M)
        (void)add_if(&place, " with app client ", text_of(values, FIELD_CLIENT), "");
    (void)add_if(&place, " in pool ", text_of(values, FIELD_POOL), "");
    if (!user_is_named &&
        add_user(values,
                 stage == STAGE_SIGN_IN || stage == STAGE_CHALLENGE ? " as the user "
                                                                    : ", for the user ",
                 out))
        purpose_is_said = purpose_is_said || !is_activity(values) ||
                          (stage != STAGE_SIGN_IN && stage != STAGE_CHALLENGE);
    if (purpose_is_said && place.len)
        buffer_add_char(out, ',');
    buffer_add(out, buffer_bytes(&place));
    buffer_add_char(out, '.');
    buffer_deinit(&place);
}

/* How each outcome is told; the error code follows where there is one. */
static const char *const RESULTS[OUTCOME_COUNT] = {
    [OUTCOME_NONE] = "",
    [OUTCOME_SUCCESS] = " It worked",
    [OUTCOME_FAILURE] = " It was refused",
    [OUTCOME_CHALLENGE] = " Another step follows",
    [OUTCOME_THROTTLED] = " It was refused by a limit",
    [OUTCOME_BLOCKED] = " It was blocked",
    [OUTCOME_FAULT] = " It failed for a fault that is not the user's",
    [OUTCOME_UNKNOWN] = " The record does not tell whether it worked",
};

/* NotAuthorizedException without a message that is known: what was not accepted depends on what
 * was called. Source: errors of cognito-idp and cognito-identity, service descriptions. */
static const char *not_authorized(enum stage stage)
{
    if (stage == STAGE_IDENTITY_POOL)
        return "The identity pool takes no guests, the login token is wrong or has expired, or "
               "there is no role to give; the message may tell more.";
    if (stage == STAGE_SIGN_UP || stage == STAGE_CONFIRM)
        return "The pool's settings or the state of the account do not allow it; the message "
               "may tell more.";
    if (proves_nothing(stage) || stage == STAGE_TOKEN)
        return NULL;
    return "The token or the rights of the caller were not accepted; the message may tell "
           "more.";
}

/* What the error code means here, a sentence; empty where it tells no more than the result. */
static const char *meaning_of(const struct value *values, enum reason reason)
{
    struct bytes error = text_of(values, FIELD_ERROR);
    const struct refusal *split = refusal_split(error, text_of(values, FIELD_ERROR_MESSAGE));
    const struct refusal *plain = refusal_find(error);
    enum stage stage =
        (enum stage)word_number(FIELD_STAGE, text_of(values, FIELD_STAGE), STAGE_OTHER);
    const char *here = NULL;

    if (split)
        return split->meaning;
    if (!plain->code[0])
        return "";
    if (reason == REASON_REFRESH_REVOKED && plain->reason != reason)
        return "The refresh token has expired, was revoked or is not of this client; the "
               "message may tell which.";
    if (plain->reason == REASON_NOT_AUTHORIZED)
        here = not_authorized(stage);
    return here ? here : plain->meaning;
}

/* Tells whether the call was refused; what that means has been said then. */
static bool add_result(const struct value *values, struct buffer *out)
{
    struct bytes error = text_of(values, FIELD_ERROR);
    struct bytes message = text_of(values, FIELD_ERROR_MESSAGE);
    unsigned outcome =
        word_number(FIELD_OUTCOME, text_of(values, FIELD_OUTCOME), OUTCOME_UNKNOWN);
    unsigned reason = word_number(FIELD_REASON, text_of(values, FIELD_REASON), REASON_NONE);

    if (outcome == OUTCOME_NONE)
        return false;
    buffer_add_text(out, RESULTS[outcome]);
    if (outcome == OUTCOME_CHALLENGE && is(values, FIELD_FORMAT, "cloudtrail"))
        (void)add_if(out, ": ", text_of(values, FIELD_CHALLENGE), ""); /* exports: answered */
    if (outcome == OUTCOME_UNKNOWN || (outcome != OUTCOME_SUCCESS && !error.len))
        (void)add_if(out, " (status ", text_of(values, FIELD_STATUS), ")");
    (void)add_if(out, " (", error, ")");
    if (error.len) {
        const char *meaning = meaning_of(values, (enum reason)reason);

        buffer_add_text(out, *meaning ? ". " : ".");
        buffer_add_text(out, meaning);
        return true;
    }
    if (reason == REASON_CONSOLE_LOGIN && message.len) {
        (void)add_if(out, ": ", message, "");
    } else if (reason != REASON_NONE && reason != REASON_OTHER) {
        buffer_add_text(out, ": ");
        buffer_add_text(out, field_choice_meaning(FIELD_REASON, reason));
    }
    buffer_add_char(out, '.');
    return reason != REASON_NONE;
}

static void add_risk(const struct value *values, struct buffer *out)
{
    if (is(values, FIELD_RISK, "medium") || is(values, FIELD_RISK, "high"))
        (void)add_if(out, " Threat protection rated the risk ", text_of(values, FIELD_RISK),
                     ".");
    if (is(values, FIELD_COMPROMISED, "yes"))
        buffer_add_text(out, " The password stands in a list of leaked ones.");
}

static void add_delivery(const struct value *values, struct buffer *out)
{
    struct bytes details = text_of(values, FIELD_ERROR_MESSAGE);

    buffer_add_text(out, "A message to a user could not be delivered");
    (void)add_if(out, " in pool ", text_of(values, FIELD_POOL), "");
    if (bytes_ends(details, "."))
        details.len--;
    (void)add_if(out, ": ", details, "");
    buffer_add_text(out, ". Whoever waits for the code cannot go on; many at once point to a "
                         "spending limit or to SMS pumping.");
}

/* Records that are no calls, and say so. */
static void add_statistic(const struct value *values, struct buffer *out)
{
    if (is(values, FIELD_FORMAT, format_name(FORMAT_OTHER))) {
        buffer_add_text(out, "CloudTrail summed up calls of some minutes. This is no call: the "
                             "calls themselves stand in the log files.");
        return;
    }
    buffer_add_text(out, "CloudTrail Insights marks where an unusual number of calls");
    (void)add_if(out, " of ", text_of(values, FIELD_OPERATION), "");
    (void)add_if(out, " of ", text_of(values, FIELD_SERVICE), "");
    (void)add_if(out, " that failed with ", text_of(values, FIELD_ERROR), "");
    buffer_add_text(out, " begins or ends. This is a statistic, no call; insightDetails has "
                         "the figures.");
}

/* An application's own words: nothing is concluded from them. */
static void add_entry(const struct value *values, struct buffer *out)
{
    buffer_add_text(out, "An entry of another log");
    (void)add_user(values, ", about the user ", out);
    (void)add_if(out, " from ", text_of(values, FIELD_IP), "");
    (void)add_if(out, " with app client ", text_of(values, FIELD_CLIENT), "");
    (void)add_if(out, " of tenant ", text_of(values, FIELD_TENANT), "");
    buffer_add_char(out, '.');
    (void)add_if(out, " It says: ", text_of(values, FIELD_ERROR_MESSAGE), "");
}

/* The step that ended a sign-in to a user pool: what everybody looks for is said plainly. */
static bool is_completed_sign_in(const struct value *values, enum stage stage)
{
    struct bytes service = text_of(values, FIELD_SERVICE);

    return (stage == STAGE_SIGN_IN || stage == STAGE_CHALLENGE) &&
           is(values, FIELD_OUTCOME, "success") &&
           (bytes_are(service, "cognito-idp.amazonaws.com") || is_activity(values));
}

/* What a pending step tells of the one before, by flow or by the challenge that is asked for.
 * Source: Cognito Developer Guide, "Authentication flows" and "Managing error responses". */
static const struct {
    enum stage stage;
    enum field_id field;
    const char *value, *words;
} PENDING[] = {
    {STAGE_SIGN_IN,   FIELD_FLOW,      "USER_PASSWORD_AUTH",       " The password was right."},
    {STAGE_SIGN_IN,   FIELD_FLOW,      "ADMIN_USER_PASSWORD_AUTH", " The password was right."},
    {STAGE_SIGN_IN,   FIELD_FLOW,      "ADMIN_NO_SRP_AUTH",        " The password was right."},
    {STAGE_CHALLENGE, FIELD_CHALLENGE, "SMS_MFA",
     " The step before, as a rule the password, was passed."                                 },
    {STAGE_CHALLENGE, FIELD_CHALLENGE, "SOFTWARE_TOKEN_MFA",
     " The step before, as a rule the password, was passed."                                 },
    {STAGE_CHALLENGE, FIELD_CHALLENGE, "SELECT_MFA_TYPE",
     " The step before, as a rule the password, was passed."                                 },
    {STAGE_CHALLENGE, FIELD_CHALLENGE, "MFA_SETUP",
     " The step before, as a rule the password, was passed."                                 },
    {STAGE_CHALLENGE, FIELD_CHALLENGE, "NEW_PASSWORD_REQUIRED",
     " The step before, as a rule the password, was passed."                                 },
};

/* False when there is nothing to say. */
static bool add_pending(const struct value *values, enum stage stage, struct buffer *out)
{
    for (size_t i = 0; i < ARRAY_LEN(PENDING) && is(values, FIELD_OUTCOME, "challenge"); i++)
        if (stage == PENDING[i].stage && is(values, PENDING[i].field, PENDING[i].value)) {
            buffer_add_text(out, PENDING[i].words);
            return true;
        }
    return false;
}

void explain_event(const struct value *values, struct buffer *out)
{
    enum stage stage =
        (enum stage)word_number(FIELD_STAGE, text_of(values, FIELD_STAGE), STAGE_OTHER);
    const struct operation *operation = operation_of(values);
    bool user_is_named, purpose_is_said, refused;

    if (stage == STAGE_NOTIFICATION) {
        add_delivery(values, out);
        return;
    }
    if (is(values, FIELD_FORMAT, format_name(FORMAT_APP_LOG))) {
        add_entry(values, out);
        return;
    }
    if (is(values, FIELD_FORMAT, format_name(FORMAT_INSIGHT)) ||
        is(values, FIELD_FORMAT, format_name(FORMAT_OTHER))) {
        add_statistic(values, out);
        return;
    }
    user_is_named = add_who(values, stage, out);
    purpose_is_said = add_what(values, stage, out);
    add_where(values, stage, user_is_named, purpose_is_said, out);
    if (is_completed_sign_in(values, stage)) {
        buffer_add_text(out, is(values, FIELD_FORMAT, "cloudtrail")
                                 ? " The sign-in succeeded: tokens were issued."
                                 : " The sign-in succeeded.");
        add_risk(values, out);
        return;
    }
    refused = add_result(values, out);
    add_risk(values, out);
    if (!refused && !add_pending(values, stage, out) && operation && operation->matters &&
        operation->stage == stage) {
        buffer_add_char(out, ' ');
        buffer_add_text(out, operation->matters);
    }
}
