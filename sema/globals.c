/* Module constants of array type: `let W = Tensor[f32](16)`, `let T: Tensor[f32, 3] = [1.0, 2.0, 3.0]`. Their
 * elements are known, and laid out here as they lie in memory. */
#include "sema/declare.h"
#include "sema/expr.h"
#include "support/floats.h"

/* More than this does not belong in an object file. */
enum { MOST_BYTES = 1 << 28 };

static GlobalSymbol *global_new(FnChecker *f, Symbol *symbol, const Type *type) {
    GlobalSymbol *global = arena_new(f->c->cx->arena, GlobalSymbol);
    global->name = symbol->name;
    global->symbol = name_unique(f->c, arena_printf(f->c->cx->arena, "%s.%s",
                                                    text_of(f->c->cx, f->module->name),
                                                    text_of(f->c->cx, symbol->name)),
                                 ".", symbol->span, NULL);
    global->span = symbol->span;
    global->type = type;
    symbol->alias.type = type;
    symbol->alias.global = global;
    return global;
}

/* The number of bytes; false after reporting sizes that are unknown or too large. */
static bool byte_count_of(FnChecker *f, const Type *type, Span span, uint32_t *bytes) {
    Context *cx = f->c->cx;
    int64_t size;
    Int128 count = scalar_bytes(type->elem->scalar);
    for (uint32_t i = 0; i < type->rank; i++) {
        if (!size_is_const(type->dims[i], &size)) {
            diag_add(cx, K0282, span, "the sizes of a constant have to be known at compile time");
            return false;
        }
        count *= size;
        if (count > MOST_BYTES) {
            diag_add(cx, K0278, span, "a constant of more than %d MiB is too large",
                     MOST_BYTES >> 20);
            return false;
        }
    }
    *bytes = (uint32_t)count;
    return true;
}

static bool holds_numbers(FnChecker *f, const Type *type, Span span) {
    if (type->elem->kind == TYPE_SCALAR) return true;
    diag_add(f->c->cx, K0282, span, "the elements of a module constant are numbers or bools");
    return false;
}

/* ---- Tensor[f32](n) -------------------------------------------------------------------------- */

static void define_zeros(FnChecker *f, Symbol *symbol, const Expr *value, const Type *type) {
    if (!holds_numbers(f, type, value->span)) return;
    uint32_t count;
    if (!byte_count_of(f, type, value->span, &count)) return;
    global_new(f, symbol, type)->byte_count = count;
}

/* ---- [1.0, 2.0, 3.0] ------------------------------------------------------------------------- */

typedef struct Layout {
    FnChecker *f;
    const Type *type;     /* with the sizes that are known so far */
    const Size *dims[MAX_RANK];
    unsigned char *bytes;
    uint32_t at;          /* the next element */
} Layout;

static void report_length(const Layout *l, const Expr *e, uint32_t axis) {
    FnChecker *f = l->f;
    Diag *d = diag_add(f->c->cx, K0246, e->span, "there %s %u value%s here, but the size is %s",
                       e->items.len == 1 ? "is" : "are", e->items.len,
                       e->items.len == 1 ? "" : "s", size_text(f, l->dims[axis]));
    diag_primary_label(f->c->cx, d, "dimension %u", axis);
}

/* The sizes that the brackets show, where the type leaves them open. */
static bool measure(Layout *l, const Expr *e) {
    FnChecker *f = l->f;
    for (uint32_t axis = 0; axis < l->type->rank; axis++) {
        e = expr_bare((Expr *)e);
        if (e->kind != EXPR_LIST) {
            Diag *d = diag_add(f->c->cx, K0246, e->span,
                               "a constant of %u dimensions is written with %u brackets inside one "
                               "another",
                               l->type->rank, l->type->rank);
            diag_primary_label(f->c->cx, d, "this is no list");
            return false;
        }
        int64_t size;
        bool is_known = size_is_const(l->type->dims[axis], &size);
        l->dims[axis] = is_known ? l->type->dims[axis] : size_int(f, e->items.len);
        if (e->items.len == 0) {
            diag_add(f->c->cx, K0278, e->span, "a constant has at least one element");
            return false;
        }
        e = e->items.data[0];
    }
    return true;
}

/* The value is one of the format already. */
static uint64_t float_bits(double value, Scalar scalar) {
    if (scalar == SCALAR_F64) return bits_of_f64(value);
    if (scalar == SCALAR_F32) return bits_of_f32((float)value);
    return scalar == SCALAR_F16 ? f16_from_f64(value) : bf16_from_f64(value);
}

