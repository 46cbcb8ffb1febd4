/* Lanes that are on, side by side: PACK in memory, COMPRESS in registers, and EXPAND from there back to their places.
 *
 * LLVM's own intrinsics go lane by lane where there is no instruction for it, and where there is one, that
 * which writes to memory is slow on some processors. So the lanes are moved to the front of a register,
 * and as many of them stored as there are. AVX-512 has an instruction that moves them, of bytes and shorts only
 * with VBMI2: they are words meanwhile. AVX2 permutes eight lanes by a table, one row for each mask. To store under a mask takes
 * some processors as long there as a dozen ordinary stores; so there are four, of 16, 8 and 4 bytes, which overlap within what
 * is to be stored, and those that would be longer than that go to a place that nobody reads. */
#include "codegen/emit.h"

#include <string.h>

enum { ROW = 8, ROWS = 256 /* of the tables */, WORD = 32 /* bits */, FEW = 16 /* lanes */ };
enum { HALF = 4, QUARTER = 2 /* lanes of a row */ };

/* Behind a row of zeros, row `mask` names the lanes that are on in it, in order, or (`back`) for each of these its number
 * among them. */
static LLVMValueRef rows(Emit *e, bool back) {
    const char *name = back ? ".unpack" : ".pack";
    LLVMValueRef made = LLVMGetNamedGlobal(e->mod, name);
    if (made != NULL) return made;
    char bytes[(1 + ROWS) * ROW] = {0};
    for (uint32_t mask = 0; mask < ROWS; mask++) {
        for (uint32_t lane = 0, count = 0; lane < ROW; lane++) {
            if ((mask >> lane & 1) == 0) continue;
            bytes[(1 + mask) * ROW + (back ? lane : count)] = (char)(back ? count : lane);
            count++;
        }
    }
    LLVMValueRef content = LLVMConstStringInContext2(e->llvm, bytes, sizeof bytes, true);
    made = LLVMAddGlobal(e->mod, LLVMTypeOf(content), name);
    LLVMSetInitializer(made, content);
    LLVMSetGlobalConstant(made, true);
    LLVMSetLinkage(made, LLVMPrivateLinkage);
    LLVMSetAlignment(made, 64);
    return made;
}

/* Of a lane while it moves. */
static unsigned bits_moved(const FnEmit *f, LLVMTypeRef vector) {
    const Target *target = f->e->target;
    unsigned bits = bits_of_lane(vector);
    return bits < WORD && target->has_masks && !target->has_byte_moves ? WORD : bits;
}

/* How many lanes one step packs; 0: LLVM is to do it. */
static uint32_t step_lanes(const FnEmit *f, LLVMTypeRef vector) {
    const Target *target = f->e->target;
    unsigned bits = bits_moved(f, vector), lanes = LLVMGetVectorSize(vector);
    if (target->arch != ARCH_X86_64 || (bits < WORD && !target->has_byte_moves) || lanes * bits < 128) return 0;
    if (target->has_masks) return lanes < 512 / bits ? lanes : 512 / bits;
    return target->vector_bits >= 256 && bits == 32 && lanes % ROW == 0 ? ROW : 0;
}

static LLVMValueRef row_at(FnEmit *f, LLVMValueRef bits, bool back) {
    LLVMTypeRef bytes = LLVMVectorType(f->e->i8, ROW);
    LLVMValueRef one = const_i64(f->e, 1), first = LLVMBuildGEP2(f->b, bytes, rows(f->e, back), &one, 1, "");
    LLVMValueRef index = LLVMBuildZExt(f->b, bits, f->e->i64, "");
    return LLVMBuildGEP2(f->b, bytes, first, &index, 1, "");
}

static LLVMValueRef row_loaded(FnEmit *f, LLVMValueRef at, uint32_t align) {
    LLVMValueRef row = LLVMBuildLoad2(f->b, LLVMVectorType(f->e->i8, ROW), at, "");
    LLVMSetAlignment(row, align);
    return LLVMBuildZExt(f->b, row, LLVMVectorType(f->e->i32, ROW), "");
}

static LLVMValueRef mask_bits(FnEmit *f, LLVMValueRef mask) {
    LLVMTypeRef word = LLVMIntTypeInContext(f->e->llvm, LLVMGetVectorSize(LLVMTypeOf(mask)));
    return LLVMBuildBitCast(f->b, mask, word, "");
}

