#include "core/proving/chain.h"

#include <stdlib.h>

#include "core/base/mem.h"

#include "core/proving/place.h"

/* Metadata does not say which digest it is of, so it is tried; in all at most this often. */
enum { TRIES_MAX = 100000 };

/* A digest is signed when it is delivered, which may be hours after its end. */
#define SIGNING_US INSTANT_DAY

/* One judging. */
struct judging {
    struct chain *c;
    struct exhibit *const *exhibits;
    size_t n_exhibits;
    const struct key_ring *ring;
    const atomic_bool *cancelled;
    struct rulings *out;
};

static bool is_stopped(const struct judging *j)
{
    return atomic_load_explicit(j->cancelled, memory_order_relaxed);
}

/* Adds a sentence, in which something may be named, to what is said of a digest. */
static void say(struct chain_node *node, const char *before, struct bytes name,
                const char *after)
{
    if (node->detail.len)
        buffer_add_text(&node->detail, "; ");
    buffer_add_text(&node->detail, before);
    buffer_add(&node->detail, name);
    buffer_add_text(&node->detail, after);
}

/* The worst that was found stays. */
static void blame(struct chain_node *node, enum ruling_status status)
{
    if (status < node->status)
        node->status = status;
}

static struct bytes path_of(const struct chain_node *node)
{
    return node->exhibit->file->path;
}

/* What it says counts no longer. */
static void condemn(struct chain_node *node)
{
    blame(node, RULING_ALTERED);
    node->worthless = true;
    if (node->level < RULING_SIGNED)
        node->level = RULING_BY_NOBODY;
}

static int compare_objects(struct bytes bucket_a, struct bytes object_a, struct bytes bucket_b,
                           struct bytes object_b)
{
    int order = bytes_compare(object_a, object_b);

    return order ? order : bytes_compare(bucket_a, bucket_b);
}

static int compare_nodes(const void *a, const void *b)
{
    const struct chain_node *x = a, *y = b;
    int order = bytes_compare(x->chain, y->chain);

    if (order)
        return order;
    if (x->digest->end_us != y->digest->end_us)
        return x->digest->end_us < y->digest->end_us ? -1 : 1;
    order = compare_objects(x->digest->bucket, x->digest->object, y->digest->bucket,
                            y->digest->object);
    return order ? order : bytes_compare(x->exhibit->file->path, y->exhibit->file->path);
}

static int compare_by_object(const void *a, const void *b, void *context)
{
    const struct chain *c = context;
    const struct digest *x = c->nodes[*(const size_t *)a].digest;
    const struct digest *y = c->nodes[*(const size_t *)b].digest;

    return compare_objects(x->bucket, x->object, y->bucket, y->object);
}

static void add_node(struct chain *c, size_t *cap, const struct exhibit *e)
{
    struct buffer text = {0};
    struct chain_node *node;

    mem_grow(&c->nodes, cap, c->n_nodes + 1, sizeof *c->nodes);
    node = &c->nodes[c->n_nodes++];
    *node = (struct chain_node){.exhibit = e, .digest = e->digest, .status = RULING_INTACT};
    digest_add_chain(e->digest, &text);
    node->chain = arena_copy(&c->arena, buffer_bytes(&text));
    buffer_clear(&text);
    digest_add_signed_text(e->digest, &e->content, &text);
    node->text = arena_copy(&c->arena, buffer_bytes(&text));
    buffer_deinit(&text);
}

static bool same_object(const struct chain_node *a, const struct chain_node *b)
{
    return bytes_equal(a->digest->object, b->digest->object) &&
           bytes_equal(a->digest->bucket, b->digest->bucket);
}

static void collect(struct judging *j)
{
    struct chain *c = j->c;
    size_t cap = 0;

    for (size_t i = 0; i < j->n_exhibits; i++)
        if (j->exhibits[i]->digest)
            add_node(c, &cap, j->exhibits[i]);
    if (c->n_nodes == 0)
        return;
    qsort(c->nodes, c->n_nodes, sizeof *c->nodes, compare_nodes);
    c->by_object = mem_array(c->n_nodes, sizeof *c->by_object);
    for (size_t i = 0; i < c->n_nodes; i++) {
        c->by_object[i] = i;
        c->nodes[i].copy =
            i > 0 && same_object(&c->nodes[i - 1], &c->nodes[i]) &&
            sha_equal(&c->nodes[i - 1].exhibit->content, &c->nodes[i].exhibit->content);
    }
    qsort_r(c->by_object, c->n_nodes, sizeof *c->by_object, compare_by_object, c);
}

