/* split: a loop whose body chooses by how far its index has come, or in which one iteration writes what all of them read,
 * becomes several loops.
 *
 * Requires: stage LOOP; checks that hold are gone (PROVED), since a check counts once for each loop.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * `if i < m` holds up to m, and not from there on; `max(i - 1, 0)` is 0 up to 1, and i - 1 from there on; and (i + m) %
 * n starts again at 0 once, in n iterations. `if i == m` holds once, in a part of its own that stays scalar. So there
 * is an index at which to cut the range, and in each of the parts nothing is left to choose: what was under a mask, or
 * gathered, lies side by side. Where a row is changed and all iterations read one element of it, d[i,j] = min(d[i,j],
 * d[i,k] + d[k,j]), those up to k and those behind k share nothing that is written.
 *
 * Legality: the parts run one after the other, so the order of iterations stays; the loop counts up by one and ends by
 * itself alone. A comparison is cut where no number of it can wrap, whatever it compares with. Of a remainder that is found
 * out when it runs: then no iteration is left for the loop of the source, which stands behind the parts. An element's index
 * provably lies in the range. */
#include "ir/analysis/affine.h"
#include "ir/analysis/range.h"
#include "ir/passes/choices.h"
#include "ir/passes/runs.h"

enum {
    MOST_OPS = 80,    /* of a body that is copied */
    MOST_CUTS = 2,    /* that lead to a part */
    SHORT_TRIP = 16,  /* a loop that surely runs no more often stays whole */
    MOST_OFFSET = 1 << 30
};

/* Where the range is cut: behind the last index with index + offset < bound, and, of an equality, behind the next one as well;
 * or, of a remainder, before the first whose quotient by `bound` is that of the first index no more. */
typedef struct Cut {
    Value *bound;
    int64_t offset;
    bool is_equality;
    const Op *remainder; /* NULL: a comparison */
    Value *start;        /* of a remainder: what is divided, less the index */
} Cut;

typedef struct Split {
    PassContext *pass;
    Intervals intervals;
    Ranges *ranges; /* what is known where the walk is */
    Op *loop;
    uint32_t ops;
    bool is_plain;
    bool skips; /* a CONTINUE is in it */
} Split;

static Value *index_of(const Op *loop) { return loop->regions[0]->params[0]; }

/* ---- Which loops ------------------------------------------------------------------------------ */

static void op_note(void *user, Op *op) {
    Split *s = user;
    bool leaves = op->kind == OP_BREAK || op->kind == OP_RETURN || op->kind == OP_RAISE || op->kind == OP_TRY;
    s->ops++;
    s->skips |= op->kind == OP_CONTINUE;
    if (leaves || op->kind == OP_FOR || op->kind == OP_WHILE || op->kind == OP_CALL) s->is_plain = false;
}

static bool is_moderate(Split *s, const Value *value) {
    Interval interval = interval_of(&s->intervals, value);
    return interval.lo >= -((Int128)1 << 60) && interval.hi <= (Int128)1 << 60;
}

static bool is_candidate(Split *s, Op *loop) {
    const OpLoop *attr = &loop->attr.loop;
    int64_t step, lo, hi;
    if (attr->is_simd || attr->is_parallel || attr->is_vector || loop->regions[1]->first != NULL) return false;
    if (!value_is_int(loop->operands[2], &step) || step != 1) return false;
    if (!is_moderate(s, loop->operands[0]) || !is_moderate(s, loop->operands[1])) return false;
    if (value_is_int(loop->operands[0], &lo) && value_is_int(loop->operands[1], &hi) && hi - lo <= SHORT_TRIP)
        return false;
    s->loop = loop;
    s->ops = 0;
    s->is_plain = true;
    s->skips = false;
    region_walk(loop->regions[0], op_note, s);
    return s->is_plain && s->ops <= MOST_OPS;
}

/* ---- Comparisons ------------------------------------------------------------------------------ */

static bool is_i64(const Value *value) {
    return value->type->kind == IR_SCALAR && value->type->scalar == SCALAR_I64;
}

/* value = index + offset */
static bool is_at_offset(const Op *loop, const Value *value, int64_t *offset) {
    Affine form = affine_of(value, NULL, NULL), index = affine_symbol(index_of(loop));
    return is_i64(value) && affine_add(&form, &index, -1) && affine_is_const(&form, offset) &&
           *offset >= -MOST_OFFSET && *offset <= MOST_OFFSET;
}

/* One operand moves with the index, the other is the same for all; `moving` tells which. */
static bool compares_index(const Op *loop, const Op *op, Cut *cut, uint32_t *moving) {
    for (uint32_t i = 0; i < 2; i++) {
        if (value_is_made_in(op->operands[1 - i], loop) || !is_at_offset(loop, op->operands[i], &cut->offset)) continue;
        cut->bound = op->operands[1 - i];
        *moving = i;
        return true;
    }
    return false;
}

