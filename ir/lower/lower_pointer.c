/* Raw pointers: `t.ptr()`, and in `unsafe:` blocks `p[i]`, `p + i`, `p - i`. */
#include "ir/lower/lower_internal.h"

/* The variable that a path starts at lives to the end of the block. */
Value *lower_ptr(FnLower *f, const Expr *e) {
    Path path = path_of(f, info(f, e)->args[0]);
    Place place = place_open(f, &path, false);
    Value *view = place_view(f, &place, false, e->span);
    f->b.span = e->span;
    if (path.ref) pin(f, path.ref);
    return view_buf(f, view);
}

Value *pointer_view(FnLower *f, Value *pointer) {
    Value *size = build_i64(&f->b, INT64_MAX);
    return build_view(&f->b, pointer, &size, 1);
}

Value *lower_pointer_step(FnLower *f, const Expr *e) {
    Value *pointer = lower_value(f, e->binary.lhs);
    Value *distance = lower_bound(f, e->binary.rhs);
    f->b.span = e->span;
    if (e->binary.op == BIN_SUB) distance = build_unary(&f->b, OP_NEG, distance);
    Value *range[] = {distance, build_i64(&f->b, INT64_MAX), build_i64(&f->b, 1)};
    return view_buf(f, build_slice(&f->b, pointer_view(f, pointer), range, 0, false));
}
