/* What programs that own memory become: lists, arenas, errors, structs with windows, loops that run
 * out. Written as IR, compiled at -O0 and -O3, and called as C calls it. */
#include "codegen/codegen.h"
#include "kc/kcrt.h"
#include "tests/unit/ir_helpers.h"

#include <string.h>

static const char lists[] =
    "module lists loop\n"
    "struct Pair { size: i64, row: view<f64, 1> }\n"
    /* 0, 1, .. n-1 without item k, summed; what was taken comes on top a thousandfold */
    "export fn @taken(size %n: i64, size %k: i64) -> i64 {\n"
    "    %l = var l : ref<list<i64>>\n"
    "    %e = list : list<i64>\n"
    "    set %l, %e\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    for %0, %n, %1 |%i| { append %l, %i }\n"
    "    %t = take %l, %k : i64\n"
    "    %v = items %l : view<i64, 1>\n"
    "    %d = dim %v, 0 : i64\n"
    "    %s = var s : ref<i64>\n"
    "    set %s, %0\n"
    "    for %0, %d, %1 |%j| {\n"
    "        %p = item %v[%j] : ref<i64>\n"
    "        %x = get %p : i64\n"
    "        %a = get %s : i64\n"
    "        %b = add %a, %x : i64\n"
    "        set %s, %b\n"
    "    }\n"
    "    %g = get %l : list<i64>\n"
    "    free %g\n"
    "    %m = const 1000 : i64\n"
    "    %h = mul %t, %m : i64\n"
    "    %r = get %s : i64\n"
    "    %z = add %r, %h : i64\n"
    "    return %z\n"
    "}\n"
    /* a list of lists: the inner one is changed in its place */
    "export fn @nested(size %n: i64) -> i64 {\n"
    "    %o = var o : ref<list<list<i64>>>\n"
    "    %e = list : list<list<i64>>\n"
    "    set %o, %e\n"
    "    %f = list : list<i64>\n"
    "    append %o, %f\n"
    "    append %o, %f\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    %v = items %o : view<list<i64>, 1>\n"
    "    %p = item %v[%1] : ref<list<i64>>\n"
    "    for %0, %n, %1 |%i| { append %p, %i }\n"
    "    %q = take %o, %1 : list<i64>\n"
    "    %w = var w : ref<list<i64>>\n"
    "    set %w, %q\n"
    "    %wv = items %w : view<i64, 1>\n"
    "    %r = dim %wv, 0 : i64\n"
    "    free %q\n"
    "    %oo = get %o : list<list<i64>>\n"
    "    free %oo\n"
    "    return %r\n"
    "}\n"
    /* a struct with a window, changed field by field and handed to a function */
    "noinline fn @last(inout %p: ref<struct Pair>) -> f64 {\n"
    "    %f = field %p, 1 : ref<view<f64, 1>>\n"
    "    %v = get %f : view<f64, 1>\n"
    "    %g = field %p, 0 : ref<i64>\n"
    "    %n = get %g : i64\n"
    "    %x = load %v[%n] : f64\n"
    "    return %x\n"
    "}\n"
    "export fn @windows(size %n: i64, array %x: buf<f64>) -> f64 {\n"
    "    %v = view %x, %n : view<f64, 1>\n"
    "    %s = struct %n, %v : struct Pair\n"
    "    %p = var p : ref<struct Pair>\n"
    "    set %p, %s\n"
    "    %1 = const 1 : i64\n"
    "    %m = sub %n, %1 : i64\n"
    "    %f = field %p, 0 : ref<i64>\n"
    "    set %f, %m\n"
    "    %r = call @last(%p) : f64\n"
    "    %w = get %p : struct Pair\n"
    "    %u = extract %w, 1 : view<f64, 1>\n"
    "    %0 = const 0 : i64\n"
    "    %y = load %u[%0] : f64\n"
    "    %z = sub %r, %y : f64\n"
    "    return %z\n"
    "}\n"
    /* a constant of the module */
    "export fn @weights(size %i: i64) -> i64 {\n"
    "    %3 = const 3 : i64\n"
    "    %d = data \"\\x01\\x00\\x02\\x00\\xff\\xff\" %3 : view<i16, 1>\n"
    "    %z = data %3 : view<i16, 1>\n"
    "    %x = load %d[%i] : i16\n"
    "    %y = load %z[%i] : i16\n"
    "    %s = add %x, %y : i16\n"
    "    %r = cast %s : i64\n"
    "    return %r\n"
    "}\n";

