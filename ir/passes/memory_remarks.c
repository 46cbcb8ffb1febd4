#include "ir/passes/memory_remarks.h"

#include "ir/analysis/local.h"
#include "ir/analysis/scratch.h"
#include "ir/analysis/memory.h"

/* ---- Sizes and names ------------------------------------------------------------------------- */

/* The user's name of the memory that a view shows. */
static Name memory_name(const Value *view) {
    while (view != NULL) {
        if (view->name.id != 0) return view->name;
        const Op *def = view->def;
        bool is_window = def != NULL && (def->kind == OP_SLICE || def->kind == OP_VIEW ||
                                         def->kind == OP_BUF || def->kind == OP_STRIDED);
        if (def != NULL && def->kind == OP_GET) return ref_base(def->operands[0])->name;
        view = is_window ? def->operands[0] : NULL;
    }
    return NO_NAME;
}

static void size_spell(const IrFn *fn, const Value *size, StrBuf *out) {
    const Value *behind = value_behind_dim(size);
    int64_t number;
    if (value_is_int(behind, &number)) strbuf_printf(out, "%lld", (long long)number);
    else if (behind->name.id != 0) strbuf_puts(out, text_of(fn->module->cx, behind->name));
    else strbuf_putc(out, '?');
}

typedef struct Extent {
    int64_t elements; /* -1: unknown */
    const char *text;
} Extent;

static Extent extent_of(Arena *arena, const IrFn *fn, Value *const *dims, uint32_t rank) {
    StrBuf text = {0};
    Extent extent = {1, NULL};
    for (uint32_t d = 0; d < rank; d++) {
        int64_t number;
        if (d != 0) strbuf_puts(&text, " * ");
        size_spell(fn, dims[d], &text);
        bool is_known = extent.elements >= 0 && value_is_int(value_behind_dim(dims[d]), &number) &&
                        !__builtin_mul_overflow(extent.elements, number, &extent.elements);
        if (!is_known) extent.elements = -1;
    }
    extent.text = arena_strndup(arena, strbuf_text(&text), text.len);
    strbuf_free(&text);
    return extent;
}

/* ---- Copies, when stage OWNED ends ----------------------------------------------------------- */

typedef struct Noter {
    Remarks *remarks;
    const IrFn *fn;
} Noter;

static void assign_note(Noter *n, const Op *assign) {
    const Op *map = assign->operands[1]->def;
    const Value *from = map != NULL && map->kind == OP_MAP ? map_copied(map) : NULL;
    if (from == NULL || span_is_none(assign->span)) return;
    Extent extent = extent_of(n->remarks->arena, n->fn, map->operands, map->operand_count);
    CopySite site = {n->fn->source_name, memory_name(from), assign->span,
                     from->type->elem->size, extent.elements, extent.text};
    vec_push(n->remarks->arena, &n->remarks->copies, site);
}

/* Functions without a place in the source are glue; those with a result copy. */
static bool copies_list(const Op *op) {
    return op->kind == OP_CALL && span_is_none(op->attr.callee->span) && op->result_count == 1 &&
           !op->attr.callee->is_extern;
}

static void op_copy_note(void *user, Op *op) {
    Noter *n = user;
    if (op->kind == OP_ASSIGN) assign_note(n, op);
    if (!copies_list(op) || span_is_none(op->span)) return;
    CopySite site = {n->fn->source_name, memory_name(op->operands[0]), op->span, 0, -1, "?"};
    vec_push(n->remarks->arena, &n->remarks->copies, site);
}

void copies_note(PassContext *pass, const IrModule *module) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        Noter noter = {pass->remarks, module->fns.data[i]};
        if (noter.fn->body != NULL) region_walk(noter.fn->body, op_copy_note, &noter);
    }
}

/* ---- What is left ---------------------------------------------------------------------------- */

typedef struct Collector {
    const Remarks *remarks;
    const IrFn *fn;
    ScratchUse scratch;
    MemoryRemarkVec found;
    bool *is_listed; /* by copy */
} Collector;

static bool spans_equal(Span a, Span b) {
    return a.file == b.file && a.start == b.start && a.end == b.end;
}

/* A store of a copy stands in the copy's own loops, one for each dimension: they do not count. */
static bool in_loop(const Op *op) {
    bool stores = op->kind == OP_STORE || op->kind == OP_VSTORE;
    uint32_t own = stores ? op->operands[0]->type->rank : 0, loops = 0;
    for (const Region *home = op->parent; home->parent != NULL; home = home->parent->parent) {
        const Op *around = home->parent;
        bool is_loop = around->kind == OP_FOR || around->kind == OP_WHILE;
        bool is_done = home == around->regions[around->region_count - 1]; /* runs once */
        loops += is_loop && !is_done;
    }
    return loops > own;
}

