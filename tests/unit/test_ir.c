/* The IR's types, builder and editing. */
#include "ir/text.h"
#include "support/floats.h"
#include "tests/unit/ir_helpers.h"

typedef struct Fixture {
    Context *cx;
    IrModule *m;
    IrFn *fn;
    Builder b;
} Fixture;

static int set_up(void **state) {
    Fixture *f = test_calloc(1, sizeof *f);
    f->cx = context_create();
    f->m = ir_module_create(f->cx, name_of_str(f->cx->names, "m"));
    f->fn = ir_fn_create(f->m, name_of_str(f->cx->names, "f"), NO_SPAN);
    f->b = builder_at_end(f->fn->body, NO_SPAN);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    Fixture *f = *state;
    context_destroy(f->cx);
    test_free(f);
    return 0;
}

static const IrType *type_of(Fixture *f, Scalar scalar) { return ir_scalar(f->m, scalar); }

/* ---- Types ----------------------------------------------------------------------------------- */

static void test_types_are_interned(void **state) {
    Fixture *f = *state;
    const IrType *f32 = type_of(f, SCALAR_F32);
    assert_ptr_equal(f32, type_of(f, SCALAR_F32));
    assert_ptr_equal(ir_i64(f->m), type_of(f, SCALAR_I64));
    assert_ptr_equal(ir_view(f->m, f32, 2, true), ir_view(f->m, f32, 2, true));
    assert_ptr_not_equal(ir_view(f->m, f32, 2, true), ir_view(f->m, f32, 2, false));
    assert_ptr_not_equal(ir_view(f->m, f32, 2, false), ir_view(f->m, f32, 3, false));
    assert_ptr_not_equal(ir_view(f->m, f32, 2, false), ir_array(f->m, f32, 2));
    assert_ptr_equal(ir_ref(f->m, ir_buf(f->m, f32)), ir_ref(f->m, ir_buf(f->m, f32)));
    for (uint32_t i = 0; i < f->m->types.len; i++) assert_int_equal(f->m->types.data[i]->id, i);
}

static const IrType *struct_of(Fixture *f, const char *name, const IrType *const *types,
                               uint32_t count) {
    IrField fields[8];
    for (uint32_t i = 0; i < count; i++) {
        const char letter[] = {(char)('a' + i), '\0'};
        fields[i] = (IrField){name_of_str(f->cx->names, letter), types[i]};
    }
    return ir_struct(f->m, name_of_str(f->cx->names, name), fields, count);
}

/* The same layouts as a C compiler's, for which the structs below stand. */
static void test_struct_layout(void **state) {
    typedef struct Mixed {
        int8_t a;
        double b;
        int16_t c;
        float d;
        bool e;
    } Mixed;
    typedef struct Outer {
        bool a;
        Mixed b;
        int8_t c;
    } Outer;
    Fixture *f = *state;
    const IrType *fields[] = {type_of(f, SCALAR_I8), type_of(f, SCALAR_F64),
                              type_of(f, SCALAR_BF16), type_of(f, SCALAR_F32), ir_bool(f->m)};
    const IrType *mixed = struct_of(f, "Mixed", fields, 5);
    assert_int_equal(mixed->size, sizeof(Mixed));
    assert_int_equal(mixed->align, _Alignof(Mixed));
    assert_int_equal(ir_field_offset(mixed, 1), offsetof(Mixed, b));
    assert_int_equal(ir_field_offset(mixed, 2), offsetof(Mixed, c));
    assert_int_equal(ir_field_offset(mixed, 3), offsetof(Mixed, d));
    assert_int_equal(ir_field_offset(mixed, 4), offsetof(Mixed, e));
    const IrType *outer = struct_of(
        f, "Outer", (const IrType *[]){ir_bool(f->m), mixed, type_of(f, SCALAR_U8)}, 3);
    assert_int_equal(outer->size, sizeof(Outer));
    assert_int_equal(ir_field_offset(outer, 1), offsetof(Outer, b));
    assert_int_equal(ir_field_offset(outer, 2), offsetof(Outer, c));
    assert_ptr_equal(struct_of(f, "Mixed", fields, 0), mixed);
}

