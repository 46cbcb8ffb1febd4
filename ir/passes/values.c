/* Names that ownership needed as places, and that are values again: a struct whose fields are used one
 * by one becomes a variable for each, and a variable that is set once becomes its value. */
#include "ir/passes/values.h"

/* More fields than this stay together: a variable for each would cost more than it shows. */
enum { SPLIT_LIMIT = 32 };

typedef struct VarUse {
    Op *var;
    Op *set;           /* the last one in the text */
    uint32_t sets;
    bool escapes;      /* it is used as a place, otherwise than by GET, SET and FIELD */
    bool is_read_early; /* a GET that the SET does not come before on each path */
    OpVec fields;      /* FIELD ops on it */
} VarUse;

typedef struct Vars {
    Arena *arena;
    IrFn *fn;
    VarUse **uses;   /* by value id of the ref */
    uint32_t *order; /* by op id: place in the text */
    uint32_t count;
    Value **with;    /* by value id */
    uint32_t len, op_len;
    OpVec vars;
} Vars;

static VarUse *use_of(const Vars *v, const Value *ref) {
    return ref->id < v->len ? v->uses[ref->id] : NULL;
}

/* ---- How each variable is used --------------------------------------------------------------- */

static void operand_note(Vars *v, Op *op, uint32_t operand) {
    VarUse *use = use_of(v, op->operands[operand]);
    if (use == NULL) return;
    if (op->kind == OP_SET && operand == 0) {
        use->set = op;
        use->sets++;
    } else if (op->kind == OP_FIELD) {
        vec_push(v->arena, &use->fields, op);
    } else if (op->kind != OP_GET) {
        use->escapes = true;
    }
}

static void op_note(void *user, Op *op) {
    Vars *v = user;
    v->order[op->id] = v->count++;
    if (op->kind == OP_VAR) {
        VarUse *use = arena_new(v->arena, VarUse);
        use->var = op;
        v->uses[op_result(op)->id] = use;
        vec_push(v->arena, &v->vars, op);
    }
    for (uint32_t i = 0; i < op->operand_count; i++) operand_note(v, op, i);
}

static Vars vars_of(Arena *arena, IrFn *fn) {
    Vars v = {.arena = arena, .fn = fn, .len = fn->next_value, .op_len = fn->next_op};
    v.uses = arena_array(arena, VarUse *, v.len);
    v.with = arena_array(arena, Value *, v.len);
    v.order = arena_array(arena, uint32_t, v.op_len);
    region_walk(fn->body, op_note, &v);
    return v;
}

/* ---- Structs --------------------------------------------------------------------------------- */

static bool is_split(const VarUse *use, bool whole) {
    const IrType *held = op_result(use->var)->type->elem;
    return held->kind == IR_STRUCT && (whole || use->fields.len != 0) && !use->escapes &&
           held->field_count <= SPLIT_LIMIT;
}

static Value **field_vars(Vars *v, const VarUse *use) {
    const IrType *held = op_result(use->var)->type->elem;
    Value **parts = arena_array(v->arena, Value *, held->field_count);
    Builder b = builder_before(use->var);
    for (uint32_t i = 0; i < held->field_count; i++) {
        parts[i] = build_var(&b, held->fields[i].type, NO_NAME);
        parts[i]->name = held->fields[i].name;
    }
    return parts;
}

static void whole_get(Vars *v, Op *get, Value *const *parts) {
    const IrType *type = op_result(get)->type;
    Value **fields = arena_array(v->arena, Value *, type->field_count);
    Builder b = builder_before(get);
    for (uint32_t i = 0; i < type->field_count; i++) fields[i] = build_get(&b, parts[i]);
    v->with[op_result(get)->id] = build_struct(&b, type, fields);
    op_unlink(get);
}

static void whole_set(Op *set, Value *const *parts) {
    Value *value = set->operands[1];
    bool is_made_here = value->def != NULL && value->def->kind == OP_STRUCT;
    Builder b = builder_before(set);
    for (uint32_t i = 0; i < value->type->field_count; i++) {
        Value *part = is_made_here ? value->def->operands[i] : build_extract(&b, value, i);
        build_set(&b, parts[i], part);
    }
    op_unlink(set);
}

typedef struct Splitter {
    Vars *v;
    Value ***parts; /* by value id of the ref: the variables of its fields, or NULL */
} Splitter;

static void op_split(void *user, Op *op) {
    Splitter *s = user;
    if (op->operand_count == 0 || op->operands[0]->id >= s->v->len) return;
    Value **parts = s->parts[op->operands[0]->id];
    if (parts == NULL) return;
    if (op->kind == OP_GET) {
        whole_get(s->v, op, parts);
    } else if (op->kind == OP_SET) {
        whole_set(op, parts);
    } else {
        s->v->with[op_result(op)->id] = parts[op->attr.index];
        op_unlink(op);
    }
}

/* One level of structs; true when there was one. */
static bool level_split(Arena *arena, IrFn *fn, bool whole) {
    Vars v = vars_of(arena, fn);
    Splitter s = {&v, arena_array(arena, Value **, v.len)};
    bool found = false;
    for (uint32_t i = 0; i < v.vars.len; i++) {
        const VarUse *use = use_of(&v, op_result(v.vars.data[i]));
        if (!is_split(use, whole)) continue;
        s.parts[op_result(use->var)->id] = field_vars(&v, use);
        op_unlink(use->var);
        found = true;
    }
    if (!found) return false;
    region_walk(fn->body, op_split, &s);
    ir_replace_uses(fn, v.with, v.len);
    return true;
}

/* ---- Variables that are set once ------------------------------------------------------------- */

static bool comes_before(const Vars *v, const Op *set, const Op *get) {
    if (v->order[get->id] < v->order[set->id]) return false;
    for (const Region *region = get->parent; region != NULL;
         region = region->parent == NULL ? NULL : region->parent->parent)
        if (region == set->parent) return true;
    return false;
}

static void get_judge(void *user, Op *op) {
    const Vars *v = user;
    if (op->kind != OP_GET) return;
    VarUse *use = use_of(v, op->operands[0]);
    if (use == NULL || use->sets != 1) return;
    if (!comes_before(v, use->set, op)) use->is_read_early = true;
}

static bool is_value(const VarUse *use) {
    return use != NULL && use->sets == 1 && !use->escapes && use->fields.len == 0 &&
           !use->is_read_early;
}

static void name_pass_on(const VarUse *use) {
    Value *value = use->set->operands[1];
    bool takes_name = value->name.id == 0 && value->def != NULL && value->def->kind != OP_CONST;
    if (takes_name) value->name = op_result(use->var)->name;
}

static void op_promote(void *user, Op *op) {
    Vars *v = user;
    bool is_access = op->kind == OP_VAR || op->kind == OP_GET || op->kind == OP_SET;
    if (!is_access) return;
    VarUse *use = use_of(v, op->kind == OP_VAR ? op_result(op) : op->operands[0]);
    if (!is_value(use)) return;
    if (op->kind == OP_GET) v->with[op_result(op)->id] = use->set->operands[1];
    if (op->kind == OP_SET) name_pass_on(use);
    op_unlink(op);
}

bool structs_split(Arena *scratch, IrFn *fn, bool whole) {
    bool found = false;
    while (level_split(scratch, fn, whole)) found = true;
    return found;
}

void vars_to_values(Arena *scratch, IrFn *fn) {
    structs_split(scratch, fn, false);
    Vars v = vars_of(scratch, fn);
    region_walk(fn->body, get_judge, &v);
    region_walk(fn->body, op_promote, &v);
    ir_replace_uses(fn, v.with, v.len);
}
