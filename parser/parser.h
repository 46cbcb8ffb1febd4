/* Tokens to Ast. Never gives up: a statement that cannot be read is reported once and becomes
 * STMT_ERROR, and reading goes on with the next. */
#ifndef KC_PARSER_PARSER_H
#define KC_PARSER_PARSER_H

#include "lexer/lexer.h"
#include "parser/ast.h"

/* Never NULL. Errors are in the context. */
Ast *parse(Context *cx, AstIds *ids, const Source *source, const Tokens *tokens);

#endif
