/* What a function does first. Parameters that own or look become places; a function that C can call
 * checks what C can get wrong. */
#include "ir/lower/lower_internal.h"

static Value *param_value(const FnLower *f, uint32_t index) { return f->fn->params.data[index].value; }

static void bind_sizes(FnLower *f) {
    for (uint32_t i = 0; i < f->symbol->sizes.len; i++) {
        size_bind(f, f->symbol->sizes.data[i], param_value(f, i));
    }
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

/* The array behind a pointer: as a window, or (`owns`) as a tensor that was given away. */
static Value *param_array(FnLower *f, const ParamInfo *info, uint32_t start, bool owns) {
    const Type *type = info->local->type;
    const IrType *elem = ir_type_of(f->p, type->elem);
    Value *operands[1 + MAX_RANK] = {param_value(f, start)};
    uint32_t next = start + 1;
    for (uint32_t d = 0; d < type->rank; d++) {
        bool is_open = dim_is_open(type->dims[d]);
        operands[1 + d] = is_open ? param_value(f, next++) : size_value(f, type->dims[d]);
        KC_CHECK(operands[1 + d]);
    }
    const IrType *view = owns ? ir_tensor(module_of(f), elem, type->rank)
                              : ir_view(module_of(f), elem, type->rank, false);
    return op_result(build_op(&f->b, OP_VIEW, operands, 1 + type->rank, &view, 1, 0));
}

/* The shape inside a strided argument must be the one that the size names say: callers in C can break
 * that. */
static void check_strided(FnLower *f, Value *view, const Type *type) {
    for (uint32_t d = 0; d < type->rank; d++) {
        Value *expected = dim_is_open(type->dims[d]) ? NULL : size_value(f, type->dims[d]);
        if (expected) check2(f, CHECK_SIZE, build_dim(&f->b, view, d), expected);
    }
}

/* Gives the view of what C passed. */
static Value *bind_array(FnLower *f, const ParamInfo *info, uint32_t start) {
    const Type *type = info->local->type;
    f->b.span = info->span;
    bool is_strided = type_is_strided(type), is_exported = f->fn->is_exported;
    Value *view = is_strided ? param_value(f, start) : param_array(f, info, start, false);
    if (is_strided && is_exported) check_strided(f, view, type);
    bool owns = param_passing(info) == PASS_TENSOR;
    Value *held = owns ? param_array(f, info, start, true) : view;
    local_bind(f, info->local, &held);
    return view;
}

/* ---- What C can get wrong -------------------------------------------------------------------- */

static void check_sizes(FnLower *f) {
    for (uint32_t i = 0; i < f->fn->params.len; i++) {
        const IrParam *param = &f->fn->params.data[i];
        if (param->kind == PARAM_SIZE) check1(f, CHECK_LENGTH, param->value);
    }
}

/* An array as C passed it. */
typedef struct Passed {
    Value *view;
    const char *name;
    bool is_written;
} Passed;
typedef Vec(Passed) PassedVec;

static void check_pair(FnLower *f, const Passed *a, const Passed *b) {
    if (!a->is_written && !b->is_written) return;
    const Passed *written = a->is_written ? a : b;
    Value *apart = build_binary(&f->b, OP_APART, a->view, b->view);
    const char *text = arena_printf(arena_of(f), "`%s` and `%s` overlap, and `%s` is written",
                                    a->name, b->name, written->name);
    build_check(&f->b, CHECK_TRUE, &apart, text);
}

/* No two arrays share an element when one of them may be written. */
static void check_overlaps(FnLower *f, const PassedVec *arrays) {
    f->b.span = f->symbol->decl->signature;
    for (uint32_t i = 0; i < arrays->len; i++) {
        for (uint32_t k = i + 1; k < arrays->len; k++) {
            check_pair(f, &arrays->data[i], &arrays->data[k]);
        }
    }
}

/* ---- All parameters -------------------------------------------------------------------------- */

static void bind_plain(FnLower *f, const ParamInfo *info, uint32_t start) {
    Value *value = param_value(f, start);
    f->b.span = info->span;
    if (param_passing(info) == PASS_PLACE) local_bind_place(f, info->local, value);
    else local_bind(f, info->local, &value);
}

/* The caller's memory for the result. */
static Value *bind_out(FnLower *f) {
    const Type *type = f->symbol->result;
    Value *dims[MAX_RANK];
    for (uint32_t d = 0; d < type->rank; d++) {
        dims[d] = size_value(f, type->dims[d]);
        KC_CHECK(dims[d]);
    }
    f->b.span = f->symbol->decl->signature;
    Value *view = build_view(&f->b, vec_last(&f->fn->params).value, dims, type->rank);
    IrVar var = {.role = VAR_OUT, .type = f->fn->result, .declared = f->fn->result_span};
    f->out = build_place(&f->b, view->type, &var);
    build_set(&f->b, f->out, view);
    return view;
}

/* An owned parameter that is never used ends here. */
static void end_entry(FnLower *f) {
    for (uint32_t i = 0; i < f->symbol->params.len; i++) {
        const ParamInfo *info = &f->symbol->params.data[i];
        if (info->convention != CONVENTION_OWNED || !type_owns(info->local->type)) continue;
        end_statement(f, f->symbol->decl->signature);
        return;
    }
}

static bool is_array(const ParamInfo *info) {
    Passing passing = param_passing(info);
    return passing == PASS_MEMORY || passing == PASS_TENSOR;
}

/* The sizes and plain values come first: the dimensions of arrays are computed from them. */
void lower_entry(FnLower *f) {
    bool checks = f->fn->is_exported && checks_on(f);
    const FnSymbol *symbol = f->symbol;
    PassedVec arrays = {0};
    bind_sizes(f);
    if (checks) check_sizes(f);
    for (uint32_t i = 0; i < symbol->params.len; i++) {
        const ParamInfo *info = &symbol->params.data[i];
        if (!is_array(info)) bind_plain(f, info, f->fn->args.data[i].first);
    }
    for (uint32_t i = 0; i < symbol->params.len; i++) {
        const ParamInfo *info = &symbol->params.data[i];
        uint32_t start = f->fn->args.data[i].first;
        if (!is_array(info)) continue;
        Passed passed = {bind_array(f, info, start), text_of(f->p->cx, info->local->name),
                         f->fn->params.data[start].is_written};
        vec_push(arena_of(f), &arrays, passed);
    }
    if (fn_has_out(symbol)) {
        Passed out = {bind_out(f), text_of(f->p->cx, vec_last(&f->fn->params).name), true};
        vec_push(arena_of(f), &arrays, out);
    }
    if (checks) check_overlaps(f, &arrays);
    end_entry(f);
}
