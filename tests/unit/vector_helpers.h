/* Kernels on vectors, interpreted and compiled: what both do to memory has to be the same.
 *
 * A kernel takes arrays a, b and c of one type, a mask, indices, and writes arrays `out` and `number`;
 * what it does with them is up to the case. */
#ifndef KC_TESTS_VECTOR_HELPERS_H
#define KC_TESTS_VECTOR_HELPERS_H

#include "ir/interp.h"
#include "ir/verify.h"
#include "tests/unit/jit_helpers.h"
#include "tests/unit/numbers.h"
#include "tests/unit/unit.h"

#include <stdlib.h>

enum { VECTOR_COUNT = 192, VECTOR_CASES = 2000 };

typedef struct VectorCase VectorCase;

/* While a kernel is built: its parameters as views, and where its code goes. */
typedef struct VectorKernel {
    const VectorCase *c;
    IrModule *m;
    Builder b;
    Value *in[3], *mask, *indices; /* views */
    Value *out, *number;
    Value *zero;
} VectorKernel;

struct VectorCase {
    void (*build)(VectorKernel *k);
    OpKind kind;
    Scalar from, to;
    uint32_t lanes;
    uint32_t extra; /* whatever the case makes of it */
    const char *name;
};

typedef struct VectorSuite {
    Context *cx;
    IrModule *module;
    VectorCase cases[VECTOR_CASES];
    uint32_t count;
    uint64_t seed;
} VectorSuite;

/* ---- Building -------------------------------------------------------------------------------- */

static inline Value *vector_param(IrFn *fn, const char *name, const IrType *elem, bool is_written) {
    IrModule *m = fn->module;
    IrParam *p = ir_param_add(fn, PARAM_ARRAY, name_of_str(m->cx->names, name), ir_buf(m, elem));
    p->is_restrict = true;
    p->is_written = is_written;
    return p->value;
}

static inline Value *vector_view(VectorKernel *k, IrFn *fn, const char *name, const IrType *elem,
                                 bool is_written) {
    Value *count = build_i64(&k->b, VECTOR_COUNT);
    return build_view(&k->b, vector_param(fn, name, elem, is_written), &count, 1);
}

static inline void vector_case_add(VectorSuite *s, VectorCase c) {
    assert_true(s->count < VECTOR_CASES);
    IrModule *m = s->module;
    c.name = arena_printf(s->cx->arena, "%s_%s_%s_%u_%u", op_infos[c.kind].mnemonic,
                          scalar_spelling(c.from), scalar_spelling(c.to), c.lanes, c.extra);
    VectorCase *kept = &s->cases[s->count++];
    *kept = c;
    IrFn *fn = ir_fn_create(m, name_of_str(s->cx->names, c.name), NO_SPAN);
    fn->is_exported = true;
    VectorKernel k = {.c = kept, .m = m, .b = builder_at_end(fn->body, NO_SPAN)};
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++)
        k.in[i] = vector_view(&k, fn, names[i], ir_scalar(m, c.from), false);
    k.mask = vector_view(&k, fn, "mask", ir_bool(m), false);
    k.indices = vector_view(&k, fn, "indices", ir_i64(m), false);
    k.out = vector_view(&k, fn, "out", ir_scalar(m, c.to), true);
    k.number = vector_view(&k, fn, "number", ir_i64(m), true);
    k.zero = build_i64(&k.b, 0);
    c.build(&k);
    build_return(&k.b, NULL, 0);
}

static inline Value *vector_in(VectorKernel *k, int which, uint32_t lanes) {
    return build_vload(&k->b, k->in[which], &k->zero, lanes, NULL);
}

static inline Value *vector_mask(VectorKernel *k, uint32_t lanes) {
    return build_vload(&k->b, k->mask, &k->zero, lanes, NULL);
}

static inline void vector_out(VectorKernel *k, Value *value) {
    if (value->type->kind == IR_VEC)
        build_vstore(&k->b, k->out, value, &k->zero, NULL);
    else
        build_store(&k->b, k->out, value, &k->zero);
}

static inline void vector_number(VectorKernel *k, Value *value) {
    build_store(&k->b, k->number, build_cast(&k->b, value, ir_i64(k->m)), &k->zero);
}

/* ---- Running --------------------------------------------------------------------------------- */

enum { ARRAY_A, ARRAY_B, ARRAY_C, ARRAY_MASK, ARRAY_INDICES, ARRAY_OUT, ARRAY_NUMBER, ARRAY_COUNT };

typedef struct Arrays {
    uint64_t data[ARRAY_COUNT][VECTOR_COUNT];
} Arrays;

static inline Scalar array_scalar(const VectorCase *c, int which) {
    switch (which) {
    case ARRAY_MASK: return SCALAR_BOOL;
    case ARRAY_INDICES:
    case ARRAY_NUMBER: return SCALAR_I64;
    case ARRAY_OUT: return c->to;
    default: return c->from;
    }
}

