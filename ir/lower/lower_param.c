/* Parameters: those of the C function, and those of the source. */
#include "ir/lower/lower_internal.h"

bool fn_has_out(const FnSymbol *symbol) {
    return symbol->result_is_known_shape && type_is_owned_array(symbol->result);
}

bool dim_is_open(const Size *size) {
    const SizeSym *sym = size_as_sym(size);
    return sym && sym->kind == SIZE_HIDDEN;
}

Passing param_passing(const ParamInfo *param) {
    const Type *type = param->local->type;
    bool is_given = param->convention == CONVENTION_OWNED;
    if (param->local->is_replaced) return PASS_PLACE;
    if (type_is_array(type)) return is_given && type_is_owned_array(type) ? PASS_TENSOR : PASS_MEMORY;
    if (type->kind == TYPE_ARENA) return PASS_ARENA;
    if (is_placed(type)) return is_given ? PASS_VALUE : PASS_PLACE;
    return param->convention == CONVENTION_INOUT ? PASS_PLACE : PASS_VALUE;
}

/* ---- Names ----------------------------------------------------------------------------------- */

static bool name_is_taken(const IrFn *fn, Name name) {
    for (uint32_t i = 0; i < fn->params.len; i++) {
        if (name_eq(fn->params.data[i].name, name)) return true;
    }
    return false;
}

/* The names that the source gives are reserved before those made here. */
static bool name_is_declared(const FnSymbol *symbol, Name name) {
    for (uint32_t i = 0; i < symbol->params.len; i++) {
        if (name_eq(symbol->params.data[i].local->name, name)) return true;
    }
    return false;
}

