/* What a build writes: collected in memory, written together at the end, each file whole or not at
 * all. */
#ifndef KC_DRIVER_OUTPUT_H
#define KC_DRIVER_OUTPUT_H

#include "support/context.h"

typedef struct Output {
    const char *path; /* "-" is standard output */
    StrBuf bytes;
} Output;

typedef struct Outputs {
    Arena *arena;
    Vec(Output *) all;
} Outputs;

/* The buffer to fill for `path`. */
StrBuf *output_add(Outputs *outputs, const char *path);
/* Writes all. The first failure is reported on standard error and ends it. */
bool outputs_write(Outputs *outputs);
void outputs_free(Outputs *outputs);

/* `path` with its extension replaced (".h"), in `arena`. */
const char *path_with_extension(Arena *arena, const char *path, const char *extension);

/* Runs a program found on PATH (NULL-ended arguments, the program first); true when it exits with 0.
 * Says on standard error what is missing otherwise. */
bool program_run(const char *const *argv);

#endif
