/* Secrets and personal data that stand in the logs in clear.
 *
 * Looks at every different text of the columns that programs write into, once each, so it costs
 * what the dictionaries are long; then at the rows that hold a text that was caught. Texts
 * without a column are found by searching whole records. */
#ifndef CORE_CONCLUDING_EXPOSURE_H
#define CORE_CONCLUDING_EXPOSURE_H

#include "core/concluding/weigh.h"

enum exposure {
    EXPOSURE_NONE,
    EXPOSURE_TOKEN, /* the shape of a JSON Web Token */
    EXPOSURE_SECRET,
    EXPOSURE_PHONE,
    EXPOSURE_EMAIL,
    EXPOSURE_COUNT
};

/* The worst that stands in a text. */
enum exposure exposure_of(struct bytes text);

const char *exposure_name(enum exposure e); /* "tokens" */
enum severity exposure_severity(enum exposure e);

/* Appends one finding per kind and field. */
void exposure_find(const struct signals *s, const struct rules *rules, struct findings *out,
                   const atomic_bool *cancelled);

#endif
