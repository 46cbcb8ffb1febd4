/* What the tests of the IR share: modules from text. A mistake in the text fails the test. */
#ifndef KC_TESTS_IR_HELPERS_H
#define KC_TESTS_IR_HELPERS_H

#include "ir/text.h"
#include "ir/verify.h"
#include "tests/unit/unit.h"

#include <string.h>

static inline IrModule *module_read(Context *cx, const char *text) {
    const Source *source = sources_add(&cx->sources, "test.kir", text, (uint32_t)strlen(text));
    IrModule *module = ir_read_module(cx, source);
    if (module != NULL) return module;
    StrBuf out = {0};
    diags_render_text(cx, &out, false);
    print_error("%s\n", strbuf_text(&out));
    fail();
    return NULL;
}

static inline void module_check(const IrModule *module) {
    StrBuf problems = {0};
    if (!ir_verify(module, &problems)) {
        print_error("%s\n", strbuf_text(&problems));
        fail();
    }
    strbuf_free(&problems);
}

static inline IrFn *fn_named(const IrModule *module, const char *name) {
    IrFn *fn = ir_fn_find(module, name_of_str(module->cx->names, name));
    assert_non_null(fn);
    return fn;
}

#endif
