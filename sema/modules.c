/* Loading modules: each file once, imported before importing, with cycles reported as the chain of
 * imports that closes. A module of the library that only passes names on, as `math` does, loads where they come
 * from when they are wanted: most programs want few of them. */
#include <string.h>

#include "parser/parser.h"
#include "sema/declare.h"
#include "support/file.h"

Scope *module_scope(Checker *c, const ModuleSymbol *module) {
    (void)c;
    return module_of(module)->scope;
}

static Module *module_new(Checker *c, Name name, const char *path) {
    Module *module = arena_new(c->cx->arena, Module);
    module->symbol.name = name;
    module->path = path;
    module->scope = scope_new(c, c->prelude);
    return module;
}

Module *module_pseudo(Checker *c, const char *name) {
    Module *module = module_new(c, name_of_str(c->cx->names, name), NULL);
    module->scope->outer = NULL;
    module->state = MODULE_READY;
    return module;
}

static Name name_of_path(Checker *c, const char *path) {
    StrBuf stem = {0};
    path_stem(path, &stem);
    Name name = name_of_str(c->cx->names, stem.len > 0 ? strbuf_text(&stem) : "main");
    strbuf_free(&stem);
    return name;
}

/* ---- Loading --------------------------------------------------------------------------------- */

/* Its imports are loaded on the way, by module_declare. */
static void module_process(Checker *c, Module *module, const Ast *ast) {
    module->symbol.ast = ast;
    module->symbol.doc = doc_text(c, ast->docstring);
    module->state = MODULE_LOADING;
    if (module->symbol.is_library) builtins_add(c, module->scope, text_of(c->cx, module->symbol.name));
    module_declare(c, module);
    module->state = MODULE_READY;
}

static const Ast *read_ast(Checker *c, const char *path, Span span) {
    Context *cx = c->cx;
    StrBuf text = {0};
    const char *reason = NULL;
    const Ast *ast = NULL;
    if (!file_read(path, &text, &reason)) {
        diag_add(cx, K0001, span, "cannot read `%s`: %s", path, reason);
    } else if (text.len > UINT32_MAX / 4) {
        diag_add(cx, K0003, span, "`%s` is larger than a source file may be", path);
    } else {
        Source *source = sources_add(&cx->sources, path, strbuf_text(&text), (uint32_t)text.len);
        ast = parse(cx, c->ids, source, lex(cx, source));
    }
    strbuf_free(&text);
    return ast;
}

static Module *loaded_find(const ModuleVec *modules, const char *path) {
    for (uint32_t i = 0; i < modules->len; i++) {
        if (strcmp(modules->data[i]->path, path) == 0) return modules->data[i];
    }
    return NULL;
}

/* NULL when the file cannot be read. */
static Module *module_load(Checker *c, const FoundModule *found, const Module *importer,
                           Span span) {
    Module *module = loaded_find(&c->program->loading, found->path);
    if (module != NULL) return module;
    const Ast *ast = read_ast(c, found->path, span);
    if (ast == NULL) return NULL;
    module = module_new(c, name_of_path(c, found->path), found->path);
    module->symbol.is_library = found->is_library;
    module->importer = importer;
    module->import_span = span;
    vec_push(c->cx->arena, &c->program->loading, module);
    module_process(c, module, ast);
    vec_push(c->cx->arena, &c->program->modules, module);
    return module;
}

static const char *path_of_ast(Checker *c, const Ast *ast) {
    const Source *source = source_of(&c->cx->sources, (Span){ast->file, 0, 0});
    return path_normal(c, source != NULL ? source->path : "main.k");
}

void mains_load(Checker *c, const Ast *const *mains, uint32_t count) {
    Program *program = c->program;
    ModuleVec modules = {0};
    for (uint32_t i = 0; i < count; i++) {
        const char *path = path_of_ast(c, mains[i]);
        Module *module = module_new(c, name_of_path(c, path), path);
        module->symbol.is_main = true;
        module->symbol.ast = mains[i];
        module->state = MODULE_WAITING;
        vec_push(c->cx->arena, &modules, module);
        vec_push(c->cx->arena, &program->loading, module);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (modules.data[i]->state != MODULE_WAITING) continue;
        module_process(c, modules.data[i], mains[i]);
        vec_push(c->cx->arena, &program->mains, modules.data[i]);
    }
}

ModuleSymbol *module_of_library(Checker *c, const char *name) {
    if (c->options->stdlib_dir == NULL) return NULL;
    const char *file = arena_printf(c->cx->arena, "%s/%s.k", c->options->stdlib_dir, name);
    FoundModule found = {path_normal(c, file), true};
    Module *module = loaded_find(&c->program->loading, found.path);
    if (module == NULL && file_exists(file)) module = module_load(c, &found, NULL, NO_SPAN);
    return module != NULL && module->state == MODULE_READY ? &module->symbol : NULL;
}

