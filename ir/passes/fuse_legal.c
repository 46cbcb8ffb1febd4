/* Whether two loops may become one: iteration i of the second then runs right behind iteration i of the
 * first, before iteration i + 1 of it.
 *
 * So everything that both touch, one of them writing, must be touched by the first in the same or an
 * earlier iteration than by the second. The distance comes from affine forms: where the accesses of the
 * two loops meet in a dimension, s * i + c = s * k + d, the iterations lie (c - d) / s apart, i and k
 * counting from the first iteration on. Values that stand outside of both loops are the same number
 * in both forms; what a loop makes inside says nothing. */
#include <string.h>

#include "ir/passes/fuse.h"

/* Products of indices and factors up to this cannot wrap: indices of loops over arrays are below 2^48. */
enum { FACTOR_LIMIT = 1 << 12 };

typedef struct Pair {
    Fuse *f;
    const Node *first, *second;
    const Value *index[2]; /* of the loops */
    int64_t step;
} Pair;

/* ---- One dimension --------------------------------------------------------------------------- */

typedef enum DimAnswer { DIM_APART, DIM_DISTANCE, DIM_OPEN } DimAnswer;

static const Op *loop_of(const Pair *pair, uint32_t which) {
    return which == 0 ? pair->first->op : pair->second->op;
}

/* form = factor * (index - lo) + rest; false where the rest changes with the iteration as well. */
static bool form_split(const Pair *pair, uint32_t which, const Affine *form, int64_t *factor,
                       Affine *rest) {
    Affine index = affine_symbol(pair->index[which]);
    Affine lo = affine_of(loop_of(pair, which)->operands[0], NULL, NULL);
    *rest = *form;
    *factor = affine_factor(form, pair->index[which]);
    if (!affine_add(rest, &index, -*factor) || !affine_add(rest, &lo, *factor)) return false;
    for (uint32_t i = 0; i < rest->count; i++)
        if (is_made_in(rest->terms[i].value, loop_of(pair, which))) return false;
    return true;
}

/* `gap` never comes down to `least`, whatever the symbols are. */
static bool gap_exceeds(const Pair *pair, const Affine *gap, int64_t sign, const Affine *least) {
    Affine form = affine_const(-1);
    Interval interval, type = interval_of_type(SCALAR_I64);
    if (!affine_add_exact(&form, gap, sign) || !affine_add_exact(&form, least, -1)) return false;
    return interval_of_form(&pair->f->intervals, &form, &interval) && interval.lo >= 0 &&
           interval.hi <= type.hi;
}

/* What factor * (k - i) can be at most, for iterations i and k. */
static bool widest(const Pair *pair, int64_t factor, Affine *width) {
    int64_t size = factor < 0 ? -factor : factor, sign = pair->step > 0 ? size : -size;
    Affine lo = affine_of(pair->first->op->operands[0], NULL, NULL);
    Affine hi = affine_of(pair->first->op->operands[1], NULL, NULL);
    *width = affine_const(-size);
    return affine_add_exact(width, &hi, sign) && affine_add_exact(width, &lo, -sign);
}

static DimAnswer dim_compare(const Pair *pair, const Affine *a, const Affine *b,
                             int64_t *distance) {
    int64_t first, second, gap;
    Affine rest_a, rest_b, width = affine_const(0);
    if (!form_split(pair, 0, a, &first, &rest_a) || !form_split(pair, 1, b, &second, &rest_b) ||
        first != second || first > FACTOR_LIMIT || first < -FACTOR_LIMIT)
        return DIM_OPEN;
    if (!affine_add(&rest_a, &rest_b, -1)) return DIM_OPEN;
    bool is_fixed = first == 0;
    if (is_fixed || widest(pair, first, &width))
        if (gap_exceeds(pair, &rest_a, 1, &width) || gap_exceeds(pair, &rest_a, -1, &width))
            return DIM_APART;
    if (!affine_is_const(&rest_a, &gap)) return DIM_OPEN;
    if (is_fixed) return gap == 0 ? DIM_OPEN : DIM_APART;
    if (gap % first != 0 || gap / first % pair->step != 0) return DIM_APART;
    *distance = gap / first / pair->step;
    return DIM_DISTANCE;
}

/* ---- Two accesses ---------------------------------------------------------------------------- */

typedef struct Meeting {
    bool is_never;
    bool is_known;    /* they meet `distance` iterations apart: the second so much later */
    int64_t distance;
} Meeting;

static Meeting elements_meet(const Pair *pair, const Element *a, const Element *b) {
    Meeting meeting = {0};
    for (uint32_t d = 0; d < a->rank; d++) {
        int64_t distance;
        DimAnswer answer = dim_compare(pair, &a->index[d], &b->index[d], &distance);
        if (answer == DIM_OPEN) continue;
        bool differs = meeting.is_known && meeting.distance != distance;
        if (answer == DIM_APART || differs) return (Meeting){.is_never = true};
        meeting.is_known = true;
        meeting.distance = distance;
    }
    return meeting;
}

static const char *memory_text(const Pair *pair, const Access *access) {
    if (access->view == NULL) return "memory of unknown origin";
    return root_text(pair->f->pass->scratch, &pair->f->memory, &access->root);
}

static const char *deed_text(const Access *a, const Access *b) {
    if (a->writes && b->writes) return "writes again what the first writes only later";
    return a->writes ? "reads what the first stores only later"
                     : "overwrites what the first still has to read";
}

static const char *early_reason(const Pair *pair, const Access *a, const Access *b,
                                int64_t distance) {
    return arena_printf(pair->f->pass->scratch, "of %s, the second loop %s, by %lld iteration%s",
                        memory_text(pair, a), deed_text(a, b), (long long)-distance,
                        distance == -1 ? "" : "s");
}

