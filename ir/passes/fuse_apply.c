/* Groups of loops become loops: the bodies one behind the other, the other ops of the stretch in an order
 * that keeps what depends on what. */
#include "ir/passes/cloner.h"
#include "ir/passes/fuse.h"

/* ---- Order ----------------------------------------------------------------------------------- */

typedef struct Ordering {
    Stretch *s;
    uint32_t *unit;  /* by node: the first node of its group; others stand for themselves */
    bool *is_placed; /* by node */
} Ordering;

static bool unit_is_ready(const Ordering *o, uint32_t unit) {
    uint32_t count = o->s->nodes.len;
    for (uint32_t k = unit; k < count; k++) {
        if (o->unit[k] != unit) continue;
        for (uint32_t i = 0; i < k; i++)
            if (o->unit[i] != unit && !o->is_placed[i] && o->s->depends[i * count + k]) return false;
    }
    return true;
}

static void unit_place(Ordering *o, uint32_t unit, Op *end, Region *region) {
    for (uint32_t k = unit; k < o->s->nodes.len; k++)
        if (o->unit[k] == unit) o->is_placed[k] = true;
    Op *op = o->s->nodes.data[unit]->op;
    op_unlink(op);
    if (end != NULL) op_insert_before(op, end);
    else op_append(region, op);
}

/* Again and again the first unit that waits for nothing: what can stay where it is stays. */
static void stretch_order(Ordering *o, Op *end, Region *region) {
    uint32_t count = o->s->nodes.len, left = 0;
    for (uint32_t k = 0; k < count; k++) left += o->unit[k] == k;
    while (left-- > 0) {
        uint32_t k = 0;
        while (k < count && (o->unit[k] != k || o->is_placed[k] || !unit_is_ready(o, k))) k++;
        if (k == count) KC_BUG("loops that wait for each other were fused");
        unit_place(o, k, end, region);
    }
}

static Ordering ordering_of(Fuse *f, Stretch *s) {
    Arena *scratch = f->pass->scratch;
    uint32_t count = s->nodes.len;
    Ordering o = {s, arena_array(scratch, uint32_t, count), arena_array(scratch, bool, count)};
    for (uint32_t k = 0; k < count; k++) o.unit[k] = k;
    for (uint32_t i = 0; i < s->loop_count; i++) o.unit[s->loops[i]] = s->loops[s->group[i]];
    return o;
}

/* ---- Bodies ---------------------------------------------------------------------------------- */

/* The other loop's index, at the end of the body: the same, or so much further on as that loop begins. */
static Value *index_of(Op *loop, const Op *other) {
    Value *index = loop->regions[0]->params[0];
    Value *lo = loop->operands[0], *other_lo = other->operands[0];
    if (values_equal(lo, other_lo)) return index;
    Builder before = builder_before(loop), inside = builder_at_end(loop->regions[0], loop->span);
    int64_t distance;
    Value *ahead = affine_difference(other_lo, lo, &distance)
                       ? build_i64(&before, distance)
                       : build_binary(&before, OP_SUB, other_lo, lo);
    return build_binary(&inside, OP_ADD, index, ahead);
}

static void body_append(Fuse *f, Op *loop, Op *other) {
    Region *body = loop->regions[0], *from = other->regions[0];
    Renames renames = {.arena = f->pass->scratch};
    Value *index = index_of(loop, other), *other_index = from->params[0];
    if (index->name.id == 0) index->name = other_index->name;
    renames_add(&renames, other_index, index);
    renames_apply(&renames, from);
    while (from->first != NULL) {
        Op *op = from->first;
        op_unlink(op);
        op_append(body, op);
    }
    op_unlink(other);
}

static void yield_drop(Region *body) {
    if (body->last != NULL && body->last->kind == OP_YIELD) op_unlink(body->last);
}

/* What the members say of themselves, and whether it holds of all. */
typedef struct Claims {
    const Op *loop;
    bool accumulates; /* the member under way sets variables from outside */
    bool independent, declares, keeps_order;
} Claims;

static bool is_within(const Value *ref, const Op *loop) {
    const Region *r = ref->def == NULL ? NULL : ref->def->parent;
    while (r != NULL && r != loop->regions[0]) r = r->parent == NULL ? NULL : r->parent->parent;
    return r != NULL;
}

static void set_note(void *user, Op *op) {
    Claims *claims = user;
    if (op->kind == OP_SET && !is_within(ref_base(op->operands[0]), claims->loop))
        claims->accumulates = true;
}

/* The order of accumulating is free in a loop that declares it, and does not matter in one that does not
 * accumulate. */
static void claims_join(Claims *claims, const Op *member) {
    claims->loop = member;
    claims->accumulates = false;
    region_walk(member->regions[0], set_note, claims);
    claims->independent = claims->independent && member->attr.loop.independent;
    claims->declares = claims->declares || member->attr.loop.reduces;
    claims->keeps_order =
        claims->keeps_order || (claims->accumulates && !member->attr.loop.reduces);
}

/* The first loop takes the bodies of the other members. */
static void group_apply(Fuse *f, Stretch *s, uint32_t first) {
    Op *loop = s->nodes.data[s->loops[first]]->op;
    Claims claims = {.independent = true};
    for (uint32_t k = first; k < s->loop_count; k++) {
        if (s->group[k] != first) continue;
        Op *other = s->nodes.data[s->loops[k]]->op;
        claims_join(&claims, other);
        for (uint32_t i = first; i < k; i++)
            if (s->group[i] == first && s->fit[i][k].carries) claims.independent = false;
        yield_drop(other->regions[0]);
        if (k != first) body_append(f, loop, other);
    }
    loop->attr.loop.independent = claims.independent;
    loop->attr.loop.reduces = claims.declares && !claims.keeps_order;
}

bool stretch_apply(Fuse *f, Stretch *s) {
    bool fuses = false;
    for (uint32_t i = 0; i < s->loop_count; i++) fuses = fuses || s->group[i] != i;
    if (!fuses) return false;
    const Op *last = s->nodes.data[s->nodes.len - 1]->op;
    Ordering ordering = ordering_of(f, s);
    stretch_order(&ordering, last->next, last->parent);
    for (uint32_t i = 0; i < s->loop_count; i++)
        if (s->group[i] == i) group_apply(f, s, i);
    return true;
}
