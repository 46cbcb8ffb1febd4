#include "ir/passes/memory_remarks.h"
#include "ir/text.h"
#include "tests/unit/unit.h"

#include <string.h>

static const char program[] =
    "module m owned\n"
    "fn @sum(size %n: i64, array %x: buf<f32>) -> f32 {\n"
    "    %9 = view %x, %n : view<f32, 1>\n"
    "    %x.1 = var x (borrowed) : ref<view<f32, 1>>\n"
    "    set %x.1, %9\n"
    "    %c = var c (let) : ref<tensor<f32, 1>>\n"
    "    %0 = dup %x.1 : tensor<f32, 1>\n"
    "    set %c, %0\n"
    "    end\n"
    "    %i = const 0 : i64\n"
    "    %1 = lend mutable %c : view<f32, 1>\n"
    "    %2 = load %1[%i] : f32\n"
    "    store %2, %1[%i]\n"
    "    print %1\n"
    "    end\n"
    "    return %2\n"
    "}\n"
    "export fn @f(size %n: i64, array %x: buf<f32>) -> f32 {\n"
    "    %four = const 4 : i64\n"
    "    %t = var t (let) : ref<tensor<f32, 2>>\n"
    "    %0 = alloc zeroed %four, %n : tensor<f32, 2>\n"
    "    set %t, %0\n"
    "    end\n"
    "    %1 = lend %t : view<f32, 2>\n"
    "    print %1\n"
    "    end\n"
    "    %2 = call @sum(%n, %x) : f32\n"
    "    return %2\n"
    "}\n";

static MemoryRemarkVec remarks_at(Context *cx, int level) {
    IrModule *module =
        ir_read_module(cx, sources_add(&cx->sources, "m.kir", program, sizeof program - 1));
    assert_non_null(module);
    IrOptions options = {.opt_level = level};
    Remarks *remarks = arena_new(cx->arena, Remarks);
    remarks->arena = cx->arena;
    PassObserver observer = {.verify_each = true, .remarks = remarks};
    assert_true(passes_run(module, &options, &observer));
    return memory_remarks(remarks, module);
}

static const MemoryRemark *remark_find(const MemoryRemarkVec *all, MemoryDeed deed,
                                       const Context *cx, const char *name) {
    for (uint32_t i = 0; i < all->len; i++)
        if (all->data[i].deed == deed && strcmp(text_of(cx, all->data[i].name), name) == 0)
            return &all->data[i];
    return NULL;
}

static void what_is_left_is_listed(void **state) {
    (void)state;
    for (int level = 0; level <= 3; level += 3) {
        Context *cx = context_create();
        MemoryRemarkVec all = remarks_at(cx, level);
        const MemoryRemark *alloc = remark_find(&all, MEMORY_ALLOC, cx, "t");
        assert_non_null(alloc);
        assert_int_equal(alloc->element_bytes, 4);
        assert_int_equal(alloc->elements, -1);
        assert_string_equal(alloc->size, "4 * n");
        assert_non_null(remark_find(&all, MEMORY_FREE, cx, "t"));
        const MemoryRemark *copy = remark_find(&all, MEMORY_COPY, cx, "x");
        assert_non_null(copy);
        assert_string_equal(copy->size, "n");
        assert_string_equal(text_of(cx, copy->function), "sum");
        context_destroy(cx);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
