/* lanes: functions of numbers that are given SIMD values become vector code.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED), since those that are left cost.
 * Establishes: nothing.
 * Breaks: nothing.
 *
 * `exp(v)` is lowered to a loop over the lanes of `v`, whose iterations take one lane and set one lane of the
 * result (OpLoop.is_lanes). By now the function's body stands in it. The lanes are made those of vectors by spmd's
 * machinery, all of them in one turn: no loop is left. Legality is that of spmd; where something stands
 * against it, the loop stays one over lanes, with a warning that says why. Loops over lanes may hold others, which
 * come first: the code of these is the same for all lanes of the outer, or stands against it.
 *
 * That no lane looks at another holds by construction. */
#include "ir/analysis/callgraph.h"
#include "ir/passes/runs.h"
#include "ir/passes/spmd.h"

static bool is_lanes(const Op *op) { return op->kind == OP_FOR && op->attr.loop.is_lanes; }

typedef Vec(Op *) LoopVec;

typedef struct LaneCalls {
    PassContext *pass;
    Variants *variants;
    IrFn *fn;
    LoopVec loops;         /* found in this round */
    LoopVec refused;       /* they stay as they are */
    Vec(Span) warned;      /* about these places */
} LaneCalls;

/* ---- Which loops ----------------------------------------------------------------------------- */

static bool is_open(const LaneCalls *c, const Op *op) {
    for (uint32_t i = 0; i < c->refused.len; i++)
        if (c->refused.data[i] == op) return false;
    return is_lanes(op);
}

typedef struct InnerScan {
    const LaneCalls *c;
    bool found;
} InnerScan;

static void inner_note(void *user, Op *op) {
    InnerScan *scan = user;
    scan->found = scan->found || is_open(scan->c, op);
}

static void loop_note(void *user, Op *op) {
    LaneCalls *c = user;
    InnerScan scan = {c, false};
    if (!is_open(c, op)) return;
    region_walk(op->regions[0], inner_note, &scan);
    if (!scan.found) vec_push(c->pass->scratch, &c->loops, op);
}

/* ---- One of them ----------------------------------------------------------------------------- */

/* Copies, from calls that were inlined, are warned about once. */
static bool is_news(LaneCalls *c, Span span) {
    for (uint32_t i = 0; i < c->warned.len; i++)
        if (c->warned.data[i].start == span.start && c->warned.data[i].file == span.file) return false;
    vec_push(c->pass->scratch, &c->warned, span);
    return true;
}

static void warn(LaneCalls *c, const SpmdLoop *l, const char *what, Span where, const char *reason) {
    Context *cx = c->pass->cx;
    Span span = l->loop->span;
    if (!is_news(c, span)) return;
    Diag *d = diag_add(cx, W0290, span, "%s is computed lane by lane, %u times", what, lanes_of_loop(l->loop));
    bool is_here = where.start == span.start && where.end == span.end;
    if (span_is_none(where) || is_here) diag_note(cx, d, "%s", reason);
    else diag_label(cx, d, where, "%s", reason);
}

/* A call that stays one, and has no form for vectors. */
static void calls_warn(LaneCalls *c, const SpmdLoop *l) {
    const Op *call = lane_calls_record(l);
    if (call == NULL) return;
    Context *cx = c->pass->cx;
    warn(c, l, "a part of this", call->span,
         arena_printf(c->pass->scratch, "`%s` stays a call: %s", text_of(cx, call->attr.callee->source_name),
                      variant_refusal(l->spmd, call)));
}

static void remark_done(LaneCalls *c, const SpmdLoop *l, uint32_t lanes) {
    pass_remark(c->pass, c->fn, l->loop->span, REMARK_LANES, "%u lanes at once%s", lanes,
                l->has_parting || l->has_divergent_loop ? ", under masks where they part" : "");
}

static void loop_refuse(LaneCalls *c, SpmdLoop *l) {
    warn(c, l, "this", l->where, l->reason);
    shapes_forget(l->spmd, l->loop);
    vec_push(c->pass->scratch, &c->refused, l->loop);
}

static void loop_visit(LaneCalls *c, Spmd *s, Op *loop) {
    SpmdLoop l = {.spmd = s, .loop = loop};
    uint32_t lanes = lanes_of_loop(loop), asked;
    legality_find(&l);
    asked = lanes_asked(&l);
    if (l.exits > 0 || (asked != 0 && asked != lanes)) refuse(&l, loop, "its lanes are not those of SIMD values");
    if (l.reason != NULL) {
        loop_refuse(c, &l);
        return;
    }
    remark_done(c, &l, lanes);
    calls_warn(c, &l);
    loop_widen_at_once(&l, lanes);
    shapes_forget(s, loop);
    c->pass->changed = true;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static bool round_run(LaneCalls *c) {
    c->loops.len = 0;
    region_walk(c->fn->body, loop_note, c);
    if (c->loops.len == 0) return false;
    Spmd s = spmd_of(c->pass, c->variants, c->fn);
    for (uint32_t i = 0; i < c->loops.len; i++) loop_visit(c, &s, c->loops.data[i]);
    return true;
}

void lanes_run(PassContext *pass, IrModule *module) {
    LaneCalls c = {.pass = pass, .variants = variants_of(pass, module)};
    CallGraph graph = callgraph_of(pass->scratch, module);
    for (uint32_t i = graph.count; i-- > 0;) { /* callers first */
        c.fn = graph.bottom_up[i];
        while (round_run(&c)) {}
    }
}
