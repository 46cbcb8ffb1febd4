/* Remainders of numbers that grow by a step with the loop's index: `b[i % m]`, `b[(3 * i + 1) % m]`. Until one starts
 * again, it is the number itself, less what it was more at the beginning of the lap. */
#include "ir/analysis/affine.h"
#include "ir/passes/choices.h"
#include "ir/passes/cloner.h"
#include "ir/passes/forms.h"
#include "ir/passes/laps.h"

enum { MOST_OPS = 80, MOST_FACTOR = 1 << 20, MOST_LAPS = 2 /* inside of each other */ };

typedef struct Remainder {
    const Op *op;
    int64_t factor; /* of the index */
    Affine rest;    /* what is divided is factor * index + rest */
} Remainder;

typedef struct BodyScan {
    const Value *remainder;
    uint32_t ops;
    bool is_plain, chooses;
} BodyScan;

static void op_note(void *user, Op *op) {
    BodyScan *scan = user;
    bool leaves = op->kind == OP_BREAK || op->kind == OP_CONTINUE || op->kind == OP_RETURN || op->kind == OP_RAISE;
    scan->ops++;
    if (leaves || op->kind == OP_FOR || op->kind == OP_WHILE || op->kind == OP_TRY) scan->is_plain = false;
    if (op->kind != OP_LOAD && op->kind != OP_STORE) return;
    for (uint32_t i = op->kind == OP_LOAD ? 1 : 2; i < op->operand_count; i++) {
        Affine form = affine_of(op->operands[i], NULL, NULL);
        scan->chooses = scan->chooses || affine_factor(&form, scan->remainder) != 0;
    }
}

/* It chooses an element, and nothing leaves the loop. */
static bool is_worth_it(const Op *loop, const Op *op) {
    BodyScan scan = {.remainder = op_result(op), .is_plain = true};
    region_walk(loop->regions[0], op_note, &scan);
    return scan.is_plain && scan.chooses && scan.ops <= MOST_OPS;
}

/* The pass `split` deals with what begins somewhere in its first lap. */
static bool is_shifted_index(const Op *loop, const Op *sum) {
    const Value *index = loop->regions[0]->params[0];
    return sum != NULL && sum->kind == OP_ADD && (sum->operands[0] == index || sum->operands[1] == index);
}

static bool remainder_of(const Op *loop, const Op *op, Remainder *r) {
    Affine index = affine_symbol(loop->regions[0]->params[0]);
    int64_t known;
    if (op->kind != OP_MOD || op_result(op)->type->kind != IR_SCALAR || op_result(op)->type->scalar != SCALAR_I64)
        return false;
    if (value_is_made_in(op->operands[1], loop) || value_is_int(op->operands[1], &known)) return false;
    *r = (Remainder){.op = op, .rest = affine_of(op->operands[0], NULL, NULL)};
    r->factor = affine_factor(&r->rest, index.terms[0].value);
    bool moves = r->factor != 0 && r->factor <= MOST_FACTOR && r->factor >= -MOST_FACTOR;
    if (!moves || is_shifted_index(loop, op->operands[0]->def) || !affine_add(&r->rest, &index, -r->factor)) return false;
    for (uint32_t i = 0; i < r->rest.count; i++)
        if (value_is_made_in(r->rest.terms[i].value, loop)) return false;
    return is_worth_it(loop, op);
}

/* From the first iteration of the lap on, where nothing can wrap. */
static Value *count_build(Builder *b, const Remainder *r, Value *number, Value *first) {
    Value *by = r->op->operands[1], *one = build_i64(b, 1);
    Value *up = build_binary(b, OP_SUB, build_binary(b, OP_SUB, by, first), one);
    Value *steps = build_binary(b, OP_FLOORDIV, r->factor > 0 ? up : first,
                                build_i64(b, r->factor > 0 ? r->factor : -r->factor));
    Value *fits = build_binary(b, OP_AND, number_fits(b, number, number), number_fits(b, one, by));
    fits = build_binary(b, OP_AND, fits, build_binary(b, OP_GT, by, build_i64(b, 0)));
    return build_select(b, fits, build_binary(b, OP_ADD, steps, one), build_i64(b, 0));
}

static Op *lap_build(PassContext *pass, Op *loop, const Remainder *r) {
    Lap lap = lap_open(loop);
    Builder *b = &lap.b;
    Value *by = build_i64(b, r->factor), *rest = form_build(b, &r->rest);
    Value *number = build_binary(b, OP_ADD, build_binary(b, OP_MUL, lap.from, by), rest);
    Value *first = build_binary(b, OP_MOD, number, r->op->operands[1]);
    Value *count = count_build(b, r, number, first), *more = build_binary(b, OP_SUB, number, first);
    Op *quiet = loop_copy(pass->scratch, b, loop, loop->operands[0], loop->operands[1]);
    Op *twin = op_twin(quiet->regions[0]->first, r->op);
    Builder in = builder_before(twin);
    Renames renames = {.arena = pass->scratch};
    renames_add(&renames, op_result(twin), build_binary(&in, OP_SUB, twin->operands[0], more));
    op_unlink(twin);
    renames_apply(&renames, quiet->regions[0]);
    lap_close(&lap, quiet, count, 0);
    return quiet;
}

static bool divides_once(PassContext *pass, Op *loop, Op **quiet) {
    Remainder r;
    for (const Op *op = loop->regions[0]->first; op != NULL; op = op->next) {
        if (!remainder_of(loop, op, &r)) continue;
        pass_remark(pass, loop->parent->fn, op->span, REMARK_REWRITTEN,
                    "until the remainder starts again, it only counts: the loop goes from one such place to the next");
        *quiet = lap_build(pass, loop, &r);
        pass->changed = true;
        return true;
    }
    return false;
}

bool loop_divides(PassContext *pass, Op *loop) {
    uint32_t laps = 0;
    while (laps < MOST_LAPS && divides_once(pass, loop, &loop)) laps++;
    return laps != 0;
}
