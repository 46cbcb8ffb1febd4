#include "sema/types.h"

#include <string.h>

enum { FIRST_SLOTS = 64, KIND_COUNT = TYPE_FAILURE + 1 };

/* Types without parts are made once; the others are found in an open hash table. */
struct Types {
    Context *cx;
    Sizes *sizes;
    const Type *singles[KIND_COUNT]; /* by kind; NULL for kinds with parts */
    const Type *scalars[SCALAR_COUNT];
    const Size *open; /* the `?` of what lists hold and tasks give: one for all, so that types agree */
    const Type **slots;
    uint32_t *hashes;          /* beside slots */
    uint32_t slot_count, used; /* slot_count is a power of two */
    uint32_t type_count;
};

static const Type *type_new(Types *t, const Type *like) {
    Type *type = arena_copy(t->cx->arena, like, sizeof *like);
    type->id = ++t->type_count;
    return type;
}

Types *types_create(Context *cx, Sizes *sizes) {
    Types *t = arena_new(cx->arena, Types);
    t->cx = cx;
    t->sizes = sizes;
    t->slot_count = FIRST_SLOTS;
    t->slots = arena_array(cx->arena, const Type *, FIRST_SLOTS);
    t->hashes = arena_array(cx->arena, uint32_t, FIRST_SLOTS);
    static const TypeKind singles[] = {TYPE_ERROR, TYPE_VOID,  TYPE_INT_LITERAL, TYPE_FLOAT_LITERAL,
                                       TYPE_STR,   TYPE_RANGE, TYPE_ARENA,       TYPE_FAILURE};
    for (uint32_t i = 0; i < ARRAY_LEN(singles); i++) {
        t->singles[singles[i]] = type_new(t, &(Type){.kind = singles[i]});
    }
    t->open = size_unknown(sizes, NO_SPAN);
    for (int scalar = 0; scalar < SCALAR_COUNT; scalar++) {
        Type like = {.kind = TYPE_SCALAR, .scalar = (Scalar)scalar};
        t->scalars[scalar] = type_new(t, &like);
    }
    return t;
}

const Type *type_error(Types *t) { return t->singles[TYPE_ERROR]; }
const Type *type_void(Types *t) { return t->singles[TYPE_VOID]; }
const Type *type_scalar(Types *t, Scalar scalar) { return t->scalars[scalar]; }
const Type *type_bool(Types *t) { return t->scalars[SCALAR_BOOL]; }
const Type *type_int(Types *t) { return t->scalars[SCALAR_I64]; }
const Type *type_int_literal(Types *t) { return t->singles[TYPE_INT_LITERAL]; }
const Type *type_float_literal(Types *t) { return t->singles[TYPE_FLOAT_LITERAL]; }
const Type *type_str(Types *t) { return t->singles[TYPE_STR]; }
const Type *type_range(Types *t) { return t->singles[TYPE_RANGE]; }
const Type *type_arena(Types *t) { return t->singles[TYPE_ARENA]; }
const Type *type_failure(Types *t) { return t->singles[TYPE_FAILURE]; }

static uint32_t mix(uint32_t hash, const void *part) {
    uint64_t value = (uint64_t)(uintptr_t)part;
    hash = (hash ^ (uint32_t)value) * 16777619u;
    hash = (hash ^ (uint32_t)(value >> 32)) * 16777619u;
    return hash ^ hash >> 15;
}

/* By the addresses of its parts, which are interned themselves. */
static uint32_t type_hash(const Type *type) {
    uint32_t hash = 2166136261u ^ (uint32_t)type->kind ^ (uint32_t)type->form << 8;
    hash ^= type->lanes << 12;
    hash = mix(mix(hash, type->strukt), type->elem);
    for (uint32_t i = 0; i < type->item_count; i++) hash = mix(hash, type->items[i]);
    for (uint32_t i = 0; i < type->rank; i++) hash = mix(hash, type->dims[i]);
    return hash;
}

