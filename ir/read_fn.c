/* Functions from text: their head, parameters, and what the source says of them. */
#include "ir/read.h"
#include "ir/value.h"
#include "ir/words.h"

/* ---- Parameters ------------------------------------------------------------------------------ */

typedef struct PendingCount {
    uint32_t param;
    KirToken label;
} PendingCount;

typedef Vec(PendingCount) PendingCounts;

static void read_param_attrs(Reader *r, IrParam *param, uint32_t index, PendingCounts *counts) {
    if (take_word(r, "named")) param->name = expect_name(r, "the parameter's name in C");
    param->is_written = take_word(r, "written");
    param->is_owned = take_word(r, "owned");
    param->is_restrict = take_word(r, "restrict");
    if (take_word(r, "least"))
        param->min_elements = expect_number(r, INT64_MIN, INT64_MAX, "the least of elements");
    if (take_word(r, "count")) {
        PendingCount count = {index, r->t.token};
        vec_push(r->cx->arena, counts, count);
        if (r->t.token.kind != KIR_VALUE)
            kir_fail(&r->t, r->t.token.span, "expected a value such as `%%n`, found %s",
                     kir_shown(&r->t));
        kir_next(&r->t);
    }
    if (take_word(r, "source")) param->source = expect_text(r, "the parameter's source text");
}

static void read_param(Reader *r, PendingCounts *counts) {
    Span start = r->t.token.span;
    uint32_t kind = word_index(r, param_words, PARAM_COUNT);
    if (kind == PARAM_COUNT) {
        kir_fail(&r->t, start, "expected a kind of parameter such as `scalar`, found %s",
                 kir_shown(&r->t));
        return;
    }
    kir_next(&r->t);
    KirToken label = r->t.token;
    if (label.kind != KIR_VALUE)
        kir_fail(&r->t, label.span, "expected a value such as `%%x`, found %s", kir_shown(&r->t));
    kir_next(&r->t);
    expect_punct(r, ':', "before the parameter's type");
    const IrType *type = read_type(r);
    if (r->t.failed) return;
    IrParam *param = ir_param_add(r->fn, (ParamKind)kind, label.name, type);
    label_define(r, &label, param->value);
    read_param_attrs(r, param, r->fn->params.len - 1, counts);
    Span whole = {start.file, start.start, r->t.last_end};
    param->span = read_loc(r, whole);
}

static void read_params(Reader *r) {
    PendingCounts counts = {0};
    expect_punct(r, '(', "before the parameters");
    while (!at_punct(r, ')') && !r->t.failed) {
        read_param(r, &counts);
        if (!take_punct(r, ',')) break;
    }
    expect_punct(r, ')', "after the parameters");
    for (uint32_t i = 0; i < counts.len && !r->t.failed; i++) {
        const KirToken *label = &counts.data[i].label;
        uintptr_t value = *idmap_at(&r->labels, (uint64_t)label->name.id << 32 | label->number);
        if (value == 0)
            kir_fail(&r->t, label->span, "a count names a parameter, and this is none");
        else
            r->fn->params.data[counts.data[i].param].element_count = (Value *)value;
    }
}

/* ---- What the source says of it -------------------------------------------------------------- */

/* After `arg`: `x inout mutable params 1, 2 : tensor<f32, 1> source "x: Tensor[f32]"`. */
static void read_arg(Reader *r) {
    Span start = r->t.token.span;
    IrArg arg = {.name = expect_name(r, "the name of an argument")};
    uint32_t convention = word_index(r, convention_words, CONVENTION_COUNT);
    if (convention == CONVENTION_COUNT)
        kir_fail(&r->t, r->t.token.span, "expected `borrowed`, `inout` or `owned`, found %s",
                 kir_shown(&r->t));
    kir_next(&r->t);
    arg.convention = (ArgConvention)convention;
    arg.is_mutable = take_word(r, "mutable");
    arg.is_escaping = take_word(r, "escaping");
    if (!take_word(r, "params"))
        kir_fail(&r->t, r->t.token.span, "expected `params`, found %s", kir_shown(&r->t));
    arg.first = (uint32_t)expect_number(r, 0, INT32_MAX, "the argument's first parameter");
    expect_punct(r, ',', "before the number of parameters");
    arg.count = (uint32_t)expect_number(r, 0, INT32_MAX, "the number of parameters");
    if (take_punct(r, ':')) arg.type = read_type(r);
    if (take_word(r, "source")) arg.source = expect_text(r, "the argument's source text");
    Span whole = {start.file, start.start, r->t.last_end};
    arg.span = read_loc(r, whole);
    vec_push(r->cx->arena, &r->fn->args, arg);
}

