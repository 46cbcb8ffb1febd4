/* Variables: a GET whose content is known becomes that value, and variables nobody reads go. */
#include "ir/passes/simplify.h"

typedef struct Forwarder {
    VarState vars;
    Renames renames;
    bool changed;
} Forwarder;

static void region_forward(Forwarder *f, Region *region);

/* A branch leaves no traces: the next one starts from the same knowledge. */
static void regions_forward(Forwarder *f, Op *op) {
    for (uint32_t i = 0; i < op->region_count; i++) {
        uint32_t mark = varstate_mark(&f->vars);
        region_forward(f, op->regions[i]);
        varstate_restore(&f->vars, mark);
    }
}

static void nested_forward(Forwarder *f, Op *op) {
    if (op->kind != OP_IF) {
        varstate_forget(&f->vars, op);
        regions_forward(f, op);
        return;
    }
    regions_forward(f, op);
    if (if_give_values(&f->vars, &f->renames, op)) f->changed = true;
}

static void get_forward(Forwarder *f, Op *op) {
    const Value *ref = op->operands[0];
    Value *known = varstate_content(&f->vars, ref);
    if (known == NULL) {
        varstate_set(&f->vars, ref, op_result(op)); /* the next GET finds the same */
        return;
    }
    renames_add(&f->renames, op_result(op), known);
    op_unlink(op);
    f->changed = true;
}

static void set_forward(Forwarder *f, Op *op) {
    Value *ref = op->operands[0], *value = renames_find(&f->renames, op->operands[1]);
    const VarFacts *facts = varstate_facts(&f->vars, ref);
    if (facts == NULL) return;
    bool is_idle = facts->gets == 0 || varstate_content(&f->vars, ref) == value;
    if (!is_idle) {
        bool takes_name = value->name.id == 0 && value->def != NULL && value->def->kind != OP_CONST;
        if (takes_name) value->name = ref->name;
        varstate_set(&f->vars, ref, value);
        return;
    }
    op_unlink(op);
    f->changed = true;
}

static void var_forward(Forwarder *f, Op *op) {
    const VarFacts *facts = varstate_facts(&f->vars, op_result(op));
    if (facts == NULL || facts->gets != 0 || facts->sets != 0) return;
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

static bool forward_once(Arena *scratch, IrFn *fn) {
    Forwarder f = {.vars = varstate_create(scratch, fn)};
    f.renames.arena = scratch;
    region_forward(&f, fn->body);
    renames_apply(&f.renames, fn->body);
    return f.changed;
}

/* Forwarding takes the last GET of some variables; the next walk finds that nobody reads them,
 * and the one after that nobody sets them. */
bool variables_forward(Arena *scratch, IrFn *fn) {
    enum { WALKS = 3 };
    uint32_t walks = 0;
    while (walks < WALKS && forward_once(scratch, fn)) walks++;
    return walks > 0;
}
