/* How C passes arguments and results: SysV x86-64, AAPCS64 and RISC-V lp64d.
 *
 * LLVM knows registers but not C structs, so their classification is done here, on the LLVM types
 * of what C would see in memory. Internal functions pass everything as it is. */
#ifndef KC_CODEGEN_CABI_H
#define KC_CODEGEN_CABI_H

#include "codegen/codegen.h"

#include <llvm-c/Types.h>

/* A part of a struct that travels in a register (or an array of them that stay together). */
typedef struct AbiPiece {
    LLVMTypeRef type;
    uint32_t offset;
} AbiPiece;

typedef enum AbiKind {
    ABI_PLAIN,  /* one LLVM value, as it is */
    ABI_PIECES, /* a struct as its pieces; each is an LLVM parameter */
    ABI_STACK,  /* a copy among the stack arguments (byval) */
    ABI_POINTER /* a pointer to a copy that the caller made; for results, to its room (sret) */
} AbiKind;

typedef enum AbiExtension { ABI_NO_EXTENSION, ABI_ZERO_EXTENDED, ABI_SIGN_EXTENDED } AbiExtension;

typedef struct AbiPass {
    AbiKind kind;
    AbiExtension extension;
    uint32_t piece_count;
    AbiPiece pieces[2];
    LLVMTypeRef memory; /* what C sees in memory */
    uint32_t first;     /* index of its first LLVM parameter */
} AbiPass;

typedef struct AbiFn {
    AbiPass result;     /* `memory` is NULL for void */
    AbiPass *params;
    uint32_t param_count, llvm_count;
    uint32_t outs;      /* of a C function that raises: the LLVM parameter where its results start,
                           a pointer each; the result is its status */
    LLVMTypeRef type;   /* the LLVM function type */
} AbiFn;

typedef struct AbiTypes {
    LLVMContextRef llvm;
    TargetArch arch;
} AbiTypes;

/* Registers that earlier arguments left over. */
typedef struct AbiRegs {
    int ints, floats;
} AbiRegs;

AbiRegs abi_registers(TargetArch arch);
/* A struct result; takes the register of a hidden pointer. */
void abi_classify_result(const AbiTypes *types, LLVMTypeRef memory, AbiRegs *regs, AbiPass *pass);
void abi_classify_struct(const AbiTypes *types, LLVMTypeRef memory, AbiRegs *regs, AbiPass *pass);
/* A scalar or pointer. */
void abi_classify_scalar(const AbiTypes *types, LLVMTypeRef value, ScalarClass sort, unsigned bits,
                         AbiRegs *regs, AbiPass *pass);
/* Bytes of a memory type with C's layout, and its alignment. */
uint32_t abi_size(LLVMTypeRef type);
uint32_t abi_align(LLVMTypeRef type);

#endif
