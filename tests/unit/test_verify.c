/* The verifier on modules that no text can describe: broken links, borrowed values, stray bits. What
 * text can describe is in tests/ir/verify. */
#include "tests/unit/ir_helpers.h"

static const char two_functions[] = "module m loop\n"
                                    "fn @f(size %n: i64) -> i64 {\n"
                                    "    %a = const 1 : i64\n"
                                    "    %b = add %a, %n : i64\n"
                                    "    for %a, %b, %a |%i| {\n"
                                    "        print %i\n"
                                    "    }\n"
                                    "    return %b\n"
                                    "}\n"
                                    "fn @g(size %n: i64) -> i64 {\n"
                                    "    %c = call @f(%n) : i64\n"
                                    "    return %c\n"
                                    "}\n";

typedef void (*Breaker)(IrModule *m, IrFn *f, IrFn *g);

typedef struct Break {
    Breaker breaker;
    const char *problem;
} Break;

static Op *nth_op(IrFn *fn, int n) {
    Op *op = fn->body->first;
    while (n-- > 0) op = op->next;
    return op;
}

static void break_parent(IrModule *m, IrFn *f, IrFn *g) {
    (void)m;
    nth_op(f, 1)->parent = g->body;
}

static void break_previous(IrModule *m, IrFn *f, IrFn *g) {
    (void)m, (void)g;
    nth_op(f, 2)->prev = nth_op(f, 0);
}

static void break_op_id(IrModule *m, IrFn *f, IrFn *g) {
    (void)m, (void)g;
    nth_op(f, 1)->id = nth_op(f, 0)->id;
}

static void break_value_id(IrModule *m, IrFn *f, IrFn *g) {
    (void)m, (void)g;
    op_result(nth_op(f, 1))->id = 1000;
}

static void break_definition(IrModule *m, IrFn *f, IrFn *g) {
    (void)m, (void)g;
    op_result(nth_op(f, 1))->def = nth_op(f, 0);
}

static void break_region(IrModule *m, IrFn *f, IrFn *g) {
    (void)m, (void)g;
    nth_op(f, 2)->regions[0]->parent = nth_op(f, 1);
}

static void borrow_value(IrModule *m, IrFn *f, IrFn *g) {
    (void)m;
    nth_op(f, 1)->operands[1] = g->params.data[0].value;
}

static void use_too_early(IrModule *m, IrFn *f, IrFn *g) {
    (void)m, (void)g;
    Op *sum = nth_op(f, 1), *one = nth_op(f, 0);
    op_unlink(sum);
    op_insert_before(sum, one);
}

static void add_bits(IrModule *m, IrFn *f, IrFn *g) {
    (void)g;
    Builder b = builder_before(f->body->first);
    build_int(&b, ir_scalar(m, SCALAR_I8), 1)->def->attr.bits = 0x1ff;
}

static void lose_message(IrModule *m, IrFn *f, IrFn *g) {
    (void)m, (void)g;
    Builder b = builder_before(f->body->first);
    Value *yes = build_bool(&b, true);
    build_check(&b, CHECK_TRUE, &yes, "yes");
    yes->def->next->attr.check.message = NULL;
}

static void call_elsewhere(IrModule *m, IrFn *f, IrFn *g) {
    IrModule *other = ir_module_create(m->cx, NO_NAME);
    IrFn *fn = ir_fn_create(other, f->name, NO_SPAN);
    nth_op(g, 0)->attr.callee = fn;
}

static void share_name(IrModule *m, IrFn *f, IrFn *g) {
    (void)m;
    g->name = f->name;
}

static void borrow_type(IrModule *m, IrFn *f, IrFn *g) {
    (void)g;
    Builder b = builder_before(f->body->first);
    build_i64(&b, 1)->type = ir_i64(ir_module_create(m->cx, NO_NAME));
}

static void rank_nine(IrModule *m, IrFn *f, IrFn *g) {
    (void)g;
    Builder b = builder_before(f->body->first);
    const IrType *type = ir_view(m, ir_i64(m), 9, false);
    build_op(&b, OP_NULLVIEW, NULL, 0, &type, 1, 0);
}

static const Break breaks[] = {
    {break_parent, "fn f: %b = add: is not linked into its region"},
    {break_previous, "fn f: for: is not linked into its region"},
    {break_op_id, "fn f: %b = add: its id 0 is not its own"},
    {break_value_id, "its id 1000 is not its own"},
    {break_definition, "fn f: %b = add: result 0 does not name it"},
    {break_region, "fn f: for: region 0 does not name it"},
    {borrow_value, "fn f: %b = add: operand %n is not visible here"},
    {use_too_early, "fn f: %b = add: operand %a is not visible here"},
    {add_bits, "has bits beyond the 8 of its type"},
    {lose_message, "fn f: check: `true` wants a message"},
    {call_elsewhere, "fn g: %c = call: calls no function of the module"},
    {share_name, "fn f: has the name of another function"},
    {borrow_type, "type `i64` is not well formed"},
    {rank_nine, "type `view<i64, 9>` is not well formed"},
};

static void test_broken_modules(void **state) {
    (void)state;
    for (uint32_t i = 0; i < ARRAY_LEN(breaks); i++) {
        Context *cx = context_create();
        IrModule *m = module_read(cx, two_functions);
        module_check(m);
        breaks[i].breaker(m, m->fns.data[0], m->fns.data[1]);
        StrBuf problems = {0};
        assert_false(ir_verify(m, &problems));
        if (strstr(strbuf_text(&problems), breaks[i].problem) == NULL)
            fail_msg("wanted %s, got\n%s", breaks[i].problem, strbuf_text(&problems));
        strbuf_free(&problems);
        context_destroy(cx);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_broken_modules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
