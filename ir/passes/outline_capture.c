#include "ir/passes/outline.h"

Name fn_name_new(const IrFn *fn, Arena *scratch, const char *what, uint32_t *made) {
    IrModule *module = fn->module;
    Name name;
    do {
        const char *text =
            arena_printf(scratch, "%s.%s%u", text_of(module->cx, fn->name), what, (unsigned)++*made);
        name = name_of_str(module->cx->names, text);
    } while (ir_fn_find(module, name) != NULL);
    return name;
}

Capture capture_start(Arena *arena, const Op *op, IrFn *to) {
    IrFn *from = op->parent->fn;
    Capture c = {.arena = arena, .op = op, .among = op, .to = to, .memory = memory_of(arena, from)};
    c.outside = builder_before((Op *)op);
    c.inside = builder_at_end(to->body, op->span);
    c.map_len = from->next_value;
    c.map = arena_array(arena, Value *, c.map_len);
    return c;
}

static Value *param_pass(Capture *c, ParamKind kind, const IrType *type, Value *arg, Name name) {
    IrParam *param = ir_param_add(c->to, kind, name, type);
    param->value->name = name;
    vec_push(c->arena, &c->args, arg);
    return param->value;
}

/* ---- Numbers and other plain values ---------------------------------------------------------- */

static const IrParam *param_of_value(const IrFn *fn, const Value *value) {
    for (uint32_t i = 0; value->def == NULL && i < fn->params.len; i++)
        if (fn->params.data[i].value == value) return &fn->params.data[i];
    return NULL;
}

static Value *plain_pass(Capture *c, Value *value) {
    const IrParam *param = param_of_value(c->op->parent->fn, value);
    ParamKind kind = value->type->kind == IR_STRUCT ? PARAM_STRUCT : PARAM_SCALAR;
    if (param != NULL && param->kind == PARAM_SIZE) kind = PARAM_SIZE;
    return param_pass(c, kind, value->type, value, value->name);
}

static Value *pass(Capture *c, Value *value);

/* ---- Places ---------------------------------------------------------------------------------- */

typedef struct PlaceScan {
    const Value *base;
    bool is_changed; /* or passed on, or looked into by more than a read */
} PlaceScan;

static void place_note(void *user, Op *op) {
    PlaceScan *scan = user;
    if (op->kind == OP_GET || op->kind == OP_FIELD) return;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        bool is_ref = op->operands[i]->type->kind == IR_REF;
        if (is_ref && ref_base(op->operands[i]) == scan->base) scan->is_changed = true;
    }
}

static Value *place_lend(Capture *c, Value *ref) {
    c->hides_origin = c->hides_origin || type_reaches_memory(ref->type);
    Value *passed = param_pass(c, PARAM_REF, ref->type, ref, ref->name);
    vec_last(&c->to->params).is_written = true;
    return passed;
}

void capture_place(Capture *c, Value *ref) { c->map[ref->id] = place_lend(c, ref); }

/* A place that is only read has one value all the time: that is passed, and has a place of its own. */
static Value *place_pass(Capture *c, Value *ref) {
    PlaceScan scan = {.base = ref_base(ref)};
    for (uint32_t i = 0; i < c->among->region_count; i++)
        region_walk(c->among->regions[i], place_note, &scan);
    if (scan.is_changed) return place_lend(c, ref);
    Value *held = pass(c, build_get(&c->outside, ref));
    Value *copy = build_var(&c->inside, ref->type->elem, ref->name);
    build_set(&c->inside, copy, held);
    return copy;
}

/* ---- Memory ---------------------------------------------------------------------------------- */

/* Memory that is passed a second time can be reached in two ways. */
static bool is_new_root(Capture *c, const Root *root) {
    for (uint32_t i = 0; i < c->roots.len; i++)
        if (c->roots.data[i] == root->value) return false;
    vec_push(c->arena, &c->roots, root->value);
    return true;
}

static Value *buf_pass(Capture *c, Value *buf, const Value *of) {
    Root root = memory_root(&c->memory, of);
    const IrParam *source = root.kind == ROOT_PARAM ? root.param : NULL;
    bool is_known = source != NULL || root.kind == ROOT_ALLOC;
    if (!is_known || !is_new_root(c, &root)) c->hides_origin = true;
    Value *passed = param_pass(c, PARAM_ARRAY, buf->type, buf, of->name);
    IrParam *param = &vec_last(&c->to->params);
    param->is_written = source == NULL || source->is_written;
    param->is_restrict = source != NULL ? source->is_restrict : is_known;
    param->min_elements = source != NULL && root.value == buf ? source->min_elements : 0;
    return passed;
}

/* A window that came out of something is put together again of its parts. */
static Value *view_pass(Capture *c, Value *view) {
    const IrType *type = view->type;
    Value *parts[2 * 8];
    for (uint32_t i = 0; i < type->rank; i++) {
        Value *size = view_dim(view, i);
        parts[i] = size != NULL ? capture_value(c, size) : plain_pass(c, build_dim(&c->outside, view, i));
        if (type->strided) parts[type->rank + i] = plain_pass(c, build_stride(&c->outside, view, i));
    }
    Value *buf = op_result(build_op(&c->outside, OP_BUF, &view, 1,
                                    (const IrType *[]){ir_buf(c->to->module, type->elem)}, 1, 0));
    buf = buf_pass(c, buf, view);
    Value *made = type->strided
                      ? build_strided(&c->inside, buf, parts, parts + type->rank, type->rank)
                      : build_view(&c->inside, buf, parts, type->rank);
    made->name = view->name;
    return made;
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* What is made again, of the same things. */
static bool is_made_again(const Capture *c, const Op *op) {
    bool is_size = op->kind == OP_DIM || op->kind == OP_STRIDE;
    if (is_size && c->passes_sizes) return false;
    switch ((int)op->kind) {
    case OP_CONST: case OP_TEXT: case OP_DATA: case OP_NULLVIEW: case OP_VIEW: case OP_STRIDED:
    case OP_SLICE: case OP_CELLS: case OP_DIM: case OP_STRIDE: case OP_LIST:
        return true;
    default: return false;
    }
}

static Value *make_again(Capture *c, Value *value) {
    for (uint32_t i = 0; i < value->def->operand_count; i++)
        capture_value(c, value->def->operands[i]);
    return op_clone(&c->inside, value->def, c->map, c->map_len)->results[value->index];
}

static Value *pass(Capture *c, Value *value) {
    if (value->def != NULL && is_made_again(c, value->def)) return make_again(c, value);
    switch ((int)value->type->kind) {
    case IR_REF: return place_pass(c, value);
    case IR_BUF: return buf_pass(c, value, value);
    case IR_VIEW: return view_pass(c, value);
    default: return plain_pass(c, value);
    }
}

Value *capture_value(Capture *c, Value *value) {
    KC_CHECK(value->id < c->map_len);
    if (c->map[value->id] == NULL) c->map[value->id] = pass(c, value);
    return c->map[value->id];
}

static void use_note(void *user, Op *op) {
    Capture *c = user;
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (!value_is_made_in(op->operands[i], c->op)) capture_value(c, op->operands[i]);
}

void capture_uses(Capture *c) {
    for (uint32_t i = 0; i < c->op->region_count; i++) region_walk(c->op->regions[i], use_note, c);
}

void capture_end(Capture *c) {
    for (uint32_t i = 0; i < c->to->params.len; i++) {
        IrParam *param = &c->to->params.data[i];
        if (c->hides_origin) param->is_restrict = false;
    }
}
