/* The header's comments: what a C programmer has to know to call each function. */
#include "codegen/header.h"
#include "codegen/runtime.h"

#include <string.h>

/* Text of the user inside a C comment: nothing in it may end the comment, open another, or be read
 * as a trigraph. Lines after the first get the comment's margin. */
static void add_text(StrBuf *out, const char *text) {
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\n", text[length - 1]) != NULL) length--;
    for (size_t i = 0; i < length; i++) {
        char c = text[i], before = i > 0 ? text[i - 1] : '\0';
        bool joins = (before == '*' && c == '/') || (before == '/' && c == '*') ||
                     (before == '?' && c == '?');
        if (joins) strbuf_putc(out, ' ');
        if (c == '\n') strbuf_puts(out, i + 1 < length && text[i + 1] == '\n' ? "\n *" : "\n * ");
        else if (c != '\r') strbuf_putc(out, c);
    }
}

/* The lines of a docstring without the indentation they share. */
static const char *outdented(Arena *arena, const char *doc) {
    size_t shared = SIZE_MAX;
    for (const char *line = strchr(doc, '\n'); line != NULL; line = strchr(line, '\n')) {
        line++;
        size_t indent = strspn(line, " \t");
        if (line[indent] != '\n' && line[indent] != '\0' && indent < shared) shared = indent;
    }
    if (shared == SIZE_MAX) shared = 0;
    StrBuf text = {0};
    doc += strspn(doc, " \t\n");
    for (const char *c = doc; *c != '\0'; c++) {
        strbuf_putc(&text, *c);
        if (*c == '\n') {
            size_t indent = strspn(c + 1, " \t");
            c += indent < shared ? indent : shared;
        }
    }
    const char *result = arena_strndup(arena, strbuf_text(&text), text.len);
    strbuf_free(&text);
    return result;
}

static void find_check(void *user, Op *op) {
    if (op_may_panic(op)) *(bool *)user = true;
}

static bool module_checks(const IrModule *module) {
    bool found = false;
    for (uint32_t i = 0; i < module->fns.len && !found; i++)
        if (module->fns.data[i]->body != NULL)
            region_walk(module->fns.data[i]->body, find_check, &found);
    return found;
}

static void variants_doc(const Header *h) {
    const CodegenOptions *options = h->options;
    if (options->variant_count == 0) return;
    strbuf_puts(h->out, " *\n * Each function is there once for each of several processors:\n *\n");
    for (uint32_t i = 0; i < options->variant_count; i++) {
        const Target *target = options->variants[i].target;
        strbuf_printf(h->out, " *   ...%s  %s\n", target->suffix, target->march);
    }
    strbuf_puts(h->out,
                " *\n * The name alone calls the best that the processor can run (KC_ARCH in the "
                "environment sets a\n * limit); the others may be called where theirs is known to "
                "run.\n");
}

void header_intro(const Header *h) {
    StrBuf *out = h->out;
    const char *stem = text_of(h->cx, h->module->name);
    strbuf_printf(
        out, "/* %s.h: the functions of %s.k, for C11 and C++17. Written by kc " KC_VERSION ".\n",
        stem, stem);
    if (h->module->doc != NULL) {
        strbuf_puts(out, " *\n * ");
        add_text(out, outdented(h->scratch, h->module->doc));
        strbuf_putc(out, '\n');
    }
    strbuf_puts(
        out,
        " *\n * Sizes and strides count elements; sizes are not negative. Pointers are aligned "
        "as their type\n * asks, and need not be valid where there are no elements.\n");
    variants_doc(h);
    if (module_checks(h->module))
        strbuf_printf(
            out,
            " *\n * A failed check (an index out of range, sizes that differ) calls "
            "%s() and does not return:\n * that of libkcrt prints the place and "
            "aborts, a program may define its own (kc/kcrt.h), and\n * where there is none the "
            "function traps.\n",
            header_runtime(h, "kc_panic"));
    strbuf_puts(out, " */\n");
}

/* ---- Functions ------------------------------------------------------------------------------- */

static void widen(uint32_t *widest, const char *name) {
    size_t length = strlen(name);
    if (length > *widest && length <= 16) *widest = (uint32_t)length;
}

/* How many results go through pointers. */
static uint32_t out_count(const IrFn *fn) { return fn->raises ? fn->results.len : 0; }

static uint32_t widest_name(const Header *h, const IrFn *fn) {
    uint32_t widest = 0;
    for (uint32_t i = 0; i < fn->params.len; i++) widen(&widest, c_param_name(h, fn, i));
    for (uint32_t i = 0; i < out_count(fn); i++) widen(&widest, c_out_name(h, fn, i));
    return widest;
}

/* How many elements the pointer must reach, where one value says so. */
static void add_extent(const Header *h, const IrFn *fn, const IrParam *p) {
    for (uint32_t i = 0; p->element_count != NULL && i < fn->params.len; i++) {
        if (fn->params.data[i].value != p->element_count) continue;
        strbuf_printf(h->out, ", %s elements", c_param_name(h, fn, i));
        return;
    }
    if (p->min_elements > 0)
        strbuf_printf(h->out, ", %lld element%s", (long long)p->min_elements,
                      p->min_elements == 1 ? "" : "s");
}

