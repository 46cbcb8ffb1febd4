/* reroll: a loop that was unrolled by hand is rolled up again.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED).
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * `for i in range(0, n, 4)` over a[i] = .., a[i + 1] = .., a[i + 2] = .., a[i + 3] = .. is a loop over single
 * elements, whose vectors are those of neighbours; as it stands, each of the four would be every fourth one.
 *
 * Legality: as many stores as the step, of which number j stores what number 0 would store in iteration
 * i + j; and nothing that is loaded is stored, but for the element that the store itself is to. So the
 * order of the statements cannot be told. The body does nothing else. */
#include "ir/analysis/memory.h"
#include "ir/passes/runs.h"

enum { MOST_COPIES = 16 };

typedef struct Reroll {
    PassContext *pass;
    Memory memory;
    Op *loop;
    int64_t copies;
    Op *stores[MOST_COPIES]; /* by number */
} Reroll;

static const Value *index_of(const Reroll *r) { return r->loop->regions[0]->params[0]; }

/* ---- The same, `by` iterations later --------------------------------------------------------- */

/* Integers whose difference is what the index makes of it. */
static bool is_shifted(const Reroll *r, const Value *a, const Value *b, int64_t by) {
    Affine first = affine_of(a, NULL, NULL), gap = affine_of(b, NULL, NULL);
    int64_t factor = affine_factor(&first, index_of(r)), distance;
    for (uint32_t i = 0; i < first.count; i++)
        if (first.terms[i].value != index_of(r) && value_is_made_in(first.terms[i].value, r->loop)) return false;
    return affine_add(&gap, &first, -1) && affine_is_const(&gap, &distance) &&
           factor <= INT32_MAX && factor >= INT32_MIN && distance == factor * by;
}

/* Constants say what they are in an attribute, the other ops that are looked through by their kind. */
static bool is_like(const Op *a, const Op *b) {
    bool says_more = op_info(a)->attr != ATTR_NONE;
    return a->kind == b->kind && !says_more && a->result_count == 1 && b->result_count == 1 &&
           a->operand_count == b->operand_count && op_result(a)->type == op_result(b)->type &&
           (op_is_pure(a) || a->kind == OP_LOAD) && a->region_count == 0;
}

static bool is_later(const Reroll *r, const Value *a, const Value *b, int64_t by, uint32_t depth) {
    enum { MOST_DEPTH = 12 };
    if (a->type != b->type || depth > MOST_DEPTH) return false;
    if (a == b && !value_is_made_in(a, r->loop)) return true;
    if (a->type->kind == IR_SCALAR && a->type->scalar == SCALAR_I64 && is_shifted(r, a, b, by)) return true;
    uint64_t first, second;
    if (value_is_const(a, &first)) return value_is_const(b, &second) && first == second;
    if (a->def == NULL || b->def == NULL || !is_like(a->def, b->def)) return false;
    for (uint32_t i = 0; i < a->def->operand_count; i++)
        if (!is_later(r, a->def->operands[i], b->def->operands[i], by, depth + 1)) return false;
    return true;
}

static bool store_is_later(const Reroll *r, const Op *first, const Op *store, int64_t by) {
    bool is_same = first->operand_count == store->operand_count && first->operands[0] == store->operands[0];
    for (uint32_t i = 1; i < first->operand_count && is_same; i++)
        is_same = is_later(r, first->operands[i], store->operands[i], by, 0);
    return is_same;
}

/* ---- Legality -------------------------------------------------------------------------------- */

static bool stores_collect(Reroll *r) {
    int64_t count = 0;
    for (Op *op = r->loop->regions[0]->first; op != NULL; op = op->next) {
        bool is_known = op_is_pure(op) || op->kind == OP_LOAD || op->kind == OP_YIELD || op->kind == OP_STORE;
        if (!is_known || (op->kind == OP_STORE && count == r->copies)) return false;
        if (op->kind == OP_STORE) r->stores[count++] = op;
    }
    return count == r->copies && r->loop->regions[1]->first == NULL;
}

