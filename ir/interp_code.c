/* From structured ops to instructions with jumps. */
#include "ir/interp_oracle.h"

typedef Vec(uint32_t) Jumps;

typedef struct Loop {
    struct Loop *outer;
    Jumps breaks, continues; /* instructions that go behind the loop, or to its next iteration */
    Jumps ends;              /* those that go to its `done` */
} Loop;

typedef struct Coder {
    Machine *m;
    Arena *arena;
    Code *code;
    Vec(Inst) insts;
    Loop *loop;
    Jumps *raises; /* of the innermost TRY: they go to its handler; NULL: out of the function */
    bool *escapes; /* by value id: an array that something other than ELEM and ASSIGN uses; a view lent
                      for more than its elements; an element whose ref is given away */
} Coder;

/* ---- Places and instructions ----------------------------------------------------------------- */

static uint32_t words_take(Coder *c, uint32_t count) {
    uint32_t place = c->code->frame_words;
    c->code->frame_words += count;
    return place;
}

static uint32_t value_place(Coder *c, const Value *value) {
    uint32_t place = words_take(c, layout_of(c->m, value->type)->words);
    c->code->slots[value->id] = place;
    return place;
}

static uint32_t slot_of(const Coder *c, const Value *value) { return c->code->slots[value->id]; }

static uint32_t here(const Coder *c) { return c->insts.len; }

/* An instruction for `op`, with the places of its first operands and of its result. */
static Inst *emit(Coder *c, InstKind kind, const Op *op) {
    Inst inst = {.kind = kind, .op = op};
    if (op->operand_count > 0) inst.a = slot_of(c, op->operands[0]);
    if (op->operand_count > 1) inst.b = slot_of(c, op->operands[1]);
    if (op->operand_count > 2) inst.c = slot_of(c, op->operands[2]);
    if (op->result_count > 0) inst.dst = slot_of(c, op->results[0]);
    vec_push(c->arena, &c->insts, inst);
    return &vec_last(&c->insts);
}

static void emit_copy(Coder *c, const Op *op, uint32_t dst, const Value *from) {
    Inst *inst = emit(c, INST_COPY, op);
    inst->dst = dst;
    inst->a = slot_of(c, from);
    inst->count = layout_of(c->m, from->type)->words;
}

/* With the places of all operands, for a handler. */
static Inst *emit_run(Coder *c, const Op *op, InstRun run) {
    uint32_t *slots = arena_array(c->arena, uint32_t, op->operand_count);
    for (uint32_t i = 0; i < op->operand_count; i++) slots[i] = slot_of(c, op->operands[i]);
    Inst *inst = emit(c, INST_RUN, op);
    inst->u.run = c->m->oracle != NULL ? oracle_run : run;
    inst->inner = run;
    inst->slots = slots;
    inst->count = op->operand_count;
    return inst;
}

/* A jump whose target comes later, kept in `jumps`. */
static void emit_jump(Coder *c, InstKind kind, const Op *op, Jumps *jumps) {
    vec_push(c->arena, jumps, here(c));
    emit(c, kind, op);
}

static void patch(Coder *c, const Jumps *jumps) {
    for (uint32_t i = 0; i < jumps->len; i++) c->insts.data[jumps->data[i]].target = here(c);
}

/* ---- Scalars --------------------------------------------------------------------------------- */

typedef struct Shortcut {
    OpKind op;
    Scalar scalar;
    InstKind inst;
} Shortcut;

/* What kernels do most, without the way through eval_scalar_op. */
static const Shortcut shortcuts[] = {
    {OP_ADD, SCALAR_I64, INST_ADD_I64}, {OP_SUB, SCALAR_I64, INST_SUB_I64},
    {OP_MUL, SCALAR_I64, INST_MUL_I64}, {OP_LT, SCALAR_I64, INST_LT_I64},
    {OP_ADD, SCALAR_F32, INST_ADD_F32}, {OP_SUB, SCALAR_F32, INST_SUB_F32},
    {OP_MUL, SCALAR_F32, INST_MUL_F32}, {OP_ADD, SCALAR_F64, INST_ADD_F64},
    {OP_SUB, SCALAR_F64, INST_SUB_F64}, {OP_MUL, SCALAR_F64, INST_MUL_F64},
};

