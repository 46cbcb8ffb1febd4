#include "ir/ownership/loans_internal.h"

#include <string.h>

/* ---- Who holds what -------------------------------------------------------------------------- */

LoanCursor *loans_cursor(Arena *arena, Loans *loans) {
    const Graph *g = loans->graph;
    LoanCursor *c = arena_new(arena, LoanCursor);
    c->loans = loans;
    c->set_at = arena_array(arena, uint32_t, g->places.len);
    c->holders = arena_array(arena, IdVec, g->places.len);
    c->seen = arena_array(arena, uint32_t, g->places.len + g->fn->next_value);
    return c;
}

static void note_holder(LoanCursor *c, LiveName name, uint32_t set) {
    Loans *l = c->loans;
    const LoanSet *ids = &l->sets.data[set];
    for (uint32_t i = 0; i < ids->count; i++) {
        const Loan *loan = l->all.data[ids->ids[i]];
        if (loan->kind == LOAN_CALLER) continue;
        uint32_t root = place_root(l->graph, loan->place);
        IdVec *holders = &c->holders[root];
        if (holders->len > 0 && vec_last(holders) == name) continue;
        if (holders->len == 0) vec_push(l->arena, &c->lent, root);
        vec_push(l->arena, holders, name);
    }
}

static void hold(LoanCursor *c, uint32_t place, uint32_t set) {
    if (c->set_at[place] == set) return;
    if (c->set_at[place] == NO_LOANS) vec_push(c->loans->arena, &c->listed, place);
    c->set_at[place] = set;
    note_holder(c, place, set);
}

static void clear_fields(LoanCursor *c, uint32_t place) {
    for (uint32_t k = c->loans->graph->places.data[place].first_child; k != NO_PLACE;
         k = c->loans->graph->places.data[k].next_sibling) {
        hold(c, k, NO_LOANS);
        clear_fields(c, k);
    }
}

/* What is known of a whole struct is known of each field, so that one of them can change alone. */
static void push_down(LoanCursor *c, uint32_t place) {
    const Graph *g = c->loans->graph;
    uint32_t parent = g->places.data[place].parent;
    if (parent == NO_PLACE) return;
    push_down(c, parent);
    uint32_t set = c->set_at[parent];
    if (set == NO_LOANS) return;
    hold(c, parent, NO_LOANS);
    for (uint32_t k = g->places.data[parent].first_child; k != NO_PLACE;
         k = g->places.data[k].next_sibling) {
        hold(c, k, set_union(c->loans, c->set_at[k], set));
    }
}

/* Each field that looks or owns by itself: so plain fields of a struct of views can be read at any
 * time. */
static void hold_fields(LoanCursor *c, uint32_t place, uint32_t set) {
    const Graph *g = c->loans->graph;
    for (uint32_t k = g->places.data[place].first_child; k != NO_PLACE;
         k = g->places.data[k].next_sibling) {
        const IrType *type = g->places.data[k].type;
        if (ir_type_looks(type) || ir_type_owns(type)) place_hold(c, k, set);
    }
}

void place_hold(LoanCursor *c, uint32_t place, uint32_t set) {
    push_down(c, place);
    clear_fields(c, place);
    if (set != NO_LOANS && c->loans->graph->places.data[place].first_child != NO_PLACE) {
        hold(c, place, NO_LOANS);
        hold_fields(c, place, set);
        return;
    }
    if (c->set_at[place] == set) note_holder(c, place, set); /* it may have left the lists since */
    hold(c, place, set);
}

void place_hold_also(LoanCursor *c, uint32_t place, uint32_t set) {
    hold(c, place, set_union(c->loans, c->set_at[place], set));
}

void value_hold(LoanCursor *c, const Value *value, uint32_t set) {
    c->loans->set_of[value->id] = set;
    note_holder(c, live_value(c->loans->live, value), set);
}

static uint32_t loans_below(LoanCursor *c, uint32_t place) {
    uint32_t set = c->set_at[place];
    for (uint32_t k = c->loans->graph->places.data[place].first_child; k != NO_PLACE;
         k = c->loans->graph->places.data[k].next_sibling) {
        set = set_union(c->loans, set, loans_below(c, k));
    }
    return set;
}

