/* outline: loops that are split over threads become functions of a range of iterations.
 *
 * Requires: stage LOOP.
 * Establishes: OUTLINED: no loop is marked `parallel`.
 * Breaks: nothing.
 *
 * `parallel for i in lo..hi` becomes a call f(lo, hi, grain, hi - lo, ...) of a function over that range, marked `range`:
 * whoever runs the call may split it into calls of parts of the range, in any order, at the same time
 * (ir.h). The values that the body uses become arguments (outline_capture.c). Legality is ownership's,
 * which has checked the iterations. Plan: how many iterations are worth a task follows from what one costs
 * (analysis/cost.h); a range that is no longer is not split. A loop inside of lanes stays there. */
#include "ir/passes/outline.h"

#include "ir/analysis/grain.h"
#include "ir/failure.h"
#include "ir/passes/runs.h"

typedef struct Outline {
    PassContext *pass;
    IrFn *fn;
    uint32_t parts; /* made of this function so far */
} Outline;

/* ---- The function ---------------------------------------------------------------------------- */

/* Where the user has the loop. One over chunks (ir/ownership/chunks.c) is not the user's; the one inside is. */
static Span loop_place(const Op *loop) {
    if (!span_is_none(loop->span)) return loop->span;
    for (const Op *op = loop->regions[0]->first; op != NULL; op = op->next)
        if (op->kind == OP_FOR && !span_is_none(op->span)) return op->span;
    return NO_SPAN;
}

/* It is spelled as the function that it comes from: messages speak of that. */
static IrFn *part_create(Outline *o, const Op *loop) {
    IrFn *part = ir_fn_create(o->fn->module, fn_name_new(o->fn, o->pass->scratch, "part", &o->parts),
                              loop_place(loop));
    part->source_name = o->fn->source_name;
    part->is_range = true;
    part->fp = o->fn->fp;
    part->is_def = o->fn->is_def;
    part->is_noalloc = o->fn->is_noalloc;
    part->must_vectorize = o->fn->must_vectorize;
    return part;
}

static Value *range_param(IrFn *part, ParamKind kind, const char *text) {
    Name name = name_of_str(part->module->cx->names, text);
    IrParam *param = ir_param_add(part, kind, name, ir_i64(part->module));
    param->value->name = name;
    return param->value;
}

/* ---- The range ------------------------------------------------------------------------------- */

/* What is counted: indices where they rise by one, else trips. */
typedef struct Range {
    Value *from, *to;
    bool counts_trips;
} Range;

static Range range_of(Builder *b, const Op *loop) {
    if (loop_rises_by_1(loop)) return (Range){loop->operands[0], loop->operands[1], false};
    return (Range){build_i64(b, 0), loop_trips(b, loop), true};
}

static bool starts_at_0_or_above(const Value *from) {
    int64_t number;
    return value_is_int(from, &number) && number >= 0;
}

/* ---- The body -------------------------------------------------------------------------------- */

static void body_move(Capture *c, const Op *loop, const Range *range, Value *const *bounds) {
    Builder *b = &c->inside;
    Value *lo = range->counts_trips ? capture_value(c, loop->operands[0]) : NULL;
    Value *step = range->counts_trips ? capture_value(c, loop->operands[2]) : NULL;
    OpLoop attr = loop->attr.loop;
    attr.is_parallel = false;
    attr.independent = true;
    Op *made = build_for(b, bounds[0], bounds[1], build_i64(b, 1), attr);
    Value *counter = made->regions[0]->params[0];
    const Value *index = loop->regions[0]->params[0];
    Builder body = builder_at_end(made->regions[0], loop->span);
    Value *number = counter;
    if (range->counts_trips)
        number = build_binary(&body, OP_ADD, lo, build_binary(&body, OP_MUL, counter, step));
    number->name = index->name;
    c->map[index->id] = number;
    region_clone_into(&body, loop->regions[0], c->map, c->map_len, NULL);
    build_return(b, NULL, 0);
}

/* ---- Errors ---------------------------------------------------------------------------------- */

/* What sets a flag and leaves the loop leaves the function by an error. */
static Value *failure_to_raise(Op *loop) {
    Op *failure = loop_failure(loop);
    if (failure == NULL) return NULL;
    Value *flag = failure_flag(failure);
    Builder b = builder_before(failure);
    op_unlink(failure->prev);
    build_op(&b, OP_RAISE, NULL, 0, NULL, 0, 0);
    op_unlink(failure);
    return flag;
}

static void remark(Outline *o, const Op *loop, const Value *grain) {
    int64_t number;
    if (span_is_none(loop->span))
        pass_remark(o->pass, o->fn, loop_place(loop), REMARK_PARALLEL,
                    "split over threads in chunks, whose results are combined in their order");
    else if (value_is_int(grain, &number))
        pass_remark(o->pass, o->fn, loop->span, REMARK_PARALLEL,
                    "split over threads, %lld iteration%s or more at a time", (long long)number,
                    number == 1 ? "" : "s");
    else
        pass_remark(o->pass, o->fn, loop->span, REMARK_PARALLEL,
                    "split over threads, as many iterations at a time as are worth a task");
}

/* ---- Loops ----------------------------------------------------------------------------------- */

static void loop_outline(Outline *o, Op *loop) {
    Builder b = builder_before(loop);
    Range range = range_of(&b, loop);
    Value *grain = loop_grain(&b, o->pass->scratch, loop);
    IrFn *part = part_create(o, loop);
    Value *failed = failure_to_raise(loop);
    part->raises = failed != NULL;
    ParamKind kind = starts_at_0_or_above(range.from) ? PARAM_SIZE : PARAM_SCALAR;
    Value *bounds[] = {range_param(part, kind, "from"), range_param(part, kind, "to")};
    range_param(part, PARAM_SCALAR, "grain");
    range_param(part, PARAM_SCALAR, "whole");
    Capture c = capture_start(o->pass->scratch, loop, part);
    vec_push(c.arena, &c.args, range.from);
    vec_push(c.arena, &c.args, range.to);
    vec_push(c.arena, &c.args, grain);
    vec_push(c.arena, &c.args, build_binary(&b, OP_SUB, range.to, range.from));
    capture_uses(&c);
    body_move(&c, loop, &range, bounds);
    capture_end(&c);
    b = builder_before(loop);
    Op *call = build_call(&b, part, c.args.data, c.args.len);
    if (failed != NULL) build_set(&b, failed, op_result(call));
    for (Op *op = loop->regions[1]->first, *next; op != NULL; op = next) {
        next = op->next;
        op_unlink(op);
        op_insert_before(op, loop);
    }
    op_unlink(loop);
    o->pass->changed = true;
    remark(o, loop, grain);
}

static void region_visit(Outline *o, Region *region, bool in_lanes) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        bool is_loop = op->kind == OP_FOR;
        if (is_loop && in_lanes) loop_keep_whole(op);
        if (is_loop && op->attr.loop.is_parallel) {
            loop_outline(o, op); /* what is inside is visited with the new function */
            continue;
        }
        bool lanes = in_lanes || (is_loop && op->attr.loop.is_simd);
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(o, op->regions[i], lanes);
    }
}

void outline_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) { /* new functions come last */
        Outline o = {.pass = pass, .fn = module->fns.data[i]};
        if (o.fn->body != NULL) region_visit(&o, o.fn->body, false);
    }
}
