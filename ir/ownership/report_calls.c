#include "ir/ownership/check_loans.h"

#include <string.h>

/* K0331: what one call changes overlaps another of its arguments. */

typedef struct Side {
    const IrArg *arg; /* NULL: not known */
    Span span;
    uint32_t place;
    const char *text; /* as the source says, `t[i]` */
} Side;

static const IrArg *arg_at(const Op *call, uint32_t operand) {
    const IrFn *callee = call->attr.callee;
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        if (operand >= arg->first && operand < arg->first + arg->count) return arg;
    }
    return NULL;
}

/* Whether the operand is, or was made from, the window. */
static bool is_made_from(const Value *operand, const Value *window) {
    while (operand != window) {
        const Op *def = operand->def;
        if (def == NULL || def->operand_count == 0) return false;
        switch ((int)def->kind) {
        case OP_BUF:
        case OP_SLICE:
        case OP_ITEM:
        case OP_FIELD:
        case OP_LEND:
        case OP_VIEW:
        case OP_STRIDED: operand = def->operands[0]; break;
        default: return false;
        }
    }
    return true;
}

/* The expression that the argument is: the last thing that was made of the window for it. */
static Span span_of_argument(const Value *operand) {
    const Op *def = operand->def;
    while (def != NULL && (def->kind == OP_BUF || def->kind == OP_VIEW))
        def = def->operands[0]->def;
    return def != NULL ? def->span : NO_SPAN;
}

static Side side_of_window(const Conflict *c, const Value *window, uint32_t place) {
    Side side = {.place = place};
    for (uint32_t i = 0; i < c->call->operand_count; i++) {
        if (!is_made_from(c->call->operands[i], window)) continue;
        side.arg = arg_at(c->call, i);
        side.span = span_of_argument(c->call->operands[i]);
        break;
    }
    return side;
}

static Side side_of_place(const Conflict *c, uint32_t place, bool from_end) {
    const Graph *g = c->ck->flow->graph;
    Side side = {.place = place, .span = c->call->span};
    for (uint32_t n = 0; n < c->call->operand_count; n++) {
        uint32_t i = from_end ? c->call->operand_count - 1 - n : n;
        const Value *operand = c->call->operands[i];
        const Value *ref = operand->type->kind == IR_REF ? operand
                           : operand->type->kind == IR_ARENA && operand->def != NULL &&
                                   operand->def->kind == OP_GET
                               ? operand->def->operands[0]
                               : NULL;
        if (ref == NULL || g->place_of[ref->id] != place) continue;
        side.arg = arg_at(c->call, i);
        if (operand->def != NULL && operand->def->kind != OP_VAR) side.span = operand->def->span;
        break;
    }
    return side;
}

static void find_sides(const Conflict *c, Side *now, Side *before) {
    const Event *event = c->event;
    bool lends = event->op->kind == OP_LEND;
    *now = lends ? side_of_window(c, op_result(event->op), event->place)
                 : side_of_place(c, event->place, true);
    if (c->other != NULL) {
        *before = side_of_place(c, c->other->place, false);
    } else {
        *before = side_of_window(c, value_of_name(c->ck, c->holder), c->loan->place);
    }
    now->text = source_text(c->ck, now->span);
    before->text = source_text(c->ck, before->span);
}

static bool is_changed(const Side *side) {
    return side->arg == NULL || side->arg->convention == ARG_INOUT || side->arg->is_mutable;
}

static void label_side(const Conflict *c, Diag *d, const Side *side) {
    if (span_is_none(side->span) || side->arg == NULL) return;
    const char *name = text_of(c->ck->cx, side->arg->name);
    const char *inout = side->arg->convention == ARG_INOUT ? "inout " : "";
    diag_label(c->ck->cx, d, side->span, "%s here (`%s%s`)", is_changed(side) ? "changed" : "read",
               inout, name);
}

/* ---- Elements -------------------------------------------------------------------------------- */

static const Op *item_of(const Conflict *c, const Side *side, uint32_t skip) {
    for (uint32_t i = 0; i < c->call->operand_count; i++) {
        const Op *def = c->call->operands[i]->def;
        if (def == NULL || def->kind != OP_ITEM || c->call->operands[i]->type->kind != IR_REF)
            continue;
        if (def->span.start != side->span.start || def->span.end != side->span.end) continue;
        if (skip-- == 0) return def;
    }
    return NULL;
}

