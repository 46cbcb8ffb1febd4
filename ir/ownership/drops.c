#include "ir/ownership/drops.h"

#include "ir/analysis/memory.h"
#include "ir/ownership/ownership.h"

typedef struct Drops {
    Arena *arena;
    Graph *g;
    Flow *flow;
    FlowCursor *at;
    Refills refills;
    bool *is_ended;  /* by place: a variable whose value may end here */
    bool *is_kept;   /* one that has a value when the function ends: inout, and `self` of a `__del__` */
    uint32_t self;   /* that, or of an `__init__` that fails, or NO_PLACE: only its fields end here */
    bool *is_alive;  /* it holds a value now, or part of one */
    uint64_t *needed; /* by block, `words` each: variables that have to be alive at its beginning */
    uint32_t words;
    PlaceVec kept;
    bool *is_listed;
    PlaceVec alive;  /* each once: all that are, and perhaps some that are not any more */
    PlaceVec dying;  /* in use by one question at a time */
    uint32_t block, event;
} Drops;

/* ---- Who is concerned ------------------------------------------------------------------------ */

static bool is_del_of(const IrFn *fn, const IrType *type) {
    return type->kind == IR_STRUCT && type->del == fn;
}

/* `self` of an `__init__`. */
static bool is_made_here(const Graph *g, const Place *p) {
    const IrFn *fn = g->fn;
    return fn_makes_self(fn) && p->var == fn->params.data[fn->args.data[0].first].value;
}

static void variable_enter(Drops *d, uint32_t place) {
    const Place *p = &d->g->places.data[place];
    if (p->parent != NO_PLACE || !ir_type_owns(p->type)) return;
    VarRole role = place_var(d->g, place)->role;
    bool is_self = role == VAR_OWNED && is_del_of(d->g->fn, p->type);
    bool is_own = role == VAR_TEMPORARY || role == VAR_LET || role == VAR_VAR || role == VAR_OWNED;
    d->is_ended[place] = is_own || role == VAR_INOUT;
    d->is_kept[place] = is_self || role == VAR_INOUT;
    if (is_self || is_made_here(d->g, p)) d->self = place;
    if (d->is_kept[place]) vec_push(d->arena, &d->kept, place);
}

/* ---- What paths agree on --------------------------------------------------------------------- */

static bool has_bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }

static void set_bit(uint64_t *bits, uint32_t i) { bits[i / 64] |= UINT64_C(1) << (i % 64); }

static uint64_t *needed_in(const Drops *d, uint32_t block) {
    return d->needed + (size_t)block * d->words;
}

/* Its variable has another value after the event, or none. */
static bool event_renews(const Event *event) {
    return event->place != NO_PLACE && (event->kind == EVENT_DECLARE ||
                                        event->kind == EVENT_STORE || event->kind == EVENT_MOVE);
}

static void block_needs(Drops *d, uint32_t block) {
    d->dying.len = 0;
    flow_begin(d->at, block);
    flow_touched(d->at, &d->dying);
    for (uint32_t i = 0; i < d->dying.len; i++)
        if (flow_needs(d->at, d->dying.data[i])) set_bit(needed_in(d, block), d->dying.data[i]);
}

/* What the block leaves as it is, and is needed after it on some path; true when that is news. */
static bool block_inherits(Drops *d, uint32_t block, uint64_t *kept) {
    const GraphBlock *b = &d->g->blocks.data[block];
    bool changed = false;
    for (uint32_t w = 0; w < d->words; w++) kept[w] = 0;
    for (uint32_t i = 0; i < b->out.len; i++) {
        const uint64_t *after = needed_in(d, d->g->edges.data[b->out.data[i]].to);
        for (uint32_t w = 0; w < d->words; w++) kept[w] |= after[w];
    }
    for (uint32_t i = 0; i < b->events.len; i++) {
        const Event *event = &b->events.data[i];
        if (event_renews(event) && d->g->places.data[event->place].parent == NO_PLACE)
            kept[event->place / 64] &= ~(UINT64_C(1) << (event->place % 64));
    }
    uint64_t *needed = needed_in(d, block);
    for (uint32_t w = 0; w < d->words; w++) {
        changed |= (kept[w] & ~needed[w]) != 0;
        needed[w] |= kept[w];
    }
    return changed;
}

