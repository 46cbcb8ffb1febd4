#include "codegen/parts.h"

#include "codegen/pipeline.h"

/* LLVM gets ready for a part in the time that it takes for some 50 ops. Several modules keep the threads busy with
 * larger parts, though not so large that some threads wait for the last of them. An op that goes through all of LLVM's
 * passes takes as long as several of those that are done. */
enum { OPS_OF_PART = 500, OPS_OF_SHARED_PART = 750, MAX_PARTS = 16, OPS_OF_UNDONE = 4 };

typedef struct Search {
    uint32_t *leader; /* by function id: another of its group, or itself */
    uint32_t *ops;    /* by function id; of a group, at its leader */
    bool *is_done;    /* by function id: LLVM has little to do */
    uint32_t of_part; /* ops that a part should have */
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

/* All ops; `s` then knows the groups, what each costs, in ops that are done, and which are. */
static void groups_find(Search *s, const IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) s->leader[i] = i;
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        s->current = i;
        if (fn->body != NULL) region_walk(fn->body, look_at, s);
        s->is_done[i] = fn->body != NULL && fn_is_done(fn);
    }
    for (uint32_t i = module->fns.len; i-- > 0;) {
        if (s->leader[i] == i) continue;
        s->ops[s->leader[i]] += s->ops[i];
        s->is_done[s->leader[i]] = s->is_done[s->leader[i]] && s->is_done[i];
    }
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (!s->is_done[i]) s->ops[i] *= OPS_OF_UNDONE;
}

/* Groups of one kind fill one part after the other, in the order of their first functions. */
static void parts_fill(const Search *s, uint32_t count, bool is_done, Parts *parts) {
    uint32_t total = 0, before = 0, first = parts->count;
    for (uint32_t i = 0; i < count; i++)
        if (s->leader[i] == i && s->is_done[i] == is_done) total += s->ops[i];
    if (total == 0) return;
    uint32_t wanted = total / s->of_part;
    wanted = wanted < 1 ? 1 : wanted > MAX_PARTS ? MAX_PARTS : wanted;
    parts->count++;
    for (uint32_t i = 0; i < count; i++) {
        if (s->leader[i] != i || s->is_done[i] != is_done) continue;
        uint32_t filled = parts->count - first;
        if (before >= filled * (total / wanted) && filled < wanted) parts->count++;
        parts->of[i] = parts->count - 1;
        parts->ops[parts->count - 1] += s->ops[i];
        before += s->ops[i];
    }
}

void parts_find(const IrModule *module, uint32_t modules, Arena *arena, Parts *parts) {
    uint32_t count = module->fns.len;
    Search s = {.leader = arena_array(arena, uint32_t, count),
                .ops = arena_array(arena, uint32_t, count),
                .is_done = arena_array(arena, bool, count),
                .of_part = modules > 1 ? OPS_OF_SHARED_PART : OPS_OF_PART};
    groups_find(&s, module);
    *parts = (Parts){.of = arena_array(arena, uint32_t, count), .ops = arena_array(arena, uint32_t, 2 * MAX_PARTS)};
    parts_fill(&s, count, true, parts);
    parts_fill(&s, count, false, parts);
    if (parts->count == 0) parts->count = 1;
    for (uint32_t i = 0; i < count; i++)
        if (s.leader[i] != i) parts->of[i] = parts->of[leader_of(&s, i)];
}
