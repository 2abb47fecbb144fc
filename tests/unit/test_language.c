/* Whole queries on a small archive: every function, paths below names, unnest, what is read as
 * something else, and what is refused. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
// clang-format on

#include <stdlib.h>

#include "core/base/hash.h"
#include "core/base/mem.h"

#include "tests/unit/world.h"

static const char records[] =
    "{\"Records\":["
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:00:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"InitiateAuth\",\"sourceIPAddress\":"
    "\"203.0.113.5\",\"readOnly\":true,\"requestParameters\":{\"clientId\":\"c1\",\"tags\":["
    "\"a\","
    "\"b\"],\"rules\":[{\"k\":\"x\",\"v\":[1,2]},{\"k\":\"y\",\"v\":[]}],\"text\":\"{"
    "\\\"in\\\":[5,6]}\"}},"
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T10:07:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"SignUp\",\"sourceIPAddress\":"
    "\"203.0.113.6\",\"readOnly\":false,\"requestParameters\":{\"clientId\":\"c2\",\"tags\":[],"
    "\"rules\":{\"k\":\"z\"}}},"
    "{\"eventVersion\":\"1.08\",\"eventTime\":\"2025-03-01T11:00:00Z\",\"eventSource\":"
    "\"cognito-idp.amazonaws.com\",\"eventName\":\"SignUp\",\"sourceIPAddress\":"
    "\"203.0.113.5\"}]}";

static int setup(void **state)
{
    *state = world_new("AWSLogs/111122223333/CloudTrail/eu-west-1/2025/03/01/"
                       "111122223333_CloudTrail_eu-west-1_20250301T1105Z_abc.json",
                       bytes_of(records));
    return 0;
}

static int teardown(void **state)
{
    world_free(*state);
    return 0;
}

struct pair {
    const char *query, *gives;
};

static void expect_all(struct world *w, const struct pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(w, pairs[i].query, pairs[i].gives);
}

static void test_texts(void **state)
{
    static const struct pair pairs[] = {
        {"fields strlen(\"aé\") as a, messageSize(\"aé\") as b | limit 1",                 "2,3"      },
        {"fields regexReplace(\"a1b22\", \"[0-9]+\", \"<$0>\") as x | limit 1",              "a<1>b<22>"},
        {"fields regexReplace(\"key=val\", /(\\w+)=(\\w+)/, \"$2=\\1 $$1\") as x | limit 1",
         "val=key $1"                                                                                   },
        {"fields regexReplace(\"abc\", \"x*\", \"-\") as x | limit 1",                       "-a-b-c-"  },
        {"fields regexReplace(\"aab\", \"^a\", \"\") as x | limit 1",                        "ab"       },
        {"fields regexReplace(\"éé\", \"\", \".\") as x | limit 1",                        ".é.é."  },
        {"fields regexReplace(nothing.here, \"a\", \"b\") as x | limit 1",                   "-"        },
        {"fields split(\"a--b----c\", \"--\") as x | fields x.1 as y, x.9 as z | limit 1",
         "[\"a\",\"b\",\"\",\"c\"],b,-"                                                                 },
        {"fields split(\"a\\\"b\", \"-\") as x, split(\"\", \",\") as y | limit 1",
         "[\"a\\\"b\"],[\"\"]"                                                                          },
        {"fields replace(\"aXbX\", \"X\", \"--\") as x, trim(\"  a \") as y | limit 1",
         "a--b--,a"                                                                                     },
        {"fields strcontains(\"ABC\", \"b\", true) as x, strcontains(\"ABC\", \"b\") as y | "
         "limit 1",                                                                 "1,0"      },
        {"fields substr(\"abc\", 1) as x, substr(\"abc\", 0, 2) as y | limit 1",             "bc,ab"    },
    };

    expect_all(*state, pairs, ARRAY_LEN(pairs));
}

static void test_notations(void **state)
{
    static const struct pair pairs[] = {
        {"fields urlencode(\"a b/ü\") as x, urldecode(\"a%20b%2F%C3%BC+\") as y | limit 1",
         "a%20b%2F%C3%BC,a b/ü "                                                                                 },
        {"fields base64encode(\"hello\") as x, base64encode(\"ab\") as y, "
         "base64decode(\"aGVsbG8=\") "
         "as z | limit 1",                                                          "aGVsbG8=,YWI=,hello"},
        {"fields hexToAscii(\"48656c6c6f\") as x, hexToAscii(\"4\") as y, hexToAscii(\"zz\") "
         "as z | "
         "limit 1",                                                                 "Hello,-,-"          },
        {"fields hexToDec(\"0xff\") as x, hexToDec(\"FFFFFFFF\") as y, hexToDec(\"\") as z | "
         "limit 1",                                                                 "255,4294967295,-"   },
        {"fields decToHex(255) as x, decToHex(-255.9) as y, decToHex(\"a\") as z | limit 1",
         "0xff,-0xff,-"                                                                                           },
        {"fields jsonArrayContains(\"[1,2]\", 2) as x, jsonArrayContains(\"no\", 2) as y, "
         "jsonArrayContains(\"[]\", 2) as z, jsonArraySize(\"no\") as s | limit 1", "1,0,0,-"            },
        {"fields unmask(operation) as x | limit 1",                                          "SignUp"             },
    };

    expect_all(*state, pairs, ARRAY_LEN(pairs));
}

static void test_numbers_and_times(void **state)
{
    static const struct pair pairs[] = {
        {"fields haversine(52.52, 13.405, 48.8566, 2.3522) as x, haversine(0, 0, 0, 180) as y "
         "| limit 1",                                                         "877.4633,20015.0868"                                                    },
        {"fields round(2.5) as a, round(-2.5) as b, round(1.255, 2) as c, toInt(\"-3.9\") as d "
         "| limit 1",                                                         "3,-3,1.25,-3"                                                           },
        {"fields formatDate(@timestamp, \"%d.%m.%Y %H:%M\", \"+02:00\") as x, "
         "strftime(@timestamp, \"%j\") as "
         "y | sort @timestamp | limit 1",                                     "01.03.2025 12:00,060"                                                   },
        {"fields parseDate(\"2025-03-01 10:00\", \"yyyy-MM-dd HH:mm\") as x, parseDate(\"x\", "
         "\"yyyy\") as y | "
         "limit 1",                                                           "1740823200000,-"                                                        },
        {"filter toMillis(@timestamp) = parseDate(\"2025-03-01 12:00\", \"yyyy-MM-dd HH:mm\", "
         "\"+02:00\") | "
         "stats count(*)",                                                    "1"                                                                      },
        {"fields queryStartTime() as x | limit 1",                                     "-"                                                                      },
        {"filter @timestamp >= \"2025-03-01T10:05:00Z\" and @timestamp <= "
         "\"2025-03-01T10:10:00Z\" | fields "
         "queryStartTime() as x, queryEndTime() as y, queryTimeRange() as z", "1740823500000,1740823800000,300000"                                     },
        {"filter toMillis(@timestamp) > now() * 1000 - 3600000 | stats count(*)",      "2"                                                                      },
        {"fields datefloor(@timestamp, 1mo) as a, dateceil(@timestamp, 1y) as b, bin(1w) as c "
         "| limit 1",                                                         "2025-03-01 00:00:00.000,2026-01-01 00:00:00.000,2025-02-24 00:00:00.000"},
        {"filter readOnly = 1 | stats count(*)",                                       "1"                                                                      },
        {"filter readOnly = true or readOnly = \"false\" | stats count(*)",            "2"                                                                      },
        {"filter readOnly in [0] | stats count(*)",                                    "1"                                                                      },
    };

    expect_all(*state, pairs, ARRAY_LEN(pairs));
}

/* Numbers that doubles cannot tell apart are told apart by their digits. */
static void test_long_numbers(void **state)
{
    static const struct pair pairs[] = {
        {"fields \"9007199254740993\" = 9007199254740992 as a, \"9007199254740993\" = "
         "9007199254740993 as b, \"009007199254740993\" = 9007199254740993 as c | limit 1", "0,1,1"                   },
        {"fields \"9007199254740993\" > \"9007199254740992\" as a, 9007199254740993 > "
         "\"9007199254740992\" as b, \"-9007199254740993\" < \"-9007199254740992\" as c | "
         "limit 1",                                                                         "1,1,1"                   },
        {"fields 12345678901234567890 in [12345678901234567891, 5] as a, "
         "12345678901234567890 as b, 1e17 = 100000000000000000 as c | limit 1",             "0,12345678901234567890,1"},
    };

    expect_all(*state, pairs, ARRAY_LEN(pairs));
}