uint32_t loans_of_place(LoanCursor *c, uint32_t place) {
    const Graph *g = c->loans->graph;
    uint32_t set = loans_below(c, place);
    for (uint32_t at = g->places.data[place].parent; at != NO_PLACE;
         at = g->places.data[at].parent) {
        set = set_union(c->loans, set, c->set_at[at]);
    }
    return set;
}

uint32_t loans_of_name(const LoanCursor *c, LiveName name) {
    const Loans *l = c->loans;
    return name_is_place(l, name) ? c->set_at[name] : l->set_of[name - l->graph->places.len];
}

typedef struct Forget {
    uint32_t place;
} Forget;

static const Loan *loan_forget(Loans *l, void *user, const Loan *loan) {
    const Forget *forget = user;
    bool goes = loan->kind == LOAN_LOOK && place_is_within(l->graph, loan->place, forget->place);
    return goes ? NULL : loan;
}

void place_forget_lookers(LoanCursor *c, uint32_t place) {
    const IdVec *holders = &c->holders[place_root(c->loans->graph, place)];
    Forget forget = {place};
    for (uint32_t i = 0; i < holders->len; i++) {
        uint32_t name = holders->data[i];
        if (!name_is_place(c->loans, name)) continue;
        hold(c, name, set_map(c->loans, c->set_at[name], loan_forget, &forget));
    }
}

/* ---- One block ------------------------------------------------------------------------------- */

static void cursor_clear(LoanCursor *c) {
    for (uint32_t i = 0; i < c->listed.len; i++) c->set_at[c->listed.data[i]] = NO_LOANS;
    for (uint32_t i = 0; i < c->lent.len; i++) c->holders[c->lent.data[i]].len = 0;
    c->listed.len = c->lent.len = 0;
}

void loans_begin(LoanCursor *c, uint32_t block) {
    Loans *l = c->loans;
    cursor_clear(c);
    c->block = block;
    c->event = 0;
    for (uint32_t i = 0; i < l->in[block].len; i++) {
        hold(c, l->in[block].data[i].place, l->in[block].data[i].set);
    }
    const IdVec *alive = &l->live->in[block];
    for (uint32_t i = alive->len; i-- > 0 && !name_is_place(l, alive->data[i]);) {
        note_holder(c, alive->data[i], loans_of_name(c, alive->data[i]));
    }
}

void loans_step(LoanCursor *c) {
    const GraphBlock *block = &c->loans->graph->blocks.data[c->block];
    const Event *event = &block->events.data[c->event++];
    bool is_last = c->event == block->events.len || block->events.data[c->event].op != event->op;
    if (is_last && event->op != NULL) loan_effect(c, event->op);
}

/* ---- Questions ------------------------------------------------------------------------------- */

bool places_overlap(const Graph *g, uint32_t a, uint32_t b) {
    return place_is_within(g, a, b) || place_is_within(g, b, a);
}

/* A field that owns ends with its variable, so what it lives in has to last as long as that is
 * used. */
static LiveName name_kept_by(const Loans *l, LiveName name) {
    if (!name_is_place(l, name) || !ir_type_owns(l->graph->places.data[name].type)) return name;
    return place_root(l->graph, name);
}

/* A point in the block, or the far side of an edge. */
typedef struct When {
    uint32_t block;
    int64_t after; /* this event of the block; unused at edges */
    bool is_edge;
} When;

static bool is_used(const Loans *l, LiveName name, When when) {
    if (when.is_edge) return live_in(l->live, name, when.block);
    return live_after(l->live, name, when.block, when.after);
}

static bool visit_holder(LoanCursor *c, LiveName name, uint32_t place, LoanVisitor visit,
                         void *user) {
    const Loans *l = c->loans;
    LoanSet set = l->sets.data[loans_of_name(c, name)];
    for (uint32_t i = 0; i < set.count; i++) {
        const Loan *loan = l->all.data[set.ids[i]];
        if (loan->kind == LOAN_CALLER || !places_overlap(l->graph, loan->place, place)) continue;
        if (!visit(user, name_kept_by(l, name), loan)) return false;
    }
    return true;
}