static void emit_scalar(Coder *c, const Op *op) {
    const IrType *type = op->operands[op->kind == OP_SELECT ? 1 : 0]->type;
    if (!ir_is_scalar(type)) {
        emit_run(c, op, type->kind == IR_VEC ? vector_run(op->kind) : value_run(op->kind));
        return;
    }
    InstKind kind = INST_SCALAR;
    for (uint32_t i = 0; i < ARRAY_LEN(shortcuts); i++)
        if (shortcuts[i].op == op->kind && shortcuts[i].scalar == type->scalar)
            kind = shortcuts[i].inst;
    emit(c, kind, op)->scalar = type->scalar;
}

static void emit_cast(Coder *c, const Op *op) {
    if (op->results[0]->type->kind == IR_VEC) {
        emit_run(c, op, vector_run(OP_CAST));
        return;
    }
    Inst *cast = emit(c, INST_CAST, op);
    cast->scalar = op->operands[0]->type->scalar;
    cast->to = op->results[0]->type->scalar;
}

static void emit_bitcast(Coder *c, const Op *op) {
    const IrType *from = op->operands[0]->type, *to = op->results[0]->type;
    if (from->lanes != to->lanes) emit_run(c, op, vector_run(OP_BITCAST));
    else emit_copy(c, op, slot_of(c, op->results[0]), op->operands[0]);
}

static void emit_text(Coder *c, const Op *op) {
    emit(c, INST_CONST, op)->u.imm = (uint64_t)(uintptr_t)op->attr.text.bytes;
    Inst *length = emit(c, INST_CONST, op);
    length->u.imm = op->attr.text.length;
    length->dst++;
}

static void emit_variable(Coder *c, const Op *op) {
    const IrType *ref = op->kind == OP_VAR ? op->results[0]->type : op->operands[0]->type;
    if (op->kind == OP_VAR) {
        uint32_t place = words_take(c, (layout_of(c->m, ref->elem)->bytes + 7) / 8);
        emit_run(c, op, value_run(OP_VAR))->a = place;
    } else if (ir_is_scalar(ref->elem) && c->m->oracle == NULL) {
        emit(c, op->kind == OP_GET ? INST_GET : INST_SET, op)->scalar = ref->elem->scalar;
    } else {
        Inst *inst = emit_run(c, op, value_run(op->kind));
        inst->flag = op->kind == OP_GET && c->escapes[op->results[0]->id];
    }
}

/* The block of a constant lasts as long as the code. */
static void emit_data(Coder *c, const Op *op) {
    uint64_t bytes = layout_of(c->m, op->results[0]->type->elem)->bytes;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        int64_t size = 0;
        KC_CHECK(value_is_int(op->operands[i], &size));
        bytes *= (uint64_t)size;
    }
    const void *data = op->attr.text.bytes;
    if (data == NULL) data = arena_array(c->arena, char, bytes);
    Block *block = block_add(c->m, (uint64_t)(uintptr_t)data, bytes, false);
    block->is_constant = true;
    emit_run(c, op, memory_run(OP_DATA))->constant = block;
}

/* ---- Control --------------------------------------------------------------------------------- */

static void emit_region(Coder *c, const Region *region);

static void emit_if(Coder *c, const Op *op) {
    Jumps to_else = {0}, to_end = {0};
    emit_jump(c, INST_JUMP_UNLESS, op, &to_else);
    emit_region(c, op->regions[0]);
    if (op->regions[1]->first != NULL) emit_jump(c, INST_JUMP, op, &to_end);
    patch(c, &to_else);
    emit_region(c, op->regions[1]);
    patch(c, &to_end);
}

/* The end of a loop: `ends` come here when it ends by itself, and run `done`, which is outside. */
static void emit_done(Coder *c, Loop *loop, const Region *done) {
    patch(c, &loop->ends);
    c->loop = loop->outer;
    emit_region(c, done);
    patch(c, &loop->breaks);
}

static void emit_for(Coder *c, const Op *op) {
    Loop loop = {.outer = c->loop};
    c->loop = &loop;
    uint32_t index = value_place(c, op->regions[0]->params[0]);
    emit_jump(c, INST_FOR_START, op, &loop.ends);
    vec_last(&c->insts).dst = index;
    uint32_t body = here(c);
    emit_region(c, op->regions[0]);
    patch(c, &loop.continues);
    Inst *next = emit(c, INST_FOR_NEXT, op);
    next->dst = index;
    next->target = body;
    emit_done(c, &loop, op->regions[1]);
}

