#include "ir/ownership/glue.h"

#include <string.h>

/* A struct that owns this many fields of memory at most is ended in place: as many calls of the
 * allocator as a call would cost to get there. */
enum { INLINE_FIELDS = 2 };

Glue glue_create(Arena *arena, IrModule *module) {
    return (Glue){.module = module, .arena = arena};
}

/* ---- Functions, one for each type ------------------------------------------------------------ */

static void slots_reserve(Glue *glue) {
    uint32_t wanted = glue->module->types.len;
    if (wanted <= glue->len) return;
    IrFn **drops = arena_array(glue->arena, IrFn *, wanted);
    IrFn **copies = arena_array(glue->arena, IrFn *, wanted);
    if (glue->len != 0) {
        memcpy(drops, glue->drops, glue->len * sizeof *drops);
        memcpy(copies, glue->copies, glue->len * sizeof *copies);
    }
    glue->drops = drops;
    glue->copies = copies;
    glue->len = wanted;
}

static void type_spell(const Context *cx, const IrType *type, StrBuf *out) {
    if (type->kind == IR_STRUCT) {
        strbuf_puts(out, text_of(cx, type->name));
    } else if (type->kind == IR_LIST) {
        strbuf_puts(out, "List.");
        type_spell(cx, type->elem, out);
    } else if (type->kind == IR_VIEW) {
        strbuf_puts(out, "Tensor.");
        type_spell(cx, type->elem, out);
        strbuf_printf(out, ".%u", (unsigned)type->rank);
    } else {
        ir_type_print(cx, type, out);
    }
}

/* An internal function of one parameter: the value. */
static IrFn *glue_fn(Glue *glue, const char *verb, const IrType *type) {
    StrBuf text = {0};
    strbuf_printf(&text, "%s.", verb);
    type_spell(glue->module->cx, type, &text);
    Name name = name_of_str(glue->module->cx->names, strbuf_text(&text));
    while (ir_fn_find(glue->module, name) != NULL) {
        strbuf_putc(&text, '.');
        name = name_of_str(glue->module->cx->names, strbuf_text(&text));
    }
    strbuf_free(&text);
    IrFn *fn = ir_fn_create(glue->module, name, NO_SPAN);
    Name value = name_of_str(glue->module->cx->names, "value");
    IrParam *param = ir_param_add(fn, PARAM_STRUCT, value, type);
    param->is_written = true;
    return fn;
}

/* A place for a list that is at hand as a value. */
static Value *list_place(Builder *b, Value *list) {
    Value *place = build_var(b, list->type, NO_NAME);
    build_set(b, place, list);
    return place;
}

/* A loop over the elements of the list; the builder ends up inside, the result is the place of the
 * element at hand. */
static Value *items_walk(Builder *b, Value *place, bool from_the_end) {
    Value *items = build_unary(b, OP_ITEMS, place), *count = build_dim(b, items, 0);
    Value *zero = build_i64(b, 0), *one = build_i64(b, 1);
    Op *loop;
    if (from_the_end) {
        Value *minus = build_i64(b, -1);
        loop = build_for(b, build_binary(b, OP_SUB, count, one), minus, minus, (OpLoop){0});
    } else {
        loop = build_for(b, zero, count, one, (OpLoop){0});
    }
    *b = builder_at_end(loop->regions[0], b->span);
    return build_item(b, items, loop->regions[0]->params);
}

/* ---- Ends ------------------------------------------------------------------------------------ */

static void build_free(Builder *b, Value *value) {
    build_op(b, OP_FREE, &value, 1, NULL, 0, 0);
}

static void list_drop(Glue *glue, Builder *b, Value *list) {
    if (ir_type_owns(list->type->elem)) {
        Builder inside = *b;
        Value *item = items_walk(&inside, list_place(&inside, list), true);
        glue_drop(glue, &inside, build_get(&inside, item));
    }
    build_free(b, list);
}

static void fields_drop(Glue *glue, Builder *b, Value *value) {
    for (uint32_t i = value->type->field_count; i-- > 0;)
        if (ir_type_owns(value->type->fields[i].type))
            glue_drop(glue, b, build_extract(b, value, i));
}

/* `__del__` has the value as its own: it ends the fields as well. */
static void del_call(Builder *b, IrFn *del, Value *value) {
    Value *arg = value;
    if (del->params.data[0].kind == PARAM_REF) {
        arg = build_var(b, value->type, NO_NAME);
        build_set(b, arg, value);
    }
    build_call(b, del, &arg, 1);
}

