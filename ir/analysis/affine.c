#include "ir/analysis/affine.h"

#include "ir/analysis/memory.h"

/* How many ops one form may look through: index arithmetic is small, and a shared subexpression
 * must not be followed exponentially often. */
enum { AFFINE_BUDGET = 64 };

typedef struct Reader {
    AffineResolve resolve;
    void *user;
    uint32_t budget;
} Reader;

Affine affine_const(int64_t constant) {
    return (Affine){.constant = constant};
}

Affine affine_symbol(const Value *value) {
    return (Affine){.count = 1, .terms = {{value, 1}}};
}

static int64_t wrap_mul(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a * (uint64_t)b);
}

static int64_t wrap_add(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void term_remove(Affine *sum, uint32_t at) {
    sum->count--;
    for (uint32_t i = at; i < sum->count; i++) sum->terms[i] = sum->terms[i + 1];
}

static bool term_add(Affine *sum, const Value *value, int64_t factor) {
    uint32_t at = 0;
    while (at < sum->count && sum->terms[at].value->id < value->id) at++;
    if (at < sum->count && sum->terms[at].value == value) {
        if (__builtin_add_overflow(sum->terms[at].factor, factor, &sum->terms[at].factor))
            return false;
        if (sum->terms[at].factor == 0) term_remove(sum, at);
        return true;
    }
    if (sum->count == AFFINE_TERMS) return false;
    for (uint32_t i = sum->count; i > at; i--) sum->terms[i] = sum->terms[i - 1];
    sum->terms[at] = (AffineTerm){value, factor};
    sum->count++;
    return true;
}

bool affine_add(Affine *sum, const Affine *form, int64_t factor) {
    if (factor == 0) return true;
    sum->constant = wrap_add(sum->constant, wrap_mul(form->constant, factor));
    for (uint32_t i = 0; i < form->count; i++) {
        int64_t product;
        if (__builtin_mul_overflow(form->terms[i].factor, factor, &product)) return false;
        if (!term_add(sum, form->terms[i].value, product)) return false;
    }
    return true;
}

bool affine_add_exact(Affine *sum, const Affine *form, int64_t factor) {
    int64_t product, constant;
    if (__builtin_mul_overflow(form->constant, factor, &product) ||
        __builtin_add_overflow(sum->constant, product, &constant))
        return false;
    return affine_add(sum, form, factor);
}

static bool value_read(Reader *reader, const Value *value, Affine *out);

/* a + factor * b, as far as both can be read. */
static bool sum_read(Reader *reader, const Value *a, const Value *b, int64_t factor, Affine *out) {
    Affine right;
    if (!value_read(reader, a, out) || !value_read(reader, b, &right)) return false;
    return affine_add(out, &right, factor);
}

static bool scaled_read(Reader *reader, const Value *a, int64_t factor, Affine *out) {
    Affine form;
    if (!value_read(reader, a, &form)) return false;
    *out = affine_const(0);
    return affine_add(out, &form, factor);
}

static bool product_read(Reader *reader, const Op *op, Affine *out) {
    int64_t factor;
    if (value_is_int(op->operands[1], &factor))
        return scaled_read(reader, op->operands[0], factor, out);
    if (value_is_int(op->operands[0], &factor))
        return scaled_read(reader, op->operands[1], factor, out);
    return false;
}

static bool shift_read(Reader *reader, const Op *op, Affine *out) {
    int64_t count;
    if (!value_is_int(op->operands[1], &count) || count < 0 || count > 32) return false;
    return scaled_read(reader, op->operands[0], (int64_t)1 << count, out);
}

/* A narrower integer is the same number in i64. */
static bool widening_read(Reader *reader, const Op *op, Affine *out) {
    const IrType *from = op->operands[0]->type;
    bool widens = ir_is_int(from) && scalar_bits(from->scalar) < 64;
    return widens && value_read(reader, op->operands[0], out);
}

/* The op looked through; false where it is opaque. */
static bool op_read(Reader *reader, const Op *op, Affine *out) {
    if (op->kind == OP_ADD) return sum_read(reader, op->operands[0], op->operands[1], 1, out);
    if (op->kind == OP_SUB) return sum_read(reader, op->operands[0], op->operands[1], -1, out);
    if (op->kind == OP_NEG) return scaled_read(reader, op->operands[0], -1, out);
    if (op->kind == OP_MUL) return product_read(reader, op, out);
    if (op->kind == OP_SHL) return shift_read(reader, op, out);
    if (op->kind == OP_CAST) return widening_read(reader, op, out);
    return false;
}

static bool value_read(Reader *reader, const Value *value, Affine *out) {
    if (reader->resolve != NULL) value = reader->resolve(reader->user, value);
    value = value_behind_dim(value);
    int64_t number;
    if (value_is_int(value, &number)) {
        *out = affine_const(number);
        return true;
    }
    bool is_i64 = ir_is_scalar(value->type) && value->type->scalar == SCALAR_I64;
    if (is_i64 && value->def != NULL && reader->budget > 0) {
        reader->budget--;
        if (op_read(reader, value->def, out)) return true;
    }
    *out = affine_symbol(value);
    return true;
}

Affine affine_of(const Value *value, AffineResolve resolve, void *user) {
    Reader reader = {resolve, user, AFFINE_BUDGET};
    Affine form;
    value_read(&reader, value, &form);
    return form;
}

bool affine_is_const(const Affine *form, int64_t *constant) {
    *constant = form->constant;
    return form->count == 0;
}

bool affine_equal(const Affine *a, const Affine *b) {
    if (a->constant != b->constant || a->count != b->count) return false;
    for (uint32_t i = 0; i < a->count; i++) {
        if (a->terms[i].value != b->terms[i].value || a->terms[i].factor != b->terms[i].factor)
            return false;
    }
    return true;
}

int64_t affine_factor(const Affine *form, const Value *value) {
    for (uint32_t i = 0; i < form->count; i++)
        if (form->terms[i].value == value) return form->terms[i].factor;
    return 0;
}

bool affine_difference(const Value *a, const Value *b, int64_t *difference) {
    Affine left = affine_of(a, NULL, NULL), right = affine_of(b, NULL, NULL);
    return affine_add(&left, &right, -1) && affine_is_const(&left, difference);
}

bool values_equal(const Value *a, const Value *b) {
    int64_t difference;
    return a == b || (affine_difference(a, b, &difference) && difference == 0);
}