static void emit_while(Coder *c, const Op *op) {
    Loop loop = {.outer = c->loop};
    c->loop = &loop;
    uint32_t start = here(c);
    emit_region(c, op->regions[0]); /* its YIELD leaves the loop */
    emit_region(c, op->regions[1]);
    patch(c, &loop.continues);
    emit(c, INST_JUMP, op)->target = start;
    emit_done(c, &loop, op->regions[2]);
}

static void emit_try(Coder *c, const Op *op) {
    Jumps raises = {0}, to_end = {0}, *outer = c->raises;
    c->raises = &raises;
    emit_region(c, op->regions[0]);
    c->raises = outer;
    emit_jump(c, INST_JUMP, op, &to_end);
    patch(c, &raises);
    emit_region(c, op->regions[1]);
    patch(c, &to_end);
}

static void emit_raise(Coder *c, const Op *op) {
    if (c->raises != NULL)
        emit_jump(c, INST_JUMP, op, c->raises);
    else
        emit(c, INST_RAISE, op);
}

/* Nobody joins the calls of a graph one by one. */
static bool is_joined(const Op *op) {
    const Op *around = op->parent->parent;
    bool is_part = around != NULL && (around->kind == OP_GRAPH || (around->kind == OP_FOR && around->attr.loop.is_graph));
    return !is_part;
}

static void emit_task(Coder *c, const Op *op) {
    emit_region(c, op->regions[0]);
    if (is_joined(op)) emit_run(c, op, task_end_run);
}

static void emit_call(Coder *c, const Op *op) {
    emit_run(c, op, NULL)->kind = INST_CALL;
    if (op->attr.callee->is_task && is_joined(op)) emit_run(c, op, task_end_run);
}

static void emit_op(Coder *c, const Op *op);

static void emit_graph(Coder *c, const Op *op) {
    Jumps to_end = {0};
    for (const Op *call = op->regions[0]->first; call != NULL; call = call->next) {
        emit_op(c, call);
        uint32_t failed = words_take(c, 1);
        Inst *get = emit(c, INST_GET, call);
        get->dst = failed;
        get->scalar = SCALAR_BOOL;
        Jumps on = {0};
        emit_jump(c, INST_JUMP_UNLESS, call, &on);
        vec_last(&c->insts).a = failed;
        emit_jump(c, INST_JUMP, call, &to_end);
        patch(c, &on);
    }
    patch(c, &to_end);
}

/* MAP, REDUCE and SCAN: the body's YIELD goes on with the next index. */
static void emit_space(Coder *c, const Op *op) {
    const Region *region = op->regions[0];
    uint32_t hidden = words_take(c, SPACE_WORDS), indices = c->code->frame_words;
    for (uint32_t i = 0; i < region->param_count; i++) value_place(c, region->params[i]);
    uint32_t start = here(c);
    emit_run(c, op, NULL);
    emit_region(c, region);
    Inst *first = &c->insts.data[start], *last = &vec_last(&c->insts);
    KC_CHECK(last->kind == INST_SPACE_NEXT);
    *last = (Inst){.kind = INST_SPACE_NEXT, .op = op, .dst = first->dst, .c = last->a,
                   .scalar = last->scalar, .slots = first->slots, .target = start + 1};
    first->kind = INST_SPACE_START;
    first->flag = c->escapes[op->results[0]->id];
    first->target = here(c);
    first->a = last->a = hidden;
    first->b = last->b = indices;
}

static void emit_yield(Coder *c, const Op *op) {
    const Op *around = op->parent->parent;
    if (around->kind == OP_IF) {
        for (uint32_t i = 0; i < op->operand_count; i++)
            emit_copy(c, op, slot_of(c, around->results[i]), op->operands[i]);
    } else if (around->kind == OP_WHILE && op->parent == around->regions[0]) {
        emit_jump(c, INST_JUMP_UNLESS, op, &c->loop->ends);
    } else if (op_is_space(around)) {
        Inst *next = emit(c, INST_SPACE_NEXT, op); /* emit_space fills in the rest */
        if (ir_is_scalar(op->operands[0]->type)) next->scalar = op->operands[0]->type->scalar;
    }
}

