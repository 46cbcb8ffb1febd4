#include "lexer/steps.h"
void foreign_filter(Context *cx, const Source *source, const Tokens *laid, Tokens *out) {
    (void)source;
    for (uint32_t i = 0; i < laid->tokens.len; i++) vec_push(cx->arena, &out->tokens, laid->tokens.data[i]);
}
