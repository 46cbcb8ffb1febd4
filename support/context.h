/* One compilation's shared state. There is no other: file-scope data is const, so any number of
 * compilations can live in one process. */
#ifndef KC_SUPPORT_CONTEXT_H
#define KC_SUPPORT_CONTEXT_H

#include "support/diag.h"
#include "support/intern.h"

struct Context {
    Arena *arena; /* lives as long as the compilation */
    Names *names;
    Sources sources;
    Diags diags;
};

Context *context_create(void);
void context_destroy(Context *cx);

static inline const char *text_of(const Context *cx, Name name) {
    return name_text(cx->names, name);
}

#endif
