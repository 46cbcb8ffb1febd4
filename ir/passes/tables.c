/* tables: gathers from small arrays become lookups in registers.
 *
 * Requires: stage LOOP; works on loops over vectors.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * An array is a table if its size is a number that the compiler knows and a loop only reads it. It is loaded before the
 * outermost such loop, and an element is a lane of what was loaded; the checks of indices stay. A table of integers that
 * is too large for that may fit as bytes, if its numbers do. Whether they do is found out before the loop, where there
 * are enough iterations to be worth it, and what is around the gathers is there twice: with a table of bytes, of which
 * more is known (indices that come from it are in range), and as it was. */
#include "ir/analysis/effects.h"
#include "ir/analysis/interval.h"
#include "ir/analysis/tables.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

enum {
    LARGEST_COPY = 3000,    /* ops */
    FEW_STEPS = 4,          /* with as many, bytes are not worth a copy */
    ELEMENTS_PER_LOOKUP = 8 /* of a table that may be bytes, for which a lookup makes up */
};

/* Gathers from one table in one loop. */
typedef struct Group {
    Table table;
    Op *loop; /* the outermost in which the table stays as it is; a gather in none: itself */
    OpVec gathers;
} Group;

typedef struct Asked {
    const Value *view;
    const Op *loop;
    bool stays;
} Asked;

typedef struct Tables {
    PassContext *pass;
    IrFn *fn;
    const unsigned *effects;
    Memory memory;
    Renames renames;
    bool packed; /* which tables are collected: those of bytes, or those as they are */
    Vec(Asked) asked;
    Vec(Group) groups;
} Tables;

/* ---- Which gathers --------------------------------------------------------------------------- */

static bool is_loop(const Op *op) { return op->kind == OP_FOR || op->kind == OP_WHILE; }

static bool stays_in(Tables *t, const Value *view, Op *loop) {
    for (uint32_t i = 0; i < t->asked.len; i++)
        if (t->asked.data[i].view == view && t->asked.data[i].loop == loop) return t->asked.data[i].stays;
    bool stays = table_stays(&t->memory, t->effects, view, loop);
    vec_push(t->pass->scratch, &t->asked, ((Asked){view, loop, stays}));
    return stays;
}

/* Before what the table can be loaded; NULL: the innermost loop may change it. */
static Op *outermost_loop(Tables *t, const Value *view, Op *gather) {
    Op *found = gather;
    for (Op *at = gather->parent->parent; at != NULL; at = at->parent->parent) {
        if (!is_loop(at)) continue;
        if (!stays_in(t, view, at)) return found == gather ? NULL : found;
        found = at;
    }
    return found;
}

static bool wants_bytes(const IrOptions *options, const Value *view, const Value *index, Table *table) {
    Table as_it_is;
    if (table_fits(options, view, index, &as_it_is) && as_it_is.steps <= FEW_STEPS) return false;
    return table_fits_packed(options, view, index, table);
}

static Group *group_of(Tables *t, const Table *table, Op *loop) {
    for (uint32_t i = 0; i < t->groups.len; i++) {
        Group *group = &t->groups.data[i];
        if (group->table.view == table->view && group->loop == loop) return group;
    }
    vec_push(t->pass->scratch, &t->groups, ((Group){.table = *table, .loop = loop}));
    return &t->groups.data[t->groups.len - 1];
}

static void gather_note(void *user, Op *op) {
    Tables *t = user;
    Table table;
    if (op->kind != OP_GATHER || gather_run(op) != 1) return;
    const Value *view = op->operands[0], *index = op->operands[1];
    bool fits = t->packed ? wants_bytes(t->pass->options, view, index, &table)
                          : table_fits(t->pass->options, view, index, &table);
    Op *loop = fits ? outermost_loop(t, view, op) : NULL;
    if (loop != NULL && (is_loop(loop) || !t->packed)) vec_push(t->pass->scratch, &group_of(t, &table, loop)->gathers, op);
}

static void groups_find(Tables *t, bool packed) {
    t->packed = packed;
    t->groups.len = t->asked.len = 0;
    t->memory = memory_of(t->pass->scratch, t->fn);
    region_walk(t->fn->body, gather_note, t);
}

