#include "ir/analysis/meet.h"

/* Products of indices and factors up to this cannot wrap: indices of loops over arrays are below 2^48. */
enum { FACTOR_LIMIT = 1 << 12 };

static const Value *index_of(const Meet *meet, uint32_t which) {
    return meet->loop[which]->regions[0]->params[0];
}

/* ---- One dimension --------------------------------------------------------------------------- */

typedef enum DimAnswer { DIM_APART, DIM_DISTANCE, DIM_OPEN } DimAnswer;

/* form = factor * (index - lo) + rest; false where the rest changes with the iteration as well. */
static bool form_split(const Meet *meet, uint32_t which, const Affine *form, int64_t *factor,
                       Affine *rest) {
    Affine index = affine_symbol(index_of(meet, which));
    Affine lo = affine_of(meet->loop[which]->operands[0], NULL, NULL);
    *rest = *form;
    *factor = affine_factor(form, index_of(meet, which));
    if (!affine_add(rest, &index, -*factor) || !affine_add(rest, &lo, *factor)) return false;
    for (uint32_t i = 0; i < rest->count; i++)
        if (value_is_made_in(rest->terms[i].value, meet->loop[which])) return false;
    return true;
}

/* `gap` never comes down to `least`, whatever the symbols are. */
static bool gap_exceeds(const Meet *meet, const Affine *gap, int64_t sign, const Affine *least) {
    Affine form = affine_const(-1);
    Interval interval, type = interval_of_type(SCALAR_I64);
    if (!affine_add_exact(&form, gap, sign) || !affine_add_exact(&form, least, -1)) return false;
    return interval_of_form(meet->intervals, &form, &interval) && interval.lo >= 0 &&
           interval.hi <= type.hi;
}

/* What factor * (k - i) can be at most, for iterations i and k. */
static bool widest(const Meet *meet, int64_t factor, Affine *width) {
    int64_t size = factor < 0 ? -factor : factor, sign = meet->step > 0 ? size : -size;
    Affine lo = affine_of(meet->loop[0]->operands[0], NULL, NULL);
    Affine hi = affine_of(meet->loop[0]->operands[1], NULL, NULL);
    *width = affine_const(-size);
    return affine_add_exact(width, &hi, sign) && affine_add_exact(width, &lo, -sign);
}

static DimAnswer dim_compare(const Meet *meet, const Affine *a, const Affine *b,
                             int64_t *distance) {
    int64_t first, second, gap;
    Affine rest_a, rest_b, width = affine_const(0);
    if (!form_split(meet, 0, a, &first, &rest_a) || !form_split(meet, 1, b, &second, &rest_b) ||
        first != second || first > FACTOR_LIMIT || first < -FACTOR_LIMIT)
        return DIM_OPEN;
    if (!affine_add(&rest_a, &rest_b, -1)) return DIM_OPEN;
    bool is_fixed = first == 0;
    if (is_fixed || widest(meet, first, &width))
        if (gap_exceeds(meet, &rest_a, 1, &width) || gap_exceeds(meet, &rest_a, -1, &width))
            return DIM_APART;
    if (!affine_is_const(&rest_a, &gap)) return DIM_OPEN;
    if (is_fixed) return gap == 0 ? DIM_OPEN : DIM_APART;
    if (gap % first != 0 || gap / first % meet->step != 0) return DIM_APART;
    *distance = gap / first / meet->step;
    return DIM_DISTANCE;
}

/* ---- Two accesses ---------------------------------------------------------------------------- */

Meeting elements_meet(const Meet *meet, const Element *a, const Element *b) {
    Meeting meeting = {0};
    for (uint32_t d = 0; d < a->rank; d++) {
        int64_t distance;
        DimAnswer answer = dim_compare(meet, &a->index[d], &b->index[d], &distance);
        if (answer == DIM_OPEN) continue;
        bool differs = meeting.is_known && meeting.distance != distance;
        if (answer == DIM_APART || differs) return (Meeting){.is_never = true};
        meeting.is_known = true;
        meeting.distance = distance;
    }
    return meeting;
}

Meet meet_of(Intervals *intervals, const Op *first, const Op *second) {
    Meet meet = {.intervals = intervals, .loop = {first, second}};
    value_is_int(first->operands[2], &meet.step);
    return meet;
}