static void put_element(Layout *l, const Const *value) {
    Scalar scalar = l->type->elem->scalar;
    uint32_t size = scalar_bytes(scalar);
    uint64_t bits = scalar_is_float(scalar) ? float_bits(value->real, scalar)
                                            : (uint64_t)value->integer;
    for (uint32_t i = 0; i < size; i++) l->bytes[l->at * size + i] = (unsigned char)(bits >> 8 * i);
    l->at++;
}

static bool fill(Layout *l, Expr *e, uint32_t axis) {
    FnChecker *f = l->f;
    e = expr_bare(e);
    if (axis == l->type->rank) {
        const char *what = "an element of the constant";
        if (!check_assignable(f, e, l->type->elem, what, NO_SPAN)) return false;
        const Const *value = check_constant(f, e, l->type->elem, what);
        if (value == NULL) return false;
        put_element(l, const_convert(f->c, value, l->type->elem));
        return true;
    }
    int64_t size = 0;
    size_is_const(l->dims[axis], &size);
    if (e->kind != EXPR_LIST || (int64_t)e->items.len != size) {
        if (e->kind == EXPR_LIST) report_length(l, e, axis);
        if (e->kind != EXPR_LIST) {
            diag_add(f->c->cx, K0246, e->span, "a list of %lld values stands in this place",
                     (long long)size);
        }
        return false;
    }
    for (uint32_t i = 0; i < e->items.len; i++) {
        if (!fill(l, e->items.data[i], axis + 1)) return false;
    }
    return true;
}

static void define_list(FnChecker *f, Symbol *symbol, Expr *value, const Type *type) {
    Layout l = {.f = f, .type = type};
    if (!holds_numbers(f, type, value->span) || !measure(&l, value)) return;
    l.type = type_array(f->c->types, FORM_TENSOR, type->elem, l.dims, type->rank);
    uint32_t count;
    if (!byte_count_of(f, l.type, value->span, &count)) return;
    l.bytes = arena_array(f->c->cx->arena, unsigned char, count);
    if (!fill(&l, value, 0)) return;
    GlobalSymbol *global = global_new(f, symbol, l.type);
    global->bytes = l.bytes;
    global->byte_count = count;
}

/* ---- Both ------------------------------------------------------------------------------------ */

static void report_view(FnChecker *f, const Expr *value, const Type *type) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0343, value->span, "a module cannot hold a view, only what it owns");
    diag_primary_label(cx, d, "%s `%s`", article(type_text(cx, type)), type_text(cx, type));
    diag_note(cx, d, "make the view where you need it: views of a module constant are always valid");
}

static bool shapes_agree(FnChecker *f, const Type *type, const Type *written, Span span) {
    for (uint32_t i = 0; i < type->rank; i++) {
        if (size_relate(f->c->sizes, type->dims[i], written->dims[i]) != SIZES_DIFFER) continue;
        const SizeSym *sym = size_as_sym(written->dims[i]);
        if (sym != NULL && sym->kind == SIZE_HIDDEN) continue;
        diag_add(f->c->cx, K0246, span, "the type has the shape %s, but the value has %s",
                 shape_text(f->c->cx, written), shape_text(f->c->cx, type));
        return false;
    }
    return true;
}

static void define_value(FnChecker *f, Symbol *symbol, Expr *value, const Type *written) {
    const Type *type = check_value(f, value, written);
    if (type_is_error(type)) return;
    const ExprInfo *info = expr_info(f->c, expr_bare(value));
    bool is_zeros = info->role == ROLE_ALLOC && !info->flag;
    if (type_is_array(type) && !type_is_owned_array(type)) {
        report_view(f, value, type);
    } else if (!is_zeros) {
        Diag *d = diag_add(f->c->cx, K0282, value->span,
                           "the constant `%s` has to be known at compile time",
                           text_of(f->c->cx, symbol->name));
        diag_note(f->c->cx, d, "as in `Tensor[f32](16)`, or `[1.0, 2.0, 3.0]` with its type written");
    } else if (written == NULL || (array_lends(type, written) &&
                                   shapes_agree(f, type, written, value->span))) {
        define_zeros(f, symbol, value, type);
    } else if (!array_lends(type, written)) {
        report_array_mismatch(f, value, written, "the constant", NO_SPAN);
    }
}

bool global_define(FnChecker *f, Symbol *symbol, const Type *written, Expr *value) {
    if (written != NULL && !type_is_array(written)) return false;
    Expr *bare = expr_bare(value);
    if (written != NULL && type_looks(written)) {
        report_view(f, value, written);
    } else if (written != NULL && bare->kind == EXPR_LIST) {
        define_list(f, symbol, bare, written);
    } else if (written != NULL || type_is_array(check_expr(f, value, NULL))) {
        define_value(f, symbol, value, written);
    } else {
        return false;
    }
    return true;
}
