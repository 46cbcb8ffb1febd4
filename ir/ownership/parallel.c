#include "ir/ownership/parallel.h"

#include "ir/ownership/parallel_prove.h"
#include "ir/ownership/parallel_report.h"

typedef Vec(const Op *) LoopVec;

typedef struct Finder {
    Arena *arena;
    LoopVec loops; /* outer before inner */
} Finder;

static void find_loop(void *user, Op *op) {
    Finder *finder = user;
    if (op->kind == OP_FOR && (op->attr.loop.is_parallel || op->attr.loop.is_simd))
        vec_push(finder->arena, &finder->loops, op);
}

static Finder find_loops(Arena *arena, IrFn *fn) {
    Finder finder = {.arena = arena};
    region_walk(fn->body, find_loop, &finder);
    return finder;
}

bool parallel_check_shared(Arena *arena, IrFn *fn) {
    Finder finder = find_loops(arena, fn);
    bool ok = true;
    for (uint32_t i = 0; i < finder.loops.len && ok; i++)
        ok = parallel_loop_check_shared(arena, fn, finder.loops.data[i]);
    return ok;
}

/* ---- Elements -------------------------------------------------------------------------------- */

typedef struct Pair {
    const Access *a, *b;
} Pair;

typedef Vec(Pair) PairVec;

/* The pairs on one root that are not proved to stay apart. */
static void pairs_in_doubt(Prover *prover, Arena *arena, const AccessVec *all, const Value *root,
                           PairVec *out) {
    for (uint32_t i = 0; i < all->len; i++) {
        const Access *a = all->data[i];
        if (a->root != root) continue;
        for (uint32_t j = i; j < all->len; j++) {
            const Access *b = all->data[j];
            if (b->root != root || (!a->is_write && !b->is_write)) continue;
            Pair pair = {a, b};
            if (!accesses_are_apart(prover, a, b)) vec_push(arena, out, pair);
        }
    }
}

/* One error for each root: with a witness where one of the pairs has one. */
static void report_pairs(Indices *x, const PairVec *pairs) {
    Context *cx = x->fn->module->cx;
    Witness witness;
    for (uint32_t i = 0; i < 2 * pairs->len; i++) {
        const Pair *pair = &pairs->data[i % pairs->len];
        bool are_writes = pair->a->is_write && pair->b->is_write;
        /* Two writes first: they are plainer to see. */
        if (are_writes != (i < pairs->len) || !witness_find(x, pair->a, pair->b, &witness)) continue;
        report_race(cx, x, &witness);
        return;
    }
    report_unknown(cx, x, pairs->data[0].a, pairs->data[0].b);
}

static bool is_first_of_root(const AccessVec *all, uint32_t at) {
    for (uint32_t i = 0; i < at; i++)
        if (all->data[i]->root == all->data[at]->root) return false;
    return true;
}

static bool loop_elements_are_apart(Indices *x, const Op *loop) {
    AccessVec all = {0};
    bool ok = true;
    indices_enter(x, loop);
    accesses_collect(x, &all);
    Prover *prover = prover_create(x);
    for (uint32_t i = 0; i < all.len; i++) {
        PairVec pairs = {0};
        if (!is_first_of_root(&all, i)) continue;
        pairs_in_doubt(prover, x->arena, &all, all.data[i]->root, &pairs);
        if (pairs.len == 0) continue;
        report_pairs(x, &pairs);
        ok = false;
    }
    return ok;
}

bool parallel_check_elements(Arena *arena, IrFn *fn) {
    Finder finder = find_loops(arena, fn);
    if (finder.loops.len == 0) return true;
    Indices *x = indices_create(arena, fn);
    bool ok = true;
    for (uint32_t i = 0; i < finder.loops.len && ok; i++)
        ok = loop_elements_are_apart(x, finder.loops.data[i]);
    return ok;
}
