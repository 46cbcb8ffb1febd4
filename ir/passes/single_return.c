/* single-return: early returns become structure.
 *
 * Requires: nothing.
 * Establishes: functions that inline may want return once, as the last op of their body.
 * Breaks: nothing.
 *
 * `if c: return a` followed by more becomes if/else, the rest moving into the other branch; a
 * return in a loop sets a flag and breaks out of it. Results travel in variables, which simplify
 * turns back into values. Functions whose returns hide inside expressions that give a value are
 * left alone. */
#include "ir/analysis/callgraph.h"
#include "ir/passes/inline_plan.h"
#include "ir/passes/runs.h"

typedef struct Returns {
    IrFn *fn;
    Value **results; /* variables */
    Value *flag;     /* variable: the function has returned */
} Returns;

/* ---- Legality -------------------------------------------------------------------------------- */

static void return_note(void *user, Op *op) {
    uint32_t *count = user;
    *count += op->kind == OP_RETURN;
}

static uint32_t returns_below(Region *region) {
    uint32_t count = 0;
    region_walk(region, return_note, &count);
    return count;
}

/* Returns below an op that gives values are not taken apart, nor those in the condition of a while,
 * after a loop that came to its end, or in a try. */
static bool is_opaque(const Op *op, uint32_t region) {
    if (op->result_count != 0 || op->kind == OP_TRY) return true;
    if (op->kind == OP_FOR) return region == 1;
    return op->kind == OP_WHILE && region != 1;
}

static bool region_is_simple(Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        for (uint32_t i = 0; i < op->region_count; i++) {
            if (is_opaque(op, i) && returns_below(op->regions[i]) != 0) return false;
            if (!region_is_simple(op->regions[i])) return false;
        }
    }
    return true;
}

static bool returns_once(const IrFn *fn) {
    const Op *last = fn->body->last;
    uint32_t wanted = last != NULL && last->kind == OP_RETURN ? 1 : 0;
    return returns_below(fn->body) == wanted && (wanted == 1 || fn->results.len == 0);
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void return_record(Returns *r, Op *op, bool in_loop) {
    Builder b = builder_before(op);
    for (uint32_t i = 0; i < op->operand_count; i++) build_set(&b, r->results[i], op->operands[i]);
    build_set(&b, r->flag, build_bool(&b, true));
    if (in_loop) build_break(&b);
    op_unlink(op);
}

/* Moves everything after `op` to the end of `region`, which falls through. */
static void rest_move(Op *op, Region *region) {
    if (region->last != NULL && op_ends(region->last)) op_unlink(region->last);
    for (Op *rest = op->next, *next; rest != NULL; rest = next) {
        next = rest->next;
        op_unlink(rest);
        op_append(region, rest);
    }
}

static void rest_drop(Op *op) {
    while (op->next != NULL) op_unlink(op->next);
}

/* Every way through the region ends in a return. */
static bool always_returns(const Region *region) {
    const Op *last = region->last;
    if (last == NULL) return false;
    if (last->kind == OP_RETURN) return true;
    return last->kind == OP_IF && always_returns(last->regions[0]) &&
           always_returns(last->regions[1]);
}

static void region_restructure(Returns *r, Region *region, bool in_loop);

/* What follows `op`, which may have returned, runs only if it has not. In a loop that means to
 * leave the loop as well. */
static void rest_guard(Returns *r, Op *op, bool in_loop) {
    if (op->next == NULL && !in_loop) return;
    Builder b = op->next != NULL ? builder_before(op->next) : builder_at_end(op->parent, op->span);
    b.span = op->span;
    Op *guard = build_if(&b, build_get(&b, r->flag), NULL, 0);
    if (in_loop) {
        Builder inside = builder_at_end(guard->regions[0], op->span);
        build_break(&inside);
        return;
    }
    rest_move(guard, guard->regions[1]);
    region_restructure(r, guard->regions[1], false);
}

/* Outside of loops: the rest moves into the branch that does not return. */
static void if_restructure(Returns *r, Op *op) {
    Region *then = op->regions[0], *otherwise = op->regions[1];
    bool then_returns = always_returns(then), else_returns = always_returns(otherwise);
    if (then_returns && else_returns) rest_drop(op);
    else if (then_returns) rest_move(op, otherwise);
    else if (else_returns) rest_move(op, then);
    region_restructure(r, then, false);
    region_restructure(r, otherwise, false);
    if (!then_returns && !else_returns) rest_guard(r, op, false);
}

/* A region of a loop needs no care for what follows a return in it: the BREAK skips that. */
static void loop_restructure(Returns *r, Op *op, bool in_loop) {
    for (uint32_t i = 0; i < op->region_count; i++) region_restructure(r, op->regions[i], true);
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
    if (is_loop) rest_guard(r, op, in_loop);
}

static bool has_returns(const Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++)
        if (returns_below(op->regions[i]) != 0) return true;
    return false;
}

static void region_restructure(Returns *r, Region *region, bool in_loop) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op->kind == OP_RETURN) {
            return_record(r, op, in_loop);
            return;
        }
        if (!has_returns(op)) continue;
        bool is_if = op->kind == OP_IF && !in_loop;
        if (is_if) if_restructure(r, op);
        else loop_restructure(r, op, in_loop);
        if (!in_loop) return; /* the rest has moved, and was restructured there */
    }
}

static void fn_restructure(IrFn *fn) {
    Returns r = {fn, arena_array(fn->module->arena, Value *, fn->results.len), NULL};
    Region *body = fn->body;
    Builder top =
        body->first != NULL ? builder_before(body->first) : builder_at_end(body, fn->span);
    r.flag = build_var(&top, ir_bool(fn->module), NO_NAME);
    build_set(&top, r.flag, build_bool(&top, false));
    for (uint32_t i = 0; i < fn->results.len; i++)
        r.results[i] = build_var(&top, fn->results.data[i], NO_NAME);
    region_restructure(&r, body, false);
    Builder end = builder_at_end(body, fn->span);
    Value **values = arena_array(fn->module->arena, Value *, fn->results.len);
    for (uint32_t i = 0; i < fn->results.len; i++) values[i] = build_get(&end, r.results[i]);
    build_return(&end, values, fn->results.len);
}

bool fn_return_once(IrFn *fn) {
    if (returns_once(fn)) return true;
    if (!region_is_simple(fn->body)) return false;
    fn_restructure(fn);
    return true;
}

void single_return_run(PassContext *pass, IrModule *module) {
    CallGraph graph = callgraph_of(pass->scratch, module);
    for (uint32_t i = 0; i < graph.count; i++) {
        IrFn *fn = graph.bottom_up[i];
        if (!inline_is_candidate(fn, graph.is_recursive[fn->id], graph.callers[fn->id])) continue;
        if (returns_once(fn)) continue;
        pass->changed |= fn_return_once(fn);
    }
}
