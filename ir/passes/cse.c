/* cse: an operation that was already done on the same operands is not done again.
 *
 * Requires: nothing; works on both stages.
 * Establishes: equal pure values on one path are one value.
 * Breaks: nothing.
 *
 * The table of what is available follows the tree: a region sees what stands before it and around
 * it, and forgets its own on the way out. Loads are available until something is written, what
 * fields hold until one is set or passed on to be changed, checks until the end of their region:
 * the values they judged do not change. */
#include <string.h>

#include "ir/analysis/effects.h"
#include "ir/analysis/memory.h"
#include "ir/passes/cloner.h"
#include "ir/passes/runs.h"

typedef struct Entry {
    Op *op;
    uint32_t hash, epoch;
    uint32_t next; /* older entry of the same bucket: index + 1, 0: none */
} Entry;

typedef struct Cse {
    PassContext *pass;
    const unsigned *effects;
    uint32_t *buckets; /* index + 1 of the newest entry */
    uint32_t mask;
    Vec(Entry) entries;
    Renames renames;
    uint32_t epoch;       /* counts what may have been written */
    uint32_t place_epoch; /* counts what fields may have got other values */
} Cse;

/* ---- Which ops, and when two are the same ---------------------------------------------------- */

static bool is_load(const Op *op) {
    return op->kind == OP_LOAD || op->kind == OP_VLOAD || op->kind == OP_GATHER;
}

/* Variables are forward.c's; bodies are not compared. */
static bool is_shareable(const Op *op) {
    if (op->kind == OP_CHECK || op->kind == OP_ELEM || is_load(op)) return true;
    if (place_is_read(op)) return true;
    return op_is_pure(op) && op->result_count == 1 && op->region_count == 0;
}

/* An empty text may have no bytes at all. */
static bool texts_equal(const Op *a, const Op *b) {
    uint32_t length = a->attr.text.length;
    if (length != b->attr.text.length) return false;
    return length == 0 || memcmp(a->attr.text.bytes, b->attr.text.bytes, length) == 0;
}

static bool attr_equal(const Op *a, const Op *b) {
    switch (op_info(a)->attr) {
    case ATTR_NONE: return true;
    case ATTR_BITS: return a->attr.bits == b->attr.bits;
    case ATTR_TEXT: return texts_equal(a, b);
    case ATTR_INDEX: return a->attr.index == b->attr.index;
    case ATTR_MASK: return a->attr.mask == b->attr.mask;
    case ATTR_FLAG: return a->attr.flag == b->attr.flag;
    case ATTR_REDUCE: return a->attr.reduce == b->attr.reduce;
    case ATTR_CHECK: return a->attr.check.kind == b->attr.check.kind;
    case ATTR_TYPE: return a->attr.type == b->attr.type;
    case ATTR_LANES:
        return a->attr.lanes.count == b->attr.lanes.count &&
               memcmp(a->attr.lanes.at, b->attr.lanes.at, 2 * (size_t)a->attr.lanes.count) == 0;
    case ATTR_VAR:
    case ATTR_LOOP:
    case ATTR_CALLEE: return false;
    }
    UNREACHABLE();
}

static bool op_equal(const Op *a, const Op *b) {
    if (a->kind != b->kind || a->operand_count != b->operand_count || !attr_equal(a, b))
        return false;
    if (a->result_count == 1 && op_result(a)->type != op_result(b)->type) return false;
    for (uint32_t i = 0; i < a->operand_count; i++)
        if (a->operands[i] != b->operands[i]) return false;
    return true;
}

static uint32_t hash_mix(uint32_t hash, uint32_t x) {
    hash = (hash ^ x) * 0x9E3779B1u;
    return hash ^ (hash >> 15);
}

static uint32_t op_hash(const Op *op) {
    uint32_t hash = hash_mix((uint32_t)op->kind, op->operand_count);
    for (uint32_t i = 0; i < op->operand_count; i++) hash = hash_mix(hash, op->operands[i]->id);
    if (op_info(op)->attr == ATTR_BITS) {
        hash = hash_mix(hash, (uint32_t)op->attr.bits);
        hash = hash_mix(hash, (uint32_t)(op->attr.bits >> 32));
    }
    if (op_info(op)->attr == ATTR_INDEX) hash = hash_mix(hash, op->attr.index);
    return op->result_count == 1 ? hash_mix(hash, op_result(op)->type->id) : hash;
}

