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

/* The activity log is known by its shape, not by what its eventSource says. */
static const struct operation *operation_of(const struct value *values)
{
    bool activity = is(values, FIELD_FORMAT, format_name(FORMAT_USER_ACTIVITY));

    return operation_find(activity ? bytes_of("USER_ACTIVITY") : text_of(values, FIELD_SERVICE),
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

/* "User alice (sub …)", whatever of it is known; false when nothing is. */
static bool add_user(const struct value *values, const char *before, struct buffer *out)
{
    struct bytes user = text_of(values, FIELD_USER), sub = text_of(values, FIELD_SUB);

    if (user.len && bytes_equal(user, sub))
        user.len = 0;
    if (add_if(out, before, user, "")) {
        add_if(out, " (sub ", sub, ")");
        return true;
    }
    if (sub.len == 0)
        return false;
    buffer_add_text(out, before);
    return add_if(out, "with the sub ", sub, "");
}

/* An administrator, a service or a machine acts in its own name, else the user does. Tells
 * whether the user was named. */
static bool add_who(const struct value *values, enum stage stage, struct buffer *out)
{
    struct bytes actor = text_of(values, FIELD_ACTOR), client = text_of(values, FIELD_CLIENT);
    bool anonymous = actor.len == 0 || bytes_are(actor, "Anonymous");
    bool for_itself =
        stage == STAGE_ADMIN_USER || stage == STAGE_CONFIG || stage == STAGE_OTHER;

    if (stage == STAGE_M2M && add_if(out, "The machine client ", client, ""))
        return false;
    if ((!for_itself || anonymous) && add_user(values, "The user ", out))
        return true;
    if (!anonymous)
        buffer_add(out, actor);
    else if (!add_if(out, "The identity ", text_of(values, FIELD_IDENTITY), ""))
        buffer_add_text(out, "Somebody whom the log does not name");
    return false;
}

static void add_what(const struct value *values, enum stage stage, struct buffer *out)
{
    const struct operation *operation = operation_of(values);
    const char *purpose = operation ? operation->purpose : NULL;

    if (operation && is(values, FIELD_FORMAT, format_name(FORMAT_USER_ACTIVITY))) {
        buffer_add_text(out, " tried to ");
        buffer_add_text(out, purpose);
        return;
    }
    if (!add_if(out, " called ", text_of(values, FIELD_OPERATION), ""))
        buffer_add_text(out, " made a call that the record does not name");
    if (stage == STAGE_REFRESH)
        purpose = "exchange a refresh token for new tokens";
    else if (stage == STAGE_M2M)
        purpose = "get a token as a machine client";
    if (purpose) {
        buffer_add_text(out, " to ");
        buffer_add_text(out, purpose);
    } else {
        (void)add_if(out, " of ", text_of(values, FIELD_SERVICE), "");
    }
}

static void add_where(const struct value *values, enum stage stage, bool user_is_named,
                      struct buffer *out)
{
    struct bytes city = text_of(values, FIELD_CITY), country = text_of(values, FIELD_COUNTRY);
    struct bytes ip = text_of(values, FIELD_IP);

    if (!user_is_named)
        (void)add_user(values, ", for the user ", out);
    if (!bytes_equal(ip, text_of(values, FIELD_ACTOR))) /* a service that calls itself */
        (void)add_if(out, " from ", ip, "");
    if (city.len && country.len) {
        (void)add_if(out, " (", city, ", ");
        (void)add_if(out, "", country, ")");
    } else {
        (void)add_if(out, " (", city.len ? city : country, ")");
    }
    if (stage != STAGE_M2M)
        (void)add_if(out, " with app client ", text_of(values, FIELD_CLIENT), "");
    (void)add_if(out, " in pool ", text_of(values, FIELD_POOL), "");
    buffer_add_char(out, '.');
}

/* How each outcome is told; the error code follows where there is one. */
static const char *const RESULTS[OUTCOME_COUNT] = {
    [OUTCOME_NONE] = "",
    [OUTCOME_SUCCESS] = " It worked",
    [OUTCOME_FAILURE] = " It was refused",
    [OUTCOME_CHALLENGE] = " Another step follows",
    [OUTCOME_THROTTLED] = " It was refused because there were too many requests",
    [OUTCOME_BLOCKED] = " It was blocked",
    [OUTCOME_FAULT] = " It failed for a fault that is not the user's",
    [OUTCOME_UNKNOWN] = " The record does not tell whether it worked",
};

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
    if (outcome == OUTCOME_CHALLENGE)
        (void)add_if(out, ": ", text_of(values, FIELD_CHALLENGE), "");
    if (outcome == OUTCOME_UNKNOWN || reason == REASON_OTHER)
        (void)add_if(out, " (status ", text_of(values, FIELD_STATUS), ")");
    (void)add_if(out, " (", error, ")");
    if (error.len) {
        buffer_add_text(out, ". ");
        explain_error(error, message, out);
        return true;
    }
    if (reason == REASON_CONSOLE_LOGIN && message.len) {
        (void)add_if(out, ": ", message, "");
    } else if (reason != REASON_NONE && reason != REASON_OTHER) {
        buffer_add_text(out, ": ");
        buffer_add_text(out, reason_meaning((enum reason)reason));
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
    buffer_add_text(out, "A message to a user could not be delivered");
    (void)add_if(out, " in pool ", text_of(values, FIELD_POOL), "");
    (void)add_if(out, ": ", text_of(values, FIELD_ERROR_MESSAGE), "");
    buffer_add_text(out, ". Whoever waits for the code cannot go on; many at once point to a "
                         "spending limit or to SMS pumping.");
}

void explain_event(const struct value *values, struct buffer *out)
{
    enum stage stage =
        (enum stage)word_number(FIELD_STAGE, text_of(values, FIELD_STAGE), STAGE_OTHER);
    const struct operation *operation = operation_of(values);
    bool user_is_named, refused;

    if (stage == STAGE_NOTIFICATION) {
        add_delivery(values, out);
        return;
    }
    user_is_named = add_who(values, stage, out);
    add_what(values, stage, out);
    add_where(values, stage, user_is_named, out);
    refused = add_result(values, out);
    add_risk(values, out);
    if (!refused && operation && operation->matters && operation->stage == stage) {
        buffer_add_char(out, ' ');
        buffer_add_text(out, operation->matters);
    }
}

void explain_operation(struct bytes service, struct bytes name, struct buffer *out)
{
    const struct operation *operation = operation_find(service, name);

    if (!operation)
        return;
    buffer_add(out, name);
    buffer_add_text(out, ": ");
    buffer_add_text(out, operation->purpose);
    buffer_add_char(out, '.');
    if (operation->matters) {
        buffer_add_char(out, ' ');
        buffer_add_text(out, operation->matters);
    }
}

void explain_error(struct bytes code, struct bytes message, struct buffer *out)
{
    const struct refusal *split = refusal_split(code, message);

    buffer_add_text(out, split ? split->meaning : refusal_find(code)->meaning);
}
