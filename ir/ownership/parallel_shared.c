/* What iterations may not do at all: change or move what they share, leave the loop, use one arena, call C
 * code that nothing is known about. */
#include <string.h>

#include "ir/failure.h"
#include "ir/ownership/check.h"
#include "ir/ownership/parallel.h"
#include "ir/ownership/parallel_call.h"
#include "ir/ownership/parallel_report.h"

typedef struct Shared {
    Context *cx;
    Arena *arena;
    IrFn *fn;
    const Op *loop;
    const Op *failure;          /* how an error leaves an iteration, or NULL */
    Vec(const Value *) reduced; /* as `reduce` declares, and the flag that an iteration failed */
    Vec(const Value *) blamed;  /* variables that an error was reported about */
    bool is_unsafe;             /* the current op is */
    bool ok;
} Shared;

static bool has_value(const Value *const *values, uint32_t count, const Value *value) {
    for (uint32_t i = 0; i < count; i++)
        if (values[i] == value) return true;
    return false;
}

/* The variable from outside of the loop that a ref belongs to, when it is not to be spoken of yet. */
static const Value *captured_root(const Shared *s, const Value *ref) {
    const Value *root = ref->type->kind == IR_REF ? ref_root(ref) : NULL;
    if (root == NULL || value_is_inside(root, s->loop)) return NULL;
    bool is_done = has_value(s->reduced.data, s->reduced.len, root) ||
                   has_value(s->blamed.data, s->blamed.len, root);
    return is_done ? NULL : root;
}

static Diag *blame(Shared *s, const Value *root, Diag *d) {
    s->ok = false;
    vec_push(s->arena, &s->blamed, root);
    return d;
}

static void label_declared(Shared *s, Diag *d, const Value *root) {
    const IrVar *var = parallel_var(root);
    if (var == NULL || span_is_none(var->declared)) return;
    diag_label(s->cx, d, var->declared, "`%s` is declared outside the parallel loop",
               parallel_place(s->cx, s->arena, root));
}

/* ---- K0373 ----------------------------------------------------------------------------------- */

/* `ref` holds the variable, read where it is not seen to change in between: `acc` in `acc + x`. */
static bool reads_place(const Value *value, const Value *ref) {
    return value->def != NULL && value->def->kind == OP_GET && value->def->operands[0] == ref;
}

/* How `reduce` writes the operation of `s = s op e`, or NULL. */
static const char *reduction_of(const Op *op) {
    if (op->kind != OP_SET || op->operands[1]->def == NULL) return NULL;
    const Op *value = op->operands[1]->def;
    const char *sign = reduce_sign(value->kind);
    if (sign == NULL) return NULL;
    bool is_left = reads_place(value->operands[0], op->operands[0]);
    bool is_right = reads_place(value->operands[1], op->operands[0]);
    return is_left || is_right ? sign : NULL;
}

/* The `:` that ends the head of the loop's statement; 0 when it is not written as one. */
static uint32_t head_end(const Source *source, Span target) {
    uint32_t depth = 0;
    for (uint32_t at = target.start; at < source->length; at++) {
        char c = source->text[at];
        if (c == '(' || c == '[') depth++;
        if ((c == ')' || c == ']') && depth-- == 0) return 0;
        if (c == ':' && depth == 0) return at;
        if (c == '\n' && depth == 0) return 0;
    }
    return 0;
}

static uint32_t line_start(const Source *source, uint32_t at) {
    while (at > 0 && source->text[at - 1] != '\n') at--;
    while (source->text[at] == ' ' || source->text[at] == '\t') at++;
    return at;
}

/* `n` of `parallelize[body](n, workers)`. */
static const char *first_argument(Shared *s, Span call) {
    const char *text = parallel_source(s->cx, s->arena, call), *open = strchr(text, ']');
    if (open == NULL || open[1] != '(') return "n";
    uint32_t depth = 0;
    const char *end = open + 2;
    for (; *end != '\0' && !(depth == 0 && (*end == ',' || *end == ')')); end++) {
        if (*end == '(' || *end == '[') depth++;
        if (*end == ')' || *end == ']') depth--;
    }
    return arena_strndup(s->arena, open + 2, (size_t)(end - open - 2));
}

