#include "driver/value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "kc/kcrt.h"
#include "support/floats.h"

/* ---- Text to tree ------------------------------------------------------------------------------ */

enum { MAX_NESTING = 64 };

static const char *skip_space(const char *at) {
    while (isspace((unsigned char)*at)) at++;
    return at;
}

static ValueTree *tree_new(Arena *arena, ValueKind kind, const char *text) {
    ValueTree *tree = arena_new(arena, ValueTree);
    tree->kind = kind;
    tree->text = text;
    return tree;
}

static ValueTree *parse_text(Arena *arena, const char **text, const char **reason) {
    StrBuf bytes = {0};
    const char *at = *text + 1;
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1]) {
            at++;
            strbuf_putc(&bytes, *at == 'n' ? '\n' : *at == 't' ? '\t' : *at);
        } else {
            strbuf_putc(&bytes, *at);
        }
    }
    ValueTree *tree = NULL;
    if (*at == '"')
        tree = tree_new(arena, VALUE_TEXT, arena_strndup(arena, strbuf_text(&bytes), bytes.len));
    else
        *reason = "a string without its closing quote";
    *text = *at ? at + 1 : at;
    strbuf_free(&bytes);
    return tree;
}

static ValueTree *parse_nested(Arena *arena, const char **text, const char **reason, int depth);

static ValueTree *parse_items(Arena *arena, const char **text, const char **reason, int depth) {
    char close = **text == '[' ? ']' : ')';
    ValueTree *tree = tree_new(arena, close == ']' ? VALUE_LIST : VALUE_TUPLE, NULL);
    *text = skip_space(*text + 1);
    while (**text != close) {
        ValueTree *item = parse_nested(arena, text, reason, depth + 1);
        if (!item) return NULL;
        vec_push(arena, &tree->items, item);
        *text = skip_space(*text);
        if (**text == ',') {
            *text = skip_space(*text + 1);
        } else if (**text != close) {
            *reason = close == ']' ? "expected `,` or `]`" : "expected `,` or `)`";
            return NULL;
        }
    }
    (*text)++;
    return tree;
}

static ValueTree *parse_nested(Arena *arena, const char **text, const char **reason, int depth) {
    *text = skip_space(*text);
    if (depth > MAX_NESTING) {
        *reason = "brackets are nested too deeply";
        return NULL;
    }
    if (**text == '[' || **text == '(') return parse_items(arena, text, reason, depth);
    if (**text == '"') return parse_text(arena, text, reason);
    size_t length = strcspn(*text, ",[]() \t\n\"=");
    if (length == 0) {
        *reason = "expected a value";
        return NULL;
    }
    ValueTree *tree = tree_new(arena, VALUE_WORD, arena_strndup(arena, *text, length));
    *text += length;
    return tree;
}

ValueTree *value_parse(Arena *arena, const char **text, const char **reason) {
    return parse_nested(arena, text, reason, 0);
}

/* ---- Tree to memory ---------------------------------------------------------------------------- */

int64_t datum_count(const Datum *datum) {
    int64_t count = 1;
    for (uint32_t k = 0; k < datum->rank; k++) count *= datum->shape[k];
    return count;
}

bool datum_alloc(Datum *datum, const IrType *elem, uint32_t rank, const int64_t *shape) {
    *datum = (Datum){.elem = elem, .rank = rank};
    int64_t count = 1;
    for (uint32_t k = 0; k < rank; k++) {
        datum->shape[k] = shape[k];
        if (__builtin_mul_overflow(count, shape[k], &count)) return false;
    }
    datum->data = kc_alloc(count, elem->size, 1);
    return datum->data != NULL;
}

void datum_free(Datum *datum) {
    if (datum->rank > 0) kc_free(datum->data);
    datum->data = NULL;
}

static bool store_integer(const char *text, Scalar scalar, void *at) {
    char *end;
    unsigned bits = scalar_bits(scalar);
    uint64_t value;
    bool negative = text[0] == '-';
    uint64_t magnitude = strtoull(negative ? text + 1 : text, &end, 0);
    if (*end || end == text || !isdigit((unsigned char)text[negative])) return false;
    if (scalar_is_unsigned(scalar)) {
        if (negative || (bits < 64 && magnitude >> bits)) return false;
    } else if (magnitude > (UINT64_C(1) << (bits - 1)) - !negative) {
        return false;
    }
    value = negative ? 0 - magnitude : magnitude;
    memcpy(at, &value, scalar_bytes(scalar));
    return true;
}