/* `i` of `t[i]`. */
static const char *index_text(const Check *ck, const Op *item) {
    const char *text = source_text(ck, item->span);
    const char *open = strrchr(text, '['), *close = strrchr(text, ']');
    if (open == NULL || close == NULL || close < open) return "";
    return arena_strndup(ck->arena, open + 1, (size_t)(close - open - 1));
}

/* Arrays of one dimension swap their elements themselves. */
static void fix_swap(const Conflict *c, Diag *d, uint32_t array, const char *i, const char *j) {
    Check *ck = c->ck;
    const IrFn *callee = c->call->attr.callee;
    const IrType *type = ck->flow->graph->places.data[array].type;
    bool swaps = strncmp(fn_text(ck, callee), "swap", 4) == 0 && callee->args.len == 2 &&
                 callee->results.len == 0 && c->call->result_count == 0;
    if (!swaps || type->kind != IR_VIEW || type->rank != 1) return;
    const char *name = place_text(ck->flow->graph, array);
    const char *text = arena_printf(ck->arena, "%s.swap(%s, %s)", name, i, j);
    Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "`%s`", text);
    fix_replace(ck->cx, fix, c->call->span, text);
}

/* `t[i]` and `t[j]`, of which nobody knows whether they differ. */
static bool report_elements(const Conflict *c, const Side *now, const Side *before) {
    Check *ck = c->ck;
    const Op *a = item_of(c, before, 0), *b = item_of(c, now, 0);
    if (a == NULL || b == NULL || a == b || now->place != before->place) return false;
    if (frames_same(c->frame, c->loan ? c->loan->frame : NULL)) return false;
    const char *i = index_text(ck, a), *j = index_text(ck, b);
    Diag *d = check_error(ck, K0331, c->call->span, "`%s` and `%s` may be the same element",
                          before->text, now->text);
    diag_primary_label(ck->cx, d, "`%s` changes %s", fn_text(ck, c->call->attr.callee),
                       is_changed(now) && is_changed(before) ? "both" : "one of them");
    diag_label(ck->cx, d, now->span, "they are the same when `%s == %s`", i, j);
    fix_swap(c, d, now->place, i, j);
    return true;
}

/* ---- The whole ------------------------------------------------------------------------------- */

/* The argument that is only read can be a copy. */
static void fix_read_copy(const Conflict *c, Diag *d, const Side *side) {
    Check *ck = c->ck;
    const Graph *g = ck->flow->graph;
    const char *name = place_text(g, side->place);
    if (is_changed(side) || strcmp(side->text, name) != 0) return;
    const IrType *type = g->places.data[side->place].type;
    if (!type_can_copy(type) || c->call->span.file != side->span.file) return;
    const char *with = arena_printf(ck->arena, "%s.copy()", name);
    Span call = c->call->span;
    if (side->span.start < call.start || side->span.end > call.end) return;
    Span head = {call.file, call.start, side->span.start},
         tail = {call.file, side->span.end, call.end};
    Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "pass a copy: `%s%s%s`", source_text(ck, head),
                        with, source_text(ck, tail));
    fix_replace(ck->cx, fix, side->span, with);
}

void report_same_call(const Conflict *c) {
    Check *ck = c->ck;
    const Graph *g = ck->flow->graph;
    Side now, before;
    find_sides(c, &now, &before);
    if (report_elements(c, &now, &before)) return;
    uint32_t outer = place_is_within(g, now.place, before.place) ? before.place : now.place;
    uint32_t inner = outer == now.place ? before.place : now.place;
    Diag *d = check_error(ck, K0331, c->call->span,
                          "`%s` is passed twice to `%s`, which changes one of them",
                          place_text(g, outer), fn_text(ck, c->call->attr.callee));
    label_side(c, d, &before);
    label_side(c, d, &now);
    if (outer != inner) {
        const Side *part = inner == now.place ? &now : &before;
        Span span = span_is_none(part->span) ? c->call->span : part->span;
        diag_label(ck->cx, d, span, "`%s` is part of `%s`", place_text(g, inner),
                   place_text(g, outer));
    }
    fix_read_copy(c, d, is_changed(&now) ? &before : &now);
}
