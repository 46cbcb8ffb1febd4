/* Accumulators: variables from outside that a loop only accumulates in. Each lane then has its own, and
 * they are combined behind the loop.
 *
 * Sums and products of floats round, so their order shows: it is the compiler's choice only where the
 * source declares a reduction (`sum`, `reduce(+: s)`), which the loop's attribute `reduces` says, or under
 * the mode `fast`. All others give the same in any order. */
#include "ir/passes/spmd.h"

static bool reduce_kind(OpKind op, ReduceKind *kind) {
    return reduce_of_step(op == OP_SUB || op == OP_FMA ? OP_ADD : op, kind);
}

/* ---- Recognising ----------------------------------------------------------------------------- */

/* All that the loop does with the variable. */
typedef struct Accumulation {
    const SpmdLoop *l;
    const Value *var;
    const uint32_t *uses; /* by value id, in the function */
    bool is_known, is_wrong;
    ReduceKind kind;
    const Value *read; /* of the variable, for the SET that is looked at */
    uint32_t reads;    /* how often that serves for what it is set to */
    bool is_mixed;     /* different ways there have reads of their own */
} Accumulation;

static bool is_read(const Accumulation *a, const Value *value) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == a->var;
}

/* The operand that the accumulator has in `op`, or -1: of `s - x` only the first will do, of a
 * multiply-add the summand. */
static int accumulator_at(const Accumulation *a, const Op *op) {
    if (op->kind == OP_FMA) return is_read(a, op->operands[2]) ? 2 : -1;
    for (int i = 0; i < 2 && (uint32_t)i < op->operand_count; i++)
        if (is_read(a, op->operands[i])) return op->kind == OP_SUB && i == 1 ? -1 : i;
    return -1;
}

static bool goes_on_from(Accumulation *a, const Value *read) {
    if (a->read == NULL) a->read = read;
    a->is_mixed = a->is_mixed || a->read != read;
    a->reads++;
    return true;
}

/* `s op x` */
static bool combines(Accumulation *a, const Value *value) {
    const Op *op = value->def;
    ReduceKind kind;
    if (op == NULL || !reduce_kind(op->kind, &kind) || (a->is_known && a->kind != kind)) return false;
    int at = accumulator_at(a, op);
    if (at < 0 || a->uses[value->id] != 1) return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (i != (uint32_t)at && is_read(a, op->operands[i])) return false;
    a->kind = kind;
    a->is_known = true;
    return goes_on_from(a, op->operands[at]);
}

/* `s and x`, `s or x`: x is not even computed where s decides. Each lane has an s of its own, so more of
 * them may be; that shows only in checks. */
static bool decides(Accumulation *a, const Op *op, uint32_t index) {
    const Value *cond = op->operands[0];
    if (!is_read(a, cond) || a->uses[cond->id] != 1) return false;
    for (uint32_t i = 0; i < 2; i++) {
        const Op *yield = op->regions[i]->last;
        uint64_t known;
        if (yield == NULL || yield->kind != OP_YIELD) return false;
        if (!value_is_const(yield->operands[index], &known) || known != (i == 0)) continue;
        a->kind = i == 0 ? REDUCE_OR : REDUCE_AND;
        a->is_known = true;
        return true;
    }
    return false;
}

static bool goes_on(Accumulation *a, const Value *value);

static bool goes_on_in(Accumulation *a, const Region *way, uint32_t index) {
    const Op *yield = way->last;
    return yield != NULL && yield->kind == OP_YIELD && goes_on(a, yield->operands[index]);
}

/* `s`, `s op x`, or one of these if something holds, and else another. */
static bool goes_on(Accumulation *a, const Value *value) {
    const Op *op = value->def;
    if (is_read(a, value)) return goes_on_from(a, value);
    if (op == NULL || (op->kind != OP_IF && op->kind != OP_SELECT)) return combines(a, value);
    if (a->uses[value->id] != 1) return false;
    if (op->kind == OP_SELECT) return goes_on(a, op->operands[1]) && goes_on(a, op->operands[2]);
    return goes_on_in(a, op->regions[0], value->index) && goes_on_in(a, op->regions[1], value->index);
}