/* The nodes of the object that comes before `node`, as a range of by_object. */
static size_t previous_of(const struct chain *c, const struct chain_node *node, size_t *end)
{
    const struct digest *d = node->digest;
    size_t low = 0, high = c->n_nodes;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct digest *at = c->nodes[c->by_object[middle]].digest;

        if (compare_objects(at->bucket, at->object, d->previous_bucket, d->previous_object) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*end = low; *end < c->n_nodes; (*end)++) {
        const struct digest *at = c->nodes[c->by_object[*end]].digest;

        if (compare_objects(at->bucket, at->object, d->previous_bucket, d->previous_object) !=
            0)
            break;
    }
    return low;
}

/* Whether the key may have signed a digest of that time. One that was made later is signed with
 * a key of later. */
static bool is_timely(const struct key_ring *ring, const struct digest *d)
{
    struct key_validity v = key_ring_validity(ring, d->fingerprint);

    return (v.to_us == INSTANT_NONE || d->end_us <= v.to_us) &&
           (v.from_us == INSTANT_NONE || d->end_us >= v.from_us - SIGNING_US || d->backfill);
}

static enum chain_signature check(const struct judging *j, const struct chain_node *node,
                                  struct bytes signature)
{
    static const enum chain_signature meanings[] = {
        [KEY_GOOD] = SIGNATURE_GOOD,
        [KEY_WRONG] = SIGNATURE_WRONG,
        [KEY_ABSENT] = SIGNATURE_KEYLESS,
        [KEY_UNUSABLE] = SIGNATURE_UNUSABLE,
    };
    const struct digest *d = node->digest;
    enum key_verdict verdict = KEY_UNUSABLE;

    if (d->sha256_rsa)
        verdict = key_ring_check(j->ring, d->fingerprint, node->text, signature);
    if (verdict == KEY_GOOD && !is_timely(j->ring, d))
        return SIGNATURE_UNTIMELY;
    return meanings[verdict];
}

/* One word on a signature; a good one stands over all others, and one that was good once over
 * the rest. */
static void note_signature(struct chain_node *node, enum chain_signature found)
{
    if (node->signature == SIGNATURE_ABSENT || found == SIGNATURE_GOOD ||
        (found == SIGNATURE_UNTIMELY && node->signature != SIGNATURE_GOOD))
        node->signature = found;
}

static void check_signature(struct judging *j, struct chain_node *node,
                            struct chain_node *after)
{
    struct buffer signature = {0};
    enum chain_signature found = SIGNATURE_WRONG;

    if (!node->digest->sha256_rsa)
        found = SIGNATURE_UNUSABLE;
    else if (hex_decode(after->digest->previous_signature, &signature))
        found = check(j, node, buffer_bytes(&signature));
    after->holds_wrong |= found == SIGNATURE_WRONG;
    note_signature(node, found);
    buffer_deinit(&signature);
}

/* The signatures that stand in the digests. */
static void check_signatures(struct judging *j)
{
    struct chain *c = j->c;

    for (size_t i = 0; i < c->n_nodes && !is_stopped(j); i++) {
        struct chain_node *after = &c->nodes[i];
        size_t end;

        if (after->digest->starting)
            continue;
        for (size_t k = previous_of(c, after, &end); k < end; k++) {
            struct chain_node *node = &c->nodes[c->by_object[k]];

            check_signature(j, node, after);
            node->followed = true;
        }
    }
}

static bool is_of_size(const struct chain_node *node, const struct digest_seal *seal)
{
    return !seal->object_bytes || seal->object_bytes == node->exhibit->stored_bytes;
}

/* True when a digest that is here was signed thus; newest first. `tries` is what is left. Those
 * of the size that the metadata gives, or, as unpacking changes it, those of `other_sizes`. */
