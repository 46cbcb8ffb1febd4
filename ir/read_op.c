/* Ops from text: results, mnemonic, attribute, operands, types, regions (print_op.c says how each
 * looks). Whether an op makes sense is the verifier's question, not asked here. */
#include "ir/literal.h"
#include "ir/read.h"
#include "ir/words.h"

#include <stdlib.h>

/* Deeper nesting than any program has; the reader and those after it recurse on it. */
enum { MAX_DEPTH = 1000 };

typedef struct Draft {
    Op op; /* its kind and attribute */
    Span start;
    Vec(KirToken) labels;
    Vec(Value *) operands;
    IrTypeVec types;
    KirToken literal; /* of CONST, read once the type is known */
    bool is_nan;
    Name callee;
} Draft;

static void draft_operand(Reader *r, Draft *d) {
    Value *value = expect_value(r);
    if (value != NULL) vec_push(r->cx->arena, &d->operands, value);
}

/* ---- Attributes ------------------------------------------------------------------------------ */

static void read_literal(Reader *r, Draft *d) {
    d->is_nan = take_word(r, "nan");
    if (d->is_nan) expect_punct(r, '(', "before the bits of a NaN");
    d->literal = r->t.token;
    if (d->literal.kind != KIR_NUMBER && (d->literal.kind != KIR_WORD || d->is_nan))
        kir_fail(&r->t, r->t.token.span, "expected a constant, found %s", kir_shown(&r->t));
    kir_next(&r->t);
    if (d->is_nan) expect_punct(r, ')', "after the bits of a NaN");
}

/* Once the type is known. */
static void finish_literal(Reader *r, Draft *d) {
    if (r->t.failed || d->types.len != 1 || !ir_is_scalar(d->types.data[0])) return;
    Scalar scalar = d->types.data[0]->scalar;
    bool good;
    if (d->is_nan) {
        Scalar raw = scalar_bits(scalar) == 64   ? SCALAR_U64
                     : scalar_bits(scalar) == 32 ? SCALAR_U32
                                                 : SCALAR_U16;
        good = literal_read(raw, d->literal.text, &d->op.attr.bits) &&
               literal_is_nan(scalar, d->op.attr.bits);
    } else {
        good = literal_read(scalar, d->literal.text, &d->op.attr.bits);
    }
    if (!good)
        kir_fail(&r->t, d->literal.span, "`%s` is no constant of type `%s`", d->literal.text,
                 scalar_spelling(scalar));
}

static void read_check(Reader *r, Draft *d) {
    uint32_t kind = 0;
    while (kind < CHECK_COUNT && !at_word(r, check_infos[kind].mnemonic)) kind++;
    if (kind == CHECK_COUNT) {
        kir_fail(&r->t, r->t.token.span, "expected a kind of check, found %s", kir_shown(&r->t));
        return;
    }
    kir_next(&r->t);
    d->op.attr.check.kind = (CheckKind)kind;
    if (kind == CHECK_TRUE) d->op.attr.check.message = expect_text(r, "the check's message");
}

static void read_text(Reader *r, Draft *d) {
    d->op.attr.text.bytes = r->t.token.text;
    d->op.attr.text.length = r->t.token.length;
    if (r->t.token.kind != KIR_QUOTED)
        kir_fail(&r->t, r->t.token.span, "expected a text, found %s", kir_shown(&r->t));
    kir_next(&r->t);
}

static void read_callee(Reader *r, Draft *d) {
    d->callee = r->t.token.name;
    if (r->t.token.kind != KIR_FN)
        kir_fail(&r->t, r->t.token.span, "expected a function such as `@f`, found %s",
                 kir_shown(&r->t));
    kir_next(&r->t);
}

static void read_reduction(Reader *r, Draft *d) {
    uint32_t which = word_index(r, reduce_words, REDUCE_COUNT);
    if (which == REDUCE_COUNT) {
        kir_fail(&r->t, r->t.token.span, "expected a kind of reduction, found %s",
                 kir_shown(&r->t));
        return;
    }
    d->op.attr.reduce = (ReduceKind)which;
    kir_next(&r->t);
}

/* `name (role "type")`, each part as it is there. */
static void read_var(Reader *r, Draft *d) {
    IrVar *var = &d->op.attr.var;
    Span start = r->t.token.span;
    if (!at_punct(r, ':') && !at_punct(r, '('))
        var->name = expect_name(r, "the variable's name, or `:`");
    var->declared = r->has_files ? NO_SPAN : start;
    var->role = role_without_word(var->name);
    if (!take_punct(r, '(')) return;
    uint32_t role = word_index(r, role_words, ROLE_COUNT);
    if (role == ROLE_COUNT)
        kir_fail(&r->t, r->t.token.span, "expected a role such as `let`, found %s",
                 kir_shown(&r->t));
    kir_next(&r->t);
    var->role = (VarRole)role;
    if (r->t.token.kind == KIR_QUOTED) var->type = expect_text(r, "the variable's type");
    var->declared = read_loc(r, start);
    expect_punct(r, ')', "after what is said of a variable");
}

