/* Types as the user writes them. */
#include "sema/checked.h"

static const char *form_spelling(ArrayForm form) {
    switch (form) {
    case FORM_TENSOR: return "Tensor";
    case FORM_VIEW: return "View";
    case FORM_MUTVIEW: return "MutView";
    case FORM_STRIDED: return "Strided";
    case FORM_MUTSTRIDED: return "MutStrided";
    }
    UNREACHABLE();
}

static void print_sizes(const Context *cx, const Type *type, StrBuf *out) {
    for (uint32_t i = 0; i < type->rank; i++) {
        if (i > 0) strbuf_puts(out, ", ");
        size_print(cx, type->dims[i], out);
    }
}

static void print_array(const Context *cx, const Type *type, StrBuf *out) {
    strbuf_printf(out, "%s[", form_spelling(type->form));
    type_print(cx, type->elem, out);
    if (type->rank > 0) strbuf_puts(out, ", ");
    print_sizes(cx, type, out);
    strbuf_putc(out, ']');
}

static void print_tuple(const Context *cx, const Type *type, StrBuf *out) {
    strbuf_putc(out, '(');
    for (uint32_t i = 0; i < type->item_count; i++) {
        if (i > 0) strbuf_puts(out, ", ");
        type_print(cx, type->items[i], out);
    }
    strbuf_puts(out, type->item_count == 1 ? ",)" : ")");
}

static void print_of(const Context *cx, const char *kind, const Type *elem, StrBuf *out) {
    strbuf_printf(out, "%s[", kind);
    type_print(cx, elem, out);
    strbuf_putc(out, ']');
}

static void print_task(const Context *cx, const Type *type, StrBuf *out) {
    if (type->elem->kind == TYPE_VOID) {
        strbuf_puts(out, "Task");
    } else {
        print_of(cx, "Task", type->elem, out);
    }
}

void type_print(const Context *cx, const Type *type, StrBuf *out) {
    switch (type->kind) {
    case TYPE_ERROR: strbuf_puts(out, "?"); return;
    case TYPE_VOID: strbuf_puts(out, "nothing"); return;
    case TYPE_SCALAR:
        strbuf_puts(out, type->scalar == SCALAR_I64 ? "int" : scalar_spelling(type->scalar));
        return;
    case TYPE_VECTOR:
        strbuf_puts(out, "SIMD[");
        type_print(cx, type->elem, out);
        strbuf_printf(out, ", %u]", type->lanes);
        return;
    case TYPE_INT_LITERAL: strbuf_puts(out, "int"); return;
    case TYPE_FLOAT_LITERAL: strbuf_puts(out, "f64"); return;
    case TYPE_STR: strbuf_puts(out, "str"); return;
    case TYPE_RANGE: strbuf_puts(out, "range"); return;
    case TYPE_TUPLE: print_tuple(cx, type, out); return;
    case TYPE_STRUCT: strbuf_puts(out, text_of(cx, type->strukt->name)); return;
    case TYPE_ARRAY: print_array(cx, type, out); return;
    case TYPE_LIST: print_of(cx, "List", type->elem, out); return;
    case TYPE_ARENA: strbuf_puts(out, "Arena"); return;
    case TYPE_TASK: print_task(cx, type, out); return;
    case TYPE_POINTER: print_of(cx, "CPtr", type->elem, out); return;
    case TYPE_FAILURE: strbuf_puts(out, "Error"); return;
    }
    UNREACHABLE();
}

static const char *finish(Context *cx, StrBuf *text) {
    const char *kept = arena_strndup(cx->arena, strbuf_text(text), text->len);
    strbuf_free(text);
    return kept;
}

const char *type_text(Context *cx, const Type *type) {
    StrBuf text = {0};
    type_print(cx, type, &text);
    return finish(cx, &text);
}

const char *shape_text(Context *cx, const Type *type) {
    StrBuf text = {0};
    strbuf_putc(&text, '[');
    print_sizes(cx, type, &text);
    strbuf_putc(&text, ']');
    return finish(cx, &text);
}
