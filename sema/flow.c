/* Where control goes: functions that end without the result they promise, and statements after
 * which nothing comes. Looks at checked statements, so that `while True` and `@parameter if` are
 * known. */
#include "sema/declare.h"
#include "sema/expr.h"

typedef struct Flow {
    Checker *c;
    FnSymbol *fn;
    bool is_broken; /* some statement could not be read: nothing is certain */
    uint32_t loops; /* around the statement */
    bool is_quiet;  /* a second look: what is never reached was reported */
} Flow;

static bool block_goes_on(Flow *flow, const Block *block);

/* A loop whose condition is always True ends by `break` or not at all. */
static bool has_break(const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) {
        const Stmt *s = block->stmts.data[i];
        if (s->kind == STMT_BREAK) return true;
        if (s->kind == STMT_UNSAFE || s->kind == STMT_PARALLEL) {
            if (has_break(&s->block)) return true;
        } else if (s->kind == STMT_TRY) {
            if (has_break(&s->try_.body) || has_break(&s->try_.handler)) return true;
        } else if (s->kind == STMT_IF) {
            for (uint32_t k = 0; k < s->if_.arms.len; k++) {
                if (has_break(&s->if_.arms.data[k].body)) return true;
            }
            if (s->if_.has_else && has_break(&s->if_.otherwise)) return true;
        }
    }
    return false;
}

/* For what is never reached in it. */
static void look_into_loop(Flow *flow, const Block *body) {
    flow->loops++;
    block_goes_on(flow, body);
    flow->loops--;
}

static bool while_goes_on(Flow *flow, const Stmt *s) {
    look_into_loop(flow, &s->while_.body);
    const Const *constant = expr_info(flow->c, s->while_.cond)->constant;
    bool is_endless = constant != NULL && constant->kind == CONST_BOOL && constant->integer != 0;
    return !is_endless || has_break(&s->while_.body);
}

static bool if_goes_on(Flow *flow, const Stmt *s) {
    bool goes_on = !s->if_.has_else;
    for (uint32_t i = 0; i < s->if_.arms.len; i++) {
        goes_on = block_goes_on(flow, &s->if_.arms.data[i].body) || goes_on;
    }
    if (s->if_.has_else) goes_on = block_goes_on(flow, &s->if_.otherwise) || goes_on;
    return goes_on;
}

static bool parameter_if_goes_on(Flow *flow, const Stmt *s) {
    const StmtInfo *info = stmt_info(flow->c, s);
    if (!info->is_taken) return true;
    if (info->taken < s->if_.arms.len) {
        return block_goes_on(flow, &s->if_.arms.data[info->taken].body);
    }
    return block_goes_on(flow, &s->if_.otherwise);
}

static bool for_goes_on(Flow *flow, const Stmt *s) {
    if (!s->for_.is_parameter) {
        look_into_loop(flow, &s->for_.body);
        return true;
    }
    const StmtInfo info = *stmt_info(flow->c, s);
    for (uint32_t i = 0; i < info.unrolled.len; i++) {
        if (!block_goes_on(flow, &info.unrolled.data[i])) return false;
    }
    return true;
}

/* Whether control can come out behind the statement. */
static bool stmt_goes_on(Flow *flow, const Stmt *s) {
    switch (s->kind) {
    case STMT_ERROR: flow->is_broken = true; return true;
    case STMT_BREAK:
    case STMT_CONTINUE: return flow->loops == 0; /* outside of a loop, it is a mistake */
    case STMT_RETURN:
    case STMT_RAISE: return false;
    case STMT_IF: return s->if_.is_parameter ? parameter_if_goes_on(flow, s) : if_goes_on(flow, s);
    case STMT_WHILE: return while_goes_on(flow, s);
    case STMT_FOR: return for_goes_on(flow, s);
    case STMT_TRY: {
        bool body = block_goes_on(flow, &s->try_.body);
        return block_goes_on(flow, &s->try_.handler) || body;
    }
    case STMT_UNSAFE:
    case STMT_PARALLEL: return block_goes_on(flow, &s->block);
    case STMT_EXPR:
    case STMT_BINDING:
    case STMT_ALIAS:
    case STMT_ASSIGN:
    case STMT_PASS:
    case STMT_ASSERT:
    case STMT_FN:
    case STMT_STRUCT:
    case STMT_TRAIT:
    case STMT_IMPORT:
    case STMT_KIND_COUNT: return true;
    }
    UNREACHABLE();
}