/* `[0, 2, 4]` */
static void read_lanes(Reader *r, Draft *d) {
    Vec(uint16_t) lanes = {0};
    expect_punct(r, '[', "before the lanes");
    bool more = !at_punct(r, ']');
    while (more) {
        vec_push(r->module->arena, &lanes,
                 (uint16_t)expect_number(r, 0, 2 * MAX_LANES - 1, "the number of a lane"));
        more = take_punct(r, ',');
    }
    expect_punct(r, ']', "after the lanes");
    d->op.attr.lanes.at = lanes.data;
    d->op.attr.lanes.count = lanes.len;
}

static void read_attr(Reader *r, Draft *d) {
    switch (op_infos[d->op.kind].attr) {
    case ATTR_BITS: read_literal(r, d); return;
    case ATTR_TEXT:
        if (d->op.kind == OP_TEXT || r->t.token.kind == KIR_QUOTED) read_text(r, d);
        return;
    case ATTR_VAR: read_var(r, d); return;
    case ATTR_TYPE: d->op.attr.type = read_type(r); return;
    case ATTR_FLAG: d->op.attr.flag = take_word(r, flag_word(d->op.kind)); return;
    case ATTR_REDUCE: read_reduction(r, d); return;
    case ATTR_LOOP:
        d->op.attr.loop.is_simd = take_word(r, "simd");
        d->op.attr.loop.is_parallel = take_word(r, "parallel");
        d->op.attr.loop.independent = take_word(r, "independent");
        d->op.attr.loop.in_step = take_word(r, "in_step");
        if (take_word(r, "within"))
            d->op.attr.loop.lanes_most = (uint32_t)expect_number(r, 2, MAX_LANES, "the number of lanes");
        d->op.attr.loop.reduces = take_word(r, "reduces");
        d->op.attr.loop.is_lanes = take_word(r, "lanes");
        d->op.attr.loop.is_vector = take_word(r, "vector");
        d->op.attr.loop.is_graph = take_word(r, "graph");
        d->op.attr.loop.whole = take_word(r, "whole");
        d->op.attr.loop.runs = take_word(r, "running");
        d->op.attr.loop.streams = take_word(r, "streaming");
        d->op.attr.loop.is_seldom = take_word(r, "seldom");
        return;
    case ATTR_CALLEE: read_callee(r, d); return;
    case ATTR_CHECK: read_check(r, d); return;
    case ATTR_LANES: read_lanes(r, d); return;
    case ATTR_NONE: case ATTR_INDEX: case ATTR_MASK: return;
    }
}

/* ---- Operands -------------------------------------------------------------------------------- */

/* `[%i, %j]` */
static void read_bracketed(Reader *r, Draft *d) {
    expect_punct(r, '[', "before the indices");
    while (!at_punct(r, ']') && !r->t.failed) {
        draft_operand(r, d);
        if (!take_punct(r, ',')) break;
    }
    expect_punct(r, ']', "after the indices");
}

static void read_call_operands(Reader *r, Draft *d) {
    expect_punct(r, '(', "before the arguments");
    while (!at_punct(r, ')') && !r->t.failed) {
        draft_operand(r, d);
        if (!take_punct(r, ',')) break;
    }
    expect_punct(r, ')', "after the arguments");
}

static void read_slice_operands(Reader *r, Draft *d) {
    draft_operand(r, d);
    for (uint32_t dim = 0; take_punct(r, ','); dim++) {
        if (take_word(r, "drop") && dim < 32) d->op.attr.mask |= UINT32_C(1) << dim;
        uint32_t before = d->operands.len;
        Span span = r->t.token.span;
        read_bracketed(r, d);
        if (d->operands.len != before + 3)
            kir_fail(&r->t, span, "a dimension of a slice is `[offset, length, step]`");
    }
}

/* `%value, %view[%i]`, kept as view, value, indices. */
static void read_store_operands(Reader *r, Draft *d) {
    Value *value = expect_value(r);
    expect_punct(r, ',', "after the value to store");
    draft_operand(r, d);
    if (r->t.failed) return;
    vec_push(r->cx->arena, &d->operands, value);
    read_bracketed(r, d);
}

/* `, %mask` after the indices */
static void read_mask(Reader *r, Draft *d) {
    if (op_is_vector_access(d->op.kind) && take_punct(r, ',')) draft_operand(r, d);
}

static bool has_index(const Draft *d) { return op_infos[d->op.kind].attr == ATTR_INDEX; }

static void read_index(Reader *r, Draft *d) {
    d->op.attr.index = (uint32_t)expect_number(r, 0, INT32_MAX, "the index");
}

/* A list on this line; a number at its end is the attribute of ops that have an index. */
static void read_plain_operands(Reader *r, Draft *d) {
    bool more = r->t.token.kind == KIR_VALUE && !r->t.token.starts_line;
    while (more && !(has_index(d) && r->t.token.kind == KIR_NUMBER)) {
        draft_operand(r, d);
        more = take_punct(r, ',');
    }
    if (has_index(d)) read_index(r, d);
}