static const char *what_happens(const IrParam *p) {
    switch (p->kind) {
    case PARAM_SIZE: return "a size";
    case PARAM_SCALAR:
    case PARAM_STRUCT: return "by value";
    case PARAM_ARENA:
        return p->is_written ? "what is allocated here lives in it; may be reset"
                             : "what is allocated here lives in it";
    case PARAM_REF: return p->is_written ? "read and changed" : "read";
    case PARAM_ARRAY:
    case PARAM_STRIDED:
        if (p->is_owned) return "given away: memory of libkcrt, which this function frees";
        return p->is_written ? "elements are read and changed" : "elements are read";
    case PARAM_OUT: return "the result: its elements are written";
    }
    UNREACHABLE();
}

static bool is_memory(const IrParam *p) {
    return p->kind != PARAM_SIZE && p->kind != PARAM_SCALAR && p->kind != PARAM_STRUCT &&
           p->kind != PARAM_ARENA;
}

static void add_param(const Header *h, const IrFn *fn, uint32_t index, uint32_t width) {
    const IrParam *p = &fn->params.data[index];
    strbuf_printf(h->out, " *   %-*s  %s", (int)width, c_param_name(h, fn, index), what_happens(p));
    const IrType *type = p->value->type;
    const IrType *elem = is_memory(p) ? type->elem : type;
    if (elem->kind == IR_SCALAR && elem->scalar == SCALAR_F16) strbuf_puts(h->out, ", bits of f16");
    if (elem->kind == IR_SCALAR && elem->scalar == SCALAR_BF16)
        strbuf_puts(h->out, ", bits of bf16");
    if (is_memory(p)) add_extent(h, fn, p);
    if (p->source != NULL && p->kind != PARAM_SCALAR) {
        strbuf_puts(h->out, " (");
        add_text(h->out, p->source);
        strbuf_putc(h->out, ')');
    }
    strbuf_putc(h->out, '\n');
}

/* What may not overlap: only said where there is more than one place in memory. */
static void add_overlap(const Header *h, const IrFn *fn) {
    uint32_t places = 0, apart = 0;
    StrBuf names = {0};
    for (uint32_t i = 0; i < fn->params.len; i++) {
        const IrParam *p = &fn->params.data[i];
        places += is_memory(p);
        if (!is_memory(p) || !p->is_written || !p->is_restrict) continue;
        strbuf_printf(&names, "%s%s", apart++ > 0 ? ", " : "", c_param_name(h, fn, i));
    }
    if (places > 1 && apart > 0)
        strbuf_printf(h->out, " * %s: overlap%s no other argument.\n", strbuf_text(&names),
                      apart == 1 ? "s" : "");
    strbuf_free(&names);
}

/* What a function that raises gives back, and what a caller does with it. */
static void add_outcome(const Header *h, const IrFn *fn, uint32_t width) {
    bool one = fn->results.len == 1;
    for (uint32_t i = 0; i < out_count(fn); i++) {
        const char *name = c_out_name(h, fn, i);
        strbuf_printf(h->out, " *   %-*s  %s", (int)width, name, one ? "the result" : "a result");
        if (result_is_owned(fn, i))
            strbuf_printf(h->out, "; free its `data` with %s()", header_runtime(h, "kc_free"));
        strbuf_putc(h->out, '\n');
    }
    if (fn->raises)
        strbuf_printf(h->out,
                      " * Returns 0, or 1 when it fails: %s() then says why%s.\n",
                      header_runtime(h, "kc_error_message"),
                      fn->results.len == 0 ? "" : one ? ", and the result is all zeros"
                                                      : ", and the results are all zeros");
    else if (returns_owned(fn))
        strbuf_printf(h->out,
                      " * Returns memory that the caller owns: free its `data` with %s().\n",
                      header_runtime(h, "kc_free"));
    else if (fn->returns_view)
        strbuf_puts(h->out,
                    " * What it returns looks into an argument: valid as long as that is.\n");
}

void header_fn_doc(const Header *h, const IrFn *fn) {
    StrBuf *out = h->out;
    strbuf_puts(out, "/* ");
    add_text(out, fn->signature != NULL ? fn->signature : text_of(h->cx, fn->name));
    strbuf_putc(out, '\n');
    if (fn->doc != NULL) {
        strbuf_puts(out, " *\n * ");
        add_text(out, outdented(h->scratch, fn->doc));
        strbuf_putc(out, '\n');
    }
    if (fn->params.len + out_count(fn) > 0) strbuf_puts(out, " *\n");
    uint32_t width = widest_name(h, fn);
    for (uint32_t i = 0; i < fn->params.len; i++) add_param(h, fn, i, width);
    add_overlap(h, fn);
    add_outcome(h, fn, width);
    strbuf_puts(out, " */\n");
}
