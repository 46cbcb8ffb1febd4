/* Masks: which lanes are on. */
#include "ir/passes/spmd.h"

Value *all_lanes(Widen *w, bool on) {
    return build_splat(&w->b, build_bool(&w->b, on), w->lanes);
}

Value *mask_and(Widen *w, Value *a, Value *b) {
    if (a == NULL || b == NULL) return a == NULL ? b : a;
    return build_binary(&w->b, OP_AND, a, b);
}

Value *mask_without(Widen *w, Value *mask, Value *off) {
    return mask_and(w, mask, build_unary(&w->b, OP_NOT, off));
}

Value *any_lane(Widen *w, Value *mask) { return build_fold(&w->b, REDUCE_OR, mask); }

/* ---- Variables ------------------------------------------------------------------------------- */

void mask_put(Widen *w, Value *var, Value *mask) {
    build_set(&w->b, var, mask == NULL ? all_lanes(w, true) : mask);
}

Value *mask_var(Widen *w, Value *mask) {
    Value *var = build_var(&w->b, ir_vec(w->m, SCALAR_BOOL, w->lanes), NO_NAME);
    mask_put(w, var, mask);
    return var;
}
