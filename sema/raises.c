/* Errors: `raise`, `try`, and who may let an error out. Whether a `def` raises follows from its body,
 * so that calls are noted while bodies are checked, and judged when all have been. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

/* ---- Notes ----------------------------------------------------------------------------------- */

/* A nested function answers for its body where it is declared; a loop that runs it is like a call. */
static void note_site(FnChecker *f, const FnSymbol *to, Span span, const char *later) {
    FnSymbol *from = returning_fn(f);
    if (from == NULL || (f->inlining != NULL && f->inlining->is_run)) return;
    RaiseSite site = {.from = from, .to = to, .span = span, .later = later, .is_handled = f->try_depth > 0};
    vec_push(f->c->cx->arena, &f->c->program->raises, site);
}

void note_call(FnChecker *f, const FnSymbol *fn, Span span, bool is_each) {
    if (!fn->raises && fn->is_strict) return;
    const char *each = "functions that raise errors, called for each element of an array,";
    note_site(f, fn, span, is_each || f->each_depth > 0 ? each : NULL);
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

void note_spawn(FnChecker *f, const FnSymbol *fn, Span span) {
    if (!fn->raises && fn->is_strict) return;
    RaiseSite *site = &vec_last(&f->c->program->raises);
    site->part = TASK_SPAWN;
    site->span = span;
    if (fn_is_init(fn)) site->later = "tasks that make a value with an `__init__` that raises";
}

void note_task_kept(FnChecker *f, const Expr *value, Local *local) {
    value = value == NULL ? NULL : expr_bare((Expr *)(uintptr_t)value);
    if (value == NULL || value->kind != EXPR_SPAWN) return;
    const ExprInfo *info = expr_info(f->c, value);
    if (info->role != ROLE_SPAWN) return;
    const FnSymbol *fn = expr_info(f->c, info->args[0])->fn;
    if (local != NULL && local->is_param) return; /* somebody else may wait */
    if (local != NULL) vec_push(f->c->cx->arena, &local->spawned, fn);
    for (uint32_t i = f->c->program->raises.len; i-- > 0;) {
        RaiseSite *site = &f->c->program->raises.data[i];
        if (site->part != TASK_SPAWN || site->span.start != value->span.start) continue;
        site->part = TASK_KEPT;
        return;
    }
}

void note_task(FnChecker *f, const Local *task, Span span, TaskSite part) {
    uint32_t before = f->c->program->raises.len;
    note_site(f, NULL, span, NULL);
    if (f->c->program->raises.len == before) return;
    vec_last(&f->c->program->raises).task = task;
    vec_last(&f->c->program->raises).part = part;
}

/* What lets an error out there: the function that is called, or of which a task is waited for. */
static const FnSymbol *failing_fn(const RaiseSite *site) {
    if (site->to != NULL) return site->to->raises ? site->to : NULL;
    for (uint32_t i = 0; site->task != NULL && i < site->task->spawned.len; i++)
        if (site->task->spawned.data[i]->raises) return site->task->spawned.data[i];
    return NULL;
}

static bool site_fails(const RaiseSite *site) {
    bool is_raise = site->to == NULL && site->part == TASK_NONE;
    return is_raise || failing_fn(site) != NULL;
}

/* An error leaves the function there. */
static bool lets_out(const RaiseSite *site) {
    bool waits = site->part == TASK_NONE || site->part == TASK_WAIT;
    return waits && !site->is_handled && site_fails(site);
}

static void report_task_moved(Checker *c, const RaiseSite *site) {
    const FnSymbol *fn = failing_fn(site);
    const char *name = text_of(c->cx, fn->name);
    Diag *d = site->task != NULL
                  ? diag_add(c->cx, K0386, site->span, "`%s` may raise an error, so its task `%s` is waited for "
                             "here, and not given on", name, text_of(c->cx, site->task->name))
                  : diag_add(c->cx, K0386, site->span, "`%s` may raise an error, so its task needs a name to be "
                             "waited for", name);
    diag_note(c->cx, d, "the error comes out of `wait()`, in the function that started the task: "
                        "`let h = spawn %s(...)`, then `h.wait()`", name);
}

/* ---- raise ----------------------------------------------------------------------------------- */

static void report_no_error(FnChecker *f, const Stmt *s) {
    Diag *d =
        diag_add(f->c->cx, K0237, s->span, "there is no error here that could be raised again");
    diag_note(f->c->cx, d,
              "`raise` alone stands in an `except` block; a new error is raised with `raise "
              "Error(\"what went wrong\")`");
}

static void report_not_error(FnChecker *f, const Expr *e, const Type *type) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0237, e->span, "only an `Error` is raised, and this is %s",
                       type_kind_words(type));
    if (type->kind == TYPE_STR) {
        Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "make an `Error` of the text");
        fix_wrap(f, fix, e, "Error(", ")");
    } else {
        diag_note(cx, d, "write `raise Error(\"what went wrong\")`");
    }
}

