/* inspect: the checks of a plain loop are made for many iterations at a time, before these.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED), since this is about those that are left.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * An index that comes from memory can only be checked when it is there, and a loop with a check is one that may end anywhere,
 * which nothing unrolls. So one loop looks at the indices of the next iterations and gives whether all of them are in range,
 * which vectors do well; then these run without checks (an inspector and an executor: Saltz, Mirchandani and Crowley,
 * "Run-time parallelization and scheduling of loops", 1991). If some index is not in range, the blocks end there, and the
 * loop of the source goes on, up to the iteration that panics.
 *
 * Legality: nothing that the indices are computed from is written by the loop, and reading it needs no check of the loop; each
 * iteration makes all checks. Profitability: a short body in an innermost loop that will not be a loop over vectors, nor part
 * of one: those ask for all lanes at once as it is. Not in functions that promise vectors, whose loops are judged as written. */
#include "ir/analysis/callgraph.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"
#include "ir/passes/spmd.h"

enum {
    MOST_OPS = 32,
    MOST_CHECKS = 4,
    BLOCK = 8 /* iterations: few, since rows are often short */
};

typedef struct Inspect {
    PassContext *pass;
    IrFn *fn;
    Memory memory;
    const unsigned *effects;
    Op *loop;
    uint32_t ops, check_count;
    Op *checks[MOST_CHECKS];
    bool fits;     /* nothing stands against it */
    bool *needed;  /* by op id: for an index that is checked */
    bool *checked; /* by op id: behind a check of its body */
} Inspect;

/* ---- Which loops ------------------------------------------------------------------------------ */

static void op_note(void *user, Op *op) {
    Inspect *s = user;
    bool jumps = op_ends(op) && op->kind != OP_YIELD;
    bool is_write = op->kind != OP_STORE && (op_effects(s->effects, op) & EFFECT_WRITES) && !set_is_local(op);
    s->ops++;
    if (op->kind == OP_CHECK && s->check_count < MOST_CHECKS) s->checks[s->check_count] = op;
    s->check_count += op->kind == OP_CHECK;
    if (jumps || is_write || op->kind == OP_FOR || op->kind == OP_WHILE || op->kind == OP_TRY) s->fits = false;
}

static bool is_plain(const Op *loop) {
    int64_t step;
    return loop_is_plain(loop) && !loop->attr.loop.is_simd && value_is_int(loop->operands[2], &step) && step == 1;
}

static bool is_written(const Inspect *s, const Value *view) {
    return elements_may_change(&s->memory, s->loop->regions[0], view);
}

/* The value may be computed before its iteration; what that takes is noted. */
static bool is_foreseen(Inspect *s, const Value *value) {
    const Op *def = value->def;
    if (!value_is_made_in(value, s->loop) || value == s->loop->regions[0]->params[0]) return true;
    if (def == NULL || def->parent != s->loop->regions[0] || def->region_count != 0) return false;
    bool is_load = def->kind == OP_LOAD && !s->checked[def->id] && !value_is_made_in(def->operands[0], s->loop) &&
                   !is_written(s, def->operands[0]);
    if (!is_load && !op_is_pure(def)) return false;
    s->needed[def->id] = true;
    for (uint32_t i = 0; i < def->operand_count; i++)
        if (!is_foreseen(s, def->operands[i])) return false;
    return true;
}

static bool checks_are_foreseen(Inspect *s) {
    bool behind = false;
    for (const Op *op = s->loop->regions[0]->first; op != NULL; op = op->next) {
        s->checked[op->id] = behind;
        behind = behind || op->kind == OP_CHECK;
    }
    for (uint32_t i = 0; i < s->check_count; i++) {
        const Op *check = s->checks[i];
        bool is_index = check->attr.check.kind == CHECK_INDEX && check->parent == s->loop->regions[0] &&
                        !value_is_made_in(check->operands[1], s->loop);
        if (!is_index || !is_foreseen(s, check->operands[0])) return false;
    }
    return true;
}

static bool is_candidate(Inspect *s, Op *loop) {
    if (!is_plain(loop)) return false;
    s->loop = loop;
    s->ops = s->check_count = 0;
    s->fits = true;
    region_walk(loop->regions[0], op_note, s);
    if (!s->fits || s->ops > MOST_OPS || s->check_count == 0 || s->check_count > MOST_CHECKS) return false;
    s->needed = arena_array(s->pass->scratch, bool, s->fn->next_op);
    s->checked = arena_array(s->pass->scratch, bool, s->fn->next_op);
    return checks_are_foreseen(s);
}

/* ---- The question ----------------------------------------------------------------------------- */

/* An index of at most 32 bits before it was widened. */
static Value *narrow_index(Value *index) {
    const Op *def = index->def;
    if (def == NULL || def->kind != OP_CAST) return NULL;
    const IrType *type = def->operands[0]->type;
    bool is_narrow = ir_is_scalar(type) && ir_is_int(type) && type->size <= 4;
    return is_narrow ? def->operands[0] : NULL;
}

/* 0 <= index < size as one comparison of unsigned numbers; of few bits, where the size has no more. Then it may be false
 * of a number that is in range, of more than 2^31 elements: no more blocks are made then. */
