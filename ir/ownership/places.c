#include "ir/ownership/graph_internal.h"

#include <string.h>

static uint32_t place_new(Graph *g, Value *var, uint32_t parent, uint32_t field,
                          const IrType *type) {
    Place place = {.id = g->places.len,
                   .var = var,
                   .parent = parent,
                   .field = field,
                   .first_child = NO_PLACE,
                   .next_sibling = NO_PLACE,
                   .type = type};
    vec_push(g->arena, &g->places, place);
    return place.id;
}

/* All fields at once: so a place is complete exactly when its fields are. */
static void children_make(Graph *g, uint32_t place) {
    const IrType *type = g->places.data[place].type;
    if (type->kind != IR_STRUCT || g->places.data[place].first_child != NO_PLACE) return;
    uint32_t previous = NO_PLACE;
    for (uint32_t i = 0; i < type->field_count; i++) {
        uint32_t child = place_new(g, g->places.data[place].var, place, i, type->fields[i].type);
        if (previous == NO_PLACE) {
            g->places.data[place].first_child = child;
        } else {
            g->places.data[previous].next_sibling = child;
        }
        previous = child;
    }
    for (uint32_t c = g->places.data[place].first_child; c != NO_PLACE;
         c = g->places.data[c].next_sibling) {
        const IrType *field = g->places.data[c].type;
        if (ir_type_owns(field) || ir_type_looks(field)) children_make(g, c);
    }
}

static void variable_make(Graph *g, Value *ref) {
    const IrType *held = ref->type->elem;
    uint32_t place = place_new(g, ref, NO_PLACE, 0, held);
    g->place_of[ref->id] = place;
    if (ir_type_owns(held) || ir_type_looks(held)) children_make(g, place);
}

static uint32_t child_of(Graph *g, uint32_t place, uint32_t field) {
    children_make(g, place);
    uint32_t child = g->places.data[place].first_child;
    while (child != NO_PLACE && g->places.data[child].field != field) {
        child = g->places.data[child].next_sibling;
    }
    return child;
}

/* Windows keep the place that they were lent from, as far as one can be told without flow. */
static void place_follow(Graph *g, const Op *op) {
    switch ((int)op->kind) {
    case OP_LEND:
    case OP_ITEM:
    case OP_SLICE: {
        Value *result = op_result(op);
        g->place_of[result->id] = g->place_of[op->operands[0]->id];
        break;
    }
    case OP_FIELD: {
        const Value *base = op->operands[0];
        uint32_t place = g->place_of[base->id];
        bool is_place = place_of_ref(g, base) != NO_PLACE;
        g->place_of[op_result(op)->id] = is_place ? child_of(g, place, op->attr.index) : place;
        break;
    }
    default: break;
    }
}

static void place_visit(void *user, Op *op) {
    Graph *g = user;
    if (op->kind == OP_VAR) {
        variable_make(g, op_result(op));
    } else {
        place_follow(g, op);
    }
}

void places_collect(Graph *g) {
    g->place_of = arena_array(g->arena, uint32_t, g->fn->next_value);
    for (uint32_t i = 0; i < g->fn->next_value; i++) g->place_of[i] = NO_PLACE;
    for (uint32_t i = 0; i < g->fn->params.len; i++) {
        Value *value = g->fn->params.data[i].value;
        if (value->type->kind == IR_REF) variable_make(g, value);
    }
    region_walk(g->fn->body, place_visit, g);
}

uint32_t place_of_ref(const Graph *g, const Value *ref) {
    const Value *base = ref;
    while (base->def != NULL && base->def->kind == OP_FIELD) base = base->def->operands[0];
    bool is_place = base->def == NULL ? base->type->kind == IR_REF : base->def->kind == OP_VAR;
    return is_place ? g->place_of[ref->id] : NO_PLACE;
}

bool fn_makes_self(const IrFn *fn) {
    const char *name = text_of(fn->module->cx, fn->source_name);
    return fn->args.len > 0 && strcmp(name, "__init__") == 0;
}

bool type_has_task(const IrType *type) {
    if (type->kind == IR_LIST) return type_has_task(type->elem);
    if (type->kind != IR_STRUCT) return type->kind == IR_TASK;
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (type_has_task(type->fields[i].type)) return true;
    }
    return false;
}

bool place_is_within(const Graph *g, uint32_t inner, uint32_t outer) {
    while (inner != outer) {
        if (inner == NO_PLACE || inner < outer) return false;
        inner = g->places.data[inner].parent;
    }
    return true;
}

const IrArg *arg_of_value(const IrFn *fn, const Value *value) {
    if (value->def != NULL || value->region != NULL) return NULL;
    for (uint32_t i = 0; i < fn->args.len; i++) {
        const IrArg *arg = &fn->args.data[i];
        if (value->index >= arg->first && value->index < arg->first + arg->count) return arg;
    }
    return NULL;
}

const IrVar *place_var(const Graph *g, uint32_t place) {
    const Value *var = g->places.data[place].var;
    if (var->def != NULL) return &var->def->attr.var;
    IrVar *made = arena_new(g->arena, IrVar);
    const IrParam *param = &g->fn->params.data[var->index];
    const IrArg *arg = arg_of_value(g->fn, var);
    made->name = arg ? arg->name : param->name;
    made->declared = arg ? arg->span : param->span;
    made->type = NULL;
    if (arg == NULL) {
        made->role = param->is_written ? VAR_INOUT : VAR_BORROWED;
        return made;
    }
    switch (arg->convention) {
    case ARG_BORROWED: made->role = VAR_BORROWED; break;
    case ARG_INOUT: made->role = VAR_INOUT; break;
    case ARG_OWNED: made->role = VAR_OWNED; break;
    }
    return made;
}

static void place_spell(const Graph *g, uint32_t place, StrBuf *out) {
    const Context *cx = g->fn->module->cx;
    const Place *p = &g->places.data[place];
    if (p->parent == NO_PLACE) {
        strbuf_puts(out, text_of(cx, place_var(g, place)->name));
        return;
    }
    place_spell(g, p->parent, out);
    Name field = g->places.data[p->parent].type->fields[p->field].name;
    strbuf_printf(out, ".%s", text_of(cx, field));
}

const char *place_text(const Graph *g, uint32_t place) {
    if (place_var(g, place_root(g, place))->name.id == 0) return "this value";
    StrBuf text = {0};
    place_spell(g, place, &text);
    const char *copy = arena_strndup(g->arena, strbuf_text(&text), text.len);
    strbuf_free(&text);
    return copy;
}
