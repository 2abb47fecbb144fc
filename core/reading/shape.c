#include "core/reading/shape.h"

static const struct shape SHAPES[] = {
#define SHAPE(name, where, format, events, example)                                            \
    {name, where, example, FORMAT_##format, events, false},
#define NAMES(name, where, example) {name, where, example, FORMAT_COUNT, 0, true},
#define LEFT_OUT(name, why, example) {name, why, example, FORMAT_COUNT, 0, false},
#include "core/reading/shapes.def"
};

const struct shape *shape_get(size_t i)
{
    return i < ARRAY_LEN(SHAPES) ? &SHAPES[i] : NULL;
}
