/* What a module declares: first its names, then structs, signatures and constants, so that the
 * order in the file does not matter. */
#include "sema/declare.h"
#include "sema/generics.h"

FnChecker fn_checker(Checker *c, FnSymbol *fn, ModuleSymbol *module, Scope *scope) {
    return (FnChecker){
        .c = c,
        .fn = fn,
        .module = module,
        .scope = scope,
        .is_def = fn != NULL && !fn->is_strict,
    };
}

const char *symbol_words(const Symbol *symbol) {
    switch (symbol->kind) {
    case SYM_FNS: return "a function";
    case SYM_STRUCT: return "a struct";
    case SYM_TRAIT: return "a trait";
    case SYM_ALIAS: return symbol->alias.constant != NULL ? "a constant" : "an alias";
    case SYM_MODULE: return "a module";
    case SYM_SCALAR:
    case SYM_KIND:
    case SYM_ARRAY: return "a type";
    case SYM_RUN_LOOP:
    case SYM_BUILTIN: return "a function of the language";
    case SYM_LATER: return "a name of the language";
    case SYM_LOCAL: return symbol->local->is_param ? "a parameter" : "a variable";
    case SYM_SIZE: return "a size of the signature";
    }
    UNREACHABLE();
}

bool name_is_new(Checker *c, const Scope *scope, Ident name, const char *what) {
    if (name.name.id == 0) return false;
    const Symbol *before = scope_find_here(scope, name.name);
    if (before == NULL) return true;
    Context *cx = c->cx;
    const char *text = text_of(cx, name.name);
    Diag *d = diag_add(cx, K0202, name.span, "the %s `%s` is defined already", what, text);
    if (span_is_none(before->span)) {
        diag_note(cx, d, "`%s` is %s that comes with the module", text, symbol_words(before));
    } else {
        diag_label(cx, d, before->span, "`%s` is %s, from here", text, symbol_words(before));
    }
    return false;
}

/* ---- Statements at the top level that declare nothing ---------------------------------------- */

static bool is_main_test(Checker *c, const Stmt *stmt) {
    if (stmt->kind != STMT_IF || stmt->if_.arms.len == 0) return false;
    const Expr *cond = stmt->if_.arms.data[0].cond;
    if (cond->kind != EXPR_COMPARE || cond->compare.operands.len == 0) return false;
    const Expr *name = cond->compare.operands.data[0];
    return name->kind == EXPR_NAME && name_eq(name->name, name_of_str(c->cx->names, "__name__"));
}

static void report_stray_assign(Checker *c, const Stmt *stmt) {
    Context *cx = c->cx;
    Diag *d = diag_add(cx, K0217, stmt->span,
                       "a module holds functions, structs and constants, and no "
                       "variables");
    if (stmt->assign.target->kind != EXPR_NAME || stmt->assign.has_op) return;
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "make it a constant");
    fix_replace(cx, fix, span_before(stmt->span), "let ");
}

static void report_stray(Checker *c, Module *module, const Stmt *stmt) {
    Context *cx = c->cx;
    if (stmt->kind == STMT_ASSIGN) {
        const Expr *target = stmt->assign.target;
        bool is_name = target->kind == EXPR_NAME;
        if (is_name && scope_find_here(module->scope, target->name) == NULL) {
            scope_add_poison(c, module->scope, target->name, target->span);
        }
        report_stray_assign(c, stmt);
        return;
    }
    Span first = span_head(c, stmt->span);
    if (is_main_test(c, stmt)) {
        Diag *d = diag_add(cx, K0217, first, "the test for `__main__` is not needed");
        diag_note(cx, d,
                  "`kc run` runs `def main()` of the file it is given, and nothing when it is "
                  "imported");
        return;
    }
    Diag *d =
        diag_add(cx, K0217, first, "statements stand in functions, and this one is outside of all");
    diag_note(cx, d, "`kc run` runs what is in `def main():`");
}

/* ---- Names ----------------------------------------------------------------------------------- */

static void name_fn(Checker *c, Module *module, const Stmt *stmt) {
    Ident name = stmt->fn->name;
    Symbol *before = scope_find_here(module->scope, name.name);
    if (before != NULL && before->kind == SYM_FNS && !span_is_none(before->span)) return;
    if (name_is_new(c, module->scope, name, "function")) {
        scope_add(c, module->scope, SYM_FNS, name.name, name.span);
    }
}