static const char loops[] =
    "module loops loop\n"
    /* the first multiple of k in 1..n-1; -1 when the loop runs out, -2 when it never ran */
    "export fn @search(size %n: i64, size %k: i64) -> i64 {\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    %m1 = const -1 : i64\n"
    "    %r = var r : ref<i64>\n"
    "    set %r, %0\n"
    "    for %1, %n, %1 |%i| {\n"
    "        %m = mod %i, %k : i64\n"
    "        %c = eq %m, %0 : bool\n"
    "        if %c { set %r, %i  break }\n"
    "    } done { return %m1 }\n"
    "    %x = get %r : i64\n"
    "    return %x\n"
    "}\n"
    /* rows until one has no multiple of 3: the done region leaves the loop around */
    "export fn @outer(size %n: i64) -> i64 {\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    %3 = const 3 : i64\n"
    "    %r = var r : ref<i64>\n"
    "    set %r, %0\n"
    "    for %0, %n, %1 |%i| {\n"
    "        set %r, %i\n"
    "        %j = var j : ref<i64>\n"
    "        set %j, %i\n"
    "        while {\n"
    "            %a = get %j : i64\n"
    "            %b = const 2 : i64\n"
    "            %e = add %i, %b : i64\n"
    "            %c = lt %a, %e : bool\n"
    "            yield %c\n"
    "        } do {\n"
    "            %f = get %j : i64\n"
    "            %m = mod %f, %3 : i64\n"
    "            %g = eq %m, %0 : bool\n"
    "            if %g { break }\n"
    "            %h = add %f, %1 : i64\n"
    "            set %j, %h\n"
    "        } done { break }\n"
    "    }\n"
    "    %x = get %r : i64\n"
    "    return %x\n"
    "}\n"
    "export fn @apart(size %n: i64, array %x: buf<f32>, array %y: buf<f32>) -> bool {\n"
    "    %v = view %x, %n : view<f32, 1>\n"
    "    %w = view %y, %n : view<f32, 1>\n"
    "    %c = apart %v, %w : bool\n"
    "    return %c\n"
    "}\n"
    "export fn @windows_apart(strided %x: view<f32, 2, strided>, strided %y: view<f32, 2, strided>)"
    " -> bool {\n"
    "    %c = apart %x, %y : bool\n"
    "    return %c\n"
    "}\n";

static const char arenas[] =
    "module arenas loop\n"
    /* how many arrays of n doubles fit */
    "export fn @fill(arena %a: arena written, size %n: i64) -> i64 {\n"
    "    %p = var a : ref<arena>\n"
    "    set %p, %a\n"
    "    %k = var k : ref<i64>\n"
    "    %0 = const 0 : i64\n"
    "    %1 = const 1 : i64\n"
    "    set %k, %0\n"
    "    while {\n"
    "        %c = room view<f64, 1> %p, %n : bool\n"
    "        yield %c\n"
    "    } do {\n"
    "        %t = alloc_in zeroed %p, %n : view<f64, 1>\n"
    "        %y = get %k : i64\n"
    "        %j = add %y, %1 : i64\n"
    "        %x = cast %j : f64\n"
    "        store %x, %t[%0]\n"
    "        set %k, %j\n"
    "        free %t\n"
    "    }\n"
    "    %u = arena_stat %p, 0 : i64\n"
    "    reset %p\n"
    "    %w = arena_stat %p, 0 : i64\n"
    "    %m = arena_stat %p, 1 : i64\n"
    "    %z = arena_stat %p, 2 : i64\n"
    "    %e = sub %u, %m : i64\n"
    "    %f = sub %w, %e : i64\n"
    "    %g = mul %f, %z : i64\n"
    "    %h = get %k : i64\n"
    "    %r = sub %h, %g : i64\n"
    "    return %r\n"
    "}\n"
    "export fn @own(size %bytes: i64) -> i64 {\n"
    "    %a = arena grows %bytes : arena\n"
    "    %p = var a : ref<arena>\n"
    "    set %p, %a\n"
    "    %t = alloc_in %p, %bytes, %bytes : view<i8, 2>\n"
    "    %z = arena_stat %p, 2 : i64\n"
    "    free %a\n"
    "    return %z\n"
    "}\n";

