/* One logical line to pieces: which text, and where a space belongs. */
#include <string.h>

#include "parser/format_line.h"
#include "support/utf8.h"

static bool is_opener(TokenKind kind) { return kind == TOK_LPAREN || kind == TOK_LBRACKET; }
static bool is_closer(TokenKind kind) { return kind == TOK_RPAREN || kind == TOK_RBRACKET; }

static bool ends_operand(TokenKind kind) {
    return kind == TOK_NAME || kind == TOK_INT || kind == TOK_FLOAT || kind == TOK_STRING ||
           kind == TOK_BYTES || kind == TOK_TRUE || kind == TOK_FALSE || is_closer(kind) ||
           kind == TOK_TRANSFER || kind == TOK_QUESTION;
}

static bool is_convention(TokenKind kind) {
    return kind == TOK_BORROWED || kind == TOK_INOUT || kind == TOK_OWNED;
}

/* --- Text --- */

/* A string over several lines keeps them, with plain line ends. */
static void piece_text(FormatLine *line, Piece *piece, const Token *token) {
    const char *text = line->source->text + token->span.start;
    uint32_t length = token->span.end - token->span.start, kept = 0;
    char *copy = arena_strndup(line->arena, text, length);
    for (uint32_t i = 0; i < length; i++) {
        bool is_line_end = text[i] == '\r' && i + 1 < length && text[i + 1] == '\n';
        if (!is_line_end) copy[kept++] = text[i];
    }
    copy[kept] = '\0';
    piece->text = copy;
    piece->length = kept;
}

static uint32_t text_columns(const char *text, uint32_t length) {
    uint32_t columns = 0, at = 0;
    while (at < length && text[at] != '\n') {
        uint32_t code_point;
        at += utf8_decode(text + at, length - at, &code_point, NULL);
        columns += utf8_columns(code_point);
    }
    return columns;
}

static void set_text(Piece *piece, const char *text) {
    piece->text = text;
    piece->length = (uint32_t)strlen(text);
}

/* --- Parameters --- */

/* `read` and `mut` where they are conventions. */
static TokenKind convention_of(const FormatLine *line, uint32_t i) {
    const Piece *piece = &line->pieces.data[i];
    if (is_convention(piece->kind)) return piece->kind;
    if (piece->kind != TOK_NAME || i + 1 >= line->pieces.len) return TOK_END;
    TokenKind next = piece[1].kind;
    if (next != TOK_NAME && !is_convention(next)) return TOK_END;
    if (strcmp(piece->text, "read") == 0) return TOK_BORROWED;
    if (strcmp(piece->text, "mut") == 0) return TOK_INOUT;
    return strcmp(piece->text, "escaping") == 0 ? TOK_NAME : TOK_END;
}

static void spell_convention(Piece *piece, TokenKind kind) {
    if (kind == TOK_NAME) return;
    piece->kind = kind;
    set_text(piece, token_kind_spelling(kind));
}

/* The parameter that starts at `i`: conventions get their one spelling, and those behind the colon
 * move before the name. */
static void rewrite_param(FormatLine *line, uint32_t i) {
    Piece *pieces = line->pieces.data;
    while (i < line->pieces.len && convention_of(line, i) != TOK_END) {
        spell_convention(&pieces[i], convention_of(line, i));
        i++;
    }
    if (i + 2 >= line->pieces.len || pieces[i].kind != TOK_NAME || pieces[i + 1].kind != TOK_COLON) return;
    uint32_t first = i + 2, end = first;
    while (end < line->pieces.len && convention_of(line, end) != TOK_END) {
        spell_convention(&pieces[end], convention_of(line, end));
        end++;
    }
    for (uint32_t k = i + 1; k < end; k++) {
        if (pieces[k].comments > 0) return;
    }
    for (uint32_t moved = first; moved < end; moved++) {
        Piece convention = pieces[moved], before = pieces[i];
        convention.comment = before.comment;
        convention.comments = before.comments;
        pieces[i].comments = 0;
        memmove(&pieces[i + 1], &pieces[i], (moved - i) * sizeof *pieces);
        pieces[i++] = convention;
    }
}

