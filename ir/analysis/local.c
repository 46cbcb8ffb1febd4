#include "ir/analysis/local.h"

#include "ir/words.h"

/* What lanes have for themselves: see codegen/emit_stack.c. */
enum { MOST_LOCAL_BYTES = 4096, MOST_LANES_BYTES = 16384 };

typedef struct LocalScan {
    const Value *memory; /* a view, or the pointer to its elements */
    bool is_split;       /* some of its users may run on other threads */
    bool escapes;
} LocalScan;

static LocalScan local_scan(const Value *memory, Region *body);

/* A range that is split over threads ends before the function goes on. */
static void local_use(void *user, Op *op) {
    LocalScan *scan = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i] != scan->memory) continue;
        bool is_access = (op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_FREE) && i == 0;
        bool is_split = op->kind == OP_CALL && op->attr.callee->is_range;
        if (op->kind == OP_BUF) {
            LocalScan pointer = local_scan(op_result(op), op->parent->fn->body);
            is_split = pointer.is_split && !pointer.escapes;
        }
        scan->is_split = scan->is_split || is_split;
        scan->escapes = scan->escapes || !(is_access || is_split);
    }
}

static LocalScan local_scan(const Value *memory, Region *body) {
    LocalScan scan = {memory, false, false};
    region_walk(body, local_use, &scan);
    return scan;
}

static bool is_small(const Op *alloc, int64_t most) {
    int64_t bytes = op_result(alloc)->type->elem->size, size;
    for (uint32_t i = 0; i < alloc->operand_count; i++) {
        if (!value_is_int(alloc->operands[i], &size) || size < 0 || size > most) return false;
        bytes *= size;
        if (bytes > most) return false;
    }
    return true;
}

bool alloc_is_local(const Op *op) {
    if (op->kind != OP_ALLOC || op->attr.flag || !is_small(op, MOST_LOCAL_BYTES)) return false;
    LocalScan scan = local_scan(op_result(op), op->parent->fn->body);
    return scan.is_split && !scan.escapes;
}

static void lanes_use(void *user, Op *op) {
    LocalScan *scan = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i] != scan->memory) continue;
        bool is_access = i == 0 && (op_is_vector_access(op->kind) || op->kind == OP_FREE);
        scan->escapes = scan->escapes || !is_access || op->kind == OP_PACK;
    }
}

bool alloc_is_of_lanes(const Op *op) {
    if (op->kind != OP_ALLOC || !is_small(op, MOST_LANES_BYTES)) return false;
    LocalScan scan = {op_result(op), false, false};
    region_walk(op->parent->fn->body, lanes_use, &scan);
    return !scan.escapes;
}
