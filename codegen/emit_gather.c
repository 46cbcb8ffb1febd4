/* Gathers: elements from anywhere, one for each lane, or a run of neighbours; and scatters to anywhere.
 *
 * Where the processor has an instruction that is worth it, LLVM's intrinsic becomes that. Elsewhere LLVM
 * would ask of each lane whether it is on, and branch. Here all lanes load: those that are off, the first
 * element, or zeros where no lane is on and there may be none. A run is loaded as one larger number. Lanes at one
 * distance from each other: emit_ramp.c. */
#include "codegen/emit.h"

/* Of the largest run. */
enum { NOTHING_BYTES = 8 };

LLVMValueRef mask_or_all(FnEmit *f, const LaneAccess *a) {
    if (a->mask != NULL) return a->mask;
    return LLVMConstAllOnes(LLVMVectorType(f->e->i1, LLVMGetVectorSize(a->memory)));
}

static LLVMValueRef lane_numbers(FnEmit *f, uint32_t lanes) {
    LLVMValueRef numbers[MAX_LANES];
    for (uint32_t i = 0; i < lanes; i++) numbers[i] = const_i64(f->e, i);
    return LLVMConstVector(numbers, lanes);
}

/* Where the lanes' elements are: from a base, so many elements on. */
typedef struct Places {
    LLVMValueRef base, offsets; /* offsets: a vector of integers */
    bool is_index;              /* it is an index as it stands: nowhere negative in lanes that are on */
} Places;

/* Uniform indices move the base, the others add up lane by lane. Without any, the lanes follow each other in
 * the last dimension. */
static Places places_of(FnEmit *f, const LaneAccess *a) {
    const EmitView *window = value_view(f, a->view);
    LLVMTypeRef elem = LLVMGetElementType(a->memory);
    Places p = {.base = window->data};
    for (uint32_t i = 0; i < window->rank; i++) {
        LLVMValueRef index = value_llvm(f, a->indices[i]), stride = view_stride(f, window, i);
        bool dense = is_constant_one(stride);
        if (a->indices[i]->type->kind != IR_VEC) {
            LLVMValueRef by = dense ? index : LLVMBuildMul(f->b, index, stride, "");
            p.base = LLVMBuildGEP2(f->b, elem, p.base, &by, 1, "");
            continue;
        }
        if (dense && p.offsets == NULL) {
            p.offsets = index;
            p.is_index = true;
            continue;
        }
        uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(index));
        LLVMTypeRef wide = LLVMVectorType(f->e->i64, lanes);
        index = LLVMBuildIntCast2(f->b, index, wide, true, "");
        if (!dense) index = LLVMBuildMul(f->b, index, splat(f, stride, lanes), "");
        p.offsets = p.offsets == NULL ? index : LLVMBuildAdd(f->b, p.offsets, index, "");
    }
    if (p.offsets == NULL) {
        uint32_t lanes = LLVMGetVectorSize(a->memory);
        LLVMValueRef stride = splat(f, view_stride(f, window, window->rank - 1), lanes);
        p.offsets = LLVMBuildMul(f->b, lane_numbers(f, lanes), stride, "");
    }
    return p;
}

static LLVMValueRef pointers_of(FnEmit *f, const LaneAccess *a, const Places *p) {
    LLVMTypeRef wide = LLVMVectorType(f->e->i64, LLVMGetVectorSize(LLVMTypeOf(p->offsets)));
    LLVMValueRef offsets = LLVMBuildIntCast2(f->b, p->offsets, wide, true, "");
    return LLVMBuildGEP2(f->b, LLVMGetElementType(a->memory), p->base, &offsets, 1, "");
}

static LLVMValueRef lane_pointers(FnEmit *f, const LaneAccess *a) {
    Places places = places_of(f, a);
    return pointers_of(f, a, &places);
}

/* ---- One by one ------------------------------------------------------------------------------ */

