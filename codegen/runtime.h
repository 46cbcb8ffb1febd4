/* Inside codegen: the table behind runtime.def, and which of its functions an operation needs. The
 * table is constant; nothing here owns memory. */
#ifndef KC_CODEGEN_RUNTIME_H
#define KC_CODEGEN_RUNTIME_H

#include "codegen/codegen.h"
#include "ir/analysis/scratch.h"

typedef enum RuntimeKind {
#define RUNTIME(kind, function, signature, flags) RT_##kind,
#include "codegen/runtime.def"
#undef RUNTIME
    RT_COUNT
} RuntimeKind;

enum RuntimeFlags { RT_FLAG_NEW = 1, RT_FLAG_HEAP = 2, RT_FLAG_ENDS = 4, RT_FLAG_SCRATCH = 8 };

typedef struct RuntimeInfo {
    const char *symbol, *signature;
    unsigned flags;
} RuntimeInfo;

extern const RuntimeInfo runtime_infos[RT_COUNT];

/* Whether it is a function of libkcrt that compiled code calls. */
bool symbol_is_runtime(const char *symbol);
/* The name of a function of libkcrt in the copy that is meant, in `arena`: with another prefix than kc_ where the
 * options say so. */
const char *runtime_symbol(Arena *arena, const CodegenOptions *options, const char *symbol);
/* A bit for each RuntimeKind that the operation becomes calls of; `use` is of its module. */
uint32_t runtime_of_op(const Op *op, const Target *target, ScratchUse use);
/* Whether the operation may end in kc_panic. */
bool op_may_panic(const Op *op);

#endif
