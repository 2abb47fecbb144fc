#include "core/reading/foreign.h"

/* Paths that tell formats apart. Each is the number of a bit. */
enum sign {
    SIGN_VERSION,
    SIGN_SOURCE,
    SIGN_NAME,
    SIGN_IDENTITY,
    SIGN_REQUEST,
    SIGN_RESPONSE,
    SIGN_ACTIVITY_ID,
    SIGN_ACTIVITY_SUB,
    SIGN_ACTIVITY_TYPE,
    SIGN_ACTIVITY_RESPONSE,
    SIGN_DETAILS,
    SIGN_LOG_SOURCE,
    SIGN_DETAIL_TYPE,
    SIGN_DETAIL,
    SIGN_RECORDS,
    SIGN_MESSAGE_TYPE,
    SIGN_LOG_EVENTS,
    SIGN_CLOUDTRAIL_TEXT,
    SIGN_CLOUD_TRAIL_TEXT,
    SIGN_OUTER_ID,
    SIGN_OUTER_NAME,
    SIGN_OUTER_EVENTS,
    SIGN_AUTH_EVENTS,
    SIGN_AUTH_CONTEXT,
    SIGN_AUTH_RISK,
    SIGN_S3,
    SIGN_SNS_SOURCE,
    SIGN_SQS_BODY,
    SIGN_SQS_HANDLE,
    SIGN_DIGEST_START,
    SIGN_DIGEST_FILES,
    SIGN_INSIGHT,
    SIGN_WINDOW,
    SIGN_SUMMARY,
    SIGN_CLASS_UID,
    SIGN_METADATA,
    SIGN_HTTP_METHOD,
    SIGN_ROUTE_KEY,
    SIGN_RESOURCE_PATH,
    SIGN_PROTOCOL,
    SIGN_REQUEST_ID,
    SIGN_CONNECTION,
    SIGN_INTERFACE,
    SIGN_SOURCE_ADDRESS,
    SIGN_QUERY_NAME,
    SIGN_CONFIGURATION,
    SIGN_PRODUCT_ARN,
    SIGN_SCHEMA_VERSION,
    SIGN_SEVERITY,
    SIGN_WEB_ACL,
    SIGN_AUDIT_ID,
    SIGN_ECS_EVENT,
    SIGN_ECS_CLOUD,
    SIGN_AT_MESSAGE,
    SIGN_AT_TIME,
    SIGN_FILTER_STREAMS,
    SIGN_FORWARD_TOKEN,
    SIGN_RESULTS,
    SIGN_STATISTICS,
    SIGN_LAKE_ROWS,
    SIGN_USERS,
    SIGN_LOG_TIME,
    SIGN_LOG_TEXT,
    SIGN_LOG_ARRIVAL,
    SIGN_COUNT
};

