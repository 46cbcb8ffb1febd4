#include "ir/analysis/likeness.h"

/* a is provably more than b, and the difference fits into i64: so it is no multiple of 2^64. */
static bool is_above(Ranges *ranges, const Affine *a, const Affine *b) {
    Affine beyond = affine_const(-1);
    return affine_add_exact(&beyond, a, 1) && affine_add_exact(&beyond, b, -1) && ranges_prove(ranges, &beyond);
}

Likeness elements_compare(Ranges *ranges, const Element *a, const Element *b) {
    bool is_same = true;
    if (!bases_equal(a->base, b->base)) return LIKE_MAYBE;
    for (uint32_t d = 0; d < a->rank; d++) {
        Affine gap = a->index[d];
        int64_t distance;
        bool is_known = affine_add(&gap, &b->index[d], -1) && affine_is_const(&gap, &distance);
        bool is_other = is_known ? distance != 0
                                 : is_above(ranges, &a->index[d], &b->index[d]) || is_above(ranges, &b->index[d], &a->index[d]);
        if (is_other) return LIKE_OTHER;
        is_same = is_same && is_known;
    }
    return is_same ? LIKE_SAME : LIKE_MAYBE;
}
