/* fused: functions marked `@fused(loops=k)` are at most k passes over memory; K0710 tells why one is not.
 *
 * Requires: stage LOOP; fusion is over.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A pass over memory is a loop without a loop inside that loads or stores: three loops under one loop over
 * rows are three. Why neighbours stayed apart is asked again, with the plan's own question. */
#include "ir/analysis/effects.h"
#include "ir/passes/fuse_walk.h"
#include "ir/passes/runs.h"

typedef struct Count {
    Arena *arena;
    Vec(Op *) passes;
} Count;

typedef struct Scan {
    bool has_loop, has_memory;
} Scan;

static void body_scan(void *user, Op *op) {
    Scan *scan = user;
    if (op->kind == OP_FOR || op->kind == OP_WHILE) scan->has_loop = true;
    if (op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_ITEM) scan->has_memory = true;
}

static void loop_count(void *user, Op *op) {
    Count *count = user;
    Scan scan = {false, false};
    if (op->kind != OP_FOR && op->kind != OP_WHILE) return;
    for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], body_scan, &scan);
    if (!scan.has_loop && scan.has_memory) vec_push(count->arena, &count->passes, op);
}

/* ---- The report ------------------------------------------------------------------------------ */

static Diag *report_begin(PassContext *pass, const IrFn *fn, const Count *count) {
    Context *cx = pass->cx;
    uint32_t found = count->passes.len;
    Diag *d = diag_add(cx, K0710, fn->span, "`%s` is marked `@fused(loops=%u)`, but is %u loop%s",
                       text_of(cx, fn->source_name), (unsigned)fn->fused_loops, (unsigned)found,
                       found == 1 ? "" : "s");
    for (uint32_t i = 0; i < found; i++)
        diag_label(cx, d, count->passes.data[i]->span, "loop %u", (unsigned)(i + 1));
    return d;
}

static void pair_explain(Fuse *f, const Op *first, const Op *second, const char *reason) {
    diag_note(f->pass->cx, f->user, "the loop%s and that%s stay apart: %s",
              line_text(f, first->span), line_text(f, second->span), reason);
}

/* Inner loops that a stretch shows are passes; outer ones are spoken of as well. */
static void stretch_explain(Fuse *f, Stretch *s) {
    stretch_plan(f, s);
    for (uint32_t i = 0; i + 1 < s->loop_count; i++) {
        if (s->group[i] == s->group[i + 1]) continue;
        pair_explain(f, s->nodes.data[s->loops[i]]->op, s->nodes.data[s->loops[i + 1]]->op,
                     stretch_reason(s, i, i + 1));
    }
}

static void fn_judge(PassContext *pass, const unsigned *effects, IrFn *fn) {
    Count count = {.arena = pass->scratch};
    region_walk(fn->body, loop_count, &count);
    if (count.passes.len <= fn->fused_loops) return;
    Fuse f = fuse_begin(pass, effects, fn);
    f.user = report_begin(pass, fn, &count);
    stretches_visit(&f, fn->body, stretch_explain);
    walls_visit(&f, fn->body, pair_explain);
}

void fused_run(PassContext *pass, IrModule *module) {
    const unsigned *effects = effects_of_module(pass->scratch, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->is_fused && fn->body != NULL) fn_judge(pass, effects, fn);
    }
}
