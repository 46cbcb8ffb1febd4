/* Changing functions: linking ops, replacing values, copying, walking. */
#include "ir/value.h"

/* ---- Links ----------------------------------------------------------------------------------- */

void op_unlink(Op *op) {
    Region *region = op->parent;
    KC_CHECK(region != NULL);
    *(op->prev != NULL ? &op->prev->next : &region->first) = op->next;
    *(op->next != NULL ? &op->next->prev : &region->last) = op->prev;
    op->parent = NULL;
    op->prev = op->next = NULL;
}

void op_insert_before(Op *op, Op *before) {
    Region *region = before->parent;
    KC_CHECK(op->parent == NULL && region != NULL);
    op->parent = region;
    op->next = before;
    op->prev = before->prev;
    *(op->prev != NULL ? &op->prev->next : &region->first) = op;
    before->prev = op;
}

void op_append(Region *region, Op *op) {
    KC_CHECK(op->parent == NULL);
    op->parent = region;
    op->next = NULL;
    op->prev = region->last;
    *(region->last != NULL ? &region->last->next : &region->first) = op;
    region->last = op;
}

static Arena *arena_of_op(const Op *op) {
    if (op->parent != NULL) return op->parent->fn->module->arena;
    if (op->region_count != 0) return op->regions[0]->fn->module->arena;
    KC_BUG("op %u is in no region", op->id);
}

void op_become(Op *op, Region *region) {
    bool leaves = false;
    for (Op *inner = region->first, *next; inner != NULL; inner = next) {
        next = inner->next;
        op_unlink(inner);
        if (inner->kind == OP_YIELD) continue;
        leaves = op_ends(inner);
        op_insert_before(inner, op);
    }
    while (leaves && op->next != NULL) op_unlink(op->next);
    op_unlink(op);
}

void op_set_operands(Op *op, Value *const *operands, uint32_t count) {
    if (count > op->operand_count) {
        Value **more = arena_array(arena_of_op(op), Value *, count);
        for (uint32_t i = 0; i < count; i++) more[i] = operands[i];
        op->operands = more;
    } else {
        for (uint32_t i = 0; i < count; i++) op->operands[i] = operands[i];
    }
    op->operand_count = count;
}

/* ---- Replacing ------------------------------------------------------------------------------- */

static Value *replacement_of(Value *value, Value *const *map, uint32_t map_len) {
    while (value->id < map_len && map[value->id] != NULL) value = map[value->id];
    return value;
}

typedef struct Replacing {
    Value *const *map;
    uint32_t map_len;
} Replacing;

static void replace_in_op(void *user, Op *op) {
    Replacing *replacing = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = replacement_of(op->operands[i], replacing->map, replacing->map_len);
}

void ir_replace_uses(IrFn *fn, Value *const *map, uint32_t map_len) {
    Replacing replacing = {map, map_len};
    if (fn->body != NULL) region_walk(fn->body, replace_in_op, &replacing);
}

typedef struct ReplacingOne {
    Value *old, *with;
} ReplacingOne;

static void replace_one_in_op(void *user, Op *op) {
    ReplacingOne *one = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (op->operands[i] == one->old) op->operands[i] = one->with;
}

void ir_replace_value(IrFn *fn, Value *old, Value *with) {
    ReplacingOne one = {old, with};
    if (fn->body != NULL) region_walk(fn->body, replace_one_in_op, &one);
}

/* ---- Copying --------------------------------------------------------------------------------- */

/* One step, no chains: a copy may carry an id that means something else in the map's function. */
static Value *mapped(Value *value, Value *const *map, uint32_t map_len) {
    return value->id < map_len && map[value->id] != NULL ? map[value->id] : value;
}

static void map_value(const Value *from, Value *to, Value **map, uint32_t map_len) {
    to->name = from->name;
    if (from->id < map_len) map[from->id] = to;
}

static void region_clone(Region *into, const Region *from, Value **map, uint32_t map_len) {
    for (uint32_t i = 0; i < from->param_count; i++) {
        const Value *param = from->params[i];
        map_value(param, region_param_add(into, param->type, param->name), map, map_len);
    }
    Builder inner = builder_at_end(into, NO_SPAN);
    for (const Op *op = from->first; op != NULL; op = op->next)
        op_clone(&inner, op, map, map_len);
}

Op *op_clone(Builder *b, const Op *op, Value **map, uint32_t map_len) {
    Op *copy = build_op(b, op->kind, op->operands, op->operand_count, NULL, 0, op->region_count);
    copy->span = op->span;
    copy->inlined_from = op->inlined_from;
    copy->attr = op->attr;
    for (uint32_t i = 0; i < op->operand_count; i++)
        copy->operands[i] = mapped(op->operands[i], map, map_len);
    copy->result_count = op->result_count;
    copy->results = arena_array(b->fn->module->arena, Value *, op->result_count);
    for (uint32_t i = 0; i < op->result_count; i++) {
        Value *result = value_create(b->fn, op->results[i]->type, NO_NAME);
        result->def = copy;
        result->index = i;
        copy->results[i] = result;
    }
    for (uint32_t i = 0; i < op->region_count; i++)
        region_clone(copy->regions[i], op->regions[i], map, map_len);
    for (uint32_t i = 0; i < op->result_count; i++)
        map_value(op->results[i], copy->results[i], map, map_len);
    return copy;
}

void region_clone_into(Builder *b, const Region *from, Value **map, uint32_t map_len,
                       Value **yielded) {
    for (const Op *op = from->first; op != NULL; op = op->next) {
        if (op->kind == OP_YIELD && op->next == NULL) {
            for (uint32_t i = 0; yielded != NULL && i < op->operand_count; i++)
                yielded[i] = mapped(op->operands[i], map, map_len);
            return;
        }
        op_clone(b, op, map, map_len);
    }
}

/* ---- Walking --------------------------------------------------------------------------------- */

void region_walk(Region *region, OpVisitor visit, void *user) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        visit(user, op);
        if (op->parent == NULL) continue;
        for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], visit, user);
    }
}

bool value_is_made_in(const Value *value, const Op *op) {
    const Region *region = value->def != NULL ? value->def->parent : value->region;
    for (; region != NULL && region->parent != NULL; region = region->parent->parent)
        if (region->parent == op) return true;
    return false;
}

bool loop_is_plain(const Op *op) {
    if (op->kind != OP_FOR || op->regions[1]->first != NULL) return false;
    const OpLoop *attr = &op->attr.loop;
    return !attr->is_parallel && !attr->is_vector && !attr->is_lanes && !attr->is_graph;
}

bool loop_is_part(const Op *op) {
    enum { FROM, TO };
    const IrFn *fn = op->parent->fn;
    return fn->is_range && op->operands[0] == fn->params.data[FROM].value && op->operands[1] == fn->params.data[TO].value;
}

static void count_in_op(void *user, Op *op) {
    uint32_t *uses = user;
    for (uint32_t i = 0; i < op->operand_count; i++) uses[op->operands[i]->id]++;
}

uint32_t *ir_count_uses(Arena *arena, const IrFn *fn) {
    uint32_t *uses = arena_array(arena, uint32_t, fn->next_value);
    if (fn->body != NULL) region_walk(fn->body, count_in_op, uses);
    return uses;
}
