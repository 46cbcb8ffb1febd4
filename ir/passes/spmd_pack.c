/* Packing and unpacking: what meets a condition goes side by side into an array, or comes from there, at a cursor that
 * moves on only then.
 *
 *     if x[i] > 0:          on = x[i] > 0 in each lane
 *         y[k] = x[i]       the lanes that are on, side by side from y[k] on
 *         k += 1            k += how many are on
 *
 *         x[i] = y[k]       as many elements from y[k] on, in order in the lanes that are on
 *
 * Elements are stored in the order of the loop, so it need not be independent; but what it reads must be
 * other memory. The cursor is one number for all lanes. All that is done with it is to store and load there, and to
 * check that this is in range, in the branch that moves it. */
#include "ir/passes/spmd.h"

static Value *last_operand(const Op *op) { return op->operands[op->operand_count - 1]; }

/* An access at an index that is read from a variable; the variable. */
static const Value *cursor_of(const Op *op) {
    bool is_access = op->kind == OP_STORE || op->kind == OP_LOAD;
    if (!is_access || op->operands[0]->type->rank != 1) return NULL;
    const Op *get = last_operand(op)->def;
    bool is_var = get != NULL && get->kind == OP_GET && get->operands[0]->def != NULL &&
                  get->operands[0]->def->kind == OP_VAR;
    return is_var ? get->operands[0] : NULL;
}

/* ---- Memory ----------------------------------------------------------------------------------- */

typedef struct PackScan {
    SpmdLoop l;
    Vec(const Op *) stores;
    bool stores_only; /* at cursors, and nothing else is written */
    bool shares;      /* memory that is stored to is read, or stored to by another */
} PackScan;

/* The target has a way to pack such elements that is faster than one by one. Bytes that are stored may be words until
 * then. */
static bool can_pack(const Spmd *s, const Op *access) {
    const IrType *elem = access->operands[0]->type->elem;
    const IrOptions *options = s->pass->options;
    if (!ir_is_scalar(elem)) return false;
    if (elem->size < 4) return options->has_masks && (access->kind == OP_STORE || options->has_byte_moves);
    return options->has_word_masks && (elem->size == 4 || options->has_masks);
}

bool is_at_cursor(const SpmdLoop *l, const Op *op) {
    const Value *var = cursor_of(op);
    return var != NULL && is_from_around(l, var) && can_pack(l->spmd, op);
}

static void store_note(void *user, Op *op) {
    PackScan *scan = user;
    const Spmd *s = scan->l.spmd;
    if (op->kind == OP_SET && set_is_local(op)) return;
    if ((op_effects(s->effects, op) & EFFECT_WRITES) == 0) return;
    if (is_at_cursor(&scan->l, op)) vec_push(s->pass->scratch, &scan->stores, op);
    else scan->stores_only = false;
}

static void share_note(void *user, Op *op) {
    PackScan *scan = user;
    Spmd *s = scan->l.spmd;
    if (op->kind == OP_GET || (op_effects(s->effects, op) & (EFFECT_READS | EFFECT_WRITES)) == 0)
        return;
    if (op->kind == OP_SET) return;
    for (uint32_t i = 0; i < scan->stores.len; i++) {
        const Op *store = scan->stores.data[i];
        if (op == store) continue;
        Root to = memory_root(&s->memory, store->operands[0]);
        bool is_access = op->operand_count > 0 && op->operands[0]->type->kind == IR_VIEW;
        Root other = is_access ? memory_root(&s->memory, op->operands[0]) : to;
        scan->shares = scan->shares || roots_may_overlap(&to, &other);
    }
}

bool packs_only(Spmd *s, Op *loop) {
    PackScan scan = {.l = {.spmd = s, .loop = loop}, .stores_only = true};
    region_walk(loop->regions[0], store_note, &scan);
    if (!scan.stores_only || scan.stores.len == 0) return false;
    region_walk(loop->regions[0], share_note, &scan);
    return !scan.shares;
}

