/* unroll: an innermost loop of a few iterations, inside of another loop, becomes its iterations one after the other.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * `for j in range(3): s += p[i, j] * q[j]` is shorter than any vector, so the loop around it is the one for lanes. Its
 * body is straight then: what the short loop read by an index are fields of one element, p[i, 0] to p[i, 2], which
 * come by whole vectors (cells, spmd_cells.c), and what is the same in all iterations leaves the loop around it.
 *
 * Legality: the bounds are constants, nothing jumps out of an iteration, and there is no `else`. Promises are about
 * loops as they are written, so `simd for`, `parallel for` and loops over vectors stay. Profitability: few iterations
 * and few ops. There may be more where the loop goes through a window that moves along with a loop around, `x[i + k]`: its
 * elements are vectors for that one, and what is in one of them is in the next as well, an element further (slide). That
 * takes registers enough: with 16, a loop takes longer for it, unless it looks for a minimum or maximum: whether a NaN is
 * among all the elements is asked once then. A row of bytes that are read may be as long as eight, if bytes are all that is
 * made of them. */
#include "ir/analysis/affine.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

enum { MOST_TURNS = 4, MOST_OPS = 96, MOST_TURNS_OF_WINDOW = 16, MOST_OPS_OF_WINDOW = 128, MOST_TURNS_OF_BYTES = 8 };
enum { WIDE = 256 /* bits */, MANY_REGISTERS = 512 /* bits: targets that have 32 of them */ };

typedef struct Body {
    uint32_t ops;
    bool is_straight; /* no loops, jumps or ways out */
} Body;

static void op_note(void *user, Op *op) {
    Body *body = user;
    bool leaves = op->kind == OP_BREAK || op->kind == OP_CONTINUE || op->kind == OP_RETURN || op->kind == OP_RAISE;
    if (leaves || op->kind == OP_FOR || op->kind == OP_WHILE) body->is_straight = false;
    body->ops++;
}

/* ---- Windows --------------------------------------------------------------------------------- */

typedef struct Window {
    const Op *loop, *along; /* along: the loop around that it moves with; NULL: none was seen */
    bool fits;              /* nothing lies otherwise */
} Window;

/* The loop around whose index goes into the last index of an element as `loop`'s own does. */
static const Op *moves_with(const Op *loop, const Affine *last) {
    if (affine_factor(last, loop->regions[0]->params[0]) != 1) return NULL;
    for (const Op *around = loop->parent->parent; around != NULL; around = around->parent->parent)
        if (around->kind == OP_FOR && affine_factor(last, around->regions[0]->params[0]) == 1) return around;
    return NULL;
}

static Affine last_index(const Op *load) { return affine_of(load->operands[load->operand_count - 1], NULL, NULL); }

static void along_note(void *user, Op *op) {
    Window *w = user;
    if (op->kind == OP_STORE || op->kind == OP_CALL) w->fits = false;
    if (op->kind != OP_LOAD || w->along != NULL) return;
    Affine last = last_index(op);
    w->along = moves_with(w->loop, &last);
}

/* It is the same all along, or the next iteration's lies beside it. */
static bool lies_along(const Op *along, const Affine *index, bool is_last) {
    const Value *at = along->regions[0]->params[0];
    for (uint32_t i = 0; i < index->count; i++) {
        const AffineTerm *term = &index->terms[i];
        if (term->value == at && (!is_last || term->factor != 1)) return false;
        if (term->value != at && term->value->def != NULL && value_is_made_in(term->value, along)) return false;
    }
    return true;
}

static void load_note(void *user, Op *op) {
    Window *w = user;
    for (uint32_t i = 1; op->kind == OP_LOAD && i < op->operand_count; i++) {
        Affine index = affine_of(op->operands[i], NULL, NULL);
        if (!lies_along(w->along, &index, i + 1 == op->operand_count)) w->fits = false;
    }
}

static bool is_window(const Op *loop) {
    Window w = {.loop = loop, .fits = true};
    region_walk(loop->regions[0], along_note, &w);
    if (w.along == NULL || !w.fits) return false;
    region_walk(loop->regions[0], load_note, &w);
    return w.fits;
}

