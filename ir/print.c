/* Modules and functions as text; ops are in print_op.c. */
#include "ir/print.h"
#include "ir/text.h"
#include "ir/value.h"
#include "ir/words.h"

#include <string.h>

void print_span(Printer *p, Span span) {
    if (p->files != NULL && !span_is_none(span))
        strbuf_printf(p->out, " loc %u:%u:%u", p->files[span.file], span.start, span.end);
}

/* `word "text"`, or nothing without a text. */
static void print_text(Printer *p, const char *word, const char *text) {
    if (text == NULL) return;
    strbuf_puts(p->out, word);
    ir_quoted_print(text, strlen(text), p->out);
}

static void print_param(Printer *p, const IrParam *param) {
    StrBuf *out = p->out;
    strbuf_printf(out, "    %s ", param_words[param->kind]);
    label_print(&p->labels, param->value, out);
    strbuf_puts(out, ": ");
    ir_type_print(p->cx, param->value->type, out);
    if (!name_eq(param->name, param->value->name)) {
        strbuf_puts(out, " named ");
        ir_name_print(p->cx, param->name, out);
    }
    if (param->is_written) strbuf_puts(out, " written");
    if (param->is_owned) strbuf_puts(out, " owned");
    if (param->is_restrict) strbuf_puts(out, " restrict");
    if (param->min_elements != 0)
        strbuf_printf(out, " least %lld", (long long)param->min_elements);
    if (param->element_count != NULL) {
        strbuf_puts(out, " count ");
        label_print(&p->labels, param->element_count, out);
    }
    print_text(p, " source ", param->source);
    print_span(p, param->span);
}

static void print_params(Printer *p, const IrFn *fn) {
    strbuf_putc(p->out, '(');
    for (uint32_t i = 0; i < fn->params.len; i++) {
        strbuf_puts(p->out, i == 0 ? "\n" : ",\n");
        print_param(p, &fn->params.data[i]);
    }
    strbuf_puts(p->out, fn->params.len == 0 ? ")" : "\n)");
    for (uint32_t i = 0; i < fn->results.len; i++) {
        strbuf_puts(p->out, i == 0 ? " -> " : ", ");
        ir_type_print(p->cx, fn->results.data[i], p->out);
    }
}

/* ---- What the source says of a function ------------------------------------------------------ */

static void print_arg(Printer *p, const IrArg *arg) {
    StrBuf *out = p->out;
    strbuf_puts(out, "\n    arg ");
    ir_name_print(p->cx, arg->name, out);
    strbuf_printf(out, " %s", convention_words[arg->convention]);
    if (arg->is_mutable) strbuf_puts(out, " mutable");
    if (arg->is_escaping) strbuf_puts(out, " escaping");
    strbuf_printf(out, " params %u, %u", arg->first, arg->count);
    if (arg->type != NULL) {
        strbuf_puts(out, " : ");
        ir_type_print(p->cx, arg->type, out);
    }
    print_text(p, " source ", arg->source);
    print_span(p, arg->span);
}

static void print_result(Printer *p, const IrFn *fn) {
    if (fn->result == NULL && fn->result_of < 0 && !fn->returns_view) return;
    strbuf_puts(p->out, "\n    result");
    if (fn->returns_view) strbuf_puts(p->out, " looks");
    if (fn->result_of >= 0) strbuf_printf(p->out, " of %d", fn->result_of);
    print_text(p, " source ", fn->result);
    print_span(p, fn->result_span);
}

static void print_fn_tail(Printer *p, const IrFn *fn) {
    StrBuf *out = p->out;
    if (fn->fp != FP_CONTRACT) strbuf_printf(out, " fp %s", fp_words[fn->fp]);
    if (fn->raises) strbuf_puts(out, " raises");
    if (fn->is_def) strbuf_puts(out, " def");
    if (fn->is_noalloc) strbuf_puts(out, " noalloc");
    if (fn->is_fused) strbuf_printf(out, " fused %u", (unsigned)fn->fused_loops);
    if (fn->must_vectorize) strbuf_puts(out, " must_vectorize");
    for (uint32_t i = 0; i < fn->args.len; i++) print_arg(p, &fn->args.data[i]);
    print_result(p, fn);
    if (!name_eq(fn->name, fn->source_name)) {
        strbuf_puts(out, "\n    spelled ");
        ir_name_print(p->cx, fn->source_name, out);
    }
    print_text(p, "\n    signature ", fn->signature);
    print_text(p, "\n    doc ", fn->doc);
    print_span(p, fn->span);
}