/* ---- The cursor ------------------------------------------------------------------------------- */

typedef struct CursorScan {
    const SpmdLoop *l;
    const Value *var;
    Op *set;
    uint32_t sets;
    const Op *branch, *add;
    const Region *moves; /* the branch's region that moves it */
    bool loads;          /* elements there */
    bool other;          /* something else is done with it */
} CursorScan;

static void cursor_set_note(void *user, Op *op) {
    CursorScan *scan = user;
    if (op->kind != OP_SET || ref_base(op->operands[0]) != scan->var) return;
    scan->set = op;
    scan->sets++;
}

static bool is_access_there(const CursorScan *scan, const Op *op, uint32_t i) {
    if (op->parent != scan->moves) return false;
    if (op->kind == OP_CHECK) return op->attr.check.kind == CHECK_INDEX && i == 0;
    return i + 1 == op->operand_count && cursor_of(op) == scan->var && is_at_cursor(scan->l, op);
}

static void cursor_use_note(void *user, Op *op) {
    CursorScan *scan = user;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!reads_var(op->operands[i], scan->var)) continue;
        bool yields = op->kind == OP_YIELD && op->parent->parent == scan->branch;
        if (op != scan->add && !yields && !is_access_there(scan, op, i)) scan->other = true;
        scan->loads |= op->kind == OP_LOAD;
    }
}

/* The IF, all of whose ways lead to the set: one moves the cursor by one, the other leaves it. */
static bool moves_by_one(const SpmdLoop *l, CursorScan *scan) {
    const Value *next = scan->set->operands[1];
    const Op *branch = next->def;
    if (branch == NULL || branch->kind != OP_IF || branch->parent != l->loop->regions[0]) return false;
    scan->branch = branch;
    for (uint32_t k = 0; k < 2; k++) {
        const Op *yield = branch->regions[k]->last, *stays = branch->regions[1 - k]->last;
        if (yield == NULL || yield->kind != OP_YIELD || stays == NULL || stays->kind != OP_YIELD) continue;
        const Op *add = yield->operands[next->index]->def;
        int64_t by = 0;
        if (add == NULL || add->kind != OP_ADD || add->parent != branch->regions[k]) continue;
        for (uint32_t i = 0; i < 2; i++)
            if (reads_var(add->operands[i], scan->var)) value_is_int(add->operands[1 - i], &by);
        if (by != 1 || !reads_var(stays->operands[next->index], scan->var)) continue;
        scan->add = add;
        scan->moves = branch->regions[k];
        return true;
    }
    return false;
}

bool finds_cursor(const SpmdLoop *l, Value *var, Reduction *found) {
    CursorScan scan = {.l = l, .var = var};
    Region *body = l->loop->regions[0];
    region_walk(body, cursor_set_note, &scan);
    if (scan.sets != 1 || scan.set->operands[0] != var || scan.set->parent != body) return false;
    if (var->type->elem->kind != IR_SCALAR || var->type->elem->scalar != SCALAR_I64) return false;
    if (!moves_by_one(l, &scan)) return false;
    region_walk(body, cursor_use_note, &scan);
    const uint32_t *uses = ir_count_uses(l->spmd->pass->scratch, l->spmd->fn);
    bool is_private = uses[scan.set->operands[1]->id] == 1 && uses[op_result(scan.add)->id] == 1;
    if (scan.other || !is_private || form_of(l->spmd, scan.branch->operands[0]).shape != SHAPE_VARYING)
        return false;
    *found = (Reduction){.var = var, .role = ROLE_CURSOR, .set = scan.set, .inner = (Op *)scan.add,
                         .wins = scan.branch->operands[0], .unpacks = scan.loads};
    return true;
}

/* ---- Widening --------------------------------------------------------------------------------- */

void cursor_make(Widen *w, Builder *b, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    w->folds[number].lanes = build_var(b, r->var->type->elem, r->var->name);
    build_set(b, w->folds[number].lanes, build_get(b, r->var));
}

