#include "kc/kcrt.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* The one piece of process-wide state: a host replaces the handler before it starts its kernels. */
static _Atomic(kc_panic_handler) current_handler;

kc_panic_handler kc_panic_set_handler(kc_panic_handler handler) {
    return atomic_exchange(&current_handler, handler);
}

/* What snprintf would have written so far, and where the next text goes. */
typedef struct Writer {
    char *buffer;
    size_t size, length;
} Writer;

static char *rest(const Writer *w) { return w->length < w->size ? w->buffer + w->length : NULL; }

static size_t room(const Writer *w) { return w->length < w->size ? w->size - w->length : 0; }

static void advance(Writer *w, int written) {
    if (written > 0) w->length += (size_t)written;
}

size_t kc_panic_format(const kc_panic_info *info, char *buffer, size_t size) {
    Writer w = {buffer, size, 0};
    if (info->file != NULL) {
        advance(&w, snprintf(rest(&w), room(&w), "%s:%" PRId32 ": ", info->file, info->line));
    }
    if (info->function != NULL) {
        advance(&w, snprintf(rest(&w), room(&w), "in %s: ", info->function));
    }
    const char *message = info->message != NULL ? info->message : "a check failed";
    advance(&w, snprintf(rest(&w), room(&w), "%s", message));
    int32_t count = info->value_count < 3 ? info->value_count : 3;
    for (int32_t i = 0; i < count; i++) {
        const char *name = info->value_names[i] != NULL ? info->value_names[i] : "value";
        advance(&w, snprintf(rest(&w), room(&w), "%s%s %" PRId64, i == 0 ? " (" : ", ", name,
                             info->values[i]));
    }
    if (count > 0) advance(&w, snprintf(rest(&w), room(&w), ")"));
    return w.length;
}

/* Weak, so that a host's own definition takes its place even where this file is linked for something
 * else that it holds. */
__attribute__((weak)) void kc_panic(const kc_panic_info *info) {
    kc_task_panic(info);
    kc_panic_handler handler = atomic_load(&current_handler);
    if (handler != NULL) handler(info);
    char text[1024];
    kc_panic_format(info, text, sizeof text);
    fflush(stdout);
    fprintf(stderr, "%s\n", text);
    abort();
}