/* `raise Error`, as in Python. */
static bool names_error(FnChecker *f, const Expr *e) {
    if (e->kind != EXPR_NAME) return false;
    Symbol *symbol = scope_find(f->scope, e->name);
    return symbol != NULL && symbol->kind == SYM_ALIAS && symbol->alias.type != NULL &&
           symbol->alias.type->kind == TYPE_FAILURE;
}

static void report_no_text(FnChecker *f, const Expr *e) {
    Context *cx = f->c->cx;
    Diag *d = diag_add(cx, K0237, e->span, "this `Error` does not say what went wrong");
    diag_note(cx, d, "write `raise Error(\"what went wrong\")`");
}

void check_raise(FnChecker *f, Stmt *s) {
    Expr *e = s->expr;
    if (e == NULL && f->caught == NULL) {
        report_no_error(f, s);
        return;
    }
    if (e == NULL) {
        vec_push(f->c->cx->arena, &stmt_info(f->c, s)->locals, f->caught);
    } else if (names_error(f, expr_bare(e))) {
        report_no_text(f, e);
        return;
    } else {
        const Type *type = check_value(f, e, NULL);
        if (type_is_error(type)) return;
        if (type->kind != TYPE_FAILURE) {
            report_not_error(f, e, type);
            return;
        }
        const ExprInfo *info = expr_info(f->c, expr_bare(e));
        if (info->role == ROLE_LOCAL) {
            Local *local = f->fn->locals.data[info->local->id];
            vec_push(f->c->cx->arena, &stmt_info(f->c, s)->locals, local);
        }
    }
    note_site(f, NULL, span_head(f->c, s->span), NULL);
}

/* `Error("...")`, in a `raise`. */
const Type *check_failure(FnChecker *f, Expr *e) {
    if (!check_arg_count(f, e, 1, 1, "Error")) return expr_poison(f, e);
    Expr *text = e->call.args.data[0].value;
    const Type *str = type_str(f->c->types);
    if (!check_assignable(f, text, str, "the text of an error", NO_SPAN)) return expr_poison(f, e);
    if (check_constant(f, text, str, "the text of an error") == NULL) return expr_poison(f, e);
    return expr_set_args(f, e, ROLE_FAILURE, type_failure(f->c->types), &text, 1);
}

/* ---- try ------------------------------------------------------------------------------------- */

void check_try(FnChecker *f, Stmt *s) {
    f->try_depth++;
    check_block(f, &s->try_.body);
    f->try_depth--;
    Scope *outer = f->scope;
    Local *caught = f->caught;
    f->scope = scope_new(f->c, outer);
    Ident name = s->try_.error;
    f->caught = local_new(f, name.name, name.span, type_failure(f->c->types), false);
    f->caught->is_raised = true;
    local_declare(f, f->caught);
    vec_push(f->c->cx->arena, &stmt_info(f->c, s)->locals, f->caught);
    check_block(f, &s->try_.handler);
    f->scope = outer;
    f->caught = caught;
}

/* ---- Who raises ------------------------------------------------------------------------------ */

/* A `def` raises when something in it does that no `try` is around. Callers stand before their callees
 * or behind them, mostly all in one way: going to and fro finds most in one round. */
static void find_raising(const Program *program) {
    uint32_t count = program->raises.len;
    bool backwards = true;
    for (bool again = true; again; backwards = !backwards) {
        again = false;
        for (uint32_t i = 0; i < count; i++) {
            const RaiseSite *site = &program->raises.data[backwards ? count - 1 - i : i];
            if (!lets_out(site) || site->from->is_strict || site->from->raises) continue;
            site->from->raises = again = true;
        }
    }
}