static const char errors[] =
    "module errors loop\n"
    "noinline fn @half(scalar %x: i64) -> i64, bool raises {\n"
    "    %2 = const 2 : i64\n"
    "    %0 = const 0 : i64\n"
    "    %m = mod %x, %2 : i64\n"
    "    %c = eq %m, %0 : bool\n"
    "    if %c {\n"
    "        %h = floordiv %x, %2 : i64\n"
    "        return %h, %c\n"
    "    }\n"
    "    %t = text \"odd\" : str\n"
    "    fail %t\n"
    "    raise\n"
    "}\n"
    "export fn @quarter(scalar %x: i64) -> i64 raises {\n"
    "    %f, %h, %b = call @half(%x) : bool, i64, bool\n"
    "    if %f { raise }\n"
    "    %g, %q, %d = call @half(%h) : bool, i64, bool\n"
    "    if %g { raise }\n"
    "    return %q\n"
    "}\n"
    "export fn @made(size %n: i64) -> view<f32, 1>, i64 raises {\n"
    "    %f, %h, %b = call @half(%n) : bool, i64, bool\n"
    "    if %f { raise }\n"
    "    %t = alloc zeroed %h : view<f32, 1>\n"
    "    return %t, %h\n"
    "}\n"
    "export fn @quiet(scalar %x: i64) raises {\n"
    "    %f, %h = call @quarter(%x) : bool, i64\n"
    "    if %f { raise }\n"
    "}\n"
    "export fn @caught(scalar %x: i64) -> i64 {\n"
    "    %r = var r : ref<i64>\n"
    "    try {\n"
    "        %f, %q = call @quarter(%x) : bool, i64\n"
    "        if %f { raise }\n"
    "        set %r, %q\n"
    "    } except {\n"
    "        %m = caught : str\n"
    "        print %m\n"
    "        %n = const -1 : i64\n"
    "        return %n\n"
    "    }\n"
    "    %z = get %r : i64\n"
    "    return %z\n"
    "}\n";

/* ---- Compiling ---------------------------------------------------------------------------------- */

typedef struct Loaded {
    Context *cx;
    Jit *jit;
} Loaded;

static const JitSymbol runtime[] = {
#define RUNTIME(kind, function, signature, flags) {#function, (void *)(uintptr_t)function},
#include "codegen/runtime.def"
#undef RUNTIME
    {"kc_panic", (void *)(uintptr_t)kc_panic},
    {"memcpy", (void *)(uintptr_t)memcpy},
    {"memset", (void *)(uintptr_t)memset},
    {NULL, NULL},
};

static Loaded load(const char *text, int level) {
    Loaded loaded = {.cx = context_create()};
    IrModule *module = module_read(loaded.cx, text);
    module_check(module);
    Target target;
    assert_true(target_resolve(loaded.cx, NULL, "native", &target));
    CodegenOptions options = {.target = &target, .opt_level = level, .debug_info = level == 0};
    StrBuf object = {0};
    codegen_emit(module, &options, OUTPUT_OBJECT, &object);
    const char *reason = NULL;
    loaded.jit = jit_load(object.data, object.len, runtime, &reason);
    if (loaded.jit == NULL) fail_msg("%s", reason);
    strbuf_free(&object);
    return loaded;
}

static void unload(Loaded loaded) {
    jit_destroy(loaded.jit);
    context_destroy(loaded.cx);
}

/* The function of a name, as a pointer of the type that `fn` has. */
#define FIND(loaded, name, fn)                                                                     \
    do {                                                                                           \
        void *address_ = jit_find((loaded).jit, name);                                             \
        assert_non_null(address_);                                                                 \
        memcpy(&(fn), &address_, sizeof(fn));                                                      \
    } while (0)

static int64_t live(void) { return kc_memory_get_stats().live_bytes; }