/* A day or minute compared with a time is the instant it begins with. */
static void test_times_in_text(void **state)
{
    static const struct pair pairs[] = {
        {"filter @timestamp > \"2025-03-01T10:07\" | stats count(*) as n",    "1"},
        {"filter @timestamp >= \"2025-03-01 10:07Z\" | stats count(*) as n",  "2"},
        {"filter \"2025-03-01T11:00\" <= @timestamp | stats count(*) as n",   "1"},
        {"filter @timestamp > \"2025-03-01\" | stats count(*) as n",          "3"},
        {"filter bin(1d) = \"2025-03-01\" | stats count(*) as n",             "3"},
        {"fields @timestamp as t | filter t < \"2025-03-01T10:07\" | stats count(*) as n", "1"},
        {"stats count(*) as n by bin(1h) as t | filter t = \"2025-03-01T10:00\" | display n", "2"},
    };

    expect_all(*state, pairs, ARRAY_LEN(pairs));
}

/* A column without a name of its own is reached by its heading in backticks too. */
static void test_headings(void **state)
{
    static const struct pair pairs[] = {
        {"stats count(*) by eventName | sort `count(*)` desc | limit 1",              "SignUp,2" },
        {"stats count(*) by eventName | filter `count(*)` > 1",                       "SignUp,2" },
        {"stats count(*) by eventName | stats sum(`count(*)`) as n",                  "3"        },
        {"stats count(*) # how many\n by eventName | sort `count(*)` # another\n| filter "
         "`count(*)` < 2", "InitiateAuth,1"},
        {"stats max(requestParameters.clientId) by eventName | filter "
         "`max(requestParameters.clientId)` = \"c2\"",                       "SignUp,c2"},
        {"stats count(*) by bin(1h) | sort `bin(1h)` | limit 1 | display `count(*)`", "2"        },
    };

    expect_all(*state, pairs, ARRAY_LEN(pairs));
}

