#include "ir/ownership/check.h"

/* ---- Why a place has no value ---------------------------------------------------------------- */

typedef struct Report {
    Check *ck;
    Diag *d;
    Point at;
    const Event *event;
    uint32_t place;
    const Missing *missing;
} Report;

static const char *text_of_place(const Report *r, uint32_t place) {
    return place_text(r->ck->flow->graph, place);
}

static bool is_move(const Op *op) { return op->kind == OP_MOVE || op->kind == OP_WAIT; }

/* The owned argument of a call that fails is gone as well. */
static bool is_lost_in_failure(const Report *r) {
    const Op *cause = r->missing->cause, *call = consumer_of(cause);
    if (call == NULL || call->kind != OP_CALL || !call->attr.callee->raises) return false;
    const Region *arm;
    const Op *choice = choice_around(cause, r->event->op, &arm);
    return choice != NULL && choice->kind == OP_TRY && arm == choice->regions[0];
}

static const char *moved_here(Report *r) {
    const Op *cause = r->missing->cause;
    if (cause->kind == OP_WAIT) return "`wait` uses up the task here";
    if (r->missing->place != r->place &&
        place_is_within(r->ck->flow->graph, r->missing->place, r->place)) {
        const Place *p = &r->ck->flow->graph->places.data[r->missing->place];
        const IrType *outer = r->ck->flow->graph->places.data[p->parent].type;
        return arena_printf(r->ck->arena, "field `%s` moved here",
                            text_of(r->ck->cx, outer->fields[p->field].name));
    }
    return "moved here";
}

/* The first STORE that fills the place after the cause, inside of a choice that the use is not in.
 */
static const Op *conditional_fill(Report *r, const Op **choice, const Region **arm) {
    const Graph *g = r->ck->flow->graph;
    const Op *found = NULL;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        if (g->is_cut[b]) continue;
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            const Event *event = &g->blocks.data[b].events.data[i];
            if (event->kind != EVENT_STORE || event->op->id < r->missing->cause->id) continue;
            if (!place_is_within(g, r->missing->place, event->place)) continue;
            const Op *around = choice_around(event->op, r->event->op, arm);
            if (around == NULL || (found != NULL && found->id > event->op->id)) continue;
            found = event->op;
            *choice = around;
        }
    }
    if (found != NULL) choice_around(found, r->event->op, arm);
    return found;
}

static void label_choice(Report *r, const Op *choice, const char *text) {
    diag_label(r->ck->cx, r->d, choice->span, "%s", text);
}

/* ---- K0310 ----------------------------------------------------------------------------------- */

static const char *unfilled_text(const Report *r, const Op *choice, const Region *arm) {
    const Check *ck = r->ck;
    switch ((int)choice->kind) {
    case OP_IF:
        return arena_printf(ck->arena, "no value when this %s is %staken", choice_name(ck, choice),
                            arm == choice->regions[0] ? "not " : "");
    case OP_TRY:
        return arm == choice->regions[0] ? "no value when an error comes first"
                                         : "no value when no error comes";
    default: return "no value if this loop does not run";
    }
}

static void report_no_value(Report *r) {
    Check *ck = r->ck;
    const IrVar *var = place_var(ck->flow->graph, r->missing->place);
    const char *name = text_of_place(r, r->missing->place);
    r->d = check_error(
        ck, K0310, r->event->op->span,
        r->missing->always ? "`%s` has no value yet" : "`%s` may not have a value yet", name);
    diag_primary_label(ck->cx, r->d, "used here");
    bool is_self = r->missing->cause->kind != OP_VAR;
    Span declared = span_is_none(var->declared) ? r->missing->cause->span : var->declared;
    diag_label(ck->cx, r->d, declared, "%s",
               is_self ? "empty when `__init__` begins" : "declared here without a value");
    const Op *choice = NULL;
    const Region *arm = NULL;
    if (!r->missing->always && conditional_fill(r, &choice, &arm) != NULL) {
        label_choice(r, choice, unfilled_text(r, choice, arm));
    }
}

/* ---- K0303 ----------------------------------------------------------------------------------- */

static bool refills_in(const Report *r, const Op *loop) {
    const Graph *g = r->ck->flow->graph;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            const Event *event = &g->blocks.data[b].events.data[i];
            if (event->kind == EVENT_STORE && op_is_inside(event->op, loop) &&
                place_is_within(g, r->missing->place, event->place)) {
                return true;
            }
        }
    }
    return false;
}