static const char *exit_words(const Stmt *s) {
    switch (s->kind) {
    case STMT_RETURN: return "the function returns here in any case";
    case STMT_BREAK: return "the loop ends here in any case";
    case STMT_CONTINUE: return "the next iteration starts here in any case";
    case STMT_RAISE: return "the error is raised here in any case";
    case STMT_WHILE: return "this loop never ends";
    case STMT_ERROR:
    case STMT_EXPR:
    case STMT_BINDING:
    case STMT_ALIAS:
    case STMT_ASSIGN:
    case STMT_IF:
    case STMT_FOR:
    case STMT_PASS:
    case STMT_TRY:
    case STMT_ASSERT:
    case STMT_UNSAFE:
    case STMT_PARALLEL:
    case STMT_FN:
    case STMT_STRUCT:
    case STMT_TRAIT:
    case STMT_IMPORT:
    case STMT_KIND_COUNT: break;
    }
    return "every path through this leaves it by another way";
}

static void report_unreached(Flow *flow, const Stmt *last, const Stmt *next) {
    Context *cx = flow->c->cx;
    Diag *d = diag_add(cx, W0215, span_head(flow->c, next->span), "this is never reached");
    diag_label(cx, d, span_head(flow->c, last->span), "%s", exit_words(last));
}

static bool block_goes_on(Flow *flow, const Block *block) {
    bool goes_on = true;
    for (uint32_t i = 0; i < block->stmts.len; i++) {
        if (!goes_on) {
            if (!flow->is_quiet) {
                report_unreached(flow, block->stmts.data[i - 1], block->stmts.data[i]);
            }
            return false;
        }
        goes_on = stmt_goes_on(flow, block->stmts.data[i]);
    }
    return goes_on;
}

/* ---- Missing results ------------------------------------------------------------------------- */

static void label_leak(Flow *flow, Diag *d, const Block *block);

static void label_if(Flow *flow, Diag *d, const Stmt *s) {
    Context *cx = flow->c->cx;
    if (s->if_.is_parameter) {
        diag_label(cx, d, span_head(flow->c, s->span), "nothing is returned after this");
        return;
    }
    for (uint32_t i = 0; i < s->if_.arms.len; i++) {
        if (block_goes_on(flow, &s->if_.arms.data[i].body)) {
            label_leak(flow, d, &s->if_.arms.data[i].body);
            return;
        }
    }
    if (s->if_.has_else) {
        label_leak(flow, d, &s->if_.otherwise);
    } else {
        diag_label(cx, d, span_head(flow->c, s->span),
                   "without an `else`, this goes on when no condition holds");
    }
}

/* `x * y` at the end, as in languages where the last value is the result. */
static void suggest_return(Flow *flow, Diag *d, const Stmt *s) {
    Context *cx = flow->c->cx;
    const ExprInfo *info = expr_info(flow->c, s->expr);
    if (info->type == NULL || info_type(info)->kind == TYPE_VOID) return;
    Fix *fix = diag_fix(cx, d, FIX_AUTOMATIC, "return this value");
    fix_replace(cx, fix, span_before(s->span), "return ");
}

/* Labels the statement after which the path ends. */
static void label_leak(Flow *flow, Diag *d, const Block *block) {
    Context *cx = flow->c->cx;
    if (block->stmts.len == 0) return;
    const Stmt *last = vec_last(&block->stmts);
    if (last->kind == STMT_IF) {
        label_if(flow, d, last);
    } else if (last->kind == STMT_FOR || last->kind == STMT_WHILE) {
        diag_label(cx, d, span_head(flow->c, last->span),
                   "when this loop is over, or never runs, nothing is returned");
    } else {
        diag_label(cx, d, span_head(flow->c, last->span), "after this, nothing is returned");
        if (last->kind == STMT_EXPR) suggest_return(flow, d, last);
    }
}

static void report_missing(Flow *flow) {
    Context *cx = flow->c->cx;
    const FnDecl *decl = flow->fn->decl;
    Diag *d = diag_add(cx, K0214, decl->result->span, "`%s` can end without a result",
                       text_of(cx, flow->fn->name));
    const char *type = type_text(cx, flow->fn->result);
    diag_primary_label(cx, d, "%s `%s` is promised here", article(type), type);
    flow->is_quiet = true;
    label_leak(flow, d, &decl->body);
}

void flow_check(Checker *c, FnSymbol *fn) {
    Flow flow = {.c = c, .fn = fn};
    bool goes_on = block_goes_on(&flow, &fn->decl->body);
    bool gives =
        fn->decl->result != NULL && fn->result->kind != TYPE_VOID && !type_is_error(fn->result);
    if (goes_on && gives && !flow.is_broken) report_missing(&flow);
}
