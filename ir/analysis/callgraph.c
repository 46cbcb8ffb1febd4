#include "ir/analysis/callgraph.h"

typedef Vec(IrFn *) FnVec;

typedef struct Node {
    FnVec callees;
    uint32_t index, low; /* Tarjan's numbers; index 0: not visited */
    uint32_t next;       /* which callee comes next */
    bool on_stack;
} Node;

typedef struct Search {
    Arena *arena;
    CallGraph *graph;
    Node *nodes;  /* by function id */
    FnVec path;   /* functions being visited, outermost first */
    FnVec stack;  /* visited, component not yet complete */
    uint32_t counter;
    IrFn *caller; /* while collecting calls */
} Search;

static void call_note(void *user, Op *op) {
    Search *search = user;
    if (op->kind != OP_CALL) return;
    IrFn *callee = op->attr.callee;
    search->graph->callers[callee->id]++;
    vec_push(search->arena, &search->nodes[search->caller->id].callees, callee);
    if (callee == search->caller) search->graph->is_recursive[callee->id] = true;
}

static void fn_enter(Search *search, IrFn *fn) {
    Node *node = &search->nodes[fn->id];
    node->index = node->low = ++search->counter;
    node->on_stack = true;
    vec_push(search->arena, &search->path, fn);
    vec_push(search->arena, &search->stack, fn);
}

/* `root` completes its component: everything above it on the stack. */
static void component_finish(Search *search, IrFn *root) {
    bool is_cycle = vec_last(&search->stack) != root;
    IrFn *fn;
    do {
        fn = vec_pop(&search->stack);
        search->nodes[fn->id].on_stack = false;
        if (is_cycle) search->graph->is_recursive[fn->id] = true;
        if (fn->body != NULL) search->graph->bottom_up[search->graph->count++] = fn;
    } while (fn != root);
}

static void fn_leave(Search *search, IrFn *fn) {
    Node *node = &search->nodes[fn->id];
    search->path.len--;
    if (node->low == node->index) component_finish(search, fn);
    if (search->path.len == 0) return;
    Node *caller = &search->nodes[vec_last(&search->path)->id];
    if (node->low < caller->low) caller->low = node->low;
}

static void search_from(Search *search, IrFn *start) {
    fn_enter(search, start);
    while (search->path.len > 0) {
        IrFn *fn = vec_last(&search->path);
        Node *node = &search->nodes[fn->id];
        if (node->next == node->callees.len) {
            fn_leave(search, fn);
            continue;
        }
        IrFn *callee = node->callees.data[node->next++];
        const Node *other = &search->nodes[callee->id];
        if (other->index == 0) fn_enter(search, callee);
        else if (other->on_stack && other->index < node->low) node->low = other->index;
    }
}

CallGraph callgraph_of(Arena *arena, const IrModule *module) {
    uint32_t count = module->fns.len;
    CallGraph graph = {0, arena_array(arena, IrFn *, count), arena_array(arena, bool, count),
                       arena_array(arena, uint32_t, count)};
    Search search = {.arena = arena, .graph = &graph, .nodes = arena_array(arena, Node, count)};
    for (uint32_t i = 0; i < count; i++) {
        search.caller = module->fns.data[i];
        if (search.caller->body != NULL) region_walk(search.caller->body, call_note, &search);
    }
    for (uint32_t i = 0; i < count; i++)
        if (search.nodes[i].index == 0) search_from(&search, module->fns.data[i]);
    return graph;
}
