/* Sizes as arithmetic, and the checks that compare them. */
#include "ir/lower/lower_internal.h"

/* ---- Checks ---------------------------------------------------------------------------------- */

bool checks_on(const FnLower *f) { return f->p->options->checks != CHECKS_NONE; }

void check1(FnLower *f, CheckKind kind, Value *a) {
    if (checks_on(f)) build_check(&f->b, kind, &a, NULL);
}

void check2(FnLower *f, CheckKind kind, Value *a, Value *b) {
    Value *operands[] = {a, b};
    if (checks_on(f)) build_check(&f->b, kind, operands, NULL);
}

void check3(FnLower *f, CheckKind kind, Value *a, Value *b, Value *c) {
    Value *operands[] = {a, b, c};
    if (checks_on(f)) build_check(&f->b, kind, operands, NULL);
}

/* ---- Sizes ----------------------------------------------------------------------------------- */

void size_bind(FnLower *f, const SizeSym *sym, Value *value) {
    SizeValue bound = {sym, value};
    vec_push(arena_of(f), &f->sizes, bound);
}

static Value *local_as_size(FnLower *f, const Local *local) {
    if (local->constant && local->constant->kind == CONST_INT) {
        return build_i64(&f->b, (int64_t)local->constant->integer);
    }
    const Slot *slot = local_slot(f, local);
    return slot->kind == SLOT_VALUES ? as_i64(f, slot->values[0]) : NULL;
}

static Value *sym_value(FnLower *f, const SizeSym *sym) {
    for (uint32_t i = 0; i < f->sizes.len; i++) {
        if (f->sizes.data[i].sym == sym) return f->sizes.data[i].value;
    }
    bool is_own = sym->kind == SIZE_LOCAL && sym->local->id < f->symbol->locals.len &&
                  f->symbol->locals.data[sym->local->id] == sym->local;
    return is_own ? local_as_size(f, sym->local) : NULL;
}

static Value *term_value(FnLower *f, const SizeTerm *term) {
    Value *value = term->coefficient == 1 && term->sym_count
                       ? NULL
                       : build_i64(&f->b, term->coefficient);
    for (uint32_t i = 0; i < term->sym_count; i++) {
        Value *sym = sym_value(f, term->syms[i]);
        if (!sym) return NULL;
        value = value ? build_binary(&f->b, OP_MUL, value, sym) : sym;
    }
    return value;
}

/* Whether each symbol has a value: asked first, so that no half sums are left in the code. */
static bool size_is_known(FnLower *f, const SizeTerm *terms, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < terms[i].sym_count; k++) {
            const SizeSym *sym = terms[i].syms[k];
            if (sym->kind == SIZE_LOCAL && sym->local->constant) continue;
            if (!sym_value(f, sym)) return false;
        }
    }
    return true;
}

Value *size_value(FnLower *f, const Size *size) {
    int64_t number;
    if (size_is_const(size, &number)) return build_i64(&f->b, number);
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    if (!size_is_known(f, terms, count)) return NULL;
    Value *sum = NULL;
    for (uint32_t i = 0; i < count; i++) {
        Value *term = term_value(f, &terms[i]);
        sum = sum ? build_binary(&f->b, OP_ADD, sum, term) : term;
    }
    return sum;
}

bool size_has_hidden(const Size *size) {
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < terms[i].sym_count; k++) {
            if (terms[i].syms[k]->kind == SIZE_HIDDEN) return true;
        }
    }
    return false;
}

/* A hidden symbol belongs to an array, and the variable that holds the array may be given another, of
 * another size: only the values themselves can tell. */
static bool sizes_equal(FnLower *f, const Size *a, const Size *b) {
    if (!a || !b || size_has_hidden(a) || size_has_hidden(b)) return false;
    return size_relate(f->p->checked->sizes, a, b) == SIZES_EQUAL;
}

bool sizes_agree(FnLower *f, const Size *a, Value *a_value, const Size *b, Value *b_value) {
    return a_value == b_value || sizes_equal(f, a, b);
}

bool type_dims(FnLower *f, const Type *type, Value **dims) {
    for (uint32_t i = 0; i < type->rank; i++) {
        dims[i] = size_has_hidden(type->dims[i]) ? NULL : size_value(f, type->dims[i]);
        if (!dims[i]) return false;
    }
    return true;
}

Value *dim_value(FnLower *f, Value *view, const Type *type, uint32_t dim) {
    Value *value = size_has_hidden(type->dims[dim]) ? NULL : size_value(f, type->dims[dim]);
    if (value) return value;
    const Op *def = view->def;
    if (def && def->kind == OP_VIEW) return def->operands[1 + dim];
    if (def && def->kind == OP_ALLOC) return def->operands[dim];
    return build_dim(&f->b, view, dim);
}

void dim_values(FnLower *f, Value *view, const Type *type, Value **dims) {
    for (uint32_t i = 0; i < type->rank; i++) dims[i] = dim_value(f, view, type, i);
}

void check_fits(FnLower *f, Value *view, const Type *from, const Type *to) {
    for (uint32_t i = 0; i < to->rank; i++) {
        if (size_has_hidden(to->dims[i]) || sizes_equal(f, from->dims[i], to->dims[i])) continue;
        Value *expected = size_value(f, to->dims[i]);
        Value *dim = expected ? dim_value(f, view, from, i) : NULL;
        if (dim != expected) check2(f, CHECK_SIZE, dim, expected);
    }
}

Value *view_buf(FnLower *f, Value *view) {
    const Op *def = view->def;
    return def && def->kind == OP_VIEW ? def->operands[0] : build_unary(&f->b, OP_BUF, view);
}

Value *view_as(FnLower *f, Value *view, bool strided) {
    if (view->type->strided == strided) return view;
    KC_CHECK(strided);
    uint32_t rank = view->type->rank;
    Value *ranges[3 * MAX_RANK];
    for (uint32_t i = 0; i < rank; i++) {
        ranges[3 * i] = build_i64(&f->b, 0);
        ranges[3 * i + 1] = build_dim(&f->b, view, i);
        ranges[3 * i + 2] = build_i64(&f->b, 1);
    }
    return build_slice(&f->b, view, ranges, 0, true);
}
