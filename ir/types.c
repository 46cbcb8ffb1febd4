/* Types of the IR: interning, C layout, and their spelling. */
#include "ir/idmap.h"
#include "ir/value.h"

/* All that tells one type from another, without loss: structs by name, the others by their parts. */
static uint64_t type_key(const IrType *type) {
    KC_CHECK(type->rank < 256 && type->kind < 16);
    uint64_t part = type->kind == IR_STRUCT ? type->name.id : type->elem ? type->elem->id + 1u : 0;
    uint32_t wide = type->lanes == 0 ? 0 : (uint32_t)__builtin_ctz(type->lanes);
    return part << 32 | (uint64_t)wide << 24 | (uint64_t)type->scalar << 16 | type->rank << 8 |
           (uint64_t)type->owned << 5 | (uint64_t)type->strided << 4 | type->kind;
}

/* Where the module keeps the type of that description; 0 when it has none yet. */
static uintptr_t *type_slot(IrModule *m, const IrType *wanted) {
    if (m->type_table == NULL) {
        m->type_table = arena_new(m->arena, IdMap);
        m->type_table->arena = m->arena;
    }
    return idmap_at(m->type_table, type_key(wanted));
}

static const IrType *type_intern(IrModule *m, const IrType *wanted) {
    uintptr_t *slot = type_slot(m, wanted);
    if (*slot != 0) return (const IrType *)*slot;
    IrType *made = arena_copy(m->arena, wanted, sizeof *wanted);
    made->id = m->types.len;
    vec_push(m->arena, &m->types, made);
    *slot = (uintptr_t)made;
    return made;
}

const IrType *ir_scalar(IrModule *m, Scalar scalar) {
    IrType t = {.kind = IR_SCALAR, .scalar = scalar};
    t.size = t.align = scalar_bytes(scalar);
    return type_intern(m, &t);
}

const IrType *ir_vec(IrModule *m, Scalar scalar, uint32_t lanes) {
    if (lanes == 1) return ir_scalar(m, scalar);
    KC_CHECK(lanes <= MAX_LANES && (lanes & (lanes - 1)) == 0);
    IrType t = {.kind = IR_VEC, .scalar = scalar, .lanes = lanes};
    t.size = scalar_bytes(scalar) * lanes;
    t.align = t.size < 64 ? t.size : 64;
    return type_intern(m, &t);
}

const IrType *ir_like(IrModule *m, const IrType *like, Scalar scalar) {
    return like->kind == IR_VEC ? ir_vec(m, scalar, like->lanes) : ir_scalar(m, scalar);
}

const IrType *ir_bool(IrModule *m) { return ir_scalar(m, SCALAR_BOOL); }

const IrType *ir_i64(IrModule *m) { return ir_scalar(m, SCALAR_I64); }

/* Pointers and what is made of them takes whole words. */
static const IrType *intern_words(IrModule *m, IrType type, uint32_t words) {
    type.size = 8 * words;
    type.align = 8;
    return type_intern(m, &type);
}

const IrType *ir_str(IrModule *m) { return intern_words(m, (IrType){.kind = IR_STR}, 2); }

const IrType *ir_buf(IrModule *m, const IrType *elem) {
    return intern_words(m, (IrType){.kind = IR_BUF, .elem = elem}, 1);
}

const IrType *ir_view(IrModule *m, const IrType *elem, uint32_t rank, bool strided) {
    IrType type = {.kind = IR_VIEW, .elem = elem, .rank = rank, .strided = strided};
    return intern_words(m, type, strided ? 1 + 2 * rank : 1 + rank);
}

const IrType *ir_tensor(IrModule *m, const IrType *elem, uint32_t rank) {
    IrType type = {.kind = IR_VIEW, .elem = elem, .rank = rank, .owned = true};
    return intern_words(m, type, 1 + rank);
}

const IrType *ir_array(IrModule *m, const IrType *elem, uint32_t rank) {
    return type_intern(m, &(IrType){.kind = IR_ARRAY, .elem = elem, .rank = rank});
}

const IrType *ir_list(IrModule *m, const IrType *elem) {
    return intern_words(m, (IrType){.kind = IR_LIST, .elem = elem}, 3);
}

const IrType *ir_arena(IrModule *m) { return intern_words(m, (IrType){.kind = IR_ARENA}, 1); }