static bool seal_fits(struct judging *j, const struct digest_seal *seal, bool other_sizes,
                      size_t *tries)
{
    struct chain *c = j->c;
    bool fits = false;

    for (size_t i = c->n_nodes; i-- > 0 && !is_stopped(j) && *tries > 0;) {
        struct chain_node *node = &c->nodes[i];
        enum chain_signature found;

        if (is_of_size(node, seal) == other_sizes)
            continue;
        if (fits && !node->copy && !(i + 1 < c->n_nodes && c->nodes[i + 1].copy))
            break;
        --*tries;
        found = check(j, node, buffer_bytes(&seal->signature));
        if (found == SIGNATURE_GOOD || found == SIGNATURE_UNTIMELY) {
            node->in_metadata = node->signature != SIGNATURE_GOOD;
            note_signature(node, found);
            fits = true;
        }
    }
    return fits;
}

static void check_seals(struct judging *j)
{
    size_t tries = TRIES_MAX;

    for (size_t i = 0; i < j->n_exhibits; i++) {
        const struct exhibit *e = j->exhibits[i];
        struct ruling row = {.kind = EXHIBIT_SEAL,
                             .status = RULING_INTACT,
                             .from_us = INSTANT_NONE,
                             .to_us = INSTANT_NONE,
                             .exhibit = e};

        if (e->kind != EXHIBIT_SEAL)
            continue;
        row.name = e->file->path;
        if (!e->seal.sha256_rsa) {
            row.status = RULING_MISFIT;
            row.detail = bytes_of("its signature-algorithm is not SHA256withRSA");
        } else if (key_ring_count(j->ring) == 0) {
            row.status = RULING_ASIDE;
            row.detail = bytes_of("no public key is here to check the signature in it with");
        } else if (seal_fits(j, &e->seal, false, &tries) ||
                   seal_fits(j, &e->seal, true, &tries)) {
            row.detail = bytes_of("holds the signature of a digest that is here");
        } else {
            row.status = RULING_MISFIT;
            row.detail =
                bytes_of(tries ? "its signature is that of no digest that is here: the "
                                 "digest was altered, or is not here"
                               : "not tried on all digests: too many files like it");
        }
        rulings_add(j->out, row);
    }
}

/* What `after`, which was judged already, says of the digest before it. */
static void judge_link(struct chain_node *node, struct chain_node *after)
{
    bool believed = after->level == RULING_SIGNED || !after->worthless;

    if (after->holds_wrong && node->signature == SIGNATURE_GOOD &&
        after->level != RULING_SIGNED) {
        condemn(after);
        say(after, "holds a wrong signature of ", path_of(node), ", whose true one is good");
    }
    if (sha_equal(&node->exhibit->content, &after->digest->previous_hash)) {
        if (after->level == RULING_SIGNED)
            node->level = RULING_SIGNED;
        else if (believed && !node->worthless && node->level < RULING_BY_DIGEST)
            node->level = RULING_BY_DIGEST;
    } else if (node->signature == SIGNATURE_GOOD && after->level != RULING_SIGNED) {
        condemn(after);
        say(after, "gives another hash for ", path_of(node), ", whose signature is good");
    } else if (believed) {
        condemn(node);
        say(node, "its content is not what the digest after it (", path_of(after),
            after->level == RULING_SIGNED ? ", signed) says" : ") says");
    }
    if (!believed) {
        if (node->signature != SIGNATURE_GOOD)
            blame(node, RULING_UNCOVERED);
        say(node, "the digest after it (", path_of(after), ") does not count: see there");
    }
}

static void judge_wrong_signature(struct chain_node *node)
{
    const struct bytes nothing = {0};

    if (node->level == RULING_SIGNED) {
        blame(node, RULING_MISFIT);
        say(node,
            "the key of its fingerprint did not make its signature, though the signed "
            "digest after it vouches for its content",
            nothing, "");
    } else {
        condemn(node);
        say(node,
            "its signature is wrong: it, or the digest that holds the signature, was "
            "altered or forged",
            nothing, "");
    }
}

/* Whoever got hold of an old key can sign with it: that proves nothing. */
static void say_untimely(const struct judging *j, struct chain_node *node)
{
    struct key_validity v = key_ring_validity(j->ring, node->digest->fingerprint);
    struct buffer times = {0};

    instant_add(&times, v.from_us, INSTANT_ISO, 0);
    buffer_add_text(&times, " to ");
    instant_add(&times, v.to_us, INSTANT_ISO, 0);
    say(node, "its signature is right, but counts for nothing: the key is valid only from ",
        buffer_bytes(&times), "");
    buffer_deinit(&times);
}

