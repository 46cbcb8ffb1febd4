/* The formatter's walk over a file: blocks, blank lines, and comments that stand on lines of their own. */
#include "parser/format.h"

#include "parser/format_line.h"
#include "parser/parser.h"

enum { BLANK_LINES = 2 };

typedef struct Formatter {
    Context *cx;
    const Source *source;
    const Tokens *tokens;
    StrBuf *out;
    uint32_t at;           /* the next token */
    uint32_t next_comment;
    uint32_t last_line;    /* of the source, where what was written last ended; 0 at the start */
    bool opens_block;      /* it was a header */
    Vec(uint32_t) levels;  /* the blocks' own indentation, in bytes; the file's 0 first */
} Formatter;

static const Token *token_at(const Formatter *f, uint32_t i) { return &f->tokens->tokens.data[i]; }

static LineCol place_of(const Formatter *f, uint32_t offset) {
    return source_line_col(f->source, offset);
}

/* Blank lines of the source before the row that starts at `offset`, none at the start of a block. */
static void put_blank_lines(Formatter *f, uint32_t offset) {
    uint32_t line = place_of(f, offset).line;
    uint32_t blank = line > f->last_line + 1 ? line - f->last_line - 1 : 0;
    if (blank > BLANK_LINES) blank = BLANK_LINES;
    if (f->last_line == 0 || f->opens_block) blank = 0;
    strbuf_pad(f->out, '\n', blank);
    f->opens_block = false;
}

/* A comment between two blocks belongs to the innermost one that is indented no more than it. */
static uint32_t comment_level(const Formatter *f, const Comment *comment, uint32_t lowest) {
    uint32_t column = place_of(f, comment->span.start).column - 1;
    uint32_t level = f->levels.len - 1;
    while (level > lowest && f->levels.data[level] > column) level--;
    return level;
}

/* The comments before `offset`, each on a line of its own. Blocks down to `lowest` may end among
 * them. */
static void put_comments(Formatter *f, uint32_t offset, uint32_t lowest) {
    while (f->next_comment < f->tokens->comments.len &&
           f->tokens->comments.data[f->next_comment].span.start < offset) {
        const Comment *comment = &f->tokens->comments.data[f->next_comment++];
        uint32_t level = comment_level(f, comment, lowest);
        put_blank_lines(f, comment->span.start);
        strbuf_pad(f->out, ' ', (size_t)level * FORMAT_INDENT);
        format_comment(f->source, comment, f->out);
        strbuf_putc(f->out, '\n');
        f->last_line = place_of(f, comment->span.start).line;
        f->levels.len = level + 1;
    }
}

/* INDENTs and DEDENTs before the next line, with the comments that stand there. */
static void enter_line(Formatter *f) {
    uint32_t level = f->levels.len;
    uint32_t first = f->at;
    for (; token_at(f, f->at)->kind == TOK_INDENT || token_at(f, f->at)->kind == TOK_DEDENT; f->at++) {
        level = token_at(f, f->at)->kind == TOK_INDENT ? level + 1 : level - 1;
    }
    uint32_t offset = token_at(f, f->at)->span.start;
    if (level > f->levels.len) {
        Span blanks = token_at(f, first)->span;
        vec_push(f->cx->arena, &f->levels, blanks.end - blanks.start);
    }
    put_comments(f, offset, level - 1);
    f->levels.len = level;
}

static void put_line(Formatter *f) {
    uint32_t first = f->at;
    while (token_at(f, f->at)->kind != TOK_NEWLINE) f->at++;
    uint32_t end = f->at++;
    put_blank_lines(f, token_at(f, first)->span.start);
    FormatLine line = format_line(f->cx, f->source, f->tokens, first, end, &f->next_comment);
    format_line_print(&line, (f->levels.len - 1) * FORMAT_INDENT, f->out);
    const Token *last = token_at(f, end - 1), *newline = token_at(f, end);
    f->last_line = place_of(f, last->span.end).line;
    if (f->next_comment < f->tokens->comments.len &&
        f->tokens->comments.data[f->next_comment].span.start < newline->span.start) {
        strbuf_puts(f->out, "  ");
        format_comment(f->source, &f->tokens->comments.data[f->next_comment++], f->out);
    }
    strbuf_putc(f->out, '\n');
    f->opens_block = last->kind == TOK_COLON;
}

static void format_tokens(Context *cx, const Source *source, const Tokens *tokens, StrBuf *out) {
    Formatter f = {.cx = cx, .source = source, .tokens = tokens, .out = out};
    vec_push(cx->arena, &f.levels, 0);
    for (;;) {
        enter_line(&f);
        if (token_at(&f, f.at)->kind == TOK_END) break;
        put_line(&f);
    }
}

bool format_source(Context *cx, const Source *source, StrBuf *out) {
    uint32_t errors = cx->diags.errors;
    AstIds ids = {.arena = cx->arena, .exprs = 1, .stmts = 1};
    const Tokens *tokens = lex(cx, source);
    parse(cx, &ids, source, tokens);
    if (cx->diags.errors > errors) return false;
    format_tokens(cx, source, tokens, out);
    return true;
}