static bool store_float(const char *text, Scalar scalar, void *at) {
    char *end;
    double value = strtod(text, &end);
    if (*end || end == text) return false;
    uint64_t bits = scalar == SCALAR_F16    ? f16_from_f64(value)
                    : scalar == SCALAR_BF16 ? bf16_from_f64(value)
                    : scalar == SCALAR_F32  ? bits_of_f32(strtof(text, NULL))
                                            : bits_of_f64(value);
    memcpy(at, &bits, scalar_bytes(scalar));
    return true;
}

static bool store_scalar(Arena *arena, const char *text, Scalar scalar, void *at,
                         const char **reason) {
    bool ok;
    if (scalar == SCALAR_BOOL) {
        bool is_true = strcmp(text, "True") == 0;
        ok = is_true || strcmp(text, "False") == 0;
        memcpy(at, &is_true, 1);
    } else if (scalar_is_float(scalar)) {
        ok = store_float(text, scalar, at);
    } else {
        ok = store_integer(text, scalar, at);
    }
    if (!ok) *reason = arena_printf(arena, "`%s` is no value of type %s", text, scalar_spelling(scalar));
    return ok;
}

static bool store_element(Arena *arena, const ValueTree *tree, const IrType *type, void *at,
                          const char **reason) {
    if (type->kind == IR_SCALAR) {
        if (tree->kind == VALUE_WORD) return store_scalar(arena, tree->text, type->scalar, at, reason);
        *reason = arena_printf(arena, "a value of type %s was expected, not a list", scalar_spelling(type->scalar));
        return false;
    }
    if (type->kind != IR_STRUCT) {
        *reason = "an arena, a list or a window cannot be written down; call the function from another";
        return false;
    }
    if (tree->kind != VALUE_TUPLE || tree->items.len != type->field_count) {
        *reason = arena_printf(arena, "a struct of %u fields is written as (a, b, ...)",
                               type->field_count);
        return false;
    }
    for (uint32_t i = 0; i < type->field_count; i++)
        if (!store_element(arena, tree->items.data[i], type->fields[i].type,
                           (char *)at + ir_field_offset(type, i), reason))
            return false;
    return true;
}

static bool store_list(Arena *arena, const ValueTree *tree, Datum *out, uint32_t dim, char **at,
                       const char **reason) {
    if (dim == out->rank) {
        if (!store_element(arena, tree, out->elem, *at, reason)) return false;
        *at += out->elem->size;
        return true;
    }
    if (tree->kind != VALUE_LIST || (int64_t)tree->items.len != out->shape[dim]) {
        *reason = arena_printf(arena, "a list of %lld items was expected in dimension %u",
                               (long long)out->shape[dim], dim);
        return false;
    }
    for (uint32_t i = 0; i < tree->items.len; i++)
        if (!store_list(arena, tree->items.data[i], out, dim + 1, at, reason)) return false;
    return true;
}

bool datum_from_tree(Arena *arena, const ValueTree *tree, const IrType *elem, uint32_t rank,
                     Datum *out, const char **reason) {
    if (rank == 0) {
        *out = (Datum){.elem = elem, .data = arena_alloc(arena, elem->size)};
        return store_element(arena, tree, elem, out->data, reason);
    }
    int64_t shape[VALUE_MAX_RANK] = {0};
    const ValueTree *first = tree;
    for (uint32_t k = 0; k < rank && first; k++) {
        shape[k] = first->kind == VALUE_LIST ? first->items.len : 0;
        first = shape[k] > 0 ? first->items.data[0] : NULL;
    }
    if (!datum_alloc(out, elem, rank, shape)) {
        *reason = "out of memory";
        return false;
    }
    char *at = out->data;
    if (store_list(arena, tree, out, 0, &at, reason)) return true;
    datum_free(out);
    return false;
}

/* ---- Comparison -------------------------------------------------------------------------------- */

static uint64_t load_bits(const IrType *type, const void *at) {
    uint64_t bits = 0;
    memcpy(&bits, at, type->size);
    return bits;
}

