#include "core/concluding/triage.h"

#include "core/base/mem.h"

#include "core/concluding/aftermath.h"
#include "core/concluding/api_use.h"
#include "core/concluding/breakin.h"
#include "core/concluding/exposure.h"
#include "core/concluding/novelty.h"

static void tell(_Atomic unsigned *done, unsigned thousandths)
{
    if (done)
        atomic_store(done, thousandths);
}

/* What the limits have no say in. */
static bool take_ground(struct triage *t, const struct triage *before, const struct crew *crew,
                        _Atomic unsigned *done)
{
    if (before && before->index == t->index) {
        t->signals = signals_hold(before->signals);
        t->attempts = attempts_hold(before->attempts);
        return true;
    }
    t->signals = signals_new(t->index, crew);
    tell(done, 250);
    if (t->signals)
        t->attempts = attempts_new(t->signals, crew->cancelled);
    return t->attempts != NULL;
}

/* Detectors that want no episodes: each works beside the others. */
static void (*const DETECTORS[])(const struct signals *s, const struct rules *rules,
                                 struct findings *out, const atomic_bool *cancelled) = {
    novelty_find, api_use_find, exposure_find};

/* Part 0 is what rests on episodes. */
enum { PARTS = 1 + ARRAY_LEN(DETECTORS) };

struct concluding {
    const struct triage *triage;
    const struct episodes *episodes;
    const struct crew *crew;
    struct findings found[PARTS];
};

static void conclude(void *context, size_t part, unsigned worker)
{
    struct concluding *w = context;
    const struct signals *s = w->triage->signals;
    const struct rules *rules = &w->triage->rules;
    struct findings *out = &w->found[part];

    (void)worker;
    if (part > 0) {
        DETECTORS[part - 1](s, rules, out, w->crew->cancelled);
        return;
    }
    weigh_episodes(s, rules, w->episodes, out);
    breakin_find(s, rules, out, w->crew->cancelled);
}

static bool run(struct triage *t, const struct triage *before, const struct crew *crew,
                _Atomic unsigned *done)
{
    struct episodes episodes = {0};
    struct concluding w = {.triage = t, .episodes = &episodes, .crew = crew};

    if (!take_ground(t, before, crew, done))
        return false;
    tell(done, 450);
    episodes_find(t->signals, &t->rules, &episodes, crew);
    tell(done, 700);
    crew_each(crew, PARTS, conclude, &w);
    for (unsigned part = 0; part < PARTS; part++)
        findings_take(&t->findings, &w.found[part]);
    episodes_deinit(&episodes);
    tell(done, 900);
    if (crew_is_stopped(crew))
        return false;
    findings_finish(&t->findings, t->signals);
    aftermath_find(t->signals, &t->findings, crew->cancelled);
    tell(done, 1000);
    return !crew_is_stopped(crew);
}

struct triage *triage_new(struct index *index, const struct rules *rules,
                          const struct triage *before, const struct crew *crew,
                          _Atomic unsigned *done)
{
    struct triage *t = mem_alloc(sizeof *t);

    t->index = index_hold(index);
    t->uses = 1;
    rules_copy(&t->rules, rules);
    if (!run(t, before, crew, done)) {
        triage_release(t);
        return NULL;
    }
    return t;
}

struct triage *triage_hold(struct triage *t)
{
    atomic_fetch_add(&t->uses, 1);
    return t;
}

void triage_release(struct triage *t)
{
    if (!t || atomic_fetch_sub(&t->uses, 1) != 1)
        return;
    findings_deinit(&t->findings);
    attempts_release(t->attempts);
    signals_release(t->signals);
    rules_deinit(&t->rules);
    index_release(t->index);
    mem_free(t);
}
