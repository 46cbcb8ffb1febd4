#include "parser/format.h"
#include "parser/parser.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* The tree of a text, printed. */
static void print_tree(Context *cx, const StrBuf *text, StrBuf *out) {
    const Source *source = fuzz_source(cx, (const uint8_t *)strbuf_text(text), text->len);
    AstIds ids = {.arena = cx->arena, .exprs = 1, .stmts = 1};
    ast_print(cx, parse(cx, &ids, source, lex(cx, source)), out);
}

/* Formatting changes neither the tree nor, a second time, the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Context *cx = context_create();
    StrBuf text = {0}, once = {0}, twice = {0}, tree = {0}, formatted_tree = {0};
    strbuf_add(&text, (const char *)data, size);
    if (format_source(cx, fuzz_source(cx, data, size), &once)) {
        const uint8_t *bytes = (const uint8_t *)strbuf_text(&once);
        KC_CHECK(format_source(cx, fuzz_source(cx, bytes, once.len), &twice));
        KC_CHECK(strcmp(strbuf_text(&once), strbuf_text(&twice)) == 0);
        print_tree(cx, &text, &tree);
        print_tree(cx, &once, &formatted_tree);
        KC_CHECK(strcmp(strbuf_text(&tree), strbuf_text(&formatted_tree)) == 0);
    }
    strbuf_free(&text);
    strbuf_free(&once);
    strbuf_free(&twice);
    strbuf_free(&tree);
    strbuf_free(&formatted_tree);
    context_destroy(cx);
    return 0;
}
