/* The tree as text: indented S-expressions, one statement a line, expressions inline.
 *
 *     (fn dot (params (x Tensor[f32, n]) ...) (result f32)
 *       (return (call sum (* x y)))) */
#include "parser/ast.h"

typedef struct Printer {
    const Context *cx;
    StrBuf *out;
    int depth;
} Printer;

static void print_expr(Printer *pr, const Expr *expr);
static void print_stmt(Printer *pr, const Stmt *stmt);

static void put(Printer *pr, const char *text) { strbuf_puts(pr->out, text); }
static void put_name(Printer *pr, Name name) { put(pr, text_of(pr->cx, name)); }

static void put_string(Printer *pr, const Expr *expr) {
    put(pr, expr->string.is_bytes ? "b\"" : "\"");
    for (uint32_t i = 0; i < expr->string.length; i++) {
        unsigned char c = (unsigned char)expr->string.bytes[i];
        if (c >= 0x80 && expr->string.is_bytes)
            strbuf_printf(pr->out, "\\x%02x", c);
        else
            strbuf_put_escaped(pr->out, c);
    }
    put(pr, "\"");
}

/* --- Expressions --- */

/* ` child`, or ` _` for one that was not written. */
static void put_child(Printer *pr, const Expr *child) {
    put(pr, " ");
    if (child == NULL) {
        put(pr, "_");
    } else {
        print_expr(pr, child);
    }
}

static void put_args(Printer *pr, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) {
        const Arg *arg = &args->data[i];
        if (arg->key.name.id == 0) {
            put_child(pr, arg->value);
            continue;
        }
        put(pr, " (");
        put_name(pr, arg->key.name);
        put(pr, " =");
        put_child(pr, arg->value);
        put(pr, ")");
    }
}

static void put_items(Printer *pr, const ExprVec *items) {
    for (uint32_t i = 0; i < items->len; i++) put_child(pr, items->data[i]);
}

static void print_compare(Printer *pr, const Expr *expr) {
    put(pr, "compare");
    for (uint32_t i = 0; i < expr->compare.operands.len; i++) {
        if (i > 0) strbuf_printf(pr->out, " %s", compare_op_spelling(expr->compare.ops.data[i - 1]));
        put_child(pr, expr->compare.operands.data[i]);
    }
}

static void print_generator(Printer *pr, const Expr *expr) {
    put(pr, "generator");
    put_child(pr, expr->generator.element);
    for (uint32_t i = 0; i < expr->generator.clauses.len; i++) {
        const GeneratorClause *clause = &expr->generator.clauses.data[i];
        put(pr, " (for ");
        put_name(pr, clause->target.name);
        put_child(pr, clause->iter);
        for (uint32_t j = 0; j < clause->conditions.len; j++) {
            put(pr, " (if");
            put_child(pr, clause->conditions.data[j]);
            put(pr, ")");
        }
        put(pr, ")");
    }
}

/* Without its parentheses. */
static void print_inside(Printer *pr, const Expr *expr) {
    switch (expr->kind) {
    case EXPR_ERROR: put(pr, "error"); break;
    case EXPR_INT: case EXPR_FLOAT: case EXPR_BOOL: case EXPR_STRING: case EXPR_NAME:
    case EXPR_UNKNOWN: UNREACHABLE();
    case EXPR_TUPLE: put(pr, "tuple"); put_items(pr, &expr->items); break;
    case EXPR_LIST: put(pr, "list"); put_items(pr, &expr->items); break;
    case EXPR_PAREN: put(pr, "paren"); put_child(pr, expr->operand); break;
    case EXPR_TRANSFER: put(pr, "transfer"); put_child(pr, expr->operand); break;
    case EXPR_SPAWN: put(pr, "spawn"); put_child(pr, expr->operand); break;
    case EXPR_UNARY:
        put(pr, unary_op_spelling(expr->unary.op));
        put_child(pr, expr->unary.operand);
        break;
    case EXPR_BINARY:
        put(pr, binary_op_spelling(expr->binary.op));
        put_child(pr, expr->binary.lhs);
        put_child(pr, expr->binary.rhs);
        break;
    case EXPR_COMPARE: print_compare(pr, expr); break;
    case EXPR_COND:
        put(pr, "cond");
        put_child(pr, expr->cond.cond);
        put_child(pr, expr->cond.then);
        put_child(pr, expr->cond.otherwise);
        break;
    case EXPR_CALL: put(pr, "call"); put_child(pr, expr->call.callee); put_args(pr, &expr->call.args); break;
    case EXPR_INDEX: put(pr, "index"); put_child(pr, expr->index.base); put_args(pr, &expr->index.args); break;
    case EXPR_SLICE:
        put(pr, "slice");
        put_child(pr, expr->slice.lo);
        put_child(pr, expr->slice.hi);
        if (expr->slice.step != NULL) put_child(pr, expr->slice.step);
        break;
    case EXPR_MEMBER:
        put(pr, "member");
        put_child(pr, expr->member.base);
        put(pr, " ");
        put_name(pr, expr->member.name.name);
        break;
    case EXPR_RANGE: put(pr, "range"); put_child(pr, expr->range.lo); put_child(pr, expr->range.hi); break;
    case EXPR_GENERATOR: print_generator(pr, expr); break;
    case EXPR_KIND_COUNT: UNREACHABLE();
    }
}

