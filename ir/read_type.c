/* Types and struct declarations, from text. */
#include "ir/read.h"

#include <string.h>

enum { MAX_RANK = 8, MAX_STRUCT_SIZE = 1 << 24, MAX_TYPE_DEPTH = 2000 };

static const IrType *read_struct_name(Reader *r) {
    Span span = r->t.token.span;
    const char *shown = kir_shown(&r->t);
    Name name = expect_name(r, "the name of a struct");
    const IrType *type = (const IrType *)*idmap_at(&r->structs, name.id);
    if (type != NULL) return type;
    kir_fail(&r->t, span, "no struct %s is declared before this", shown);
    return ir_i64(r->module);
}

/* SCALAR_COUNT, without a step, when none is here. */
static Scalar read_scalar(Reader *r) {
    Scalar scalar = 0;
    while (scalar < SCALAR_COUNT && !take_word(r, scalar_spelling(scalar))) scalar++;
    return scalar;
}

/* `vec<f32, 8>`, after its first word. */
static const IrType *read_vec(Reader *r) {
    expect_punct(r, '<', "before the type of a lane");
    Span span = r->t.token.span;
    Scalar scalar = read_scalar(r);
    if (scalar == SCALAR_COUNT)
        kir_fail(&r->t, span, "expected the type of a lane, found %s", kir_shown(&r->t));
    expect_punct(r, ',', "before the number of lanes");
    uint32_t lanes = (uint32_t)expect_number(r, 2, MAX_LANES, "the number of lanes");
    if (!r->t.failed && (lanes & (lanes - 1)) != 0)
        kir_fail(&r->t, span, "%u lanes are no power of two", lanes);
    expect_punct(r, '>', "at the end of the type");
    return r->t.failed ? ir_i64(r->module) : ir_vec(r->module, scalar, lanes);
}

/* A scalar, a vector or a struct. NULL, without a step, when none is here. */
static const IrType *read_plain_type(Reader *r) {
    Scalar scalar = read_scalar(r);
    if (scalar != SCALAR_COUNT) return ir_scalar(r->module, scalar);
    if (take_word(r, "vec")) return read_vec(r);
    return take_word(r, "struct") ? read_struct_name(r) : NULL;
}

static uint32_t read_rank(Reader *r) {
    expect_punct(r, ',', "before the number of dimensions");
    return (uint32_t)expect_number(r, 1, MAX_RANK, "the number of dimensions");
}

/* What takes an element's type in `<` and `>`. */
typedef enum Around { AROUND_BUF, AROUND_VIEW, AROUND_TENSOR, AROUND_ARRAY, AROUND_LIST } Around;

/* What can be in memory; NULL when none stands here. */
static const IrType *read_stored_type(Reader *r);

static const IrType *read_elem(Reader *r) {
    const IrType *type = read_stored_type(r);
    if (type != NULL) return type;
    kir_fail(&r->t, r->t.token.span, "expected the type of an element or a field, found %s",
             kir_shown(&r->t));
    return ir_i64(r->module);
}

/* After `buf<` and the like. */
static const IrType *read_around(Reader *r, Around around) {
    const IrType *elem = read_elem(r);
    bool ranked = around != AROUND_BUF && around != AROUND_LIST;
    uint32_t rank = ranked ? read_rank(r) : 0;
    bool strided = false;
    if (around == AROUND_VIEW && take_punct(r, ',')) {
        strided = take_word(r, "strided");
        if (!strided)
            kir_fail(&r->t, r->t.token.span, "expected `strided`, found %s", kir_shown(&r->t));
    }
    switch (around) {
    case AROUND_BUF: return ir_buf(r->module, elem);
    case AROUND_VIEW: return ir_view(r->module, elem, rank, strided);
    case AROUND_TENSOR: return ir_tensor(r->module, elem, rank);
    case AROUND_ARRAY: return ir_array(r->module, elem, rank);
    case AROUND_LIST: return ir_list(r->module, elem);
    }
    UNREACHABLE();
}

