/* Plain variables declared without a value (`var x: f32`): every path to a use has to give them one. A
 * forward walk over the checked statements that keeps the set of variables that surely have a
 * value. What owns or looks is a place of the IR, where the ownership check asks the same. */
#include <string.h>

#include "sema/declare.h"
#include "sema/expr.h"

typedef struct Bits {
    uint64_t *words; /* one bit for each variable that is watched */
} Bits;

/* Where a variable may be left without a value, and when. */
typedef struct Fork {
    Span span;
    const char *when; /* NULL: it never gets one */
} Fork;

typedef struct Walk {
    Checker *c;
    FnSymbol *fn;
    uint32_t *slots; /* by Local.id: number of the variable from 1, or 0 when not watched */
    uint32_t count, word_count;
    Bits now;       /* which have a value here */
    Bits *at_break; /* what all `break`s of the innermost loop agree on, or NULL */
    Bits *at_next;  /* likewise its `continue`s */
    Fork *unfilled; /* by number */
    bool *reported; /* by number */
} Walk;

static Bits bits_new(Walk *w, bool all) {
    Bits bits = {arena_array(w->c->cx->arena, uint64_t, w->word_count)};
    if (all) memset(bits.words, 0xff, w->word_count * sizeof *bits.words);
    return bits;
}

static Bits bits_copy(Walk *w, Bits bits) {
    return (Bits){arena_copy(w->c->cx->arena, bits.words, w->word_count * sizeof *bits.words)};
}

static void bits_meet(Walk *w, Bits into, Bits with) {
    for (uint32_t i = 0; i < w->word_count; i++) into.words[i] &= with.words[i];
}

/* No variable has the number 0: its bit is set where control does not come. */
static bool is_left(Bits bits) { return (bits.words[0] & 1) != 0; }

static void bits_join(Walk *w, Bits into, Bits with) {
    if (is_left(with)) return;
    for (uint32_t i = 0; i < w->word_count; i++) into.words[i] |= with.words[i];
}

/* Those that `some` path gives a value and not `all` of them. */
static void note_unfilled(Walk *w, Bits some, Bits all, Span span, const char *when) {
    if (is_left(some)) return;
    for (uint32_t i = 0; i < w->word_count; i++) {
        for (uint64_t left = some.words[i] & ~all.words[i]; left != 0; left &= left - 1) {
            uint32_t slot = i * 64 + (uint32_t)__builtin_ctzll(left);
            if (slot <= w->count) w->unfilled[slot] = (Fork){span, when};
        }
    }
}

static uint32_t slot_of(const Walk *w, const Local *local) {
    return local->id < w->fn->locals.len && w->fn->locals.data[local->id] == local
               ? w->slots[local->id]
               : 0;
}

static bool has_value(const Walk *w, uint32_t slot) {
    return (w->now.words[slot / 64] >> (slot % 64) & 1) != 0;
}

/* ---- Uses ------------------------------------------------------------------------------------ */

static void report_use(Walk *w, const Expr *e, const Local *local, uint32_t slot) {
    if (w->reported[slot]) return;
    w->reported[slot] = true;
    Context *cx = w->c->cx;
    const char *name = text_of(cx, local->name);
    Fork fork = w->unfilled[slot];
    Diag *d = diag_add(cx, K0310, e->span,
                       fork.when ? "`%s` may not have a value yet" : "`%s` has no value yet", name);
    diag_primary_label(cx, d, "used here");
    diag_label(cx, d, local->span, "declared here without a value");
    if (fork.when) diag_label(cx, d, span_head(w->c, fork.span), "%s", fork.when);
}

static void use_expr(Walk *w, const Expr *e);
typedef enum LoopRuns { RUNS_MAYBE, RUNS_ONCE_AT_LEAST, RUNS_UNTIL_BREAK } LoopRuns;

/* The body may run not at all, for certain, or until a `break`. */
static void walk_loop(Walk *w, const Block *body, LoopRuns runs, Span span);

