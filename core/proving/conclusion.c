#include "core/proving/conclusion.h"

#include <inttypes.h>

static void count_log(const struct ruling *row, struct proof_totals *t)
{
    if (!row->exhibit) {
        t->logs_missing++;
        return;
    }
    t->logs++;
    t->by_status[row->status]++;
    if (row->status == RULING_INTACT)
        t->intact_by_level[row->level]++;
}

static void count_digest(const struct ruling *row, struct proof_totals *t)
{
    const struct digest *d;

    if (row->status == RULING_GAP) {
        t->gaps++;
        return;
    }
    if (!row->exhibit) {
        t->digests_missing++;
        return;
    }
    t->digests++;
    t->digests_by_status[row->status]++;
    if (row->status == RULING_INTACT)
        t->digests_by_level[row->level]++;
    d = row->exhibit->digest;
    if (!d)
        return;
    t->empty_digests += d->n_logs == 0;
    if (t->first_us == INSTANT_NONE || d->start_us < t->first_us)
        t->first_us = d->start_us;
    if (t->last_us == INSTANT_NONE || d->end_us > t->last_us)
        t->last_us = d->end_us;
}

void conclusion_count(const struct rulings *v, struct proof_totals *out)
{
    out->first_us = out->last_us = INSTANT_NONE;
    for (size_t i = 0; i < v->n; i++) {
        const struct ruling *row = &v->rows[i];

        switch (row->kind) {
        case EXHIBIT_LOG:
            count_log(row, out);
            break;
        case EXHIBIT_DIGEST:
            count_digest(row, out);
            break;
        case EXHIBIT_KEYS:
        case EXHIBIT_SEAL:
            out->misfits += row->status == RULING_MISFIT;
            break;
        case EXHIBIT_OTHER:
            out->others++;
            out->others_unread += row->status == RULING_UNREAD;
            break;
        }
    }
}

static uint64_t log_faults(const struct proof_totals *t)
{
    uint64_t n = t->logs_missing;

    for (enum ruling_status s = 0; s < RULING_UNCOVERED; s++)
        n += t->by_status[s];
    return n;
}

static uint64_t digest_faults(const struct proof_totals *t)
{
    uint64_t n = t->digests_missing + t->gaps + t->misfits;

    for (enum ruling_status s = 0; s < RULING_UNCOVERED; s++)
        n += t->digests_by_status[s];
    return n;
}

bool conclusion_holds(const struct proof_totals *t)
{
    return t->digests > 0 && log_faults(t) + digest_faults(t) == 0 &&
           t->by_status[RULING_UNCOVERED] + t->digests_by_status[RULING_UNCOVERED] +
                   t->others_unread ==
               0;
}

static void add_part(struct buffer *out, uint64_t n, const char *what)
{
    if (n > 0)
        buffer_printf(out, "%s%" PRIu64 " %s", out->ptr[out->len - 1] == ' ' ? "" : ", ", n,
                      what);
}

/* The sums, each with its parts. */
static void write_sums(const struct proof_totals *t, struct buffer *out)
{
    buffer_printf(out, "%" PRIu64 " log %s: ", t->logs, t->logs == 1 ? "file" : "files");
    add_part(out, t->intact_by_level[RULING_SIGNED], "match a signed digest");
    add_part(out, t->intact_by_level[RULING_BY_DIGEST],
             "match a digest whose signature is not checked");
    add_part(out, t->by_status[RULING_ALTERED], "altered");
    add_part(out, t->by_status[RULING_MOVED], "moved");
    add_part(out, t->by_status[RULING_EXTRA], "not named by the digest of their hour");
    add_part(out, t->by_status[RULING_UNREAD], "not readable");
    add_part(out, t->by_status[RULING_UNCOVERED], "that no digest speaks of");
    buffer_printf(out, "%s%" PRIu64 " missing\n", t->logs ? "; " : "none here; ",
                  t->logs_missing);
    buffer_printf(out, "%" PRIu64 " %s: ", t->digests, t->digests == 1 ? "digest" : "digests");
    add_part(out, t->digests_by_level[RULING_SIGNED], "signed");
    add_part(out, t->digests_by_level[RULING_BY_DIGEST], "named by the one after");
    add_part(out, t->digests_by_level[RULING_BY_NOBODY], "that nothing here vouches for");
    add_part(out, t->digests_by_status[RULING_ALTERED], "altered");
    add_part(out, t->digests_by_status[RULING_MOVED], "moved");
    add_part(out, t->digests_by_status[RULING_EXTRA], "not in their chain");
    add_part(out, t->digests_by_status[RULING_MISFIT], "without a usable key");
    add_part(out, t->digests_by_status[RULING_UNREAD], "not readable");
    add_part(out, t->digests_by_status[RULING_UNCOVERED], "not checked");
    buffer_printf(out, "%s%" PRIu64 " missing, %" PRIu64 " %s\n",
                  t->digests ? "; " : "none here; ", t->digests_missing, t->gaps,
                  t->gaps == 1 ? "gap" : "gaps");
}