/* Paths that meet agree on what is alive: what a view looks into that comes from one of them lasts on all
 * of them. So need flows back, from where paths meet to where the value comes from. */
static void needed_find(Drops *d) {
    uint32_t count = d->g->blocks.len;
    d->words = d->g->places.len / 64 + 1;
    d->needed = arena_array(d->arena, uint64_t, (size_t)count * d->words);
    uint64_t *scratch = arena_array(d->arena, uint64_t, d->words);
    for (uint32_t i = 0; i < count; i++)
        if (!d->g->is_cut[i]) block_needs(d, i);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = count; i-- > 0;)
            if (!d->g->is_cut[i]) changed |= block_inherits(d, i, scratch);
    }
}

/* Whether the value that the variable has after the current event is needed behind the block's end. */
static bool is_needed_behind(const Drops *d, uint32_t root) {
    const GraphBlock *b = &d->g->blocks.data[d->block];
    bool needed = false;
    for (uint32_t i = 0; i < b->out.len; i++)
        needed |= has_bit(needed_in(d, d->g->edges.data[b->out.data[i]].to), root);
    for (uint32_t i = d->event + 1; needed && i < b->events.len; i++)
        if (event_renews(&b->events.data[i]) && b->events.data[i].place == root) return false;
    return needed;
}

static Drops *drops_begin(Arena *arena, IrFn *fn) {
    Drops *d = arena_new(arena, Drops);
    d->arena = arena;
    d->flow = flow_analyse(arena, fn);
    d->g = d->flow->graph;
    d->at = flow_cursor(d->flow);
    d->refills = refills_find(arena, d->g);
    d->self = NO_PLACE;
    d->is_ended = arena_array(arena, bool, d->g->places.len);
    d->is_kept = arena_array(arena, bool, d->g->places.len);
    d->is_alive = arena_array(arena, bool, d->g->places.len);
    d->is_listed = arena_array(arena, bool, d->g->places.len);
    for (uint32_t i = 0; i < d->g->places.len; i++) variable_enter(d, i);
    needed_find(d);
    return d;
}

/* ---- What is alive --------------------------------------------------------------------------- */

static void alive_add(Drops *d, uint32_t root) {
    if (!d->is_ended[root]) return;
    d->is_alive[root] = true;
    if (!d->is_listed[root]) vec_push(d->arena, &d->alive, root);
    d->is_listed[root] = true;
}

static bool is_needed(Drops *d, uint32_t root) {
    return d->is_kept[root] || flow_needs(d->at, root) || is_needed_behind(d, root) ||
           refills_after(&d->refills, root, d->block, d->event);
}

static bool edge_needs(Drops *d, const Edge *edge, uint32_t root) {
    if (root == d->self && edge->kind == EDGE_LEAVE) {
        bool fails = edge->op != NULL && edge->op->kind == OP_RAISE;
        return fn_makes_self(d->g->fn) && !fails;
    }
    if (d->is_kept[root]) return true;
    return flow_edge_needs(d->at, edge->id, root) || has_bit(needed_in(d, edge->to), root) ||
           refills_in(&d->refills, root, edge->to);
}

static void block_enter(Drops *d, uint32_t block) {
    for (uint32_t i = 0; i < d->alive.len; i++)
        d->is_alive[d->alive.data[i]] = d->is_listed[d->alive.data[i]] = false;
    d->alive.len = d->dying.len = 0;
    d->block = block;
    flow_begin(d->at, block);
    flow_touched(d->at, &d->dying);
    for (uint32_t w = 0; w < d->words; w++)
        for (uint64_t bits = needed_in(d, block)[w]; bits != 0; bits &= bits - 1)
            alive_add(d, w * 64 + (uint32_t)__builtin_ctzll(bits));
    for (uint32_t i = 0; i < d->kept.len; i++) alive_add(d, d->kept.data[i]);
    for (uint32_t i = 0; d->refills.count != 0 && i < d->g->places.len; i++)
        if (refills_in(&d->refills, i, block)) alive_add(d, i);
}

