#include "codegen/info.h"

#include <string.h>

/* A text inside an assembler string. */
static void add_escaped(StrBuf *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte == '\n') strbuf_putc(out, ' ');
        else if (byte == '"' || byte == '\\' || byte < 32 || byte > 126)
            strbuf_printf(out, "\\%03o", byte);
        else strbuf_putc(out, *c);
    }
}

static void line_start(StrBuf *out, const char *key) { strbuf_printf(out, ".ascii \"%s ", key); }

static void line_end(StrBuf *out) { strbuf_puts(out, "\\n\"\n"); }

static void add_target(Emit *e, StrBuf *out) {
    const CodegenOptions *options = e->options;
    add_escaped(out, e->target->triple);
    strbuf_putc(out, ' ');
    if (options->variant_count == 0) add_escaped(out, e->target->march);
    for (uint32_t i = 0; i < options->variant_count; i++)
        strbuf_printf(out, "%s%s", i > 0 ? "," : "", options->variants[i].target->march);
}

static void add_variants(Emit *e, StrBuf *out) {
    for (uint32_t i = 0; i < e->options->variant_count; i++) {
        const Target *target = e->options->variants[i].target;
        line_start(out, "variant");
        strbuf_printf(out, "%s %s %u", target->march, target->suffix, target->vector_bits);
        if (target->needs[0] != '\0') strbuf_printf(out, " %s", target->needs);
        line_end(out);
    }
}

static void add_functions(Emit *e, StrBuf *out) {
    const Context *cx = e->module->cx;
    for (uint32_t i = 0; i < e->module->fns.len; i++) {
        const IrFn *fn = e->module->fns.data[i];
        if (!fn->is_exported) continue;
        line_start(out, "fn");
        add_escaped(out, text_of(cx, fn->name));
        strbuf_putc(out, ' ');
        add_escaped(out, fn->signature != NULL ? fn->signature : "");
        line_end(out);
    }
}

static void add_needs(Emit *e, StrBuf *out) {
    for (uint32_t i = 0; i < e->needs.len; i++) {
        const Need *need = &e->needs.data[i];
        const Source *source = source_of(&e->module->cx->sources, need->place);
        bool is_runtime = symbol_is_runtime(need->symbol);
        line_start(out, "need");
        add_escaped(out, is_runtime ? runtime_symbol(e->scratch, e->options, need->symbol) : need->symbol);
        if (source != NULL) {
            strbuf_putc(out, ' ');
            add_escaped(out, source->path);
            strbuf_printf(out, ":%u", source_line_col(source, need->place.start).line);
        }
        line_end(out);
    }
}

/* LLVM loads every section a constant is put in, so the section is written as assembler text. */
void info_section_add(Emit *e) {
    StrBuf text = {0};
    strbuf_puts(&text, ".pushsection " INFO_SECTION ",\"\",@progbits\n");
    line_start(&text, "kc");
    strbuf_puts(&text, KC_VERSION);
    line_end(&text);
    line_start(&text, "target");
    add_target(e, &text);
    line_end(&text);
    add_variants(e, &text);
    add_functions(e, &text);
    add_needs(e, &text);
    strbuf_puts(&text, ".popsection\n");
    LLVMSetModuleInlineAsm2(e->mod, text.data, text.len);
    strbuf_free(&text);
}
