#include "core/keeping/mask.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>

#include "core/query/address.h"
#include "core/reading/field.h"

enum kind {
    KIND_NONE,
    KIND_TOKEN,
    KIND_SECRET,
    KIND_PHONE,
    KIND_CLAIM,
    KIND_EMAIL,
    KIND_USER,
    KIND_IP,
    KIND_WORD /* of the user's own list */
};

static const struct {
    const char *word;
    enum mask_level level; /* hidden from here on */
    bool has_pseudonym;
} kinds[] = {
    [KIND_NONE] = {"",       MASK_LEVELS,  false},
    [KIND_TOKEN] = {"token",  MASK_SECRETS, true },
    [KIND_SECRET] = {"secret", MASK_SECRETS, false},
    [KIND_PHONE] = {"phone",  MASK_SECRETS, true },
    [KIND_CLAIM] = {"claim",  MASK_SECRETS, false},
    [KIND_EMAIL] = {"mail",   MASK_PERSONS, true },
    [KIND_USER] = {"user",   MASK_PERSONS, true },
    [KIND_IP] = {"ip",     MASK_PERSONS, true },
    [KIND_WORD] = {"word",   MASK_PERSONS, true },
};

/* Names of members, parameters and fields, without `_` and `-`, in lower case. */
static const struct {
    const char *name;
    enum kind kind;
} names[] = {
    {"password",                 KIND_SECRET},
    {"passwd",                   KIND_SECRET},
    {"previouspassword",         KIND_SECRET},
    {"proposedpassword",         KIND_SECRET},
    {"temporarypassword",        KIND_SECRET},
    {"newpassword",              KIND_SECRET},
    {"passwordclaimsignature",   KIND_SECRET},
    {"passwordclaimsecretblock", KIND_SECRET},
    {"secretblock",              KIND_SECRET},
    {"srpa",                     KIND_SECRET},
    {"secret",                   KIND_SECRET},
    {"secretcode",               KIND_SECRET},
    {"secrethash",               KIND_SECRET},
    {"clientsecret",             KIND_SECRET},
    {"secretkey",                KIND_SECRET},
    {"secretaccesskey",          KIND_SECRET},
    {"awssecretaccesskey",       KIND_SECRET},
    {"privatekey",               KIND_SECRET},
    {"apikey",                   KIND_SECRET},
    {"xapikey",                  KIND_SECRET},
    {"xamzsignature",            KIND_SECRET},
    {"confirmationcode",         KIND_SECRET},
    {"authorizationcode",        KIND_SECRET},
    {"codeverifier",             KIND_SECRET},
    {"usercode",                 KIND_SECRET},
    {"smsmfacode",               KIND_SECRET},
    {"smsotpcode",               KIND_SECRET},
    {"emailotpcode",             KIND_SECRET},
    {"emailmfacode",             KIND_SECRET},
    {"softwaretokenmfacode",     KIND_SECRET},
    {"accesstoken",              KIND_TOKEN },
    {"idtoken",                  KIND_TOKEN },
    {"refreshtoken",             KIND_TOKEN },
    {"sessiontoken",             KIND_TOKEN },
    {"securitytoken",            KIND_TOKEN },
    {"xamzsecuritytoken",        KIND_TOKEN },
    {"openidtoken",              KIND_TOKEN },
    {"token",                    KIND_TOKEN },
    {"session",                  KIND_TOKEN },
    {"samlresponse",             KIND_TOKEN },
    {"authorization",            KIND_TOKEN },
    {"cookie",                   KIND_TOKEN },
    {"setcookie",                KIND_TOKEN },
    {"phone",                    KIND_PHONE },
    {"phonenumber",              KIND_PHONE },
    {"mobile",                   KIND_PHONE },
    {"email",                    KIND_EMAIL },
    {"user",                     KIND_USER  },
    {"username",                 KIND_USER  },
    {"cognito:username",         KIND_USER  },
    {"preferredusername",        KIND_USER  },
    {"rolesessionname",          KIND_USER  },
    {"sourceidentity",           KIND_USER  },
    {"givenname",                KIND_USER  },
    {"familyname",               KIND_USER  },
    {"nickname",                 KIND_USER  },
};

