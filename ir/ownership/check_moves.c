#include "ir/ownership/check.h"

typedef struct MovesCheck {
    Check *ck;
    MovesCursor *at;
    IdVec inouts; /* variables that callers want back */
} MovesCheck;

static bool needs_value(EventKind kind) {
    switch (kind) {
    case EVENT_READ:
    case EVENT_SHARE:
    case EVENT_MUTATE:
    case EVENT_MOVE: return true;
    case EVENT_DECLARE:
    case EVENT_STORE:
    case EVENT_KEEP:
    case EVENT_USE:
    case EVENT_RETURN:
    case EVENT_END: return false;
    }
    return false;
}

/* `__init__` that fails has made nothing. */
static bool is_failing_init(const Check *ck, const Op *leave) {
    return leave != NULL && leave->kind == OP_RAISE && fn_makes_self(ck->fn);
}

static void check_exit(MovesCheck *m, Point at) {
    if (is_failing_init(m->ck, event_at(m->ck, at)->op)) return;
    for (uint32_t i = 0; i < m->inouts.len; i++) {
        const Missing *missing = moves_missing(m->at, m->inouts.data[i]);
        if (missing != NULL) report_incomplete(m->ck, at, m->inouts.data[i], missing);
    }
}

static void check_event(MovesCheck *m, Point at) {
    const Event *event = event_at(m->ck, at);
    if (event->kind == EVENT_RETURN) check_exit(m, at);
    if (event->kind == EVENT_KEEP) {
        const Missing *moved = moves_missing(m->at, event->place);
        if (moved != NULL) report_pinned(m->ck, at, moved);
    }
    if (!needs_value(event->kind)) return;
    const Missing *missing = moves_missing(m->at, event->place);
    if (missing != NULL) report_missing(m->ck, at, missing);
}

void check_moves(Check *ck) {
    const Graph *g = ck->flow->graph;
    MovesCheck m = {.ck = ck, .at = moves_cursor(ck->arena, ck->flow->moves)};
    for (uint32_t i = 0; i < g->places.len; i++) {
        bool is_variable = g->places.data[i].parent == NO_PLACE;
        if (is_variable && place_var(g, i)->role == VAR_INOUT) vec_push(ck->arena, &m.inouts, i);
    }
    for (uint32_t b = 0; b < g->blocks.len; b++) {
        if (g->is_cut[b]) continue;
        moves_begin(m.at, b);
        for (uint32_t i = 0; i < g->blocks.data[b].events.len; i++) {
            check_event(&m, (Point){b, i});
            moves_step(m.at, &g->blocks.data[b].events.data[i]);
        }
    }
}
