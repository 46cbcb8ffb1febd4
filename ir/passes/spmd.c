/* spmd: loops whose iterations may run side by side become loops over vectors.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED), since those that are left cost.
 * Establishes: nothing.
 * Breaks: nothing.
 *
 * Legality (spmd_legal.c): the iterations share nothing that is written, which ownership proved for
 * `simd for` and `parallel for` and to-loops for whole arrays; each op has a form for several lanes; what
 * the loop sets outside are accumulators. Plan (spmd_plan.c): which loop of a nest, how many lanes.
 * Apply (spmd_stage.c and what it calls).
 *
 * A `simd for` that cannot be widened is an error, with the reason: that is its promise. */
#include "ir/analysis/callgraph.h"
#include "ir/passes/runs.h"
#include "ir/passes/spmd.h"

/* ---- Which loops ----------------------------------------------------------------------------- */

static void writes_note(void *user, Op *op) {
    const Spmd *s = ((SpmdLoop *)user)->spmd;
    unsigned effects = op_effects(s->effects, op);
    bool is_var = op->kind == OP_SET && ref_base(op->operands[0])->def != NULL &&
                  ref_base(op->operands[0])->def->kind == OP_VAR;
    if ((effects & EFFECT_WRITES) && !is_var) ((SpmdLoop *)user)->has_loop = true;
}

bool writes_nothing(Spmd *s, Op *loop) {
    SpmdLoop probe = {.spmd = s};
    region_walk(loop->regions[0], writes_note, &probe);
    return !probe.has_loop;
}

static bool is_promised(const Op *loop) { return loop->attr.loop.is_simd; }

/* Its iterations share nothing that is written but variables. Registers without a fixed width are left to
 * LLVM, which knows instructions for them that have no fixed width either. */
bool loop_is_candidate(Spmd *s, Op *loop) {
    const OpLoop *attr = &loop->attr.loop;
    int64_t step;
    if (loop->kind != OP_FOR || attr->is_vector) return false;
    bool is_asked = attr->is_simd || s->fn->must_vectorize;
    if (s->pass->options->vector_bits == 0 && !is_asked) return false;
    if (!value_is_int(loop->operands[2], &step) || step == 0) return false;
    return attr->is_simd || attr->is_parallel || attr->independent || attr->in_step || writes_nothing(s, loop) ||
           packs_only(s, loop);
}

static SpmdLoop study(Spmd *s, Op *loop) {
    SpmdLoop l = {.spmd = s, .loop = loop};
    legality_find(&l);
    shapes_forget(s, loop);
    return l;
}

/* ---- Which loop of a nest -------------------------------------------------------------------- */

/* What its accesses cost that are no vectors. */
static uint32_t far_of(const SpmdLoop *l) { return 2 * l->spread + l->apart; }

enum { FEW_TURNS = 4, BRIEF_TURNS = 64 };

/* Fewer iterations than that, surely. */
static bool runs_below(const Op *loop, int64_t turns) {
    int64_t lo, hi;
    return value_is_int(loop->operands[0], &lo) && value_is_int(loop->operands[1], &hi) && hi - lo < turns;
}

/* To combine accumulators after a few iterations is most of the work. */
static bool combines_often(const SpmdLoop *inner) {
    return inner->reductions.len > 0 && runs_below(inner->loop, BRIEF_TURNS);
}

static bool is_as_good(Spmd *s, Op *inner, uint32_t far) {
    if (runs_below(inner, FEW_TURNS) || !loop_is_candidate(s, inner)) return false;
    SpmdLoop l = study(s, inner);
    uint32_t own = far_of(&l);
    return l.reason == NULL && (own < far || (own == far && !combines_often(&l)));
}

/* What its loops are taken by is at least as good as lanes that reach so far: these loops themselves may be widened, and
 * reach memory as well, or else those in them. */
static bool loops_are_better(Spmd *s, const Region *region, uint32_t far, bool *found) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE, good = op->kind == OP_FOR && is_as_good(s, op, far);
        bool within = false;
        for (uint32_t i = 0; i < op->region_count && !good; i++)
            if (!loops_are_better(s, op->regions[i], far, &within)) return false;
        if (is_loop && !good && !within) return false;
        *found = *found || good || within;
    }
    return true;
}

static bool inner_is_better(Spmd *s, const SpmdLoop *l) {
    bool found = false;
    return loops_are_better(s, l->loop->regions[0], far_of(l), &found) && found;
}

/* ---- Saying so ------------------------------------------------------------------------------- */

static void report(Spmd *s, const SpmdLoop *l) {
    Diag *d = diag_add(s->pass->cx, K0395, l->loop->span, "this `simd for` cannot become vectors");
    diag_label(s->pass->cx, d, l->where, "%s", l->reason);
    diag_note(s->pass->cx, d, "a plain `for` runs in order, and is vectorised where that can be done");
}

/* Variables that are one number though lanes leave the loop that sets them. */
static void alike_note(void *user, Op *op) {
    const Spmd *s = user;
    if (op->kind != OP_SET) return;
    const Value *var = ref_base(op->operands[0]);
    if (var->def == NULL || var->def->kind != OP_VAR || var->name.id == 0 || !is_uniform(s, var)) return;
    if (!parts_between(s, op->parent, var->def->parent)) return;
    pass_remark(s->pass, s->fn, op->span, REMARK_REWRITTEN,
                "`%s` is one number for all iterations that are still in this loop", text_of(s->pass->cx, var->name));
}