/* `parallel for i in 0..n reduce(+: acc):`, as an edit where the loop is a statement. */
static void suggest_reduce(Shared *s, Diag *d, const char *sign, const char *place) {
    Span span = s->loop->span;
    const Source *source = span_is_none(span) ? NULL : source_of(&s->cx->sources, span);
    if (source == NULL) return;
    uint32_t from = line_start(source, span.start), end = head_end(source, span);
    const char *clause = arena_printf(s->arena, "reduce(%s: %s)", sign, place);
    if (end != 0 && strncmp(source->text + from, "parallelize", 11) != 0) {
        const char *head = arena_strndup(s->arena, source->text + from, end - from);
        Fix *fix = diag_fix(s->cx, d, FIX_SUGGESTED, "`%s %s:`", head, clause);
        fix_replace(s->cx, fix, (Span){span.file, end, end}, arena_printf(s->arena, " %s", clause));
        return;
    }
    const char *index = text_of(s->cx, s->loop->regions[0]->params[0]->name);
    diag_note(s->cx, d, "write `parallel for %s in 0..%s %s:`", *index ? index : "i",
              first_argument(s, span), clause);
}

static void report_changed(Shared *s, const Op *op, const Value *root, const Value *ref) {
    const char *place = parallel_place(s->cx, s->arena, ref);
    Diag *d = blame(s, root,
                    diag_add(s->cx, K0373, op->span,
                             "every iteration changes the shared variable `%s`", place));
    diag_label(s->cx, d, s->loop->span, "run in parallel here");
    label_declared(s, d, root);
    const char *sign = ref == root ? reduction_of(op) : NULL;
    if (sign != NULL)
        suggest_reduce(s, d, sign, place);
    else
        diag_note(s->cx, d, "give each iteration a variable of its own, declared inside the loop");
}

/* ---- K0374, K0376 ---------------------------------------------------------------------------- */

static void report_moved(Shared *s, const Op *op, const Value *root, const Value *ref) {
    const char *place = parallel_place(s->cx, s->arena, ref);
    Diag *d = blame(s, root,
                    diag_add(s->cx, K0374, op->span,
                             "every iteration would move `%s`, but there is only one `%s`", place,
                             place));
    label_declared(s, d, root);
    if (!type_can_copy(ref->type->elem) || op->kind != OP_MOVE) return;
    const char *copy = arena_printf(s->arena, "%s.copy()", place);
    Fix *fix = diag_fix(s->cx, d, FIX_AUTOMATIC, "`%s`", copy);
    fix_replace(s->cx, fix, op->span, copy);
}

static void report_arena(Shared *s, const Op *op, const Value *root, const Value *ref) {
    Diag *d = blame(s, root,
                    diag_add(s->cx, K0376, op->span,
                             "the arena `%s` is used by several iterations at the same time",
                             parallel_place(s->cx, s->arena, ref)));
    label_declared(s, d, root);
    diag_note(s->cx, d, "create the arena inside the loop body");
}

/* ---- K0377 ----------------------------------------------------------------------------------- */

typedef struct Calls {
    Arena *arena;
    bool *is_seen; /* by id of a function */
    const IrFn *unknown;
} Calls;

static void find_unknown_c(void *user, Op *op);

/* C code that a call may reach and that is not declared pure, or NULL. */
static const IrFn *unknown_c_behind(Calls *calls, IrFn *callee) {
    if (callee->is_extern) return callee->is_pure ? NULL : callee;
    if (callee->body == NULL || calls->is_seen[callee->id]) return NULL;
    calls->is_seen[callee->id] = true;
    region_walk(callee->body, find_unknown_c, calls);
    return calls->unknown;
}

static void find_unknown_c(void *user, Op *op) {
    Calls *calls = user;
    if (op->kind == OP_CALL && calls->unknown == NULL)
        calls->unknown = unknown_c_behind(calls, op->attr.callee);
}

