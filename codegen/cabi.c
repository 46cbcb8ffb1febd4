#include "codegen/cabi.h"

#include <llvm-c/Core.h>
#include <string.h>

/* ---- Layout ---------------------------------------------------------------------------------- */

uint32_t abi_align(LLVMTypeRef type) {
    switch ((int)LLVMGetTypeKind(type)) {
    case LLVMStructTypeKind: {
        uint32_t align = 1;
        for (unsigned i = 0; i < LLVMCountStructElementTypes(type); i++) {
            uint32_t field = abi_align(LLVMStructGetTypeAtIndex(type, i));
            if (field > align) align = field;
        }
        return align;
    }
    case LLVMArrayTypeKind: return abi_align(LLVMGetElementType(type));
    default: return abi_size(type);
    }
}

static uint32_t round_up(uint32_t size, uint32_t align) {
    return (size + align - 1) / align * align;
}

uint32_t abi_size(LLVMTypeRef type) {
    switch ((int)LLVMGetTypeKind(type)) {
    case LLVMStructTypeKind: {
        uint32_t size = 0;
        for (unsigned i = 0; i < LLVMCountStructElementTypes(type); i++) {
            LLVMTypeRef field = LLVMStructGetTypeAtIndex(type, i);
            size = round_up(size, abi_align(field)) + abi_size(field);
        }
        return round_up(size, abi_align(type));
    }
    case LLVMArrayTypeKind:
        return (uint32_t)LLVMGetArrayLength2(type) * abi_size(LLVMGetElementType(type));
    case LLVMIntegerTypeKind: return (LLVMGetIntTypeWidth(type) + 7) / 8;
    case LLVMFloatTypeKind: return 4;
    case LLVMDoubleTypeKind:
    case LLVMPointerTypeKind:
    case LLVMVectorTypeKind: return 8; /* two floats in one register */
    default: UNREACHABLE();
    }
}

/* The scalars inside a struct, in order, with their offsets. Classification never needs more than
 * the first sixteen: such a struct is larger than any register rule allows. */
enum { MAX_LEAVES = 17 };

typedef struct Leaves {
    AbiPiece leaf[MAX_LEAVES];
    uint32_t count; /* may stop at MAX_LEAVES */
} Leaves;

static void leaves_collect(LLVMTypeRef type, uint32_t offset, Leaves *leaves) {
    LLVMTypeKind kind = LLVMGetTypeKind(type);
    if (kind == LLVMStructTypeKind) {
        uint32_t at = 0;
        for (unsigned i = 0; i < LLVMCountStructElementTypes(type); i++) {
            LLVMTypeRef field = LLVMStructGetTypeAtIndex(type, i);
            at = round_up(at, abi_align(field));
            leaves_collect(field, offset + at, leaves);
            at += abi_size(field);
        }
    } else if (kind == LLVMArrayTypeKind) {
        LLVMTypeRef elem = LLVMGetElementType(type);
        for (uint32_t i = 0; i < LLVMGetArrayLength2(type); i++)
            leaves_collect(elem, offset + i * abi_size(elem), leaves);
    } else if (leaves->count < MAX_LEAVES) {
        leaves->leaf[leaves->count++] = (AbiPiece){type, offset};
    }
}

static bool is_float_type(LLVMTypeRef type) {
    LLVMTypeKind kind = LLVMGetTypeKind(type);
    return kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind;
}

static void piece_add(AbiPass *pass, LLVMTypeRef type, uint32_t offset) {
    pass->kind = ABI_PIECES;
    pass->pieces[pass->piece_count++] = (AbiPiece){type, offset};
}

static LLVMTypeRef int_type(const AbiTypes *types, unsigned bits) {
    return LLVMIntTypeInContext(types->llvm, bits);
}

/* ---- SysV x86-64 (psABI, 3.2.3): each eightbyte is INTEGER or SSE; above 16 bytes, memory ---- */

static LLVMTypeRef sysv_eightbyte(const AbiTypes *types, const Leaves *leaves, uint32_t start) {
    uint32_t floats = 0;
    LLVMTypeRef last = NULL;
    for (uint32_t i = 0; i < leaves->count; i++) {
        const AbiPiece *leaf = &leaves->leaf[i];
        if (leaf->offset < start || leaf->offset >= start + 8) continue;
        if (!is_float_type(leaf->type)) return int_type(types, 64);
        last = leaf->type;
        floats++;
    }
    if (last == NULL) return int_type(types, 64); /* padding only */
    return floats == 2 ? LLVMVectorType(last, 2) : last;
}

static void sysv_classify(const AbiTypes *types, LLVMTypeRef memory, AbiRegs *regs, AbiPass *pass) {
    uint32_t size = abi_size(memory);
    pass->kind = ABI_STACK;
    if (size > 16) return;
    Leaves leaves = {0};
    leaves_collect(memory, 0, &leaves);
    LLVMTypeRef parts[2];
    uint32_t count = (size + 7) / 8;
    AbiRegs needed = {0, 0};
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = sysv_eightbyte(types, &leaves, i * 8);
        *(LLVMGetTypeKind(parts[i]) == LLVMIntegerTypeKind ? &needed.ints : &needed.floats) += 1;
    }
    /* A struct is never split between registers and the stack. */
    if (needed.ints > regs->ints || needed.floats > regs->floats) return;
    regs->ints -= needed.ints;
    regs->floats -= needed.floats;
    for (uint32_t i = 0; i < count; i++) piece_add(pass, parts[i], i * 8);
}