static void test_values(void **state)
{
    expect(*state,
           "stats values(ip) as v, collect_values(strlen(operation)) as l, values(error) as e",
           "[\"203.0.113.5\",\"203.0.113.6\"],[\"6\",\"12\"],-");
    expect(*state, "stats values(ip) as v by operation | fields v.1 as second | sort operation",
           "InitiateAuth,[\"203.0.113.5\"],-|SignUp,[\"203.0.113.5\",\"203.0.113.6\"],203.0."
           "113.6");
}

static void test_paths_below_names(void **state)
{
    static const struct pair pairs[] = {
        {"fields requestParameters as r | filter r.clientId = \"c1\" | stats count(*)",          "1"     },
        {"fields requestParameters as r | display r.rules.0.v[1] | sort @timestamp | limit 1",
         "2"                                                                                             },
        {"fields jsonParse(requestParameters.text) as j | display j.in.1 | sort @timestamp | "
         "limit 1",                                                                     "6"     },
        {"fields jsonParse(@message) as j | filter j.requestParameters.clientId = \"c2\" | "
         "display "
         "j.`eventName`",                                                               "SignUp"},
        {"fields requestParameters as r, r.rules as s | display s.0.k | sort @timestamp | "
         "limit 1",                                                                     "x"     },
        {"stats latest(requestParameters) as r by ip | fields r.clientId as c | display ip, c",
         "203.0.113.5,c1|203.0.113.6,c2"                                                                 },
        {"stats latest(requestParameters) as r by ip | filter r.clientId = \"c2\" | display ip",
         "203.0.113.6"                                                                                   },
        {"fields if(ispresent(requestParameters), requestParameters, \"none\") as r | filter "
         "r.clientId "
         "like /c/ | stats count(*)",                                                   "2"     },
        {"fields jsonParse(@message) as j | stats count(*) as n by j.eventName | sort n",
         "InitiateAuth,1|SignUp,2"                                                                       },
        {"fields jsonParse(@message) as `my j` | filter `my j`.eventName = \"SignUp\" | stats "
         "count(*)",                                                                    "2"     },
        {"fields strlen(ip) as `a b` | filter `a b` = 11 | stats count(*)",                      "3"     },
    };

    expect_all(*state, pairs, ARRAY_LEN(pairs));
    expect_refused(*state, "fields ip as a | fields a.b", "a is no map or list");
    expect_refused(*state, "fields strlen(ip) as a | filter a.b = 1", "jsonParse()");
    expect_refused(*state, "stats count(*) as n by ip | filter n.x = 1", "n is no map or list");
    expect_refused(*state, "stats count(*) as n by ip | display ip.x", "ip is no map or list");
    expect_notice(*state, "fields jsonParse(@message) as json | display jsn.eventName",
                  "jsn.eventName is no field");
}

