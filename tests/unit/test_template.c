/* Access-log lines by the format template of their stage, and broken JSON lines by their keys.
 */
/* cmocka.h needs the others before it. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "core/reading/cursor.h"
#include "core/reading/template.h"

#define MARK ",\"$context\":\"read by its access log format\"}"

static void expect_json(struct bytes text)
{
    struct cursor c;

    cursor_init(&c, text, true);
    c.lenient_utf8 = true;
    assert_true(cursor_skip(&c, NULL) && cursor_at_end(&c));
}

static void lines(void **state)
{
    static const struct {
        const char *template, *line, *wanted; /* NULL: the line does not fit */
    } rows[] = {
        {"$context.requestId $context.status",                                            "a1 200",
         "{\"requestId\":\"a1\",\"status\":\"200\"" MARK                                                                                                                                                      },
        {"$context.requestId $context.status",                                            "a1   200",
         "{\"requestId\":\"a1\",\"status\":\"200\"" MARK                                                                                                                                                      },
        {"$context.requestId $context.status",                                            "a1200",                            NULL                                                                            },
        {"$context.requestId $context.status",                                            "a1 200 x",                         NULL                                                                            },
        {"$context.requestId $context.status",                                            "a1 ok",                            NULL                                                                            },
        {"$context.requestId $context.status",                                            "a1 -",
         "{\"requestId\":\"a1\",\"status\":\"-\"" MARK                                                                                                                                                        },
        {"[$context.path] $context.status",                                               "[/a] b] 404",
         "{\"path\":\"/a] b\",\"status\":\"404\"" MARK                                                                                                                                                        },
        {"<$context.identity.sourceIp|$context.identity.userAgent>",                      "<192.0.2.1|x \"y\">",
         "{\"identity\":{\"sourceIp\":\"192.0.2.1\",\"userAgent\":\"x \\\"y\\\"\"}" MARK                                                                                                                      },
        {"{ \"m\": \"$context.error.message\", \"s\": $context.status }",
         "{\"m\":\"a \"b\" {c}\",\"s\":500}",                                                                                 "{\"error\":{\"message\":\"a \\\"b\\\" {c}\"},\"status\":\"500\"" MARK          },
        {"{\"m\":\"$context.path\",\"s\":$context.status}",                               "{\"m\":\"a\\u00e9\\\"\",\"s\":1}",
         "{\"path\":\"a\\u00e9\\\"\",\"status\":\"1\"" MARK                                                                                                                                                   },
        {"{\"m\":$context.error.messageString}",                                          "{\"m\":\"text\"}",
         "{\"error\":{\"messageString\":\"text\"}" MARK                                                                                                                                                       },
        {"$context.authorizer.claims['cognito:username'],$context.authorizer.claims.sub",
         "al,s1",                                                                                                             "{\"authorizer\":{\"claims\":{\"cognito:username\":\"al\",\"sub\":\"s1\"}}" MARK},
        {"$context.authorizer.claims.custom:tenant.$context.status",                      "x.200",
         "{\"authorizer\":{\"claims\":{\"custom:tenant\":\"x\"}},\"status\":\"200\"" MARK                                                                                                                     },
        {"$context.requestTime;$context.path",                                            "09/Oct/2025:07:34:30 +0000;x",
         "{\"requestTime\":\"09/Oct/2025:07:34:30 +0000\",\"path\":\"x\"" MARK                                                                                                                                },
        {"$context.requestTime;$context.path",                                            "yesterday;x",                      NULL                                                                            },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer out = {0};
        const char *why;
        struct template *t = template_new(bytes_of(rows[i].template), &why);

        assert_non_null(t);
        assert_int_equal(template_render(t, bytes_of(rows[i].line), &out),
                         rows[i].wanted != NULL);
        if (rows[i].wanted) {
            assert_string_equal(buffer_cstr(&out), rows[i].wanted);
            expect_json(buffer_bytes(&out));
        } else {
            assert_int_equal(out.len, 0);
        }
        buffer_deinit(&out);
        template_free(t);
    }
}

