/* The program: which functions are lowered, and their parameters. */
#include "ir/lower/lower_internal.h"

/* ---- Parameters ------------------------------------------------------------------------------ */

bool fn_has_out(const FnSymbol *symbol) {
    return symbol->result_is_known_shape && type_is_owned_array(symbol->result);
}

bool dim_is_open(const Size *size) {
    const SizeSym *sym = size_as_sym(size);
    return sym && sym->kind == SIZE_HIDDEN;
}

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

static bool is_mutable_form(const Type *type) { return type_is_mutable_window(type); }

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
                        info->convention == CONVENTION_OWNED || is_mutable_form(type);
    param->is_owned = info->convention == CONVENTION_OWNED && type_is_owned_array(type);
    param->is_restrict = true; /* what is written overlaps nothing else: rule 7 of ownership */
    param->source = info->source;
    param->span = info->span;
    param->min_elements = least_elements(type);
    if (!is_strided) declare_open_dims(p, fn, symbol, info->local);
}

static void declare_param(Lowering *p, IrFn *fn, const FnSymbol *symbol, const ParamInfo *info) {
    const Type *type = info->local->type;
    if (type_is_array(type)) {
        declare_array(p, fn, symbol, info);
        return;
    }
    const IrType *ir = ir_type_of(p, type);
    bool is_ref = info->convention == CONVENTION_INOUT;
    ParamKind kind = is_ref                        ? PARAM_REF
                     : type->kind == TYPE_STRUCT ? PARAM_STRUCT
                                                 : PARAM_SCALAR;
    IrParam *param = ir_param_add(fn, kind, info->local->name, is_ref ? ir_ref(p->module, ir) : ir);
    param->is_written = param->is_restrict = is_ref;
    param->source = info->source;
    param->span = info->span;
}

static void declare_result(Lowering *p, IrFn *fn, const FnSymbol *symbol) {
    const Type *type = symbol->result;
    if (fn_has_out(symbol)) {
        const IrType *buf = ir_buf(p->module, ir_type_of(p, type->elem));
        IrParam *out = ir_param_add(fn, PARAM_OUT, made_name(p, fn, symbol, "out"), buf);
        out->is_written = out->is_restrict = true;
        out->min_elements = least_elements(type);
        return;
    }
    for (uint32_t i = 0; i < type_parts(type); i++) {
        vec_push(p->arena, &fn->results, ir_type_of(p, type_part(type, i)));
    }
}

