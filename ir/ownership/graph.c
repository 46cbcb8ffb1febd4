#include "ir/ownership/graph_internal.h"

enum { NO_BLOCK = UINT32_MAX };

typedef struct LoopTargets {
    uint32_t again, leave;
    Op *op;
    struct LoopTargets *outer;
} LoopTargets;

typedef struct TryTarget {
    uint32_t handler;
    struct TryTarget *outer;
} TryTarget;

typedef struct GraphBuilder {
    Graph *g;
    uint32_t block; /* where events go */
    LoopTargets *loop;
    TryTarget *handler;
    Op *around; /* the loop for new blocks */
} GraphBuilder;

static void walk_region(GraphBuilder *b, Region *region);

static uint32_t block_new(GraphBuilder *b, Region *region) {
    GraphBlock block = {.id = b->g->blocks.len, .loop = b->around, .region = region};
    vec_push(b->g->arena, &b->g->blocks, block);
    return block.id;
}

static void edge_new(GraphBuilder *b, uint32_t from, uint32_t to, EdgeKind kind, Op *op,
                     Region *region, Op *before) {
    Graph *g = b->g;
    bool goes_on = kind == EDGE_AGAIN || kind == EDGE_REPEAT;
    Op *loop = !goes_on ? NULL : op->kind == OP_CONTINUE ? b->loop->op : op;
    Edge edge = {g->edges.len, from, to, kind, op, loop, region, before};
    vec_push(g->arena, &g->edges, edge);
    vec_push(g->arena, &g->blocks.data[from].out, edge.id);
    vec_push(g->arena, &g->blocks.data[to].in, edge.id);
}

static bool region_ends_itself(const Region *region) {
    if (region->last == NULL) return false;
    switch ((int)region->last->kind) {
    case OP_BREAK:
    case OP_CONTINUE:
    case OP_RETURN:
    case OP_RAISE: return true;
    default: return false;
    }
}

/* From the end of a region, where it is reached, to `to`. */
static void region_leave(GraphBuilder *b, Region *region, uint32_t to, EdgeKind kind, Op *op) {
    if (region_ends_itself(region)) return;
    Op *last = region->last != NULL && region->last->kind == OP_YIELD ? region->last : NULL;
    edge_new(b, b->block, to, kind, op, region, last);
}

/* A region entered by one edge of its own; true where its end is reached. */
static void region_enter(GraphBuilder *b, uint32_t from, Region *region, EdgeKind kind, Op *op) {
    uint32_t block = block_new(b, region);
    edge_new(b, from, block, kind, op, region, region->first);
    b->block = block;
    walk_region(b, region);
}

/* An `__init__` that may fail has made something only where it has not failed. */
static void make_self(GraphBuilder *b, const Op *choice) {
    Op *call = choice->operands[0]->def;
    bool asks = call != NULL && call->kind == OP_CALL && call->attr.callee->raises &&
                choice->operands[0] == call->results[0] && fn_makes_self(call->attr.callee);
    if (!asks) return;
    const Value *self = call->operands[call->attr.callee->args.data[0].first];
    uint32_t place = self->type->kind == IR_REF ? place_of_ref(b->g, self) : NO_PLACE;
    if (place != NO_PLACE) event_push(b->g, b->block, EVENT_STORE, place, call, NULL);
}

static void walk_if(GraphBuilder *b, Op *op) {
    uint32_t from = b->block;
    uint32_t join = block_new(b, op->parent);
    region_enter(b, from, op->regions[0], EDGE_THEN, op);
    region_leave(b, op->regions[0], join, EDGE_NEXT, op);
    Region *otherwise = op->regions[1];
    uint32_t last = block_new(b, otherwise);
    edge_new(b, from, last, EDGE_ELSE, op, otherwise, otherwise->first);
    b->block = last;
    make_self(b, op);
    walk_region(b, otherwise);
    region_leave(b, otherwise, join, EDGE_NEXT, op);
    b->block = join;
}

/* A block of its own, since names end with it. */
static void walk_block(GraphBuilder *b, Op *op) {
    uint32_t leave = block_new(b, op->parent);
    region_enter(b, b->block, op->regions[0], EDGE_NEXT, op);
    region_leave(b, op->regions[0], leave, EDGE_NEXT, op);
    b->block = leave;
}

static void walk_done(GraphBuilder *b, Op *op, uint32_t from, uint32_t leave) {
    Region *done = op->regions[op->region_count - 1];
    region_enter(b, from, done, EDGE_DONE, op);
    region_leave(b, done, leave, EDGE_NEXT, op);
}

typedef enum Trips { TRIPS_ANY, TRIPS_ONE, TRIPS_SOME } Trips;

/* How often a loop runs, as far as its bounds say so. */
static Trips loop_trips(const Op *op) {
    int64_t lo, hi, step;
    if (!value_is_int(op->operands[0], &lo) || !value_is_int(op->operands[1], &hi) ||
        !value_is_int(op->operands[2], &step) || step == 0) {
        return TRIPS_ANY;
    }
    if (step > 0 ? lo >= hi : lo <= hi) return TRIPS_ANY;
    uint64_t distance = step > 0 ? (uint64_t)hi - (uint64_t)lo : (uint64_t)lo - (uint64_t)hi;
    uint64_t stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    return distance <= stride ? TRIPS_ONE : TRIPS_SOME;
}