static const char *const SIGNS[SIGN_COUNT] = {
    [SIGN_VERSION] = "eventVersion",
    [SIGN_SOURCE] = "eventSource",
    [SIGN_NAME] = "eventName",
    [SIGN_IDENTITY] = "userIdentity",
    [SIGN_REQUEST] = "requestParameters",
    [SIGN_RESPONSE] = "responseElements",
    [SIGN_ACTIVITY_ID] = "message.eventId",
    [SIGN_ACTIVITY_SUB] = "message.userSub",
    [SIGN_ACTIVITY_TYPE] = "message.eventType",
    [SIGN_ACTIVITY_RESPONSE] = "message.eventResponse",
    [SIGN_DETAILS] = "message.details",
    [SIGN_LOG_SOURCE] = "logSourceId",
    [SIGN_DETAIL_TYPE] = "detail-type",
    [SIGN_DETAIL] = "detail",
    [SIGN_RECORDS] = "Records",
    [SIGN_MESSAGE_TYPE] = "messageType",
    [SIGN_LOG_EVENTS] = "logEvents",
    [SIGN_CLOUDTRAIL_TEXT] = "CloudTrailEvent",
    [SIGN_CLOUD_TRAIL_TEXT] = "cloud_trail_event",
    [SIGN_OUTER_ID] = "EventId",
    [SIGN_OUTER_NAME] = "EventName",
    [SIGN_OUTER_EVENTS] = "Events",
    [SIGN_AUTH_EVENTS] = "AuthEvents",
    [SIGN_AUTH_CONTEXT] = "EventContextData",
    [SIGN_AUTH_RISK] = "EventRisk",
    [SIGN_S3] = "s3",
    [SIGN_SNS_SOURCE] = "EventSource",
    [SIGN_SQS_BODY] = "body",
    [SIGN_SQS_HANDLE] = "receiptHandle",
    [SIGN_DIGEST_START] = "digestStartTime",
    [SIGN_DIGEST_FILES] = "logFiles",
    [SIGN_INSIGHT] = "insightDetails",
    [SIGN_WINDOW] = "timeWindow",
    [SIGN_SUMMARY] = "summary",
    [SIGN_CLASS_UID] = "class_uid",
    [SIGN_METADATA] = "metadata",
    [SIGN_HTTP_METHOD] = "httpMethod",
    [SIGN_ROUTE_KEY] = "routeKey",
    [SIGN_RESOURCE_PATH] = "resourcePath",
    [SIGN_PROTOCOL] = "protocol",
    [SIGN_REQUEST_ID] = "requestId",
    [SIGN_CONNECTION] = "connectionId",
    [SIGN_INTERFACE] = "interface_id",
    [SIGN_SOURCE_ADDRESS] = "srcaddr",
    [SIGN_QUERY_NAME] = "query_name",
    [SIGN_CONFIGURATION] = "configurationItems",
    [SIGN_PRODUCT_ARN] = "ProductArn",
    [SIGN_SCHEMA_VERSION] = "schemaVersion",
    [SIGN_SEVERITY] = "severity",
    [SIGN_WEB_ACL] = "webaclId",
    [SIGN_AUDIT_ID] = "auditID",
    [SIGN_ECS_EVENT] = "event",
    [SIGN_ECS_CLOUD] = "cloud",
    [SIGN_AT_MESSAGE] = "@message",
    [SIGN_AT_TIME] = "@timestamp",
    [SIGN_FILTER_STREAMS] = "searchedLogStreams",
    [SIGN_FORWARD_TOKEN] = "nextForwardToken",
    [SIGN_RESULTS] = "results",
    [SIGN_STATISTICS] = "statistics",
    [SIGN_LAKE_ROWS] = "QueryResultRows",
    [SIGN_USERS] = "Users",
    [SIGN_LOG_TIME] = "timestamp",
    [SIGN_LOG_TEXT] = "message",
    [SIGN_LOG_ARRIVAL] = "ingestionTime",
};

static uint64_t bit(enum sign sign)
{
    return UINT64_C(1) << sign;
}

static bool has(uint64_t signs, enum sign sign)
{
    return signs & bit(sign);
}

const char *foreign_sign(size_t i, uint64_t *sign)
{
    if (i >= SIGN_COUNT)
        return NULL;
    *sign = bit((enum sign)i);
    return SIGNS[i];
}

/* Fragments are read when they are clearly of a record: named calls with one more of the keys
 * that every record has. Notifications of S3, SQS and others share most keys with CloudTrail
 * but their eventSource starts with "aws:". */
static bool is_cloudtrail(uint64_t signs, struct bytes service)
{
    return has(signs, SIGN_NAME) &&
           (has(signs, SIGN_SOURCE) || has(signs, SIGN_VERSION) || has(signs, SIGN_IDENTITY)) &&
           !bytes_starts(service, "aws:");
}

/* By shape: real exports have been seen with an eventSource other than the documented one. */
static bool is_activity(uint64_t signs)
{
    return has(signs, SIGN_ACTIVITY_TYPE) &&
           (has(signs, SIGN_ACTIVITY_ID) || has(signs, SIGN_ACTIVITY_SUB)) &&
           (has(signs, SIGN_LOG_SOURCE) || has(signs, SIGN_ACTIVITY_RESPONSE));
}