static void print_expr(Printer *pr, const Expr *expr) {
    switch ((int)expr->kind) {
    case EXPR_INT:
        if (expr->integer.too_large) {
            put(pr, "too-large");
        } else {
            strbuf_printf(pr->out, "%llu", (unsigned long long)expr->integer.value);
        }
        break;
    case EXPR_FLOAT: put_name(pr, expr->real.text); break;
    case EXPR_BOOL: put(pr, expr->boolean ? "True" : "False"); break;
    case EXPR_STRING: put_string(pr, expr); break;
    case EXPR_NAME: put_name(pr, expr->name); break;
    case EXPR_UNKNOWN: put(pr, "?"); break;
    default:
        put(pr, "(");
        print_inside(pr, expr);
        put(pr, ")");
    }
}

/* --- Statements --- */

static void new_line(Printer *pr) {
    strbuf_putc(pr->out, '\n');
    strbuf_pad(pr->out, ' ', (size_t)pr->depth * 2);
}

static void print_stmts(Printer *pr, const StmtVec *stmts) {
    pr->depth++;
    for (uint32_t i = 0; i < stmts->len; i++) {
        new_line(pr);
        print_stmt(pr, stmts->data[i]);
    }
    pr->depth--;
}

/* `(label ...)` on a line of its own. */
static void print_block(Printer *pr, const char *label, const Block *block) {
    pr->depth++;
    new_line(pr);
    strbuf_printf(pr->out, "(%s", label);
    print_stmts(pr, &block->stmts);
    put(pr, ")");
    pr->depth--;
}

/* ` (label child)`, or nothing. */
static void print_part(Printer *pr, const char *label, const Expr *part) {
    if (part == NULL) return;
    strbuf_printf(pr->out, " (%s", label);
    put_child(pr, part);
    put(pr, ")");
}

static void print_docstring(Printer *pr, const Expr *docstring) {
    if (docstring == NULL) return;
    pr->depth++;
    new_line(pr);
    put(pr, "(doc ");
    put_string(pr, docstring);
    put(pr, ")");
    pr->depth--;
}

static void print_names(Printer *pr, const IdentVec *names) {
    for (uint32_t i = 0; i < names->len; i++) {
        put(pr, " ");
        put_name(pr, names->data[i].name);
    }
}

static void print_decorators(Printer *pr, const DecoratorVec *decorators) {
    for (uint32_t i = 0; i < decorators->len; i++) {
        put(pr, " (@");
        put_name(pr, decorators->data[i].name.name);
        put_args(pr, &decorators->data[i].args);
        put(pr, ")");
    }
}

static void print_generics(Printer *pr, const GenericVec *generics) {
    if (generics->len == 0) return;
    put(pr, " (generics");
    for (uint32_t i = 0; i < generics->len; i++) {
        put(pr, " (");
        put_name(pr, generics->data[i].name.name);
        if (generics->data[i].bound != NULL) put_child(pr, generics->data[i].bound);
        put(pr, ")");
    }
    put(pr, ")");
}