/* ---- Ends ------------------------------------------------------------------------------------ */

static bool owns_arena(const IrType *type) {
    if (type->kind == IR_ARENA) return true;
    for (uint32_t i = 0; type->fields_own && i < type->field_count; i++)
        if (owns_arena(type->fields[i].type)) return true;
    return type->kind == IR_LIST && owns_arena(type->elem);
}

static bool ends_before(const Drops *d, uint32_t a, uint32_t b) {
    bool a_last = owns_arena(d->g->places.data[a].type);
    bool b_last = owns_arena(d->g->places.data[b].type);
    return a_last != b_last ? b_last : a > b;
}

/* The newest first: variables are numbered as they are declared. But arenas end after what may live in
 * them, which an older variable may have got since. */
static void newest_first(const Drops *d, PlaceVec *places) {
    for (uint32_t i = 1; i < places->len; i++) {
        uint32_t place = places->data[i], k = i;
        for (; k > 0 && ends_before(d, place, places->data[k - 1]); k--)
            places->data[k] = places->data[k - 1];
        places->data[k] = place;
    }
}

static void dying_end(Drops *d, Builder *b) {
    newest_first(d, &d->dying);
    for (uint32_t i = 0; i < d->dying.len; i++) {
        uint32_t place = d->dying.data[i];
        Value *ref = place_ref(d->g, b, place);
        if (place == d->self) fields_drop(d->at, d->g, b, ref, place);
        else place_drop(d->at, d->g, b, ref, place);
    }
}

/* What was touched since the last time and is needed no more. */
static void statement_end(Drops *d, Op *op) {
    d->dying.len = 0;
    flow_touched(d->at, &d->dying);
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->dying.len; i++) {
        uint32_t root = d->dying.data[i];
        if (!d->is_alive[root] || is_needed(d, root)) continue;
        d->is_alive[root] = false;
        d->dying.data[count++] = root;
    }
    d->dying.len = count;
    Builder b = builder_before(op);
    dying_end(d, &b);
}

static bool is_inside_dying(const Drops *d, uint32_t place) {
    for (uint32_t i = 0; i < d->dying.len; i++)
        if (place_is_within(d->g, place, d->dying.data[i])) return true;
    return false;
}

/* Places that other paths to the same block leave empty. */
static void edge_level(Drops *d, const Edge *edge) {
    const MissingVec *missing = &d->flow->moves->in[edge->to];
    for (uint32_t i = 0; i < missing->len; i++) {
        uint32_t place = missing->data[i].place;
        if (!d->is_alive[place_root(d->g, place)] || is_inside_dying(d, place)) continue;
        if (!ir_type_owns(d->g->places.data[place].type)) continue;
        if (flow_state(d->at, place) != PLACE_EMPTY) vec_push(d->arena, &d->dying, place);
    }
}

/* The loop has begun before when its index is not the first one. */
static Builder edge_builder(const Edge *edge) {
    Builder b = edge->before != NULL ? builder_before(edge->before)
                                     : builder_at_end(edge->region, edge->region->fn->span);
    if (edge->op != NULL) b.span = edge->op->span;
    if (edge->kind != EDGE_REPEAT) return b;
    Value *index = edge->region->params[0];
    Value *again = build_binary(&b, OP_NE, index, edge->op->operands[0]);
    return builder_at_end(build_if(&b, again, NULL, 0)->regions[0], b.span);
}

static void edge_end(Drops *d, const Edge *edge) {
    d->dying.len = 0;
    for (uint32_t i = 0; i < d->alive.len; i++) {
        uint32_t root = d->alive.data[i];
        if (!d->is_alive[root] || edge_needs(d, edge, root)) continue;
        if (flow_state(d->at, root) != PLACE_EMPTY) vec_push(d->arena, &d->dying, root);
    }
    edge_level(d, edge);
    if (d->dying.len == 0) return;
    Builder b = edge_builder(edge);
    dying_end(d, &b);
}

/* ---- Events ---------------------------------------------------------------------------------- */

