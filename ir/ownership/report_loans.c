#include "ir/ownership/check_loans.h"

#include <string.h>

/* ---- Who holds it, since when, until when ---------------------------------------------------- */

static bool comes_from(const Loans *l, const Loan *loan, const Loan *from) {
    while (loan != from) {
        if (loan->from == NO_LOAN) return false;
        loan = l->all.data[loan->from];
    }
    return true;
}

static bool set_brings(const Loans *l, uint32_t set, const Loan *loan) {
    for (uint32_t i = 0; i < l->sets.data[set].count; i++) {
        if (comes_from(l, loan, l->all.data[l->sets.data[set].ids[i]])) return true;
    }
    return false;
}

static bool brings_loan(const Check *ck, const Event *event, uint32_t holder, const Loan *loan) {
    const Graph *g = ck->flow->graph;
    if (event->op == NULL || event->place == NO_PLACE) return false;
    if (!places_overlap(g, event->place, holder)) return false;
    bool gives = event->op->kind == OP_SET || event->op->kind == OP_APPEND;
    return gives &&
           set_brings(ck->flow->loans, ck->flow->loans->set_of[event->op->operands[1]->id], loan);
}

/* The last assignment, before an op where there is one, that gave the holder this loan. */
static const Op *giver_of(const Check *ck, uint32_t holder, const Loan *loan, const Op *before) {
    const Graph *g = ck->flow->graph;
    const Op *found = NULL;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            const Event *event = &g->blocks.data[b].events.data[i];
            if (!brings_loan(ck, event, holder, loan)) continue;
            bool is_before = before == NULL || event->op->id < before->id;
            bool found_before = found != NULL && (before == NULL || found->id < before->id);
            if (found == NULL || (is_before && (!found_before || event->op->id > found->id))) {
                found = event->op;
            }
        }
    }
    return found;
}

static void describe(Borrow *borrow, const IrType *type) {
    borrow->is_task = type->kind == IR_TASK;
    borrow->is_pointer = type->kind == IR_BUF;
    borrow->is_window = ir_type_looks(type) || (type->kind == IR_VIEW && !type->owned) ||
                        type->kind == IR_REF || type->kind == IR_BUF;
}

Borrow borrow_of(Check *ck, LiveName holder, const Loan *loan, const Op *before) {
    const Graph *g = ck->flow->graph;
    Borrow borrow = {.op = loan->op, .span = loan->op ? loan->op->span : NO_SPAN};
    if (holder >= g->places.len) {
        const Value *value = value_of_name(ck, holder);
        if (value != NULL) describe(&borrow, value->type);
        return borrow;
    }
    describe(&borrow, g->places.data[holder].type);
    if (place_var(g, place_root(g, holder))->name.id != 0) borrow.name = place_text(g, holder);
    const Op *giver = giver_of(ck, holder, loan, before);
    if (giver == NULL) return borrow;
    const Op *def = giver->operands[1]->def;
    borrow.op = giver;
    uint32_t given = g->place_of[giver->operands[0]->id];
    bool is_apart = def != NULL && def->kind == OP_STRUCT;
    if (borrow.name != NULL && !is_apart && given != NO_PLACE &&
        place_is_within(g, holder, given)) {
        borrow.name = place_text(g, given); /* a struct that was got as a whole */
    }
    borrow.span = def != NULL && !span_is_none(def->span) ? def->span : giver->span;
    return borrow;
}

/* " (`pick` may return a view of `a` or of `b`)": where more than one argument could be behind it.
 */
static const char *returned_by(Check *ck, const Loan *loan) {
    const Loans *l = ck->flow->loans;
    while (loan->from != NO_LOAN && (loan->op == NULL || loan->op->kind != OP_CALL)) {
        loan = l->all.data[loan->from];
    }
    if (loan->op == NULL || loan->op->kind != OP_CALL) return "";
    const IrFn *callee = loan->op->attr.callee;
    if (loan->kind == LOAN_LIVES) {
        return arena_printf(ck->arena, " (returned by `%s`)", fn_text(ck, callee));
    }
    StrBuf text = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        bool may = (callee->result_of < 0 || callee->result_of == (int32_t)i) &&
                   arg->convention != ARG_OWNED &&
                   (ir_type_looks(arg->type) || ir_type_owns(arg->type)) &&
                   arg->type->kind != IR_ARENA;
        if (!may) continue;
        strbuf_printf(&text, "%s`%s`", count++ ? " or of " : "", text_of(ck->cx, arg->name));
    }
    const char *result = count < 2
                             ? arena_printf(ck->arena, " (returned by `%s`)", fn_text(ck, callee))
                             : arena_printf(ck->arena, " (`%s` may return a view of %s)",
                                            fn_text(ck, callee), strbuf_text(&text));
    strbuf_free(&text);
    return result;
}

