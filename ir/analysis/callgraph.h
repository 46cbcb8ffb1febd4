/* The functions of a module in an order in which callees come before callers, as far as recursion
 * allows. */
#ifndef KC_IR_ANALYSIS_CALLGRAPH_H
#define KC_IR_ANALYSIS_CALLGRAPH_H

#include "ir/ir.h"

typedef struct CallGraph {
    uint32_t count;
    IrFn **bottom_up;    /* every function with a body, callees first */
    bool *is_recursive;  /* by function id: it can reach itself through calls */
    uint32_t *callers;   /* by function id: how many CALL ops name it */
} CallGraph;

/* In `arena`; out of date once calls change. Tarjan's strongly connected components ("Depth-first
 * search and linear graph algorithms", 1972), with an explicit stack. */
CallGraph callgraph_of(Arena *arena, const IrModule *module);

#endif
