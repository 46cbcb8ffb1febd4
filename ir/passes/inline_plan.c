#include "ir/passes/inline_plan.h"

static void op_count(void *user, Op *op) {
    uint32_t *count = user;
    if (op->kind != OP_CONST && !op_ends(op)) (*count)++;
}

uint32_t fn_op_count(const IrFn *fn) {
    uint32_t count = 0;
    region_walk(fn->body, op_count, &count);
    return count;
}

/* A loop whose number of turns is only known when it runs. */
static bool is_long_loop(const Op *op) {
    uint64_t bits;
    if (op->kind == OP_FOR) return !(value_is_const(op->operands[0], &bits) && value_is_const(op->operands[1], &bits));
    return op->kind == OP_WHILE;
}

static void nest_look(void *user, Op *op) {
    bool *found = user;
    if (*found || !is_long_loop(op)) return;
    for (const Op *around = op->parent->parent; around != NULL && !*found; around = around->parent->parent)
        *found = is_long_loop(around);
}

bool fn_is_nest(const IrFn *fn) {
    bool writes = false, found = false;
    for (uint32_t i = 0; i < fn->params.len; i++) writes = writes || fn->params.data[i].is_written;
    if (writes) region_walk(fn->body, nest_look, &found);
    return found;
}

const char *inline_refusal(const IrFn *fn, bool is_recursive) {
    if (fn->body == NULL) return "its body is outside this program";
    if (fn->is_noinline) return "it is marked @noinline";
    if (is_recursive) return "it can call itself";
    if (fn->is_task) return "it may run beside its caller";
    return NULL;
}

bool inline_is_candidate(const IrFn *fn, bool is_recursive, uint32_t callers) {
    if (callers == 0 || inline_refusal(fn, is_recursive) != NULL) return false;
    return fn->is_inline || fn_op_count(fn) <= INLINE_ONCE;
}
