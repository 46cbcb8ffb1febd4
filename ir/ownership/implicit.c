#include "ir/ownership/check.h"

/* `u = t` in a `def`: a move where `t` is not used again and nothing looks into it, else a copy
 * that is said. */

typedef struct Implicit {
    Check *ck;
    LoanCursor *at;
} Implicit;

static bool is_any(void *user, LiveName holder, const Loan *loan) {
    (void)holder;
    (void)loan;
    *(bool *)user = true;
    return false;
}

/* A field of a type with a `__del__` stays where it is. */
static bool is_guarded(const Graph *g, uint32_t place) {
    for (uint32_t at = g->places.data[place].parent; at != NO_PLACE;
         at = g->places.data[at].parent) {
        if (g->places.data[at].type->del != NULL) return true;
    }
    return false;
}

static bool can_move(const Implicit *m, const Event *event, int64_t index) {
    const Flow *flow = m->ck->flow;
    const Graph *g = flow->graph;
    VarRole role = place_var(g, place_root(g, event->place))->role;
    if (role == VAR_BORROWED || role == VAR_OUT || role == VAR_CONSTANT) return false;
    const IrType *held = g->places.data[event->place].type;
    if (held != op_result(event->op)->type || is_guarded(g, event->place)) return false;
    if (live_after(flow->live, event->place, m->at->block, index)) return false;
    /* what lives in an arena would take that along; a copy does not */
    if (loans_of_place(m->at, event->place) != NO_LOANS) return false;
    bool is_held = false;
    loans_on(m->at, event->place, index, is_any, &is_held);
    return !is_held;
}

/* As the user would write it. */
static void put_type(const Check *ck, const IrType *type, StrBuf *out) {
    if (type->kind == IR_VIEW || type->kind == IR_LIST) {
        strbuf_puts(out, type->kind == IR_VIEW ? "Tensor[" : "List[");
        put_type(ck, type->elem, out);
        for (uint32_t i = 0; type->kind == IR_VIEW && i < type->rank; i++) strbuf_puts(out, ", ?");
        strbuf_putc(out, ']');
    } else if (type->kind == IR_STRUCT) {
        strbuf_puts(out, text_of(ck->cx, type->name));
    } else if (type == ir_i64(ck->fn->module)) {
        strbuf_puts(out, "int");
    } else {
        ir_type_print(ck->cx, type, out);
    }
}

static const char *type_text(const Check *ck, uint32_t place, const IrType *type) {
    const char *written = place != NO_PLACE ? place_var(ck->flow->graph, place)->type : NULL;
    bool is_whole = place != NO_PLACE && place_root(ck->flow->graph, place) == place;
    if (written != NULL && is_whole) return written;
    StrBuf text = {0};
    put_type(ck, type, &text);
    const char *copy = arena_strndup(ck->arena, strbuf_text(&text), text.len);
    strbuf_free(&text);
    return copy;
}

static void tell_copy(Check *ck, const Op *op, uint32_t place) {
    const char *source = source_text(ck, op->span);
    const char *name = *source != '\0'     ? source
                       : place != NO_PLACE ? place_text(ck->flow->graph, place)
                                           : "";
    const char *type = type_text(ck, place, op_result(op)->type);
    Diag *d;
    if (ck->options->deny_implicit_copy) {
        d = check_error(ck, K0394, op->span,
                        "implicit copy of `%s` (%s) is denied by --deny=implicit-copy", name, type);
        Fix *fix = diag_fix(ck->cx, d, FIX_AUTOMATIC, "`%s.copy()`", name);
        fix_replace(ck->cx, fix, span_after(op->span), ".copy()");
    } else {
        d = diag_add(ck->cx, N0393, op->span,
                     "copied `%s` here (%s); write `.copy()` or `^` to silence this note", name,
                     type);
    }
    diag_primary_label(ck->cx, d, "copied here");
}

static void settle(Implicit *m, Event *event, int64_t index) {
    if (event->kind == EVENT_SHARE && can_move(m, event, index)) {
        event->op->kind = OP_MOVE;
        event->op->attr.flag = false;
        event->kind = EVENT_MOVE;
        return;
    }
    tell_copy(m->ck, event->op, event->place);
}

static bool is_implicit_copy(const Event *event) {
    return event->op != NULL && event->op->kind == OP_DUP && event->op->attr.flag;
}

static bool has_implicit_copy(const Graph *g) {
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            if (is_implicit_copy(&g->blocks.data[b].events.data[i])) return true;
        }
    }
    return false;
}

void check_implicit(Check *ck) {
    const Graph *g = ck->flow->graph;
    if (!has_implicit_copy(g)) return;
    Implicit m = {ck, loans_cursor(ck->arena, ck->flow->loans)};
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        if (g->is_cut[b]) continue;
        loans_begin(m.at, b);
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            Event *event = &g->blocks.data[b].events.data[i];
            bool is_implicit = is_implicit_copy(event);
            bool is_first = i == 0 || g->blocks.data[b].events.data[i - 1].op != event->op;
            loans_step(m.at);
            if (is_implicit && is_first) settle(&m, event, i);
        }
    }
}
