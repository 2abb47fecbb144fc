/* A user of a user pool, as the output of list-users, list-users-in-group and admin-get-user
 * has one: no event, but the names that go with a sub.
 *
 * Source: UserType and AdminGetUserResponse of the cognito-idp model (2026). */
#ifndef CORE_READING_USERLIST_H
#define CORE_READING_USERLIST_H

#include "core/base/arena.h"

enum { USERLIST_MAX_NAMES = 4 };

struct listed_user {
    struct bytes sub; /* empty when the output has none: nothing can be learned then */
    /* What the user may sign in with, best first: user name, preferred name, e-mail, phone. A
     * user name that is the sub itself is no name. */
    struct bytes names[USERLIST_MAX_NAMES];
    size_t n_names;
};

/* False when the object is no such user. The views in `out` live in `memory`. */
bool userlist_read(struct bytes object, struct arena *memory, struct listed_user *out);

/* Those that a file tells of. Zero-initialised is empty; belongs to one thread. */
struct userlist {
    struct arena memory;
    struct listed_user *items;
    size_t n, cap;
};

/* Copies what it keeps. */
void userlist_add(struct userlist *p, const struct listed_user *user);
void userlist_deinit(struct userlist *p);

#endif
