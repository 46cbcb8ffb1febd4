/* `# run:` comments: calls with their expected outcome, written beside the code they test.
 *
 *     # run: saxpy(2.0, [1, 2], [3, 4]) == [5, 8]
 *     # run: norm([3, 4]) ~= 5.0                       floats may differ by 4 units in the last place
 *     # run: divide([1, 2], [0]) panics "sizes differ"
 *     # run: root(-1.0) raises "negative"              part of the error's text
 *     # run: main() prints "hello\n"
 *
 * A call that does not panic must leave no memory of libkcrt behind.
 *
 * The outcome is the result, if any, then each inout or mutable argument as the call leaves it; several
 * stand in parentheses. Comments start at the line's first column. */
#ifndef KC_DRIVER_CASES_H
#define KC_DRIVER_CASES_H

#include "driver/engine.h"

/* Runs the cases of the first source; prints one line for each that fails and a total. The exit status. */
int cases_run(Compilation *c, EngineKind kind);
/* A C program that runs the same cases by linking the object, for machines that kc itself is not on. Prints
 * what fails and exits with 1. False after a diagnostic. */
bool cases_emit_c(Compilation *c, StrBuf *out);

#endif