static IrFn *declare_fn(Lowering *p, const FnSymbol *symbol) {
    IrFn *fn = ir_fn_create(p->module, symbol->symbol, symbol->decl->signature);
    fn->source_name = symbol->name;
    fn->is_exported = symbol->is_exported;
    fn->is_extern = symbol->is_extern;
    fn->is_pure = symbol->is_pure;
    fn->is_inline = symbol->is_inline;
    fn->is_noinline = symbol->is_noinline;
    fn->is_main = symbol->is_main;
    fn->fp = symbol->has_fp ? (FpMode)symbol->fp : p->options->fp;
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

/* ---- Bodies ---------------------------------------------------------------------------------- */

/* A parameter that is no array: its value, a variable of its own, or the caller's variable. */
static void bind_plain(FnLower *f, const ParamInfo *info, Value *value) {
    if (info->convention != CONVENTION_INOUT) {
        local_bind(f, info->local, &value);
        return;
    }
    Slot *slot = local_slot(f, info->local);
    slot->kind = SLOT_VARS;
    slot->count = 1;
    slot->values = arena_copy(arena_of(f), &value, sizeof value);
}

/* An array that is replaced may change its size; any other keeps the one it came with. */
static void bind_open_dims(FnLower *f, const Local *local, uint32_t *next) {
    for (uint32_t d = 0; d < local->type->rank; d++) {
        if (!dim_is_open(local->type->dims[d])) continue;
        Value *value = f->fn->params.data[(*next)++].value;
        if (!f->is_moved[local->id]) size_bind(f, size_as_sym(local->type->dims[d]), value);
    }
}

/* The sizes and plain values come first: the dimensions of arrays are computed from them. */
static void bind_sizes_and_scalars(FnLower *f, uint32_t *starts) {
    const FnSymbol *symbol = f->symbol;
    uint32_t next = 0;
    for (; next < symbol->sizes.len; next++) {
        size_bind(f, symbol->sizes.data[next], f->fn->params.data[next].value);
    }
    for (uint32_t i = 0; i < symbol->params.len; i++) {
        const ParamInfo *info = &symbol->params.data[i];
        starts[i] = next++;
        if (!type_is_array(info->local->type)) {
            bind_plain(f, info, f->fn->params.data[starts[i]].value);
        } else if (!type_is_strided(info->local->type)) {
            bind_open_dims(f, info->local, &next);
        }
    }
}

static Value *param_view(FnLower *f, const Type *type, uint32_t start) {
    Value *dims[MAX_RANK];
    uint32_t next = start + 1;
    for (uint32_t d = 0; d < type->rank; d++) {
        bool is_open = dim_is_open(type->dims[d]);
        dims[d] = is_open ? f->fn->params.data[next++].value : size_value(f, type->dims[d]);
        KC_CHECK(dims[d]);
    }
    return build_view(&f->b, f->fn->params.data[start].value, dims, type->rank);
}

/* The shape inside a strided argument must be the one that the size names say: callers in C can break
 * that. */
static void check_strided(FnLower *f, Value *view, const Type *type) {
    for (uint32_t d = 0; d < type->rank; d++) {
        Value *expected = dim_is_open(type->dims[d]) ? NULL : size_value(f, type->dims[d]);
        if (expected) check2(f, CHECK_SIZE, build_dim(&f->b, view, d), expected);
    }
}

static void bind_arrays(FnLower *f, const uint32_t *starts) {
    for (uint32_t i = 0; i < f->symbol->params.len; i++) {
        const Local *local = f->symbol->params.data[i].local;
        if (!type_is_array(local->type)) continue;
        f->b.span = f->symbol->params.data[i].span;
        Value *view = f->fn->params.data[starts[i]].value;
        if (!type_is_strided(local->type)) view = param_view(f, local->type, starts[i]);
        else if (f->fn->is_exported) check_strided(f, view, local->type);
        local_bind(f, local, &view);
    }
}

static void bind_out(FnLower *f) {
    if (!fn_has_out(f->symbol)) return;
    const Type *type = f->symbol->result;
    Value *dims[MAX_RANK];
    for (uint32_t d = 0; d < type->rank; d++) {
        dims[d] = size_value(f, type->dims[d]);
        KC_CHECK(dims[d]);
    }
    f->out = build_view(&f->b, vec_last(&f->fn->params).value, dims, type->rank);
}

/* Where control cannot come, but the end of the body has to say something. */
static void return_nothing(FnLower *f) {
    ValueVec values = {0};
    for (uint32_t i = 0; i < f->fn->results.len; i++) {
        const IrType *type = f->fn->results.data[i];
        Value *value = type->kind == IR_VIEW  ? null_view(f, type)
                       : type->kind == IR_STR ? build_text(&f->b, "", 0)
                                              : build_zero(&f->b, type);
        vec_push(arena_of(f), &values, value);
    }
    build_return(&f->b, values.data, values.len);
}

static void lower_body(Lowering *p, const FnSymbol *symbol) {
    IrFn *fn = lower_fn_ref(p, symbol);
    uint32_t local_count = symbol->locals.len;
    FnLower f = {.p = p, .symbol = symbol, .fn = fn, .fp = fn->fp,
                 .b = builder_at_end(fn->body, symbol->decl->signature),
                 .slots = arena_array(p->arena, Slot, local_count),
                 .is_moved = arena_array(p->arena, bool, local_count)};
    uint32_t *starts = arena_array(p->arena, uint32_t, symbol->params.len);
    scan_moves(&f);
    cleanup_open(&f, CLEANUP_BLOCK);
    bind_sizes_and_scalars(&f, starts);
    bind_arrays(&f, starts);
    bind_out(&f);
    bool reaches_end = lower_block(&f, &symbol->decl->body, CLEANUP_BLOCK);
    f.b.span = span_after(symbol->decl->body.span);
    if (reaches_end) cleanup_close(&f);
    if (!has_left(&f)) return_nothing(&f);
}

/* ---- The program ----------------------------------------------------------------------------- */

IrFn *lower_fn_ref(Lowering *p, const FnSymbol *symbol) {
    uint32_t id = symbol->symbol.id;
    if (id >= p->by_name_cap) {
        uint32_t cap = names_count(p->cx->names) + 1;
        struct FnPair *grown = arena_array(p->arena, struct FnPair, cap);
        for (uint32_t i = 0; i < p->by_name_cap; i++) grown[i] = p->by_name[i];
        p->by_name = grown;
        p->by_name_cap = cap;
    }
    struct FnPair *pair = &p->by_name[id];
    if (pair->fn) {
        KC_CHECK(pair->symbol == symbol);
        return pair->fn;
    }
    pair->symbol = symbol;
    pair->fn = declare_fn(p, symbol);
    if (!symbol->is_extern) vec_push(p->arena, &p->waiting, symbol);
    return p->by_name[id].fn;
}

/* What the outside can call; the rest follows from it. */
static void want_roots(Lowering *p, const FnSymbolVec *fns) {
    for (uint32_t i = 0; i < fns->len; i++) {
        const FnSymbol *symbol = fns->data[i];
        if (symbol->is_exported || symbol->is_main) lower_fn_ref(p, symbol);
    }
}

static const ModuleSymbol *main_module(const Checked *checked) {
    for (uint32_t i = 0; i < checked->modules.len; i++) {
        if (checked->modules.data[i]->is_main) return checked->modules.data[i];
    }
    return checked->modules.len ? vec_last(&checked->modules) : NULL;
}

IrModule *lower_program(Context *cx, const Checked *checked, const IrOptions *options) {
    const ModuleSymbol *main = main_module(checked);
    Lowering p = {.cx = cx, .checked = checked, .options = options};
    p.module = ir_module_create(cx, main ? main->name : NO_NAME);
    p.module->doc = main ? main->doc : NULL;
    p.module->tensor_stage = true;
    p.arena = p.module->arena;
    for (uint32_t i = 0; i < checked->modules.len; i++) {
        const ModuleSymbol *module = checked->modules.data[i];
        want_roots(&p, &module->fns);
        for (uint32_t k = 0; k < module->structs.len; k++) {
            want_roots(&p, &module->structs.data[k]->methods);
        }
    }
    for (uint32_t i = 0; i < p.waiting.len; i++) lower_body(&p, p.waiting.data[i]);
    return p.module;
}