/* ---- Tables and lookups ---------------------------------------------------------------------- */

static uint32_t table_lanes(const Table *table) {
    uint32_t lanes = 2;
    while (lanes < table->count) lanes *= 2;
    return lanes;
}

/* The elements, and zeros up to a number of lanes that vectors have. */
static Value *table_load(Builder *b, const Table *table) {
    Value *zero = build_i64(b, 0), *mask = NULL;
    uint32_t lanes = table_lanes(table);
    if (lanes != table->count) {
        Value *count = build_int(b, ir_scalar(b->fn->module, SCALAR_I16), table->count);
        mask = build_binary(b, OP_LT, build_lanes(b, SCALAR_I16, lanes), build_splat(b, count, lanes));
    }
    return build_vload(b, (Value *)table->view, &zero, lanes, mask);
}

/* An element is where `index` says, or so much behind that. */
typedef struct Place {
    Value *index;
    int64_t more;
} Place;

/* A type that cannot count all lanes wraps elsewhere than their numbers do. */
static Place place_of(const Value *index, uint32_t lanes) {
    Place whole = {table_index(index), 0};
    const Op *def = whole.index->def;
    uint64_t fit = UINT64_C(1) << (scalar_bits(whole.index->type->scalar) / 2);
    if (def == NULL || def->kind != OP_ADD || lanes > fit) return whole;
    for (uint32_t i = 0; i < 2; i++) {
        const Op *by = def->operands[i]->def;
        int64_t more;
        if (by != NULL && by->kind == OP_SPLAT && value_is_int(by->operands[0], &more))
            return (Place){table_index(def->operands[1 - i]), more};
    }
    return whole;
}

/* Beside a lookup at `index`, that of what lies behind needs no index of its own: it is one in the turned table. */
static Place place_beside(const OpVec *gathers, const Op *gather, uint32_t lanes) {
    Place place = place_of(gather->operands[1], lanes);
    for (uint32_t i = 0; i < gathers->len; i++)
        if (table_index(gathers->data[i]->operands[1]) == place.index) return place;
    return (Place){table_index(gather->operands[1]), 0};
}

static Value *turned(Builder *b, Value *table, int64_t by) {
    uint16_t at[MAX_LANES];
    uint32_t lanes = table->type->lanes;
    for (uint32_t i = 0; i < lanes; i++) at[i] = (uint16_t)((i + (uint64_t)by) % lanes);
    return build_shuffle(b, table, table, at, lanes);
}

/* In 32 bits where that is less than it has: enough for any index of a table. */
static Value *number_of(Builder *b, Value *index) {
    bool is_wide = scalar_bytes(index->type->scalar) == 8;
    return is_wide ? build_cast(b, index, ir_like(b->fn->module, index->type, SCALAR_I32)) : index;
}

static void lookup_make(Tables *t, Op *gather, Value *table, Value *index) {
    Builder b = builder_before(gather);
    const IrType *type = op_result(gather)->type;
    Value *found = build_binary(&b, OP_LOOKUP, table, number_of(&b, index));
    found = build_cast(&b, found, type);
    if (gather->operand_count > 2) found = build_select(&b, gather->operands[2], found, build_zero(&b, type));
    renames_add(&t->renames, op_result(gather), found);
    op_unlink(gather);
    t->pass->changed = true;
}

/* `b` is where the table is. */
static void lookups_make(Tables *t, Builder *b, const OpVec *gathers, Value *table) {
    Place *places = arena_array(t->pass->scratch, Place, gathers->len);
    Value **tables = arena_array(t->pass->scratch, Value *, gathers->len);
    for (uint32_t i = 0; i < gathers->len; i++) places[i] = place_beside(gathers, gathers->data[i], table->type->lanes);
    for (uint32_t i = 0; i < gathers->len; i++) {
        tables[i] = places[i].more == 0 ? table : NULL;
        for (uint32_t k = 0; k < i && tables[i] == NULL; k++)
            if (places[k].more == places[i].more) tables[i] = tables[k];
        if (tables[i] == NULL) tables[i] = turned(b, table, places[i].more);
        lookup_make(t, gathers->data[i], tables[i], places[i].index);
    }
}

