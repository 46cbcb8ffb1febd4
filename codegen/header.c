/* The C header: types, prototypes, and what holds them together. */
#include "codegen/header.h"
#include "codegen/runtime.h"

#include <string.h>

/* ---- Types ----------------------------------------------------------------------------------- */

static const char *scalar_c_type(Scalar scalar) {
    switch (scalar) {
    case SCALAR_BOOL: return "bool";
    case SCALAR_I8: return "int8_t";
    case SCALAR_I16: return "int16_t";
    case SCALAR_I32: return "int32_t";
    case SCALAR_I64: return "int64_t";
    case SCALAR_U8: return "uint8_t";
    case SCALAR_U16: return "uint16_t";
    case SCALAR_U32: return "uint32_t";
    case SCALAR_U64: return "uint64_t";
    case SCALAR_F16:
    case SCALAR_BF16:
        return "uint16_t"; /* the bits: not every C11 or C++17 compiler has the type */
    case SCALAR_F32: return "float";
    case SCALAR_F64: return "double";
    case SCALAR_COUNT: break;
    }
    UNREACHABLE();
}

const char *c_struct_name(const Header *h, const IrType *type) {
    return c_name(h->scratch, text_of(h->cx, type->name));
}

const char *c_view_name(const Header *h, const IrType *type, bool is_written) {
    const char *elem = type->elem->kind == IR_STRUCT ? c_struct_name(h, type->elem)
                                                     : scalar_spelling(type->elem->scalar);
    const char *kind = !type->strided ? "array" : is_written ? "strided_mut" : "strided";
    return arena_printf(h->scratch, "kc_%s_%s_%u", kind, elem, type->rank);
}

void c_type_print(const Header *h, const IrType *type, StrBuf *out) {
    switch (type->kind) {
    case IR_SCALAR: strbuf_puts(out, scalar_c_type(type->scalar)); return;
    case IR_STRUCT: strbuf_puts(out, c_struct_name(h, type)); return;
    case IR_VIEW: strbuf_puts(out, c_view_name(h, type, true)); return;
    case IR_ARENA: strbuf_puts(out, "kc_arena *"); return;
    case IR_BUF:
    case IR_REF:
        c_type_print(h, type->elem, out);
        strbuf_puts(out, " *");
        return;
    case IR_STR:
    case IR_LIST:
    case IR_VEC:
    case IR_ARRAY:
    case IR_TASK: break;
    }
    UNREACHABLE();
}

bool result_is_owned(const IrFn *fn, uint32_t result) {
    return fn->results.data[result]->kind == IR_VIEW && !fn->returns_view;
}

bool returns_owned(const IrFn *fn) {
    for (uint32_t i = 0; i < fn->results.len; i++)
        if (result_is_owned(fn, i)) return true;
    return false;
}

/* ---- Structs --------------------------------------------------------------------------------- */

/* Opens `typedef struct NAME {`, unless this header has it already (false); other headers may. */
static bool struct_open(const Header *h, StrBuf *seen, const char *name) {
    const char *mark = arena_printf(h->scratch, " %s ", name);
    if (seen->len > 0 && strstr(seen->data, mark) != NULL) return false;
    strbuf_puts(seen, mark);
    strbuf_printf(h->out, "#ifndef KC_TYPE_%s\n#define KC_TYPE_%s\n", name, name);
    strbuf_printf(h->out, "typedef struct %s {\n", name);
    return true;
}

static void struct_close(const Header *h, const char *name) {
    strbuf_printf(h->out, "} %s;\n#endif\n", name);
}

static void field_print(const Header *h, const IrType *type, const char *name) {
    strbuf_puts(h->out, "    ");
    c_type_print(h, type, h->out);
    strbuf_printf(h->out, " %s;%s\n", name,
                  type->kind != IR_SCALAR            ? ""
                  : type->scalar == SCALAR_F16       ? " /* bits of an IEEE binary16 */"
                  : type->scalar == SCALAR_BF16      ? " /* bits of a bfloat16 */"
                                                     : "");
}

