/* Measures the triage: makes labelled incidents, lets the program find them, compares.
 *
 * An incident is found when a finding of its scenario (or of the other that names it as well)
 * has at least the severity of the label and at least half of its evidence is labelled. A
 * finding above low is right when at least half of its evidence is labelled, whatever its
 * scenario: a takeover holds a brute force. Recall is incidents found of all; precision is
 * findings right of all above low. */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/data/scene.h"

static const char USAGE[] =
    "usage: cogtrail-measure [--scenario=SLUG] [--variant=NAME] PROGRAM [SEED]...\n"
    "Prints recall and precision per scenario over labelled incidents, every miss and every\n"
    "finding above low that is not of the label. Ends with 1 when there are any, else 0.\n"
    "Tune with seeds below 100 (1 when none is given). Measure what was tuned with larger\n"
    "ones that nobody has used before, each once: what a seed has shown is known from then on.\n";

enum { MAX_SCENARIOS = 64 };

struct score {
    char *scenario;            /* owned */
    unsigned incidents, found; /* labelled with it */
    unsigned findings, right;  /* above low, called so */
    double covered;            /* sum over found incidents: share of labelled evidence named */
};

struct measure {
    const char *program, *folder;
    struct score scores[MAX_SCENARIOS];
    size_t n_scores;
    unsigned faults;
};

struct ids {
    const char **items;
    size_t n;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void ids_add(void *context, const char *id)
{
    struct ids *ids = context;
    if ((ids->n & (ids->n - 1)) == 0)
        ids->items = must_grow(ids->items, (ids->n ? ids->n * 2 : 1) * sizeof(*ids->items));
    ids->items[ids->n++] = id;
}

static size_t ids_find(const struct ids *ids, const char *id)
{
    const char **at = ids->n ? bsearch(&id, ids->items, ids->n, sizeof(id), by_text) : NULL;
    return at ? (size_t)(at - ids->items) : SIZE_MAX;
}

static struct score *score_of(struct measure *m, const char *scenario)
{
    size_t i = 0;
    while (i < m->n_scores && strcmp(m->scores[i].scenario, scenario) != 0)
        i++;
    if (i == MAX_SCENARIOS)
        abort(); /* more scenarios than the table of plots and the program can have */
    if (i == m->n_scores)
        m->scores[m->n_scores++] = (struct score){.scenario = strdup(scenario)};
    return &m->scores[i];
}

static int rank(const char *severity)
{
    static const char *const order[] = {"info", "low", "medium", "high"};
    for (int i = 0; i < 4; i++)
        if (strcmp(order[i], severity) == 0)
            return i;
    return -1;
}

static const char *text_of(const cJSON *finding, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(finding, key);
    if (!cJSON_IsString(item)) {
        fprintf(stderr, "cogtrail-measure: a finding without \"%s\"\n", key);
        exit(4);
    }
    return item->valuestring;
}

/* What one case has shown so far. */
struct tale {
    const struct plot *plot;
    uint64_t seed;
    struct ids ids;
    bool *named; /* labelled evidence that a finding of the scenario names */
    bool found;
    char nearest[160]; /* what was said of the evidence instead */
};

static void judge(struct measure *m, struct tale *tale, const cJSON *finding)
{
    const char *scenario = text_of(finding, "scenario"),
               *severity = text_of(finding, "severity");
    const cJSON *events = cJSON_GetObjectItemCaseSensitive(finding, "events"), *event;
    const struct plot *plot = tale->plot;
    bool named = strcmp(scenario, plot->scenario) == 0 ||
                 (plot->also && strcmp(scenario, plot->also) == 0);
    unsigned n = 0, labelled = 0;
    cJSON_ArrayForEach(event, events)
    {
        size_t at = cJSON_IsString(event) ? ids_find(&tale->ids, event->valuestring) : SIZE_MAX;
        n++;
        labelled += at != SIZE_MAX;
        if (named && at != SIZE_MAX)
            tale->named[at] = true;
    }
    bool right = labelled > 0 && labelled * 2 >= n;
    if (right && named && rank(severity) >= rank(plot->severity))
        tale->found = true;
    else if (right && !plot->harmless)
        snprintf(tale->nearest, sizeof(tale->nearest), "; nearest is %s, %s", scenario,
                 severity);
    if (rank(severity) <= rank("low"))
        return;
    struct score *score = score_of(m, scenario);
    score->findings++;
    score->right += right;
    if (right)
        return;
    m->faults++;
    printf("false   %s/%s seed %llu: %s, %s, %u of %u events labelled: %s\n", plot->scenario,
           plot->variant, (unsigned long long)tale->seed, scenario, severity, labelled, n,
           text_of(finding, "why"));
}

/* Runs the program over the evidence and judges each finding. */
static void read_findings(struct measure *m, struct tale *tale)
{
    char command[1024], *line = NULL;
    size_t cap = 0;
    snprintf(command, sizeof(command),
             "'%s' --findings --records --format=jsonl '%s/evidence' 2>/dev/null",
             m->program, m->folder);
    FILE *out = popen(command, "r");
    if (!out) {
        perror("cogtrail-measure");
        exit(4);
    }
    while (getline(&line, &cap, out) > 0) {
        cJSON *finding = cJSON_Parse(line);
        if (!finding) {
            fprintf(stderr, "cogtrail-measure: not JSON: %s", line);
            exit(4);
        }
        judge(m, tale, finding);
        cJSON_Delete(finding);
    }
    free(line);
    if (pclose(out) != 0) {
        fprintf(stderr, "cogtrail-measure: %s failed\n", command);
        exit(4);
    }
}

/* Only what was written there: folders of evidence. */
static void empty_folder(const char *path)
{
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir))) {
        char inner[4096];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        if (unlink(inner) < 0) {
            empty_folder(inner);
            rmdir(inner);
        }
    }
    if (dir)
        closedir(dir);
}