static bool is_notification(uint64_t signs, struct bytes service)
{
    return has(signs, SIGN_DETAILS) &&
           (has(signs, SIGN_LOG_SOURCE) || bytes_are(service, "USER_NOTIFICATION"));
}

bool foreign_format(uint64_t signs, struct bytes service, enum format *out)
{
    if (is_cloudtrail(signs, service))
        *out = FORMAT_CLOUDTRAIL;
    else if (is_activity(signs))
        *out = FORMAT_USER_ACTIVITY;
    else if (is_notification(signs, service))
        *out = FORMAT_USER_NOTIFICATION;
    else
        return false;
    return true;
}

/* Source: API reference of CloudWatch Logs, FilteredLogEvent and OutputLogEvent (2026). */
bool foreign_is_log_event(uint64_t signs)
{
    return has(signs, SIGN_LOG_TIME) && has(signs, SIGN_LOG_TEXT) &&
           has(signs, SIGN_LOG_ARRIVAL);
}

/* eventSource of notifications that look like CloudTrail records. */
static const struct {
    const char *service, *seems;
    bool aside;
} NOTIFICATIONS[] = {
    {"aws:s3",       "an S3 event notification",  true },
    {"aws:sqs",      "an SQS message",            false},
    {"aws:kinesis",  "a Kinesis record",          false},
    {"aws:dynamodb", "a DynamoDB stream record",  true },
    {"aws:",         "an AWS event notification", false},
};

// clang-format off
/* The first row whose signs (one or two) are all there. `aside` is for kinds that hold neither
 * calls nor sign-ins, not even as text in text: findings, statistics, traffic,
 * lists of files. */
