/* What the files of the verifier share: its state, and how a problem is put down. The scratch arena
 * lives as long as one call of ir_verify. */
#ifndef KC_IR_VERIFIER_H
#define KC_IR_VERIFIER_H

#include "ir/label.h"

typedef struct Verifier {
    const IrModule *module;
    const IrFn *fn;
    Arena *scratch;
    Labels labels;         /* of `fn`; made for its first problem */
    bool has_labels;
    const Value **visible; /* by id: the value, where the walk can see it now */
    bool *op_seen, *value_seen;
    StrBuf *problems;
    uint32_t count;
} Verifier;

/* One line about the function, or about one op of it. Both give false. */
bool problem_fn(Verifier *v, const char *format, ...) PRINTF_LIKE(2, 3);
bool problem_op(Verifier *v, const Op *op, const char *format, ...) PRINTF_LIKE(3, 4);
/* A type as a message shows it. */
const char *shown_type(Verifier *v, const IrType *type);

/* verify_types.c: the attribute and the types of the op's operands and results (invariants 8 to
 * 16). Their numbers are right already. */
void verify_op_types(Verifier *v, const Op *op);
/* Whether the type belongs to the module and is made as ir.h says. */
bool verify_type(Verifier *v, const IrType *type);

/* verify_place.c: the rules of variables, ownership, lists, arenas and errors; and refs are places, not
 * values, so few ops take one (invariant 11). */
bool verify_place_op(Verifier *v, const Op *op);
bool verify_task(Verifier *v, const Op *op); /* the operand of TASK, JOIN */
void verify_refs(Verifier *v, const Op *op);

/* verify_owned.c: what holds of the whole function in stage OWNED. It is well formed otherwise. */
void verify_owned(Verifier *v);

/* verify_space.c: the rules of views, slices, whole arrays and control. */
bool verify_memory_op(Verifier *v, const Op *op);
bool verify_control_op(Verifier *v, const Op *op);
/* The operands from `first` on are i64. */
bool verify_indices(Verifier *v, const Op *op, uint32_t first);

/* verify_vector.c: the rules of vectors. */
bool verify_vector_op(Verifier *v, const Op *op);

static inline const IrType *operand_type(const Op *op, uint32_t i) { return op->operands[i]->type; }

#endif
