#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "driver/engine.h"

#include <dlfcn.h>
#include <ffi.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/ffi_call.h"
#include "ir/interp.h"
#include "kc/kcrt.h"

struct Engine {
    Compilation *c;
    Arena *arena;
    StrBuf *printed;
    EngineKind kind;
    StrBuf message; /* of the last panic or error */
    /* jit */
    Jit *jit;
    jmp_buf escape; /* where a failed check returns to */
    void *panic;    /* what it calls */
    ffi_closure *closures[2];
};

enum { MAX_CALL_ARGS = 256 };

/* ---- What compiled code calls back ------------------------------------------------------------- */

static void print_items(Engine *engine, const kc_print_item *items, int32_t count) {
    if (!engine->printed) {
        kc_print(items, count);
        return;
    }
    for (int32_t i = 0; i < count; i++) {
        const kc_print_item *item = &items[i];
        if (i > 0) strbuf_putc(engine->printed, ' ');
        if (item->kind == KC_ITEM_TEXT) {
            strbuf_add(engine->printed, item->data, (size_t)item->length);
        } else if (item->kind == KC_ITEM_VALUE) {
            char text[64];
            strbuf_add(engine->printed, text,
                       kc_format_value((kc_type)item->type, item->data, text));
        } else {
            size_t size = kc_format_array((kc_type)item->type, item->data, item->rank, item->shape,
                                          item->stride, NULL, 0) + 1;
            char *text = arena_alloc(engine->arena, size);
            kc_format_array((kc_type)item->type, item->data, item->rank, item->shape, item->stride,
                            text, size);
            strbuf_puts(engine->printed, text);
        }
    }
    strbuf_putc(engine->printed, '\n');
}

static void on_print(ffi_cif *cif, void *result, void **args, void *user) {
    (void)cif, (void)result;
    print_items(user, *(const kc_print_item **)args[0], *(int32_t *)args[1]);
}

static void keep_message(Engine *engine, const char *text) {
    strbuf_free(&engine->message);
    strbuf_puts(&engine->message, text);
}

static void keep_panic(Engine *engine, const kc_panic_info *info) {
    size_t size = kc_panic_format(info, NULL, 0) + 1;
    char *text = arena_alloc(engine->arena, size);
    kc_panic_format(info, text, size);
    keep_message(engine, text);
}

static void on_panic(ffi_cif *cif, void *result, void **args, void *user) {
    (void)cif, (void)result;
    Engine *engine = user;
    kc_task_panic(*(const kc_panic_info **)args[0]); /* in a task: comes again at the caller */
    keep_panic(engine, *(const kc_panic_info **)args[0]);
    longjmp(engine->escape, 1);
}

/* A C function of pointers and ints that carries the engine: state without globals. */
static void *make_callback(Engine *engine, int slot, void (*run)(ffi_cif *, void *, void **, void *),
                           unsigned arg_count, ffi_type **arg_types) {
    void *address = NULL;
    ffi_cif *cif = arena_new(engine->arena, ffi_cif);
    engine->closures[slot] = ffi_closure_alloc(sizeof(ffi_closure), &address);
    if (!engine->closures[slot] ||
        ffi_prep_cif(cif, FFI_DEFAULT_ABI, arg_count, &ffi_type_void, arg_types) != FFI_OK ||
        ffi_prep_closure_loc(engine->closures[slot], cif, run, engine, address) != FFI_OK)
        fatal("libffi cannot make a callback");
    return address;
}

typedef Vec(JitSymbol) JitSymbolVec;

/* The C functions that the program declares with `extern`, from the libraries of this process. */
static bool add_externs(Engine *engine, JitSymbolVec *symbols) {
    const IrModule *module = engine->c->module;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        if (!module->fns.data[i]->is_extern) continue;
        const char *name = text_of(engine->c->cx, module->fns.data[i]->name);
        void *address = dlsym(RTLD_DEFAULT, name);
        if (!address) {
            fprintf(stderr, "kc run: no C function `%s` here; `kc run` finds those of the C library, "
                            "others need a C program that links them\n", name);
            return false;
        }
        vec_push(engine->arena, symbols, ((JitSymbol){name, address}));
    }
    return true;
}

static bool load_object(Engine *engine) {
    ffi_type **print_types = arena_array(engine->arena, ffi_type *, 2);
    ffi_type **panic_types = arena_array(engine->arena, ffi_type *, 1);
    print_types[0] = panic_types[0] = &ffi_type_pointer;
    print_types[1] = &ffi_type_sint32;
    engine->panic = make_callback(engine, 1, on_panic, 1, panic_types);
    const JitSymbol own[] = {
        {"kc_panic", engine->panic},
#define RUNTIME(kind, function, signature, flags) {#function, (void *)function},
#include "codegen/runtime.def"
#undef RUNTIME
        {"memcpy", (void *)memcpy},
        {"memset", (void *)memset},
        {"memmove", (void *)memmove},
    };
    JitSymbolVec symbols = {0};
    void *print = make_callback(engine, 0, on_print, 2, print_types);
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        vec_push(engine->arena, &symbols, own[i]);
        if (own[i].address == (void *)kc_print) symbols.data[i].address = print;
    }
    if (!add_externs(engine, &symbols)) return false;
    vec_push(engine->arena, &symbols, ((JitSymbol){NULL, NULL}));
    StrBuf object = {0};
    compile_codegen(engine->c, OUTPUT_OBJECT, &object);
    const char *reason = NULL;
    engine->jit = jit_load(object.data, object.len, symbols.data, &reason);
    strbuf_free(&object);
    if (!engine->jit) fprintf(stderr, "kc: cannot load the compiled code: %s\n", reason);
    return engine->jit != NULL;
}