static void name_struct(Checker *c, Module *module, const Stmt *stmt) {
    const StructDecl *decl = stmt->strukt;
    if (!name_is_new(c, module->scope, decl->name, "struct")) return;
    if (decl->generics.len > 0 || decl->traits.len > 0) {
        bool is_generic = decl->generics.len > 0;
        report_later(c, decl->name.span, is_generic ? "generic structs" : "traits");
        scope_add_poison(c, module->scope, decl->name.name, decl->name.span);
        return;
    }
    StructSymbol *s = arena_new(c->cx->arena, StructSymbol);
    s->id = c->program->struct_count++;
    s->decl = decl;
    s->name = decl->name.name;
    s->module = &module->symbol;
    s->doc = doc_text(c, decl->docstring);
    decorators_refuse(c, &decl->decorators, "a struct");
    struct_symbol_assign(c, s);
    scope_add(c, module->scope, SYM_STRUCT, s->name, decl->name.span)->strukt = s;
    vec_push(c->cx->arena, &module->symbol.structs, s);
}

static void name_constant(Checker *c, Module *module, const Stmt *stmt, Ident name) {
    if (!name_is_new(c, module->scope, name, "constant")) return;
    Symbol *symbol = scope_add(c, module->scope, SYM_ALIAS, name.name, name.span);
    symbol->alias.stmt = stmt;
    symbol->alias.module = &module->symbol;
}

static void report_module_var(Checker *c, const Stmt *stmt) {
    Context *cx = c->cx;
    Diag *d = diag_add(cx, K0381, stmt->span,
                       "module-level `var` is not allowed: every parallel task could change it");
    if (stmt->binding.value != NULL) {
        Span rest = {stmt->span.file, stmt->binding.keyword.end, stmt->span.end};
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "make it a constant: `let %s`",
                            source_line_of(c, rest));
        fix_replace(cx, fix, stmt->binding.keyword, "let");
    }
    diag_fix(cx, d, FIX_SUGGESTED, "pass it as an `inout` parameter");
}

static void name_binding(Checker *c, Module *module, const Stmt *stmt) {
    if (stmt->binding.is_var) report_module_var(c, stmt);
    for (uint32_t i = 0; i < stmt->binding.names.len; i++) {
        Ident name = stmt->binding.names.data[i];
        if (stmt->binding.names.len == 1 && stmt->binding.value != NULL) {
            name_constant(c, module, stmt, name);
        } else if (name_is_new(c, module->scope, name, "constant")) {
            scope_add_poison(c, module->scope, name.name, name.span);
        }
    }
    bool is_error = stmt->binding.value != NULL && stmt->binding.value->kind == EXPR_ERROR;
    if (stmt->binding.names.len > 1 && !stmt->binding.is_var && !is_error) {
        diag_add(c->cx, K0217, stmt->span, "constants of a module are defined one by one");
    }
}

static void name_trait(Checker *c, Module *module, const Stmt *stmt) {
    Ident name = stmt->trait->name;
    report_later(c, name.span, "traits");
    if (name_is_new(c, module->scope, name, "trait")) {
        scope_add_poison(c, module->scope, name.name, name.span);
    }
}

static void name_stmt(Checker *c, Module *module, Stmt *stmt) {
    switch (stmt->kind) {
    case STMT_FN: name_fn(c, module, stmt); return;
    case STMT_STRUCT: name_struct(c, module, stmt); return;
    case STMT_TRAIT: name_trait(c, module, stmt); return;
    case STMT_ALIAS: name_constant(c, module, stmt, stmt->alias.name); return;
    case STMT_BINDING: name_binding(c, module, stmt); return;
    case STMT_ERROR: note_broken(c, stmt->span); return;
    case STMT_IMPORT: /* came first */
    case STMT_PASS: return;
    case STMT_EXPR:
        if (stmt->expr->kind == EXPR_STRING || stmt->expr->kind == EXPR_ERROR) return;
        report_stray(c, module, stmt);
        return;
    case STMT_ASSIGN:
    case STMT_IF:
    case STMT_WHILE:
    case STMT_FOR:
    case STMT_BREAK:
    case STMT_CONTINUE:
    case STMT_RETURN:
    case STMT_RAISE:
    case STMT_TRY:
    case STMT_ASSERT:
    case STMT_UNSAFE:
    case STMT_PARALLEL: report_stray(c, module, stmt); return;
    case STMT_KIND_COUNT: break;
    }
    UNREACHABLE();
}

