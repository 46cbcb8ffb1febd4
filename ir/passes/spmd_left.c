/* Loops that stay loops over single iterations: why, and what the user can change. Asked of the innermost
 * ones when the others have become vectors, with the questions that decided it. `@must_vectorize` makes
 * an error of each. */
#include "ir/passes/spmd.h"

/* ---- What to change -------------------------------------------------------------------------- */

static const char *call_advice(const IrFn *callee) {
    return callee->raises ? "mark the function `@inline`: then the error is a way out of the loop, asked for all lanes"
                          : "mark the function `@inline`, and let it give back a number";
}

static const char *type_advice(const IrType *type) {
    switch ((int)type->kind) {
    case IR_VIEW: return "index the array itself, as in `x[i, j]`, instead of a window of it";
    case IR_STRUCT: return "keep what differs in variables that hold numbers";
    case IR_VEC: return "compute with numbers: the loop makes vectors of them";
    default: return "compute with numbers";
    }
}

static bool is_variable(const Value *ref) {
    const Op *def = ref_base(ref)->def;
    return def != NULL && def->kind == OP_VAR;
}

static const char *set_advice(const SpmdLoop *l, const Op *op) {
    bool is_number = is_variable(op->operands[0]) && ir_is_scalar(ref_base(op->operands[0])->type->elem);
    if (!is_number) return "write to an element that the loop's index chooses";
    return l->loop->attr.loop.is_simd
               ? "name it behind the loop's range if it is a sum, a product, a minimum or a maximum: "
                 "`reduce(+: s)`"
               : "if it is a sum, a product, a minimum or a maximum, say so: `simd for ... reduce(+: s)`";
}

static const char *advice(const SpmdLoop *l) {
    const Op *op = l->against;
    if (op == NULL) return NULL;
    switch ((int)op->kind) {
    case OP_BREAK: return "look for where the loop ends in a loop of its own, before this one";
    case OP_RETURN: return "look for what is returned in a loop of its own, before this one";
    case OP_PRINT: return "print behind the loop";
    case OP_CALL: return call_advice(op->attr.callee);
    case OP_RAISE: case OP_FAIL: case OP_CAUGHT: return "look for errors in a loop of its own, before this one";
    case OP_TRY: return "handle errors around the loop: the first one leaves it";
    case OP_ALLOC: case OP_FREE: case OP_ALLOC_IN: case OP_RESET: case OP_ARENA:
        return "make the memory once, before the loop";
    case OP_LIST: case OP_ITEMS: case OP_APPEND: case OP_TAKE:
        return "use an array, whose size stays what it is";
    case OP_SET: return set_advice(l, op);
    case OP_LOAD: case OP_STORE: return "read and write the fields of its elements one by one";
    case OP_FOR: return op == l->loop ? "move what stands in `else` behind the loop"
                                      : "give the inner loop a step that is a number";
    default: return op->result_count > 0 ? type_advice(op_result(op)->type) : NULL;
    }
}

/* ---- What stands against it ------------------------------------------------------------------ */

/* Of these, the first that holds: that the iterations have an order is asked last, since `simd for` would not
 * help where something else stands against it as well. Judges return what to change, or NULL. */

static void write_find(void *user, Op *op) {
    SpmdLoop *l = user;
    bool writes = (op_effects(l->spmd->effects, op) & EFFECT_WRITES) != 0;
    bool is_own = op->kind == OP_SET && is_variable(op->operands[0]);
    if (l->against != NULL || !writes || is_own) return;
    l->against = op;
    l->where = op->span;
}

static bool step_is_known(const Op *loop) {
    int64_t step;
    return value_is_int(loop->operands[2], &step) && step != 0;
}