Engine *engine_create(Compilation *c, EngineKind kind, StrBuf *printed) {
    Engine *engine = arena_new(c->cx->arena, Engine);
    *engine = (Engine){.c = c, .arena = arena_create(), .kind = kind, .printed = printed};
    if (kind != ENGINE_JIT || load_object(engine)) return engine;
    engine_destroy(engine);
    return NULL;
}

void engine_destroy(Engine *engine) {
    if (engine->jit) jit_destroy(engine->jit);
    for (size_t i = 0; i < ARRAY_LEN(engine->closures); i++)
        if (engine->closures[i]) ffi_closure_free(engine->closures[i]);
    strbuf_free(&engine->message);
    arena_destroy(engine->arena);
}

const char *engine_message(const Engine *engine) { return strbuf_text(&engine->message); }

/* ---- Calling ----------------------------------------------------------------------------------- */

static RunStatus call_compiled(Engine *engine, const IrFn *fn, const RunArg *args, void *result) {
    void *address = jit_find(engine->jit, text_of(engine->c->cx, fn->name));
    if (!address) KC_BUG("`%s` is not in the object", text_of(engine->c->cx, fn->name));
    uint32_t outs = fn->raises ? fn->results.len : 0;
    void **values = arena_array(engine->arena, void *, fn->params.len + outs);
    void **places = arena_array(engine->arena, void *, outs);
    size_t *offsets = arena_array(engine->arena, size_t, fn->results.len);
    result_layout(fn, offsets);
    for (uint32_t i = 0; i < fn->params.len; i++) values[i] = args[i].value;
    for (uint32_t i = 0; i < outs; i++) {
        places[i] = (char *)result + offsets[i];
        values[fn->params.len + i] = &places[i];
    }
    int32_t status = KC_OK;
    /* Checks that failed in a parallel loop come by libkcrt's own kc_panic. */
    kc_panic_handler outer = kc_panic_set_handler((kc_panic_handler)engine->panic);
    volatile bool panicked = true;
    if (setjmp(engine->escape) == 0) {
        ffi_call_fn(engine->arena, fn, address, values, fn->raises ? (void *)&status : result);
        panicked = false;
    }
    kc_panic_set_handler(outer);
    if (panicked) return RUN_PANIC;
    if (status == KC_OK) return RUN_OK;
    keep_message(engine, kc_error_message());
    return RUN_RAISED;
}

/* The interpreter's way out to C functions. */
static bool on_interp_call(void *user, const IrFn *fn, void *const *args, void *result) {
    Engine *engine = user;
    void *address = dlsym(RTLD_DEFAULT, text_of(engine->c->cx, fn->name));
    if (address) ffi_call_fn(engine->arena, fn, address, args, result);
    return address != NULL;
}

static void on_interp_print(void *user, const InterpItem *items, uint32_t count) {
    Engine *engine = user;
    kc_print_item *converted = arena_array(engine->arena, kc_print_item, count);
    for (uint32_t i = 0; i < count; i++) {
        const InterpItem *item = &items[i];
        converted[i] = (kc_print_item){.type = (int32_t)item->scalar};
        if (item->kind == ITEM_TEXT) {
            converted[i].kind = KC_ITEM_TEXT;
            converted[i].data = item->text;
            converted[i].length = item->length;
        } else if (item->kind == ITEM_SCALAR) {
            converted[i].kind = KC_ITEM_VALUE;
            converted[i].data = &item->bits;
        } else {
            converted[i].kind = KC_ITEM_ARRAY;
            converted[i].data = item->data;
            converted[i].rank = (int32_t)item->rank;
            converted[i].shape = item->shape;
            converted[i].stride = item->stride;
        }
    }
    print_items(engine, converted, (int32_t)count);
}

static void *on_interp_alloc(int64_t bytes) { return kc_alloc(bytes, 1, 0); }

static RunStatus call_interpreted(Engine *engine, const IrFn *fn, const RunArg *args, void *result) {
    const Context *cx = engine->c->cx;
    InterpHost host = {.user = engine, .print = on_interp_print, .call = on_interp_call,
                       .alloc = on_interp_alloc, .release = kc_free};
    if (engine->kind == ENGINE_ORACLE) host.watch = WATCH_DROPPED;
    InterpArg converted[MAX_CALL_ARGS];
    for (uint32_t i = 0; i < fn->params.len; i++)
        converted[i] = (InterpArg){args[i].value, args[i].bytes};
    InterpPanic panic = {0};
    InterpStatus status = ir_interpret(fn, converted, result, &host, 0, &panic);
    if (status == INTERP_OK) return RUN_OK;
    if (status == INTERP_LIMIT) return RUN_LIMIT;
    const Source *source = source_of(&cx->sources, panic.span);
    if (status == INTERP_RAISED) {
        int32_t line = source ? (int32_t)source_line_col(source, panic.span.start).line : 0;
        kc_error_set(panic.message, source ? source->path : NULL, line);
        keep_message(engine, kc_error_message());
        return RUN_RAISED;
    }
    kc_panic_info info = {
        .message = panic.message,
        .function = text_of(cx, panic.function),
        .file = source ? source->path : "",
        .line = source ? (int32_t)source_line_col(source, panic.span.start).line : 0,
        .value_count = panic.value_count,
    };
    memcpy(info.value_names, panic.names, sizeof info.value_names);
    memcpy(info.values, panic.values, sizeof info.values);
    keep_panic(engine, &info);
    return RUN_PANIC;
}

RunStatus engine_call(Engine *engine, const IrFn *fn, const RunArg *args, void *result) {
    KC_CHECK(fn->params.len <= MAX_CALL_ARGS);
    return engine->kind == ENGINE_JIT ? call_compiled(engine, fn, args, result)
                                      : call_interpreted(engine, fn, args, result);
}