/* Read in place of elements when there is nobody to read them. */
static LLVMValueRef nothing(Emit *e) {
    LLVMValueRef made = LLVMGetNamedGlobal(e->mod, ".nothing");
    if (made != NULL) return made;
    LLVMTypeRef type = LLVMArrayType2(e->i8, NOTHING_BYTES);
    made = LLVMAddGlobal(e->mod, type, ".nothing");
    LLVMSetInitializer(made, LLVMConstNull(type));
    LLVMSetGlobalConstant(made, true);
    LLVMSetLinkage(made, LLVMPrivateLinkage);
    LLVMSetAlignment(made, NOTHING_BYTES);
    return made;
}

/* Memory of the function's own, of which emit_stack.c likes to see all accesses. */
static bool surely_has_elements(const Value *view) {
    int64_t size;
    if (view->def == NULL || view->def->kind != OP_ALLOC) return false;
    for (uint32_t i = 0; i < view->type->rank; i++)
        if (!value_is_int(view->def->operands[i], &size) || size < 1) return false;
    return true;
}

/* If a lane is on, the first element in the dimensions that differ is there. */
static Places places_for_all(FnEmit *f, const LaneAccess *a, Places p) {
    if (a->mask == NULL) return p;
    p.offsets = LLVMBuildSelect(f->b, a->mask, p.offsets, LLVMConstNull(LLVMTypeOf(p.offsets)), "");
    if (surely_has_elements(a->view)) return p;
    LLVMTypeRef word = LLVMIntTypeInContext(f->e->llvm, LLVMGetVectorSize(LLVMTypeOf(a->mask)));
    LLVMValueRef bits = LLVMBuildBitCast(f->b, a->mask, word, "");
    LLVMValueRef some = LLVMBuildICmp(f->b, LLVMIntNE, bits, LLVMConstNull(word), "");
    p.base = LLVMBuildSelect(f->b, some, p.base, nothing(f->e), "");
    return p;
}

static void write_note(void *user, Op *op) {
    bool *found = user;
    const Op *place = op->kind == OP_SET ? op->operands[0]->def : NULL;
    bool is_var = place != NULL && place->kind == OP_VAR;
    bool is_harmless = op_is_pure(op) || is_var || op->kind == OP_CHECK || op->kind == OP_IF || op->kind == OP_YIELD ||
                       op->kind == OP_GET || op->kind == OP_LOAD || op->kind == OP_VLOAD || op->kind == OP_GATHER;
    if (!is_harmless) *found = true;
}

/* The lanes' places came from memory as they are, which was not written since: from where; NULL otherwise. */
static LLVMValueRef offsets_home(FnEmit *f, const LaneAccess *a, const Places *p) {
    const Op *op = a->op, *load = op->operands[op->operand_count - 1]->def;
    bool written = false;
    bool is_load = a->mask == NULL && LLVMIsALoadInst(p->offsets) != NULL && load != NULL && load->kind == OP_VLOAD &&
                   load->parent == op->parent && value_llvm(f, op_result(load)) == p->offsets;
    if (!is_load) return NULL;
    for (; load != op && !written; load = load->next) {
        write_note(&written, (Op *)load);
        for (uint32_t i = 0; i < load->region_count; i++) region_walk(load->regions[i], write_note, &written);
    }
    return written ? NULL : LLVMGetOperand(p->offsets, 0);
}

/* Two places of 32 bits each: in memory still, or half of a lane of the vector that was loaded from there. LLVM would always do
 * the latter where the vector is needed as well; but loads are what it takes least of all. */
static LLVMValueRef two_offsets(FnEmit *f, LLVMValueRef offsets, LLVMValueRef home, uint32_t number) {
    LLVMValueRef at = const_i32(f->e, (int32_t)number);
    if (home == NULL) {
        LLVMTypeRef wide = LLVMVectorType(f->e->i64, LLVMGetVectorSize(LLVMTypeOf(offsets)) / 2);
        return LLVMBuildExtractElement(f->b, LLVMBuildBitCast(f->b, offsets, wide, ""), at, "");
    }
    LLVMValueRef two = LLVMBuildLoad2(f->b, f->e->i64, LLVMBuildGEP2(f->b, f->e->i64, home, &at, 1, ""), "");
    LLVMSetAlignment(two, (unsigned)sizeof(int32_t));
    LLVMSetVolatile(two, true);
    return two;
}

