/* A conflict: an event that changes, moves or reads a place, and a name that depends on the place
 * and is used again. Found by check_loans.c, told by report_loans.c and report_calls.c. */
#ifndef KC_IR_OWNERSHIP_CHECK_LOANS_H
#define KC_IR_OWNERSHIP_CHECK_LOANS_H

#include "ir/ownership/check.h"

typedef enum Access { ACCESS_READ, ACCESS_WRITE, ACCESS_REPLACE, ACCESS_MOVE } Access;

typedef struct Conflict {
    Check *ck;
    LoanCursor *cursor;
    Point at;
    const Event *event;
    Access access;
    const Frame *frame; /* of the access; NULL: all of the place */
    LiveName holder;
    const Loan *loan;   /* NULL: `other` is in the way */
    const Op *call;     /* both are arguments of this call, or NULL */
    const Event *other; /* of the same call */
} Conflict;

/* ---- check_loans.c --------------------------------------------------------------------------- */

const Value *value_of_name(const Check *ck, LiveName name);

/* ---- report_loans.c -------------------------------------------------------------------------- */

void report_conflict(const Conflict *c);

/* How a name came by a loan, for labels. */
typedef struct Borrow {
    Span span;
    const Op *op;     /* where; NULL: unknown */
    const char *name; /* of the holder; NULL: it has none */
    bool is_task, is_window, is_pointer;
} Borrow;

Borrow borrow_of(Check *ck, LiveName holder, const Loan *loan, const Op *before);
/* "`v` borrows `t` here (...)", with when that happens. */
void label_borrow(Check *ck, Diag *d, const Borrow *borrow, const Loan *loan, const Op *to);
void label_next_use(Check *ck, Diag *d, LiveName holder, Point at, const Borrow *borrow);
/* `.copy()` behind the expression that gave the value. */
void fix_append_copy(Check *ck, Diag *d, const Value *value);

/* ---- report_calls.c -------------------------------------------------------------------------- */

/* K0331 */
void report_same_call(const Conflict *c);

#endif
