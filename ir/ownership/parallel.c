#include "ir/ownership/parallel.h"

#include "ir/idmap.h"
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

/* ---- Elements --------------------------------------------------------------------------------- */

/* Accesses that are the same to the proof: compared once, however often they are written. */
typedef struct AccessClass {
    AccessVec members;
} AccessClass;

typedef struct RootClasses {
    Vec(uint32_t) classes; /* indices in all */
} RootClasses;

typedef struct Classes {
    Arena *arena;
    IdMap table; /* hash -> 1 + index in all */
    Vec(AccessClass) all;
    IdMap root_table; /* value id -> 1 + index in roots */
    Vec(RootClasses) roots;
} Classes;

typedef struct Pair {
    const AccessClass *a, *b;
} Pair;

typedef Vec(Pair) PairVec;

enum {
    MOST_MEMBERS = 6, /* of a class that are tried for a witness: they differ in what guards them */
    MOST_TRIES = 40   /* searches for a witness on one root */
};

static uint64_t hash_with(uint64_t hash, uint64_t part) {
    return (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15) >> 1;
}

static uint64_t access_hash(const Access *access) {
    uint64_t hash = hash_with(access->root->id, access->is_write);
    for (uint32_t i = 0; i < access->path.len; i++) {
        const PathStep *step = &access->path.data[i];
        hash = hash_with(hash, step->is_field ? step->field : step->at ? step->at->id : 0);
    }
    for (uint32_t i = 0; i < access->steps.len; i++)
        hash = hash_with(hash, access->steps.data[i]->id);
    return hash;
}

static bool accesses_are_alike(const Access *a, const Access *b) {
    if (a->root != b->root || a->is_write != b->is_write || a->path.len != b->path.len ||
        a->steps.len != b->steps.len)
        return false;
    for (uint32_t i = 0; i < a->path.len; i++) {
        const PathStep *left = &a->path.data[i], *right = &b->path.data[i];
        if (left->is_field != right->is_field || left->field != right->field ||
            left->at != right->at)
            return false;
    }
    for (uint32_t i = 0; i < a->steps.len; i++)
        if (a->steps.data[i] != b->steps.data[i]) return false;
    return true;
}

static RootClasses *classes_of(Classes *c, const Value *root) {
    uintptr_t *slot = idmap_at(&c->root_table, root->id);
    if (*slot == 0) {
        RootClasses fresh = {0};
        vec_push(c->arena, &c->roots, fresh);
        *slot = c->roots.len;
    }
    return &c->roots.data[*slot - 1];
}

static void class_add(Classes *c, const Access *access) {
    for (uint64_t hash = access_hash(access);; hash++) {
        uintptr_t *slot = idmap_at(&c->table, hash);
        if (*slot != 0) {
            AccessClass *found = &c->all.data[*slot - 1];
            if (!accesses_are_alike(found->members.data[0], access)) continue;
            if (found->members.len < MOST_MEMBERS) vec_push(c->arena, &found->members, access);
            return;
        }
        AccessClass fresh = {0};
        vec_push(c->arena, &fresh.members, access);
        vec_push(c->arena, &classes_of(c, access->root)->classes, c->all.len);
        vec_push(c->arena, &c->all, fresh);
        *slot = c->all.len;
        return;
    }
}

/* The pairs on one root that are not proved to stay apart. */
static void pairs_in_doubt(Prover *prover, const Classes *c, const RootClasses *root,
                           PairVec *out) {
    for (uint32_t i = 0; i < root->classes.len; i++) {
        const AccessClass *a = &c->all.data[root->classes.data[i]];
        for (uint32_t j = i; j < root->classes.len; j++) {
            const AccessClass *b = &c->all.data[root->classes.data[j]];
            const Access *left = a->members.data[0], *right = b->members.data[0];
            Pair pair = {a, b};
            if ((left->is_write || right->is_write) && !accesses_are_apart(prover, left, right))
                vec_push(c->arena, out, pair);
        }
    }
}

static bool find_witness(Indices *x, const Pair *pair, int *tries, Witness *witness) {
    const AccessVec *left = &pair->a->members, *right = &pair->b->members;
    for (uint32_t i = 0; i < left->len; i++)
        for (uint32_t j = 0; j < right->len; j++) {
            const Access *a = left->data[i], *b = right->data[j];
            if (a->may_be_elsewhere || b->may_be_elsewhere) continue;
            if ((*tries)-- > 0 && witness_find(x, a, b, witness)) return true;
        }
    return false;
}

