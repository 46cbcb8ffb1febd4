/* The latest: a variable that some iterations set to something new, and that keeps it until another does.
 *
 *     if b[i] > 0: t = b[i]        t = b[i] if b[i] > 0 else t
 *
 * Where no iteration looks at it, it is set once for each vector in which a lane wants to, by the last lane that does.
 * Where iterations look, each lane takes what the last one up to itself was set to: places of such lanes are counted
 * from 0, their running maximum comes in steps that double, and a lookup finds what stands there. What came before
 * the vector is left for lanes that have none. */
#include "ir/passes/spmd.h"

typedef struct LatestUse {
    const Value *var;
    Op *set;
    const Op *choice;
    uint32_t sets;
    bool other; /* uses of what it was before */
} LatestUse;

static void set_note(void *user, Op *op) {
    LatestUse *use = user;
    if (op->kind != OP_SET || ref_base(op->operands[0]) != use->var) return;
    use->set = op;
    use->sets++;
}

static void read_note(void *user, Op *op) {
    LatestUse *use = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (reads_var(op->operands[i], use->var) && op != use->choice) use->other = true;
}

/* The operand of the choice that is something new. */
static uint32_t entry_at(const Op *choice, const Value *var) { return reads_var(choice->operands[1], var) ? 2 : 1; }

static bool is_looked_at(const SpmdLoop *l, const Op *choice) {
    return ir_count_uses(l->spmd->pass->scratch, l->spmd->fn)[op_result(choice)->id] > 1;
}

/* One instruction looks up a register's lanes. */
static bool can_look_up(const SpmdLoop *l, const IrType *type) {
    const IrOptions *options = l->spmd->pass->options;
    return options->has_word_masks && (type->size == 4 || (type->size == 8 && options->has_masks));
}

typedef struct CarryScan {
    const SpmdLoop *l;
    const Value *var;
    bool *carried; /* by value id; of a variable of the loop's, what it may hold */
} CarryScan;

static bool any_carried(const CarryScan *scan, const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (scan->carried[op->operands[i]->id]) return true;
    return false;
}

static void carry_note(void *user, Op *op) {
    CarryScan *scan = user;
    bool is_read = op->kind == OP_GET && op->operands[0] != scan->var;
    bool carries = any_carried(scan, op) || (is_read && is_from_around(scan->l, ref_base(op->operands[0])));
    for (const Region *r = op->parent; r != scan->l->loop->regions[0]; r = r->parent->parent)
        carries = carries || any_carried(scan, r->parent); /* whether it is done at all */
    if (!carries) return;
    if (op->kind == OP_SET) scan->carried[op->operands[0]->id] = true;
    for (uint32_t i = 0; i < op->result_count; i++) scan->carried[op->results[i]->id] = true;
    const Op *around = op->parent->parent; /* what a branch gives */
    for (uint32_t i = 0; op->kind == OP_YIELD && i < around->result_count; i++)
        scan->carried[around->results[i]->id] = true;
}

/* What is asked and what is set come out of the iteration alone, and not of what others of these variables hold by then,
 * which lanes do not know. */
static bool stands_alone(const SpmdLoop *l, const Value *var, const Op *choice) {
    CarryScan scan = {l, var, arena_array(l->spmd->pass->scratch, bool, l->spmd->fn->next_value)};
    for (int turn = 0; turn < 2; turn++) region_walk(l->loop->regions[0], carry_note, &scan);
    return !scan.carried[choice->operands[0]->id] && !scan.carried[choice->operands[entry_at(choice, var)]->id];
}

bool finds_latest(const SpmdLoop *l, Value *var, Reduction *found) {
    LatestUse use = {.var = var};
    Region *body = l->loop->regions[0];
    region_walk(body, set_note, &use);
    if (use.sets != 1 || use.set->operands[0] != var || use.set->parent != body) return false;
    Op *choice = use.set->operands[1]->def;
    if (choice == NULL || choice->kind != OP_SELECT || choice->parent != body) return false;
    if (reads_var(choice->operands[1], var) == reads_var(choice->operands[2], var)) return false;
    use.choice = choice;
    region_walk(body, read_note, &use);
    bool varies = form_of(l->spmd, op_result(choice)).shape == SHAPE_VARYING;
    bool looks = is_looked_at(l, choice);
    if (use.other || !varies || !stands_alone(l, var, choice) || (looks && !can_look_up(l, var->type->elem))) return false;
    *found = (Reduction){.var = var, .role = looks ? ROLE_LATEST : ROLE_LAST, .set = use.set, .inner = choice,
                         .wins = choice->operands[0]};
    return true;
}

