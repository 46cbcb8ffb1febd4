/* Inside the pass `tasks`: regions become functions. */
#ifndef KC_IR_PASSES_TASKS_H
#define KC_IR_PASSES_TASKS_H

#include "ir/passes/outline.h"
#include "ir/passes/pass.h"

/* Where the call goes, ... */
typedef struct TaskPlace {
    const Op *among; /* ...beside what it runs: an op around it, or the TASK itself... */
    Op *setup;       /* ...behind what it is passed, which is worked out before this op */
    Builder call;
} TaskPlace;

/* `made` counts the functions made of `from`. The TASK goes. */
void task_outline(PassContext *pass, IrFn *from, Op *task, const TaskPlace *place, uint32_t *made);
/* What the TASK calls, as spelled. */
Name task_callee_name(const Op *task);

/* A loop that is a `parallel:` block. */
void graph_outline(PassContext *pass, IrFn *from, Op *loop, uint32_t *made);

#endif