/* ---- Lists and structs -------------------------------------------------------------------------- */

static void check_lists(int level) {
    Loaded loaded = load(lists, level);
    int64_t (*taken)(int64_t, int64_t), (*nested)(int64_t), (*weights)(int64_t);
    double (*windows)(int64_t, const double *);
    FIND(loaded, "taken", taken);
    FIND(loaded, "nested", nested);
    FIND(loaded, "windows", windows);
    FIND(loaded, "weights", weights);
    int64_t before = live();
    assert_int_equal(taken(10, 3), 3042);
    assert_int_equal(taken(1, 0), 0);
    assert_int_equal(taken(1000, 999), 999000 + 498501);
    assert_int_equal(nested(100), 100);
    assert_int_equal(nested(0), 0);
    assert_int_equal(live(), before);
    const double x[] = {1.5, 2, 4};
    assert_true(windows(3, x) == 2.5);
    assert_int_equal(weights(0), 1);
    assert_int_equal(weights(2), -1);
    unload(loaded);
}

static void lists_and_structs(void **state) {
    (void)state;
    check_lists(0);
    check_lists(3);
}

/* ---- Loops and windows -------------------------------------------------------------------------- */

typedef struct Window {
    float *data;
    int64_t shape[2], stride[2];
} Window;

enum { ROOM = 64 };

static void window_mark(const Window *w, const float *room, bool *marked) {
    for (int64_t i = 0; i < w->shape[0]; i++)
        for (int64_t j = 0; j < w->shape[1]; j++)
            marked[w->data - room + i * w->stride[0] + j * w->stride[1]] = true;
}

static Window random_window(uint64_t *seed, float *room) {
    for (;;) {
        int64_t n[5];
        for (int i = 0; i < 5; i++) {
            *seed = *seed * 6364136223846793005u + 1442695040888963407u;
            n[i] = (int64_t)(*seed >> 40);
        }
        Window w = {room + n[0] % ROOM, {n[1] % 5, n[2] % 5}, {n[3] % 33 - 16, n[4] % 9 - 4}};
        int64_t low = 0, high = 0;
        for (int i = 0; i < 2; i++) {
            int64_t reach = (w.shape[i] - 1) * w.stride[i];
            *(reach < 0 ? &low : &high) += reach;
        }
        low += w.data - room;
        high += w.data - room;
        if (low >= 0 && high < ROOM) return w;
    }
}

/* Windows that share an element are never found apart; of the others nearly all are. */
static void check_random_windows(bool (*windows_apart)(Window, Window)) {
    float room[ROOM];
    uint64_t seed = 7;
    int missed = 0, apart = 0;
    for (int round = 0; round < 20000; round++) {
        Window a = random_window(&seed, room), b = random_window(&seed, room);
        bool in_a[ROOM] = {false}, in_b[ROOM] = {false}, shares = false;
        window_mark(&a, room, in_a);
        window_mark(&b, room, in_b);
        for (int i = 0; i < ROOM; i++) shares |= in_a[i] && in_b[i];
        bool found = windows_apart(a, b);
        if (shares) assert_false(found);
        apart += !shares;
        missed += !shares && !found;
    }
    assert_true(apart > 5000);
    assert_true(missed < apart / 5);
}

static void check_apart(Loaded loaded) {
    bool (*apart)(int64_t, const float *, const float *);
    bool (*windows_apart)(Window, Window);
    FIND(loaded, "apart", apart);
    FIND(loaded, "windows_apart", windows_apart);
    float x[64];
    assert_true(apart(8, x, x + 8));
    assert_true(apart(8, x + 8, x));
    assert_false(apart(8, x, x + 7));
    assert_false(apart(8, x + 7, x));
    assert_false(apart(1, x, x));
    assert_true(apart(0, x, x));
    assert_true(apart(0, NULL, NULL));
    Window all = {x, {8, 8}, {8, 1}}, none = {x + 3, {0, 8}, {8, 1}};
    assert_false(windows_apart(all, all));
    assert_true(windows_apart(all, none));
    Window upper = {x, {4, 8}, {8, 1}}, lower = {x + 56, {4, 8}, {-8, 1}};
    assert_true(windows_apart(upper, lower));
    assert_true(windows_apart(lower, upper));
    lower.shape[0] = 5;
    assert_false(windows_apart(upper, lower));
    Window left = {x, {8, 4}, {8, 1}}, right = {x + 4, {8, 4}, {8, 1}};
    assert_true(windows_apart(left, right));
    assert_true(windows_apart(right, left));
    right.data--;
    assert_false(windows_apart(left, right));
    Window even = {x, {8, 4}, {8, 2}}, odd = {x + 63, {8, 4}, {-8, -2}};
    assert_true(windows_apart(even, odd));
    odd.data--;
    assert_false(windows_apart(even, odd));
    check_random_windows(windows_apart);
}