static void print_fn_head(Printer *p, const IrFn *fn) {
    StrBuf *out = p->out;
    if (fn->is_exported) strbuf_puts(out, "export ");
    if (fn->is_extern) strbuf_puts(out, "extern ");
    if (fn->is_pure) strbuf_puts(out, "pure ");
    if (fn->is_inline) strbuf_puts(out, "inline ");
    if (fn->is_noinline) strbuf_puts(out, "noinline ");
    if (fn->is_main) strbuf_puts(out, "main ");
    if (fn->is_range) strbuf_puts(out, "range ");
    if (fn->is_seldom) strbuf_puts(out, "seldom ");
    if (fn->is_task) strbuf_puts(out, "task ");
    strbuf_puts(out, "fn @");
    ir_name_print(p->cx, fn->name, out);
    print_params(p, fn);
    print_fn_tail(p, fn);
}

static void print_fn(const IrFn *fn, StrBuf *out, const uint32_t *files) {
    Arena *arena = arena_create();
    Printer p = {.cx = fn->module->cx, .out = out, .files = files};
    p.labels = labels_of_fn(arena, fn);
    print_fn_head(&p, fn);
    if (fn->body != NULL) {
        strbuf_puts(out, " {\n");
        print_region(&p, fn->body, 1);
        strbuf_putc(out, '}');
    }
    strbuf_putc(out, '\n');
    arena_destroy(arena);
}

void ir_print_fn(const IrFn *fn, StrBuf *out) { print_fn(fn, out, NULL); }

void ir_print_op(const Op *op, StrBuf *out) {
    KC_CHECK(op->parent != NULL);
    Arena *arena = arena_create();
    Printer p = {.cx = op->parent->fn->module->cx, .out = out};
    p.labels = labels_of_fn(arena, op->parent->fn);
    print_op_head(&p, op);
    arena_destroy(arena);
}

static void print_struct(const Context *cx, const IrType *type, StrBuf *out) {
    ir_type_print(cx, type, out);
    strbuf_puts(out, " {");
    for (uint32_t i = 0; i < type->field_count; i++) {
        strbuf_puts(out, i == 0 ? " " : ", ");
        ir_name_print(cx, type->fields[i].name, out);
        strbuf_puts(out, ": ");
        ir_type_print(cx, type->fields[i].type, out);
    }
    strbuf_puts(out, " }");
    if (type->del != NULL) {
        strbuf_puts(out, " del @");
        ir_name_print(cx, type->del->name, out);
    }
    strbuf_putc(out, '\n');
}

/* ---- Files: those that a span points into, numbered from 1 ----------------------------------- */

static void mark_op(void *user, Op *op) {
    uint32_t *files = user;
    files[op->span.file] = 1;
    if (op->kind == OP_VAR) files[op->attr.var.declared.file] = 1;
}

static void mark_fn(uint32_t *files, const IrFn *fn) {
    files[fn->span.file] = 1;
    files[fn->result_span.file] = 1;
    for (uint32_t i = 0; i < fn->params.len; i++) files[fn->params.data[i].span.file] = 1;
    for (uint32_t i = 0; i < fn->args.len; i++) files[fn->args.data[i].span.file] = 1;
    if (fn->body != NULL) region_walk(fn->body, mark_op, files);
}

static void print_files(const IrModule *module, uint32_t *files, StrBuf *out) {
    const Sources *sources = &module->cx->sources;
    for (uint32_t i = 0; i < module->fns.len; i++) mark_fn(files, module->fns.data[i]);
    for (uint32_t i = 1, number = 1; i < sources->files.len; i++) {
        if (files[i] == 0) continue;
        files[i] = number++;
        strbuf_printf(out, "file %u ", files[i]);
        ir_quoted_print(sources->files.data[i]->path, strlen(sources->files.data[i]->path), out);
        strbuf_putc(out, '\n');
    }
}

static void print_module(const IrModule *module, StrBuf *out, uint32_t *files) {
    strbuf_puts(out, "module ");
    ir_name_print(module->cx, module->name, out);
    strbuf_puts(out, module->owned_stage    ? " owned\n"
                     : module->tensor_stage ? " tensor\n"
                                            : " loop\n");
    if (module->doc != NULL) {
        strbuf_puts(out, "doc ");
        ir_quoted_print(module->doc, strlen(module->doc), out);
        strbuf_putc(out, '\n');
    }
    if (files != NULL) print_files(module, files, out);
    for (uint32_t i = 0; i < module->types.len; i++)
        if (module->types.data[i]->kind == IR_STRUCT)
            print_struct(module->cx, module->types.data[i], out);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        strbuf_putc(out, '\n');
        print_fn(module->fns.data[i], out, files);
    }
}

void ir_print_module(const IrModule *module, StrBuf *out) { print_module(module, out, NULL); }

void ir_print_module_spans(const IrModule *module, StrBuf *out) {
    Arena *arena = arena_create();
    print_module(module, out, arena_array(arena, uint32_t, module->cx->sources.files.len + 1));
    arena_destroy(arena);
}
