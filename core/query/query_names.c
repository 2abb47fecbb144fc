#include "core/query/query_names.h"

static bool same_path(struct bytes a, struct bytes b)
{
    struct bytes step_a, step_b;

    for (;;) {
        bool more_a = path_step(&a, &step_a), more_b = path_step(&b, &step_b);

        if (more_a != more_b || (more_a && !bytes_equal(step_a, step_b)))
            return false;
        if (!more_a)
            return true;
    }
}

/* Formats in which `field` is filled from row `row` alone, so that its column says exactly
 * what stands at that path. */
static uint32_t exact_formats(size_t row)
{
    const struct path_row *own = path_get(row);
    uint32_t formats = own->formats;

    for (size_t i = 0; i < path_count(); i++) {
        const struct path_row *other = path_get(i);

        if (i != row && other->field == own->field)
            formats &= ~other->formats;
    }
    return formats;
}

/* CloudTrail puts what it likes into these: a path into them is absent only after a look at
 * the record. Source: CloudTrail user guide, "CloudTrail record contents" (2026). */
static bool is_open_container(struct bytes path)
{
    static const char *const containers[] = {
        "userIdentity",        "requestParameters", "responseElements", "additionalEventData",
        "serviceEventDetails", "tlsDetails",        "resources",        "edgeDeviceDetails"};
    struct bytes step;

    if (!path_step(&path, &step))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(containers); i++) {
        if (bytes_are(step, containers[i]))
            return true;
    }
    return false;
}

/* Columns that bring several spellings to one, so that they are not what the record says. (An
 * address that reads "null" counts as empty too, but there it is the text that is odd.) */
static bool is_respelled(enum field_id field)
{
    static const enum field_id fields[] = {FIELD_STATUS,   FIELD_CITY,       FIELD_COUNTRY,
                                           FIELD_DEVICE,   FIELD_TIMEZONE,   FIELD_RISK,
                                           FIELD_DECISION, FIELD_COMPROMISED};

    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        if (fields[i] == field)
            return true;
    }
    return false;
}

static bool find_native(struct bytes path, struct name *out)
{
    for (size_t i = 0; i < path_count(); i++) {
        const struct path_row *row = path_get(i);
        const struct field *field = field_get(row->field);
        uint32_t exact;

        if (row->via != VIA_DIRECT || !same_path(path, bytes_of(row->path)))
            continue;
        if (field->kind != FIELD_TEXT && field->kind != FIELD_UNIQUE)
            continue;
        if (is_respelled(row->field))
            continue;
        exact = exact_formats(i);
        if (exact == 0 || (row->formats & ~exact & ~(uint32_t)FORMATS_OPEN))
            continue;
        if (!(exact & 1u << FORMAT_CLOUDTRAIL) && is_open_container(path))
            continue;
        *out = (struct name){.kind = NAME_NATIVE,
                             .field = row->field,
                             .formats = exact,
                             .others = FORMATS_OPEN & ~exact};
        return true;
    }
    return false;
}

static bool find_special(struct bytes name, struct name *out)
{
    static const struct {
        const char *name;
        enum name_kind kind;
    } specials[] = {
        {"@timestamp",     NAME_TIME       },
        {"time",           NAME_TIME       },
        {"eventTime",      NAME_TIME_ISO   },
        {"@message",       NAME_MESSAGE    },
        {"@fields",        NAME_ANY        },
        {"@logStream",     NAME_STREAM     },
        {"file",           NAME_FILE       },
        {"offset",         NAME_OFFSET     },
        {"@log",           NAME_LOG        },
        {"@ingestionTime", NAME_INGESTION  },
        {"@explanation",   NAME_EXPLANATION},
    };

    for (size_t i = 0; i < ARRAY_LEN(specials); i++) {
        if (bytes_are(name, specials[i].name)) {
            *out = (struct name){.kind = specials[i].kind};
            return true;
        }
    }
    return false;
}

struct name name_resolve(struct bytes canonical)
{
    struct name name = {.kind = NAME_PATH};
    enum field_id field;

    if (find_special(canonical, &name))
        return name;
    if (field_find(canonical, &field))
        return (struct name){.kind = NAME_FIELD, .field = field};
    if (find_native(canonical, &name))
        return name;
    return (struct name){.kind = NAME_PATH};
}

/* Source: CloudTrail user guide, "CloudTrail record contents" (2026). */
bool name_is_likely_path(struct bytes canonical)
{
    static const char *const elements[] = {"eventVersion",
                                           "readOnly",
                                           "managementEvent",
                                           "apiVersion",
                                           "vpcEndpointId",
                                           "insightDetails",
                                           "vpcEndpointAccountId",
                                           "addendum",
                                           "eventCategory",
                                           "sharedEventID",
                                           "annotation",
                                           "recipientAccountId",
                                           "sessionCredentialFromConsole",
                                           "eventContext"};
    struct bytes rest = canonical, first, step;

    if (!path_step(&rest, &first) || is_open_container(canonical))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
        if (bytes_are(first, elements[i]))
            return true;
    }
    for (size_t i = 0; i < path_count(); i++) {
        rest = bytes_of(path_get(i)->path);
        if (path_step(&rest, &step) && bytes_equal(first, step))
            return true;
    }
    return false;
}

enum { NEAR_MAX_LEN = 40, NEAR_SHOWN = 3 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Levenshtein distance without regard to case; both at most NEAR_MAX_LEN long. */
static unsigned distance(struct bytes a, struct bytes b)
{
    unsigned row[NEAR_MAX_LEN + 1];

    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 0; i < a.len; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < b.len; j++) {
            unsigned above = row[j + 1];
            unsigned best = diagonal + (lower(a.ptr[i]) != lower(b.ptr[j]));

            if (above + 1 < best)
                best = above + 1;
            if (row[j] + 1 < best)
                best = row[j] + 1;
            diagonal = above;
            row[j + 1] = best;
        }
    }
    return row[b.len];
}

static bool is_near(struct bytes name, struct bytes candidate)
{
    bool part =
        name.len >= 3 && (bytes_find(candidate, name) != SIZE_MAX ||
                          (candidate.len >= 3 && bytes_find(name, candidate) != SIZE_MAX));

    if (name.len == 0 || name.len > NEAR_MAX_LEN || candidate.len > NEAR_MAX_LEN)
        return false;
    return part || distance(name, candidate) <= (name.len > 4 ? 2u : 1u);
}

static void offer(struct buffer *out, struct bytes candidate, unsigned *shown)
{
    if (*shown >= NEAR_SHOWN)
        return;
    buffer_add_text(out, *shown ? ", " : " (did you mean ");
    buffer_add(out, candidate);
    ++*shown;
}

void name_add_nearest(struct buffer *out, struct bytes name)
{
    unsigned shown = 0;

    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        struct bytes candidate = bytes_of(field_get((enum field_id)i)->name);

        if (is_near(name, candidate))
            offer(out, candidate, &shown);
    }
    for (size_t i = 0; i < path_count(); i++) {
        struct bytes path = bytes_of(path_get(i)->path);
        struct name found;

        if (is_near(name, path) && find_native(path, &found))
            offer(out, path, &shown);
    }
    for (size_t i = 0; function_get(i) && name.len > 2; i++) {
        struct bytes candidate = bytes_of(function_get(i)->name);

        if (candidate.len <= NEAR_MAX_LEN && name.len <= NEAR_MAX_LEN &&
            distance(name, candidate) <= 1)
            offer(out, candidate, &shown);
    }
    if (shown)
        buffer_add_text(out, "?)");
}
