/* Every second, third, ... element, from loads of all that lies between, and by stores under masks that leave alone what
 * lies between.
 *
 * A register is loaded after the other, and what is wanted is shuffled out of them. Where nobody says that there is
 * something behind the last element that is wanted, the last load ends with it: it is made under a mask, or, where masks
 * are dear, begins earlier. Of lanes that a mask turns off nothing is loaded, and of the others only what is wanted, unless
 * the elements between are there in any case.
 *
 * Of every third element, or fifth, no two have the same lane in the registers that they are loaded into: those of all
 * registers are brought together where they are, which processors do in any unit, and then into their order at once.
 *
 * Of every fourth or eighth, whose neighbours are wanted as well, every second comes out of each pair of registers, and so on
 * until one register is left: what fields have in common is done once, and processors that pick bytes from no two registers
 * in any order have instructions for this one. */
#include "ir/passes/spmd.h"

enum { BLENDS_BITS = 256 /* targets that choose between lanes of two registers in one instruction */ };

typedef struct Steps {
    Widen *w;
    Value *view, *first; /* first: index of the first element that is loaded */
    Value **indices;
    uint32_t count;
    uint32_t step, at;   /* of each `step` elements, number `at` */
    uint32_t lanes;      /* of a register */
    bool is_last;        /* nothing behind the elements of this register is loaded */
    bool has_all;        /* what lies between the elements is there as well */
} Steps;

uint32_t register_lanes(const Widen *w, const IrType *element) {
    enum { LEAST_BITS = 128 };
    uint32_t bits = w->s->pass->options->vector_bits;
    uint32_t lanes = (bits < LEAST_BITS ? LEAST_BITS : bits) / (8 * element->size);
    return lanes < w->lanes ? lanes : w->lanes;
}

static bool has_masks(const Steps *s) { return s->w->s->pass->options->has_masks; }

bool steps_are_loaded(const Widen *w) {
    return w->lanes <= MAX_LANES / 2 && (w->mask == NULL || w->s->pass->options->has_masks);
}

Value *steps_mask(Widen *w, uint32_t lanes, uint32_t k, uint32_t step, uint32_t at) {
    const IrType *lane = ir_scalar(w->m, SCALAR_I32);
    Value *from = build_splat(&w->b, build_int(&w->b, lane, (int64_t)k * lanes), lanes);
    Value *number = build_binary(&w->b, OP_ADD, build_lanes(&w->b, SCALAR_I32, lanes), from);
    Value *by = build_splat(&w->b, build_int(&w->b, lane, step), lanes);
    Value *wanted = build_splat(&w->b, build_int(&w->b, lane, at), lanes);
    return build_binary(&w->b, OP_EQ, build_binary(&w->b, OP_MOD, number, by), wanted);
}

/* Elements from the first of a register to the last that is wanted. */
static uint32_t reach_of(const Steps *s) { return (s->lanes - 1) * s->step + 1; }

/* Load number `k` would go beyond the last element. */
static bool ends_early(const Steps *s, uint32_t k) { return s->is_last && (k + 1) * s->lanes > reach_of(s); }

/* Load number `k` begins so far behind the first element of its register. */
static uint32_t begin_of(const Steps *s, uint32_t k) {
    return ends_early(s, k) && !has_masks(s) ? reach_of(s) - s->lanes : k * s->lanes;
}

/* Lanes of load number `k` of the register from `from` on whose iterations the mask turns on. */
static Value *mask_spread(const Steps *s, uint32_t from, uint32_t k) {
    uint16_t pick[MAX_LANES];
    for (uint32_t i = 0; i < s->lanes; i++) pick[i] = (uint16_t)((from + k * s->lanes + i) / s->step);
    Value *mask = build_shuffle(&s->w->b, s->w->mask, s->w->mask, pick, s->lanes);
    return s->has_all ? mask : mask_and(s->w, mask, steps_mask(s->w, s->lanes, k, s->step, s->at));
}

