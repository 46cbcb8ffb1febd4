/* The reader of IR text. What it accepts prints, and the print reads back and prints the same. */
#include "ir/text.h"
#include "ir/verify.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_round_trip(const IrModule *module) {
    StrBuf first = {0}, second = {0};
    ir_print_module(module, &first);
    Context *cx = context_create();
    const Source *source = fuzz_source(cx, (const uint8_t *)strbuf_text(&first), first.len);
    const IrModule *again = ir_read_module(cx, source);
    if (again == NULL) KC_BUG("what was printed cannot be read:\n%s", strbuf_text(&first));
    ir_print_module(again, &second);
    KC_CHECK(strcmp(strbuf_text(&first), strbuf_text(&second)) == 0);
    context_destroy(cx);
    strbuf_free(&first);
    strbuf_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Context *cx = context_create();
    const Source *source = fuzz_source(cx, data, size);
    const IrModule *module = ir_read_module(cx, source);
    if (module != NULL) {
        StrBuf problems = {0};
        if (ir_verify(module, &problems)) check_round_trip(module);
        strbuf_free(&problems);
    }
    fuzz_render(cx, source);
    context_destroy(cx);
    return 0;
}