static void measure_plot(struct measure *m, const struct plot *plot, uint64_t seed)
{
    struct scene scene;
    struct tale tale = {.plot = plot, .seed = seed};
    scene_make(&scene, plot, seed);
    scene_write(&scene, m->folder);
    scene_each_id(&scene, ids_add, &tale.ids);
    if (tale.ids.n)
        qsort(tale.ids.items, tale.ids.n, sizeof(*tale.ids.items), by_text);
    tale.named = calloc(tale.ids.n + 1, sizeof(*tale.named));
    read_findings(m, &tale);
    if (!plot->harmless) {
        struct score *score = score_of(m, plot->scenario);
        size_t named = 0;
        for (size_t i = 0; i < tale.ids.n; i++)
            named += tale.named[i];
        score->incidents++;
        score->found += tale.found;
        score->covered += tale.found ? (double)named / (double)tale.ids.n : 0;
        if (!tale.found) {
            m->faults++;
            printf("missed  %s/%s seed %llu%s\n", plot->scenario, plot->variant,
                   (unsigned long long)seed, tale.nearest);
        }
    }
    free(tale.named);
    free(tale.ids.items);
    scene_deinit(&scene);
    empty_folder(m->folder);
}

static void print_scores(const struct measure *m)
{
    printf("%-26s %9s %5s %6s %8s   %8s %5s %9s\n", "scenario", "incidents", "found", "recall",
           "covered", "findings", "right", "precision");
    for (size_t i = 0; i < m->n_scores; i++) {
        const struct score *s = &m->scores[i];
        printf("%-26s %9u %5u ", s->scenario, s->incidents, s->found);
        if (s->incidents)
            printf("%5.0f%% ", 100.0 * s->found / s->incidents);
        else
            printf("%6s ", "-");
        if (s->found)
            printf("%7.0f%%   ", 100.0 * s->covered / s->found);
        else
            printf("%8s   ", "-");
        printf("%8u %5u ", s->findings, s->right);
        if (s->findings)
            printf("%8.0f%%\n", 100.0 * s->right / s->findings);
        else
            printf("%9s\n", "-");
    }
}

static bool is_wanted(const char *wanted, const char *name)
{
    return !wanted || strcmp(wanted, name) == 0;
}

int main(int argc, char **argv)
{
    struct measure m = {0};
    const char *scenario = NULL, *variant = NULL;
    const struct plot *plot;
    int at = 1;
    for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
        if (strncmp(argv[at], "--scenario=", 11) == 0)
            scenario = argv[at] + 11;
        else if (strncmp(argv[at], "--variant=", 10) == 0)
            variant = argv[at] + 10;
        else
            at = argc;
    }
    if (at >= argc) {
        fputs(USAGE, stderr);
        return 2;
    }
    char folder[] = "/tmp/cogtrail-measure-XXXXXX";
    m.program = argv[at++];
    m.folder = mkdtemp(folder);
    if (!m.folder) {
        perror("cogtrail-measure");
        return 4;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    do {
        uint64_t seed = at < argc ? strtoull(argv[at], NULL, 10) : 1;
        for (size_t i = 0; (plot = plot_get(i)); i++)
            if (is_wanted(scenario, plot->scenario) && is_wanted(variant, plot->variant))
                measure_plot(&m, plot, seed);
    } while (++at < argc);
    rmdir(m.folder);
    print_scores(&m);
    for (size_t i = 0; i < m.n_scores; i++)
        free(m.scores[i].scenario);
    return m.faults > 0;
}
