#include "core/concluding/scenario.h"

static const char *const SEVERITIES[SEVERITY_COUNT] = {"info", "low", "medium", "high"};

const char *severity_name(enum severity s)
{
    return SEVERITIES[s];
}

/* Commands are those of the AWS CLI, cognito-idp. Techniques: MITRE ATT&CK, Enterprise. */
static const char *const NEXT_COMPROMISE[] = {
    "Ask the owner by another channel whether this was them.",
    "Read what the account did afterwards (listed here), AWS calls included.",
    "aws cognito-idp admin-user-global-sign-out --user-pool-id {pool} --username {user}",
    "aws cognito-idp admin-disable-user --user-pool-id {pool} --username {user}",
    "aws cognito-idp admin-reset-user-password --user-pool-id {pool} --username {user}",
    "Signing out ends refreshes only: access tokens stay valid until they expire, and AWS "
    "credentials that were issued do too, unless their role denies sessions made before now.",
    NULL};
static const char *const NEXT_PASSWORDS[] = {
    "List who got in during or after it, and treat those accounts as taken.",
    "Block the source for a while: aws wafv2 update-ip-set with {ip}.",
    "aws cognito-idp set-risk-configuration --user-pool-id {pool} --client-id {client} "
    "--compromised-credentials-risk-configuration 'Actions={EventAction=BLOCK}'",
    "Let the client hide which names exist (PreventUserExistenceErrors=ENABLED).", NULL};
static const char *const NEXT_ENUMERATION[] = {
    "aws cognito-idp describe-user-pool-client --user-pool-id {pool} --client-id {client} "
    "--query UserPoolClient.PreventUserExistenceErrors",
    "Names that were told apart will be tried with passwords: watch them.",
    "Block the source for a while: aws wafv2 update-ip-set with {ip}.", NULL};
static const char *const NEXT_RESET[] = {
    "Look for a new password set by code afterwards: that account is taken.",
    "Ask the owners whether they asked for the codes.",
    "aws cognito-idp admin-user-global-sign-out --user-pool-id {pool} --username {user}",
    "Block the source for a while: aws wafv2 update-ip-set with {ip}.", NULL};
static const char *const NEXT_TOKEN[] = {
    "aws cognito-idp admin-user-global-sign-out --user-pool-id {pool} --username {user}",
    "Look for where the token could have leaked: logs, browser storage, a device.",
    "Switch on refresh-token rotation for client {client}; replay then shows as an error.",
    NULL};
static const char *const NEXT_M2M[] = {
    "Ask who runs client {client} whether a deployment, a rotation or a loop explains it.",
    "aws cognito-idp describe-user-pool-client --user-pool-id {pool} --client-id {client}",
    "Where the secret may have leaked, add a second secret or a new client, move over, and "
    "delete the old one.",
    "Tokens should be kept until they expire: every request is billed.", NULL};
static const char *const NEXT_CODES[] = {
    "The password was right: treat it as known to others.",
    "aws cognito-idp admin-reset-user-password --user-pool-id {pool} --username {user}",
    "aws cognito-idp admin-user-global-sign-out --user-pool-id {pool} --username {user}", NULL};
static const char *const NEXT_SMS[] = {
    "Look at the numbers in the SMS provider's log: one country or one range points to fraud.",
    "Lower the SMS spending limit, and close countries that are not served.",
    "Rate-limit the source in front of the pool: aws wafv2 update-ip-set with {ip}.", NULL};
static const char *const NEXT_THROTTLING[] = {
    "See what runs at the same time: an attack from the same client, a loop, or a load test.",
    "aws service-quotas list-service-quotas --service-code cognito-idp", NULL};
static const char *const NEXT_TAMPERING[] = {
    "Ask for the change ticket of {actor}.",
    "Read what was changed, here or in requestParameters of each event.",
    "aws cognito-idp describe-user-pool --user-pool-id {pool}",
    "aws cognito-idp get-log-delivery-configuration --user-pool-id {pool}",
    "Put logging back first: what happens from here on may not be recorded.",
    NULL};
static const char *const NEXT_RISKY[] = {
    "aws cognito-idp admin-list-user-auth-events --user-pool-id {pool} --username {user}",
    "Ask the owner by another channel whether this was them.",
    "aws cognito-idp admin-user-global-sign-out --user-pool-id {pool} --username {user}", NULL};
static const char *const NEXT_CALLBACK[] = {
    "aws cognito-idp describe-user-pool-client --user-pool-id {pool} --client-id {client} "
    "--query UserPoolClient.CallbackURLs",
    "Compare redirect_uri of the events with the registered addresses, letter by letter.",
    NULL};
