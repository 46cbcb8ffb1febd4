/* The interpreter on what owns: places, lists, arenas, errors, and who is left at the end. */
#include "tests/unit/interp_helpers.h"

#define OWNED(head, ops) "module m owned\n" head " {\n" NUMBERS ops "\n}\n"
#define PLAIN(ops) "module m tensor\nfn @f() -> i64 {\n" NUMBERS ops "\n}\n"
#define LIST                                                                                       \
    "%l = var l : ref<list<i64>>\n%n = list : list<i64>\nset %l, %n\nappend %l, %3\n"              \
    "append %l, %2\nappend %l, %1\n"
#define FREE_LIST "%end = get %l : list<i64>\nfree %end\n"
#define ARENA "%a = var a : ref<arena>\n%b = const 128 : i64\n%h = arena %b : arena\nset %a, %h\n"
#define FREE_ARENA "%end = get %a : arena\nfree %end\n"

typedef struct Outcome {
    const char *text;
    int64_t value;
} Outcome;

static const Outcome outcomes[] = {
    /* lists */
    {PLAIN(LIST "%v = items %l : view<i64, 1>\n%d = dim %v, 0 : i64\n" FREE_LIST "return %d"), 3},
    {PLAIN(LIST "%t = take %l, %0 : i64\n%v = items %l : view<i64, 1>\n%e = load %v[%0] : i64\n"
           "%s = sub %t, %e : i64\n" FREE_LIST "return %s"), 1},
    {PLAIN(LIST "append %l, %0\nappend %l, %3\n%v = items %l : view<i64, 1>\n%i = item %v[%1] : ref<i64>\n"
           "%x = get %i : i64\n%y = add %x, %x : i64\nset %i, %y\n%e = load %v[%1] : i64\n"
           FREE_LIST "return %e"), 4},
    /* arenas count what is given out, rounded up to 64 bytes */
    {PLAIN(ARENA "%t = alloc_in zeroed %a, %3 : view<i64, 1>\n%u = arena_stat %a, 0 : i64\n"
           FREE_ARENA "return %u"), 64},
    {PLAIN(ARENA "%t = alloc_in %a, %3 : view<i64, 1>\nreset %a\n%u = arena_stat %a, 0 : i64\n"
           "%p = arena_stat %a, 1 : i64\n%s = add %u, %p : i64\n" FREE_ARENA "return %s"), 64},
    {PLAIN(ARENA "%t = alloc_in %a, %3 : view<i64, 1>\nfree %t\n%r = room view<i64, 1> %a, %b : bool\n"
           "%q = room view<i64, 1> %a, %3 : bool\n%x = cast %r : i64\n%y = cast %q : i64\n"
           "%z = mul %x, %2 : i64\n%s = add %y, %z : i64\n" FREE_ARENA "return %s"), 1},
    {PLAIN("%a = var a : ref<arena>\n%h = arena grows %1 : arena\nset %a, %h\n"
           "%b = const 100 : i64\n%t = alloc_in %a, %b : view<i64, 1>\n%c = arena_stat %a, 2 : i64\n"
           FREE_ARENA "return %c"), 64 + 832},
    /* constants and what shares memory */
    {PLAIN("%v = data \"\\x00\\x01\\x02\" %3 : view<i8, 1>\n%e = load %v[%2] : i8\n"
           "%x = cast %e : i64\nreturn %x"), 2},
    {PLAIN("%v = data %3 : view<i64, 1>\n%e = load %v[%2] : i64\nreturn %e"), 0},
    {PLAIN("%v = data %3 : view<i64, 1>\n%s = slice %v, [%0, %1, %1] : view<i64, 1>\n"
           "%t = slice %v, [%1, %2, %1] : view<i64, 1>\n%x = apart %s, %t : bool\n"
           "%y = apart %v, %t : bool\n%p = cast %x : i64\n%q = cast %y : i64\n%w = mul %q, %2 : i64\n"
           "%z = add %p, %w : i64\nreturn %z"), 1},
    /* loops that run out */
    {PLAIN("%x = var x : ref<i64>\nset %x, %0\nfor %0, %3, %1 |%i| {\n} done {\nset %x, %1\n}\n"
           "for %0, %3, %1 |%i.1| {\nbreak\n} done {\nset %x, %2\n}\n%e = get %x : i64\nreturn %e"), 1},
    {PLAIN("%x = var x : ref<i64>\nset %x, %0\nfor %0, %3, %1 |%i| {\nfor %0, %0, %1 |%j| {\n} done {\n"
           "break\n}\nset %x, %1\n} done {\nset %x, %2\n}\n%e = get %x : i64\nreturn %e"), 0},
    {PLAIN("%x = var x : ref<i64>\nset %x, %0\nwhile {\n%e = get %x : i64\n%c = lt %e, %2 : bool\n"
           "yield %c\n} do {\n%e.1 = get %x : i64\n%s = add %e.1, %1 : i64\nset %x, %s\n} done {\n"
           "set %x, %3\n}\n%r = get %x : i64\nreturn %r"), 3},
    /* errors */
    {"module m tensor\nfn @g(scalar %c: bool) -> i64 raises {\n" NUMBERS
     "if %c {\n%t = text \"no\" : str\nfail %t\nraise\n}\nreturn %2\n}\n"
     "fn @f() -> i64 {\n" NUMBERS "%yes = const true : bool\n%no = const false : bool\n"
     "%a, %x = call @g(%no) : bool, i64\n%b, %y = call @g(%yes) : bool, i64\n"
     "%p = cast %a : i64\n%q = cast %b : i64\n%s = add %x, %y : i64\n%t = mul %q, %3 : i64\n"
     "%u = add %p, %t : i64\n%v = add %s, %u : i64\nreturn %v\n}\n", 5},
    {PLAIN("%x = var x : ref<i64>\nset %x, %0\ntry {\nfor %0, %3, %1 |%i| {\ntry {\nraise\n} except {\n"
           "raise\n}\n}\n} except {\nset %x, %2\n}\n%e = get %x : i64\nreturn %e"), 2},
    /* stage owned: copies are their own, the end of a value calls its `__del__` */
    {OWNED("fn @f() -> i64",
           "%t = var t : ref<tensor<i64, 1>>\n%u = var u : ref<tensor<i64, 1>>\n"
           "%n = alloc zeroed %2 : tensor<i64, 1>\nset %t, %n\n%d = dup %t : tensor<i64, 1>\nset %u, %d\n"
           "%m = lend mutable %u : view<i64, 1>\nstore %3, %m[%1]\n%r = lend %t : view<i64, 1>\n"
           "%x = load %r[%1] : i64\n%y = load %m[%1] : i64\n%s = sub %y, %x : i64\nreturn %s"), 3},
    {"module m owned\nstruct N { id: i64, t: tensor<i64, 1> } del @close\n"
     "fn @close(struct %self: struct N) {\n%s = var self (owned) : ref<struct N>\nset %s, %self\n"
     "%t = field %s, 1 : ref<tensor<i64, 1>>\ndrop %t\n%m = text \"closed\" : str\nprint %m\nreturn\n}\n"
     "fn @f() -> i64 {\n" NUMBERS "%l = var l : ref<list<struct N>>\n%e = list : list<struct N>\n"
     "set %l, %e\n%a = alloc %2 : tensor<i64, 1>\n%n = struct %1, %a : struct N\nappend %l, %n\n"
     "%c = alloc %2 : tensor<i64, 1>\n%n.1 = struct %2, %c : struct N\nappend %l, %n.1\n"
     "drop %l\nreturn %1\n}\n", 1},
    {OWNED("fn @f() -> i64",
           "%k = var k : ref<task<i64>>\n%no = const false : bool\n%s = spawn result %no, %3 : task<i64>\n"
           "set %k, %s\n%f, %r = wait %k : bool, i64\nreturn %r"), 3},
};

