#include "ir/ownership/flow.h"
#include "tests/unit/ir_helpers.h"

/* One question about a function: at its END number `end` (from 0, in the order of the source), what
 * a place holds and whether that is needed later. */
typedef struct Fixture {
    Context *cx;
    Flow *flow;
    FlowCursor *at;
} Fixture;

static Fixture begin(const char *body) {
    Fixture f = {.cx = context_create()};
    IrModule *module = module_read(f.cx, arena_printf(f.cx->arena, "module m owned\n%s", body));
    f.flow = flow_analyse(f.cx->arena, fn_named(module, "f"));
    f.at = flow_cursor(f.flow);
    return f;
}

static void go_to_end(Fixture *f, uint32_t wanted) {
    const Graph *g = f->flow->graph;
    uint32_t count = 0;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        flow_begin(f->at, b);
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            flow_step(f->at);
            if (g->blocks.data[b].events.data[i].kind == EVENT_END && count++ == wanted) return;
        }
    }
    fail();
}

static uint32_t place_named(const Fixture *f, const char *name) {
    for (uint32_t i = 0; i < f->flow->graph->places.len; i++) {
        if (strcmp(place_text(f->flow->graph, i), name) == 0) return i;
    }
    fail();
    return 0;
}

static PlaceState state_of(Fixture *f, const char *name) {
    return flow_state(f->at, place_named(f, name));
}

static bool needs(Fixture *f, const char *name) { return flow_needs(f->at, place_named(f, name)); }

static void finish(Fixture *f) { context_destroy(f->cx); }

#define MAKE(name, number)                                                                         \
    "    %m" number " = alloc zeroed %n : tensor<f32, 1>\n"                                        \
    "    %" name " = var " name " : ref<tensor<f32, 1>>\n"                                         \
    "    set %" name ", %m" number "\n"                                                            \
    "    end\n"

static void test_moved(void **state) {
    (void)state;
    Fixture f =
        begin("fn @f(size %n: i64) {\n" MAKE("t", "1") "    %1 = move %t : tensor<f32, 1>\n"
                                                       "    %u = var u : ref<tensor<f32, 1>>\n"
                                                       "    set %u, %1\n"
                                                       "    end\n"
                                                       "    return\n"
                                                       "}\n");
    go_to_end(&f, 0);
    assert_int_equal(state_of(&f, "t"), PLACE_FULL);
    assert_true(needs(&f, "t"));
    go_to_end(&f, 1);
    assert_int_equal(state_of(&f, "t"), PLACE_EMPTY);
    assert_int_equal(state_of(&f, "u"), PLACE_FULL);
    assert_false(needs(&f, "u"));
    finish(&f);
}

/* A view that is used later keeps what it looks into. */
static void test_viewed(void **state) {
    (void)state;
    Fixture f =
        begin("fn @f(size %n: i64) {\n" MAKE("t", "1") "    %1 = lend %t : view<f32, 1>\n"
                                                       "    %v = var v : ref<view<f32, 1>>\n"
                                                       "    set %v, %1\n"
                                                       "    end\n"
                                                       "    %2 = get %v : view<f32, 1>\n"
                                                       "    print %2\n"
                                                       "    end\n"
                                                       "    return\n"
                                                       "}\n");
    go_to_end(&f, 1);
    assert_true(needs(&f, "t"));
    go_to_end(&f, 2);
    assert_false(needs(&f, "t"));
    finish(&f);
}

static void test_moved_on_one_path(void **state) {
    (void)state;
    Fixture f = begin("fn @f(size %n: i64, scalar %c: bool) {\n" MAKE(
        "t", "1") "    if %c {\n"
                  "        %1 = move %t : tensor<f32, 1>\n"
                  "        %u = var u : ref<tensor<f32, 1>>\n"
                  "        set %u, %1\n"
                  "        end\n"
                  "    }\n"
                  "    end\n"
                  "    return\n"
                  "}\n");
    const Graph *g = f.flow->graph;
    uint32_t t = place_named(&f, "t");
    flow_begin(f.at, 0);
    for (uint32_t i = 0; i < g->blocks.data[0].events.len; i++) flow_step(f.at);
    assert_int_equal(flow_state(f.at, t), PLACE_FULL);
    for (uint32_t i = 0; i < g->blocks.data[0].out.len; i++) {
        uint32_t edge = g->blocks.data[0].out.data[i];
        bool is_then = g->edges.data[edge].kind == EDGE_THEN;
        assert_int_equal(flow_edge_needs(f.at, edge, t), is_then);
    }
    finish(&f);
}

