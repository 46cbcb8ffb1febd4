/* tiles: where vectors are made of elements that lie a row apart, several iterations of the loop around take whole rows.
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 *     for i: for j in 8s: r[i, j..] = (m[j, i], m[j + 1, i], ..)
 *
 * loads each element by itself, while the next iteration of the loop around wants their neighbours. So eight iterations of it
 * go together: eight rows are loaded side by side, m[j, i..] to m[j + 7, i..], and turned by shuffles, so that each of the
 * iterations finds its lanes. What is left of the inner loop, and of the outer one, runs as it was.
 *
 * Legality: iterations of the loop around share nothing that is written, and do nothing but access elements. The gathers
 * read what the loop does not write, and so does what stands before the inner loop, which is done once more for what that
 * leaves over. Profitability: the body is short, since there are eight of it. */
#include "ir/analysis/affine.h"
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"
#include "ir/words.h"

enum { LEAST_LANES = 4, MOST_LANES = 8, MOST_OPS = 16, MOST_GATHERS = 2 };

typedef struct Tile {
    PassContext *pass;
    const Memory *memory;
    Op *outer, *inner;
    uint32_t lanes;
    Op *gathers[MOST_GATHERS];
    uint32_t gather_count;
} Tile;

/* ---- Legality -------------------------------------------------------------------------------- */

static void op_note(void *user, Op *op) {
    bool *is_plain = user;
    bool accesses = op->kind == OP_LOAD || op->kind == OP_STORE || op_is_vector_access(op->kind);
    if (!op_is_pure(op) && !accesses && op->kind != OP_FOR) *is_plain = false;
}

static bool is_only_read(const Tile *t, const Value *view) {
    return !elements_may_change(t->memory, t->outer->regions[0], view);
}

/* 0, 1, 2, .. and a number, the same for all lanes; NULL: others. */
static Value *ramp_first(const Value *lanes) {
    const Op *sum = lanes->def;
    if (sum == NULL || sum->kind != OP_ADD) return NULL;
    for (uint32_t i = 0; i < 2; i++) {
        const Op *steps = sum->operands[i]->def, *first = sum->operands[1 - i]->def;
        bool matches = steps != NULL && steps->kind == OP_LANES && first != NULL && first->kind == OP_SPLAT;
        if (matches && first->operands[0]->type->scalar == SCALAR_I64) return first->operands[0];
    }
    return NULL;
}

/* Lanes take one row after the other, and the loop around the next element of the row. */
static bool is_column(const Tile *t, const Op *gather) {
    const IrType *view = gather->operands[0]->type;
    const Value *index = t->outer->regions[0]->params[0];
    uint32_t ramps = 0;
    if (view->strided || gather->operand_count != 1 + view->rank || gather_run(gather) != 1) return false;
    if (value_is_made_in(gather->operands[0], t->outer)) return false;
    for (uint32_t d = 0; d < view->rank; d++) {
        const Value *at = gather->operands[1 + d];
        bool is_last = d + 1 == view->rank, is_ramp = at->type->kind == IR_VEC;
        const Value *first = is_ramp ? ramp_first(at) : at;
        if (first == NULL || (is_ramp && is_last)) return false;
        Affine form = affine_of(first, NULL, NULL);
        if (affine_factor(&form, index) != (is_last ? 1 : 0)) return false;
        ramps += is_ramp;
    }
    return ramps == 1 && is_only_read(t, gather->operands[0]);
}

static bool inner_fits(Tile *t, Op *inner) {
    int64_t step;
    uint32_t ops = 0;
    if (!inner->attr.loop.is_vector || !value_is_int(inner->operands[2], &step)) return false;
    if (step < LEAST_LANES || step > MOST_LANES) return false;
    t->inner = inner;
    t->lanes = (uint32_t)step;
    t->gather_count = 0;
    for (uint32_t i = 0; i < 2; i++)
        if (value_is_made_in(inner->operands[i], t->outer)) return false;
    for (Op *op = inner->regions[0]->first; op != NULL; op = op->next) {
        ops++;
        if (op->region_count != 0) return false;
        if (op->kind != OP_GATHER || op_result(op)->type->lanes != t->lanes || !is_column(t, op)) continue;
        if (t->gather_count == MOST_GATHERS) return false;
        t->gathers[t->gather_count++] = op;
    }
    return ops <= MOST_OPS && t->gather_count > 0;
}

/* Done again before what the inner loop leaves over, it gives the same. */
static bool repeats(const Tile *t, const Op *op) {
    return op_is_pure(op) || (op->kind == OP_LOAD && is_only_read(t, op->operands[0]));
}

static bool finds_tile(Tile *t, Op *outer) {
    const OpLoop *attr = &outer->attr.loop;
    int64_t step;
    bool is_plain = true;
    t->outer = outer;
    if (outer->kind != OP_FOR || !attr->independent || attr->is_vector || outer->regions[1]->first != NULL) return false;
    if (!value_is_int(outer->operands[2], &step) || step != 1) return false;
    region_walk(outer->regions[0], op_note, &is_plain);
    if (!is_plain) return false;
    Op *op = outer->regions[0]->first;
    while (op != NULL && op->kind != OP_FOR && repeats(t, op)) op = op->next;
    return op != NULL && op->kind == OP_FOR && inner_fits(t, op);
}

/* ---- Apply: rows ----------------------------------------------------------------------------- */

