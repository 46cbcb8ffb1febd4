/* Checks, prints, functions from outside, and results. */
#include "ir/eval.h"
#include "ir/interp_machine.h"

#include <stdlib.h>
#include <string.h>

/* ---- Checks ---------------------------------------------------------------------------------- */

/* Whether a op b is within the type. */
static bool fits(CheckKind kind, Scalar scalar, uint64_t a, uint64_t b) {
    Int128 left = eval_int(scalar, a), right = eval_int(scalar, b);
    if (kind == CHECK_MUL) {
        /* The product of two u64 may be beyond Int128; then it is beyond u64 as well. */
        Int128 product;
        if (__builtin_mul_overflow(left, right, &product)) return false;
        left = product;
    } else {
        left = kind == CHECK_ADD ? left + right : left - right;
    }
    return eval_int(scalar, eval_truncate(scalar, (uint64_t)left)) == left;
}

static bool check_holds(CheckKind kind, Scalar scalar, const uint64_t *words) {
    int64_t a = (int64_t)words[0], b = (int64_t)words[1], c = (int64_t)words[2];
    switch (kind) {
    case CHECK_INDEX: return 0 <= a && a < b;
    case CHECK_RANGE: return a >= b || (0 <= a && b <= c);
    case CHECK_SLICE: return 0 <= a && a <= b && b <= c;
    case CHECK_SIZE: return a == b;
    case CHECK_LENGTH: return a >= 0;
    case CHECK_NONEMPTY: return a > 0;
    case CHECK_DIVISOR: case CHECK_STEP: case CHECK_TRUE: return a != 0;
    case CHECK_EXPONENT: return eval_int(scalar, words[0]) >= 0;
    case CHECK_ADD: case CHECK_SUB: case CHECK_MUL: return fits(kind, scalar, words[0], words[1]);
    case CHECK_MEMORY: case CHECK_COUNT: break;
    }
    UNREACHABLE();
}

void check_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const Op *op = inst->op;
    CheckKind kind = op->attr.check.kind;
    Scalar scalar = op->operands[0]->type->scalar;
    uint64_t words[3] = {0};
    for (uint32_t i = 0; i < inst->count; i++) words[i] = frame[inst->slots[i]];
    if (check_holds(kind, scalar, words)) return;
    const CheckInfo *info = &check_infos[kind];
    machine_panic(m, op, kind == CHECK_TRUE ? op->attr.check.message : info->message);
    if (kind == CHECK_TRUE) return; /* the user's message says it all */
    m->panic->value_count = (int32_t)inst->count;
    for (uint32_t i = 0; i < inst->count; i++) {
        m->panic->names[i] = info->names[i];
        m->panic->values[i] = (int64_t)eval_int(scalar, words[i]);
    }
}

/* ---- Prints ---------------------------------------------------------------------------------- */

/* Whether all elements of a view lie in its block. */
static bool view_is_covered(Machine *m, const Op *op, const IrType *type, const uint64_t *view) {
    uint64_t lowest = view[1], highest = view[1], size = layout_of(m, type->elem)->bytes;
    for (uint32_t i = 0; i < type->rank; i++) {
        if (view[2 + i] == 0) return true;
        uint64_t reach = (view[2 + i] - 1) * view[2 + type->rank + i] * size;
        if ((int64_t)reach < 0)
            lowest += reach;
        else
            highest += reach;
    }
    const Block *block = block_of(view[0]);
    return block_covers(m, op, block, lowest, size) && block_covers(m, op, block, highest, size);
}

/* A vector is shown as an array, whose elements begin a word each. */
typedef struct LaneSteps {
    int64_t count, words;
} LaneSteps;

static bool fill_item(Machine *m, const Op *op, const IrType *type, const uint64_t *words,
                      InterpItem *item, LaneSteps *lanes) {
    *item = (InterpItem){.kind = ITEM_SCALAR};
    if (type->kind == IR_VEC) {
        *lanes = (LaneSteps){type->lanes, 8 / scalar_bytes(type->scalar)};
        *item = (InterpItem){.kind = ITEM_ARRAY, .scalar = type->scalar, .data = words, .rank = 1,
                             .shape = &lanes->count, .stride = &lanes->words};
    } else if (ir_is_scalar(type)) {
        item->scalar = type->scalar;
        item->bits = words[0];
    } else if (type->kind == IR_STR) {
        item->kind = ITEM_TEXT;
        item->text = (const char *)(uintptr_t)words[0];
        item->length = (uint32_t)words[1];
    } else {
        item->kind = ITEM_ARRAY;
        item->scalar = type->elem->scalar;
        item->data = (const void *)(uintptr_t)words[1];
        item->rank = type->rank;
        item->shape = (const int64_t *)(words + 2);
        item->stride = (const int64_t *)(words + 2 + type->rank);
        return view_is_covered(m, op, type, words);
    }
    return true;
}

void print_run(Machine *m, const Inst *inst, uint64_t *frame) {
    InterpItem *items = calloc(inst->count + 1, sizeof *items);
    LaneSteps *lanes = calloc(inst->count + 1, sizeof *lanes);
    if (items == NULL || lanes == NULL) fatal("out of memory");
    bool good = true;
    for (uint32_t i = 0; i < inst->count && good; i++)
        good = fill_item(m, inst->op, inst->op->operands[i]->type, frame + inst->slots[i],
                         &items[i], &lanes[i]);
    if (good) m->host->print(m->host->user, items, inst->count);
    free(items);
    free(lanes);
}