/* Once for all forms of a loop. */
static void group_report(Tables *t, const Group *group) {
    if (!is_loop(group->loop)) return;
    for (const Group *before = t->groups.data; before != group; before++)
        if (before->table.view == group->table.view && is_loop(before->loop)) return;
    Root root = memory_root(&t->memory, group->table.view);
    bool has_name = root.kind == ROOT_PARAM || root.value->name.id != 0;
    const char *name = has_name ? root_text(t->pass->scratch, &t->memory, &root) : "", *comma = has_name ? ", " : "";
    pass_remark(t->pass, t->fn, group->gathers.data[0]->span, REMARK_TABLE, "%s%sa table of %u numbers in registers%s", name,
                comma, group->table.count, t->packed ? ", if they fit into bytes, which is found out before the loop" : "");
}

static void tables_as_they_are(Tables *t) {
    groups_find(t, false);
    for (uint32_t i = 0; i < t->groups.len; i++) {
        const Group *group = &t->groups.data[i];
        group_report(t, group);
        Builder b = builder_before(group->loop);
        lookups_make(t, &b, &group->gathers, table_load(&b, &group->table));
    }
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* Turns of the loop make up for the set-up. */
static Value *is_worth_it(Builder *b, const Op *loop, uint32_t count, uint32_t lookups) {
    int64_t step;
    if (loop->kind != OP_FOR || !value_is_int(loop->operands[2], &step) || step <= 0) return build_bool(b, true);
    Value *length = build_binary(b, OP_SUB, loop->operands[1], loop->operands[0]);
    int64_t turns = 1 + count / (ELEMENTS_PER_LOOKUP * lookups);
    return build_binary(b, OP_GE, length, build_i64(b, turns * step));
}

/* An IF that gives whether the numbers fit, and the bytes. */
static Op *bytes_make(Builder *b, const Group *group) {
    IrModule *m = b->fn->module;
    const IrType *elem = group->table.view->type->elem;
    Value *worth = is_worth_it(b, group->loop, group->table.count, group->gathers.len);
    const IrType *types[] = {ir_bool(m), ir_vec(m, SCALAR_U8, table_lanes(&group->table))};
    Op *made = build_if(b, worth, types, 2);
    Builder in = builder_at_end(made->regions[0], b->span);
    Value *numbers = table_load(&in, &group->table), *all = build_fold(&in, REDUCE_OR, numbers);
    Value *positive = build_binary(&in, OP_GE, all, build_int(&in, elem, 0));
    Value *small = build_binary(&in, OP_LE, all, build_int(&in, elem, UINT8_MAX));
    Value *given[] = {build_binary(&in, OP_AND, positive, small), build_cast(&in, numbers, types[1])};
    build_yield(&in, given, 2);
    in = builder_at_end(made->regions[1], b->span);
    Value *none[] = {build_bool(&in, false), build_zero(&in, types[1])};
    build_yield(&in, none, 2);
    return made;
}

static bool is_around(const Op *op, const Op *inner) {
    for (const Region *r = inner->parent; r->parent != NULL; r = r->parent->parent)
        if (r->parent == op) return true;
    return false;
}

/* The loop over vectors that a gather is in, within `loop`, or that. */
static Op *vectors_around(const Op *gather, Op *loop) {
    for (Op *at = loop, *next = NULL; at != NULL; at = next) {
        if (at->kind == OP_FOR && at->attr.loop.is_vector) return at;
        next = NULL;
        for (Op *up = gather->parent->parent; up != at; up = up->parent->parent) next = up;
    }
    return loop;
}

/* The smallest op around all of them, and around a loop over vectors. */
static Op *unit_of(Tables *t, Op *loop) {
    Op *unit = NULL;
    for (uint32_t i = 0; i < t->groups.len; i++) {
        const Group *group = &t->groups.data[i];
        for (uint32_t k = 0; group->loop == loop && k < group->gathers.len; k++) {
            const Op *gather = group->gathers.data[k];
            if (unit == NULL) unit = vectors_around(gather, loop);
            while (!is_around(unit, gather)) unit = unit->parent->parent;
        }
    }
    return unit;
}

static void op_count(void *user, Op *op) {
    (void)op;
    ++*(uint32_t *)user;
}

static bool is_copied(Op *unit) {
    uint32_t ops = 0;
    for (uint32_t i = 0; i < unit->region_count; i++) region_walk(unit->regions[i], op_count, &ops);
    return ops <= LARGEST_COPY;
}

static void results_yield(Builder *b, const Op *op) {
    if (op->result_count > 0) build_yield(b, op->results, op->result_count);
}

/* if fit: the copy, else: the unit. Gives the copy; `map` tells what became of values. */
static Op *unit_copy(Tables *t, Op *unit, Value *fit, Value **map, uint32_t map_len) {
    const IrType **types = arena_array(t->pass->scratch, const IrType *, unit->result_count + 1);
    for (uint32_t i = 0; i < unit->result_count; i++) types[i] = unit->results[i]->type;
    Builder b = builder_before(unit);
    Op *forms = build_if(&b, fit, types, unit->result_count);
    for (uint32_t i = 0; i < unit->result_count; i++) ir_replace_value(t->fn, unit->results[i], forms->results[i]);
    Builder in = builder_at_end(forms->regions[0], unit->span);
    Op *copy = op_clone(&in, unit, map, map_len);
    results_yield(&in, copy);
    op_unlink(unit);
    op_append(forms->regions[1], unit);
    in = builder_at_end(forms->regions[1], unit->span);
    results_yield(&in, unit);
    return copy;
}

static void condition_decide(void *user, Op *op) {
    if (op->kind != OP_IF) return;
    Interval known = interval_of(user, op->operands[0]);
    if (known.lo != known.hi) return;
    Builder b = builder_before(op);
    op->operands[0] = build_bool(&b, known.lo != 0);
}

/* Indices that come from bytes are often in range. */
static void conditions_decide(Tables *t, Op *copy) {
    Intervals intervals = intervals_of(t->pass->scratch, t->fn);
    for (uint32_t i = 0; i < copy->region_count; i++) region_walk(copy->regions[i], condition_decide, &intervals);
}

static void loop_gets_bytes(Tables *t, Op *loop) {
    Op *unit = unit_of(t, loop);
    if (!is_copied(unit)) return;
    Builder b = builder_before(loop);
    Value *fit = NULL, **bytes = arena_array(t->pass->scratch, Value *, t->groups.len);
    for (uint32_t i = 0; i < t->groups.len; i++) {
        const Group *group = &t->groups.data[i];
        if (group->loop != loop) continue;
        group_report(t, group);
        const Op *made = bytes_make(&b, group);
        bytes[i] = made->results[1];
        fit = fit == NULL ? made->results[0] : build_binary(&b, OP_AND, fit, made->results[0]);
    }
    uint32_t len = t->fn->next_value;
    Value **map = arena_array(t->pass->scratch, Value *, len);
    Op *copy = unit_copy(t, unit, fit, map, len);
    b = builder_before(unit == loop ? copy->parent->parent : loop);
    for (uint32_t i = 0; i < t->groups.len; i++) {
        OpVec *gathers = &t->groups.data[i].gathers;
        if (t->groups.data[i].loop != loop) continue;
        for (uint32_t k = 0; k < gathers->len; k++) gathers->data[k] = map[op_result(gathers->data[k])->id]->def;
        lookups_make(t, &b, gathers, bytes[i]);
    }
    for (uint32_t i = 0; i < copy->region_count; i++) renames_apply(&t->renames, copy->regions[i]);
    conditions_decide(t, copy);
}

static void tables_of_bytes(Tables *t) {
    groups_find(t, true);
    for (uint32_t i = 0; i < t->groups.len; i++) {
        bool is_first = true;
        for (uint32_t k = 0; k < i; k++) is_first = is_first && t->groups.data[k].loop != t->groups.data[i].loop;
        if (is_first) loop_gets_bytes(t, t->groups.data[i].loop);
    }
}

void tables_run(PassContext *pass, IrModule *module) {
    const unsigned *effects = effects_of_module(pass->scratch, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        Tables t = {.pass = pass, .fn = module->fns.data[i], .effects = effects};
        if (t.fn->body == NULL) continue;
        t.renames.arena = pass->scratch;
        tables_of_bytes(&t);
        tables_as_they_are(&t);
        renames_apply(&t.renames, t.fn->body);
    }
}