const IrType *ir_task(IrModule *m, const IrType *result) {
    return intern_words(m, (IrType){.kind = IR_TASK, .elem = result}, 1);
}

const IrType *ir_ref(IrModule *m, const IrType *held) {
    return type_intern(m, &(IrType){.kind = IR_REF, .elem = held});
}

bool ir_type_owns(const IrType *type) {
    switch (type->kind) {
    case IR_VIEW: return type->owned;
    case IR_LIST: case IR_ARENA: case IR_TASK: return true;
    case IR_STRUCT: return type->fields_own || type->del != NULL;
    case IR_SCALAR: case IR_VEC: case IR_STR: case IR_BUF: case IR_ARRAY: case IR_REF: break;
    }
    return false;
}

bool ir_type_looks(const IrType *type) {
    return type->kind == IR_VIEW ? !type->owned : type->fields_look;
}

/* ---- Structs --------------------------------------------------------------------------------- */

static uint32_t align_up(uint32_t offset, uint32_t align) {
    return (offset + align - 1) / align * align;
}

/* A struct without fields takes one byte, as C++ has it; kc never makes one for C to see. */
static void struct_complete(IrType *type) {
    uint32_t offset = 0, align = 1;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const IrType *field = type->fields[i].type;
        offset = align_up(offset, field->align) + field->size;
        if (field->align > align) align = field->align;
        type->fields_own |= ir_type_owns(field);
        type->fields_look |= ir_type_looks(field);
    }
    type->align = align;
    type->size = align_up(offset == 0 ? 1 : offset, align);
}

const IrType *ir_struct(IrModule *m, Name name, const IrField *fields, uint32_t count) {
    IrType type = {.kind = IR_STRUCT, .name = name};
    uintptr_t found = *type_slot(m, &type);
    if (found != 0) return (const IrType *)found;
    for (uint32_t i = 0; i < count; i++) KC_CHECK(fields[i].type->align != 0);
    type.field_count = count;
    type.fields = count ? arena_copy(m->arena, fields, count * sizeof *fields) : NULL;
    struct_complete(&type);
    return type_intern(m, &type);
}

void ir_struct_set_del(const IrType *type, IrFn *del) {
    KC_CHECK(type->kind == IR_STRUCT && type == del->module->types.data[type->id]);
    ((IrType *)type)->del = del;
}

uint32_t ir_field_offset(const IrType *type, uint32_t field) {
    uint32_t offset = 0;
    for (uint32_t i = 0; i < field; i++)
        offset = align_up(offset, type->fields[i].type->align) + type->fields[i].type->size;
    return align_up(offset, type->fields[field].type->align);
}

/* ---- Spelling -------------------------------------------------------------------------------- */

static void ranked_print(const Context *cx, const char *word, const IrType *type, StrBuf *out) {
    strbuf_puts(out, word);
    ir_type_print(cx, type->elem, out);
    if (type->rank != 0) strbuf_printf(out, ", %u", type->rank);
    strbuf_puts(out, type->strided ? ", strided>" : ">");
}

void ir_type_print(const Context *cx, const IrType *type, StrBuf *out) {
    switch (type->kind) {
    case IR_SCALAR: strbuf_puts(out, scalar_spelling(type->scalar)); return;
    case IR_VEC:
        strbuf_printf(out, "vec<%s, %u>", scalar_spelling(type->scalar), type->lanes);
        return;
    case IR_STRUCT:
        strbuf_puts(out, "struct ");
        ir_name_print(cx, type->name, out);
        return;
    case IR_STR: strbuf_puts(out, "str"); return;
    case IR_BUF: ranked_print(cx, "buf<", type, out); return;
    case IR_VIEW: ranked_print(cx, type->owned ? "tensor<" : "view<", type, out); return;
    case IR_ARRAY: ranked_print(cx, "array<", type, out); return;
    case IR_REF: ranked_print(cx, "ref<", type, out); return;
    case IR_LIST: ranked_print(cx, "list<", type, out); return;
    case IR_ARENA: strbuf_puts(out, "arena"); return;
    case IR_TASK:
        if (type->elem == NULL)
            strbuf_puts(out, "task");
        else
            ranked_print(cx, "task<", type, out);
        return;
    }
}
