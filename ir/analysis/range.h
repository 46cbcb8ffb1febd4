/* Facts and proofs about integers: "this index is below that size", from what loops, conditions
 * and checks on the way here guarantee.
 *
 * A fact is an affine form that is not negative. Facts are a stack: a walk over the tree adds
 * them as it enters a branch or a loop, and takes them back as it leaves. A proof of `form >= 0`
 * subtracts facts until the intervals of what is left suffice (a bounded search for a combination
 * as Farkas' lemma has it). Everything is about integers that do not wrap: a value's form is used
 * only where it provably stays inside i64, otherwise the value is a symbol of its own. */
#ifndef KC_IR_ANALYSIS_RANGE_H
#define KC_IR_ANALYSIS_RANGE_H

#include "ir/analysis/interval.h"

typedef struct Ranges Ranges;

Ranges *ranges_create(Arena *arena, const IrFn *fn);

/* The stack of facts. */
uint32_t ranges_mark(const Ranges *ranges);
void ranges_forget(Ranges *ranges, uint32_t mark);

/* form >= 0, over the integers. */
void ranges_assume_form(Ranges *ranges, const Affine *form);
/* a >= b + offset; the facts are added only as far as they can be expressed. */
void ranges_assume_ge(Ranges *ranges, const Value *a, const Value *b, int64_t offset);
void ranges_assume_at_least(Ranges *ranges, const Value *a, int64_t least);
/* A bool value is known. Looks through NOT, AND (when it holds) and OR (when it does not). */
void ranges_assume_condition(Ranges *ranges, const Value *condition, bool holds);
/* Where control passes a CHECK, it held. */
void ranges_assume_check(Ranges *ranges, const Op *check);
/* Inside the body of a FOR, MAP or REDUCE. */
void ranges_assume_loop(Ranges *ranges, const Op *loop);
/* What an operation says of its result beyond its interval: FLOORDIV, MOD, and MUL where it begins a block; and of sizes, where memory is
 * made. */
void ranges_assume_op(Ranges *ranges, const Op *op);
/* All that holds in a region of the op, and behind it. */
void ranges_assume_region(Ranges *ranges, const Op *op, uint32_t which);
void ranges_assume_past(Ranges *ranges, const Op *op);
/* `value` is the same number as `other` from here on (two reads of one variable). */
void ranges_alias(Ranges *ranges, const Value *value, const Value *other);

/* The form of a value as an integer that does not wrap. */
Affine ranges_form(Ranges *ranges, const Value *value);
/* The form is never negative, and stays inside i64. */
bool ranges_prove(Ranges *ranges, const Affine *form);
bool ranges_prove_ge(Ranges *ranges, const Value *a, const Value *b, int64_t offset);
bool ranges_prove_at_least(Ranges *ranges, const Value *a, int64_t least);
bool ranges_prove_equal(Ranges *ranges, const Value *a, const Value *b);
/* The integer that the form is lies inside i64, so that computing it does not wrap. */
bool ranges_prove_fits(Ranges *ranges, const Affine *form);
Interval ranges_interval(Ranges *ranges, const Value *value);

#endif