static void test_types_print(void **state) {
    Fixture *f = *state;
    const IrType *f32 = type_of(f, SCALAR_F32);
    const IrType *p = struct_of(f, "P", &f32, 1), *odd = struct_of(f, "Pair[f32]", &f32, 1);
    StrBuf out = {0};
    const IrType *all[] = {p, odd, ir_view(f->m, p, 1, true), ir_ref(f->m, ir_str(f->m))};
    for (uint32_t i = 0; i < ARRAY_LEN(all); i++) {
        ir_type_print(f->cx, all[i], &out);
        strbuf_putc(&out, ';');
    }
    assert_string_equal(strbuf_text(&out),
                        "struct P;struct \"Pair[f32]\";view<struct P, 1, strided>;ref<str>;");
    strbuf_free(&out);
}

/* ---- Tables ---------------------------------------------------------------------------------- */

static void test_ops_have_their_own_words(void **state) {
    (void)state;
    for (int i = 0; i < OP_COUNT; i++) {
        assert_true(op_infos[i].mnemonic[0] != '\0');
        for (int k = 0; k < i; k++)
            assert_string_not_equal(op_infos[i].mnemonic, op_infos[k].mnemonic);
        if (op_infos[i].flags & OP_FLAG_PURE)
            assert_false(op_infos[i].flags & (OP_FLAG_EFFECT | OP_FLAG_WRITES | OP_FLAG_ENDS));
    }
    for (int i = 0; i < CHECK_COUNT; i++) assert_true(check_infos[i].operands <= 3);
}

/* ---- Building -------------------------------------------------------------------------------- */

static void test_constants(void **state) {
    Fixture *f = *state;
    uint64_t bits;
    int64_t number;
    Value *small = build_int(&f->b, type_of(f, SCALAR_I8), -3);
    assert_true(value_is_const(small, &bits));
    assert_int_equal(bits, 0xfd);
    assert_true(value_is_int(small, &number));
    assert_int_equal(number, -3);
    assert_true(value_is_int(build_int(&f->b, type_of(f, SCALAR_U8), -3), &number));
    assert_int_equal(number, 253);
    assert_false(value_is_int(build_bool(&f->b, true), &number));
    assert_true(value_is_const(build_int(&f->b, ir_bool(f->m), 4), &bits));
    assert_int_equal(bits, 1);
    assert_true(value_is_const(build_float(&f->b, type_of(f, SCALAR_F16), 1e-7), &bits));
    assert_int_equal(bits, 2);
    assert_true(value_is_const(build_float(&f->b, type_of(f, SCALAR_F32), 0.1), &bits));
    assert_int_equal(bits, 0x3dcccccd);
    assert_false(value_is_const(build_binary(&f->b, OP_ADD, small, small), &bits));
}

static void test_result_types(void **state) {
    Fixture *f = *state;
    const IrType *f32 = type_of(f, SCALAR_F32), *i64 = ir_i64(f->m);
    Value *x = build_float(&f->b, f32, 1.0), *n = build_i64(&f->b, 4);
    assert_ptr_equal(build_binary(&f->b, OP_ADD, x, x)->type, f32);
    assert_ptr_equal(build_binary(&f->b, OP_LT, x, x)->type, ir_bool(f->m));
    assert_ptr_equal(build_fma(&f->b, x, x, x)->type, f32);
    Value *view = build_alloc(&f->b, f32, (Value *[]){n, n}, 2, true);
    assert_ptr_equal(view->type, ir_view(f->m, f32, 2, false));
    assert_ptr_equal(build_dim(&f->b, view, 1)->type, i64);
    assert_int_equal(build_stride(&f->b, view, 1)->def->attr.index, 1);
    assert_ptr_equal(build_load(&f->b, view, (Value *[]){n, n})->type, f32);
    assert_ptr_equal(build_unary(&f->b, OP_BUF, view)->type, ir_buf(f->m, f32));
    Value *ranges[] = {n, n, n, n, n, n};
    assert_ptr_equal(build_slice(&f->b, view, ranges, 1, true)->type,
                     ir_view(f->m, f32, 1, true));
    Value *var = build_var(&f->b, i64, name_of_str(f->cx->names, "i"));
    assert_ptr_equal(build_get(&f->b, var)->type, i64);
    Op *map = build_map(&f->b, f32, (Value *[]){n, n, n}, 3);
    assert_int_equal(map->regions[0]->param_count, 3);
    assert_ptr_equal(op_result(map)->type, ir_array(f->m, f32, 3));
    assert_ptr_equal(build_cast(&f->b, x, f32), x);
}

