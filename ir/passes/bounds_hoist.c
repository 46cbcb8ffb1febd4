/* Checks that move before their loops.
 *
 * A candidate starts at its place and climbs out of one counted loop after another, as long as
 * each iteration makes the check. For an INDEX check the index is a form of the loops' indices:
 * climbing out of a loop replaces its index by the first or last one, which gives the least and
 * the greatest index.
 *
 * Wrapping: forms are right modulo 2^64. If the least and the greatest index both lie in
 * 0..size-1 as i64 and are less than 2^64 - 2^48 apart, then no index between them wrapped. So
 * two INDEX checks, made if the loops run at all, decide everything. One RANGE check is enough,
 * and needs no `if`, where a single loop is left and the forms provably stay inside i64. */
#include "ir/passes/bounds.h"

#define SPREAD_LIMIT (((Int128)1 << 64) - SIZE_LIMIT)

/* ---- Where values are made ------------------------------------------------------------------- */

static bool form_is_outside(const Affine *form, const Op *loop) {
    for (uint32_t i = 0; i < form->count; i++)
        if (value_is_made_in(form->terms[i].value, loop)) return false;
    return true;
}

/* ---- Candidates ------------------------------------------------------------------------------ */

static bool may_be_invariant(CheckKind kind) {
    switch (kind) {
    case CHECK_RANGE:
    case CHECK_SLICE:
    case CHECK_SIZE:
    case CHECK_LENGTH:
    case CHECK_NONEMPTY:
    case CHECK_DIVISOR:
    case CHECK_STEP:
    case CHECK_EXPONENT: return true;
    case CHECK_INDEX:
    case CHECK_TRUE:
    case CHECK_ADD:
    case CHECK_SUB:
    case CHECK_MUL:
    case CHECK_MEMORY:
    case CHECK_COUNT: return false;
    }
    UNREACHABLE();
}

/* Why a check stays where it is, and what the user can do about that. */
typedef struct Obstacle {
    const char *why, *fix;
} Obstacle;

static const Obstacle uncounted = {
    "a `while` loop does not say how far its variables go",
    "count with `for i in range(...)`: such a loop is checked once, before it"};
static const Obstacle settled = {
    "only an array that is too small fails it, which a comparison of its size tells",
    "`assert` before the loop that the size is large enough"};
static const Obstacle conditional = {
    "only some iterations make it",
    "move what is checked out of the condition, or compare sizes and indices with `assert` before the loop"};
static const Obstacle unmovable = {"checks of this kind stay where they are", NULL};
static const Obstacle early_end = {
    "the loop may end early, or prints",
    "end the range of the loop where it would leave, and print behind it"};
static const Obstacle unknown_step = {"the step of the loop is not known",
                                      "write the step as a number"};
static const Obstacle inner_range = {"the range of an inner loop depends on the outer one", NULL};
static const Obstacle unbounded = {
    "the loop may run so often that the index no longer fits into 64 bits",
    "take the end of the range from the size of an array, as in `range(n // 2)`"};
static const Obstacle irregular = {
    "its values are not sums of multiples of the loop's index",
    "where an index outside may count as the nearest one inside, `max(0, min(k, n - 1))` takes the place of its check"};

static void remark_left(Bounds *b, const Op *check, const Obstacle *obstacle) {
    pass_record(b->pass, b->fn,
                &(Remark){.kind = REMARK_CHECK_LEFT, .span = check->span, .text = obstacle->why,
                          .fix = obstacle->fix, .check = check->attr.check.kind});
}

void candidate_add(Bounds *b, Op *check) {
    CheckKind kind = check->attr.check.kind;
    LoopFrame *frame = b->frame;
    if (frame == NULL) return;
    bool is_counted = frame->loop->kind == OP_FOR;
    if (!is_counted || check->parent != frame->loop->regions[0]) {
        int64_t index;
        bool is_settled = kind == CHECK_INDEX && value_is_int(check->operands[0], &index);
        remark_left(b, check, is_counted ? &conditional : is_settled ? &settled : &uncounted);
        return;
    }
    if (kind != CHECK_INDEX && !may_be_invariant(kind)) {
        remark_left(b, check, &unmovable);
        return;
    }
    Candidate c = {.check = check, .is_invariant = kind != CHECK_INDEX};
    if (kind == CHECK_INDEX) {
        c.least = c.most = affine_of(check->operands[0], NULL, NULL);
        c.is_exact = ranges_prove_fits(b->ranges, &c.least);
    }
    vec_push(b->pass->scratch, &frame->candidates, c);
}

/* ---- Climbing -------------------------------------------------------------------------------- */