static void test_unnest(void **state)
{
    static const struct pair pairs[] = {
  /* What is no list counts as a list of one, an empty list gives no row. */
        {"unnest requestParameters.tags into t | display operation, t | sort @timestamp, t",
         "InitiateAuth,a|InitiateAuth,b|SignUp,-"                                                                         },
        {"unnest requestParameters.rules into r | display r.k, r.v | sort @timestamp",
         "x,[1,2]|y,[]|z,-|-,-"                                                                                           },
        {"unnest requestParameters.rules into r | unnest r.v into v | display r.k, v | sort "
         "@timestamp, v",                                                           "x,1|x,2|z,-|-,-"            },
        {"unnest requestParameters.rules into r | filter r.k in [\"y\", \"z\"] | display r.k | "
         "sort r.k",                                                                "y|z"                        },
        {"filter r.k = \"y\" | unnest requestParameters.rules into r | stats count(*)",      "0"                          },
        {"unnest requestParameters.tags into t | stats count(*) as n, count(t) as m by "
         "operation | sort operation",                                              "InitiateAuth,2,2|SignUp,1,0"},
        {"unnest requestParameters.tags into t | filter ispresent(t) | stats latest(t) as x, "
         "count(*) as n",                                                           "b,2"                        },
        {"unnest requestParameters.tags into t | dedup operation | display operation | sort "
         "operation",                                                               NULL                         },
        {"unnest requestParameters.tags into t | display operation | dedup operation",
         "SignUp|InitiateAuth"                                                                                            },
        {"unnest split(\"b,a\", \",\") into s | filter operation = \"InitiateAuth\" | display "
         "s | sort s",                                                              "a|b"                        },
        {"unnest jsonParse(requestParameters.text) into j | filter ispresent(j.in) | unnest "
         "j.in into n | stats "
         "sum(n)",                                                                  "11"                         },
        {"unnest requestParameters.tags into t | filter t != \"a\" | stats count(*)",        "1"                          },
    };

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        if (pairs[i].gives)
            expect(*state, pairs[i].query, pairs[i].gives);
    }
    expect_notice(*state, "unnest requestParameters.tags into t | filter t != \"a\"",
                  "1 rows left out");
    expect_refused(*state, "stats values(ip) as v | unnest v into x", "unnest behind stats");
    expect_refused(*state, "unnest requestParameters.tags as t", "expected into");
    expect_refused(*state, "unnest requestParameters.tags into 5", "expected a name");
}

