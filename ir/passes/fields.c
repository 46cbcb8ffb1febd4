/* fields: structs as values are taken apart into their fields.
 *
 * Requires: stage OWNED is over.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A struct that is kept whole hides what is known of its fields, and cannot become vectors. So variables of structs
 * become a variable for each field (values.h); ifs and selects give fields; whole structs that are read or written in
 * memory are read and written field by field. What is left is STRUCT at the places that want one, calls and returns,
 * and EXTRACT of what calls give and callers pass; simplify takes away the others.
 *
 * Only structs of numbers, and of structs of numbers, are taken apart here: what owns or looks into memory
 * has rules of its own. Accesses to arrays wait for stage LOOP, since a map that copies elements is seen
 * as a copy. */
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"
#include "ir/passes/values.h"

/* Larger ones stay whole: they are data rather than values. */
enum { LEAF_LIMIT = 32 };

typedef struct Fields {
    PassContext *pass;
    Renames renames;
    bool loops; /* stage LOOP */
} Fields;

/* ---- Leaves: the numbers of a struct, in order ----------------------------------------------- */

static bool is_number(const IrType *type) { return type->kind == IR_SCALAR; }

/* How many leaves; more than the limit where it has to stay whole. */
static uint32_t leaf_count(const IrType *type) {
    if (is_number(type)) return 1;
    if (type->kind != IR_STRUCT || type->del != NULL) return LEAF_LIMIT + 1;
    uint32_t count = 0;
    for (uint32_t i = 0; i < type->field_count && count <= LEAF_LIMIT; i++)
        count += leaf_count(type->fields[i].type);
    return count;
}

static bool is_taken_apart(const IrType *type) {
    return type->kind == IR_STRUCT && type->field_count != 0 && leaf_count(type) <= LEAF_LIMIT;
}

static void leaf_types(const IrType *type, const IrType ***next) {
    if (type->kind != IR_STRUCT) *(*next)++ = type;
    else
        for (uint32_t i = 0; i < type->field_count; i++) leaf_types(type->fields[i].type, next);
}

/* The field where the struct is made in sight, or NULL. */
static Value *field_known(const Value *whole, uint32_t field) {
    while (whole != NULL && whole->def != NULL) {
        const Op *def = whole->def;
        if (def->kind == OP_STRUCT) return def->operands[field];
        if (def->kind == OP_INSERT && def->attr.index == field) return def->operands[1];
        if (def->kind == OP_INSERT) whole = def->operands[0];
        else if (def->kind == OP_EXTRACT) whole = field_known(def->operands[0], def->attr.index);
        else return NULL;
    }
    return NULL;
}

static void leaves_of(Builder *b, Value *value, Value ***next) {
    if (value->type->kind != IR_STRUCT) {
        *(*next)++ = value;
        return;
    }
    for (uint32_t i = 0; i < value->type->field_count; i++) {
        Value *known = field_known(value, i);
        leaves_of(b, known != NULL ? known : build_extract(b, value, i), next);
    }
}

static Value *put_together(Builder *b, const IrType *type, Value ***next) {
    Value *fields[LEAF_LIMIT];
    if (type->kind != IR_STRUCT) return *(*next)++;
    for (uint32_t i = 0; i < type->field_count; i++)
        fields[i] = put_together(b, type->fields[i].type, next);
    return build_struct(b, type, fields);
}

static void result_becomes(Fields *f, Value *old, Value *with) {
    if (with->name.id == 0) with->name = old->name;
    renames_add(&f->renames, old, with);
    f->pass->changed = true;
}

/* ---- Ifs and selects ------------------------------------------------------------------------- */

/* The values of a YIELD, those that are taken apart as their leaves; gives the end. */
static Value **yield_leaves(Builder *b, const Op *op, Value *const *values, Value **next) {
    for (uint32_t i = 0; i < op->result_count; i++) {
        if (is_taken_apart(op->results[i]->type)) leaves_of(b, values[i], &next);
        else *next++ = values[i];
    }
    return next;
}

static void branch_move(Fields *f, const Op *op, Op *fresh, uint32_t which) {
    Region *from = op->regions[which], *to = fresh->regions[which];
    while (from->first != NULL) {
        Op *inner = from->first;
        op_unlink(inner);
        op_append(to, inner);
    }
    if (to->last == NULL || to->last->kind != OP_YIELD) return;
    Builder b = builder_before(to->last);
    Value **values = arena_array(f->pass->scratch, Value *, fresh->result_count);
    yield_leaves(&b, op, to->last->operands, values);
    op_set_operands(to->last, values, fresh->result_count);
}

static void if_take_apart(Fields *f, Op *op) {
    uint32_t count = 0;
    bool some = false;
    for (uint32_t i = 0; i < op->result_count; i++) {
        bool apart = is_taken_apart(op->results[i]->type);
        count += apart ? leaf_count(op->results[i]->type) : 1;
        some = some || apart;
    }
    if (!some) return;
    const IrType **types = arena_array(f->pass->scratch, const IrType *, count), **next = types;
    for (uint32_t i = 0; i < op->result_count; i++) {
        if (is_taken_apart(op->results[i]->type)) leaf_types(op->results[i]->type, &next);
        else *next++ = op->results[i]->type;
    }
    Builder b = builder_before(op);
    Op *fresh = build_if(&b, op->operands[0], types, count);
    for (uint32_t which = 0; which < 2; which++) branch_move(f, op, fresh, which);
    Value **given = fresh->results;
    for (uint32_t i = 0; i < op->result_count; i++) {
        bool apart = is_taken_apart(op->results[i]->type);
        Value *with = apart ? put_together(&b, op->results[i]->type, &given) : *given++;
        result_becomes(f, op->results[i], with);
    }
    op_unlink(op);
}

