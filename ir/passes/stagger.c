/* stagger: a turn of a loop over lanes finds out where the next turn's elements are.
 *
 *     while t < far:                      place = f(t)
 *         place = f(t)                    while t < far:
 *         d += x[place]            =>         here = place
 *         t += step                           place = f(t + step)
 *                                             d += x[here]
 *                                             t += step
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * Where elements are loaded one by one, they wait for their places, which wait for long arithmetic, and what is
 * computed of them waits for all of that: a turn is a chain, and a processor looks ahead no further than a turn or two.
 * The next turn's places depend on nothing that is loaded, and fill the time.
 *
 * Legality: what is computed ahead is pure, and depends on variables alone that the loop sets once in each turn, to
 * what is pure as well; no turn is left in the middle. The last turn computes for nobody. Worth it: the chain to a
 * place is long, and few values go from turn to turn. */
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

enum {
    LONG_CHAIN = 5,  /* ops to a place, one after another */
    MAX_CARRIED = 6, /* values: each takes a register */
    MANY_LOADS = 16  /* elements that a turn takes one by one: less fits beside the next turn as it is */
};

typedef struct Stagger {
    PassContext *pass;
    Memory memory;
    Op *loop;
    uint32_t len;       /* of the tables below: by value id */
    bool *early;        /* computed of the loop's variables as they are when a turn begins, and of nothing else */
    uint32_t *chain;    /* of these: ops up to it, one after another */
    bool *needed;       /* of these: for a place, or computed of what is */
    OpVec carried;      /* ops whose results other ops use */
    OpVec states;       /* the GETs */
} Stagger;

static Region *body_of(const Op *loop) { return loop->regions[1]; }

/* ---- What can be computed when a turn begins ------------------------------------------------- */

/* The one SET of the variable in the loop, at the end of each turn if anywhere; NULL: there is none. */
static bool is_state(const Stagger *s, const Value *var, const Op **set) {
    const VarFacts *facts = memory_var(&s->memory, var);
    *set = NULL;
    if (facts == NULL || facts->escapes || value_is_made_in(var, s->loop)) return false;
    for (const VarSet *at = facts->first; at != NULL; at = at->next)
        for (const Op *op = at->set; op != NULL; op = op->parent->parent) {
            if (op != s->loop) continue;
            if (*set != NULL || at->set->parent != body_of(s->loop) || at->set->operands[0] != var) return false;
            *set = at->set;
        }
    return true;
}

static bool comes_before(const Op *a, const Op *b) {
    for (; a != NULL; a = a->next)
        if (a == b) return true;
    return false;
}

static bool is_early(const Stagger *s, const Value *value) {
    return !value_is_made_in(value, s->loop) || (value->id < s->len && s->early[value->id]);
}

static bool op_is_early(const Stagger *s, const Op *op) {
    const Op *set;
    if (op->kind == OP_GET) return is_state(s, op->operands[0], &set) && (set == NULL || comes_before(op, set));
    if (!op_is_pure(op) || op->region_count != 0 || op->result_count != 1) return false;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!is_early(s, op->operands[i])) return false;
    return true;
}

static void early_find(Stagger *s) {
    for (const Op *op = body_of(s->loop)->first; op != NULL; op = op->next) {
        if (!op_is_early(s, op)) continue;
        uint32_t id = op_result(op)->id;
        s->early[id] = true;
        for (uint32_t i = 0; i < op->operand_count && op->kind != OP_GET; i++) {
            const Value *from = op->operands[i];
            uint32_t before = value_is_made_in(from, s->loop) ? s->chain[from->id] : 0;
            if (s->chain[id] < before + 1) s->chain[id] = before + 1;
        }
    }
}

/* ---- What is needed ahead -------------------------------------------------------------------- */

static Op *early_def(const Stagger *s, const Value *value) {
    return value_is_made_in(value, s->loop) && is_early(s, value) ? value->def : NULL;
}

static void need_below(Stagger *s, const Value *value) {
    const Op *def = early_def(s, value);
    if (def == NULL || def->kind == OP_GET || s->needed[value->id]) return;
    s->needed[value->id] = true;
    for (uint32_t i = 0; i < def->operand_count; i++) need_below(s, def->operands[i]);
}

/* Elements that are loaded one by one from places that are known early, after a long chain. */
static uint32_t places_find(Stagger *s) {
    uint32_t loads = 0;
    for (const Op *op = body_of(s->loop)->first; op != NULL; op = op->next) {
        if (op->kind != OP_GATHER) continue;
        uint32_t rank = op->operands[0]->type->rank, chain = 0;
        bool known = true;
        for (uint32_t i = 1; i <= rank; i++) {
            const Value *index = op->operands[i];
            known = known && is_early(s, index);
            if (early_def(s, index) != NULL && chain < s->chain[index->id]) chain = s->chain[index->id];
        }
        if (!known || chain < LONG_CHAIN) continue;
        for (uint32_t i = 1; i <= rank; i++) need_below(s, op->operands[i]);
        loads += op_result(op)->type->lanes / gather_run(op);
    }
    return loads;
}

/* What is computed of them is computed along, rather than to carry both. */
static void needed_grow(Stagger *s) {
    for (const Op *op = body_of(s->loop)->first; op != NULL; op = op->next) {
        if (op->result_count != 1 || early_def(s, op_result(op)) == NULL || op->kind == OP_GET) continue;
        for (uint32_t i = 0; i < op->operand_count; i++)
            if (early_def(s, op->operands[i]) != NULL && s->needed[op->operands[i]->id])
                s->needed[op_result(op)->id] = true;
    }
}

typedef struct UseScan {
    Stagger *s;
    bool *used; /* by value id: by something else than what is computed ahead */
} UseScan;

