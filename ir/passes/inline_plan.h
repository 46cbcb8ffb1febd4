/* Which functions may be inlined, and which are worth it. Shared by single-return, which prepares
 * them, and inline, which does it. */
#ifndef KC_IR_PASSES_INLINE_PLAN_H
#define KC_IR_PASSES_INLINE_PLAN_H

#include "ir/ir.h"

/* A body of this many operations costs about what the call does (argument set-up, spills around
 * it, and what the optimiser cannot see through it), so that copying it never loses. */
enum { INLINE_SMALL = 48 };
/* In a loop or an array expression a call also prevents SIMD: the functions of the math library,
 * with polynomials of 10 to 20 terms and their selects, are to fit. */
enum { INLINE_HOT = 400 };
/* With one caller nothing is duplicated; the bound keeps functions readable in a debugger. */
enum { INLINE_ONCE = 1000 };
/* A caller is not grown beyond this many operations, except by @inline. */
enum { INLINE_CALLER = 20000 };

/* Whether it changes arrays in loops inside of loops, none of them short: beside these a call is nothing, and a loop
 * around it does not become SIMD for lack of it. */
bool fn_is_nest(const IrFn *fn);
/* Operations that become instructions: constants and ends of regions are free. */
uint32_t fn_op_count(const IrFn *fn);
/* NULL when the rules of the language allow it; otherwise the reason. */
const char *inline_refusal(const IrFn *fn, bool is_recursive);
/* Whether some call of it may be worth inlining: what single-return prepares. */
bool inline_is_candidate(const IrFn *fn, bool is_recursive, uint32_t callers);

/* single_return.c: makes its only return the last op of its body. False: it cannot be done, and nothing was. */
bool fn_return_once(IrFn *fn);

#endif
