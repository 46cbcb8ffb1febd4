/* The checker and, for what it accepts, lowering and every pass: a program without errors compiles. */
#include "ir/lower/lower.h"
#include "ir/passes/pass.h"
#include "parser/parser.h"
#include "tests/fuzz/fuzz.h"

static void lower_and_optimise(Context *cx, const Checked *checked) {
    IrOptions options = {.opt_level = 3, .checks = CHECKS_ALL, .vector_bits = 256, .has_word_masks = true,
                         .has_fma = true};
    IrModule *module = lower_program(cx, checked, &options);
    StrBuf out = {0};
    PassObserver observer = {.verify_each = true, .out = &out};
    passes_run(module, &options, &observer);
    strbuf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Context *cx = context_create();
    const Source *source = fuzz_source(cx, data, size);
    AstIds ids = {.arena = cx->arena, .exprs = 1, .stmts = 1};
    const Ast *ast = parse(cx, &ids, source, lex(cx, source));
    SemaOptions options = {.stdlib_dir = "stdlib", .vector_bits = 256};
    const Checked *checked = check_program(cx, &ids, &ast, 1, &options);
    if (!diags_have_errors(cx)) lower_and_optimise(cx, checked);
    fuzz_render(cx, source);
    context_destroy(cx);
    return 0;
}
