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

static bool run(struct triage *t, const atomic_bool *cancelled, _Atomic unsigned *done)
{
    struct episodes episodes = {0};

    t->signals = signals_new(t->index, cancelled);
    tell(done, 200);
    if (!t->signals)
        return false;
    t->attempts = attempts_new(t->signals, cancelled);
    if (!t->attempts)
        return false;
    tell(done, 400);
    episodes_find(t->signals, &t->rules, &episodes, cancelled);
    tell(done, 800);
    if (!atomic_load(cancelled))
        weigh_episodes(t->signals, &t->rules, &episodes, &t->findings);
    episodes_deinit(&episodes);
    tell(done, 850);
    breakin_find(t->signals, &t->rules, &t->findings, cancelled);
    novelty_find(t->signals, &t->rules, &t->findings, cancelled);
    api_use_find(t->signals, &t->rules, &t->findings, cancelled);
    exposure_find(t->signals, &t->rules, &t->findings, cancelled);
    tell(done, 900);
    if (atomic_load(cancelled))
        return false;
    findings_finish(&t->findings, t->signals);
    aftermath_find(t->signals, &t->findings, cancelled);
    tell(done, 1000);
    return !atomic_load(cancelled);
}

struct triage *triage_new(struct index *index, const struct rules *rules,
                          const atomic_bool *cancelled, _Atomic unsigned *done)
{
    struct triage *t = mem_alloc(sizeof *t);

    t->index = index_hold(index);
    t->uses = 1;
    rules_copy(&t->rules, rules);
    if (!run(t, cancelled, done)) {
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
    attempts_free(t->attempts);
    signals_free(t->signals);
    rules_deinit(&t->rules);
    index_release(t->index);
    mem_free(t);
}