/* The value that the variable is set to. What was read serves for nothing else; of several reads `accumulates_only` asks
 * that. */
static bool accumulates(Accumulation *a, const Value *value) {
    const Op *op = value->def;
    if (op != NULL && op->kind == OP_IF && decides(a, op, value->index)) return true;
    a->read = NULL;
    a->reads = 0;
    return goes_on(a, value) && a->is_known && (a->is_mixed || a->uses[a->read->id] == a->reads);
}

static void use_note(void *user, Op *op) {
    Accumulation *a = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i] != a->var) continue;
        if (op->kind == OP_GET) continue;
        bool good = op->kind == OP_SET && i == 0 && accumulates(a, op->operands[1]);
        a->is_wrong = a->is_wrong || !good;
    }
}

typedef struct Balance {
    const Value *var;
    const uint32_t *uses;
    uint32_t reads, sets, read_uses;
} Balance;

static void count_note(void *user, Op *op) {
    Balance *balance = user;
    if (op->operand_count == 0 || op->operands[0] != balance->var) return;
    if (op->kind == OP_SET) balance->sets++;
    if (op->kind != OP_GET) return;
    balance->reads++;
    balance->read_uses += balance->uses[op_result(op)->id];
}

/* Every read is one of those that accumulate: as many reads as sets. Or there is but one set, which all reads serve. */
static bool is_balanced(const Accumulation *a, const Balance *balance) {
    if (a->is_mixed) return balance->sets == 1 && balance->read_uses == a->reads;
    return balance->reads == balance->sets;
}

bool order_is_free(const SpmdLoop *l, const IrType *type, ReduceKind kind) {
    if (!ir_is_float(type) || (kind != REDUCE_ADD && kind != REDUCE_MUL)) return true;
    return l->loop->attr.loop.reduces || l->spmd->fn->fp == FP_FAST;
}

bool accumulates_only(const SpmdLoop *l, const Value *ref, ReduceKind *kind) {
    Accumulation a = {.l = l, .var = ref,
                      .uses = ir_count_uses(l->spmd->pass->scratch, l->spmd->fn)};
    Balance balance = {.var = ref, .uses = a.uses};
    region_walk(l->loop->regions[0], use_note, &a);
    region_walk(l->loop->regions[0], count_note, &balance);
    *kind = a.kind;
    return a.is_known && !a.is_wrong && is_balanced(&a, &balance);
}

bool accumulates_in(const SpmdLoop *l, Value *var, ReduceKind *kind) {
    if (!ir_is_scalar(var->type->elem) || var->def == NULL || var->def->kind != OP_VAR) return false;
    return accumulates_only(l, var, kind) && order_is_free(l, var->type->elem, *kind);
}

typedef struct Elsewhere {
    const Op *loop;
    const Value *var;
    bool is_used;
} Elsewhere;

static void elsewhere_note(void *user, Op *op) {
    Elsewhere *e = user;
    const Op *at = op;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i] != e->var) continue;
        while (at != NULL && at != e->loop) at = at->parent->parent;
        if (at == NULL) e->is_used = true;
    }
}

bool is_total(const SpmdLoop *l, const Reduction *r) {
    const Op *around = l->loop->parent->parent;
    if (around == NULL || around->kind != OP_FOR || r->kind != REDUCE_ADD || !ir_is_int(r->var->type->elem)) return false;
    Elsewhere e = {.loop = l->loop, .var = r->var};
    region_walk(around->regions[0], elsewhere_note, &e);
    return !e.is_used && !value_is_made_in(r->var, around);
}

bool finds_sum(const SpmdLoop *l, Value *var, Reduction *found) {
    *found = (Reduction){.var = var, .role = ROLE_SUM};
    return accumulates_in(l, var, &found->kind);
}

/* ---- Sums over some iterations ----------------------------------------------------------------- */

static bool is_free_sum(const Reduction *r) {
    const IrType *type = r->role == ROLE_SUM ? r->var->type->elem : NULL;
    return type != NULL && (type->scalar == SCALAR_F32 || type->scalar == SCALAR_F64);
}

