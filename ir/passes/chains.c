/* chains: where a loop waits for itself, that of four iterations of the loop around it is one.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED), since a loop with checks stays.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 *     for i:                           for i in steps of 4:
 *         s = 0                            s0, s1, s2, s3 = 0
 *         for j:                           for j:
 *             s += m[i,j]                      s0 += m[i,j]; s1 += m[i+1,j]; ..
 *             t[i,j] = s                       t[i,j] = s0; ..
 *
 * Each addition waits for the one before, and float sums keep their order; but the rows know nothing of each other
 * (unroll and jam: Callahan, Cocke and Kennedy, "Estimating interlock and improving balance for pipelined architectures",
 * 1988). What was loaded for one row, v[j], is loaded once for four. An element that the next iteration loads, g[i,j-1] after
 * g[i,j] = .., is kept in a variable, since nobody else could tell that the other rows leave it alone.
 *
 * Legality: the iterations of the outer loop share nothing that is written; the bounds of the inner loop are the same in all
 * of them; nothing in either can be seen before its end. Profitability: neither will be a loop over vectors, and the inner one
 * hands something on from one iteration to the next. */
#include "ir/analysis/affine.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"
#include "ir/passes/spmd.h"

enum { WIDTH = 4, MOST_OPS = 32 };

typedef struct Chains {
    PassContext *pass;
    IrFn *fn;
    Memory memory;
    Op *outer, *inner;
    uint32_t ops;
    bool is_plain; /* elements, variables of its own, and arithmetic */
    bool waits;    /* the inner loop does, for its iteration before */
    const Op *store, *load; /* the next iteration loads what is stored; NULL: that is not so */
} Chains;

/* ---- Which loops ------------------------------------------------------------------------------ */

static bool counts_plainly(const Op *loop) { return loop_is_plain(loop) && !loop->attr.loop.is_simd; }

static bool is_own_variable(const Chains *s, const Op *op) {
    const Value *var = op->operands[0];
    return var->def != NULL && var->def->kind == OP_VAR && value_is_made_in(var, s->outer);
}

static void op_note(Chains *s, const Op *op) {
    s->ops++;
    switch ((int)op->kind) {
    case OP_VAR: case OP_LOAD: case OP_STORE: return;
    case OP_GET: case OP_SET:
        s->is_plain = s->is_plain && is_own_variable(s, op);
        s->waits = s->waits || (op->kind == OP_SET && op->parent == s->inner->regions[0] &&
                                !value_is_made_in(op->operands[0], s->inner));
        return;
    default: s->is_plain = s->is_plain && op_is_pure(op) && op->region_count == 0;
    }
}

/* The inner loop, if there is just one. */
static Op *only_loop(const Op *outer) {
    Op *found = NULL;
    for (Op *op = outer->regions[0]->first; op != NULL; op = op->next) {
        if (op->kind != OP_FOR) continue;
        if (found != NULL) return NULL;
        found = op;
    }
    return found;
}

/* ---- Elements that are handed on -------------------------------------------------------------- */

/* Iterations from one to the other in which the second index is what the first is, -1 if that is not known; `moves` if the
 * index is another in each iteration. */
static int64_t index_distance(const Op *loop, const Value *first, const Value *second, bool *moves) {
    Affine form = affine_of(first, NULL, NULL);
    const Value *index = loop->regions[0]->params[0];
    int64_t difference, step, factor = affine_factor(&form, index);
    *moves = factor != 0;
    if (!value_is_int(loop->operands[2], &step) || !affine_difference(first, second, &difference)) return -1;
    if (difference == 0) return 0;
    return factor == 1 && difference == step ? 1 : -1;
}

static bool stands_before(const Op *first, const Op *second) {
    while (first != NULL && first != second) first = first->next;
    return first != NULL;
}