static void bad_templates(void **state)
{
    static const char *const texts[] = {"", "status", "$context.", "$context. x",
                                        "$context.requestId$context.status"};
    struct buffer long_one = {0};
    const char *why;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        why = NULL;
        assert_null(template_new(bytes_of(texts[i]), &why));
        assert_non_null(why);
    }
    for (unsigned i = 0; i <= TEMPLATE_MAX_VARIABLES; i++)
        buffer_add_text(&long_one, "$context.a ");
    assert_null(template_new(buffer_bytes(&long_one), &why));
    for (unsigned i = 0; i < TEMPLATE_MAX_BYTES; i++)
        buffer_add_char(&long_one, 'x');
    assert_null(template_new(buffer_bytes(&long_one), &why));
    buffer_deinit(&long_one);
}

static void builtins(void **state)
{
    static const char *const fits[] = {
        "192.0.2.1 - - [09/Oct/2025:07:34:30 +0000]\"GET /x HTTP/1.1\" 200 1 id ext",
        "192.0.2.1 - - [09/Oct/2025:07:34:30 +0000] \"GET /x HTTP/1.1\" 200 1 id",
        "192.0.2.1,-,-,09/Oct/2025:07:34:30 +0000,GET,/x,HTTP/1.1,200,1,id",
    };
    /* Of a web server: no request id. Of anything. */
    static const char *const other[] = {
        "192.0.2.1 - - [09/Oct/2025:07:34:30 +0000] \"GET /x HTTP/1.1\" 200 17",
        "192.0.2.1 - - [09/Oct/2025:07:34:30 +0000] \"GET /x HTTP/1.1\" 200 17 \"-\" \"curl\"",
        "a,b,c,d,e,f,g,h,i,j",
        "",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(fits); i++) {
        struct template *t = template_find(bytes_of(fits[i]));

        assert_non_null(t);
        template_free(t);
    }
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        assert_null(template_find(bytes_of(other[i])));
}

/* A line made to be tried in many ways is given up, soon. */
static void hard_lines(void **state)
{
    struct buffer text = {0}, line = {0}, out = {0};
    struct template *t;
    const char *why;

    (void)state;
    for (unsigned i = 0; i < 60; i++)
        buffer_printf(&text, "$context.v%u,", i);
    buffer_add_text(&text, "$context.status!");
    t = template_new(buffer_bytes(&text), &why);
    for (unsigned i = 0; i < 100000; i++)
        buffer_add_char(&line, ',');
    assert_false(template_render(t, buffer_bytes(&line), &out));
    template_free(t);
    buffer_deinit(&text);
    buffer_deinit(&line);
    buffer_deinit(&out);
}

static void mended(void **state)
{
    static const struct {
        const char *line, *wanted;
    } rows[] = {
        {"{\"requestId\":\"a\",\"error\":\"x \"y\" {z}\",\"status\":\"500\"}",
         "{\"requestId\":\"a\",\"error\":\"x \\\"y\\\" {z}\",\"status\":\"500\"}"                                     },
        {"{\"requestId\": \"a\", \"error\": -, \"status\": 500 }",
         "{\"requestId\":\"a\",\"error\":\"-\",\"status\":\"500\"}"                                                   },
        {"{\"requestId\":\"a\",\"e\":\"\"}\"}",                                "{\"requestId\":\"a\",\"e\":\"\\\"}\"}"},
        {"{\"requestId\":\"a\",\"e\":\"x",                                     NULL                                   },
        {"{\"requestId\":\"a\",\"e\":{\"f\":\"g\"}}",                          NULL                                   },
        {"{\"id\":\"a\",\"e\":\"x\"y\"}",                                      NULL                                   },
        {"{\"requestId\"}",                                                    NULL                                   },
        {"{",                                                                  NULL                                   },
        {"",                                                                   NULL                                   },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buffer out = {0};

        assert_int_equal(template_mend(bytes_of(rows[i].line), &out), rows[i].wanted != NULL);
        if (rows[i].wanted) {
            assert_string_equal(buffer_cstr(&out), rows[i].wanted);
            expect_json(buffer_bytes(&out));
        } else {
            assert_int_equal(out.len, 0);
        }
        buffer_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),    cmocka_unit_test(bad_templates),
        cmocka_unit_test(builtins), cmocka_unit_test(hard_lines),
        cmocka_unit_test(mended),
    };

    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}