/* What the variable holds before the loop is a number in sight, and no -0.0. */
static bool starts_positive(const SpmdLoop *l, const Value *var) {
    uint64_t bits;
    for (const Op *op = l->loop->prev; op != NULL && op->region_count == 0; op = op->prev) {
        if (op->kind != OP_SET || op->operands[0] != var) continue;
        return value_is_const(op->operands[1], &bits) && bits >> (8 * var->type->elem->size - 1) == 0;
    }
    return false;
}

static bool yields_zero(const Region *way) {
    uint64_t bits;
    const Op *yield = way->last;
    return yield != NULL && yield->kind == OP_YIELD && value_is_const(yield->operands[0], &bits) && bits == 0;
}

/* The op is `s + (x if c else 0.0)`: gives what chooses. */
static Op *chosen_summand(const Accumulation *a, const Op *op, int *at) {
    *at = op->kind == OP_ADD ? accumulator_at(a, op) : -1;
    if (*at < 0) return NULL;
    Op *choice = op->operands[1 - *at]->def;
    bool fits = choice != NULL && choice->kind == OP_IF && choice->result_count == 1 && choice->parent == op->parent &&
                a->uses[op_result(choice)->id] == 1 && a->uses[op->operands[*at]->id] == 1;
    return fits && yields_zero(choice->regions[1]) ? choice : NULL;
}

/* It becomes `s + x if c else s`. */
static void sum_guard(void *user, Op *op) {
    const Accumulation *a = user;
    int at;
    if (op->kind != OP_SET || op->operands[0] != a->var) return;
    Op *add = op->operands[1]->def, *choice = add == NULL ? NULL : chosen_summand(a, add, &at);
    if (choice == NULL || a->uses[op_result(add)->id] != 1) return;
    Value *held = add->operands[at];
    Op *then = choice->regions[0]->last, *otherwise = choice->regions[1]->last;
    op_unlink(held->def);
    op_insert_before(held->def, choice);
    op_unlink(add);
    op_insert_before(add, then);
    add->operands[1 - at] = then->operands[0];
    then->operands[0] = op_result(add);
    otherwise->operands[0] = held;
    op->operands[1] = op_result(choice);
}

/* An addition under a mask is one instruction where masks have registers, and so is one of a product. Nothing is added to a
 * sum that is no -0.0 by 0.0. */
void sums_guard(const SpmdLoop *l) {
    if (!l->spmd->pass->options->has_masks) return;
    Accumulation a = {.l = l, .uses = ir_count_uses(l->spmd->pass->scratch, l->spmd->fn)};
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        a.var = l->reductions.data[i].var;
        if (is_free_sum(&l->reductions.data[i]) && starts_positive(l, a.var))
            region_walk(l->loop->regions[0], sum_guard, &a);
    }
}

/* ---- Sums of products ------------------------------------------------------------------------- */

/* A sum whose order is free rounds as it suits the vectors: s + a * b is one operation where the target has it. */
static void product_fuse(void *user, Op *op) {
    Accumulation *a = user;
    if (op->kind != OP_ADD) return;
    int at = accumulator_at(a, op);
    if (at < 0) return;
    Op *product = op->operands[1 - at]->def;
    bool fuses = product != NULL && product->kind == OP_MUL && product->parent == op->parent &&
                 a->uses[op_result(product)->id] == 1;
    if (!fuses) return;
    op->kind = OP_FMA;
    op_set_operands(op, (Value *[]){product->operands[0], product->operands[1], op->operands[at]}, 3);
    op_unlink(product);
}

void products_fuse(const SpmdLoop *l) {
    if (!l->spmd->pass->options->has_fma || !fp_frees_order(l->spmd->fn->fp)) return;
    Accumulation a = {.l = l, .uses = ir_count_uses(l->spmd->pass->scratch, l->spmd->fn)};
    for (uint32_t i = 0; i < l->reductions.len; i++) {
        a.var = l->reductions.data[i].var;
        if (is_free_sum(&l->reductions.data[i]))
            region_walk(l->loop->regions[0], product_fuse, &a);
    }
}
