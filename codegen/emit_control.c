/* Structured control flow as LLVM blocks. */
#include "codegen/pipeline.h"

/* ---- if -------------------------------------------------------------------------------------- */

/* What an arm hands over: its yielded values packed, and the block they come from. */
typedef struct Arm {
    LLVMBasicBlockRef from; /* NULL: the arm left by BREAK, CONTINUE or RETURN */
    LLVMValueRef *values;
} Arm;

static Arm emit_arm(FnEmit *f, const Op *op, const Region *region, LLVMBasicBlockRef start,
                    LLVMBasicBlockRef join) {
    Arm arm = {NULL, arena_array(f->e->scratch, LLVMValueRef, op->result_count)};
    block_enter(f, start);
    const Op *yield = emit_region(f, region);
    if (f->closed) return arm;
    for (uint32_t i = 0; i < op->result_count; i++)
        arm.values[i] = value_packed(f, yield->operands[i]);
    arm.from = LLVMGetInsertBlock(f->b);
    branch_to(f, join);
    return arm;
}

static LLVMValueRef join_value(FnEmit *f, const Value *result, const Arm *arms, uint32_t index) {
    LLVMTypeRef type = type_value(f->e, result->type);
    LLVMValueRef phi = LLVMBuildPhi(f->b, type, "");
    for (int i = 0; i < 2; i++) {
        LLVMBasicBlockRef from = arms[i].from;
        if (from != NULL) LLVMAddIncoming(phi, &arms[i].values[index], &from, 1);
    }
    return phi;
}

/* Arrays that are larger than the caches are rare, and too long for a jump to matter. */
static bool stores_past_caches(const Region *region) {
    for (const Op *op = region->first; op != NULL; op = op->next)
        if (op->kind == OP_FOR && op->attr.loop.streams) return true;
    return false;
}

void emit_if(FnEmit *f, const Op *op) {
    LLVMBasicBlockRef then = block_new(f, "then"), otherwise = block_new(f, "else");
    LLVMBasicBlockRef join = block_new(f, "join");
    LLVMValueRef condition = value_llvm(f, op->operands[0]);
    if (stores_past_caches(op->regions[0]))
        branch_likely(f, LLVMBuildNot(f->b, condition, ""), otherwise, then);
    else
        LLVMBuildCondBr(f->b, condition, then, otherwise);
    Arm arms[2];
    arms[0] = emit_arm(f, op, op->regions[0], then, join);
    arms[1] = emit_arm(f, op, op->regions[1], otherwise, join);
    if (arms[0].from == NULL && arms[1].from == NULL) {
        LLVMDeleteBasicBlock(join);
        f->closed = true;
        return;
    }
    block_enter(f, join);
    debug_place(f, op->span);
    LLVMValueRef *phis = arena_array(f->e->scratch, LLVMValueRef, op->result_count);
    for (uint32_t i = 0; i < op->result_count; i++) {
        phis[i] = join_value(f, op->results[i], arms, i);
    }
    /* Taking a view apart is code, and phis stand before all code. */
    for (uint32_t i = 0; i < op->result_count; i++) value_set_packed(f, op->results[i], phis[i]);
}

/* ---- What runs when a loop has run through --------------------------------------------------- */

static LLVMBasicBlockRef done_block(FnEmit *f, const Region *region, LLVMBasicBlockRef done) {
    return region->first == NULL ? done : block_new(f, "ran.out");
}

/* Its BREAK and CONTINUE are those of the loop around. */
static void emit_done(FnEmit *f, const Region *region, LLVMBasicBlockRef ran_out,
                      LLVMBasicBlockRef done) {
    if (ran_out != done) {
        block_enter(f, ran_out);
        emit_region(f, region);
        branch_to(f, done);
    }
    block_enter(f, done);
}

/* ---- for ------------------------------------------------------------------------------------- */

static bool is_const(LLVMValueRef value, int64_t *number) {
    if (LLVMIsAConstantInt(value) == NULL) return false;
    *number = LLVMConstIntGetSExtValue(value);
    return true;
}

/* How often the loop runs: (distance - 1) / |step| + 1 where there is a distance to go. Differences
 * are read as unsigned, so they hold even where they do not fit an i64. A step of 0 runs not at
 * all. */
