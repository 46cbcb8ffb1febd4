#include "ir/analysis/range.h"
#include "support/context.h"
#include "tests/unit/unit.h"

/* A function f(size n, size m, i64 k, i64 j) and the facts about it. */
typedef struct Fixture {
    Context *cx;
    IrFn *fn;
    Builder b;
    Value *n, *m, *k, *j;
    Ranges *ranges;
} Fixture;

static Value *param(Fixture *f, ParamKind kind, const char *name) {
    IrModule *module = f->fn->module;
    return ir_param_add(f->fn, kind, name_of_str(f->cx->names, name), ir_i64(module))->value;
}

/* The values that a test needs are built first: the analysis knows those of its time. */
static void begin(Fixture *f) {
    f->cx = context_create();
    IrModule *module = ir_module_create(f->cx, name_of_str(f->cx->names, "m"));
    f->fn = ir_fn_create(module, name_of_str(f->cx->names, "f"), NO_SPAN);
    f->n = param(f, PARAM_SIZE, "n");
    f->m = param(f, PARAM_SIZE, "m");
    f->k = param(f, PARAM_SCALAR, "k");
    f->j = param(f, PARAM_SCALAR, "j");
    f->b = builder_at_end(f->fn->body, NO_SPAN);
}

static void know(Fixture *f) {
    f->ranges = ranges_create(f->cx->arena, f->fn);
}

static Value *plus(Fixture *f, Value *a, int64_t c) {
    return build_binary(&f->b, OP_ADD, a, build_i64(&f->b, c));
}

static void sizes_are_not_negative(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    know(&f);
    assert_true(ranges_prove_at_least(f.ranges, f.n, 0));
    assert_false(ranges_prove_at_least(f.ranges, f.n, 1));
    assert_false(ranges_prove_at_least(f.ranges, f.k, 0));
    context_destroy(f.cx);
}

static void sums_of_unknown_numbers_may_wrap(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    Value *k1 = plus(&f, f.k, 1), *n1 = plus(&f, f.n, 1);
    know(&f);
    assert_false(ranges_prove_ge(f.ranges, k1, f.k, 0)); /* k may be the greatest integer */
    assert_true(ranges_prove_ge(f.ranges, n1, f.n, 1));
    ranges_assume_ge(f.ranges, f.n, f.k, 0); /* now it cannot be */
    ranges_assume_at_least(f.ranges, f.k, 0);
    k1 = plus(&f, f.k, 2);
    assert_true(ranges_prove_ge(f.ranges, k1, f.k, 1));
    context_destroy(f.cx);
}

static void facts_chain_and_are_taken_back(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    know(&f);
    uint32_t mark = ranges_mark(f.ranges);
    ranges_assume_ge(f.ranges, f.m, f.n, 0);
    ranges_assume_ge(f.ranges, f.n, f.k, 1);
    ranges_assume_ge(f.ranges, f.k, f.j, 2);
    assert_true(ranges_prove_ge(f.ranges, f.m, f.j, 3));
    assert_false(ranges_prove_ge(f.ranges, f.m, f.j, 4));
    ranges_forget(f.ranges, mark);
    assert_false(ranges_prove_ge(f.ranges, f.m, f.j, 0));
    context_destroy(f.cx);
}

static void loops_bound_their_index_either_way(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    Value *zero = build_i64(&f.b, 0), *one = build_i64(&f.b, 1), *minus = build_i64(&f.b, -1);
    Value *last = build_binary(&f.b, OP_SUB, f.n, one);
    Op *up = build_for(&f.b, zero, f.n, one, (OpLoop){0});
    Op *down = build_for(&f.b, last, minus, minus, (OpLoop){0});
    know(&f);
    const Op *loops[] = {up, down};
    for (int i = 0; i < 2; i++) {
        Value *index = loops[i]->regions[0]->params[0];
        uint32_t mark = ranges_mark(f.ranges);
        ranges_assume_loop(f.ranges, loops[i]);
        assert_true(ranges_prove_at_least(f.ranges, index, 0));
        assert_true(ranges_prove_ge(f.ranges, f.n, index, 1));
        assert_false(ranges_prove_ge(f.ranges, f.n, index, 2));
        ranges_forget(f.ranges, mark);
        assert_false(ranges_prove_ge(f.ranges, f.n, index, 1));
    }
    context_destroy(f.cx);
}

