/* The words of the text form, for the printer and the reader alike. */
#ifndef KC_IR_WORDS_H
#define KC_IR_WORDS_H

#include "ir/ir.h"

enum {
    REDUCE_COUNT = REDUCE_ARGMAX + 1,
    PARAM_COUNT = PARAM_OUT + 1,
    FP_COUNT = FP_FAST + 1,
    ROLE_COUNT = VAR_CONSTANT + 1,
    CONVENTION_COUNT = ARG_OWNED + 1
};

extern const char *const reduce_words[REDUCE_COUNT];
extern const char *const param_words[PARAM_COUNT];
extern const char *const fp_words[FP_COUNT];
extern const char *const role_words[ROLE_COUNT];
extern const char *const convention_words[CONVENTION_COUNT];

/* The role of a variable for which none is written. */
VarRole role_without_word(Name name);
/* LOAD, ELEM, ITEM: the first operand is followed by indices in brackets. */
bool op_is_indexed(OpKind kind);
/* Those that store a value: `%value, %view[%i]`, kept as view, value, indices. */
bool op_is_store(OpKind kind);
/* Those that move several elements; a mask may come last. */
bool op_is_vector_access(OpKind kind);
/* What the flag of such an op is called where it is set. */
const char *flag_word(OpKind kind);
/* What stands before that region of such an op; NULL: nothing. */
const char *region_word(OpKind kind, uint32_t region);
/* Whether that region is left out where it is empty. */
bool region_may_miss(OpKind kind, uint32_t region);

#endif