static void print_param(Printer *pr, const ParamDecl *param) {
    static const char *const conventions[] = {"", "borrowed ", "inout ", "owned "};
    pr->depth++;
    new_line(pr);
    strbuf_printf(pr->out, "(param %s%s", param->is_escaping ? "escaping " : "",
                  conventions[param->convention]);
    put_name(pr, param->name.name);
    if (param->type != NULL) put_child(pr, param->type);
    print_part(pr, "=", param->initial);
    put(pr, ")");
    pr->depth--;
}

static void print_fn(Printer *pr, const FnDecl *fn) {
    static const char *const kinds[] = {"fn", "def", "extern-fn"};
    strbuf_printf(pr->out, "(%s ", kinds[fn->kind]);
    put_name(pr, fn->name.name);
    print_decorators(pr, &fn->decorators);
    print_generics(pr, &fn->generics);
    if (fn->is_pure) put(pr, " pure");
    if (fn->raises) put(pr, " raises");
    print_part(pr, "->", fn->result);
    if (fn->result_of.name.id != 0) {
        put(pr, " (of ");
        put_name(pr, fn->result_of.name);
        put(pr, ")");
    }
    for (uint32_t i = 0; i < fn->params.len; i++) print_param(pr, &fn->params.data[i]);
    print_docstring(pr, fn->docstring);
    if (fn->has_body) print_stmts(pr, &fn->body.stmts);
    put(pr, ")");
}

static void print_struct(Printer *pr, const StructDecl *decl) {
    put(pr, "(struct ");
    put_name(pr, decl->name.name);
    print_decorators(pr, &decl->decorators);
    print_generics(pr, &decl->generics);
    for (uint32_t i = 0; i < decl->traits.len; i++) print_part(pr, "is", decl->traits.data[i]);
    print_docstring(pr, decl->docstring);
    pr->depth++;
    for (uint32_t i = 0; i < decl->fields.len; i++) {
        const FieldDecl *field = &decl->fields.data[i];
        new_line(pr);
        put(pr, "(field ");
        put_name(pr, field->name.name);
        put_child(pr, field->type);
        print_part(pr, "=", field->initial);
        put(pr, ")");
    }
    pr->depth--;
    print_stmts(pr, &decl->methods);
    put(pr, ")");
}

static void print_trait(Printer *pr, const TraitDecl *decl) {
    put(pr, "(trait ");
    put_name(pr, decl->name.name);
    print_generics(pr, &decl->generics);
    print_docstring(pr, decl->docstring);
    print_stmts(pr, &decl->methods);
    put(pr, ")");
}

static void print_as(Printer *pr, Ident as) {
    if (as.name.id == 0) return;
    put(pr, " as ");
    put_name(pr, as.name);
}

static void print_import(Printer *pr, const ImportDecl *import) {
    put(pr, import->is_from ? "(from" : "(import");
    print_names(pr, &import->path);
    print_as(pr, import->as);
    for (uint32_t i = 0; i < import->names.len; i++) {
        put(pr, " (");
        put_name(pr, import->names.data[i].name.name);
        print_as(pr, import->names.data[i].as);
        put(pr, ")");
    }
    put(pr, ")");
}

static void print_if(Printer *pr, const Stmt *stmt) {
    put(pr, stmt->if_.is_parameter ? "(parameter-if" : "(if");
    for (uint32_t i = 0; i < stmt->if_.arms.len; i++) {
        const IfArm *arm = &stmt->if_.arms.data[i];
        if (i > 0) {
            new_line(pr);
            put(pr, " elif");
        }
        put_child(pr, arm->cond);
        print_block(pr, "then", &arm->body);
    }
    if (stmt->if_.has_else) print_block(pr, "else", &stmt->if_.otherwise);
    put(pr, ")");
}