static void walk_for(GraphBuilder *b, Op *op) {
    uint32_t from = b->block;
    Op *around = b->around;
    uint32_t leave = block_new(b, op->parent);
    uint32_t test = block_new(b, op->parent);
    b->around = op;
    LoopTargets targets = {test, leave, op, b->loop};
    b->loop = &targets;
    Region *body = op->regions[0];
    uint32_t inside = block_new(b, body);
    Trips trips = loop_trips(op);
    if (trips != TRIPS_ANY) {
        edge_new(b, from, inside, EDGE_BODY, op, op->parent, op);
        if (trips == TRIPS_SOME) edge_new(b, test, inside, EDGE_REPEAT, op, body, body->first);
    } else {
        edge_new(b, from, test, EDGE_NEXT, op, op->parent, op);
        edge_new(b, test, inside, EDGE_BODY, op, body, body->first);
    }
    b->block = inside;
    walk_region(b, body);
    region_leave(b, body, test, EDGE_AGAIN, op);
    b->loop = targets.outer;
    b->around = around;
    walk_done(b, op, test, leave);
    b->block = leave;
}

static void walk_while(GraphBuilder *b, Op *op) {
    uint32_t from = b->block;
    Op *around = b->around;
    uint32_t leave = block_new(b, op->parent);
    b->around = op;
    uint32_t test = block_new(b, op->regions[0]);
    edge_new(b, from, test, EDGE_NEXT, op, op->parent, op);
    b->block = test;
    LoopTargets targets = {test, leave, op, b->loop};
    b->loop = &targets;
    walk_region(b, op->regions[0]);
    uint32_t decided = b->block;
    region_enter(b, decided, op->regions[1], EDGE_BODY, op);
    region_leave(b, op->regions[1], test, EDGE_AGAIN, op);
    b->loop = targets.outer;
    b->around = around;
    walk_done(b, op, decided, leave);
    b->block = leave;
}

static void walk_try(GraphBuilder *b, Op *op) {
    uint32_t from = b->block;
    uint32_t join = block_new(b, op->parent);
    uint32_t handler = block_new(b, op->regions[1]);
    TryTarget target = {handler, b->handler};
    b->handler = &target;
    uint32_t body = block_new(b, op->regions[0]);
    edge_new(b, from, body, EDGE_NEXT, op, op->parent, op);
    b->block = body;
    walk_region(b, op->regions[0]);
    region_leave(b, op->regions[0], join, EDGE_NEXT, op);
    b->handler = target.outer;
    b->block = handler;
    walk_region(b, op->regions[1]);
    region_leave(b, op->regions[1], join, EDGE_NEXT, op);
    b->block = join;
}

/* An iteration space runs its region any number of times. Most only load elements: these stay in
 * one block. */
static void place_seen(void *user, Op *op) {
    if (op->kind == OP_MOVE || op->kind == OP_CALL || op->kind == OP_VAR || op->region_count > 0) {
        *(bool *)user = true;
    }
}

static void walk_space(GraphBuilder *b, Op *op) {
    bool is_loop = false;
    region_walk(op->regions[0], place_seen, &is_loop);
    if (!is_loop) {
        walk_region(b, op->regions[0]);
        return;
    }
    uint32_t test = block_new(b, op->parent);
    uint32_t leave = block_new(b, op->parent);
    edge_new(b, b->block, test, EDGE_NEXT, op, op->parent, op);
    region_enter(b, test, op->regions[0], EDGE_BODY, op);
    region_leave(b, op->regions[0], test, EDGE_AGAIN, op);
    edge_new(b, test, leave, EDGE_DONE, op, op->parent, op->next);
    b->block = leave;
}

static void walk_jump(GraphBuilder *b, Op *op) {
    Graph *g = b->g;
    switch ((int)op->kind) {
    case OP_BREAK: edge_new(b, b->block, b->loop->leave, EDGE_BREAK, op, op->parent, op); break;
    case OP_CONTINUE: edge_new(b, b->block, b->loop->again, EDGE_AGAIN, op, op->parent, op); break;
    case OP_RAISE:
        if (b->handler != NULL) {
            edge_new(b, b->block, b->handler->handler, EDGE_RAISE, op, op->parent, op);
            break;
        }
        event_push(g, b->block, EVENT_RETURN, NO_PLACE, op, NULL);
        edge_new(b, b->block, g->exit, EDGE_LEAVE, op, op->parent, op);
        break;
    default:
        event_push(g, b->block, EVENT_RETURN, NO_PLACE, op, NULL);
        edge_new(b, b->block, g->exit, EDGE_LEAVE, op, op->parent, op);
        break;
    }
}

static void define_results(GraphBuilder *b, const Op *op) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        b->g->defined_in[op->results[i]->id] = b->block;
    }
}

