#include "ir/words.h"

const char *const reduce_words[REDUCE_COUNT] = {
    [REDUCE_ADD] = "add",       [REDUCE_MUL] = "mul",       [REDUCE_MIN] = "min",
    [REDUCE_MAX] = "max",       [REDUCE_AND] = "and",       [REDUCE_OR] = "or",
    [REDUCE_ARGMIN] = "argmin", [REDUCE_ARGMAX] = "argmax",
};

const char *const param_words[PARAM_COUNT] = {
    [PARAM_SIZE] = "size",       [PARAM_SCALAR] = "scalar", [PARAM_STRUCT] = "struct",
    [PARAM_REF] = "inout",       [PARAM_ARENA] = "arena",   [PARAM_ARRAY] = "array",
    [PARAM_STRIDED] = "strided", [PARAM_OUT] = "out",
};

const char *const fp_words[FP_COUNT] = {
    [FP_CONTRACT] = "contract",
    [FP_STRICT] = "strict",
    [FP_REPRODUCIBLE] = "reproducible",
    [FP_FAST] = "fast",
};

const char *const role_words[ROLE_COUNT] = {
    [VAR_TEMPORARY] = "temporary", [VAR_LET] = "let",     [VAR_VAR] = "var",
    [VAR_BORROWED] = "borrowed",   [VAR_INOUT] = "inout", [VAR_OWNED] = "owned",
    [VAR_OUT] = "out",             [VAR_CONSTANT] = "constant",
};

const char *const convention_words[CONVENTION_COUNT] = {
    [ARG_BORROWED] = "borrowed",
    [ARG_INOUT] = "inout",
    [ARG_OWNED] = "owned",
};

VarRole role_without_word(Name name) { return name.id == 0 ? VAR_TEMPORARY : VAR_VAR; }

bool op_is_indexed(OpKind kind) {
    return kind == OP_LOAD || kind == OP_ELEM || kind == OP_ITEM || kind == OP_VLOAD ||
           kind == OP_GATHER || kind == OP_PREFETCH || kind == OP_LEAD;
}

bool op_is_store(OpKind kind) {
    return kind == OP_STORE || kind == OP_VSTORE || kind == OP_SCATTER || kind == OP_PACK;
}

bool op_is_vector_access(OpKind kind) {
    return kind == OP_VLOAD || kind == OP_VSTORE || kind == OP_GATHER || kind == OP_SCATTER ||
           kind == OP_PACK;
}

const char *flag_word(OpKind kind) {
    switch ((int)kind) {
    case OP_LEND: return "mutable";
    case OP_DUP: return "implicit";
    case OP_SPAWN: return "result";
    case OP_JOIN: return "forget";
    case OP_TASK: return "last";
    case OP_ARENA: return "grows";
    case OP_MAP: return "noalloc";
    default: return "zeroed"; /* ALLOC, ALLOC_IN */
    }
}

const char *region_word(OpKind kind, uint32_t region) {
    switch ((int)kind) {
    case OP_IF: return region == 1 ? "else" : NULL;
    case OP_TRY: return region == 1 ? "except" : NULL;
    case OP_FOR: return region == 1 ? "done" : NULL;
    case OP_WHILE: return region == 0 ? NULL : region == 1 ? "do" : "done";
    default: return NULL;
    }
}

bool region_may_miss(OpKind kind, uint32_t region) {
    switch ((int)kind) {
    case OP_IF: case OP_FOR: return region == 1;
    case OP_WHILE: return region == 2;
    default: return false;
    }
}