/* All lanes but those behind the last element, or of iterations that are off; NULL: all. */
static Value *mask_of(const Steps *s, uint32_t from, uint32_t k) {
    Builder *b = &s->w->b;
    if (s->w->mask != NULL) return mask_spread(s, from, k);
    if (!ends_early(s, k) || !has_masks(s)) return NULL;
    Value *count = build_int(b, ir_scalar(s->w->m, SCALAR_I32), (int64_t)reach_of(s) - k * s->lanes);
    return build_binary(b, OP_LT, build_lanes(b, SCALAR_I32, s->lanes), build_splat(b, count, s->lanes));
}

/* The index of elements `begin` behind the first, which are accessed under the mask. If no lane is on, that of the first: to find
 * that no lane may fail takes processors hundreds of cycles where there is no memory, or a page that nobody has touched. */
static Value *index_at(Widen *w, Value *first, int64_t begin, Value *mask) {
    Builder *b = &w->b;
    if (begin == 0) return first;
    Value *ahead = build_i64(b, begin);
    if (w->mask != NULL) ahead = build_select(b, any_lane(w, mask), ahead, build_i64(b, 0));
    return build_binary(b, OP_ADD, first, ahead);
}

/* Load number `k` of the register whose elements begin at `from`. */
static Value *loaded(const Steps *s, uint32_t from, uint32_t k) {
    Value *mask = mask_of(s, from, k);
    s->indices[s->count - 1] = index_at(s->w, s->first, from + begin_of(s, k), mask);
    return build_vload(&s->w->b, s->view, s->indices, s->lanes, mask);
}

/* What is in load number `k` of the elements that are wanted, in the lane where it is to be; the others stay. */
static Value *put_in_order(const Steps *s, Value *whole, Value *part, uint32_t k) {
    uint16_t pick[MAX_LANES];
    uint32_t begin = begin_of(s, k);
    for (uint32_t i = 0; i < s->lanes; i++) {
        uint32_t from = i * s->step + s->at;
        bool here = from >= begin && from < begin + s->lanes;
        pick[i] = (uint16_t)(here ? s->lanes + from - begin : i);
    }
    return build_shuffle(&s->w->b, whole, part, pick, s->lanes);
}

static Value *put_in_place(const Steps *s, Value *whole, Value *part, uint32_t k) {
    uint16_t pick[MAX_LANES];
    for (uint32_t i = 0; i < s->lanes; i++)
        pick[i] = (uint16_t)((k * s->lanes + i) % s->step == s->at ? s->lanes + i : i);
    return build_shuffle(&s->w->b, whole, part, pick, s->lanes);
}

/* From where they are, those of the last load from there. */
static Value *ordered(const Steps *s, Value *whole, Value *last) {
    uint16_t pick[MAX_LANES];
    uint32_t rest = (s->step - 1) * s->lanes, begin = begin_of(s, s->step - 1);
    for (uint32_t i = 0; i < s->lanes; i++) {
        uint32_t from = i * s->step + s->at;
        pick[i] = (uint16_t)(from < rest ? from % s->lanes : s->lanes + from - begin);
    }
    return build_shuffle(&s->w->b, whole, last, pick, s->lanes);
}

enum { LEAST_HALVED = 4, MOST_HALVED = 8 };

static bool may_halve(const Steps *s) {
    bool is_power = (s->step & (s->step - 1)) == 0;
    return s->has_all && is_power && s->step >= LEAST_HALVED && s->step <= MOST_HALVED;
}

static Value *halved(const Steps *s, uint32_t from) {
    Value *parts[MOST_HALVED];
    uint16_t pick[MAX_LANES];
    uint32_t at = s->at;
    for (uint32_t k = 0; k < s->step; k++) parts[k] = loaded(s, from, k);
    for (uint32_t left = s->step / 2; left > 0; left /= 2, at /= 2) {
        for (uint32_t i = 0; i < s->lanes; i++) pick[i] = (uint16_t)(2 * i + at % 2);
        for (uint32_t k = 0; k < left; k++)
            parts[k] = build_shuffle(&s->w->b, parts[2 * k], parts[2 * k + 1], pick, s->lanes);
    }
    return parts[0];
}

