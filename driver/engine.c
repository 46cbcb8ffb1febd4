#include "driver/engine.h"

#include <ffi.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/interp.h"
#include "kc/kcrt.h"

struct Engine {
    Compilation *c;
    Arena *arena;
    StrBuf *printed;
    bool interpret;
    StrBuf panic;
    /* jit */
    Jit *jit;
    jmp_buf escape; /* where a failed check returns to */
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

static void keep_panic(Engine *engine, const kc_panic_info *info) {
    size_t size = kc_panic_format(info, NULL, 0) + 1;
    char *text = arena_alloc(engine->arena, size);
    kc_panic_format(info, text, size);
    strbuf_free(&engine->panic);
    strbuf_puts(&engine->panic, text);
}

static void on_panic(ffi_cif *cif, void *result, void **args, void *user) {
    (void)cif, (void)result;
    Engine *engine = user;
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

static bool load_object(Engine *engine) {
    ffi_type **print_types = arena_array(engine->arena, ffi_type *, 2);
    ffi_type **panic_types = arena_array(engine->arena, ffi_type *, 1);
    print_types[0] = panic_types[0] = &ffi_type_pointer;
    print_types[1] = &ffi_type_sint32;
    const JitSymbol symbols[] = {
        {"kc_print", make_callback(engine, 0, on_print, 2, print_types)},
        {"kc_panic", make_callback(engine, 1, on_panic, 1, panic_types)},
        {"kc_alloc", (void *)kc_alloc},
        {"kc_free", (void *)kc_free},
        {"kc_fma_f32", (void *)kc_fma_f32},
        {"kc_fma_f64", (void *)kc_fma_f64},
        {"memcpy", (void *)memcpy},
        {"memset", (void *)memset},
        {"memmove", (void *)memmove},
        {NULL, NULL},
    };
    StrBuf object = {0};
    compile_codegen(engine->c, OUTPUT_OBJECT, &object);
    const char *reason = NULL;
    engine->jit = jit_load(object.data, object.len, symbols, &reason);
    strbuf_free(&object);
    if (!engine->jit) fprintf(stderr, "kc: cannot load the compiled code: %s\n", reason);
    return engine->jit != NULL;
}

Engine *engine_create(Compilation *c, bool interpret, StrBuf *printed) {
    Engine *engine = arena_new(c->cx->arena, Engine);
    *engine = (Engine){.c = c, .arena = arena_create(), .interpret = interpret, .printed = printed};
    if (interpret || load_object(engine)) return engine;
    engine_destroy(engine);
    return NULL;
}

void engine_destroy(Engine *engine) {
    if (engine->jit) jit_destroy(engine->jit);
    for (size_t i = 0; i < ARRAY_LEN(engine->closures); i++)
        if (engine->closures[i]) ffi_closure_free(engine->closures[i]);
    strbuf_free(&engine->panic);
    arena_destroy(engine->arena);
}

const char *engine_panic(const Engine *engine) { return strbuf_text(&engine->panic); }

/* ---- Types for libffi -------------------------------------------------------------------------- */

static ffi_type *ffi_type_of_scalar(Scalar scalar) {
    switch (scalar) {
    case SCALAR_BOOL:
    case SCALAR_U8: return &ffi_type_uint8;
    case SCALAR_I8: return &ffi_type_sint8;
    case SCALAR_I16: return &ffi_type_sint16;
    case SCALAR_U16:
    case SCALAR_F16:
    case SCALAR_BF16: return &ffi_type_uint16;
    case SCALAR_I32: return &ffi_type_sint32;
    case SCALAR_U32: return &ffi_type_uint32;
    case SCALAR_I64: return &ffi_type_sint64;
    case SCALAR_U64: return &ffi_type_uint64;
    case SCALAR_F32: return &ffi_type_float;
    case SCALAR_F64: return &ffi_type_double;
    case SCALAR_COUNT: break;
    }
    UNREACHABLE();
}

static ffi_type *ffi_struct(Arena *arena, ffi_type **elements) {
    ffi_type *type = arena_new(arena, ffi_type);
    type->type = FFI_TYPE_STRUCT;
    type->elements = elements;
    return type;
}

/* {pointer, count numbers}: a strided window (shape and stride), or a returned array (shape). */
static ffi_type *ffi_window(Arena *arena, uint32_t numbers) {
    ffi_type **elements = arena_array(arena, ffi_type *, numbers + 2);
    elements[0] = &ffi_type_pointer;
    for (uint32_t i = 0; i < numbers; i++) elements[i + 1] = &ffi_type_sint64;
    return ffi_struct(arena, elements);
}

static ffi_type *ffi_type_of(Arena *arena, const IrType *type, bool is_result) {
    switch (type->kind) {
    case IR_SCALAR: return ffi_type_of_scalar(type->scalar);
    case IR_BUF:
    case IR_REF: return &ffi_type_pointer;
    case IR_VIEW: return ffi_window(arena, type->rank * (is_result && !type->strided ? 1 : 2));
    case IR_STRUCT: {
        ffi_type **elements = arena_array(arena, ffi_type *, type->field_count + 1);
        for (uint32_t i = 0; i < type->field_count; i++)
            elements[i] = ffi_type_of(arena, type->fields[i].type, is_result);
        return ffi_struct(arena, elements);
    }
    case IR_STR:
    case IR_ARRAY: break;
    }
    KC_BUG("a type that does not cross the C ABI");
}

static ffi_type *ffi_result_type(Arena *arena, const IrFn *fn) {
    if (fn->results.len == 0) return &ffi_type_void;
    if (fn->results.len == 1) return ffi_type_of(arena, fn->results.data[0], true);
    ffi_type **elements = arena_array(arena, ffi_type *, fn->results.len + 1);
    for (uint32_t i = 0; i < fn->results.len; i++)
        elements[i] = ffi_type_of(arena, fn->results.data[i], true);
    return ffi_struct(arena, elements);
}

/* ---- Calling ----------------------------------------------------------------------------------- */

static void result_size(const IrType *type, size_t *size, size_t *align) {
    if (type->kind == IR_VIEW) {
        *size = sizeof(void *) + sizeof(int64_t) * type->rank * (type->strided ? 2 : 1);
        *align = sizeof(void *);
    } else {
        *size = type->size;
        *align = type->align;
    }
}

size_t result_layout(const IrFn *fn, size_t *offsets) {
    size_t end = 0, widest = 1;
    for (uint32_t i = 0; i < fn->results.len; i++) {
        size_t size, align;
        result_size(fn->results.data[i], &size, &align);
        end = (end + align - 1) / align * align;
        offsets[i] = end;
        end += size;
        if (align > widest) widest = align;
    }
    return (end + widest - 1) / widest * widest;
}

static RunStatus call_compiled(Engine *engine, const IrFn *fn, const RunArg *args, void *result) {
    void *address = jit_find(engine->jit, text_of(engine->c->cx, fn->name));
    if (!address) KC_BUG("`%s` is not in the object", text_of(engine->c->cx, fn->name));
    ffi_type *types[MAX_CALL_ARGS];
    void *values[MAX_CALL_ARGS];
    for (uint32_t i = 0; i < fn->params.len; i++) {
        types[i] = ffi_type_of(engine->arena, fn->params.data[i].value->type, false);
        values[i] = args[i].value;
    }
    ffi_cif cif;
    ffi_type *result_type = ffi_result_type(engine->arena, fn);
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, fn->params.len, result_type, types) != FFI_OK)
        KC_BUG("libffi refuses the signature of `%s`", text_of(engine->c->cx, fn->name));
    size_t room = result_type->size < sizeof(ffi_arg) ? sizeof(ffi_arg) : result_type->size;
    void *raw = arena_alloc(engine->arena, room);
    if (setjmp(engine->escape)) return RUN_PANIC;
    ffi_call(&cif, FFI_FN(address), raw, values);
    size_t offsets[MAX_CALL_ARGS];
    if (fn->results.len > 0) memcpy(result, raw, result_layout(fn, offsets));
    return RUN_OK;
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

static RunStatus call_interpreted(Engine *engine, const IrFn *fn, const RunArg *args, void *result) {
    const Context *cx = engine->c->cx;
    InterpHost host = {.user = engine, .print = on_interp_print};
    InterpArg converted[MAX_CALL_ARGS];
    for (uint32_t i = 0; i < fn->params.len; i++)
        converted[i] = (InterpArg){args[i].value, args[i].bytes};
    InterpPanic panic = {0};
    InterpStatus status = ir_interpret(fn, converted, result, &host, 0, &panic);
    if (status == INTERP_OK) return RUN_OK;
    if (status == INTERP_LIMIT) return RUN_LIMIT;
    const Source *source = source_of(&cx->sources, panic.span);
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
    return engine->interpret ? call_interpreted(engine, fn, args, result)
                             : call_compiled(engine, fn, args, result);
}