static void use_args(Walk *w, const ArgVec *args) {
    for (uint32_t i = 0; i < args->len; i++) use_expr(w, args->data[i].value);
}

static void use_items(Walk *w, const ExprVec *items) {
    for (uint32_t i = 0; i < items->len; i++) use_expr(w, items->data[i]);
}

static void use_generator(Walk *w, const Expr *e) {
    for (uint32_t i = 0; i < e->generator.clauses.len; i++) {
        use_expr(w, e->generator.clauses.data[i].iter);
        use_items(w, &e->generator.clauses.data[i].conditions);
    }
    use_expr(w, e->generator.element);
}

static void use_name(Walk *w, const Expr *e) {
    const ExprInfo *info = expr_info(w->c, e);
    if (info->role != ROLE_LOCAL) return;
    uint32_t slot = slot_of(w, info->local);
    if (slot != 0 && !has_value(w, slot)) report_use(w, e, info->local, slot);
}

static void use_call(Walk *w, const Expr *e) {
    use_expr(w, e->call.callee);
    use_args(w, &e->call.args);
    const ExprInfo *info = expr_info(w->c, e);
    if (info->role == ROLE_RUN_LOOP) walk_loop(w, info->body, RUNS_MAYBE, e->span);
}

static void use_expr(Walk *w, const Expr *e) {
    if (e == NULL) return;
    switch (e->kind) {
    case EXPR_NAME: use_name(w, e); return;
    case EXPR_TUPLE:
    case EXPR_LIST: use_items(w, &e->items); return;
    case EXPR_PAREN:
    case EXPR_TRANSFER:
    case EXPR_SPAWN: use_expr(w, e->operand); return;
    case EXPR_UNARY: use_expr(w, e->unary.operand); return;
    case EXPR_BINARY:
        use_expr(w, e->binary.lhs);
        use_expr(w, e->binary.rhs);
        return;
    case EXPR_COMPARE: use_items(w, &e->compare.operands); return;
    case EXPR_COND:
        use_expr(w, e->cond.cond);
        use_expr(w, e->cond.then);
        use_expr(w, e->cond.otherwise);
        return;
    case EXPR_CALL: use_call(w, e); return;
    case EXPR_INDEX:
        use_expr(w, e->index.base);
        use_args(w, &e->index.args);
        return;
    case EXPR_SLICE:
        use_expr(w, e->slice.lo);
        use_expr(w, e->slice.hi);
        use_expr(w, e->slice.step);
        return;
    case EXPR_MEMBER: use_expr(w, e->member.base); return;
    case EXPR_RANGE:
        use_expr(w, e->range.lo);
        use_expr(w, e->range.hi);
        return;
    case EXPR_GENERATOR: use_generator(w, e); return;
    case EXPR_ERROR:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BOOL:
    case EXPR_STRING:
    case EXPR_UNKNOWN:
    case EXPR_KIND_COUNT: return;
    }
    UNREACHABLE();
}

/* ---- Statements ------------------------------------------------------------------------------ */

static void walk_stmt(Walk *w, const Stmt *s);

static void walk_block(Walk *w, const Block *block) {
    for (uint32_t i = 0; i < block->stmts.len; i++) walk_stmt(w, block->stmts.data[i]);
}

/* Nothing comes after this: the meet with any other path is the other path. */
static void leave(Walk *w) { w->now = bits_new(w, true); }

static void assign_target(Walk *w, const Expr *target) {
    target = expr_bare((Expr *)(uintptr_t)target);
    if (target->kind == EXPR_TUPLE) {
        for (uint32_t i = 0; i < target->items.len; i++) assign_target(w, target->items.data[i]);
        return;
    }
    if (target->kind != EXPR_NAME) {
        use_expr(w, target);
        return;
    }
    const ExprInfo *info = expr_info(w->c, target);
    uint32_t slot = info->role == ROLE_LOCAL ? slot_of(w, info->local) : 0;
    if (slot != 0) w->now.words[slot / 64] |= UINT64_C(1) << (slot % 64);
}