static Name made_name(Lowering *p, const IrFn *fn, const FnSymbol *symbol, const char *text) {
    Name name = name_of_str(p->cx->names, text);
    while (name_is_taken(fn, name) || name_is_declared(symbol, name)) {
        text = arena_printf(p->arena, "%s_", text);
        name = name_of_str(p->cx->names, text);
    }
    return name;
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

static int64_t least_elements(const Type *type) {
    int64_t product = 1;
    for (uint32_t d = 0; d < type->rank; d++) {
        int64_t size;
        if (!size_is_const(type->dims[d], &size) || size < 0) return 0;
        if (__builtin_mul_overflow(product, size, &product)) return 0;
    }
    return product;
}

static void declare_open_dims(Lowering *p, IrFn *fn, const FnSymbol *symbol, const Local *local) {
    const char *name = text_of(p->cx, local->name);
    for (uint32_t d = 0; d < local->type->rank; d++) {
        if (!dim_is_open(local->type->dims[d])) continue;
        const char *text = local->type->rank == 1
                               ? arena_printf(p->arena, "%s_n", name)
                               : arena_printf(p->arena, "%s_d%u", name, (unsigned)d);
        ir_param_add(fn, PARAM_SIZE, made_name(p, fn, symbol, text), ir_i64(p->module));
    }
}

static void declare_array(Lowering *p, IrFn *fn, const FnSymbol *symbol, const ParamInfo *info) {
    const Type *type = info->local->type;
    bool is_strided = type_is_strided(type);
    const IrType *ir = is_strided ? ir_type_of(p, type) : ir_buf(p->module, ir_type_of(p, type->elem));
    IrParam *param = ir_param_add(fn, is_strided ? PARAM_STRIDED : PARAM_ARRAY, info->local->name, ir);
    param->is_written = info->convention == CONVENTION_INOUT ||
                        info->convention == CONVENTION_OWNED || type_writes(type);
    param->is_owned = param_passing(info) == PASS_TENSOR;
    param->is_restrict = true; /* what is written overlaps nothing else: rule 7 of ownership */
    param->min_elements = least_elements(type);
    param->source = info->source;
    param->span = info->span;
    if (!is_strided) declare_open_dims(p, fn, symbol, info->local);
}

/* ---- Others ---------------------------------------------------------------------------------- */

static ParamKind value_kind(const IrType *type) {
    switch (type->kind) {
    case IR_STRUCT:
    case IR_LIST:
    case IR_TASK: return PARAM_STRUCT;
    case IR_BUF: return PARAM_ARRAY;
    case IR_ARENA: return PARAM_ARENA;
    case IR_SCALAR:
    case IR_VEC:
    case IR_STR: return PARAM_SCALAR;
    case IR_VIEW:
    case IR_ARRAY:
    case IR_REF: break;
    }
    KC_BUG("a parameter of IR type %d is no value", (int)type->kind);
}

static void declare_value(Lowering *p, IrFn *fn, const ParamInfo *info) {
    const IrType *type = ir_type_of(p, info->local->type);
    bool is_ref = param_passing(info) == PASS_PLACE;
    bool is_inout = info->convention == CONVENTION_INOUT;
    const IrType *passed = is_ref ? ir_ref(p->module, type) : type;
    IrParam *param =
        ir_param_add(fn, is_ref ? PARAM_REF : value_kind(type), info->local->name, passed);
    param->is_written = (is_ref && is_inout) || type->kind == IR_BUF;
    param->is_restrict = is_ref && is_inout;
    param->source = info->source;
    param->span = info->span;
}

static ArgConvention arg_convention(Convention convention) {
    switch (convention) {
    case CONVENTION_INOUT: return ARG_INOUT;
    case CONVENTION_OWNED: return ARG_OWNED;
    case CONVENTION_DEFAULT:
    case CONVENTION_BORROWED: break;
    }
    return ARG_BORROWED;
}

static void declare_param(Lowering *p, IrFn *fn, const FnSymbol *symbol, const ParamInfo *info) {
    const Type *type = info->local->type;
    IrArg arg = {.name = info->local->name, .convention = arg_convention(info->convention),
                 .source = info->source, .span = info->span, .first = fn->params.len,
                 .type = ir_type_of(p, type), .is_mutable = type_writes(type),
                 .is_escaping = info->is_escaping};
    Passing passing = param_passing(info);
    if (passing == PASS_MEMORY || passing == PASS_TENSOR) {
        declare_array(p, fn, symbol, info);
    } else {
        declare_value(p, fn, info);
    }
    arg.count = fn->params.len - arg.first;
    vec_push(p->arena, &fn->args, arg);
}

/* ---- Functions ------------------------------------------------------------------------------- */

static void describe_result(Lowering *p, IrFn *fn, const FnSymbol *symbol) {
    const Expr *written = symbol->decl->result;
    fn->result_of = symbol->result_of;
    if (!written) return;
    StrBuf text = {0};
    expr_print(p->cx, written, &text);
    fn->result = arena_strndup(p->arena, strbuf_text(&text), text.len);
    fn->result_span = written->span;
    strbuf_free(&text);
}

static void declare_result(Lowering *p, IrFn *fn, const FnSymbol *symbol) {
    const Type *type = symbol->result;
    describe_result(p, fn, symbol);
    if (fn_has_out(symbol)) {
        const IrType *buf = ir_buf(p->module, ir_type_of(p, type->elem));
        IrParam *out = ir_param_add(fn, PARAM_OUT, made_name(p, fn, symbol, "out"), buf);
        out->is_written = out->is_restrict = true;
        out->min_elements = least_elements(type);
        return;
    }
    for (uint32_t i = 0; i < type_parts(type); i++) {
        const Type *part = type_part(type, i);
        fn->returns_view = fn->returns_view || type_looks(part);
        vec_push(p->arena, &fn->results, ir_type_of(p, part));
    }
}

IrFn *lower_signature(Lowering *p, const FnSymbol *symbol, Name name, FpMode mode) {
    IrFn *fn = ir_fn_create(p->module, name, symbol->decl->signature);
    fn->source_name = symbol->name;
    fn->is_exported = symbol->is_exported;
    fn->is_extern = symbol->is_extern;
    fn->is_pure = symbol->is_pure;
    fn->is_inline = symbol->is_inline;
    fn->is_noinline = symbol->is_noinline;
    fn->is_main = symbol->is_main;
    fn->is_def = symbol->decl->kind == FN_DEF;
    fn->is_noalloc = symbol->is_noalloc;
    fn->is_fused = symbol->is_fused;
    fn->fused_loops = symbol->fused_loops;
    fn->must_vectorize = symbol->must_vectorize;
    fn->raises = symbol->raises;
    fn->fp = mode;
    fn->signature = symbol->source;
    fn->doc = symbol->doc;
    if (symbol->is_extern) fn->body = NULL;
    for (uint32_t i = 0; i < symbol->sizes.len; i++) {
        ir_param_add(fn, PARAM_SIZE, symbol->sizes.data[i]->name, ir_i64(p->module));
    }
    for (uint32_t i = 0; i < symbol->params.len; i++) {
        declare_param(p, fn, symbol, &symbol->params.data[i]);
    }
    declare_result(p, fn, symbol);
    return fn;
}
