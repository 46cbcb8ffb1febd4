/* The words of the text form, for the printer and the reader alike. */
#ifndef KC_IR_WORDS_H
#define KC_IR_WORDS_H

#include "ir/ir.h"

enum { REDUCE_COUNT = REDUCE_ARGMAX + 1, PARAM_COUNT = PARAM_OUT + 1, FP_COUNT = FP_FAST + 1 };

extern const char *const reduce_words[REDUCE_COUNT];
extern const char *const param_words[PARAM_COUNT];
extern const char *const fp_words[FP_COUNT];

#endif
