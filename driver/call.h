/* A call of one exported function with values that a user gave: finds the sizes from the arrays, checks
 * them as a C caller would have to, makes room for the results, and runs it on an engine. */
#ifndef KC_DRIVER_CALL_H
#define KC_DRIVER_CALL_H

#include "driver/engine.h"
#include "driver/value.h"

typedef struct Call {
    Compilation *c;
    Arena *arena;
    const FnSymbol *fn;
    const IrFn *ir;
    Datum *args;         /* one for each source parameter: set these between begin and prepare */
    Datum *results;
    uint32_t result_count;
    int64_t *sizes;      /* beside fn->sizes; -1 while unknown */
    RunArg *slots;       /* beside ir->params */
} Call;

/* The exported function of that name (or main), as sema and as the IR know it; false when there is
 * none. */
bool call_find(Compilation *c, const char *name, const FnSymbol **fn, const IrFn **ir);
/* The nearest exported name, or NULL. */
const char *call_nearest(Compilation *c, const char *name);

Call *call_begin(Compilation *c, const FnSymbol *fn, const IrFn *ir);
/* Element type and rank (0: a scalar or struct) that parameter `i` needs. */
const IrType *call_param_type(const Call *call, uint32_t i, uint32_t *rank);
/* Whether the function may change what parameter `i` points to. */
bool call_param_is_output(const Call *call, uint32_t i);
/* Whether result `i` is an array that the caller has to free, rather than a window or a value. */
bool call_result_is_owned(const Call *call, uint32_t i);
/* After the arguments are set. False with a reason in the user's words. */
bool call_prepare(Call *call, const char **reason);
RunStatus call_run(Call *call, Engine *engine);
void call_end(Call *call);

#endif
