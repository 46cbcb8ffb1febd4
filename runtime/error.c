#include "runtime/failure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Each thread has its own last error, and the text that it was asked for. */
static _Thread_local struct {
    const char *text, *file;
    int32_t line;
    char message[512];
} last;

void kc_error_set(const char *message, const char *file, int32_t line) {
    last.text = message;
    last.file = file;
    last.line = line;
}

ErrorRecord kc_error_get(void) { return (ErrorRecord){last.text, last.file, last.line}; }

const char *kc_error_text(void) { return last.text != NULL ? last.text : ""; }

int64_t kc_error_length(void) { return (int64_t)strlen(kc_error_text()); }

const char *kc_error_message(void) {
    if (last.text == NULL) return "";
    if (last.file == NULL) return last.text;
    snprintf(last.message, sizeof last.message, "%s:%" PRId32 ": %s", last.file, last.line,
             last.text);
    return last.message;
}
