#include "lexer/lexer.h"
#include "tests/fuzz/fuzz.h"

/* The stream always ends in END, and INDENT and DEDENT balance. */
static void check_tokens(const Tokens *tokens) {
    KC_CHECK(tokens->tokens.len > 0 && vec_last(&tokens->tokens).kind == TOK_END);
    int64_t depth = 0;
    for (uint32_t i = 0; i < tokens->tokens.len; i++) {
        depth += tokens->tokens.data[i].kind == TOK_INDENT;
        depth -= tokens->tokens.data[i].kind == TOK_DEDENT;
        KC_CHECK(depth >= 0);
    }
    KC_CHECK(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Context *cx = context_create();
    const Source *source = fuzz_source(cx, data, size);
    const Tokens *tokens = lex(cx, source);
    check_tokens(tokens);
    StrBuf out = {0};
    tokens_print(cx, tokens, &out);
    strbuf_free(&out);
    fuzz_render(cx, source);
    context_destroy(cx);
    return 0;
}