void cursor_end(Widen *w, Builder *b, uint32_t number) {
    build_set(b, w->l->reductions.data[number].var, build_get(b, w->folds[number].lanes));
}

/* Lanes that store where control is now. */
static Value *lanes_on(Widen *w) { return w->mask != NULL ? w->mask : all_lanes(w, true); }

/* All of them in range, if there are any: from 0 on, and no more than there is room for. The first that is
 * not makes the check, which fails. */
static void cursor_check(Widen *w, const Op *op, Value *cursor) {
    Builder *b = &w->b;
    Value *size = scalar_in(w, op->operands[1]), *zero = build_i64(b, 0);
    Value *count = build_unary(b, OP_TALLY, lanes_on(w));
    Value *room = build_binary(b, OP_SUB, size, cursor);
    Value *low = build_binary(b, OP_LT, cursor, zero);
    Value *bad = build_binary(b, OP_OR, low, build_binary(b, OP_GT, count, room));
    if (w->may_be_empty) bad = build_binary(b, OP_AND, bad, build_binary(b, OP_GT, count, zero));
    Op *branch = build_if(b, bad, NULL, 0);
    Builder in = builder_at_end(branch->regions[0], op->span);
    Value *past = build_binary(&in, OP_MAX, cursor, size);
    Value *first = build_select(&in, low, cursor, past);
    Op *check = build_op(&in, OP_CHECK, (Value *[]){first, size}, 2, NULL, 0, 0);
    check->attr = op->attr;
    check->inlined_from = op->inlined_from;
}

static void cursor_store(Widen *w, const Op *op, Value *cursor) {
    Value *view = scalar_in(w, op->operands[0]), *value = vector_in(w, op->operands[1]);
    Value *operands[] = {view, value, cursor, lanes_on(w)};
    build_op(&w->b, OP_PACK, operands, 4, NULL, 0, 0);
}

/* No more elements than are wanted: what is behind them may be out of range. */
static void cursor_load(Widen *w, const Op *op, Value *cursor) {
    Value *on = lanes_on(w), *view = scalar_in(w, op->operands[0]);
    Value *count = build_cast(&w->b, build_unary(&w->b, OP_TALLY, on), ir_scalar(w->m, SCALAR_I32));
    Value *wanted = build_binary(&w->b, OP_LT, build_lanes(&w->b, SCALAR_I32, w->lanes),
                                 build_splat(&w->b, count, w->lanes));
    Value *elements = build_vload(&w->b, view, &cursor, w->lanes, wanted);
    widen_set(w, op_result(op), NULL, build_binary(&w->b, OP_EXPAND, elements, on));
}

/* By as many as went the way that moves it. */
static void cursor_move(Widen *w, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *cursor = w->folds[number].lanes, *cond = vector_in(w, r->wins);
    if (r->inner->parent == r->inner->parent->parent->regions[1])
        cond = build_unary(&w->b, OP_NOT, cond);
    Value *count = build_unary(&w->b, OP_TALLY, mask_and(w, w->mask, cond));
    build_set(&w->b, cursor, build_binary(&w->b, OP_ADD, build_get(&w->b, cursor), count));
}

/* What is not wanted of all lanes is given the number of the first. */
bool widen_cursor_op(Widen *w, const Op *op, uint32_t number) {
    const Reduction *r = &w->l->reductions.data[number];
    Value *now = w->folds[number].lanes;
    bool reads = op->kind == OP_GET && op->operands[0] == r->var;
    bool checks = op->kind == OP_CHECK && reads_var(op->operands[0], r->var);
    if (op == r->set) cursor_move(w, number);
    else if (reads || op == r->inner) widen_set(w, op_result(op), build_get(&w->b, now), NULL);
    else if (checks) cursor_check(w, op, build_get(&w->b, now));
    else if (cursor_of(op) != r->var) return false;
    else if (op->kind == OP_STORE) cursor_store(w, op, build_get(&w->b, now));
    else cursor_load(w, op, build_get(&w->b, now));
    return true;
}
