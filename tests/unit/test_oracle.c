/* The oracle: what it stops, and what it lets pass, one rule a row. */
#include "tests/unit/interp_helpers.h"

#define TEXT(body)                                                                                 \
    "module m owned\n"                                                                             \
    "struct P { a: tensor<i64, 1>, b: tensor<i64, 1> }\n"                                          \
    "fn @change(array %x: buf<i64> written, array %y: buf<i64>) {\n"                               \
    "%0 = const 2 : i64\n%1 = const 0 : i64\n%v = view %x, %0 : view<i64, 1>\n"                    \
    "%w = view %y, %0 : view<i64, 1>\n%e = load %w[%1] : i64\nstore %e, %v[%1]\nreturn\n}\n"       \
    "fn @empty(inout %p: ref<struct P> written) {\n"                                               \
    "%a = field %p, 0 : ref<tensor<i64, 1>>\ndrop %a\nreturn\n}\n"                                 \
    "fn @f() {\n"                                                                                  \
    "%0 = const 0 : i64\n%1 = const 1 : i64\n%2 = const 2 : i64\n%3 = const 64 : i64\n"            \
    "%t = var t : ref<tensor<i64, 1>>\n%new = alloc zeroed %2 : tensor<i64, 1>\nset %t, %new\n"    \
    "%v = var v : ref<view<i64, 1>>\n" body "\nreturn\n}\n"

/* `v` looks into all of `t`. */
#define LOOK "%r = lend %t : view<i64, 1>\nset %v, %r\n"
#define USE "%l = lend %v : view<i64, 1>\n%e = load %l[%0] : i64\n"
/* `v` can change the first half of `t`, `w` the second. */
#define HALVES                                                                                     \
    "%w = var w : ref<view<i64, 1>>\n%m = lend mutable %t : view<i64, 1>\n"                        \
    "%s = slice %m, [%0, %1, %1] : view<i64, 1>\nset %v, %s\n"                                     \
    "%m.1 = lend mutable %t : view<i64, 1>\n%s.1 = slice %m.1, [%1, %1, %1] : view<i64, 1>\n"      \
    "set %w, %s.1\n"
#define STORE "%o = lend mutable %t : view<i64, 1>\nstore %1, %o[%0]\n"
#define PAIR                                                                                       \
    "%p = var p : ref<struct P>\n%x = alloc zeroed %2 : tensor<i64, 1>\n"                          \
    "%y = alloc zeroed %2 : tensor<i64, 1>\n%s = struct %x, %y : struct P\nset %p, %s\n"

typedef struct Rule {
    const char *body;
    InterpWatch watch;
    const char *message; /* NULL: it runs to its end */
} Rule;