/* Elements in place; or new memory where the place has none. */
static void assign_settle(Op *assign, bool is_empty) {
    Builder b = builder_before(assign);
    Value *ref = assign->operands[0];
    if (is_empty) {
        const Op *map = assign->operands[1]->def;
        const IrType *tensor = ref->type->elem;
        Op *alloc = build_op(&b, OP_ALLOC, map->operands, tensor->rank, &tensor, 1, 0);
        build_set(&b, ref, op_result(alloc));
    }
    assign->operands[0] = build_lend(&b, ref, true);
}

static bool is_place_assign(const Op *op) {
    return op->kind == OP_ASSIGN && op->operands[0]->type->kind == IR_REF;
}

/* The old value ends when the new one is there. */
static void store_end(Drops *d, const Event *event) {
    bool is_alive = d->is_alive[place_root(d->g, event->place)];
    if (is_place_assign(event->op)) {
        bool is_full = is_alive && flow_state(d->at, event->place) == PLACE_FULL;
        assign_settle(event->op, !is_full);
    } else if (is_alive && ir_type_owns(d->g->places.data[event->place].type)) {
        Builder b = builder_before(event->op);
        place_drop(d->at, d->g, &b, event->op->operands[0], event->place);
    }
}

static void event_pass(Drops *d, const Event *event) {
    if (event->kind == EVENT_STORE) store_end(d, event);
    else if (event->kind == EVENT_MUTATE && is_place_assign(event->op))
        assign_settle(event->op, false);
    flow_step(d->at);
    if (event->kind == EVENT_STORE) {
        alive_add(d, place_root(d->g, event->place));
    } else if (event->kind == EVENT_MOVE) {
        uint32_t root = place_root(d->g, event->place);
        if (!d->is_kept[root] && flow_state(d->at, root) == PLACE_EMPTY) d->is_alive[root] = false;
    } else if (event->kind == EVENT_END) {
        statement_end(d, event->op);
    }
}

static void block_pass(Drops *d, uint32_t id) {
    const GraphBlock *block = &d->g->blocks.data[id];
    block_enter(d, id);
    for (uint32_t i = 0; i < block->events.len; i++) {
        const Event *event = &block->events.data[i];
        d->event = i;
        event_pass(d, event);
    }
    for (uint32_t i = 0; i < block->out.len; i++)
        edge_end(d, &d->g->edges.data[block->out.data[i]]);
}

/* ---- Functions ------------------------------------------------------------------------------- */

static bool is_in_list(const Value *ref) {
    const Value *base = ref_base(ref);
    return base->def != NULL && base->def->kind == OP_ITEM;
}

/* An element of a list that gets another value; and what no path comes to. */
static void op_settle(void *user, Op *op) {
    (void)user;
    if (is_place_assign(op)) assign_settle(op, false);
    bool stores = op->kind == OP_SET || op->kind == OP_STORE;
    if (!stores || !ir_type_owns(op->operands[1]->type)) return;
    Builder b = builder_before(op);
    Value *ref = NULL;
    if (op->kind == OP_SET && is_in_list(op->operands[0])) ref = op->operands[0];
    if (op->kind == OP_STORE) ref = build_item(&b, op->operands[0], op->operands + 2);
    if (ref != NULL) build_op(&b, OP_DROP, &ref, 1, NULL, 0, 0);
}

static void owner_note(void *user, Op *op) {
    bool *found = user;
    bool is_owner = op->kind == OP_VAR && ir_type_owns(op_result(op)->type->elem);
    *found = *found || is_owner || is_place_assign(op);
}

static bool has_owners(const IrFn *fn) {
    bool found = false;
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const IrType *type = fn->params.data[i].value->type;
        found = found || (type->kind == IR_REF && ir_type_owns(type->elem));
    }
    region_walk(fn->body, owner_note, &found);
    return found;
}

void drops_insert(IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Arena *arena = arena_create();
        if (has_owners(fn)) {
            Drops *d = drops_begin(arena, fn);
            for (uint32_t k = 0; k < d->g->blocks.len; k++)
                if (!d->g->is_cut[k] && k != d->g->exit) block_pass(d, k);
        }
        region_walk(fn->body, op_settle, NULL);
        arena_destroy(arena);
    }
}
