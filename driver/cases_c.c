/* The cases as a C program: arguments and expected values are bytes, so that nothing is parsed or rounded
 * on the other machine. */
#include <string.h>

#include "driver/case_parse.h"
#include "driver/cases.h"
#include "driver/ffi_call.h"

typedef struct Writer {
    Compilation *c;
    StrBuf *out;
    uint32_t index; /* of the case */
} Writer;

/* ---- Data -------------------------------------------------------------------------------------- */

static void write_bytes(Writer *w, const char *name, uint32_t i, const Datum *datum) {
    size_t size = (size_t)datum_count(datum) * datum->elem->size;
    const unsigned char *bytes = datum->data;
    strbuf_printf(w->out, "static _Alignas(64) unsigned char %s%u_%u[%zu] = {", name, w->index, i,
                  size ? size : 1);
    for (size_t b = 0; b < size; b++) strbuf_printf(w->out, "%s%u", b ? "," : "", bytes[b]);
    strbuf_puts(w->out, size ? "};\n" : "0};\n");
}

static void write_c_string(StrBuf *out, const char *text) {
    strbuf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '\n')
            strbuf_puts(out, "\\n");
        else if (*text == '"' || *text == '\\')
            strbuf_printf(out, "\\%c", *text);
        else
            strbuf_putc(out, *text);
    }
    strbuf_putc(out, '"');
}

/* ---- The call ---------------------------------------------------------------------------------- */

static const char *const c_scalars[SCALAR_COUNT] = {
    [SCALAR_BOOL] = "bool",   [SCALAR_I8] = "int8_t",    [SCALAR_I16] = "int16_t",
    [SCALAR_I32] = "int32_t", [SCALAR_I64] = "int64_t",  [SCALAR_U8] = "uint8_t",
    [SCALAR_U16] = "uint16_t", [SCALAR_U32] = "uint32_t", [SCALAR_U64] = "uint64_t",
    [SCALAR_F16] = "uint16_t", [SCALAR_BF16] = "uint16_t", [SCALAR_F32] = "float",
    [SCALAR_F64] = "double",
};

static void write_c_type(Writer *w, const IrType *type) {
    strbuf_puts(w->out, type->kind == IR_SCALAR ? c_scalars[type->scalar]
                                                : text_of(w->c->cx, type->name));
}

static void write_view_type(Writer *w, const IrType *type, const char *kind) {
    strbuf_printf(w->out, "kc_%s_", kind);
    strbuf_puts(w->out, type->elem->kind == IR_SCALAR ? scalar_spelling(type->elem->scalar)
                                                      : text_of(w->c->cx, type->elem->name));
    strbuf_printf(w->out, "_%u", type->rank);
}

static void write_window(Writer *w, const IrType *type, const RunArg *slot, uint32_t arg) {
    int64_t numbers[2 * VALUE_MAX_RANK];
    memcpy(numbers, (char *)slot->value + sizeof(void *), 2 * type->rank * sizeof *numbers);
    strbuf_printf(w->out, "{(void *)a%u_%u, {", w->index, arg);
    for (uint32_t k = 0; k < 2 * type->rank; k++)
        strbuf_printf(w->out, "%s%lld", k == type->rank ? "}, {" : k ? "," : "",
                      (long long)numbers[k]);
    strbuf_puts(w->out, "}}");
}

/* Which source parameter (or the `out` result) the pointer of an IR parameter looks at. */
static uint32_t source_index(const Call *call, uint32_t ir_param) {
    uint32_t source = 0;
    for (uint32_t p = call->fn->sizes.len; p < ir_param; p++)
        source += call->ir->params.data[p].kind != PARAM_SIZE;
    return source;
}

static void write_argument(Writer *w, const Call *call, uint32_t p) {
    const IrParam *param = &call->ir->params.data[p];
    uint32_t source = source_index(call, p);
    int64_t size;
    switch (param->kind) {
    case PARAM_SIZE:
        memcpy(&size, call->slots[p].value, sizeof size);
        strbuf_printf(w->out, "%lld", (long long)size);
        return;
    case PARAM_SCALAR:
    case PARAM_STRUCT:
        strbuf_puts(w->out, "KC_LOAD(");
        write_c_type(w, param->value->type);
        strbuf_printf(w->out, ", a%u_%u)", w->index, source);
        return;
    case PARAM_STRIDED:
        strbuf_printf(w->out, "w%u_%u", w->index, source);
        return;
    case PARAM_ARENA: break; /* has no value to write */
    case PARAM_REF:
    case PARAM_ARRAY:
        if (param->is_owned) {
            strbuf_printf(w->out, "kc_case_give(a%u_%u, sizeof a%u_%u)", w->index, source, w->index,
                          source);
            return;
        }
        strbuf_printf(w->out, "(void *)a%u_%u", w->index, source);
        return;
    case PARAM_OUT: strbuf_printf(w->out, "(void *)r%u", w->index); return;
    }
    UNREACHABLE();
}

