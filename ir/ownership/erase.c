#include "ir/ownership/erase.h"

#include "ir/ownership/glue.h"
#include "ir/ownership/ownership.h"

typedef struct Eraser {
    IrFn *fn;
    Glue glue;
    Value **with; /* by value id: what stands for it now */
    uint32_t len;
} Eraser;

static void result_replace(Eraser *e, const Op *op, Value *with) {
    KC_CHECK(op_result(op)->id < e->len);
    e->with[op_result(op)->id] = with;
}

static void kind_change(Op *op, OpKind kind) {
    op->kind = kind;
    op->attr.bits = 0;
}

/* ---- One op ---------------------------------------------------------------------------------- */

static void lend_erase(Op *op) {
    bool is_list = op->operands[0]->type->elem->kind == IR_LIST;
    kind_change(op, is_list ? OP_ITEMS : OP_GET);
}

static void dup_erase(Eraser *e, Op *op) {
    Builder b = builder_before(op);
    result_replace(e, op, glue_copy(&e->glue, &b, build_get(&b, op->operands[0])));
    op_unlink(op);
}

static void drop_erase(Eraser *e, Op *op) {
    Builder b = builder_before(op);
    if (ir_type_owns(op->operands[0]->type->elem))
        glue_drop(&e->glue, &b, build_get(&b, op->operands[0]));
    op_unlink(op);
}

/* A task that is given on has run when it is there: it is what the call gave. */
static void spawn_erase(Eraser *e, Op *op) {
    Builder b = builder_before(op);
    result_replace(e, op, op->attr.flag ? op->operands[1] : build_bool(&b, true));
    op_unlink(op);
}

/* It cannot have failed: what may is waited for where it was started. */
static void wait_erase(Eraser *e, Op *op) {
    Builder b = builder_before(op);
    e->with[op->results[0]->id] = build_bool(&b, false);
    if (op->result_count > 1) e->with[op->results[1]->id] = build_get(&b, op->operands[0]);
    op_unlink(op);
}

/* Elements that iterations share keep the loop in order. */
static void reduces_erase(Op *op) {
    OpLoop *loop = &op->parent->parent->attr.loop;
    if (ir_is_scalar(op->operands[0]->type->elem)) loop->reduces = fp_frees_order(op->parent->fn->fp);
    else loop->is_simd = false;
    op_unlink(op);
}

static void op_erase(Eraser *e, Op *op) {
    switch ((int)op->kind) {
    case OP_LEND: lend_erase(op); return;
    case OP_MOVE: kind_change(op, OP_GET); return;
    case OP_DUP: dup_erase(e, op); return;
    case OP_DROP: drop_erase(e, op); return;
    case OP_SPAWN: spawn_erase(e, op); return;
    case OP_WAIT: wait_erase(e, op); return;
    case OP_UNSAFE: op_become(op, op->regions[0]); return;
    case OP_KEEP:
    case OP_END: op_unlink(op); return;
    case OP_REDUCES: reduces_erase(op); return;
    default: return;
    }
}

static void region_erase(Eraser *e, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        for (uint32_t i = 0; i < op->region_count; i++) region_erase(e, op->regions[i]);
        next = op->next;
        op_erase(e, op);
        if (next != NULL && next->parent == NULL) break; /* never reached any more */
    }
}

/* ---- Functions ------------------------------------------------------------------------------- */

static void fn_erase(Eraser *e, Arena *arena, IrFn *fn) {
    e->fn = fn;
    e->len = fn->next_value;
    e->with = arena_array(arena, Value *, e->len);
    region_erase(e, fn->body);
    ir_replace_uses(fn, e->with, e->len);
}

void ownership_erase(IrModule *module) {
    Arena *arena = arena_create();
    types_erase(arena, module, ERASE_TASKS);
    Eraser e = {.glue = glue_create(arena, module)};
    uint32_t count = module->fns.len; /* glue comes after them */
    for (uint32_t i = 0; i < count; i++)
        if (module->fns.data[i]->body != NULL) fn_erase(&e, arena, module->fns.data[i]);
    types_erase(arena, module, ERASE_TENSORS);
    module->owned_stage = false;
    arena_destroy(arena);
}