static void emit_control(Coder *c, const Op *op) {
    switch ((int)op->kind) {
    case OP_IF: emit_if(c, op); return;
    case OP_FOR: emit_for(c, op); return;
    case OP_WHILE: emit_while(c, op); return;
    case OP_TRY: emit_try(c, op); return;
    case OP_UNSAFE: emit_region(c, op->regions[0]); return;
    case OP_TASK: emit_task(c, op); return;
    case OP_GRAPH: emit_graph(c, op); return;
    case OP_YIELD: emit_yield(c, op); return;
    case OP_RAISE: emit_raise(c, op); return;
    case OP_FAIL: emit_run(c, op, fail_run); return;
    case OP_CAUGHT: emit_run(c, op, caught_run); return;
    case OP_BREAK: emit_jump(c, INST_JUMP, op, &c->loop->breaks); return;
    case OP_CONTINUE: emit_jump(c, INST_JUMP, op, &c->loop->continues); return;
    case OP_RETURN: emit_run(c, op, NULL)->kind = INST_RETURN; return;
    case OP_CALL: emit_call(c, op); return;
    case OP_CHECK: emit_run(c, op, check_run); return;
    case OP_PRINT: emit_run(c, op, print_run); return;
    default: UNREACHABLE();
    }
}

/* ---- Ops and functions ----------------------------------------------------------------------- */

static void emit_op(Coder *c, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++) value_place(c, op->results[i]);
    switch (op->kind) {
    case OP_CONST: emit(c, INST_CONST, op)->u.imm = op->attr.bits; return;
    case OP_TEXT: emit_text(c, op); return;
    case OP_ADD: case OP_SUB: case OP_MUL: case OP_DIV: case OP_FLOORDIV: case OP_MOD: case OP_FMA:
    case OP_NEG: case OP_ABS: case OP_MIN: case OP_MAX: case OP_SQRT: case OP_FLOOR: case OP_CEIL:
    case OP_TRUNC: case OP_RINT: case OP_COPYSIGN: case OP_AND: case OP_OR: case OP_XOR:
    case OP_NOT: case OP_SHL: case OP_SHR: case OP_POPCOUNT: case OP_CLZ: case OP_CTZ:
    case OP_SATADD: case OP_SATSUB: case OP_EQ: case OP_NE: case OP_LT: case OP_LE: case OP_GT: case OP_GE: case OP_SELECT:
        emit_scalar(c, op);
        return;
    case OP_CAST: emit_cast(c, op); return;
    case OP_SPLAT: case OP_LANES: case OP_LANE: case OP_WITH_LANE: case OP_SHUFFLE: case OP_FOLD:
    case OP_FIRST: case OP_TALLY: case OP_VLOAD: case OP_VSTORE: case OP_GATHER: case OP_SCATTER:
    case OP_PACK: case OP_BITS: case OP_LOOKUP: case OP_DOT: case OP_SAD: case OP_COMPRESS: case OP_EXPAND:
        emit_run(c, op, vector_run(op->kind));
        return;
    case OP_BITCAST: emit_bitcast(c, op); return;
    case OP_SETTLE: emit_copy(c, op, slot_of(c, op->results[0]), op->operands[0]); return;
    case OP_CELLS: emit_copy(c, op, slot_of(c, op->results[0]), op->operands[0]); return;
    case OP_STRUCT: case OP_EXTRACT: case OP_INSERT: case OP_FIELD: case OP_LANE_ITEM:
        emit_run(c, op, value_run(op->kind));
        return;
    case OP_ITEM:
        emit_run(c, op, value_run(op->kind))->flag = c->escapes[op->results[0]->id];
        return;
    case OP_VAR: case OP_GET: case OP_SET: emit_variable(c, op); return;
    case OP_VIEW: case OP_STRIDED: case OP_BUF: case OP_DIM: case OP_STRIDE: case OP_SLICE:
    case OP_LOAD: case OP_STORE: case OP_ALLOC: case OP_FREE: case OP_NULLVIEW: case OP_APART: case OP_LEAD:
        emit_run(c, op, memory_run(op->kind));
        return;
    case OP_DATA: emit_data(c, op); return;
    case OP_LEND: case OP_ITEMS:
        emit_run(c, op, owned_run(op->kind))->flag = c->escapes[op->results[0]->id];
        return;
    case OP_MOVE: case OP_DUP: case OP_DROP: case OP_SPAWN: case OP_WAIT: case OP_JOIN:
        emit_run(c, op, owned_run(op->kind));
        return;
    case OP_LIST: case OP_APPEND: case OP_TAKE: case OP_ARENA: case OP_ROOM: case OP_ALLOC_IN:
    case OP_RESET: case OP_ARENA_STAT:
        emit_run(c, op, list_run(op->kind));
        return;
    case OP_KEEP:
        if (c->m->oracle != NULL) emit_run(c, op, NULL);
        return;
    case OP_END: case OP_REDUCES: case OP_PREFETCH: return; /* they only say what may be */
    case OP_MAP: case OP_REDUCE: case OP_SCAN: emit_space(c, op); return;
    case OP_ELEM: emit_run(c, op, elem_run); return;
    case OP_ASSIGN: emit_run(c, op, assign_run); return;
    case OP_IF: case OP_FOR: case OP_WHILE: case OP_TRY: case OP_UNSAFE: case OP_TASK: case OP_GRAPH: case OP_YIELD:
    case OP_BREAK: case OP_CONTINUE: case OP_RETURN: case OP_RAISE: case OP_FAIL: case OP_CAUGHT:
    case OP_CALL: case OP_CHECK: case OP_PRINT:
        emit_control(c, op);
        return;
    case OP_COUNT: break;
    }
    UNREACHABLE();
}

