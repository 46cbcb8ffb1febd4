/* The loop unrolled, and the loops of its iterations made one each.
 *
 * The copies of a body stand one behind the other, op for op the same. What stands in them before, between and behind
 * their loops keeps together, copy by copy; their loops take turns in one, whose body is such a row of copies again. */
#include "ir/passes/cloner.h"
#include "ir/passes/jam.h"

typedef struct Copies {
    Arena *arena;
    Op **ops;         /* of all copies, `each` of one, then those of the next */
    uint32_t count, each;
} Copies;

/* All ops behind `begin` (NULL: from the first on), in `count` copies. */
static Copies copies_take(Arena *arena, Region *region, Op *begin, uint32_t count) {
    uint32_t len = 0;
    Op *first = begin == NULL ? region->first : begin->next;
    for (Op *op = first; op != NULL; op = op->next) len++;
    Copies copies = {arena, arena_array(arena, Op *, len), count, len / count};
    if (len % count != 0) KC_BUG("copies of one body differ in length");
    for (uint32_t i = 0; i < len; i++) {
        Op *op = copies.ops[i] = first;
        first = op->next;
        op_unlink(op);
    }
    return copies;
}

static Op *copies_op(const Copies *copies, uint32_t copy, uint32_t at) {
    return copies->ops[copy * copies->each + at];
}

static void body_move(Arena *arena, Op *from, Op *to) {
    Region *body = from->regions[0];
    Renames renames = {.arena = arena};
    if (body->last != NULL && body->last->kind == OP_YIELD) op_unlink(body->last);
    if (from == to) return;
    renames_add(&renames, loop_index(from), loop_index(to));
    renames_apply(&renames, body);
    while (body->first != NULL) {
        Op *op = body->first;
        op_unlink(op);
        op_append(to->regions[0], op);
    }
}

static void copies_weave(const Copies *copies, Region *region);

/* The loops at `at` become that of the first copy. */
static void loops_join(const Copies *copies, uint32_t at, Region *region) {
    Op *loop = copies_op(copies, 0, at);
    op_append(region, loop);
    for (uint32_t copy = 0; copy < copies->count; copy++) body_move(copies->arena, copies_op(copies, copy, at), loop);
    Copies inner = copies_take(copies->arena, loop->regions[0], NULL, copies->count);
    copies_weave(&inner, loop->regions[0]);
}

static void copies_weave(const Copies *copies, Region *region) {
    for (uint32_t at = 0, end; at < copies->each; at = end + 1) {
        for (end = at; end < copies->each && copies_op(copies, 0, end)->kind != OP_FOR;) end++;
        for (uint32_t copy = 0; copy < copies->count; copy++)
            for (uint32_t k = at; k < end; k++) op_append(region, copies_op(copies, copy, k));
        if (end < copies->each) loops_join(copies, end, region);
    }
}

/* The first iteration that is left over: the bounds are moderate, so nothing wraps. */
static Value *rest_begin(Builder *b, const Op *loop, uint32_t copies) {
    Value *way = build_binary(b, OP_SUB, loop->operands[1], loop->operands[0]);
    Value *length = build_binary(b, OP_MAX, way, build_i64(b, 0));
    Value *whole = build_binary(b, OP_AND, length, build_i64(b, -(int64_t)copies));
    return build_binary(b, OP_ADD, loop->operands[0], whole);
}

void jam_apply(Jam *jam, Op *loop, uint32_t copies) {
    Builder b = builder_before(loop);
    OpLoop attr = loop->attr.loop;
    Value *rest = rest_begin(&b, loop, copies), *step = loop->operands[2];
    attr.whole = true;
    Op *main = build_for(&b, loop->operands[0], rest, build_i64(&b, copies), attr);
    Builder in = builder_at_end(main->regions[0], loop->span);
    Value *index = main->regions[0]->params[0], **indices = arena_array(jam->pass->scratch, Value *, copies);
    index->name = loop_index(loop)->name;
    indices[0] = index;
    for (uint32_t i = 1; i < copies; i++) indices[i] = build_binary(&in, OP_ADD, index, build_i64(&in, i));
    Op *last = main->regions[0]->last;
    Cloner cloner = {.arena = jam->pass->scratch};
    for (uint32_t i = 0; i < copies; i++) cloner_body(&cloner, &in, loop->regions[0], &indices[i], NULL);
    Copies all = copies_take(jam->pass->scratch, main->regions[0], last, copies);
    copies_weave(&all, main->regions[0]);
    op_set_operands(loop, (Value *[]){rest, loop->operands[1], step}, 3);
}
