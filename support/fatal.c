#include "support/base.h"

#include <stdio.h>
#include <stdlib.h>

void fatal(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fputs("kc: error: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_USAGE);
}

void kc_bug(const char *file, int line, const char *function, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fprintf(stderr, "kc: internal error: %s:%d: %s: ", file, line, function);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\nkc: this is a mistake in kc, not in your program; please report it together with the "
          "command and the files it was given\n",
          stderr);
    exit(EXIT_BUG);
}
