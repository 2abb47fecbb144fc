#include "core/reading/via.h"

bool via_is_mask(struct bytes text)
{
    return bytes_are(text, "HIDDEN_DUE_TO_SECURITY_REASONS") ||
           bytes_are(text, "HIDDEN_FOR_SECURITY_REASONS");
}

bool via_is_empty(struct bytes source)
{
    for (size_t i = 1; i + 1 < source.len; i++)
        if (source.ptr[i] != ' ' && source.ptr[i] != '\n' && source.ptr[i] != '\t' &&
            source.ptr[i] != '\r')
            return false;
    return true;
}

/* Cuts the view; an empty rest is no value. */
static struct via_text part_of(struct via_text text, size_t from, size_t to)
{
    text.bytes = bytes_slice(text.bytes, from, to);
    text.state = text.bytes.len ? VALUE_TEXT : VALUE_ABSENT;
    return text;
}

static size_t find_from(struct bytes text, size_t from, const char *any)
{
    while (from < text.len && !memchr(any, text.ptr[from], strlen(any)))
        from++;
    return from;
}

/* 8-4-4-4-12; `strict` wants hexadecimal digits, else any letters and digits (examples in the
 * documentation end in EXAMPLE). */
static bool is_uuid(struct bytes text, bool strict)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        char c = text.ptr[i], lower = (char)(c | 0x20);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? c != '-'
                 : !((c >= '0' && c <= '9') || (lower >= 'a' && lower <= (strict ? 'f' : 'z'))))
            return false;
    }
    return true;
}

/* ["authenticated","cognito-idp.R.amazonaws.com/POOL","…/POOL:CognitoSignIn:SUB"]: kept as
 * text inside the record. */
static struct via_text amr_part(struct via_text text, const char *before, const char *after)
{
    size_t at = bytes_find(text.bytes, bytes_of(before));

    if (at == SIZE_MAX)
        return part_of(text, 0, 0);
    at += strlen(before);
    return part_of(text, at, find_from(text.bytes, at, after));
}

static struct via_text amr_pool(struct via_text text)
{
    struct via_text host = amr_part(text, "cognito-idp.", "\",");
    size_t slash = find_from(host.bytes, 0, "/");

    return part_of(host, slash + 1, find_from(host.bytes, slash + 1, ":"));
}

/* cognito-idp.REGION.amazonaws.com/POOL as a key of `logins`. */
struct via_text via_login_pool(struct via_text key)
{
    if (!bytes_starts(key.bytes, "cognito-idp."))
        return part_of(key, 0, 0);
    return part_of(key, find_from(key.bytes, 0, "/") + 1, key.bytes.len);
}

static struct via_text region_part(struct via_text text)
{
    size_t end = find_from(text.bytes, 0, "_");

    return part_of(text, 0, end < text.bytes.len ? end : 0);
}

static struct via_text identity_form(struct via_text text)
{
    size_t colon = find_from(text.bytes, 0, ":");
    struct bytes rest = bytes_slice(text.bytes, colon + 1, text.bytes.len);

    return is_uuid(rest, false) ? text : part_of(text, 0, 0);
}

struct via_text via_take(enum via via, struct via_text text, bool container)
{
    struct via_text none = part_of(text, 0, 0);
    bool known = text.state == VALUE_TEXT;

    switch (via) {
    case VIA_DIRECT:
    case VIA_FIRST:
        return text;
    case VIA_JSON:
        return container || text.state != VALUE_TEXT ? text : none;
    case VIA_PRESENT:
        if (text.state == VALUE_REDACTED)
            text.state = VALUE_TEXT; /* hidden, but there */
        return text;
    case VIA_UUID:
        return known && is_uuid(text.bytes, true) ? text : none;
    case VIA_IDENTITY:
        return known && !container ? identity_form(text) : none;
    case VIA_AMR_SUB:
        return known ? amr_part(text, ":CognitoSignIn:", "\",]") : text;
    case VIA_AMR_POOL:
        return known ? amr_pool(text) : text;
    case VIA_REGION:
        return known && !container ? region_part(text) : none;
    case VIA_TIME:
    case VIA_EPOCH:
        return container ? none : text;
    case VIA_LOGINS:
    case VIA_LOGIN_KEY:
        return container || known ? none : text;
    }
    return none;
}

/* What some logs write for "nothing known". Source: AdminListUserAuthEvents example (city
 * "null"), user activity example (device "Other, Other"). */
static void fix_unknown(struct value *v)
{
    if (bytes_are(v->text, "null") || bytes_are(v->text, "Other, Other"))
        v->state = VALUE_EMPTY;
}

/* 200, 200.0 and "200" are one status. */
static void fix_status(struct value *v)
{
    size_t dot = find_from(v->text, 0, "."), zeros = dot + 1;

    while (zeros < v->text.len && v->text.ptr[zeros] == '0')
        zeros++;
    if (dot && dot < v->text.len && zeros == v->text.len)
        v->text.len = dot;
}

struct spelling {
    const char *seen, *word;
};

static void respell(struct value *v, const struct spelling *spellings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal_nocase(v->text, bytes_of(spellings[i].seen))) {
            v->text = bytes_of(spellings[i].word);
            return;
        }
}

/* The export and the API enumerations spell them differently; words without a row stay. */
static void fix_risk(struct value *v)
{
    static const struct spelling words[] = {
        {"none",   "none"  },
        {"norisk", "none"  },
        {"low",    "low"   },
        {"medium", "medium"},
        {"high",   "high"  },
    };

    respell(v, words, ARRAY_LEN(words));
}

static void fix_decision(struct value *v)
{
    static const struct spelling words[] = {
        {"pass",             "pass"            },
        {"norisk",           "pass"            },
        {"allow",            "pass"            },
        {"block",            "block"           },
        {"blocked",          "block"           },
        {"challenge",        "challenge"       },
        {"mfa",              "challenge"       },
        {"accounttakeover",  "account-takeover"},
        {"account_takeover", "account-takeover"},
    };

    respell(v, words, ARRAY_LEN(words));
}

static void fix_compromised(struct value *v)
{
    static const struct spelling words[] = {
        {"true",  "yes"},
        {"yes",   "yes"},
        {"false", "no" },
        {"no",    "no" },
    };

    respell(v, words, ARRAY_LEN(words));
}

static void (*const FIXES[FIELD_COUNT])(struct value *) = {
    [FIELD_IP] = fix_unknown,
    [FIELD_CITY] = fix_unknown,
    [FIELD_COUNTRY] = fix_unknown,
    [FIELD_DEVICE] = fix_unknown,
    [FIELD_TIMEZONE] = fix_unknown,
    [FIELD_STATUS] = fix_status,
    [FIELD_RISK] = fix_risk,
    [FIELD_DECISION] = fix_decision,
    [FIELD_COMPROMISED] = fix_compromised,
};

void via_fix(enum field_id field, struct value *v)
{
    if (FIXES[field])
        FIXES[field](v);
}

bool via_time(enum via via, struct bytes text, int64_t *out_us)
{
    const char *unit;

    return (via == VIA_TIME && instant_parse(text, out_us)) ||
           instant_from_epoch(text, out_us, &unit);
}
