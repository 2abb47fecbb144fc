#include "tests/data/activity.h"

#include <inttypes.h>
#include <time.h>

/* "Wed Nov 18 09:12:44 UTC 2026", whatever the locale. */
static void write_java_date(struct text *out, int64_t time_s)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)time_s;
    struct tm t;
    gmtime_r(&seconds, &t);
    text_printf(out, "\"creationDate\":\"%.3s %.3s %02d %02d:%02d:%02d UTC %d\"",
                days + t.tm_wday * 3, months + t.tm_mon * 3, t.tm_mday, t.tm_hour, t.tm_min,
                t.tm_sec, t.tm_year + 1900);
}

void activity_write(struct text *out, const struct activity *a)
{
    text_printf(out,
                "{\"eventTimestamp\":\"%" PRId64 "\",\"eventSource\":\"USER_ACTIVITY\","
                "\"logLevel\":\"INFO\",\"message\":{\"version\":\"1\",\"eventId\":\"%s\","
                "\"eventType\":\"%s\",\"userSub\":\"%s\",\"userName\":\"%s\","
                "\"userPoolId\":\"%s\",\"clientId\":\"%s\",",
                a->time_s * 1000 + 417, a->event_id, a->type, a->sub, a->user, a->pool,
                a->client);
    write_java_date(out, a->time_s);
    text_printf(out,
                ",\"eventResponse\":\"%s\",\"riskLevel\":\"%s\",\"riskDecision\":\"%s\","
                "\"challenges\":%s,\"deviceName\":\"%s\",\"ipAddress\":\"%s\","
                "\"requestId\":\"%s\",\"idpName\":\"\","
                "\"compromisedCredentialDetected\":\"%s\",\"city\":\"%s\","
                "\"country\":\"%s\",\"eventFeedbackValue\":\"\",\"eventFeedbackDate\":\"\","
                "\"eventFeedbackProvider\":\"\",\"hasContextData\":\"%s\"},"
                "\"logSourceId\":{\"userPoolId\":\"%s\"}}\n",
                a->response, a->risk, a->decision, a->challenges, a->device, a->ip,
                a->request_id, a->compromised, a->city, a->country, *a->city ? "true" : "false", a->pool);
}

void notification_write(struct text *out, int64_t time_s, const char *pool, const char *details)
{
    text_printf(out,
                "{\"eventTimestamp\":\"%" PRId64 "\",\"eventSource\":\"USER_NOTIFICATION\","
                "\"logLevel\":\"ERROR\",\"message\":{\"details\":",
                time_s * 1000 + 88);
    text_add_quoted(out, details);
    text_printf(out, "},\"logSourceId\":{\"userPoolId\":\"%s\"}}\n", pool);
}
