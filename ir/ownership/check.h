/* Between the files that check ownership: one function at a time, all errors into the module's
 * context.
 *
 * A mistake has one root cause and is said once: after an error about a variable, what else goes
 * wrong with it in the same function is left unsaid. */
#ifndef KC_IR_OWNERSHIP_CHECK_H
#define KC_IR_OWNERSHIP_CHECK_H

#include "ir/ownership/flow.h"
#include "ir/ownership/ownership.h"

typedef struct Check {
    Context *cx;
    Arena *arena; /* of this function */
    IrFn *fn;
    Flow *flow;
    const OwnershipOptions *options;
    bool *blamed; /* by place, of variables: an error about it was reported */
    bool has_errors;
} Check;

/* Where an event is. */
typedef struct Point {
    uint32_t block, event;
} Point;

static inline const Event *event_at(const Check *ck, Point at) {
    return &ck->flow->graph->blocks.data[at.block].events.data[at.event];
}
/* False when the place's variable was blamed before; otherwise it is from now on. */
bool check_blame(Check *ck, uint32_t place);
Diag *check_error(Check *ck, DiagCode code, Span span, const char *format, ...) PRINTF_LIKE(4, 5);

/* ---- check_moves.c, check_loans.c, check_joins.c, check_ends.c, implicit.c --------------------- */

void check_moves(Check *ck);
void check_loans(Check *ck);
/* Places that one path moves and another looks into. */
void check_joins(Check *ck);
/* Where windows, residents and tasks go when blocks and functions end. */
void check_ends(Check *ck);
/* Implicit DUPs become MOVEs, or notes. */
void check_implicit(Check *ck);

/* ---- report_text.c --------------------------------------------------------------------------- */

/* The source itself; "" where there is none. */
const char *source_text(const Check *ck, Span span);
const char *fn_text(const Check *ck, const IrFn *fn);
/* "when this `if` is taken": the choice that leads to `op`, but not to `to`; NULL when there is
 * none. The innermost, `choice` (or NULL) is the IF, FOR, WHILE, TRY. */
const char *choice_text(Check *ck, const Op *op, const Op *to, const Op **choice);
/* The innermost choice around `op` that is not around `to`. */
const Op *choice_around(const Op *op, const Op *to, const Region **arm);
/* What the source calls such a choice: "`if`", "loop", "`try`". */
const char *choice_name(const Check *ck, const Op *choice);
bool op_is_inside(const Op *op, const Op *outer);
bool op_is_in_region(const Op *op, const Region *region);
/* Whether `.copy()` exists. */
bool type_can_copy(const IrType *type);
/* "move a copy instead": where `move` says `x^`. */
void fix_copy(Check *ck, Diag *d, const Op *move, uint32_t place, bool shows_call);
/* Where the value goes: the op that uses the result of `op` first, in the same region. */
Op *consumer_of(const Op *op);

/* ---- report_path.c --------------------------------------------------------------------------- */

Point point_of(const Check *ck, const Op *op, EventKind kind);
/* Whether control can come from after one point to before another without the place being filled on
 * the way. The ends of loop bodies are passed only if `loops`; the one that is passed first is
 * written to `crossed`. */
bool path_exists(Check *ck, Point from, Point to, uint32_t place, bool loops, const Edge **crossed);
/* The next use of a name after the point; `again` says whether that is in the next iteration of a
 * loop around both. False when there is none. */
bool next_use(Check *ck, LiveName name, Point from, Point *use, bool *again);

/* ---- report_moves.c -------------------------------------------------------------------------- */

void report_missing(Check *ck, Point at, const Missing *missing);
void report_pinned(Check *ck, Point at, const Missing *missing);
void report_incomplete(Check *ck, Point at, uint32_t place, const Missing *missing);

#endif