static void select_take_apart(Fields *f, Op *op) {
    const IrType *type = op_result(op)->type;
    if (!is_taken_apart(type)) return;
    Value *then[LEAF_LIMIT], *otherwise[LEAF_LIMIT], **next = then;
    Builder b = builder_before(op);
    leaves_of(&b, op->operands[1], &next);
    uint32_t count = (uint32_t)(next - then);
    next = otherwise;
    leaves_of(&b, op->operands[2], &next);
    for (uint32_t i = 0; i < count; i++)
        then[i] = build_select(&b, op->operands[0], then[i], otherwise[i]);
    next = then;
    result_becomes(f, op_result(op), put_together(&b, type, &next));
    op_unlink(op);
}

/* ---- Memory ---------------------------------------------------------------------------------- */

static Value *fields_read(Builder *b, Value *ref) {
    const IrType *type = ref->type->elem;
    Value *fields[LEAF_LIMIT];
    if (type->kind != IR_STRUCT) return build_get(b, ref);
    for (uint32_t i = 0; i < type->field_count; i++) fields[i] = fields_read(b, build_field(b, ref, i));
    return build_struct(b, type, fields);
}

static bool is_same_place(const Value *a, const Value *b) {
    const Op *x = a->def, *y = b->def;
    if (a == b) return true;
    if (x == NULL || y == NULL || x->kind != y->kind || x->operand_count != y->operand_count)
        return false;
    if (x->kind == OP_FIELD)
        return x->attr.index == y->attr.index && is_same_place(x->operands[0], y->operands[0]);
    for (uint32_t i = 0; i < x->operand_count; i++)
        if (x->operands[i] != y->operands[i]) return false;
    return x->kind == OP_ITEM;
}

/* A struct on its way into memory. */
typedef struct Writing {
    Builder b;
    const Op *last; /* before it; NULL: none */
    Value **next;   /* leaf */
} Writing;

/* The value was read from there, and nothing has been written since: `p[i].x += 1` reads and writes the
 * whole element in the text. */
static bool is_there(const Writing *w, const Value *ref, const Value *value) {
    const Op *op = value->def;
    bool from_there = op != NULL && op->kind == OP_GET && is_same_place(op->operands[0], ref);
    for (; from_there && op != NULL; op = op->next) {
        bool writes = (op_info(op)->flags & OP_FLAG_WRITES) && !set_is_local(op);
        if (writes || op->region_count != 0) return false;
        if (op == w->last) return true;
    }
    return false;
}

static void fields_write(Writing *w, Value *ref) {
    const IrType *type = ref->type->elem;
    if (type->kind == IR_STRUCT) {
        for (uint32_t i = 0; i < type->field_count; i++) fields_write(w, build_field(&w->b, ref, i));
        return;
    }
    Value *value = *w->next++;
    if (!is_there(w, ref, value)) build_set(&w->b, ref, value);
}

/* The place that the op reads or writes. A variable that is still whole here is passed to somebody. */
static Value *place_of(Builder *b, const Op *op) {
    bool is_get = op->kind == OP_GET || op->kind == OP_SET;
    if (is_get) return op->operands[0];
    return build_item(b, op->operands[0], op->operands + (op->kind == OP_STORE ? 2 : 1));
}

static bool is_in_array(const Op *op) {
    const Value *ref = op->operands[0];
    while (ref->def != NULL && ref->def->kind == OP_FIELD) ref = ref->def->operands[0];
    return ref->type->kind == IR_VIEW || (ref->def != NULL && ref->def->kind == OP_ITEM);
}

static void read_take_apart(Fields *f, Op *op) {
    if (!f->loops || !is_taken_apart(op_result(op)->type) || !is_in_array(op)) return;
    Builder b = builder_before(op);
    result_becomes(f, op_result(op), fields_read(&b, place_of(&b, op)));
    op_unlink(op);
}

static void write_take_apart(Fields *f, Op *op) {
    if (!f->loops || !is_taken_apart(op->operands[1]->type) || !is_in_array(op)) return;
    Value *leaves[LEAF_LIMIT], **next = leaves;
    Writing w = {.b = builder_before(op), .last = op->prev, .next = leaves};
    leaves_of(&w.b, op->operands[1], &next);
    fields_write(&w, place_of(&w.b, op));
    f->pass->changed = true;
    op_unlink(op);
}

/* ---- The walk -------------------------------------------------------------------------------- */

static void region_take_apart(Fields *f, Region *region);

static void op_take_apart(Fields *f, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        op->operands[i] = renames_find(&f->renames, op->operands[i]);
    for (uint32_t i = 0; i < op->region_count; i++) region_take_apart(f, op->regions[i]);
    switch ((int)op->kind) {
    case OP_IF: if_take_apart(f, op); return;
    case OP_SELECT: select_take_apart(f, op); return;
    case OP_LOAD: case OP_GET: read_take_apart(f, op); return;
    case OP_STORE: case OP_SET: write_take_apart(f, op); return;
    default: return;
    }
}

static void region_take_apart(Fields *f, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        op_take_apart(f, op);
    }
}

void fields_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        pass->changed = structs_split(pass->scratch, fn, true) || pass->changed;
        Fields f = {.pass = pass, .loops = !module->tensor_stage};
        f.renames.arena = pass->scratch;
        region_take_apart(&f, fn->body);
    }
}