static void walk_assign(Walk *w, const Stmt *s) {
    if (s->assign.has_op) use_expr(w, s->assign.target);
    use_expr(w, s->assign.value);
    assign_target(w, s->assign.target);
}

/* Entering the declaration again, in a loop, takes the value away. */
static void walk_binding(Walk *w, const Stmt *s) {
    use_expr(w, s->binding.value);
    const StmtInfo *info = stmt_info(w->c, s);
    for (uint32_t i = 0; i < info->locals.len; i++) {
        uint32_t slot = slot_of(w, info->locals.data[i]);
        if (slot != 0) w->now.words[slot / 64] &= ~(UINT64_C(1) << (slot % 64));
    }
}

static void walk_if(Walk *w, const Stmt *s) {
    Bits after = bits_new(w, true), some = bits_new(w, false);
    for (uint32_t i = 0; i < s->if_.arms.len; i++) {
        use_expr(w, s->if_.arms.data[i].cond);
        Bits before = bits_copy(w, w->now);
        walk_block(w, &s->if_.arms.data[i].body);
        bits_meet(w, after, w->now);
        bits_join(w, some, w->now);
        w->now = before;
    }
    if (s->if_.has_else) walk_block(w, &s->if_.otherwise);
    bits_meet(w, after, w->now);
    const char *when = s->if_.arms.len > 1 ? "no value on one of these paths"
                                           : "no value when this `if` is not taken";
    note_unfilled(w, some, after, s->span, when);
    if (s->if_.has_else && s->if_.arms.len == 1) {
        note_unfilled(w, w->now, after, s->span, "no value when this `if` is taken");
    }
    w->now = after;
}

static void walk_parameter_if(Walk *w, const Stmt *s) {
    const StmtInfo *info = stmt_info(w->c, s);
    if (!info->is_taken) return;
    bool is_else = info->taken == s->if_.arms.len;
    walk_block(w, is_else ? &s->if_.otherwise : &s->if_.arms.data[info->taken].body);
}

static void walk_loop(Walk *w, const Block *body, LoopRuns runs, Span span) {
    Bits at_break = bits_new(w, true), *outer_break = w->at_break;
    Bits at_next = bits_new(w, true), *outer_next = w->at_next;
    Bits before = bits_copy(w, w->now);
    w->at_break = &at_break;
    w->at_next = &at_next;
    walk_block(w, body);
    bits_meet(w, at_next, w->now);
    w->at_break = outer_break;
    w->at_next = outer_next;
    w->now = runs == RUNS_MAYBE ? before : at_break;
    if (runs == RUNS_ONCE_AT_LEAST) bits_meet(w, w->now, at_next);
    if (runs == RUNS_MAYBE) note_unfilled(w, at_next, before, span, "no value if this loop does not run");
}

static void walk_while(Walk *w, const Stmt *s) {
    use_expr(w, s->while_.cond);
    const Const *constant = expr_info(w->c, s->while_.cond)->constant;
    bool is_endless = constant != NULL && constant->kind == CONST_BOOL && constant->integer != 0;
    walk_loop(w, &s->while_.body, is_endless ? RUNS_UNTIL_BREAK : RUNS_MAYBE,
              s->span);
}

/* Bounds that are known say whether the body runs. */
static LoopRuns runs_of(Walk *w, const Expr *iter) {
    const ExprInfo *info = expr_info(w->c, expr_bare((Expr *)(uintptr_t)iter));
    if (info->role != ROLE_RANGE || info->arg_count < 2 || info->args[1] == NULL) return RUNS_MAYBE;
    Expr *lo = info->args[0], *hi = info->args[1], *step = info->arg_count > 2 ? info->args[2] : NULL;
    const Const *from = lo ? expr_info(w->c, lo)->constant : const_int(w->c, 0);
    const Const *to = expr_info(w->c, hi)->constant;
    if (from == NULL || to == NULL || step != NULL) return RUNS_MAYBE;
    return from->integer < to->integer ? RUNS_ONCE_AT_LEAST : RUNS_MAYBE;
}

