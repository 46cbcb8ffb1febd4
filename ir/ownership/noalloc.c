#include "ir/ownership/noalloc.h"

#include "ir/analysis/callgraph.h"
#include "ir/analysis/memory.h"

bool noalloc_is_asked(const IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->is_noalloc) return true;
    return false;
}

/* ---- What the source says -------------------------------------------------------------------- */

/* Whose memory it is, where that has a name. */
static const char *assigned(const Context *cx, const Op *assign) {
    Name name = ref_base(assign->operands[0])->name;
    if (name.id == 0) return "memory for this array is allocated";
    return arena_printf(cx->arena, "memory for `%s` is allocated", text_of(cx, name));
}

/* Of what a parallel loop reduces, each chunk has its own (chunks.c). */
static bool copies_array(const Op *reduces) {
    const Op *loop = reduces->parent->parent;
    return loop->kind == OP_FOR && loop->attr.loop.is_parallel &&
           !ir_is_scalar(reduces->operands[0]->type->elem);
}

/* A place that is empty gets its memory by ASSIGN; which ones are is not asked: a variable whose memory
 * is there already is lent, and has no ASSIGN of its own. */
static const char *deed(const Context *cx, const Op *op) {
    switch ((int)op->kind) {
    case OP_ALLOC: return "memory is allocated";
    case OP_APPEND: return "appending to a list takes memory";
    case OP_ARENA: return "an arena is made";
    case OP_DUP: return op->operands[0]->type->elem->kind != IR_SCALAR ? "a copy is made" : NULL;
    case OP_REDUCES: return copies_array(op) ? "each chunk of the loop gets an array of its own" : NULL;
    case OP_ASSIGN: return op->operands[0]->type->kind == IR_REF ? assigned(cx, op) : NULL;
    default: return NULL;
    }
}

typedef struct SourceScan {
    const Context *cx;
    MemoryTaken first;
} SourceScan;

static void op_judge(void *user, Op *op) {
    SourceScan *scan = user;
    if (scan->first.deed == NULL) scan->first = (MemoryTaken){op->span, deed(scan->cx, op), NULL};
}

MemoryTaken source_takes_memory(void *user, IrFn *fn) {
    const IrModule *module = user;
    SourceScan scan = {.cx = module->cx};
    region_walk(fn->body, op_judge, &scan);
    return scan.first;
}

/* ---- Through calls --------------------------------------------------------------------------- */

/* Why a function takes memory: by itself, or by a call of one that does. */
typedef struct Cause {
    bool is_known;
    MemoryTaken own;
    const IrFn *callee; /* called at own.span; NULL: by itself, if at all */
} Cause;

typedef struct Noalloc {
    IrModule *module;
    Cause *causes; /* by function id */
    Cause found;
} Noalloc;

static bool takes_memory(const Cause *cause) {
    return cause->own.deed != NULL || cause->callee != NULL;
}

static void call_judge(void *user, Op *op) {
    Noalloc *n = user;
    if (takes_memory(&n->found) || op->kind != OP_CALL) return;
    const IrFn *callee = op->attr.callee;
    bool calls = takes_memory(&n->causes[callee->id]);
    if (calls) n->found = (Cause){true, {.span = op->span}, callee};
}

static Cause cause_in(Noalloc *n, IrFn *fn, MemoryJudge judge, void *user) {
    n->found = n->causes[fn->id];
    if (!n->found.is_known) n->found = (Cause){true, judge(user, fn), NULL};
    region_walk(fn->body, call_judge, n);
    return n->found;
}

/* Callees come first; functions that call each other are looked at until nothing changes. */
static void causes_find(Arena *arena, Noalloc *n, MemoryJudge judge, void *user) {
    CallGraph graph = callgraph_of(arena, n->module);
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < graph.count; i++) {
            IrFn *fn = graph.bottom_up[i];
            Cause *cause = &n->causes[fn->id];
            if (takes_memory(cause)) continue;
            *cause = cause_in(n, fn, judge, user);
            changed = changed || (takes_memory(cause) && graph.is_recursive[fn->id]);
        }
    }
}

/* ---- Messages -------------------------------------------------------------------------------- */

static const char *spelled(const Noalloc *n, const IrFn *fn) {
    return text_of(n->module->cx, fn->source_name);
}

/* The calls on the way from `fn` to the one that takes memory by itself. */
static const Cause *calls_label(Noalloc *n, Diag *d, const IrFn *fn) {
    Context *cx = n->module->cx;
    const Cause *cause = &n->causes[fn->id];
    for (; cause->callee != NULL; cause = &n->causes[fn->id]) {
        diag_label(cx, d, cause->own.span, "`%s` calls `%s` here", spelled(n, fn),
                   spelled(n, cause->callee));
        fn = cause->callee;
    }
    diag_label(cx, d, cause->own.span, "in `%s`, %s here", spelled(n, fn), cause->own.deed);
    return cause;
}

static void fn_report(Noalloc *n, const IrFn *fn) {
    Context *cx = n->module->cx;
    const Cause *cause = &n->causes[fn->id];
    Diag *d;
    if (cause->callee == NULL)
        d = diag_add(cx, K0385, cause->own.span, "`%s` is marked `@noalloc`, but %s here",
                     spelled(n, fn), cause->own.deed);
    else
        d = diag_add(cx, K0385, cause->own.span, "`%s` is marked `@noalloc`, but it calls `%s`, "
                     "which allocates", spelled(n, fn), spelled(n, cause->callee));
    diag_label(cx, d, fn->span, "`%s` promises not to allocate", spelled(n, fn));
    if (cause->callee != NULL) cause = calls_label(n, d, cause->callee);
    if (cause->own.reason != NULL) diag_note(cx, d, "%s", cause->own.reason);
}

void noalloc_check(IrModule *module, MemoryJudge judge, void *user) {
    if (!noalloc_is_asked(module)) return;
    Arena *arena = arena_create();
    Noalloc n = {.module = module, .causes = arena_array(arena, Cause, module->fns.len)};
    causes_find(arena, &n, judge, user);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->is_noalloc && takes_memory(&n.causes[fn->id])) fn_report(&n, fn);
    }
    arena_destroy(arena);
}

/* ---- What is below --------------------------------------------------------------------------- */

typedef struct Below {
    Arena *arena;
    bool *is_reached; /* by function id */
    Vec(IrFn *) todo;
} Below;

static void fn_reach(Below *b, IrFn *fn) {
    if (fn->body == NULL || b->is_reached[fn->id]) return;
    b->is_reached[fn->id] = true;
    vec_push(b->arena, &b->todo, fn);
}

static void op_mark(void *user, Op *op) {
    if (op->kind == OP_MAP) op->attr.flag = true;
    if (op->kind == OP_CALL) fn_reach(user, op->attr.callee);
}

void noalloc_mark(IrModule *module) {
    if (!noalloc_is_asked(module)) return;
    Below b = {.arena = arena_create()};
    b.is_reached = arena_array(b.arena, bool, module->fns.len);
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->is_noalloc) fn_reach(&b, module->fns.data[i]);
    while (b.todo.len > 0) region_walk(b.todo.data[--b.todo.len]->body, op_mark, &b);
    arena_destroy(b.arena);
}
