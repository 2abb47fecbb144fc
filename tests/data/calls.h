/* The calls that the story is told in: one function per kind of record. */
#ifndef TESTS_DATA_CALLS_H
#define TESTS_DATA_CALLS_H

#include "tests/data/story.h"

/* From where and by whom something is called. */
struct visit {
    const struct person *person; /* NULL: a user that does not exist */
    const char *ip, *agent;
    const char *client;
};

/* A person at their own device. */
struct visit visit_of(const struct story *s, const struct person *p);

/* InitiateAuth, so far without an answer. */
struct story_event *call_initiate(struct story *s, int64_t time_s, struct visit v,
                                  const char *flow);

/* RespondToAuthChallenge, so far without an answer. */
struct story_event *call_respond(struct story *s, int64_t time_s, struct visit v,
                                 const char *challenge);

/* A call that the access token authorises: GetUser, UpdateUserAttributes, … `request` is the
 * JSON of requestParameters. */
struct story_event *call_with_token(struct story *s, int64_t time_s, struct visit v,
                                    const char *name, const char *request);

/* A call without any token that names the user: SignUp, ForgotPassword, … `extra` are further
 * members of requestParameters, with a leading comma, or "". */
struct story_event *call_by_name(struct story *s, int64_t time_s, struct visit v,
                                 const char *name, const char *extra);

/* A page or form of the hosted UI or the token endpoint. `parameters` are members of
 * additionalEventData.requestParameters before client_id, with a trailing comma, or "". */
struct story_event *call_hosted(struct story *s, int64_t time_s, struct visit v,
                                const char *name, const char *parameters, int status);

/* A call to the identity pool with the person's token. */
struct story_event *call_identity(struct story *s, int64_t time_s, struct visit v,
                                  const char *name);

/* Something in S3 done with credentials that the identity pool issued. */
struct story_event *call_s3(struct story *s, int64_t time_s, struct visit v,
                            const char *access_key, const char *name, const char *object);

/* An administrator's call; `caller` signs it. */
struct story_event *call_admin(struct story *s, int64_t time_s, struct caller caller,
                               const char *name, const char *request,
                               const struct person *about);

/* A call of the API with the token of a person, or with NULL of the client's own. */
struct story_event *call_api(struct story *s, int64_t time_s, struct visit v, const char *path);

/* Answers. */
void answer_tokens(struct story_event *e, bool with_refresh_token);
void answer_challenge(struct story_event *e, const char *response);
void answer_error(struct story_event *e, const char *code, const char *message);

/* Adds the twin in the user-activity export. `challenges` is JSON. */
void export_activity(struct story_event *e, const char *type, const char *response,
                     const char *challenges);

/* A new ASIA… key, kept. */
const char *new_access_key(struct story *s);

/* The role that people get from the identity pool. */
struct caller cognito_caller(struct story *s, const struct person *p, const char *access_key,
                             int64_t since_s);

#define CHALLENGE_PASSWORD_VERIFIER                                                            \
    "{\"challengeName\":\"PASSWORD_VERIFIER\",\"challengeParameters\":" MASKED_JSON "}"
#define CHALLENGE_TOTP                                                                         \
    "{\"challengeName\":\"SOFTWARE_TOKEN_MFA\",\"session\":" MASKED_JSON                       \
    ",\"challengeParameters\":" MASKED_JSON "}"
#define PASSWORD_PASSED "[{\"challengeName\":\"Password\",\"challengeResponse\":\"Success\"}]"
#define PASSWORD_FAILED "[{\"challengeName\":\"Password\",\"challengeResponse\":\"Failure\"}]"
#define MFA_PASSED                                                                             \
    "[{\"challengeName\":\"Password\",\"challengeResponse\":\"Success\"},"                     \
    "{\"challengeName\":\"Mfa\",\"challengeResponse\":\"Success\"}]"
#define MFA_FAILED                                                                             \
    "[{\"challengeName\":\"Password\",\"challengeResponse\":\"Success\"},"                     \
    "{\"challengeName\":\"Mfa\",\"challengeResponse\":\"Failure\"}]"

#endif