/* A signature that could not be checked matters less where a signed digest vouches. */
static void judge_signature(struct judging *j, struct chain_node *node)
{
    const struct bytes nothing = {0};
    bool given, vouched = node->level == RULING_SIGNED;
    struct bytes source = key_ring_source(j->ring, node->digest->fingerprint, &given);

    switch (node->signature) {
    case SIGNATURE_ABSENT:
        if (!node->followed)
            say(node, "the digest after it, which would hold its signature, is not here",
                nothing, "");
        break;
    case SIGNATURE_GOOD:
        node->level = RULING_SIGNED;
        say(node, given ? "signed with a key of " : "signed with a key found among the files, ",
            source, node->in_metadata ? " (signature from saved metadata)" : "");
        break;
    case SIGNATURE_UNTIMELY:
        blame(node, RULING_MISFIT);
        say_untimely(j, node);
        break;
    case SIGNATURE_WRONG:
        judge_wrong_signature(node);
        break;
    case SIGNATURE_KEYLESS:
        if (key_ring_count(j->ring) == 0)
            break;
        blame(node, vouched ? RULING_INTACT : RULING_UNCOVERED);
        say(node, "no list of public keys here has the fingerprint ", node->digest->fingerprint,
            ": its own signature was not checked");
        break;
    case SIGNATURE_UNUSABLE:
        blame(node, vouched ? RULING_INTACT : RULING_MISFIT);
        say(node,
            node->digest->sha256_rsa
                ? "the public key of its fingerprint is unusable: none, weak, or two differ"
                : "its signature algorithm is not SHA256withRSA",
            nothing, "");
        break;
    }
    if (vouched && node->signature != SIGNATURE_GOOD)
        say(node, "vouched for by the signed digest after it", nothing, "");
}

/* Damage that leaves the content as it is. */
static void judge_storage(struct chain_node *node)
{
    const struct file *f = node->exhibit->file;
    enum place place = place_of(f->path, node->digest->object);

    if (f->n_problems > 0) {
        blame(node, RULING_ALTERED);
        say(node, err_text(f->problems[0].code), (struct bytes){0}, "");
    } else if (f->padding_bytes > 0 || f->members > 1) {
        blame(node, RULING_ALTERED);
        say(node, f->members > 1 ? "more than one gzip member" : "zeros behind the gzip data",
            (struct bytes){0}, "");
    }
    if (place == PLACE_OTHER_NAME || place == PLACE_MOVED) {
        blame(node, RULING_MOVED);
        say(node,
            place == PLACE_MOVED ? "is not in its place: it was written as "
                                 : "lies under the name of another: it was written as ",
            node->digest->object, "");
    }
    if (node->copy)
        say(node, "a copy", (struct bytes){0}, "");
}

/* From the newest digest of each chain to the oldest, so that whoever vouches was judged. */
static void judge_nodes(struct judging *j)
{
    struct chain *c = j->c;

    for (size_t i = c->n_nodes; i-- > 0;) {
        struct chain_node *after = &c->nodes[i];
        size_t end;

        judge_storage(after);
        judge_signature(j, after);
        if (after->digest->starting || after->copy)
            continue;
        for (size_t k = previous_of(c, after, &end); k < end; k++)
            judge_link(&c->nodes[c->by_object[k]], after);
    }
}

static struct ruling gap_row(const struct chain_node *before, const struct chain_node *after,
                             const char *detail)
{
    return (struct ruling){
        .kind = EXHIBIT_DIGEST,
        .status = RULING_GAP,
        .name = after->chain,
        .digest = path_of(after),
        .detail = bytes_of(detail),
        .from_us = before->digest->end_us,
        .to_us = after->digest->start_us,
    };
}

/* A digest that cannot be read may still be told by its name. */
static bool is_broken_here(const struct judging *j, struct bytes object)
{
    for (size_t i = 0; i < j->n_exhibits; i++) {
        const struct exhibit *e = j->exhibits[i];

        if (e->kind == EXHIBIT_DIGEST && !e->digest &&
            bytes_equal(place_name(e->file->path), place_name(object)))
            return true;
    }
    return false;
}

