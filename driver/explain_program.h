/* kc explain a.k: what the compiled program does that the source does not show at first sight. */
#ifndef KC_DRIVER_EXPLAIN_PROGRAM_H
#define KC_DRIVER_EXPLAIN_PROGRAM_H

#include "driver/options.h"

/* The first input is a source file; the second, if any, names the function to report on. Gives the
 * command's exit status. */
int explain_program(const Options *options);

#endif