/* Where places are numbers of 32 bits, two leave the vector at once. */
static void offsets_split(FnEmit *f, const LaneAccess *a, const Places *p, LLVMValueRef *each) {
    LLVMTypeRef type = LLVMTypeOf(p->offsets);
    uint32_t lanes = LLVMGetVectorSize(type);
    bool halves = p->is_index && LLVMGetElementType(type) == f->e->i32 && lanes % 2 == 0;
    LLVMValueRef home = halves ? offsets_home(f, a, p) : NULL;
    for (uint32_t i = 0; !halves && i < lanes; i++) {
        each[i] = LLVMBuildExtractElement(f->b, p->offsets, const_i32(f->e, (int32_t)i), "");
        each[i] = LLVMBuildIntCast2(f->b, each[i], f->e->i64, true, "");
    }
    for (uint32_t i = 0; halves && i < lanes / 2; i++) {
        LLVMValueRef two = two_offsets(f, p->offsets, home, i);
        each[2 * i] = LLVMBuildAnd(f->b, two, const_i64(f->e, UINT32_MAX), "");
        each[2 * i + 1] = LLVMBuildLShr(f->b, two, const_i64(f->e, 32), "");
    }
}

/* A number that a run is loaded as. */
static LLVMTypeRef run_type(FnEmit *f, uint32_t bytes) {
    return bytes == 8 ? f->e->f64 : bytes == 4 ? f->e->i32 : f->e->i16;
}

LLVMValueRef load_lane(FnEmit *f, const LaneAccess *a, LLVMValueRef at, LLVMTypeRef loaded) {
    LLVMValueRef one = LLVMBuildLoad2(f->b, loaded, at, "");
    LLVMSetAlignment(one, a->view->type->elem->align);
    access_mark(f, one, a->root);
    return one;
}

/* Two registers of pairs: they are taken apart by `pairs`, which is one shuffle of x86 for each half of the pairs where
 * the registers take turns, two pairs for each part of 128 bits. */
static bool takes_turns(const FnEmit *f, LLVMTypeRef loaded, uint32_t lanes) {
    enum { PART_BITS = 128 };
    const Target *target = f->e->target;
    bool is_pair = LLVMGetTypeKind(loaded) == LLVMDoubleTypeKind;
    uint32_t bits = lanes * 64 / 2;
    return target->arch == ARCH_X86_64 && is_pair && bits > PART_BITS && bits <= target->vector_bits;
}

/* The number of the pair that is the i-th of register `r`. */
static uint32_t turn_of(uint32_t r, uint32_t i) { return i / 2 * 4 + r * 2 + i % 2; }

LLVMValueRef lanes_join(FnEmit *f, LLVMValueRef *ones, LLVMTypeRef loaded, uint32_t lanes) {
    bool turns = takes_turns(f, loaded, lanes);
    uint32_t parts = turns ? 2 : 1, each = lanes / parts;
    LLVMValueRef made[2], numbers[MAX_LANES];
    for (uint32_t p = 0; p < parts; p++) {
        made[p] = LLVMGetPoison(LLVMVectorType(loaded, each));
        for (uint32_t i = 0; i < each; i++) {
            uint32_t which = turns ? turn_of(p, i) : i;
            made[p] = LLVMBuildInsertElement(f->b, made[p], ones[which], const_i32(f->e, (int32_t)i), "");
            numbers[which] = const_i32(f->e, (int32_t)(p * each + i));
        }
    }
    if (!turns) return made[0];
    return LLVMBuildShuffleVector(f->b, made[0], made[1], LLVMConstVector(numbers, lanes), "");
}