static MemoryRemark remark_of(const Collector *c, MemoryDeed deed, const Op *op) {
    bool is_inlined = op->inlined_from.id != 0;
    return (MemoryRemark){.deed = deed,
                          .span = op->span,
                          .function = is_inlined ? op->inlined_from : c->fn->source_name,
                          .in_loop = in_loop(op),
                          .elements = -1,
                          .size = "?"};
}

static const CopySite *copy_at(const Collector *c, Span span) {
    for (uint32_t i = 0; i < c->remarks->copies.len; i++)
        if (spans_equal(c->remarks->copies.data[i].span, span)) return &c->remarks->copies.data[i];
    return NULL;
}

/* What a pass said when it asked for the memory. */
static const char *pass_reason(const Collector *c, Span span) {
    for (uint32_t i = 0; i < c->remarks->all.len; i++) {
        const Remark *remark = &c->remarks->all.data[i];
        if (remark->kind == REMARK_THROUGH_MEMORY && spans_equal(remark->span, span))
            return arena_printf(c->remarks->arena, "%s%s", remark_infos[remark->kind].words,
                                remark->text);
    }
    return NULL;
}

static const char *alloc_reason(const Collector *c, const Op *op, Name name) {
    if (op->kind == OP_APPEND) return "the list grows when it is full";
    if (op->kind == OP_ARENA) return "the block that the arena gives out";
    if (copy_at(c, op->span) != NULL) return "the memory of a copy";
    if (name.id != 0) return "its memory";
    const char *said = pass_reason(c, op->span);
    return said != NULL ? said : "the memory of a value without a name";
}

static void alloc_collect(Collector *c, const Op *op) {
    MemoryRemark remark = remark_of(c, MEMORY_ALLOC, op);
    bool in_arena = op->kind == OP_ALLOC_IN;
    if (op->kind == OP_ALLOC || in_arena) {
        Extent extent = extent_of(c->remarks->arena, c->fn, op->operands + in_arena,
                                  op->operand_count - in_arena);
        remark.elements = extent.elements;
        remark.size = extent.text;
        remark.element_bytes = op_result(op)->type->elem->size;
        remark.from = in_arena ? FROM_ARENA
                      : scratch_has(c->scratch, c->fn, op_result(op)) ? FROM_SCRATCH : FROM_HEAP;
    }
    remark.name = op->kind == OP_APPEND ? ref_base(op->operands[0])->name : op_result(op)->name;
    remark.why = alloc_reason(c, op, remark.name);
    vec_push(c->remarks->arena, &c->found, remark);
}

static void free_collect(Collector *c, const Op *op) {
    MemoryRemark remark = remark_of(c, MEMORY_FREE, op);
    remark.name = memory_name(op->operands[0]);
    remark.why = remark.name.id != 0 ? "nothing uses it any more" : "a value without a name ends";
    vec_push(c->remarks->arena, &c->found, remark);
}

/* A copy is left where something is still stored, or called, for it. */
static void copy_collect(Collector *c, const Op *op) {
    for (uint32_t i = 0; i < c->remarks->copies.len; i++) {
        const CopySite *site = &c->remarks->copies.data[i];
        if (c->is_listed[i] || !spans_equal(site->span, op->span)) continue;
        c->is_listed[i] = true;
        MemoryRemark remark = remark_of(c, MEMORY_COPY, op);
        remark.name = site->from;
        remark.function = site->function;
        remark.element_bytes = site->element_bytes;
        remark.elements = site->elements;
        remark.size = site->size;
        remark.why = "both the copy and the original are used";
        vec_push(c->remarks->arena, &c->found, remark);
    }
}

static bool is_on_stack(const Op *op) {
    const Op *alloc = op->kind == OP_FREE ? op->operands[0]->def : op;
    return alloc != NULL && (alloc_is_local(alloc) || alloc_is_of_lanes(alloc));
}

static bool allocates(const Op *op) {
    return op->kind == OP_ALLOC || op->kind == OP_ALLOC_IN || op->kind == OP_ARENA || op->kind == OP_APPEND;
}

/* What lives in an arena ends with it. */
static bool frees(const Op *op) {
    if (op->kind != OP_FREE) return false;
    const Op *def = op->operands[0]->def;
    return def == NULL || def->kind != OP_ALLOC_IN;
}

static void op_collect(void *user, Op *op) {
    Collector *c = user;
    if (is_on_stack(op)) return;
    if (allocates(op)) alloc_collect(c, op);
    else if (frees(op)) free_collect(c, op);
    else if (op->kind == OP_STORE || op->kind == OP_VSTORE || copies_list(op)) copy_collect(c, op);
}

MemoryRemarkVec memory_remarks(const Remarks *remarks, const IrModule *module) {
    Collector c = {.remarks = remarks, .scratch = scratch_use_of(remarks->arena, module)};
    c.is_listed = arena_array(remarks->arena, bool, remarks->copies.len);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        c.fn = module->fns.data[i];
        if (c.fn->body != NULL) region_walk(c.fn->body, op_collect, &c);
    }
    return c.found;
}
