#include "ir/ownership/graph_internal.h"

bool value_is_tracked(const Value *value) {
    const IrType *type = value->type;
    switch (type->kind) {
    case IR_VIEW:
    case IR_BUF:
    case IR_LIST:
    case IR_ARENA:
    case IR_TASK: return true;
    case IR_STRUCT: return ir_type_owns(type) || ir_type_looks(type);
    case IR_REF: {
        const Op *def = value->def;
        while (def != NULL && def->kind == OP_FIELD) def = def->operands[0]->def;
        return def != NULL && def->kind == OP_ITEM;
    }
    case IR_SCALAR:
    case IR_VEC:
    case IR_STR:
    case IR_ARRAY: return false;
    }
    return false;
}

bool event_is_peek(const Graph *g, const Event *event) {
    if (event->op == NULL || event->place == NO_PLACE) return false;
    bool lends = event->op->kind == OP_LEND ||
                 (event->op->kind == OP_GET && ir_type_looks(op_result(event->op)->type));
    return lends && !g->uses[op_result(event->op)->id].is_touched;
}

void event_push(Graph *g, uint32_t block, EventKind kind, uint32_t place, Op *op, Value *window) {
    Event event = {.kind = kind, .place = place, .op = op, .window = window};
    vec_push(g->arena, &g->blocks.data[block].events, event);
}

/* Handles of arenas are no windows: what a call does with one, it does with the arena. */
static uint32_t arena_place(const Graph *g, const Value *value) {
    if (value->type->kind != IR_ARENA || value->def == NULL || value->def->kind != OP_GET) {
        return NO_PLACE;
    }
    return place_of_ref(g, value->def->operands[0]);
}

static const IrArg *arg_of_operand(const Op *call, uint32_t operand) {
    const IrFn *callee = call->attr.callee;
    for (uint32_t i = 0; i < callee->args.len; i++) {
        const IrArg *arg = &callee->args.data[i];
        if (operand >= arg->first && operand < arg->first + arg->count) return arg;
    }
    return NULL;
}

/* Places that a call takes as they are. */
static void call_places(Graph *g, uint32_t block, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        const Value *operand = op->operands[i];
        uint32_t place =
            operand->type->kind == IR_REF ? place_of_ref(g, operand) : arena_place(g, operand);
        if (place == NO_PLACE) continue;
        const IrArg *arg = arg_of_operand(op, i);
        bool is_changed =
            arg ? arg->convention != ARG_BORROWED
                : i < op->attr.callee->params.len && op->attr.callee->params.data[i].is_written;
        bool makes = arg == op->attr.callee->args.data && fn_makes_self(op->attr.callee);
        if (makes && op->attr.callee->raises) continue; /* see make_self */
        EventKind kind = makes ? EVENT_STORE : is_changed ? EVENT_MUTATE : EVENT_SHARE;
        event_push(g, block, kind, place, op, NULL);
    }
}

/* What a task holds, it holds as the call before it did. */
static void spawn_places(Graph *g, uint32_t block, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (op->operands[i]->type->kind != IR_REF) continue;
        uint32_t place = place_of_ref(g, op->operands[i]);
        if (place != NO_PLACE) event_push(g, block, EVENT_SHARE, place, op, NULL);
    }
}

static bool op_makes_place(const Op *op) {
    return op->kind == OP_FIELD || op->kind == OP_ITEM || op->kind == OP_REDUCES;
}

static void operand_uses(Graph *g, uint32_t block, Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++) {
        if (value_is_tracked(op->operands[i])) {
            event_push(g, block, EVENT_USE, NO_PLACE, op, op->operands[i]);
        }
    }
}

/* The event on the place that the first operand is. */
static bool place_event(const Op *op, EventKind *kind) {
    switch ((int)op->kind) {
    case OP_GET: *kind = EVENT_READ; return true;
    case OP_LEND: *kind = op->attr.flag ? EVENT_MUTATE : EVENT_SHARE; return true;
    case OP_DUP:
    case OP_ROOM:
    case OP_ALLOC_IN:
    case OP_ARENA_STAT: *kind = EVENT_SHARE; return true;
    case OP_APPEND:
    case OP_TAKE:
    case OP_RESET:
    case OP_ASSIGN: *kind = EVENT_MUTATE; return true;
    case OP_MOVE:
    case OP_WAIT:
    case OP_DROP: *kind = EVENT_MOVE; return true;
    case OP_SET: *kind = EVENT_STORE; return true;
    case OP_KEEP: *kind = EVENT_KEEP; return true;
    default: return false;
    }
}

void events_add(Graph *g, uint32_t block, Op *op) {
    if (op->kind == OP_VAR) {
        event_push(g, block, EVENT_DECLARE, g->place_of[op_result(op)->id], op, NULL);
    } else if (op->kind == OP_END) {
        event_push(g, block, EVENT_END, NO_PLACE, op, NULL);
    } else if (op->kind == OP_CALL) {
        call_places(g, block, op);
        operand_uses(g, block, op);
    } else if (op->kind == OP_SPAWN) {
        spawn_places(g, block, op);
        operand_uses(g, block, op);
    } else {
        EventKind kind;
        operand_uses(g, block, op);
        if (op->operand_count == 0 || op_makes_place(op) || !place_event(op, &kind)) return;
        if (op->operands[0]->type->kind != IR_REF) return;
        uint32_t place = place_of_ref(g, op->operands[0]);
        if (place != NO_PLACE) event_push(g, block, kind, place, op, NULL);
    }
}
