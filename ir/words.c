#include "ir/words.h"

const char *const reduce_words[REDUCE_COUNT] = {
    [REDUCE_ADD] = "add",       [REDUCE_MUL] = "mul",       [REDUCE_MIN] = "min",
    [REDUCE_MAX] = "max",       [REDUCE_AND] = "and",       [REDUCE_OR] = "or",
    [REDUCE_ARGMIN] = "argmin", [REDUCE_ARGMAX] = "argmax",
};

const char *const param_words[PARAM_COUNT] = {
    [PARAM_SIZE] = "size",       [PARAM_SCALAR] = "scalar", [PARAM_STRUCT] = "struct",
    [PARAM_REF] = "inout",       [PARAM_ARRAY] = "array",   [PARAM_STRIDED] = "strided",
    [PARAM_OUT] = "out",
};

const char *const fp_words[FP_COUNT] = {
    [FP_CONTRACT] = "contract",
    [FP_STRICT] = "strict",
    [FP_REPRODUCIBLE] = "reproducible",
    [FP_FAST] = "fast",
};
