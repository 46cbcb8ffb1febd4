#include "ir/ownership/check_loans.h"

/* ---- What an event does to its place --------------------------------------------------------- */

static bool access_of(const Check *ck, const Event *event, Access *access) {
    switch (event->kind) {
    case EVENT_READ:
        *access = ACCESS_READ;
        return !event_is_peek(ck->flow->graph, event);
    case EVENT_SHARE:
        *access = ACCESS_READ;
        return event->op->kind != OP_SPAWN && !event_is_peek(ck->flow->graph, event);
    case EVENT_MUTATE: *access = ACCESS_WRITE; return !event_is_peek(ck->flow->graph, event);
    case EVENT_STORE: *access = ACCESS_REPLACE; return true;
    case EVENT_MOVE: *access = ACCESS_MOVE; return true;
    case EVENT_DECLARE:
    case EVENT_KEEP:
    case EVENT_USE:
    case EVENT_RETURN:
    case EVENT_END: return false;
    }
    return false;
}

/* Which elements a LEND is made for, where what follows it at once says so. */
static const Frame *frame_of_access(const Check *ck, const Event *event) {
    Loans *l = ck->flow->loans;
    const Op *op = event->op;
    if (op->kind != OP_LEND) return NULL;
    const Value *window = op_result(op);
    const IrType *held = op->operands[0]->type->elem;
    const Frame *frame = held->kind == IR_VIEW   ? l->whole[held->rank]
                         : held->kind == IR_LIST ? l->whole[1]
                                                 : NULL;
    for (;;) {
        const Op *narrow = l->graph->uses[window->id].narrow;
        if (narrow == NULL || narrow->parent != op->parent) return frame;
        frame = frame_narrow(&l->values, frame, narrow);
        if (narrow->kind == OP_LOAD || narrow->kind == OP_STORE) return frame;
        window = op_result(narrow);
    }
}

/* ---- Who is in the way ----------------------------------------------------------------------- */

enum { WORST_RANK = 6 };

typedef struct Look {
    Conflict *c;
    const Frame *frame;
    int rank; /* of what was found; greater is worse to tell */
} Look;

static bool loan_forbids(const Conflict *c, const Loan *loan, const Frame *frame) {
    const Loans *l = c->ck->flow->loans;
    if (loan->kind == LOAN_LIVES) return c->access != ACCESS_READ;
    if (c->access == ACCESS_READ && !loan->is_mutable) return false;
    bool gives_way = c->access == ACCESS_REPLACE || c->access == ACCESS_MOVE;
    /* a view that gets another window leaves those alone who looked through it */
    if (gives_way && loan->kind == LOAN_LOOK &&
        ir_type_looks(l->graph->places.data[c->event->place].type)) {
        return false;
    }
    if (loan->place != c->event->place) return true;
    return !frames_disjoint(&c->ck->flow->loans->values, loan->frame, frame);
}

const Value *value_of_name(const Check *ck, LiveName name) {
    const Graph *g = ck->flow->graph;
    if (name < g->places.len) return NULL;
    uint32_t id = name - g->places.len;
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            const Value *window = g->blocks.data[b].events.data[i].window;
            if (window != NULL && window->id == id) return window;
        }
    }
    return NULL;
}

/* The call that both the access and the holder are arguments of. */
static const Op *common_call(const Conflict *c, LiveName holder) {
    const Loans *l = c->ck->flow->loans;
    if (name_is_place(l, holder)) return NULL;
    const Op *call = l->graph->uses[holder - l->graph->places.len].call;
    if (call == NULL || call == c->event->op) return call;
    bool lends = c->event->op->kind == OP_LEND;
    return lends && l->graph->uses[op_result(c->event->op)->id].call == call ? call : NULL;
}

static int holder_rank(const Conflict *c, LiveName holder) {
    const Graph *g = c->ck->flow->graph;
    if (common_call(c, holder) != NULL) return 0;
    if (holder >= g->places.len) return 2;
    return place_var(g, place_root(g, holder))->name.id != 0 ? 1 : 2;
}

/* Rather than kept by others who look into it. */
static bool is_used_itself(const Conflict *c, LiveName holder) {
    const Liveness *live = c->ck->flow->live;
    return live_after(live, holder, c->at.block, (int64_t)c->at.event - 1);
}

static bool look_at(void *user, LiveName holder, const Loan *loan) {
    Look *look = user;
    if (!loan_forbids(look->c, loan, look->frame)) return true;
    int rank = holder_rank(look->c, holder);
    if (!is_used_itself(look->c, holder)) rank += 3;
    if (rank < look->rank) {
        look->rank = rank;
        look->c->holder = holder;
        look->c->loan = loan;
        look->c->call = common_call(look->c, holder);
    }
    return true;
}

/* Places that one call gets as they are. */
static bool clashes_in_call(Check *ck, Point at, Conflict *c) {
    const Event *event = c->event;
    if (event->op->kind != OP_CALL) return false;
    for (uint32_t i = at.event; i-- > 0;) {
        const Event *other = event_at(ck, (Point){at.block, i});
        if (other->op != event->op) return false;
        if (other->place == NO_PLACE ||
            !places_overlap(ck->flow->graph, other->place, event->place)) {
            continue;
        }
        if (other->kind == EVENT_SHARE && event->kind == EVENT_SHARE) continue;
        c->call = event->op;
        c->other = other;
        return true;
    }
    return false;
}

/* What a call gets is in use while it runs, in whatever order its places are listed. */
static int64_t last_before(const Check *ck, Point at) {
    const Event *event = event_at(ck, at);
    if (event->op->kind != OP_CALL) return at.event;
    while (at.event > 0 && event_at(ck, (Point){at.block, at.event - 1})->op == event->op)
        at.event--;
    return (int64_t)at.event - 1;
}

static void check_event(Check *ck, LoanCursor *cursor, Point at) {
    Conflict c = {.ck = ck, .at = at, .event = event_at(ck, at), .cursor = cursor};
    if (!access_of(ck, c.event, &c.access)) return;
    if (ck->blamed[place_root(ck->flow->graph, c.event->place)]) return;
    if (clashes_in_call(ck, at, &c)) {
        report_conflict(&c);
        return;
    }
    if (cursor->holders[place_root(ck->flow->graph, c.event->place)].len == 0) return;
    c.frame = frame_of_access(ck, c.event);
    Look look = {&c, c.frame, WORST_RANK};
    loans_on(cursor, c.event->place, last_before(ck, at), look_at, &look);
    if (look.rank < WORST_RANK) report_conflict(&c);
}

void check_loans(Check *ck) {
    const Graph *g = ck->flow->graph;
    LoanCursor *cursor = loans_cursor(ck->arena, ck->flow->loans);
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        if (g->is_cut[b]) continue;
        loans_begin(cursor, b);
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            check_event(ck, cursor, (Point){b, i});
            loans_step(cursor);
        }
    }
}
