/* What every file of the compiler may assume: the C types, and the ways out.
 *
 * Three kinds of failure are kept apart. A mistake in the user's program becomes a Diag (diag.h) and
 * the compiler carries on. A mistake in the compiler ends in KC_BUG: exit status 70 and a request to
 * report it. A failing environment (memory, disk, a missing file we cannot work without) ends in
 * fatal(): exit status 2, with the path and the reason. */
#ifndef KC_SUPPORT_BASE_H
#define KC_SUPPORT_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define NORETURN __attribute__((noreturn))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* The widest integer that constant evaluation needs: it holds every i64 and every u64. */
__extension__ typedef __int128 Int128;

enum { EXIT_CLEAN = 0, EXIT_ERRORS = 1, EXIT_USAGE = 2, EXIT_BUG = 70 };

/* Ends the process because the environment failed us: "kc: error: <message>". */
NORETURN void fatal(const char *format, ...) PRINTF_LIKE(1, 2);

/* Ends the process because the compiler is wrong. `KC_BUG("pass fuse: op %u has no parent", id)`. */
#define KC_BUG(...) kc_bug(__FILE__, __LINE__, __func__, __VA_ARGS__)
NORETURN void kc_bug(const char *file, int line, const char *function, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* A condition that the compiler itself guarantees; checked in every build. */
#define KC_CHECK(condition)                                                                        \
    do {                                                                                           \
        if (!(condition)) KC_BUG("%s does not hold", #condition);                                  \
    } while (0)

#define UNREACHABLE() KC_BUG("reached a place that cannot be reached")

#endif