/* The loads of what the store's array has: of the element itself, or of that of the iteration before. */
static bool load_follows(Chains *s, const Op *store, const Op *load) {
    int64_t distance = 0;
    bool moves = false;
    if (load->operands[0] != store->operands[0]) return false;
    for (uint32_t i = 1; i < load->operand_count; i++) {
        bool is_moving;
        int64_t one = index_distance(s->inner, store->operands[i + 1], load->operands[i], &is_moving);
        if (one < 0) return false;
        distance += one;
        moves = moves || is_moving;
    }
    if (distance > 1 || (distance == 1 && (s->load != NULL || !stands_before(load, store)))) return false;
    s->waits = s->waits || distance == 1 || !moves;
    if (distance == 1) s->load = load, s->store = store;
    return true;
}

/* What is known of each load of an array that is stored to. */
static bool loads_follow(Chains *s) {
    const Region *body = s->inner->regions[0];
    for (const Op *store = body->first; store != NULL; store = store->next) {
        if (store->kind != OP_STORE) continue;
        Root to = memory_root(&s->memory, store->operands[0]);
        for (const Op *op = body->first; op != NULL; op = op->next) {
            if (op == store || (op->kind != OP_LOAD && op->kind != OP_STORE)) continue;
            Root other = memory_root(&s->memory, op->operands[0]);
            if (!roots_may_overlap(&to, &other)) continue;
            if (op->kind == OP_STORE || !load_follows(s, store, op)) return false;
        }
    }
    return true;
}

/* Its indices are numbers of the outer iteration, or the inner index and a constant. */
static bool can_start(const Chains *s) {
    for (uint32_t i = 1; s->load != NULL && i < s->load->operand_count; i++) {
        int64_t offset;
        bool is_near = affine_difference(s->load->operands[i], s->inner->regions[0]->params[0], &offset);
        if (value_is_made_in(s->load->operands[i], s->inner) && !is_near) return false;
    }
    return true;
}

static bool is_candidate(Chains *s, Op *loop) {
    int64_t step;
    if (!counts_plainly(loop) || !loop->attr.loop.independent) return false;
    if (!value_is_int(loop->operands[2], &step) || step != 1) return false;
    *s = (Chains){.pass = s->pass, .fn = s->fn, .memory = s->memory, .outer = loop, .inner = only_loop(loop), .is_plain = true};
    if (s->inner == NULL || !counts_plainly(s->inner) || !value_is_int(s->inner->operands[2], &step) || step <= 0) return false;
    for (uint32_t i = 0; i < 3; i++)
        if (value_is_made_in(s->inner->operands[i], loop)) return false;
    for (const Op *op = loop->regions[0]->first; op != NULL; op = op->next)
        if (op != s->inner) op_note(s, op);
    for (const Op *op = s->inner->regions[0]->first; op != NULL; op = op->next) op_note(s, op);
    return s->is_plain && s->ops <= MOST_OPS && loads_follow(s) && can_start(s) && s->waits;
}

/* ---- Apply ------------------------------------------------------------------------------------ */

typedef struct Copies {
    Value **maps[WIDTH]; /* by value id: what stands for it in each of the iterations */
    uint32_t len;
    Value *kept[WIDTH]; /* variables: what the iteration before stored */
} Copies;

/* What stands for the value in that copy. */
static Value *copy_of(const Copies *c, uint32_t k, Value *value) {
    Value *copy = value->id < c->len ? c->maps[k][value->id] : NULL;
    return copy == NULL ? value : copy;
}

/* The ops from `first` up to `end`, for one iteration after the other. */
static void ops_copy(const Chains *s, Copies *c, Builder *b, const Op *first, const Op *end) {
    for (uint32_t k = 0; k < WIDTH; k++) {
        for (const Op *op = first; op != end; op = op->next) {
            if (op == s->load) c->maps[k][op_result(op)->id] = build_get(b, c->kept[k]);
            else op_clone(b, op, c->maps[k], c->len);
            if (op == s->store) build_set(b, c->kept[k], copy_of(c, k, op->operands[1]));
        }
    }
}