/* "`v` borrows `t` here (...)", in the words for the loan's kind. */
static const char *borrow_text(Check *ck, const Borrow *borrow, const Loan *loan, const char *why) {
    const Graph *g = ck->flow->graph;
    const char *place = place_text(g, loan->place);
    bool is_named = place_var(g, place_root(g, loan->place))->name.id != 0;
    const char *whose = is_named ? arena_printf(ck->arena, "`%s`", place) : place;
    const char *who = borrow->name ? arena_printf(ck->arena, "`%s`", borrow->name) : NULL;
    switch (loan->kind) {
    case LOAN_LIVES:
        if (*why != '\0') {
            return arena_printf(ck->arena, "%s may be allocated in %s%s", who ? who : "this", whose,
                                why);
        }
        return arena_printf(ck->arena, "%s is allocated in %s here", who ? who : "this", whose);
    case LOAN_TASK:
        return arena_printf(ck->arena, "%s works on %s from here",
                            who ? arena_printf(ck->arena, "the task %s", who) : "this task", whose);
    case LOAN_LOOK:
    case LOAN_CALLER: break;
    }
    return who ? arena_printf(ck->arena, "%s borrows %s here%s", who, whose, why)
               : arena_printf(ck->arena, "%s is borrowed here%s", whose, why);
}

void label_borrow(Check *ck, Diag *d, const Borrow *borrow, const Loan *loan, const Op *to) {
    if (span_is_none(borrow->span)) return;
    const char *text = borrow_text(ck, borrow, loan, returned_by(ck, loan));
    const char *when =
        borrow->op != NULL && to != NULL ? choice_text(ck, borrow->op, to, NULL) : NULL;
    diag_label(ck->cx, d, borrow->span, "%s%s%s", text, when ? " " : "", when ? when : "");
}

void label_next_use(Check *ck, Diag *d, LiveName holder, Point at, const Borrow *borrow) {
    Point use;
    bool again;
    if (!next_use(ck, holder, at, &use, &again)) return;
    const Op *op = event_at(ck, use)->op;
    if (op == NULL || span_is_none(op->span)) return;
    const char *next = again ? ", in the next iteration" : "";
    if (borrow->name == NULL) {
        diag_label(ck->cx, d, op->span, "still in use here%s", next);
    } else if (borrow->is_task && op->kind == OP_WAIT) {
        diag_label(ck->cx, d, op->span, "`%s` is waited for here%s", borrow->name, next);
    } else {
        diag_label(ck->cx, d, op->span, "`%s` is used again here%s", borrow->name, next);
    }
}

void fix_append_copy(Check *ck, Diag *d, const Value *value) {
    const Op *def = value->def;
    if (def == NULL || span_is_none(def->span) || !type_can_copy(value->type)) return;
    Span span = def->span;
    const char *text = source_text(ck, span);
    size_t length = strlen(text);
    if (length == 0) return;
    Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "`.copy()` makes a value of its own");
    if (text[length - 1] == '^') {
        Span mark = {span.file, span.end - 1, span.end};
        fix_replace(ck->cx, fix, mark, ".copy()");
    } else {
        fix_replace(ck->cx, fix, span_after(span), ".copy()");
    }
}

/* ---- The message ----------------------------------------------------------------------------- */

typedef struct Telling {
    const Conflict *c;
    Check *ck;
    Borrow borrow;
    const char *place; /* that the event changes */
    const char *may;   /* "may " where the loan is not on every path */
    const char *who;   /* "`v`", or what it is when it has no name */
} Telling;