/* The comparison as `index + offset < bound`, which `below` it is equal to. */
static bool comparison_cut(const Op *loop, const Op *op, Cut *cut, bool *below) {
    uint32_t moving;
    *cut = (Cut){.bound = NULL};
    if (op->kind < OP_LT || op->kind > OP_GE || !compares_index(loop, op, cut, &moving)) return false;
    bool less = op->kind == OP_LT || op->kind == OP_LE, strict = op->kind == OP_LT || op->kind == OP_GT;
    *below = less == (moving == 0);
    if (strict != *below) cut->offset--;
    return true;
}

static bool equality_cut(const Op *loop, const Op *op, Cut *cut) {
    uint32_t moving;
    *cut = (Cut){.is_equality = true};
    return (op->kind == OP_EQ || op->kind == OP_NE) && compares_index(loop, op, cut, &moving);
}

static bool extreme_cut(const Op *loop, const Op *op, Cut *cut, uint32_t *moving) {
    *cut = (Cut){.bound = NULL};
    return (op->kind == OP_MIN || op->kind == OP_MAX) && compares_index(loop, op, cut, moving);
}

/* ---- Remainders ------------------------------------------------------------------------------- */

static Value *invariant_part(const Op *loop, const Value *sum) {
    const Op *def = sum->def;
    if (def == NULL || def->kind != OP_ADD) return NULL;
    for (uint32_t i = 0; i < 2; i++)
        if (def->operands[i] == index_of(loop) && !value_is_made_in(def->operands[1 - i], loop))
            return def->operands[1 - i];
    return NULL;
}

/* Of sizes, which are often those of the loop. */
static bool remainder_cut(Split *s, const Op *op, Cut *cut) {
    if (op->kind != OP_MOD || !is_i64(op_result(op)) || value_is_made_in(op->operands[1], s->loop)) return false;
    *cut = (Cut){.bound = op->operands[1], .remainder = op, .start = invariant_part(s->loop, op->operands[0])};
    Interval by = interval_of(&s->intervals, cut->bound);
    int64_t known;
    return cut->start != NULL && by.lo >= 0 && is_moderate(s, cut->bound) && !value_is_int(cut->bound, &known);
}

/* ---- What is worth a cut ---------------------------------------------------------------------- */

typedef struct Choice {
    Split *s;
    Cut cut;
    bool found;
} Choice;

/* A comparison in a condition. */
static bool condition_cut(const Op *loop, const Value *condition, Cut *cut) {
    const Op *def = condition->def;
    bool below;
    if (def == NULL || !value_is_made_in(condition, loop)) return false;
    if (def->kind == OP_AND || def->kind == OP_OR || def->kind == OP_NOT)
        return condition_cut(loop, def->operands[0], cut) ||
               (def->operand_count == 2 && condition_cut(loop, def->operands[1], cut));
    return comparison_cut(loop, def, cut, &below) || equality_cut(loop, def, cut);
}

/* Comparisons that nothing chooses by stay: they are values like others. */
static void choice_note(void *user, Op *op) {
    Choice *choice = user;
    const Op *loop = choice->s->loop;
    bool chooses = op->kind == OP_IF || op->kind == OP_SELECT;
    uint32_t moving;
    if (choice->found) return;
    choice->found = (chooses && condition_cut(loop, op->operands[0], &choice->cut)) ||
                    extreme_cut(loop, op, &choice->cut, &moving) || remainder_cut(choice->s, op, &choice->cut);
}

/* ---- Elements that one iteration writes and all read ------------------------------------------ */

typedef struct Shared {
    Split *s;
    const Op *store;
    Value *index;   /* of the element, in the last dimension */
    int64_t offset; /* the iteration that writes it has the index less this */
    bool found;
} Shared;

static bool same_index(const Value *a, const Value *b) {
    Affine first = affine_of(a, NULL, NULL), second = affine_of(b, NULL, NULL);
    return affine_equal(&first, &second);
}

static bool is_in_range(Split *s, const Shared *shared) {
    Value *lo = s->loop->operands[0], *hi = s->loop->operands[1];
    return ranges_prove_ge(s->ranges, shared->index, lo, shared->offset) &&
           ranges_prove_ge(s->ranges, hi, shared->index, 1 - shared->offset);
}

static void shared_load_note(void *user, Op *op) {
    Shared *shared = user;
    const Op *loop = shared->s->loop, *store = shared->store;
    if (shared->found || op->kind != OP_LOAD || op->operands[0] != store->operands[0]) return;
    uint32_t last = op->operand_count - 1;
    for (uint32_t i = 1; i < last; i++)
        if (!same_index(op->operands[i], store->operands[i + 1])) return;
    shared->index = op->operands[last];
    shared->found = !value_is_made_in(shared->index, loop) &&
                    is_at_offset(loop, store->operands[last + 1], &shared->offset) && is_in_range(shared->s, shared);
}