/* ---- Results --------------------------------------------------------------------------------- */

/* A view as a result is {data, shape...}. */
uint32_t result_place(Machine *m, const IrType *type, uint32_t *offset) {
    bool view = type->kind == IR_VIEW;
    const Layout *layout = layout_of(m, type);
    uint32_t align = view ? 8 : layout->align, size = view ? 8 * (1 + type->rank) : layout->bytes;
    uint32_t place = (*offset + align - 1) / align * align;
    *offset = place + size;
    return place;
}

void result_store(Machine *m, const Op *op, const IrType *type, void *to, const uint64_t *words) {
    if (type->kind != IR_VIEW) {
        value_store(m, type, to, words);
        return;
    }
    Block *block = block_of(words[0]);
    if (block == NO_BLOCK)
        machine_fault(m, op, "returns an array that has no value");
    else if (block != NULL && block->is_freed)
        machine_fault(m, op, "returns memory that was freed");
    else if (block != NULL)
        block->is_kept = true;
    memcpy(to, words + 1, 8 * (1 + (size_t)type->rank));
}

/* What comes back from outside is taken at its word. */
static void result_load(Machine *m, const IrType *type, const void *from, uint64_t *words) {
    if (type->kind != IR_VIEW) {
        value_load(m, type, from, words);
        return;
    }
    memcpy(words + 1, from, 8 * (1 + (size_t)type->rank));
    uint64_t count = 1;
    for (uint32_t i = type->rank; i-- > 0;) {
        words[2 + type->rank + i] = count;
        count *= words[2 + i];
    }
    words[view_tag(type)] = 0;
    words[0] = (uint64_t)(uintptr_t)block_add(m, words[1], count * layout_of(m, type->elem)->bytes,
                                              true);
}

/* ---- Errors ---------------------------------------------------------------------------------- */

void fail_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const char *text = (const char *)(uintptr_t)frame[inst->a];
    m->error = arena_strndup(m->module->arena, text, frame[inst->a + 1]);
    m->failed = inst->op;
}

void caught_run(Machine *m, const Inst *inst, uint64_t *frame) {
    const char *text = m->error != NULL ? m->error : "";
    frame[inst->dst] = (uint64_t)(uintptr_t)text;
    frame[inst->dst + 1] = strlen(text);
}

/* ---- Calls to the outside -------------------------------------------------------------------- */

/* A pointer to the argument as C passes it: a view's words after its block are the struct of a
 * strided parameter; of a buf the address; a scalar goes to `room`. */
static void *extern_arg(const IrType *type, uint64_t *words, uint64_t *room) {
    if (type->kind == IR_VIEW || type->kind == IR_BUF) return words + 1;
    if (!ir_is_scalar(type)) return words;
    scalar_store(type->scalar, room, words[0]);
    return room;
}

/* A call as it is put to the host. */
typedef struct ExternCall {
    void **args;       /* of the parameters, then of the results' places when it raises */
    uint64_t *rooms;   /* scalars as C has them, and those places */
    char *result;      /* a struct of the results */
    int32_t status;
} ExternCall;

static ExternCall extern_start(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrFn *callee = inst->op->attr.callee;
    uint32_t count = inst->count, outs = callee->raises ? callee->results.len : 0, size = 0;
    for (uint32_t i = 0; i < callee->results.len; i++)
        result_place(m, callee->results.data[i], &size);
    ExternCall call = {.args = calloc(count + outs + 1, sizeof *call.args),
                       .rooms = calloc(count + outs + 1, 8), .result = calloc(size / 8 + 2, 8)};
    if (call.args == NULL || call.rooms == NULL || call.result == NULL) fatal("out of memory");
    for (uint32_t i = 0; i < count; i++)
        call.args[i] = extern_arg(inst->op->operands[i]->type, frame + inst->slots[i],
                                  &call.rooms[i]);
    uint32_t offset = 0;
    for (uint32_t i = 0; i < outs; i++) {
        char *place = call.result + result_place(m, callee->results.data[i], &offset);
        call.rooms[count + i] = (uint64_t)(uintptr_t)place;
        call.args[count + i] = &call.rooms[count + i];
    }
    return call;
}

static void extern_results(Machine *m, const Inst *inst, uint64_t *frame, const ExternCall *call) {
    const IrFn *callee = inst->op->attr.callee;
    const Code *code = machine_frame(m)->code;
    Value *const *results = inst->op->results + callee->raises;
    uint32_t offset = 0;
    if (callee->raises) frame[code->slots[inst->op->results[0]->id]] = call->status != 0;
    for (uint32_t i = 0; i < callee->results.len && call->status == 0; i++) {
        const IrType *type = callee->results.data[i];
        result_load(m, type, call->result + result_place(m, type, &offset),
                    frame + code->slots[results[i]->id]);
    }
}

void extern_call(Machine *m, const Inst *inst, uint64_t *frame) {
    const IrFn *callee = inst->op->attr.callee;
    ExternCall call = extern_start(m, inst, frame);
    void *result = callee->raises ? (void *)&call.status : call.result;
    if (m->host->call != NULL && m->host->call(m->host->user, callee, call.args, result))
        extern_results(m, inst, frame, &call);
    else
        machine_panic(m, inst->op,
                      arena_printf(m->module->arena, "no function `%s` outside of the program",
                                   text_of(m->module->cx, callee->name)));
    free(call.args);
    free(call.rooms);
    free(call.result);
}