static void visit_holders(LoanCursor *c, uint32_t place, When when, LoanVisitor visit, void *user) {
    const Loans *l = c->loans;
    IdVec *holders = &c->holders[place_root(l->graph, place)];
    uint32_t kept = 0;
    bool goes_on = true;
    c->stamp++;
    for (uint32_t i = 0; i < holders->len; i++) {
        uint32_t name = holders->data[i];
        if (c->seen[name] == c->stamp) continue;
        c->seen[name] = c->stamp;
        bool lasts = (goes_on || !when.is_edge) && is_used(l, name_kept_by(l, name), when);
        if (lasts || when.is_edge) holders->data[kept++] = name;
        if (lasts && goes_on) goes_on = visit_holder(c, name, place, visit, user);
    }
    holders->len = kept;
}

/* Names that are not used again before they get another set leave the list, so that a thousand
 * short looks at one place do not slow down the next. */
void loans_on(LoanCursor *c, uint32_t place, int64_t after, LoanVisitor visit, void *user) {
    visit_holders(c, place, (When){c->block, after, false}, visit, user);
}

void loans_on_edge(LoanCursor *c, uint32_t edge, uint32_t place, LoanVisitor visit, void *user) {
    uint32_t to = c->loans->graph->edges.data[edge].to;
    visit_holders(c, place, (When){to, 0, true}, visit, user);
}

/* ---- All blocks ------------------------------------------------------------------------------ */

typedef struct LoanFlow {
    Loans *l;
    LoanCursor *c;
    HeldVec *out; /* by block: at its end */
    bool *is_done;
    bool *waits;
    uint32_t *join; /* by place, while paths meet */
} LoanFlow;

/* What the caller lends to be changed has a value all the time: until it gets another one, the old one
 * is there, used or not. */
static bool place_is_filled(const Graph *g, uint32_t place) {
    return ir_type_owns(g->places.data[place].type) &&
           place_var(g, place_root(g, place))->role == VAR_INOUT;
}

static void join_path(LoanFlow *f, const Edge *edge, uint32_t block, IdVec *seen) {
    const HeldVec *out = &f->out[edge->from];
    for (uint32_t i = 0; i < out->len; i++) {
        uint32_t place = out->data[i].place, set = out->data[i].set;
        bool is_kept = live_in(f->l->live, name_kept_by(f->l, place), block) ||
                       place_is_filled(f->l->graph, place);
        if (!is_kept) continue;
        if (edge->loop != NULL) set = set_widen(f->l, set, edge->loop);
        if (f->join[place] == NO_LOANS) vec_push(f->l->arena, seen, place);
        f->join[place] = set_union(f->l, f->join[place], set);
    }
}

/* True when the block begins with more than it did. */
static bool block_join(LoanFlow *f, uint32_t id) {
    const GraphBlock *block = &f->l->graph->blocks.data[id];
    IdVec seen = {0};
    if (block->in.len == 0) return false; /* the entry has what params_hold gave it */
    for (uint32_t i = 0; i < block->in.len; i++) {
        const Edge *edge = &f->l->graph->edges.data[block->in.data[i]];
        if (f->is_done[edge->from]) join_path(f, edge, id, &seen);
    }
    HeldVec *old = &f->l->in[id], in = {0};
    bool same = old->len == seen.len;
    for (uint32_t i = 0; i < seen.len; i++) {
        Held held = {seen.data[i], f->join[seen.data[i]]};
        f->join[held.place] = NO_LOANS;
        same = same && old->data[i].place == held.place && old->data[i].set == held.set;
        vec_push(f->l->arena, &in, held);
    }
    if (!same) *old = in;
    return !same;
}

static void block_flow(LoanFlow *f, uint32_t id) {
    LoanCursor *c = f->c;
    const GraphBlock *block = &f->l->graph->blocks.data[id];
    loans_begin(c, id);
    while (c->event < block->events.len) loans_step(c);
    HeldVec out = {0};
    for (uint32_t i = 0; i < c->listed.len; i++) {
        Held held = {c->listed.data[i], c->set_at[c->listed.data[i]]};
        if (held.set == NO_LOANS) continue;
        c->set_at[held.place] = NO_LOANS; /* listed twice: once is enough */
        vec_push(f->l->arena, &out, held);
    }
    f->out[id] = out;
    f->is_done[id] = true;
}

