/* cogtrail-generate: the demo incident and archives of any size, the same in every run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/data/bulk.h"
#include "tests/data/incident.h"

static const char usage[] =
    "usage: cogtrail-generate demo DIR [--truth FILE]\n"
    "       cogtrail-generate embed FILE.c [--truth FILE]\n"
    "       cogtrail-generate archive DIR --events N [--days N] [--bytes-per-event N]\n"
    "       cogtrail-generate activity FILE.gz --events N\n"
    "       cogtrail-generate tree DIR --files N\n"
    "Every mode takes --seed N. The same arguments give the same bytes.\n";

struct arguments {
    const char *mode, *target, *truth;
    uint64_t seed, events, days, bytes_per_event, files;
};

static _Noreturn void refuse(const char *what)
{
    fprintf(stderr, "cogtrail-generate: %s\n%s", what, usage);
    exit(2);
}

static uint64_t number(const char *text)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || value == 0)
        refuse("options want a number from 1");
    return value;
}

static struct arguments parse(int argc, char **argv)
{
    struct arguments a = {.seed = 20261118, .days = 30, .bytes_per_event = 1371};
    if (argc < 3)
        refuse("what, and where to?");
    a.mode = argv[1];
    a.target = argv[2];
    const struct {
        const char *name;
        uint64_t *value;
    } options[] = {
        {"--seed",            &a.seed           },
        {"--events",          &a.events         },
        {"--days",            &a.days           },
        {"--bytes-per-event", &a.bytes_per_event},
        {"--files",           &a.files          },
    };
    for (int i = 3; i < argc; i += 2) {
        size_t k = 0;
        if (i + 1 == argc)
            refuse("an option without a value");
        while (k < sizeof(options) / sizeof(*options) && strcmp(options[k].name, argv[i]) != 0)
            k++;
        if (k < sizeof(options) / sizeof(*options))
            *options[k].value = number(argv[i + 1]);
        else if (strcmp(argv[i], "--truth") == 0)
            a.truth = argv[i + 1];
        else
            refuse("unknown option");
    }
    return a;
}

static void make_demo(const struct arguments *a, bool embed)
{
    struct incident in;
    incident_make(&in, a->seed);
    if (embed)
        incident_embed(&in, a->target);
    else
        incident_write(&in, a->target);
    if (a->truth)
        truth_write(&in, a->truth);
    incident_deinit(&in);
}

int main(int argc, char **argv)
{
    struct arguments a = parse(argc, argv);
    struct bulk_plan plan = {a.target, a.seed, a.events, a.days, a.bytes_per_event};
    if (strcmp(a.mode, "demo") == 0 || strcmp(a.mode, "embed") == 0) {
        make_demo(&a, a.mode[0] == 'e');
    } else if (strcmp(a.mode, "archive") == 0 && a.events > 0) {
        bulk_archive(&plan);
    } else if (strcmp(a.mode, "activity") == 0 && a.events > 0) {
        bulk_activity(&plan);
    } else if (strcmp(a.mode, "tree") == 0 && a.files > 0) {
        plan.events = a.files;
        bulk_tree(&plan);
    } else {
        refuse("no such mode, or its number is missing");
    }
    return 0;
}