static void assert_size(const Header *h, const char *name, uint32_t size) {
    strbuf_printf(h->out, "KC_ASSERT(sizeof(%s) == %u, \"size of %s\");\n", name, size, name);
}

static void assert_offset(const Header *h, const char *name, const char *field, uint32_t offset) {
    strbuf_printf(h->out, "KC_ASSERT(offsetof(%s, %s) == %u, \"place of %s.%s\");\n", name, field,
                  offset, name, field);
}

static void struct_print(const Header *h, StrBuf *seen, const IrType *type) {
    for (uint32_t i = 0; i < type->field_count; i++)
        if (type->fields[i].type->kind == IR_STRUCT) struct_print(h, seen, type->fields[i].type);
    const char *name = c_struct_name(h, type);
    if (!struct_open(h, seen, name)) return;
    for (uint32_t i = 0; i < type->field_count; i++)
        field_print(h, type->fields[i].type, c_field_name(h, type, i));
    struct_close(h, name);
    assert_size(h, name, type->size);
    for (uint32_t i = 0; i < type->field_count; i++)
        assert_offset(h, name, c_field_name(h, type, i), ir_field_offset(type, i));
    strbuf_putc(h->out, '\n');
}

static void view_print(const Header *h, StrBuf *seen, const IrType *type, bool is_written) {
    if (type->elem->kind == IR_STRUCT) struct_print(h, seen, type->elem);
    const char *name = c_view_name(h, type, is_written);
    if (!struct_open(h, seen, name)) return;
    strbuf_puts(h->out, is_written ? "    " : "    const ");
    c_type_print(h, type->elem, h->out);
    strbuf_puts(h->out, " *data;\n");
    strbuf_printf(h->out, "    int64_t shape[%u];\n", type->rank);
    if (type->strided)
        strbuf_printf(h->out, "    int64_t stride[%u]; /* in elements */\n", type->rank);
    struct_close(h, name);
    assert_size(h, name, 8 + 8 * type->rank * (type->strided ? 2 : 1));
    strbuf_putc(h->out, '\n');
}

static void type_needed(const Header *h, StrBuf *seen, const IrType *type, bool is_written) {
    if (type->kind == IR_STRUCT) struct_print(h, seen, type);
    else if (type->kind == IR_VIEW) view_print(h, seen, type, is_written);
    else if (type->elem != NULL) type_needed(h, seen, type->elem, true);
}

/* The layout of several results follows from their types; its size is asserted where C can tell. */
static void result_print(const Header *h, StrBuf *seen, const IrFn *fn) {
    const char *name = arena_printf(h->scratch, "%s_result", text_of(h->cx, fn->name));
    if (!struct_open(h, seen, name)) return;
    for (uint32_t i = 0; i < fn->results.len; i++)
        field_print(h, fn->results.data[i], arena_printf(h->scratch, "r%u", i));
    struct_close(h, name);
    strbuf_putc(h->out, '\n');
}

static void types_print(const Header *h, StrBuf *seen, const IrFn *fn) {
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const IrParam *p = &fn->params.data[i];
        type_needed(h, seen, p->value->type, p->is_written);
    }
    for (uint32_t i = 0; i < fn->results.len; i++)
        type_needed(h, seen, fn->results.data[i], true);
    if (fn->results.len > 1 && !fn->raises) result_print(h, seen, fn);
}

/* ---- Prototypes ------------------------------------------------------------------------------ */

static void param_print(const Header *h, const IrFn *fn, uint32_t index, StrBuf *out) {
    const IrParam *p = &fn->params.data[index];
    const char *name = c_param_name(h, fn, index);
    const IrType *type = p->value->type;
    if (type->kind == IR_VIEW) {
        strbuf_printf(out, "%s %s", c_view_name(h, type, p->is_written), name);
    } else if (type->kind == IR_BUF || type->kind == IR_REF) {
        if (!p->is_written) strbuf_puts(out, "const ");
        c_type_print(h, type->elem, out);
        strbuf_printf(out, " *%s%s", p->is_restrict ? "KC_RESTRICT " : "", name);
    } else if (type->kind == IR_ARENA) {
        strbuf_printf(out, "kc_arena *%s", name);
    } else {
        c_type_print(h, type, out);
        strbuf_printf(out, " %s", name);
    }
}