static const Op *walking_loop(const Conflict *c) {
    const Graph *g = c->ck->flow->graph;
    if (c->holder < g->places.len) return NULL;
    const Value *value = value_of_name(c->ck, c->holder);
    if (value == NULL || value->def == NULL) return NULL;
    for (const Op *at = c->event->op->parent->parent; at != NULL; at = at->parent->parent) {
        bool is_loop = at->kind == OP_FOR || at->kind == OP_WHILE;
        if (is_loop && value->def != at && !op_is_inside(value->def, at)) return at;
    }
    return NULL;
}

static Diag *tell_loop(const Telling *t) {
    const Conflict *c = t->c;
    const char *verb = c->access == ACCESS_MOVE ? "move" : "change";
    Diag *d = check_error(t->ck, K0334, c->event->op->span,
                          "cannot %s `%s` while this loop is walking over it", verb, t->place);
    diag_primary_label(t->ck->cx, d, "%sd here", verb);
    diag_label(t->ck->cx, d, c->loan->op->span, "the loop reads `%s` on every iteration",
               place_text(t->ck->flow->graph, c->loan->place));
    diag_fix(t->ck->cx, d, FIX_SUGGESTED, "loop over indices: `for i in 0..%s.len():`", t->place);
    return d;
}

static const char *access_verb(Access access) {
    switch (access) {
    case ACCESS_READ: return "read";
    case ACCESS_WRITE:
    case ACCESS_REPLACE: return "change";
    case ACCESS_MOVE: return "move";
    }
    return "";
}

static Diag *tell_task(const Telling *t) {
    const Conflict *c = t->c;
    Diag *d = check_error(
        t->ck, K0362, c->event->op->span, "cannot %s `%s` until %s is done with it",
        access_verb(c->access), t->place,
        t->borrow.name ? arena_printf(t->ck->arena, "the task %s", t->who) : "the task");
    if (t->borrow.name == NULL) return d;
    const Source *source = source_of(&t->ck->cx->sources, c->event->op->span);
    if (source == NULL) return d;
    diag_fix(t->ck->cx, d, FIX_SUGGESTED, "move `%s.wait()` before line %u", t->borrow.name,
             source_line_col(source, c->event->op->span.start).line);
    return d;
}

static Diag *tell_resident(const Telling *t) {
    const Conflict *c = t->c;
    Check *ck = t->ck;
    const char *arena = place_text(ck->flow->graph, c->loan->place);
    const char *s = *t->may != '\0' ? "" : "s";
    const char *how = t->borrow.is_task ? arena_printf(ck->arena, "work%s on what lives in it", s)
                      : t->borrow.is_window
                          ? arena_printf(ck->arena, "look%s into what lives in it", s)
                          : arena_printf(ck->arena, "live%s in it", s);
    if (c->access == ACCESS_MOVE) {
        return check_error(ck, K0353, c->event->op->span, "cannot move `%s` while %s %sstill %s",
                           t->place, t->who, t->may, how);
    }
    if (c->event->op->kind == OP_CALL) {
        return check_error(ck, K0351, c->event->op->span,
                           "cannot pass `%s` as `inout` while %s %sstill %s: `%s` may reset it",
                           t->place, t->who, t->may, how, fn_text(ck, c->event->op->attr.callee));
    }
    const char *verb = c->event->op->kind == OP_RESET ? "reset" : "replace";
    return check_error(ck, K0351, c->event->op->span, "cannot %s `%s` while %s %sstill %s", verb,
                       c->event->op->kind == OP_RESET ? arena : t->place, t->who, t->may, how);
}

/* The LEND is for a view with a name, rather than for one element or call. */
static bool makes_view(const Conflict *c) {
    const WindowUse *use = &c->ck->flow->graph->uses[op_result(c->event->op)->id];
    return use->call == NULL && (use->narrow == NULL || use->narrow->kind == OP_SLICE);
}

