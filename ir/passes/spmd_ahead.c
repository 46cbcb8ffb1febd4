/* Ways out that stand behind something final (spmd_exit.c): whether lanes leave may be asked before it all the same, if
 * what the question is computed from does not depend on it. Then the vectors do that first. The loop of the source, in
 * which the way out is taken, keeps its order. */
#include "ir/passes/spmd.h"

/* Where the op stands among those of the loop's body itself. */
static Op *top_of(const Op *loop, const Op *op) {
    while (op->parent != loop->regions[0]) op = op->parent->parent;
    return (Op *)op;
}

bool goes_ahead(const SpmdLoop *l, const Op *op) {
    return l->ahead != NULL && l->ahead[top_of(l->loop, op)->id];
}

/* ---- What the question needs ----------------------------------------------------------------- */

static void top_mark(SpmdLoop *l, Op *top);

static void operands_mark(void *user, Op *op) {
    SpmdLoop *l = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *value = op->operands[i];
        if (value->def != NULL && value_is_made_in(value, l->loop)) top_mark(l, top_of(l->loop, value->def));
    }
}

static void top_mark(SpmdLoop *l, Op *top) {
    if (l->ahead[top->id]) return;
    l->ahead[top->id] = true;
    operands_mark(l, top);
    for (uint32_t i = 0; i < top->region_count; i++) region_walk(top->regions[i], operands_mark, l);
}

typedef struct ExitScan {
    const Op *loop;
    bool asks;
} ExitScan;

static void exit_find(void *user, Op *op) {
    ExitScan *scan = user;
    scan->asks = scan->asks || op->kind == OP_CHECK || is_exit(scan->loop, op);
}

/* Lanes come no further if it says so. */
static bool asks_lanes(const Op *loop, const Op *top) {
    ExitScan scan = {loop, top->kind == OP_CHECK};
    for (uint32_t i = 0; i < top->region_count; i++) region_walk(top->regions[i], exit_find, &scan);
    return scan.asks;
}

/* ---- Whether it may be asked ----------------------------------------------------------------- */

typedef struct WriteScan {
    const SpmdLoop *l;
    const Op *load;
    Root root;
    bool is_past, meets;
} WriteScan;

static void write_note(void *user, Op *op) {
    WriteScan *scan = user;
    const SpmdLoop *l = scan->l;
    scan->is_past = scan->is_past || op == scan->load;
    if (scan->is_past || in_exit(l->loop, op) || !(op_effects(l->spmd->effects, op) & EFFECT_WRITES)) return;
    bool is_var = op->kind == OP_SET && set_is_local(op);
    if (is_var || op->kind == OP_FREE) return;
    Root root = op->kind == OP_STORE ? memory_root(&l->spmd->memory, op->operands[0]) : (Root){0};
    scan->meets = scan->meets || op->kind != OP_STORE || roots_may_overlap(&scan->root, &root);
}

/* Nothing before it in the iteration writes what it reads. */
static bool reads_what_was(const SpmdLoop *l, const Op *load) {
    WriteScan scan = {.l = l, .load = load, .root = memory_root(&l->spmd->memory, load->operands[0])};
    region_walk(l->loop->regions[0], write_note, &scan);
    return !scan.meets;
}

typedef struct AheadScan {
    const SpmdLoop *l;
    bool may;
} AheadScan;

static void ahead_note(void *user, Op *op) {
    AheadScan *scan = user;
    const SpmdLoop *l = scan->l;
    if (is_exit(l->loop, op) || in_exit(l->loop, op)) return;
    unsigned harmless = EFFECT_LOOPS | EFFECT_TELLS;
    bool may = op_is_pure(op) || op->kind == OP_IF || op->kind == OP_YIELD ||
               (op->kind == OP_CALL && !(op_effects(l->spmd->effects, op) & ~harmless)) ||
               (op->kind == OP_LOAD && reads_what_was(l, op)) ||
               (op->kind == OP_CHECK && check_is_question(l, op));
    scan->may = scan->may && may;
}

bool exit_goes_ahead(SpmdLoop *l, const Op *exit) {
    AheadScan scan = {l, true};
    Op *asked = top_of(l->loop, exit);
    if (l->ahead == NULL) l->ahead = arena_array(l->spmd->pass->scratch, bool, l->spmd->op_len);
    top_mark(l, asked);
    for (Op *op = l->loop->regions[0]->first; op != asked; op = op->next) {
        if (l->spmd->leaves[op->id] || op->kind == OP_CONTINUE) return false;
        if (asks_lanes(l->loop, op)) top_mark(l, op);
    }
    for (Op *op = l->loop->regions[0]->first; op != asked->next && scan.may; op = op->next) {
        if (!l->ahead[op->id]) continue;
        ahead_note(&scan, op);
        for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], ahead_note, &scan);
    }
    return scan.may;
}