static void read_operands(Reader *r, Draft *d) {
    OpKind kind = d->op.kind;
    if (kind == OP_CALL) {
        read_call_operands(r, d);
    } else if (kind == OP_SLICE) {
        read_slice_operands(r, d);
    } else if (op_is_store(kind)) {
        read_store_operands(r, d);
        read_mask(r, d);
    } else if (op_is_indexed(kind)) {
        draft_operand(r, d);
        read_bracketed(r, d);
        read_mask(r, d);
        if (has_index(d) && take_punct(r, ',')) read_index(r, d);
    } else {
        read_plain_operands(r, d);
    }
}

/* ---- Ops ------------------------------------------------------------------------------------- */

static void read_results(Reader *r, Draft *d) {
    while (r->t.token.kind == KIR_VALUE) {
        vec_push(r->cx->arena, &d->labels, r->t.token);
        kir_next(&r->t);
        if (!take_punct(r, ',')) break;
    }
    if (d->labels.len != 0) expect_punct(r, '=', "after the results of an op");
}

static void fail_mnemonic(Reader *r) {
    const char *names[OP_COUNT];
    for (uint32_t i = 0; i < OP_COUNT; i++) names[i] = op_infos[i].mnemonic;
    const char *near = r->t.token.kind != KIR_WORD
                           ? NULL
                           : nearest_text(r->t.token.text, names, OP_COUNT);
    if (near != NULL)
        kir_fail(&r->t, r->t.token.span, "no op is called %s; did you mean `%s`?",
                 kir_shown(&r->t), near);
    else
        kir_fail(&r->t, r->t.token.span, "expected an op, found %s", kir_shown(&r->t));
}

static void read_mnemonic(Reader *r, Draft *d) {
    uint32_t kind = 0;
    while (kind < OP_COUNT && !at_word(r, op_infos[kind].mnemonic)) kind++;
    if (kind == OP_COUNT) {
        fail_mnemonic(r);
        return;
    }
    d->op.kind = (OpKind)kind;
    kir_next(&r->t);
}

static void read_types(Reader *r, Draft *d) {
    if (take_punct(r, ':')) {
        do
            vec_push(r->cx->arena, &d->types, read_type(r));
        while (take_punct(r, ','));
    }
    if (!r->t.failed && d->types.len != d->labels.len)
        kir_fail(&r->t, d->start, "`%s` has %u results and %u types here",
                 op_infos[d->op.kind].mnemonic, d->labels.len, d->types.len);
}

static void read_op_regions(Reader *r, Op *op) {
    for (uint32_t i = 0; i < op->region_count && !r->t.failed; i++) {
        const char *word = region_word(op->kind, i);
        bool here = word == NULL || (!r->t.token.starts_line && take_word(r, word));
        if (!here && region_may_miss(op->kind, i)) continue;
        if (!here)
            kir_fail(&r->t, r->t.token.span, "expected `%s` before a region of `%s`, found %s",
                     word, op_info(op)->mnemonic, kir_shown(&r->t));
        read_region(r, op->regions[i]);
    }
}

static void read_op(Reader *r, Region *region) {
    Draft d = {.start = r->t.token.span};
    read_results(r, &d);
    read_mnemonic(r, &d);
    if (r->t.failed) return;
    read_attr(r, &d);
    read_operands(r, &d);
    read_types(r, &d);
    if (d.op.kind == OP_CONST) finish_literal(r, &d);
    Span whole = {d.start.file, d.start.start, r->t.last_end};
    if (take_word(r, "from")) d.op.inlined_from = expect_name(r, "the function inlined from");
    whole = read_loc(r, whole);
    if (r->t.failed) return;
    Builder b = builder_at_end(region, whole);
    Op *op = build_op(&b, d.op.kind, d.operands.data, d.operands.len, d.types.data, d.types.len,
                      (uint32_t)op_infos[d.op.kind].regions);
    op->attr = d.op.attr;
    op->inlined_from = d.op.inlined_from;
    if (op->kind == OP_CALL) {
        PendingCall call = {op, d.callee, whole};
        vec_push(r->cx->arena, &r->calls, call);
    }
    read_op_regions(r, op);
    for (uint32_t i = 0; i < d.labels.len; i++)
        label_define(r, &d.labels.data[i], op->results[i]);
}

static void read_region_params(Reader *r, Region *region) {
    if (!take_punct(r, '|')) return;
    while (r->t.token.kind == KIR_VALUE) {
        KirToken label = r->t.token;
        kir_next(&r->t);
        label_define(r, &label, region_param_add(region, ir_i64(r->module), NO_NAME));
        if (!take_punct(r, ',')) break;
    }
    expect_punct(r, '|', "after the parameters of a region");
}

void read_region(Reader *r, Region *region) {
    read_region_params(r, region);
    Span brace = r->t.token.span;
    expect_punct(r, '{', "before a region");
    if (++r->depth > MAX_DEPTH)
        kir_fail(&r->t, brace, "regions are nested more than %d deep", MAX_DEPTH);
    while (!at_punct(r, '}') && r->t.token.kind != KIR_END) read_op(r, region);
    r->depth--;
    expect_punct(r, '}', "after a region");
}
