#include "ir/ownership/loans_internal.h"

#include <stdlib.h>
#include <string.h>

/* `v = v.slice(1, n)` in a loop makes one loan from another without end. What went through this op before
 * keeps the loan of its first time: the part that that one covers holds all later ones. */
static uint32_t without_last_round(const Loans *l, const Op *op, LoanKind kind, uint32_t from) {
    for (uint32_t at = from; op != NULL && at != NO_LOAN; at = l->all.data[at]->from) {
        const Loan *before = l->all.data[at];
        if (before->op == op && before->kind == kind) return before->from;
    }
    return from;
}

Loan *loan_make(Loans *l, Op *op, LoanKind kind, uint32_t place, bool is_mutable,
                const Frame *frame, uint32_t from) {
    from = without_last_round(l, op, kind, from);
    IdVec *made = &l->made[op ? op->id : l->graph->fn->next_op];
    for (uint32_t i = 0; i < made->len; i++) {
        Loan *known = l->all.data[made->data[i]];
        if (known->kind == kind && known->place == place && known->is_mutable == is_mutable &&
            known->from == from && (known->frame == NULL) == (frame == NULL)) {
            return known;
        }
    }
    Loan *loan = arena_new(l->arena, Loan);
    *loan = (Loan){l->all.len, kind, is_mutable, place, frame, op, from};
    vec_push(l->arena, &l->all, loan);
    vec_push(l->arena, made, loan->id);
    return loan;
}

/* ---- Interning ------------------------------------------------------------------------------- */

static uint32_t ids_hash(const uint32_t *ids, uint32_t count) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < count; i++) hash = (hash ^ ids[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static uint32_t *table_slot(Loans *l, const uint32_t *ids, uint32_t count) {
    uint32_t at = ids_hash(ids, count) & (l->table_size - 1);
    for (; l->table[at] != NO_LOANS; at = (at + 1) & (l->table_size - 1)) {
        const LoanSet *set = &l->sets.data[l->table[at]];
        if (set->count == count && memcmp(set->ids, ids, count * sizeof *ids) == 0) break;
    }
    return &l->table[at];
}

static void table_grow(Loans *l) {
    l->table_size = l->table_size ? 2 * l->table_size : 64;
    l->table = arena_array(l->arena, uint32_t, l->table_size);
    for (uint32_t i = 1; i < l->sets.len; i++) {
        *table_slot(l, l->sets.data[i].ids, l->sets.data[i].count) = i;
    }
}

static uint32_t set_intern(Loans *l, const uint32_t *ids, uint32_t count) {
    if (count == 0) return NO_LOANS;
    if (2 * l->sets.len >= l->table_size) table_grow(l);
    uint32_t *slot = table_slot(l, ids, count);
    if (*slot == NO_LOANS) {
        *slot = l->sets.len;
        LoanSet set = {count, arena_copy(l->arena, ids, count * sizeof *ids)};
        vec_push(l->arena, &l->sets, set);
    }
    return *slot;
}

uint32_t set_of_one(Loans *l, const Loan *loan) { return set_intern(l, &loan->id, 1); }

uint32_t set_union(Loans *l, uint32_t a, uint32_t b) {
    if (a == b || b == NO_LOANS) return a;
    if (a == NO_LOANS) return b;
    LoanSet x = l->sets.data[a], y = l->sets.data[b];
    uint32_t *ids = malloc((x.count + y.count) * sizeof *ids);
    if (ids == NULL) fatal("out of memory");
    uint32_t count = 0, i = 0, k = 0;
    while (i < x.count || k < y.count) {
        uint32_t from_x = i < x.count ? x.ids[i] : UINT32_MAX;
        uint32_t from_y = k < y.count ? y.ids[k] : UINT32_MAX;
        ids[count++] = from_x < from_y ? from_x : from_y;
        if (from_x <= from_y) i++;
        if (from_y <= from_x) k++;
    }
    uint32_t set = set_intern(l, ids, count);
    free(ids);
    return set;
}

uint32_t set_map(Loans *l, uint32_t set, LoanMap map, void *user) {
    uint32_t result = NO_LOANS;
    for (uint32_t i = 0; i < l->sets.data[set].count; i++) {
        const Loan *loan = map(l, user, l->all.data[l->sets.data[set].ids[i]]);
        if (loan != NULL) result = set_union(l, result, set_of_one(l, loan));
    }
    return result;
}

typedef struct WidenFor {
    const Op *loop;
} WidenFor;

static const Loan *loan_widen(Loans *l, void *user, const Loan *loan) {
    const WidenFor *w = user;
    for (uint32_t i = 0; i < w->loop->region_count; i++) {
        if (frame_depends_on(&l->values, loan->frame, w->loop->regions[i])) {
            return loan_make(l, loan->op, loan->kind, loan->place, loan->is_mutable, NULL,
                             loan->id);
        }
    }
    return loan;
}

uint32_t set_widen(Loans *l, uint32_t set, const Op *loop) {
    WidenFor w = {loop};
    return set_map(l, set, loan_widen, &w);
}
