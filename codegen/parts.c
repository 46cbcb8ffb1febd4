#include "codegen/parts.h"

/* A part below this many ops is compiled before another thread has begun. */
enum { OPS_OF_PART = 200, MAX_PARTS = 16 };

typedef struct Search {
    uint32_t *leader; /* by function id: another of its group, or itself */
    uint32_t *ops;    /* by function id */
    uint32_t current;
} Search;

static uint32_t leader_of(const Search *s, uint32_t id) {
    while (s->leader[id] != id) id = s->leader[id];
    return id;
}

/* The leader of a group is its first function. */
static void join(Search *s, uint32_t a, uint32_t b) {
    a = leader_of(s, a);
    b = leader_of(s, b);
    if (a < b) s->leader[b] = a;
    else s->leader[a] = b;
}

static void look_at(void *user, Op *op) {
    Search *s = user;
    s->ops[s->current]++;
    if (op->kind == OP_CALL && op->attr.callee->body != NULL) join(s, s->current, op->attr.callee->id);
}

/* All ops; `s` then knows the groups and the size of each. */
static uint32_t groups_find(Search *s, const IrModule *module) {
    uint32_t total = 0;
    for (uint32_t i = 0; i < module->fns.len; i++) s->leader[i] = i;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        s->current = i;
        if (module->fns.data[i]->body != NULL) region_walk(module->fns.data[i]->body, look_at, s);
        total += s->ops[i];
    }
    for (uint32_t i = module->fns.len; i-- > 0;)
        if (s->leader[i] != i) s->ops[s->leader[i]] += s->ops[i];
    return total;
}

/* Groups fill one part after the other, in the order of their first functions. */
void parts_find(const IrModule *module, Arena *arena, Parts *parts) {
    uint32_t count = module->fns.len;
    Search s = {.leader = arena_array(arena, uint32_t, count),
                .ops = arena_array(arena, uint32_t, count)};
    uint32_t total = groups_find(&s, module), before = 0;
    uint32_t wanted = total / OPS_OF_PART;
    wanted = wanted < 1 ? 1 : wanted > MAX_PARTS ? MAX_PARTS : wanted;
    *parts = (Parts){.count = 1, .of = arena_array(arena, uint32_t, count)};
    for (uint32_t i = 0; i < count; i++) {
        if (s.leader[i] != i) {
            parts->of[i] = parts->of[s.leader[i]];
            continue;
        }
        if (before >= parts->count * (total / wanted) && parts->count < wanted) parts->count++;
        parts->of[i] = parts->count - 1;
        before += s.ops[i];
    }
}