/* Claims that tell no more than who asked, through what, and when; those about billing, health
 * or rights inside an application are not for a screen. Any other claim is hidden. */
static const char *const harmless_claims[] = {
    "sub",
    "iss",
    "aud",
    "clientid",
    "tokenuse",
    "scope",
    "exp",
    "iat",
    "nbf",
    "authtime",
    "jti",
    "originjti",
    "eventid",
    "version",
    "username",
    "emailverified",
    "phonenumberverified",
    "cognito:username",
    "email",
    "tenant",
    "tenantid",
    "custom:tenant",
    "custom:tenantid",
};

static const struct {
    const char *name, *meaning;
} levels[] = {
    [MASK_NONE] = {"none",    "nothing is hidden"                                },
    [MASK_SECRETS] = {"secrets", "tokens, secrets, phones and odd claims are hidden"},
    [MASK_PERSONS] = {"persons", "e-mails, user names and IPs are hidden too"       },
};

const char *mask_level_name(enum mask_level level)
{
    return levels[level].name;
}

const char *mask_level_meaning(enum mask_level level)
{
    return levels[level].meaning;
}

bool mask_level_find(struct bytes name, enum mask_level *out)
{
    for (unsigned i = 0; i < MASK_LEVELS; i++) {
        if (bytes_are(name, levels[i].name)) {
            *out = (enum mask_level)i;
            return true;
        }
    }
    return false;
}

bool mask_init(struct mask *m, enum mask_level level)
{
    m->level = level;
    return RAND_bytes(m->key, sizeof m->key) == 1;
}

/* Names */

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The name without case, `_` and `-`. */
static bool name_is(struct bytes name, const char *folded)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '_' || name.ptr[i] == '-')
            continue;
        if (*folded == 0 || fold(name.ptr[i]) != *folded++)
            return false;
    }
    return *folded == 0;
}

static bool claim_is_harmless(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(harmless_claims); i++) {
        if (name_is(name, harmless_claims[i]))
            return true;
    }
    return false;
}

static enum kind kind_of_name(struct bytes name, bool is_claim)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (name_is(name, names[i].name))
            return names[i].kind;
    }
    if (!claim_is_harmless(name) && (is_claim || bytes_starts(name, "custom:")))
        return KIND_CLAIM;
    return KIND_NONE;
}

/* By its last step that is no position; inside "claims" every step is a claim. */
static enum kind kind_of_path(struct bytes path)
{
    struct bytes step, last = {0};
    bool in_claims = false, is_claim = false;

    while (path_step(&path, &step)) {
        if (step.len > 0 && step.ptr[0] >= '0' && step.ptr[0] <= '9')
            continue;
        is_claim = in_claims;
        in_claims = in_claims || name_is(step, "claims");
        last = step;
    }
    return kind_of_name(last, is_claim);
}

/* Replacing */

struct scan {
    const struct mask *mask;
    struct bytes text;
    size_t at;
    struct buffer *out;
    size_t n_hidden;
};

static bool hides(const struct mask *m, enum kind kind)
{
    return m->level >= kinds[kind].level;
}

static void add_pseudonym(const struct mask *m, enum kind kind, struct bytes value,
                          struct buffer *out)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (HMAC(EVP_sha256(), m->key, sizeof m->key, (const unsigned char *)value.ptr, value.len,
             digest, &len))
        buffer_printf(out, "[%s %02x%02x%02x]", kinds[kind].word, digest[0], digest[1],
                      digest[2]);
    else
        buffer_printf(out, "[%s]", kinds[kind].word); /* hidden all the same */
}

static bool is_word(struct bytes text)
{
    static const char *const plain[] = {"null",
                                        "true",
                                        "false",
                                        "HIDDEN_DUE_TO_SECURITY_REASONS",
                                        "HIDDEN_FOR_SECURITY_REASONS",
                                        "-"};

    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        if (bytes_are(text, plain[i]))
            return true;
    }
    return text.len == 0;
}

