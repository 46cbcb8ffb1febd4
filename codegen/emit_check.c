/* Checks: a comparison, a branch that is almost never taken, and one shared function that panics.
 *
 * What a panic shows is a constant kc_panic_info (kc/kcrt.h) for each check; the shared function
 * copies it, fills in the values, and calls kc_panic. That is a weak reference: where nobody
 * defines it, the kernel traps. */
#include "codegen/emit.h"

#include <string.h>

enum { INFO_BYTES = 80, INFO_VALUES = 56, MAX_VALUES = FAILURE_VALUES };

/* ---- The shared function --------------------------------------------------------------------- */

static LLVMValueRef panic_declare(Emit *e, LLVMTypeRef type) {
    LLVMValueRef panic = LLVMGetNamedFunction(e->mod, "kc_panic");
    if (panic == NULL) panic = LLVMAddFunction(e->mod, "kc_panic", type);
    LLVMSetLinkage(panic, LLVMExternalWeakLinkage);
    return panic;
}

static LLVMTypeRef fail_type(Emit *e) {
    LLVMTypeRef params[] = {e->ptr, e->i64, e->i64, e->i64};
    return LLVMFunctionType(e->none, params, 1 + MAX_VALUES, false);
}

static void fail_body(Emit *e, LLVMValueRef fail, LLVMBuilderRef b) {
    LLVMTypeRef panic_type = LLVMFunctionType(e->none, &e->ptr, 1, false);
    LLVMValueRef panic = panic_declare(e, panic_type);
    LLVMBasicBlockRef start = LLVMAppendBasicBlockInContext(e->llvm, fail, "start");
    LLVMBasicBlockRef tell = LLVMAppendBasicBlockInContext(e->llvm, fail, "tell");
    LLVMBasicBlockRef stop = LLVMAppendBasicBlockInContext(e->llvm, fail, "stop");
    LLVMPositionBuilderAtEnd(b, start);
    LLVMValueRef info = LLVMBuildAlloca(b, LLVMArrayType2(e->i64, INFO_BYTES / 8), "info");
    LLVMBuildCondBr(b, LLVMBuildIsNotNull(b, panic, ""), tell, stop);
    LLVMPositionBuilderAtEnd(b, tell);
    LLVMBuildMemCpy(b, info, 8, LLVMGetParam(fail, 0), 8, const_i64(e, INFO_BYTES));
    for (unsigned i = 0; i < MAX_VALUES; i++) {
        LLVMValueRef at = const_i64(e, INFO_VALUES + 8 * (int64_t)i);
        LLVMValueRef where = LLVMBuildInBoundsGEP2(b, e->i8, info, &at, 1, "");
        LLVMBuildStore(b, LLVMGetParam(fail, 1 + i), where);
    }
    LLVMBuildCall2(b, panic_type, panic, &info, 1, "");
    LLVMBuildBr(b, stop);
    LLVMPositionBuilderAtEnd(b, stop);
    unsigned trap = LLVMLookupIntrinsicID("llvm.trap", 9);
    LLVMValueRef trap_fn = LLVMGetIntrinsicDeclaration(e->mod, trap, NULL, 0);
    LLVMBuildCall2(b, LLVMFunctionType(e->none, NULL, 0, false), trap_fn, NULL, 0, "");
    LLVMBuildUnreachable(b);
}

static LLVMValueRef fail_function(Emit *e) {
    if (e->fail != NULL) return e->fail;
    e->fail = LLVMAddFunction(e->mod, "kc.fail", fail_type(e));
    LLVMSetLinkage(e->fail, LLVMInternalLinkage);
    fn_attributes_add(e, e->fail);
    attribute_add(e, e->fail, LLVMAttributeFunctionIndex, "cold", 0);
    attribute_add(e, e->fail, LLVMAttributeFunctionIndex, "noinline", 0);
    attribute_add(e, e->fail, LLVMAttributeFunctionIndex, "noreturn", 0);
    attribute_add(e, e->fail, LLVMAttributeFunctionIndex, "minsize", 0);
    attribute_add(e, e->fail, LLVMAttributeFunctionIndex, "optsize", 0);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    fail_body(e, e->fail, b);
    LLVMDisposeBuilder(b);
    return e->fail;
}

/* ---- What it shows --------------------------------------------------------------------------- */

/* Equal texts become one constant; LLVM merges them, so each check makes its own. */
static LLVMValueRef text(Emit *e, const char *text) { return const_text(e, text, strlen(text)); }

LLVMValueRef place_path(FnEmit *f, Span span) {
    const Source *source = source_of(&f->e->module->cx->sources, span);
    const char *path = f->e->options->panic_file;
    return text(f->e, path != NULL ? path : source != NULL ? source->path : "?");
}

int32_t place_line(FnEmit *f, Span span) {
    const Source *source = source_of(&f->e->module->cx->sources, span);
    return source != NULL ? (int32_t)source_line_col(source, span.start).line : 0;
}