/* Of a function that raises: where it puts a result. */
static void out_print(const Header *h, const IrFn *fn, uint32_t result, StrBuf *out) {
    c_type_print(h, fn->results.data[result], out);
    strbuf_printf(out, " *%s", c_out_name(h, fn, result));
}

enum { WIDEST_LINE = 100 };

/* Adds a parameter to the line under way, or on a new one. */
static void param_add(const Header *h, const IrFn *fn, uint32_t index, size_t *column) {
    StrBuf text = {0};
    if (index < fn->params.len) param_print(h, fn, index, &text);
    else out_print(h, fn, index - fn->params.len, &text);
    bool fits = *column + text.len + 4 <= WIDEST_LINE;
    if (index != 0) strbuf_puts(h->out, fits ? ", " : ",\n    ");
    *column = index != 0 && !fits ? 4 + text.len : *column + 2 + text.len;
    strbuf_puts(h->out, strbuf_text(&text));
    strbuf_free(&text);
}

static void prototype_print(const Header *h, const IrFn *fn, const char *suffix) {
    const char *name = text_of(h->cx, fn->name);
    uint32_t count = fn->params.len + (fn->raises ? fn->results.len : 0);
    size_t start = h->out->len;
    if (fn->raises) strbuf_puts(h->out, "kc_status");
    else if (fn->results.len == 0) strbuf_puts(h->out, "void");
    else if (fn->results.len == 1) c_type_print(h, fn->results.data[0], h->out);
    else strbuf_printf(h->out, "%s_result", name);
    strbuf_printf(h->out, " %s%s(", name, suffix);
    size_t column = h->out->len - start;
    for (uint32_t i = 0; i < count; i++) param_add(h, fn, i, &column);
    strbuf_puts(h->out, count == 0 ? "void);\n" : ");\n");
}

/* The entry that chooses, and one for each variant. */
static void prototypes_print(const Header *h, const IrFn *fn) {
    prototype_print(h, fn, "");
    for (uint32_t i = 0; i < h->options->variant_count; i++)
        prototype_print(h, fn, h->options->variants[i].target->suffix);
    strbuf_putc(h->out, '\n');
}

/* ---- The ABI hash ---------------------------------------------------------------------------- */

/* FNV-1a, 64 bits: of the text of types and prototypes, comments left out. */
static uint64_t hash_text(const char *text, size_t length) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
    return hash;
}

uint64_t header_abi(const IrModule *module, const IrFn *only) {
    StrBuf text = {0}, seen = {0};
    Arena *scratch = arena_create();
    Header plain = {.module = module, .cx = module->cx, .out = &text, .scratch = scratch};
    plain.param_names = arena_array(scratch, const char **, module->fns.len);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        if (!fn->is_exported || fn->is_main || (only != NULL && fn != only)) continue;
        types_print(&plain, &seen, fn);
        prototype_print(&plain, fn, "");
        strbuf_putc(&text, '\n');
    }
    uint64_t hash = hash_text(strbuf_text(&text), text.len);
    strbuf_free(&text);
    strbuf_free(&seen);
    arena_destroy(scratch);
    return hash;
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