static Value *is_inside(const Inspect *s, Builder *before, Builder *b, const Op *check, Value **map) {
    IrModule *m = s->fn->module;
    Value *size = check->operands[1], *narrow = narrow_index(check->operands[0]);
    Value *index = narrow == NULL ? check->operands[0] : narrow;
    if (map[index->id] != NULL) index = map[index->id]; /* otherwise it comes from outside of the loop */
    const IrType *unsigned_type = ir_scalar(m, narrow == NULL ? SCALAR_U64 : SCALAR_U32);
    if (narrow != NULL) {
        size = build_binary(before, OP_MIN, size, build_i64(before, INT32_MAX));
        index = build_cast(b, index, scalar_is_signed(narrow->type->scalar) ? ir_scalar(m, SCALAR_I32) : unsigned_type);
    }
    return build_binary(b, OP_LT, build_cast(b, index, unsigned_type), build_cast(before, size, unsigned_type));
}

/* A variable, bool: some check of the iterations from `from` on fails. */
static Value *look_ahead(const Inspect *s, Builder *before, Builder *b, Value *from) {
    Value *bad = build_var(b, ir_scalar(s->fn->module, SCALAR_BOOL), NO_NAME);
    build_set(b, bad, build_bool(b, false));
    Op *look = build_for(b, build_i64(b, 0), build_i64(b, BLOCK), build_i64(b, 1), (OpLoop){.independent = true});
    look->span = NO_SPAN;
    Builder in = builder_at_end(look->regions[0], b->span);
    uint32_t len = s->fn->next_value;
    Value **map = arena_array(s->pass->scratch, Value *, len), *all = NULL;
    map[s->loop->regions[0]->params[0]->id] = build_binary(&in, OP_ADD, from, look->regions[0]->params[0]);
    for (const Op *op = s->loop->regions[0]->first; op != NULL; op = op->next)
        if (s->needed[op->id]) op_clone(&in, op, map, len);
    for (uint32_t i = 0; i < s->check_count; i++) {
        Value *inside = is_inside(s, before, &in, s->checks[i], map);
        all = all == NULL ? inside : build_binary(&in, OP_AND, all, inside);
    }
    build_set(&in, bad, build_binary(&in, OP_OR, build_get(&in, bad), build_unary(&in, OP_NOT, all)));
    return build_get(b, bad);
}

/* ---- Apply ------------------------------------------------------------------------------------ */

/* Ends the blocks where a check fails: the loop of the source goes on there. */
static void blocks_leave(Builder *b, Value *bad, Value *reached, Value *from) {
    Op *branch = build_if(b, bad, NULL, 0);
    Builder in = builder_at_end(branch->regions[0], b->span);
    build_set(&in, reached, from);
    build_break(&in);
}

static void iterations_copy(const Inspect *s, Builder *b, Value *from) {
    Op *copy = build_for(b, build_i64(b, 0), build_i64(b, BLOCK), build_i64(b, 1), s->loop->attr.loop);
    Builder in = builder_at_end(copy->regions[0], b->span);
    Value *index = build_binary(&in, OP_ADD, from, copy->regions[0]->params[0]);
    Cloner cloner = {.arena = s->pass->scratch};
    cloner_body(&cloner, &in, s->loop->regions[0], &index, NULL);
    for (Op *op = copy->regions[0]->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op->kind == OP_CHECK) op_unlink(op);
    }
}

/* In blocks, and what is left of these as it was. The iterations of a block load their indices once more, by themselves: their
 * first index is settled, as LLVM would take some of them out of the vector that was looked at, and what they choose would
 * wait for that. `kc explain` tells of the iterations that run without checks. */
static void loop_inspect(const Inspect *s) {
    Op *loop = s->loop;
    Builder before = builder_before(loop);
    Value *block = build_i64(&before, BLOCK), *end = blocks_end(&before, loop, BLOCK);
    Value *reached = build_var(&before, ir_i64(s->fn->module), NO_NAME);
    build_set(&before, reached, end);
    Op *blocks = build_for(&before, loop->operands[0], end, block, (OpLoop){0});
    before = builder_before(blocks);
    Builder b = builder_at_end(blocks->regions[0], loop->span);
    Value *from = blocks->regions[0]->params[0];
    blocks_leave(&b, look_ahead(s, &before, &b, from), reached, from);
    iterations_copy(s, &b, build_unary(&b, OP_SETTLE, from));
    Builder behind = builder_before(loop);
    loop_set_range(loop, build_get(&behind, reached), loop->operands[1]);
    loop->span = NO_SPAN;
    pass_remark(s->pass, s->fn, blocks->span, REMARK_REWRITTEN, "the indices of %d iterations are checked at once, before these",
                BLOCK);
    s->pass->changed = true;
}

/* ---- The walk --------------------------------------------------------------------------------- */

static bool is_wanted(void *user, Spmd *s, Op *op) {
    (void)s;
    return is_candidate(user, op);
}

static void fn_visit(PassContext *pass, Variants *variants, IrFn *fn) {
    Inspect s = {.pass = pass, .fn = fn, .memory = memory_of(pass->scratch, fn), .effects = variants_effects(variants)};
    OpVec loops = loops_left_scalar(pass, variants, fn, is_wanted, &s);
    for (uint32_t i = 0; i < loops.len; i++)
        if (is_candidate(&s, loops.data[i])) loop_inspect(&s);
}

void inspect_run(PassContext *pass, IrModule *module) {
    if (pass->options->vector_bits == 0) return;
    Variants *variants = variants_of(pass, module);
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL && !module->fns.data[i]->must_vectorize)
            fn_visit(pass, variants, module->fns.data[i]);
}
