/* The interpreter's scalars: every operation on the values where it could go wrong. Rows are text,
 * in the literals of the IR's text form; NaNs are expected by their bits. */
#include "ir/eval.h"
#include "ir/interp.h"
#include "ir/literal.h"
#include "tests/unit/ir_helpers.h"

#include <stdio.h>

typedef struct Row {
    const char *op, *type, *operands, *result_type, *result;
} Row;

#define NAN16 "nan(0x7e00)"
#define NAN32 "nan(0x7fc00000)"
#define NAN64 "nan(0x7ff8000000000000)"

static const Row rows[] = {
    /* Integers wrap. */
    {"add", "i8", "127 1", "i8", "-128"},
    {"add", "u8", "255 1", "u8", "0"},
    {"add", "i64", "9223372036854775807 1", "i64", "-9223372036854775808"},
    {"sub", "i32", "-2147483648 1", "i32", "2147483647"},
    {"sub", "u64", "0 1", "u64", "18446744073709551615"},
    {"mul", "i16", "300 300", "i16", "24464"},
    {"mul", "i64", "4611686018427387904 2", "i64", "-9223372036854775808"},
    {"mul", "u64", "18446744073709551615 18446744073709551615", "u64", "1"},
    {"neg", "i8", "-128", "i8", "-128"},
    {"neg", "u16", "1", "u16", "65535"},
    {"abs", "i32", "-2147483648", "i32", "-2147483648"},
    {"abs", "i8", "-5", "i8", "5"},
    /* Python's division. */
    {"floordiv", "i32", "7 2", "i32", "3"},
    {"floordiv", "i32", "-7 2", "i32", "-4"},
    {"floordiv", "i32", "7 -2", "i32", "-4"},
    {"floordiv", "i32", "-7 -2", "i32", "3"},
    {"floordiv", "i8", "-128 -1", "i8", "-128"},
    {"floordiv", "i64", "-9223372036854775808 -1", "i64", "-9223372036854775808"},
    {"floordiv", "i32", "5 0", "i32", "0"},
    {"floordiv", "u8", "200 7", "u8", "28"},
    {"mod", "i32", "7 3", "i32", "1"},
    {"mod", "i32", "-7 3", "i32", "2"},
    {"mod", "i32", "7 -3", "i32", "-2"},
    {"mod", "i32", "-7 -3", "i32", "-1"},
    {"mod", "i64", "-9223372036854775808 -1", "i64", "0"},
    {"mod", "i16", "5 0", "i16", "0"},
    {"mod", "u64", "18446744073709551615 10", "u64", "5"},
    {"floordiv", "f64", "7.0 2.0", "f64", "3.0"},
    {"floordiv", "f64", "-7.0 2.0", "f64", "-4.0"},
    {"floordiv", "f64", "1.0 0.1", "f64", "9.0"},
    {"floordiv", "f64", "-1.0 0.1", "f64", "-10.0"},
    {"floordiv", "f64", "-0.0 3.0", "f64", "-0.0"},
    {"floordiv", "f64", "1.0 inf", "f64", "0.0"},
    {"floordiv", "f64", "-1.0 inf", "f64", "-1.0"},
    {"floordiv", "f64", "inf 2.0", "f64", NAN64},
    {"floordiv", "f64", "1.0 0.0", "f64", "inf"},
    {"floordiv", "f64", "-1.0 0.0", "f64", "-inf"},
    {"floordiv", "f32", "1.0 0.1", "f32", "9.0"},
    {"floordiv", "f16", "-7.0 2.0", "f16", "-4.0"},
    {"mod", "f64", "5.5 2.0", "f64", "1.5"},
    {"mod", "f64", "-5.5 2.0", "f64", "0.5"},
    {"mod", "f64", "5.5 -2.0", "f64", "-0.5"},
    {"mod", "f64", "-5.5 -2.0", "f64", "-1.5"},
    {"mod", "f64", "6.0 -2.0", "f64", "-0.0"},
    {"mod", "f64", "-6.0 2.0", "f64", "0.0"},
    {"mod", "f64", "-1.0 inf", "f64", "inf"},
    {"mod", "f64", "1.0 inf", "f64", "1.0"},
    {"mod", "f64", "inf 2.0", "f64", NAN64},
    {"mod", "f64", "1.0 0.0", "f64", NAN64},
    {"mod", "f64", "-1e-20 1.0", "f64", "1.0"},
    {"mod", "bf16", "-5.0 3.0", "bf16", "1.0"},
    /* Floats round once, in their own format. */
    {"add", "f32", "16777216.0 1.0", "f32", "16777216.0"},
    {"add", "f32", "0.1 0.2", "f32", "0.3"},
    {"add", "f64", "0.1 0.2", "f64", "0.30000000000000004"},
    {"add", "f16", "2048.0 1.0", "f16", "2048.0"},
    {"add", "f16", "65504.0 16.0", "f16", "inf"},
    {"add", "bf16", "256.0 1.0", "bf16", "256.0"},
    {"sub", "f64", "inf inf", "f64", NAN64},
    {"mul", "f32", "1e30 1e30", "f32", "inf"},
    {"mul", "f16", "6e-08 0.5", "f16", "0.0"},
    {"div", "f32", "1.0 3.0", "f32", "0.33333334"},
    {"div", "f64", "1.0 -0.0", "f64", "-inf"},
    {"div", "f16", "1.0 3.0", "f16", "0.3333"},
    {"div", "f32", "0.0 0.0", "f32", NAN32},
    {"sqrt", "f64", "2.0", "f64", "1.4142135623730951"},
    {"sqrt", "f32", "-1.0", "f32", NAN32},
    {"sqrt", "f64", "-0.0", "f64", "-0.0"},
    {"fma", "f32", "16777217.0 1.0 -16777216.0", "f32", "0.0"},
    {"fma", "f64", "9007199254740991.0 9007199254740991.0 -8.112963841460666e+31", "f64", "1.0"},
    {"fma", "f16", "1025.0 1025.0 -1050000.0", "f16", "-inf"},
    {"fma", "f16", "0.1 10.0 -1.0", "f16", "-0.0002441"},
    {"neg", "f32", "0.0", "f32", "-0.0"},
    {"abs", "f16", "-inf", "f16", "inf"},
    {"floor", "f64", "-0.5", "f64", "-1.0"},
    {"ceil", "f64", "-0.5", "f64", "-0.0"},
    {"trunc", "f32", "-1.9", "f32", "-1.0"},
    {"rint", "f64", "2.5", "f64", "2.0"},
    {"rint", "f64", "-3.5", "f64", "-4.0"},
    {"rint", "f64", "-0.4", "f64", "-0.0"},
    {"rint", "f32", "1e10", "f32", "1e10"},
    {"copysign", "f64", "3.0 -0.0", "f64", "-3.0"},
    /* min and max. */
    {"min", "f32", "-0.0 0.0", "f32", "-0.0"},
    {"min", "f32", "0.0 -0.0", "f32", "-0.0"},
    {"max", "f32", "-0.0 0.0", "f32", "0.0"},
    {"min", "f64", "1.0 inf", "f64", "1.0"},
    {"max", "u8", "200 100", "u8", "200"},
    {"min", "i8", "-128 127", "i8", "-128"},
    {"max", "i64", "-1 1", "i64", "1"},
    /* Bits. */
    {"and", "u8", "0xf0 0x3c", "u8", "0x30"},
    {"or", "i8", "-128 1", "i8", "-127"},
    {"xor", "bool", "true true", "bool", "false"},
    {"not", "bool", "true", "bool", "false"},
    {"not", "i32", "0", "i32", "-1"},
    {"shl", "i32", "1 31", "i32", "-2147483648"},
    {"shl", "i32", "1 32", "i32", "0"},
    {"shl", "i32", "1 -1", "i32", "0"},
    {"shr", "i32", "-8 1", "i32", "-4"},
    {"shr", "i32", "-8 32", "i32", "-1"},
    {"shr", "u32", "0x80000000 31", "u32", "1"},
    {"shr", "u32", "0x80000000 32", "u32", "0"},
    {"shr", "i64", "-1 -5", "i64", "-1"},
    {"popcount", "i8", "-1", "i8", "8"},
    {"clz", "i16", "1", "i16", "15"},
    {"clz", "u8", "0", "u8", "8"},
    {"ctz", "u64", "0", "u64", "64"},
    {"ctz", "i32", "-2147483648", "i32", "31"},
    /* Comparison. */
    {"lt", "u64", "18446744073709551615 1", "bool", "false"},
    {"lt", "i64", "-1 1", "bool", "true"},
    {"eq", "f32", "-0.0 0.0", "bool", "true"},
    {"lt", "f64", "-inf inf", "bool", "true"},
    {"ge", "i8", "-128 127", "bool", "false"},
    {"gt", "bool", "true false", "bool", "true"},
    /* Conversion. */
    {"cast", "f64", "1e10", "i32", "2147483647"},
    {"cast", "f64", "-1e10", "i32", "-2147483648"},
    {"cast", "f32", "-1.5", "u8", "0"},
    {"cast", "f32", "300.0", "u8", "255"},
    {"cast", "f64", "-1.9", "i8", "-1"},
    {"cast", "f64", "1e30", "u64", "18446744073709551615"},
    {"cast", "f64", "9223372036854775807.0", "i64", "9223372036854775807"},
    {"cast", "f16", "inf", "i64", "9223372036854775807"},
    {"cast", "i32", "300", "i8", "44"},
    {"cast", "i8", "-1", "u32", "4294967295"},
    {"cast", "i8", "-1", "i64", "-1"},
    {"cast", "u8", "255", "i16", "255"},
    {"cast", "i64", "9007199254740993", "f64", "9007199254740992.0"},
    {"cast", "i64", "16777217", "f32", "16777216.0"},
    {"cast", "u64", "18446744073709551615", "f32", "18446744073709551616.0"},
    {"cast", "i64", "36170086419038209", "bf16", "36310271995674624.0"},
    {"cast", "i32", "70000", "f16", "inf"},
    {"cast", "f64", "0.1", "f32", "0.1"},
    {"cast", "f64", "1e300", "f32", "inf"},
    {"cast", "f32", "0.5", "bool", "true"},
    {"cast", "f32", "-0.0", "bool", "false"},
    {"cast", "bool", "true", "f16", "1.0"},
    {"cast", "i32", "256", "bool", "true"},
    {"bitcast", "f32", "1.0", "u32", "0x3f800000"},
    {"bitcast", "i16", "-1", "u16", "65535"},
};