LLVMValueRef panic_constant(Emit *e, const Panic *panic) {
    LLVMValueRef names[MAX_VALUES], values[MAX_VALUES];
    for (uint32_t i = 0; i < MAX_VALUES; i++) {
        bool is_shown = i < panic->value_count;
        names[i] = is_shown ? text(e, panic->value_names[i]) : LLVMConstNull(e->ptr);
        values[i] = const_i64(e, 0);
    }
    LLVMValueRef parts[] = {
        text(e, panic->message), text(e, panic->function), panic->path, const_i32(e, panic->line),
        const_i32(e, (int32_t)panic->value_count), LLVMConstArray2(e->ptr, names, MAX_VALUES),
        LLVMConstArray2(e->i64, values, MAX_VALUES)};
    LLVMValueRef info = LLVMConstStructInContext(e->llvm, parts, ARRAY_LEN(parts), false);
    LLVMValueRef global = LLVMAddGlobal(e->mod, LLVMTypeOf(info), ".panic");
    LLVMSetInitializer(global, info);
    LLVMSetGlobalConstant(global, true);
    LLVMSetLinkage(global, LLVMPrivateLinkage);
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr);
    LLVMSetAlignment(global, 8);
    return global;
}

static LLVMValueRef info_constant(FnEmit *f, const Op *op, CheckKind kind, const char *message,
                                  uint32_t value_count) {
    Name name = name_eq(f->ir->source_name, NO_NAME) ? f->ir->name : f->ir->source_name;
    if (!name_eq(op->inlined_from, NO_NAME)) name = op->inlined_from;
    Panic panic = {.message = message != NULL ? message : check_infos[kind].message,
                   .function = text_of(f->e->module->cx, name),
                   .path = place_path(f, op->span),
                   .line = place_line(f, op->span),
                   .value_count = value_count,
                   .value_names = check_infos[kind].names};
    return panic_constant(f->e, &panic);
}

void panic_call(FnEmit *f, LLVMValueRef info, LLVMValueRef *values, uint32_t count) {
    Emit *e = f->e;
    LLVMValueRef args[1 + MAX_VALUES] = {info};
    for (uint32_t i = 0; i < MAX_VALUES; i++) args[1 + i] = i < count ? values[i] : const_i64(e, 0);
    need_record(f, "kc_panic");
    LLVMValueRef call =
        LLVMBuildCall2(f->b, fail_type(e), fail_function(e), args, 1 + MAX_VALUES, "");
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attribute(e, "noreturn", 0));
    LLVMAddCallSiteAttribute(call, LLVMAttributeFunctionIndex, attribute(e, "cold", 0));
    LLVMBuildUnreachable(f->b);
}

void branch_likely(FnEmit *f, LLVMValueRef condition, LLVMBasicBlockRef likely,
                   LLVMBasicBlockRef otherwise) {
    Emit *e = f->e;
    LLVMValueRef branch = LLVMBuildCondBr(f->b, condition, likely, otherwise);
    if (e->cold_weights == NULL) {
        LLVMMetadataRef parts[] = {
            LLVMMDStringInContext2(e->llvm, "branch_weights", 14),
            LLVMValueAsMetadata(const_i32(e, 1 << 20)), LLVMValueAsMetadata(const_i32(e, 1))};
        e->cold_weights = LLVMMetadataAsValue(e->llvm, LLVMMDNodeInContext2(e->llvm, parts, 3));
    }
    LLVMSetMetadata(branch, LLVMGetMDKindIDInContext(e->llvm, "prof", 4), e->cold_weights);
}

/* What the function's one failing call is given, as phis that each failed check adds to. */
static void failure_start(FnEmit *f) {
    need_record(f, "kc_panic");
    LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b);
    f->failure = block_new(f, "failure");
    LLVMPositionBuilderAtEnd(f->b, f->failure);
    for (uint32_t i = 0; i <= MAX_VALUES; i++)
        f->failed[i] = LLVMBuildPhi(f->b, i == 0 ? f->e->ptr : f->e->i64, "");
    LLVMPositionBuilderAtEnd(f->b, here);
}

/* Checks of a function fail in one block. It is the only one that needs a stack frame then, so LLVM makes none for
 * those that hold. */
static void failure_branch(FnEmit *f, LLVMValueRef info, LLVMValueRef *values, uint32_t count) {
    if (f->failure == NULL) failure_start(f);
    LLVMBasicBlockRef from = LLVMGetInsertBlock(f->b);
    LLVMAddIncoming(f->failed[0], &info, &from, 1);
    for (uint32_t i = 0; i < MAX_VALUES; i++) {
        LLVMValueRef value = i < count ? values[i] : const_i64(f->e, 0);
        LLVMAddIncoming(f->failed[1 + i], &value, &from, 1);
    }
    LLVMBuildBr(f->b, f->failure);
}

