#include "ir/analysis/local.h"

enum { MOST_LOCAL_BYTES = 4096 };

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

bool alloc_is_local(const Op *op) {
    const Value *view = op_result(op);
    int64_t bytes = view->type->elem->size, size;
    if (op->kind != OP_ALLOC || op->attr.flag) return false;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!value_is_int(op->operands[i], &size) || size < 0 || size > MOST_LOCAL_BYTES) return false;
        bytes *= size;
        if (bytes > MOST_LOCAL_BYTES) return false;
    }
    LocalScan scan = local_scan(view, op->parent->fn->body);
    return scan.is_split && !scan.escapes;
}
