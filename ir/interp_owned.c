/* Values that own: moves, copies, ends. In stage OWNED nothing is freed unless a DROP says so. */
#include "ir/interp_machine.h"

#include <string.h>

/* ---- Places ---------------------------------------------------------------------------------- */

void place_clear(Machine *m, const IrType *type, void *place) {
    memset(place, 0xff, layout_of(m, type)->bytes);
}

bool place_is_empty(const IrType *type, const void *place) {
    uint64_t first;
    memcpy(&first, place, sizeof first);
    return (type->kind == IR_VIEW || type->kind == IR_LIST || type->kind == IR_ARENA) &&
           first == UINT64_MAX;
}

/* What the first operand, a ref, points to; NULL after a fault. */
static void *place_of(Machine *m, const Inst *inst, const uint64_t *frame) {
    const IrType *held = inst->op->operands[0]->type->elem;
    const uint64_t *ref = frame + inst->a;
    if (!ref_covers(m, inst->op, ref, layout_of(m, held)->bytes)) return NULL;
    return (void *)(uintptr_t)ref[0];
}

/* ---- Ends ------------------------------------------------------------------------------------ */

static void elements_end(Machine *m, const Op *op, const IrType *elem, const uint64_t *list) {
    uint32_t size = layout_of(m, elem)->bytes;
    if (!ir_type_owns(elem)) return;
    for (uint64_t i = list[2]; i-- > 0 && m->status == INTERP_OK;)
        value_end(m, op, elem, (char *)(uintptr_t)list[1] + i * size);
}

/* `__del__` takes the value over, with its fields. */
static void del_call(Machine *m, const Op *op, const IrFn *del, void *place) {
    const Value *self = del->params.data[0].value;
    uint64_t ref[3] = {(uint64_t)(uintptr_t)place, 0, 0};
    machine_call(m, op, del, self->type->kind == IR_REF ? ref : place);
}

static void struct_end(Machine *m, const Op *op, const IrType *type, char *place) {
    if (type->del != NULL) {
        del_call(m, op, type->del, place);
        return;
    }
    for (uint32_t i = type->field_count; i-- > 0;)
        if (ir_type_owns(type->fields[i].type))
            value_end(m, op, type->fields[i].type, place + layout_of(m, type)->offsets[i]);
}

void value_end(Machine *m, const Op *op, const IrType *type, void *place) {
    uint64_t *words = place;
    if (place_is_empty(type, place)) {
        machine_fault(m, op, "what ends here has no value");
        return;
    }
    switch ((int)type->kind) {
    case IR_LIST:
        elements_end(m, op, type->elem, words);
        if (m->status == INTERP_OK) block_free(m, op, block_of(words[0]), words[1]);
        break;
    case IR_VIEW: block_free(m, op, block_of(words[0]), words[1]); break;
    case IR_ARENA: arena_end(m, op, (MachineArena *)(uintptr_t)words[0]); break;
    case IR_STRUCT: struct_end(m, op, type, place); break;
    case IR_TASK:
        if (type->elem != NULL && ir_type_owns(type->elem))
            value_end(m, op, type->elem, words + TASK_WORDS);
        break;
    default: break;
    }
    place_clear(m, type, place);
}

static void drop_run(Machine *m, const Inst *inst, uint64_t *frame) {
    void *place = place_of(m, inst, frame);
    if (place != NULL) value_end(m, inst->op, inst->op->operands[0]->type->elem, place);
}

/* ---- Copies ---------------------------------------------------------------------------------- */

/* A block with copies of `count` elements; NULL when there are none to copy, or after a panic. */
static Block *elements_copy(Machine *m, const Op *op, const IrType *elem, const uint64_t *words,
                            uint64_t count) {
    uint64_t size = layout_of(m, elem)->bytes;
    if (!block_covers(m, op, block_of(words[0]), words[1], count * size)) return NULL;
    Block *block = block_create(m, op, count * size, false);
    for (uint64_t i = 0; i < count && m->status == INTERP_OK; i++)
        value_copy(m, op, elem, (const char *)(uintptr_t)words[1] + i * size,
                   (char *)(uintptr_t)block->base + i * size);
    return block;
}

static void tensor_copy(Machine *m, const Op *op, const IrType *type, const uint64_t *from,
                        uint64_t *to) {
    uint64_t count = 1;
    memcpy(to, from, layout_of(m, type)->bytes);
    to[view_tag(type)] = 0; /* `from` may be a view */
    for (uint32_t i = 0; i < type->rank; i++) count *= from[2 + i];
    if (from[0] == 0) return;
    const Block *block = elements_copy(m, op, type->elem, from, count);
    to[0] = (uint64_t)(uintptr_t)block;
    if (block != NULL) to[1] = block->base;
}

static void list_copy(Machine *m, const Op *op, const IrType *type, const uint64_t *from,
                      uint64_t *to) {
    memset(to, 0, 8 * LIST_WORDS);
    if (from[2] == 0) return;
    const Block *block = elements_copy(m, op, type->elem, from, from[2]);
    to[0] = (uint64_t)(uintptr_t)block;
    to[2] = to[3] = from[2];
    if (block != NULL) to[1] = block->base;
}

