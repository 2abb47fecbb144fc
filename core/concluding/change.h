/* What calls that change a configuration set: the parameters of each, and what the same ones
 * were at the call before, where the records hold it.
 *
 * Read from the records again, as parameters have no columns. What a setting was before is only
 * known from an earlier call of the same operation on the same pool, client or other target:
 * reads of a configuration are recorded without their answer. */
#ifndef CORE_CONCLUDING_CHANGE_H
#define CORE_CONCLUDING_CHANGE_H

#include "core/concluding/triage.h"

enum {
    CHANGE_EVENTS = 20,       /* calls of a finding that are read */
    CHANGE_SETTINGS = 100,    /* parameters of a call */
    CHANGE_VALUE_BYTES = 2000 /* of a value; the record has the rest */
};

enum change_kind {
    CHANGE_SET,   /* what it was is not known */
    CHANGE_MADE,  /* it was something else */
    CHANGE_NONE,  /* it was the same */
    CHANGE_UNSET, /* given before, not given now: for an update that means the default */
};

struct change_setting {
    struct bytes path, name;    /* "passwordPolicy.minimumLength" and its last part */
    struct bytes value, before; /* as JSON has them, cut; either may be empty */
    enum change_kind kind;
    bool is_cut;
};

struct change {
    row_id row;
    struct bytes operation;
    enum outcome outcome; /* what did not succeed changed nothing */
    bool is_read;         /* else the record could not be read again */
    bool has_before;      /* an earlier call is there */
    row_id before;        /* that call */
    struct change_setting *settings;
    uint32_t n_settings;
    bool is_cut; /* there are more */
};

struct changes {
    struct change *items;
    uint32_t count, n_left; /* calls that were not read */
    struct arena arena;
};

struct archive;
struct load;

/* For findings of configuration tampering; empty for others. Blocks while records are read,
 * from the archive and with `load`'s maps of big files (may be NULL). */
void changes_read(struct changes *c, const struct triage *t, const struct finding *f,
                  struct archive *archive, struct load *load);
void changes_deinit(struct changes *c);

/* Appends "minimumLength 6 (was 12)". `hide` gives what may be shown of a value under a name;
 * the text is valid until its next call. */
void change_write(const struct change_setting *s,
                  struct bytes (*hide)(void *context, struct bytes name, struct bytes value),
                  void *context, struct buffer *out);

#endif
