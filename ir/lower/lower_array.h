/* Whole-array expressions, as lowering sees them: a tree of nodes that gives an element for each index, and what
 * reduces one. Nodes live in the arena of the function that is lowered. */
#ifndef KC_IR_LOWER_ARRAY_H
#define KC_IR_LOWER_ARRAY_H

#include "ir/lower/lower_internal.h"

/* ---- lower_array.c --------------------------------------------------------------------------- */

typedef enum ArrayNodeKind {
    NODE_VALUE,  /* a scalar or struct, the same everywhere */
    NODE_VIEW,   /* elements in memory */
    NODE_APPLY,  /* an operation on the elements of `args` */
    NODE_UPDATE, /* args[0] `op` args[1]: augmented assignment */
    NODE_CAST,   /* args[0] converted */
    NODE_PRODUCT, /* args[0] @ args[1]: a sum for each element */
    NODE_ARRAY   /* an array value that is known as a whole: a scan */
} ArrayNodeKind;

struct ArrayNode {
    ArrayNodeKind kind;
    const Expr *expr;
    Span span;
    BinaryOp op;              /* UPDATE: of `args[0] op= args[1]`... */
    const FnSymbol *power;    /* ...and its function, for ** of floats */
    const Type *elem;         /* of an element */
    uint32_t rank;            /* 0 for VALUE */
    Value *dims[MAX_RANK];
    const Size *sizes[MAX_RANK];
    Value *value;             /* VALUE, VIEW, ARRAY */
    ArrayNode **args;
    uint32_t arg_count;
    bool is_costly;           /* holds a call or a sum: not worth computing twice */
};

/* Evaluates the leaves of `e` and checks that its shapes agree. */
ArrayNode *array_prepare(FnLower *f, const Expr *e);
ArrayNode *array_node_view(FnLower *f, Value *view, const Type *type, Span span);
ArrayNode *array_node_value(FnLower *f, Value *value, const Type *type, Span span);
/* a @ b: the last dimension of a meets the first but one (or the only one) of b. */
ArrayNode *array_node_product(FnLower *f, ArrayNode *a, ArrayNode *b, const Type *elem, Span span);
/* The new elements of `target op= value`; the shapes are compared where they are assigned. */
ArrayNode *array_node_update(FnLower *f, BinaryOp op, ArrayNode *target, ArrayNode *value,
                             const Expr *value_expr, const FnSymbol *power);
/* The element at `indices` (node->rank of them). */
Value *array_element(FnLower *f, const ArrayNode *node, Value *const *indices);
/* The same for a larger iteration space: leading dimensions are dropped, dimensions of constant size 1
 * stand still. */
Value *array_element_broadcast(FnLower *f, const ArrayNode *node, Value *const *indices,
                               uint32_t rank, const Size *const *sizes);
/* view = node, with broadcasting; sizes that may differ are checked. */
void array_assign(FnLower *f, Value *view, const Type *view_type, ArrayNode *node);
/* `target`, of which `view` is what can be read of it, gets the node's elements. */
void array_assign_to(FnLower *f, Value *view, const Type *view_type, Value *target, ArrayNode *node);
/* The node's elements, in the shape of `type` where that says it, else in the node's. */
Value *array_elements(FnLower *f, const Type *type, ArrayNode *node);
/* A temporary with the node's elements. */
Value *array_materialise(FnLower *f, ArrayNode *node);
bool is_elementwise(const FnLower *f, const Expr *e);

/* ---- lower_reduce.c -------------------------------------------------------------------------- */

/* What a reduction of the language is in terms of the IR. */
typedef struct Reduction {
    ReduceKind kind;
    bool is_mean;          /* the sum is divided by the count */
    bool needs_elements;   /* nothing to give for an empty array */
    const IrType *type;    /* of what is combined (for positions: of the elements) */
    const IrType *result;
} Reduction;

/* Whether a ROLE_BUILTIN combines the elements of its one array. */
bool is_reduction(const FnLower *f, const Expr *e);
Reduction reduction_of(FnLower *f, const Expr *e, const Type *elem);
static inline bool reduction_finds(const Reduction *r) {
    return r->kind == REDUCE_ARGMIN || r->kind == REDUCE_ARGMAX;
}
/* Total number of elements. */
Value *element_count(FnLower *f, Value *const *dims, uint32_t rank);
/* After the sum: the mean, if that is meant. */
Value *reduction_finish(FnLower *f, const Reduction *r, Value *combined, Value *count);
/* What combining nothing gives. */
Value *reduction_identity(FnLower *f, const Reduction *r);
Value *lower_reduction(FnLower *f, const Expr *e);
/* Whether a ROLE_BUILTIN combines each element with those before it; its array value. */
bool is_scan(Builtin builtin);
Value *lower_scan(FnLower *f, const Expr *e, const ArrayNode *of);

#endif