static const char *order_judge(SpmdLoop *l) {
    const Spmd *s = l->spmd;
    if (s->pass->options->vector_bits == 0 && !s->fn->must_vectorize) {
        l->reason = "registers of this target have no fixed width, and LLVM decides";
        return NULL;
    }
    region_walk(l->loop->regions[0], write_find, l);
    bool is_statement = l->where.start == l->loop->span.start; /* of whole arrays */
    if (is_statement) {
        l->reason = "elements are read that other iterations write, so that their order counts";
        return "store into another array than the one that is read";
    }
    l->reason = "an iteration might read what another writes";
    return "`simd for` promises that no iteration reads what another writes, and kc checks the promise";
}

static const char *reason_find(SpmdLoop *l) {
    if (l->loop->kind == OP_WHILE) {
        l->reason = "how often a `while` loop runs is decided by its iterations";
        return "count with `for i in range(...)`";
    }
    if (!step_is_known(l->loop)) {
        l->reason = "the step of the loop is not known when it is compiled";
        return "write the step as a number";
    }
    legality_find(l);
    shapes_forget(l->spmd, l->loop);
    if (l->reason != NULL) return advice(l);
    if (!loop_is_candidate(l->spmd, l->loop)) return order_judge(l);
    if (plan_pays(l)) return NULL;
    l->reason = "its accesses are far apart, and there is too little arithmetic to make up for that";
    return "`simd for` makes vectors of it all the same";
}

/* ---- Which loops are left -------------------------------------------------------------------- */

static void loop_note(void *user, Op *op) {
    bool *found = user;
    *found = *found || is_loop(op);
}

static bool is_innermost(const Op *loop) {
    bool found = false;
    for (uint32_t i = 0; i < loop->region_count; i++) region_walk(loop->regions[i], loop_note, &found);
    return !found;
}

typedef struct NewSearch {
    uint32_t op_len;
    bool found;
} NewSearch;

static void look_for_new(void *user, Op *op) {
    NewSearch *search = user;
    search->found = search->found || op->id >= search->op_len;
}

/* Vectors, of a loop inside that is no longer there: nothing is known of ops that were not there before. */
static bool has_new(const Spmd *s, Op *loop) {
    NewSearch search = {.op_len = s->op_len};
    look_for_new(&search, loop);
    for (uint32_t i = 0; i < loop->region_count; i++) region_walk(loop->regions[i], look_for_new, &search);
    return search.found;
}

static bool is_part_of_vectors(const Op *loop) {
    for (const Op *op = loop; op != NULL; op = op->parent->parent)
        if (op->kind == OP_FOR && op->attr.loop.is_vector) return true;
    return false;
}

static void report(const SpmdLoop *l, const char *fix) {
    const Spmd *s = l->spmd;
    Context *cx = s->pass->cx;
    Diag *d = diag_add(cx, K0711, l->loop->span, "this loop cannot become vectors, and `%s` is marked "
                       "`@must_vectorize`", text_of(cx, s->fn->source_name));
    bool is_here = l->where.start == l->loop->span.start && l->where.end == l->loop->span.end;
    if (span_is_none(l->where) || is_here) diag_note(cx, d, "%s", l->reason);
    else diag_label(cx, d, l->where, "%s", l->reason);
    if (fix != NULL) diag_note(cx, d, "%s", fix);
}

static void loop_judge(void *user, Op *op) {
    Spmd *s = user;
    bool is_left = is_loop(op) && is_innermost(op) && !has_new(s, op) && !is_part_of_vectors(op);
    if (!is_left || span_is_none(op->span)) return;
    SpmdLoop l = {.spmd = s, .loop = op, .where = op->span};
    const char *fix = reason_find(&l);
    if (l.reason == NULL) return;
    pass_record(s->pass, s->fn, &(Remark){.kind = REMARK_SCALAR, .span = op->span, .text = l.reason,
                                          .fix = fix, .against = l.where});
    bool is_reported = op->kind == OP_FOR && op->attr.loop.is_simd;
    if (s->fn->must_vectorize && !is_reported) report(&l, fix);
}

void loops_left_judge(Spmd *s) {
    region_walk(s->fn->body, loop_judge, s);
}
