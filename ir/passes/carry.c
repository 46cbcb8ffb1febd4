/* carry: vectors that one turn of a loop stores and a later one loads stay in registers.
 *
 *     for i by 16:                            v = a[lo - 16]
 *         a[i] = a[i - 16] * x + b[i]    =>    for i by 16:
 *                                                 v = v * x + b[i]
 *                                                 a[i] = v
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A load of what was just stored takes three times as long as an addition, and the turn behind it waits for it. A vector
 * that is loaded k turns after it was stored goes through k variables; what the first k turns load is loaded before the loop,
 * if there is a turn: it lies between the first vector that is loaded and the first that is stored.
 *
 * Legality: load and store are done in each turn, of all lanes; no other op in the loop may write that memory, nor the same
 * one in another turn, and none ends a turn, the loop or the program in the middle. */
#include "ir/analysis/effects.h"
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/forms.h"
#include "ir/passes/loop_exits.h"
#include "ir/passes/runs.h"

enum {
    MOST_TURNS = 4,     /* what was stored earlier comes in time */
    MOST_REGISTERS = 8, /* that wait for their turn */
    MOST_STEP = 1 << 30 /* elements */
};

typedef struct Carry {
    PassContext *pass;
    const unsigned *effects;
    Memory memory;
    Renames renames;
    Span told; /* of the last loop that was spoken of, which may be there several times */
} Carry;

/* What is to stay in registers. */
typedef struct Carried {
    Op *loop, *load;
    const Op *store;
    int64_t step;
    int64_t turns; /* from the store to the load */
} Carried;

/* ---- Which loads ------------------------------------------------------------------------------- */

/* Unmasked, of neighbours. */
static bool is_plain(const Op *op, OpKind kind, uint32_t before_indices) {
    if (op->kind != kind) return false;
    const IrType *view = op->operands[0]->type;
    return !view->strided && op->operand_count == before_indices + view->rank;
}

static bool is_fixed(const Op *loop, const Affine *form) {
    for (uint32_t i = 0; i < form->count; i++)
        if (value_is_made_in(form->terms[i].value, loop)) return false;
    return true;
}

/* How much is added to the form in each turn; false: something else than that changes it. */
static bool form_step(const Carried *carried, const Affine *form, int64_t *step) {
    const Value *index = carried->loop->regions[0]->params[0];
    Affine symbol = affine_symbol(index), rest = *form;
    int64_t factor = affine_factor(form, index);
    if (!affine_add(&rest, &symbol, -factor) || !is_fixed(carried->loop, &rest)) return false;
    return !__builtin_mul_overflow(factor, carried->step, step) && *step > -MOST_STEP && *step < MOST_STEP;
}

/* The load is `turns` behind the store, in that dimension; 0: in any turn. A vector spans `lanes` of it, and no turn may store
 * into what another one did. */
static bool dim_turns(const Carried *carried, const Affine *stored, const Affine *loaded, int64_t lanes, int64_t *turns) {
    Affine gap = *stored;
    int64_t step, other, distance;
    if (!form_step(carried, stored, &step) || !form_step(carried, loaded, &other) || step != other) return false;
    if (step != 0 && step < lanes && step > -lanes) return false;
    if (!affine_add(&gap, loaded, -1) || !affine_is_const(&gap, &distance)) return false;
    for (*turns = 0; *turns <= MOST_TURNS; ++*turns)
        if (*turns * step == distance) return *turns > 0 || step == 0;
    return false;
}

static uint32_t registers_of(const Carry *c, const IrType *type) {
    uint32_t bits = c->pass->options->vector_bits;
    return bits == 0 ? MOST_REGISTERS : (type->lanes * scalar_bits(type->scalar) + bits - 1) / bits;
}

static bool turns_find(const Carry *c, Carried *carried) {
    Element stored, loaded;
    if (!element_accessed(&c->memory, carried->store, &stored)) return false;
    if (!element_accessed(&c->memory, carried->load, &loaded)) return false;
    if (!bases_equal(stored.base, loaded.base)) return false;
    carried->turns = 0;
    for (uint32_t d = 0; d < loaded.rank; d++) {
        int64_t turns, lanes = d + 1 == loaded.rank ? op_result(carried->load)->type->lanes : 1;
        if (!dim_turns(carried, &stored.index[d], &loaded.index[d], lanes, &turns)) return false;
        if (turns != 0 && carried->turns != 0 && turns != carried->turns) return false;
        if (turns != 0) carried->turns = turns;
    }
    return carried->turns > 0 && carried->turns * registers_of(c, op_result(carried->load)->type) <= MOST_REGISTERS;
}

/* ---- What stands against it ---------------------------------------------------------------------- */

typedef struct WriteScan {
    const Carry *carry;
    const Op *loop, *store;
    Root root;
    bool found;
} WriteScan;

static bool stores_elements(const Op *op) {
    return op->kind == OP_STORE || op->kind == OP_VSTORE || op->kind == OP_SCATTER || op->kind == OP_PACK;
}

