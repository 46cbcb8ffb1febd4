/* The best of all, and where it was: outer variables that are set when something better comes.
 *
 *     if x[i] > best:             d = x[i] > best
 *         best = x[i]             best = select(d, x[i], best)
 *         place = i               place = select(d, i, place)
 *
 * `argmax` takes the first NaN as well: d is then true also where x[i] is NaN and best is not. Equal
 * elements do not win, so the first of them stays. Each lane can look for itself, as long as nobody else
 * sees what it has found so far. */
#include "ir/passes/spmd.h"

bool is_from_around(const SpmdLoop *l, const Value *value) {
    const Region *r = value->def != NULL ? value->def->parent : value->region;
    while (r != NULL && r != l->loop->regions[0]) r = r->parent == NULL ? NULL : r->parent->parent;
    return r == NULL;
}

static const Op *def_of_kind(const Value *value, OpKind kind) {
    return value->def != NULL && value->def->kind == kind ? value->def : NULL;
}

/* ---- The one set ------------------------------------------------------------------------------ */

typedef struct SetScan {
    const Value *var;
    Op *set;
    uint32_t count;
} SetScan;

static void set_note(void *user, Op *op) {
    SetScan *scan = user;
    if (op->kind != OP_SET || ref_base(op->operands[0]) != scan->var) return;
    scan->set = op;
    scan->count++;
}

/* Of the form select(d, new, old), made in every iteration; else NULL. */
static Op *only_set(const SpmdLoop *l, Value *var) {
    SetScan scan = {.var = var};
    region_walk(l->loop->regions[0], set_note, &scan);
    if (scan.count != 1 || scan.set->operands[0] != var) return NULL;
    if (scan.set->parent != l->loop->regions[0]) return NULL;
    const Op *select = def_of_kind(scan.set->operands[1], OP_SELECT);
    return select != NULL && reads_var(select->operands[2], var) ? scan.set : NULL;
}

/* ---- What wins -------------------------------------------------------------------------------- */

typedef struct Contest {
    const SpmdLoop *l;
    const Value *var, *entry, *wins; /* wins: `entry` is better than what the variable holds */
    const Op *select;
    const Op *compare, *is_first; /* entry > var; var == var, or NULL */
    const uint32_t *uses;
    uint32_t sets; /* of outer variables, by `wins` */
    bool is_seen;  /* by somebody else */
} Contest;

bool compares_with(const Op *op, const Value *entry, const Value *var, ReduceKind *kind) {
    if (op == NULL || (op->kind != OP_GT && op->kind != OP_LT)) return false;
    bool entry_first = op->operands[0] == entry && reads_var(op->operands[1], var);
    bool entry_last = op->operands[1] == entry && reads_var(op->operands[0], var);
    *kind = (op->kind == OP_GT) == entry_first ? REDUCE_MAX : REDUCE_MIN;
    return entry_first || entry_last;
}

static bool finds_compare(Contest *c, const Value *value, ReduceKind *kind) {
    if (!compares_with(value->def, c->entry, c->var, kind)) return false;
    c->compare = value->def;
    return true;
}

/* entry != entry and var == var */
static bool finds_first_nan(Contest *c, const Value *value) {
    const Op *both = def_of_kind(value, OP_AND);
    for (uint32_t i = 0; both != NULL && i < 2; i++) {
        const Op *is_nan = def_of_kind(both->operands[i], OP_NE);
        const Op *is_first = def_of_kind(both->operands[1 - i], OP_EQ);
        if (is_nan == NULL || is_first == NULL) continue;
        if (is_nan->operands[0] != c->entry || is_nan->operands[1] != c->entry) continue;
        if (!reads_var(is_first->operands[0], c->var)) continue;
        if (!reads_var(is_first->operands[1], c->var)) continue;
        c->is_first = is_first;
        return c->uses[value->id] == 1 && c->uses[op_result(is_first)->id] == 1;
    }
    return false;
}

