/* Lookups in tables from two lanes to more than a register holds, by numbers of all widths: interpreted and compiled. */
#include "tests/unit/vector_helpers.h"

enum { LOADED = 128, LARGEST_LOG = 9, FORMS = 4 * LARGEST_LOG };

/* A table of that many lanes, of two vectors. */
static Value *table_of(VectorKernel *k, uint32_t lanes) {
    uint16_t from[1 << LARGEST_LOG];
    uint32_t each = lanes < LOADED ? lanes : LOADED;
    for (uint32_t i = 0; i < lanes; i++) from[i] = (uint16_t)((i + i / 256 * 7) % (2 * each));
    return build_shuffle(&k->b, vector_in(k, 0, each), vector_in(k, 1, each), from, lanes);
}

/* Numbers count modulo the size of the table. */
static void build_looked_up(VectorKernel *k) {
    static const Scalar numbers[] = {SCALAR_I64, SCALAR_U8, SCALAR_I32, SCALAR_I16};
    uint32_t lanes = k->c->lanes, log = 1 + k->c->extra / ARRAY_LEN(numbers);
    const IrType *whole = ir_vec(k->m, numbers[k->c->extra % ARRAY_LEN(numbers)], lanes);
    Value *which = build_vload(&k->b, k->indices, &k->zero, lanes, NULL), *table = table_of(k, 1u << log);
    vector_out(k, build_binary(&k->b, OP_LOOKUP, table, build_cast(&k->b, which, whole)));
}

/* A few forms of each type and number of lanes, and of all of them each. */
static void cases_add(VectorSuite *s) {
    for (uint32_t log = 2; log <= 5; log++)
        for (Scalar t = SCALAR_BOOL; t < SCALAR_COUNT; t++)
            for (uint32_t form = (7 * log + 5 * (uint32_t)t) % 31; form < FORMS; form += 31)
                vector_case_add(s, (VectorCase){build_looked_up, OP_LOOKUP, t, t, 1u << log, form, NULL});
}

static int setup(void **state) { return vector_suite_setup(state, cases_add); }

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(vector_tests)};
    return cmocka_run_group_tests_name("vector_lookup", tests, setup, vector_suite_teardown);
}
