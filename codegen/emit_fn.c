/* Functions: their LLVM types, what LLVM may know of their parameters, and their bodies. */
#include "codegen/emit.h"

#include <stdio.h>
#include <string.h>

/* ---- How parameters travel ------------------------------------------------------------------- */

bool fn_speaks_c(const IrFn *fn) { return fn->is_exported || fn->is_extern; }

static void classify_param(Emit *e, const IrFn *fn, const IrType *type, AbiRegs *regs,
                           AbiPass *pass) {
    AbiTypes types = {e->llvm, e->target->arch};
    bool by_value = type->kind == IR_STRUCT || type->kind == IR_VIEW || type->kind == IR_STR;
    if (!fn_speaks_c(fn)) *pass = (AbiPass){.kind = ABI_PLAIN, .memory = type_value(e, type)};
    else if (by_value) abi_classify_struct(&types, type_memory(e, type), regs, pass);
    else if (type->kind == IR_SCALAR)
        abi_classify_scalar(&types, type_value(e, type), scalar_class(type->scalar),
                            scalar_bits(type->scalar), regs, pass);
    else abi_classify_scalar(&types, e->ptr, CLASS_UNSIGNED, 64, regs, pass);
}

static void classify_result(Emit *e, const IrFn *fn, AbiRegs *regs, AbiPass *pass) {
    AbiTypes types = {e->llvm, e->target->arch};
    memset(pass, 0, sizeof *pass);
    if (fn->raises && fn_speaks_c(fn)) {
        AbiRegs results = abi_registers(e->target->arch);
        abi_classify_scalar(&types, e->i32, CLASS_SIGNED, 32, &results, pass);
        return;
    }
    if (fn->results.len == 0 && !fn->raises) return;
    const IrType *first = fn->results.len > 0 ? fn->results.data[0] : NULL;
    if (fn->results.len == 1 && !fn->raises && (!fn_speaks_c(fn) || first->kind == IR_SCALAR)) {
        AbiRegs results = abi_registers(e->target->arch);
        classify_param(e, fn, first, &results, pass);
    } else if (!fn_speaks_c(fn)) {
        *pass = (AbiPass){.kind = ABI_PLAIN, .memory = type_of_results(e, fn)};
    } else {
        abi_classify_result(&types, type_of_results(e, fn), regs, pass);
    }
}

static LLVMTypeRef result_type(Emit *e, const AbiPass *pass) {
    if (pass->memory == NULL || pass->kind == ABI_POINTER) return e->none;
    if (pass->kind == ABI_PLAIN) return pass->memory;
    if (pass->piece_count == 1) return pass->pieces[0].type;
    LLVMTypeRef parts[] = {pass->pieces[0].type, pass->pieces[1].type};
    return LLVMStructTypeInContext(e->llvm, parts, 2, false);
}

static void abi_of(Emit *e, const IrFn *fn, AbiFn *abi) {
    AbiRegs regs = abi_registers(e->target->arch);
    classify_result(e, fn, &regs, &abi->result);
    abi->param_count = fn->params.len;
    abi->params = arena_array(e->scratch, AbiPass, fn->params.len);
    uint32_t room = 2 * fn->params.len + fn->results.len + 1;
    LLVMTypeRef *types = arena_array(e->scratch, LLVMTypeRef, room);
    uint32_t count = 0;
    if (abi->result.kind == ABI_POINTER) types[count++] = e->ptr;
    for (uint32_t i = 0; i < fn->params.len; i++) {
        AbiPass *pass = &abi->params[i];
        classify_param(e, fn, fn->params.data[i].value->type, &regs, pass);
        pass->first = count;
        if (pass->kind == ABI_PLAIN) types[count++] = pass->memory;
        else if (pass->kind != ABI_PIECES) types[count++] = e->ptr;
        for (uint32_t k = 0; k < pass->piece_count; k++) types[count++] = pass->pieces[k].type;
    }
    abi->outs = count;
    if (fn->raises && fn_speaks_c(fn))
        for (uint32_t i = 0; i < fn->results.len; i++) types[count++] = e->ptr;
    abi->llvm_count = count;
    abi->type = LLVMFunctionType(result_type(e, &abi->result), types, count, false);
}

/* ---- Attributes ------------------------------------------------------------------------------ */

