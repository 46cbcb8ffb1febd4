/* Sizes of array dimensions: integer polynomials over size symbols, in one canonical form,
 * interned, so that equal sizes are == and `2*n - 1 == n + n - 1` is known at compile time.
 *
 * Every `?` and every size that is no polynomial is a hidden symbol of its own: unknown, but
 * equal to itself. Memory is the compilation's arena. */
#ifndef KC_SEMA_SIZE_H
#define KC_SEMA_SIZE_H

#include "support/context.h"

typedef struct Local Local;

typedef enum SizeSymKind {
    SIZE_PARAM,  /* bound by a function's signature: a name in a parameter's type */
    SIZE_LOCAL,  /* an immutable int (`let`, loop variable, parameter) used as a size */
    SIZE_HIDDEN  /* a `?`, or a computed size: known at run time only */
} SizeSymKind;

typedef struct SizeSym {
    uint32_t id; /* from 1, in order of creation: the order of the canonical form */
    SizeSymKind kind;
    Name name;          /* NO_NAME for HIDDEN */
    Span span;          /* where it comes from: the first mention, the `?`, the computed size */
    const Local *local; /* LOCAL */
} SizeSym;

typedef struct Size Size; /* interned: compare with == */
typedef struct Sizes Sizes;

typedef enum SizeRelation { SIZES_EQUAL, SIZES_DIFFER, SIZES_UNKNOWN } SizeRelation;

Sizes *sizes_create(Context *cx);
const SizeSym *size_sym_new(Sizes *s, SizeSymKind kind, Name name, Span span, const Local *local);
const Size *size_const(Sizes *s, int64_t value);
const Size *size_of_sym(Sizes *s, const SizeSym *sym);
/* A fresh hidden symbol. */
const Size *size_unknown(Sizes *s, Span span);
/* NULL when a coefficient leaves 64 bits. */
const Size *size_add(Sizes *s, const Size *a, const Size *b);
const Size *size_sub(Sizes *s, const Size *a, const Size *b);
const Size *size_mul(Sizes *s, const Size *a, const Size *b);
bool size_is_const(const Size *size, int64_t *value);
/* The one symbol that `size` is, or NULL. */
const SizeSym *size_as_sym(const Size *size);
/* DIFFER when the difference is a constant other than 0. */
SizeRelation size_relate(Sizes *s, const Size *a, const Size *b);
/* Replaces symbols: `with[i]` stands for `syms[i]`. */
const Size *size_substitute(Sizes *s, const Size *size, const SizeSym *const *syms,
                            const Size *const *with, uint32_t count);
/* The terms: sum of coefficient times product of symbols. For lowering a size to arithmetic. */
typedef struct SizeTerm {
    int64_t coefficient;
    uint32_t sym_count;
    const SizeSym *const *syms; /* sorted by id, repeated for powers; none for the constant term */
} SizeTerm;
uint32_t size_terms(const Size *size, const SizeTerm **terms);
/* As the user would write it: `2*n - 1`, `?`. */
void size_print(const Context *cx, const Size *size, StrBuf *out);

#endif