void value_copy(Machine *m, const Op *op, const IrType *type, const void *from, void *to) {
    if (place_is_empty(type, from)) {
        machine_fault(m, op, "what is copied has no value");
    } else if (type->kind == IR_VIEW && type->owned) {
        tensor_copy(m, op, type, from, to);
    } else if (type->kind == IR_LIST) {
        list_copy(m, op, type, from, to);
    } else if (type->kind == IR_STRUCT && type->fields_own) {
        const uint32_t *offsets = layout_of(m, type)->offsets;
        for (uint32_t i = 0; i < type->field_count && m->status == INTERP_OK; i++)
            value_copy(m, op, type->fields[i].type, (const char *)from + offsets[i],
                       (char *)to + offsets[i]);
    } else {
        memcpy(to, from, layout_of(m, type)->bytes);
    }
}

static void dup_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const void *place = place_of(m, inst, frame);
    if (place != NULL)
        value_copy(m, inst->op, inst->op->results[0]->type, place, frame + inst->dst);
}

/* ---- Moves and loans ------------------------------------------------------------------------- */

/* The place of a MOVE or WAIT, which has a value; NULL after a fault. */
static uint64_t *moved_place(Machine *m, const Inst *inst, const uint64_t *frame) {
    void *place = place_of(m, inst, frame);
    if (place == NULL || !place_is_empty(inst->op->operands[0]->type->elem, place)) return place;
    machine_fault(m, inst->op, "what is moved has no value");
    return NULL;
}

static void move_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[0]->type->elem;
    uint64_t *place = moved_place(m, inst, frame);
    if (place == NULL) return;
    value_load(m, type, place, frame + inst->dst);
    place_clear(m, type, place);
}

/* Lists lend their elements as a view of one dimension. */
static void lend_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[0]->type->elem;
    const uint64_t *place = place_of(m, inst, frame);
    uint64_t *view = frame + inst->dst;
    if (place == NULL) return;
    memcpy(view, place, 8 * (size_t)(type->kind == IR_LIST ? 3 : layout_of(m, type)->words));
    if (type->kind == IR_LIST) view[3] = 1;
    if (type->kind == IR_LIST || type->owned) view[view_tag(inst->op->results[0]->type)] = 0;
}

/* ---- Tasks ----------------------------------------------------------------------------------- */

/* They run in order, when they are spawned; what went wrong is told when they are waited for. */
static TaskError *error_keep(Machine *m, uint64_t place) {
    TaskError *kept = arena_new(m->arena, TaskError);
    *kept = (TaskError){NULL, place, m->error, m->failed};
    return kept;
}

static void error_take_back(Machine *m, const TaskError *kept) {
    m->error = kept->error;
    m->failed = kept->failed;
}

static void spawn_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *task = inst->op->results[0]->type;
    uint64_t *words = frame + inst->dst;
    words[0] = 0;
    words[1] = (uint64_t)(uintptr_t)error_keep(m, 0);
    words[2] = frame[inst->a];
    if (task->elem != NULL)
        memcpy(words + TASK_WORDS, frame + inst->b, 8 * (size_t)layout_of(m, task->elem)->words);
}

/* The results stand side by side. */
static void wait_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrType *type = inst->op->operands[0]->type->elem;
    uint64_t *place = moved_place(m, inst, frame);
    if (place == NULL) return;
    if (place[2] != 0) error_take_back(m, (const TaskError *)(uintptr_t)place[1]);
    memcpy(frame + inst->dst, place + 2, 8 * ((size_t)layout_of(m, type)->words - 2));
    place_clear(m, type, place);
}

void task_end_run(Machine *m, const Inst *inst, uint64_t *frame) {
    TaskError *kept = error_keep(m, frame[inst->a]);
    kept->next = m->task_errors;
    m->task_errors = kept;
}

static void join_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const uint64_t *ref = frame + inst->a;
    for (TaskError **at = &m->task_errors; *at != NULL; at = &(*at)->next) {
        const TaskError *kept = *at;
        if (kept->place != ref[0]) continue;
        *at = kept->next;
        bool failed = scalar_load(SCALAR_BOOL, (const void *)(uintptr_t)ref[0]) != 0;
        if (failed && !inst->op->attr.flag) error_take_back(m, kept);
        return;
    }
    machine_fault(m, inst->op, "the task has not begun");
}

InstRun owned_run(OpKind kind) {
    switch ((int)kind) {
    case OP_MOVE: return move_run;
    case OP_WAIT: return wait_run;
    case OP_DUP: return dup_run;
    case OP_DROP: return drop_run;
    case OP_LEND: case OP_ITEMS: return lend_run;
    case OP_SPAWN: return spawn_run;
    case OP_JOIN: return join_run;
    default: KC_BUG("no owner in %s", op_infos[kind].mnemonic);
    }
}
