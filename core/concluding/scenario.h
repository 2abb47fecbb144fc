/* What triage can find: each scenario's name, meaning and limits in plain words.
 *
 * One table, from which the queue, the detail, --findings and the manual take their words. The
 * slugs are a stable interface. Threads: any. */
#ifndef CORE_CONCLUDING_SCENARIO_H
#define CORE_CONCLUDING_SCENARIO_H

#include "core/reading/field.h"

enum scenario {
    SCENARIO_COMPROMISE,
    SCENARIO_STUFFING,
    SCENARIO_SPRAYING,
    SCENARIO_BRUTE_FORCE,
    SCENARIO_ENUMERATION,
    SCENARIO_RESET_ABUSE,
    SCENARIO_TOKEN_THEFT,
    SCENARIO_M2M,
    SCENARIO_CODE_GUESSING,
    SCENARIO_SMS_PUMPING,
    SCENARIO_THROTTLING,
    SCENARIO_TAMPERING,
    SCENARIO_RISKY,
    SCENARIO_CALLBACK,
    SCENARIO_OVER_LOGGING,
    SCENARIO_COUNT
};

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_COUNT };

const char *severity_name(enum severity s); /* "high" */

struct scenario_text {
    const char *slug, *title;
    const char *technique; /* ATT&CK: "T1110.004 Credential Stuffing"; never NULL */
    const char *what;      /* what it is */
    const char *benign;    /* what looks the same and is harmless */
    const char *blind;     /* what the logs cannot show */
    /* What to do, a line each, NULL behind the last: sentences, and commands as text that
     * begin with "aws ". {ip} {sub} {user} {client} {pool} {actor} stand for values. */
    const char *const *next;
};

const struct scenario_text *scenario_text(enum scenario s);
bool scenario_find(struct bytes slug, enum scenario *out);

#endif
