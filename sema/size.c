#include "sema/size.h"

#include <string.h>

/* A size with more terms than this, or products of more symbols, is not worth following: it
 * counts as unknown, like one whose coefficients leave 64 bits. */
enum { TERM_LIMIT = 64, DEGREE_LIMIT = 16, FIRST_SLOTS = 64 };

struct Size {
    uint32_t id; /* from 1 */
    uint32_t hash;
    uint32_t term_count; /* none is 0 */
    const SizeTerm *terms;
};

/* An open hash table of all sizes. */
struct Sizes {
    Context *cx;
    uint32_t sym_count, size_count;
    const Size **slots;
    uint32_t slot_count; /* a power of two */
};

/* A polynomial under construction. Terms are sorted when it is done. */
typedef struct Poly {
    SizeTerm terms[TERM_LIMIT];
    uint32_t len;
} Poly;

Sizes *sizes_create(Context *cx) {
    Sizes *s = arena_new(cx->arena, Sizes);
    s->cx = cx;
    s->slot_count = FIRST_SLOTS;
    s->slots = arena_array(cx->arena, const Size *, FIRST_SLOTS);
    return s;
}

const SizeSym *size_sym_new(Sizes *s, SizeSymKind kind, Name name, Span span, const Local *local) {
    SizeSym *sym = arena_new(s->cx->arena, SizeSym);
    *sym =
        (SizeSym){.id = ++s->sym_count, .kind = kind, .name = name, .span = span, .local = local};
    return sym;
}

/* Higher degrees first, then by the symbols' ids; the constant comes last. */
static int term_order(const SizeTerm *a, const SizeTerm *b) {
    if (a->sym_count != b->sym_count) return a->sym_count > b->sym_count ? -1 : 1;
    for (uint32_t i = 0; i < a->sym_count; i++) {
        if (a->syms[i] != b->syms[i]) return a->syms[i]->id < b->syms[i]->id ? -1 : 1;
    }
    return 0;
}

static uint32_t mix(uint32_t hash, uint64_t value) {
    hash = (hash ^ (uint32_t)value) * 16777619u;
    return (hash ^ (uint32_t)(value >> 32)) * 16777619u;
}

static uint32_t poly_hash(const Poly *p) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < p->len; i++) {
        hash = mix(hash, (uint64_t)p->terms[i].coefficient);
        for (uint32_t k = 0; k < p->terms[i].sym_count; k++)
            hash = mix(hash, p->terms[i].syms[k]->id);
    }
    return hash;
}

static bool size_is_poly(const Size *size, const Poly *p) {
    if (size->term_count != p->len) return false;
    for (uint32_t i = 0; i < p->len; i++) {
        const SizeTerm *a = &size->terms[i], *b = &p->terms[i];
        if (a->coefficient != b->coefficient || term_order(a, b) != 0) return false;
    }
    return true;
}

static void slots_double(Sizes *s) {
    const Size **old = s->slots;
    uint32_t old_count = s->slot_count;
    s->slot_count *= 2;
    s->slots = arena_array(s->cx->arena, const Size *, s->slot_count);
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i] == NULL) continue;
        uint32_t at = old[i]->hash & (s->slot_count - 1);
        while (s->slots[at] != NULL) at = (at + 1) & (s->slot_count - 1);
        s->slots[at] = old[i];
    }
}

static const Size *intern(Sizes *s, const Poly *p) {
    uint32_t hash = poly_hash(p), mask = s->slot_count - 1, at = hash & mask;
    for (; s->slots[at] != NULL; at = (at + 1) & mask) {
        if (s->slots[at]->hash == hash && size_is_poly(s->slots[at], p)) return s->slots[at];
    }
    Size *size = arena_new(s->cx->arena, Size);
    size->id = ++s->size_count;
    size->hash = hash;
    size->term_count = p->len;
    size->terms = arena_copy(s->cx->arena, p->terms, p->len * sizeof *p->terms);
    s->slots[at] = size;
    if (s->size_count > s->slot_count / 2) slots_double(s);
    return size;
}

/* Adds a term in its place; false when the result is no size we follow. */
static bool poly_add(Poly *p, const SizeTerm *term) {
    uint32_t at = 0;
    while (at < p->len && term_order(&p->terms[at], term) < 0) at++;
    if (at < p->len && term_order(&p->terms[at], term) == 0) {
        int64_t *sum = &p->terms[at].coefficient;
        if (__builtin_add_overflow(*sum, term->coefficient, sum)) return false;
        if (*sum != 0) return true;
        p->len--;
        memmove(&p->terms[at], &p->terms[at + 1], (p->len - at) * sizeof *p->terms);
        return true;
    }
    if (term->coefficient == 0) return true;
    if (p->len == TERM_LIMIT) return false;
    memmove(&p->terms[at + 1], &p->terms[at], (p->len - at) * sizeof *p->terms);
    p->terms[at] = *term;
    p->len++;
    return true;
}

static bool poly_add_scaled(Poly *p, const Size *size, int64_t factor) {
    for (uint32_t i = 0; i < size->term_count; i++) {
        SizeTerm term = size->terms[i];
        if (__builtin_mul_overflow(term.coefficient, factor, &term.coefficient)) return false;
        if (!poly_add(p, &term)) return false;
    }
    return true;
}