/* A strided parameter's struct has no name of its own here: its type is that of the parameter. */
static void write_windows(Writer *w, const Call *call) {
    for (uint32_t p = 0; p < call->ir->params.len; p++) {
        const IrParam *param = &call->ir->params.data[p];
        if (param->kind != PARAM_STRIDED) continue;
        uint32_t source = source_index(call, p);
        strbuf_puts(w->out, "    ");
        write_view_type(w, param->value->type, param->is_written ? "strided_mut" : "strided");
        strbuf_printf(w->out, " w%u_%u = ", w->index, source);
        write_window(w, param->value->type, &call->slots[p], source);
        strbuf_puts(w->out, ";\n");
    }
}

/* The results of a function that raises, in a struct as other functions return them. */
static void write_room(Writer *w, const Call *call) {
    if (call->ir->results.len == 0) return;
    strbuf_puts(w->out, "struct { ");
    for (uint32_t i = 0; i < call->ir->results.len; i++) {
        const IrType *type = call->ir->results.data[i];
        if (type->kind == IR_VIEW)
            write_view_type(w, type, type->strided ? "strided_mut" : "array");
        else
            write_c_type(w, type);
        strbuf_printf(w->out, " r%u; ", i);
    }
    strbuf_puts(w->out, "} result;\n    ");
}

static void write_call(Writer *w, const Call *call) {
    if (call->ir->raises) {
        write_room(w, call);
        strbuf_puts(w->out, "kc_status status = ");
    } else if (call->ir->results.len > 0) {
        strbuf_puts(w->out, "__auto_type result = ");
    }
    if (call->fn->is_main)
        strbuf_puts(w->out, "kc_case_main");
    else
        strbuf_puts(w->out, text_of(w->c->cx, call->ir->name));
    strbuf_putc(w->out, '(');
    for (uint32_t p = 0; p < call->ir->params.len; p++) {
        if (p > 0) strbuf_puts(w->out, ", ");
        write_argument(w, call, p);
    }
    for (uint32_t i = 0; call->ir->raises && i < call->ir->results.len; i++)
        strbuf_printf(w->out, "%s&result.r%u", call->ir->params.len + i > 0 ? ", " : "", i);
    strbuf_puts(w->out, ");\n");
}

/* ---- The comparison ---------------------------------------------------------------------------- */

/* One comparison for each scalar that an element is made of. */
static void write_leaves(Writer *w, const IrType *type, const IrType *elem, uint32_t offset,
                         const char *actual, uint32_t i, int64_t count, uint64_t ulps) {
    if (type->kind == IR_STRUCT) {
        for (uint32_t f = 0; f < type->field_count; f++)
            write_leaves(w, type->fields[f].type, elem, offset + ir_field_offset(type, f), actual, i,
                         count, ulps);
        return;
    }
    strbuf_printf(w->out, "    same &= kc_case_same((kc_type)%d, e%u_%u, %s, %lld, %u, %u, %llu);\n",
                  (int)type->scalar, w->index, i, actual, (long long)count, elem->size, offset,
                  (unsigned long long)ulps);
}

/* The C expression that points to output `i`. */
static const char *output_place(Writer *w, Call *call, uint32_t i) {
    Arena *arena = call->arena;
    if (i < call->result_count) {
        if (call->fn->result_is_known_shape) return arena_printf(arena, "r%u", w->index);
        size_t offsets[64];
        result_layout(call->ir, offsets);
        const char *at = arena_printf(arena, "(char *)&result + %zu", offsets[i]);
        bool is_view = call->ir->results.data[i]->kind == IR_VIEW;
        return is_view ? arena_printf(arena, "KC_LOAD(void *, %s)", at) : at;
    }
    uint32_t wanted = i - call->result_count;
    for (uint32_t p = 0; p < call->fn->params.len; p++)
        if (call_param_is_output(call, p) && wanted-- == 0)
            return arena_printf(arena, "a%u_%u", w->index, p);
    UNREACHABLE();
}

