/* LOOKUP: lanes of a table, which is a vector, named by the lanes of another.
 *
 * x86 and Arm have instructions that look up lanes of one register or of a few. A larger table is in several such
 * parts, each of which is asked, and the bits of the number above these choose, two parts at a time. A number may be
 * wider than what it names: then each is looked up where its lowest part is, and the rest of its lane is not used.
 * Where there is no such instruction, the lanes are taken one by one. */
#include "codegen/emit.h"

typedef enum Way {
    WAY_NONE,
    WAY_PERMUTE, /* AVX-512: two registers of any lanes */
    WAY_WORDS,   /* AVX2: a register of eight words */
    WAY_BYTES,   /* SSSE3: 16 bytes, the same for each 16 numbers */
    WAY_ARM      /* up to four registers of 16 bytes */
} Way;

typedef struct Lookup {
    Way way;
    LLVMValueRef table; /* of integers */
    uint32_t lanes;     /* of the table */
    uint32_t bits;      /* of its lanes */
} Lookup;

enum { BYTES_PART = 16, ARM_PART = 64, MOST_PARTS = 16, WORDS_BITS = 256, BYTE = 8 };

static LLVMTypeRef ints(FnEmit *f, uint32_t bits, uint32_t lanes) {
    return LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, bits), lanes);
}

/* Lanes of the table from `first` on, as often as it takes to fill `count`. */
static LLVMValueRef table_part(FnEmit *f, const Lookup *l, uint32_t first, uint32_t count) {
    LLVMValueRef at[MAX_LANES];
    for (uint32_t i = 0; i < count; i++) at[i] = const_i32(f->e, (int32_t)((first + i) % l->lanes));
    return LLVMBuildShuffleVector(f->b, l->table, LLVMGetPoison(LLVMTypeOf(l->table)), LLVMConstVector(at, count), "");
}

/* ---- One part -------------------------------------------------------------------------------- */

static const char *permutation(uint32_t lane_bits, uint32_t bits) {
    static const char *const names[4][3] = {
        {"llvm.x86.avx512.vpermi2var.qi.128", "llvm.x86.avx512.vpermi2var.qi.256", "llvm.x86.avx512.vpermi2var.qi.512"},
        {"llvm.x86.avx512.vpermi2var.hi.128", "llvm.x86.avx512.vpermi2var.hi.256", "llvm.x86.avx512.vpermi2var.hi.512"},
        {"llvm.x86.avx512.vpermi2var.d.128", "llvm.x86.avx512.vpermi2var.d.256", "llvm.x86.avx512.vpermi2var.d.512"},
        {"llvm.x86.avx512.vpermi2var.q.128", "llvm.x86.avx512.vpermi2var.q.256", "llvm.x86.avx512.vpermi2var.q.512"}};
    return names[__builtin_ctz(lane_bits / 8)][bits / 256];
}

/* Two registers, of which each number names a lane. */
static LLVMValueRef permuted(FnEmit *f, const Lookup *l, uint32_t first, LLVMValueRef which, uint32_t bits) {
    uint32_t each = bits / l->bits;
    LLVMValueRef args[] = {table_part(f, l, first, each), which, table_part(f, l, first + each, each)};
    return overloaded(f, permutation(l->bits, bits), NULL, 0, args, 3);
}

static LLVMValueRef permuted_words(FnEmit *f, const Lookup *l, uint32_t first, LLVMValueRef which, uint32_t bits) {
    LLVMValueRef args[] = {table_part(f, l, first, bits / l->bits), which};
    return overloaded(f, "llvm.x86.avx2.permd", NULL, 0, args, 2);
}

/* A bit above the lowest four of a number would give zeros. */
static LLVMValueRef shuffled_bytes(FnEmit *f, const Lookup *l, uint32_t first, LLVMValueRef which, uint32_t bits) {
    static const char *const names[] = {"llvm.x86.ssse3.pshuf.b.128", "llvm.x86.avx2.pshuf.b",
                                        "llvm.x86.avx512.pshuf.b.512"};
    Lookup part = {l->way, table_part(f, l, first, BYTES_PART), BYTES_PART, BYTE};
    LLVMValueRef low = LLVMBuildAnd(f->b, which, llvm_int(LLVMTypeOf(which), BYTES_PART - 1), "");
    LLVMValueRef args[] = {table_part(f, &part, 0, bits / BYTE), low};
    return overloaded(f, names[bits / 256], NULL, 0, args, 2);
}

