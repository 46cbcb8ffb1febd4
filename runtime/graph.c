#include "runtime/failure.h"
#include "runtime/pool.h"
#include "runtime/trace.h"

/* A graph as its caller runs it. An entry of a queue is one node, whose predecessors are done. */
typedef struct Graph {
    Job job;
    const kc_graph *graph;
    void *context;
    _Atomic(int32_t) *missing; /* of each node: predecessors that are not done */
    Failure failure;
    _Alignas(64) _Atomic(int32_t) left; /* nodes not done, as far as was reported */
} Graph;

/* Nodes that a thread runs one after the other, each made ready by the one before. */
typedef struct Chain {
    int32_t node; /* -1: the end */
    int32_t done;
} Chain;

static bool offer_node(Slot *slot, Graph *graph, int32_t node) {
    Entry entry = {&graph->job, node, 0, entry_tag(slot->caller, slot->depth)};
    return kc_work_offer(slot, &entry);
}

static void run_node(Slot *slot, Graph *graph, int32_t index) {
    if (failure_precedes(&graph->failure, index)) return;
    const kc_node *node = &graph->graph->nodes[index];
    TraceMark mark = trace_begin(index);
    kc_status status = node->body(graph->context);
    trace_end(slot, node->name != NULL ? node->name : "node", &mark, (int64_t)index + 1);
    if (status != KC_OK) kc_failure_raised(&graph->failure, index, status);
}

static void run_chain(Slot *slot, Graph *graph, int32_t first, int32_t *done);

/* One of the successors that are ready now comes next, the others are offered, or run here where there is
 * no room for them. */
static void chain_advance(Slot *slot, Graph *graph, Chain *chain) {
    const kc_node *node = &graph->graph->nodes[chain->node];
    chain->done++;
    chain->node = -1;
    for (int32_t i = 0; i < node->successor_count; i++) {
        int32_t next = graph->graph->successors[node->first_successor + i];
        if (atomic_fetch_sub_explicit(&graph->missing[next], 1, memory_order_acq_rel) != 1)
            continue;
        if (chain->node < 0)
            chain->node = next;
        else if (!offer_node(slot, graph, next))
            run_chain(slot, graph, next, &chain->done);
    }
}

static void chain_follow(Slot *slot, Graph *graph, Chain *chain) {
    Frame frame;
    frame_enter(&frame, slot);
    if (setjmp(frame.jump) != 0) {
        kc_failure_panicked(&graph->failure, chain->node, &frame.panic);
        chain_advance(slot, graph, chain);
    }
    while (chain->node >= 0) {
        run_node(slot, graph, chain->node);
        if (kc_pool.seed != 0) kc_work_dither(slot);
        chain_advance(slot, graph, chain);
    }
    frame_leave(&frame);
}

static void run_chain(Slot *slot, Graph *graph, int32_t first, int32_t *done) {
    Chain chain = {first, 0};
    chain_follow(slot, graph, &chain);
    *done += chain.done;
}

/* The chain, and what it left in this thread's queue. Returns whether those were the last nodes. */
static bool run_from(Slot *slot, Graph *graph, int32_t node) {
    int32_t done = 0;
    Entry entry;
    run_chain(slot, graph, node, &done);
    while (deque_pop(&slot->deque, 0, &graph->job, &entry))
        run_chain(slot, graph, (int32_t)entry.begin, &done);
    return atomic_fetch_sub_explicit(&graph->left, done, memory_order_acq_rel) == done;
}

static void run_entry(Slot *slot, Job *job, const Entry *entry) {
    if (run_from(slot, (Graph *)job, (int32_t)entry->begin)) kc_work_finish(&job->done);
}

/* Nodes that wait for nothing are offered, the first one last, so that this thread begins with it. */
static bool run_as_caller(Slot *slot, Graph *graph) {
    int32_t unoffered = 0;
    for (int32_t i = graph->graph->node_count - 1; i > 0; i--) {
        if (graph->graph->nodes[i].predecessors == 0 && !offer_node(slot, graph, i))
            run_chain(slot, graph, i, &unoffered);
    }
    bool last = run_from(slot, graph, 0);
    if (unoffered == 0) return last;
    return atomic_fetch_sub_explicit(&graph->left, unoffered, memory_order_acq_rel) == unoffered;
}

static kc_status run_serially(const kc_graph *graph, void *context) {
    for (int32_t i = 0; i < graph->node_count; i++) {
        kc_status status = graph->nodes[i].body(context);
        if (status != KC_OK) return status;
    }
    return KC_OK;
}

kc_status kc_graph_run(const kc_graph *graph, void *context, int32_t *storage) {
    if (graph->node_count <= 0) return KC_OK;
    Slot *slot = kc_slot_enter();
    if (slot == NULL) return run_serially(graph, context);
    Graph run = {.job = {.run = run_entry, .mode = slot->mode},
                 .graph = graph,
                 .context = context,
                 .missing = (_Atomic(int32_t) *)storage};
    for (int32_t i = 0; i < graph->node_count; i++)
        atomic_init(&run.missing[i], graph->nodes[i].predecessors);
    atomic_init(&run.left, graph->node_count);
    failure_init(&run.failure);
    slot->depth++;
    if (!run_as_caller(slot, &run))
        kc_work_join(slot, &run.job.done, entry_tag(slot->caller, slot->depth));
    slot->depth--;
    kc_slot_leave(slot);
    return kc_outcome_deliver(&run.failure.outcome);
}