static const char *unknown_reason(const Pair *pair, const Access *a, const Access *b) {
    const char *first = memory_text(pair, a), *second = memory_text(pair, b);
    Arena *arena = pair->f->pass->scratch;
    if (strcmp(first, second) != 0)
        return arena_printf(arena, "%s and %s may be the same memory", first, second);
    if (a->is_whole || b->is_whole)
        return arena_printf(arena, "all of %s may be accessed in each iteration", first);
    return arena_printf(arena, "which elements of %s the two loops share is not known", first);
}

static Fit accesses_fit(const Pair *pair, const Access *a, const Access *b) {
    bool has_views = a->view != NULL && b->view != NULL;
    if (!a->writes && !b->writes) return (Fit){0};
    if (has_views && !roots_may_overlap(&a->root, &b->root)) return (Fit){0};
    bool compares = has_views && !a->is_whole && !b->is_whole &&
                    bases_equal(a->element.base, b->element.base);
    Meeting meeting = compares ? elements_meet(pair, &a->element, &b->element) : (Meeting){0};
    if (meeting.is_never) return (Fit){0};
    if (!meeting.is_known) return (Fit){.reason = unknown_reason(pair, a, b)};
    if (meeting.distance < 0) return (Fit){.reason = early_reason(pair, a, b, meeting.distance)};
    return (Fit){.carries = meeting.distance > 0};
}

/* ---- Two loops ------------------------------------------------------------------------------- */

static Fit memory_fits(const Pair *pair) {
    Fit all = {0};
    for (uint32_t i = 0; i < pair->first->accesses.len; i++)
        for (uint32_t k = 0; k < pair->second->accesses.len; k++) {
            Fit fit = accesses_fit(pair, &pair->first->accesses.data[i],
                                   &pair->second->accesses.data[k]);
            if (fit.reason != NULL) return fit;
            all.carries = all.carries || fit.carries;
        }
    return all;
}

static const char *var_reason(const Pair *pair, const Value *base) {
    Arena *arena = pair->f->pass->scratch;
    if (base->name.id == 0) return "the second needs the result of the first";
    return arena_printf(arena, "`%s` goes from iteration to iteration of both",
                        text_of(pair->f->pass->cx, base->name));
}

static const char *vars_refusal(const Pair *pair) {
    for (uint32_t i = 0; i < pair->first->vars.len; i++)
        for (uint32_t k = 0; k < pair->second->vars.len; k++) {
            const VarAccess *a = &pair->first->vars.data[i], *b = &pair->second->vars.data[k];
            bool is_var = a->base->def != NULL && b->base->def != NULL;
            if ((a->sets || b->sets) && (a->base == b->base || !is_var))
                return var_reason(pair, a->base);
        }
    return NULL;
}

/* hi - lo; false where one of them is not known to be the integer that its form is. */
static bool length_of(Fuse *f, const Op *loop, Affine *length) {
    Affine lo = affine_of(loop->operands[0], NULL, NULL);
    Interval type = interval_of_type(SCALAR_I64), first, last;
    *length = affine_of(loop->operands[1], NULL, NULL);
    if (!interval_of_form(&f->intervals, &lo, &first) ||
        !interval_of_form(&f->intervals, length, &last))
        return false;
    bool fits = first.lo >= type.lo && first.hi <= type.hi && last.lo >= type.lo && last.hi <= type.hi;
    return fits && affine_add_exact(length, &lo, -1);
}

/* The same number of iterations, with the same step. */
static bool ranges_agree(Fuse *f, const Op *a, const Op *b) {
    Affine first, second;
    if (!values_equal(a->operands[2], b->operands[2])) return false;
    bool is_same = values_equal(a->operands[0], b->operands[0]) &&
                   values_equal(a->operands[1], b->operands[1]);
    return is_same || (length_of(f, a, &first) && length_of(f, b, &second) &&
                       affine_equal(&first, &second));
}

static const char *shape_refusal(Fuse *f, const Node *a, const Node *b) {
    if (a->refusal != NULL) return a->refusal;
    if (b->refusal != NULL) return b->refusal;
    if (!ranges_agree(f, a->op, b->op)) return "they are not known to run equally often";
    if (a->has_inner != b->has_inner) return "one has loops inside, the other has not";
    if (a->op->attr.loop.is_simd != b->op->attr.loop.is_simd) return "one is a `simd for`";
    if (a->may_panic && b->writes_visible)
        return "the first makes checks, and the second must not store before they are made";
    if (b->may_panic && a->writes_visible)
        return "the second makes checks, and must find all stored by the first when one fails";
    return NULL;
}

/* What earlier iterations store is there when it is needed, but lanes of a vector run at once: two vector
 * loops are faster than one that is none. Rows, on the other hand, come one after the other anyway. */
static const char carried_reason[] =
    "the second needs what earlier iterations of the first store, and vectors do several at once";

Fit loops_fit(Fuse *f, const Node *first, const Node *second) {
    const char *reason = shape_refusal(f, first, second);
    if (reason != NULL) return (Fit){.reason = reason};
    Pair pair = {f, first, second,
                 {first->op->regions[0]->params[0], second->op->regions[0]->params[0]}, 0};
    value_is_int(first->op->operands[2], &pair.step);
    reason = vars_refusal(&pair);
    if (reason != NULL) return (Fit){.reason = reason};
    Fit fit = memory_fits(&pair);
    if (fit.reason == NULL && fit.carries && !first->has_inner) fit.reason = carried_reason;
    return fit;
}