static void check_call(Shared *s, const Op *op) {
    Calls calls = {s->arena, arena_array(s->arena, bool, s->fn->module->fns.len), NULL};
    const IrFn *callee = op->attr.callee, *unknown = unknown_c_behind(&calls, op->attr.callee);
    if (unknown == NULL) return;
    s->ok = false;
    const char *name = text_of(s->cx, unknown->source_name);
    Diag *d = diag_add(s->cx, K0377, op->span,
                       "`%s` is C code that may not be safe to call from several threads", name);
    if (unknown != callee)
        diag_primary_label(s->cx, d, "`%s` calls `%s`", text_of(s->cx, callee->source_name), name);
    diag_note(s->cx, d, "declare it `extern pure fn %s` if it has no hidden state", name);
}

/* ---- K0375 ----------------------------------------------------------------------------------- */

/* Whether a BREAK here ends the parallel loop, and not one inside of it. */
static bool breaks_loop(const Shared *s, const Op *op) {
    for (const Region *r = op->parent; r != NULL && r->parent != NULL; r = r->parent->parent) {
        const Op *around = r->parent;
        if (around->kind != OP_FOR && around->kind != OP_WHILE) continue;
        if (r == around->regions[around->region_count - 1]) continue; /* `done` */
        return around == s->loop;
    }
    return false;
}

static void check_exit(Shared *s, const Op *op) {
    const char *what = NULL;
    if (op->kind == OP_BREAK && op != s->failure && breaks_loop(s, op)) what = "`break`";
    if (op->kind == OP_RETURN) what = "`return`";
    if (what == NULL) return;
    s->ok = false;
    Diag *d =
        diag_add(s->cx, K0375, op->span,
                 "%s cannot leave a parallel loop: other iterations are already running", what);
    diag_label(s->cx, d, s->loop->span, "run in parallel here");
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void check_changed(Shared *s, const Op *op, uint32_t index) {
    const Value *ref = op_changed_ref(op, index), *root = ref ? captured_root(s, ref) : NULL;
    if (root == NULL) return;
    if (op->kind == OP_MOVE || op->kind == OP_WAIT)
        report_moved(s, op, root, ref);
    else if (op->kind != OP_CALL || !ir_type_owns(ref->type->elem))
        report_changed(s, op, root, ref);
}

static void check_operand(Shared *s, const Op *op, uint32_t index) {
    const Value *operand = op->operands[index];
    bool is_arena = operand->type->kind == IR_REF && operand->type->elem->kind == IR_ARENA;
    if (is_arena && op->kind != OP_FIELD && op->kind != OP_DROP && op->kind != OP_MOVE) {
        const Value *root = s->is_unsafe ? NULL : captured_root(s, operand);
        if (root != NULL) report_arena(s, op, root, operand);
        return;
    }
    if (!s->is_unsafe || op->kind == OP_MOVE) check_changed(s, op, index);
}

static void check_region(Shared *s, const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next) {
        if (op->kind == OP_REDUCES) {
            vec_push(s->arena, &s->reduced, ref_root(op->operands[0]));
            continue;
        }
        for (uint32_t i = 0; i < op->operand_count; i++) check_operand(s, op, i);
        if (op->kind == OP_CALL && !s->is_unsafe) check_call(s, op);
        if (s->loop->attr.loop.is_parallel) check_exit(s, op);
        bool was_unsafe = s->is_unsafe;
        s->is_unsafe |= op->kind == OP_UNSAFE;
        for (uint32_t r = 0; r < op->region_count; r++) check_region(s, op->regions[r]);
        s->is_unsafe = was_unsafe;
    }
}

bool parallel_loop_check_shared(Arena *arena, IrFn *fn, const Op *loop) {
    Shared s = {.cx = fn->module->cx, .arena = arena, .fn = fn, .loop = loop, .ok = true};
    s.failure = loop_failure(loop);
    if (s.failure != NULL) vec_push(arena, &s.reduced, failure_flag(s.failure));
    check_region(&s, loop->regions[0]);
    return s.ok;
}