/* What is asked of the loop as it is. */
static VectorFacts facts_find(Spmd *s, const SpmdLoop *l, LanePlan plan) {
    region_walk(l->loop->regions[0], alike_note, s);
    lane_calls_record(l);
    return vector_facts(l, plan);
}

static void remark_done(Spmd *s, const SpmdLoop *l, VectorFacts facts) {
    facts.narrow_indices = l->narrowed;
    if (span_is_none(l->loop->span)) return; /* a loop of the compiler's own, told of where it is made */
    pass_record(s->pass, s->fn, &(Remark){.kind = REMARK_VECTORISED, .span = l->loop->span,
                                          .facts = facts, .fix = facts_advice(&facts)});
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void region_visit(Spmd *s, Region *region);

static void promise_note(void *user, Op *op) {
    bool *found = user;
    *found = *found || (op->kind == OP_FOR && is_promised(op));
}

/* The user has chosen a loop further in. */
static bool holds_promise(Op *loop) {
    bool found = false;
    region_walk(loop->regions[0], promise_note, &found);
    return found;
}

static bool is_asked(Spmd *s, Op *loop) {
    return loop_is_candidate(s, loop) && (is_promised(loop) || !holds_promise(loop));
}

/* Of those that may be widened. */
static bool is_chosen(Spmd *s, const SpmdLoop *l) {
    return is_promised(l->loop) || (!inner_is_better(s, l) && (s->fn->must_vectorize || plan_pays(l)));
}

bool loop_becomes_vectors(Spmd *s, Op *loop) {
    if (!is_asked(s, loop)) return false;
    SpmdLoop l = study(s, loop);
    return l.reason == NULL && is_chosen(s, &l);
}

/* True when the loop was dealt with, and nothing inside is to be looked at. */
static bool loop_visit(Spmd *s, Op *op) {
    if (!is_asked(s, op)) return false;
    SpmdLoop l = study(s, op);
    if (l.reason != NULL && is_promised(op)) report(s, &l);
    if (l.reason != NULL || !is_chosen(s, &l)) return false;
    LanePlan plan = plan_lanes(&l);
    shapes_find(s, op);
    plan.far = far_plan(&l, plan);
    VectorFacts facts = facts_find(s, &l, plan);
    sums_guard(&l);
    products_fuse(&l);
    loop_widen(&l, plan);
    remark_done(s, &l, facts);
    shapes_forget(s, op);
    s->pass->changed = true;
    return true;
}

static void region_visit(Spmd *s, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op->kind == OP_FOR && op->id < s->op_len && loop_visit(s, op)) continue;
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(s, op->regions[i]);
    }
}

static void loop_note(void *user, Op *op) {
    bool *found = user;
    *found = *found || op->kind == OP_FOR || op->kind == OP_WHILE;
}

Spmd spmd_of(PassContext *pass, Variants *variants, IrFn *fn) {
    Spmd s = {.pass = pass, .fn = fn, .variants = variants, .effects = variants_effects(variants), .value_len = fn->next_value,
              .op_len = fn->next_op};
    s.memory = memory_of(pass->scratch, fn);
    s.intervals = intervals_of(pass->scratch, fn);
    s.forms = arena_array(pass->scratch, Form, s.value_len);
    s.diverges = arena_array(pass->scratch, bool, s.op_len);
    s.leaves = arena_array(pass->scratch, bool, s.op_len);
    return s;
}

/* ---- For passes before it --------------------------------------------------------------------- */

typedef struct LoopSearch {
    Spmd *s;
    LoopTest test;
    void *user;
    OpVec loops;
    bool has_any;
} LoopSearch;

static void any_note(void *user, Op *op) {
    LoopSearch *search = user;
    search->has_any = search->has_any || search->test(search->user, NULL, op);
}

static void region_search(LoopSearch *search, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        if (op->kind == OP_FOR && loop_becomes_vectors(search->s, op)) continue;
        if (search->test(search->user, search->s, op)) vec_push(search->s->pass->scratch, &search->loops, op);
        for (uint32_t i = 0; i < op->region_count; i++) region_search(search, op->regions[i]);
    }
}

OpVec loops_left_scalar(PassContext *pass, Variants *variants, IrFn *fn, LoopTest test, void *user) {
    LoopSearch search = {.test = test, .user = user};
    region_walk(fn->body, any_note, &search);
    if (!search.has_any) return search.loops;
    Spmd s = spmd_of(pass, variants, fn);
    search.s = &s;
    region_search(&search, fn->body);
    return search.loops;
}

/* ---- The pass --------------------------------------------------------------------------------- */

static void fn_visit(PassContext *pass, Variants *variants, IrFn *fn) {
    bool found = false;
    region_walk(fn->body, loop_note, &found);
    if (!found) return;
    Spmd s = spmd_of(pass, variants, fn);
    region_visit(&s, fn->body);
    loops_left_judge(&s);
}

void spmd_run(PassContext *pass, IrModule *module) {
    Variants *variants = variants_of(pass, module);
    CallGraph graph = callgraph_of(pass->scratch, module);
    for (uint32_t i = graph.count; i-- > 0;) fn_visit(pass, variants, graph.bottom_up[i]); /* callers first */
}
