/* Sums of narrow numbers in wide ones: `s += i32(a[i]) * i32(b[i])` of bytes, `s += abs(i32(a[i]) - i32(b[i]))`. What
 * is added fits into 16 bits or fewer, so the lanes are as narrow, and neighbours are summed up as they are added
 * (DOT, SAD in ops.def): half or an eighth as many accumulators as lanes, none of which is wider than it must be. */
#include "ir/passes/spmd.h"

/* ---- Recognising ------------------------------------------------------------------------------ */

/* x + y where neither can leave 16 bits with a sign, or both are bytes. */
typedef struct Addend {
    OpKind sums;
    Value *a, *b; /* b NULL: as many ones (DOT), zeros (SAD) */
} Addend;

static const Value *uncast(const Value *value) {
    const Op *def = value->def;
    bool widens = def != NULL && def->kind == OP_CAST && ir_is_int(value->type) && ir_is_int(def->operands[0]->type) &&
                  scalar_bits(def->operands[0]->type->scalar) < scalar_bits(value->type->scalar);
    return widens ? def->operands[0] : value;
}

static bool is_byte(const Value *value) { return value->type->kind == IR_SCALAR && value->type->scalar == SCALAR_U8; }

/* It is an i16, or every number of its type is one. */
static bool is_short(const Value *value) {
    Interval range = interval_of_type(value->type->scalar), shorts = interval_of_type(SCALAR_I16);
    return range.lo >= shorts.lo && range.hi <= shorts.hi;
}

static bool is_difference(const Value *value, Addend *found) {
    const Op *abs = value->def, *sub = abs != NULL && abs->kind == OP_ABS ? abs->operands[0]->def : NULL;
    if (sub == NULL || sub->kind != OP_SUB) return false;
    const Value *a = uncast(sub->operands[0]), *b = uncast(sub->operands[1]);
    *found = (Addend){OP_SAD, (Value *)a, (Value *)b};
    return is_byte(a) && is_byte(b) && sub->operands[0] != a && sub->operands[1] != b;
}

static bool is_product(const Value *value, Addend *found) {
    const Op *mul = value->def;
    if (mul == NULL || mul->kind != OP_MUL) return false;
    const Value *a = uncast(mul->operands[0]), *b = uncast(mul->operands[1]);
    *found = (Addend){OP_DOT, (Value *)a, (Value *)b};
    return is_short(a) && is_short(b);
}

/* What the narrow number is that is added, as a sum of neighbours sees it. */
static bool addend_find(const Value *amount, Addend *found) {
    const Value *narrow = uncast(amount);
    if (is_difference(narrow, found) || is_product(narrow, found)) return true;
    *found = (Addend){is_byte(narrow) ? OP_SAD : OP_DOT, (Value *)narrow, NULL};
    return narrow != amount && is_short(narrow) && narrow->type->scalar != SCALAR_BOOL;
}

enum { FEW_TURNS = 16 }; /* then combining costs more than wide accumulators would */

/* How often a lane of 32 bits can be added to in a wider sum before it runs over, if it matters; false: not often. */
static bool has_room(const SpmdLoop *l, const Addend *addend, Reduction *r) {
    if (addend->sums == OP_SAD || scalar_bits(r->var->type->elem->scalar) <= 32) return true;
    Interval range = interval_of(&l->spmd->intervals, r->amount);
    Int128 most = range.hi > -range.lo ? range.hi : -range.lo;
    r->turns = most == 0 ? INT32_MAX : (int64_t)(INT32_MAX / (2 * most));
    return r->turns >= FEW_TURNS;
}

bool finds_groups(const SpmdLoop *l, Value *var, Reduction *found) {
    const IrType *type = var->type->elem;
    Reduction r = {.var = var, .role = ROLE_GROUPS, .kind = REDUCE_ADD};
    Addend addend;
    if (!ir_is_int(type) || scalar_bits(type->scalar) < 32 || l->bytes == 0 || l->bytes > 2 || l->exits > 0) return false;
    r.set = set_once(l, var);
    r.amount = r.set == NULL ? NULL : added_to(r.set->operands[1]->def, var);
    if (r.amount == NULL || !addend_find(r.amount, &addend) || is_uniform(l->spmd, addend.a)) return false;
    if (!has_room(l, &addend, &r)) return false;
    r.sums = addend.sums;
    *found = r;
    return true;
}

/* ---- Widening --------------------------------------------------------------------------------- */

bool is_grouped(const Reduction *r, uint32_t lanes) {
    return r->role == ROLE_GROUPS && lanes > sum_group(r->sums);
}

static Value *narrow_lanes(Widen *w, Value *value, const IrType *type, Value *zeros) {
    Value *lanes = build_cast(&w->b, vector_in(w, value), type);
    return w->mask == NULL ? lanes : build_select(&w->b, w->mask, lanes, zeros);
}

void groups_set(Widen *w, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *lanes = w->folds[number].lanes;
    Addend addend;
    KC_CHECK(addend_find(r->amount, &addend));
    bool multiplies = r->sums == OP_DOT;
    const IrType *scalar = ir_scalar(w->m, multiplies ? SCALAR_I16 : SCALAR_U8), *type = wide_type(w, scalar);
    Value *zeros = build_splat(&w->b, build_zero(&w->b, scalar), w->lanes);
    Value *a = narrow_lanes(w, addend.a, type, zeros);
    Value *b = addend.b != NULL ? narrow_lanes(w, addend.b, type, zeros)
               : multiplies     ? build_splat(&w->b, build_int(&w->b, scalar, 1), w->lanes)
                                : zeros;
    Value *more = build_binary(&w->b, r->sums, a, b);
    build_set(&w->b, lanes, build_binary(&w->b, OP_ADD, build_get(&w->b, lanes), more));
}

/* Sums of many turns fit into each lane, but not all of them into one. */
Value *groups_folded(Builder *b, const Reduction *r, Value *lanes) {
    IrModule *m = b->fn->module;
    if (r->turns != 0) lanes = build_cast(b, lanes, ir_vec(m, SCALAR_I64, lanes->type->lanes));
    return build_cast(b, build_fold(b, REDUCE_ADD, lanes), r->var->type->elem);
}