static LLVMValueRef arm_bytes(FnEmit *f, const Lookup *l, uint32_t first, LLVMValueRef which) {
    static const char *const names[] = {"llvm.aarch64.neon.tbl1", "llvm.aarch64.neon.tbl2", NULL, "llvm.aarch64.neon.tbl4"};
    LLVMTypeRef type = LLVMTypeOf(which);
    uint32_t lanes = l->lanes < BYTES_PART ? BYTES_PART : l->lanes > ARM_PART ? ARM_PART : l->lanes;
    uint32_t count = lanes / BYTES_PART;
    LLVMValueRef args[5];
    for (uint32_t i = 0; i < count; i++) args[i] = table_part(f, l, first + i * BYTES_PART, BYTES_PART);
    args[count] = LLVMBuildAnd(f->b, which, llvm_int(type, lanes - 1), "");
    return overloaded(f, names[count - 1], &type, 1, args, count + 1);
}

/* ---- All parts ------------------------------------------------------------------------------- */

/* How many lanes of the table one instruction looks up. */
static uint32_t part_lanes(const Lookup *l, uint32_t bits) {
    switch (l->way) {
    case WAY_PERMUTE: return 2 * bits / l->bits;
    case WAY_WORDS: return WORDS_BITS / l->bits;
    case WAY_BYTES: return BYTES_PART;
    case WAY_ARM: return ARM_PART;
    case WAY_NONE: break;
    }
    UNREACHABLE();
}

static LLVMValueRef part_looked_up(FnEmit *f, const Lookup *l, uint32_t first, LLVMValueRef which, uint32_t bits) {
    switch (l->way) {
    case WAY_PERMUTE: return permuted(f, l, first, which, bits);
    case WAY_WORDS: return permuted_words(f, l, first, which, bits);
    case WAY_BYTES: return shuffled_bytes(f, l, first, which, bits);
    case WAY_ARM: return arm_bytes(f, l, first, which);
    case WAY_NONE: break;
    }
    UNREACHABLE();
}

/* Of a register of numbers, in lanes as wide as they are. */
static LLVMValueRef register_looked_up(void *user, FnEmit *f, LLVMValueRef *args, uint32_t bits) {
    const Lookup *l = user;
    LLVMTypeRef cells = LLVMTypeOf(args[0]);
    LLVMValueRef found[MOST_PARTS], which = LLVMBuildBitCast(f->b, args[0], ints(f, l->bits, bits / l->bits), "");
    uint32_t part = part_lanes(l, bits), count = l->lanes > part ? l->lanes / part : 1;
    for (uint32_t i = 0; i < count; i++) {
        LLVMValueRef one = part_looked_up(f, l, i * part, which, bits);
        found[i] = LLVMBuildBitCast(f->b, one, cells, "");
    }
    for (uint32_t bit = part; count > 1; count /= 2, bit *= 2) {
        LLVMValueRef set = LLVMBuildAnd(f->b, args[0], llvm_int(cells, bit), "");
        LLVMValueRef above = LLVMBuildICmp(f->b, LLVMIntNE, set, LLVMConstNull(cells), "");
        for (uint32_t i = 0; i < count / 2; i++)
            found[i] = LLVMBuildSelect(f->b, above, found[2 * i + 1], found[2 * i], "");
    }
    return found[0];
}

/* Numbers of bytes in place of numbers of lanes of so many bytes. */
static LLVMValueRef byte_numbers(FnEmit *f, LLVMValueRef which, uint32_t bytes) {
    LLVMTypeRef type = LLVMTypeOf(which);
    int64_t each = 0, up = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        each |= (int64_t)bytes << (8 * i);
        up |= (int64_t)i << (8 * i);
    }
    return LLVMBuildAdd(f->b, LLVMBuildMul(f->b, which, llvm_int(type, each), ""), llvm_int(type, up), "");
}

