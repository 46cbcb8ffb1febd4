/* Lists. */
#include "ir/lower/lower_internal.h"

void lower_append(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    const Type *list = info(f, i->args[0])->type;
    Path path = path_of(f, i->args[0]);
    Value *value = lower_kept(f, i->args[1], list->elem);
    Place place = place_open(f, &path, true);
    Value *operands[] = {place_as_ref(f, &place), value};
    f->b.span = e->span;
    build_op(&f->b, OP_APPEND, operands, 2, NULL, 0, 0);
}

/* The element leaves the list. */
Value *lower_take(FnLower *f, const Expr *e) {
    const ExprInfo *i = info(f, e);
    Path path = path_of(f, i->args[0]);
    Value *index = lower_bound(f, i->args[1]);
    Place place = place_open(f, &path, true);
    Value *ref = place_as_ref(f, &place);
    f->b.span = i->args[0]->span;
    Value *size = build_dim(&f->b, build_lend(&f->b, ref, false), 0);
    index = index_at(f, i->args[1], index, size);
    f->b.span = e->span;
    return build_binary(&f->b, OP_TAKE, ref, index);
}
