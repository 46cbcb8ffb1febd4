#include "ir/passes/cloner.h"

#include <string.h>

/* Tables by value id grow by doubling: ids grow with each copy. */
static Value **table_grow(Arena *arena, Value **table, uint32_t *len, uint32_t wanted) {
    if (wanted <= *len) return table;
    uint32_t grown = *len * 2 > wanted ? *len * 2 : wanted + 64;
    Value **fresh = arena_array(arena, Value *, grown);
    if (*len != 0) memcpy(fresh, table, *len * sizeof *table);
    *len = grown;
    return fresh;
}

static void region_forget(Cloner *cloner, const Region *region) {
    for (uint32_t i = 0; i < region->param_count; i++)
        cloner->map[region->params[i]->id] = NULL;
}

static void op_forget(void *user, Op *op) {
    Cloner *cloner = user;
    for (uint32_t i = 0; i < op->result_count; i++) cloner->map[op->results[i]->id] = NULL;
    for (uint32_t i = 0; i < op->region_count; i++) region_forget(cloner, op->regions[i]);
}

static Value *copy_of(const Cloner *cloner, Value *value) {
    Value *copy = value->id < cloner->len ? cloner->map[value->id] : NULL;
    return copy == NULL ? value : copy;
}

static void body_copy(Cloner *cloner, Builder *b, const Region *body, Value **given) {
    for (const Op *op = body->first; op != NULL; op = op->next) {
        bool closes = op->next == NULL && (op->kind == OP_YIELD || op->kind == OP_RETURN);
        if (!closes) {
            op_clone(b, op, cloner->map, cloner->len);
            continue;
        }
        for (uint32_t i = 0; given != NULL && i < op->operand_count; i++)
            given[i] = copy_of(cloner, op->operands[i]);
    }
}

void cloner_body(Cloner *cloner, Builder *b, const Region *body, Value *const *args,
                 Value **given) {
    cloner->map = table_grow(cloner->arena, cloner->map, &cloner->len, body->fn->next_value);
    for (uint32_t i = 0; i < body->param_count; i++) cloner->map[body->params[i]->id] = args[i];
    body_copy(cloner, b, body, given);
    region_forget(cloner, body);
    region_walk((Region *)body, op_forget, cloner);
}

void cloner_fn_body(Cloner *cloner, Builder *b, const IrFn *fn, Value *const *args,
                    Value **given) {
    cloner->map = table_grow(cloner->arena, cloner->map, &cloner->len, fn->next_value);
    for (uint32_t i = 0; i < fn->params.len; i++)
        cloner->map[fn->params.data[i].value->id] = args[i];
    body_copy(cloner, b, fn->body, given);
    for (uint32_t i = 0; i < fn->params.len; i++) cloner->map[fn->params.data[i].value->id] = NULL;
    region_walk(fn->body, op_forget, cloner);
}

Op *loop_copy(Arena *scratch, Builder *b, const Op *loop, Value *lo, Value *hi) {
    Op *copy = build_for(b, lo, hi, loop->operands[2], loop->attr.loop);
    Builder in = builder_at_end(copy->regions[0], b->span);
    Cloner cloner = {.arena = scratch};
    cloner_body(&cloner, &in, loop->regions[0], copy->regions[0]->params, NULL);
    return copy;
}

void loop_set_range(Op *loop, Value *lo, Value *hi) {
    op_set_operands(loop, (Value *[]){lo, hi, loop->operands[2]}, 3);
}

Op *op_twin(Op *first, const Op *op) {
    for (; op->prev != NULL; op = op->prev) first = first->next;
    return first;
}

Value *blocks_end(Builder *b, const Op *loop, int64_t length) {
    Value *lo = loop->operands[0], *zero = build_i64(b, 0);
    Value *count = build_binary(b, OP_MAX, build_binary(b, OP_SUB, loop->operands[1], lo), zero);
    Value *rest = build_binary(b, OP_MOD, count, build_i64(b, length));
    return build_binary(b, OP_ADD, lo, build_binary(b, OP_SUB, count, rest));
}

/* ---- Renames --------------------------------------------------------------------------------- */

Value *renames_find(const Renames *renames, Value *value) {
    while (value->id < renames->len && renames->map[value->id] != NULL)
        value = renames->map[value->id];
    return value;
}

void renames_add(Renames *renames, const Value *old, Value *with) {
    with = renames_find(renames, with);
    if (with == old) return;
    renames->map = table_grow(renames->arena, renames->map, &renames->len, old->id + 1);
    renames->map[old->id] = with;
}

static void op_rename(void *user, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = renames_find(user, op->operands[i]);
}

void renames_apply(const Renames *renames, Region *region) {
    if (renames->len != 0) region_walk(region, op_rename, (void *)(uintptr_t)renames);
}