static bool pair_writes_twice(const Pair *pair) {
    return pair->a->members.data[0]->is_write && pair->b->members.data[0]->is_write;
}

/* One error for each root: with a witness where one of the pairs has one. */
static void report_pairs(Indices *x, const PairVec *pairs) {
    Context *cx = x->fn->module->cx;
    Witness witness;
    int tries = MOST_TRIES;
    for (uint32_t i = 0; i < 2 * pairs->len; i++) {
        const Pair *pair = &pairs->data[i % pairs->len];
        /* Two writes first: they are plainer to see. */
        if (pair_writes_twice(pair) != (i < pairs->len) || !find_witness(x, pair, &tries, &witness))
            continue;
        report_race(cx, x, &witness);
        return;
    }
    const Pair *shown = &pairs->data[0];
    for (uint32_t i = 0; i < pairs->len; i++) {
        if (!pair_writes_twice(shown)) shown = &pairs->data[i];
    }
    report_unknown(cx, x, shown->a->members.data[0], shown->b->members.data[0]);
}

/* With `quiet` the first pair in doubt ends it, and nothing is reported. */
static bool loop_elements_are_apart(Indices *x, const Op *loop, bool quiet) {
    AccessVec accesses = {0};
    Classes c = {
        .arena = x->arena, .table = {.arena = x->arena}, .root_table = {.arena = x->arena}};
    bool ok = true;
    indices_enter(x, loop);
    accesses_collect(x, &accesses);
    for (uint32_t i = 0; i < accesses.len; i++) class_add(&c, accesses.data[i]);
    Prover *prover = prover_create(x);
    for (uint32_t i = 0; i < c.roots.len; i++) {
        PairVec pairs = {0};
        pairs_in_doubt(prover, &c, &c.roots.data[i], &pairs);
        if (pairs.len == 0) continue;
        if (quiet) return false;
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
        ok = loop_elements_are_apart(x, finder.loops.data[i], false);
    return ok;
}

/* ---- Loops that do not say so ----------------------------------------------------------------- */

typedef struct PlainScan {
    const Op *loop;
    bool is_plain;
} PlainScan;

static bool is_outside(const PlainScan *scan, const Value *ref) {
    while (ref->def != NULL && ref->def->kind == OP_FIELD) ref = ref->def->operands[0];
    if (ref->def == NULL) return true;
    const Region *r = ref->def->parent;
    while (r != scan->loop->regions[0] && r->parent != NULL) r = r->parent->parent;
    return r != scan->loop->regions[0];
}

/* What says more than which elements are read and written. */
static void plain_note(void *user, Op *op) {
    PlainScan *scan = user;
    switch ((int)op->kind) {
    case OP_UNSAFE: case OP_SPAWN: case OP_WAIT: case OP_APPEND: case OP_TAKE: case OP_RESET:
    case OP_TASK: case OP_ALLOC_IN: case OP_TRY: case OP_RAISE: case OP_RETURN: case OP_PRINT:
        scan->is_plain = false;
        return;
    case OP_SET: case OP_MOVE: case OP_DROP:
        if (!ir_is_scalar(op->operands[0]->type->elem) && is_outside(scan, op->operands[0]))
            scan->is_plain = false;
        return;
    default: return;
    }
}

static void find_plain(void *user, Op *op) {
    Finder *finder = user;
    PlainScan scan = {op, true};
    if (op->kind != OP_FOR || op->attr.loop.is_parallel || op->attr.loop.is_simd) return;
    region_walk(op->regions[0], plain_note, &scan);
    if (scan.is_plain) vec_push(finder->arena, &finder->loops, op);
}

void parallel_mark_independent(Arena *arena, IrFn *fn) {
    Finder finder = {.arena = arena};
    region_walk(fn->body, find_plain, &finder);
    if (finder.loops.len == 0) return;
    Indices *x = indices_create(arena, fn);
    for (uint32_t i = 0; i < finder.loops.len; i++) {
        Op *loop = (Op *)finder.loops.data[i];
        loop->attr.loop.independent = loop_elements_are_apart(x, loop, true);
    }
}