static void test_zero_of_a_struct(void **state) {
    Fixture *f = *state;
    const IrType *inner = struct_of(f, "I", (const IrType *[]){type_of(f, SCALAR_F64)}, 1);
    const IrType *outer = struct_of(f, "O", (const IrType *[]){inner, ir_i64(f->m)}, 2);
    Value *zero = build_zero(&f->b, outer);
    assert_ptr_equal(zero->type, outer);
    assert_int_equal(zero->def->operand_count, 2);
    assert_ptr_equal(build_extract(&f->b, zero, 0)->type, inner);
    Value *changed = build_insert(&f->b, zero, 1, build_i64(&f->b, 7));
    assert_ptr_equal(changed->type, outer);
}

/* ---- Editing --------------------------------------------------------------------------------- */

static uint32_t region_length(const Region *region) {
    uint32_t length = 0;
    const Op *before = NULL;
    for (const Op *op = region->first; op != NULL; before = op, op = op->next, length++)
        assert_ptr_equal(op->prev, before);
    assert_ptr_equal(region->last, before);
    return length;
}

static void test_links(void **state) {
    Fixture *f = *state;
    Op *a = build_i64(&f->b, 1)->def, *b = build_i64(&f->b, 2)->def, *c = build_i64(&f->b, 3)->def;
    assert_int_equal(region_length(f->fn->body), 3);
    op_unlink(b);
    assert_null(b->parent);
    assert_int_equal(region_length(f->fn->body), 2);
    op_insert_before(b, a);
    assert_ptr_equal(f->fn->body->first, b);
    op_unlink(c);
    op_append(f->fn->body, c);
    assert_ptr_equal(f->fn->body->last, c);
    Builder before = builder_before(a);
    Op *d = build_i64(&before, 4)->def;
    assert_ptr_equal(a->prev, d);
    assert_int_equal(region_length(f->fn->body), 4);
}

static void test_operands_are_set(void **state) {
    Fixture *f = *state;
    Value *x = build_i64(&f->b, 1), *y = build_i64(&f->b, 2);
    Op *sum = build_binary(&f->b, OP_ADD, x, x)->def;
    op_set_operands(sum, (Value *[]){y, x, y}, 3);
    assert_int_equal(sum->operand_count, 3);
    assert_ptr_equal(sum->operands[2], y);
    op_set_operands(sum, sum->operands + 1, 2);
    assert_ptr_equal(sum->operands[0], x);
    assert_ptr_equal(sum->operands[1], y);
}

static const char nested[] = "module m tensor\n"
                             "fn @f(size %n: i64) -> i64 {\n"
                             "    %a = const 1 : i64\n"
                             "    %b = const 2 : i64\n"
                             "    %v = var v : ref<i64>\n"
                             "    set %v, %a\n"
                             "    for %a, %n, %a |%i| {\n"
                             "        %s = add %i, %a : i64\n"
                             "        %c = lt %s, %b : bool\n"
                             "        %t = if %c : i64 {\n"
                             "            %u = mul %s, %a : i64\n"
                             "            yield %u\n"
                             "        } else {\n"
                             "            yield %a\n"
                             "        }\n"
                             "        set %v, %t\n"
                             "    }\n"
                             "    %r = get %v : i64\n"
                             "    return %r\n"
                             "}\n";

static void test_uses_are_counted_and_replaced(void **state) {
    Fixture *f = *state;
    IrModule *m = module_read(f->cx, nested);
    IrFn *fn = fn_named(m, "f");
    Value *a = op_result(fn->body->first), *b = op_result(fn->body->first->next);
    Value *n = fn->params.data[0].value;
    uint32_t *uses = ir_count_uses(f->cx->arena, fn);
    assert_int_equal(uses[a->id], 6);
    assert_int_equal(uses[b->id], 1);
    ir_replace_value(fn, a, b);
    uses = ir_count_uses(f->cx->arena, fn);
    assert_int_equal(uses[a->id], 0);
    assert_int_equal(uses[b->id], 7);
    Value **map = arena_array(f->cx->arena, Value *, fn->next_value);
    map[b->id] = a; /* a chain: b, then a, then n */
    map[a->id] = n;
    ir_replace_uses(fn, map, fn->next_value);
    uses = ir_count_uses(f->cx->arena, fn);
    assert_int_equal(uses[b->id], 0);
    assert_int_equal(uses[n->id], 8);
    module_check(m);
}