/* The `(` of a function's parameters, or the line's end. */
static uint32_t params_start(const FormatLine *line) {
    const Piece *pieces = line->pieces.data;
    uint32_t i = 0;
    while (i < line->pieces.len && pieces[i].kind != TOK_FN && pieces[i].kind != TOK_DEF) i++;
    i += 2;
    if (i < line->pieces.len && pieces[i].kind == TOK_LBRACKET) i = pieces[i].partner + 1;
    bool found = i < line->pieces.len && pieces[i].kind == TOK_LPAREN;
    return found ? i : line->pieces.len;
}

static void rewrite_params(FormatLine *line) {
    uint32_t start = params_start(line);
    if (start >= line->pieces.len) return;
    uint32_t end = line->pieces.data[start].partner, i = start + 1;
    rewrite_param(line, i);
    for (; i < end; i++) {
        const Piece *piece = &line->pieces.data[i];
        if (piece->kind == TOK_COMMA) rewrite_param(line, i + 1);
        if (is_opener(piece->kind)) i = piece->partner;
    }
}

/* --- Spaces --- */

/* What the brackets around a piece say about `:` and `=`. */
typedef struct Group {
    TokenKind opener;     /* END outside of brackets */
    bool has_annotations; /* `:` stands before a type: parameters, generics, `reduce` */
    bool item_annotated;  /* the item being read has one */
} Group;

typedef Vec(Group) GroupVec;

/* The brackets behind `fn f` and `struct S` hold names with bounds; elsewhere a `[` holds slices. */
static bool holds_annotations(const FormatLine *line, uint32_t i) {
    if (line->pieces.data[i].kind == TOK_LPAREN) return true;
    if (i < 2) return false;
    TokenKind before = line->pieces.data[i - 2].kind;
    return before == TOK_FN || before == TOK_DEF || before == TOK_STRUCT || before == TOK_TRAIT;
}

/* A sign before an operand, or the operator of `reduce(+: s)`. */
static bool is_prefix(const FormatLine *line, uint32_t i) {
    const Piece *piece = &line->pieces.data[i];
    if (piece->kind == TOK_TILDE) return true;
    bool is_sign = piece->kind == TOK_MINUS || piece->kind == TOK_PLUS || piece->kind == TOK_STAR ||
                   piece->kind == TOK_STARSTAR;
    return is_sign && (i == 0 || !ends_operand(piece[-1].kind));
}

static bool same_sign(const Piece *a, const Piece *b) {
    return (a->kind == TOK_MINUS || a->kind == TOK_PLUS) && a->kind == b->kind;
}

/* A bracket belongs to the operand or word before it: a call, an index, parameters. */
static bool opener_needs_space(const Piece *before) {
    if (ends_operand(before->kind)) return before->kind == TOK_STRING || before->kind == TOK_BYTES;
    return before->kind != TOK_REDUCE;
}

/* Dots: `a.b` and `a..b` close up, but not where digits and dots would run together. */
static bool dot_needs_space(const Piece *before, const Piece *piece) {
    bool number_before = before->kind == TOK_INT || before->kind == TOK_FLOAT;
    if (piece->kind == TOK_DOT) return number_before;
    if (piece->kind == TOK_DOTDOT) return before->kind == TOK_FLOAT || before->kind == TOK_DOTDOT;
    return before->kind == TOK_DOTDOT && piece->text[0] == '.';
}