static LLVMValueRef trip_count(FnEmit *f, LLVMValueRef lo, LLVMValueRef hi, LLVMValueRef step) {
    Emit *e = f->e;
    LLVMValueRef zero = const_i64(e, 0), one = const_i64(e, 1);
    LLVMValueRef up = LLVMBuildICmp(f->b, LLVMIntSGT, step, zero, "");
    LLVMValueRef from = LLVMBuildSelect(f->b, up, lo, hi, "");
    LLVMValueRef to = LLVMBuildSelect(f->b, up, hi, lo, "");
    LLVMValueRef size = LLVMBuildSelect(f->b, up, step, LLVMBuildNeg(f->b, step, ""), "");
    LLVMValueRef still = LLVMBuildICmp(f->b, LLVMIntEQ, size, zero, "");
    size = LLVMBuildSelect(f->b, still, one, size, "");
    LLVMValueRef distance = LLVMBuildSub(f->b, to, from, "");
    LLVMValueRef trips = LLVMBuildUDiv(f->b, LLVMBuildSub(f->b, distance, one, ""), size, "");
    trips = LLVMBuildAdd(f->b, trips, one, "");
    LLVMValueRef some = LLVMBuildICmp(f->b, LLVMIntSLT, from, to, "");
    some = LLVMBuildAnd(f->b, some, LLVMBuildNot(f->b, still, ""), "");
    return LLVMBuildSelect(f->b, some, trips, zero, "");
}

/* A step that meets the end, as 1 does, counts from lo to hi; any other counts its trips and works the
 * index out from them. A loop of whole steps asks whether to go on behind its body, with another comparison
 * than ahead of it: of two equal ones LLVM makes one, and jumps there. */
typedef struct ForLoop {
    LLVMValueRef first, end, step;
    bool counts_trips;
    LLVMBasicBlockRef head; /* NULL of whole steps */
    LLVMBasicBlockRef body, next;
    LLVMBasicBlockRef ran_out;   /* where the loop goes when it has run through */
    LLVMBasicBlockRef done;      /* after all of it: where BREAK goes */
    LLVMValueRef counter;        /* phi */
} ForLoop;

static ForLoop for_start(FnEmit *f, const Op *op) {
    ForLoop loop = {.first = value_llvm(f, op->operands[0]), .end = value_llvm(f, op->operands[1]),
                    .step = value_llvm(f, op->operands[2])};
    int64_t step;
    loop.counts_trips = !is_const(loop.step, &step) || (step != 1 && !op->attr.loop.whole);
    if (loop.counts_trips) loop.end = trip_count(f, loop.first, loop.end, loop.step);
    loop.head = op->attr.loop.whole ? NULL : block_new(f, "for.head");
    loop.body = block_new(f, "for.body");
    loop.next = block_new(f, "for.next");
    loop.done = block_new(f, "for.done");
    loop.ran_out = done_block(f, op->regions[1], loop.done);
    return loop;
}

static void counter_make(FnEmit *f, ForLoop *loop, LLVMBasicBlockRef before) {
    loop->counter = LLVMBuildPhi(f->b, f->e->i64, "");
    LLVMValueRef start = loop->counts_trips ? const_i64(f->e, 0) : loop->first;
    LLVMAddIncoming(loop->counter, &start, &before, 1);
}

/* Up to the body. */
static void for_enter(FnEmit *f, const Op *op, ForLoop *loop) {
    LLVMBasicBlockRef before = LLVMGetInsertBlock(f->b);
    if (op->attr.loop.runs) {
        LLVMBuildBr(f->b, loop->body);
    } else if (op->attr.loop.whole) {
        LLVMValueRef some = LLVMBuildICmp(f->b, LLVMIntSLT, loop->first, loop->end, "");
        LLVMBuildCondBr(f->b, some, loop->body, loop->ran_out);
    } else {
        LLVMBuildBr(f->b, loop->head);
        block_enter(f, loop->head);
        counter_make(f, loop, before);
        LLVMIntPredicate more = loop->counts_trips ? LLVMIntULT : LLVMIntSLT;
        LLVMValueRef runs = LLVMBuildICmp(f->b, more, loop->counter, loop->end, "");
        LLVMBuildCondBr(f->b, runs, loop->body, loop->ran_out);
    }
    block_enter(f, loop->body);
    if (op->attr.loop.whole) counter_make(f, loop, before);
}

