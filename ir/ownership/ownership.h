/* Ownership: who owns what, who looks into it, and where it ends.
 *
 * Works on fresh IR (stage OWNED), so that what it finds does not depend on -O or the target:
 *
 *   ownership_check   reports what breaks the rules of docs/ownership.md, function by function:
 *                     moves and values that are missing (moves.c), windows and what they depend on
 *                     (loans.c), loops that run in parallel (parallel*.c). It changes the code in one
 *                     point: each implicit DUP becomes a MOVE where the place is not used again, and a
 *                     note (N0393) or an error (K0394) where it is.
 *   drops_insert      adds a DROP wherever a value ends: after the statement of its last use, and on
 *                     edges; there are no run-time flags.
 *   reductions_split  says in which order declared reductions combine: of parallel loops, and of floats in the
 *                     mode `reproducible`.
 *   tasks_start       says which tasks run beside their function, and where these end.
 *   ownership_erase   turns DROP, DUP, MOVE, LEND... into the plain operations of stage TENSOR.
 *
 * How the source is put into stage OWNED (ir/lower does it, ir/verify_owned.c checks it):
 *
 * - Every named local and parameter that owns (tensor, list, arena, task, struct with such) or looks (view,
 *   struct with views) is one VAR, with its IrVar. So is each temporary that owns and is not consumed at
 *   once. Plain locals are VARs only when they change.
 * - Memory is reached by LEND and nothing else: `x[i]` is `load(lend %x, i)`, `t.slice_mut(a, b)` is
 *   `slice(lend true %t, ..)`. A LEND of a VAR that holds a MutView borrows from it; a View is copied by
 *   GET. A tensor that C (or the caller) lends to a parameter is a VAR of type view, role BORROWED or
 *   INOUT, SET at the entry; of role OUT for the memory of the result.
 * - `x^` is MOVE, `.copy()` of a place of owning type is DUP (or ALLOC and ASSIGN, for tensors), an
 *   assignment that gives the place another value is SET, ASSIGN with a ref<tensor> as its first operand
 *   writes elements in place, or makes the memory when the place is empty there.
 * - Arguments are evaluated from left to right; those that lend a place (LEND, or a ref itself for inout
 *   scalars, structs, lists) do so just before the CALL, unless the source says how (`t.view_mut()`).
 * - A value that owns is used exactly once: SET, APPEND, RETURN, STRUCT, SPAWN, or the CALL that takes it
 *   (through BUF and DIM). An owning value that waits while something may RAISE waits in a VAR.
 * - END stands after each simple statement, after each condition (in its own region for `while`), and
 *   before RETURN. */
#ifndef KC_IR_OWNERSHIP_OWNERSHIP_H
#define KC_IR_OWNERSHIP_OWNERSHIP_H

#include "ir/ir.h"

typedef struct OwnershipOptions {
    bool deny_implicit_copy; /* K0394 instead of N0393 */
} OwnershipOptions;

/* Reports into the module's context. True when there were no errors. */
bool ownership_check(IrModule *module, const OwnershipOptions *options);
/* The module has passed the check. */
void drops_insert(IrModule *module);
/* Declared reductions that have chunks or lanes get them (chunks.c, lanes.c). The module has passed the check. */
void reductions_split(IrModule *module);
/* SPAWN and WAIT of variables become TASK and JOIN; those of tasks that are given on stay. The module has its
 * drops. */
void tasks_start(IrModule *module);
/* The call that a SPAWN stands behind, or NULL. */
Op *spawn_call(const Op *spawn);
/* Ends stage OWNED. The module has its drops, and its tasks are started. */
void ownership_erase(IrModule *module);

#endif