void failure_end(FnEmit *f) {
    if (f->failure == NULL) return;
    LLVMPositionBuilderAtEnd(f->b, f->failure);
    debug_place(f, f->ir->span);
    panic_call(f, f->failed[0], f->failed + 1, MAX_VALUES);
}

void check_that(FnEmit *f, const Op *op, CheckKind kind, LLVMValueRef holds, LLVMValueRef *values,
                uint32_t count, const char *message) {
    LLVMBasicBlockRef fails = block_new(f, "fails"), good = block_new(f, "holds");
    branch_likely(f, holds, good, fails);
    block_enter(f, fails);
    failure_branch(f, info_constant(f, op, kind, message, count), values, count);
    block_enter(f, good);
}

/* ---- What is checked ------------------------------------------------------------------------- */

static LLVMValueRef compare(FnEmit *f, LLVMIntPredicate how, LLVMValueRef a, LLVMValueRef b) {
    return LLVMBuildICmp(f->b, how, a, b, "");
}

static LLVMValueRef does_not_wrap(FnEmit *f, const Op *op, const char *if_signed,
                                  const char *if_unsigned) {
    LLVMValueRef args[] = {value_llvm(f, op->operands[0]), value_llvm(f, op->operands[1])};
    bool is_signed = scalar_is_signed(op->operands[0]->type->scalar);
    LLVMValueRef both =
        intrinsic(f, is_signed ? if_signed : if_unsigned, LLVMTypeOf(args[0]), args, 2);
    return LLVMBuildNot(f->b, LLVMBuildExtractValue(f->b, both, 1, ""), "");
}

/* `first >= end`, or `0 <= first` and `end <= size`. */
static LLVMValueRef range_holds(FnEmit *f, LLVMValueRef *v) {
    LLVMValueRef empty = compare(f, LLVMIntSGE, v[0], v[1]);
    LLVMValueRef low = compare(f, LLVMIntSGE, v[0], const_i64(f->e, 0));
    LLVMValueRef high = compare(f, LLVMIntSLE, v[1], v[2]);
    return LLVMBuildOr(f->b, empty, LLVMBuildAnd(f->b, low, high, ""), "");
}

/* Sizes are never negative, so one unsigned comparison covers both ends of an index. */
static LLVMValueRef check_holds(FnEmit *f, const Op *op, LLVMValueRef *v) {
    LLVMValueRef zero = LLVMConstNull(LLVMTypeOf(v[0]));
    switch (op->attr.check.kind) {
    case CHECK_INDEX: return compare(f, LLVMIntULT, v[0], v[1]);
    case CHECK_RANGE: return range_holds(f, v);
    case CHECK_SLICE: {
        LLVMValueRef low = compare(f, LLVMIntULE, v[0], v[1]);
        return LLVMBuildAnd(f->b, low, compare(f, LLVMIntULE, v[1], v[2]), "");
    }
    case CHECK_SIZE: return compare(f, LLVMIntEQ, v[0], v[1]);
    case CHECK_LENGTH: return compare(f, LLVMIntSGE, v[0], zero);
    case CHECK_NONEMPTY: return compare(f, LLVMIntSGT, v[0], zero);
    case CHECK_DIVISOR:
    case CHECK_STEP: return compare(f, LLVMIntNE, v[0], zero);
    case CHECK_EXPONENT:
        return scalar_is_signed(op->operands[0]->type->scalar)
                   ? compare(f, LLVMIntSGE, v[0], zero)
                   : LLVMConstInt(f->e->i1, 1, false);
    case CHECK_TRUE: return v[0];
    case CHECK_ADD:
        return does_not_wrap(f, op, "llvm.sadd.with.overflow", "llvm.uadd.with.overflow");
    case CHECK_SUB:
        return does_not_wrap(f, op, "llvm.ssub.with.overflow", "llvm.usub.with.overflow");
    case CHECK_MUL:
        return does_not_wrap(f, op, "llvm.smul.with.overflow", "llvm.umul.with.overflow");
    case CHECK_MEMORY:
    case CHECK_COUNT: break;
    }
    UNREACHABLE();
}

void emit_check(FnEmit *f, const Op *op) {
    CheckKind kind = op->attr.check.kind;
    LLVMValueRef values[MAX_VALUES];
    for (uint32_t i = 0; i < op->operand_count; i++) values[i] = value_llvm(f, op->operands[i]);
    LLVMValueRef holds = check_holds(f, op, values);
    uint32_t shown = kind == CHECK_TRUE ? 0 : op->operand_count;
    for (uint32_t i = 0; i < shown; i++) {
        bool is_signed = scalar_is_signed(op->operands[i]->type->scalar);
        values[i] = is_signed ? LLVMBuildSExt(f->b, values[i], f->e->i64, "")
                              : LLVMBuildZExt(f->b, values[i], f->e->i64, "");
    }
    check_that(f, op, kind, holds, values, shown, op->attr.check.message);
}