/* Before `->`, if there is a result, else at the end of the signature. */
static Span raises_place(Checker *c, const FnDecl *decl) {
    Span end = span_after(decl->signature);
    const Source *source = source_of(&c->cx->sources, decl->signature);
    if (decl->result == NULL || source == NULL) return end;
    uint32_t at = decl->result->span.start, first = decl->signature.start;
    while (at > first && source->text[at - 1] == ' ') at--;
    if (at < first + 2 || source->text[at - 1] != '>' || source->text[at - 2] != '-') return end;
    at -= 2;
    while (at > first && source->text[at - 1] == ' ') at--;
    return source->text[at - 1] == ')' ? (Span){decl->signature.file, at, at} : end;
}

static bool is_del(Checker *c, const FnSymbol *fn) {
    return fn->owner != NULL && strcmp(text_of(c->cx, fn->name), "__del__") == 0;
}

/* Where the function that is called says, or shows, that it raises. */
static void label_callee(Checker *c, Diag *d, const FnSymbol *fn) {
    Context *cx = c->cx;
    const char *name = text_of(cx, fn->name);
    if (fn->decl->raises) {
        diag_label(cx, d, fn->decl->signature, "declared with `raises`");
        return;
    }
    for (uint32_t i = 0; i < c->program->raises.len; i++) {
        const RaiseSite *site = &c->program->raises.data[i];
        if (site->from != fn || !lets_out(site)) continue;
        diag_label(cx, d, site->span, "`%s` lets an error out here", name);
        return;
    }
}

/* "`M`" of a call that makes one with `__init__`. */
static const char *callee_text(const Checker *c, const FnSymbol *fn) {
    return text_of(c->cx, fn_is_init(fn) ? fn->owner->name : fn->name);
}

static Diag *report_site(Checker *c, const RaiseSite *site) {
    Context *cx = c->cx;
    const FnSymbol *from = site->from;
    const char *name = text_of(cx, from->name);
    const FnSymbol *to = failing_fn(site);
    if (to != NULL) {
        Diag *d = diag_add(cx, K0236, site->span,
                           "`%s` may raise an error, and `%s` neither handles it nor passes it on",
                           callee_text(c, to), name);
        label_callee(c, d, to);
        return d;
    }
    Diag *d = diag_add(cx, K0236, site->span,
                       "`%s` raises an error here, but is not marked `raises`", name);
    diag_label(cx, d, from->decl->signature, "a `fn` says that it may raise");
    return d;
}

static void report_unhandled(Checker *c, const RaiseSite *site) {
    Context *cx = c->cx;
    const FnSymbol *from = site->from;
    if (is_del(c, from)) {
        Diag *d = diag_add(cx, K0236, site->span, "an error cannot leave `__del__`");
        if (failing_fn(site) != NULL) label_callee(c, d, failing_fn(site));
        diag_note(cx, d,
                  "`__del__` is called wherever a value ends, where nobody could handle an error");
        diag_note(cx, d, "put what may fail into `try:`, with an `except e:` behind it");
        return;
    }
    Diag *d = report_site(c, site);
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "mark `%s` with `raises`, so that its callers know",
                        text_of(cx, from->name));
    fix_replace(cx, fix, raises_place(c, from->decl), " raises");
    diag_note(cx, d, "or handle the error here, with `try:` and `except e:`");
}

/* One report for each function: its mend is good for all of its errors. */
static bool is_told(Checker *c, FnSymbolVec *told, FnSymbol *fn) {
    for (uint32_t i = 0; i < told->len; i++) {
        if (told->data[i] == fn) return true;
    }
    vec_push(c->cx->arena, told, fn);
    return false;
}

void raises_settle(Checker *c) {
    FnSymbolVec told = {0};
    find_raising(c->program);
    for (uint32_t i = 0; i < c->program->raises.len; i++) {
        const RaiseSite *site = &c->program->raises.data[i];
        bool fails = site_fails(site), moves = site->part == TASK_SPAWN || site->part == TASK_MOVE;
        if (fails && site->later != NULL) report_later(c, site->span, site->later);
        else if (fails && moves) report_task_moved(c, site);
        if (!lets_out(site) || site->later != NULL) continue;
        bool may_pass = site->from->raises && !is_del(c, site->from);
        if (!may_pass && !is_told(c, &told, site->from)) report_unhandled(c, site);
    }
}