/* `before`: the digest of the chain that ends before `node`, or NULL. */
static void judge_step(struct judging *j, struct chain_node *node, struct chain_node *before)
{
    struct chain *c = j->c;
    size_t end, first;

    if (node->digest->starting) {
        if (before)
            rulings_add(j->out, gap_row(before, node,
                                        "validation began anew: nothing vouches for what was "
                                        "delivered between"));
        else
            say(node, "the first digest of its chain", (struct bytes){0}, "");
        return;
    }
    first = previous_of(c, node, &end);
    if (first < end) {
        const struct chain_node *previous = &c->nodes[c->by_object[first]];

        if (before && !same_object(previous, before)) {
            blame(before, RULING_EXTRA);
            say(before, "the next digest here does not follow it: ", path_of(node), "");
        }
        if (previous->digest->end_us != node->digest->start_us)
            rulings_add(j->out, gap_row(previous, node,
                                        previous->digest->end_us < node->digest->start_us
                                            ? "the digest begins later than the one before ends"
                                            : "the digest begins before the one before ends"));
        return;
    }
    if (is_broken_here(j, node->digest->previous_object))
        return;
    if (!before) {
        say(node, "the oldest here; the one before it is not: ", node->digest->previous_object,
            "");
        return;
    }
    rulings_add(j->out, (struct ruling){.kind = EXHIBIT_DIGEST,
                                        .status = RULING_MISSING,
                                        .level = node->level,
                                        .name = node->digest->previous_object,
                                        .digest = path_of(node),
                                        .detail = bytes_of("named by the digest after it"),
                                        .from_us = before->digest->end_us,
                                        .to_us = node->digest->start_us});
}

/* Two digests cannot follow the same one. */
static void judge_fork(struct chain *c, size_t i)
{
    struct chain_node *node = &c->nodes[i];
    const struct chain_node *before = i > 0 ? &c->nodes[i - 1] : NULL;

    if (!before || node->digest->starting || before->digest->starting ||
        same_object(before, node) || !bytes_equal(before->chain, node->chain) ||
        !bytes_equal(before->digest->previous_object, node->digest->previous_object))
        return;
    condemn(node);
    say(node, "follows the same digest as ", path_of(before), "");
}

static void walk_chains(struct judging *j)
{
    struct chain *c = j->c;
    struct chain_node *before = NULL;

    for (size_t i = 0; i < c->n_nodes && !is_stopped(j); i++) {
        struct chain_node *node = &c->nodes[i];

        if (before && !bytes_equal(before->chain, node->chain))
            before = NULL;
        if (i > 0 && same_object(&c->nodes[i - 1], node)) {
            if (!node->copy) {
                condemn(node);
                say(node,
                    "another digest of the same name differs: ", path_of(&c->nodes[i - 1]), "");
            }
            continue;
        }
        judge_fork(c, i);
        judge_step(j, node, before);
        before = node;
    }
}

static void add_broken(struct judging *j)
{
    for (size_t i = 0; i < j->n_exhibits; i++) {
        const struct exhibit *e = j->exhibits[i];

        if (e->kind != EXHIBIT_DIGEST || e->digest)
            continue;
        rulings_add(j->out, (struct ruling){
                                .kind = EXHIBIT_DIGEST,
                                .status = e->opened ? RULING_ALTERED : RULING_UNREAD,
                                .name = e->file->path,
                                .detail = buffer_bytes(&e->why),
                                .from_us = INSTANT_NONE,
                                .to_us = INSTANT_NONE,
                                .exhibit = e,
                            });
    }
}

void chain_judge(struct chain *c, struct exhibit *const *exhibits, size_t n,
                 const struct key_ring *ring, const atomic_bool *cancelled, struct rulings *out)
{
    struct judging j = {c, exhibits, n, ring, cancelled, out};

    *c = (struct chain){0};
    collect(&j);
    check_signatures(&j);
    check_seals(&j);
    judge_nodes(&j);
    walk_chains(&j);
    add_broken(&j);
    for (size_t i = 0; i < c->n_nodes; i++) {
        const struct chain_node *node = &c->nodes[i];

        rulings_add(out, (struct ruling){.kind = EXHIBIT_DIGEST,
                                         .status = node->status,
                                         .level = node->level,
                                         .name = path_of(node),
                                         .detail = buffer_bytes(&node->detail),
                                         .from_us = node->digest->start_us,
                                         .to_us = node->digest->end_us,
                                         .exhibit = node->exhibit});
    }
}

void chain_deinit(struct chain *c)
{
    for (size_t i = 0; i < c->n_nodes; i++)
        buffer_deinit(&c->nodes[i].detail);
    mem_free(c->nodes);
    mem_free(c->by_object);
    arena_deinit(&c->arena);
}
