/* Declarations: functions, structs, traits, decorators, and the file itself. */
#include <string.h>

#include "parser/build.h"

/* A string that opens a body describes it, and is no statement. */
static Expr *take_docstring(StmtVec *stmts) {
    if (stmts->len == 0) return NULL;
    const Stmt *first = stmts->data[0];
    bool is_docstring = first->kind == STMT_EXPR && first->expr->kind == EXPR_STRING &&
                        !first->expr->string.is_bytes;
    if (!is_docstring) return NULL;
    stmts->data++;
    stmts->len--;
    stmts->cap--;
    return first->expr;
}

/* --- Functions --- */

FnDecl *fn_new(Parser *p, FnKind kind, Ident name, GenericVec generics, ParamVec params,
               const FnTail *tail, Span signature) {
    FnDecl *fn = arena_new(p->arena, FnDecl);
    fn->kind = kind;
    fn->name = name;
    fn->generics = generics;
    fn->params = params;
    fn->raises = tail->raises;
    fn->result = tail->result;
    fn->result_of = tail->of;
    fn->signature = signature;
    return fn;
}

Stmt *stmt_fn(Parser *p, Span span, FnDecl *fn, Block body) {
    fn->has_body = true;
    fn->body = body;
    fn->docstring = take_docstring(&fn->body.stmts);
    Stmt *stmt = stmt_new(p->ids, STMT_FN, span_join(span_before(span), body.span));
    stmt->fn = fn;
    return stmt;
}

Stmt *stmt_bodyless(Parser *p, FnDecl *fn) {
    Stmt *stmt = stmt_new(p->ids, STMT_FN, fn->signature);
    stmt->fn = fn;
    vec_push(p->arena, &p->bodyless, fn);
    return stmt;
}

Stmt *stmt_extern(Parser *p, Span span, FnDecl *fn, const Token *word) {
    if (fn->kind == FN_DEF) {
        Span def = {fn->signature.file, fn->signature.start, fn->signature.start + 3};
        Diag *d = parser_report(p, K0101, def, "a C function is declared with `extern fn`");
        if (d != NULL) fix_replace(p->cx, diag_fix(p->cx, d, FIX_AUTOMATIC, "write `fn`"), def, "fn");
    }
    fn->kind = FN_EXTERN;
    fn->is_pure = word != NULL;
    Stmt *stmt = stmt_new(p->ids, STMT_FN, span_join(span_before(span), fn->signature));
    stmt->fn = fn;
    return stmt;
}

static void report_bodyless(Parser *p, const FnDecl *fn) {
    const char *name = text_of(p->cx, fn->name.name);
    Diag *d = parser_report(p, K0103, fn->signature, "function `%s` has no body", name);
    if (d == NULL) return;
    diag_note(p->cx, d, "the signature ends with `:`, and the body stands indented below it");
    diag_note(p->cx, d, "`extern fn %s(...)` declares a function of C", name);
}

/* --- Parameters --- */

Conventions convention_of_word(Parser *p, const Token *word) {
    const char *text = text_of(p->cx, word->name);
    Conventions result = {.span = word->span};
    if (strcmp(text, "read") == 0) result.convention = CONVENTION_BORROWED;
    if (strcmp(text, "mut") == 0) result.convention = CONVENTION_INOUT;
    if (strcmp(text, "escaping") == 0) result.is_escaping = true;
    return result;
}

static void report_two_conventions(Parser *p, const Conventions *first, const Conventions *second) {
    Diag *d = parser_report(p, K0101, second->span, "a parameter has one convention");
    if (d != NULL) diag_label(p->cx, d, first->span, "the first one is here");
}

Conventions conventions_join(Parser *p, const Conventions *first, const Conventions *second) {
    bool both = first->convention != CONVENTION_DEFAULT && second->convention != CONVENTION_DEFAULT;
    if (both || (first->is_escaping && second->is_escaping)) {
        report_two_conventions(p, first, second);
    }
    Conventions joined = *first;
    if (joined.convention == CONVENTION_DEFAULT) joined.convention = second->convention;
    joined.is_escaping |= second->is_escaping;
    joined.span = span_join(first->span, second->span);
    return joined;
}

ParamDecl param_new(Parser *p, Span span, const Conventions *before, Ident name,
                    const Conventions *behind, Expr *type, Expr *initial) {
    Conventions both = {0};
    if (before != NULL) both = *before;
    if (behind != NULL) both = before == NULL ? *behind : conventions_join(p, before, behind);
    return (ParamDecl){.convention = both.convention, .is_escaping = both.is_escaping,
                       .name = name, .type = type, .initial = initial, .span = span};
}

/* --- Structs and traits --- */

StructDecl *struct_new(Parser *p, Ident name, GenericVec generics, ExprVec traits) {
    StructDecl *decl = arena_new(p->arena, StructDecl);
    decl->name = name;
    decl->generics = generics;
    decl->traits = traits;
    return decl;
}

static void report_stray(Parser *p, const Stmt *stmt, const char *what, const char *holds) {
    Diag *d = parser_report(p, K0116, stmt->span, "a %s holds %s only", what, holds);
    if (d != NULL) diag_note(p->cx, d, "code that runs stands in the body of a function");
}