static void write_shape_check(Writer *w, Call *call, uint32_t i, const Datum *expected) {
    if (i >= call->result_count || call->fn->result_is_known_shape) return;
    if (call->ir->results.data[i]->kind != IR_VIEW) return;
    size_t offsets[64];
    result_layout(call->ir, offsets);
    for (uint32_t k = 0; k < expected->rank; k++)
        strbuf_printf(w->out, "    same &= KC_LOAD(int64_t, (char *)&result + %zu) == %lld;\n",
                      offsets[i] + sizeof(void *) + k * sizeof(int64_t),
                      (long long)expected->shape[k]);
}

/* The results do not exist here: give each the element type and rank that its expected value needs. */
static void shape_results(Call *call) {
    if (call->fn->result_is_known_shape) return;
    for (uint32_t i = 0; i < call->result_count; i++) {
        const IrType *type = call->ir->results.data[i];
        bool is_view = type->kind == IR_VIEW;
        call->results[i] = (Datum){.elem = is_view ? type->elem : type, .rank = is_view ? type->rank : 0};
    }
}

static bool write_expected(Writer *w, Call *call, const Case *one, Datum *expected, const DatumVec *outputs) {
    for (uint32_t i = 0; i < outputs->len; i++) {
        const char *reason = NULL;
        if (!case_expected(call, one, outputs, i, &expected[i], &reason)) {
            diag_add(w->c->cx, K0011, NO_SPAN, "line %u: %s", one->line, reason);
            return false;
        }
        write_bytes(w, "e", i, &expected[i]);
    }
    return true;
}

/* A call of kc_case_fail with what C gives as `actual`. */
static void write_failure(Writer *w, const Case *one, const char *actual) {
    strbuf_printf(w->out, "kc_case_fail(%u, ", one->line);
    write_c_string(w->out, one->text);
    strbuf_printf(w->out, ", %s);\n", actual);
}

static void write_value_checks(Writer *w, Call *call, const Case *one, const Datum *expected,
                               uint32_t count) {
    uint64_t ulps = one->outcome == CASE_NEAR ? CASE_NEAR_ULPS : 0;
    strbuf_puts(w->out, "    bool same = true;\n");
    for (uint32_t i = 0; i < count; i++) {
        write_shape_check(w, call, i, &expected[i]);
        const char *place = output_place(w, call, i);
        if (expected[i].rank > 0 && datum_count(&expected[i]) == 0) continue;
        write_leaves(w, expected[i].elem, expected[i].elem, 0, place, i, datum_count(&expected[i]), ulps);
    }
    for (uint32_t i = 0; i < call->ir->results.len; i++)
        if (call_result_is_owned(call, i))
            strbuf_printf(w->out, "    kc_free(%s);\n", output_place(w, call, i));
    strbuf_puts(w->out, "    if (!same) ");
    write_failure(w, one, "\"values differ\"");
}

/* ---- One case ---------------------------------------------------------------------------------- */

static void write_data(Writer *w, const Call *call) {
    for (uint32_t i = 0; i < call->fn->params.len; i++) write_bytes(w, "a", i, &call->args[i]);
    if (call->fn->result_is_known_shape) {
        size_t size = (size_t)datum_count(&call->results[0]) * call->results[0].elem->size;
        strbuf_printf(w->out, "static _Alignas(64) unsigned char r%u[%zu];\n", w->index, size ? size : 1);
    }
}

static void write_prints(Writer *w, const Call *call, const Case *one) {
    strbuf_puts(w->out, "    FILE *file = tmpfile();\n    int saved = kc_case_capture(file);\n    ");
    write_call(w, call);
    strbuf_puts(w->out, "    kc_case_release(file, saved);\n    if (");
    if (call->ir->raises) strbuf_puts(w->out, "status != KC_OK || ");
    strbuf_puts(w->out, "strcmp(kc_case_printed, ");
    write_c_string(w->out, one->message);
    strbuf_puts(w->out, ") != 0) ");
    write_failure(w, one, call->ir->raises ? "status != KC_OK ? kc_error_message() : kc_case_printed"
                                           : "kc_case_printed");
}

