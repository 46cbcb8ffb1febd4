/* SIMD[T, W] as it is written: which widths there are, and what those beyond the target's cost. */
#include "sema/declare.h"
#include "sema/expr.h"

unsigned simd_bits(const Checker *c) {
    enum { LEAST = 128 }; /* no registers, or their length is only known at run time */
    return c->options->vector_bits ? c->options->vector_bits : LEAST;
}

static const Type *report_simd(FnChecker *f, const Expr *e, const char *message, const char *note) {
    Diag *d = diag_add(f->c->cx, K0287, e->span, "%s", message);
    diag_note(f->c->cx, d, "%s", note);
    return type_error(f->c->types);
}

/* Once for each type, and not of modules that the user did not write. */
static bool is_news(Checker *c, const ModuleSymbol *module, const Type *type) {
    if (module && module->is_library) return false;
    for (uint32_t i = 0; i < c->split.len; i++) {
        if (c->split.data[i] == type) return false;
    }
    vec_push(c->cx->arena, &c->split, type);
    return true;
}

void warn_split(FnChecker *f, const Type *type, Span span) {
    Checker *c = f->c;
    if (c->is_trying || (f->fn && f->fn->generic && f->fn->depth == 0)) return;
    unsigned native = c->options->vector_bits, bits = 0;
    if (type_is_vector(type)) bits = type->lanes * scalar_bits(type->elem->scalar);
    if (c->options->may_split || native == 0 || bits <= native || type_is_mask(type) ||
        !is_news(c, f->module, type))
        return;
    const char *text = type_text(c->cx, type);
    unsigned width = native / scalar_bits(type->elem->scalar);
    Diag *d = diag_add(c->cx, W0289, span, "`%s` is wider than the registers of the target", text);
    diag_primary_label(c->cx, d, "each operation on it takes %u instructions", bits / native);
    diag_note(
        c->cx, d,
        "registers of %u bits hold `SIMD[%s, %u]`; `simdwidthof[%s]()` is the width of the target",
        native, type_text(c->cx, type->elem), width, type_text(c->cx, type->elem));
}

uint32_t resolve_lanes(FnChecker *f, Expr *e) {
    const Const *lanes = check_constant(f, e, type_int(f->c->types), "the number of lanes");
    if (!lanes || !convert_index(f, e, "the number of lanes")) return 0;
    Int128 number = lanes->integer;
    bool fits = lanes->kind == CONST_INT && number >= 2 && number <= MAX_WIDTH &&
                ((uint32_t)number & ((uint32_t)number - 1)) == 0;
    if (fits) return (uint32_t)number;
    StrBuf text = {0};
    const_print(lanes, &text);
    report_simd(f, e, arena_printf(f->c->cx->arena, "%s is no number of lanes", strbuf_text(&text)),
                "a SIMD value has a power of two of lanes, from 2 to 1024");
    strbuf_free(&text);
    return 0;
}

const Type *resolve_vector(FnChecker *f, Expr *e) {
    if (e->kind != EXPR_INDEX || e->index.args.len != 2) {
        return report_simd(
            f, e, "a SIMD type has the type of its lanes and their number in square brackets",
            "as in `SIMD[f32, 8]`");
    }
    Expr *elem_expr = e->index.args.data[0].value;
    const Type *elem = resolve_type(f, elem_expr, false);
    uint32_t lanes = resolve_lanes(f, e->index.args.data[1].value);
    if (type_is_error(elem) || lanes == 0) return type_error(f->c->types);
    if (elem->kind != TYPE_SCALAR) {
        return report_simd(f, elem_expr, "the lanes of a SIMD value are numbers or bools",
                           "as in `SIMD[f32, 8]` or `SIMD[bool, 8]`");
    }
    const Type *type = type_vector(f->c->types, elem, lanes);
    warn_split(f, type, e->span);
    return type;
}
