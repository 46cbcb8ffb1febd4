/* The sizes of a callee, found from the arguments of a call: each argument is told to the match, in order;
 * then match_sizes gives every size symbol of the callee its value and checks what has to agree. Memory is
 * the module's arena. */
#ifndef KC_IR_LOWER_MATCH_H
#define KC_IR_LOWER_MATCH_H

#include "ir/lower/lower_internal.h"

/* One dimension of one array argument. */
typedef struct Mention {
    const Size *formal; /* in the callee's symbols */
    const Size *actual; /* in the caller's, or NULL */
    Value *value;
    Span span;
    bool is_settled;    /* it gave a symbol its value, exactly */
} Mention;

/* The sizes of a callee, found from the arguments. */
typedef struct SizeMatch {
    Vec(Mention) mentions;
    Vec(SizeValue) values;              /* the callee's symbols */
    Vec(const SizeSym *) syms;          /* those among them whose size in the caller is known... */
    Vec(const Size *) sizes;            /* ...and that size */
} SizeMatch;

/* An int argument that sizes of the callee mention by name. */
void match_int(FnLower *f, SizeMatch *m, const SizeSym *sym, Value *value, const Expr *e);
/* An array argument. */
void match_array(FnLower *f, SizeMatch *m, const Type *formal, Value *view, const Expr *e);
/* Finds all values, after the arguments, and checks what has to agree. */
void match_sizes(FnLower *f, SizeMatch *m);
Value *match_value(const SizeMatch *m, const SizeSym *sym);
/* A size of the callee, in values of the caller. */
Value *callee_size(FnLower *f, const SizeMatch *m, const Size *size);
/* The same in sizes of the caller, or NULL. */
const Size *caller_size(FnLower *f, const SizeMatch *m, const Size *size);

#endif
