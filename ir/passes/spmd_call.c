/* Calls that stay calls: of a form of the function that takes vectors, its variant for so many lanes.
 *
 *     fn @f(x: f32, k: i64) -> f32            fn @"f.v8m_vu"(x: vec<f32, 8>, k: i64, on: vec<bool, 8>) -> vec<f32, 8>
 *
 * The name says how many lanes, whether there is a mask (m), and which arguments vary from lane to lane (v) or are the
 * same in all (u). Its body is the function's in a loop over lanes, each under its part of the mask, and that loop is
 * widened as those are that pass `lanes` finds: the same questions, the same code, and calls in it find variants in
 * turn. What has no variant is called once for each lane.
 *
 * Callers are looked at before those whom they call: a body that has vectors of its own already cannot be copied into
 * lanes. */
#include "ir/passes/spmd.h"

#include "ir/passes/cloner.h"
#include "ir/passes/inline_plan.h"

struct Variants {
    PassContext *pass;
    unsigned *effects; /* by function id, of those that are made here as well */
    Vec(Variant *) all;
};

Variants *variants_of(PassContext *pass, const IrModule *module) {
    Variants *v = arena_new(pass->scratch, Variants);
    const unsigned *known = effects_of_module(pass->scratch, module);
    v->pass = pass;
    v->effects = arena_array(pass->scratch, unsigned, module->fns.len + MAX_VARIANTS);
    for (uint32_t i = 0; i < module->fns.len; i++) v->effects[i] = known[i];
    return v;
}

const unsigned *variants_effects(const Variants *v) { return v->effects; }

/* ---- Whether there can be one ---------------------------------------------------------------- */

static const char *callee_refusal(const Variants *v, const IrFn *callee) {
    unsigned effects = v->effects[callee->id];
    if (callee->raises) return "it may raise an error";
    if (callee->body == NULL) return "its body is outside this program";
    if (effects == EFFECT_ALL) return "it can call itself";
    if (effects & EFFECT_WRITES) return "it writes memory";
    for (uint32_t i = 0; i < callee->results.len; i++)
        if (!ir_is_scalar(callee->results.data[i])) return "it gives back something other than numbers";
    return v->all.len < MAX_VARIANTS ? NULL : "there are many such functions already";
}

/* ---- Making one ------------------------------------------------------------------------------ */

static Name variant_name(const Variant *variant) {
    Context *cx = variant->callee->module->cx;
    StrBuf text = {0};
    strbuf_printf(&text, "%s.v%u%s_", text_of(cx, variant->callee->name), variant->lanes, variant->masked ? "m" : "");
    for (uint32_t i = 0; i < variant->callee->params.len; i++) strbuf_putc(&text, variant->varies[i] ? 'v' : 'u');
    Name name = name_of_str(cx->names, strbuf_text(&text));
    strbuf_free(&text);
    return name;
}

static IrFn *fn_like(const IrFn *callee, Name name) {
    IrFn *fn = ir_fn_create(callee->module, name, callee->span);
    fn->source_name = callee->source_name;
    fn->fp = callee->fp;
    fn->is_def = callee->is_def;
    fn->is_noalloc = callee->is_noalloc;
    fn->is_noinline = callee->is_noinline;
    return fn;
}

static Value *param_like(IrFn *fn, const IrParam *param, const IrType *type) {
    IrParam *made = ir_param_add(fn, type->kind == IR_VEC ? PARAM_SCALAR : param->kind, param->name, type);
    Value *value = made->value;
    *made = *param;
    made->kind = type->kind == IR_VEC ? PARAM_SCALAR : param->kind;
    made->value = value;
    made->element_count = NULL;
    value->name = param->value->name;
    return value;
}

/* A copy that returns once, at its end, which is no part of the module; NULL: there is none. */
static IrFn *copy_that_returns_once(Cloner *cloner, const IrFn *callee) {
    IrModule *m = callee->module;
    IrFn *copy = fn_like(callee, callee->name);
    m->fns.len--;
    Value **args = arena_array(cloner->arena, Value *, callee->params.len + 1);
    for (uint32_t i = 0; i < callee->params.len; i++)
        args[i] = param_like(copy, &callee->params.data[i], callee->params.data[i].value->type);
    for (uint32_t i = 0; i < callee->results.len; i++) vec_push(m->arena, &copy->results, callee->results.data[i]);
    Value **given = arena_array(cloner->arena, Value *, callee->results.len + 1);
    Builder b = builder_at_end(copy->body, callee->span);
    bool returns = callee->body->last != NULL && callee->body->last->kind == OP_RETURN;
    cloner_fn_body(cloner, &b, callee, args, given);
    if (returns) build_return(&b, given, callee->results.len);
    return fn_return_once(copy) ? copy : NULL;
}

