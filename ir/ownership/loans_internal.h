/* Between the files that find loans: sets of them, and what each op does to them. */
#ifndef KC_IR_OWNERSHIP_LOANS_INTERNAL_H
#define KC_IR_OWNERSHIP_LOANS_INTERNAL_H

#include "ir/ownership/loans.h"

/* ---- loan_sets.c ----------------------------------------------------------------------------- */

/* The loan that `op` makes, one for each of these properties. `op` NULL: there from the beginning.
 */
Loan *loan_make(Loans *l, Op *op, LoanKind kind, uint32_t place, bool is_mutable,
                const Frame *frame, uint32_t from);
uint32_t set_of_one(Loans *l, const Loan *loan);
uint32_t set_union(Loans *l, uint32_t a, uint32_t b);
/* The set of what `map` makes of each loan; NULL leaves one out. */
typedef const Loan *(*LoanMap)(Loans *l, void *user, const Loan *loan);
uint32_t set_map(Loans *l, uint32_t set, LoanMap map, void *user);
/* Ranges that depend on values of a loop's body mean something else in the next iteration. */
uint32_t set_widen(Loans *l, uint32_t set, const Op *loop);

/* ---- loans.c --------------------------------------------------------------------------------- */

/* The place now holds these loans: its fields likewise... */
void place_hold(LoanCursor *c, uint32_t place, uint32_t set);
/* ...or these as well. */
void place_hold_also(LoanCursor *c, uint32_t place, uint32_t set);
/* Nobody looks into what the place had: a view variable gets another window. */
void place_forget_lookers(LoanCursor *c, uint32_t place);
/* The value holds these. */
void value_hold(LoanCursor *c, const Value *value, uint32_t set);

/* ---- loan_effects.c -------------------------------------------------------------------------- */

/* What an op does to sets, once all its events are over. */
void loan_effect(LoanCursor *c, Op *op);
/* ---- loan_calls.c ---------------------------------------------------------------------------- */

void call_effect(LoanCursor *c, Op *op);
void spawn_effect(LoanCursor *c, Op *op);
/* A ref of an element, or of a field of one: it has loans itself. */
bool is_element(const Value *ref);
/* The place that a ref or the handle of an arena stands for. */
uint32_t place_of_operand(const Graph *g, const Value *value);
uint32_t set_of_operand(const LoanCursor *c, const Value *value);

#endif
