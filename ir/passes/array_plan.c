/* Where an array value is computed: at its uses, or ahead of them into memory. */
#include "ir/analysis/effects.h"
#include "ir/passes/to_loops.h"

/* A body this small is computed again for each use rather than stored: a store and a load per use
 * cost about as much as eight arithmetic operations, and keep the loops apart. Measured in ops
 * times uses. */
enum { RECOMPUTE_LIMIT = 64 };
/* A body larger than this is not copied any further, so that long chains stay linear. */
enum { SPLICE_LIMIT = 512 };

/* ---- Events ---------------------------------------------------------------------------------- */

static void region_events(ToLoops *t, const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next) {
        t->event_begin[op->id] = t->events.len;
        unsigned effects = op_effects(t->effects, op) & (EFFECT_WRITES | EFFECT_PRINTS);
        bool is_idle = set_is_local(op) || op->kind == OP_ALLOC_IN; /* its memory is new */
        if (effects != 0 && !is_idle) {
            Event event = {op, effects};
            vec_push(t->pass->scratch, &t->events, event);
        }
        for (uint32_t i = 0; i < op->region_count; i++) region_events(t, op->regions[i]);
        t->event_end[op->id] = t->events.len;
    }
}

void events_collect(ToLoops *t) {
    region_events(t, t->fn->body);
}

/* ---- What a body does ------------------------------------------------------------------------ */

typedef struct Study {
    ToLoops *t;
    ArrayInfo *array;
} Study;

/* A place in memory that views can show. */
static bool is_element(const Value *ref) {
    const Value *base = ref_base(ref);
    return base->def != NULL && base->def->kind == OP_ITEM;
}

static bool takes_memory(const Op *op) {
    for (uint32_t i = 0; i < op->operand_count; i++)
        if (type_reaches_memory(op->operands[i]->type)) return true;
    return false;
}

/* Variables and arrays that the body makes for itself are no effects of it. */
static unsigned body_effects(ToLoops *t, const Op *op) {
    unsigned effects = op_effects(t->effects, op), moves = EFFECT_READS | EFFECT_WRITES;
    if (op->kind == OP_CALL || op->operand_count == 0) return effects;
    const Value *place = op->operands[0];
    bool is_own = op->kind == OP_GET || set_is_local(op) ||
                  memory_root(&t->memory, place).kind == ROOT_ALLOC;
    return is_own ? effects & ~moves : effects;
}

static void op_study(void *user, Op *op) {
    Study *study = user;
    ArrayInfo *array = study->array;
    array->op_count++;
    array->effects |= body_effects(study->t, op);
    bool reads = op->kind == OP_LOAD || op->kind == OP_VLOAD || op->kind == OP_GATHER ||
                 (op->kind == OP_GET && is_element(op->operands[0])) ||
                 (op->kind == OP_CALL && takes_memory(op) &&
                  (op_effects(study->t->effects, op) & EFFECT_READS));
    if (reads) vec_push(study->t->pass->scratch, &array->reads, op);
}

static bool is_inside(const ArrayInfo *array, const Value *value) {
    const Region *home = value->def == NULL ? NULL : value->def->parent;
    while (home != NULL && home != array->map->regions[0])
        home = home->parent == NULL ? NULL : home->parent->parent;
    return home != NULL;
}

/* The fields on the way from a variable to the place that is read. */
static void place_hoist(const ArrayInfo *array, const Value *ref) {
    if (ref->def == NULL || ref->def->kind != OP_FIELD || !is_inside(array, ref)) return;
    place_hoist(array, ref->def->operands[0]);
    op_unlink(ref->def);
    op_insert_before(ref->def, array->map);
}

/* A variable from outside is read when the array is defined, not when it is used. */
static void gets_hoist(ToLoops *t, ArrayInfo *array, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->region_count; i++) gets_hoist(t, array, op->regions[i]);
        if (op->kind != OP_GET) continue;
        if (is_inside(array, ref_base(op->operands[0])) || is_element(op->operands[0])) continue;
        place_hoist(array, op->operands[0]);
        op_unlink(op);
        op_insert_before(op, array->map);
    }
}

void array_study(ToLoops *t, ArrayInfo *array) {
    Study study = {t, array};
    gets_hoist(t, array, array->map->regions[0]);
    region_walk(array->map->regions[0], op_study, &study);
    array->is_known = true;
}

/* ---- Legality -------------------------------------------------------------------------------- */

/* The memory that an operand leads to: what a struct, a list or an arena holds may be anywhere. */
Root reached_root(const ToLoops *t, const Value *operand) {
    if (operand->type->kind != IR_REF) return memory_root(&t->memory, operand);
    const Value *base = ref_base(operand);
    bool is_item = base->def != NULL && base->def->kind == OP_ITEM;
    return is_item ? memory_root(&t->memory, base->def->operands[0])
                   : (Root){.kind = ROOT_UNKNOWN};
}

bool reaches_memory(const Value *operand) {
    return type_reaches_memory(operand->type) ||
           (operand->type->kind == IR_REF && is_element(operand));
}