/* Bytes for a mask, which has no places for its lanes. */
static Value *result_make(Builder *b, const IrType *scalar, uint32_t lanes) {
    IrModule *m = b->fn->module;
    const IrType *held = ir_scalar(m, scalar->scalar == SCALAR_BOOL ? SCALAR_U8 : scalar->scalar);
    Value *var = build_var(b, ir_vec(m, held->scalar, lanes), NO_NAME);
    build_set(b, var, build_splat(b, build_zero(b, held), lanes));
    return var;
}

static Value *result_get(Builder *b, Value *var, const IrType *scalar) {
    Value *lanes = build_get(b, var);
    return scalar->scalar == SCALAR_BOOL ? build_binary(b, OP_NE, lanes, build_zero(b, lanes->type)) : lanes;
}

/* The loop over lanes, and what is before and behind it. */
static Op *body_build(Variant *variant, Cloner *cloner, const IrFn *once) {
    IrFn *fn = variant->fn;
    IrModule *m = fn->module;
    uint32_t results = once->results.len, params = once->params.len;
    Value **vars = arena_array(cloner->arena, Value *, results + 1);
    Value **given = arena_array(cloner->arena, Value *, results + 1);
    Value **args = arena_array(cloner->arena, Value *, params + 1);
    Builder b = builder_at_end(fn->body, once->span);
    for (uint32_t i = 0; i < results; i++) vars[i] = result_make(&b, once->results.data[i], variant->lanes);
    Op *loop = build_for(&b, build_i64(&b, 0), build_i64(&b, variant->lanes), build_i64(&b, 1),
                         (OpLoop){.is_lanes = true});
    Value *lane = loop->regions[0]->params[0];
    Builder in = builder_at_end(loop->regions[0], once->span);
    for (uint32_t i = 0; i < params; i++) {
        args[i] = fn->params.data[i].value;
        if (variant->varies[i]) args[i] = build_lane(&in, args[i], lane);
    }
    if (variant->masked) {
        Value *on = build_lane(&in, fn->params.data[params].value, lane);
        in = builder_at_end(build_if(&in, on, NULL, 0)->regions[0], once->span);
    }
    cloner_fn_body(cloner, &in, once, args, given);
    for (uint32_t i = 0; i < results; i++) {
        Value *place = build_lane_item(&in, vars[i], lane);
        build_set(&in, place, build_cast(&in, given[i], place->type->elem));
    }
    for (uint32_t i = 0; i < results; i++) given[i] = result_get(&b, vars[i], once->results.data[i]);
    build_return(&b, given, results);
    for (uint32_t i = 0; i < results; i++) vec_push(m->arena, &fn->results, given[i]->type);
    return loop;
}

static Op *variant_build(Variants *v, Variant *variant) {
    const IrFn *callee = variant->callee;
    IrModule *m = callee->module;
    Cloner cloner = {.arena = v->pass->scratch};
    IrFn *once = copy_that_returns_once(&cloner, callee);
    if (once == NULL) return NULL;
    variant->fn = fn_like(callee, variant_name(variant));
    for (uint32_t i = 0; i < callee->params.len; i++) {
        const IrType *type = callee->params.data[i].value->type;
        param_like(variant->fn, &callee->params.data[i],
                   variant->varies[i] ? ir_vec(m, type->scalar, variant->lanes) : type);
    }
    if (variant->masked) {
        Name on = name_of_str(m->cx->names, "on");
        ir_param_add(variant->fn, PARAM_SCALAR, on, ir_vec(m, SCALAR_BOOL, variant->lanes))->value->name = on;
    }
    return body_build(variant, &cloner, once);
}

/* Takes it out of the module again. */
static void variant_refuse(Variant *variant, const char *reason) {
    if (variant->fn != NULL) variant->fn->module->fns.len--;
    variant->fn = NULL;
    variant->reason = reason;
}

