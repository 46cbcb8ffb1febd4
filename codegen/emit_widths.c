/* Integers of other widths. In vectors these are more than one instruction for each register, and three shapes need fewer than
 * LLVM finds: two registers that become one, every second byte of two, and every second or fourth of the bytes or shorts that
 * were loaded. */
#include "codegen/emit.h"

/* ---- Two registers to one ------------------------------------------------------------------- */

enum { REGISTER_BITS = 512 };

/* Numbers of twice the width, more than a register of them, by one instruction for each two registers, where there is one
 * that picks from two; LLVM would narrow each, and join them. */
static bool picks_halves(const FnEmit *f, LLVMTypeRef type) {
    enum { BYTES };
    const Target *target = f->e->target;
    if (LLVMGetTypeKind(type) != LLVMVectorTypeKind || target->arch != ARCH_X86_64) return false;
    unsigned bits = bits_of_lane(type) / 2;
    bool can = bits == 8 ? target->lookup_bytes[BYTES] == 2 * REGISTER_BITS / 8 : target->vector_bits == REGISTER_BITS;
    return can && bits * LLVMGetVectorSize(type) >= REGISTER_BITS;
}

static LLVMValueRef lower_halves(FnEmit *f, LLVMValueRef value) {
    unsigned bits = bits_of_lane(LLVMTypeOf(value)) / 2, each = REGISTER_BITS / bits;
    unsigned parts = LLVMGetVectorSize(LLVMTypeOf(value)) / each;
    LLVMTypeRef halves = LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, bits), each);
    LLVMValueRef at[MAX_LANES], made[MAX_LANES];
    for (uint32_t i = 0; i < each; i++) at[i] = const_i32(f->e, (int32_t)(2 * i));
    for (uint32_t i = 0; i < parts; i++) {
        LLVMValueRef first = LLVMBuildBitCast(f->b, vector_part(f, value, i * each, each / 2), halves, "");
        LLVMValueRef second = LLVMBuildBitCast(f->b, vector_part(f, value, i * each + each / 2, each / 2), halves, "");
        made[i] = LLVMBuildShuffleVector(f->b, first, second, LLVMConstVector(at, each), "");
    }
    for (; parts > 1; parts /= 2)
        for (uint32_t i = 0; i < parts / 2; i++) made[i] = vectors_joined(f, made[2 * i], made[2 * i + 1]);
    return made[0];
}

/* ---- Every second byte of two registers ------------------------------------------------------- */

/* Two registers of which no instruction picks bytes: LLVM finds three for each, and looks for them long. */
bool takes_second_bytes(const FnEmit *f, const Op *op) {
    enum { BYTES, BYTE_BITS = 8, EACH = REGISTER_BITS / BYTE_BITS };
    const Target *target = f->e->target;
    const IrType *type = op->operands[0]->type;
    bool is_meant = target->arch == ARCH_X86_64 && target->vector_bits == REGISTER_BITS && target->lookup_bytes[BYTES] < 2 * EACH;
    const uint16_t *at = op->attr.lanes.at;
    if (!is_meant || scalar_is_float(type->scalar) || scalar_bits(type->scalar) != BYTE_BITS) return false;
    if (type->lanes != EACH || op->attr.lanes.count != EACH || at[0] > 1) return false;
    for (uint32_t i = 1; i < EACH; i++)
        if (at[i] != 2 * i + at[0]) return false;
    return true;
}

/* Two bytes are one number, which is narrowed. */
LLVMValueRef second_bytes(FnEmit *f, LLVMValueRef first, LLVMValueRef second, uint32_t at) {
    enum { BYTE_BITS = 8, PAIRS = REGISTER_BITS / 16 };
    LLVMTypeRef pairs = LLVMVectorType(f->e->i16, PAIRS), bytes = LLVMVectorType(f->e->i8, PAIRS);
    LLVMValueRef parts[] = {first, second};
    for (uint32_t i = 0; i < ARRAY_LEN(parts); i++) {
        parts[i] = LLVMBuildBitCast(f->b, parts[i], pairs, "");
        if (at == 1) parts[i] = LLVMBuildLShr(f->b, parts[i], llvm_int(pairs, BYTE_BITS), "");
        parts[i] = LLVMBuildTrunc(f->b, parts[i], bytes, "");
    }
    return vectors_joined(f, parts[0], parts[1]);
}

/* ---- Every second or fourth of what was loaded ------------------------------------------------ */

enum { MOST_LOADED = 4 };

/* Numbers that were loaded side by side, of which a value has every `step`th, from number `start` on. */
typedef struct Steps {
    const Value *loaded[MOST_LOADED];
    uint32_t count, step, start;
} Steps;

