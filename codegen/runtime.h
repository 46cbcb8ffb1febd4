/* Inside codegen: the table behind runtime.def, and which of its functions an operation needs. The
 * table is constant; nothing here owns memory. */
#ifndef KC_CODEGEN_RUNTIME_H
#define KC_CODEGEN_RUNTIME_H

#include "codegen/codegen.h"

typedef enum RuntimeKind {
#define RUNTIME(kind, function, signature, flags) RT_##kind,
#include "codegen/runtime.def"
#undef RUNTIME
    RT_COUNT
} RuntimeKind;

enum RuntimeFlags { RT_FLAG_NEW = 1, RT_FLAG_HEAP = 2, RT_FLAG_ENDS = 4 };

typedef struct RuntimeInfo {
    const char *symbol, *signature;
    unsigned flags;
} RuntimeInfo;

extern const RuntimeInfo runtime_infos[RT_COUNT];

/* A bit for each RuntimeKind that the operation becomes calls of. */
uint32_t runtime_of_op(const Op *op, const Target *target);
/* Whether the operation may end in kc_panic. */
bool op_may_panic(const Op *op);

#endif