static const char *const NEXT_LOGGING[] = {
    "Find which program writes the value, and stop it there.",
    "Revoke what was written: a token until it expires, a secret by rotation.",
    "Limit who can read these logs, and how long they are kept.", NULL};

/* clang-format aligns what it takes for columns, and pushes these texts off the page. */
// clang-format off
static const struct scenario_text TEXTS[SCENARIO_COUNT] = {
    [SCENARIO_COMPROMISE] = {
        .slug = "compromise-after-failures",
        .title = "sign-in succeeded after failures",
        .technique = "T1078.004 Valid Accounts: Cloud Accounts",
        .what = "Wrong passwords on an account, or from a source that tried many, and then a "
                "sign-in that worked from there or, less surely, from elsewhere.",
        .benign = "A user who mistypes and then gets in: few failures, from an address and a "
                  "program that this user had used before.",
        .blind = "Whether the password was guessed, leaked or typed by its owner; on pools "
                 "that hide which names exist, failures may not name the account.",
        .next = NEXT_COMPROMISE,
    },
    [SCENARIO_STUFFING] = {
        .slug = "credential-stuffing",
        .title = "credential stuffing",
        .technique = "T1110.004 Credential Stuffing",
        .what = "Many different accounts fail in a short time from one source, few tries on "
                "each: pairs of name and password from a leak are tried.",
        .benign = "An office or carrier behind one address, where failures stand in "
                  "proportion to successes; a password change that an app did not learn of.",
        .blind = "The names that were tried (CloudTrail hides them) and whether the pairs "
                 "come from a leak; failures without a sub may be unknown names or a pool "
                 "that hides existence.",
        .next = NEXT_PASSWORDS,
    },
    [SCENARIO_SPRAYING] = {
        .slug = "password-spraying",
        .title = "password spraying",
        .technique = "T1110.003 Password Spraying",
        .what = "Many accounts fail once or twice each over a long time, from one source or "
                "one program: a few common passwords are tried on everybody.",
        .benign = "Everyday mistakes of many people who share a program and a client: then "
                  "most of them get in soon after.",
        .blind = "The passwords; and a source that changes address and program for every try.",
        .next = NEXT_PASSWORDS,
    },
    [SCENARIO_BRUTE_FORCE] = {
        .slug = "brute-force",
        .title = "brute force on an account",
        .technique = "T1110.001 Password Guessing",
        .what = "One account fails many times, or one source fails many times on few "
                "accounts.",
        .benign = "A device or script that kept an old password and tries for ever.",
        .blind = "The passwords that were tried, and when a lockout ended: only tries during "
                 "it say so.",
        .next = NEXT_PASSWORDS,
    },
    [SCENARIO_ENUMERATION] = {
        .slug = "account-enumeration",
        .title = "account enumeration",
        .technique = "T1589.001 Gather Victim Identity Information: Credentials",
        .what = "Answers that tell which names exist (no such user, name taken, not "
                "confirmed, reset required) in number from one source.",
        .benign = "A form that checks names while people type; an import of old addresses.",
        .blind = "The names. A pool that hides existence gives only NotAuthorizedException "
                 "without a sub, which a wrong password of an unknown name gives as well.",
        .next = NEXT_ENUMERATION,
    },
    [SCENARIO_RESET_ABUSE] = {
        .slug = "password-reset-abuse",
        .title = "password-reset abuse",
        .technique = "T1098 Account Manipulation",
        .what = "Reset codes asked for in number from one source or for one account, limits "
                "reached, or a new password set after it.",
        .benign = "A day on which passwords expire; a help desk that resets for people.",
        .blind = "Who read the code; messages are not in these logs.",
        .next = NEXT_RESET,
    },
    [SCENARIO_TOKEN_THEFT] = {
        .slug = "token-theft",
        .title = "stolen token",
        .technique = "T1550.001 Application Access Token",
        .what = "Tokens of an account are refreshed from a network and a program that never "
                "signed in as this account, after its sign-out, or from two networks at "
                "once; a rotated token comes again; or the API is called as an account that "
                "was given no token.",
        .benign = "Phones that change networks keep their program, and go from where they "
                  "were; a new version of an app changes the agent and keeps the network; a "
                  "device with IPv4 and IPv6 uses both.",
        .blind = "Use of access tokens before they expire, unless the API's log is loaded; "
                 "sign-ins before the records begin, so that a thief with a program that "
                 "many have is not told apart; refreshes at the token endpoint name no "
                 "account, so what is done behind the API through such a client is not "
                 "judged.",
        .next = NEXT_TOKEN,
    },
    [SCENARIO_M2M] = {
        .slug = "m2m-anomaly",
        .title = "machine client out of its ways",
        .technique = "T1528 Steal Application Access Token",
        .what = "A machine client asks for tokens far more often than it used to, from a new "
                "address, or fails in a row.",
        .benign = "A deployment, a secret that was rotated in one place first, a load test.",
        .blind = "What the token was used for, unless the API's own log is loaded; who holds "
                 "the secret.",
        .next = NEXT_M2M,
    },
    [SCENARIO_CODE_GUESSING] = {
        .slug = "code-guessing",
        .title = "guessing of codes",
        .technique = "T1621 Multi-Factor Authentication Request Generation",
        .what = "Wrong or expired MFA, confirmation or reset codes in a row on one account "
                "or from one source.",
        .benign = "A phone with a wrong clock; a code that came late.",
        .blind = "The codes; hosted pages may not say whether a code was right.",
        .next = NEXT_CODES,
    },
    [SCENARIO_SMS_PUMPING] = {
        .slug = "sms-pumping",
        .title = "SMS pumping",
        .technique = "T1496.003 Resource Hijacking: SMS Pumping",
        .what = "Bursts of calls that send a message each: phone registration, codes sent "
                "again.",
        .benign = "A provider outage after which everybody asks again.",
        .blind = "The numbers and the cost; they stand in the SMS provider's log.",
        .next = NEXT_SMS,
    },
    [SCENARIO_THROTTLING] = {
        .slug = "throttling-spike",
        .title = "throttling spike",
        .technique = "T1499.002 Service Exhaustion Flood",
        .what = "Over a hundred calls refused within a minute for too many requests.",
        .benign = "A load test, a launch, a client that retries without pause.",
        .blind = "CloudTrail may not record every throttled call: the true number can be "
                 "higher.",
        .next = NEXT_THROTTLING,
    },
    [SCENARIO_TAMPERING] = {
        .slug = "config-tampering",
        .title = "change of configuration",
        .technique = "T1562.008 Disable or Modify Cloud Logs",
        .what = "Settings of pools, clients, threat protection, identity pools or logging "
                "were changed, or somebody tried to.",
        .benign = "A deployment by the team that owns it: who made the same changes on other "
                  "days, from the same place or with the same tool, is low.",
        .blind = "What a setting was before, unless an earlier call of the same kind is "
                 "loaded: reads are recorded without their answer.",
        .next = NEXT_TAMPERING,
    },
    [SCENARIO_RISKY] = {
        .slug = "risky-sign-in",
        .title = "risky sign-in",
        .technique = "T1078.004 Valid Accounts: Cloud Accounts",
        .what = "Threat protection rated a sign-in high, knew the password from a leak, or "
                "blocked it; or an account was in two countries faster than anybody travels.",
        .benign = "Travel, a VPN, a new phone.",
        .blind = "How the rating came about; without threat protection there is none at all.",
        .next = NEXT_RISKY,
    },
    [SCENARIO_CALLBACK] = {
        .slug = "callback-mismatch",
        .title = "callback mismatch",
        .technique = "T1528 Steal Application Access Token",
        .what = "The OAuth endpoints refuse requests in a row for bad parameters: a redirect "
                "address that is not registered, or somebody who tries foreign ones.",
        .benign = "A release with a wrong address: it starts at once, for every user of one "
                  "client.",
        .blind = "The address itself, where the record masks it.",
        .next = NEXT_CALLBACK,
    },
    [SCENARIO_OVER_LOGGING] = {
        .slug = "over-logging",
        .title = "secrets in the logs",
        .technique = "T1552.001 Credentials In Files",
        .what = "Tokens, secrets, phone numbers or e-mail addresses stand in the logs in "
                "clear.",
        .benign = "E-mail addresses as user names in the activity export are meant to be "
                  "there.",
        .blind = "Fields that have no column here: --findings --records reads every record "
                 "again for them, at any path.",
        .next = NEXT_LOGGING,
    },
};
// clang-format on

const struct scenario_text *scenario_text(enum scenario s)
{
    return &TEXTS[s];
}

bool scenario_find(struct bytes slug, enum scenario *out)
{
    for (unsigned i = 0; i < SCENARIO_COUNT; i++) {
        if (bytes_are(slug, TEXTS[i].slug)) {
            *out = (enum scenario)i;
            return true;
        }
    }
    return false;
}