static const unsigned exponent_bits[SCALAR_COUNT] = {
    [SCALAR_F16] = 5, [SCALAR_BF16] = 8, [SCALAR_F32] = 8, [SCALAR_F64] = 11};

static bool float_bits_equal(Scalar scalar, uint64_t a, uint64_t b, uint64_t ulps) {
    uint64_t sign = UINT64_C(1) << (scalar_bits(scalar) - 1);
    unsigned mantissa_bits = scalar_bits(scalar) - 1 - exponent_bits[scalar];
    uint64_t infinity = ((UINT64_C(1) << exponent_bits[scalar]) - 1) << mantissa_bits;
    bool a_nan = (a & ~sign) > infinity, b_nan = (b & ~sign) > infinity;
    if (a_nan || b_nan) return a_nan && b_nan;
    if (a == b) return true;
    /* On the line of all floats in order, neighbours are one apart. */
    Int128 x = a & sign ? -(Int128)(a & ~sign) : (Int128)a;
    Int128 y = b & sign ? -(Int128)(b & ~sign) : (Int128)b;
    Int128 distance = x > y ? x - y : y - x;
    return ulps > 0 && distance <= (Int128)ulps;
}

static bool element_equal(const IrType *type, const char *a, const char *b, uint64_t ulps) {
    if (type->kind == IR_SCALAR) {
        uint64_t x = load_bits(type, a), y = load_bits(type, b);
        return scalar_is_float(type->scalar) ? float_bits_equal(type->scalar, x, y, ulps) : x == y;
    }
    for (uint32_t i = 0; i < type->field_count; i++) {
        uint32_t offset = ir_field_offset(type, i);
        if (!element_equal(type->fields[i].type, a + offset, b + offset, ulps)) return false;
    }
    return true;
}

bool datum_equal(const Datum *a, const Datum *b, uint64_t ulps) {
    if (a->elem != b->elem || a->rank != b->rank) return false;
    for (uint32_t k = 0; k < a->rank; k++)
        if (a->shape[k] != b->shape[k]) return false;
    int64_t count = datum_count(a);
    for (int64_t i = 0; i < count; i++) {
        size_t offset = (size_t)i * a->elem->size;
        if (!element_equal(a->elem, (char *)a->data + offset, (char *)b->data + offset, ulps))
            return false;
    }
    return true;
}

/* ---- Memory to text ---------------------------------------------------------------------------- */

static void print_element(const IrType *type, const char *at, StrBuf *out) {
    if (type->kind == IR_SCALAR) {
        char text[64];
        size_t length = kc_format_value((kc_type)type->scalar, at, text);
        strbuf_add(out, text, length);
        return;
    }
    strbuf_putc(out, '(');
    for (uint32_t i = 0; i < type->field_count; i++) {
        if (i > 0) strbuf_puts(out, ", ");
        print_element(type->fields[i].type, at + ir_field_offset(type, i), out);
    }
    strbuf_putc(out, ')');
}

static void print_dim(const Datum *datum, uint32_t dim, const char **at, StrBuf *out) {
    if (dim == datum->rank) {
        print_element(datum->elem, *at, out);
        *at += datum->elem->size;
        return;
    }
    strbuf_putc(out, '[');
    for (int64_t i = 0; i < datum->shape[dim]; i++) {
        if (i > 0) strbuf_puts(out, ", ");
        print_dim(datum, dim + 1, at, out);
    }
    strbuf_putc(out, ']');
}

void datum_print(const Datum *datum, StrBuf *out) {
    const char *at = datum->data;
    print_dim(datum, 0, &at, out);
}

void datum_show(const Datum *datum, StrBuf *out) {
    if (datum->rank == 0 || datum->elem->kind != IR_SCALAR) {
        datum_print(datum, out);
        return;
    }
    int64_t stride[VALUE_MAX_RANK], step = 1;
    for (uint32_t k = datum->rank; k-- > 0;) {
        stride[k] = step;
        step *= datum->shape[k];
    }
    kc_type type = (kc_type)datum->elem->scalar;
    size_t length = kc_format_array(type, datum->data, (int32_t)datum->rank, datum->shape, stride,
                                    NULL, 0);
    char *text = malloc(length + 1);
    if (!text) fatal("out of memory");
    kc_format_array(type, datum->data, (int32_t)datum->rank, datum->shape, stride, text, length + 1);
    strbuf_add(out, text, length);
    free(text);
}