/* The last index of the loop, if it runs; built before it where the step is not 1 or -1. */
static Affine last_index(const Op *loop, int64_t step) {
    Value *lo = loop->operands[0], *hi = loop->operands[1];
    Affine last = affine_of(hi, NULL, NULL), one = affine_const(step > 0 ? -1 : 1);
    if (step == 1 || step == -1) {
        affine_add(&last, &one, 1);
        return last;
    }
    Builder b = builder_before((Op *)(uintptr_t)loop);
    Value *away = step > 0 ? build_binary(&b, OP_SUB, hi, lo) : build_binary(&b, OP_SUB, lo, hi);
    Value *size = build_i64(&b, step > 0 ? step : -step), *least = build_i64(&b, 1);
    Value *steps = build_binary(&b, OP_FLOORDIV, build_binary(&b, OP_SUB, away, least), size);
    last = affine_of(lo, NULL, NULL);
    Affine distance = affine_symbol(steps);
    affine_add(&last, &distance, step);
    return last;
}

/* form with the index replaced: its factor times the replacement instead. */
static bool index_replace(Affine *form, const Value *index, const Affine *with) {
    int64_t factor = affine_factor(form, index);
    Affine symbol = affine_symbol(index);
    return factor == 0 || (affine_add(form, &symbol, -factor) && affine_add(form, with, factor));
}

static bool spread_widen(Bounds *b, Candidate *c, const Op *loop, int64_t factor) {
    Interval lo = ranges_interval(b->ranges, loop->operands[0]);
    Interval hi = ranges_interval(b->ranges, loop->operands[1]);
    Int128 up = hi.hi - lo.lo, down = lo.hi - hi.lo, width = up > down ? up : down, product;
    if (width < 0) width = 0;
    Int128 size = factor < 0 ? -(Int128)factor : factor;
    return !__builtin_mul_overflow(width, size, &product) &&
           !__builtin_add_overflow(c->spread, product, &c->spread) && c->spread < SPREAD_LIMIT;
}

static const Obstacle *index_climb(Bounds *b, Candidate *c, const Op *loop, int64_t step) {
    const Value *index = loop->regions[0]->params[0];
    int64_t factor = affine_factor(&c->most, index);
    if (affine_factor(&c->least, index) != factor) return &irregular;
    if (factor != 0) {
        Affine first = affine_of(loop->operands[0], NULL, NULL), last = last_index(loop, step);
        bool rises = (factor > 0) == (step > 0);
        if (!spread_widen(b, c, loop, factor)) return &unbounded;
        if (!index_replace(&c->least, index, rises ? &first : &last) ||
            !index_replace(&c->most, index, rises ? &last : &first))
            return &irregular;
        c->is_exact = c->is_exact && ranges_prove_fits(b->ranges, &first) &&
                      ranges_prove_fits(b->ranges, &last);
    }
    bool is_outside = form_is_outside(&c->least, loop) && form_is_outside(&c->most, loop) &&
                      !value_is_made_in(c->check->operands[1], loop);
    return is_outside ? NULL : &irregular;
}

static bool operands_are_outside(const Op *op, const Op *loop) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (value_is_made_in(op->operands[i], loop)) return false;
    return true;
}

/* NULL when the candidate now stands before the loop; otherwise why it cannot. */
static const Obstacle *candidate_climb(Bounds *b, Candidate *c, const LoopFrame *frame) {
    Op *loop = frame->loop;
    int64_t step;
    if (frame->is_left_early) return &early_end;
    if (!value_is_int(loop->operands[2], &step) || step == 0 || step == INT64_MIN)
        return &unknown_step;
    for (uint32_t i = 0; i < c->loops.len; i++)
        if (!operands_are_outside(c->loops.data[i], loop))
            return &inner_range;
    Candidate climbed = *c;
    const Obstacle *obstacle = NULL;
    if (!c->is_invariant) obstacle = index_climb(b, &climbed, loop, step);
    else if (!operands_are_outside(c->check, loop)) obstacle = &irregular;
    if (obstacle != NULL) return obstacle;
    *c = climbed;
    vec_push(b->pass->scratch, &c->loops, loop);
    c->before = loop;
    return NULL;
}

/* ---- Building -------------------------------------------------------------------------------- */