/* ---- Imports --------------------------------------------------------------------------------- */

/* "`a` imports `b`, `b` imports `a`": each step is a label at its import. */
static void report_cycle(Checker *c, const Module *importer, const Module *module, Span span) {
    Context *cx = c->cx;
    const char *name = text_of(cx, module->symbol.name);
    if (importer == module) {
        Diag *d = diag_add(cx, K0206, span, "module `%s` imports itself", name);
        diag_note(cx, d, "what is in a module is visible everywhere in it without an import");
        return;
    }
    Diag *d = importer->importer == module
                  ? diag_add(cx, K0206, span, "the modules `%s` and `%s` import each other",
                             text_of(cx, importer->symbol.name), name)
                  : diag_add(cx, K0206, span, "module `%s` imports itself, by way of others", name);
    diag_primary_label(cx, d, "`%s` imports `%s`", text_of(cx, importer->symbol.name), name);
    StrBuf chain = {0};
    strbuf_printf(&chain, "`%s`", name);
    for (const Module *at = importer; at != NULL && at != module; at = at->importer) {
        diag_label(cx, d, at->import_span, "`%s` imports `%s`",
                   at->importer ? text_of(cx, at->importer->symbol.name) : "?",
                   text_of(cx, at->symbol.name));
        StrBuf longer = {0};
        strbuf_printf(&longer, "`%s` -> %s", text_of(cx, at->symbol.name), strbuf_text(&chain));
        strbuf_free(&chain);
        chain = longer;
    }
    diag_note(cx, d, "the circle is `%s` -> %s", name, strbuf_text(&chain));
    diag_note(cx, d, "move what both need into a third module");
    strbuf_free(&chain);
}

/* The module that an import names, ready to use; NULL after reporting. */
static Module *import_load(Checker *c, Module *importer, const IdentVec *path) {
    Span span = span_join(path->data[0].span, vec_last(path).span);
    FoundModule found;
    if (!module_find(c, importer, path, &found)) {
        report_unknown_module(c, importer, path);
        return NULL;
    }
    Module *module = loaded_find(&c->program->loading, found.path);
    if (module != NULL && module->state == MODULE_WAITING) {
        module->importer = importer;
        module->import_span = span;
        module_process(c, module, module->symbol.ast);
        vec_push(c->cx->arena, &c->program->mains, module);
    } else if (module == NULL) {
        module = module_load(c, &found, importer, span);
    }
    if (module == NULL || module->state == MODULE_READY) return module;
    report_cycle(c, importer, module, span);
    return NULL;
}

/* Every name that the import would have bound is silent from now on. */
static void import_poison(Checker *c, Module *importer, const ImportDecl *import) {
    if (!import->is_from) {
        Ident name = import->as.name.id != 0 ? import->as : import->path.data[0];
        scope_add_poison(c, importer->scope, name.name, name.span);
        return;
    }
    for (uint32_t i = 0; i < import->names.len; i++) {
        const ImportedName *imported = &import->names.data[i];
        Ident name = imported->as.name.id != 0 ? imported->as : imported->name;
        scope_add_poison(c, importer->scope, name.name, name.span);
    }
}

/* `import a.b` makes `a.b.f` work: `a` is a module that holds the module `b`. */
static void bind_path(Checker *c, Module *importer, const IdentVec *path, Module *module) {
    Scope *scope = importer->scope;
    for (uint32_t i = 0; i + 1 < path->len; i++) {
        Ident name = path->data[i];
        Symbol *symbol = scope_find_here(scope, name.name);
        if (symbol == NULL || symbol->kind != SYM_MODULE ||
            module_of(symbol->module)->path != NULL) {
            if (!name_is_new(c, scope, name, "module")) return;
            symbol = scope_add(c, scope, SYM_MODULE, name.name, name.span);
            symbol->module = &module_pseudo(c, text_of(c->cx, name.name))->symbol;
        }
        scope = module_scope(c, symbol->module);
    }
    Ident last = vec_last(path);
    Symbol *before = scope_find_here(scope, last.name);
    if (before != NULL && before->kind == SYM_MODULE && before->module == &module->symbol) return;
    if (!name_is_new(c, scope, last, "module")) return;
    scope_add(c, scope, SYM_MODULE, last.name, last.span)->module = &module->symbol;
}

static void import_module_name(Checker *c, Module *importer, const ImportDecl *import,
                               Module *module) {
    if (import->as.name.id == 0) {
        bind_path(c, importer, &import->path, module);
    } else if (name_is_new(c, importer->scope, import->as, "module")) {
        Symbol *symbol =
            scope_add(c, importer->scope, SYM_MODULE, import->as.name, import->as.span);
        symbol->module = &module->symbol;
    }
}