static void test_outcomes(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(outcomes); i++) {
        int64_t found = run_i64(outcomes[i].text, NULL);
        if (found != outcomes[i].value)
            fail_msg("%s\ngives %lld", outcomes[i].text, (long long)found);
    }
}

static void test_stops(void **state) {
    (void)state;
    static const struct {
        const char *text;
        InterpStatus status;
        const char *message;
    } table[] = {
        {PLAIN("%a = alloc %2 : view<i64, 1>\nreturn %0"), INTERP_FAULT,
         "interpreter: memory is never freed"},
        {PLAIN(LIST "return %0"), INTERP_FAULT, "interpreter: memory is never freed"},
        {PLAIN(ARENA "return %0"), INTERP_FAULT, "interpreter: memory is never freed"},
        {PLAIN(LIST FREE_LIST "free %end\nreturn %0"), INTERP_FAULT,
         "interpreter: memory is freed a second time"},
        {PLAIN(ARENA FREE_ARENA "free %end\nreturn %0"), INTERP_FAULT,
         "interpreter: an arena is freed a second time"},
        {PLAIN(LIST "%v = items %l : view<i64, 1>\nappend %l, %0\nappend %l, %0\n%e = load %v[%0] : i64\n"
               "return %e"), INTERP_FAULT, "interpreter: access to memory that was freed"},
        {PLAIN(ARENA "%t = alloc_in %a, %2 : view<i64, 1>\nreset %a\n%e = load %t[%0] : i64\nreturn %e"),
         INTERP_FAULT, "interpreter: access to memory of an arena that was reset"},
        {PLAIN(ARENA "%t = alloc_in %a, %b : view<i64, 1>\nreturn %0"), INTERP_PANIC, "out of memory"},
        {PLAIN("%v = data %3 : view<i64, 1>\nstore %0, %v[%0]\nreturn %0"), INTERP_FAULT,
         "interpreter: a store to a constant"},
        {PLAIN("%x = var x : ref<view<i64, 1>>\n%v = get %x : view<i64, 1>\n%e = load %v[%0] : i64\n"
               "return %e"), INTERP_FAULT, "interpreter: access through a variable that has no value"},
        {OWNED("fn @f() -> i64", "%t = var t : ref<tensor<i64, 1>>\ndrop %t\nreturn %0"), INTERP_FAULT,
         "interpreter: what ends here has no value"},
        {OWNED("fn @f() -> i64", "%t = var t : ref<tensor<i64, 1>>\n%m = move %t : tensor<i64, 1>\n"
               "set %t, %m\nreturn %0"), INTERP_FAULT, "interpreter: what is moved has no value"},
        {"module m tensor\nfn @f() raises {\n%t = text \"too big\" : str\nfail %t\nraise\n}\n",
         INTERP_RAISED, "too big"},
        {"module m tensor\nfn @f() raises {\n" NUMBERS "%a = alloc %2 : view<i64, 1>\nraise\n}\n",
         INTERP_FAULT, "interpreter: memory is never freed"},
    };
    for (uint32_t i = 0; i < ARRAY_LEN(table); i++)
        run_stops(table[i].text, NULL, table[i].status, table[i].message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
