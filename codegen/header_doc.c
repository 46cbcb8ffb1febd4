/* The header's comments: what a C programmer has to know to call each function. */
#include "codegen/header.h"

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
    if (op->kind == OP_CHECK || op->kind == OP_ALLOC) *(bool *)user = true;
}

static bool module_checks(const IrModule *module) {
    bool found = false;
    for (uint32_t i = 0; i < module->fns.len && !found; i++)
        if (module->fns.data[i]->body != NULL)
            region_walk(module->fns.data[i]->body, find_check, &found);
    return found;
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
    if (module_checks(h->module))
        strbuf_puts(
            out,
            " *\n * A failed check (an index out of range, sizes that differ) calls "
            "kc_panic() and does not return:\n * that of libkcrt prints the place and "
            "aborts, a program may define its own (kc/kcrt.h), and\n * where there is none the "
            "function traps.\n");
    strbuf_puts(out, " */\n");
}

/* ---- Functions ------------------------------------------------------------------------------- */

static uint32_t widest_name(const Header *h, const IrFn *fn) {
    size_t widest = 0;
    for (uint32_t i = 0; i < fn->params.len; i++) {
        size_t length = strlen(c_param_name(h, fn, i));
        if (length > widest && length <= 16) widest = length;
    }
    return (uint32_t)widest;
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
    case PARAM_REF: return p->is_written ? "read and changed" : "read";
    case PARAM_ARRAY:
    case PARAM_STRIDED:
        if (p->is_owned) return "given away: memory from kc_alloc, which this function frees";
        return p->is_written ? "elements are read and changed" : "elements are read";
    case PARAM_OUT: return "the result: its elements are written";
    }
    UNREACHABLE();
}

static bool is_memory(const IrParam *p) {
    return p->kind != PARAM_SIZE && p->kind != PARAM_SCALAR && p->kind != PARAM_STRUCT;
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
    if (fn->params.len > 0) strbuf_puts(out, " *\n");
    uint32_t width = widest_name(h, fn);
    for (uint32_t i = 0; i < fn->params.len; i++) add_param(h, fn, i, width);
    add_overlap(h, fn);
    if (returns_owned(fn))
        strbuf_puts(out,
                    " * Returns memory that the caller owns: free its `data` with kc_free().\n");
    strbuf_puts(out, " */\n");
}
