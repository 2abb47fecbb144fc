#include "core/base/err.h"

static const char *const texts[] = {
#define ERR(name, text) text,
#include "core/base/err.def"
#undef ERR
};

const char *err_text(enum err code)
{
    return (size_t)code < ARRAY_LEN(texts) ? texts[code] : "unknown error";
}
