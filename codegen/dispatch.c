#include "codegen/dispatch.h"

#include <string.h>

/* ---- The choice ------------------------------------------------------------------------------ */

/* Runs once, and on any processor: of the baseline. */
static void choice_attributes(Emit *e) {
    for (LLVMValueRef fn = LLVMGetFirstFunction(e->mod); fn; fn = LLVMGetNextFunction(fn)) {
        size_t length;
        const char *name = LLVMGetValueName2(fn, &length);
        static const char *const made[] = {"kc.choose", "kc.cap", "kc.probe", "kc.leaf"};
        for (size_t i = 0; i < ARRAY_LEN(made); i++) {
            if (strcmp(name, made[i]) != 0) continue;
            fn_attributes_add(e, fn);
            attribute_add(e, fn, LLVMAttributeFunctionIndex, "cold", 0);
            attribute_add(e, fn, LLVMAttributeFunctionIndex, "minsize", 0);
            attribute_add(e, fn, LLVMAttributeFunctionIndex, "optsize", 0);
        }
    }
}

/* By these names the text finds what is internal afterwards. */
static void choice_add(const Dispatch *d) {
    StrBuf text = {0};
    dispatch_text(d, &text);
    text_link(d->e, "the choice of a variant", strbuf_text(&text));
    LLVMSetLinkage(LLVMGetNamedFunction(d->e->mod, "kc.choose"), LLVMInternalLinkage);
    LLVMSetLinkage(LLVMGetNamedGlobal(d->e->mod, "kc.chosen"), LLVMInternalLinkage);
    LLVMSetLinkage(LLVMGetNamedGlobal(d->e->mod, "kc.variants"), LLVMInternalLinkage);
    strbuf_free(&text);
    choice_attributes(d->e);
}

/* ---- The entries ----------------------------------------------------------------------------- */

/* Structs among the stack arguments. LLVM 19 moves them when it jumps, over the return address. */
static bool has_stack_structs(const AbiFn *abi) {
    for (uint32_t i = 0; i < abi->param_count; i++)
        if (abi->params[i].kind == ABI_STACK) return true;
    return false;
}

/* The same arguments, in the same places: a jump. */
static void jump_to(Emit *e, const AbiFn *abi, LLVMBuilderRef b, LLVMValueRef target) {
    LLVMValueRef from = LLVMGetBasicBlockParent(LLVMGetInsertBlock(b));
    LLVMValueRef *args = arena_array(e->scratch, LLVMValueRef, abi->llvm_count + 1);
    for (uint32_t i = 0; i < abi->llvm_count; i++) args[i] = LLVMGetParam(from, i);
    LLVMValueRef call = LLVMBuildCall2(b, abi->type, target, args, abi->llvm_count, "");
    fn_abi_attributes(e, abi, call, true);
    LLVMSetTailCallKind(call, has_stack_structs(abi) ? LLVMTailCallKindNoTail
                                                     : LLVMTailCallKindMustTail);
    if (LLVMGetTypeKind(LLVMTypeOf(call)) == LLVMVoidTypeKind) LLVMBuildRetVoid(b);
    else LLVMBuildRet(b, call);
}

static LLVMValueRef none_runs(const Dispatch *d, const IrFn *fn) {
    Emit *e = d->e;
    if (!dispatch_may_fail(d)) return LLVMConstNull(e->ptr);
    StrBuf message = {0};
    strbuf_puts(&message, "this processor runs no variant of the function:");
    for (uint32_t i = 0; i < d->count; i++)
        strbuf_printf(&message, "%s `%s`", i == 0 ? "" : ",", d->variants[i].target->march);
    FnEmit f = {.e = e, .ir = fn, .place = fn->span};
    Name name = name_eq(fn->source_name, NO_NAME) ? fn->name : fn->source_name;
    Panic panic = {.message = strbuf_text(&message),
                   .function = text_of(e->module->cx, name),
                   .path = place_path(&f, f.place),
                   .line = place_line(&f, f.place)};
    LLVMValueRef info = panic_constant(e, &panic);
    need_record(&f, "kc_panic");
    strbuf_free(&message);
    return info;
}

