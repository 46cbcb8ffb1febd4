/* Every scalar operation and conversion, compiled and run, against ir/eval.c: on awkward values and
 * on random bits, in loops that LLVM vectorises, at -O0 and -O3, on every x86-64 level this machine
 * has. */
#include "ir/eval.h"
#include "tests/unit/jit_helpers.h"
#include "tests/unit/numbers.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT = 700, MAX_CASES = 1000 };

typedef struct Case {
    OpKind kind;
    Scalar from, to; /* type of the operands; of the result */
    const char *name;
} Case;

typedef struct Suite {
    Context *cx;
    IrModule *module;
    Case cases[MAX_CASES];
    uint32_t count;
    uint64_t inputs[3][COUNT];
} Suite;

/* ---- Kernels --------------------------------------------------------------------------------- */

static Value *array_param(IrFn *fn, const char *name, const IrType *elem, bool is_written) {
    IrModule *m = fn->module;
    IrParam *p = ir_param_add(fn, PARAM_ARRAY, name_of_str(m->cx->names, name), ir_buf(m, elem));
    p->is_restrict = true;
    p->is_written = is_written;
    return p->value;
}

/* for i in 0..n: out[i] = op(a[i], b[i], c[i]) */
static void kernel_build(IrModule *m, const Case *c) {
    IrFn *fn = ir_fn_create(m, name_of_str(m->cx->names, c->name), NO_SPAN);
    fn->is_exported = true;
    const IrType *from = ir_scalar(m, c->from), *to = ir_scalar(m, c->to);
    Value *n = ir_param_add(fn, PARAM_SIZE, name_of_str(m->cx->names, "n"), ir_i64(m))->value;
    Value *in[] = {array_param(fn, "a", from, false), array_param(fn, "b", from, false),
                   array_param(fn, "c", from, false)};
    Value *out = array_param(fn, "out", to, true);
    Builder b = builder_at_end(fn->body, NO_SPAN);
    Value *zero = build_i64(&b, 0), *one = build_i64(&b, 1);
    Value *views[3];
    for (int i = 0; i < 3; i++) views[i] = build_view(&b, in[i], &n, 1);
    Value *result_view = build_view(&b, out, &n, 1);
    Op *loop = build_for(&b, zero, n, one, (OpLoop){.independent = true});
    build_return(&b, NULL, 0);
    b = builder_at_end(loop->regions[0], NO_SPAN);
    Value *index = loop->regions[0]->params[0], *args[3];
    for (int i = 0; i < 3; i++) args[i] = build_load(&b, views[i], &index);
    Value *result = c->kind == OP_CAST          ? build_cast(&b, args[0], to)
                    : op_infos[c->kind].operands == 1 ? build_unary(&b, c->kind, args[0])
                    : op_infos[c->kind].operands == 2 ? build_binary(&b, c->kind, args[0], args[1])
                                                      : build_fma(&b, args[0], args[1], args[2]);
    build_store(&b, result_view, result, &index);
}

static void case_add(Suite *s, OpKind kind, Scalar from, Scalar to) {
    assert_true(s->count < MAX_CASES);
    Case *c = &s->cases[s->count++];
    *c = (Case){kind, from, to, NULL};
    c->name = arena_printf(s->cx->arena, "%s_%s_%s", op_infos[kind].mnemonic, scalar_spelling(from),
                           scalar_spelling(to));
    kernel_build(s->module, c);
}

static bool takes_floats(OpKind kind) {
    switch ((int)kind) {
    case OP_DIV:
    case OP_FMA:
    case OP_SQRT:
    case OP_FLOOR:
    case OP_CEIL:
    case OP_TRUNC:
    case OP_RINT:
    case OP_COPYSIGN:
        return true;
    default: return false;
    }
}

static bool takes_ints(OpKind kind) {
    switch ((int)kind) {
    case OP_AND: case OP_OR: case OP_XOR: case OP_NOT: case OP_SHL: case OP_SHR: case OP_POPCOUNT:
    case OP_CLZ: case OP_CTZ: case OP_SATADD: case OP_SATSUB:
        return true;
    default: return false;
    }
}

static void cases_add(Suite *s) {
    for (OpKind kind = OP_ADD; kind <= OP_GE; kind++)
        for (Scalar t = SCALAR_I8; t < SCALAR_COUNT; t++) {
            if (takes_floats(kind) && !scalar_is_float(t)) continue;
            if (takes_ints(kind) && scalar_is_float(t)) continue;
            case_add(s, kind, t, kind >= OP_EQ ? SCALAR_BOOL : t);
        }
    for (Scalar from = SCALAR_BOOL; from < SCALAR_COUNT; from++)
        for (Scalar to = SCALAR_BOOL; to < SCALAR_COUNT; to++)
            if (from != to) case_add(s, OP_CAST, from, to);
}

static uint64_t expected(const Case *c, const uint64_t *operands) {
    if (c->kind == OP_CAST) return eval_cast(c->from, c->to, operands[0]);
    uint64_t result = 0;
    assert_true(eval_scalar_op(c->kind, c->from, operands, &result));
    return result;
}

/* ---- Running --------------------------------------------------------------------------------- */

typedef void (*Kernel)(int64_t, const void *, const void *, const void *, void *);