/* The form of a UUID: user names that are one are the sub, a pseudonym already. */
static bool is_uuid(struct bytes text)
{
    if (text.len != 36)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = fold(text.ptr[i]);
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

/* A pseudonym that was put there before: text may pass here more than once. */
static bool is_hidden(struct bytes text)
{
    for (size_t i = 1; i < ARRAY_LEN(kinds); i++) {
        size_t len = strlen(kinds[i].word) + 1;

        if (text.len > len && text.ptr[0] == '[' &&
            (text.ptr[len] == ' ' || text.ptr[len] == ']') &&
            bytes_starts(bytes_slice(text, 1, text.len), kinds[i].word))
            return true;
    }
    return false;
}

/* Appends the value itself or what stands for it. */
static void add_hidden(struct scan *s, enum kind kind, struct bytes value)
{
    if (is_word(value) || is_hidden(value) || (kind == KIND_USER && is_uuid(value))) {
        buffer_add(s->out, value);
        return;
    }
    if (kinds[kind].has_pseudonym)
        add_pseudonym(s->mask, kind, value, s->out);
    else
        buffer_printf(s->out, "[%s]", kinds[kind].word);
    s->n_hidden++;
}

/* Forms */

static bool is_name_char(char c)
{
    c = fold(c);
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of the run of characters of a name (also of base64url) from `at`. */
static size_t name_run(struct bytes text, size_t at)
{
    size_t n = 0;

    while (at + n < text.len && is_name_char(text.ptr[at + n]))
        n++;
    return n;
}

/* A JSON Web Token, signed (three parts) or encrypted (five): its first part is an object, so
 * in base64url it begins with `eyJ`. */
static size_t token_length(struct bytes text, size_t at)
{
    size_t len;

    if (!bytes_starts(bytes_slice(text, at, text.len), "eyJ"))
        return 0;
    len = name_run(text, at);
    if (len < 10 || at + len >= text.len || text.ptr[at + len] != '.')
        return 0;
    for (unsigned part = 1; part < 5 && at + len < text.len && text.ptr[at + len] == '.';
         part++)
        len += 1 + name_run(text, at + len + 1);
    return len;
}

static size_t phone_length(struct bytes text, size_t at)
{
    size_t n = 1;

    if (text.ptr[at] != '+')
        return 0;
    while (at + n < text.len && is_digit(text.ptr[at + n]))
        n++;
    return n >= 9 && n <= 16 ? n : 0;
}

static bool is_mail_char(char c)
{
    return is_name_char(c) || c == '.' || c == '+' || c == '%';
}

static size_t mail_length(struct bytes text, size_t at)
{
    size_t n = 0, host, dot = 0;

    while (at + n < text.len && is_mail_char(text.ptr[at + n]))
        n++;
    if (n == 0 || at + n >= text.len || text.ptr[at + n] != '@')
        return 0;
    host = ++n;
    while (at + n < text.len && (is_name_char(text.ptr[at + n]) || text.ptr[at + n] == '.')) {
        if (text.ptr[at + n] == '.')
            dot = n;
        n++;
    }
    if (n > host && text.ptr[at + n - 1] == '.')
        n--;
    return dot > host ? n : 0;
}

static size_t address_length(struct bytes text, size_t at)
{
    struct address address;
    size_t n = 0;

    while (at + n < text.len && n < 46) {
        char c = fold(text.ptr[at + n]);

        if (!is_digit(c) && !(c >= 'a' && c <= 'f') && c != '.' && c != ':')
            break;
        n++;
    }
    while (n > 1 && (text.ptr[at + n - 1] == '.' || text.ptr[at + n - 1] == ':') &&
           !address_parse(bytes_slice(text, at, at + n), &address))
        n--;
    if (n < 3 || (at + n < text.len && is_name_char(text.ptr[at + n])))
        return 0;
    return address_parse(bytes_slice(text, at, at + n), &address) ? n : 0;
}

static bool is_principal_char(char c)
{
    return is_name_char(c) || (c != 0 && strchr("+=,.@", c));
}

/* `at` begins the last step of what stands behind a colon of an ARN: `user/PATH/NAME`,
 * `federated-user/NAME`, `assumed-role/ROLE/SESSION`. */
static bool is_person_of_arn(struct bytes text, size_t at)
{
    enum { MAX_RESOURCE = 640 }; /* a path of 512 and the longest names */
    size_t from = at;
    struct bytes resource;

    while (from > 0 && at - from < MAX_RESOURCE &&
           (is_principal_char(text.ptr[from - 1]) || text.ptr[from - 1] == '/'))
        from--;
    resource = bytes_slice(text, from, at);
    return from > 0 && text.ptr[from - 1] == ':' &&
           (bytes_starts(resource, "user/") || bytes_starts(resource, "federated-user/") ||
            (bytes_starts(resource, "assumed-role/") &&
             resource.len > strlen("assumed-role/")));
}

/* `at` begins the session of a role's id: `AROAEXAMPLEEXAMPLE123:SESSION`. */
static bool is_person_of_id(struct bytes text, size_t at)
{
    enum { ID = 21 };

    if (at < ID + 1 || text.ptr[at - 1] != ':' ||
        !bytes_starts(bytes_slice(text, at - 1 - ID, at), "AROA"))
        return false;
    for (size_t i = at - 1 - ID; i < at - 1; i++)
        if (!is_digit(text.ptr[i]) && !(text.ptr[i] >= 'A' && text.ptr[i] <= 'Z'))
            return false;
    return true;
}

/* The name of a user or of who took a role, which people give themselves. Source: IAM user
 * guide, "IAM identifiers". */
static size_t principal_length(struct bytes text, size_t at)
{
    size_t n = 0;

    if (at == 0 || (text.ptr[at - 1] != '/' && text.ptr[at - 1] != ':'))
        return 0;
    while (at + n < text.len && is_principal_char(text.ptr[at + n]))
        n++;
    while (n > 0 && (text.ptr[at + n - 1] == '.' || text.ptr[at + n - 1] == ','))
        n--; /* of the sentence around it */
    if (n == 0 || (at + n < text.len && text.ptr[at + n] == '/'))
        return 0;
    return (text.ptr[at - 1] == '/' ? is_person_of_arn : is_person_of_id)(text, at) ? n : 0;
}

/* The piece of a form that is hidden and begins at `at`. */
static size_t form_at(const struct mask *m, struct bytes text, size_t at, enum kind *kind)
{
    static const struct {
        enum kind kind;
        size_t (*length)(struct bytes text, size_t at);
    } forms[] = {
        {KIND_TOKEN, token_length    },
        {KIND_PHONE, phone_length    },
        {KIND_EMAIL, mail_length     },
        {KIND_IP,    address_length  },
        {KIND_USER,  principal_length},
    };

    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        size_t len = hides(m, forms[i].kind) ? forms[i].length(text, at) : 0;

        if (len > 0) {
            *kind = forms[i].kind;
            return len;
        }
    }
    return 0;
}

/* Names with values, in JSON at any depth of quoting, in URLs, in `name: value` lines */

/* A quotation mark with the backslashes that its depth needs: `"` 1, `\"` 2, `\\\"` 4. */
static size_t quote_length(struct bytes text, size_t at)
{
    size_t n = 0;

    while (at + n < text.len && text.ptr[at + n] == '\\' && n < 8)
        n++;
    if (at + n < text.len && text.ptr[at + n] == '"' && ((n + 1) & n) == 0)
        return n + 1;
    return n == 0 && at < text.len && text.ptr[at] == '\'' ? 1 : 0;
}

/* Where the mark stands that ends what a mark of `quote` bytes before `at` began. */
static size_t quote_end(struct bytes text, size_t at, size_t quote)
{
    char mark = text.ptr[at - 1];
    size_t run = 0;

    for (size_t i = at; i < text.len; i++) {
        if (text.ptr[i] == mark && run % (2 * quote) == quote - 1)
            return i - (quote - 1);
        run = text.ptr[i] == '\\' ? run + 1 : 0;
    }
    return text.len;
}

static size_t skip_blanks(struct bytes text, size_t at)
{
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' ||
                             text.ptr[at] == '\n' || text.ptr[at] == '\r'))
        at++;
    return at;
}