static void shared_store_note(void *user, Op *op) {
    Shared *shared = user;
    if (shared->found || op->kind != OP_STORE || op->operand_count < 3) return;
    shared->store = op;
    region_walk(shared->s->loop->regions[0], shared_load_note, shared);
}

/* ---- Apply: a part ---------------------------------------------------------------------------- */

typedef struct Part {
    const Cut *cut;
    Op *loop;
    Renames renames;
    bool is_below;       /* before the cut */
    bool is_at;          /* of an equality: where it holds */
    Value *remainder;    /* what the remainder is there, less the index */
} Part;

static bool is_cut(const Cut *cut, const Cut *other) {
    return cut->remainder == NULL && cut->is_equality == other->is_equality && cut->bound == other->bound &&
           cut->offset == other->offset;
}

/* What the op gives in this part; NULL: it says nothing of the cut. */
static Value *known_in(const Part *part, const Op *op) {
    Builder b = builder_before((Op *)op);
    Cut cut;
    bool below;
    uint32_t moving;
    if (part->remainder != NULL) {
        const Op *mod = part->cut->remainder;
        bool is_same = op->kind == OP_MOD && op->operands[1] == mod->operands[1] &&
                       invariant_part(part->loop, op->operands[0]) == part->cut->start;
        return is_same ? build_binary(&b, OP_ADD, index_of(part->loop), part->remainder) : NULL;
    }
    if (comparison_cut(part->loop, op, &cut, &below) && is_cut(part->cut, &cut))
        return build_bool(&b, below == part->is_below);
    if (equality_cut(part->loop, op, &cut) && is_cut(part->cut, &cut))
        return build_bool(&b, (op->kind == OP_EQ) == part->is_at);
    if (!extreme_cut(part->loop, op, &cut, &moving) || !is_cut(part->cut, &cut)) return NULL;
    return op->operands[(op->kind == OP_MIN) == part->is_below ? moving : 1 - moving];
}

static void op_settle(void *user, Op *op) {
    Part *part = user;
    Value *known = known_in(part, op);
    if (known == NULL) return;
    renames_add(&part->renames, op_result(op), known);
    op_unlink(op);
}

static void part_settle(Split *s, Part part) {
    Region *body = part.loop->regions[0];
    part.renames.arena = s->pass->scratch;
    region_walk(body, op_settle, &part);
    choices_settle(&part.renames, body);
}

/* The loop once more, before itself, over other iterations. */
static Op *loop_before(Split *s, Value *lo, Value *hi) {
    Builder b = builder_before(s->loop);
    return loop_copy(s->pass->scratch, &b, s->loop, lo, hi);
}

/* ---- Apply: cuts ------------------------------------------------------------------------------ */

/* The first index with index + offset >= bound, or an end of the loop. The bound may be any number; what it is kept within may
 * not, so that nothing wraps. */
static Value *cut_build(const Op *loop, Value *bound, int64_t by) {
    Builder b = builder_before((Op *)loop);
    Value *offset = build_i64(&b, by), *lo = loop->operands[0], *hi = loop->operands[1];
    Value *at_least = build_binary(&b, OP_MAX, bound, build_binary(&b, OP_ADD, lo, offset));
    Value *kept = build_binary(&b, OP_MIN, at_least, build_binary(&b, OP_ADD, hi, offset));
    return build_binary(&b, OP_SUB, kept, offset);
}

static void comparison_apply(Split *s, const Cut *cut, Op **parts) {
    Op *loop = s->loop;
    Value *lo = loop->operands[0], *hi = loop->operands[1], *at = cut_build(loop, cut->bound, cut->offset);
    Op *first = loop_before(s, lo, at);
    loop_set_range(loop, at, hi);
    part_settle(s, (Part){.cut = cut, .loop = first, .is_below = true});
    part_settle(s, (Part){.cut = cut, .loop = loop, .is_below = false});
    parts[0] = first;
    parts[1] = loop;
}

/* The iteration between the parts, if it is one of the loop's, is a loop of its own, which needs no lanes. */
static void equality_apply(Split *s, const Cut *cut, Op **parts) {
    Op *loop = s->loop;
    Value *lo = loop->operands[0], *hi = loop->operands[1];
    Value *at = cut_build(loop, cut->bound, cut->offset), *end = cut_build(loop, cut->bound, cut->offset - 1);
    Op *before = loop_before(s, lo, at), *once = loop_before(s, at, end);
    once->attr.loop.is_vector = true;
    loop_set_range(loop, end, hi);
    part_settle(s, (Part){.cut = cut, .loop = before});
    part_settle(s, (Part){.cut = cut, .loop = once, .is_at = true});
    part_settle(s, (Part){.cut = cut, .loop = loop});
    parts[0] = before;
    parts[1] = loop;
}