/* What is not of the language but was met in the wild is read, and said. */
static void test_what_is_read_as_something_else(void **state)
{
    static const struct {
        const char *query, *gives, *notice;
    } cases[] = {
        {"-- a comment\nstats count(*)",                                       "3",                           "--"                  },
        {"filter error not exists | stats count(*)",                           "3",                           "exists"              },
        {"stats count(*) as n by ip | sort by n",                              "203.0.113.6,1|203.0.113.5,2", "by"                  },
        {"stats count(*) as n by ip | order by n",                             "203.0.113.6,1|203.0.113.5,2", "order"               },
        {"filter operation == \"SignUp\" | stats count(*)",                    "2",                           "=="                  },
        {"filter operation <> \"SignUp\" | stats count(*)",                    "1",                           "<>"                  },
        {"filter operation !~ /Sign/ | stats count(*)",                        "1",                           "!~"                  },
        {"filter operation like /sign/i | stats count(*)",                     "2",                           "(?i)"                },
        {"stats count(*) as n by date_floor(@timestamp, 1h) as t | display n", "1|2",
         "date_floor()"                                                                                                             },
        {"stats percentile(strlen(ip), 50) as p",                              "11",                          "percentile()"        },
        {"parse ip \"*.*\" a, b | display a | limit 1",                        "203",                         "`as`"                },
        {"filter operation in (\"SignUp\") | stats count(*)",                  "2",                           "in (...)"            },
        {"filter operation = \"SignUp\"\nstats count(*)",                      "2",                           "missing |"           },
        {"fields operation | head 1",                                          "SignUp",                      "head was read"       },
        {"fields operation | tail 1",                                          "SignUp",                      "tail was read"       },
        {"unmask operation | limit 1",                                         "SignUp",                      "unmask was read"     },
        {"filterIndex operation = \"SignUp\" | stats count(*)",                "2",                           "filterIndex was read"},
        {"SOURCE \"g\" START=1740823200000 | stats count(*)",                  "3",                           "START of SOURCE"     },
        {"stats count(*) as n by bin(300s) | display n",                       "1|1|1",                       "was cut"             },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        expect(*state, cases[i].query, cases[i].gives);
        expect_notice(*state, cases[i].query, cases[i].notice);
    }
}

static void test_what_is_not_supported_is_named(void **state)
{
    static const struct pair pairs[] = {
        {"pattern @message",                                  "the command pattern is not supported"},
        {"stats count(*) | join x",                           "the command join is not supported"   },
        {"countFrequent ip",                                  "the command countFrequent"           },
        {"fields md5(ip)",                                    "the function md5() is not supported" },
        {"stats topk(3, ip)",                                 "the function topk()"                 },
        {"stats count(*) by bin(5m) offset 1h",               "offset behind stats is not supported"},
        {"fields @ptr",                                       "@ptr is not supported"               },
        {"fields @entity.KeyAttributes.Name",                 "@entity.KeyAttributes.Name is not"   },
        {"filter isIpInSubnet(ip, \"203.0.113.0/33\")",       "no subnet"                           },
        {"filter isIpInSubnet(ip, 5)",                        "no subnet"                           },
        {"filter isIpv4InSubnet(ip, \"2001:db8::/32\")",      "no IPv4 subnet"                      },
        {"filter isIpv6InSubnet(ip, \"203.0.113.0/24\")",     "no IPv6 subnet"                      },
        {"ip:\"203.0.113.0/33\"",                             "no address or network"               },
        {"ip:\"203.0.113.300\"",                              "no address or network"               },
        {"filter ip = \"203.0.113.0/24\"",                    "isIpInSubnet(ip, \"203.0.113.0/24\")"},
        {"filter ip in [\"203.0.113.0/33\"]",                 "isIpInSubnet(ip"                     },
        {"fields formatDate(@timestamp, \"%Q\")",             "%Q is not supported"                 },
        {"fields formatDate(@timestamp, ip)",                 "expects a text in quotes"            },
        {"fields parseDate(ip, \"QQ\")",                      "QQ is not supported"                 },
        {"fields parseDate(ip, \"yyyy\", \"Europe/Berlin\")", "unknown time zone"                   },
        {"fields regexReplace(ip, ip, \"\")",                 "expects a regular expression"        },
        {"fields regexReplace(ip, \"(\", \"\")",              "regular expression:"                 },
    };

    for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
        expect_refused(*state, pairs[i].query, pairs[i].gives);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_notations),
        cmocka_unit_test(test_numbers_and_times),
        cmocka_unit_test(test_long_numbers),
        cmocka_unit_test(test_times_in_text),
        cmocka_unit_test(test_headings),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_paths_below_names),
        cmocka_unit_test(test_unnest),
        cmocka_unit_test(test_what_is_read_as_something_else),
        cmocka_unit_test(test_what_is_not_supported_is_named),
    };

    hash_seed();
    return cmocka_run_group_tests(tests, setup, teardown);
}