static bool finds_contest(Contest *c, ReduceKind *kind) {
    if (finds_compare(c, c->wins, kind)) return true;
    const Op *either = def_of_kind(c->wins, OP_OR);
    for (uint32_t i = 0; either != NULL && i < 2; i++)
        if (finds_compare(c, either->operands[i], kind) &&
            finds_first_nan(c, either->operands[1 - i]))
            return c->uses[either->operands[i]->id] == 1;
    return false;
}

/* ---- Nobody else looks ------------------------------------------------------------------------ */

static void seen_note(void *user, Op *op) {
    Contest *c = user;
    const Op *select = op->kind == OP_SET ? def_of_kind(op->operands[1], OP_SELECT) : NULL;
    if (select != NULL && select->operands[0] == c->wins && is_from_around(c->l, op->operands[0]))
        c->sets++;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (!reads_var(op->operands[i], c->var)) continue;
        bool own = op == c->select ? i == 2 : op == c->compare || op == c->is_first;
        if (!own) c->is_seen = true;
    }
}

/* What the variable holds decides about nothing but sets of outer variables. */
static bool is_contest_private(Contest *c) {
    region_walk(c->l->loop->regions[0], seen_note, c);
    return !c->is_seen && c->sets == c->uses[c->wins->id] && c->uses[op_result(c->select)->id] == 1;
}

bool finds_best(const SpmdLoop *l, Value *var, Reduction *found) {
    Op *set = only_set(l, var);
    if (set == NULL || !ir_is_scalar(var->type->elem) || var->type->elem->scalar == SCALAR_BOOL)
        return false;
    const Op *select = set->operands[1]->def;
    Contest c = {.l = l, .var = var, .entry = select->operands[1], .wins = select->operands[0],
                 .select = select,
                 .uses = ir_count_uses(l->spmd->pass->scratch, l->spmd->fn)};
    Reduction best = {.var = var, .role = ROLE_BEST, .set = set, .wins = select->operands[0]};
    if (!finds_contest(&c, &best.kind) || !is_contest_private(&c)) return false;
    *found = best;
    return true;
}

/* ---- Where it was ----------------------------------------------------------------------------- */

/* The outer variable that decides: one whose best this is. */
static bool has_best(const SpmdLoop *l, const Value *wins) {
    const Op *op = wins->def;
    if (op != NULL && op->kind == OP_OR) {
        const Op *right = op->operands[1]->def, *left = op->operands[0]->def;
        op = left != NULL && (left->kind == OP_GT || left->kind == OP_LT) ? left : right;
    }
    for (uint32_t i = 0; op != NULL && i < op->operand_count; i++) {
        const Op *get = def_of_kind(op->operands[i], OP_GET);
        Reduction best;
        if (get == NULL || get->operands[0]->def == NULL || !is_from_around(l, get->operands[0]))
            continue;
        if (finds_best(l, get->operands[0], &best) && best.wins == wins) return true;
    }
    return false;
}

typedef struct ReadUse {
    const Value *var;
    const Op *select;
    bool other;
} ReadUse;

static void read_use_note(void *user, Op *op) {
    ReadUse *use = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (reads_var(op->operands[i], use->var) && (op != use->select || i != 2))
            use->other = true;
}

/* A place grows by a step from iteration to iteration, so that the turn and the lane tell it. */
bool finds_place(const SpmdLoop *l, Value *var, Reduction *found) {
    Op *set = only_set(l, var);
    if (set == NULL || !ir_is_int(var->type->elem)) return false;
    const Op *select = set->operands[1]->def;
    ReadUse use = {.var = var, .select = select};
    region_walk(l->loop->regions[0], read_use_note, &use);
    bool grows = form_of(l->spmd, select->operands[1]).shape == SHAPE_LINEAR ||
                 is_from_around(l, select->operands[1]);
    if (use.other || !grows || !has_best(l, select->operands[0])) return false;
    *found = (Reduction){.var = var, .role = ROLE_PLACE, .set = set, .wins = select->operands[0]};
    return true;
}
