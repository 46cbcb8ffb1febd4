#include "parser/syntax_error.h"
const char *header_part(const Parser *p, uint32_t first) { (void)p;(void)first; return NULL; }
void syntax_error(Parser *p, const Expected *expected) {
    (void)expected;
    parser_report(p, K0101, parser_token(p, 0)->span, "unexpected token");
    parser_unread(p);
}
