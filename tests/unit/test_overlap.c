#include "ir/analysis/overlap.h"
#include "support/context.h"
#include "tests/unit/unit.h"

/* A function over buffers x and y, and the nest `for i, j` that stores. */
typedef struct Fixture {
    Context *cx;
    IrFn *fn;
    Builder b;
    Value *n, *x, *y;
    Value *index[2], *sizes[2];
} Fixture;

static void begin(Fixture *f, bool restricted) {
    f->cx = context_create();
    IrModule *module = ir_module_create(f->cx, name_of_str(f->cx->names, "m"));
    const IrType *buf = ir_buf(module, ir_scalar(module, SCALAR_F32));
    f->fn = ir_fn_create(module, name_of_str(f->cx->names, "f"), NO_SPAN);
    f->n = ir_param_add(f->fn, PARAM_SIZE, name_of_str(f->cx->names, "n"), ir_i64(module))->value;
    f->x = ir_param_add(f->fn, PARAM_ARRAY, name_of_str(f->cx->names, "x"), buf)->value;
    IrParam *y = ir_param_add(f->fn, PARAM_ARRAY, name_of_str(f->cx->names, "y"), buf);
    y->is_written = true;
    y->is_restrict = restricted;
    f->y = y->value;
    f->b = builder_at_end(f->fn->body, NO_SPAN);
    f->sizes[0] = f->sizes[1] = f->n;
    Op *map = build_map(&f->b, ir_scalar(module, SCALAR_F32), f->sizes, 2);
    f->index[0] = map->regions[0]->params[0];
    f->index[1] = map->regions[0]->params[1];
}

static Value *number(Fixture *f, int64_t n) {
    return build_i64(&f->b, n);
}

static Value *vector(Fixture *f, Value *buf) {
    return build_view(&f->b, buf, &f->n, 1);
}

static Value *window(Fixture *f, Value *view, Value *offset, int64_t step) {
    Value *range[] = {offset, f->n, number(f, step)};
    return build_slice(&f->b, view, range, 0, step != 1);
}

/* What a load of `read`[at] meets of the stores to `written`[i]. */
static Overlap ask(Fixture *f, Value *written, Value *read, Value *at) {
    Memory memory = memory_of(f->cx->arena, f->fn);
    Intervals intervals = intervals_of(f->cx->arena, f->fn);
    NestStore store = {written, f->index, f->sizes, 1, &intervals};
    const Op *load = build_load(&f->b, read, &at)->def;
    return overlap_of_load(f->cx->arena, &memory, &store, load);
}

static void other_memory_is_apart(void **state) {
    (void)state;
    for (int restricted = 0; restricted < 2; restricted++) {
        Fixture f;
        begin(&f, restricted);
        Overlap overlap = ask(&f, vector(&f, f.y), vector(&f, f.x), number(&f, 0));
        assert_int_equal(overlap.kind, restricted ? OVERLAP_NONE : OVERLAP_UNKNOWN);
        assert_non_null(overlap.reason);
        context_destroy(f.cx);
    }
}

static void allocations_are_fresh(void **state) {
    (void)state;
    Fixture f;
    begin(&f, false);
    const IrType *f32 = ir_scalar(f.fn->module, SCALAR_F32);
    Value *a = build_alloc(&f.b, f32, &f.n, 1, false), *c = build_alloc(&f.b, f32, &f.n, 1, false);
    assert_int_equal(ask(&f, a, c, number(&f, 0)).kind, OVERLAP_NONE);
    assert_int_equal(ask(&f, a, vector(&f, f.x), number(&f, 0)).kind, OVERLAP_NONE);
    assert_int_equal(ask(&f, a, a, number(&f, 0)).kind, OVERLAP_UNKNOWN);
    context_destroy(f.cx);
}

static void the_same_element_is_the_same(void **state) {
    (void)state;
    Fixture f;
    begin(&f, true);
    Value *y = vector(&f, f.y), *zero = number(&f, 0);
    assert_int_equal(ask(&f, y, y, f.index[0]).kind, OVERLAP_SAME);
    assert_int_equal(ask(&f, y, window(&f, y, zero, 1), f.index[0]).kind, OVERLAP_SAME);
    Value *at = build_binary(&f.b, OP_ADD, f.index[0], zero);
    assert_int_equal(ask(&f, y, y, at).kind, OVERLAP_SAME);
    assert_int_equal(ask(&f, vector(&f, f.y), y, f.index[0]).kind, OVERLAP_SAME);
    context_destroy(f.cx);
}

