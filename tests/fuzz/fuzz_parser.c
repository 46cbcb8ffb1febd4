#include "parser/parser.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Context *cx = context_create();
    const Source *source = fuzz_source(cx, data, size);
    AstIds ids = {.arena = cx->arena, .exprs = 1, .stmts = 1};
    const Ast *ast = parse(cx, &ids, source, lex(cx, source));
    StrBuf out = {0};
    ast_print(cx, ast, &out);
    strbuf_free(&out);
    fuzz_render(cx, source);
    context_destroy(cx);
    return 0;
}