/* After a call that should have failed, or that might have. */
static void write_status(Writer *w, const Call *call, const Case *one) {
    if (one->outcome == CASE_RAISES && call->ir->raises) {
        strbuf_puts(w->out, "    if (status == KC_OK || !strstr(kc_error_text(), ");
        write_c_string(w->out, one->message);
        strbuf_puts(w->out, ")) ");
        write_failure(w, one, "status == KC_OK ? \"no error\" : kc_error_message()");
    } else if (one->outcome == CASE_RAISES || one->outcome == CASE_PANICS) {
        if (call->ir->raises) strbuf_puts(w->out, "    (void)status;\n");
        if (call->ir->results.len > 0) strbuf_puts(w->out, "    (void)result;\n");
        strbuf_puts(w->out, "    ");
        write_failure(w, one, one->outcome == CASE_PANICS ? "\"no panic\"" : "\"no error\"");
    } else if (call->ir->raises) {
        strbuf_puts(w->out, "    if (status != KC_OK) { ");
        write_failure(w, one, "kc_error_message()");
        strbuf_puts(w->out, "    return; }\n");
    }
}

static void write_body(Writer *w, Call *call, const Case *one, const Datum *expected, uint32_t count) {
    strbuf_printf(w->out, "static void case_%u(void) {\n    int64_t live = kc_case_live();\n",
                  w->index);
    write_windows(w, call);
    if (one->outcome == CASE_PRINTS) {
        write_prints(w, call, one);
    } else {
        strbuf_puts(w->out, "    ");
        write_call(w, call);
        write_status(w, call, one);
        if (one->outcome == CASE_EQUALS || one->outcome == CASE_NEAR)
            write_value_checks(w, call, one, expected, count);
    }
    strbuf_puts(w->out, "    if (kc_case_live() != live) ");
    write_failure(w, one, "\"some memory is not freed\"");
    strbuf_puts(w->out, "}\n\n");
}

/* The wrapper decides what a panic means. */
static void write_case_main(Writer *w, const CaseVec *cases) {
    strbuf_puts(w->out, "int main(void) {\n    kc_panic_set_handler(kc_case_on_panic);\n");
    for (uint32_t i = 0; i < cases->len; i++) {
        const Case *one = cases->data[i];
        strbuf_printf(w->out, "    if (!setjmp(kc_case_escape))\n        case_%u();\n    else if (%s", i,
                      one->outcome == CASE_PANICS ? "!strstr(kc_case_panic, " : "true");
        if (one->outcome == CASE_PANICS) {
            write_c_string(w->out, one->message);
            strbuf_putc(w->out, ')');
        }
        strbuf_printf(w->out, ")\n        kc_case_fail(%u, ", one->line);
        write_c_string(w->out, one->text);
        strbuf_puts(w->out, ", kc_case_panic);\n");
    }
    strbuf_printf(w->out, "    printf(\"%%d ok, %%d failed\\n\", %u - kc_case_failures, kc_case_failures);\n",
                  cases->len);
    strbuf_puts(w->out, "    return kc_case_failures > 0;\n}\n");
}

static bool write_case(Writer *w, const Case *one) {
    const char *reason = NULL;
    Call *call = case_begin(w->c, one, &reason);
    if (!call) {
        diag_add(w->c->cx, K0011, NO_SPAN, "line %u: %s", one->line, reason);
        return false;
    }
    bool ok = true;
    bool compares = one->outcome == CASE_EQUALS || one->outcome == CASE_NEAR;
    write_data(w, call);
    shape_results(call);
    DatumVec outputs = case_outputs(call);
    Datum *expected = arena_array(call->arena, Datum, outputs.len);
    if (compares) ok = write_expected(w, call, one, expected, &outputs);
    if (ok) write_body(w, call, one, expected, outputs.len);
    for (uint32_t i = 0; compares && i < outputs.len; i++) datum_free(&expected[i]);
    call_end(call);
    return ok;
}

bool cases_emit_c(Compilation *c, StrBuf *out) {
    CaseVec cases = cases_parse(c->cx, c->sources.data[0]);
    if (diags_have_errors(c->cx)) return false;
    Writer w = {.c = c, .out = out};
    strbuf_printf(out, "/* The `# run:` comments of %s.k, made by kc. */\n#include \"%s.h\"\n#include \"kc/cases.h\"\n\n",
                  text_of(c->cx, c->module->name), text_of(c->cx, c->module->name));
    for (uint32_t i = 0; i < c->module->fns.len; i++)
        if (c->module->fns.data[i]->is_main)
            strbuf_printf(out, "%s kc_case_main(void) __asm__(\"%s\");\n\n",
                          c->module->fns.data[i]->raises ? "kc_status" : "void",
                          text_of(c->cx, c->module->fns.data[i]->name));
    for (uint32_t i = 0; i < cases.len; i++) {
        w.index = i;
        if (!write_case(&w, cases.data[i])) return false;
    }
    write_case_main(&w, &cases);
    return true;
}