/* Who stands behind what matches. */
static void write_level(const struct proof_totals *t, struct buffer *out)
{
    uint64_t alone = t->digests_by_level[RULING_BY_NOBODY];
    uint64_t linked = t->digests_by_level[RULING_BY_DIGEST];

    if (t->digests == 0) {
        buffer_add_text(out, "No digest is here: nothing can be said on whether log files were "
                             "changed, added or removed (--hashes lists their hashes).\n");
    } else if (t->keys == 0) {
        buffer_add_text(
            out, "No public keys are here: \"matches a digest\" means unchanged relative "
                 "to the digests. Whoever can write to the bucket can forge log files "
                 "and digests together. Save the keys with `aws cloudtrail "
                 "list-public-keys` and give them with --public-keys.\n");
    } else if (t->digests_by_level[RULING_SIGNED] == 0) {
        buffer_add_text(out, "No signature could be confirmed: what matches, matches the "
                             "digests only, and those may be forged.\n");
    } else {
        buffer_add_text(out, "\"Signed\" means that a public key of CloudTrail confirms the "
                             "digest: AWS made it, and what matches it is as AWS delivered "
                             "it.\n");
        if (alone + linked > 0)
            buffer_printf(out,
                          "The signature of %" PRIu64 " %s is not here: that of the newest one "
                          "of a chain stands in the metadata of its S3 object; save that with "
                          "`aws s3api head-object` beside the files.\n",
                          alone + linked, alone + linked == 1 ? "digest" : "digests");
    }
    if (t->keys_found && !t->keys_given && t->digests > 0)
        buffer_add_text(out, "The public keys were found among the files: they count only if "
                             "you saved them yourself. Who could write the files could lay "
                             "down keys of his own; --public-keys names yours.\n");
}

static void write_faults(const struct proof_totals *t, struct buffer *out)
{
    uint64_t faults = log_faults(t) + digest_faults(t);

    if (faults > 0)
        buffer_printf(out, "NOT WHOLE: %" PRIu64 " %s.\n", faults,
                      faults == 1 ? "finding, which stands first"
                                  : "findings, which stand first");
    if (t->by_status[RULING_UNCOVERED] && t->digests)
        buffer_printf(out,
                      "%" PRIu64 " log %s not covered: they may be later or earlier than the "
                      "digests that are here, or of another account, region or trail.\n",
                      t->by_status[RULING_UNCOVERED],
                      t->by_status[RULING_UNCOVERED] == 1 ? "file is" : "files are");
    if (t->others > 0)
        buffer_printf(out, "%" PRIu64 " other %s: digests do not speak of such files.\n",
                      t->others, t->others == 1 ? "file" : "files");
}

static void write_period(const struct proof_totals *t, struct buffer *out)
{
    if (t->digests == 0 || t->first_us == INSTANT_NONE)
        return;
    buffer_add_text(out, "Digests cover ");
    instant_add(out, t->first_us, INSTANT_ISO, 0);
    buffer_add_text(out, " to ");
    instant_add(out, t->last_us, INSTANT_ISO, 0);
    buffer_add_text(out, ", as far as no gap is told; files removed together with all digests "
                         "before or after cannot be noticed.\n");
    if (t->empty_digests > 0)
        buffer_printf(out, "%" PRIu64 " %s: in those hours nothing was delivered.\n",
                      t->empty_digests,
                      t->empty_digests == 1 ? "digest names no file" : "digests name no file");
    if (t->claims.by_name_only > 0)
        buffer_printf(
            out, "%" PRIu64 " %s matched by name alone: the folders here tell no S3 key.\n",
            t->claims.by_name_only,
            t->claims.by_name_only == 1 ? "log file was" : "log files were");
}

void conclusion_write(const struct proof_totals *t, struct buffer *out)
{
    write_sums(t, out);
    write_faults(t, out);
    write_level(t, out);
    write_period(t, out);
    if (conclusion_holds(t))
        buffer_add_text(out, t->intact_by_level[RULING_BY_DIGEST]
                                 ? "Everything agrees with the digests.\n"
                                 : "Everything agrees with signed digests.\n");
}