static bool read_meets(ToLoops *t, const Value *view, const Event *event) {
    if (!reaches_memory(view)) return false;
    if (event->op->kind == OP_JOIN) return true; /* the task may have changed it */
    Root read = reached_root(t, view);
    for (uint32_t i = 0; i < event->op->operand_count; i++) {
        const Value *operand = event->op->operands[i];
        if (!reaches_memory(operand)) continue;
        Root written = reached_root(t, operand);
        if (roots_may_overlap(&read, &written)) return true;
        if (event->op->kind != OP_CALL) break; /* the first operand is the place */
    }
    return false;
}

static const char *event_disturbs(ToLoops *t, const ArrayInfo *array, const Event *event) {
    if ((event->effects & EFFECT_WRITES) && (array->effects & EFFECT_WRITES))
        return "its elements come from calls that change memory";
    if ((event->effects & EFFECT_PRINTS) && (array->effects & (EFFECT_PRINTS | EFFECT_PANICS)))
        return "something is printed before it is used";
    if (!(event->effects & EFFECT_WRITES)) return NULL;
    for (uint32_t i = 0; i < array->reads.len; i++) {
        const Op *read = array->reads.data[i];
        for (uint32_t k = 0; k < read->operand_count; k++)
            if (read_meets(t, read->operands[k], event))
                return "memory that it reads may change before it is used";
    }
    return NULL;
}

/* The events that lie between the array and its consumer: those before it in the text, and all of a
 * loop that stands between, because its next iteration comes after them. */
static const char *events_disturb(ToLoops *t, const ArrayInfo *array, const Op *consumer) {
    uint32_t first = t->event_begin[array->map->id], end = t->event_begin[consumer->id];
    for (const Op *op = consumer; op->parent != array->map->parent; op = op->parent->parent) {
        const Op *around = op->parent->parent;
        bool is_loop = around->kind == OP_FOR || around->kind == OP_WHILE;
        if (is_loop && around->id < t->op_len && t->event_end[around->id] > end)
            end = t->event_end[around->id];
    }
    for (uint32_t i = first; i < end; i++) {
        const char *reason = event_disturbs(t, array, &t->events.data[i]);
        if (reason != NULL) return reason;
    }
    return NULL;
}

/* ---- Profit ---------------------------------------------------------------------------------- */

/* How many induction values stand between the array and its consumer, the assignment's own
 * included: more of them than the array has dimensions mean that elements are computed more than
 * once. */
static uint32_t index_depth(const ArrayInfo *array, const Op *consumer) {
    if (consumer->kind == OP_ASSIGN) return array->map->operand_count;
    uint32_t depth = 0;
    for (const Op *op = consumer; op->parent != array->map->parent; op = op->parent->parent) {
        const Op *around = op->parent->parent;
        if (around->kind == OP_WHILE) return UINT32_MAX;
        depth += around->kind == OP_IF ? 0 : op->parent->param_count;
    }
    return depth;
}

/* The consumer computes every element, and so makes every check that computing one makes. */
static bool uses_all(const ArrayInfo *array, const Op *consumer) {
    if (consumer->kind == OP_ASSIGN) return true;
    const Region *region = consumer->parent;
    const Op *space = region->parent;
    if (space == NULL || !op_is_space(space)) return false;
    if (space->operand_count != array->map->operand_count) return false;
    for (uint32_t k = 0; k < space->operand_count; k++)
        if (consumer->operands[1 + k] != region->params[k] ||
            !values_equal(space->operands[k], array->map->operands[k]))
            return false;
    return space->parent == array->map->parent;
}

/* Memory that only saves work. An array below @noalloc gets it where the work would grow with the size of
 * the data, which nobody would expect; what else would be saved depends on what has been inlined. */
static const char *array_wants_memory(const ArrayInfo *array, const Op *consumer, bool is_repeated) {
    if (is_repeated && (array->effects & EFFECT_LOOPS))
        return "each element takes a loop and is used more than once";
    if (array->map->kind == OP_MAP && array->map->attr.flag) return NULL;
    if (array->uses > 1 && array->op_count * array->uses > RECOMPUTE_LIMIT)
        return "it is used more than once and costs too much to compute again";
    if (consumer->kind == OP_ELEM && array->op_count > SPLICE_LIMIT)
        return "the expression has grown too large to be one loop";
    return NULL;
}

const char *array_needs_memory(ToLoops *t, const ArrayInfo *array, const Op *consumer) {
    const char *reason = events_disturb(t, array, consumer);
    if (reason != NULL) return reason;
    if (array->map->kind == OP_SCAN && consumer->kind == OP_ELEM)
        return "each element of a scan needs the one before, and more is computed from them";
    bool is_repeated = array->uses > 1 || index_depth(array, consumer) > array->map->operand_count;
    if (is_repeated && (array->effects & (EFFECT_WRITES | EFFECT_PRINTS)))
        return "its elements come from calls that may be made only once";
    if ((array->effects & (EFFECT_PANICS | EFFECT_ENDLESS)) && !uses_all(array, consumer))
        return "not all of its elements are used, and computing them may panic";
    return array_wants_memory(array, consumer, is_repeated);
}