/* The lane of what was loaded that a lane of `value` is. */
static const Value *loaded_lane(const Value *value, uint32_t *lane) {
    while (value->def != NULL && value->def->kind == OP_SHUFFLE) {
        uint32_t at = value->def->attr.lanes.at[*lane], first = value->def->operands[0]->type->lanes;
        value = value->def->operands[at >= first];
        *lane = at >= first ? at - first : at;
    }
    return value->def != NULL && value->def->kind == OP_VLOAD ? value : NULL;
}

static bool finds_steps(const Value *value, uint32_t step, Steps *s) {
    uint32_t lanes = value->type->lanes, each = 0;
    *s = (Steps){.step = step};
    for (uint32_t i = 0; i < lanes; i++) {
        uint32_t at = i;
        const Value *from = loaded_lane(value, &at);
        if (from == NULL) return false;
        if (i == 0) each = from->type->lanes / step, s->start = at;
        if (each == 0) return false;
        if (i % each == 0 && s->count < MOST_LOADED) s->loaded[s->count++] = from;
        bool is_next = from == s->loaded[s->count - 1] && from->type->lanes == step * each && at == i % each * step + s->start;
        if (!is_next || i / each + 1 != s->count) return false;
    }
    return s->start < step && lanes == s->count * each && (s->count & (s->count - 1)) == 0;
}

/* As numbers of `step` times the width: so many that were loaded side by side are one, of which it is a part. */
static LLVMValueRef steps_widened(FnEmit *f, const Value *value, const Steps *s) {
    LLVMValueRef parts[MOST_LOADED];
    unsigned bits = scalar_bits(value->type->scalar), all = s->step * bits;
    LLVMTypeRef wide = LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, all), value->type->lanes / s->count);
    for (uint32_t i = 0; i < s->count; i++) parts[i] = LLVMBuildBitCast(f->b, value_llvm(f, s->loaded[i]), wide, "");
    for (uint32_t count = s->count; count > 1; count /= 2)
        for (uint32_t i = 0; i < count / 2; i++) parts[i] = vectors_joined(f, parts[2 * i], parts[2 * i + 1]);
    LLVMTypeRef type = LLVMTypeOf(parts[0]);
    unsigned below = s->start * bits, above = all - bits - below;
    if (scalar_is_signed(value->type->scalar)) {
        LLVMValueRef high = above == 0 ? parts[0] : LLVMBuildShl(f->b, parts[0], llvm_int(type, above), "");
        return LLVMBuildAShr(f->b, high, llvm_int(type, all - bits), "");
    }
    LLVMValueRef low = below == 0 ? parts[0] : LLVMBuildLShr(f->b, parts[0], llvm_int(type, below), "");
    return above == 0 ? low : LLVMBuildAnd(f->b, low, llvm_int(type, ((int64_t)1 << bits) - 1), "");
}

/* Bytes and shorts need no shuffles then. */
static LLVMValueRef widened(FnEmit *f, const Op *op) {
    enum { NARROW_BITS = 16 };
    const Value *value = op->operands[0];
    unsigned have = scalar_bits(value->type->scalar), want = scalar_bits(op_result(op)->type->scalar);
    bool is_narrow = value->type->kind == IR_VEC && !scalar_is_float(value->type->scalar) && have > 1 && have <= NARROW_BITS;
    Steps s = {.count = 0};
    bool found = is_narrow && want >= 4 * have && finds_steps(value, 4, &s);
    if (!found && !(is_narrow && want >= 2 * have && finds_steps(value, 2, &s))) return NULL;
    LLVMValueRef made = steps_widened(f, value, &s);
    if (want == s.step * have) return made;
    LLVMTypeRef wide = type_shaped(scalar_type(f->e, op_result(op)->type->scalar), LLVMTypeOf(made));
    return scalar_is_signed(value->type->scalar) ? LLVMBuildSExt(f->b, made, wide, "") : LLVMBuildZExt(f->b, made, wide, "");
}

/* ---- Any width ------------------------------------------------------------------------------- */

static LLVMValueRef narrowed(FnEmit *f, LLVMValueRef value, unsigned have, unsigned want, LLVMTypeRef type) {
    for (; want < have && picks_halves(f, LLVMTypeOf(value)); have /= 2) value = lower_halves(f, value);
    return want < have ? LLVMBuildTrunc(f->b, value, type, "") : value;
}

LLVMValueRef emit_width(FnEmit *f, const Op *op) {
    Scalar from = op->operands[0]->type->scalar, to = op_result(op)->type->scalar;
    unsigned have = scalar_bits(from), want = scalar_bits(to);
    LLVMValueRef made = emit_clamped_sum(f, op), value = value_llvm(f, op->operands[0]);
    if (made == NULL) made = widened(f, op);
    if (made != NULL) return made;
    LLVMTypeRef type = type_shaped(scalar_type(f->e, to), LLVMTypeOf(value));
    if (want <= have) return narrowed(f, value, have, want, type);
    return scalar_is_signed(from) ? LLVMBuildSExt(f->b, value, type, "") : LLVMBuildZExt(f->b, value, type, "");
}