static void walk_for(Walk *w, const Stmt *s) {
    use_expr(w, s->for_.iter);
    if (!s->for_.is_parameter) {
        walk_loop(w, &s->for_.body, runs_of(w, s->for_.iter), s->span);
        return;
    }
    const StmtInfo info = *stmt_info(w->c, s);
    for (uint32_t i = 0; i < info.unrolled.len; i++) walk_block(w, &info.unrolled.data[i]);
}

static void walk_try(Walk *w, const Stmt *s) {
    Bits before = bits_copy(w, w->now);
    walk_block(w, &s->try_.body);
    Bits after = w->now;
    w->now = before;
    walk_block(w, &s->try_.handler);
    Bits some = bits_copy(w, w->now);
    bits_meet(w, w->now, after);
    note_unfilled(w, after, w->now, s->span, "no value when an error comes first");
    note_unfilled(w, some, w->now, s->span, "no value when no error comes");
}

static void walk_stmt(Walk *w, const Stmt *s) {
    switch (s->kind) {
    case STMT_EXPR: use_expr(w, s->expr); return;
    case STMT_BINDING: walk_binding(w, s); return;
    case STMT_ASSIGN: walk_assign(w, s); return;
    case STMT_IF:
        if (s->if_.is_parameter) {
            walk_parameter_if(w, s);
        } else {
            walk_if(w, s);
        }
        return;
    case STMT_WHILE: walk_while(w, s); return;
    case STMT_FOR: walk_for(w, s); return;
    case STMT_BREAK:
        if (w->at_break != NULL) bits_meet(w, *w->at_break, w->now);
        leave(w);
        return;
    case STMT_CONTINUE:
        if (w->at_next != NULL) bits_meet(w, *w->at_next, w->now);
        leave(w);
        return;
    case STMT_RETURN:
    case STMT_RAISE:
        use_expr(w, s->expr);
        leave(w);
        return;
    case STMT_TRY: walk_try(w, s); return;
    case STMT_ASSERT:
        use_expr(w, s->assert_.cond);
        use_expr(w, s->assert_.message);
        return;
    case STMT_UNSAFE:
    case STMT_PARALLEL: walk_block(w, &s->block); return;
    case STMT_ERROR:
    case STMT_ALIAS:
    case STMT_PASS:
    case STMT_FN:
    case STMT_STRUCT:
    case STMT_TRAIT:
    case STMT_IMPORT:
    case STMT_KIND_COUNT: return;
    }
    UNREACHABLE();
}

/* ---- Which variables to watch ---------------------------------------------------------------- */

/* Of what owns and what looks into memory, the ownership check knows. */
static bool is_watched(const Type *type) {
    return type->kind != TYPE_ERROR && !type_owns(type) && !type_looks(type);
}

void initialised_check(Checker *c, FnSymbol *fn) {
    Walk w = {.c = c, .fn = fn};
    for (uint32_t i = 0; i < fn->locals.len; i++) {
        const Local *local = fn->locals.data[i];
        if (!local->is_empty || !is_watched(local->type)) continue;
        if (w.slots == NULL) w.slots = arena_array(c->cx->arena, uint32_t, fn->locals.len);
        w.slots[i] = ++w.count;
    }
    if (w.count == 0) return;
    w.word_count = w.count / 64 + 1;
    w.reported = arena_array(c->cx->arena, bool, w.count + 1);
    w.unfilled = arena_array(c->cx->arena, Fork, w.count + 1);
    w.now = bits_new(&w, false);
    walk_block(&w, &fn->decl->body);
}