/* ---- In order -------------------------------------------------------------------------------- */

static void declare_structs(Checker *c, Module *module) {
    c->program->is_sorting = true;
    for (uint32_t i = 0; i < module->symbol.structs.len; i++) {
        declare_struct_fields(c, module, module->symbol.structs.data[i]);
    }
    report_struct_cycles(c, module);
    c->program->is_sorting = false;
    check_element_uses(c);
}

static void declare_fns(Checker *c, Module *module) {
    const StmtVec *stmts = &module->symbol.ast->stmts;
    for (uint32_t i = 0; i < module->symbol.structs.len; i++) {
        declare_methods(c, module, module->symbol.structs.data[i]);
    }
    for (uint32_t i = 0; i < stmts->len; i++) {
        if (stmts->data[i]->kind == STMT_FN) {
            declare_fn(c, &module->symbol, module->scope, stmts->data[i], NULL, NULL);
        }
    }
    for (uint32_t i = 0; i < module->scope->symbols.len; i++) {
        Symbol *symbol = module->scope->symbols.data[i];
        bool is_empty = symbol->kind == SYM_FNS && symbol->fns.len + symbol->generics.len == 0;
        if (is_empty) symbol_poison(c, symbol);
    }
}

static void check_values(Checker *c, Module *module) {
    for (uint32_t i = 0; i < module->symbol.structs.len; i++) {
        StructSymbol *s = module->symbol.structs.data[i];
        check_initials(c, module, s);
        for (uint32_t k = 0; k < s->methods.len; k++)
            check_defaults(c, s->methods.data[k], module->scope);
    }
    for (uint32_t i = 0; i < module->symbol.fns.len; i++) {
        check_defaults(c, module->symbol.fns.data[i], module->scope);
    }
}

static void evaluate_constants(Checker *c, Module *module) {
    for (uint32_t i = 0; i < module->scope->symbols.len; i++) {
        Symbol *symbol = module->scope->symbols.data[i];
        if (symbol->kind == SYM_ALIAS) alias_evaluate(c, symbol);
    }
}

static void queue_generics(Checker *c, Module *module) {
    for (uint32_t i = 0; i < module->scope->symbols.len; i++) {
        Symbol *symbol = module->scope->symbols.data[i];
        bool is_own = symbol->kind == SYM_FNS && symbol->generics.len > 0 &&
                      symbol->generics.data[0]->module == &module->symbol;
        for (uint32_t k = 0; is_own && k < symbol->generics.len; k++)
            generic_check(c, symbol->generics.data[k]);
    }
}

static void queue_bodies(Checker *c, Module *module) {
    for (uint32_t i = 0; i < module->symbol.fns.len; i++) {
        if (module->symbol.fns.data[i]->generic) continue; /* queued as they were made */
        symbol_assign(c, module->symbol.fns.data[i]);
        vec_push(c->cx->arena, &c->program->bodies, module->symbol.fns.data[i]);
    }
    for (uint32_t i = 0; i < module->symbol.structs.len; i++) {
        const FnSymbolVec *methods = &module->symbol.structs.data[i]->methods;
        for (uint32_t k = 0; k < methods->len; k++) {
            symbol_assign(c, methods->data[k]);
            vec_push(c->cx->arena, &c->program->bodies, methods->data[k]);
        }
    }
}

void module_declare(Checker *c, Module *module) {
    const StmtVec *stmts = &module->symbol.ast->stmts;
    imports_declare(c, module);
    for (uint32_t i = 0; i < stmts->len; i++) name_stmt(c, module, stmts->data[i]);
    bool outer = c->program->is_declaring; /* the library's modules come in between */
    c->program->is_declaring = true;
    declare_structs(c, module);
    declare_fns(c, module);
    c->program->is_declaring = false;
    evaluate_constants(c, module);
    check_values(c, module);
    c->program->is_declaring = outer;
    queue_generics(c, module);
    queue_bodies(c, module);
}
