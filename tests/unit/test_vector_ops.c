/* Arithmetic, comparison, choice and conversion, lane by lane: interpreted and compiled, for every
 * type and for 2 to 64 lanes. */
#include "tests/unit/vector_helpers.h"

static void build_lanewise(VectorKernel *k) {
    const VectorCase *c = k->c;
    Value *args[3];
    for (int i = 0; i < 3; i++) args[i] = vector_in(k, i, c->lanes);
    int operands = op_infos[c->kind].operands;
    vector_out(k, operands == 1   ? build_unary(&k->b, c->kind, args[0])
                  : operands == 2 ? build_binary(&k->b, c->kind, args[0], args[1])
                                  : build_fma(&k->b, args[0], args[1], args[2]));
}

static void build_choice(VectorKernel *k) {
    uint32_t lanes = k->c->lanes;
    Value *mask = vector_mask(k, lanes);
    vector_out(k, build_select(&k->b, mask, vector_in(k, 0, lanes), vector_in(k, 1, lanes)));
}

/* One bool for all lanes. */
static void build_whole_choice(VectorKernel *k) {
    uint32_t lanes = k->c->lanes;
    Value *cond = build_load(&k->b, k->mask, &k->zero);
    vector_out(k, build_select(&k->b, cond, vector_in(k, 0, lanes), vector_in(k, 1, lanes)));
}

static void build_conversion(VectorKernel *k) {
    const IrType *to = ir_vec(k->m, k->c->to, k->c->lanes);
    vector_out(k, build_cast(&k->b, vector_in(k, 0, k->c->lanes), to));
}

/* To as many bits in lanes of another size. */
static void build_bits(VectorKernel *k) {
    uint32_t bits = k->c->lanes * scalar_bits(k->c->from);
    const IrType *to = ir_vec(k->m, k->c->to, bits / scalar_bits(k->c->to));
    vector_out(k, build_bitcast(&k->b, vector_in(k, 0, k->c->lanes), to));
}

static bool takes(OpKind kind, Scalar t) {
    switch ((int)kind) {
    case OP_DIV:
    case OP_FMA:
    case OP_SQRT:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_TRUNC:
    case OP_RINT:
    case OP_COPYSIGN: return scalar_is_float(t);
    case OP_SHL:
    case OP_SHR:
    case OP_POPCOUNT:
    case OP_CLZ:
    case OP_CTZ:
    case OP_SATADD:
    case OP_SATSUB: return scalar_is_int(t);
    case OP_AND:
    case OP_OR:
    case OP_XOR:
    case OP_NOT: return !scalar_is_float(t);
    case OP_EQ:
    case OP_NE:
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE: return true;
    default: return t != SCALAR_BOOL;
    }
}

/* Widths in turn: every type and every operation meets each of them. */
static uint32_t width_next(uint32_t *turn) { return 2u << ((*turn)++ % 6); }

static void cases_add(VectorSuite *s) {
    uint32_t turn = 0;
    for (OpKind kind = OP_ADD; kind <= OP_GE; kind++) {
        turn++;
        for (Scalar t = SCALAR_BOOL; t < SCALAR_COUNT; t++) {
            if (!takes(kind, t)) continue;
            Scalar to = kind >= OP_EQ ? SCALAR_BOOL : t;
            vector_case_add(s,
                            (VectorCase){build_lanewise, kind, t, to, width_next(&turn), 0, NULL});
        }
    }
    for (Scalar t = SCALAR_BOOL; t < SCALAR_COUNT; t++)
        for (uint32_t lanes = 2; lanes <= 64; lanes *= 2) {
            vector_case_add(s, (VectorCase){build_choice, OP_SELECT, t, t, lanes, 0, NULL});
            if (t == SCALAR_BOOL) continue;
            vector_case_add(s, (VectorCase){build_lanewise, OP_ADD, t, t, lanes, 1, NULL});
            vector_case_add(s, (VectorCase){build_lanewise, OP_LT, t, SCALAR_BOOL, lanes, 1, NULL});
        }
    for (Scalar from = SCALAR_BOOL; from < SCALAR_COUNT; from++)
        for (Scalar to = SCALAR_BOOL; to < SCALAR_COUNT; to++) {
            uint32_t lanes = width_next(&turn);
            bool bits = from != SCALAR_BOOL && to != SCALAR_BOOL && from != to;
            if (from != to)
                vector_case_add(s,
                                (VectorCase){build_conversion, OP_CAST, from, to, lanes, 0, NULL});
            lanes = lanes < 16 ? 16 : lanes > 32 ? 32 : lanes;
            if (bits)
                vector_case_add(s,
                                (VectorCase){build_bits, OP_BITCAST, from, to, lanes / 2, 0, NULL});
            else
                vector_case_add(s, (VectorCase){build_whole_choice, OP_SELECT, from, from, lanes,
                                                1 + (uint32_t)to, NULL});
        }
}

static int setup(void **state) { return vector_suite_setup(state, cases_add); }

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(vector_tests)};
    return cmocka_run_group_tests_name("vector_ops", tests, setup,
                                       vector_suite_teardown);
}
