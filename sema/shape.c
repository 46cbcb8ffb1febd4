/* How shapes meet: broadcasting over trailing dimensions, and the errors that show both shapes and
 * where each size comes from. */
#include "sema/expr.h"

const char *size_text(FnChecker *f, const Size *size) {
    Context *cx = f->c->cx;
    StrBuf buf = {0};
    size_print(cx, size, &buf);
    const char *text = arena_printf(cx->arena, "`%s`", strbuf_text(&buf));
    strbuf_free(&buf);
    return text;
}

const Size *size_fresh(FnChecker *f, Span span) { return size_unknown(f->c->sizes, span); }

const Size *size_int(FnChecker *f, int64_t value) { return size_const(f->c->sizes, value); }

const Size *size_sum(FnChecker *f, const Size *a, const Size *b, Span span) {
    const Size *sum = size_add(f->c->sizes, a, b);
    return sum ? sum : size_fresh(f, span);
}

const Size *size_difference(FnChecker *f, const Size *a, const Size *b, Span span) {
    const Size *difference = size_sub(f->c->sizes, a, b);
    return difference ? difference : size_fresh(f, span);
}

const Type *array_like(FnChecker *f, const Type *array, ArrayForm form, const Type *elem) {
    return type_array(f->c->types, form, elem, array->dims, array->rank);
}

/* ---- Reports --------------------------------------------------------------------------------- */

static bool diag_mentions(const Diag *d, Span span) {
    for (uint32_t i = 0; i < d->labels.len; i++) {
        Span at = d->labels.data[i].span;
        if (at.file == span.file && at.start <= span.start && span.end <= at.end) return true;
    }
    return false;
}

/* Whether exactly this place has a label. */
static bool diag_labels(const Diag *d, Span span) {
    for (uint32_t i = 0; i < d->labels.len; i++) {
        Span at = d->labels.data[i].span;
        if (at.file == span.file && at.start == span.start && at.end == span.end) return true;
    }
    return false;
}

void label_size(FnChecker *f, Diag *d, const Size *size) {
    Context *cx = f->c->cx;
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < terms[i].sym_count; j++) {
            const SizeSym *sym = terms[i].syms[j];
            if (span_is_none(sym->span) || diag_mentions(d, sym->span)) continue;
            if (sym->kind == SIZE_HIDDEN) {
                diag_label(cx, d, sym->span, "a size that only the run time knows");
            } else {
                diag_label(cx, d, sym->span, "size `%s` comes from here", text_of(cx, sym->name));
            }
        }
    }
}

void label_declaration(FnChecker *f, Diag *d, const Expr *e) {
    Context *cx = f->c->cx;
    e = expr_bare((Expr *)e);
    const ExprInfo *info = expr_info(f->c, e);
    if (info->role == ROLE_WINDOW || info->role == ROLE_ELEMENT) {
        e = e->index.base;
        info = expr_info(f->c, e);
    }
    if (info->role != ROLE_LOCAL || !info->local || !info->local->type) return;
    const Local *local = info->local;
    if (diag_labels(d, local->span)) return;
    diag_label(cx, d, local->span, "`%s` is `%s`", text_of(cx, local->name),
               type_text(cx, local->type));
}

void report_shapes(FnChecker *f, DiagCode code, Span span, const char *message, const Expr *left,
                   const Size *left_size, const Expr *right, const Size *right_size) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, code, span, "%s: %s and %s", message, shape_text(cx, expr_type(f, left)),
                       shape_text(cx, expr_type(f, right)));
    diag_label(cx, d, left->span, "shape %s", shape_text(cx, expr_type(f, left)));
    if (span.start == right->span.start) {
        diag_primary_label(cx, d, "shape %s: %s is not %s", shape_text(cx, expr_type(f, right)),
                           size_text(f, right_size), size_text(f, left_size));
    } else {
        diag_primary_label(cx, d, "%s is not %s", size_text(f, left_size),
                           size_text(f, right_size));
        diag_label(cx, d, right->span, "shape %s", shape_text(cx, expr_type(f, right)));
    }
    label_declaration(f, d, left);
    label_declaration(f, d, right);
    label_size(f, d, left_size);
    label_size(f, d, right_size);
}

/* ---- Broadcasting ---------------------------------------------------------------------------- */

static bool size_is(const Size *size, int64_t value) {
    int64_t known;
    return size_is_const(size, &known) && known == value;
}

/* Constants say most, then names, then sizes of the run time. */
static const Size *clearer(const Size *a, const Size *b) {
    int64_t value;
    if (size_is_const(a, &value)) return a;
    if (size_is_const(b, &value)) return b;
    const SizeSym *sym = size_as_sym(a);
    return sym && sym->kind == SIZE_HIDDEN ? b : a;
}

typedef struct Broadcast {
    const Size *dims[MAX_RANK]; /* counted from the last */
    Expr *from[MAX_RANK];       /* the operand that gave each */
    uint32_t rank;
} Broadcast;

