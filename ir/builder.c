/* Building ops: the general form, and the forms for values and control. Forms for memory and whole
 * arrays are in builder_memory.c. */
#include "ir/value.h"
#include "support/floats.h"

#include <string.h>

Builder builder_at_end(Region *region, Span span) {
    return (Builder){.fn = region->fn, .region = region, .span = span};
}

Builder builder_before(Op *op) {
    return (Builder){.fn = op->parent->fn, .region = op->parent, .before = op, .span = op->span};
}

static void op_insert(Builder *b, Op *op) {
    if (b->before != NULL)
        op_insert_before(op, b->before);
    else
        op_append(b->region, op);
}

Op *build_op(Builder *b, OpKind kind, Value *const *operands, uint32_t operand_count,
             const IrType *const *result_types, uint32_t result_count, uint32_t region_count) {
    Arena *arena = b->fn->module->arena;
    Op *op = arena_new(arena, Op);
    op->kind = kind;
    op->id = b->fn->next_op++;
    op->span = b->span;
    op->operand_count = operand_count;
    op->operands = arena_array(arena, Value *, operand_count);
    for (uint32_t i = 0; i < operand_count; i++) {
        KC_CHECK(operands[i] != NULL);
        op->operands[i] = operands[i];
    }
    op->result_count = result_count;
    op->results = arena_array(arena, Value *, result_count);
    for (uint32_t i = 0; i < result_count; i++) {
        op->results[i] = value_create(b->fn, result_types[i], NO_NAME);
        op->results[i]->def = op;
        op->results[i]->index = i;
    }
    op->region_count = region_count;
    op->regions = arena_array(arena, Region *, region_count);
    for (uint32_t i = 0; i < region_count; i++) op->regions[i] = region_create(b->fn, op);
    op_insert(b, op);
    return op;
}

static Op *build_typed(Builder *b, OpKind kind, Value *const *operands, uint32_t count,
                       const IrType *type) {
    return build_op(b, kind, operands, count, &type, 1, 0);
}

static Value *build_inferred(Builder *b, OpKind kind, Value *const *operands, uint32_t count) {
    const IrType *type = op_result_type(b->fn->module, kind, operands, count);
    if (type == NULL) KC_BUG("%s does not tell its result's type", op_infos[kind].mnemonic);
    return op_result(build_typed(b, kind, operands, count, type));
}

Value *build_unary(Builder *b, OpKind kind, Value *a) { return build_inferred(b, kind, &a, 1); }

Value *build_binary(Builder *b, OpKind kind, Value *a, Value *c) {
    return build_inferred(b, kind, (Value *[]){a, c}, 2);
}

/* ---- Constants ------------------------------------------------------------------------------- */

Value *build_const(Builder *b, const IrType *type, uint64_t bits) {
    KC_CHECK(ir_is_scalar(type));
    Op *op = build_typed(b, OP_CONST, NULL, 0, type);
    unsigned width = scalar_bits(type->scalar);
    op->attr.bits = width == 64 ? bits : bits & ((UINT64_C(1) << width) - 1);
    return op_result(op);
}

Value *build_int(Builder *b, const IrType *type, int64_t value) {
    KC_CHECK(ir_is_scalar(type) && !ir_is_float(type));
    return build_const(b, type, type->scalar == SCALAR_BOOL ? value != 0 : (uint64_t)value);
}

Value *build_i64(Builder *b, int64_t value) {
    return build_int(b, ir_i64(b->fn->module), value);
}

Value *build_bool(Builder *b, bool value) { return build_int(b, ir_bool(b->fn->module), value); }

Value *build_float(Builder *b, const IrType *type, double value) {
    KC_CHECK(ir_is_float(type));
    uint64_t bits = type->scalar == SCALAR_F16    ? f16_from_f64(value)
                    : type->scalar == SCALAR_BF16 ? bf16_from_f64(value)
                    : type->scalar == SCALAR_F32  ? bits_of_f32((float)value)
                                                  : bits_of_f64(value);
    return build_const(b, type, bits);
}

Value *build_text(Builder *b, const char *bytes, uint32_t length) {
    Op *op = build_typed(b, OP_TEXT, NULL, 0, ir_str(b->fn->module));
    op->attr.text.bytes = arena_strndup(b->fn->module->arena, bytes, length);
    op->attr.text.length = length;
    return op_result(op);
}