static void write_note(void *user, Op *op) {
    WriteScan *scan = user;
    unsigned effects = op_effects(scan->carry->effects, op);
    bool skips = op->kind == OP_CONTINUE && jump_target(op->parent) == scan->loop;
    if (skips || is_exit(scan->loop, op) || (effects & (EFFECT_PANICS | EFFECT_ENDLESS))) scan->found = true;
    if (op == scan->store || set_is_local(op) || !(effects & EFFECT_WRITES)) return;
    if (stores_elements(op)) {
        Root root = memory_root(&scan->carry->memory, op->operands[0]);
        if (!roots_may_overlap(&root, &scan->root)) return;
    }
    scan->found = true;
}

/* Nobody else writes there, and each turn that begins is done to its end. */
static bool is_only_store(const Carry *c, Op *loop, const Op *store) {
    WriteScan scan = {.carry = c, .loop = loop, .store = store, .root = memory_root(&c->memory, store->operands[0])};
    region_walk(loop->regions[0], write_note, &scan);
    return !scan.found;
}

/* ---- Apply -------------------------------------------------------------------------------------- */

/* What the turn that so many others come before would load. */
static Value *load_before(Builder *b, const Carried *carried, int64_t turn) {
    const Op *load = carried->load;
    const Value *index = carried->loop->regions[0]->params[0];
    Value *indices[8];
    for (uint32_t d = 0; d < load->operands[0]->type->rank; d++) {
        Affine form = affine_of(load->operands[1 + d], NULL, NULL), symbol = affine_symbol(index);
        int64_t factor = affine_factor(&form, index);
        affine_add(&form, &symbol, -factor);
        Value *at = build_binary(b, OP_ADD, carried->loop->operands[0], build_i64(b, turn * carried->step));
        Value *moved = build_binary(b, OP_MUL, at, build_i64(b, factor));
        indices[d] = build_binary(b, OP_ADD, form_build(b, &form), moved);
    }
    return build_vload(b, load->operands[0], indices, op_result(load)->type->lanes, NULL);
}

/* Where there is a turn, surely. */
static Builder turn_open(Builder *b, const Op *loop) {
    if (loop->attr.loop.runs) return *b;
    Op *some = build_if(b, build_binary(b, OP_LT, loop->operands[0], loop->operands[1]), NULL, 0);
    return builder_at_end(some->regions[0], b->span);
}

static void remark_add(Carry *c, const Op *loop) {
    bool is_told = loop->span.file == c->told.file && loop->span.start == c->told.start;
    if (span_is_none(loop->span) || is_told) return;
    c->told = loop->span;
    pass_remark(c->pass, loop->parent->fn, loop->span, REMARK_REWRITTEN,
                "what some iterations store stays in registers for those that load it");
}

static void carried_apply(Carry *c, const Carried *carried) {
    Value *vars[MOST_TURNS], *held[MOST_TURNS + 1];
    Builder b = builder_before(carried->loop);
    for (int64_t i = 0; i < carried->turns; i++) vars[i] = build_var(&b, op_result(carried->load)->type, NO_NAME);
    Builder in = turn_open(&b, carried->loop);
    for (int64_t i = 0; i < carried->turns; i++) build_set(&in, vars[i], load_before(&in, carried, i));
    b = builder_before(carried->loop->regions[0]->first);
    for (int64_t i = 0; i < carried->turns; i++) held[i] = build_get(&b, vars[i]);
    held[carried->turns] = carried->store->operands[1];
    b = builder_at_end(carried->loop->regions[0], carried->loop->span);
    for (int64_t i = 0; i < carried->turns; i++) build_set(&b, vars[i], held[i + 1]);
    renames_add(&c->renames, op_result(carried->load), held[0]);
    op_unlink(carried->load);
    remark_add(c, carried->loop);
    c->pass->changed = true;
}

/* ---- The walk ----------------------------------------------------------------------------------- */

static void store_visit(Carry *c, Op *loop, const Op *store, int64_t step) {
    bool is_only = is_only_store(c, loop, store);
    for (Op *op = loop->regions[0]->first, *next; op != NULL && is_only; op = next) {
        next = op->next;
        Carried carried = {.loop = loop, .load = op, .store = store, .step = step};
        if (!is_plain(op, OP_VLOAD, 1) || value_is_made_in(op->operands[0], loop)) continue;
        if (op_result(op)->type == store->operands[1]->type && turns_find(c, &carried)) carried_apply(c, &carried);
    }
}

static void loop_visit(Carry *c, Op *loop) {
    int64_t step;
    if (!value_is_int(loop->operands[2], &step) || step <= 0 || !loop->attr.loop.whole) return;
    for (Op *op = loop->regions[0]->first; op != NULL; op = op->next)
        if (is_plain(op, OP_VSTORE, 2)) store_visit(c, loop, op, step);
}

static void region_visit(Carry *c, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        if (op->kind == OP_FOR) loop_visit(c, op);
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(c, op->regions[i]);
    }
}

void carry_run(PassContext *pass, IrModule *module) {
    Carry c = {.pass = pass, .effects = effects_of_module(pass->scratch, module), .told = NO_SPAN};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        c.memory = memory_of(pass->scratch, fn);
        c.renames = (Renames){.arena = pass->scratch};
        region_visit(&c, fn->body);
        renames_apply(&c.renames, fn->body);
    }
}