static inline void arrays_fill(VectorSuite *s, const VectorCase *c, Arrays *arrays) {
    memset(arrays, 0, sizeof *arrays);
    for (int which = 0; which <= ARRAY_INDICES; which++)
        for (uint32_t i = 0; i < VECTOR_COUNT; i++) {
            Scalar scalar = array_scalar(c, which);
            uint64_t random = number_random(&s->seed);
            uint64_t bits = which == ARRAY_INDICES
                                ? random % VECTOR_COUNT
                                : number_input(scalar, i + (uint32_t)which, random);
            uint32_t size = scalar_bytes(scalar);
            memcpy((char *)arrays->data[which] + i * size, &bits, size);
        }
}

static inline void vector_interpret(VectorSuite *s, const VectorCase *c, Arrays *arrays) {
    IrFn *fn = ir_fn_find(s->module, name_of_str(s->cx->names, c->name));
    void *pointers[ARRAY_COUNT];
    InterpArg args[ARRAY_COUNT];
    for (int i = 0; i < ARRAY_COUNT; i++) {
        pointers[i] = arrays->data[i];
        args[i] = (InterpArg){&pointers[i], VECTOR_COUNT * scalar_bytes(array_scalar(c, i))};
    }
    InterpPanic panic;
    InterpHost host = {0};
    InterpStatus status = ir_interpret(fn, args, NULL, &host, 0, &panic);
    if (status != INTERP_OK) fail_msg("%s: %s", c->name, panic.message);
}

typedef void (*VectorFn)(void *, void *, void *, void *, void *, void *, void *);

static inline void vector_compare(const VectorCase *c, const char *where, const Arrays *want,
                                  const Arrays *got) {
    for (int which = ARRAY_OUT; which <= ARRAY_NUMBER; which++)
        for (uint32_t i = 0; i < VECTOR_COUNT; i++) {
            Scalar scalar = array_scalar(c, which);
            uint64_t a = number_read(scalar, want->data[which], i);
            uint64_t b = number_read(scalar, got->data[which], i);
            if (!numbers_same(scalar, a, b))
                fail_msg("%s (%s): element %u is %llx, not %llx", c->name, where, i,
                         (unsigned long long)b, (unsigned long long)a);
        }
}

static inline void vector_run(VectorSuite *s, const VectorCase *c, Jit *jit, const char *where) {
    VectorFn kernel;
    void *address = jit_find(jit, c->name);
    assert_non_null(address);
    memcpy(&kernel, &address, sizeof kernel);
    for (int round = 0; round < 4; round++) {
        Arrays want, got;
        arrays_fill(s, c, &want);
        got = want;
        vector_interpret(s, c, &want);
        kernel(got.data[0], got.data[1], got.data[2], got.data[3], got.data[4], got.data[5],
               got.data[6]);
        vector_compare(c, where, &want, &got);
    }
}

static inline void vector_run_on(VectorSuite *s, const Target *target, int level) {
    StrBuf object = {0};
    Jit *jit = jit_of_target(s->module, target, level, &object);
    if (jit == NULL) return;
    const char *where = arena_printf(s->cx->arena, "%s -O%d%s", target->march, level,
                                     target->has_gathers ? ", by gathers" : "");
    for (uint32_t i = 0; i < s->count; i++) vector_run(s, &s->cases[i], jit, where);
    jit_destroy(jit);
    strbuf_free(&object);
}

static inline void vector_run_target(VectorSuite *s, const char *march, int level) {
    Target target;
    assert_true(target_resolve(s->cx, NULL, march, &target));
    vector_run_on(s, &target, level);
}

/* With the instructions for gathers, whether they are worth it or not. */
static inline void vector_run_gathers(VectorSuite *s, const char *march) {
    Target target;
    assert_true(target_resolve(s->cx, NULL, march, &target));
    target.has_gathers = true;
    target.features = "";
    vector_run_on(s, &target, 3);
}

static inline void vector_suite_start(VectorSuite *s) {
    s->cx = context_create();
    s->module = ir_module_create(s->cx, name_of_str(s->cx->names, "vectors"));
    s->seed = 88172645463325252u;
}

/* All kernels are there. */
static inline void vector_suite_check(const VectorSuite *s) {
    StrBuf problems = {0};
    if (!ir_verify(s->module, &problems)) fail_msg("%s", strbuf_text(&problems));
    strbuf_free(&problems);
}

/* For a cmocka group: a suite with the kernels that `add` makes, as its state. */
static inline int vector_suite_setup(void **state, void (*add)(VectorSuite *s)) {
    VectorSuite *s = calloc(1, sizeof *s);
    vector_suite_start(s);
    add(s);
    vector_suite_check(s);
    *state = s;
    return 0;
}

static inline int vector_suite_teardown(void **state) {
    VectorSuite *s = *state;
    context_destroy(s->cx);
    free(s);
    return 0;
}

/* The tests of a suite: each target's in turn. */
static inline void vector_tests(void **state) {
#if defined __x86_64__
    vector_run_target(*state, "x86-64", 0);
    vector_run_target(*state, "x86-64", 3);
    vector_run_target(*state, "avx2", 3);
    vector_run_target(*state, "avx512", 3);
    vector_run_gathers(*state, "avx2");
    vector_run_gathers(*state, "avx512");
#endif
    vector_run_target(*state, "native", 0);
    vector_run_target(*state, "native", 3);
}

#endif
