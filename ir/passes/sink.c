/* sink: an element that both ways of an if store is stored once, behind the if.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * `if c: a[i] = x, else: a[i] = y` becomes a store of what the if gives: no masks where lanes part, one
 * store instead of two, and often no branch at all. If only one way stores the element, but it is stored
 * behind the if in any case, the other way stores what is there: then `elements` sees one value travel
 * through, and the store in between goes.
 *
 * The value travels in a variable, which `simplify` makes a result of the if. Legality: in a way, nothing
 * behind its store may look at the element, end the program, or leave. If the other way does not store it at its end, it
 * does not store it anywhere, as in an if of its own; and between the if and the store that vouches for the element,
 * nothing may end the program or leave. */
#include "ir/analysis/memory.h"
#include "ir/passes/runs.h"

typedef struct Sink {
    PassContext *pass;
    Memory memory;
} Sink;

/* ---- Which element --------------------------------------------------------------------------- */

typedef struct Place {
    Root root;
    Element element;
} Place;

static bool place_find(const Sink *s, const Op *access, Place *place) {
    place->root = memory_root(&s->memory, access->operands[0]);
    return element_accessed(&s->memory, access, &place->element);
}

/* The difference of the two in dimension `d` is a number. */
static bool gap_find(const Element *a, const Element *b, uint32_t d, int64_t *gap) {
    Affine difference = a->index[d];
    return affine_add(&difference, &b->index[d], -1) && affine_is_const(&difference, gap);
}

static bool is_same(const Place *a, const Place *b) {
    int64_t gap;
    if (!bases_equal(a->element.base, b->element.base)) return false;
    for (uint32_t d = 0; d < a->element.rank; d++)
        if (!gap_find(&a->element, &b->element, d, &gap) || gap != 0) return false;
    return true;
}

static bool is_other(const Sink *s, const Place *place, const Op *access) {
    Place other;
    int64_t gap;
    bool is_exact = place_find(s, access, &other);
    if (!roots_may_overlap(&place->root, &other.root)) return true;
    if (!is_exact || !bases_equal(place->element.base, other.element.base)) return false;
    for (uint32_t d = 0; d < place->element.rank; d++)
        if (gap_find(&place->element, &other.element, d, &gap) && gap != 0) return true;
    return false;
}

/* ---- Legality -------------------------------------------------------------------------------- */

static bool is_variable(const Op *op) {
    const Op *def = (op->kind == OP_GET || op->kind == OP_SET) ? ref_base(op->operands[0])->def : NULL;
    return def != NULL && def->kind == OP_VAR;
}

/* Neither looks at memory, nor ends or leaves anything. */
static bool is_quiet(const Op *op) {
    return op_is_pure(op) || is_variable(op) || op->kind == OP_YIELD || op->kind == OP_VAR;
}

static bool is_last_at(const Sink *s, const Place *place, const Op *store) {
    for (const Op *op = store->next; op != NULL; op = op->next) {
        bool is_access = op->kind == OP_LOAD || op->kind == OP_STORE;
        if (!is_quiet(op) && !(is_access && is_other(s, place, op))) return false;
    }
    return true;
}

/* The last store to the element in a region that comes to its end behind it. */
static Op *store_find(const Sink *s, const Region *region, const Place *place) {
    for (Op *op = region->last; op != NULL; op = op->prev) {
        Place found;
        if (op->kind == OP_STORE && place_find(s, op, &found) && is_same(&found, place))
            return is_last_at(s, place, op) ? op : NULL;
    }
    return NULL;
}

static void stay_note(void *user, Op *op) {
    bool *stays = user;
    bool is_known = is_quiet(op) || op->kind == OP_LOAD || op->kind == OP_STORE || op->kind == OP_IF;
    *stays = *stays && is_known;
}

typedef struct Rivals {
    const Sink *s;
    const Place *place;
    bool found;
} Rivals;

static void rival_note(void *user, Op *op) {
    Rivals *rivals = user;
    if (op->kind == OP_STORE && !is_other(rivals->s, rivals->place, op)) rivals->found = true;
}

/* The way surely leaves the element as it was before the if. */
static bool is_left_alone(const Sink *s, Region *way, const Place *place) {
    Rivals rivals = {.s = s, .place = place};
    region_walk(way, rival_note, &rivals);
    return !rivals.found;
}

/* Whatever happens in the if, the element is stored behind it: so it can be loaded before. */
static bool is_stored_behind(const Sink *s, const Op *branch, const Place *place) {
    bool stays = true;
    for (uint32_t i = 0; i < 2; i++) region_walk(branch->regions[i], stay_note, &stays);
    if (!stays) return false;
    for (const Op *op = branch->next; op != NULL; op = op->next) {
        Place found;
        if (op->kind == OP_STORE && place_find(s, op, &found) && is_same(&found, place)) return true;
        if (!is_quiet(op) && op->kind != OP_LOAD && op->kind != OP_STORE) return false;
    }
    return false;
}

/* It can be stored behind the if with the operands that it has. */
static bool is_movable(const Op *store, const Op *branch) {
    if (!ir_is_scalar(store->operands[1]->type)) return false;
    for (uint32_t i = 0; i < store->operand_count; i++)
        if (i != 1 && value_is_made_in(store->operands[i], branch)) return false;
    return true;
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void store_move(Sink *s, Op *branch, Op *const *stores, const Op *model) {
    Builder before = builder_before(branch);
    Value *const *indices = model->operands + 2;
    Value *var = build_var(&before, model->operands[1]->type, NO_NAME);
    if (stores[0] == NULL || stores[1] == NULL)
        build_set(&before, var, build_load(&before, model->operands[0], indices));
    for (uint32_t i = 0; i < 2; i++) {
        if (stores[i] == NULL) continue;
        Builder b = builder_before(stores[i]);
        build_set(&b, var, stores[i]->operands[1]);
        op_unlink(stores[i]);
    }
    pass_remark(s->pass, branch->parent->fn, model->span, REMARK_REWRITTEN, "stored once, behind the `if`: %s",
                stores[0] != NULL && stores[1] != NULL ? "both ways of it store there" : "what follows stores there anyway");
    Builder behind = builder_at_end(branch->parent, model->span);
    behind.before = branch->next;
    build_store(&behind, model->operands[0], build_get(&behind, var), indices);
    s->pass->changed = true;
}

/* An element that the if may store behind itself: both ways do, or one does and it is stored anyway. */
static bool if_sink(Sink *s, Op *branch, uint32_t way) {
    for (Op *op = branch->regions[way]->last; op != NULL; op = op->prev) {
        Op *stores[2];
        Place place;
        if (op->kind != OP_STORE || !is_movable(op, branch) || !place_find(s, op, &place) ||
            !is_last_at(s, &place, op))
            continue;
        stores[way] = op;
        stores[!way] = store_find(s, branch->regions[!way], &place);
        bool is_left = is_left_alone(s, branch->regions[!way], &place);
        if (stores[!way] == NULL && !(is_left && is_stored_behind(s, branch, &place))) continue;
        store_move(s, branch, stores, op);
        return true;
    }
    return false;
}

static void region_visit(Sink *s, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(s, op->regions[i]);
        if (op->kind != OP_IF) continue;
        while (if_sink(s, op, 0) || if_sink(s, op, 1)) {}
    }
}

void sink_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Sink s = {pass, memory_of(pass->scratch, fn)};
        region_visit(&s, fn->body);
    }
}