static LLVMValueRef moved_by_mask(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, bool back) {
    LLVMTypeRef type = LLVMTypeOf(value);
    unsigned lanes = LLVMGetVectorSize(type), bits = bits_of_lane(type), as = bits_moved(f, type);
    LLVMTypeRef numbers = LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, bits), lanes);
    LLVMTypeRef wide = as == bits ? type : LLVMVectorType(LLVMIntTypeInContext(f->e->llvm, as), lanes);
    if (as != bits) value = LLVMBuildZExt(f->b, LLVMBuildBitCast(f->b, value, numbers, ""), wide, "");
    LLVMValueRef args[] = {value, LLVMConstNull(wide), mask};
    const char *name = back ? "llvm.x86.avx512.mask.expand" : "llvm.x86.avx512.mask.compress";
    LLVMValueRef made = intrinsic(f, name, wide, args, 3);
    return as == bits ? made : LLVMBuildBitCast(f->b, LLVMBuildTrunc(f->b, made, numbers, ""), type, "");
}

static LLVMValueRef permuted(FnEmit *f, LLVMValueRef value, LLVMValueRef row) {
    LLVMValueRef args[] = {LLVMBuildBitCast(f->b, value, LLVMVectorType(f->e->i32, ROW), ""), row};
    return intrinsic(f, "llvm.x86.avx2.permd", NULL, args, 2);
}

/* The lanes of one step to the front, or from there back to their places; what the others hold is not said: zeros with AVX-512. */
static LLVMValueRef moved(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, bool back) {
    if (f->e->target->has_masks) return moved_by_mask(f, value, mask, back);
    LLVMValueRef row = row_loaded(f, row_at(f, mask_bits(f, mask), back), ROW);
    return LLVMBuildBitCast(f->b, permuted(f, value, row), LLVMTypeOf(value), "");
}

static LLVMValueRef lanes_on(FnEmit *f, LLVMValueRef mask) {
    LLVMValueRef bits = mask_bits(f, mask);
    return intrinsic(f, "llvm.ctpop", LLVMTypeOf(bits), &bits, 1);
}

/* The lanes before the `count`th. */
static LLVMValueRef lanes_below(FnEmit *f, LLVMValueRef count, uint32_t lanes) {
    LLVMValueRef numbers[MAX_LANES];
    LLVMTypeRef type = lanes <= FEW ? f->e->i32 : f->e->i8;
    for (uint32_t i = 0; i < lanes; i++) numbers[i] = LLVMConstInt(type, i, false);
    LLVMValueRef end = splat(f, LLVMBuildIntCast2(f->b, count, type, false, ""), lanes);
    return LLVMBuildICmp(f->b, LLVMIntULT, LLVMConstVector(numbers, lanes), end, "");
}

typedef struct Pieces {
    LLVMValueRef count;   /* of lanes that are on */
    LLVMValueRef nowhere; /* memory that nobody reads */
    uint32_t align;
} Pieces;

/* LLVM takes it for memory that somebody may read. Else it would store there on no account, and branch, which is too often to
 * where nobody expects it. */
static LLVMValueRef nowhere_of(FnEmit *f) {
    LLVMValueRef slot = stack_slot(f, LLVMVectorType(f->e->i32, HALF), "");
    LLVMTypeRef fn = LLVMFunctionType(f->e->ptr, &f->e->ptr, 1, false);
    LLVMValueRef same = LLVMGetInlineAsm(fn, "", 0, "=r,0", strlen("=r,0"), false, false, LLVMInlineAsmDialectATT, false);
    return LLVMBuildCall2(f->b, fn, same, &slot, 1, "");
}

/* The lanes from `first` on, if at least `least` lanes are on. */
static void piece_store(FnEmit *f, const Pieces *all, LLVMValueRef words, uint32_t first, uint32_t lanes, uint32_t least, LLVMValueRef at) {
    LLVMValueRef are_on = LLVMBuildICmp(f->b, LLVMIntUGE, all->count, const_i64(f->e, least), "");
    LLVMValueRef to = LLVMBuildSelect(f->b, are_on, at, all->nowhere, "");
    LLVMSetAlignment(LLVMBuildStore(f->b, vector_part(f, words, first, lanes), to), all->align);
}