const Size *size_const(Sizes *s, int64_t value) {
    Poly p = {.len = 0};
    SizeTerm term = {.coefficient = value};
    poly_add(&p, &term);
    return intern(s, &p);
}

const Size *size_of_sym(Sizes *s, const SizeSym *sym) {
    const SizeSym **syms = arena_new(s->cx->arena, const SizeSym *);
    *syms = sym;
    Poly p = {.len = 1};
    p.terms[0] = (SizeTerm){.coefficient = 1, .sym_count = 1, .syms = syms};
    return intern(s, &p);
}

const Size *size_unknown(Sizes *s, Span span) {
    return size_of_sym(s, size_sym_new(s, SIZE_HIDDEN, NO_NAME, span, NULL));
}

static const Size *add_scaled(Sizes *s, const Size *a, const Size *b, int64_t factor) {
    Poly p = {.len = 0};
    if (!poly_add_scaled(&p, a, 1) || !poly_add_scaled(&p, b, factor)) return NULL;
    return intern(s, &p);
}

const Size *size_add(Sizes *s, const Size *a, const Size *b) { return add_scaled(s, a, b, 1); }

const Size *size_sub(Sizes *s, const Size *a, const Size *b) { return add_scaled(s, a, b, -1); }

/* The product of two terms; its symbols are merged in order. */
static bool term_mul(Sizes *s, const SizeTerm *a, const SizeTerm *b, SizeTerm *out) {
    if (a->sym_count + b->sym_count > DEGREE_LIMIT) return false;
    if (__builtin_mul_overflow(a->coefficient, b->coefficient, &out->coefficient)) return false;
    out->sym_count = a->sym_count + b->sym_count;
    const SizeSym **syms = arena_array(s->cx->arena, const SizeSym *, out->sym_count);
    for (uint32_t i = 0, j = 0; i + j < out->sym_count;) {
        bool from_a = j == b->sym_count || (i < a->sym_count && a->syms[i]->id <= b->syms[j]->id);
        const SizeSym *next = from_a ? a->syms[i] : b->syms[j];
        syms[i + j] = next;
        if (from_a) {
            i++;
        } else {
            j++;
        }
    }
    out->syms = syms;
    return true;
}

const Size *size_mul(Sizes *s, const Size *a, const Size *b) {
    Poly p = {.len = 0};
    for (uint32_t i = 0; i < a->term_count; i++) {
        for (uint32_t j = 0; j < b->term_count; j++) {
            SizeTerm term;
            if (!term_mul(s, &a->terms[i], &b->terms[j], &term) || !poly_add(&p, &term))
                return NULL;
        }
    }
    return intern(s, &p);
}

bool size_is_const(const Size *size, int64_t *value) {
    if (size->term_count == 0) {
        *value = 0;
        return true;
    }
    if (size->term_count > 1 || size->terms[0].sym_count != 0) return false;
    *value = size->terms[0].coefficient;
    return true;
}

const SizeSym *size_as_sym(const Size *size) {
    if (size->term_count != 1) return NULL;
    const SizeTerm *term = &size->terms[0];
    return term->sym_count == 1 && term->coefficient == 1 ? term->syms[0] : NULL;
}

SizeRelation size_relate(Sizes *s, const Size *a, const Size *b) {
    if (a == b) return SIZES_EQUAL;
    const Size *difference = size_sub(s, a, b);
    int64_t value;
    return difference != NULL && size_is_const(difference, &value) ? SIZES_DIFFER : SIZES_UNKNOWN;
}

/* What stands for a symbol: its replacement, or the symbol itself. */
static const Size *sym_replaced(Sizes *s, const SizeSym *sym, const SizeSym *const *syms,
                                const Size *const *with, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (syms[i] == sym) return with[i];
    }
    return size_of_sym(s, sym);
}

static bool mentions_any(const Size *size, const SizeSym *const *syms, uint32_t count) {
    for (uint32_t i = 0; i < size->term_count; i++) {
        for (uint32_t k = 0; k < size->terms[i].sym_count; k++) {
            for (uint32_t m = 0; m < count; m++) {
                if (size->terms[i].syms[k] == syms[m]) return true;
            }
        }
    }
    return false;
}

static Span span_of_size(const Size *size) {
    for (uint32_t i = 0; i < size->term_count; i++) {
        if (size->terms[i].sym_count != 0) return size->terms[i].syms[0]->span;
    }
    return NO_SPAN;
}

const Size *size_substitute(Sizes *s, const Size *size, const SizeSym *const *syms,
                            const Size *const *with, uint32_t count) {
    if (!mentions_any(size, syms, count)) return size;
    const Size *sum = size_const(s, 0);
    for (uint32_t i = 0; i < size->term_count && sum != NULL; i++) {
        const SizeTerm *term = &size->terms[i];
        const Size *product = size_const(s, term->coefficient);
        for (uint32_t k = 0; k < term->sym_count && product != NULL; k++) {
            product = size_mul(s, product, sym_replaced(s, term->syms[k], syms, with, count));
        }
        sum = product != NULL ? size_add(s, sum, product) : NULL;
    }
    return sum != NULL ? sum : size_unknown(s, span_of_size(size));
}

uint32_t size_terms(const Size *size, const SizeTerm **terms) {
    *terms = size->terms;
    return size->term_count;
}