static void run_case(const Suite *s, const Case *c, Jit *jit, const char *where) {
    Kernel kernel;
    void *address = jit_find(jit, c->name);
    assert_non_null(address);
    memcpy(&kernel, &address, sizeof kernel);
    uint64_t arrays[4][COUNT] = {{0}};
    uint32_t size = scalar_bytes(c->from);
    for (uint32_t i = 0; i < COUNT; i++)
        for (int k = 0; k < 3; k++) {
            uint64_t bits = number_input(c->from, i + (uint32_t)k, s->inputs[k][i]);
            memcpy((char *)arrays[k] + i * size, &bits, size);
        }
    kernel(COUNT, arrays[0], arrays[1], arrays[2], arrays[3]);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint64_t operands[3];
        for (int k = 0; k < 3; k++) operands[k] = number_read(c->from, arrays[k], i);
        uint64_t want = expected(c, operands), got = number_read(c->to, arrays[3], i);
        if (!numbers_same(c->to, want, got))
            fail_msg("%s (%s): %llx %llx %llx gives %llx, not %llx", c->name, where,
                     (unsigned long long)operands[0], (unsigned long long)operands[1],
                     (unsigned long long)operands[2], (unsigned long long)got,
                     (unsigned long long)want);
    }
}

static void run_target(Suite *s, const char *march, int level) {
    StrBuf object = {0};
    Jit *jit = jit_of_module(s->cx, s->module, march, level, &object);
    if (jit == NULL) return;
    const char *where = arena_printf(s->cx->arena, "%s -O%d", march, level);
    for (uint32_t i = 0; i < s->count; i++) run_case(s, &s->cases[i], jit, where);
    jit_destroy(jit);
    strbuf_free(&object);
}

/* ---- Symbols --------------------------------------------------------------------------------- */

/* A kernel needs nothing from outside but memcpy and memset, whatever it computes; multiply-add may
 * come from libkcrt. */
static void check_symbols(Suite *s, const char *triple, const char *march, int level) {
    Target target;
    assert_true(target_resolve(s->cx, triple, march, &target));
    CodegenOptions options = {.target = &target, .opt_level = level};
    StrBuf object = {0}, needs = {0};
    codegen_emit(s->module, &options, OUTPUT_OBJECT, &object);
    const char *reason = NULL;
    if (!object_info_print(object.data, object.len, "ops.o", true, &needs, &reason))
        fail_msg("%s", reason);
    char *line = needs.len > 0 ? strtok(needs.data, "\n") : NULL;
    for (; line != NULL; line = strtok(NULL, "\n")) {
        bool allowed = strncmp(line, "kc_fma_f", 8) == 0 ? !target.has_fma
                                                         : strncmp(line, "memcpy ", 7) == 0 ||
                                                               strncmp(line, "memset ", 7) == 0;
        if (!allowed) fail_msg("%s -march=%s -O%d needs %s", triple, march, level, line);
    }
    strbuf_free(&object);
    strbuf_free(&needs);
}

static void no_foreign_symbols(void **state) {
    static const char *const targets[][2] = {
        {"x86_64", "x86-64"}, {"x86_64", "x86-64-v2"}, {"x86_64", "avx2"},    {"x86_64", "avx512"},
        {"aarch64", "neon"},  {"aarch64", "sve"},      {"riscv64", "rv64gc"}, {"riscv64", "rvv"}};
    for (size_t i = 0; i < ARRAY_LEN(targets); i++)
        for (int level = 0; level <= HIGHEST_LEVEL; level += 3)
            check_symbols(*state, targets[i][0], targets[i][1], level);
}

static int suite_setup(void **state) {
    Suite *s = calloc(1, sizeof *s);
    s->cx = context_create();
    s->module = ir_module_create(s->cx, name_of_str(s->cx->names, "ops"));
    cases_add(s);
    uint64_t seed = 88172645463325252u;
    for (int k = 0; k < 3; k++)
        for (uint32_t i = 0; i < COUNT; i++) s->inputs[k][i] = number_random(&seed);
    *state = s;
    return 0;
}

static int suite_teardown(void **state) {
    Suite *s = *state;
    context_destroy(s->cx);
    free(s);
    return 0;
}

#if defined __x86_64__
static void baseline_unoptimised(void **state) { run_target(*state, "x86-64", 0); }
static void baseline(void **state) { run_target(*state, "x86-64", 3); }
static void second_level(void **state) { run_target(*state, "x86-64-v2", 3); }
static void avx2(void **state) { run_target(*state, "avx2", 3); }
static void avx512(void **state) { run_target(*state, "avx512", 3); }
#endif
static void this_machine(void **state) { run_target(*state, "native", 3); }

int main(void) {
    const struct CMUnitTest tests[] = {
#if defined __x86_64__
        cmocka_unit_test(baseline_unoptimised), cmocka_unit_test(baseline),
        cmocka_unit_test(second_level),         cmocka_unit_test(avx2),
        cmocka_unit_test(avx512),
#endif
        cmocka_unit_test(this_machine), cmocka_unit_test(no_foreign_symbols),
    };
    return cmocka_run_group_tests_name("codegen_ops", tests, suite_setup, suite_teardown);
}
