#include "ir/ownership/parallel_facts.h"

enum { MOST_FACTS = 24 };

static bool var_is_never_negative(const void *user, uint32_t var) {
    const Facts *facts = user;
    const Index *index = index_of_poly_var(facts->x, var);
    if (index->kind == INDEX_STEP) return true;
    for (uint32_t i = 0; i < facts->never_negative.len; i++)
        if (facts->never_negative.data[i] == var) return true;
    if (!index->is_size) return false;
    /* A size may stand for something else by now. */
    for (uint32_t i = 0; i < facts->edits.len; i++)
        if (facts->edits.data[i].var == var) return false;
    return true;
}

Poly facts_apply(const Facts *facts, const Poly *p) {
    Poly now = *p;
    for (uint32_t i = 0; i < facts->edits.len; i++)
        if (poly_has(&now, facts->edits.data[i].var))
            now = poly_substitute(&now, facts->edits.data[i].var, &facts->edits.data[i].with);
    return now;
}

bool facts_show(const Facts *facts, const Poly *p) {
    return poly_is_never_negative(p, var_is_never_negative, facts);
}

static int64_t divide_up(int64_t a, int64_t b) { return a / b + (a % b > 0); }

/* What `var` stands for, given factor * var + rest >= 0, in terms of the new `var`, which is never
 * negative. Nothing that was known of `var` may be lost. */
static bool solve(const Facts *facts, uint32_t var, const Poly *factor, const Poly *rest,
                  Poly *with) {
    int64_t by, least;
    Poly self = poly_var(var);
    bool was_known = var_is_never_negative(facts, var);
    if (!poly_is_const(factor, &by) || by == 0 || by == INT64_MIN) return false;
    if (by == 1) {
        *with = poly_sub(&self, rest);
        Poly lowest = poly_negate(rest);
        return !with->lost && (!was_known || facts_show(facts, &lowest));
    }
    if (by == -1) {
        *with = poly_sub(rest, &self);
        return !with->lost && !was_known;
    }
    if (!poly_is_const(rest, &least) || least == INT64_MIN) return false;
    if (by > 0) {
        least = divide_up(-least, by);
        *with = poly_plus(&self, least);
        return !was_known || least > 0;
    }
    Poly most = poly_const(-divide_up(-least, -by));
    *with = poly_sub(&most, &self);
    return !was_known;
}

void facts_add(Facts *facts, const Poly *p) {
    Poly now = facts_apply(facts, p);
    if (now.lost || facts_show(facts, &now) || facts->edits.len == MOST_FACTS) return;
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < now.count; i++) {
            uint32_t var = now.terms[i].vars[0];
            Poly factor, rest;
            FactEdit edit = {.var = var};
            /* First what nothing is known of yet. */
            if (var == NO_POLY_VAR || now.terms[i].vars[1] != NO_POLY_VAR ||
                var_is_never_negative(facts, var) != (round == 1) ||
                !poly_split(&now, var, &factor, &rest) ||
                !solve(facts, var, &factor, &rest, &edit.with))
                continue;
            vec_push(facts->x->arena, &facts->edits, edit);
            vec_push(facts->x->arena, &facts->never_negative, var);
            return;
        }
    }
}
