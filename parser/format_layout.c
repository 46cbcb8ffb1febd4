/* One logical line to lines of output. A line that is too long, or that holds comments, is broken at
 * its widest brackets: what is in them moves to lines of its own, one step further in, as a whole if
 * it fits, else one item a line; and so on inside each item. Only tokens, comments and widths decide,
 * never the line breaks that were there, so that a second run changes nothing. */
#include "parser/format_line.h"

typedef struct Layout {
    const FormatLine *line;
    StrBuf *out;
    uint32_t indent;  /* of the line of output being written */
    uint32_t column;  /* behind what was written */
    bool at_start;    /* nothing was written on this line */
    uint32_t flushed; /* the comments of the pieces before this one are written */
} Layout;

static const Piece *piece_at(const Layout *l, uint32_t i) { return &l->line->pieces.data[i]; }

static bool is_opener(TokenKind kind) { return kind == TOK_LPAREN || kind == TOK_LBRACKET; }

/* --- Writing --- */

static void begin_text(Layout *l) {
    if (!l->at_start) return;
    strbuf_pad(l->out, ' ', l->indent);
    l->column = l->indent;
    l->at_start = false;
}

static void break_line(Layout *l, uint32_t indent) {
    if (!l->at_start) strbuf_putc(l->out, '\n');
    l->at_start = true;
    l->indent = indent;
}

void format_comment(const Source *source, const Comment *comment, StrBuf *out) {
    uint32_t end = comment->span.end;
    while (end > comment->span.start &&
           (source->text[end - 1] == ' ' || source->text[end - 1] == '\t')) {
        end--;
    }
    strbuf_add(out, source->text + comment->span.start, end - comment->span.start);
}

/* Writes the comments of piece `i` and goes to a new line for it. Comments of their own lines stand at
 * `comment_indent`, the piece at `indent`. */
static void break_before(Layout *l, uint32_t i, uint32_t comment_indent, uint32_t indent) {
    const Piece *piece = piece_at(l, i);
    uint32_t end = l->flushed > i ? 0 : piece->comment + piece->comments;
    for (uint32_t k = piece->comment; k < end; k++) {
        const Comment *comment = &l->line->comments[k];
        bool stays_behind = k == piece->comment && !l->at_start && !comment->own_line;
        if (stays_behind) {
            strbuf_puts(l->out, "  ");
        } else {
            break_line(l, comment_indent);
            begin_text(l);
        }
        format_comment(l->line->source, comment, l->out);
    }
    l->flushed = i + 1;
    break_line(l, indent);
}

static void put_piece(Layout *l, uint32_t i) {
    const Piece *piece = piece_at(l, i);
    if (l->flushed <= i && piece->comments > 0) break_before(l, i, l->indent, l->indent);
    l->flushed = i + 1;
    bool is_first = l->at_start;
    begin_text(l);
    if (piece->space_before && !is_first) {
        strbuf_putc(l->out, ' ');
        l->column++;
    }
    strbuf_add(l->out, piece->text, piece->length);
    l->column += piece->columns;
}

static void put_flat(Layout *l, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++) put_piece(l, i);
}

/* --- Deciding --- */

/* Whether the pieces, and `after` columns behind them, fit on the rest of the line as they are. The
 * comments before the first of them are dealt with already. */
static bool fits(const Layout *l, uint32_t from, uint32_t to, uint32_t after) {
    if (from >= to) return true;
    const FormatLine *line = l->line;
    uint32_t start = l->at_start ? l->indent : l->column;
    uint32_t columns = line->columns[to] - line->columns[from];
    if (l->at_start && piece_at(l, from)->space_before) columns--;
    uint32_t forced = line->forced[to] - line->forced[from];
    if (l->flushed > from && piece_at(l, from)->comments > 0) forced--;
    return forced == 0 && start + columns + after <= FORMAT_COLUMNS;
}

/* The opening bracket with the widest contents among the outermost ones; one that must be broken goes
 * before all others. `to` if there is none. */
static uint32_t widest_bracket(const Layout *l, uint32_t from, uint32_t to) {
    const FormatLine *line = l->line;
    uint32_t best = to, best_width = 0;
    for (uint32_t i = from; i < to; i++) {
        const Piece *piece = piece_at(l, i);
        if (!is_opener(piece->kind) || piece->partner >= to) continue;
        uint32_t width = line->columns[piece->partner] - line->columns[i + 1];
        if (line->forced[piece->partner + 1] > line->forced[i + 1]) width += 1u << 24;
        if (width > best_width) {
            best = i;
            best_width = width;
        }
        i = piece->partner;
    }
    return best;
}