/* ---- Widening -------------------------------------------------------------------------------- */

/* LATEST: what came before, in all lanes. */
void latest_make(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *before = build_get(b, r->var);
    if (r->role == ROLE_LATEST) before = build_splat(b, before, w->lanes);
    w->folds[number].lanes = build_var(b, before->type, r->var->name);
    build_set(b, w->folds[number].lanes, before);
}

void latest_end(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *last = build_get(b, w->folds[number].lanes);
    if (r->role == ROLE_LATEST) last = build_lane(b, last, build_i64(b, 0));
    build_set(b, r->var, last);
}

/* The lanes that set it. */
static Value *lanes_setting(Widen *w, const Reduction *r) {
    Value *cond = vector_in(w, r->wins);
    if (entry_at(r->inner, r->var) == 2) cond = build_unary(&w->b, OP_NOT, cond);
    return mask_and(w, w->mask, cond);
}

/* Each lane's place where it is on, below all of them where it is not. */
static Value *places_of(Builder *b, Value *on, Scalar scalar, uint32_t lanes) {
    Value *none = build_splat(b, build_int(b, ir_scalar(b->fn->module, scalar), -1), lanes);
    return build_select(b, on, build_lanes(b, scalar, lanes), none);
}

/* What the lane has, a number that is the same in all or grows from lane to lane, or one of a vector. */
static Value *entry_of_lane(Widen *w, Builder *b, Value *entry, Value *lane) {
    Form form = value_is_outside(w, entry) ? (Form){SHAPE_UNIFORM, 0} : form_of(w->s, entry);
    if (form.shape == SHAPE_VARYING) return build_lane(b, vector_in(w, entry), build_cast(b, lane, ir_i64(w->m)));
    Value *first = scalar_in(w, entry);
    if (form.shape == SHAPE_UNIFORM) return first;
    Value *by = build_binary(b, OP_MUL, build_cast(b, lane, first->type), step_in(w, b, entry));
    return build_binary(b, OP_ADD, first, by);
}

static void last_set(Widen *w, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *on = lanes_setting(w, r);
    Op *some = build_if(&w->b, any_lane(w, on), NULL, 0);
    Builder b = builder_at_end(some->regions[0], w->b.span);
    Value *lane = build_fold(&b, REDUCE_MAX, places_of(&b, on, SCALAR_I32, w->lanes));
    Value *entry = r->inner->operands[entry_at(r->inner, r->var)];
    build_set(&b, w->folds[number].lanes, entry_of_lane(w, &b, entry, lane));
}

static void latest_step(Widen *w, const Op *op, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Scalar scalar = r->var->type->elem->size == 8 ? SCALAR_I64 : SCALAR_I32;
    Value *none = build_splat(&w->b, build_int(&w->b, ir_scalar(w->m, scalar), -1), w->lanes);
    Value *places = places_of(&w->b, lanes_setting(w, r), scalar, w->lanes);
    for (uint32_t by = 1; by < w->lanes; by *= 2)
        places = build_binary(&w->b, OP_MAX, places, moved_up(w, places, none, by));
    Value *entries = vector_in(w, op->operands[entry_at(op, r->var)]);
    Value *found = build_binary(&w->b, OP_LOOKUP, entries, places);
    Value *is_set = build_binary(&w->b, OP_GT, places, none);
    Value *now = build_select(&w->b, is_set, found, build_get(&w->b, w->folds[number].lanes));
    widen_set(w, op_result(op), NULL, now);
    w->folds[number].next = last_everywhere(w, now);
}

bool widen_latest_op(Widen *w, const Op *op, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    bool looks = r->role == ROLE_LATEST;
    if (op == r->inner && looks) latest_step(w, op, number);
    else if (op == r->set && looks) build_set(&w->b, w->folds[number].lanes, w->folds[number].next);
    else if (op == r->set) last_set(w, number);
    else return op == r->inner || (op->kind == OP_GET && op->operands[0] == r->var);
    return true;
}
