/* The unified fields: one vocabulary over all formats.
 *
 * fields.def holds everything once: the fields (name, kind, title, meaning), the paths where
 * each format keeps them (in order of preference, with the source of the fact), and the
 * vocabularies. Query names, completion, manual, column chooser, pivots and the extractor all
 * derive from it. */
#ifndef CORE_READING_FIELD_H
#define CORE_READING_FIELD_H

#include "core/base/err.h"

/* What a record is. The numbers are positions in the `format` vocabulary. */
enum format {
#define FORMAT(id, name, letter, meaning) FORMAT_##id,
#include "core/reading/fields.def"
    FORMAT_COUNT
};

enum stage {
#define STAGE(id, name, meaning) STAGE_##id,
#include "core/reading/fields.def"
    STAGE_COUNT
};

enum outcome {
#define OUTCOME(id, name, meaning) OUTCOME_##id,
#include "core/reading/fields.def"
    OUTCOME_COUNT
};

/* Why an event ended as it did, finer than `error`: one code can have several. */
enum reason {
#define REASON(id, name, meaning) REASON_##id,
#include "core/reading/fields.def"
    REASON_COUNT
};

enum field_kind {
    FIELD_INSTANT,  /* a time */
    FIELD_TEXT,     /* dictionary of texts */
    FIELD_CHOICE,   /* dictionary whose first texts are a fixed vocabulary */
    FIELD_UNIQUE,   /* mostly different in every event: 16-byte UUIDs, other texts aside */
    FIELD_POSITION, /* where the record stands: file, offset, length */
};

enum field_id {
#define FIELD(id, name, kind, title, columns, pivot_key, meaning) FIELD_##id,
#include "core/reading/fields.def"
    FIELD_COUNT
};

struct field {
    const char *name; /* as typed in queries */
    enum field_kind kind;
    const char *title;   /* column heading */
    unsigned columns;    /* usual width on screen */
    char pivot_key;      /* the letter behind p, P, o and d; 0 for none */
    const char *meaning; /* one line, for help and manual */
};

const struct field *field_get(enum field_id id);

/* By name; false when there is none. Case matters, as in queries. */
bool field_find(struct bytes name, enum field_id *out);

/* By pivot letter. */
bool field_find_key(char key, enum field_id *out);

/* How the text at a path becomes a value of the field. */
enum via {
    VIA_DIRECT,    /* as it stands: string, number or literal; a container as source text */
    VIA_FIRST,     /* element 0 when it is an array, else like VIA_DIRECT */
    VIA_UUID,      /* only when it has the form of a UUID */
    VIA_IDENTITY,  /* only when it has the form of an identity id: REGION:UUID */
    VIA_JSON,      /* a container, as its source text */
    VIA_PRESENT,   /* the fact that something not null is there */
    VIA_AMR_SUB,   /* the sub inside an amr text: …:CognitoSignIn:SUB */
    VIA_AMR_POOL,  /* the pool inside an amr text */
    VIA_LOGINS,    /* the pool in the key cognito-idp.REGION.amazonaws.com/POOL of an object */
    VIA_LOGIN_KEY, /* the first key of an object, which names a provider */
    VIA_REGION,    /* the region in front of a pool id */
    VIA_TIME,      /* a time as text, or an epoch number */
    VIA_EPOCH,     /* an epoch number in text */
};

enum {
    FORMATS_CLOUDTRAIL = 1 << FORMAT_CLOUDTRAIL,
    FORMATS_ACTIVITY = 1 << FORMAT_USER_ACTIVITY,
    FORMATS_NOTIFICATION = 1 << FORMAT_USER_NOTIFICATION,
    FORMATS_EXPORT = FORMATS_ACTIVITY | FORMATS_NOTIFICATION, /* of a user pool */
    FORMATS_APP_LOG = 1 << FORMAT_APP_LOG,
    FORMATS_AUTH_EVENT = 1 << FORMAT_AUTH_EVENT,
    FORMATS_INSIGHT = 1 << FORMAT_INSIGHT,
    FORMATS_OTHER = 1 << FORMAT_OTHER,
    FORMATS_API = 1 << FORMAT_API_ACCESS,
    FORMATS_CLAIMS = FORMATS_APP_LOG | FORMATS_API, /* keys that someone chose for claims */
    FORMATS_RECORDS = FORMATS_CLOUDTRAIL | FORMATS_INSIGHT, /* with the record's own heading */
    FORMATS_TRAIL = FORMATS_RECORDS | FORMATS_OTHER,        /* all that CloudTrail writes */
    FORMATS_OPEN = FORMATS_CLAIMS,                          /* may hold any key at all */
    FORMATS_ALL = FORMATS_CLOUDTRAIL | FORMATS_EXPORT,      /* with fields of their own */
};

/* One place where one field can stand. Rows of one field are in order of preference. */
struct path_row {
    enum field_id field;
    uint32_t formats; /* bits 1 << enum format */
    const char *path; /* steps joined by '.', array positions as digits; a step that holds a
                       * dot stands in backticks */
    enum via via;
    const char *source; /* page title and date, or what was seen where */
};

/* Takes the next step off `*path`, without its backticks. False at the end. */
bool path_step(struct bytes *path, struct bytes *step);

size_t path_count(void);
const struct path_row *path_get(size_t row);

/* Kept apart everywhere: the first four are also the first four ids of every dictionary. */
enum value_state {
    VALUE_ABSENT,   /* no path of the field is in the record */
    VALUE_NULL,     /* the path holds JSON null */
    VALUE_EMPTY,    /* "", [], {}, or what via.c counts as such */
    VALUE_REDACTED, /* HIDDEN_DUE_TO_SECURITY_REASONS or HIDDEN_FOR_SECURITY_REASONS */
    VALUE_TEXT,
};

struct value {
    struct bytes text; /* VALUE_TEXT only; borrowed from the window or the reader's scratch */
    uint8_t state;     /* enum value_state */
    uint16_t path;     /* the row of path_get() that gave it; meaningless when absent */
};

/* Vocabulary words; static. */
const char *format_name(enum format f);
char format_letter(enum format f);
const char *stage_name(enum stage s);
const char *outcome_name(enum outcome o);
const char *reason_name(enum reason r);

/* The fixed vocabulary of a FIELD_CHOICE: word `i`, or NULL past the end. */
const char *field_choice(enum field_id id, unsigned i);

/* What the word means: "wrong password, or …"; NULL where field_choice() is. */
const char *field_choice_meaning(enum field_id id, unsigned i);

#endif