void fn_attributes_add(Emit *e, LLVMValueRef fn) {
    const Target *target = e->target;
    attribute_add(e, fn, LLVMAttributeFunctionIndex, "nounwind", 0);
    string_attribute(e, fn, "target-cpu", target->cpu);
    if (target->tune != NULL) string_attribute(e, fn, "tune-cpu", target->tune);
    if (target->features[0] != '\0') string_attribute(e, fn, "target-features", target->features);
    if (target->arch == ARCH_X86_64 && target->vector_bits >= 256) {
        char bits[16];
        snprintf(bits, sizeof bits, "%u", target->vector_bits);
        string_attribute(e, fn, "prefer-vector-width", bits);
    }
    /* LLVM merges chains of comparisons into memcmp, which a kernel has not. */
    string_attribute(e, fn, "no-builtin-memcmp", "");
    string_attribute(e, fn, "no-builtin-bcmp", "");
}

static void put(Emit *e, LLVMValueRef on, bool is_call, LLVMAttributeIndex index,
                LLVMAttributeRef made) {
    (void)e;
    if (is_call) LLVMAddCallSiteAttribute(on, index, made);
    else LLVMAddAttributeAtIndex(on, index, made);
}

static LLVMAttributeRef type_attribute(Emit *e, const char *name, LLVMTypeRef type) {
    return LLVMCreateTypeAttribute(e->llvm, LLVMGetEnumAttributeKindForName(name, strlen(name)),
                                   type);
}

static void put_extension(Emit *e, const AbiPass *pass, LLVMValueRef on, bool is_call,
                          LLVMAttributeIndex index) {
    if (pass->extension == ABI_NO_EXTENSION) return;
    const char *name = pass->extension == ABI_SIGN_EXTENDED ? "signext" : "zeroext";
    put(e, on, is_call, index, attribute(e, name, 0));
}

void fn_abi_attributes(Emit *e, const AbiFn *abi, LLVMValueRef on, bool is_call) {
    if (abi->result.kind == ABI_POINTER) {
        put(e, on, is_call, 1, type_attribute(e, "sret", abi->result.memory));
        put(e, on, is_call, 1, attribute(e, "noalias", 0));
        put(e, on, is_call, 1, attribute(e, "align", abi_align(abi->result.memory)));
    } else {
        put_extension(e, &abi->result, on, is_call, LLVMAttributeReturnIndex);
    }
    for (uint32_t i = 0; i < abi->param_count; i++) {
        const AbiPass *pass = &abi->params[i];
        put_extension(e, pass, on, is_call, pass->first + 1);
        if (pass->kind != ABI_STACK) continue;
        put(e, on, is_call, pass->first + 1, type_attribute(e, "byval", pass->memory));
        put(e, on, is_call, pass->first + 1, attribute(e, "align", 8));
    }
}

typedef struct LengthSearch {
    const Value *value;
    bool found;
} LengthSearch;

static void look_for_length(void *user, Op *op) {
    LengthSearch *search = user;
    bool is_length = op->kind == OP_CHECK && op->attr.check.kind == CHECK_LENGTH;
    if (is_length && op->operands[0] == search->value) search->found = true;
}

/* Sizes are never negative: that is the caller's promise, unless the function itself checks it. */
static void size_attributes(Emit *e, const IrFn *fn, const IrParam *p, LLVMValueRef out,
                            LLVMAttributeIndex index) {
    LengthSearch search = {p->value, false};
    if (fn->body != NULL) region_walk(fn->body, look_for_length, &search);
    if (search.found) return;
    uint64_t low = 0, end = (uint64_t)1 << 63;
    unsigned kind = LLVMGetEnumAttributeKindForName("range", 5);
    LLVMAddAttributeAtIndex(out, index,
                            LLVMCreateConstantRangeAttribute(e->llvm, kind, 64, &low, &end));
}

static void pointer_attributes(Emit *e, const IrParam *p, LLVMValueRef out,
                               LLVMAttributeIndex index) {
    const IrType *elem = p->value->type->elem;
    if (p->is_restrict) attribute_add(e, out, index, "noalias", 0);
    if (!p->is_written) attribute_add(e, out, index, "readonly", 0);
    attribute_add(e, out, index, "align", elem->align);
    if (p->is_owned) return; /* the function frees it, and LLVM would take it to stay readable */
    int64_t elements = p->kind == PARAM_REF ? 1 : p->min_elements;
    if (elements <= 0 || elem->size == 0 || elements > INT64_MAX / elem->size) return;
    attribute_add(e, out, index, "nonnull", 0);
    attribute_add(e, out, index, "dereferenceable", (uint64_t)elements * elem->size);
}