/* Where the value of a name begins that ends at `at`; 0 when none follows. In prose a quoted
 * word follows: `the user "alice"`. */
static size_t value_start(struct bytes text, size_t at)
{
    size_t name_quote = quote_length(text, at), blanks;

    at += name_quote;
    blanks = at;
    at = skip_blanks(text, at);
    if (name_quote == 0 && at > blanks && at < text.len && text.ptr[at] == '"')
        return at;
    if (at >= text.len || (text.ptr[at] != ':' && text.ptr[at] != '='))
        return 0;
    if (at + 1 < text.len && (text.ptr[at + 1] == '=' || text.ptr[at + 1] == '~'))
        return 0;
    return skip_blanks(text, at + 1);
}

static void copy_to(struct scan *s, size_t to)
{
    buffer_add(s->out, bytes_slice(s->text, s->at, to));
    s->at = to;
}

/* Hides one value that begins at s->at: quoted, or bare to the next separator. */
static void hide_value(struct scan *s, enum kind kind)
{
    size_t quote = quote_length(s->text, s->at), end;

    if (quote > 0) {
        copy_to(s, s->at + quote);
        end = quote_end(s->text, s->at, quote);
    } else {
        end = s->at;
        while (end < s->text.len && !memchr("&;,}])\"'\\ \t\r\n", s->text.ptr[end], 13))
            end++;
    }
    add_hidden(s, kind, bytes_slice(s->text, s->at, end));
    s->at = end;
    if (quote > 0)
        copy_to(s, end + quote < s->text.len ? end + quote : s->text.len);
}