/* ---- AAPCS64 (6.8.2): up to four equal floats; to 16 bytes integers; else a pointer ---------- */

static LLVMTypeRef homogeneous_floats(LLVMTypeRef memory) {
    Leaves leaves = {0};
    leaves_collect(memory, 0, &leaves);
    if (leaves.count == 0 || leaves.count > 4) return NULL;
    LLVMTypeRef first = leaves.leaf[0].type;
    if (!is_float_type(first)) return NULL;
    for (uint32_t i = 1; i < leaves.count; i++)
        if (leaves.leaf[i].type != first) return NULL;
    return LLVMArrayType2(first, leaves.count);
}

static void integers_classify(const AbiTypes *types, LLVMTypeRef memory, AbiPass *pass) {
    uint32_t size = abi_size(memory);
    LLVMTypeRef word = int_type(types, 64);
    if (size > 16) pass->kind = ABI_POINTER;
    else if (size > 8) piece_add(pass, LLVMArrayType2(word, 2), 0);
    else piece_add(pass, word, 0);
}

static void aapcs_classify(const AbiTypes *types, LLVMTypeRef memory, AbiPass *pass) {
    LLVMTypeRef floats = homogeneous_floats(memory);
    if (floats != NULL) piece_add(pass, floats, 0);
    else integers_classify(types, memory, pass);
}

/* ---- RISC-V lp64d: one or two scalars, at least one a float, travel as such ------------------ */

static bool riscv_by_field(LLVMTypeRef memory, AbiRegs *regs, AbiPass *pass) {
    Leaves leaves = {0};
    leaves_collect(memory, 0, &leaves);
    if (leaves.count == 0 || leaves.count > 2) return false;
    AbiRegs needed = {0, 0};
    for (uint32_t i = 0; i < leaves.count; i++)
        *(is_float_type(leaves.leaf[i].type) ? &needed.floats : &needed.ints) += 1;
    if (needed.floats == 0 || needed.floats > regs->floats || needed.ints > regs->ints)
        return false;
    regs->ints -= needed.ints;
    regs->floats -= needed.floats;
    for (uint32_t i = 0; i < leaves.count; i++)
        piece_add(pass, leaves.leaf[i].type, leaves.leaf[i].offset);
    return true;
}

static void riscv_classify(const AbiTypes *types, LLVMTypeRef memory, AbiRegs *regs,
                           AbiPass *pass) {
    if (riscv_by_field(memory, regs, pass)) return;
    integers_classify(types, memory, pass);
    regs->ints -= abi_size(memory) > 8 && abi_size(memory) <= 16 ? 2 : 1;
}

/* ---- The three together ---------------------------------------------------------------------- */

AbiRegs abi_registers(TargetArch arch) {
    return arch == ARCH_X86_64 ? (AbiRegs){6, 8} : (AbiRegs){8, 8};
}

void abi_classify_struct(const AbiTypes *types, LLVMTypeRef memory, AbiRegs *regs, AbiPass *pass) {
    memset(pass, 0, sizeof *pass);
    pass->memory = memory;
    switch (types->arch) {
    case ARCH_X86_64: sysv_classify(types, memory, regs, pass); return;
    case ARCH_AARCH64: aapcs_classify(types, memory, pass); return;
    case ARCH_RISCV64: riscv_classify(types, memory, regs, pass); return;
    }
}

void abi_classify_result(const AbiTypes *types, LLVMTypeRef memory, AbiRegs *regs, AbiPass *pass) {
    AbiRegs results = {2, 2}; /* rax rdx, xmm0 xmm1; a0 a1, fa0 fa1; AAPCS64 does not count */
    abi_classify_struct(types, memory, &results, pass);
    if (pass->kind == ABI_PIECES) return;
    pass->kind = ABI_POINTER;
    if (types->arch != ARCH_AARCH64) regs->ints--; /* there it is x8, which carries no argument */
}

static AbiExtension scalar_extension(TargetArch arch, ScalarClass sort, unsigned bits) {
    if (sort == CLASS_FLOAT && bits != 16) return ABI_NO_EXTENSION;
    bool is_signed = sort == CLASS_SIGNED;
    switch (arch) {
    case ARCH_X86_64:
        break; /* what gcc and clang agree on, though the psABI only asks it of bool */
    case ARCH_AARCH64: return ABI_NO_EXTENSION; /* the callee extends; LLVM itself sees to bool */
    case ARCH_RISCV64:
        if (bits == 32) return ABI_SIGN_EXTENDED; /* u32 as well */
        break;
    }
    return bits >= 32 ? ABI_NO_EXTENSION : is_signed ? ABI_SIGN_EXTENDED : ABI_ZERO_EXTENDED;
}

void abi_classify_scalar(const AbiTypes *types, LLVMTypeRef value, ScalarClass sort, unsigned bits,
                         AbiRegs *regs, AbiPass *pass) {
    memset(pass, 0, sizeof *pass);
    pass->memory = value;
    pass->extension = scalar_extension(types->arch, sort, bits);
    bool in_float = is_float_type(value) && regs->floats > 0;
    if (in_float) regs->floats--;
    else if (regs->ints > 0 && !(types->arch == ARCH_X86_64 && is_float_type(value))) regs->ints--;
}
