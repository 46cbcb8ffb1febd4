/* seldom: loops that hardly ever run become functions of their own, for which code generation does little.
 *
 * Requires: stage LOOP.
 * Establishes: nothing.
 * Breaks: nothing.
 *
 * spmd counts in 32 bits where sizes allow that, and leaves the loop of the source for those that do not: arrays of two
 * billion elements and more. To LLVM it is as much work as all the vectors. Such a loop (marked `seldom`) is moved into a
 * function f.seldom1(lo, hi, ...) that is marked so as well. What it uses becomes arguments (outline_capture.c).
 *
 * Legality: it sets nothing outside, and leaves its function nowhere. Memory of the function's own stays with it, since what
 * a call is given is no longer its own. Plan: a short loop is no more code than a call. */
#include "ir/passes/outline.h"
#include "ir/passes/runs.h"

enum { SHORT_LOOP = 32 }; /* ops */

/* ---- Legality and plan ------------------------------------------------------------------------- */

typedef struct Look {
    const Op *loop;
    Memory memory;
    uint32_t ops;
    bool stays; /* where it is */
} Look;

static bool is_own_memory(const Look *look, const Value *value) {
    bool is_memory = value->type->kind == IR_VIEW || value->type->kind == IR_BUF;
    return is_memory && memory_root(&look->memory, value).kind == ROOT_ALLOC;
}

static void op_look(void *user, Op *op) {
    Look *look = user;
    look->ops++;
    bool makes = op->kind == OP_ALLOC || op->kind == OP_ALLOC_IN || op->kind == OP_LIST;
    if (op->kind == OP_RETURN || op->kind == OP_RAISE || makes) look->stays = true;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        if (value_is_made_in(operand, look->loop)) continue;
        bool sets = operand->type->kind == IR_REF && op->kind != OP_GET && op->kind != OP_FIELD;
        if (sets || is_own_memory(look, operand)) look->stays = true;
    }
}

static bool is_worth_a_function(PassContext *pass, const Op *loop) {
    Look look = {.loop = loop, .memory = memory_of(pass->scratch, loop->parent->fn)};
    region_walk(loop->regions[0], op_look, &look);
    return !look.stays && look.ops > SHORT_LOOP && loop->regions[1]->first == NULL;
}

/* ---- Apply ------------------------------------------------------------------------------------- */

static IrFn *function_create(PassContext *pass, const Op *loop, uint32_t *made) {
    const IrFn *from = loop->parent->fn;
    IrFn *fn = ir_fn_create(from->module, fn_name_new(from, pass->scratch, "seldom", made), from->span);
    fn->source_name = from->source_name;
    fn->is_seldom = fn->is_noinline = true;
    fn->fp = from->fp;
    fn->is_def = from->is_def;
    fn->is_noalloc = from->is_noalloc;
    return fn;
}

/* Whether there are iterations for it. */
static Value *has_turns(Builder *b, const Op *loop) {
    int64_t step;
    bool falls = value_is_int(loop->operands[2], &step) && step < 0;
    return build_binary(b, falls ? OP_GT : OP_LT, loop->operands[0], loop->operands[1]);
}

static void loop_move(PassContext *pass, Op *loop, uint32_t *made) {
    IrFn *fn = function_create(pass, loop, made);
    Capture c = capture_start(pass->scratch, loop, fn);
    for (uint32_t i = 0; i < loop->operand_count; i++) capture_value(&c, loop->operands[i]);
    capture_uses(&c);
    op_clone(&c.inside, loop, c.map, c.map_len);
    build_return(&c.inside, NULL, 0);
    capture_end(&c);
    Builder b = builder_before(loop);
    b = builder_at_end(build_if(&b, has_turns(&b, loop), NULL, 0)->regions[0], loop->span);
    build_call(&b, fn, c.args.data, c.args.len);
    op_unlink(loop);
    pass->changed = true;
}

static void region_visit(PassContext *pass, Region *region, uint32_t *made) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op->kind == OP_FOR && op->attr.loop.is_seldom && is_worth_a_function(pass, op)) {
            loop_move(pass, op, made);
            continue;
        }
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(pass, op->regions[i], made);
    }
}

void seldom_run(PassContext *pass, IrModule *module) {
    uint32_t count = module->fns.len; /* new functions come last, and have no such loops in them */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t made = 0;
        if (module->fns.data[i]->body != NULL) region_visit(pass, module->fns.data[i]->body, &made);
    }
}
