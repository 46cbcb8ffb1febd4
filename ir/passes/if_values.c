/* Ifs that set variables, as ifs that give values: `if c: y = a` becomes `y = (if c: a else: y)`.
 *
 * The variable is then set in one place, after the if, and known there. It works for variables of
 * scalars that only the branches themselves set (not loops or ifs deeper in them), where both
 * branches come to their end. */
#include "ir/passes/simplify.h"

typedef struct Merge {
    Value *ref;
    Value *values[2]; /* at the end of each branch */
} Merge;

typedef struct Merger {
    Arena *arena;
    VarState *vars;
    Op *op;
    Vec(Merge) merges;
    bool leaves;      /* a branch may not come to its end */
    uint8_t *is_deep; /* by id of the reference: set further down */
} Merger;

static void nested_scan(void *user, Op *op) {
    Merger *m = user;
    m->leaves = m->leaves || (op_ends(op) && op->kind != OP_YIELD);
    if (op->kind == OP_SET && op->parent->parent != m->op) {
        if (m->is_deep == NULL) m->is_deep = arena_array(m->arena, uint8_t, m->vars->memory.len);
        if (op->operands[0]->id < m->vars->memory.len) m->is_deep[op->operands[0]->id] = 1;
    }
}

static Merge *merge_of(Merger *m, Value *ref) {
    for (uint32_t i = 0; i < m->merges.len; i++)
        if (m->merges.data[i].ref == ref) return &m->merges.data[i];
    Merge merge = {ref, {NULL, NULL}};
    vec_push(m->arena, &m->merges, merge);
    return &vec_last(&m->merges);
}

static bool is_mergeable(const Merger *m, const Value *ref) {
    if (varstate_facts(m->vars, ref) == NULL || !ir_is_scalar(ref->type->elem)) return false;
    if (ref->def->parent->parent == m->op) return false; /* a branch's own */
    return m->is_deep == NULL || !m->is_deep[ref->id];
}

/* The last SET of each variable in each branch. */
static void merges_collect(Merger *m) {
    enum { MERGE_LIMIT = 16 }; /* more than that are better left to registers and memory */
    for (uint32_t i = 0; i < 2; i++) {
        for (Op *op = m->op->regions[i]->first; op != NULL; op = op->next) {
            if (op->kind != OP_SET || !is_mergeable(m, op->operands[0])) continue;
            if (m->merges.len < MERGE_LIMIT)
                merge_of(m, op->operands[0])->values[i] = op->operands[1];
        }
    }
}

/* A branch that leaves the variable alone keeps what it held before the if. */
static void merges_complete(Merger *m, const Renames *renames) {
    for (uint32_t i = 0; i < m->merges.len; i++) {
        Merge *merge = &m->merges.data[i];
        for (uint32_t k = 0; k < 2; k++) {
            if (merge->values[k] != NULL) {
                merge->values[k] = renames_find(renames, merge->values[k]);
                continue;
            }
            Builder b = builder_before(m->op);
            Value *before = varstate_content(m->vars, merge->ref);
            merge->values[k] = before != NULL ? before : build_get(&b, merge->ref);
        }
    }
}

static bool is_merged(const Merger *m, const Value *ref) {
    for (uint32_t i = 0; i < m->merges.len; i++)
        if (m->merges.data[i].ref == ref) return true;
    return false;
}

/* Moves a branch into the new if; its SETs of merged variables go, its YIELD gives more. */
static void branch_move(Merger *m, Op *fresh, uint32_t which) {
    Region *from = m->op->regions[which], *to = fresh->regions[which];
    Value **values = arena_array(m->arena, Value *, fresh->result_count);
    for (Op *op = from->first, *next; op != NULL; op = next) {
        next = op->next;
        op_unlink(op);
        if (op->kind == OP_YIELD) {
            for (uint32_t i = 0; i < op->operand_count; i++) values[i] = op->operands[i];
        } else if (op->kind != OP_SET || !is_merged(m, op->operands[0])) {
            op_append(to, op);
        }
    }
    for (uint32_t i = 0; i < m->merges.len; i++)
        values[m->op->result_count + i] = m->merges.data[i].values[which];
    Builder b = builder_at_end(to, m->op->span);
    build_yield(&b, values, fresh->result_count);
}

static void if_rebuild(Merger *m, Renames *renames) {
    uint32_t had = m->op->result_count, count = had + m->merges.len;
    const IrType **types = arena_array(m->arena, const IrType *, count);
    for (uint32_t i = 0; i < had; i++) types[i] = m->op->results[i]->type;
    for (uint32_t i = had; i < count; i++) types[i] = m->merges.data[i - had].ref->type->elem;
    Builder b = builder_before(m->op);
    Op *fresh = build_if(&b, m->op->operands[0], types, count);
    for (uint32_t i = 0; i < had; i++) renames_add(renames, m->op->results[i], fresh->results[i]);
    branch_move(m, fresh, 0);
    branch_move(m, fresh, 1);
    varstate_forget(m->vars, fresh);
    for (uint32_t i = had; i < count; i++) {
        const Merge *merge = &m->merges.data[i - had];
        fresh->results[i]->name = merge->ref->name;
        build_set(&b, merge->ref, fresh->results[i]);
        varstate_set(m->vars, merge->ref, fresh->results[i]);
    }
    op_unlink(m->op);
}

bool if_give_values(VarState *vars, Renames *renames, Op *op) {
    Merger m = {.arena = renames->arena, .vars = vars, .op = op};
    for (uint32_t i = 0; i < 2; i++) region_walk(op->regions[i], nested_scan, &m);
    if (!m.leaves) merges_collect(&m);
    merges_complete(&m, renames);
    if (m.merges.len != 0) if_rebuild(&m, renames);
    else varstate_forget(vars, op);
    return m.merges.len != 0;
}