static void walk_op(GraphBuilder *b, Op *op) {
    events_add(b->g, b->block, op);
    switch ((int)op->kind) {
    case OP_IF: walk_if(b, op); break;
    case OP_FOR: walk_for(b, op); break;
    case OP_WHILE: walk_while(b, op); break;
    case OP_TRY: walk_try(b, op); break;
    case OP_UNSAFE: case OP_TASK: walk_block(b, op); break;
    case OP_MAP:
    case OP_SCAN:
    case OP_REDUCE: walk_space(b, op); break;
    case OP_BREAK:
    case OP_CONTINUE:
    case OP_RAISE:
    case OP_RETURN: walk_jump(b, op); break;
    default: break;
    }
    define_results(b, op);
}

static void walk_region(GraphBuilder *b, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) walk_op(b, op);
}

/* ---- Order ----------------------------------------------------------------------------------- */

typedef struct Numbering {
    Graph *g;
    uint32_t *order; /* new id by old id; NO_BLOCK: not reached */
    Vec(uint32_t) post;
} Numbering;

typedef struct Visit {
    uint32_t block, next; /* out edges from here on are still to be followed */
} Visit;

/* Depth first without recursion: a function may have thousands of blocks in a row. */
static void number_from(Numbering *n, uint32_t start) {
    Vec(Visit) stack = {0};
    Arena *arena = n->g->arena;
    bool *seen = arena_array(arena, bool, n->g->blocks.len);
    seen[start] = true;
    vec_push(arena, &stack, ((Visit){start, 0}));
    while (stack.len > 0) {
        uint32_t top = stack.len - 1, at = stack.data[top].block;
        const GraphBlock *block = &n->g->blocks.data[at];
        if (stack.data[top].next == block->out.len) {
            vec_push(arena, &n->post, at);
            stack.len--;
            continue;
        }
        /* the last edge first, so that what stands first in the source comes first in the order */
        uint32_t edge = block->out.data[block->out.len - 1 - stack.data[top].next++];
        uint32_t to = n->g->edges.data[edge].to;
        if (seen[to]) continue;
        seen[to] = true;
        vec_push(arena, &stack, ((Visit){to, 0}));
    }
}

/* Puts the blocks in reverse postorder; those that cannot be reached follow, then the exit. */
static void graph_order(Graph *g) {
    uint32_t count = g->blocks.len, next = 0;
    Numbering n = {.g = g, .order = arena_array(g->arena, uint32_t, count)};
    for (uint32_t i = 0; i < count; i++) n.order[i] = NO_BLOCK;
    number_from(&n, 0);
    for (uint32_t i = n.post.len; i-- > 0;) {
        if (n.post.data[i] != g->exit) n.order[n.post.data[i]] = next++;
    }
    uint32_t reached = next;
    for (uint32_t i = 0; i < count; i++) {
        if (n.order[i] == NO_BLOCK && i != g->exit) n.order[i] = next++;
    }
    n.order[g->exit] = next;
    GraphBlock *old = g->blocks.data;
    g->blocks.data = arena_array(g->arena, GraphBlock, count);
    g->is_cut = arena_array(g->arena, bool, count);
    for (uint32_t i = 0; i < count; i++) {
        g->blocks.data[n.order[i]] = old[i];
        g->blocks.data[n.order[i]].id = n.order[i];
        g->is_cut[n.order[i]] = n.order[i] >= reached && i != g->exit;
    }
    g->exit = n.order[g->exit];
    for (uint32_t i = 0; i < g->edges.len; i++) {
        g->edges.data[i].from = n.order[g->edges.data[i].from];
        g->edges.data[i].to = n.order[g->edges.data[i].to];
    }
    for (uint32_t i = 0; i < g->fn->next_value; i++) {
        g->defined_in[i] = n.order[g->defined_in[i]];
    }
}

/* Edges out of unreachable blocks would only be in the way of those who join paths. */
static void cut_edges(Graph *g) {
    for (uint32_t i = 0; i < g->blocks.len; i++) {
        GraphBlock *block = &g->blocks.data[i];
        uint32_t kept = 0;
        for (uint32_t k = 0; k < block->in.len; k++) {
            if (!g->is_cut[g->edges.data[block->in.data[k]].from]) {
                block->in.data[kept++] = block->in.data[k];
            }
        }
        block->in.len = kept;
    }
}

Graph *graph_build(Arena *arena, IrFn *fn) {
    Graph *g = arena_new(arena, Graph);
    g->arena = arena;
    g->fn = fn;
    g->defined_in = arena_array(arena, uint32_t, fn->next_value);
    g->uses = window_uses_find(arena, fn);
    places_collect(g);
    GraphBuilder b = {.g = g};
    b.block = block_new(&b, fn->body);
    g->exit = block_new(&b, fn->body);
    walk_region(&b, fn->body);
    if (!region_ends_itself(fn->body)) {
        event_push(g, b.block, EVENT_RETURN, NO_PLACE, NULL, NULL);
        edge_new(&b, b.block, g->exit, EDGE_LEAVE, NULL, fn->body, NULL);
    }
    graph_order(g);
    cut_edges(g);
    return g;
}
