/* The formatter's view of one logical line: the pieces of text it is made of, with the comments that
 * stand between them, and its layout on one or more lines of output. */
#ifndef KC_PARSER_FORMAT_LINE_H
#define KC_PARSER_FORMAT_LINE_H

#include "lexer/lexer.h"

enum { FORMAT_COLUMNS = 100, FORMAT_INDENT = 4 };

/* A token as it will be printed. */
typedef struct Piece {
    TokenKind kind;
    const char *text;
    uint32_t length, columns; /* columns up to the first line end in a string */
    bool space_before;
    bool is_binary;           /* `+` or `-` between two operands */
    uint32_t partner;         /* of a bracket: the index of the other one */
    uint32_t comment, comments; /* those between the piece before and this one: first, count */
} Piece;

typedef struct FormatLine {
    Arena *arena;
    const Source *source;
    const Comment *comments;
    Vec(Piece) pieces;
    uint32_t *columns; /* [i]: of the pieces before i on one line, with their spaces */
    uint32_t *forced;  /* [i]: how many before i ask for a line break */
} FormatLine;

/* The pieces of the tokens `first` to `end` (exclusive) of one logical line. Comments up to
 * `*next_comment` are dealt with; it moves behind those inside the line. format_pieces.c */
FormatLine format_line(Context *cx, const Source *source, const Tokens *tokens, uint32_t first,
                       uint32_t end, uint32_t *next_comment);
/* Prints the line, indented by `indent` columns, without its line end. format_layout.c */
void format_line_print(const FormatLine *line, uint32_t indent, StrBuf *out);

/* A comment's text without blanks at its end. */
void format_comment(const Source *source, const Comment *comment, StrBuf *out);

#endif
