/* What is known of the symbols in a proof: each fact is a polynomial that is never negative. A fact changes
 * what a symbol stands for: from `s >= 1` on, s is 1 + s' with s' >= 0; so that in the end a polynomial is
 * never negative when none of its factors is. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_FACTS_H
#define KC_IR_OWNERSHIP_PARALLEL_FACTS_H

#include "ir/ownership/parallel_index.h"
#include "ir/ownership/poly.h"

typedef struct FactEdit {
    uint32_t var;
    Poly with;
} FactEdit;

typedef struct Facts {
    const Indices *x;
    Vec(FactEdit) edits;          /* in order: each works on what those before it leave */
    Vec(uint32_t) never_negative; /* variables, besides sizes and steps */
} Facts;

/* The variable of a node; the two accesses of a pair are its sides, and have variables of their own for
 * what varies. */
static inline uint32_t poly_var_of(const Index *index, uint32_t side) {
    return index->id * 2 + (index->varies ? side : 0);
}

static inline const Index *index_of_poly_var(const Indices *x, uint32_t var) {
    return x->all.data[var / 2];
}

/* p >= 0 from now on, as far as it can be expressed. `p` holds nothing that varies. */
void facts_add(Facts *facts, const Poly *p);
/* `p` in terms of what the symbols stand for now. */
Poly facts_apply(const Facts *facts, const Poly *p);
/* No factor of `p`, applied, is negative, nor any variable. */
bool facts_show(const Facts *facts, const Poly *p);

#endif
