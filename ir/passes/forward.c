/* Variables: a GET whose content is known becomes that value, and variables nobody reads go.
 *
 * One walk in order keeps what each variable holds. Inside a branch the knowledge from before is good;
 * what a branch or a loop sets is unknown after it, and what a loop sets is unknown inside it too,
 * because of the iterations before. Variables that a call may set are left alone. */
#include "ir/analysis/memory.h"
#include "ir/passes/simplify.h"

/* What a variable held before it was changed, to be put back at the end of the region. */
typedef struct Undo {
    const Value *ref;
    Value *content;
} Undo;

typedef struct Forwarder {
    Arena *scratch;
    Memory memory;
    Value **content; /* by id of the reference; NULL: unknown */
    Renames renames;
    Vec(Undo) undos;
    bool changed;
} Forwarder;

static bool is_tracked(const Forwarder *f, const Value *ref) {
    const VarFacts *facts = memory_var(&f->memory, ref);
    return facts != NULL && !facts->escapes;
}

static void content_set(Forwarder *f, const Value *ref, Value *value) {
    Undo undo = {ref, f->content[ref->id]};
    vec_push(f->scratch, &f->undos, undo);
    f->content[ref->id] = value;
}

/* ---- What regions change ---------------------------------------------------------------------------- */

static void set_forget(void *user, Op *op) {
    Forwarder *f = user;
    if (op->kind == OP_SET && is_tracked(f, op->operands[0])) content_set(f, op->operands[0], NULL);
}

static void regions_forget(Forwarder *f, const Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], set_forget, f);
}

static void region_forward(Forwarder *f, Region *region);

/* A branch leaves no traces: the next one starts from the same knowledge. */
static void branch_forward(Forwarder *f, Region *region) {
    uint32_t mark = f->undos.len;
    region_forward(f, region);
    while (f->undos.len > mark) {
        Undo undo = vec_pop(&f->undos);
        f->content[undo.ref->id] = undo.content;
    }
}

static void nested_forward(Forwarder *f, Op *op) {
    if (op->kind != OP_IF) regions_forget(f, op);
    for (uint32_t i = 0; i < op->region_count; i++) branch_forward(f, op->regions[i]);
    if (op->kind == OP_IF) regions_forget(f, op);
}

/* ---- Ops --------------------------------------------------------------------------------------------- */

static void get_forward(Forwarder *f, Op *op) {
    const Value *ref = op->operands[0];
    if (!is_tracked(f, ref)) return;
    Value *known = f->content[ref->id];
    if (known == NULL) {
        content_set(f, ref, op_result(op)); /* the next GET finds the same */
        return;
    }
    renames_add(&f->renames, op_result(op), known);
    op_unlink(op);
    f->changed = true;
}

static void set_forward(Forwarder *f, Op *op) {
    Value *ref = op->operands[0], *value = renames_find(&f->renames, op->operands[1]);
    const VarFacts *facts = memory_var(&f->memory, ref);
    if (facts == NULL || facts->escapes) return;
    bool is_idle = facts->gets == 0 || f->content[ref->id] == value;
    if (!is_idle) {
        if (value->name.id == 0 && value->def != NULL) value->name = ref->name;
        content_set(f, ref, value);
        return;
    }
    op_unlink(op);
    f->changed = true;
}

static void var_forward(Forwarder *f, Op *op) {
    const VarFacts *facts = memory_var(&f->memory, op_result(op));
    if (facts == NULL || facts->escapes || facts->gets != 0 || facts->sets != 0) return;
    op_unlink(op);
    f->changed = true;
}

static void region_forward(Forwarder *f, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        if (op->region_count != 0) nested_forward(f, op);
        else if (op->kind == OP_GET) get_forward(f, op);
        else if (op->kind == OP_SET) set_forward(f, op);
        else if (op->kind == OP_VAR) var_forward(f, op);
    }
}

bool variables_forward(Arena *scratch, IrFn *fn) {
    Forwarder f = {.scratch = scratch, .memory = memory_of(scratch, fn)};
    f.content = arena_array(scratch, Value *, fn->next_value);
    f.renames.arena = scratch;
    region_forward(&f, fn->body);
    renames_apply(&f.renames, fn->body);
    return f.changed;
}