static Op *find_op(const Region *region, OpKind kind) {
    Op *op = region->first;
    while (op != NULL && op->kind != kind) op = op->next;
    assert_non_null(op);
    return op;
}

static void test_loops_are_cloned(void **state) {
    Fixture *f = *state;
    IrModule *m = module_read(f->cx, nested);
    IrFn *fn = fn_named(m, "f");
    Op *loop = find_op(fn->body, OP_FOR);
    uint32_t before = fn->next_value;
    Value **map = arena_array(f->cx->arena, Value *, before);
    map[fn->body->first->results[0]->id] = fn->params.data[0].value;
    Builder b = builder_before(loop);
    Op *copy = op_clone(&b, loop, map, before);
    module_check(m);
    assert_ptr_equal(copy->next, loop);
    assert_ptr_equal(copy->operands[0], fn->params.data[0].value);
    assert_ptr_equal(copy->regions[0]->parent, copy);
    Op *inner = find_op(copy->regions[0], OP_IF), *original = find_op(loop->regions[0], OP_IF);
    assert_ptr_not_equal(inner, original);
    assert_ptr_equal(map[op_result(original)->id], op_result(inner));
    assert_true(op_result(inner)->id >= before);
    assert_true(name_eq(op_result(inner)->name, op_result(original)->name));
}

static void test_bodies_are_cloned(void **state) {
    Fixture *f = *state;
    IrModule *m = module_read(f->cx, nested);
    IrFn *fn = fn_named(m, "f");
    Op *branch = find_op(find_op(fn->body, OP_FOR)->regions[0], OP_IF);
    Value **map = arena_array(f->cx->arena, Value *, fn->next_value), *yielded;
    Builder b = builder_before(branch);
    region_clone_into(&b, branch->regions[0], map, fn->next_value, &yielded);
    assert_int_equal(branch->prev->kind, OP_MUL);
    assert_ptr_equal(op_result(branch->prev), yielded);
    region_clone_into(&b, branch->regions[1], map, 0, &yielded);
    assert_ptr_equal(yielded, op_result(fn->body->first));
    ir_replace_value(fn, op_result(branch), op_result(branch->prev));
    op_unlink(branch);
    module_check(m);
}

/* Copies into a function whose ids mean other values. */
static void test_bodies_are_cloned_into_another_function(void **state) {
    Fixture *f = *state;
    IrModule *m = module_read(f->cx, nested);
    IrFn *from = fn_named(m, "f");
    IrFn *to = ir_fn_create(m, name_of_str(f->cx->names, "g"), NO_SPAN);
    vec_push(m->arena, &to->results, ir_i64(m));
    Builder b = builder_at_end(to->body, NO_SPAN);
    Value **map = arena_array(f->cx->arena, Value *, from->next_value);
    map[from->params.data[0].value->id] = build_i64(&b, 9);
    region_clone_into(&b, from->body, map, from->next_value, NULL);
    module_check(m);
    assert_int_equal(to->body->last->kind, OP_RETURN);
}

static void unlink_constants(void *user, Op *op) {
    uint32_t *seen = user;
    ++*seen;
    if (op->kind == OP_CONST || op->kind == OP_IF) op_unlink(op);
}

static void test_a_walk_survives_unlinking(void **state) {
    Fixture *f = *state;
    IrModule *m = module_read(f->cx, nested);
    uint32_t seen = 0;
    region_walk(fn_named(m, "f")->body, unlink_constants, &seen);
    assert_int_equal(seen, 11); /* all but the three in the IF that left */
    assert_int_equal(region_length(fn_named(m, "f")->body), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types_are_interned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_struct_layout, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_types_print, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ops_have_their_own_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_constants, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_result_types, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_zero_of_a_struct, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_operands_are_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_uses_are_counted_and_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_loops_are_cloned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bodies_are_cloned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bodies_are_cloned_into_another_function, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_walk_survives_unlinking, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