static LLVMValueRef load_each(FnEmit *f, const LaneAccess *a, const Places *p, LLVMTypeRef loaded) {
    Places all = places_for_all(f, a, *p);
    LLVMValueRef ones[MAX_LANES];
    offsets_split(f, a, &all, ones);
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(all.offsets));
    for (uint32_t i = 0; i < lanes; i++) {
        LLVMValueRef at = LLVMBuildGEP2(f->b, LLVMGetElementType(a->memory), all.base, &ones[i], 1, "");
        ones[i] = load_lane(f, a, at, loaded);
    }
    return lanes_join(f, ones, loaded, lanes);
}

/* ---- Which way ------------------------------------------------------------------------------- */

static bool by_instruction(const FnEmit *f, uint32_t bytes) {
    return f->e->target->has_gathers && (bytes >= 4 || f->e->target->arch != ARCH_X86_64);
}

static LLVMValueRef masked_gather(FnEmit *f, const LaneAccess *a, const Places *p, LLVMTypeRef loaded) {
    uint32_t lanes = LLVMGetVectorSize(LLVMTypeOf(p->offsets));
    LLVMTypeRef type = LLVMVectorType(loaded, lanes);
    LLVMValueRef all = LLVMConstAllOnes(LLVMVectorType(f->e->i1, lanes));
    LLVMValueRef args[] = {pointers_of(f, a, p), a->align, a->mask == NULL ? all : a->mask,
                           LLVMConstNull(type)};
    LLVMTypeRef types[] = {type, LLVMTypeOf(args[0])};
    LLVMValueRef made = overloaded(f, "llvm.masked.gather", types, 2, args, 4);
    access_mark(f, made, a->root);
    return made;
}

LLVMValueRef lanes_blank(FnEmit *f, LLVMValueRef mask, LLVMValueRef value) {
    return LLVMBuildSelect(f->b, mask, value, LLVMConstNull(LLVMTypeOf(value)), "");
}

static uint32_t lanes_of(const LaneAccess *a) {
    for (uint32_t i = 0; i < a->view->type->rank; i++)
        if (a->indices[i]->type->kind == IR_VEC) return a->indices[i]->type->lanes;
    return LLVMGetVectorSize(a->memory);
}

LLVMValueRef emit_gather(FnEmit *f, const LaneAccess *a, LLVMValueRef *all) {
    uint32_t lanes = lanes_of(a), run = LLVMGetVectorSize(a->memory) / lanes;
    uint32_t bytes = run * (uint32_t)a->view->type->elem->size;
    LLVMTypeRef loaded = run == 1 ? LLVMGetElementType(a->memory) : run_type(f, bytes);
    Ramp ramp;
    bool whole = by_instruction(f, bytes), blanks = !whole && a->mask != NULL;
    LLVMValueRef made;
    if (!whole && !blanks && access_ramp(f, a, &ramp)) {
        made = load_ramp(f, a, &ramp, loaded, lanes);
    } else {
        Places p = places_of(f, a);
        made = whole ? masked_gather(f, a, &p, loaded) : load_each(f, a, &p, loaded);
    }
    *all = blanks ? LLVMBuildBitCast(f->b, made, a->memory, "") : NULL;
    if (blanks) made = lanes_blank(f, a->mask, made);
    return LLVMBuildBitCast(f->b, made, a->memory, "");
}

void emit_scatter(FnEmit *f, const LaneAccess *a, LLVMValueRef value) {
    Ramp ramp;
    if (!f->e->target->has_masks && a->mask == NULL && access_ramp(f, a, &ramp)) {
        store_ramp(f, a, &ramp, value);
        return;
    }
    LLVMValueRef args[] = {value, lane_pointers(f, a), a->align, mask_or_all(f, a)};
    LLVMTypeRef types[] = {a->memory, LLVMTypeOf(args[1])};
    access_mark(f, overloaded(f, "llvm.masked.scatter", types, 2, args, 4), a->root);
}
