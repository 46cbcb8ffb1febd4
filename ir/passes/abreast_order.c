/* An order of a loop's body in which lanes can take it: see abreast.h. The ops are nodes; what uses a value
 * stands behind what makes it, and only pure ops and accesses move past others. */
#include "ir/passes/abreast.h"

typedef struct Order {
    Arena *arena;
    Region *body;
    Op **ops;
    uint32_t count;
    bool *before; /* [first * count + second] */
    bool *placed;
} Order;

static uint32_t number_of(const Order *o, const Op *op) {
    for (; op != NULL && op->parent != o->body; op = op->parent->parent) {}
    for (uint32_t i = 0; op != NULL && i < o->count; i++)
        if (o->ops[i] == op) return i;
    return o->count;
}

typedef struct Uses {
    Order *order;
    uint32_t by;
} Uses;

static void uses_note(void *user, Op *op) {
    const Uses *uses = user;
    Order *o = uses->order;
    for (uint32_t i = 0; i < op->operand_count; i++) {
        uint32_t made = number_of(o, op->operands[i]->def);
        if (made < o->count && made != uses->by) o->before[made * o->count + uses->by] = true;
    }
}

static bool moves(const Op *op) { return op_is_pure(op) || op->kind == OP_LOAD || op->kind == OP_STORE; }

static void order_fill(Order *o, const BeforeVec *wanted) {
    for (uint32_t i = 0; i < o->count; i++) {
        Uses uses = {o, i};
        uses_note(&uses, o->ops[i]);
        for (uint32_t k = 0; k < o->ops[i]->region_count; k++)
            region_walk(o->ops[i]->regions[k], uses_note, &uses);
        for (uint32_t k = 0; k < i; k++)
            if (!moves(o->ops[i]) || !moves(o->ops[k])) o->before[k * o->count + i] = true;
    }
    for (uint32_t i = 0; i < wanted->len; i++)
        o->before[wanted->data[i].first * o->count + wanted->data[i].second] = true;
}

/* The first op that waits for none; the count: all that are left wait for each other. */
static uint32_t next_find(const Order *o) {
    for (uint32_t i = 0; i < o->count; i++) {
        bool is_ready = !o->placed[i];
        for (uint32_t k = 0; k < o->count && is_ready; k++)
            is_ready = o->placed[k] || !o->before[k * o->count + i];
        if (is_ready) return i;
    }
    return o->count;
}

bool body_order(PassContext *pass, Region *body, const BeforeVec *wanted) {
    Order o = {.arena = pass->scratch, .body = body};
    for (Op *op = body->first; op != NULL; op = op->next) o.count++;
    o.ops = arena_array(o.arena, Op *, o.count);
    o.before = arena_array(o.arena, bool, o.count * o.count);
    o.placed = arena_array(o.arena, bool, o.count);
    uint32_t at = 0;
    for (Op *op = body->first; op != NULL; op = op->next) o.ops[at++] = op;
    order_fill(&o, wanted);
    Op **placed = arena_array(o.arena, Op *, o.count);
    for (uint32_t i = 0; i < o.count; i++) {
        uint32_t next = next_find(&o);
        if (next == o.count) return false;
        o.placed[next] = true;
        placed[i] = o.ops[next];
    }
    bool is_new = false;
    for (uint32_t i = 0; i < o.count; i++) {
        is_new = is_new || placed[i] != o.ops[i];
        op_unlink(placed[i]);
        op_append(body, placed[i]);
    }
    if (is_new)
        pass_remark(pass, body->fn, body->parent->span, REMARK_REWRITTEN,
                    "loads and stores change places, so that all lanes can do one after the other");
    return true;
}

/* ---- Few lanes --------------------------------------------------------------------------------- */

/* Vectors that are loaded from two that were stored just before wait until these have reached the cache. What was stored
 * so many turns ago has. */
enum { MOST_LANES = 64, LEAST_LANES = 4, TURNS_TO_CACHE = 32 };

/* What lanes so few need not keep: they end before the other iteration begins. */
static bool is_beyond(const Before *before, uint32_t lanes) { return before->distance >= lanes; }

static bool forwards(const Before *before, uint32_t lanes) {
    return !before->feeds || before->distance % lanes == 0 || before->distance / lanes >= TURNS_TO_CACHE;
}

static bool order_within(PassContext *pass, Region *body, const BeforeVec *wanted, uint32_t lanes) {
    BeforeVec kept = {0};
    for (uint32_t i = 0; i < wanted->len; i++) {
        const Before *before = &wanted->data[i];
        if (!is_beyond(before, lanes)) vec_push(pass->scratch, &kept, *before);
        else if (!forwards(before, lanes)) return false;
    }
    return body_order(pass, body, &kept);
}

bool body_order_for_lanes(PassContext *pass, Region *body, const BeforeVec *wanted, uint32_t *lanes_most) {
    *lanes_most = 0;
    if (body_order(pass, body, wanted)) return true;
    for (uint32_t lanes = MOST_LANES; lanes >= LEAST_LANES; lanes /= 2) {
        if (!order_within(pass, body, wanted, lanes)) continue;
        *lanes_most = lanes;
        pass_remark(pass, body->fn, body->parent->span, REMARK_REWRITTEN,
                    "at most %u iterations at a time: further on, one reads what another wrote", lanes);
        return true;
    }
    return false;
}
