#include "ir/ownership/drops.h"

Value *place_ref(const Graph *g, Builder *b, uint32_t place) {
    const Place *p = &g->places.data[place];
    if (p->parent == NO_PLACE) return p->var;
    return build_field(b, place_ref(g, b, p->parent), p->field);
}

static void children_drop(FlowCursor *at, const Graph *g, Builder *b, Value *ref, uint32_t child) {
    if (child == NO_PLACE) return;
    const Place *p = &g->places.data[child];
    children_drop(at, g, b, ref, p->next_sibling);
    if (!ir_type_owns(p->type) || flow_state(at, child) == PLACE_EMPTY) return;
    bool is_whole = flow_state(at, child) == PLACE_FULL;
    if (is_whole || p->first_child != NO_PLACE)
        place_drop(at, g, b, build_field(b, ref, p->field), child);
}

void fields_drop(FlowCursor *at, const Graph *g, Builder *b, Value *ref, uint32_t place) {
    children_drop(at, g, b, ref, g->places.data[place].first_child);
}

/* Where paths differ, the path that had the value has ended it. */
void place_drop(FlowCursor *at, const Graph *g, Builder *b, Value *ref, uint32_t place) {
    PlaceState state = flow_state(at, place);
    if (state == PLACE_FULL) build_op(b, OP_DROP, &ref, 1, NULL, 0, 0);
    else if (state != PLACE_EMPTY) fields_drop(at, g, b, ref, place);
}

/* ---- Fields that are stored later ------------------------------------------------------------ */

static bool is_field_store(const Graph *g, const Event *event) {
    return event->kind == EVENT_STORE && g->places.data[event->place].parent != NO_PLACE &&
           ir_type_owns(g->places.data[event->place].type);
}

static void slots_assign(Refills *r) {
    for (uint32_t i = 0; i < r->graph->blocks.len; i++) {
        const GraphBlock *block = &r->graph->blocks.data[i];
        for (uint32_t k = 0; k < block->events.len; k++) {
            if (!is_field_store(r->graph, &block->events.data[k])) continue;
            uint32_t root = place_root(r->graph, block->events.data[k].place);
            if (r->slot[root] == 0) r->slot[root] = ++r->count;
        }
    }
}

static void event_undo(const Refills *r, const Event *event, uint64_t *bits) {
    if (event->kind != EVENT_STORE && event->kind != EVENT_DECLARE) return;
    uint32_t slot = r->slot[place_root(r->graph, event->place)];
    if (slot == 0) return;
    uint64_t bit = UINT64_C(1) << ((slot - 1) % 64);
    if (is_field_store(r->graph, event)) bits[(slot - 1) / 64] |= bit;
    else if (r->graph->places.data[event->place].parent == NO_PLACE)
        bits[(slot - 1) / 64] &= ~bit;
}

/* From the end of the block to its beginning; true when something new is known there. */
static bool block_update(Refills *r, uint32_t id, uint64_t *bits) {
    const GraphBlock *block = &r->graph->blocks.data[id];
    uint64_t *out = r->out + (size_t)id * r->words, *in = r->in + (size_t)id * r->words;
    for (uint32_t i = 0; i < block->out.len; i++) {
        uint32_t to = r->graph->edges.data[block->out.data[i]].to;
        for (uint32_t w = 0; w < r->words; w++) out[w] |= r->in[(size_t)to * r->words + w];
    }
    for (uint32_t w = 0; w < r->words; w++) bits[w] = out[w];
    for (uint32_t k = block->events.len; k-- > 0;) event_undo(r, &block->events.data[k], bits);
    bool changed = false;
    for (uint32_t w = 0; w < r->words; w++) {
        changed = changed || in[w] != bits[w];
        in[w] = bits[w];
    }
    return changed;
}

Refills refills_find(Arena *arena, const Graph *g) {
    Refills r = {.graph = g, .slot = arena_array(arena, uint32_t, g->places.len)};
    slots_assign(&r);
    if (r.count == 0) return r;
    r.words = (r.count + 63) / 64;
    r.in = arena_array(arena, uint64_t, (size_t)g->blocks.len * r.words);
    r.out = arena_array(arena, uint64_t, (size_t)g->blocks.len * r.words);
    uint64_t *bits = arena_array(arena, uint64_t, r.words);
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = g->blocks.len; i-- > 0;) changed = block_update(&r, i, bits) || changed;
    }
    return r;
}

static bool bit_has(const uint64_t *bits, uint32_t slot) {
    return bits[(slot - 1) / 64] >> ((slot - 1) % 64) & 1;
}

bool refills_in(const Refills *r, uint32_t root, uint32_t block) {
    uint32_t slot = r->slot[root];
    return slot != 0 && bit_has(r->in + (size_t)block * r->words, slot);
}

bool refills_after(const Refills *r, uint32_t root, uint32_t block, uint32_t event) {
    uint32_t slot = r->slot[root];
    if (slot == 0) return false;
    const GraphBlock *b = &r->graph->blocks.data[block];
    for (uint32_t k = event + 1; k < b->events.len; k++) {
        const Event *e = &b->events.data[k];
        if (e->kind != EVENT_STORE && e->kind != EVENT_DECLARE) continue;
        if (place_root(r->graph, e->place) != root) continue;
        if (is_field_store(r->graph, e)) return true;
        if (r->graph->places.data[e->place].parent == NO_PLACE) return false;
    }
    return bit_has(r->out + (size_t)block * r->words, slot);
}