static const char *upper(Arena *arena, const char *name) {
    char *text = arena_strndup(arena, c_name(arena, name), strlen(c_name(arena, name)));
    for (char *c = text; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    return text;
}

static void open_print(const Header *h, const char *stem) {
    header_intro(h);
    strbuf_printf(h->out, "#ifndef KC_%s_H\n#define KC_%s_H\n\n", stem, stem);
    strbuf_puts(h->out, "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n");
    strbuf_puts(h->out, "/* Changes when a type or a prototype below does. */\n");
    strbuf_printf(h->out, "#define KC_%s_ABI UINT64_C(0x%016llx)\n\n", stem,
                  (unsigned long long)header_abi(h->module, NULL));
    strbuf_puts(h->out,
                "#ifdef __cplusplus\n#define KC_RESTRICT __restrict\n"
                "#define KC_ASSERT static_assert\nextern \"C\" {\n#else\n"
                "#define KC_RESTRICT restrict\n#define KC_ASSERT _Static_assert\n#endif\n\n");
}

static void close_print(const Header *h, const char *stem) {
    strbuf_printf(h->out,
                  "#undef KC_RESTRICT\n#undef KC_ASSERT\n\n#ifdef __cplusplus\n}\n#endif\n\n"
                  "#endif /* KC_%s_H */\n",
                  stem);
}

/* ---- What callers need of libkcrt ------------------------------------------------------------ */

static bool takes_owned(const IrFn *fn) {
    for (uint32_t i = 0; i < fn->params.len; i++)
        if (fn->params.data[i].is_owned) return true;
    return false;
}

static bool takes_arena(const IrFn *fn) {
    for (uint32_t i = 0; i < fn->params.len; i++)
        if (fn->params.data[i].kind == PARAM_ARENA) return true;
    return false;
}

static bool raises(const IrFn *fn) { return fn->raises; }

static bool some_fn(const Header *h, bool (*is)(const IrFn *)) {
    for (uint32_t i = 0; i < h->module->fns.len; i++) {
        const IrFn *fn = h->module->fns.data[i];
        if (fn->is_exported && !fn->is_main && is(fn)) return true;
    }
    return false;
}

const char *header_runtime(const Header *h, const char *symbol) {
    return runtime_symbol(h->scratch, h->options, symbol);
}

/* To free what a function gave them, to allocate what they give away, to make arenas, to ask what
 * went wrong. Declaring a type or a function twice is fine in C11 and C++. */
static void runtime_print(const Header *h) {
    if (some_fn(h, takes_owned))
        strbuf_printf(h->out,
                      "/* Memory for an array that a function below takes over: `count` elements "
                      "of `size` bytes. Part\n * of libkcrt. */\n"
                      "void *%s(int64_t count, int64_t size, int zeroed);\n\n",
                      header_runtime(h, "kc_alloc"));
    if (some_fn(h, returns_owned))
        strbuf_printf(h->out,
                      "/* Frees the `data` of a kc_array_... that a function below returned. Part "
                      "of libkcrt. */\nvoid %s(void *memory);\n\n",
                      header_runtime(h, "kc_free"));
    if (some_fn(h, takes_arena))
        strbuf_printf(
            h->out,
            "/* Memory that functions below allocate from and the caller resets or frees: `bytes` "
            "bytes, or\n * blocks of so many if it grows. NULL when memory is short. Part of "
            "libkcrt. */\ntypedef struct kc_arena kc_arena;\n"
            "kc_arena *%s(int64_t bytes, int grows);\n"
            "void %s(kc_arena *arena);\nvoid %s(kc_arena *arena);\n\n",
            header_runtime(h, "kc_arena_create"), header_runtime(h, "kc_arena_reset"), header_runtime(h, "kc_arena_free"));
    if (some_fn(h, raises))
        strbuf_printf(
            h->out,
            "/* What functions that may fail return: 0, or 1 after an error, which then is this "
            "thread's last:\n * \"file:line: text\", good until the next call of "
            "%s. Part of libkcrt. */\ntypedef int32_t kc_status;\n"
            "const char *%s(void);\n\n",
            header_runtime(h, "kc_error_message"), header_runtime(h, "kc_error_message"));
}

/* ---- The whole ------------------------------------------------------------------------------- */

void header_emit(const IrModule *module, const CodegenOptions *options, StrBuf *out) {
    Arena *scratch = arena_create();
    const char ***param_names = arena_array(scratch, const char **, module->fns.len);
    Header h = {module, options, module->cx, out, scratch, param_names};
    const char *stem = upper(scratch, text_of(module->cx, module->name));
    StrBuf seen = {0};
    open_print(&h, stem);
    runtime_print(&h);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        if (!fn->is_exported || fn->is_main) continue;
        types_print(&h, &seen, fn);
        header_fn_doc(&h, fn);
        prototypes_print(&h, fn);
    }
    close_print(&h, stem);
    strbuf_free(&seen);
    arena_destroy(scratch);
}