Value *build_zero(Builder *b, const IrType *type) {
    if (ir_is_scalar(type)) return build_const(b, type, 0);
    if (type->kind == IR_VEC) {
        const IrType *scalar = ir_scalar(b->fn->module, type->scalar);
        return build_splat(b, build_const(b, scalar, 0), type->lanes);
    }
    KC_CHECK(type->kind == IR_STRUCT);
    Value **fields = arena_array(b->fn->module->arena, Value *, type->field_count);
    for (uint32_t i = 0; i < type->field_count; i++)
        fields[i] = build_zero(b, type->fields[i].type);
    return build_struct(b, type, fields);
}

/* ---- Scalars and structs --------------------------------------------------------------------- */

Value *build_fma(Builder *b, Value *x, Value *y, Value *z) {
    return build_inferred(b, OP_FMA, (Value *[]){x, y, z}, 3);
}

Value *build_select(Builder *b, Value *cond, Value *then, Value *otherwise) {
    return build_inferred(b, OP_SELECT, (Value *[]){cond, then, otherwise}, 3);
}

Value *build_cast(Builder *b, Value *a, const IrType *type) {
    return a->type == type ? a : op_result(build_typed(b, OP_CAST, &a, 1, type));
}

Value *build_bitcast(Builder *b, Value *a, const IrType *type) {
    return a->type == type ? a : op_result(build_typed(b, OP_BITCAST, &a, 1, type));
}

Value *build_struct(Builder *b, const IrType *type, Value *const *fields) {
    KC_CHECK(type->kind == IR_STRUCT);
    return op_result(build_typed(b, OP_STRUCT, fields, type->field_count, type));
}

Value *build_extract(Builder *b, Value *strukt, uint32_t field) {
    KC_CHECK(strukt->type->kind == IR_STRUCT && field < strukt->type->field_count);
    Op *op = build_typed(b, OP_EXTRACT, &strukt, 1, strukt->type->fields[field].type);
    op->attr.index = field;
    return op_result(op);
}

Value *build_insert(Builder *b, Value *strukt, uint32_t field, Value *value) {
    KC_CHECK(strukt->type->kind == IR_STRUCT && field < strukt->type->field_count);
    Op *op = build_typed(b, OP_INSERT, (Value *[]){strukt, value}, 2, strukt->type);
    op->attr.index = field;
    return op_result(op);
}

/* ---- Control --------------------------------------------------------------------------------- */

Op *build_if(Builder *b, Value *cond, const IrType *const *result_types, uint32_t result_count) {
    return build_op(b, OP_IF, &cond, 1, result_types, result_count, 2);
}

Op *build_for(Builder *b, Value *lo, Value *hi, Value *step, OpLoop loop) {
    Op *op = build_op(b, OP_FOR, (Value *[]){lo, hi, step}, 3, NULL, 0, 2);
    op->attr.loop = loop;
    region_param_add(op->regions[0], ir_i64(b->fn->module), NO_NAME);
    return op;
}

void loop_set_grain(Op *loop, Value *grain) {
    Value **operands = loop->operands;
    op_set_operands(loop, (Value *[]){operands[0], operands[1], operands[2], grain}, 4);
}

Op *build_while(Builder *b) { return build_op(b, OP_WHILE, NULL, 0, NULL, 0, 3); }

Op *build_try(Builder *b) { return build_op(b, OP_TRY, NULL, 0, NULL, 0, 2); }

void build_yield(Builder *b, Value *const *values, uint32_t count) {
    build_op(b, OP_YIELD, values, count, NULL, 0, 0);
}

void build_break(Builder *b) { build_op(b, OP_BREAK, NULL, 0, NULL, 0, 0); }

void build_continue(Builder *b) { build_op(b, OP_CONTINUE, NULL, 0, NULL, 0, 0); }

void build_return(Builder *b, Value *const *values, uint32_t count) {
    build_op(b, OP_RETURN, values, count, NULL, 0, 0);
}

Op *build_call(Builder *b, IrFn *callee, Value *const *args, uint32_t count) {
    IrModule *m = b->fn->module;
    IrTypeVec types = {0};
    if (callee->raises) vec_push(m->arena, &types, ir_bool(m));
    for (uint32_t i = 0; i < callee->results.len; i++)
        vec_push(m->arena, &types, callee->results.data[i]);
    Op *op = build_op(b, OP_CALL, args, count, types.data, types.len, 0);
    op->attr.callee = callee;
    return op;
}

void build_check(Builder *b, CheckKind kind, Value *const *operands, const char *message) {
    KC_CHECK((kind == CHECK_TRUE) == (message != NULL));
    Op *op = build_op(b, OP_CHECK, operands, check_infos[kind].operands, NULL, 0, 0);
    op->attr.check.kind = kind;
    op->attr.check.message = message;
}

void build_print(Builder *b, Value *const *items, uint32_t count) {
    build_op(b, OP_PRINT, items, count, NULL, 0, 0);
}
