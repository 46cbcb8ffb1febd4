/* Whether two loops may become one: iteration i of the second then runs right behind iteration i of the
 * first, before iteration i + 1 of it.
 *
 * So everything that both touch, one of them writing, must be touched by the first in the same or an
 * earlier iteration than by the second. The distance comes from affine forms: where the accesses of the
 * two loops meet in a dimension, s * i + c = s * k + d, the iterations lie (c - d) / s apart, i and k
 * counting from the first iteration on. Values that stand outside of both loops are the same number
 * in both forms; what a loop makes inside says nothing. */
#include <string.h>

#include "ir/analysis/meet.h"
#include "ir/passes/fuse.h"

typedef struct Pair {
    Fuse *f;
    const Node *first, *second;
    Meet meet;
} Pair;

/* ---- Two accesses ---------------------------------------------------------------------------- */

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
    Meeting meeting = compares ? elements_meet(&pair->meet, &a->element, &b->element) : (Meeting){0};
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
    Pair pair = {f, first, second, meet_of(&f->intervals, first->op, second->op)};
    reason = vars_refusal(&pair);
    if (reason != NULL) return (Fit){.reason = reason};
    Fit fit = memory_fits(&pair);
    if (fit.reason == NULL && fit.carries && !first->has_inner) fit.reason = carried_reason;
    return fit;
}