/* For the oracle, before drops are there: variables of the region go out of sight at its end. */
static void emit_scope_end(Coder *c, const Region *region) {
    Vec(uint32_t) slots = {0};
    const Op *last = NULL;
    for (const Op *op = region->first; op != NULL; op = op->next)
        if (op->kind == OP_VAR && ir_type_owns(op->results[0]->type->elem)) {
            vec_push(c->arena, &slots, slot_of(c, op->results[0]));
            last = op;
        }
    if (last == NULL) return;
    Inst *inst = emit(c, INST_RUN, last);
    inst->u.run = oracle_scope_run;
    inst->slots = slots.data;
    inst->count = slots.len;
}

static void emit_region(Coder *c, const Region *region) {
    bool scoped = c->m->oracle != NULL && !c->m->oracle->has_drops && region->parent != NULL;
    for (const Op *op = region->first; op != NULL; op = op->next) {
        bool leaves = op->kind == OP_YIELD || op->kind == OP_BREAK || op->kind == OP_CONTINUE;
        if (scoped && leaves) emit_scope_end(c, region);
        emit_op(c, op);
    }
    if (scoped && (region->last == NULL || !op_ends(region->last))) emit_scope_end(c, region);
}

static bool only_elements(OpKind kind) {
    return kind == OP_ELEM || kind == OP_ASSIGN || kind == OP_LOAD || kind == OP_STORE ||
           kind == OP_DIM || kind == OP_STRIDE || kind == OP_PRINT || kind == OP_ITEM;
}

/* An element whose ref, or that of a field, is given away. */
static void item_escapes(bool *escapes, const Value *ref) {
    while (ref->def != NULL && ref->def->kind == OP_FIELD) ref = ref->def->operands[0];
    escapes[ref->id] = true;
}

/* Whether the op runs again while what was defined there stays: a loop is between them. */
static bool is_looped(const Op *use, const Value *value) {
    if (value->def == NULL) return false;
    for (const Region *region = use->parent; region != value->def->parent && region->parent != NULL;
         region = region->parent->parent)
        if (region->parent->kind == OP_FOR || region->parent->kind == OP_WHILE) return true;
    return false;
}

static void find_escapes(void *user, Op *op) {
    bool *escapes = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        IrTypeKind kind = operand->type->kind;
        bool is_view = kind == IR_VIEW && (!only_elements(op->kind) || is_looped(op, operand));
        bool is_whole = kind == IR_STRUCT || (kind == IR_ARRAY && !only_elements(op->kind));
        if (is_view || is_whole) escapes[operand->id] = true;
        if (kind == IR_REF && (op->kind == OP_CALL || op->kind == OP_SPAWN))
            item_escapes(escapes, op->operands[i]);
    }
}

const Code *code_of_fn(Machine *m, const IrFn *fn) {
    if (m->codes[fn->id] != NULL) return m->codes[fn->id];
    KC_CHECK(fn->body != NULL);
    Code *code = arena_new(m->arena, Code);
    code->fn = fn;
    code->slots = arena_array(m->arena, uint32_t, fn->next_value);
    Coder c = {.m = m, .arena = m->arena, .code = code};
    c.escapes = arena_array(m->arena, bool, fn->next_value);
    region_walk(fn->body, find_escapes, c.escapes);
    for (uint32_t i = 0; i < fn->params.len; i++) value_place(&c, fn->params.data[i].value);
    emit_region(&c, fn->body);
    Inst end = {.kind = fn->results.len == 0 ? INST_RETURN : INST_LOST};
    vec_push(m->arena, &c.insts, end);
    code->insts = c.insts.data;
    m->codes[fn->id] = code;
    return code;
}