/* Operations with a NaN, by bits, since literals have no place for them in a list. */
static const Row nan_rows[] = {
    {"min", "f32", "0x7fc00000 0x3f800000", "f32", NAN32},
    {"max", "f32", "0x3f800000 0x7fc00000", "f32", NAN32},
    {"min", "f16", "0x7e00 0x3c00", "f16", NAN16},
    {"eq", "f32", "0x7fc00000 0x7fc00000", "bool", "false"},
    {"ne", "f32", "0x7fc00000 0x7fc00000", "bool", "true"},
    {"lt", "f32", "0x7fc00000 0x3f800000", "bool", "false"},
    {"ge", "f32", "0x7fc00000 0x3f800000", "bool", "false"},
    {"cast", "f32", "0x7fc00000", "i32", "0"},
    {"cast", "f32", "0x7fc00000", "bool", "true"},
    {"cast", "f32", "0x7fc00000", "f64", NAN64},
    {"neg", "f32", "0x7fc00001", "f32", "nan(0xffc00001)"},
    {"abs", "f32", "0xffc00001", "f32", "nan(0x7fc00001)"},
    {"add", "f32", "0xffc00001 0x3f800000", "f32", NAN32},
};

static Scalar scalar_named(const char *name) {
    for (Scalar s = 0; s < SCALAR_COUNT; s++)
        if (strcmp(scalar_spelling(s), name) == 0) return s;
    fail_msg("no type %s", name);
    return SCALAR_I64;
}

