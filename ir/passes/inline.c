/* inline: calls become bodies.
 *
 * Requires: candidates return once (single-return); others are left as calls.
 * Establishes: no call is left that is cheaper as code.
 * Breaks: nothing.
 *
 * Legality: not recursive, not @noinline, one return at the end, and the same floating-point mode, which belongs to
 * functions. Where the callee raises, the body does what the caller does then. Plan: @inline always; small bodies;
 * larger ones where a call would keep a loop or an array expression from using SIMD, unless they are nests of loops;
 * functions with one caller. Apply: callees first, so that what is copied has been inlined into already, and again for
 * the calls that a copied body brought; then internal functions that nobody calls any more are dropped. */
#include "ir/analysis/callgraph.h"
#include "ir/failure.h"
#include "ir/passes/cloner.h"
#include "ir/passes/inline_plan.h"
#include "ir/passes/runs.h"

typedef struct Inliner {
    PassContext *pass;
    CallGraph graph;
    Cloner cloner;
    Renames renames;    /* of the function that is being changed */
    uint32_t *op_count; /* by function id */
    bool *is_straight;  /* by function id: returns once, at the end */
    bool *is_nest;      /* by function id: changes arrays in loops inside of loops */
    uint32_t *inlined;  /* by function id: how many calls of it are gone */
    IrFn *fn;
    bool found;         /* the walk inlined something */
} Inliner;

/* ---- Legality and plan ----------------------------------------------------------------------- */

typedef struct ReturnScan {
    const Op *last; /* of the body */
    bool is_elsewhere;
} ReturnScan;

static void return_scan(void *user, Op *op) {
    ReturnScan *scan = user;
    if (op->kind == OP_RETURN && op != scan->last) scan->is_elsewhere = true;
}

static bool returns_at_its_end(const IrFn *fn) {
    ReturnScan scan = {fn->body->last, false};
    region_walk(fn->body, return_scan, &scan);
    if (scan.last != NULL && op_ends(scan.last)) return scan.last->kind == OP_RETURN && !scan.is_elsewhere;
    return !scan.is_elsewhere && fn->results.len == 0;
}

/* What the caller does with an error, which lowering puts right behind each call that may fail; NULL: something
 * that cannot stand in the middle of a body. */
static Region *failure_way(const Op *call) {
    const Op *next = call->next;
    bool asks = next != NULL && next->kind == OP_IF && next->operands[0] == op_result(call);
    const Op *last = asks ? next->regions[0]->last : NULL;
    return last != NULL && last->kind == OP_RAISE ? next->regions[0] : NULL;
}

static const char *call_refusal(Inliner *inliner, const Op *call) {
    const IrFn *callee = call->attr.callee;
    const char *reason = inline_refusal(callee, inliner->graph.is_recursive[callee->id]);
    if (reason != NULL) return reason;
    if (callee->fp != inliner->fn->fp) return "it computes in another floating-point mode";
    if (callee->raises && failure_way(call) == NULL) return "what it raises is not passed on at once";
    return inliner->is_straight[callee->id] ? NULL : "it returns from inside an expression";
}

static bool in_loop(const Op *op) {
    for (const Op *around = op->parent->parent; around != NULL; around = around->parent->parent)
        if (around->kind != OP_IF && around->kind != OP_TRY) return true;
    return false;
}

/* What is known here of loops whose length the function itself does not know. */
static bool tells_numbers(const Op *call) {
    uint64_t bits;
    for (uint32_t i = 0; i < call->operand_count; i++)
        if (value_is_const(call->operands[i], &bits)) return true;
    return false;
}

