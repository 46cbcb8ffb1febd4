/* contract: arrays in memory that are only stepping stones become values again.
 *
 * Requires: stage TENSOR, with the ends of values (ERASED).
 * Establishes: nothing.
 * Breaks: nothing.
 *
 * `let a = x * 2.0` gives `a` memory, because a name may be lent to anything. Where all that happens to the
 * memory is that it is assigned once, as a whole, and then read element by element, the elements can as
 * well be computed where they are read:
 *
 *     %a = alloc %n                                      %m = map %n |%i| { .. }
 *     %m = map %n |%i| { .. }                     =>     .. elem %m[%k] ..
 *     assign %a, %m
 *     .. load %a[%k] ..
 *     free %a
 *
 * Slices of it are only other indices. Legality is what this file asks: no other use, and no read before the
 * assignment. Whether the value is
 * then really computed at each use, or once into memory because it is costly or because what it reads
 * changes, to-loops decides (array_plan.c), as for every array value. */
#include "ir/passes/runs.h"
#include "ir/passes/windows.h"

/* An allocation, and what is done with it. */
typedef struct Stone {
    Op *alloc, *assign;
    bool is_refused;
    Vec(Op *) loads, dims, slices, frees;
} Stone;

typedef struct Contraction {
    PassContext *pass;
    Stone **stones;   /* by value id: of the memory, and of slices of it */
    uint32_t *order;  /* by op id: position in the text */
    uint32_t next;
    Vec(Stone *) all;
} Contraction;

static void op_note(void *user, Op *op) {
    Contraction *c = user;
    c->order[op->id] = c->next++;
    if (op->kind != OP_ALLOC) return;
    Stone *stone = arena_new(c->pass->scratch, Stone);
    stone->alloc = op;
    c->stones[op_result(op)->id] = stone;
    vec_push(c->pass->scratch, &c->all, stone);
}

static bool is_assigned_whole(const Stone *stone, const Op *op) {
    return op->kind == OP_ASSIGN && op->operands[0] == op_result(stone->alloc) &&
           stone->assign == NULL && op->parent == stone->alloc->parent;
}

static void use_note(Contraction *c, Stone *stone, Op *op, uint32_t operand) {
    Arena *arena = c->pass->scratch;
    if (is_assigned_whole(stone, op)) {
        stone->assign = op;
    } else if (op->kind == OP_LOAD && operand == 0) {
        vec_push(arena, &stone->loads, op);
    } else if (op->kind == OP_DIM) {
        vec_push(arena, &stone->dims, op);
    } else if (op->kind == OP_SLICE) {
        vec_push(arena, &stone->slices, op);
        c->stones[op_result(op)->id] = stone;
    } else if (op->kind == OP_FREE) {
        vec_push(arena, &stone->frees, op);
    } else {
        stone->is_refused = true;
    }
}

static void uses_note(void *user, Op *op) {
    Contraction *c = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        Stone *stone = c->stones[op->operands[i]->id];
        if (stone != NULL) use_note(c, stone, op, i);
    }
}

/* Every read is after the assignment: further on in the text, since both happen in one turn of the region
 * that the memory belongs to. */
static bool is_legal(const Contraction *c, const Stone *stone) {
    if (stone->is_refused || stone->assign == NULL) return false;
    uint32_t assigned = c->order[stone->assign->id];
    for (uint32_t i = 0; i < stone->loads.len; i++)
        if (c->order[stone->loads.data[i]->id] < assigned) return false;
    return true;
}

static void load_replace(Value **map, Value *array, Op *load) {
    Builder b = builder_before(load);
    Value *indices[8];
    for (uint32_t i = 1; i < load->operand_count; i++) indices[i - 1] = load->operands[i];
    for (const Op *from = load->operands[0]->def; from->kind == OP_SLICE; from = from->operands[0]->def)
        indices_through(&b, from, indices);
    map[op_result(load)->id] = build_elem(&b, array, indices);
    op_unlink(load);
}

/* The size that a DIM asks for: an operand of the allocation, or the length of a slice's range. */
static Value *size_of(const Op *dim) {
    const Op *view = dim->operands[0]->def;
    if (view->kind == OP_ALLOC) return view->operands[dim->attr.index];
    uint32_t d = 0;
    for (uint32_t kept = 0;; d++) {
        if (view->attr.mask >> d & 1) continue;
        if (kept++ == dim->attr.index) return view->operands[1 + 3 * d + 1];
    }
}

static void stone_contract(Contraction *c, const Stone *stone, Value **map) {
    Value *array = stone->assign->operands[1];
    for (uint32_t i = 0; i < stone->loads.len; i++) load_replace(map, array, stone->loads.data[i]);
    for (uint32_t i = 0; i < stone->dims.len; i++) {
        Op *dim = stone->dims.data[i];
        map[op_result(dim)->id] = size_of(dim);
        op_unlink(dim);
    }
    for (uint32_t i = 0; i < stone->slices.len; i++) op_unlink(stone->slices.data[i]);
    for (uint32_t i = 0; i < stone->frees.len; i++) op_unlink(stone->frees.data[i]);
    op_unlink(stone->assign);
    op_unlink(stone->alloc);
    if (array->name.id == 0) array->name = op_result(stone->alloc)->name;
    c->pass->changed = true;
}

static void fn_contract(PassContext *pass, IrFn *fn) {
    Contraction c = {.pass = pass};
    uint32_t values = fn->next_value;
    c.stones = arena_array(pass->scratch, Stone *, values);
    c.order = arena_array(pass->scratch, uint32_t, fn->next_op);
    region_walk(fn->body, op_note, &c);
    if (c.all.len == 0) return;
    region_walk(fn->body, uses_note, &c);
    Value **map = arena_array(pass->scratch, Value *, values);
    for (uint32_t i = 0; i < c.all.len; i++) {
        const Stone *stone = c.all.data[i];
        if (!is_legal(&c, stone)) continue;
        pass_remark(pass, fn, stone->assign->span, REMARK_CONTRACTED,
                    "its elements are computed where they are read");
        stone_contract(&c, stone, map);
    }
    ir_replace_uses(fn, map, values);
}

void contract_arrays_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) fn_contract(pass, module->fns.data[i]);
}