static OpKind op_named(const char *name) {
    for (int i = 0; i < OP_COUNT; i++)
        if (strcmp(op_infos[i].mnemonic, name) == 0) return (OpKind)i;
    fail_msg("no op %s", name);
    return OP_ADD;
}

/* fn(a, b, c) -> op(a, b, c), as many as the op takes. */
static IrFn *fn_of_row(IrModule *m, const Row *row) {
    IrFn *fn = ir_fn_create(m, name_of_str(m->cx->names, row->op), NO_SPAN);
    const IrType *type = ir_scalar(m, scalar_named(row->type));
    const IrType *result = ir_scalar(m, scalar_named(row->result_type));
    OpKind kind = op_named(row->op);
    Value *args[3];
    uint32_t count = (uint32_t)op_infos[kind].operands;
    for (uint32_t i = 0; i < count; i++)
        args[i] = ir_param_add(fn, PARAM_SCALAR, NO_NAME, type)->value;
    vec_push(m->arena, &fn->results, result);
    Builder b = builder_at_end(fn->body, NO_SPAN);
    Value *value = op_result(build_op(&b, kind, args, count, &result, 1, 0));
    build_return(&b, &value, 1);
    return fn;
}

static void read_operands(const Row *row, bool as_bits, uint64_t *operands) {
    char text[100];
    snprintf(text, sizeof text, "%s", row->operands);
    Scalar scalar = as_bits ? SCALAR_U64 : scalar_named(row->type);
    char *word = text;
    for (int i = 0; word != NULL && i < 3; i++) {
        char *blank = strchr(word, ' ');
        if (blank != NULL) *blank = '\0';
        if (!literal_read(scalar, word, &operands[i])) fail_msg("no literal: %s", word);
        word = blank != NULL ? blank + 1 : NULL;
    }
}