static void shifts_have_a_distance(void **state) {
    (void)state;
    Fixture f;
    begin(&f, true);
    Value *y = vector(&f, f.y);
    Value *one = window(&f, y, number(&f, 1), 1), *three = window(&f, y, number(&f, 3), 1);
    Overlap overlap = ask(&f, one, three, f.index[0]);
    assert_int_equal(overlap.kind, OVERLAP_SHIFTED);
    assert_int_equal(overlap.distance[0], 2);
    overlap = ask(&f, three, one, f.index[0]);
    assert_int_equal(overlap.kind, OVERLAP_SHIFTED);
    assert_int_equal(overlap.distance[0], -2);
    assert_string_equal(overlap.reason, "each element of `y` comes from the one 2 before it");
    context_destroy(f.cx);
}

static void a_common_offset_cancels(void **state) {
    (void)state;
    Fixture f;
    begin(&f, true);
    Value *y = vector(&f, f.y);
    Value *next = build_binary(&f.b, OP_ADD, f.n, number(&f, 1));
    Overlap overlap = ask(&f, window(&f, y, f.n, 1), window(&f, y, next, 1), f.index[0]);
    assert_int_equal(overlap.kind, OVERLAP_SHIFTED);
    assert_int_equal(overlap.distance[0], 1);
    context_destroy(f.cx);
}

static void halves_are_apart(void **state) {
    (void)state;
    Fixture f;
    begin(&f, true);
    Value *y = vector(&f, f.y), *more = build_binary(&f.b, OP_ADD, f.n, f.n);
    assert_int_equal(ask(&f, y, window(&f, y, f.n, 1), f.index[0]).kind, OVERLAP_NONE);
    assert_int_equal(ask(&f, window(&f, y, more, 1), y, f.index[0]).kind, OVERLAP_NONE);
    assert_int_equal(
        ask(&f, window(&f, y, number(&f, 0), 2), window(&f, y, f.n, 2), f.index[0]).kind,
        OVERLAP_UNKNOWN);
    context_destroy(f.cx);
}

static void steps_tell_even_from_odd(void **state) {
    (void)state;
    Fixture f;
    begin(&f, true);
    Value *y = vector(&f, f.y), *zero = number(&f, 0);
    Value *even = window(&f, y, zero, 2), *odd = window(&f, y, number(&f, 1), 2);
    assert_int_equal(ask(&f, even, odd, f.index[0]).kind, OVERLAP_NONE);
    assert_int_equal(ask(&f, even, y, f.index[0]).kind, OVERLAP_UNKNOWN);
    Value *back = window(&f, y, build_binary(&f.b, OP_SUB, f.n, number(&f, 1)), -1);
    assert_int_equal(ask(&f, back, y, f.index[0]).kind, OVERLAP_UNKNOWN);
    assert_int_equal(ask(&f, back, back, f.index[0]).kind, OVERLAP_SAME);
    context_destroy(f.cx);
}

static void matrices_compare_by_dimension(void **state) {
    (void)state;
    Fixture f;
    begin(&f, true);
    Value *dims[] = {f.n, f.n};
    Value *y = build_view(&f.b, f.y, dims, 2);
    Memory memory = memory_of(f.cx->arena, f.fn);
    Intervals intervals = intervals_of(f.cx->arena, f.fn);
    NestStore store = {y, f.index, f.sizes, 2, &intervals};
    Value *transposed[] = {f.index[1], f.index[0]};
    Value *below[] = {build_binary(&f.b, OP_ADD, f.index[0], number(&f, 1)), f.index[1]};
    const Op *flipped = build_load(&f.b, y, transposed)->def;
    const Op *shifted = build_load(&f.b, y, below)->def;
    Overlap overlap = overlap_of_load(f.cx->arena, &memory, &store, flipped);
    assert_int_equal(overlap.kind, OVERLAP_UNKNOWN);
    overlap = overlap_of_load(f.cx->arena, &memory, &store, shifted);
    assert_int_equal(overlap.kind, OVERLAP_SHIFTED);
    assert_int_equal(overlap.distance[0], 1);
    assert_int_equal(overlap.distance[1], 0);
    context_destroy(f.cx);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_memory_is_apart),
        cmocka_unit_test(allocations_are_fresh),
        cmocka_unit_test(the_same_element_is_the_same),
        cmocka_unit_test(shifts_have_a_distance),
        cmocka_unit_test(a_common_offset_cancels),
        cmocka_unit_test(halves_are_apart),
        cmocka_unit_test(steps_tell_even_from_odd),
        cmocka_unit_test(matrices_compare_by_dimension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