static const struct {
    enum sign one, two;
    const char *seems;
    bool aside;
} SEEMS[] = {
    {SIGN_CLOUDTRAIL_TEXT, SIGN_CLOUDTRAIL_TEXT, "output of aws cloudtrail lookup-events", false},
    {SIGN_CLOUD_TRAIL_TEXT, SIGN_CLOUD_TRAIL_TEXT,
     "a CloudTrail record as text inside another log", false},
    {SIGN_OUTER_ID, SIGN_OUTER_NAME, "output of aws cloudtrail lookup-events", false},
    {SIGN_DETAIL_TYPE, SIGN_DETAIL, "an EventBridge event", false},
    {SIGN_MESSAGE_TYPE, SIGN_LOG_EVENTS, "CloudWatch Logs subscription data", false},
    {SIGN_FILTER_STREAMS, SIGN_FILTER_STREAMS, "output of aws logs filter-log-events", false},
    {SIGN_FORWARD_TOKEN, SIGN_FORWARD_TOKEN, "output of aws logs get-log-events", false},
    {SIGN_RESULTS, SIGN_STATISTICS, "output of aws logs get-query-results", false},
    {SIGN_AT_MESSAGE, SIGN_AT_MESSAGE, "a CloudWatch Logs Insights result", false},
    {SIGN_LAKE_ROWS, SIGN_LAKE_ROWS, "CloudTrail Lake query results", false},
    {SIGN_AUTH_EVENTS, SIGN_AUTH_EVENTS,
     "output of aws cognito-idp admin-list-user-auth-events", false},
    {SIGN_AUTH_CONTEXT, SIGN_AUTH_CONTEXT,
     "an event of aws cognito-idp admin-list-user-auth-events", false},
    {SIGN_AUTH_RISK, SIGN_AUTH_RISK, "an event of aws cognito-idp admin-list-user-auth-events", false},
    {SIGN_USERS, SIGN_USERS, "output of aws cognito-idp list-users", true},
    {SIGN_S3, SIGN_SOURCE, "an S3 event notification", true},
    {SIGN_SQS_BODY, SIGN_SQS_HANDLE, "an SQS message", false},
    {SIGN_SNS_SOURCE, SIGN_SNS_SOURCE, "an SNS event", false},
    {SIGN_DIGEST_START, SIGN_DIGEST_FILES, "a CloudTrail digest", true},
    {SIGN_INSIGHT, SIGN_INSIGHT, "a CloudTrail Insights event", true},
    {SIGN_WINDOW, SIGN_SUMMARY, "a CloudTrail aggregated event", true},
    {SIGN_CLASS_UID, SIGN_METADATA, "an OCSF event", false},
    {SIGN_INTERFACE, SIGN_SOURCE_ADDRESS, "a VPC flow log record", true},
    {SIGN_QUERY_NAME, SIGN_QUERY_NAME, "a Route 53 Resolver query log record", true},
    {SIGN_WEB_ACL, SIGN_WEB_ACL, "an AWS WAF log record", true},
    {SIGN_CONFIGURATION, SIGN_CONFIGURATION, "an AWS Config snapshot", true},
    {SIGN_PRODUCT_ARN, SIGN_PRODUCT_ARN, "a Security Hub finding", true},
    {SIGN_SCHEMA_VERSION, SIGN_SEVERITY, "a GuardDuty finding", true},
    {SIGN_AUDIT_ID, SIGN_AUDIT_ID, "a Kubernetes audit record", true},
    {SIGN_REQUEST_ID, SIGN_HTTP_METHOD, "an API Gateway access log record", false},
    {SIGN_REQUEST_ID, SIGN_ROUTE_KEY, "an API Gateway access log record", false},
    {SIGN_REQUEST_ID, SIGN_RESOURCE_PATH, "an API Gateway access log record", false},
    {SIGN_REQUEST_ID, SIGN_CONNECTION, "an API Gateway access log record", false},
    {SIGN_AT_TIME, SIGN_ECS_EVENT, "an Elastic Common Schema document", false},
    {SIGN_ECS_CLOUD, SIGN_ECS_EVENT, "an Elastic Common Schema document", false},
    {SIGN_RECORDS, SIGN_RECORDS, "a log file wrapper inside a list of records", false},
    {SIGN_LOG_TEXT, SIGN_LOG_ARRIVAL, "an event of CloudWatch Logs without its time or text",
     false},
    {SIGN_OUTER_EVENTS, SIGN_OUTER_EVENTS, "output of an AWS command (Events)", false},
    {SIGN_DETAILS, SIGN_DETAILS, "a message without logSourceId", false},
    {SIGN_ACTIVITY_TYPE, SIGN_ACTIVITY_TYPE, "part of a user-activity record", false},
    {SIGN_VERSION, SIGN_VERSION, "part of a CloudTrail record", false},
    {SIGN_NAME, SIGN_NAME, "part of a CloudTrail record", false},
    {SIGN_RESPONSE, SIGN_RESPONSE, "part of a CloudTrail record", false},
    {SIGN_REQUEST, SIGN_REQUEST, "part of a CloudTrail record", false},
};
// clang-format on

const char *foreign_seems(uint64_t signs, struct bytes service)
{
    for (size_t i = 0; i < ARRAY_LEN(NOTIFICATIONS); i++)
        if (bytes_starts(service, NOTIFICATIONS[i].service))
            return NOTIFICATIONS[i].seems;
    for (size_t i = 0; i < ARRAY_LEN(SEEMS); i++)
        if (has(signs, SEEMS[i].one) && has(signs, SEEMS[i].two))
            return SEEMS[i].seems;
    return "a JSON object of an unknown kind";
}

bool foreign_is_aside(const char *seems)
{
    for (size_t i = 0; i < ARRAY_LEN(NOTIFICATIONS); i++)
        if (strcmp(seems, NOTIFICATIONS[i].seems) == 0)
            return NOTIFICATIONS[i].aside;
    for (size_t i = 0; i < ARRAY_LEN(SEEMS); i++)
        if (strcmp(seems, SEEMS[i].seems) == 0)
            return SEEMS[i].aside;
    return false;
}