/* The value at s->at, every element where it is an array. Of objects nothing is hidden here:
 * their members come by name. */
static void hide_values(struct scan *s, enum kind kind)
{
    if (s->at >= s->text.len || s->text.ptr[s->at] == '{' ||
        is_hidden(bytes_slice(s->text, s->at, s->text.len)))
        return;
    if (s->text.ptr[s->at] != '[') {
        static const char *const schemes[] = {"Bearer ", "Basic "};

        for (size_t i = 0; kind == KIND_TOKEN && i < ARRAY_LEN(schemes); i++) {
            if (bytes_starts(bytes_slice(s->text, s->at, s->text.len), schemes[i]))
                copy_to(s, s->at + strlen(schemes[i]));
        }
        hide_value(s, kind);
        return;
    }
    copy_to(s, s->at + 1);
    for (;;) {
        copy_to(s, skip_blanks(s->text, s->at));
        if (s->at >= s->text.len || memchr("]{[", s->text.ptr[s->at], 3))
            return;
        if (s->text.ptr[s->at] == ',') {
            copy_to(s, s->at + 1);
            continue;
        }
        hide_value(s, kind);
        if (s->at < s->text.len && !memchr("], \t\r\n", s->text.ptr[s->at], 6))
            return;
    }
}

/* The member values of the object of claims at s->at, up to its end: those that are hidden, and
 * of the others the forms that are. */
static void scan_text(struct scan *s, size_t end);

static void hide_claims(struct scan *s)
{
    copy_to(s, s->at + 1);
    while (s->at < s->text.len) {
        size_t quote, from, end, value;
        struct bytes name;
        enum kind kind;

        copy_to(s, skip_blanks(s->text, s->at));
        if (s->at >= s->text.len)
            return;
        if (s->text.ptr[s->at] == ',') {
            copy_to(s, s->at + 1);
            continue;
        }
        quote = quote_length(s->text, s->at);
        if (quote == 0)
            return;
        from = s->at + quote;
        end = quote_end(s->text, from, quote);
        name = bytes_slice(s->text, from, end);
        value = value_start(s->text, end);
        if (value == 0 || value >= s->text.len)
            return;
        copy_to(s, value);
        kind = kind_of_name(name, true);
        if (hides(s->mask, kind)) {
            size_t before = s->at;

            hide_values(s, kind);
            if (s->at == before || s->text.ptr[s->at - 1] == '[')
                return; /* a container in a container: its members come by name */
            if (s->at < s->text.len && s->text.ptr[s->at] == ']')
                copy_to(s, s->at + 1);
        } else {
            quote = quote_length(s->text, s->at);
            end = quote > 0 ? quote_end(s->text, s->at + quote, quote) + quote : s->at;
            while (quote == 0 && end < s->text.len && !memchr(",}{[", s->text.ptr[end], 4))
                end++;
            scan_text(s, end < s->text.len ? end : s->text.len);
        }
    }
}

