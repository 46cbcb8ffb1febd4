/* A module through LLVM: build its IR, optimise, and write what was asked for. */
#include "codegen/pipeline.h"

#include <llvm-c/Analysis.h>
#include <string.h>

/* ---- State ----------------------------------------------------------------------------------- */

void module_start(Emit *e, const Variant *variant, const CodegenOptions *options,
                  LLVMContextRef llvm, LLVMTargetMachineRef machine) {
    const IrModule *module = variant->module;
    memset(e, 0, sizeof *e);
    e->module = module;
    e->options = options;
    e->target = variant->target;
    e->scratch = arena_create();
    e->llvm = llvm;
    const char *stem = text_of(module->cx, module->name);
    e->mod = LLVMModuleCreateWithNameInContext(stem, e->llvm);
    LLVMSetTarget(e->mod, e->target->triple);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(machine);
    LLVMSetModuleDataLayout(e->mod, layout);
    LLVMDisposeTargetData(layout);
    e->i1 = LLVMInt1TypeInContext(e->llvm);
    e->i8 = LLVMInt8TypeInContext(e->llvm);
    e->i16 = LLVMInt16TypeInContext(e->llvm);
    e->i32 = LLVMInt32TypeInContext(e->llvm);
    e->i64 = LLVMInt64TypeInContext(e->llvm);
    e->f32 = LLVMFloatTypeInContext(e->llvm);
    e->f64 = LLVMDoubleTypeInContext(e->llvm);
    e->ptr = LLVMPointerTypeInContext(e->llvm, 0);
    e->none = LLVMVoidTypeInContext(e->llvm);
    e->types = arena_array(e->scratch, LLVMTypeRef, module->types.len);
    e->fns = arena_array(e->scratch, EmitFn, module->fns.len);
    e->scratch_use = scratch_use_of(e->scratch, module);
}

void module_end(Emit *e) {
    LLVMDisposeModule(e->mod);
    arena_destroy(e->scratch);
}

static void flag_add(Emit *e, LLVMModuleFlagBehavior behavior, const char *name, uint32_t value) {
    LLVMMetadataRef number = LLVMValueAsMetadata(LLVMConstInt(e->i32, value, false));
    LLVMAddModuleFlag(e->mod, behavior, name, strlen(name), number);
}

/* ---- Building -------------------------------------------------------------------------------- */

bool fn_is_here(const Emit *e, const IrFn *fn) {
    return fn->body != NULL && (e->part_of == NULL || e->part_of[fn->id] == e->part);
}

/* Names that C sees come first: where an internal name equals one, LLVM renames the internal
 * one. */
static void module_build(Emit *e) {
    const IrModule *module = e->module;
    flag_add(e, LLVMModuleFlagBehaviorError, "PIC Level", 2);
    access_groups_make(e);
    debug_start(e);
    for (int internal = 0; internal < 2; internal++)
        for (uint32_t i = 0; i < module->fns.len; i++) {
            const IrFn *fn = module->fns.data[i];
            bool is_internal = !fn->is_exported && !fn->is_extern;
            if (fn->body != NULL && !fn_is_here(e, fn)) continue;
            if (is_internal == (internal == 1)) fn_declare(e, fn);
        }
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (fn_is_here(e, module->fns.data[i])) fn_define(e, module->fns.data[i]);
    debug_finish(e);
}

void module_verify(Emit *e) {
    char *message = NULL;
    if (!LLVMVerifyModule(e->mod, LLVMReturnStatusAction, &message)) {
        LLVMDisposeMessage(message);
        return;
    }
    KC_BUG("LLVM does not accept the module: %s", message);
}

static void module_optimize(Emit *e, LLVMTargetMachineRef machine) {
    int level = e->options->opt_level;
    pipeline_run(e, machine);
    if (level > 0 && allocations_to_stack(e))
        llvm_passes_run(e, machine,
                   "function(sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,dse,simplifycfg),globaldce");
    memmoves_replace(e);
    if (level > 0 && !e->target->has_masks) masks_widen(e);
    if (level > 0) loops_finish(e, machine);
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void write_text(Emit *e, StrBuf *out) {
    char *text = LLVMPrintModuleToString(e->mod);
    strbuf_puts(out, text);
    LLVMDisposeMessage(text);
}

static void write_code(Emit *e, LLVMTargetMachineRef machine, CodegenOutput output, StrBuf *out) {
    LLVMCodeGenFileType type = output == OUTPUT_OBJECT ? LLVMObjectFile : LLVMAssemblyFile;
    LLVMMemoryBufferRef buffer;
    char *message = NULL;
    LLVMSetTargetMachineAsmVerbosity(machine, true);
    if (LLVMTargetMachineEmitToMemoryBuffer(machine, e->mod, type, &message, &buffer))
        KC_BUG("LLVM: %s", message);
    strbuf_add(out, LLVMGetBufferStart(buffer), LLVMGetBufferSize(buffer));
    LLVMDisposeMemoryBuffer(buffer);
}

/* Up to here LLVM knows the functions of libkcrt by their names; now they get those of the copy that is meant. */
static void runtime_rename(Emit *e) {
    if (e->options->runtime_prefix == NULL) return;
    for (LLVMValueRef fn = LLVMGetFirstFunction(e->mod); fn != NULL; fn = LLVMGetNextFunction(fn)) {
        size_t length;
        const char *name = LLVMGetValueName2(fn, &length);
        if (!LLVMIsDeclaration(fn) || !symbol_is_runtime(name)) continue;
        name = runtime_symbol(e->scratch, e->options, name);
        LLVMSetValueName2(fn, name, strlen(name));
    }
}

void module_write(Emit *e, LLVMTargetMachineRef machine, CodegenOutput output, StrBuf *out) {
    runtime_rename(e);
    if (output == OUTPUT_LLVM) write_text(e, out);
    else write_code(e, machine, output, out);
}

/* ---- The whole ------------------------------------------------------------------------------- */

void module_compile(Emit *e, LLVMTargetMachineRef machine) {
    e->is_done = module_is_done(e);
    module_build(e);
    module_verify(e);
    module_optimize(e, machine);
}
