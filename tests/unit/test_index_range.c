#include "ir/ownership/index_range.h"
#include "tests/unit/unit.h"

/* Windows onto an array, cut by values k, n, b of a function. */
typedef struct Fixture {
    Context *cx;
    IrFn *fn;
    Builder b;
    IndexValues in;
    Value *k, *n, *width, *vector;
} Fixture;

static Value *param(Fixture *f, const char *name, ParamKind kind, const IrType *type) {
    return ir_param_add(f->fn, kind, name_of_str(f->cx->names, name), type)->value;
}

static Fixture begin(void) {
    Fixture f = {.cx = context_create()};
    IrModule *m = ir_module_create(f.cx, name_of_str(f.cx->names, "m"));
    f.fn = ir_fn_create(m, name_of_str(f.cx->names, "f"), NO_SPAN);
    f.k = param(&f, "k", PARAM_SCALAR, ir_i64(m));
    f.n = param(&f, "n", PARAM_SCALAR, ir_i64(m));
    f.width = param(&f, "b", PARAM_SCALAR, ir_i64(m));
    Value *x = param(&f, "x", PARAM_ARRAY, ir_buf(m, ir_scalar(m, SCALAR_F32)));
    f.b = builder_at_end(f.fn->body, NO_SPAN);
    f.vector = build_view(&f.b, x, &f.n, 1);
    return f;
}

static Value *plus(Fixture *f, Value *a, int64_t number) {
    return build_binary(&f->b, OP_ADD, a, build_i64(&f->b, number));
}

static Value *times(Fixture *f, Value *a, Value *c) { return build_binary(&f->b, OP_MUL, a, c); }

/* [from, to) of a window. */
static Op *cut(Fixture *f, Value *view, Value *from, Value *to) {
    Value *ranges[3] = {from, build_binary(&f->b, OP_SUB, to, from), build_i64(&f->b, 1)};
    return build_slice(&f->b, view, ranges, 0, true)->def;
}

static const Frame *frame_of(Fixture *f, const Op *slice) {
    return frame_narrow(&f->in, frame_whole(&f->in, 1), slice);
}

static bool apart(Fixture *f, Value *a, Value *b, Value *c, Value *d) {
    const Op *one = cut(f, f->vector, a, b), *two = cut(f, f->vector, c, d);
    f->in = index_values(f->cx->arena, f->fn);
    return frames_disjoint(&f->in, frame_of(f, one), frame_of(f, two));
}

static void test_meeting_ranges(void **state) {
    (void)state;
    Fixture f = begin();
    Value *zero = build_i64(&f.b, 0);
    assert_true(apart(&f, zero, f.k, f.k, f.n));
    assert_true(apart(&f, f.k, f.n, zero, f.k));
    assert_true(apart(&f, zero, f.k, plus(&f, f.k, 2), f.n));
    assert_false(apart(&f, zero, plus(&f, f.k, 1), f.k, f.n));
    assert_false(apart(&f, zero, f.k, f.width, f.n));
    context_destroy(f.cx);
}

static void test_blocks(void **state) {
    (void)state;
    Fixture f = begin();
    Value *next = plus(&f, f.k, 1), *after = plus(&f, f.k, 2);
    Value *a = times(&f, f.k, f.width), *b = times(&f, next, f.width);
    Value *c = times(&f, after, f.width);
    assert_true(apart(&f, a, b, b, c));
    assert_false(apart(&f, a, c, b, c));
    context_destroy(f.cx);
}

static void test_windows_of_windows(void **state) {
    (void)state;
    Fixture f = begin();
    Value *zero = build_i64(&f.b, 0), *four = build_i64(&f.b, 4), *eight = build_i64(&f.b, 8);
    const Op *outer = cut(&f, f.vector, four, f.n);
    const Op *inner = cut(&f, op_result(outer), zero, four),
             *beside = cut(&f, f.vector, eight, f.n);
    f.in = index_values(f.cx->arena, f.fn);
    const Frame *a = frame_narrow(&f.in, frame_of(&f, outer), inner), *b = frame_of(&f, beside);
    assert_true(frames_disjoint(&f.in, a, b));
    assert_true(frames_same(a, a));
    assert_false(frames_disjoint(&f.in, a, frame_whole(&f.in, 1)));
    assert_false(frames_disjoint(&f.in, NULL, b));
    context_destroy(f.cx);
}

/* Every second element of four: 0 to 6. */
static void test_steps(void **state) {
    (void)state;
    Fixture f = begin();
    Value *ranges[3] = {build_i64(&f.b, 0), build_i64(&f.b, 4), build_i64(&f.b, 2)};
    const Op *even = build_slice(&f.b, f.vector, ranges, 0, true)->def;
    const Op *behind = cut(&f, f.vector, build_i64(&f.b, 7), f.n);
    const Op *touching = cut(&f, f.vector, build_i64(&f.b, 6), f.n);
    f.in = index_values(f.cx->arena, f.fn);
    const Frame *a = frame_of(&f, even);
    assert_true(frames_disjoint(&f.in, a, frame_of(&f, behind)));
    assert_false(frames_disjoint(&f.in, a, frame_of(&f, touching)));
    context_destroy(f.cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meeting_ranges),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_windows_of_windows),
        cmocka_unit_test(test_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
