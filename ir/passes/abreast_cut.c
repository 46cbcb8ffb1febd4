/* Where a loop is cut whose accesses go up from one end of an array, and down from the other. */
#include "ir/passes/abreast.h"
#include "ir/passes/cloner.h"
#include "ir/passes/loop_exits.h"

/* rest = form without the index, whose factor is 1 or -1; false: it is another, or the rest changes as well. */
static bool form_split(const Op *loop, const Affine *form, int64_t *factor, Affine *rest) {
    Affine index = affine_symbol(loop->regions[0]->params[0]);
    *factor = affine_factor(form, index.terms[0].value);
    *rest = *form;
    if ((*factor != 1 && *factor != -1) || !affine_add(rest, &index, -*factor)) return false;
    for (uint32_t i = 0; i < rest->count; i++)
        if (value_is_made_in(rest->terms[i].value, loop)) return false;
    return true;
}

bool accesses_cross(const Op *loop, const Element *a, const Element *b, Affine *sum) {
    uint32_t last = a->rank - 1;
    int64_t up, down;
    Affine rest;
    for (uint32_t d = 0; d < last; d++)
        if (!affine_equal(&a->index[d], &b->index[d])) return false;
    if (!form_split(loop, &a->index[last], &up, &rest) || !form_split(loop, &b->index[last], &down, sum)) return false;
    /* i + c = d - k where i + k = d - c */
    Affine difference = up == 1 ? *sum : rest;
    if (up != -down || !affine_add(&difference, up == 1 ? &rest : sum, -1)) return false;
    *sum = difference;
    return true;
}

static void whole_note(void *user, Op *op) {
    const Op **loop = user;
    if (*loop == NULL) return;
    bool carries = op->kind == OP_SET && !value_is_made_in(ref_base(op->operands[0]), *loop);
    if (is_exit(*loop, op) || carries) *loop = NULL;
}

/* What is carried from one iteration to the next keeps lanes from it anyway. */
bool loop_may_be_cut(const Op *loop) {
    const Op *stays = loop;
    int64_t step;
    region_walk(loop->regions[0], whole_note, &stays);
    return stays != NULL && loop->regions[1]->first == NULL && value_is_int(loop->operands[2], &step) && step == 1;
}

static Value *form_build(Builder *b, const Affine *form) {
    Value *sum = build_i64(b, form->constant);
    for (uint32_t i = 0; i < form->count; i++) {
        Value *number = build_cast(b, (Value *)form->terms[i].value, ir_i64(b->fn->module)); /* forms look through widening */
        Value *term = build_binary(b, OP_MUL, number, build_i64(b, form->terms[i].factor));
        sum = build_binary(b, OP_ADD, sum, term);
    }
    return sum;
}

/* Each of the two lies on its side of the half, which is what is to be proved of the parts. */
Halves halves_build(Op *loop, const Affine *sum) {
    Builder b = builder_before(loop);
    Value *up = build_binary(&b, OP_ADD, form_build(&b, sum), build_i64(&b, 1));
    Value *half = build_binary(&b, OP_FLOORDIV, up, build_i64(&b, 2));
    Value *end = build_binary(&b, OP_MIN, half, loop->operands[1]);
    return (Halves){end, build_binary(&b, OP_MAX, half, loop->operands[0])};
}

void range_set(Op *loop, Value *lo, Value *hi) {
    op_set_operands(loop, (Value *[]){lo, hi, loop->operands[2]}, 3);
}

void loop_cut(PassContext *pass, Op *loop, Halves halves) {
    Builder b = builder_before(loop);
    Op *first = build_for(&b, loop->operands[0], halves.end, loop->operands[2], loop->attr.loop);
    Builder in = builder_at_end(first->regions[0], b.span);
    Cloner cloner = {.arena = pass->scratch};
    cloner_body(&cloner, &in, loop->regions[0], first->regions[0]->params, NULL);
    range_set(loop, halves.begin, loop->operands[1]);
    pass_remark(pass, loop->parent->fn, loop->span, REMARK_REWRITTEN,
                "cut where it meets what it has written, so that iterations share nothing");
}
