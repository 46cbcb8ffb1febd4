/* The same work on several items at once.
 *
 * The compiler needs threads in one place, so there is no pool: they are started, take the items in
 * order, and are gone when all is done. What an item gives may not depend on which thread it had. */
#ifndef KC_SUPPORT_THREADS_H
#define KC_SUPPORT_THREADS_H

#include "support/base.h"

/* Calls work(user, i) for each i below `count`, on `threads` threads at most, the caller's among them. */
void threads_each(uint32_t threads, uint32_t count, void (*work)(void *user, uint32_t index), void *user);

#endif
