/* The manifest: what an object offers and asks for, as JSON for build systems and other
 * languages. */
#include "codegen/dispatch.h"

#include <string.h>

typedef struct Manifest {
    const IrModule *module;
    const Context *cx;
    StrBuf *out;
} Manifest;

static void add_string(StrBuf *out, const char *text) {
    strbuf_putc(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\') strbuf_printf(out, "\\%c", byte);
        else if (byte == '\n') strbuf_puts(out, "\\n");
        else if (byte < 32) strbuf_printf(out, "\\u%04x", byte);
        else strbuf_putc(out, *c);
    }
    strbuf_putc(out, '"');
}

static void add_key(StrBuf *out, const char *key) {
    add_string(out, key);
    strbuf_puts(out, ": ");
}

static void add_member(StrBuf *out, const char *key, const char *text) {
    add_key(out, key);
    add_string(out, text);
}

static const char *param_kind(ParamKind kind) {
    switch (kind) {
    case PARAM_SIZE: return "size";
    case PARAM_SCALAR: return "scalar";
    case PARAM_STRUCT: return "struct";
    case PARAM_REF: return "reference";
    case PARAM_ARENA: return "arena";
    case PARAM_ARRAY: return "array";
    case PARAM_STRIDED: return "strided";
    case PARAM_OUT: return "out";
    }
    UNREACHABLE();
}

static void add_type(const Manifest *m, const IrType *type) {
    const IrType *inner = type->elem != NULL ? type->elem : type;
    StrBuf text = {0};
    if (inner->kind == IR_STRUCT) strbuf_puts(&text, text_of(m->cx, inner->name));
    else ir_type_print(m->cx, inner, &text);
    add_member(m->out, "type", strbuf_text(&text));
    if (type->kind == IR_VIEW) strbuf_printf(m->out, ", \"rank\": %u", type->rank);
    strbuf_free(&text);
}

static void add_param(const Manifest *m, const IrParam *p) {
    strbuf_puts(m->out, "        {");
    add_member(m->out, "name", text_of(m->cx, p->name));
    strbuf_puts(m->out, ", ");
    add_member(m->out, "kind", param_kind(p->kind));
    strbuf_puts(m->out, ", ");
    add_type(m, p->value->type);
    strbuf_printf(m->out, ", \"written\": %s, \"restrict\": %s", p->is_written ? "true" : "false",
                  p->is_restrict ? "true" : "false");
    if (p->source != NULL) {
        strbuf_puts(m->out, ", ");
        add_member(m->out, "source", p->source);
    }
    strbuf_putc(m->out, '}');
}

static void add_fn(const Manifest *m, const IrFn *fn) {
    StrBuf *out = m->out;
    strbuf_puts(out, "    {");
    add_member(out, "name", text_of(m->cx, fn->name));
    strbuf_puts(out, ",\n      ");
    add_member(out, "signature", fn->signature != NULL ? fn->signature : "");
    if (fn->doc != NULL) {
        strbuf_puts(out, ",\n      ");
        add_member(out, "doc", fn->doc);
    }
    strbuf_puts(out, ",\n      \"parameters\": [");
    for (uint32_t i = 0; i < fn->params.len; i++) {
        strbuf_puts(out, i == 0 ? "\n" : ",\n");
        add_param(m, &fn->params.data[i]);
    }
    strbuf_puts(out, "],\n      \"results\": [");
    for (uint32_t i = 0; i < fn->results.len; i++) {
        strbuf_puts(out, i == 0 ? "{" : ", {");
        add_type(m, fn->results.data[i]);
        strbuf_putc(out, '}');
    }
    strbuf_printf(out, "], \"raises\": %s}", fn->raises ? "true" : "false");
}

static void add_struct(const Manifest *m, const IrType *type) {
    StrBuf *out = m->out;
    strbuf_puts(out, "    {");
    add_member(out, "name", text_of(m->cx, type->name));
    strbuf_printf(out, ", \"size\": %u, \"align\": %u, \"fields\": [", type->size, type->align);
    for (uint32_t i = 0; i < type->field_count; i++) {
        strbuf_puts(out, i == 0 ? "{" : ", {");
        add_member(out, "name", text_of(m->cx, type->fields[i].name));
        strbuf_puts(out, ", ");
        add_type(m, type->fields[i].type);
        strbuf_printf(out, ", \"offset\": %u}", ir_field_offset(type, i));
    }
    strbuf_puts(out, "]}");
}

/* ---- Symbols from outside -------------------------------------------------------------------- */

typedef struct Needs {
    const Target *target;
    ScratchUse scratch;
    bool panic;
    uint32_t runtime; /* a bit for each RuntimeKind */
} Needs;