static void param_attributes(Emit *e, const IrFn *fn, const EmitFn *out) {
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const IrParam *p = &fn->params.data[i];
        LLVMAttributeIndex index = out->abi.params[i].first + 1;
        if (p->value->type->kind == IR_BUF || p->value->type->kind == IR_REF)
            pointer_attributes(e, p, out->fn, index);
        else if (p->kind == PARAM_SIZE) size_attributes(e, fn, p, out->fn, index);
        if (out->abi.params[i].kind == ABI_PLAIN)
            LLVMSetValueName2(LLVMGetParam(out->fn, index - 1), text_of(e->module->cx, p->name),
                              name_length(e->module->cx->names, p->name));
    }
}

static void kind_attributes(Emit *e, const IrFn *fn, LLVMValueRef out) {
    if (fn->is_noinline) attribute_add(e, out, LLVMAttributeFunctionIndex, "noinline", 0);
    else if (fn->is_inline) attribute_add(e, out, LLVMAttributeFunctionIndex, "inlinehint", 0);
    if (fn->is_seldom) attribute_add(e, out, LLVMAttributeFunctionIndex, "cold", 0);
    if (!fn->is_extern || !fn->is_pure) return;
    attribute_add(e, out, LLVMAttributeFunctionIndex, "memory", 0); /* none */
    attribute_add(e, out, LLVMAttributeFunctionIndex, "willreturn", 0);
}

/* ---- Declaration ----------------------------------------------------------------------------- */

/* Internal names must not meet what LLVM or the linker reads meaning into. */
static const char *symbol_of(Emit *e, const IrFn *fn) {
    const char *name = text_of(e->module->cx, fn->name);
    if (fn->is_exported) return arena_printf(e->scratch, "%s%s", name, e->target->suffix);
    if (fn->is_extern) return name;
    bool reserved = strncmp(name, "llvm.", 5) == 0 || strncmp(name, "kc", 2) == 0 ||
                    strncmp(name, "mem", 3) == 0;
    return reserved ? arena_printf(e->scratch, "k.%s", name) : name;
}

void fn_declare(Emit *e, const IrFn *fn) {
    EmitFn *out = &e->fns[fn->id];
    abi_of(e, fn, &out->abi);
    out->fn = LLVMAddFunction(e->mod, symbol_of(e, fn), out->abi.type);
    if (!fn_speaks_c(fn)) LLVMSetLinkage(out->fn, LLVMInternalLinkage);
    fn_attributes_add(e, out->fn);
    fn_abi_attributes(e, &out->abi, out->fn, false);
    param_attributes(e, fn, out);
    kind_attributes(e, fn, out->fn);
}

/* ---- Definition ------------------------------------------------------------------------------ */

/* Where a parameter that C passes as a struct lies in memory; NULL for the others. */
static LLVMValueRef param_slot(FnEmit *f, const AbiPass *pass) {
    LLVMValueRef first = LLVMGetParam(f->out->fn, pass->first);
    if (pass->kind == ABI_PLAIN) return NULL;
    if (pass->kind != ABI_PIECES) return first;
    LLVMValueRef pieces[2] = {first, NULL};
    if (pass->piece_count == 2) pieces[1] = LLVMGetParam(f->out->fn, pass->first + 1);
    return slot_from_pieces(f, pass, pieces);
}

static void params_receive(FnEmit *f) {
    f->param_slots = arena_array(f->e->scratch, LLVMValueRef, f->ir->params.len);
    for (uint32_t i = 0; i < f->ir->params.len; i++) {
        const AbiPass *pass = &f->out->abi.params[i];
        LLVMValueRef slot = f->param_slots[i] = param_slot(f, pass);
        LLVMValueRef packed = slot == NULL ? LLVMGetParam(f->out->fn, pass->first)
                                           : memory_load(f, pass->memory, slot, ROOT_SLOT);
        value_set_packed(f, f->ir->params.data[i].value, packed);
    }
}

void fn_define(Emit *e, const IrFn *fn) {
    FnEmit f = {.e = e, .ir = fn, .out = &e->fns[fn->id]};
    f.values = arena_array(e->scratch, EmitValue, fn->next_value);
    f.b = LLVMCreateBuilderInContext(e->llvm);
    f.entry = LLVMCreateBuilderInContext(e->llvm);
    LLVMBasicBlockRef entry = block_new(&f, "entry"), start = block_new(&f, "start");
    LLVMPositionBuilderAtEnd(f.entry, entry);
    block_enter(&f, start);
    debug_fn_start(&f);
    params_receive(&f);
    debug_params(&f);
    access_scopes_make(&f);
    emit_region(&f, fn->body);
    if (!f.closed && fn->results.len == 0) emit_return(&f, NULL, 0);
    else if (!f.closed) LLVMBuildUnreachable(f.b);
    failure_end(&f);
    LLVMBuildBr(f.entry, start);
    LLVMDisposeBuilder(f.b);
    LLVMDisposeBuilder(f.entry);
}
