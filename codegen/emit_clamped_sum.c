/* Sums and differences that stop at the ends of their type: `u8(min(i32(a) + i32(b), 255))` of bytes is one instruction on
 * most processors, without being widened and narrowed. */
#include "codegen/emit.h"

typedef struct Clamped {
    const Value *value;
    int64_t lo, hi;
    bool has_lo, has_hi;
} Clamped;

static bool number_of(const Value *value, int64_t *number) {
    if (value->def != NULL && value->def->kind == OP_SPLAT) value = value->def->operands[0];
    return value_is_int(value, number);
}

/* What a MIN or a MAX with a number is of; false: it is none. */
static bool unclamp(Clamped *c) {
    const Op *op = c->value->def;
    int64_t number;
    if (op == NULL || (op->kind != OP_MIN && op->kind != OP_MAX)) return false;
    if (op->kind == OP_MIN ? c->has_hi : c->has_lo) return false;
    for (uint32_t i = 0; i < 2; i++) {
        if (!number_of(op->operands[i], &number)) continue;
        c->value = op->operands[1 - i];
        *(op->kind == OP_MIN ? &c->hi : &c->lo) = number;
        *(op->kind == OP_MIN ? &c->has_hi : &c->has_lo) = true;
        return true;
    }
    return false;
}

/* Of one of each, in any order. */
static Clamped clamped_of(const Value *value) {
    Clamped c = {.value = value};
    if (unclamp(&c)) unclamp(&c);
    return c;
}

typedef struct Range {
    int64_t lo, hi;
} Range;

static Range range_of(Scalar scalar) {
    unsigned bits = scalar_bits(scalar);
    return scalar_is_signed(scalar) ? (Range){-((int64_t)1 << (bits - 1)), ((int64_t)1 << (bits - 1)) - 1}
                                    : (Range){0, ((int64_t)1 << bits) - 1};
}

/* The clamp is that of the type, as far as the operation can leave it. */
static bool stops_at_ends(const Clamped *c, OpKind kind, Scalar narrow) {
    Range all = range_of(narrow);
    bool at_lo = c->has_lo && c->lo == all.lo, at_hi = c->has_hi && c->hi == all.hi;
    if (scalar_is_signed(narrow)) return at_lo && at_hi;
    return kind == OP_ADD ? at_hi && (!c->has_lo || at_lo) : at_lo && (!c->has_hi || at_hi);
}

/* A number of the narrow type before it was widened, or a constant in its range. */
static LLVMValueRef narrow_form(FnEmit *f, const Value *value, const IrType *narrow) {
    const Op *cast = value->def != NULL && value->def->kind == OP_CAST ? value->def : NULL;
    if (cast != NULL && cast->operands[0]->type == narrow) return value_llvm(f, cast->operands[0]);
    Range all = range_of(narrow->scalar);
    int64_t number;
    if (!number_of(value, &number) || number < all.lo || number > all.hi) return NULL;
    return llvm_int(type_value(f->e, narrow), number);
}

LLVMValueRef emit_clamped_sum(FnEmit *f, const Op *op) {
    static const char *const names[2][2] = {{"llvm.uadd.sat", "llvm.usub.sat"}, {"llvm.sadd.sat", "llvm.ssub.sat"}};
    const IrType *narrow = op_result(op)->type, *wide = op->operands[0]->type;
    if (narrow->kind != IR_VEC || !scalar_is_int(narrow->scalar) || !scalar_is_int(wide->scalar)) return NULL;
    if (scalar_bits(narrow->scalar) > 16 || scalar_bits(wide->scalar) <= scalar_bits(narrow->scalar)) return NULL;
    Clamped c = clamped_of(op->operands[0]);
    const Op *sum = c.value->def;
    if (sum == NULL || (sum->kind != OP_ADD && sum->kind != OP_SUB) || !stops_at_ends(&c, sum->kind, narrow->scalar)) return NULL;
    if (sum->kind == OP_SUB && !scalar_is_signed(wide->scalar)) return NULL;
    LLVMValueRef args[] = {narrow_form(f, sum->operands[0], narrow), narrow_form(f, sum->operands[1], narrow)};
    if (args[0] == NULL || args[1] == NULL) return NULL;
    const char *name = names[scalar_is_signed(narrow->scalar)][sum->kind == OP_SUB];
    return intrinsic(f, name, LLVMTypeOf(args[0]), args, 2);
}
