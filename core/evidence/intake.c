#include "core/evidence/intake.h"

#include "core/base/mem.h"

void intake_init(struct intake *in, struct intake_source source, size_t cap)
{
    *in = (struct intake){.source = source, .cap = cap};
    in->buf = mem_resize(NULL, cap, 1);
}

void intake_deinit(struct intake *in)
{
    mem_free(in->buf);
}

uint64_t intake_offset(const struct intake *in)
{
    return in->base + in->at;
}

/* Adds bytes behind `end`, after moving what is still needed to the front. */
static void intake_fill(struct intake *in)
{
    size_t drop = in->at > INTAKE_BACK_BYTES ? in->at - INTAKE_BACK_BYTES : 0;
    size_t got;

    if (drop > 0)
        memmove(in->buf, in->buf + drop, in->end - drop);
    in->base += drop;
    in->at -= drop;
    in->end -= drop;
    got = in->source.read(in->source.context, in->buf + in->end, in->cap - in->end);
    in->end += got;
    in->eof = got == 0;
}

size_t intake_need(struct intake *in, size_t want)
{
    while (in->end - in->at < want && !in->eof)
        intake_fill(in);
    return in->end - in->at;
}

int intake_byte(struct intake *in)
{
    if (in->at == in->end && intake_need(in, 1) == 0)
        return -1;
    return in->buf[in->at++];
}

void intake_seek(struct intake *in, uint64_t offset)
{
    in->source.seek(in->source.context, offset);
    in->base = offset;
    in->at = in->end = 0;
    in->eof = false;
}
