/* Where a loop is cut whose iterations share elements: in the middle, if its accesses go up from one end of an array, and down
 * from the other; into blocks, if they follow each other. */
#include "ir/passes/abreast.h"
#include "ir/passes/cloner.h"
#include "ir/passes/forms.h"
#include "ir/passes/loop_exits.h"

/* Shorter blocks cost more than lanes save. */
enum { SHORT_BLOCK = 32 };

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

/* Of accesses that differ in the last index alone. */
static bool elements_split(const Op *loop, const Element *pair[2], int64_t factor[2], Affine rest[2]) {
    uint32_t last = pair[0]->rank - 1;
    for (uint32_t d = 0; d < last; d++)
        if (!affine_equal(&pair[0]->index[d], &pair[1]->index[d])) return false;
    return form_split(loop, &pair[0]->index[last], &factor[0], &rest[0]) &&
           form_split(loop, &pair[1]->index[last], &factor[1], &rest[1]);
}

/* i + c = d - k where i + k = d - c */
bool accesses_cross(const Op *loop, const Element *a, const Element *b, Affine *sum) {
    int64_t factor[2];
    Affine rest[2];
    if (!elements_split(loop, (const Element *[]){a, b}, factor, rest) || factor[0] != -factor[1]) return false;
    bool up = factor[0] == 1;
    *sum = rest[up ? 1 : 0];
    return affine_add(sum, &rest[up ? 0 : 1], -1);
}

/* i + c = k + d where k - i = c - d */
bool accesses_follow(const Op *loop, const Element *store, const Element *load, Affine *distance) {
    int64_t factor[2];
    Affine rest[2];
    if (!elements_split(loop, (const Element *[]){store, load}, factor, rest) || factor[0] != factor[1]) return false;
    bool up = factor[0] == 1;
    *distance = rest[up ? 0 : 1];
    return affine_add(distance, &rest[up ? 1 : 0], -1);
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

/* Each of the two lies on its side of the half, which is what is to be proved of the parts. */
Halves halves_build(Op *loop, const Affine *sum) {
    Builder b = builder_before(loop);
    Value *up = build_binary(&b, OP_ADD, form_build(&b, sum), build_i64(&b, 1));
    Value *half = build_binary(&b, OP_FLOORDIV, up, build_i64(&b, 2));
    Value *end = build_binary(&b, OP_MIN, half, loop->operands[1]);
    return (Halves){end, build_binary(&b, OP_MAX, half, loop->operands[0])};
}

void loop_cut(PassContext *pass, Op *loop, Halves halves) {
    Builder b = builder_before(loop);
    loop_copy(pass->scratch, &b, loop, loop->operands[0], halves.end);
    loop_set_range(loop, halves.begin, loop->operands[1]);
    pass_remark(pass, loop->parent->fn, loop->span, REMARK_REWRITTEN,
                "cut where it meets what it has written, so that iterations share nothing");
}

/* `hi` is a size, so that no number here wraps where the loop runs; where it does not, nothing runs. */
void loop_block(PassContext *pass, Op *loop, const Affine *distance) {
    Builder b = builder_before(loop);
    Value *lo = loop->operands[0], *hi = loop->operands[1];
    Value *most = build_binary(&b, OP_MIN, form_build(&b, distance), build_binary(&b, OP_SUB, hi, lo));
    Op *branch = build_if(&b, build_binary(&b, OP_GE, most, build_i64(&b, SHORT_BLOCK)), NULL, 0);
    Builder in = builder_at_end(branch->regions[0], loop->span);
    Op *blocks = build_for(&in, lo, hi, most, (OpLoop){.is_simd = false});
    Value *from = blocks->regions[0]->params[0];
    in = builder_at_end(blocks->regions[0], loop->span);
    Value *count = build_binary(&in, OP_MIN, most, build_binary(&in, OP_SUB, hi, from));
    loop_copy(pass->scratch, &in, loop, from, build_binary(&in, OP_ADD, from, count))->attr.loop.independent = true;
    Builder stays = builder_at_end(branch->regions[1], loop->span);
    Op *short_of = loop_copy(pass->scratch, &stays, loop, lo, hi);
    if (!branch->parent->fn->must_vectorize) short_of->span = NO_SPAN; /* told of here */
    op_unlink(loop);
    pass_remark(pass, branch->parent->fn, loop->span, REMARK_REWRITTEN,
                "in blocks as long as the way to the iteration that reads what this one writes, if that is %d or more; "
                "else in order", SHORT_BLOCK);
}