/* The element that the first iteration loads, if there is one. */
static Value *first_element(const Chains *s, const Copies *c, Builder *b, uint32_t k) {
    const IrType *type = op_result(s->load)->type;
    Value *lo = s->inner->operands[0], *indices[8];
    KC_CHECK(s->load->operand_count <= ARRAY_LEN(indices));
    Op *branch = build_if(b, build_binary(b, OP_LT, lo, s->inner->operands[1]), &type, 1);
    Builder in = builder_at_end(branch->regions[0], b->span);
    for (uint32_t i = 1; i < s->load->operand_count; i++) {
        int64_t offset;
        Value *index = s->load->operands[i];
        bool moves = value_is_made_in(index, s->inner) && affine_difference(index, s->inner->regions[0]->params[0], &offset);
        indices[i - 1] = moves ? build_binary(&in, OP_ADD, lo, build_i64(&in, offset)) : copy_of(c, k, index);
    }
    Value *element = build_load(&in, copy_of(c, k, s->load->operands[0]), indices);
    build_yield(&in, &element, 1);
    in = builder_at_end(branch->regions[1], b->span);
    Value *none = build_zero(&in, type);
    build_yield(&in, &none, 1);
    return op_result(branch);
}

static void kept_make(const Chains *s, Copies *c, Builder *b) {
    for (uint32_t k = 0; k < WIDTH && s->load != NULL; k++) {
        Value *first = first_element(s, c, b, k);
        c->kept[k] = build_var(b, first->type, NO_NAME);
        build_set(b, c->kept[k], first);
    }
}

static void rows_join(const Chains *s) {
    Op *outer = s->outer, *inner = s->inner;
    Builder before = builder_before(outer);
    Value *width = build_i64(&before, WIDTH), *end = blocks_end(&before, outer, WIDTH);
    Op *made = build_for(&before, outer->operands[0], end, width, (OpLoop){0});
    Builder b = builder_at_end(made->regions[0], outer->span);
    Copies c = {.len = s->fn->next_value};
    for (uint32_t k = 0; k < WIDTH; k++) {
        c.maps[k] = arena_array(s->pass->scratch, Value *, c.len);
        Value *index = build_binary(&b, OP_ADD, made->regions[0]->params[0], build_i64(&b, k));
        c.maps[k][outer->regions[0]->params[0]->id] = index;
    }
    ops_copy(s, &c, &b, outer->regions[0]->first, inner);
    kept_make(s, &c, &b);
    Op *rows = build_for(&b, inner->operands[0], inner->operands[1], inner->operands[2], inner->attr.loop);
    for (uint32_t k = 0; k < WIDTH; k++) c.maps[k][inner->regions[0]->params[0]->id] = rows->regions[0]->params[0];
    Builder in = builder_at_end(rows->regions[0], inner->span);
    ops_copy(s, &c, &in, inner->regions[0]->first, NULL);
    ops_copy(s, &c, &b, inner->next, NULL);
    loop_set_range(outer, end, outer->operands[1]);
    pass_remark(s->pass, s->fn, inner->span, REMARK_REWRITTEN,
                "one loop for %d iterations of the loop around it, since each of its own waits for the one before", WIDTH);
    s->pass->changed = true;
}

/* ---- The walk --------------------------------------------------------------------------------- */

static bool is_wanted(void *user, Spmd *s, Op *op) {
    Chains *chains = user;
    return is_candidate(chains, op) && (s == NULL || !loop_becomes_vectors(s, chains->inner));
}

static void fn_visit(PassContext *pass, Variants *variants, IrFn *fn) {
    Chains chains = {.pass = pass, .fn = fn, .memory = memory_of(pass->scratch, fn)};
    OpVec loops = loops_left_scalar(pass, variants, fn, is_wanted, &chains);
    for (uint32_t i = 0; i < loops.len; i++)
        if (is_candidate(&chains, loops.data[i])) rows_join(&chains);
}

void chains_run(PassContext *pass, IrModule *module) {
    Variants *variants = variants_of(pass, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body != NULL && !fn->must_vectorize) fn_visit(pass, variants, fn);
    }
}