static LLVMValueRef words_behind(FnEmit *f, LLVMValueRef pointer, LLVMValueRef count) {
    return LLVMBuildGEP2(f->b, f->e->i32, pointer, &count, 1, "");
}

/* With four lanes on or more, the first four and the last four are all of them; with fewer, the first two and the last one. */
static LLVMValueRef step_by_pieces(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, const PackTarget *to, LLVMValueRef pointer) {
    LLVMValueRef row = row_at(f, mask_bits(f, mask), false);
    LLVMValueRef count = LLVMBuildIntCast2(f->b, lanes_on(f, mask), f->e->i64, false, "");
    LLVMValueRef before = LLVMBuildSub(f->b, count, const_i64(f->e, HALF), "");
    LLVMValueRef front = permuted(f, value, row_loaded(f, row, ROW));
    LLVMValueRef back = permuted(f, value, row_loaded(f, LLVMBuildGEP2(f->b, f->e->i8, row, &before, 1, ""), 1));
    Pieces all = {count, nowhere_of(f), to->align};
    piece_store(f, &all, back, HALF - 1, 1, 1, words_behind(f, pointer, LLVMBuildSub(f->b, count, const_i64(f->e, 1), "")));
    piece_store(f, &all, front, 0, QUARTER, QUARTER, pointer);
    piece_store(f, &all, front, 0, HALF, HALF, pointer);
    piece_store(f, &all, back, 0, HALF, HALF, words_behind(f, pointer, before));
    return count;
}

/* Packs `lanes` lanes; gives how many are on. */
static LLVMValueRef step(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, const PackTarget *to,
                         LLVMValueRef pointer) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(value));
    if (!f->e->target->has_masks) return step_by_pieces(f, value, mask, to, pointer);
    LLVMValueRef count = lanes_on(f, mask);
    LLVMValueRef args[] = {moved(f, value, mask, false), pointer,
                           const_i32(f->e, (int32_t)to->align), lanes_below(f, count, lanes)};
    LLVMTypeRef types[] = {LLVMTypeOf(value), f->e->ptr};
    access_mark(f, overloaded(f, "llvm.masked.store", types, 2, args, 4), to->root);
    return LLVMBuildIntCast2(f->b, count, f->e->i64, false, "");
}

void emit_pack(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, const PackTarget *to) {
    LLVMTypeRef type = LLVMTypeOf(value), elem = LLVMGetElementType(type);
    uint32_t lanes = LLVMGetVectorSize(type), each = step_lanes(f, type);
    LLVMValueRef pointer = to->pointer;
    if (each == 0) {
        LLVMValueRef args[] = {value, pointer, mask};
        LLVMValueRef store = overloaded(f, "llvm.masked.compressstore", &type, 1, args, 3);
        access_mark(f, store, to->root);
        return;
    }
    for (uint32_t from = 0; from < lanes; from += each) {
        LLVMValueRef count = step(f, vector_part(f, value, from, each),
                                  vector_part(f, mask, from, each), to, pointer);
        pointer = LLVMBuildGEP2(f->b, elem, pointer, &count, 1, "");
    }
}

/* Through memory of its own, which is what processors without such an instruction would do as
 * well. */
static LLVMValueRef moved_in_memory(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, bool back) {
    LLVMTypeRef type = LLVMTypeOf(value);
    LLVMValueRef none = LLVMConstNull(type), slot = stack_slot(f, type, "");
    LLVMBuildStore(f->b, back ? value : none, slot);
    LLVMValueRef unpack[] = {slot, mask, none}, pack[] = {value, slot, mask};
    LLVMValueRef made = back ? intrinsic(f, "llvm.masked.expandload", type, unpack, 3)
                             : intrinsic(f, "llvm.masked.compressstore", type, pack, 3);
    return back ? made : LLVMBuildLoad2(f->b, type, slot, "");
}

LLVMValueRef emit_move_lanes(FnEmit *f, LLVMValueRef value, LLVMValueRef mask, bool back) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(value));
    if (step_lanes(f, LLVMTypeOf(value)) != lanes) return moved_in_memory(f, value, mask, back);
    LLVMValueRef made = moved(f, value, mask, back);
    if (f->e->target->has_masks) return made;
    LLVMValueRef kept = back ? mask : lanes_below(f, lanes_on(f, mask), lanes);
    return LLVMBuildSelect(f->b, kept, made, LLVMConstNull(LLVMTypeOf(made)), "");
}