static Diag *tell_window(const Telling *t) {
    const Conflict *c = t->c;
    Check *ck = t->ck;
    Span span = c->event->op->span;
    const char *look = *t->may ? "look" : "looks";
    if (c->access == ACCESS_READ) {
        return t->borrow.name
                   ? check_error(ck, K0336, span,
                                 "cannot read `%s` while the mutable view %s %sin use", t->place,
                                 t->who, *t->may ? "may be " : "is ")
                   : check_error(ck, K0336, span,
                                 "cannot read `%s` while a mutable view of it is in use", t->place);
    }
    if (c->access == ACCESS_MOVE && t->borrow.is_pointer && t->borrow.name == NULL) {
        return check_error(ck, K0333, span, "cannot move `%s` while a pointer into it is in use",
                           t->place);
    }
    if (c->access == ACCESS_MOVE) {
        return check_error(ck, K0333, span, "cannot move `%s` while %s %sstill %s into it",
                           t->place, t->who, t->may, look);
    }
    if (!c->loan->is_mutable) {
        return check_error(ck, K0332, span, "cannot change `%s` while %s %sstill %s into it",
                           t->place, t->who, t->may, look);
    }
    Diag *d =
        t->borrow.name
            ? check_error(ck, K0335, span, "`%s` %shas a mutable view in use: %s", t->place,
                          *t->may ? "perhaps already " : "already ", t->who)
            : check_error(ck, K0335, span, "`%s` already has a mutable view in use", t->place);
    bool is_view = c->event->op->kind == OP_LEND && makes_view(c);
    if (is_view) {
        diag_fix(ck->cx, d, FIX_SUGGESTED, "`%s.split_mut(k)` gives two views that do not overlap",
                 t->place);
    }
    return d;
}

/* Who changes, reads or moves it. */
static void label_access(const Telling *t, Diag *d) {
    const Conflict *c = t->c;
    const Op *op = c->event->op;
    bool lends = op->kind == OP_LEND;
    const Op *call = op->kind == OP_CALL ? op
                     : lends             ? t->ck->flow->graph->uses[op_result(op)->id].call
                                         : NULL;
    const char *past = c->access == ACCESS_READ   ? "read"
                       : c->access == ACCESS_MOVE ? "moved"
                                                  : "changed";
    if (call != NULL && call->attr.callee->source_name.id != 0) {
        diag_primary_label(t->ck->cx, d, "%s by `%s`", past, fn_text(t->ck, call->attr.callee));
    } else if (op->kind == OP_RESET) {
        diag_primary_label(t->ck->cx, d, "reset here");
    } else {
        diag_primary_label(t->ck->cx, d, "%s here", past);
    }
}

void report_conflict(const Conflict *c) {
    Check *ck = c->ck;
    if (!check_blame(ck, c->event->place)) return;
    if (c->call != NULL && (c->loan == NULL || c->loan->kind == LOAN_LOOK) &&
        c->access != ACCESS_MOVE) {
        report_same_call(c);
        return;
    }
    Telling t = {
        .c = c, .ck = ck, .place = place_text(ck->flow->graph, c->event->place), .may = ""};
    t.borrow = borrow_of(ck, c->holder, c->loan, c->event->op);
    if (t.borrow.op != NULL && t.borrow.name != NULL && c->holder < ck->flow->graph->places.len) {
        bool is_later = t.borrow.op->id > c->event->op->id; /* then in an earlier iteration */
        if (is_later || choice_around(t.borrow.op, c->event->op, NULL) != NULL) t.may = "may ";
    }
    t.who = t.borrow.name                 ? arena_printf(ck->arena, "`%s`", t.borrow.name)
            : c->loan->kind == LOAN_LIVES ? "a value that is used later"
            : t.borrow.is_pointer         ? "a pointer into it"
                                          : "a view of it";
    if (t.borrow.name != NULL) ck->blamed[place_root(ck->flow->graph, c->holder)] = true;
    Diag *d;
    if (c->loan->kind == LOAN_LOOK && walking_loop(c) != NULL && c->access != ACCESS_READ) {
        tell_loop(&t);
        return;
    }
    switch (c->loan->kind) {
    case LOAN_TASK: d = tell_task(&t); break;
    case LOAN_LIVES: d = tell_resident(&t); break;
    case LOAN_LOOK:
    case LOAN_CALLER:
    default: d = tell_window(&t); break;
    }
    label_access(&t, d);
    label_borrow(ck, d, &t.borrow, c->loan, c->event->op);
    label_next_use(ck, d, c->holder, c->at, &t.borrow);
}