static void halves_are_smaller_than_the_whole(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    Value *two = build_i64(&f.b, 2);
    Value *half = build_binary(&f.b, OP_FLOORDIV, f.n, two);
    Value *rest = build_binary(&f.b, OP_SUB, f.n, half);
    know(&f);
    ranges_assume_op(f.ranges, half->def);
    assert_true(ranges_prove_ge(f.ranges, f.n, half, 0));
    assert_true(ranges_prove_ge(f.ranges, rest, half, 0));
    assert_false(ranges_prove_ge(f.ranges, f.n, half, 1)); /* n may be 0 */
    ranges_assume_at_least(f.ranges, f.n, 1);
    assert_true(ranges_prove_ge(f.ranges, f.n, half, 1));
    context_destroy(f.cx);
}

static void clamps_are_inside(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    Value *zero = build_i64(&f.b, 0);
    Value *last = plus(&f, f.n, -1);
    Value *low = build_binary(&f.b, OP_MAX, f.k, zero);
    Value *clamped = build_binary(&f.b, OP_MIN, low, last);
    Value *other = build_binary(&f.b, OP_MAX, build_binary(&f.b, OP_MIN, f.k, last), zero);
    know(&f);
    ranges_assume_at_least(f.ranges, f.n, 1);
    assert_true(ranges_prove_at_least(f.ranges, clamped, 0));
    assert_true(ranges_prove_ge(f.ranges, f.n, clamped, 1));
    assert_true(ranges_prove_at_least(f.ranges, other, 0));
    assert_true(ranges_prove_ge(f.ranges, f.n, other, 1));
    assert_false(ranges_prove_ge(f.ranges, f.m, clamped, 0));
    context_destroy(f.cx);
}

static void conditions_say_what_they_say(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    Value *below = build_binary(&f.b, OP_LT, f.k, f.n);
    Value *positive = build_binary(&f.b, OP_GT, f.k, build_i64(&f.b, 0));
    Value *both = build_binary(&f.b, OP_AND, below, positive);
    Value *neither = build_unary(&f.b, OP_NOT, both);
    know(&f);
    uint32_t mark = ranges_mark(f.ranges);
    ranges_assume_condition(f.ranges, both, false);
    assert_false(ranges_prove_at_least(f.ranges, f.k, 1));
    ranges_forget(f.ranges, mark);
    ranges_assume_condition(f.ranges, neither, false);
    assert_true(ranges_prove_at_least(f.ranges, f.k, 1));
    assert_true(ranges_prove_ge(f.ranges, f.n, f.k, 1));
    assert_true(ranges_prove_at_least(f.ranges, f.n, 2));
    context_destroy(f.cx);
}

static void narrow_integers_are_numbers_too(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    const IrType *i32 = ir_scalar(f.fn->module, SCALAR_I32), *i64 = ir_i64(f.fn->module);
    Value *masked = build_binary(&f.b, OP_AND, f.k, build_i64(&f.b, 255));
    Value *there = build_cast(&f.b, masked, i32), *back = build_cast(&f.b, there, i64);
    Value *lossy = build_cast(&f.b, build_cast(&f.b, f.k, i32), i64);
    know(&f);
    assert_true(ranges_prove_equal(f.ranges, back, masked));
    assert_true(ranges_prove_at_least(f.ranges, there, 0));
    assert_false(ranges_prove_equal(f.ranges, lossy, f.k));
    context_destroy(f.cx);
}

static void intervals_follow_operations(void **state) {
    (void)state;
    Fixture f;
    begin(&f);
    Value *eight = build_i64(&f.b, 8);
    Value *rest = build_binary(&f.b, OP_MOD, f.k, eight);
    Value *scaled = build_binary(&f.b, OP_MUL, rest, build_i64(&f.b, -3));
    Value *square = build_binary(&f.b, OP_MUL, f.k, f.k);
    know(&f);
    Interval a = ranges_interval(f.ranges, rest), b = ranges_interval(f.ranges, scaled);
    Interval c = ranges_interval(f.ranges, square);
    assert_true(a.lo == 0 && a.hi == 7);
    assert_true(b.lo == -21 && b.hi == 0);
    assert_true(c.lo == INT64_MIN && c.hi == INT64_MAX); /* it wraps */
    context_destroy(f.cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_not_negative),
        cmocka_unit_test(sums_of_unknown_numbers_may_wrap),
        cmocka_unit_test(facts_chain_and_are_taken_back),
        cmocka_unit_test(loops_bound_their_index_either_way),
        cmocka_unit_test(halves_are_smaller_than_the_whole),
        cmocka_unit_test(clamps_are_inside),
        cmocka_unit_test(conditions_say_what_they_say),
        cmocka_unit_test(narrow_integers_are_numbers_too),
        cmocka_unit_test(intervals_follow_operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
