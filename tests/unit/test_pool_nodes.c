/* Machines with several memories: how many the system names, and that work is stolen from near ones first. */
#include "runtime/work.c"
#include "runtime/cpus.h"
#include "tests/unit/pool_helpers.h"

#include <stdio.h>
#include <sys/stat.h>

/* ---- What the system says ---------------------------------------------------------------------- */

static uint32_t nodes_when(const char *root, const char *online) {
    char path[256];
    snprintf(path, sizeof path, "%s/devices/system/node/online", root);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(online, file);
    fclose(file);
    return kc_cpu_nodes(root);
}

static void nodes_are_counted(void **state) {
    (void)state;
    char root[] = "/tmp/kc_nodes_XXXXXX", path[256];
    assert_non_null(mkdtemp(root));
    assert_int_equal(kc_cpu_nodes(root), 1); /* a system that does not say */
    static const char *const folders[] = {"devices", "devices/system", "devices/system/node"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", root, folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    assert_int_equal(nodes_when(root, ""), 1);
    assert_int_equal(nodes_when(root, "0\n"), 1);
    assert_int_equal(nodes_when(root, "12\n"), 1);
    assert_true(nodes_when(root, "0-1\n") > 1);
    assert_true(nodes_when(root, "0,2\n") > 1);
    assert_true(nodes_when(root, "0-3,8-11\n") > 1);
    assert_in_range(kc_cpu_node(), 0, 1023);
    char command[300];
    snprintf(command, sizeof command, "rm -r %s", root);
    assert_int_equal(system(command), 0);
}

/* ---- Stealing ---------------------------------------------------------------------------------- */

enum { SLOTS = 6, EACH = 3 };

/* Slots 0, 2, 4 are on one node, 1, 3, 5 on the other; each but the first has work. */
static void fill_slots(Slot *slots) {
    memset(slots, 0, SLOTS * sizeof *slots);
    for (uint32_t i = 0; i < SLOTS; i++) {
        slots[i].index = i;
        slots[i].node = i % 2;
        slots[i].random = 17 + i;
        Entry entry = {.begin = i, .tag = entry_tag(0, 1)};
        for (int k = 0; i > 0 && k < EACH; k++) assert_true(deque_push(&slots[i].deque, &entry));
    }
}

static void near_work_comes_first(void **state) {
    (void)state;
    Slot *slots = aligned_alloc(64, SLOTS * sizeof *slots);
    assert_non_null(slots);
    kc_pool.slots = slots;
    atomic_store(&kc_pool.slot_count, SLOTS);
    for (uint64_t random = 1; random < 200; random++) {
        fill_slots(slots);
        slots[0].random = random * UINT64_C(0x9e3779b97f4a7c15);
        kc_pool.node_count = 2;
        Entry entry;
        for (int i = 0; i < (SLOTS / 2 - 1) * EACH; i++) {
            assert_true(steal_any(&slots[0], 0, &entry));
            assert_int_equal(entry.begin % 2, 0);
        }
        for (int i = 0; i < SLOTS / 2 * EACH; i++) {
            assert_true(steal_any(&slots[0], 0, &entry));
            assert_int_equal(entry.begin % 2, 1);
        }
        assert_false(steal_any(&slots[0], 0, &entry));
    }
    kc_pool.slots = NULL;
    kc_pool.node_count = 1;
    free(slots);
}

/* Where all memory is equally near, the order is random. */
static void one_node_has_no_order(void **state) {
    (void)state;
    Slot *slots = aligned_alloc(64, SLOTS * sizeof *slots);
    assert_non_null(slots);
    kc_pool.slots = slots;
    kc_pool.node_count = 1;
    int seen[SLOTS] = {0};
    for (uint64_t random = 1; random < 200; random++) {
        fill_slots(slots);
        slots[0].random = random * UINT64_C(0x9e3779b97f4a7c15);
        Entry entry;
        assert_true(steal_any(&slots[0], 0, &entry));
        seen[entry.begin]++;
    }
    for (int i = 1; i < SLOTS; i++) assert_true(seen[i] > 5);
    kc_pool.slots = NULL;
    free(slots);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes_are_counted),
        cmocka_unit_test(near_work_comes_first),
        cmocka_unit_test(one_node_has_no_order),
    };
    return cmocka_run_group_tests_name("pool_nodes", tests, start_watchdog, NULL);
}