/* Of each two vectors that lie `by` apart, the lanes that lie `by` apart change places. */
static void rows_turn(Builder *b, Value **rows, uint32_t count) {
    for (uint32_t by = count / 2; by != 0; by /= 2) {
        uint16_t low[MOST_LANES], high[MOST_LANES];
        for (uint32_t i = 0; i < count; i++) {
            low[i] = (uint16_t)((i & by) == 0 ? i : count + i - by);
            high[i] = (uint16_t)((i & by) == 0 ? i + by : count + i);
        }
        for (uint32_t i = 0; i < count; i++) {
            if ((i & by) != 0) continue;
            Value *first = rows[i], *second = rows[i + by];
            rows[i] = build_shuffle(b, first, second, low, count);
            rows[i + by] = build_shuffle(b, first, second, high, count);
        }
    }
}

/* What the gather gives in each of the iterations; its indices are those of the first. */
static void rows_load(Builder *b, const Op *gather, Value **rows, uint32_t count) {
    uint32_t rank = gather->operands[0]->type->rank;
    for (uint32_t k = 0; k < count; k++) {
        Value *indices[8];
        for (uint32_t d = 0; d < rank; d++) {
            Value *at = gather->operands[1 + d];
            bool is_ramp = at->type->kind == IR_VEC;
            indices[d] = is_ramp ? build_binary(b, OP_ADD, ramp_first(at), build_i64(b, k)) : at;
        }
        rows[k] = build_vload(b, gather->operands[0], indices, count, NULL);
    }
    rows_turn(b, rows, count);
}

/* ---- Apply: loops ---------------------------------------------------------------------------- */

/* The outer loop's body up to the inner loop, for an iteration; gives the inner loop. What comes before that of the first
 * iteration stands before all inner loops. */
static Op *inner_copy(const Tile *t, Region *body, Value *index, Op *first_inner) {
    Builder b = builder_at_end(body, t->outer->span);
    Cloner cloner = {.arena = t->pass->scratch};
    Op *before = body->last;
    cloner_body(&cloner, &b, t->outer->regions[0], &index, NULL);
    Op *first = before->next, *inner = op_twin(first, t->inner);
    while (body->last != inner) op_unlink(body->last);
    while (first_inner != NULL && before->next != inner) {
        Op *op = before->next;
        op_unlink(op);
        op_insert_before(op, first_inner);
    }
    return inner;
}

/* The ops of all iterations in one loop, behind the rows that they have their elements from. */
static void iterations_join(const Tile *t, Op **inners, Region *body) {
    Op *gathers[MOST_GATHERS][MOST_LANES];
    Value *rows[MOST_LANES];
    Renames renames = {.arena = t->pass->scratch};
    for (uint32_t g = 0; g < t->gather_count; g++)
        for (uint32_t k = 0; k < t->lanes; k++)
            gathers[g][k] = op_twin(inners[k]->regions[0]->first, t->gathers[g]);
    Region *joined = inners[0]->regions[0];
    for (uint32_t k = 1; k < t->lanes; k++) {
        Region *own = inners[k]->regions[0];
        renames_add(&renames, own->params[0], joined->params[0]);
        Builder end = builder_at_end(joined, t->inner->span);
        Op *last = build_i64(&end, 0)->def; /* to put ops before */
        while (own->first != NULL) {
            Op *op = own->first;
            op_unlink(op);
            op_insert_before(op, last);
        }
        op_unlink(last);
        op_unlink(inners[k]);
    }
    for (uint32_t g = 0; g < t->gather_count; g++) {
        Builder b = builder_before(gathers[g][0]);
        rows_load(&b, gathers[g][0], rows, t->lanes);
        for (uint32_t k = 0; k < t->lanes; k++) {
            renames_add(&renames, op_result(gathers[g][k]), rows[k]);
            op_unlink(gathers[g][k]);
        }
    }
    renames_apply(&renames, body);
}

/* What the inner loop leaves over, iteration by iteration. */
static void rest_build(const Tile *t, Builder *b, Value *lo, Value *hi) {
    Op *copy = loop_copy(t->pass->scratch, b, t->outer, lo, hi);
    op_unlink(op_twin(copy->regions[0]->first, t->inner));
}

static void tile_build(const Tile *t) {
    Op *outer = t->outer, *inners[MOST_LANES];
    Builder b = builder_before(outer);
    Value *lo = outer->operands[0], *hi = outer->operands[1], *lanes = build_i64(&b, t->lanes), *indices[MOST_LANES];
    Value *left = build_binary(&b, OP_MOD, build_binary(&b, OP_SUB, hi, lo), lanes);
    Value *end = build_binary(&b, OP_MAX, lo, build_binary(&b, OP_SUB, hi, left));
    Op *tiles = build_for(&b, lo, end, lanes, outer->attr.loop);
    Region *body = tiles->regions[0];
    b = builder_at_end(body, outer->span);
    Value *behind = build_binary(&b, OP_ADD, body->params[0], lanes);
    for (uint32_t k = 0; k < t->lanes; k++)
        indices[k] = build_binary(&b, OP_ADD, body->params[0], build_i64(&b, k));
    for (uint32_t k = 0; k < t->lanes; k++) inners[k] = inner_copy(t, body, indices[k], k == 0 ? NULL : inners[0]);
    iterations_join(t, inners, body);
    rest_build(t, &b, body->params[0], behind);
    loop_set_range(outer, end, hi);
    t->pass->changed = true;
    pass_remark(t->pass, outer->parent->fn, t->inner->span, REMARK_REWRITTEN,
                "with %u iterations of the loop around: rows are loaded side by side, and turned into columns", t->lanes);
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void region_visit(PassContext *pass, const Memory *memory, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        Tile tile = {.pass = pass, .memory = memory};
        next = op->next;
        if (op->kind == OP_FOR && finds_tile(&tile, op)) {
            tile_build(&tile);
            continue;
        }
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(pass, memory, op->regions[i]);
    }
}

void tiles_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Memory memory = memory_of(pass->scratch, fn);
        region_visit(pass, &memory, fn->body);
    }
}