static bool same_parts(const void *a, const void *b, uint32_t count) {
    return count == 0 || memcmp(a, b, count * sizeof(void *)) == 0;
}

static bool type_same(const Type *a, const Type *b) {
    return a->kind == b->kind && a->strukt == b->strukt && a->form == b->form &&
           a->lanes == b->lanes && a->elem == b->elem && a->item_count == b->item_count && a->rank == b->rank &&
           same_parts(a->items, b->items, a->item_count) && same_parts(a->dims, b->dims, a->rank);
}

static void slots_double(Types *t) {
    const Type **old = t->slots;
    uint32_t *old_hashes = t->hashes, old_count = t->slot_count;
    t->slot_count *= 2;
    t->slots = arena_array(t->cx->arena, const Type *, t->slot_count);
    t->hashes = arena_array(t->cx->arena, uint32_t, t->slot_count);
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i] == NULL) continue;
        uint32_t at = old_hashes[i] & (t->slot_count - 1);
        while (t->slots[at] != NULL) at = (at + 1) & (t->slot_count - 1);
        t->slots[at] = old[i];
        t->hashes[at] = old_hashes[i];
    }
}

/* The type with the parts of `like`, whose vectors are copied if it is new. */
static const Type *intern(Types *t, const Type *like) {
    uint32_t hash = type_hash(like), mask = t->slot_count - 1, at = hash & mask;
    for (; t->slots[at] != NULL; at = (at + 1) & mask) {
        if (t->hashes[at] == hash && type_same(t->slots[at], like)) return t->slots[at];
    }
    Type own = *like;
    own.items = arena_copy(t->cx->arena, like->items, like->item_count * sizeof *like->items);
    own.dims = arena_copy(t->cx->arena, like->dims, like->rank * sizeof *like->dims);
    const Type *type = type_new(t, &own);
    t->slots[at] = type;
    t->hashes[at] = hash;
    if (++t->used > t->slot_count / 2) slots_double(t);
    return type;
}

const Type *type_vector(Types *t, const Type *elem, uint32_t lanes) {
    return intern(t, &(Type){.kind = TYPE_VECTOR, .elem = elem, .lanes = lanes});
}

const Type *type_with_elem(Types *t, const Type *like, const Type *elem) {
    if (type_is_vector(like)) return type_vector(t, elem, like->lanes);
    if (!type_is_array(like)) return elem;
    return type_array(t, FORM_TENSOR, elem, like->dims, like->rank);
}

const Type *type_tuple(Types *t, const Type *const *items, uint32_t count) {
    return intern(t, &(Type){.kind = TYPE_TUPLE, .items = items, .item_count = count});
}

const Type *type_struct(Types *t, const StructSymbol *strukt) {
    return intern(t, &(Type){.kind = TYPE_STRUCT, .strukt = strukt});
}

const Type *type_array(Types *t, ArrayForm form, const Type *elem, const Size *const *dims,
                       uint32_t rank) {
    KC_CHECK(rank <= MAX_RANK);
    return intern(
        t, &(Type){.kind = TYPE_ARRAY, .form = form, .elem = elem, .dims = dims, .rank = rank});
}

static bool has_hidden(const Size *size) {
    const SizeTerm *terms;
    uint32_t count = size_terms(size, &terms);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < terms[i].sym_count; k++) {
            if (terms[i].syms[k]->kind == SIZE_HIDDEN) return true;
        }
    }
    return false;
}

/* Every unknown size becomes the same one. */
static const Type *type_opened(Types *t, const Type *type) {
    if (type->kind == TYPE_TUPLE) {
        const Type **items = arena_array(t->cx->arena, const Type *, type->item_count);
        for (uint32_t i = 0; i < type->item_count; i++) items[i] = type_opened(t, type->items[i]);
        return type_tuple(t, items, type->item_count);
    }
    if (type->kind != TYPE_ARRAY) return type;
    const Size *dims[MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) {
        dims[i] = has_hidden(type->dims[i]) ? t->open : type->dims[i];
    }
    return type_array(t, type->form, type->elem, dims, type->rank);
}

