/* cogtrail-generate: the demo incident, labelled incidents and archives of any size, the same
 * in every run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/data/bulk.h"
#include "tests/data/incident.h"
#include "tests/data/scene.h"

static const char usage[] =
    "usage: cogtrail-generate demo DIR [--truth FILE]\n"
    "       cogtrail-generate embed FILE.c [--truth FILE]\n"
    "       cogtrail-generate archive DIR --events N [--days N] [--bytes-per-event N]\n"
    "       cogtrail-generate activity FILE.gz --events N\n"
    "       cogtrail-generate tree DIR --files N\n"
    "       cogtrail-generate incident DIR [--scenario=SLUG] [--variant=NAME]\n"
    "       cogtrail-generate plots\n"
    "Every mode takes --seed N. The same arguments give the same bytes.\n"
    "incident: labelled incidents and harmless look-alikes, DIR/SCENARIO/VARIANT/evidence "
    "with\n"
    "truth.json beside it; all of them unless told which. plots: lists them.\n";

struct arguments {
    const char *mode, *target, *truth, *scenario, *variant;
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

/* `--name value` or `--name=value`; returns how many arguments it took. */
static int take_option(struct arguments *a, char **argv, int left)
{
    const struct {
        const char *name;
        uint64_t *number;
        const char **text;
    } options[] = {
        {"--seed",            &a->seed,            NULL        },
        {"--events",          &a->events,          NULL        },
        {"--days",            &a->days,            NULL        },
        {"--bytes-per-event", &a->bytes_per_event, NULL        },
        {"--files",           &a->files,           NULL        },
        {"--truth",           NULL,                &a->truth   },
        {"--scenario",        NULL,                &a->scenario},
        {"--variant",         NULL,                &a->variant },
    };
    size_t len = strcspn(*argv, "="), k = 0;
    const char *value = (*argv)[len] ? *argv + len + 1 : left > 1 ? argv[1] : NULL;
    while (k < sizeof(options) / sizeof(*options) &&
           (strncmp(options[k].name, *argv, len) != 0 || options[k].name[len]))
        k++;
    if (k == sizeof(options) / sizeof(*options))
        refuse("unknown option");
    if (!value)
        refuse("an option without a value");
    if (options[k].number)
        *options[k].number = number(value);
    else
        *options[k].text = value;
    return (*argv)[len] ? 1 : 2;
}

static struct arguments parse(int argc, char **argv)
{
    struct arguments a = {.seed = 20261118, .days = 30, .bytes_per_event = 1371};
    if (argc < 2)
        refuse("what?");
    a.mode = argv[1];
    for (int i = 2; i < argc;)
        if (strncmp(argv[i], "--", 2) == 0)
            i += take_option(&a, argv + i, argc - i);
        else if (a.target)
            refuse("one target only");
        else
            a.target = argv[i++];
    if (!a.target && strcmp(a.mode, "plots") != 0)
        refuse("where to?");
    return a;
}

static bool is_wanted(const char *wanted, const char *name)
{
    return !wanted || strcmp(wanted, "all") == 0 || strcmp(wanted, name) == 0;
}

static void make_incidents(const struct arguments *a)
{
    const struct plot *plot;
    size_t made = 0;
    for (size_t i = 0; (plot = plot_get(i)); i++) {
        if (!is_wanted(a->scenario, plot->scenario) || !is_wanted(a->variant, plot->variant))
            continue;
        struct scene scene;
        struct text folder = {0};
        text_printf(&folder, "%s/%s/%s", a->target, plot->scenario, plot->variant);
        text_add_bytes(&folder, "", 1);
        scene_make(&scene, plot, a->seed);
        scene_write(&scene, folder.ptr);
        scene_deinit(&scene);
        text_deinit(&folder);
        made++;
    }
    if (made == 0)
        refuse("no such scenario and variant; `plots` lists them");
}

static void list_plots(void)
{
    const struct plot *plot;
    for (size_t i = 0; (plot = plot_get(i)); i++)
        printf("%s %s\n", plot->scenario, plot->variant);
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
    } else if (strcmp(a.mode, "incident") == 0) {
        make_incidents(&a);
    } else if (strcmp(a.mode, "plots") == 0) {
        list_plots();
    } else {
        refuse("no such mode, or its number is missing");
    }
    return 0;
}