static void report_no_such_name(Checker *c, Module *module, Ident name) {
    Context *cx = c->cx;
    module_want(c, module, NO_NAME);
    const char *text = text_of(cx, name.name);
    Diag *d = diag_add(cx, K0204, name.span, "module `%s` has no `%s`",
                       text_of(cx, module->symbol.name), text);
    Scope own = *module->scope;
    own.outer = NULL;
    const char *near = scope_nearest(c, &own, name.name);
    if (near != NULL && near[0] != '_') {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "did you mean `%s`?", near);
        fix_replace(cx, fix, name.span, near);
    }
    diag_note(cx, d, "the module is the file `%s`", module->path);
}

static void import_one(Checker *c, Module *importer, Module *module,
                       const ImportedName *imported) {
    Context *cx = c->cx;
    Ident as = imported->as.name.id != 0 ? imported->as : imported->name;
    if (as.name.id == 0) return;
    const char *text = text_of(cx, imported->name.name);
    module_want(c, module, imported->name.name);
    Symbol *symbol = scope_find_here(module->scope, imported->name.name);
    if (symbol == NULL) {
        report_no_such_name(c, module, imported->name);
    } else if (text[0] == '_') {
        Diag *d = diag_add(cx, K0205, imported->name.span, "`%s` is private to module `%s`", text,
                           text_of(cx, module->symbol.name));
        diag_label(cx, d, symbol->span, "names that start with `_` stay in their module");
        symbol = NULL;
    }
    if (symbol == NULL) {
        if (scope_find_here(importer->scope, as.name) == NULL) {
            scope_add_poison(c, importer->scope, as.name, as.span);
        }
        return;
    }
    if (!name_is_new(c, importer->scope, as, "name")) return;
    if (symbol->kind == SYM_ALIAS) alias_evaluate(c, symbol);
    Symbol *copy = scope_add(c, importer->scope, symbol->kind, as.name, as.span);
    *copy = *symbol;
    copy->name = as.name;
    copy->span = as.span;
}

/* Binds the names of an import statement in the importer's scope. */
static void import_declare(Checker *c, Module *importer, const Stmt *stmt) {
    const ImportDecl *import = stmt->import;
    if (import == NULL || import->path.len == 0) return;
    Module *module = import_load(c, importer, &import->path);
    if (module == NULL) {
        import_poison(c, importer, import);
    } else if (!import->is_from) {
        module_want(c, module, NO_NAME);
        import_module_name(c, importer, import, module);
    } else {
        for (uint32_t i = 0; i < import->names.len; i++) {
            import_one(c, importer, module, &import->names.data[i]);
        }
    }
}

/* ---- Imports that wait ----------------------------------------------------------------------- */

static bool is_number(const Expr *e) { return e->kind == EXPR_INT || e->kind == EXPR_FLOAT; }

/* Nothing in the module looks at what it imports. */
static bool only_passes_on(const Module *module) {
    const StmtVec *stmts = &module->symbol.ast->stmts;
    for (uint32_t i = 0; i < stmts->len; i++) {
        const Stmt *stmt = stmts->data[i];
        bool is_from = stmt->kind == STMT_IMPORT && stmt->import != NULL && stmt->import->is_from;
        bool is_plain = stmt->kind == STMT_ALIAS && stmt->alias.type == NULL && is_number(stmt->alias.value);
        if (!is_from && !is_plain) return false;
    }
    return module->symbol.is_library;
}

void imports_declare(Checker *c, Module *module) {
    const StmtVec *stmts = &module->symbol.ast->stmts;
    bool waits = only_passes_on(module);
    for (uint32_t i = 0; i < stmts->len; i++) {
        if (stmts->data[i]->kind != STMT_IMPORT) continue;
        if (waits) vec_push(c->cx->arena, &module->waiting, stmts->data[i]);
        else import_declare(c, module, stmts->data[i]);
    }
}

static bool import_binds(const ImportDecl *import, Name name) {
    for (uint32_t i = 0; i < import->names.len; i++) {
        const ImportedName *imported = &import->names.data[i];
        if (name_eq(imported->as.name.id != 0 ? imported->as.name : imported->name.name, name)) return true;
    }
    return false;
}

void module_want(Checker *c, Module *module, Name name) {
    for (uint32_t i = 0; i < module->waiting.len; i++) {
        const Stmt *stmt = module->waiting.data[i];
        if (stmt == NULL || !(name_eq(name, NO_NAME) || import_binds(stmt->import, name))) continue;
        module->waiting.data[i] = NULL;
        import_declare(c, module, stmt);
    }
}
