/* Calls that tasks make, and blocks of them: between the lowering of calls, of statements, and of tasks. */
#ifndef KC_IR_LOWER_LOWER_SPAWN_H
#define KC_IR_LOWER_LOWER_SPAWN_H

#include "ir/lower/lower_internal.h"

typedef struct TaskCall {
    Value *failed; /* whether it did */
    ValueVec held; /* views and places that it was lent */
} TaskCall;

/* Results (all parts) to `out`; an error is the task's. */
void lower_task_call(FnLower *f, const Expr *e, ValueVec *out, TaskCall *task);

/* Whether the task that the wait is for may fail. */
bool wait_raises(const FnLower *f, const Expr *e);

/* A `parallel:` block, and one statement of it (lower_stmt.c). */
void lower_graph(FnLower *f, const Stmt *s);
void lower_part(FnLower *f, const Stmt *s);

#endif
