/* Whether a file on disk can be the S3 object of a key, by its path.
 *
 * Offline nobody knows which bucket a file was taken from: the path is compared from its end.
 * Threads: any. */
#ifndef CORE_PROVING_PLACE_H
#define CORE_PROVING_PLACE_H

#include "core/base/bytes.h"

enum place {
    PLACE_OTHER_NAME, /* another file */
    PLACE_MOVED,      /* the name, but below AWSLogs in another folder than the key says */
    PLACE_NAME,       /* the name; the folders tell nothing, or only a part */
    PLACE_KEY,        /* all of the key from AWSLogs on, or the whole key */
};

enum place place_of(struct bytes path, struct bytes key);

/* The last step of a path or key; `.gz` at its end is left out, so that a file that was
 * unpacked keeps its name. */
struct bytes place_name(struct bytes path);

#endif
