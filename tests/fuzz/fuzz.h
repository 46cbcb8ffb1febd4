/* What the fuzzers share: one compilation around one input. Each fuzzer is a libFuzzer target: the
 * function below is called with input after input, in one process, which also shows that compilations leave
 * nothing behind. */
#ifndef KC_TESTS_FUZZ_H
#define KC_TESTS_FUZZ_H

#include "support/context.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline const Source *fuzz_source(Context *cx, const uint8_t *data, size_t size) {
    return sources_add(&cx->sources, "fuzz", (const char *)data, (uint32_t)size);
}

/* Diagnostics must render whatever the input was; automatic fixes must apply. */
static inline void fuzz_render(Context *cx, const Source *source) {
    StrBuf out = {0};
    diags_render_text(cx, &out, true);
    diags_render_json(cx, &out);
    diags_apply_fixes(cx, source->file, &out);
    strbuf_free(&out);
}

#endif
