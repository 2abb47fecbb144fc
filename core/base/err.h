/* Error codes. Bad input is data, not an error: it becomes a `struct problem` (ledger.h) with
 * one of these codes. Functions that can fail return `enum err` and must be checked. */
#ifndef CORE_BASE_ERR_H
#define CORE_BASE_ERR_H

#include "core/base/bytes.h"

enum err {
#define ERR(name, text) ERR_##name,
#include "core/base/err.def"
#undef ERR
    ERR_COUNT
};

/* The words of err.def, static. */
const char *err_text(enum err code);

/* The only macro that returns. */
#define TRY(expression)                                                                        \
    do {                                                                                       \
        enum err try_code = (expression);                                                      \
        if (try_code != ERR_OK)                                                                \
            return try_code;                                                                   \
    } while (0)

#endif