/* Registers as large as they may be where that saves parts. */
static LLVMValueRef filled_up(FnEmit *f, const Lookup *l, LLVMValueRef which) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(which)), bits = lanes * bits_of_lane(LLVMTypeOf(which)), wanted = 128;
    if (l->way == WAY_WORDS) wanted = WORDS_BITS;
    else if (l->way == WAY_PERMUTE) wanted = l->lanes * l->bits / 2;
    while (bits < wanted && bits < f->e->target->vector_bits) bits *= 2, lanes *= 2;
    return filled_part(f, which, 0, lanes);
}

static LLVMValueRef by_instructions(FnEmit *f, Way way, LLVMValueRef table, LLVMValueRef which) {
    LLVMTypeRef type = LLVMTypeOf(table), lane = LLVMGetElementType(type);
    uint32_t bits = bits_of_lane(type), lanes = LLVMGetVectorSize(LLVMTypeOf(which)), count = LLVMGetVectorSize(type);
    Lookup l = {way, LLVMBuildBitCast(f->b, table, ints(f, bits, count), ""), count, bits};
    if (way == WAY_ARM && bits > BYTE) {
        which = LLVMBuildAnd(f->b, which, llvm_int(LLVMTypeOf(which), count - 1), "");
        which = byte_numbers(f, which, bits / BYTE);
        l.lanes = count * bits / BYTE;
        l.bits = BYTE;
        l.table = LLVMBuildBitCast(f->b, table, ints(f, BYTE, l.lanes), "");
    }
    which = filled_up(f, &l, which);
    LLVMValueRef found = by_registers(f, &which, 1, lanes, register_looked_up, &l);
    LLVMValueRef narrow = LLVMBuildTrunc(f->b, found, ints(f, bits, lanes), "");
    return LLVMBuildBitCast(f->b, narrow, LLVMVectorType(lane, lanes), "");
}

/* A lane after the other. */
static LLVMValueRef one_by_one(FnEmit *f, LLVMValueRef table, LLVMValueRef which) {
    LLVMTypeRef type = LLVMTypeOf(which);
    uint32_t lanes = LLVMGetVectorSize(type), count = LLVMGetVectorSize(LLVMTypeOf(table));
    which = LLVMBuildAnd(f->b, which, llvm_int(type, (int64_t)count - 1), "");
    LLVMValueRef made = LLVMGetPoison(LLVMVectorType(LLVMGetElementType(LLVMTypeOf(table)), lanes));
    for (uint32_t i = 0; i < lanes; i++) {
        LLVMValueRef at = const_i32(f->e, (int32_t)i);
        LLVMValueRef from = LLVMBuildExtractElement(f->b, which, at, "");
        LLVMValueRef lane = LLVMBuildExtractElement(f->b, table, from, "");
        made = LLVMBuildInsertElement(f->b, made, lane, at, "");
    }
    return made;
}

/* ---- Which way ------------------------------------------------------------------------------- */

static Way way_of(FnEmit *f, LLVMTypeRef table) {
    const Target *target = f->e->target;
    uint32_t lane = bits_of_lane(table), bytes = LLVMGetVectorSize(table) * lane / BYTE;
    if (lane < BYTE) return WAY_NONE;
    uint32_t part = target->lookup_bytes[__builtin_ctz(lane / BYTE)];
    if (part == 0 || bytes > part * MOST_PARTS) return WAY_NONE;
    if (target->arch == ARCH_AARCH64) return lane == BYTE || bytes <= UINT8_MAX + 1 ? WAY_ARM : WAY_NONE;
    if (part > WORDS_BITS / BYTE) return WAY_PERMUTE;
    return part > BYTES_PART ? WAY_WORDS : WAY_BYTES;
}

LLVMValueRef emit_lookup(FnEmit *f, const Op *op) {
    LLVMValueRef table = value_llvm(f, op->operands[0]), which = value_llvm(f, op->operands[1]);
    const IrType *numbers = op->operands[1]->type;
    Way way = way_of(f, LLVMTypeOf(table));
    if (way == WAY_NONE) return one_by_one(f, table, which);
    uint32_t bits = bits_of_lane(LLVMTypeOf(table));
    if (bits_of_lane(LLVMTypeOf(which)) < bits)
        which = LLVMBuildIntCast2(f->b, which, ints(f, bits, numbers->lanes), scalar_is_signed(numbers->scalar), "");
    return by_instructions(f, way, table, which);
}