/* x + y and y + x are one: the older value stands first, constants last as simplify wants them. */
static void operands_order(Op *op) {
    if (!(op_info(op)->flags & OP_FLAG_COMMUTES)) return;
    uint64_t bits;
    bool first = value_is_const(op->operands[0], &bits),
         second = value_is_const(op->operands[1], &bits);
    bool swaps = first == second ? op->operands[0]->id > op->operands[1]->id : first;
    if (!swaps) return;
    Value *left = op->operands[0];
    op->operands[0] = op->operands[1];
    op->operands[1] = left;
}

/* Pure operations and checks are available for good. */
static uint32_t epoch_of(const Cse *cse, const Op *op) {
    if (is_load(op)) return cse->epoch;
    return place_is_read(op) ? cse->place_epoch : 0;
}

/* ---- The table ------------------------------------------------------------------------------- */

static Op *available(const Cse *cse, const Op *op, uint32_t hash) {
    for (uint32_t at = cse->buckets[hash & cse->mask]; at != 0;
         at = cse->entries.data[at - 1].next) {
        const Entry *entry = &cse->entries.data[at - 1];
        if (entry->hash != hash || !op_equal(entry->op, op)) continue;
        if (entry->epoch == epoch_of(cse, op)) return entry->op;
    }
    return NULL;
}

static void available_add(Cse *cse, Op *op, uint32_t hash) {
    uint32_t *bucket = &cse->buckets[hash & cse->mask];
    Entry entry = {op, hash, epoch_of(cse, op), *bucket};
    vec_push(cse->pass->scratch, &cse->entries, entry);
    *bucket = cse->entries.len;
}

static void available_forget(Cse *cse, uint32_t mark) {
    while (cse->entries.len > mark) {
        Entry entry = vec_pop(&cse->entries);
        cse->buckets[entry.hash & cse->mask] = entry.next;
    }
}

/* ---- The walk -------------------------------------------------------------------------------- */

static bool writes_memory(const Cse *cse, const Op *op) {
    return !set_is_local(op) && (op_effects(cse->effects, op) & EFFECT_WRITES);
}

static void op_pass(void *user, Op *op) {
    Cse *cse = user;
    if (writes_memory(cse, op)) cse->epoch++;
    if (place_may_change(op)) cse->place_epoch++;
}

/* A loop's later iterations see what earlier ones wrote. */
static void loop_enter(Cse *cse, const Op *op) {
    if (op->kind == OP_IF) return;
    for (uint32_t i = 0; i < op->region_count; i++) region_walk(op->regions[i], op_pass, cse);
}

static void region_share(Cse *cse, Region *region);

static void op_share(Cse *cse, Op *op) {
    operands_order(op);
    uint32_t hash = op_hash(op);
    Op *before = available(cse, op, hash);
    if (before == NULL) {
        available_add(cse, op, hash);
        return;
    }
    if (op->result_count == 1) {
        if (op_result(before)->name.id == 0) op_result(before)->name = op_result(op)->name;
        renames_add(&cse->renames, op_result(op), op_result(before));
    }
    op_unlink(op);
    cse->pass->changed = true;
}

static void region_share(Cse *cse, Region *region) {
    uint32_t mark = cse->entries.len;
    for (Op *op = region->first, *next; op != NULL; op = next) {
        next = op->next;
        for (uint32_t i = 0; i < op->operand_count; i++)
            op->operands[i] = renames_find(&cse->renames, op->operands[i]);
        loop_enter(cse, op);
        for (uint32_t i = 0; i < op->region_count; i++) region_share(cse, op->regions[i]);
        op_pass(cse, op);
        if (is_shareable(op)) op_share(cse, op);
    }
    available_forget(cse, mark);
}

void cse_run(PassContext *pass, IrModule *module) {
    Cse cse = {.pass = pass, .effects = effects_of_module(pass->scratch, module)};
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL) continue;
        uint32_t size = 64;
        while (size < fn->next_op && size < 1u << 20) size *= 2;
        cse.buckets = arena_array(pass->scratch, uint32_t, size);
        cse.mask = size - 1;
        cse.renames = (Renames){.arena = pass->scratch};
        region_share(&cse, fn->body);
    }
}