static bool same_result(const Row *row, uint64_t bits) {
    Scalar scalar = scalar_named(row->result_type);
    StrBuf found = {0};
    literal_print(scalar, bits, &found);
    uint64_t wanted;
    bool same = strcmp(strbuf_text(&found), row->result) == 0 ||
                (literal_read(scalar, row->result, &wanted) && wanted == bits);
    if (!same)
        print_error("%s %s (%s): %s, wanted %s\n", row->op, row->type, row->operands,
                    strbuf_text(&found), row->result);
    strbuf_free(&found);
    return same;
}

static uint64_t run_row(IrModule *m, const Row *row, const uint64_t *operands) {
    IrFn *fn = fn_of_row(m, row);
    InterpArg args[3];
    for (int i = 0; i < 3; i++) args[i] = (InterpArg){&operands[i], 0};
    InterpHost host = {0};
    InterpPanic panic;
    uint64_t result = 0;
    assert_int_equal(ir_interpret(fn, args, &result, &host, 0, &panic), INTERP_OK);
    return result;
}

static int run_rows(const Row *table, uint32_t count, bool as_bits) {
    Context *cx = context_create();
    IrModule *m = ir_module_create(cx, NO_NAME);
    int wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t operands[3] = {0};
        read_operands(&table[i], as_bits, operands);
        wrong += !same_result(&table[i], run_row(m, &table[i], operands));
    }
    context_destroy(cx);
    return wrong;
}

static void test_rows(void **state) {
    (void)state;
    assert_int_equal(run_rows(rows, ARRAY_LEN(rows), false), 0);
}

static void test_nan_rows(void **state) {
    (void)state;
    assert_int_equal(run_rows(nan_rows, ARRAY_LEN(nan_rows), true), 0);
}

/* No scalar operation is left out of the evaluation, on any type that the verifier lets it have. */
static void test_every_op_evaluates(void **state) {
    (void)state;
    Context *cx = context_create();
    for (OpKind kind = OP_ADD; kind <= OP_GE; kind++)
        for (Scalar s = 0; s < SCALAR_COUNT; s++) {
            IrModule *m = ir_module_create(cx, NO_NAME);
            bool compares = kind >= OP_EQ;
            const Row row = {op_infos[kind].mnemonic, scalar_spelling(s), "",
                             compares ? "bool" : scalar_spelling(s), ""};
            fn_of_row(m, &row);
            StrBuf problems = {0};
            uint64_t operands[3] = {1, 1, 1}, result;
            if (ir_verify(m, &problems) && !eval_scalar_op(kind, s, operands, &result))
                fail_msg("%s of %s is not evaluated", row.op, row.type);
            strbuf_free(&problems);
        }
    context_destroy(cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_nan_rows),
        cmocka_unit_test(test_every_op_evaluates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
