#include "core/reading/foreign.h"

/* Paths that tell formats apart. Each is the number of a bit. */
enum sign {
    SIGN_VERSION,
    SIGN_SOURCE,
    SIGN_NAME,
    SIGN_IDENTITY,
    SIGN_PART,
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
    SIGN_ROUTE,
    SIGN_STATUS,
    SIGN_REQUEST_ID,
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
    SIGN_LOG_OUTPUT,
    SIGN_RESULTS,
    SIGN_STATISTICS,
    SIGN_LAKE_ROWS,
    SIGN_USERS,
    SIGN_ATTRIBUTES,
    SIGN_AUTH_RESPONSE,
    SIGN_UPDATE,
    SIGN_CLAIM,
    SIGN_ASKED,
    SIGN_LOG_TEXT,
    SIGN_LOG_ARRIVAL,
    SIGN_RECORD_TEXT,
    SIGN_GATEWAY,
    SIGN_COUNT
};

static const char SQS_MESSAGE[] = "an SQS message", SNS_EVENT[] = "an SNS event";

/* Several paths may give one sign. */
static const struct {
    enum sign sign;
    const char *path;
} SIGNS[] = {
    {SIGN_VERSION,           "eventVersion"                            },
    {SIGN_SOURCE,            "eventSource"                             },
    {SIGN_NAME,              "eventName"                               },
    {SIGN_IDENTITY,          "userIdentity"                            },
    {SIGN_PART,              "requestParameters"                       },
    {SIGN_PART,              "responseElements"                        },
    {SIGN_ACTIVITY_ID,       "message.eventId"                         },
    {SIGN_ACTIVITY_SUB,      "message.userSub"                         },
    {SIGN_ACTIVITY_TYPE,     "message.eventType"                       },
    {SIGN_ACTIVITY_RESPONSE, "message.eventResponse"                   },
    {SIGN_DETAILS,           "message.details"                         },
    {SIGN_LOG_SOURCE,        "logSourceId"                             },
    {SIGN_DETAIL_TYPE,       "detail-type"                             },
    {SIGN_DETAIL,            "detail"                                  },
    {SIGN_RECORDS,           "Records"                                 },
    {SIGN_MESSAGE_TYPE,      "messageType"                             },
    {SIGN_LOG_EVENTS,        "logEvents"                               },
    {SIGN_CLOUDTRAIL_TEXT,   "CloudTrailEvent"                         },
    {SIGN_CLOUDTRAIL_TEXT,   "cloud_trail_event"                       },
    {SIGN_RECORD_TEXT,       "eventJson"                               },
    {SIGN_OUTER_ID,          "EventId"                                 },
    {SIGN_OUTER_NAME,        "EventName"                               },
    {SIGN_OUTER_EVENTS,      "Events"                                  },
    {SIGN_AUTH_EVENTS,       "AuthEvents"                              },
    {SIGN_AUTH_CONTEXT,      "EventContextData"                        },
    {SIGN_AUTH_RISK,         "EventRisk"                               },
    {SIGN_S3,                "s3"                                      },
    {SIGN_SNS_SOURCE,        "EventSource"                             },
    {SIGN_SNS_SOURCE,        "TopicArn"                                },
    {SIGN_SQS_BODY,          "body"                                    },
    {SIGN_SQS_BODY,          "Body"                                    },
    {SIGN_SQS_HANDLE,        "receiptHandle"                           },
    {SIGN_SQS_HANDLE,        "ReceiptHandle"                           },
    {SIGN_DIGEST_START,      "digestStartTime"                         },
    {SIGN_DIGEST_FILES,      "logFiles"                                },
    {SIGN_INSIGHT,           "insightDetails"                          },
    {SIGN_WINDOW,            "timeWindow"                              },
    {SIGN_SUMMARY,           "summary"                                 },
    {SIGN_CLASS_UID,         "class_uid"                               },
    {SIGN_METADATA,          "metadata"                                },
    {SIGN_ROUTE,             "httpMethod"                              },
    {SIGN_ROUTE,             "routeKey"                                },
    {SIGN_ROUTE,             "resourcePath"                            },
    {SIGN_ROUTE,             "route"                                   },
    {SIGN_ROUTE,             "path"                                    },
    {SIGN_STATUS,            "status"                                  },
    {SIGN_REQUEST_ID,        "requestId"                               },
    {SIGN_REQUEST_ID,        "extendedRequestId"                       },
    {SIGN_GATEWAY,           "$context"                                },
    {SIGN_ROUTE,             "connectionId"                            },
    {SIGN_INTERFACE,         "interface_id"                            },
    {SIGN_SOURCE_ADDRESS,    "srcaddr"                                 },
    {SIGN_QUERY_NAME,        "query_name"                              },
    {SIGN_CONFIGURATION,     "configurationItems"                      },
    {SIGN_PRODUCT_ARN,       "ProductArn"                              },
    {SIGN_SCHEMA_VERSION,    "schemaVersion"                           },
    {SIGN_SEVERITY,          "severity"                                },
    {SIGN_WEB_ACL,           "webaclId"                                },
    {SIGN_AUDIT_ID,          "auditID"                                 },
    {SIGN_ECS_EVENT,         "event"                                   },
    {SIGN_ECS_CLOUD,         "cloud"                                   },
    {SIGN_AT_MESSAGE,        "@message"                                },
    {SIGN_AT_TIME,           "@timestamp"                              },
    {SIGN_LOG_OUTPUT,        "searchedLogStreams"                      },
    {SIGN_LOG_OUTPUT,        "nextForwardToken"                        },
    {SIGN_RESULTS,           "results"                                 },
    {SIGN_STATISTICS,        "statistics"                              },
    {SIGN_LAKE_ROWS,         "QueryResultRows"                         },
    {SIGN_USERS,             "Users"                                   },
    {SIGN_ATTRIBUTES,        "Attributes"                              },
    {SIGN_ATTRIBUTES,        "UserAttributes"                          },
    {SIGN_LOG_TEXT,          "message"                                 },
    {SIGN_LOG_ARRIVAL,       "ingestionTime"                           },
    {SIGN_AUTH_RESPONSE,     "EventResponse"                           },
    {SIGN_UPDATE,            "addendum.reason"                         },
    {SIGN_CLAIM,             "sub"                                     },
    {SIGN_CLAIM,             "subject"                                 },
    {SIGN_CLAIM,             "userSub"                                 },
    {SIGN_CLAIM,             "user_sub"                                },
    {SIGN_CLAIM,             "tenant_id"                               },
    {SIGN_CLAIM,             "tenantId"                                },
    {SIGN_CLAIM,             "message.sub"                             },
    {SIGN_CLAIM,             "message.subject"                         },
    {SIGN_CLAIM,             "claims.sub"                              },
    {SIGN_CLAIM,             "requestContext.authorizer.claims.sub"    },
    {SIGN_CLAIM,             "requestContext.authorizer.jwt.claims.sub"},
    {SIGN_ASKED,             "request_id"                              },
    {SIGN_ASKED,             "requestId"                               },
    {SIGN_ASKED,             "awsRequestId"                            },
    {SIGN_ASKED,             "aws_request_id"                          },
    {SIGN_ASKED,             "function_request_id"                     },
    {SIGN_ASKED,             "requestContext.requestId"                },
};
_Static_assert(SIGN_COUNT <= 64, "one bit each");

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
    if (i >= ARRAY_LEN(SIGNS))
        return NULL;
    *sign = bit(SIGNS[i].sign);
    return SIGNS[i].path;
}