static void print_for(Printer *pr, const Stmt *stmt) {
    put(pr, stmt->for_.is_parameter ? "(parameter-for" : "(for");
    if (stmt->for_.is_parallel) put(pr, " parallel");
    if (stmt->for_.is_simd) put(pr, " simd");
    put(pr, " ");
    put_name(pr, stmt->for_.target.name);
    put_child(pr, stmt->for_.iter);
    for (uint32_t i = 0; i < stmt->for_.reductions.len; i++) {
        const ReduceClause *clause = &stmt->for_.reductions.data[i];
        put(pr, " (reduce ");
        put_name(pr, clause->op);
        put(pr, " ");
        put_name(pr, clause->var.name);
        put(pr, ")");
    }
    print_part(pr, "grain", stmt->for_.grain);
    print_stmts(pr, &stmt->for_.body.stmts);
    put(pr, ")");
}

static void print_binding(Printer *pr, const Stmt *stmt) {
    put(pr, stmt->binding.is_var ? "(var" : "(let");
    print_names(pr, &stmt->binding.names);
    print_part(pr, ":", stmt->binding.type);
    if (stmt->binding.value != NULL) put_child(pr, stmt->binding.value);
    put(pr, ")");
}

static void print_simple(Printer *pr, const char *word, const Expr *expr) {
    strbuf_printf(pr->out, "(%s", word);
    if (expr != NULL) put_child(pr, expr);
    put(pr, ")");
}

static void print_assign(Printer *pr, const Stmt *stmt) {
    strbuf_printf(pr->out, "(%s=",
                  stmt->assign.has_op ? binary_op_spelling(stmt->assign.op) : "");
    put_child(pr, stmt->assign.target);
    put_child(pr, stmt->assign.value);
    put(pr, ")");
}

static void print_stmt(Printer *pr, const Stmt *stmt) {
    switch (stmt->kind) {
    case STMT_ERROR: put(pr, "(error)"); break;
    case STMT_EXPR: print_expr(pr, stmt->expr); break;
    case STMT_BINDING: print_binding(pr, stmt); break;
    case STMT_ALIAS:
        put(pr, "(alias ");
        put_name(pr, stmt->alias.name.name);
        print_part(pr, ":", stmt->alias.type);
        put_child(pr, stmt->alias.value);
        put(pr, ")");
        break;
    case STMT_ASSIGN: print_assign(pr, stmt); break;
    case STMT_IF: print_if(pr, stmt); break;
    case STMT_WHILE:
        put(pr, "(while");
        put_child(pr, stmt->while_.cond);
        print_stmts(pr, &stmt->while_.body.stmts);
        put(pr, ")");
        break;
    case STMT_FOR: print_for(pr, stmt); break;
    case STMT_BREAK: put(pr, "(break)"); break;
    case STMT_CONTINUE: put(pr, "(continue)"); break;
    case STMT_PASS: put(pr, "(pass)"); break;
    case STMT_RETURN: print_simple(pr, "return", stmt->expr); break;
    case STMT_RAISE: print_simple(pr, "raise", stmt->expr); break;
    case STMT_TRY:
        put(pr, "(try");
        print_as(pr, stmt->try_.error);
        print_block(pr, "do", &stmt->try_.body);
        print_block(pr, "except", &stmt->try_.handler);
        put(pr, ")");
        break;
    case STMT_ASSERT:
        put(pr, stmt->assert_.is_debug ? "(debug-assert" : "(assert");
        put_child(pr, stmt->assert_.cond);
        if (stmt->assert_.message != NULL) put_child(pr, stmt->assert_.message);
        put(pr, ")");
        break;
    case STMT_UNSAFE: put(pr, "(unsafe"); print_stmts(pr, &stmt->block.stmts); put(pr, ")"); break;
    case STMT_PARALLEL: put(pr, "(parallel"); print_stmts(pr, &stmt->block.stmts); put(pr, ")"); break;
    case STMT_FN: print_fn(pr, stmt->fn); break;
    case STMT_STRUCT: print_struct(pr, stmt->strukt); break;
    case STMT_TRAIT: print_trait(pr, stmt->trait); break;
    case STMT_IMPORT: print_import(pr, stmt->import); break;
    case STMT_KIND_COUNT: UNREACHABLE();
    }
}

void ast_print(const Context *cx, const Ast *ast, StrBuf *out) {
    Printer pr = {.cx = cx, .out = out};
    strbuf_puts(out, "(file");
    print_docstring(&pr, ast->docstring);
    print_stmts(&pr, &ast->stmts);
    strbuf_puts(out, ")\n");
}
