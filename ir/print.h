/* What the files of the printer share. The text goes to `out`, which belongs to the caller. */
#ifndef KC_IR_PRINT_H
#define KC_IR_PRINT_H

#include "ir/label.h"

typedef struct Printer {
    const Context *cx;
    StrBuf *out;
    Labels labels; /* of the function in print */
    const uint32_t *files; /* by file: its number in the text; NULL to print no spans */
} Printer;

void print_span(Printer *p, Span span);
/* The ops of a region, one on a line, with what is nested in them. */
void print_region(Printer *p, const Region *region, uint32_t depth);
/* One op on one line, without its regions. */
void print_op_head(Printer *p, const Op *op);

#endif