static void test_fields(void **state) {
    (void)state;
    Fixture f = begin("struct P { a: tensor<f32, 1>, b: tensor<f32, 1> }\n"
                      "fn @f(size %n: i64) {\n"
                      "    %1 = alloc zeroed %n : tensor<f32, 1>\n"
                      "    %2 = alloc zeroed %n : tensor<f32, 1>\n"
                      "    %3 = struct %1, %2 : struct P\n"
                      "    %p = var p : ref<struct P>\n"
                      "    set %p, %3\n"
                      "    end\n"
                      "    %4 = field %p, 0 : ref<tensor<f32, 1>>\n"
                      "    %5 = move %4 : tensor<f32, 1>\n"
                      "    %u = var u : ref<tensor<f32, 1>>\n"
                      "    set %u, %5\n"
                      "    end\n"
                      "    %6 = field %p, 0 : ref<tensor<f32, 1>>\n"
                      "    %7 = alloc zeroed %n : tensor<f32, 1>\n"
                      "    set %6, %7\n"
                      "    end\n"
                      "    return\n"
                      "}\n");
    go_to_end(&f, 0);
    assert_int_equal(state_of(&f, "p"), PLACE_FULL);
    go_to_end(&f, 1);
    assert_int_equal(state_of(&f, "p"), PLACE_PART);
    assert_int_equal(state_of(&f, "p.a"), PLACE_EMPTY);
    assert_int_equal(state_of(&f, "p.b"), PLACE_FULL);
    go_to_end(&f, 2);
    assert_int_equal(state_of(&f, "p"), PLACE_FULL);
    finish(&f);
}

/* What lives in an arena keeps the arena, and so does a view of it. */
static void test_arena(void **state) {
    (void)state;
    Fixture f = begin("fn @f(size %n: i64) {\n"
                      "    %1 = arena %n : arena\n"
                      "    %a = var a : ref<arena>\n"
                      "    set %a, %1\n"
                      "    end\n"
                      "    %2 = alloc_in zeroed %a, %n : tensor<f32, 1>\n"
                      "    %t = var t : ref<tensor<f32, 1>>\n"
                      "    set %t, %2\n"
                      "    end\n"
                      "    %3 = lend %t : view<f32, 1>\n"
                      "    %v = var v : ref<view<f32, 1>>\n"
                      "    set %v, %3\n"
                      "    end\n"
                      "    %4 = get %v : view<f32, 1>\n"
                      "    print %4\n"
                      "    end\n"
                      "    return\n"
                      "}\n");
    go_to_end(&f, 2);
    assert_true(needs(&f, "a"));
    assert_true(needs(&f, "t"));
    go_to_end(&f, 3);
    assert_false(needs(&f, "a"));
    assert_false(needs(&f, "t"));
    finish(&f);
}

/* An ASSIGN into a place that may be empty makes the memory: the old value is not needed. */
static void test_assign_settles(void **state) {
    (void)state;
    Fixture f = begin("fn @f(size %n: i64, scalar %c: bool, scalar %x: f32) {\n" MAKE(
        "t", "1") "    if %c {\n"
                  "        %1 = move %t : tensor<f32, 1>\n"
                  "        %u = var u : ref<tensor<f32, 1>>\n"
                  "        set %u, %1\n"
                  "        end\n"
                  "    }\n"
                  "    %2 = map %n : array<f32, 1> |%i| {\n"
                  "        yield %x\n"
                  "    }\n"
                  "    assign %t, %2\n"
                  "    end\n"
                  "    return\n"
                  "}\n");
    go_to_end(&f, 0);
    assert_true(f.flow->moves->has_settled);
    assert_true(needs(&f, "t"));
    const Graph *g = f.flow->graph;
    flow_begin(f.at, 0);
    for (uint32_t i = 0; i < g->blocks.data[0].events.len; i++) flow_step(f.at);
    for (uint32_t i = 0; i < g->blocks.data[0].out.len; i++) {
        uint32_t edge = g->blocks.data[0].out.data[i];
        bool is_then = g->edges.data[edge].kind == EDGE_THEN;
        assert_int_equal(flow_edge_needs(f.at, edge, place_named(&f, "t")), is_then);
    }
    finish(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moved),
        cmocka_unit_test(test_viewed),
        cmocka_unit_test(test_moved_on_one_path),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_assign_settles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