static void check_loops(int level) {
    Loaded loaded = load(loops, level);
    int64_t (*search)(int64_t, int64_t), (*outer)(int64_t);
    FIND(loaded, "search", search);
    FIND(loaded, "outer", outer);
    assert_int_equal(search(10, 4), 4);
    assert_int_equal(search(10, 11), -1);
    assert_int_equal(search(0, 1), -1);
    assert_int_equal(outer(9), 1);
    assert_int_equal(outer(1), 0);
    check_apart(loaded);
    unload(loaded);
}

static void loops_and_windows(void **state) {
    (void)state;
    check_loops(0);
    check_loops(3);
}

/* ---- Arenas ------------------------------------------------------------------------------------- */

static void check_arenas(int level) {
    Loaded loaded = load(arenas, level);
    int64_t (*fill)(kc_arena *, int64_t), (*own)(int64_t);
    FIND(loaded, "fill", fill);
    FIND(loaded, "own", own);
    int64_t before = live();
    kc_arena *arena = kc_arena_create(1000, 0);
    assert_int_equal(fill(arena, 8), 16);
    assert_int_equal(fill(arena, 9), 8);
    assert_int_equal(kc_arena_used(arena), 0);
    kc_arena_free(arena);
    assert_int_equal(own(100), 128 + 10048);
    assert_int_equal(live(), before);
    unload(loaded);
}

static void arenas_hold_what_they_promise(void **state) {
    (void)state;
    check_arenas(0);
    check_arenas(3);
}

/* ---- Errors ------------------------------------------------------------------------------------- */

typedef struct Array {
    float *data;
    int64_t shape[1];
} Array;

static void check_errors(int level) {
    Loaded loaded = load(errors, level);
    kc_status (*quarter)(int64_t, int64_t *), (*made)(int64_t, Array *, int64_t *), (*quiet)(int64_t);
    int64_t (*caught)(int64_t);
    FIND(loaded, "quarter", quarter);
    FIND(loaded, "made", made);
    FIND(loaded, "quiet", quiet);
    FIND(loaded, "caught", caught);
    int64_t result = 7;
    assert_int_equal(quarter(12, &result), KC_OK);
    assert_int_equal(result, 3);
    assert_int_equal(quarter(6, &result), KC_RAISED);
    assert_int_equal(result, 0);
    assert_string_equal(kc_error_text(), "odd");
    assert_string_equal(kc_error_message(), "test.kir:12: odd");
    Array array;
    int64_t before = live();
    assert_int_equal(made(4, &array, &result), KC_OK);
    assert_int_equal(result, 2);
    assert_int_equal(array.shape[0], 2);
    assert_true(array.data[1] == 0);
    kc_free(array.data);
    assert_int_equal(made(5, &array, &result), KC_RAISED);
    assert_null(array.data);
    assert_int_equal(live(), before);
    assert_int_equal(quiet(8), KC_OK);
    assert_int_equal(quiet(2), KC_RAISED);
    assert_int_equal(caught(20), 5);
    assert_int_equal(caught(10), -1);
    unload(loaded);
}

static void errors_are_statuses(void **state) {
    (void)state;
    check_errors(0);
    check_errors(3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_structs),
        cmocka_unit_test(loops_and_windows),
        cmocka_unit_test(arenas_hold_what_they_promise),
        cmocka_unit_test(errors_are_statuses),
    };
    return cmocka_run_group_tests_name("codegen_owned", tests, NULL, NULL);
}