static bool broadcast_one(FnChecker *f, Broadcast *b, Expr *e, Span op_span) {
    const Type *type = expr_type(f, e);
    for (uint32_t i = 0; i < type->rank; i++) {
        const Size *size = type->dims[type->rank - 1 - i];
        if (i >= b->rank || size_is(b->dims[i], 1)) {
            b->dims[i] = size;
            b->from[i] = e;
        } else if (!size_is(size, 1)) {
            if (size_relate(f->c->sizes, b->dims[i], size) == SIZES_DIFFER) {
                const char *message =
                    arena_printf(f->c->cx->arena, "the shapes of %s and %s do not agree",
                                 expr_quote(f, b->from[i]), expr_quote(f, e));
                report_shapes(f, K0246, op_span, message, b->from[i], b->dims[i], e, size);
                return false;
            }
            const Size *kept = clearer(b->dims[i], size);
            if (kept != b->dims[i]) b->from[i] = e;
            b->dims[i] = kept;
        }
    }
    if (type->rank > b->rank) b->rank = type->rank;
    return true;
}

static bool report_simd_mix(FnChecker *f, const Expr *a, const Expr *b, Span op_span) {
    Context *cx = f->c->cx;
    const Type *ta = expr_type(f, a), *tb = expr_type(f, b);
    bool widths = type_is_vector(ta) && type_is_vector(tb);
    Diag *d = widths ? diag_add(cx, K0288, op_span, "SIMD values of %u and of %u lanes do not meet",
                                ta->lanes, tb->lanes)
                     : diag_add(cx, K0288, op_span, "a SIMD value and an array do not meet");
    diag_label(cx, d, a->span, "%s", expr_and_type(f, a));
    diag_label(cx, d, b->span, "%s", expr_and_type(f, b));
    if (!widths) diag_note(cx, d, "take elements out of the array with `x.load[W](i)`");
    return false;
}

/* The SIMD type among the operands, if there is one; others are numbers then, the same in all
 * lanes. */
static bool simd_width(FnChecker *f, Expr *const *es, uint32_t count, Span op_span,
                       const Type **vector) {
    uint32_t at = 0;
    *vector = NULL;
    for (uint32_t i = 0; i < count && !*vector; i++) {
        if (type_is_vector(expr_type(f, es[i]))) *vector = expr_type(f, es[at = i]);
    }
    for (uint32_t i = 0; *vector && i < count; i++) {
        const Type *type = expr_type(f, es[i]);
        bool meets = type_is_vector(type) ? type->lanes == (*vector)->lanes : !type_is_array(type);
        if (!meets) return report_simd_mix(f, es[i < at ? i : at], es[i < at ? at : i], op_span);
    }
    return true;
}

const Type *elementwise_type(FnChecker *f, Expr *const *es, uint32_t count, const Type *elem,
                             Span op_span) {
    Broadcast b = {0};
    const Type *vector;
    if (!simd_width(f, es, count, op_span, &vector)) return NULL;
    if (vector) return type_vector(f->c->types, elem, vector->lanes);
    for (uint32_t i = 0; i < count; i++) {
        if (type_is_array(expr_type(f, es[i])) && !broadcast_one(f, &b, es[i], op_span))
            return NULL;
    }
    if (b.rank == 0) return elem;
    const Size *dims[MAX_RANK];
    for (uint32_t i = 0; i < b.rank; i++) dims[i] = b.dims[b.rank - 1 - i];
    return type_array(f->c->types, FORM_TENSOR, elem, dims, b.rank);
}

/* ---- Storing --------------------------------------------------------------------------------- */

static bool store_shapes(FnChecker *f, Expr *target, Expr *value) {
    Context *cx = f->c->cx;
    const Type *to = expr_type(f, target), *from = expr_type(f, value);
    if (from->rank > to->rank) {
        Diag *d = diag_add(cx, K0246, value->span, "%s has %u dimensions, but %s has %u",
                           expr_quote(f, value), from->rank, expr_quote(f, target), to->rank);
        diag_primary_label(cx, d, "shape %s", shape_text(cx, from));
        diag_label(cx, d, target->span, "shape %s", shape_text(cx, to));
        label_declaration(f, d, target);
        return false;
    }
    for (uint32_t i = 0; i < from->rank; i++) {
        const Size *size = from->dims[from->rank - 1 - i], *wanted = to->dims[to->rank - 1 - i];
        if (size_is(size, 1) || size_relate(f->c->sizes, size, wanted) != SIZES_DIFFER) continue;
        const char *message =
            arena_printf(cx->arena, "the shapes of %s and what is stored in it do not agree",
                         expr_quote(f, target));
        report_shapes(f, K0246, value->span, message, target, wanted, value, size);
        return false;
    }
    return true;
}

bool check_store(FnChecker *f, Expr *target, Expr *value) {
    const Type *to = expr_type(f, target), *from = expr_type(f, value);
    if (type_is_error(to) || type_is_error(from)) return true;
    const char *what = arena_printf(f->c->cx->arena, "an element of %s", expr_quote(f, target));
    if (!type_is_array(from)) return convert_to(f, value, to->elem, what, target->span);
    if (from->elem != to->elem) {
        bool numbers = from->elem->kind == TYPE_SCALAR && to->elem->kind == TYPE_SCALAR;
        if (!f->is_def || !numbers || !scalar_widens(from->elem->scalar, to->elem->scalar)) {
            report_array_mismatch(f, value, to, expr_quote(f, target), target->span);
            return false;
        }
        convert_implicitly(f, value, array_like(f, from, FORM_TENSOR, to->elem));
    }
    return store_shapes(f, target, value);
}
