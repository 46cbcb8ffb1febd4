#include "ir/ownership/flow.h"

Flow *flow_analyse(Arena *arena, IrFn *fn) {
    Flow *flow = arena_new(arena, Flow);
    flow->graph = graph_build(arena, fn);
    flow->live = liveness_analyse(arena, flow->graph);
    flow->moves = moves_analyse(arena, flow->graph, flow->live);
    if (flow->moves->has_settled) {
        flow->live = liveness_analyse(arena, flow->graph);
        flow->moves->live = flow->live;
    }
    flow->loans = loans_analyse(arena, flow->graph, flow->live);
    moves_complete(arena, flow->moves, flow->graph, flow->live, flow->loans);
    return flow;
}

struct FlowCursor {
    Flow *flow;
    Arena *arena;
    MovesCursor *moves;
    LoanCursor *loans;
    PlaceVec touched;
    bool *is_touched; /* by place: in `touched` */
    PlaceVec filled;  /* roots that own and always have a value: those of the caller, to be changed */
};

FlowCursor *flow_cursor(Flow *flow) {
    Arena *arena = flow->graph->arena;
    FlowCursor *c = arena_new(arena, FlowCursor);
    c->flow = flow;
    c->arena = arena;
    c->moves = moves_cursor(arena, flow->moves);
    c->loans = loans_cursor(arena, flow->loans);
    c->is_touched = arena_array(arena, bool, flow->graph->places.len);
    for (uint32_t i = 0; i < flow->graph->places.len; i++) {
        const Place *p = &flow->graph->places.data[i];
        bool is_filled = p->parent == NO_PLACE && ir_type_owns(p->type) &&
                         place_var(flow->graph, i)->role == VAR_INOUT;
        if (is_filled) vec_push(arena, &c->filled, i);
    }
    return c;
}

static bool touch(FlowCursor *c, uint32_t root) {
    if (c->is_touched[root]) return false;
    c->is_touched[root] = true;
    vec_push(c->arena, &c->touched, root);
    return true;
}

/* Who depends on a place keeps it: when such a name ends, perhaps so does the place, and then what
 * that depended on. */
static void touch_set(FlowCursor *c, uint32_t set) {
    const Loans *l = c->flow->loans;
    for (uint32_t i = 0; i < l->sets.data[set].count; i++) {
        const Loan *loan = l->all.data[l->sets.data[set].ids[i]];
        if (loan->kind == LOAN_CALLER) continue;
        uint32_t root = place_root(l->graph, loan->place);
        if (touch(c, root)) touch_set(c, loans_of_place(c->loans, root));
    }
}

/* A variable ends with all its fields. */
static void touch_place(FlowCursor *c, uint32_t place) {
    uint32_t root = place_root(c->flow->graph, place);
    touch(c, root);
    touch_set(c, loans_of_place(c->loans, root));
}

void flow_begin(FlowCursor *c, uint32_t block) {
    moves_begin(c->moves, block);
    loans_begin(c->loans, block);
    for (uint32_t i = 0; i < c->touched.len; i++) c->is_touched[c->touched.data[i]] = false;
    c->touched.len = 0;
    for (uint32_t i = 0; i < c->filled.len; i++) touch_place(c, c->filled.data[i]);
    const IdVec *alive = &c->flow->live->in[block];
    for (uint32_t i = 0; i < alive->len; i++) {
        uint32_t name = alive->data[i];
        if (name_is_place(c->flow->loans, name)) {
            touch_place(c, name);
        } else {
            touch_set(c, loans_of_name(c->loans, name));
        }
    }
}

void flow_step(FlowCursor *c) {
    const Event *event = &c->flow->graph->blocks.data[c->loans->block].events.data[c->loans->event];
    if (event->place != NO_PLACE) touch_place(c, event->place);
    if (event->window != NULL) touch_set(c, c->flow->loans->set_of[event->window->id]);
    moves_step(c->moves, event);
    loans_step(c->loans);
}

/* ---- Questions ------------------------------------------------------------------------------- */

typedef struct FieldCount {
    uint32_t full, empty, maybe;
} FieldCount;

static void count_fields(const FlowCursor *c, uint32_t place, FieldCount *count) {
    const Missing *missing = &c->moves->at[place];
    uint32_t child = c->flow->graph->places.data[place].first_child;
    if (missing->cause != NULL) {
        *(missing->always ? &count->empty : &count->maybe) += 1;
    } else if (child == NO_PLACE) {
        count->full++;
    } else {
        for (; child != NO_PLACE; child = c->flow->graph->places.data[child].next_sibling) {
            count_fields(c, child, count);
        }
    }
}

PlaceState flow_state(FlowCursor *c, uint32_t place) {
    uint32_t at = c->flow->graph->places.data[place].parent;
    for (; at != NO_PLACE; at = c->flow->graph->places.data[at].parent) {
        const Missing *missing = &c->moves->at[at];
        if (missing->cause != NULL) return missing->always ? PLACE_EMPTY : PLACE_MAYBE;
    }
    FieldCount count = {0};
    count_fields(c, place, &count);
    if (count.maybe > 0) return PLACE_MAYBE;
    if (count.empty == 0) return PLACE_FULL;
    return count.full == 0 ? PLACE_EMPTY : PLACE_PART;
}

static bool is_any(void *user, LiveName holder, const Loan *loan) {
    (void)holder;
    (void)loan;
    *(bool *)user = true;
    return false;
}

/* Such a value lives in the place, an arena. */
static bool is_lived_in(FlowCursor *c, uint32_t place) {
    const Loans *l = c->flow->loans;
    uint32_t root = place_root(c->flow->graph, place);
    for (uint32_t i = 0; i < c->filled.len; i++) {
        uint32_t held = loans_of_place(c->loans, c->filled.data[i]);
        LoanSet set = l->sets.data[held];
        for (uint32_t k = 0; k < set.count; k++) {
            const Loan *loan = l->all.data[set.ids[k]];
            if (loan->kind == LOAN_LIVES && place_root(c->flow->graph, loan->place) == root)
                return true;
        }
    }
    return false;
}

bool flow_needs(FlowCursor *c, uint32_t place) {
    int64_t last = (int64_t)c->loans->event - 1;
    if (live_after(c->flow->live, place, c->loans->block, last)) return true;
    bool is_held = false;
    loans_on(c->loans, place, last, is_any, &is_held);
    return is_held || is_lived_in(c, place);
}

bool flow_edge_needs(FlowCursor *c, uint32_t edge, uint32_t place) {
    if (live_in(c->flow->live, place, c->flow->graph->edges.data[edge].to)) return true;
    bool is_held = false;
    loans_on_edge(c->loans, edge, place, is_any, &is_held);
    return is_held || is_lived_in(c, place);
}

void flow_touched(FlowCursor *c, PlaceVec *out) {
    out->len = 0;
    for (uint32_t i = 0; i < c->touched.len; i++) {
        c->is_touched[c->touched.data[i]] = false;
        vec_push(c->arena, out, c->touched.data[i]);
    }
    c->touched.len = 0;
}