static Value *build_form(Builder *b, const Affine *form) {
    const IrType *i64 = ir_i64(b->fn->module);
    Value *sum = NULL;
    for (uint32_t i = 0; i < form->count; i++) {
        Value *term = build_cast(b, (Value *)(uintptr_t)form->terms[i].value, i64);
        if (form->terms[i].factor != 1)
            term = build_binary(b, OP_MUL, term, build_i64(b, form->terms[i].factor));
        sum = sum == NULL ? term : build_binary(b, OP_ADD, sum, term);
    }
    if (sum == NULL) return build_i64(b, form->constant);
    return form->constant == 0 ? sum : build_binary(b, OP_ADD, sum, build_i64(b, form->constant));
}

/* The loop runs at least once; NULL when that is sure. */
static Value *build_runs(Bounds *b, Builder *at, const Op *loop) {
    Value *lo = loop->operands[0], *hi = loop->operands[1];
    int64_t step;
    bool up = value_is_int(loop->operands[2], &step) && step > 0;
    if (up ? ranges_prove_ge(b->ranges, hi, lo, 1) : ranges_prove_ge(b->ranges, lo, hi, 1))
        return NULL;
    return build_binary(at, up ? OP_LT : OP_GT, lo, hi);
}

/* Inside an if that holds when all the loops run; at the place itself when they surely do. */
static Builder guard_open(Bounds *b, Builder at, const Candidate *c) {
    Value *condition = NULL;
    for (uint32_t i = c->loops.len; i-- > 0;) {
        Value *runs = build_runs(b, &at, c->loops.data[i]);
        if (runs == NULL) continue;
        condition = condition == NULL ? runs : build_binary(&at, OP_AND, condition, runs);
    }
    if (condition == NULL) return at;
    return builder_at_end(build_if(&at, condition, NULL, 0)->regions[0], at.span);
}

/* A check in place of the candidate's, written where that was. */
static void build_check_for(Builder *at, const Candidate *c, CheckKind kind,
                            Value *const *operands) {
    build_check(at, kind, operands, NULL);
    Op *check = at->before != NULL ? at->before->prev : at->region->last;
    check->inlined_from = c->check->inlined_from;
}

static void build_index_pair(Builder *at, const Candidate *c) {
    Value *size = c->check->operands[1];
    Value *least = build_form(at, &c->least);
    build_check_for(at, c, CHECK_INDEX, (Value *[]){least, size});
    if (affine_equal(&c->least, &c->most)) return;
    Value *most = build_form(at, &c->most);
    build_check_for(at, c, CHECK_INDEX, (Value *[]){most, size});
}

/* An empty loop makes `end` no greater than `first`, and the check passes. */
static bool range_suffices(Bounds *b, const Candidate *c) {
    Affine end = c->most, one = affine_const(1);
    return c->is_exact && c->loops.len == 1 && !affine_equal(&c->least, &c->most) &&
           affine_add_exact(&end, &one, 1) && ranges_prove_fits(b->ranges, &end) &&
           ranges_prove_fits(b->ranges, &c->least);
}

static void build_range_check(Builder *at, const Candidate *c) {
    Affine end = c->most, one = affine_const(1);
    affine_add(&end, &one, 1);
    Value *operands[] = {build_form(at, &c->least), build_form(at, &end), c->check->operands[1]};
    build_check_for(at, c, CHECK_RANGE, operands);
}

static void candidate_place(Bounds *b, Candidate *c, const Obstacle *obstacle) {
    if (c->before == NULL) {
        remark_left(b, c->check, obstacle);
        return;
    }
    Builder at = builder_before(c->before);
    at.span = c->check->span;
    if (!c->is_invariant && range_suffices(b, c)) {
        build_range_check(&at, c);
        op_unlink(c->check);
    } else {
        at = guard_open(b, at, c);
        if (c->is_invariant) build_check_for(&at, c, c->check->attr.check.kind, c->check->operands);
        else build_index_pair(&at, c);
        op_unlink(c->check);
    }
    b->pass->changed = true;
    pass_record(b->pass, b->fn,
                &(Remark){.kind = REMARK_CHECK_HOISTED, .span = c->check->span,
                          .text = c->loops.len == 1 ? "the loop" : "the loops",
                          .check = c->check->attr.check.kind});
}

void frame_finish(Bounds *b, LoopFrame *frame) {
    LoopFrame *outer = frame->outer;
    bool continues = outer != NULL && outer->loop->kind == OP_FOR &&
                     frame->loop->parent == outer->loop->regions[0];
    for (uint32_t i = 0; i < frame->candidates.len; i++) {
        Candidate *c = &frame->candidates.data[i];
        const Obstacle *obstacle = candidate_climb(b, c, frame);
        if (obstacle == NULL && continues) vec_push(b->pass->scratch, &outer->candidates, *c);
        else candidate_place(b, c, obstacle);
    }
}
