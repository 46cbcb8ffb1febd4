/* IR to objects, through LLVM's C API: the only room that includes llvm-c.
 *
 * A Target is a value: what to compile for, resolved and checked. An object is built in memory; the
 * driver writes it. */
#ifndef KC_CODEGEN_CODEGEN_H
#define KC_CODEGEN_CODEGEN_H

#include "ir/options.h"

/* ---- Targets --------------------------------------------------------------------------------- */

typedef enum TargetArch { ARCH_X86_64, ARCH_AARCH64, ARCH_RISCV64 } TargetArch;

typedef struct Target {
    TargetArch arch;
    const char *triple;    /* "x86_64-unknown-linux-gnu" */
    const char *march;     /* as the user spelled it: "avx2", or the default's name */
    const char *cpu;       /* LLVM's cpu name */
    const char *tune;      /* the one that code is scheduled for; NULL: the same */
    const char *features;  /* LLVM's feature string, "+avx2,+fma,..." */
    unsigned vector_bits;  /* of the widest registers used; 0 when scalable or none */
    bool has_fma;
    bool has_round;        /* floor, ceil, trunc and rint without a library */
    bool has_masks;        /* loads and stores under a mask, and registers for masks */
    bool has_half;         /* conversions between f16 and f32 as instructions */
    bool has_gathers;      /* ... that take less time than loads one by one */
    bool has_byte_moves;   /* ... that packs lanes of 1 and 2 bytes */
    bool has_range;        /* an instruction for the lesser or greater number that knows of signed zeros */
    unsigned lookup_bytes[LOOKUP_SIZES];
    const char *needs; /* LLVM features a machine must have to run the code; NULL: the same cpu */
    const char *asks;   /* of a processor: those among its features that an object can ask for */
    const char *suffix; /* of a variant's own symbols, "__avx2"; "" when there is but one target */
} Target;

/* What a list after -march names: the least demanding first. */
typedef struct TargetList {
    Target *all;
    uint32_t count;
} TargetList;

/* Resolves --target and -march (either may be NULL: this machine's triple, its architecture's
 * baseline). Errors are diagnostics without a place (K0501), with nearest names. */
bool target_resolve(Context *cx, const char *triple, const char *march, Target *target);
/* The same for a list of architectures, "x86-64-v2,avx2": the targets of one object's variants. */
bool targets_resolve(Context *cx, const char *triple, const char *marches, TargetList *targets);
/* Whether this machine can run code for it. */
bool target_is_runnable(const Target *target);
/* The table that `kc targets` prints: name, what it is, width, whether this machine runs it. */
void targets_print(StrBuf *out, bool runnable_only);

/* ---- Objects --------------------------------------------------------------------------------- */

/* A module as it was compiled for one target. */
typedef struct Variant {
    const IrModule *module;
    const Target *target;
} Variant;

/* What LLVM's vectoriser said of a loop that was left to it. */
typedef struct LoopNote {
    const char *file;
    uint32_t line, column;
    uint32_t lanes, interleave; /* 0: it stays scalar */
    const char *reason;         /* why, in LLVM's words; NULL where it became vectors */
} LoopNote;

/* The owner supplies the arena, in which the texts live too. */
typedef struct LoopNotes {
    Arena *arena;
    Vec(LoopNote) all;
} LoopNotes;

typedef struct CodegenOptions {
    const Target *target;
    const Variant *variants; /* of an object that chooses among several when it runs; or NULL */
    uint32_t variant_count;
    int opt_level;
    uint32_t threads;        /* for an object's parts, at most; 0: the caller's alone */
    bool debug_info;         /* -g */
    LoopNotes *notes;        /* collects what LLVM says, which has places with debug_info only; or NULL */
    const char *runtime_prefix; /* stands for kc_ in the symbols of libkcrt; NULL: they are as they are */
    const char *panic_file;  /* unused when NULL: the source path that panics show */
} CodegenOptions;

typedef enum CodegenOutput { OUTPUT_OBJECT, OUTPUT_ASSEMBLY, OUTPUT_LLVM } CodegenOutput;

/* The module (stage LOOP) as an object, as assembly, or as LLVM IR. Appends to `out`. With variants,
 * of which `module` and the options' target are the first: all of them in one, and an entry for
 * each exported function that calls the best the processor can run (dispatch.h). */
void codegen_emit(const IrModule *module, const CodegenOptions *options, CodegenOutput output,
                  StrBuf *out);

/* ---- The C side ------------------------------------------------------------------------------ */

/* The header that C11 and C++17 include (language.md section 8). Its guard is made of the module's
 * name. Deterministic; carries an ABI hash. Of the options it looks at the variants and the prefix. */
void header_emit(const IrModule *module, const CodegenOptions *options, StrBuf *out);
/* A number that differs when a C type or prototype of the module does, or of its exported function `only` unless that
 * is NULL. */
uint64_t header_abi(const IrModule *module, const IrFn *only);
/* What --emit=manifest writes: JSON with exported functions, types, target, needed symbols,
 * versions. */
void manifest_emit(const IrModule *module, const CodegenOptions *options, uint64_t source_hash,
                   StrBuf *out);
/* What `kc info` prints of an object made by kc: exported functions, target, needed symbols. False
 * with a reason when the bytes are no object or not ours. */
bool object_info_print(const void *bytes, size_t size, const char *path, bool deps, StrBuf *out,
                       const char **reason);

/* ---- Running in this process ----------------------------------------------------------------- */

typedef struct Jit Jit;

/* Loads an object made for this machine; `symbols` supplies what it needs from outside (name,
 * address pairs, ended by a NULL name). NULL with a reason on failure. */
typedef struct JitSymbol {
    const char *name;
    void *address;
} JitSymbol;
Jit *jit_load(const void *object, size_t size, const JitSymbol *symbols, const char **reason);
void *jit_find(Jit *jit, const char *name); /* address or NULL */
void jit_destroy(Jit *jit);

#endif