/* Values of other blocks get their sets by the order of the blocks, but for loops, where a block
 * that uses a value may have to look again. */
static bool values_changed(LoanFlow *f, uint32_t id, const uint32_t *before) {
    const Loans *l = f->l;
    const IdVec *alive = &l->live->out[id];
    bool changed = false;
    for (uint32_t i = alive->len; i-- > 0 && !name_is_place(l, alive->data[i]);) {
        if (before[i] != loans_of_name(f->c, alive->data[i])) changed = true;
    }
    return changed;
}

static uint32_t *values_before(LoanFlow *f, uint32_t id) {
    const IdVec *alive = &f->l->live->out[id];
    uint32_t *before = arena_array(f->l->arena, uint32_t, alive->len);
    for (uint32_t i = alive->len; i-- > 0 && !name_is_place(f->l, alive->data[i]);) {
        before[i] = loans_of_name(f->c, alive->data[i]);
    }
    return before;
}

static void solve(LoanFlow *f) {
    const Graph *g = f->l->graph;
    for (uint32_t i = 0; i < g->blocks.len; i++) f->waits[i] = !g->is_cut[i];
    for (bool again = true; again;) {
        again = false;
        for (uint32_t id = 0; id < g->blocks.len; id++) {
            if (!f->waits[id]) continue;
            f->waits[id] = false;
            bool is_first = !f->is_done[id];
            uint32_t *before = values_before(f, id);
            block_join(f, id);
            block_flow(f, id);
            const GraphBlock *block = &g->blocks.data[id];
            bool differs = is_first || values_changed(f, id, before);
            for (uint32_t i = 0; i < block->out.len; i++) {
                uint32_t to = g->edges.data[block->out.data[i]].to;
                if (!differs && !block_join(f, to)) continue;
                f->waits[to] = true;
                again = again || to <= id;
            }
        }
    }
}

/* ---- Parameters ------------------------------------------------------------------------------ */

static void params_hold(Loans *l) {
    const IrFn *fn = l->graph->fn;
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const Value *value = fn->params.data[i].value;
        const IrArg *arg = arg_of_value(fn, value);
        uint32_t index = arg ? (uint32_t)(arg - fn->args.data) : NO_PLACE;
        const IrType *held = value->type->kind == IR_REF ? value->type->elem : value->type;
        bool looks = held->kind == IR_BUF || ir_type_looks(held);
        if (!looks) continue;
        bool is_mutable = arg != NULL && (arg->is_mutable || arg->convention == ARG_INOUT);
        Loan *loan = loan_make(l, NULL, LOAN_CALLER, index, is_mutable, NULL, NO_LOAN);
        l->set_of[value->id] = set_of_one(l, loan);
        if (value->type->kind == IR_REF) {
            Held entry = {l->graph->place_of[value->id], l->set_of[value->id]};
            vec_push(l->arena, &l->in[0], entry);
        }
    }
}

Loans *loans_analyse(Arena *arena, Graph *g, const Liveness *live) {
    Loans *l = arena_new(arena, Loans);
    l->arena = arena;
    l->graph = g;
    l->live = live;
    l->values = index_values(arena, g->fn);
    l->made = arena_array(arena, IdVec, g->fn->next_op + 1);
    l->set_of = arena_array(arena, uint32_t, g->fn->next_value);
    l->in = arena_array(arena, HeldVec, g->blocks.len);
    LoanSet empty = {0, NULL};
    vec_push(arena, &l->sets, empty);
    for (uint32_t r = 0; r <= RANGE_DIMS; r++) l->whole[r] = frame_whole(&l->values, r);
    params_hold(l);
    LoanFlow f = {.l = l,
                  .c = loans_cursor(arena, l),
                  .out = arena_array(arena, HeldVec, g->blocks.len),
                  .is_done = arena_array(arena, bool, g->blocks.len),
                  .waits = arena_array(arena, bool, g->blocks.len),
                  .join = arena_array(arena, uint32_t, g->places.len)};
    solve(&f);
    return l;
}