/* After `result`. */
static void read_result(Reader *r) {
    IrFn *fn = r->fn;
    Span start = r->t.token.span;
    fn->returns_view = take_word(r, "looks");
    if (take_word(r, "of"))
        fn->result_of = (int32_t)expect_number(r, 0, INT32_MAX, "the argument of a result");
    if (take_word(r, "source")) fn->result = expect_text(r, "the result's source text");
    Span whole = {start.file, start.start, r->t.last_end};
    fn->result_span = read_loc(r, whole);
}

/* What follows the parameters, up to the body. */
static void read_fn_tail(Reader *r, Span start) {
    if (r->t.token.kind == KIR_PUNCT && r->t.token.arrow) {
        kir_next(&r->t);
        do
            vec_push(r->cx->arena, &r->fn->results, read_type(r));
        while (take_punct(r, ','));
    }
    if (take_word(r, "fp")) {
        uint32_t mode = word_index(r, fp_words, FP_COUNT);
        if (mode == FP_COUNT)
            kir_fail(&r->t, r->t.token.span, "expected a floating-point mode, found %s",
                     kir_shown(&r->t));
        else
            r->fn->fp = (FpMode)mode;
        kir_next(&r->t);
    }
    r->fn->raises = take_word(r, "raises");
    r->fn->is_def = take_word(r, "def");
    r->fn->is_noalloc = take_word(r, "noalloc");
    r->fn->is_fused = take_word(r, "fused");
    if (r->fn->is_fused)
        r->fn->fused_loops = (uint32_t)expect_number(r, 0, INT32_MAX, "the number of loops");
    r->fn->must_vectorize = take_word(r, "must_vectorize");
    while (take_word(r, "arg")) read_arg(r);
    if (take_word(r, "result")) read_result(r);
    if (take_word(r, "spelled")) r->fn->source_name = expect_name(r, "the name in the source");
    if (take_word(r, "signature")) r->fn->signature = expect_text(r, "the signature");
    if (take_word(r, "doc")) r->fn->doc = expect_text(r, "the documentation");
    Span whole = {start.file, start.start, r->t.last_end};
    r->fn->span = read_loc(r, whole);
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void start_fn(Reader *r, Span start) {
    Name name = r->t.token.name;
    if (r->t.token.kind != KIR_FN) {
        kir_fail(&r->t, r->t.token.span, "expected a function's name such as `@f`, found %s",
                 kir_shown(&r->t));
        return;
    }
    uintptr_t *slot = idmap_at(&r->fns, name.id);
    if (*slot != 0) {
        kir_fail(&r->t, r->t.token.span, "function %s is defined a second time",
                 kir_shown(&r->t));
        return;
    }
    r->fn = ir_fn_create(r->module, name, start);
    *slot = (uintptr_t)r->fn;
    r->labels = (IdMap){.arena = r->cx->arena};
    kir_next(&r->t);
}

void read_fn(Reader *r) {
    IrFn flags = {0};
    Span start = r->t.token.span;
    flags.is_exported = take_word(r, "export");
    flags.is_extern = take_word(r, "extern");
    flags.is_pure = take_word(r, "pure");
    flags.is_inline = take_word(r, "inline");
    flags.is_noinline = take_word(r, "noinline");
    flags.is_main = take_word(r, "main");
    flags.is_range = take_word(r, "range");
    flags.is_seldom = take_word(r, "seldom");
    flags.is_task = take_word(r, "task");
    if (!take_word(r, "fn")) {
        kir_fail(&r->t, r->t.token.span, "expected `fn`, `struct` or `file`, found %s",
                 kir_shown(&r->t));
        return;
    }
    start_fn(r, start);
    if (r->t.failed) return;
    r->fn->is_exported = flags.is_exported;
    r->fn->is_extern = flags.is_extern;
    r->fn->is_pure = flags.is_pure;
    r->fn->is_inline = flags.is_inline;
    r->fn->is_noinline = flags.is_noinline;
    r->fn->is_main = flags.is_main;
    r->fn->is_range = flags.is_range;
    r->fn->is_seldom = flags.is_seldom;
    r->fn->is_task = flags.is_task;
    read_params(r);
    read_fn_tail(r, start);
    if (at_punct(r, '{'))
        read_region(r, r->fn->body);
    else
        r->fn->body = NULL;
}