/* ---- Rows of bytes ---------------------------------------------------------------------------- */

static bool is_byte(const IrType *type) { return ir_is_scalar(type) && type->size == 1; }

static void byte_note(void *user, Op *op) {
    bool *are_all = user;
    const IrType *type = op->result_count == 1 ? op_result(op)->type : NULL;
    bool widens = op->kind == OP_CAST && is_byte(op->operands[0]->type) && !is_byte(type);
    bool is_other = op->kind == OP_LOAD && !is_byte(type);
    if (op->kind == OP_CALL || op->kind == OP_STORE || widens || is_other) *are_all = false;
}

/* They are lanes for the loop around it, and would be part of a register here. Rows that are stored are better stored as such:
 * to put eight vectors together lane by lane is a lot of code. */
static bool is_of_bytes(const Op *loop) {
    bool are_all = true;
    region_walk(loop->regions[0], byte_note, &are_all);
    return are_all;
}

/* ---- Minima and maxima ------------------------------------------------------------------------ */

typedef struct Kinds {
    bool extremes, others;
} Kinds;

static void kind_note(void *user, Op *op) {
    Kinds *kinds = user;
    bool computes = op_is_pure(op) && op->result_count == 1 && ir_is_float(op_result(op)->type) && op->kind != OP_CONST;
    bool is_extreme = op->kind == OP_MIN || op->kind == OP_MAX;
    if (computes && is_extreme) kinds->extremes = true;
    else if (computes) kinds->others = true;
}

static bool is_of_extremes(const Op *loop) {
    Kinds kinds = {0};
    region_walk(loop->regions[0], kind_note, &kinds);
    return kinds.extremes && !kinds.others;
}

/* ---- Which loops ------------------------------------------------------------------------------ */

/* How many iterations there are; 0: that is not known, or the loop stays. */
static int64_t turns_of(const PassContext *pass, const Op *loop) {
    int64_t lo, hi, step;
    bool known = value_is_int(loop->operands[0], &lo) && value_is_int(loop->operands[1], &hi) &&
                 value_is_int(loop->operands[2], &step) && step == 1 && hi > lo && hi - lo <= MOST_TURNS_OF_WINDOW;
    if (!known || loop->attr.loop.is_simd || !loop_is_plain(loop)) return 0;
    Body body = {.is_straight = true};
    region_walk(loop->regions[0], op_note, &body);
    uint64_t ops = body.ops * (uint64_t)(hi - lo);
    if (!body.is_straight || ops > MOST_OPS_OF_WINDOW) return 0;
    bool is_short = hi - lo <= MOST_TURNS && ops <= MOST_OPS;
    if (is_short || pass->options->vector_bits < WIDE) return is_short ? hi - lo : 0;
    bool has_registers = pass->options->vector_bits >= MANY_REGISTERS || is_of_extremes(loop);
    bool is_longer = (hi - lo <= MOST_TURNS_OF_BYTES && is_of_bytes(loop)) || (has_registers && is_window(loop));
    return is_longer ? hi - lo : 0;
}

static void loop_unroll(PassContext *pass, Op *loop, int64_t turns) {
    Cloner cloner = {.arena = pass->scratch};
    Builder b = builder_before(loop);
    int64_t lo;
    KC_CHECK(value_is_int(loop->operands[0], &lo));
    for (int64_t i = 0; i < turns; i++) {
        b.span = loop->span;
        Value *index = build_i64(&b, lo + i);
        cloner_body(&cloner, &b, loop->regions[0], &index, NULL);
    }
    op_unlink(loop);
    pass->changed = true;
}

static void region_visit(PassContext *pass, Region *region, bool in_loop) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
        for (uint32_t i = 0; i < op->region_count; i++) region_visit(pass, op->regions[i], in_loop || is_loop);
        int64_t turns = in_loop && op->kind == OP_FOR ? turns_of(pass, op) : 0;
        if (turns != 0) loop_unroll(pass, op, turns);
    }
}

void unroll_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL) region_visit(pass, module->fns.data[i]->body, false);
}
