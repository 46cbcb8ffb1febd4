/* How many threads are welcome here, and which memory is near. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/cpus.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, TEXT_SIZE = 8192 };

/* False: it is too long. */
static bool path_join(char *path, const char *folder, const char *name) {
    int length = snprintf(path, PATH_SIZE, "%s%s", folder, name);
    return length >= 0 && length < PATH_SIZE;
}

/* The beginning of a file of the system, or "". */
static const char *read_text(char *text, size_t size, const char *path) {
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(text, 1, size - 1, file) : 0;
    if (file != NULL) fclose(file);
    text[length] = '\0';
    return text;
}

/* ---- Affinity ---------------------------------------------------------------------------------- */

int32_t kc_cpu_usable(void) {
    for (size_t cpus = 1024; cpus <= 1 << 16; cpus *= 4) {
        size_t size = CPU_ALLOC_SIZE(cpus);
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (set == NULL) return 1;
        int error = sched_getaffinity(0, size, set);
        int count = error == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (error == 0) return count > 0 ? count : 1;
    }
    return 1;
}

/* ---- Quotas of control groups ------------------------------------------------------------------ */

static int32_t whole_cpus(int64_t quota, int64_t period) {
    if (quota <= 0 || period <= 0) return INT32_MAX;
    int64_t cpus = quota / period + (quota % period > 0);
    return cpus < INT32_MAX ? (int32_t)cpus : INT32_MAX;
}

static int64_t number_in(const char *folder, const char *name) {
    char path[PATH_SIZE], text[64];
    if (!path_join(path, folder, name)) return 0;
    return strtoll(read_text(text, sizeof text, path), NULL, 10);
}

static int32_t quota_of(const char *folder, bool unified) {
    if (!unified)
        return whole_cpus(number_in(folder, "/cpu.cfs_quota_us"),
                          number_in(folder, "/cpu.cfs_period_us"));
    char path[PATH_SIZE], text[64];
    int64_t quota = 0, period = 0; /* "max 100000": no limit */
    if (!path_join(path, folder, "/cpu.max") ||
        sscanf(read_text(text, sizeof text, path), "%" SCNd64 " %" SCNd64, &quota, &period) != 2)
        return INT32_MAX;
    return whole_cpus(quota, period);
}

/* The least quota of a group and those around it. */
static int32_t least_quota(const char *root, const char *group, bool unified) {
    char folder[PATH_SIZE];
    if (!path_join(folder, root, group)) return INT32_MAX;
    int32_t least = INT32_MAX;
    size_t shortest = strlen(root);
    for (;;) {
        int32_t quota = quota_of(folder, unified);
        if (quota < least) least = quota;
        char *slash = strrchr(folder, '/');
        if (slash == NULL || (size_t)(slash - folder) < shortest) return least;
        *slash = '\0';
    }
}

static bool has_word(const char *list, const char *word, size_t length) {
    for (; *list != '\0' && *list != ':'; list += strcspn(list, ",:"), list += *list == ',')
        if (strncmp(list, word, length) == 0 && (list[length] == ',' || list[length] == ':'))
            return true;
    return false;
}

/* A line of /proc/self/cgroup is number:controllers:group; version 2 names no controllers. Where a
 * container shows its own group as the root, the path it has outside leads nowhere: then the root counts. */
static int32_t quota_of_line(const char *root, char *line) {
    char *controllers = strchr(line, ':');
    char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (group == NULL) return INT32_MAX;
    char folder[PATH_SIZE];
    bool unified = group == controllers + 1;
    if (!unified && !has_word(controllers + 1, "cpu", 3)) return INT32_MAX;
    static const char *const old_places[] = {"/cpu", "/cpu,cpuacct"};
    static const char *const new_places[] = {"", "/unified"};
    int32_t least = INT32_MAX;
    for (int i = 0; i < 2; i++) {
        if (!path_join(folder, root, unified ? new_places[i] : old_places[i])) continue;
        int32_t quota = least_quota(folder, group + 1, unified);
        if (quota < least) least = quota;
    }
    return least;
}

int32_t kc_cpu_quota(const char *groups, const char *root) {
    char text[TEXT_SIZE];
    read_text(text, sizeof text, groups);
    int32_t least = INT32_MAX;
    for (char *line = text, *next; *line != '\0'; line = next) {
        next = line + strcspn(line, "\n");
        if (*next != '\0') *next++ = '\0';
        int32_t quota = quota_of_line(root, line);
        if (quota < least) least = quota;
    }
    return least;
}

/* ---- All of it --------------------------------------------------------------------------------- */

static int32_t wished(void) {
    const char *text = getenv("KC_NUM_THREADS");
    if (text == NULL) return INT32_MAX;
    char *end;
    long number = strtol(text, &end, 10);
    return *end == '\0' && number > 0 && number < INT32_MAX ? (int32_t)number : INT32_MAX;
}

int32_t kc_cpu_limit(void) {
    int32_t least = kc_cpu_usable();
    int32_t quota = kc_cpu_quota("/proc/self/cgroup", "/sys/fs/cgroup"), wish = wished();
    if (quota < least) least = quota;
    return wish < least ? wish : least;
}

/* ---- Memory nodes ------------------------------------------------------------------------------ */

/* The file lists ranges: "0-1" or "0,2". More than one number means more than one node. */
uint32_t kc_cpu_nodes(const char *system) {
    char path[PATH_SIZE], text[256];
    if (!path_join(path, system, "/devices/system/node/online")) return 1;
    read_text(text, sizeof text, path);
    return text[strspn(text, "0123456789")] == '-' || strchr(text, ',') != NULL ? 2 : 1;
}

uint32_t kc_cpu_node(void) {
    unsigned cpu = 0, node = 0;
    return syscall(SYS_getcpu, &cpu, &node, NULL) == 0 ? node : 0;
}
