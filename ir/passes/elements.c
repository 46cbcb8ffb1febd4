/* elements: what an element of an array holds is known after it was loaded or stored.
 *
 * Requires: stage LOOP.
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A load of such an element becomes the value; a store of what is there goes, and so does a store that is
 * overwritten before anybody can look: no load of what may be the element, no call, and no check
 * that could end the program in between. Elements are compared by memory and affine indices, x[i + half] being another than x[i]
 * where half is known not to be 0; where two may be the same or not, what was known of the one is forgotten by a store to
 * the other. */
#include <string.h>

#include "ir/analysis/effects.h"
#include "ir/analysis/likeness.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

/* Enough for the bodies that people write; what is older is forgotten. */
enum { KNOWN_LIMIT = 64 };

typedef struct Known {
    Root root;
    Element element;
    Value *value;
    Op *store; /* that put it there, as long as nobody can have seen it; or NULL */
} Known;

typedef struct Table {
    Known *all[KNOWN_LIMIT];
    uint32_t count;
} Table;

typedef struct Elements {
    PassContext *pass;
    const unsigned *effects;
    Memory memory;
    Ranges *ranges; /* what is known where the walk is */
    Renames renames;
    Table table;
} Elements;

/* ---- Which element --------------------------------------------------------------------------- */

/* `element` may be NULL: any of the memory. */
static Likeness likeness(const Elements *e, const Known *known, const Root *root, const Element *element) {
    if (!roots_may_overlap(&known->root, root)) return LIKE_OTHER;
    if (element == NULL) return LIKE_MAYBE;
    return elements_compare(e->ranges, &known->element, element);
}

static bool element_read(const Elements *e, const Op *op, uint32_t first, Element *element) {
    const Value *view = op->operands[0];
    Affine index[8];
    for (uint32_t d = 0; d < view->type->rank; d++)
        index[d] = affine_of(renames_find(&e->renames, op->operands[first + d]), NULL, NULL);
    return element_of(&e->memory, view, index, element);
}

/* ---- What is known --------------------------------------------------------------------------- */

static void known_remove(Table *table, uint32_t at) {
    table->count--;
    memmove(&table->all[at], &table->all[at + 1], (table->count - at) * sizeof table->all[0]);
}

static void known_add(Elements *e, const Root *root, const Element *element, Value *value,
                      Op *store) {
    Known *known = arena_new(e->pass->scratch, Known);
    *known = (Known){*root, *element, value, store};
    if (e->table.count == KNOWN_LIMIT) known_remove(&e->table, 0);
    e->table.all[e->table.count++] = known;
}

/* Nothing is known of memory that may overlap this. */
static void memory_forget(Elements *e, const Root *root) {
    for (uint32_t i = e->table.count; i-- > 0;)
        if (roots_may_overlap(&e->table.all[i]->root, root)) known_remove(&e->table, i);
}

/* From here on somebody may have seen what is stored. */
static void stores_settle(Elements *e) {
    for (uint32_t i = 0; i < e->table.count; i++) e->table.all[i]->store = NULL;
}

/* ---- Loads and stores ------------------------------------------------------------------------ */

static void load_visit(Elements *e, Op *load) {
    Root root = memory_root(&e->memory, load->operands[0]);
    Element element;
    bool is_exact = element_read(e, load, 1, &element);
    for (uint32_t i = e->table.count; i-- > 0;) {
        Known *known = e->table.all[i];
        Likeness like = likeness(e, known, &root, is_exact ? &element : NULL);
        if (like == LIKE_MAYBE) known->store = NULL;
        if (like != LIKE_SAME || known->value->type != op_result(load)->type) continue;
        renames_add(&e->renames, op_result(load), known->value);
        op_unlink(load);
        e->pass->changed = true;
        return;
    }
    if (is_exact) known_add(e, &root, &element, op_result(load), NULL);
}