static void use_note(void *user, Op *op) {
    UseScan *scan = user;
    bool ahead = op->result_count == 1 && early_def(scan->s, op_result(op)) != NULL && scan->s->needed[op_result(op)->id];
    for (uint32_t i = 0; i < op->operand_count && !ahead; i++)
        if (op->operands[i]->id < scan->s->len) scan->used[op->operands[i]->id] = true;
}

static void carried_find(Stagger *s) {
    UseScan scan = {s, arena_array(s->pass->scratch, bool, s->len)};
    region_walk(body_of(s->loop), use_note, &scan);
    for (Op *op = body_of(s->loop)->first; op != NULL; op = op->next) {
        if (op->result_count != 1) continue;
        uint32_t id = op_result(op)->id;
        if (s->needed[id] && scan.used[id]) vec_push(s->pass->scratch, &s->carried, op);
    }
}

/* ---- The next turn's ------------------------------------------------------------------------- */

/* The GETs that a value is computed of. */
static void states_find(Stagger *s, Op *op) {
    for (uint32_t i = 0; i < s->states.len; i++)
        if (s->states.data[i] == op) return;
    if (op->kind == OP_GET) vec_push(s->pass->scratch, &s->states, op);
    for (uint32_t i = 0; i < op->operand_count && op->kind != OP_GET; i++) {
        Op *def = early_def(s, op->operands[i]);
        if (def != NULL) states_find(s, def);
    }
}

/* What the variable of the GET holds when the next turn begins. */
static Value *next_content(const Stagger *s, const Op *get) {
    const Op *set;
    return is_state(s, get->operands[0], &set) && set != NULL ? set->operands[1] : op_result(get);
}

static bool next_is_early(const Stagger *s) {
    for (uint32_t i = 0; i < s->states.len; i++)
        if (!is_early(s, next_content(s, s->states.data[i]))) return false;
    return s->states.len != 0;
}

/* ---- Making it ------------------------------------------------------------------------------- */

typedef struct Copies {
    const Stagger *s;
    Builder b;
    Value **map; /* by value id */
} Copies;

static Copies copies_at(const Stagger *s, Builder b) {
    return (Copies){s, b, arena_array(s->pass->scratch, Value *, s->len)};
}

/* The value, computed once more at the builder's position. */
static Value *copy_of(Copies *c, Value *value) {
    const Op *def = early_def(c->s, value);
    if (def == NULL) return value;
    if (c->map[value->id] != NULL) return c->map[value->id];
    if (def->kind == OP_GET) return c->map[value->id] = build_get(&c->b, def->operands[0]);
    for (uint32_t i = 0; i < def->operand_count; i++) copy_of(c, def->operands[i]);
    op_clone(&c->b, def, c->map, c->s->len);
    return c->map[value->id];
}

static void stagger_make(Stagger *s) {
    Renames renames = {.arena = s->pass->scratch};
    Copies first = copies_at(s, builder_before(s->loop));
    Copies now = copies_at(s, builder_before(body_of(s->loop)->first));
    Copies next = now;
    next.map = arena_array(s->pass->scratch, Value *, s->len);
    for (uint32_t i = 0; i < s->states.len; i++) {
        const Op *get = s->states.data[i];
        next.map[op_result(get)->id] = copy_of(&now, next_content(s, get));
    }
    for (uint32_t i = 0; i < s->carried.len; i++) {
        Value *value = op_result(s->carried.data[i]);
        Value *place = build_var(&first.b, value->type, NO_NAME);
        build_set(&first.b, place, copy_of(&first, value));
        renames_add(&renames, value, build_get(&next.b, place));
        build_set(&next.b, place, build_unary(&next.b, OP_SETTLE, copy_of(&next, value)));
    }
    renames_apply(&renames, body_of(s->loop));
    pass_remark(s->pass, s->loop->parent->fn, s->loop->span, REMARK_STAGGERED,
                "where the next turn's elements are is found out before this one's are loaded");
    s->pass->changed = true;
}

/* ---- The walk -------------------------------------------------------------------------------- */

typedef struct BodyScan {
    bool gathers, is_whole; /* is_whole: innermost, and each turn is made to its end */
} BodyScan;

static void body_note(void *user, Op *op) {
    BodyScan *scan = user;
    bool leaves = op_ends(op) && op->kind != OP_YIELD;
    if (leaves || op->kind == OP_FOR || op->kind == OP_WHILE || op->kind == OP_TRY) scan->is_whole = false;
    if (op->kind == OP_GATHER) scan->gathers = true;
}

static void loop_visit(PassContext *pass, Op *loop) {
    IrFn *fn = loop->parent->fn;
    BodyScan scan = {.is_whole = true};
    region_walk(body_of(loop), body_note, &scan);
    if (!scan.is_whole || !scan.gathers) return;
    Stagger s = {.pass = pass, .memory = memory_of(pass->scratch, fn), .loop = loop, .len = fn->next_value};
    s.early = arena_array(pass->scratch, bool, s.len);
    s.needed = arena_array(pass->scratch, bool, s.len);
    s.chain = arena_array(pass->scratch, uint32_t, s.len);
    early_find(&s);
    if (places_find(&s) < MANY_LOADS) return;
    needed_grow(&s);
    carried_find(&s);
    for (uint32_t i = 0; i < s.carried.len; i++) states_find(&s, s.carried.data[i]);
    if (s.carried.len <= MAX_CARRIED && next_is_early(&s)) stagger_make(&s);
}

static void region_visit(PassContext *pass, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(pass, op->regions[i]);
        if (op->kind == OP_WHILE) loop_visit(pass, op);
    }
}

void stagger_run(PassContext *pass, IrModule *module) {
    if (pass->options->has_gathers) return;
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) region_visit(pass, module->fns.data[i]->body);
}