static const Rule rules[] = {
    {TEXT(LOOK USE "drop %t"), WATCH_DROPPED, NULL},
    {TEXT(LOOK "drop %t\n" USE), WATCH_DROPPED,
     "oracle: this looks into `t`, which has ended in line 28"},
    {TEXT(LOOK USE), WATCH_DROPPED, "interpreter: memory is never freed"},
    {TEXT(LOOK USE), WATCH_OWNED, NULL},
    {TEXT("%u = move %t : tensor<i64, 1>\nset %t, %u"), WATCH_OWNED, NULL},
    {TEXT("%x = var x : ref<tensor<i64, 1>>\n%u = move %t : tensor<i64, 1>\nset %x, %u\n"
          "%u.1 = move %t : tensor<i64, 1>\nset %x, %u.1"),
     WATCH_OWNED, "oracle: `t` has no value here"},
    {TEXT(LOOK "%x = var x : ref<tensor<i64, 1>>\n%u = move %t : tensor<i64, 1>\nset %x, %u\n" USE),
     WATCH_OWNED, "oracle: this looks into `t`, which was moved in line 29"},
    {TEXT(LOOK STORE), WATCH_OWNED, NULL},
    {TEXT(LOOK STORE USE), WATCH_OWNED, "oracle: this looks into `t`, which was changed in line 29"},
    {TEXT(LOOK STORE "%l = lend %v : view<i64, 1>\n%d = dim %l, 0 : i64"), WATCH_OWNED, NULL},
    {TEXT(HALVES STORE "%l = lend %w : view<i64, 1>\n%e = load %l[%0] : i64"), WATCH_OWNED, NULL},
    {TEXT(HALVES STORE USE), WATCH_OWNED, "oracle: this looks into `t`, which was changed in line 34"},
    {TEXT(HALVES "%r = lend %t : view<i64, 1>\n%e = load %r[%0] : i64\n"
                 "%l = lend mutable %v : view<i64, 1>\nstore %1, %l[%0]"),
     WATCH_OWNED, "oracle: this looks into `t`, which was looked at by another name in line 34"},
    {TEXT("%new.1 = alloc %2 : tensor<i64, 1>\nset %t, %new.1"), WATCH_OWNED, NULL},
    {TEXT("%new.1 = alloc %2 : tensor<i64, 1>\nset %t, %new.1"), WATCH_DROPPED,
     "oracle: the value of `t` is lost"},
    {TEXT("%m = lend mutable %t : view<i64, 1>\n%b = buf %m : buf<i64>\n"
          "%n = lend %t : view<i64, 1>\n%c = buf %n : buf<i64>\ncall @change(%b, %c)"),
     WATCH_OWNED, "oracle: arguments 0 and 1 overlap, and one is changed"},
    {TEXT(PAIR "%f = field %p, 0 : ref<tensor<i64, 1>>\n%u = move %f : tensor<i64, 1>\nset %f, %u\n"
               "call @empty(%p)"),
     WATCH_OWNED, "oracle: `p`, of the caller, has no value on return"},
    {TEXT(PAIR "%f = field %p, 0 : ref<tensor<i64, 1>>\n%u = move %f : tensor<i64, 1>\nset %t, %u\n"
               "%g = field %p, 1 : ref<tensor<i64, 1>>\n%u.1 = move %g : tensor<i64, 1>\nset %t, %u.1"),
     WATCH_OWNED, NULL},
    {TEXT(PAIR "%f = field %p, 0 : ref<tensor<i64, 1>>\n%u = move %f : tensor<i64, 1>\nset %t, %u\n"
               "%q = move %p : struct P\nset %p, %q"),
     WATCH_OWNED, "oracle: `p` has no value here"},
    {TEXT("%a = var a : ref<arena>\n%h = arena %3 : arena\nset %a, %h\n"
          "%in = alloc_in zeroed %a, %2 : tensor<i64, 1>\nset %t, %in\n" LOOK "reset %a"),
     WATCH_OWNED, NULL},
    {TEXT("%a = var a : ref<arena>\n%h = arena %3 : arena\nset %a, %h\n"
          "%in = alloc_in zeroed %a, %2 : tensor<i64, 1>\nset %t, %in\n" LOOK "reset %a\n" USE),
     WATCH_OWNED, "oracle: this looks into `t`, which was forgotten by its arena"},
    {TEXT("%i = var i : ref<list<i64>>\n%n = list : list<i64>\nset %i, %n\nappend %i, %1\n"
          "%r = lend %i : view<i64, 1>\nset %v, %r\nappend %i, %2\n" USE),
     WATCH_OWNED, "oracle: this looks into `i`, which was changed in line 32"},
    {TEXT("%r = lend %t : view<i64, 1>\n%no = const false : bool\n%k = spawn %no, %r : task\n%j = var j : ref<task>\nset %j, %k\n"
          "%f = wait %j : bool\n" STORE),
     WATCH_OWNED, NULL},
    {TEXT("%r = lend %t : view<i64, 1>\n%no = const false : bool\n%k = spawn %no, %r : task\n%j = var j : ref<task>\nset %j, %k\n"
          STORE "%f = wait %j : bool"),
     WATCH_OWNED, "oracle: this looks into `t`, which was changed in line 32"},
    {TEXT("%r = lend %t : view<i64, 1>\n%no = const false : bool\n%k = spawn %no, %r : task\n%j = var j : ref<task>\nset %j, %k"),
     WATCH_OWNED, "oracle: a task is not waited for, which started in line 29"},
    {TEXT(LOOK STORE "unsafe {\n" USE "}"), WATCH_OWNED, NULL},
};

static void test_rules(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(rules); i++) {
        const Rule *rule = &rules[i];
        Run run = {.cx = context_create()};
        IrModule *m = module_read(run.cx, rule->body);
        module_check(m);
        InterpHost host = {.user = &run.printed, .print = on_print, .watch = rule->watch};
        run.status = ir_interpret(fn_named(m, "f"), NULL, run.results, &host, 10000, &run.panic);
        const char *found = run.status == INTERP_OK ? NULL : run.panic.message;
        bool same = rule->message == NULL || found == NULL ? rule->message == found
                                                           : strcmp(rule->message, found) == 0;
        if (!same) fail_msg("%s\nends with: %s", rule->body, found != NULL ? found : "its end");
        run_end(&run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