static void report_next_iteration(Report *r, const Edge *crossed) {
    Check *ck = r->ck;
    const Op *cause = r->missing->cause;
    const char *name = text_of_place(r, r->missing->place);
    bool moves = r->event->kind == EVENT_MOVE;
    r->d = check_error(ck, K0303, r->event->op->span,
                       moves ? "`%s` is moved in every iteration, but there is only one `%s`"
                             : "use of `%s` after an earlier iteration of the loop moved `%s`",
                       name, name);
    if (cause == r->event->op) {
        diag_primary_label(ck->cx, r->d, "moved here, in an earlier iteration of this loop");
    } else {
        diag_primary_label(ck->cx, r->d, moves ? "moved again here" : "used here after the move");
        diag_label(ck->cx, r->d, cause->span, "moved here, in an earlier iteration of this loop");
    }
    if (crossed == NULL) return;
    bool refills = refills_in(r, crossed->loop);
    if (crossed->op->kind == OP_CONTINUE && refills) {
        diag_label(ck->cx, r->d, crossed->op->span,
                   "this `continue` skips the line that refills `%s`", name);
    } else {
        diag_label(ck->cx, r->d, crossed->loop->span, "this loop can run more than once");
    }
    fix_copy(ck, r->d, cause, r->missing->place, false);
}

/* ---- K0301, K0302 ---------------------------------------------------------------------------- */

/* `let p = Pair(a^, b^)`: what was `a` is `p.a` now. */
static bool fix_new_owner(Report *r) {
    Check *ck = r->ck;
    const Graph *g = ck->flow->graph;
    const Op *made = consumer_of(r->missing->cause);
    if (made == NULL || made->kind != OP_STRUCT || r->event->kind == EVENT_MOVE) return false;
    const Op *set = consumer_of(made);
    if (set == NULL || set->kind != OP_SET || r->missing->place != r->place) return false;
    uint32_t owner = g->place_of[set->operands[0]->id];
    if (owner == NO_PLACE || place_var(g, owner)->name.id == 0) return false;
    const IrType *type = g->places.data[owner].type;
    for (uint32_t i = 0; i < made->operand_count; i++) {
        if (made->operands[i] != op_result(r->missing->cause)) continue;
        const char *text = arena_printf(ck->arena, "%s.%s", place_text(g, owner),
                                        text_of(ck->cx, type->fields[i].name));
        if (source_text(ck, r->event->op->span)[0] == '\0') return false;
        Fix *fix =
            diag_fix(ck->cx, r->d, FIX_AUTOMATIC, "read it through the new owner: `%s`", text);
        fix_replace(ck->cx, fix, r->event->op->span, text);
        return true;
    }
    return false;
}

static void report_surely_moved(Report *r) {
    Check *ck = r->ck;
    const char *used = text_of_place(r, r->place), *moved = text_of_place(r, r->missing->place);
    bool is_part = r->missing->place != r->place;
    r->d = is_part
               ? check_error(ck, K0301, r->event->op->span, "use of `%s` after `%s` was moved",
                             used, moved)
               : check_error(ck, K0301, r->event->op->span, "use of `%s` after it was moved", used);
    diag_primary_label(ck->cx, r->d, "used here after the move");
    diag_label(ck->cx, r->d, r->missing->cause->span, "%s%s", moved_here(r),
               is_lost_in_failure(r) ? " (the callee owns it even if it fails)" : "");
    if (!fix_new_owner(r)) fix_copy(ck, r->d, r->missing->cause, r->missing->place, true);
}

/* Either the move, or what fills the place again, is not on every path. */
static void report_maybe_moved(Report *r) {
    Check *ck = r->ck;
    const Op *cause = r->missing->cause;
    const char *name = text_of_place(r, r->missing->place);
    r->d = check_error(ck, K0302, r->event->op->span, "`%s` may already have been moved", name);
    diag_primary_label(ck->cx, r->d, "used here after the move");
    const char *when = choice_text(ck, cause, r->event->op, NULL);
    const char *failing = is_lost_in_failure(r) ? " (the callee owns it even if it fails)" : "";
    if (when != NULL && *failing == '\0') {
        diag_label(ck->cx, r->d, cause->span, "%s %s", moved_here(r), when);
    } else {
        diag_label(ck->cx, r->d, cause->span, "%s%s", moved_here(r), failing);
    }
    const Op *choice = NULL;
    const Region *arm = NULL;
    const Op *fill = when == NULL ? conditional_fill(r, &choice, &arm) : NULL;
    if (fill != NULL) {
        const char *only = choice_text(ck, fill, r->event->op, NULL);
        bool is_loop = choice->kind == OP_FOR || choice->kind == OP_WHILE;
        diag_label(ck->cx, r->d, choice->span, "`%s` only gets a new value %s", name,
                   is_loop ? "if this loop runs at least once" : only);
    }
    fix_copy(ck, r->d, cause, r->missing->place, false);
}

