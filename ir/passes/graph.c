/* `parallel:` blocks in the pass `tasks`: the TASKs of a block become calls of functions in a GRAPH, with the order
 * that their accesses ask for. */
#include "ir/passes/tasks.h"

#include "ir/analysis/effects.h"
#include "ir/passes/graph_access.h"

typedef struct Block {
    PassContext *pass;
    Op *loop; /* of one iteration */
    Vec(Op *) tasks;
    Op *graph;
} Block;

/* ---- Empty variables ------------------------------------------------------------------------- */

static bool is_empty(const Value *value) {
    return value->def != NULL && (value->def->kind == OP_NULLVIEW || value->def->kind == OP_LIST);
}

typedef struct EmptyScan {
    const Block *block;
    bool *is_given; /* by value id: a variable that some call so far gives a value */
} EmptyScan;

/* A variable of the block that nobody has given anything yet. */
static bool is_empty_var(const EmptyScan *scan, const Value *ref) {
    const Op *var = ref->def;
    if (var == NULL || var->kind != OP_VAR || var->parent != scan->block->loop->regions[0]) return false;
    return !scan->is_given[ref->id];
}

static void header_note(const EmptyScan *scan) {
    for (const Op *op = scan->block->loop->regions[0]->first; op != NULL; op = op->next)
        if (op->kind == OP_SET && !is_empty(op->operands[1])) scan->is_given[op->operands[0]->id] = true;
}

/* `erase` makes a GET for each FREE. */
static void empty_visit(void *user, Op *op) {
    const EmptyScan *scan = user;
    Op *get = op->kind == OP_FREE ? op->operands[0]->def : NULL;
    if (get != NULL && get->kind == OP_GET && get == op->prev && is_empty_var(scan, get->operands[0])) {
        op_unlink(get);
        op_unlink(op);
    }
    if (op->kind == OP_SET) scan->is_given[op->operands[0]->id] = true;
}

/* Nothing ends where a call is about to give an empty variable its value. */
static void empties_drop(const Block *block) {
    EmptyScan scan = {block, arena_array(block->pass->scratch, bool, block->loop->parent->fn->next_value)};
    header_note(&scan);
    for (uint32_t i = 0; i < block->tasks.len; i++)
        region_walk(block->tasks.data[i]->regions[0], empty_visit, &scan);
}

/* ---- Order ----------------------------------------------------------------------------------- */

static void remark(Block *block, uint32_t i, const bool *waits) {
    StrBuf text = {0};
    Context *cx = block->pass->cx;
    const Op *task = block->tasks.data[i];
    strbuf_printf(&text, "`%s` ", text_of(cx, task_callee_name(task)));
    bool any = false;
    for (uint32_t k = 0; k < i; k++) {
        if (!waits[k]) continue;
        const Span span = block->tasks.data[k]->span;
        const Source *source = source_of(&cx->sources, span);
        strbuf_printf(&text, "%s`%s`", any ? ", " : "waits for ", text_of(cx, task_callee_name(block->tasks.data[k])));
        if (source != NULL) strbuf_printf(&text, " of line %u", (unsigned)source_line_col(source, span.start).line);
        any = true;
    }
    if (!any) strbuf_puts(&text, "waits for no other call of the block");
    pass_remark(block->pass, task->parent->fn, task->span, REMARK_TASK, "%s", strbuf_text(&text));
    strbuf_free(&text);
}

/* All calls before it that one waits for are named: who waits for whom through another as well. */
static void order_find(Block *block, const unsigned *effects) {
    Arena *scratch = block->pass->scratch;
    Memory memory = memory_of(scratch, block->loop->parent->fn);
    uint32_t count = block->tasks.len;
    PartAccess *parts = arena_array(scratch, PartAccess, count);
    bool *waits = arena_array(scratch, bool, count);
    Vec(uint16_t) edges = {0};
    for (uint32_t i = 0; i < count; i++) {
        parts[i] = part_access_of(scratch, &memory, effects, block->tasks.data[i]);
        for (uint32_t k = 0; k < i; k++) {
            waits[k] = part_waits(&memory, &parts[k], &parts[i]);
            if (!waits[k]) continue;
            vec_push(block->loop->parent->fn->module->arena, &edges, (uint16_t)k);
            vec_push(block->loop->parent->fn->module->arena, &edges, (uint16_t)i);
        }
        remark(block, i, waits);
    }
    block->graph->attr.lanes.at = edges.data;
    block->graph->attr.lanes.count = edges.len;
}

/* ---- The calls ------------------------------------------------------------------------------- */

/* Variables of the block, and what else stands between its calls. */
static void setup_hoist(const Block *block) {
    Op *last = vec_last(&block->tasks);
    for (Op *op = block->tasks.data[0], *next; op != last; op = next) {
        next = op->next;
        if (op->kind == OP_TASK) continue;
        op_unlink(op);
        op_insert_before(op, block->tasks.data[0]);
    }
}

static bool is_left_by(const Op *op) {
    const Op *last = op->kind == OP_TRY ? op->regions[1]->last : NULL;
    return last != NULL && last->kind == OP_BREAK;
}

/* What a call that failed leads to happens when all have ended. */
static void handler_move(Builder *behind, const Op *task) {
    const Op *tried = task->regions[0]->first;
    while (tried != NULL && !is_left_by(tried)) tried = tried->next;
    if (tried == NULL) return;
    Region *handler = tried->regions[1];
    Op *choice = build_if(behind, build_get(behind, task->operands[0]), NULL, 0);
    for (Op *op = handler->first, *next; op != NULL; op = next) {
        next = op->next;
        op_unlink(op);
        op_append(choice->regions[0], op);
    }
}

/* Nothing leaves it before its end. */
static void loop_dissolve(Op *loop) {
    for (Op *op = loop->regions[0]->first, *next; op != NULL; op = next) {
        next = op->next;
        op_unlink(op);
        if (op->kind != OP_YIELD && op->kind != OP_CONTINUE) op_insert_before(op, loop);
    }
    op_unlink(loop);
}

void graph_outline(PassContext *pass, IrFn *from, Op *loop, uint32_t *made) {
    Block block = {.pass = pass, .loop = loop};
    loop->attr.loop.is_graph = false;
    for (Op *op = loop->regions[0]->first; op != NULL; op = op->next)
        if (op->kind == OP_TASK) vec_push(pass->scratch, &block.tasks, op);
    if (block.tasks.len > 0) {
        setup_hoist(&block);
        Builder b = builder_before(block.tasks.data[0]);
        b.span = loop->span;
        block.graph = build_op(&b, OP_GRAPH, NULL, 0, NULL, 0, 1);
        for (uint32_t i = 0; i < block.tasks.len; i++) handler_move(&b, block.tasks.data[i]);
        empties_drop(&block);
        order_find(&block, effects_of_module(pass->scratch, from->module));
        Builder calls = builder_at_end(block.graph->regions[0], loop->span);
        for (uint32_t i = 0; i < block.tasks.len; i++) {
            TaskPlace place = {.among = loop, .setup = block.graph, .call = calls};
            task_outline(pass, from, block.tasks.data[i], &place, made);
        }
    }
    bool leaves = false;
    for (const Op *op = loop->regions[0]->first; op != NULL; op = op->next) leaves |= op->kind == OP_IF;
    if (!leaves) loop_dissolve(loop);
    pass->changed = true;
}
