/* The types of the language, interned: equal types are ==. */
#ifndef KC_SEMA_TYPES_H
#define KC_SEMA_TYPES_H

#include "sema/size.h"
#include "support/scalar.h"

typedef struct StructSymbol StructSymbol;

typedef enum TypeKind {
    TYPE_ERROR,         /* poison: something was reported; agrees with everything */
    TYPE_VOID,          /* a call that gives nothing */
    TYPE_SCALAR,
    TYPE_VECTOR,        /* SIMD[T, W] */
    TYPE_INT_LITERAL,   /* a constant that has not met its context: becomes any number, else int */
    TYPE_FLOAT_LITERAL, /* likewise: any float, else f64 */
    TYPE_STR,
    TYPE_RANGE,         /* a..b, range(...): only to loop over */
    TYPE_TUPLE,
    TYPE_STRUCT,
    TYPE_ARRAY,
    TYPE_LIST,          /* List[T]: owns its elements */
    TYPE_ARENA,
    TYPE_TASK,          /* Task[T]: what `spawn f(x)` gives; of VOID when f returns nothing */
    TYPE_POINTER,       /* CPtr[T] */
    TYPE_FAILURE        /* Error: what `raise` takes and `except e` gives */
} TypeKind;

typedef enum ArrayForm {
    FORM_TENSOR,     /* owned, dense; also the type of whole-array expressions */
    FORM_VIEW,
    FORM_MUTVIEW,
    FORM_STRIDED,
    FORM_MUTSTRIDED
} ArrayForm;

enum { MAX_RANK = 8 };

typedef struct Type Type;
struct Type {
    TypeKind kind;
    uint32_t id;
    Scalar scalar; /* SCALAR */
    const StructSymbol *strukt; /* STRUCT */
    uint32_t item_count;        /* TUPLE */
    const Type *const *items;
    ArrayForm form;             /* ARRAY */
    uint32_t lanes;             /* VECTOR: a power of two, 2 to 1024 */
    const Type *elem;           /* VECTOR: a scalar. ARRAY: scalar or plain struct. LIST: what is no window. TASK: the result.
                                   POINTER: scalar or plain struct */
    uint32_t rank;
    const Size *const *dims;
};

typedef struct Types Types;

Types *types_create(Context *cx, Sizes *sizes);
const Type *type_error(Types *t);
const Type *type_void(Types *t);
const Type *type_scalar(Types *t, Scalar scalar);
const Type *type_bool(Types *t);
const Type *type_int(Types *t); /* i64 */
const Type *type_int_literal(Types *t);
const Type *type_float_literal(Types *t);
const Type *type_str(Types *t);
const Type *type_range(Types *t);
enum { MAX_WIDTH = 1024 };
const Type *type_vector(Types *t, const Type *elem, uint32_t lanes);
/* An operand's type with other elements: an array or SIMD value of them, or just one. */
const Type *type_with_elem(Types *t, const Type *like, const Type *elem);
const Type *type_tuple(Types *t, const Type *const *items, uint32_t count);
const Type *type_struct(Types *t, const StructSymbol *strukt);
const Type *type_array(Types *t, ArrayForm form, const Type *elem, const Size *const *dims,
                       uint32_t rank);

const Type *type_list(Types *t, const Type *elem);
const Type *type_arena(Types *t);
const Type *type_task(Types *t, const Type *result);
const Type *type_pointer(Types *t, const Type *elem);
const Type *type_failure(Types *t);
/* The type with other unknown sizes in place of its own: what a read of a field, an element of a list, or
 * of a variable that may be resized gives. `span` is where they come from. */
const Type *type_with_fresh(Types *t, const Type *type, Span span);

/* The three sorts of ownership.md; tuples are what their items are. Owning: tensors, lists, arenas, tasks,
 * structs with such a field or a `__del__`. Windows: views and structs with such a field. All others are
 * plain and copy freely. */
bool type_owns(const Type *type);
bool type_looks(const Type *type);
/* Whether `.copy()` exists: plain and owning types but Arena, Task, and structs with such a field or a
 * `__del__`. */
bool type_copies(const Type *type);

/* Numbers, bools, SIMD values, pointers, and structs of such: a copy of its own wherever it is passed. */
bool type_is_plain(const Type *type);

bool type_is_error(const Type *type);
bool type_is_number(const Type *type);  /* scalars and literals, not bool */
bool type_is_float(const Type *type);   /* scalar or literal */
bool type_is_integer(const Type *type); /* scalar or literal */
bool type_is_bool(const Type *type);
bool type_is_literal(const Type *type);
bool type_is_array(const Type *type);
bool type_is_vector(const Type *type);
bool type_is_mask(const Type *type); /* a SIMD value of bools */
bool type_is_strided(const Type *type); /* an array of form STRIDED or MUTSTRIDED */
bool type_is_owned_array(const Type *type);
bool type_is_mutable_window(const Type *type); /* MUTVIEW, MUTSTRIDED */
/* The type of one element of arrays and SIMD values, `type` itself otherwise. */
const Type *type_element(const Type *type);
const Type *type_with_sizes(Types *t, const Type *type, const SizeSym *const *syms,
                            const Size *const *with, uint32_t count);

/* As the user writes it: `f32`, `Tensor[f32, n, 2*m]`, `(int, f32)`, `int` for i64. */
void type_print(const Context *cx, const Type *type, StrBuf *out);
/* The same in the context's arena. */
const char *type_text(Context *cx, const Type *type);
/* Only the sizes: `[n, 2*m]`. */
const char *shape_text(Context *cx, const Type *type);

#endif