static LLVMValueRef first_declare(Emit *e, const IrFn *fn) {
    const AbiFn *abi = &e->fns[fn->id].abi;
    const char *name = arena_printf(e->scratch, "k.first.%s", text_of(e->module->cx, fn->name));
    LLVMValueRef first = LLVMAddFunction(e->mod, name, abi->type);
    LLVMSetLinkage(first, LLVMInternalLinkage);
    fn_attributes_add(e, first);
    fn_abi_attributes(e, abi, first, false);
    attribute_add(e, first, LLVMAttributeFunctionIndex, "cold", 0);
    attribute_add(e, first, LLVMAttributeFunctionIndex, "noinline", 0);
    return first;
}

static LLVMValueRef variant_declare(Emit *e, const IrFn *fn, const Target *target) {
    const AbiFn *abi = &e->fns[fn->id].abi;
    const char *symbol = arena_printf(e->scratch, "%s%s", text_of(e->module->cx, fn->name), target->suffix);
    LLVMValueRef variant = LLVMGetNamedFunction(e->mod, symbol);
    if (variant != NULL) return variant;
    variant = LLVMAddFunction(e->mod, symbol, abi->type); /* of another part */
    fn_abi_attributes(e, abi, variant, false);
    return variant;
}

static LLVMValueRef table_add(Emit *e, const char *name, LLVMValueRef *code, uint32_t count) {
    LLVMValueRef table = LLVMAddGlobal(e->mod, LLVMArrayType2(e->ptr, count), name);
    LLVMSetInitializer(table, LLVMConstArray2(e->ptr, code, count));
    LLVMSetAlignment(table, 8);
    return table;
}

/* Where each entry jumps to, which is to its first call at first, and where it may. */
static void tables_add(const Dispatch *d) {
    Emit *e = d->e;
    uint32_t count = 0;
    LLVMValueRef *code = arena_array(e->scratch, LLVMValueRef, d->fn_count * d->count + 1);
    for (uint32_t v = 0; v < d->count; v++)
        for (uint32_t i = 0; i < d->fn_count; i++)
            code[count++] = variant_declare(e, d->fns[i], d->variants[v].target);
    LLVMSetGlobalConstant(table_add(e, "kc.variants", code, count), true);
    for (uint32_t i = 0; i < d->fn_count; i++) code[i] = first_declare(e, d->fns[i]);
    table_add(e, "kc.chosen", code, d->fn_count);
}

/* Made of one block each, so that even without optimisation an entry is a load and a jump. The first call is kept
 * apart, so that the others need no stack. */
static void entry_add(const Dispatch *d, uint32_t index) {
    Emit *e = d->e;
    const IrFn *fn = d->fns[index];
    const EmitFn *out = &e->fns[fn->id];
    LLVMBuilderRef b = LLVMCreateBuilderInContext(e->llvm);
    LLVMValueRef chosen = LLVMGetNamedGlobal(e->mod, "kc.chosen"), at = const_i64(e, index);
    LLVMValueRef place = LLVMConstInBoundsGEP2(e->ptr, chosen, &at, 1);
    LLVMValueRef first = LLVMGetOperand(LLVMGetInitializer(chosen), index);
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(e->llvm, first, "start"));
    LLVMValueRef args[] = {at, none_runs(d, fn)}, choose = LLVMGetNamedFunction(e->mod, "kc.choose");
    jump_to(e, &out->abi, b, LLVMBuildCall2(b, LLVMGlobalGetValueType(choose), choose, args, 2, ""));
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(e->llvm, out->fn, "start"));
    LLVMValueRef variant = LLVMBuildLoad2(b, e->ptr, place, "variant");
    LLVMSetOrdering(variant, LLVMAtomicOrderingMonotonic);
    LLVMSetAlignment(variant, 8);
    jump_to(e, &out->abi, b, variant);
    LLVMDisposeBuilder(b);
}

bool dispatch_may_fail(const Dispatch *d) { return d->variants[0].target->needs[0] != '\0'; }

void dispatch_add(Emit *e, const Variant *variants, uint32_t count) {
    Dispatch d = {e, variants, count, arena_array(e->scratch, const IrFn *, e->module->fns.len), 0};
    for (uint32_t i = 0; i < e->module->fns.len; i++) {
        const IrFn *fn = e->module->fns.data[i];
        if (!fn->is_exported) continue;
        fn_declare(e, fn);
        d.fns[d.fn_count++] = fn;
    }
    tables_add(&d);
    choice_add(&d);
    Span nowhere = NO_SPAN;
    need_add(e, "getenv", nowhere);
    if (probe_symbol(e->target->arch) != NULL)
        need_add(e, probe_symbol(e->target->arch), nowhere);
    for (uint32_t i = 0; i < d.fn_count; i++) entry_add(&d, i);
}