/* How loosely an operator binds: where a long expression breaks first. 0 for what is none. */
static int break_rank(const Piece *piece) {
    switch ((int)piece->kind) {
    case TOK_FOR: case TOK_IF: case TOK_ELSE: return 9;
    case TOK_OR: return 8;
    case TOK_AND: return 7;
    case TOK_EQ: case TOK_NE: case TOK_LT: case TOK_LE: case TOK_GT: case TOK_GE: return 6;
    case TOK_PIPE: case TOK_CARET: case TOK_AMP: return 5;
    case TOK_SHL: case TOK_SHR: return 4;
    case TOK_PLUS: case TOK_MINUS: return piece->is_binary ? 3 : 0;
    case TOK_STAR: case TOK_SLASH: case TOK_SLASHSLASH: case TOK_PERCENT: case TOK_AT: return 2;
    default: return 0;
    }
}

typedef struct Items {
    bool by_comma;
    int rank; /* of the operators that begin items otherwise */
    bool any;
} Items;

/* What divides the contents of a bracket. */
static Items find_items(const Layout *l, uint32_t from, uint32_t to) {
    Items items = {0};
    for (uint32_t i = from; i < to; i++) {
        const Piece *piece = piece_at(l, i);
        if (piece->kind == TOK_COMMA) items.by_comma = true;
        int rank = i > from ? break_rank(piece) : 0;
        if (rank > items.rank) items.rank = rank;
        if (is_opener(piece->kind)) i = piece->partner;
    }
    items.any = items.by_comma || items.rank > 0;
    return items;
}

/* --- Laying out --- */

static void lay(Layout *l, uint32_t from, uint32_t to, uint32_t indent, uint32_t after);

/* One item a line: behind each comma, or before each operator of the loosest kind. */
static void lay_items(Layout *l, uint32_t from, uint32_t to, uint32_t indent, const Items *items) {
    uint32_t start = from;
    for (uint32_t i = from; i <= to; i++) {
        bool is_comma = i < to && items->by_comma && piece_at(l, i)->kind == TOK_COMMA;
        bool is_operator = i < to && !items->by_comma && i > start &&
                           break_rank(piece_at(l, i)) == items->rank;
        if (i == to || is_comma || is_operator) {
            if (start > from) break_before(l, start, indent, indent);
            lay(l, start, i, indent, is_comma);
            if (is_comma) put_piece(l, i);
            start = is_comma ? i + 1 : i;
        }
        if (start >= to) return;
        if (i < to && is_opener(piece_at(l, i)->kind)) i = piece_at(l, i)->partner;
    }
}

static void lay_contents(Layout *l, uint32_t from, uint32_t to, uint32_t indent) {
    if (from == to) return;
    break_before(l, from, indent, indent);
    Items items = find_items(l, from, to);
    bool asks_for_lines = items.by_comma && l->line->forced[to + 1] > l->line->forced[to];
    if ((fits(l, from, to, 0) && !asks_for_lines) || !items.any) {
        lay(l, from, to, indent, 0);
    } else {
        lay_items(l, from, to, indent, &items);
    }
}

static void lay(Layout *l, uint32_t from, uint32_t to, uint32_t indent, uint32_t after) {
    if (fits(l, from, to, after)) {
        put_flat(l, from, to);
        return;
    }
    uint32_t open = widest_bracket(l, from, to);
    if (open == to) {
        put_flat(l, from, to);
        return;
    }
    uint32_t close = piece_at(l, open)->partner;
    lay(l, from, open, indent, 1);
    put_piece(l, open);
    lay_contents(l, open + 1, close, indent + FORMAT_INDENT);
    break_before(l, close, indent + FORMAT_INDENT, indent);
    put_piece(l, close);
    lay(l, close + 1, to, indent, after);
}

void format_line_print(const FormatLine *line, uint32_t indent, StrBuf *out) {
    Layout l = {.line = line, .out = out, .indent = indent, .at_start = true, .flushed = 1};
    lay(&l, 0, line->pieces.len, indent, 0);
}
