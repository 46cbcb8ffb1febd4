/* Inside libkcrt: how many threads are welcome on this machine, and which memory is near. */
#ifndef KC_RUNTIME_CPUS_H
#define KC_RUNTIME_CPUS_H

#include "runtime/hidden.h"

#include <stdbool.h>
#include <stdint.h>

/* CPUs that this process may run on, and that its control groups pay for; the latter is INT32_MAX where
 * there is no quota. `groups` and `root` are /proc/self/cgroup and /sys/fs/cgroup, save in tests. */
KC_HIDDEN int32_t kc_cpu_usable(void);
KC_HIDDEN int32_t kc_cpu_quota(const char *groups, const char *root);
/* The least of both and of KC_NUM_THREADS; at least 1. */
KC_HIDDEN int32_t kc_cpu_limit(void);

/* 1, or more where some memory is nearer than other (`system` is /sys, save in tests); and the node where this
 * thread is now. */
KC_HIDDEN uint32_t kc_cpu_nodes(const char *system);
KC_HIDDEN uint32_t kc_cpu_node(void);

#endif