/* What is ended without a function of its own. */
static bool is_small(const IrType *type) {
    uint32_t owned = 0;
    if (type->kind == IR_LIST) return !ir_type_owns(type->elem);
    for (uint32_t i = 0; i < type->field_count; i++) {
        const IrType *field = type->fields[i].type;
        if (!ir_type_owns(field)) continue;
        if (field->kind == IR_STRUCT || !is_small(field)) return false;
        owned++;
    }
    return owned <= INLINE_FIELDS;
}

static void drop_in_place(Glue *glue, Builder *b, Value *value) {
    if (value->type->kind == IR_LIST) list_drop(glue, b, value);
    else if (value->type->kind == IR_STRUCT) fields_drop(glue, b, value);
    else build_free(b, value);
}

static IrFn *drop_fn(Glue *glue, const IrType *type) {
    slots_reserve(glue);
    if (glue->drops[type->id] != NULL) return glue->drops[type->id];
    IrFn *fn = glue_fn(glue, "drop", type);
    glue->drops[type->id] = fn; /* before its body, which may call it */
    Builder b = builder_at_end(fn->body, NO_SPAN);
    drop_in_place(glue, &b, fn->params.data[0].value);
    build_return(&b, NULL, 0);
    return fn;
}

void glue_drop(Glue *glue, Builder *b, Value *value) {
    const IrType *type = value->type;
    if (!ir_type_owns(type)) return;
    if (type->del != NULL) del_call(b, type->del, value);
    else if (is_small(type)) drop_in_place(glue, b, value);
    else build_call(b, drop_fn(glue, type), &value, 1);
}

/* ---- Copies ---------------------------------------------------------------------------------- */

static Value *tensor_copy(Builder *b, Value *tensor) {
    uint32_t rank = tensor->type->rank;
    Value *dims[8];
    for (uint32_t d = 0; d < rank; d++) dims[d] = build_dim(b, tensor, d);
    Value *fresh = build_alloc(b, tensor->type->elem, dims, rank, false);
    Op *map = build_map(b, tensor->type->elem, dims, rank);
    Builder inside = builder_at_end(map->regions[0], b->span);
    Value *element = build_load(&inside, tensor, map->regions[0]->params);
    build_yield(&inside, &element, 1);
    build_assign(b, fresh, op_result(map));
    return fresh;
}

static Value *list_copy(Glue *glue, Builder *b, Value *list) {
    Value *place = list_place(b, list);
    Value *empty = op_result(build_op(b, OP_LIST, NULL, 0, &list->type, 1, 0));
    Value *fresh = list_place(b, empty);
    Builder inside = *b;
    Value *item = items_walk(&inside, place, false);
    Value *element = glue_copy(glue, &inside, build_get(&inside, item));
    build_op(&inside, OP_APPEND, (Value *[]){fresh, element}, 2, NULL, 0, 0);
    return build_get(b, fresh);
}

static Value *struct_copy(Glue *glue, Builder *b, Value *value) {
    Value **fields = arena_array(glue->arena, Value *, value->type->field_count);
    for (uint32_t i = 0; i < value->type->field_count; i++)
        fields[i] = glue_copy(glue, b, build_extract(b, value, i));
    return build_struct(b, value->type, fields);
}

static IrFn *copy_fn(Glue *glue, const IrType *type) {
    slots_reserve(glue);
    if (glue->copies[type->id] != NULL) return glue->copies[type->id];
    IrFn *fn = glue_fn(glue, "copy", type);
    glue->copies[type->id] = fn;
    vec_push(glue->module->arena, &fn->results, type);
    Builder b = builder_at_end(fn->body, NO_SPAN);
    Value *copied = list_copy(glue, &b, fn->params.data[0].value);
    build_return(&b, &copied, 1);
    return fn;
}

Value *glue_copy(Glue *glue, Builder *b, Value *value) {
    const IrType *type = value->type;
    if (type->kind == IR_VIEW) return tensor_copy(b, value);
    if (!ir_type_owns(type)) return value;
    if (type->kind == IR_STRUCT) return struct_copy(glue, b, value);
    return op_result(build_call(b, copy_fn(glue, type), &value, 1));
}