/* A name at s->at with a value that is hidden: done. False when it is any other word. */
static bool hide_named(struct scan *s, size_t end, size_t *word)
{
    size_t n = name_run(s->text, s->at), value;
    struct bytes name;
    enum kind kind;

    if (n > 0 && s->at + n + 1 < end && s->text.ptr[s->at + n] == ':' &&
        is_name_char(s->text.ptr[s->at + n + 1]) &&
        (bytes_are(bytes_slice(s->text, s->at, s->at + n), "custom") ||
         bytes_are(bytes_slice(s->text, s->at, s->at + n), "cognito")))
        n += 1 + name_run(s->text, s->at + n + 1);
    *word = n;
    if (n == 0 || (value = value_start(s->text, s->at + n)) == 0 || value >= s->text.len)
        return false;
    name = bytes_slice(s->text, s->at, s->at + n);
    if (name_is(name, "claims") && s->text.ptr[value] == '{') {
        copy_to(s, value);
        hide_claims(s);
        return true;
    }
    kind = kind_of_name(name, false);
    if (!hides(s->mask, kind) || s->text.ptr[value] == '{')
        return false;
    copy_to(s, value);
    hide_values(s, kind);
    return true;
}

static void scan_text(struct scan *s, size_t end)
{
    while (s->at < end) {
        enum kind kind;
        size_t len = form_at(s->mask, s->text, s->at, &kind), word;

        if (len > 0) {
            add_hidden(s, kind, bytes_slice(s->text, s->at, s->at + len));
            s->at += len;
        } else if (!hide_named(s, end, &word)) {
            /* A form begins where a word does, or a sign: never inside a word. */
            copy_to(s, s->at + (word > 0 ? word : 1));
        }
    }
}

/* The first of the user's words that stands at the beginning of the text; empty for none. */
static struct bytes own_word(const struct mask_words *words, struct bytes text)
{
    for (size_t i = 0; i < words->count; i++) {
        struct bytes word = words->items[i];
        size_t n = 0;

        while (n < word.len && n < text.len && fold(text.ptr[n]) == fold(word.ptr[n]))
            n++;
        if (n == word.len)
            return word;
    }
    return (struct bytes){0};
}

/* Replaces the user's words in what was appended to `out` from `start` on. */
static size_t hide_words(const struct mask *m, struct buffer *out, size_t start)
{
    struct bytes text = bytes_slice(buffer_bytes(out), start, out->len);
    struct buffer hidden = {0}, folded = {0};
    size_t n = 0;

    for (size_t at = 0; at < text.len;) {
        struct bytes rest = bytes_slice(text, at, text.len);
        struct bytes word = own_word(m->words, rest);
        size_t close = is_hidden(rest) ? bytes_find(rest, bytes_of("]")) : SIZE_MAX;

        if (close != SIZE_MAX) { /* what stands for something else */
            buffer_add(&hidden, bytes_slice(rest, 0, close + 1));
            at += close + 1;
        } else if (word.len) {
            buffer_clear(&folded);
            for (size_t i = 0; i < word.len; i++)
                buffer_add_char(&folded, fold(word.ptr[i]));
            add_pseudonym(m, KIND_WORD, buffer_bytes(&folded), &hidden);
            at += word.len;
            n++;
        } else {
            buffer_add_char(&hidden, rest.ptr[0]);
            at++;
        }
    }
    if (n) {
        out->len = start;
        buffer_add(out, buffer_bytes(&hidden));
    }
    buffer_deinit(&hidden);
    buffer_deinit(&folded);
    return n;
}

size_t mask_add(const struct mask *m, struct bytes name, struct bytes text, struct buffer *out)
{
    struct scan s = {.mask = m, .text = text, .out = out};
    enum kind kind = kind_of_path(name);
    size_t start = out->len;

    if (m->level == MASK_NONE) {
        buffer_add(out, text);
        return 0;
    }
    if (hides(m, kind) && (text.len == 0 || !memchr("{[", text.ptr[0], 2) || is_hidden(text))) {
        add_hidden(&s, kind, text);
        s.at = text.len;
    } else if (hides(m, kind)) {
        hide_values(&s, kind);
    }
    scan_text(&s, text.len);
    if (m->words && m->words->count && hides(m, KIND_WORD))
        s.n_hidden += hide_words(m, out, start);
    return s.n_hidden;
}