static Value *register_loaded(const Steps *s, uint32_t from) {
    if (may_halve(s)) return halved(s, from);
    bool in_place = s->step % 2 == 1 && s->w->s->pass->options->vector_bits >= BLENDS_BITS;
    Value *whole = loaded(s, from, 0);
    if (!in_place) whole = put_in_order(s, whole, whole, 0);
    for (uint32_t k = 1; k < s->step; k++) {
        Value *part = loaded(s, from, k);
        if (!in_place) whole = put_in_order(s, whole, part, k);
        else if (k + 1 < s->step) whole = put_in_place(s, whole, part, k);
        else whole = ordered(s, whole, part);
    }
    return whole;
}

Value *lanes_joined(Builder *b, Value *low, Value *high) {
    uint16_t all[MAX_LANES];
    uint32_t lanes = 2 * low->type->lanes;
    for (uint32_t i = 0; i < lanes; i++) all[i] = (uint16_t)i;
    return build_shuffle(b, low, high, all, lanes);
}

/* The registers from `from` on that make `lanes` of them. */
static Value *lanes_loaded(Steps *s, uint32_t from, uint32_t lanes, bool is_last) {
    if (lanes == s->lanes) {
        s->is_last = is_last;
        return register_loaded(s, from);
    }
    Value *low = lanes_loaded(s, from, lanes / 2, false);
    Value *high = lanes_loaded(s, from + lanes / 2 * s->step, lanes / 2, is_last);
    return lanes_joined(&s->w->b, low, high);
}

Value *steps_loaded(Widen *w, Value *view, Value **indices, uint32_t count, uint32_t step) {
    Steps s = {.w = w, .view = view, .first = indices[count - 1], .indices = indices, .count = count, .step = step};
    s.lanes = register_lanes(w, view->type->elem);
    return lanes_loaded(&s, 0, w->lanes, true);
}

Value *field_loaded(Widen *w, Value *view, Value **indices, uint32_t count, uint32_t each, uint32_t at) {
    Steps s = {.w = w, .view = view, .first = indices[count - 1], .indices = indices, .count = count, .step = each, .at = at};
    s.lanes = register_lanes(w, view->type->elem);
    s.has_all = true;
    return lanes_loaded(&s, 0, w->lanes, false);
}

/* ---- Stores ---------------------------------------------------------------------------------- */

typedef struct Before {
    const Op *store;
    uint32_t most, elements;
} Before;

static void load_note(void *user, Op *op) {
    Before *before = user;
    const Op *store = before->store;
    uint32_t last = store->operand_count - 1;
    int64_t apart;
    if (op->kind != OP_LOAD || op->operands[0] != store->operands[0]) return;
    for (uint32_t i = 2; i < last; i++)
        if (!values_equal(op->operands[i - 1], store->operands[i])) return;
    bool is_before = affine_difference(store->operands[last], op->operands[last - 1], &apart) && apart > 0;
    if (is_before && apart <= before->most && apart > before->elements) before->elements = (uint32_t)apart;
}

/* So many elements before the one that it stores does an iteration load. The next turn's loads begin there: the stores of
 * this one had better end before, since what is in them partly would have to reach the cache first. */
static uint32_t loaded_before(const Widen *w, const Op *store, uint32_t step) {
    Before before = {.store = store, .most = step - 1};
    region_walk(w->l->loop->regions[0], load_note, &before);
    return before.elements;
}

void steps_store(Widen *w, const Op *op, Value *value, Value **indices, uint32_t step) {
    uint32_t lanes = w->lanes, last = op->operand_count - 3, before = loaded_before(w, op, step);
    Value *first = indices[last], *view = scalar_in(w, op->operands[0]);
    for (uint32_t k = 0; k < step; k++) {
        uint16_t pick[MAX_LANES];
        for (uint32_t i = 0; i < lanes; i++) pick[i] = (uint16_t)((k * lanes + i) / step);
        Value *mask = steps_mask(w, lanes, k, step, before);
        if (w->mask != NULL)
            mask = mask_and(w, mask, build_shuffle(&w->b, w->mask, w->mask, pick, lanes));
        indices[last] = index_at(w, first, (int64_t)k * lanes - before, mask);
        build_vstore(&w->b, view, build_shuffle(&w->b, value, value, pick, lanes), indices, mask);
    }
}