static const char *call_is_dear(const Inliner *inliner, const Op *call) {
    const IrFn *callee = call->attr.callee;
    uint32_t size = inliner->op_count[callee->id];
    if (callee->is_inline || size <= INLINE_SMALL) return NULL;
    if (inliner->op_count[inliner->fn->id] > INLINE_CALLER) return "the caller is large already";
    bool goes = !callee->is_exported && !callee->is_main;
    if (goes && inliner->graph.callers[callee->id] == 1 && size <= INLINE_ONCE) return NULL;
    if (!in_loop(call) || size > INLINE_HOT) return "its body is large";
    if (inliner->is_nest[callee->id] && !tells_numbers(call)) return "its loops take long beside a call";
    return NULL;
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void origin_mark(const IrFn *callee, Op *op) {
    bool may_panic = op->kind == OP_CHECK || op->kind == OP_ALLOC || op->kind == OP_ALLOC_IN ||
                     op->kind == OP_ARENA || op->kind == OP_APPEND || op->kind == OP_TAKE;
    if (may_panic && op->inlined_from.id == 0) op->inlined_from = callee->source_name;
}

static void nested_origin_mark(void *user, Op *op) {
    origin_mark(user, op);
}

/* What panics names the function that the user wrote it in. */
static void origins_mark(const IrFn *callee, Op *first, const Op *end) {
    for (Op *op = first; op != end; op = op->next) {
        origin_mark(callee, op);
        for (uint32_t i = 0; i < op->region_count; i++)
            region_walk(op->regions[i], nested_origin_mark, (void *)(uintptr_t)callee);
    }
}

/* ---- Errors ---------------------------------------------------------------------------------- */

typedef struct Failing {
    Inliner *inliner;
    const Op *outer; /* the TRY around the call, or NULL */
    Region *way;
} Failing;

/* A RAISE that left the callee does what the caller does when the call failed. */
static void raise_replace(void *user, Op *op) {
    const Failing *failing = user;
    if (op->kind != OP_RAISE || try_around(op->parent) != failing->outer) return;
    Builder b = builder_before(op);
    cloner_body(&failing->inliner->cloner, &b, failing->way, NULL, NULL);
    op->prev->span = op->span;
    op_unlink(op);
}

/* Behind the body nothing has failed; `simplify` takes the question away. */
static void failures_inline(Inliner *inliner, Op *call, Op *first) {
    Failing failing = {inliner, try_around(call->parent), failure_way(call)};
    for (Op *op = first; op != call; op = op->next)
        for (uint32_t i = 0; i < op->region_count; i++)
            region_walk(op->regions[i], raise_replace, &failing);
    while (failing.way->first != NULL) op_unlink(failing.way->first);
}

/* ---- Calls ----------------------------------------------------------------------------------- */

static void call_inline(Inliner *inliner, Op *call) {
    const IrFn *callee = call->attr.callee;
    Builder b = builder_before(call);
    Value **args = arena_array(inliner->pass->scratch, Value *, call->operand_count);
    Value **given = arena_array(inliner->pass->scratch, Value *, call->result_count);
    for (uint32_t i = 0; i < call->operand_count; i++)
        args[i] = renames_find(&inliner->renames, call->operands[i]);
    Op *before = call->prev;
    uint32_t failed = callee->raises ? 1 : 0;
    cloner_fn_body(&inliner->cloner, &b, callee, args, given + failed);
    Op *first = before != NULL ? before->next : call->parent->first;
    origins_mark(callee, first, call);
    if (failed != 0) {
        failures_inline(inliner, call, first);
        given[0] = build_bool(&b, false);
    }
    for (uint32_t i = 0; i < call->result_count; i++)
        renames_add(&inliner->renames, call->results[i], given[i]);
    op_unlink(call);
    inliner->inlined[callee->id]++;
    inliner->op_count[inliner->fn->id] += inliner->op_count[callee->id];
    inliner->pass->changed = true;
    pass_record(inliner->pass, inliner->fn, &(Remark){.kind = REMARK_INLINED, .span = call->span,
                                                      .callee = callee->source_name});
}

static const char *reason_to_stay(Inliner *inliner, const Op *call) {
    const char *reason = call_refusal(inliner, call);
    return reason != NULL ? reason : call_is_dear(inliner, call);
}

static void call_consider(void *user, Op *op) {
    Inliner *inliner = user;
    if (op->kind != OP_CALL || reason_to_stay(inliner, op) != NULL) return;
    call_inline(inliner, op);
    inliner->found = true;
}

static void call_left(void *user, Op *op) {
    Inliner *inliner = user;
    if (op->kind != OP_CALL || op->attr.callee->is_task) return;
    const IrFn *callee = op->attr.callee;
    const char *fix = call_refusal(inliner, op) != NULL
                          ? NULL
                          : "mark it `@inline` where the call is made often";
    pass_record(inliner->pass, inliner->fn,
                &(Remark){.kind = REMARK_CALLED, .span = op->span,
                          .text = reason_to_stay(inliner, op), .fix = fix,
                          .callee = callee->source_name});
}

/* What was worth a call where it was written may be in a loop now: so until nothing is found. No function
 * that can call itself is copied, so that it ends. */
static void fn_inline(Inliner *inliner) {
    do {
        inliner->found = false;
        region_walk(inliner->fn->body, call_consider, inliner);
    } while (inliner->found);
    region_walk(inliner->fn->body, call_left, inliner);
    renames_apply(&inliner->renames, inliner->fn->body);
}

static void caller_count(void *user, Op *op) {
    uint32_t *callers = user;
    if (op->kind == OP_CALL) callers[op->attr.callee->id]++;
}

/* Internal functions that were inlined everywhere go; ids stay the index in the module. Those
 * left may have called others that only they called: callers come after callees, so one walk from
 * the end does. */
static void leftovers_drop(Inliner *inliner, IrModule *module) {
    uint32_t *callers = arena_array(inliner->pass->scratch, uint32_t, module->fns.len);
    bool *is_gone = arena_array(inliner->pass->scratch, bool, module->fns.len);
    for (uint32_t i = inliner->graph.count; i-- > 0;) {
        IrFn *fn = inliner->graph.bottom_up[i];
        bool is_wanted = fn->is_exported || fn->is_main || fn->is_fused || fn->must_vectorize ||
                         inliner->inlined[fn->id] == 0;
        is_gone[fn->id] = !is_wanted && callers[fn->id] == 0;
        if (!is_gone[fn->id]) region_walk(fn->body, caller_count, callers);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (!is_gone[i]) module->fns.data[kept++] = module->fns.data[i];
    module->fns.len = kept;
    for (uint32_t i = 0; i < kept; i++) module->fns.data[i]->id = i;
}

void inline_run(PassContext *pass, IrModule *module) {
    Inliner inliner = {.pass = pass, .graph = callgraph_of(pass->scratch, module)};
    inliner.cloner.arena = pass->scratch;
    inliner.op_count = arena_array(pass->scratch, uint32_t, module->fns.len);
    inliner.is_straight = arena_array(pass->scratch, bool, module->fns.len);
    inliner.is_nest = arena_array(pass->scratch, bool, module->fns.len);
    inliner.inlined = arena_array(pass->scratch, uint32_t, module->fns.len);
    for (uint32_t i = 0; i < inliner.graph.count; i++) {
        inliner.fn = inliner.graph.bottom_up[i];
        inliner.op_count[inliner.fn->id] = fn_op_count(inliner.fn);
        inliner.renames = (Renames){.arena = pass->scratch};
        fn_inline(&inliner);
        inliner.is_nest[inliner.fn->id] = fn_is_nest(inliner.fn);
        inliner.is_straight[inliner.fn->id] = returns_at_its_end(inliner.fn);
    }
    leftovers_drop(&inliner, module);
}