static void variant_make(Variants *v, Variant *variant) {
    variant->reason = callee_refusal(v, variant->callee);
    if (variant->reason != NULL) return;
    Op *loop = variant_build(v, variant);
    if (loop == NULL) {
        variant_refuse(variant, "it returns from inside an expression");
        return;
    }
    v->effects[variant->fn->id] = v->effects[variant->callee->id];
    Spmd s = spmd_of(v->pass, v, variant->fn);
    SpmdLoop l = {.spmd = &s, .loop = loop};
    legality_find(&l);
    if (l.reason != NULL || variant->is_probe) variant_refuse(variant, l.reason);
    else loop_widen_at_once(&l, variant->lanes);
}

/* ---- Finding one ----------------------------------------------------------------------------- */

static bool is_for(const Spmd *s, const Variant *variant, const Op *call) {
    for (uint32_t i = 0; i < call->operand_count; i++)
        if (variant->varies[i] == is_uniform(s, call->operands[i])) return false;
    return true;
}

static const Variant *find(Spmd *s, const Op *call, Variant wanted) {
    Variants *v = s->variants;
    Arena *arena = v->pass->scratch;
    wanted.callee = call->attr.callee;
    for (uint32_t i = 0; i < v->all.len; i++) {
        const Variant *known = v->all.data[i];
        bool is_like = known->callee == wanted.callee && known->lanes == wanted.lanes &&
                       known->masked == wanted.masked && known->is_probe == wanted.is_probe;
        if (is_like && is_for(s, known, call)) return known;
    }
    bool *varies = arena_array(arena, bool, call->operand_count + 1);
    for (uint32_t i = 0; i < call->operand_count; i++) varies[i] = !is_uniform(s, call->operands[i]);
    wanted.varies = varies;
    Variant *variant = arena_new(arena, Variant);
    *variant = wanted;
    vec_push(arena, &v->all, variant);
    variant->fn = ir_fn_find(wanted.callee->module, variant_name(variant)); /* by pass `lanes` */
    if (variant->fn == NULL) variant_make(v, variant);
    return variant;
}

const Variant *variant_of(Spmd *s, const Op *call, uint32_t lanes, bool masked) {
    return find(s, call, (Variant){.lanes = lanes, .masked = masked});
}

/* Asked for a few lanes; others differ in nothing that could stand against it. */
const char *variant_refusal(Spmd *s, const Op *call) {
    return find(s, call, (Variant){.lanes = 2, .is_probe = true})->reason;
}

/* ---- Calling it ------------------------------------------------------------------------------ */

static void call_build(Widen *w, const Op *op, IrFn *fn) {
    Value **args = arena_array(w->s->pass->scratch, Value *, op->operand_count + 1);
    for (uint32_t i = 0; i < op->operand_count; i++)
        args[i] = is_uniform(w->s, op->operands[i]) ? scalar_in(w, op->operands[i]) : vector_in(w, op->operands[i]);
    args[op->operand_count] = w->mask;
    Op *call = build_call(&w->b, fn, args, op->operand_count + (w->mask != NULL));
    call->inlined_from = op->inlined_from;
    for (uint32_t i = 0; i < op->result_count; i++) widen_set(w, op->results[i], NULL, call->results[i]);
}

/* Only if some lane wants it. */
static void call_guarded(Widen *w, const Op *op, IrFn *fn) {
    uint32_t count = op->result_count;
    Value **values = arena_array(w->s->pass->scratch, Value *, count + 1);
    Op *some = build_if(&w->b, any_lane(w, w->mask), fn->results.data, count);
    Builder outside = w->b;
    w->b = builder_at_end(some->regions[0], op->span);
    call_build(w, op, fn);
    for (uint32_t i = 0; i < count; i++) values[i] = vector_in(w, op->results[i]);
    if (count != 0) build_yield(&w->b, values, count);
    w->b = builder_at_end(some->regions[1], op->span);
    for (uint32_t i = 0; i < count; i++)
        values[i] = build_splat(&w->b, build_zero(&w->b, op->results[i]->type), w->lanes);
    if (count != 0) build_yield(&w->b, values, count);
    w->b = outside;
    for (uint32_t i = 0; i < count; i++) widen_set(w, op->results[i], NULL, some->results[i]);
}

void widen_call(Widen *w, const Op *op) {
    const Variant *variant = variant_of(w->s, op, w->lanes, w->mask != NULL);
    if (variant->fn == NULL) widen_by_lanes(w, op);
    else if (w->may_be_empty && w->mask != NULL) call_guarded(w, op, variant->fn);
    else call_build(w, op, variant->fn);
}
