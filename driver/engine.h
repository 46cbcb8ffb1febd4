/* The two ways to run a compiled module in this process: the object that `kc build` would write, loaded
 * and called through libffi, or the interpreter. Both take the arguments of the C ABI, catch failed
 * checks, and hand over what is printed. */
#ifndef KC_DRIVER_ENGINE_H
#define KC_DRIVER_ENGINE_H

#include "driver/compile.h"

typedef struct Engine Engine;

typedef enum EngineKind {
    ENGINE_JIT,
    ENGINE_INTERP,
    ENGINE_ORACLE /* the interpreter before ownership is erased, which watches who uses what */
} EngineKind;

/* What a call ended with. RAISED: the function failed. */
typedef enum RunStatus { RUN_OK, RUN_PANIC, RUN_RAISED, RUN_LIMIT } RunStatus;

/* One argument: `value` points to the scalar, struct or pointer itself; `bytes` is what a pointer points
 * to. As InterpArg. */
typedef struct RunArg {
    void *value;
    size_t bytes;
} RunArg;

/* `printed`: NULL sends prints to standard output as they come. The module must have gone through the
 * pipeline. NULL after reporting on standard error. */
Engine *engine_create(Compilation *c, EngineKind kind, StrBuf *printed);
void engine_destroy(Engine *engine);

/* Calls `fn` with one RunArg for each parameter. `result` receives the results as a C struct of them (one
 * result: just that). After RUN_PANIC and RUN_RAISED, engine_message is the message with its place. */
RunStatus engine_call(Engine *engine, const IrFn *fn, const RunArg *args, void *result);
const char *engine_message(const Engine *engine);

#endif