static void store_drop(Elements *e, Op *store, const char *reason) {
    pass_remark(e->pass, store->parent->fn, store->span, REMARK_STORE_DROPPED, "%s", reason);
    op_unlink(store);
    e->pass->changed = true;
}

static void store_visit(Elements *e, Op *store) {
    Root root = memory_root(&e->memory, store->operands[0]);
    Value *value = renames_find(&e->renames, store->operands[1]);
    Element element;
    bool is_exact = element_read(e, store, 2, &element);
    for (uint32_t i = e->table.count; i-- > 0;) {
        Known *known = e->table.all[i];
        Likeness like = likeness(e, known, &root, is_exact ? &element : NULL);
        if (like == LIKE_OTHER) continue;
        if (like == LIKE_SAME && known->value == value) {
            store_drop(e, store, "the element holds that value");
            return;
        }
        bool is_dead = like == LIKE_SAME && known->store != NULL &&
                       known->store->parent == store->parent;
        if (is_dead) store_drop(e, known->store, "it is overwritten before it is read");
        known_remove(&e->table, i);
    }
    if (is_exact) known_add(e, &root, &element, value, store);
}

/* ---- Everything else ------------------------------------------------------------------------- */

/* A variable, or what the caller's struct holds: no element of an array. */
static bool is_variable(const Op *op) {
    if (op->kind != OP_GET) return set_is_local(op);
    const Value *base = ref_base(op->operands[0]);
    return base->def == NULL || base->def->kind != OP_ITEM;
}

static void other_visit(Elements *e, const Op *op) {
    unsigned effects = op_effects(e->effects, op);
    if (effects & (EFFECT_PANICS | EFFECT_ENDLESS | EFFECT_PRINTS)) stores_settle(e);
    if (is_variable(op) || !(effects & (EFFECT_READS | EFFECT_WRITES))) return;
    stores_settle(e);
    if (!(effects & EFFECT_WRITES)) return;
    if (op->kind == OP_FREE && op->operands[0]->type->kind == IR_VIEW) {
        Root root = memory_root(&e->memory, op->operands[0]);
        memory_forget(e, &root);
    } else {
        e->table.count = 0;
    }
}

static void write_forget(void *user, Op *op) {
    Elements *e = user;
    if (op->kind == OP_STORE) {
        Root root = memory_root(&e->memory, op->operands[0]);
        memory_forget(e, &root);
    } else if (op->region_count == 0) {
        other_visit(e, op);
    }
}

static void region_visit(Elements *e, Region *region);

/* What a loop writes is not known in it, as an earlier iteration may have been there; nor is it behind
 * an if or a loop. */
static void nested_visit(Elements *e, Op *op) {
    stores_settle(e);
    Table before = e->table;
    for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], write_forget, e);
    Table after = e->table;
    for (uint32_t i = 0; i < op->region_count; i++) {
        e->table = op->kind == OP_IF ? before : after;
        uint32_t mark = ranges_mark(e->ranges);
        ranges_assume_region(e->ranges, op, i);
        region_visit(e, op->regions[i]);
        ranges_forget(e->ranges, mark);
    }
    e->table = after;
    stores_settle(e);
}

static void op_visit(Elements *e, Op *op) {
    if (op->region_count != 0) nested_visit(e, op);
    else if (op->kind == OP_LOAD) load_visit(e, op);
    else if (op->kind == OP_STORE) store_visit(e, op);
    else other_visit(e, op);
}

static void region_visit(Elements *e, Region *region) {
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        ranges_assume_past(e->ranges, op);
        op_visit(e, op);
    }
}

void elements_run(PassContext *pass, IrModule *module) {
    Elements e = {.pass = pass, .effects = effects_of_module(pass->scratch, module)};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        e.memory = memory_of(pass->scratch, fn);
        e.renames = (Renames){.arena = pass->scratch};
        e.ranges = ranges_create(pass->scratch, fn);
        e.table.count = 0;
        region_visit(&e, fn->body);
        renames_apply(&e.renames, fn->body);
    }
}
