/* An object loaded into this process, by LLVM's ORC. */
#include "codegen/codegen.h"
#include "codegen/target.h"

#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <stdlib.h>
#include <string.h>

struct Jit {
    LLVMOrcLLJITRef lljit;
};

/* The reason of a failure, kept for the rest of the process: there is only ever one, and then the
 * program ends. */
static const char *reason_of(LLVMErrorRef error) {
    char *message = LLVMGetErrorMessage(error);
    char *copy = strdup(message);
    LLVMDisposeErrorMessage(message);
    return copy != NULL ? copy : "out of memory";
}

static LLVMErrorRef symbols_define(LLVMOrcLLJITRef lljit, const JitSymbol *symbols) {
    size_t count = 0;
    while (symbols != NULL && symbols[count].name != NULL) count++;
    if (count == 0) return NULL;
    LLVMOrcCSymbolMapPair *pairs = calloc(count, sizeof *pairs);
    if (pairs == NULL) fatal("out of memory");
    for (size_t i = 0; i < count; i++) {
        pairs[i].Name = LLVMOrcLLJITMangleAndIntern(lljit, symbols[i].name);
        pairs[i].Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)symbols[i].address;
        pairs[i].Sym.Flags.GenericFlags =
            LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable;
    }
    LLVMOrcMaterializationUnitRef unit = LLVMOrcAbsoluteSymbols(pairs, count);
    LLVMErrorRef error = LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(lljit), unit);
    free(pairs);
    return error;
}

static LLVMErrorRef object_add(LLVMOrcLLJITRef lljit, const void *object, size_t size) {
    LLVMMemoryBufferRef buffer =
        LLVMCreateMemoryBufferWithMemoryRangeCopy(object, size, "kernel.o");
    return LLVMOrcLLJITAddObjectFile(lljit, LLVMOrcLLJITGetMainJITDylib(lljit), buffer);
}

Jit *jit_load(const void *object, size_t size, const JitSymbol *symbols, const char **reason) {
    target_host_initialize();
    LLVMOrcLLJITRef lljit = NULL;
    LLVMErrorRef error = LLVMOrcCreateLLJIT(&lljit, NULL);
    if (error == NULL) error = symbols_define(lljit, symbols);
    if (error == NULL) error = object_add(lljit, object, size);
    if (error != NULL) {
        *reason = reason_of(error);
        if (lljit != NULL) LLVMConsumeError(LLVMOrcDisposeLLJIT(lljit));
        return NULL;
    }
    Jit *jit = malloc(sizeof *jit);
    if (jit == NULL) fatal("out of memory");
    jit->lljit = lljit;
    return jit;
}

void *jit_find(Jit *jit, const char *name) {
    LLVMOrcExecutorAddress address = 0;
    LLVMErrorRef error = LLVMOrcLLJITLookup(jit->lljit, &address, name);
    if (error != NULL) {
        LLVMConsumeError(error);
        return NULL;
    }
    return (void *)(uintptr_t)address;
}

void jit_destroy(Jit *jit) {
    if (jit == NULL) return;
    LLVMErrorRef error = LLVMOrcDisposeLLJIT(jit->lljit);
    if (error != NULL) LLVMConsumeError(error);
    free(jit);
}
