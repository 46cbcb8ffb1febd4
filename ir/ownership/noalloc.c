#include "ir/ownership/noalloc.h"

#include "ir/analysis/callgraph.h"
#include "ir/analysis/memory.h"

/* Why a function allocates: an op of its own, or a call of one that does. NULL: it does not. */
typedef struct Noalloc {
    IrModule *module;
    Op **causes; /* by function id: the first such op in the text */
    Op *found;
} Noalloc;

/* A place that is empty gets its memory by ASSIGN; which ones are is not asked: a variable whose memory
 * is there already is lent, and has no ASSIGN of its own. */
static bool makes_memory(const Op *op) {
    switch ((int)op->kind) {
    case OP_ALLOC:
    case OP_APPEND:
    case OP_ARENA: return true;
    case OP_DUP: return op->operands[0]->type->elem->kind != IR_SCALAR;
    case OP_ASSIGN: return op->operands[0]->type->kind == IR_REF;
    default: return false;
    }
}

static void op_judge(void *user, Op *op) {
    Noalloc *n = user;
    if (n->found != NULL) return;
    bool calls = op->kind == OP_CALL && n->causes[op->attr.callee->id] != NULL;
    if (makes_memory(op) || calls) n->found = op;
}

static Op *cause_in(Noalloc *n, IrFn *fn) {
    n->found = NULL;
    region_walk(fn->body, op_judge, n);
    return n->found;
}

/* Callees come first; functions that call each other are looked at until nothing changes. */
static void causes_find(Arena *arena, Noalloc *n) {
    CallGraph graph = callgraph_of(arena, n->module);
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = 0; i < graph.count; i++) {
            IrFn *fn = graph.bottom_up[i];
            if (n->causes[fn->id] != NULL) continue;
            n->causes[fn->id] = cause_in(n, fn);
            changed = changed || (n->causes[fn->id] != NULL && graph.is_recursive[fn->id]);
        }
    }
}

/* Whose memory it is, where that has a name. */
static const char *assigned(const Noalloc *n, const Op *assign) {
    Name name = ref_base(assign->operands[0])->name;
    if (name.id == 0) return "memory for the result is allocated";
    const Context *cx = n->module->cx;
    return arena_printf(cx->arena, "memory for `%s` is allocated", text_of(cx, name));
}

static const char *deed(const Noalloc *n, const Op *op) {
    switch ((int)op->kind) {
    case OP_APPEND: return "appending to a list takes memory";
    case OP_ARENA: return "an arena is made";
    case OP_DUP: return "a copy is made";
    case OP_ASSIGN: return assigned(n, op);
    default: return "memory is allocated";
    }
}

static const char *spelled(const Noalloc *n, const IrFn *fn) {
    return text_of(n->module->cx, fn->source_name);
}

static void fn_report(Noalloc *n, IrFn *fn) {
    Context *cx = n->module->cx;
    Op *cause = n->causes[fn->id];
    if (cause->kind != OP_CALL) {
        Diag *d = diag_add(cx, K0385, cause->span, "`%s` is marked `@noalloc`, but %s here",
                           spelled(n, fn), deed(n, cause));
        diag_label(cx, d, fn->span, "`%s` promises not to allocate", spelled(n, fn));
        return;
    }
    IrFn *callee = cause->attr.callee;
    Diag *d = diag_add(cx, K0385, cause->span, "`%s` is marked `@noalloc`, but it calls `%s`, which "
                       "allocates", spelled(n, fn), spelled(n, callee));
    diag_label(cx, d, fn->span, "`%s` promises not to allocate", spelled(n, fn));
    for (cause = n->causes[callee->id]; cause->kind == OP_CALL; cause = n->causes[callee->id]) {
        diag_label(cx, d, cause->span, "`%s` calls `%s` here", spelled(n, callee),
                   spelled(n, cause->attr.callee));
        callee = cause->attr.callee;
    }
    diag_label(cx, d, cause->span, "in `%s`, %s here", spelled(n, callee), deed(n, cause));
}

void noalloc_check(IrModule *module) {
    bool is_asked = false;
    for (uint32_t i = 0; i < module->fns.len; i++)
        is_asked = is_asked || module->fns.data[i]->is_noalloc;
    if (!is_asked) return;
    Arena *arena = arena_create();
    Noalloc n = {.module = module, .causes = arena_array(arena, Op *, module->fns.len)};
    causes_find(arena, &n);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->is_noalloc && n.causes[fn->id] != NULL) fn_report(&n, fn);
    }
    arena_destroy(arena);
}