/* `var x, y: f32` declares two fields of one type. */
static void add_fields(Parser *p, StructDecl *decl, const Stmt *stmt) {
    if (!stmt->binding.is_var) {
        Diag *d = parser_report(p, K0116, stmt->binding.keyword, "a field is declared with `var`");
        if (d == NULL) return;
        Fix *fix = diag_fix(p->cx, d, FIX_AUTOMATIC, "write `var`");
        fix_replace(p->cx, fix, stmt->binding.keyword, "var");
        return;
    }
    for (uint32_t i = 0; i < stmt->binding.names.len; i++) {
        FieldDecl field = {stmt->binding.names.data[i], stmt->binding.type, stmt->binding.value};
        vec_push(p->arena, &decl->fields, field);
    }
}

Stmt *stmt_struct(Parser *p, Span span, StructDecl *decl, const Block *body) {
    StmtVec stmts = body->stmts;
    decl->docstring = take_docstring(&stmts);
    for (uint32_t i = 0; i < stmts.len; i++) {
        Stmt *stmt = stmts.data[i];
        if (stmt->kind == STMT_BINDING) {
            add_fields(p, decl, stmt);
        } else if (stmt->kind == STMT_FN) {
            vec_push(p->arena, &decl->methods, stmt);
        } else if (stmt->kind != STMT_PASS && stmt->kind != STMT_ERROR) {
            report_stray(p, stmt, "struct", "fields (`var x: f32`) and methods");
        }
    }
    Stmt *stmt = stmt_new(p->ids, STMT_STRUCT, span_join(span_before(span), body->span));
    stmt->strukt = decl;
    return stmt;
}

/* The functions without a body that were read since `start`: those among `methods` are a trait's. */
static void take_bodyless(Parser *p, uint32_t start, const StmtVec *methods) {
    uint32_t method = methods->len;
    while (p->bodyless.len > 0 && vec_last(&p->bodyless)->signature.start >= start) {
        const FnDecl *fn = vec_pop(&p->bodyless);
        while (method > 0 && methods->data[method - 1]->fn->signature.start > fn->signature.start) {
            method--;
        }
        bool is_method = method > 0 && methods->data[method - 1]->fn == fn;
        if (!is_method) report_bodyless(p, fn);
    }
}

Stmt *stmt_trait(Parser *p, Span span, Ident name, GenericVec generics, const Block *body) {
    TraitDecl *decl = arena_new(p->arena, TraitDecl);
    decl->name = name;
    decl->generics = generics;
    StmtVec stmts = body->stmts;
    decl->docstring = take_docstring(&stmts);
    for (uint32_t i = 0; i < stmts.len; i++) {
        Stmt *stmt = stmts.data[i];
        if (stmt->kind == STMT_FN) {
            vec_push(p->arena, &decl->methods, stmt);
        } else if (stmt->kind != STMT_PASS && stmt->kind != STMT_ERROR) {
            report_stray(p, stmt, "trait", "methods");
        }
    }
    take_bodyless(p, span.start, &decl->methods);
    Stmt *stmt = stmt_new(p->ids, STMT_TRAIT, span_join(span_before(span), body->span));
    stmt->trait = decl;
    return stmt;
}

/* --- Decorators --- */

DecoratorVec *decorators_add(Parser *p, DecoratorVec *decorators, Decorator decorator) {
    vec_push(p->arena, decorators, decorator);
    return decorators;
}

static void report_decorated(Parser *p, const Decorator *decorator, const char *where) {
    const char *name = text_of(p->cx, decorator->name.name);
    Diag *d = parser_report(p, K0115, decorator->span, "`@%s` stands before %s", name, where);
    if (d != NULL) {
        diag_note(p->cx, d, "decorators belong to functions and structs, and `@parameter` also to "
                            "`if` and `for`");
    }
}

/* `@parameter if` and `@parameter for`. */
static void decorate_branch(Parser *p, const DecoratorVec *decorators, Stmt *stmt) {
    for (uint32_t i = 0; i < decorators->len; i++) {
        const Decorator *decorator = &decorators->data[i];
        bool is_parameter = strcmp(text_of(p->cx, decorator->name.name), "parameter") == 0;
        if (!is_parameter) {
            report_decorated(p, decorator, stmt->kind == STMT_IF ? "an `if`" : "a loop");
        } else if (stmt->kind == STMT_IF) {
            stmt->if_.is_parameter = true;
        } else {
            stmt->for_.is_parameter = true;
        }
    }
}

Stmt *decorate(Parser *p, const DecoratorVec *decorators, Stmt *stmt, Span span) {
    if (stmt->kind == STMT_FN) {
        stmt->fn->decorators = *decorators;
    } else if (stmt->kind == STMT_STRUCT) {
        stmt->strukt->decorators = *decorators;
    } else if (stmt->kind == STMT_IF || stmt->kind == STMT_FOR) {
        decorate_branch(p, decorators, stmt);
    } else if (stmt->kind != STMT_ERROR) {
        report_decorated(p, &decorators->data[0], "a statement that takes no decorator");
    }
    stmt->span = span_join(span_before(span), stmt->span);
    return stmt;
}

/* --- The file --- */

void file_finish(Parser *p, StmtVec *stmts) {
    for (uint32_t i = 0; i < p->bodyless.len; i++) report_bodyless(p, p->bodyless.data[i]);
    p->ast->docstring = take_docstring(stmts);
    p->ast->stmts = *stmts;
}
