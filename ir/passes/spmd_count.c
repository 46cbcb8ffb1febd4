/* Counters: `count += 1` where a condition holds, in integers that are wider than everything else in the
 * loop. Each lane counts in as many bits as the lanes have; before those could run over, and at the end,
 * they are added to the counter itself. */
#include "ir/passes/spmd.h"

/* ---- Recognising ------------------------------------------------------------------------------ */

typedef struct Counter {
    const Value *var;
    Op *set;
    uint32_t reads, sets;
} Counter;

static bool is_read_of(const Value *value, const Value *var) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == var;
}

static void counter_note(void *user, Op *op) {
    Counter *counter = user;
    if (op->operand_count == 0 || op->operands[0] != counter->var) return;
    if (op->kind == OP_GET) counter->reads++;
    if (op->kind != OP_SET) return;
    counter->set = op;
    counter->sets++;
}

Op *set_once(const SpmdLoop *l, Value *var) {
    Counter counter = {.var = var};
    ReduceKind kind;
    region_walk(l->loop->regions[0], counter_note, &counter);
    return counter.sets == 1 && counter.reads == 1 && accumulates_in(l, var, &kind) ? counter.set : NULL;
}

Value *added_to(const Op *add, const Value *var) {
    if (add == NULL || add->kind != OP_ADD) return NULL;
    for (uint32_t i = 0; i < 2; i++)
        if (is_read_of(add->operands[i], var)) return add->operands[1 - i];
    return NULL;
}

/* var + (by if c else 0); a bool that is made a number is 1 or 0. */
static bool adds_choice(const Op *op, const Value *var, Reduction *found) {
    Value *amount = added_to(op, var);
    const Op *choice = amount == NULL ? NULL : amount->def;
    int64_t none;
    found->inner = NULL;
    found->by = 1;
    if (choice == NULL) return false;
    found->wins = choice->operands[0];
    if (choice->kind == OP_CAST) return found->wins->type->scalar == SCALAR_BOOL;
    if (choice->kind != OP_SELECT) return false;
    return value_is_int(choice->operands[1], &found->by) &&
           value_is_int(choice->operands[2], &none) && none == 0;
}

/* var + by if c else var */
static bool chooses_sum(const Op *op, const Value *var, Reduction *found) {
    if (op->kind != OP_SELECT || !is_read_of(op->operands[2], var)) return false;
    Value *amount = added_to(op->operands[1]->def, var);
    found->wins = op->operands[0];
    found->inner = op->operands[1]->def;
    return amount != NULL && value_is_int(amount, &found->by);
}

static unsigned lane_bits(const SpmdLoop *l) { return l->bytes == 0 ? 32 : l->bytes * 8; }

bool finds_count(const SpmdLoop *l, Value *var, Reduction *found) {
    Reduction count = {.var = var, .role = ROLE_COUNTER, .kind = REDUCE_ADD};
    const IrType *type = var->type->elem;
    if (!ir_is_int(type) || scalar_bits(type->scalar) <= lane_bits(l) || l->exits > 0) return false;
    count.set = set_once(l, var);
    if (count.set == NULL) return false;
    const Op *op = count.set->operands[1]->def;
    if (!adds_choice(op, var, &count) && !chooses_sum(op, var, &count)) return false;
    *found = count;
    return true;
}

/* ---- Widening --------------------------------------------------------------------------------- */

/* So many that neither a lane nor the sum of all lanes runs over; short lanes are added up in 32 bits. */
int64_t counts_most(const SpmdLoop *l, uint32_t lanes) {
    unsigned bits = lane_bits(l);
    if (bits == 64) return 0;
    return bits == 32 ? INT32_MAX / lanes : ((int64_t)1 << (bits - 1)) - 1;
}

static const IrType *count_type(const Widen *w) {
    Scalar scalars[] = {SCALAR_I8, SCALAR_I16, SCALAR_I32, SCALAR_I64};
    unsigned bits = lane_bits(w->l);
    return ir_scalar(w->m, scalars[bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3]);
}

void count_make(Widen *w, Builder *b, uint32_t number) {
    const IrType *type = count_type(w);
    Value *lanes = build_var(b, wide_type(w, type), w->l->reductions.data[number].var->name);
    build_set(b, lanes, build_splat(b, build_int(b, type, 0), w->lanes));
    w->folds[number].lanes = lanes;
}

/* Where masks have registers of their own an addition takes one; else they are numbers, 0 or -1. */
void count_set(Widen *w, uint32_t number) {
    Value *lanes = w->folds[number].lanes, *before = build_get(&w->b, lanes);
    Value *on = mask_and(w, w->mask, vector_in(w, w->l->reductions.data[number].wins));
    if (w->s->pass->options->has_masks) {
        Value *one = build_splat(&w->b, build_int(&w->b, count_type(w), 1), w->lanes);
        Value *more = build_binary(&w->b, OP_ADD, before, one);
        build_set(&w->b, lanes, build_select(&w->b, on, more, before));
        return;
    }
    Value *one = build_cast(&w->b, on, before->type);
    build_set(&w->b, lanes, build_binary(&w->b, OP_ADD, before, one));
}

/* Counts are not negative, so bits are a number of bytes. */
static Value *bytes_summed(Widen *w, Builder *b, Value *lanes) {
    Value *bytes = build_cast(b, lanes, wide_type(w, ir_scalar(w->m, SCALAR_U8)));
    return build_binary(b, OP_SAD, bytes, build_splat(b, build_zero(b, ir_scalar(w->m, SCALAR_U8)), w->lanes));
}

void count_end(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    const IrType *type = r->var->type->elem, *i32 = ir_scalar(w->m, SCALAR_I32);
    Value *lanes = build_get(b, w->folds[number].lanes);
    if (lane_bits(w->l) == 8 && w->lanes > sum_group(OP_SAD)) lanes = bytes_summed(w, b, lanes);
    else if (lane_bits(w->l) < 32) lanes = build_cast(b, lanes, wide_type(w, i32));
    Value *count = build_cast(b, build_fold(b, REDUCE_ADD, lanes), type);
    Value *sum = build_binary(b, OP_MUL, count, build_int(b, type, r->by));
    build_set(b, r->var, build_binary(b, OP_ADD, build_get(b, r->var), sum));
}