/* Statements may stand in any order: number 0 is the one that all others are later than. */
static bool stores_sort(Reroll *r) {
    for (int64_t first = 0; first < r->copies; first++) {
        Op *sorted[MOST_COPIES] = {r->stores[first]};
        int64_t found = 1;
        for (int64_t i = 0; i < r->copies; i++)
            for (int64_t by = 1; by < r->copies; by++)
                if (sorted[by] == NULL && store_is_later(r, r->stores[first], r->stores[i], by)) {
                    sorted[by] = r->stores[i];
                    found++;
                    break;
                }
        if (found != r->copies) continue;
        for (int64_t i = 0; i < r->copies; i++) r->stores[i] = sorted[i];
        return true;
    }
    return false;
}

/* The element moves along with the index: no two of the stores are to the same one. */
static bool store_moves(const Reroll *r) {
    const Op *store = r->stores[0];
    for (uint32_t i = 2; i < store->operand_count; i++) {
        Affine form = affine_of(store->operands[i], NULL, NULL);
        if (affine_factor(&form, index_of(r)) != 0) return true;
    }
    return false;
}

/* The load is one that only the value of this store needs, and of the element that it is to. */
static bool loads_own(const Op *load, const Op *store) {
    if (load->operands[0] != store->operands[0]) return false;
    for (uint32_t i = 1; i < load->operand_count; i++)
        if (!values_equal(load->operands[i], store->operands[i + 1])) return false;
    return true;
}

static bool load_is_free(const Reroll *r, const Op *load) {
    Root from = memory_root(&r->memory, load->operands[0]), to = memory_root(&r->memory, r->stores[0]->operands[0]);
    if (!roots_may_overlap(&from, &to)) return true;
    for (const Op *op = load->next; op != NULL; op = op->next)
        if (op->kind == OP_STORE && loads_own(load, op)) return true;
    return false;
}

static bool loads_are_free(const Reroll *r) {
    for (const Op *op = r->loop->regions[0]->first; op != NULL; op = op->next)
        if (op->kind == OP_LOAD && !load_is_free(r, op)) return false;
    return true;
}

/* ---- Apply ----------------------------------------------------------------------------------- */

static void loop_roll(Reroll *r) {
    Op *loop = r->loop;
    Builder b = builder_before(loop);
    Value *lo = loop->operands[0], *hi = loop->operands[1], *step = loop->operands[2];
    Value *up = build_binary(&b, OP_ADD, build_binary(&b, OP_SUB, hi, lo), build_i64(&b, r->copies - 1));
    Value *count = build_binary(&b, OP_MUL, build_binary(&b, OP_FLOORDIV, up, step), step);
    Value *runs = build_binary(&b, OP_LT, lo, hi);
    Value *end = build_binary(&b, OP_ADD, lo, build_select(&b, runs, count, build_i64(&b, 0)));
    Value *operands[] = {lo, end, build_i64(&b, 1)};
    op_set_operands(loop, operands, 3);
    for (int64_t i = 1; i < r->copies; i++) op_unlink(r->stores[i]);
    pass_remark(r->pass, b.fn, loop->span, REMARK_REWRITTEN,
                "%lld statements for as many elements became one, in a loop over single elements",
                (long long)r->copies);
    r->pass->changed = true;
}

static void region_visit(Reroll *r, Region *region) {
    for (Op *op = region->first; op != NULL; op = op->next) {
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(r, op->regions[i]);
        r->loop = op;
        if (op->kind != OP_FOR || !value_is_int(op->operands[2], &r->copies) || r->copies < 2 ||
            r->copies > MOST_COPIES || !stores_collect(r) || !stores_sort(r))
            continue;
        if (store_moves(r) && loads_are_free(r)) loop_roll(r);
    }
}

void reroll_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Reroll r = {.pass = pass, .memory = memory_of(pass->scratch, fn)};
        region_visit(&r, fn->body);
    }
}