static bool needs_space(const FormatLine *line, uint32_t i, const Group *group) {
    const Piece *piece = &line->pieces.data[i], *before = piece - 1;
    if (is_opener(before->kind) || is_closer(piece->kind)) return false;
    if (piece->kind == TOK_COMMA || piece->kind == TOK_TRANSFER) return false;
    if (before->kind == TOK_COMMA) return true;
    if (piece->kind == TOK_COLON) return false;
    if (before->kind == TOK_COLON) return group->opener == TOK_END || group->has_annotations;
    if (piece->kind == TOK_ASSIGN || before->kind == TOK_ASSIGN) {
        return group->opener == TOK_END || group->item_annotated;
    }
    bool is_dot = piece->kind == TOK_DOT || piece->kind == TOK_DOTDOT || before->kind == TOK_DOT ||
                  before->kind == TOK_DOTDOT;
    if (is_dot) return dot_needs_space(before, piece);
    if (before->kind == TOK_AT && i == 1) return false;
    if (is_prefix(line, i - 1)) return same_sign(before, piece);
    if (is_opener(piece->kind)) return opener_needs_space(before);
    return true;
}

static void place_spaces(FormatLine *line) {
    GroupVec groups = {0};
    vec_push(line->arena, &groups, ((Group){.opener = TOK_END}));
    for (uint32_t i = 0; i < line->pieces.len; i++) {
        Piece *piece = &line->pieces.data[i];
        if (is_closer(piece->kind)) (void)vec_pop(&groups);
        Group *group = &vec_last(&groups);
        piece->space_before = i > 0 && needs_space(line, i, group);
        piece->is_binary = i > 0 && ends_operand(piece[-1].kind) && !ends_operand(piece->kind);
        if (piece->kind == TOK_COMMA) group->item_annotated = false;
        if (piece->kind == TOK_COLON) group->item_annotated = true;
        if (is_opener(piece->kind)) {
            Group inner = {.opener = piece->kind, .has_annotations = holds_annotations(line, i)};
            vec_push(line->arena, &groups, inner);
        }
    }
}

/* --- Sums --- */

/* A comma before the closing bracket of several items keeps each on a line of its own. */
static bool asks_for_lines(const FormatLine *line, uint32_t closer) {
    const Piece *pieces = line->pieces.data;
    if (pieces[closer - 1].kind != TOK_COMMA) return false;
    uint32_t commas = 0;
    for (uint32_t i = pieces[closer].partner + 1; i < closer; i++) {
        if (is_opener(pieces[i].kind)) i = pieces[i].partner;
        if (pieces[i].kind == TOK_COMMA) commas++;
    }
    return commas > 1;
}

static void sum_up(FormatLine *line) {
    uint32_t count = line->pieces.len;
    line->columns = arena_array(line->arena, uint32_t, count + 1);
    line->forced = arena_array(line->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        Piece *piece = &line->pieces.data[i];
        piece->columns = text_columns(piece->text, piece->length);
        bool is_forced = piece->comments > 0 || (is_closer(piece->kind) && asks_for_lines(line, i));
        line->columns[i + 1] = line->columns[i] + piece->columns + piece->space_before;
        line->forced[i + 1] = line->forced[i] + is_forced;
    }
}

static void match_brackets(FormatLine *line) {
    Vec(uint32_t) open = {0};
    for (uint32_t i = 0; i < line->pieces.len; i++) {
        Piece *piece = &line->pieces.data[i];
        if (is_opener(piece->kind)) vec_push(line->arena, &open, i);
        if (!is_closer(piece->kind)) continue;
        piece->partner = vec_pop(&open);
        line->pieces.data[piece->partner].partner = i;
    }
}

FormatLine format_line(Context *cx, const Source *source, const Tokens *tokens, uint32_t first,
                       uint32_t end, uint32_t *next_comment) {
    FormatLine line = {.arena = cx->arena, .source = source, .comments = tokens->comments.data};
    for (uint32_t i = first; i < end; i++) {
        const Token *token = &tokens->tokens.data[i];
        Piece piece = {.kind = token->kind, .comment = *next_comment};
        piece_text(&line, &piece, token);
        while (*next_comment < tokens->comments.len &&
               tokens->comments.data[*next_comment].span.start < token->span.start) {
            ++*next_comment;
            piece.comments++;
        }
        vec_push(cx->arena, &line.pieces, piece);
    }
    match_brackets(&line);
    rewrite_params(&line);
    match_brackets(&line);
    place_spaces(&line);
    sum_up(&line);
    return line;
}