static void find_needs(void *user, Op *op) {
    Needs *needs = user;
    needs->panic |= op_may_panic(op);
    needs->runtime |= runtime_of_op(op, needs->target, needs->scratch);
}

static void add_symbol(StrBuf *out, bool *first, const char *name, bool weak) {
    strbuf_puts(out, *first ? "{" : ", {");
    *first = false;
    add_member(out, "name", name);
    strbuf_printf(out, ", \"weak\": %s}", weak ? "true" : "false");
}

static void find_module_needs(const IrModule *module, Needs *needs) {
    needs->scratch = scratch_use_of(module->cx->arena, module);
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (module->fns.data[i]->body != NULL)
            region_walk(module->fns.data[i]->body, find_needs, needs);
}

static void add_needs(const Manifest *m, const CodegenOptions *options) {
    Needs needs = {.target = options->target};
    find_module_needs(m->module, &needs);
    for (uint32_t i = 0; i < options->variant_count; i++) {
        needs.target = options->variants[i].target;
        find_module_needs(options->variants[i].module, &needs);
    }
    /* The processor may run no variant. */
    bool chooses = options->variant_count > 0;
    if (chooses && options->target->needs[0] != '\0') needs.panic = true;
    bool first = true;
    strbuf_puts(m->out, "  \"needs\": [");
    if (needs.panic)
        add_symbol(m->out, &first, runtime_symbol(m->cx->arena, options, "kc_panic"), true);
    if (chooses) add_symbol(m->out, &first, "getenv", true);
    if (chooses && probe_symbol(options->target->arch) != NULL)
        add_symbol(m->out, &first, probe_symbol(options->target->arch), true);
    for (uint32_t kind = 0; kind < RT_COUNT; kind++)
        if (needs.runtime >> kind & 1)
            add_symbol(m->out, &first,
                       runtime_symbol(m->cx->arena, options, runtime_infos[kind].symbol), false);
    for (uint32_t i = 0; i < m->module->fns.len; i++) {
        const IrFn *fn = m->module->fns.data[i];
        if (fn->is_extern) add_symbol(m->out, &first, text_of(m->cx, fn->name), false);
    }
    strbuf_puts(m->out, "],\n");
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void add_target(StrBuf *out, const Target *target) {
    add_member(out, "triple", target->triple);
    strbuf_puts(out, ", ");
    add_member(out, "march", target->march);
    strbuf_puts(out, ", ");
    add_member(out, "cpu", target->cpu);
    strbuf_puts(out, ", ");
    add_member(out, "features", target->features);
    strbuf_printf(out, ", \"vector_bits\": %u, \"fma\": %s", target->vector_bits,
                  target->has_fma ? "true" : "false");
}

/* The least demanding first. */
static void add_variants(const Manifest *m, const CodegenOptions *options) {
    StrBuf *out = m->out;
    if (options->variant_count == 0) return;
    strbuf_puts(out, "  \"variants\": [");
    for (uint32_t i = 0; i < options->variant_count; i++) {
        const Target *target = options->variants[i].target;
        strbuf_puts(out, i == 0 ? "\n    {" : ",\n    {");
        add_target(out, target);
        strbuf_puts(out, ", ");
        add_member(out, "suffix", target->suffix);
        strbuf_puts(out, ", ");
        add_member(out, "needs", target->needs);
        strbuf_putc(out, '}');
    }
    strbuf_puts(out, "],\n");
}

void manifest_emit(const IrModule *module, const CodegenOptions *options, uint64_t source_hash,
                   StrBuf *out) {
    Manifest m = {module, module->cx, out};
    strbuf_puts(out, "{\n  \"schema\": 1,\n  ");
    add_member(out, "kc", KC_VERSION);
    strbuf_puts(out, ",\n  ");
    add_member(out, "module", text_of(module->cx, module->name));
    strbuf_printf(out, ",\n  \"source_hash\": \"%016llx\",\n", (unsigned long long)source_hash);
    strbuf_puts(out, "  \"target\": {");
    add_target(out, options->target);
    strbuf_puts(out, "},\n");
    add_variants(&m, options);
    add_needs(&m, options);
    strbuf_puts(out, "  \"structs\": [");
    bool first = true;
    for (uint32_t i = 0; i < module->types.len; i++) {
        if (module->types.data[i]->kind != IR_STRUCT) continue;
        strbuf_puts(out, first ? "\n" : ",\n");
        add_struct(&m, module->types.data[i]);
        first = false;
    }
    strbuf_puts(out, "],\n  \"functions\": [");
    first = true;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        if (!module->fns.data[i]->is_exported || module->fns.data[i]->is_main) continue;
        strbuf_puts(out, first ? "\n" : ",\n");
        add_fn(&m, module->fns.data[i]);
        first = false;
    }
    strbuf_puts(out, "]\n}\n");
}