static const IrType *read_task(Reader *r) {
    if (!take_punct(r, '<')) return ir_task(r->module, NULL);
    const IrType *type = ir_task(r->module, read_elem(r));
    expect_punct(r, '>', "at the end of the type");
    return type;
}

/* Any type but a ref; NULL when none stands here. */
static const IrType *read_value_type(Reader *r) {
    static const char *const words[] = {[AROUND_BUF] = "buf", [AROUND_VIEW] = "view",
                                        [AROUND_TENSOR] = "tensor", [AROUND_ARRAY] = "array",
                                        [AROUND_LIST] = "list"};
    const IrType *plain = read_plain_type(r);
    if (plain != NULL) return plain;
    if (take_word(r, "str")) return ir_str(r->module);
    if (take_word(r, "arena")) return ir_arena(r->module);
    if (take_word(r, "task")) return read_task(r);
    uint32_t which = word_index(r, words, ARRAY_LEN(words));
    if (which == ARRAY_LEN(words)) return NULL;
    kir_next(&r->t);
    expect_punct(r, '<', "before the element's type");
    const IrType *type = read_around(r, (Around)which);
    expect_punct(r, '>', "at the end of the type");
    return type;
}

static const IrType *read_stored_type(Reader *r) {
    if (++r->depth > MAX_TYPE_DEPTH)
        kir_fail(&r->t, r->t.token.span, "this type is nested more than %d deep", MAX_TYPE_DEPTH);
    const IrType *type = at_word(r, "array") ? NULL : read_value_type(r);
    r->depth--;
    return type;
}

const IrType *read_type(Reader *r) {
    bool ref = take_word(r, "ref");
    if (ref) expect_punct(r, '<', "before the type that a ref holds");
    const IrType *type = read_value_type(r);
    if (type == NULL) {
        kir_fail(&r->t, r->t.token.span, "expected a type, found %s", kir_shown(&r->t));
        return ir_i64(r->module);
    }
    if (!ref) return type;
    expect_punct(r, '>', "at the end of the type");
    return ir_ref(r->module, type);
}

static void declare_struct(Reader *r, Name name, const IrField *fields, uint32_t count, Span span) {
    uint64_t size = 0;
    for (uint32_t i = 0; i < count; i++) size += fields[i].type->size + 8;
    uintptr_t *slot = idmap_at(&r->structs, name.id);
    if (*slot != 0)
        kir_fail(&r->t, span, "this struct is declared a second time");
    else if (size > MAX_STRUCT_SIZE)
        kir_fail(&r->t, span, "this struct takes more than 16 MiB");
    else
        *slot = (uintptr_t)ir_struct(r->module, name, fields, count);
}

/* The function may stand further down. */
static void read_del(Reader *r, Name name) {
    PendingDel del = {(const IrType *)*idmap_at(&r->structs, name.id), r->t.token.name,
                      r->t.token.span};
    if (r->t.token.kind != KIR_FN)
        kir_fail(&r->t, del.span, "expected a function such as `@f`, found %s", kir_shown(&r->t));
    vec_push(r->cx->arena, &r->dels, del);
    kir_next(&r->t);
}

/* `struct Name { field: type, ... } del @f`, after its first word. */
void read_struct(Reader *r) {
    Span span = r->t.token.span;
    Name name = expect_name(r, "the name of a struct");
    Vec(IrField) fields = {0};
    expect_punct(r, '{', "before the fields");
    while (!at_punct(r, '}') && !r->t.failed) {
        IrField field = {.name = expect_name(r, "the name of a field")};
        expect_punct(r, ':', "after the name of a field");
        field.type = read_elem(r);
        vec_push(r->cx->arena, &fields, field);
        if (!take_punct(r, ',')) break;
    }
    expect_punct(r, '}', "after the fields");
    if (!r->t.failed) declare_struct(r, name, fields.data, fields.len, span);
    if (take_word(r, "del")) read_del(r, name);
}