/* The counter stays below its end, so a step cannot wrap; from 0 on it cannot wrap as an unsigned number
 * either. */
static void for_step(FnEmit *f, const Op *op, const ForLoop *loop, LLVMMetadataRef notes) {
    LLVMValueRef step = loop->counts_trips ? const_i64(f->e, 1) : loop->step;
    int64_t first;
    bool from_zero = is_const(loop->first, &first) && first >= 0;
    LLVMValueRef next = LLVMBuildAdd(f->b, loop->counter, step, "");
    LLVMSetNUW(next, loop->counts_trips || from_zero);
    LLVMSetNSW(next, !loop->counts_trips);
    LLVMBasicBlockRef from = loop->next;
    LLVMAddIncoming(loop->counter, &next, &from, 1);
    LLVMValueRef back;
    if (op->attr.loop.whole) {
        LLVMValueRef more = LLVMBuildICmp(f->b, LLVMIntNE, next, loop->end, "");
        back = LLVMBuildCondBr(f->b, more, loop->body, loop->ran_out);
    } else {
        back = LLVMBuildBr(f->b, loop->head);
    }
    if (notes != NULL) metadata_set(f->e, back, "llvm.loop", notes);
}

/* Whether all indices are known to be at least 0: then no difference of two of them overflows. */
static bool stays_positive(const Op *op, const ForLoop *loop) {
    int64_t step, bound;
    if (!is_const(loop->step, &step)) return false;
    const Value *lowest = op->operands[step > 0 ? 0 : 1];
    return value_is_int(lowest, &bound) && bound >= (step > 0 ? 0 : -1);
}

static LLVMValueRef for_index(FnEmit *f, const Op *op, const ForLoop *loop) {
    if (!loop->counts_trips) return loop->counter;
    if (stays_positive(op, loop)) {
        LLVMValueRef gone = LLVMBuildNSWMul(f->b, loop->counter, loop->step, "");
        return LLVMBuildNSWAdd(f->b, loop->first, gone, "");
    }
    LLVMValueRef gone = LLVMBuildMul(f->b, loop->counter, loop->step, "");
    return LLVMBuildAdd(f->b, loop->first, gone, "");
}

void emit_for(FnEmit *f, const Op *op) {
    ForLoop loop = for_start(f, op);
    LLVMMetadataRef group = op->attr.loop.independent ? access_group_new(f->e) : NULL;
    EmitLoop around = {.outer = f->loop, .op = op, .on_break = loop.done, .on_continue = loop.next, .group = group};
    around.has_many_rows = loop_has_many_rows(op);
    around.rows = loop_rows_plan(f, op);
    around.before = makes_steps(f->e) ? LLVMGetInsertBlock(f->b) : NULL;
    for_enter(f, op, &loop);
    around.counter = loop.counter;
    f->loop = &around;
    value_set(f, op->regions[0]->params[0], for_index(f, op, &loop));
    emit_region(f, op->regions[0]);
    branch_to(f, loop.next);
    f->loop = around.outer;
    block_enter(f, loop.next);
    debug_place(f, op->span);
    loop_counts_step(f, &around);
    loop_rows_step(f, &around);
    for_step(f, op, &loop, loop_metadata(f, op, group));
    emit_done(f, op->regions[1], loop.ran_out, loop.done);
    if (op->attr.loop.streams) stream_end(f);
}

/* ---- while ----------------------------------------------------------------------------------- */

void emit_while(FnEmit *f, const Op *op) {
    LLVMBasicBlockRef head = block_new(f, "while.head"), body = block_new(f, "while.body");
    LLVMBasicBlockRef done = block_new(f, "while.done");
    LLVMBasicBlockRef ran_out = done_block(f, op->regions[2], done);
    EmitLoop around = {.outer = f->loop, .op = op, .on_break = done, .on_continue = head};
    branch_to(f, head);
    f->loop = &around;
    block_enter(f, head);
    const Op *yield = emit_region(f, op->regions[0]);
    if (!f->closed) LLVMBuildCondBr(f->b, value_llvm(f, yield->operands[0]), body, ran_out);
    block_enter(f, body);
    emit_region(f, op->regions[1]);
    branch_to(f, head);
    f->loop = around.outer;
    emit_done(f, op->regions[2], ran_out, done);
}
