/* The program: which functions are lowered, and their bodies. */
#include "ir/lower/lower_internal.h"
#include "ir/words.h"

/* ---- Bodies ---------------------------------------------------------------------------------- */

/* Where control cannot come, but the end of the body has to say something. */
static void return_nothing(FnLower *f) {
    ValueVec values = {0};
    for (uint32_t i = 0; i < f->fn->results.len; i++) {
        vec_push(arena_of(f), &values, empty_value(f, f->fn->results.data[i]));
    }
    build_return(&f->b, values.data, values.len);
}

static void lower_body(Lowering *p, const struct FnPair *pair) {
    const FnSymbol *symbol = pair->symbol;
    IrFn *fn = pair->fn;
    uint32_t local_count = symbol->locals.len;
    FnLower f = {.p = p, .symbol = symbol, .fn = fn, .fp = fn->fp,
                 .b = builder_at_end(fn->body, symbol->decl->signature),
                 .slots = arena_array(p->arena, Slot, local_count),
                 .is_given = arena_array(p->arena, bool, local_count)};
    f.is_init = symbol->owner && strcmp(text_of(p->cx, symbol->name), "__init__") == 0;
    scan_results(&f);
    lower_entry(&f);
    if (f.is_init) lower_initials(&f);
    lower_block(&f, &symbol->decl->body, false);
    if (has_left(&f)) return;
    f.b.span = span_after(symbol->decl->body.span);
    end_statement(&f, f.b.span);
    return_nothing(&f);
}

/* ---- The program ----------------------------------------------------------------------------- */

/* The library computes as its caller does. */
static FpMode mode_of(const Lowering *p, const FnSymbol *symbol, FpMode caller) {
    if (symbol->has_fp) return (FpMode)symbol->fp;
    return symbol->module->is_library ? caller : p->options->fp;
}

Name name_in_mode(Lowering *p, const char *name, FpMode mode) {
    if (mode != p->options->fp) name = arena_printf(p->arena, "%s.%s", name, fp_words[mode]);
    return name_of_str(p->cx->names, name);
}

IrFn *lower_fn_ref(Lowering *p, const FnSymbol *symbol, FpMode caller) {
    FpMode mode = mode_of(p, symbol, caller);
    bool is_shared = symbol->module->is_library && !symbol->has_fp;
    Name name = is_shared ? name_in_mode(p, text_of(p->cx, symbol->symbol), mode) : symbol->symbol;
    uint32_t id = name.id;
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
    IrFn *fn = lower_signature(p, symbol, name, mode);
    pair = &p->by_name[id];
    pair->symbol = symbol;
    pair->fn = fn;
    if (!symbol->is_extern) vec_push(p->arena, &p->waiting, *pair);
    return fn;
}

/* All functions of the user's modules, so that all are checked; of the library what they call. */
static void want_fns(Lowering *p, const FnSymbolVec *fns, bool is_library) {
    for (uint32_t i = 0; i < fns->len; i++) {
        const FnSymbol *symbol = fns->data[i];
        bool is_reached = symbol->is_exported || symbol->is_main;
        if (is_reached || !is_library) lower_fn_ref(p, symbol, p->options->fp);
    }
}

static void want_module(Lowering *p, const ModuleSymbol *module) {
    for (uint32_t i = 0; i < module->structs.len; i++) {
        const StructSymbol *strukt = module->structs.data[i];
        want_fns(p, &strukt->methods, module->is_library);
        if (!strukt->del) continue;
        Type type = {.kind = TYPE_STRUCT, .strukt = strukt};
        ir_struct_set_del(ir_type_of(p, &type), lower_fn_ref(p, strukt->del, p->options->fp));
    }
    want_fns(p, &module->fns, module->is_library);
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
    p.module->tensor_stage = p.module->owned_stage = true;
    p.arena = p.module->arena;
    for (uint32_t i = 0; i < checked->modules.len; i++) want_module(&p, checked->modules.data[i]);
    for (uint32_t i = 0; i < p.waiting.len; i++) lower_body(&p, &p.waiting.data[i]);
    return p.module;
}