/* ---- K0307 ----------------------------------------------------------------------------------- */

static void report_hole(Report *r) {
    Check *ck = r->ck;
    const Graph *g = ck->flow->graph;
    const char *whole = text_of_place(r, r->place), *part = text_of_place(r, r->missing->place);
    const Place *p = &g->places.data[r->missing->place];
    const char *field = text_of(ck->cx, g->places.data[p->parent].type->fields[p->field].name);
    const char *format = r->missing->always
                             ? "`%s` is incomplete: its field `%s` was moved"
                             : "`%s` may be incomplete: its field `%s` may have been moved";
    r->d = check_error(ck, K0307, r->event->op->span, format, whole, field);
    diag_primary_label(ck->cx, r->d, "the whole of `%s` is needed here", whole);
    const char *when = choice_text(ck, r->missing->cause, r->event->op, NULL);
    diag_label(ck->cx, r->d, r->missing->cause->span, "%s%s%s", moved_here(r), when ? " " : "",
               when ? when : "");
    diag_fix(ck->cx, r->d, FIX_SUGGESTED, "give `%s` a new value first", part);
}

void report_missing(Check *ck, Point at, const Missing *missing) {
    Report r = {ck, NULL, at, event_at(ck, at), event_at(ck, at)->place, missing};
    if (!check_blame(ck, r.place)) return;
    if (!is_move(missing->cause)) {
        report_no_value(&r);
        return;
    }
    Point cause = point_of(ck, missing->cause, EVENT_MOVE);
    const Edge *crossed = NULL;
    bool forward = path_exists(ck, cause, at, missing->place, false, NULL);
    if (!forward && path_exists(ck, cause, at, missing->place, true, &crossed)) {
        report_next_iteration(&r, crossed);
    } else if (missing->place != r.place &&
               place_is_within(ck->flow->graph, missing->place, r.place)) {
        report_hole(&r);
    } else if (missing->always) {
        report_surely_moved(&r);
    } else {
        report_maybe_moved(&r);
    }
}

/* ---- K0333 of what `.ptr()` keeps ------------------------------------------------------------ */

void report_pinned(Check *ck, Point at, const Missing *missing) {
    const Event *keep = event_at(ck, at);
    if (!is_move(missing->cause) || !check_blame(ck, keep->place)) return;
    const char *name = place_text(ck->flow->graph, missing->place);
    Diag *d = check_error(ck, K0333, missing->cause->span,
                          "cannot move `%s`: `.ptr()` keeps it to the end of the block", name);
    diag_primary_label(ck->cx, d, "moved here");
    diag_label(ck->cx, d, keep->op->span, "a pointer into `%s` is made here", name);
    fix_copy(ck, d, missing->cause, missing->place, false);
}

/* ---- K0309 ----------------------------------------------------------------------------------- */

static const char *leaving_text(const Check *ck, const Op *leave) {
    bool fails = leave != NULL && leave->kind == OP_RAISE;
    return arena_printf(ck->arena, "when `%s` %s", fn_text(ck, ck->fn),
                        fails ? "fails" : "returns");
}

void report_incomplete(Check *ck, Point at, uint32_t place, const Missing *missing) {
    const Graph *g = ck->flow->graph;
    if (!check_blame(ck, place)) return;
    const Op *leave = event_at(ck, at)->op;
    const IrVar *var = place_var(g, place);
    const char *name = place_text(g, place), *part = place_text(g, missing->place);
    bool is_part = missing->place != place, moved = is_move(missing->cause);
    const char *what = moved ? (missing->always ? "was moved" : "may have been moved")
                             : (missing->always ? "has no value" : "may have no value");
    const char *which = is_part ? arena_printf(ck->arena, "`%s`", part) : "it";
    Diag *d = check_error(ck, K0309, var->declared, "`%s` must be complete %s, but %s %s", name,
                          leaving_text(ck, leave), which, what);
    diag_primary_label(ck->cx, d, "the caller wants it back");
    if (moved) {
        const char *when = leave ? choice_text(ck, missing->cause, leave, NULL) : NULL;
        diag_label(ck->cx, d, missing->cause->span, "moved here%s%s", when ? " " : "",
                   when ? when : "");
    }
    if (leave != NULL) diag_label(ck->cx, d, leave->span, "`%s` ends here", fn_text(ck, ck->fn));
    diag_fix(ck->cx, d, FIX_SUGGESTED, "assign `%s` before returning", part);
}
