/* Signals grouped by a number that each has (its account, its address, …), in time order.
 *
 * Made by counting: 4 bytes per signal and number, and as many per signal while it is made. */
#ifndef CORE_CONCLUDING_ROSTER_H
#define CORE_CONCLUDING_ROSTER_H

#include "core/concluding/signal.h"

struct roster {
    uint32_t *starts; /* group `n` is positions[starts[n]] … positions[starts[n + 1] - 1] */
    uint32_t *positions;
    uint32_t count; /* numbers are below it */
};

/* `number` gives what a signal is grouped by; signals of number 0 and those that are not
 * `wanted` are left out. */
void roster_make(struct roster *r, const struct signals *s, uint32_t count,
                 uint32_t (*number)(const struct signals *s, const struct signal *x),
                 bool (*wanted)(const struct signal *x));

/* The same of numbers that stand beside the signals; 0 leaves one out. */
void roster_make_of(struct roster *r, const uint32_t *numbers, uint32_t n_numbers,
                    uint32_t count);
void roster_deinit(struct roster *r);

/* The first place of a group whose signal is not before `time_us`; the group's end when there
 * is none. */
uint32_t roster_seek(const struct roster *r, const struct signals *s, uint32_t group,
                     int64_t time_us);

/* Numbers to group by. Accounts that only a user name stands for come behind the subs. */
uint32_t roster_account(const struct signals *s, const struct signal *x);
uint32_t roster_ip(const struct signals *s, const struct signal *x);
uint32_t roster_client(const struct signals *s, const struct signal *x);

/* How many numbers roster_account() can give. */
uint32_t roster_accounts(const struct signals *s);

#endif
