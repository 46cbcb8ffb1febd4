/* Sizes of a callee, found from the arguments: a dimension that is one name gives the name its value,
 * `2*n + 1` is solved for n when nothing simpler mentions n; every other mention is compared with what it must
 * be, at compile time where the sizes of both sides say it, otherwise by a check before the call. */
#include "ir/lower/lower_match.h"

Value *match_value(const SizeMatch *m, const SizeSym *sym) {
    for (uint32_t i = 0; i < m->values.len; i++) {
        if (m->values.data[i].sym == sym) return m->values.data[i].value;
    }
    return NULL;
}

static void match_bind(FnLower *f, SizeMatch *m, const SizeSym *sym, Value *value, const Size *size) {
    SizeValue bound = {sym, value};
    vec_push(arena_of(f), &m->values, bound);
    if (!size || size_has_hidden(size)) return;
    vec_push(arena_of(f), &m->syms, sym);
    vec_push(arena_of(f), &m->sizes, size);
}

/* Symbols stand for what this call gives them, also when a function calls itself. */
Value *callee_size(FnLower *f, const SizeMatch *m, const Size *size) {
    uint32_t count = f->sizes.len;
    SizeValue *own = f->sizes.data;
    uint32_t cap = f->sizes.cap;
    f->sizes.data = m->values.data;
    f->sizes.len = f->sizes.cap = m->values.len;
    Value *value = size_value(f, size);
    f->sizes.data = own;
    f->sizes.len = count;
    f->sizes.cap = cap;
    return value;
}

const Size *caller_size(FnLower *f, const SizeMatch *m, const Size *size) {
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < terms[i].sym_count; k++) {
            bool is_known = false;
            for (uint32_t s = 0; s < m->syms.len; s++) {
                is_known = is_known || m->syms.data[s] == terms[i].syms[k];
            }
            if (!is_known) return NULL;
        }
    }
    return size_substitute(f->p->checked->sizes, size, m->syms.data, m->sizes.data, m->syms.len);
}

/* The caller's size that an int argument is, if it is one. */
static const Size *size_of_argument(FnLower *f, const Expr *e) {
    Sizes *sizes = f->p->checked->sizes;
    e = strip_parens(e);
    const ExprInfo *i = info(f, e);
    if (i->constant && i->constant->kind == CONST_INT) {
        return size_const(sizes, (int64_t)i->constant->integer);
    }
    if (i->role == ROLE_SIZE) return size_of_sym(sizes, i->size);
    if (i->role == ROLE_LOCAL && i->local->size) return size_of_sym(sizes, i->local->size);
    return NULL;
}

void match_int(FnLower *f, SizeMatch *m, const SizeSym *sym, Value *value, const Expr *e) {
    f->b.span = e->span;
    match_bind(f, m, sym, as_i64(f, value), size_of_argument(f, e));
}

void match_array(FnLower *f, SizeMatch *m, const Type *formal, Value *view, const Expr *e) {
    const Type *actual = shape_type(f, e);
    for (uint32_t d = 0; d < formal->rank; d++) {
        if (dim_is_open(formal->dims[d])) continue;
        f->b.span = e->span;
        Mention mention = {.formal = formal->dims[d], .actual = actual->dims[d],
                           .value = dim_value(f, view, actual, d), .span = e->span};
        vec_push(arena_of(f), &m->mentions, mention);
    }
}

static void match_names(FnLower *f, SizeMatch *m) {
    for (uint32_t i = 0; i < m->mentions.len; i++) {
        Mention *mention = &m->mentions.data[i];
        const SizeSym *sym = size_as_sym(mention->formal);
        if (!sym || match_value(m, sym)) continue;
        match_bind(f, m, sym, mention->value, mention->actual);
        mention->is_settled = true;
    }
}

/* The term `c*s` of a size whose one symbol without a value is s, linear; NULL if there is no such. */
static const SizeTerm *open_term(const SizeMatch *m, const Size *size) {
    const SizeTerm *terms, *open = NULL;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < terms[i].sym_count; k++) {
            if (match_value(m, terms[i].syms[k])) continue;
            if (open || terms[i].sym_count != 1) return NULL;
            open = &terms[i];
        }
    }
    return open;
}

/* c*s + rest == dim, solved for s. A division that leaves a remainder fails the check of this mention. */
static bool match_solved(FnLower *f, SizeMatch *m, Mention *mention) {
    const SizeTerm *open = open_term(m, mention->formal);
    if (!open) return false;
    Sizes *sizes = f->p->checked->sizes;
    const SizeSym *sym = open->syms[0];
    const Size *term = size_mul(sizes, size_const(sizes, open->coefficient), size_of_sym(sizes, sym));
    const Size *rest = term ? size_sub(sizes, mention->formal, term) : NULL;
    if (!rest) return false;
    f->b.span = mention->span;
    Value *part = build_binary(&f->b, OP_SUB, mention->value, callee_size(f, m, rest));
    const Size *rest_here = caller_size(f, m, rest), *size = NULL;
    if (open->coefficient != 1) {
        part = build_binary(&f->b, OP_FLOORDIV, part, build_i64(&f->b, open->coefficient));
    } else if (rest_here) {
        size = size_sub(sizes, mention->actual, rest_here);
    }
    mention->is_settled = open->coefficient == 1;
    match_bind(f, m, sym, part, size);
    return true;
}

static void check_mention(FnLower *f, const SizeMatch *m, const Mention *mention) {
    f->b.span = mention->span;
    const Size *wanted = caller_size(f, m, mention->formal);
    if (wanted && sizes_agree(f, mention->actual, NULL, wanted, mention->value)) return;
    Value *expected = callee_size(f, m, mention->formal);
    KC_CHECK(expected);
    if (expected != mention->value) check2(f, CHECK_SIZE, mention->value, expected);
}

void match_sizes(FnLower *f, SizeMatch *m) {
    match_names(f, m);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < m->mentions.len; i++) {
            again = match_solved(f, m, &m->mentions.data[i]) || again;
        }
    }
    for (uint32_t i = 0; i < m->mentions.len; i++) {
        if (!m->mentions.data[i].is_settled) check_mention(f, m, &m->mentions.data[i]);
    }
}