/* ActionTrail of Alibaba Cloud has the keys of CloudTrail. Source: "ActionTrail event
 * structure" of its documentation; seen in published rule tests. */
static bool is_alibaba(struct bytes service)
{
    return bytes_ends(service, ".aliyuncs.com");
}

/* Fragments are read when they are clearly of a record: named calls with one more of the keys
 * that every record has. Notifications of S3, SQS and others share most keys with CloudTrail
 * but their eventSource starts with "aws:". */
static bool is_cloudtrail(uint64_t signs, struct bytes service)
{
    return has(signs, SIGN_NAME) &&
           (has(signs, SIGN_SOURCE) || has(signs, SIGN_VERSION) || has(signs, SIGN_IDENTITY)) &&
           !bytes_starts(service, "aws:") && !is_alibaba(service);
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

/* Source: AuthEventType of the cognito-idp model. */
static bool is_auth_event(uint64_t signs)
{
    return has(signs, SIGN_OUTER_ID) &&
           (has(signs, SIGN_AUTH_RISK) || has(signs, SIGN_AUTH_CONTEXT) ||
            has(signs, SIGN_AUTH_RESPONSE));
}

/* The author of the format chooses the keys; these are what all default ones and most others
 * have. Source: "Set up CloudWatch logging for REST APIs" and the console's formats (2026). */
static bool is_access(uint64_t signs)
{
    return has(signs, SIGN_GATEWAY) ||
           (has(signs, SIGN_REQUEST_ID) && has(signs, SIGN_STATUS) && has(signs, SIGN_ROUTE));
}

bool foreign_format(uint64_t signs, struct bytes service, enum format *out)
{
    if (is_cloudtrail(signs, service))
        *out = FORMAT_CLOUDTRAIL;
    else if (is_activity(signs))
        *out = FORMAT_USER_ACTIVITY;
    else if (is_notification(signs, service))
        *out = FORMAT_USER_NOTIFICATION;
    else if (has(signs, SIGN_INSIGHT))
        *out = FORMAT_INSIGHT;
    else if (has(signs, SIGN_WINDOW) && has(signs, SIGN_SUMMARY))
        *out = FORMAT_OTHER;
    else if (is_auth_event(signs))
        *out = FORMAT_AUTH_EVENT;
    else if (is_access(signs))
        *out = FORMAT_API_ACCESS;
    else
        return false;
    return true;
}

/* Source: keys of the log entry in the seed on logging claims, and their usual spellings. */
bool foreign_is_app_log(uint64_t signs)
{
    return has(signs, SIGN_CLAIM) && has(signs, SIGN_ASKED);
}

bool foreign_is_row(uint64_t signs)
{
    return has(signs, SIGN_AT_TIME);
}

bool foreign_is_holder(uint64_t signs)
{
    return has(signs, SIGN_AT_MESSAGE) || has(signs, SIGN_RECORD_TEXT) ||
           has(signs, SIGN_CLOUDTRAIL_TEXT);
}

bool foreign_is_user(uint64_t signs)
{
    return has(signs, SIGN_ATTRIBUTES);
}

bool foreign_is_carrier(const char *seems)
{
    return strcmp(seems, SQS_MESSAGE) == 0 || strcmp(seems, SNS_EVENT) == 0;
}

bool foreign_is_update(uint64_t signs)
{
    return has(signs, SIGN_UPDATE);
}

const char *const FOREIGN_STATISTIC =
    "a row of a query's result that counts or sums up, no event";

static const char *const CONTROL = "a control message of CloudWatch Logs";

/* Source: "Subscription filters with Amazon Data Firehose", CloudWatch Logs User Guide (2026).
 */
bool foreign_is_control(struct bytes text, const char **seems)
{
    if (!bytes_starts(text, "CWL CONTROL MESSAGE"))
        return false;
    *seems = CONTROL;
    return true;
}

/* eventSource of notifications that look like CloudTrail records. */
static const struct {
    const char *service, *seems;
    bool aside;
} NOTIFICATIONS[] = {
    {"aws:s3",       "an S3 event notification",  true },
    {"aws:sqs",      SQS_MESSAGE,                 false},
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
    {SIGN_CLOUDTRAIL_TEXT, SIGN_CLOUDTRAIL_TEXT,
     "an object that held a CloudTrail record as text", false},
    {SIGN_OUTER_ID, SIGN_OUTER_NAME, "output of aws cloudtrail lookup-events", false},
    {SIGN_DETAIL_TYPE, SIGN_DETAIL, "an EventBridge event", false},
    {SIGN_MESSAGE_TYPE, SIGN_LOG_EVENTS, "CloudWatch Logs subscription data", false},
    {SIGN_LOG_OUTPUT, SIGN_LOG_OUTPUT, "output of aws logs", false},
    {SIGN_RESULTS, SIGN_STATISTICS, "output of aws logs get-query-results", false},
    {SIGN_AT_MESSAGE, SIGN_AT_MESSAGE, "a CloudWatch Logs Insights result", false},
    {SIGN_LAKE_ROWS, SIGN_LAKE_ROWS, "CloudTrail Lake query results", false},
    {SIGN_AUTH_EVENTS, SIGN_AUTH_EVENTS,
     "output of aws cognito-idp admin-list-user-auth-events", false},
    {SIGN_AUTH_CONTEXT, SIGN_AUTH_CONTEXT,
     "an event of aws cognito-idp admin-list-user-auth-events", false},
    {SIGN_USERS, SIGN_USERS, "a list of users that is none of a user pool", true},
    {SIGN_S3, SIGN_SOURCE, "an S3 event notification", true},
    {SIGN_SQS_BODY, SIGN_SQS_HANDLE, SQS_MESSAGE, false},
    {SIGN_SNS_SOURCE, SIGN_SNS_SOURCE, SNS_EVENT, false},
    {SIGN_DIGEST_START, SIGN_DIGEST_FILES, "a CloudTrail digest", true},
    {SIGN_CLASS_UID, SIGN_METADATA, "an OCSF event", false},
    {SIGN_INTERFACE, SIGN_SOURCE_ADDRESS, "a VPC flow log record", true},
    {SIGN_QUERY_NAME, SIGN_QUERY_NAME, "a Route 53 Resolver query log record", true},
    {SIGN_WEB_ACL, SIGN_WEB_ACL, "an AWS WAF log record", true},
    {SIGN_CONFIGURATION, SIGN_CONFIGURATION, "an AWS Config snapshot", true},
    {SIGN_PRODUCT_ARN, SIGN_PRODUCT_ARN, "a Security Hub finding", true},
    {SIGN_SCHEMA_VERSION, SIGN_SEVERITY, "a GuardDuty finding", true},
    {SIGN_AUDIT_ID, SIGN_AUDIT_ID, "a Kubernetes audit record", true},
    {SIGN_REQUEST_ID, SIGN_ROUTE, "part of an API Gateway access log record", false},
    {SIGN_AT_TIME, SIGN_ECS_EVENT, "an Elastic Common Schema document", false},
    {SIGN_ECS_CLOUD, SIGN_ECS_EVENT, "an Elastic Common Schema document", false},
    {SIGN_RECORDS, SIGN_RECORDS, "Records in a list, that are no list, or behind 64 keys or 64 KiB", false},
    {SIGN_LOG_TEXT, SIGN_LOG_ARRIVAL, "an event of CloudWatch Logs without its time or text",
     false},
    {SIGN_AT_TIME, SIGN_AT_TIME, "a row of a CloudWatch Logs Insights result without a record",
     false},
    {SIGN_OUTER_EVENTS, SIGN_OUTER_EVENTS, "output of an AWS command (Events)", false},
    {SIGN_DETAILS, SIGN_DETAILS, "a message without logSourceId", false},
    {SIGN_ACTIVITY_TYPE, SIGN_ACTIVITY_TYPE, "part of a user-activity record", false},
    {SIGN_VERSION, SIGN_VERSION, "part of a CloudTrail record", false},
    {SIGN_NAME, SIGN_NAME, "part of a CloudTrail record", false},
    {SIGN_PART, SIGN_PART, "part of a CloudTrail record", false},
};
// clang-format on

const char *foreign_seems(uint64_t signs, struct bytes service)
{
    for (size_t i = 0; i < ARRAY_LEN(NOTIFICATIONS); i++)
        if (bytes_starts(service, NOTIFICATIONS[i].service))
            return NOTIFICATIONS[i].seems;
    if (is_alibaba(service))
        return "an Alibaba Cloud ActionTrail event";
    for (size_t i = 0; i < ARRAY_LEN(SEEMS); i++)
        if (has(signs, SEEMS[i].one) && has(signs, SEEMS[i].two))
            return SEEMS[i].seems;
    return NULL;
}

bool foreign_is_aside(const char *seems)
{
    if (seems == CONTROL || strcmp(seems, FOREIGN_STATISTIC) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(NOTIFICATIONS); i++)
        if (strcmp(seems, NOTIFICATIONS[i].seems) == 0)
            return NOTIFICATIONS[i].aside;
    for (size_t i = 0; i < ARRAY_LEN(SEEMS); i++)
        if (strcmp(seems, SEEMS[i].seems) == 0)
            return SEEMS[i].aside;
    return false;
}