const Type *type_with_fresh(Types *t, const Type *type, Span span) {
    if (type->kind != TYPE_ARRAY) return type;
    const Size *dims[MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) {
        dims[i] = has_hidden(type->dims[i]) ? size_unknown(t->sizes, span) : type->dims[i];
    }
    return type_array(t, type->form, type->elem, dims, type->rank);
}

const Type *type_list(Types *t, const Type *elem) {
    return intern(t, &(Type){.kind = TYPE_LIST, .elem = type_opened(t, elem)});
}

const Type *type_task(Types *t, const Type *result) {
    return intern(t, &(Type){.kind = TYPE_TASK, .elem = type_opened(t, result)});
}

const Type *type_pointer(Types *t, const Type *elem) {
    return intern(t, &(Type){.kind = TYPE_POINTER, .elem = elem});
}

bool type_is_error(const Type *type) { return type->kind == TYPE_ERROR; }

bool type_is_literal(const Type *type) {
    return type->kind == TYPE_INT_LITERAL || type->kind == TYPE_FLOAT_LITERAL;
}

bool type_is_float(const Type *type) {
    return type->kind == TYPE_FLOAT_LITERAL ||
           (type->kind == TYPE_SCALAR && scalar_is_float(type->scalar));
}

bool type_is_integer(const Type *type) {
    return type->kind == TYPE_INT_LITERAL ||
           (type->kind == TYPE_SCALAR && scalar_is_int(type->scalar));
}

bool type_is_number(const Type *type) { return type_is_float(type) || type_is_integer(type); }

bool type_is_bool(const Type *type) {
    return type->kind == TYPE_SCALAR && type->scalar == SCALAR_BOOL;
}

bool type_is_array(const Type *type) { return type->kind == TYPE_ARRAY; }

bool type_is_strided(const Type *type) {
    return type->kind == TYPE_ARRAY &&
           (type->form == FORM_STRIDED || type->form == FORM_MUTSTRIDED);
}

bool type_is_owned_array(const Type *type) {
    return type->kind == TYPE_ARRAY && type->form == FORM_TENSOR;
}

bool type_is_mutable_window(const Type *type) {
    return type->kind == TYPE_ARRAY &&
           (type->form == FORM_MUTVIEW || type->form == FORM_MUTSTRIDED);
}

bool type_is_vector(const Type *type) { return type->kind == TYPE_VECTOR; }

bool type_is_mask(const Type *type) { return type_is_vector(type) && type_is_bool(type->elem); }

const Type *type_element(const Type *type) {
    return type_is_array(type) || type_is_vector(type) ? type->elem : type;
}

static const Type *tuple_with_sizes(Types *t, const Type *type, const SizeSym *const *syms,
                                    const Size *const *with, uint32_t count) {
    const Type **items = arena_array(t->cx->arena, const Type *, type->item_count);
    for (uint32_t i = 0; i < type->item_count; i++) {
        items[i] = type_with_sizes(t, type->items[i], syms, with, count);
    }
    return type_tuple(t, items, type->item_count);
}

const Type *type_with_sizes(Types *t, const Type *type, const SizeSym *const *syms,
                            const Size *const *with, uint32_t count) {
    if (type->kind == TYPE_TUPLE) return tuple_with_sizes(t, type, syms, with, count);
    if (type->kind != TYPE_ARRAY) return type;
    const Size *dims[MAX_RANK];
    for (uint32_t i = 0; i < type->rank; i++) {
        dims[i] = size_substitute(t->sizes, type->dims[i], syms, with, count);
    }
    return type_array(t, type->form, type->elem, dims, type->rank);
}