/* Two parts, up to where it starts again, and as far as it takes to start again once more. */
static void remainder_apply(Split *s, const Cut *cut, Op **parts) {
    Op *loop = s->loop;
    Builder b = builder_before(loop);
    Value *lo = loop->operands[0], *hi = loop->operands[1];
    Value *from = build_binary(&b, OP_ADD, lo, cut->start), *to = build_binary(&b, OP_ADD, hi, cut->start);
    Value *runs = build_binary(&b, OP_LE, from, to), *first = build_binary(&b, OP_MOD, from, cut->bound);
    Value *left = build_binary(&b, OP_SUB, cut->bound, first), *length = build_binary(&b, OP_SUB, hi, lo);
    Value *once = build_binary(&b, OP_ADD, lo, build_binary(&b, OP_MIN, left, length));
    Value *at = build_select(&b, runs, once, lo);
    Value *again = build_binary(&b, OP_MIN, hi, build_binary(&b, OP_ADD, once, cut->bound));
    Value *end = build_select(&b, runs, again, lo);
    Value *base = build_binary(&b, OP_SUB, first, lo);
    Op *before = loop_before(s, lo, at), *behind = loop_before(s, at, end);
    b = builder_before(before);
    Value *less = build_binary(&b, OP_SUB, base, cut->bound);
    part_settle(s, (Part){.cut = cut, .loop = before, .remainder = base});
    part_settle(s, (Part){.cut = cut, .loop = behind, .remainder = less});
    loop_set_range(loop, end, hi);
    parts[0] = before;
    parts[1] = behind;
}

/* Up to the iteration that writes, that one, and those behind it. */
static void shared_apply(Split *s, const Shared *shared) {
    Op *loop = s->loop;
    Builder b = builder_before(loop);
    Value *at = build_binary(&b, OP_SUB, shared->index, build_i64(&b, shared->offset));
    Value *behind = build_binary(&b, OP_ADD, at, build_i64(&b, 1)), *hi = loop->operands[1];
    Cloner cloner = {.arena = s->pass->scratch};
    loop_before(s, loop->operands[0], at);
    cloner_body(&cloner, &b, loop->regions[0], &at, NULL);
    loop_set_range(loop, behind, hi);
    pass_remark(s->pass, loop->parent->fn, loop->span, REMARK_REWRITTEN,
                "cut at the iteration that writes an element which all read, so that the others share nothing");
    s->pass->changed = true;
}

static void shared_visit(Split *s, Op *loop) {
    Shared shared = {.s = s};
    bool is_open = loop->kind == OP_FOR && !loop->attr.loop.independent && is_candidate(s, loop) && !s->skips;
    if (is_open) region_walk(loop->regions[0], shared_store_note, &shared);
    if (shared.found) shared_apply(s, &shared);
}

static void loop_visit(Split *s, Op *loop, uint32_t cuts) {
    Op *parts[2];
    Choice choice = {.s = s};
    if (cuts == 0 || loop->kind != OP_FOR || !is_candidate(s, loop)) return;
    region_walk(loop->regions[0], choice_note, &choice);
    if (!choice.found) return;
    bool divides = choice.cut.remainder != NULL;
    pass_remark(s->pass, loop->parent->fn, loop->span, REMARK_REWRITTEN,
                divides ? "cut where a remainder starts again, so that what it chooses lies side by side"
                        : "cut where a comparison of its index changes, so that nothing is left to choose");
    if (divides) remainder_apply(s, &choice.cut, parts);
    else if (choice.cut.is_equality) equality_apply(s, &choice.cut, parts);
    else comparison_apply(s, &choice.cut, parts);
    s->pass->changed = true;
    for (uint32_t i = 0; i < 2; i++) loop_visit(s, parts[i], cuts - 1);
}

static void region_visit(Split *s, Region *region);

static void inner_visit(Split *s, Op *op, uint32_t which) {
    uint32_t mark = ranges_mark(s->ranges);
    ranges_assume_region(s->ranges, op, which);
    region_visit(s, op->regions[which]);
    ranges_forget(s->ranges, mark);
}

static void region_visit(Split *s, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        ranges_assume_past(s->ranges, op);
        for (uint32_t i = 0; i < op->region_count; i++) inner_visit(s, op, i);
        shared_visit(s, op);
        loop_visit(s, op, MOST_CUTS);
    }
}

void split_run(PassContext *pass, IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        Split s = {.pass = pass, .intervals = intervals_of(pass->scratch, fn)};
        s.ranges = ranges_create(pass->scratch, fn);
        region_visit(&s, fn->body);
    }
}
