/* The machine at work: frames, and the loop over instructions. */
#include "ir/eval.h"
#include "ir/interp_oracle.h"
#include "support/floats.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_WORDS = 1 << 16 };

/* ---- Stopping -------------------------------------------------------------------------------- */

static void machine_stop(Machine *m, InterpStatus status, const Op *op, const char *message) {
    const IrFn *fn = machine_frame(m)->code->fn;
    bool is_inlined = op != NULL && op->inlined_from.id != 0;
    if (m->status != INTERP_OK) return;
    m->status = status;
    *m->panic = (InterpPanic){.message = message,
                              .function = is_inlined ? op->inlined_from : fn->source_name,
                              .span = op != NULL ? op->span : fn->span};
}

void machine_panic(Machine *m, const Op *op, const char *message) {
    machine_stop(m, INTERP_PANIC, op, message);
}

void machine_panic_value(Machine *m, const Op *op, const char *message, const char *name,
                         int64_t value) {
    if (m->status != INTERP_OK) return;
    machine_panic(m, op, message);
    m->panic->value_count = 1;
    m->panic->names[0] = name;
    m->panic->values[0] = value;
}

void machine_fault(Machine *m, const Op *op, const char *what) {
    machine_stop(m, INTERP_FAULT, op, arena_printf(m->module->arena, "interpreter: %s", what));
}

/* ---- Frames ---------------------------------------------------------------------------------- */

static uint64_t *words_push(Machine *m, uint32_t count) {
    if (m->chunk == NULL || m->chunk->size - m->chunk->used < count) {
        uint64_t size = count > CHUNK_WORDS ? count : CHUNK_WORDS;
        Chunk *chunk = malloc(sizeof *chunk + size * 8);
        if (chunk == NULL) fatal("out of memory");
        *chunk = (Chunk){.below = m->chunk, .size = size};
        m->chunk = chunk;
    }
    uint64_t *words = m->chunk->words + m->chunk->used;
    m->chunk->used += count;
    memset(words, 0, 8 * (size_t)count);
    return words;
}

static void words_pop(Machine *m, uint32_t count) {
    Chunk *chunk = m->chunk;
    chunk->used -= count;
    if (chunk->used != 0 || chunk->below == NULL) return;
    m->chunk = chunk->below;
    free(chunk);
}

bool frame_push(Machine *m, const IrFn *fn, const Inst *return_to, const Op *op) {
    if (m->depth == MAX_CALL_DEPTH || m->nested == MAX_NESTED_RUNS) {
        machine_panic_value(m, op, "calls are nested too deeply", "depth", m->depth);
        return false;
    }
    if (m->depth == m->frame_cap) {
        m->frame_cap = m->frame_cap == 0 ? 64 : 2 * m->frame_cap;
        m->frames = realloc(m->frames, m->frame_cap * sizeof *m->frames);
        if (m->frames == NULL) fatal("out of memory");
    }
    const Code *code = code_of_fn(m, fn);
    m->frames[m->depth++] = (Frame){.code = code, .return_to = return_to,
                                    .words = words_push(m, code->frame_words)};
    return true;
}

void frame_pop(Machine *m) {
    Frame *frame = machine_frame(m);
    for (Temp *temp = frame->temps, *next; temp != NULL; temp = next) {
        next = temp->next;
        m->live_bytes -= temp->bytes;
        free(temp);
    }
    words_pop(m, frame->code->frame_words);
    m->depth--;
}

/* ---- Calls ----------------------------------------------------------------------------------- */

/* The callee's frame, with the arguments in it; the caller's without a body. */
static void enter(Machine *m, const Inst *call, uint64_t *caller) {
    const IrFn *callee = call->op->attr.callee;
    if (callee->body == NULL) {
        extern_call(m, call, caller);
        return;
    }
    if (!frame_push(m, callee, call, call->op)) return;
    const Frame *frame = machine_frame(m);
    for (uint32_t i = 0; i < call->count; i++) {
        const Value *param = callee->params.data[i].value;
        memcpy(frame->words + frame->code->slots[param->id], caller + call->slots[i],
               8 * (size_t)layout_of(m, param->type)->words);
    }
}

/* Results of the first frame go to the caller of the machine. */
static void give_results(Machine *m, const Inst *inst, void *results) {
    const Frame *frame = machine_frame(m);
    uint32_t offset = 0;
    for (uint32_t i = 0; i < inst->count; i++) {
        const IrType *type = frame->code->fn->results.data[i];
        char *to = (char *)results + result_place(m, type, &offset);
        result_store(m, inst->op, type, to, frame->words + inst->slots[i]);
    }
}

/* Where the caller goes on; NULL when there is none. */
static const Inst *leave(Machine *m, const Inst *inst, void *results) {
    const Inst *call = machine_frame(m)->return_to;
    if (call == NULL) {
        give_results(m, inst, results);
        return NULL;
    }
    const Frame *from = machine_frame(m), *to = from - 1;
    uint32_t own = from->code->fn->raises; /* the first result of the call: it did not fail */
    if (own) to->words[to->code->slots[call->op->results[0]->id]] = false;
    for (uint32_t i = 0; i < inst->count; i++) {
        const Value *result = call->op->results[own + i];
        memcpy(to->words + to->code->slots[result->id], from->words + inst->slots[i],
               8 * (size_t)layout_of(m, result->type)->words);
    }
    frame_pop(m);
    return call + 1;
}

/* The same for a function that failed. */
static const Inst *leave_failed(Machine *m) {
    const Inst *call = machine_frame(m)->return_to;
    if (call == NULL) {
        machine_stop(m, INTERP_RAISED, m->failed, m->error);
        return NULL;
    }
    const Frame *to = machine_frame(m) - 1;
    for (uint32_t i = 0; i < call->op->result_count; i++) {
        const Value *result = call->op->results[i];
        uint64_t *words = to->words + to->code->slots[result->id];
        memset(words, 0, 8 * (size_t)layout_of(m, result->type)->words);
        if (i == 0) *words = true;
    }
    frame_pop(m);
    return call + 1;
}

/* ---- Instructions ---------------------------------------------------------------------------- */

static void run_scalar(const Inst *inst, uint64_t *f) {
    uint64_t operands[3] = {f[inst->a], f[inst->b], f[inst->c]};
    KC_CHECK(eval_scalar_op(inst->op->kind, inst->scalar, operands, &f[inst->dst]));
}

static float f32_at(const uint64_t *f, uint32_t place) { return f32_of_bits((uint32_t)f[place]); }

static double f64_at(const uint64_t *f, uint32_t place) { return f64_of_bits(f[place]); }

static uint64_t f32_word(float x) { return x == x ? bits_of_f32(x) : 0x7fc00000; }

static uint64_t f64_word(double x) {
    return x == x ? bits_of_f64(x) : UINT64_C(0x7ff8000000000000);
}

static bool for_holds(const Inst *inst, const uint64_t *f) {
    int64_t i = (int64_t)f[inst->dst], hi = (int64_t)f[inst->b];
    return (int64_t)f[inst->c] > 0 ? i < hi : i > hi;
}

/* Code that is compiled relies on it. */
static bool is_whole(const Inst *inst, const uint64_t *f) {
    int64_t from = (int64_t)f[inst->a], to = (int64_t)f[inst->b];
    return from <= to - inst->op->attr.loop.runs && (f[inst->b] - f[inst->a]) % f[inst->c] == 0;
}

static bool for_start(Machine *m, const Inst *inst, uint64_t *f) {
    f[inst->dst] = f[inst->a];
    if (f[inst->c] == 0) machine_fault(m, inst->op, "a loop with a step of zero");
    if (inst->op->attr.loop.whole && !is_whole(inst, f))
        machine_fault(m, inst->op, "a loop that does not end where its steps do");
    return for_holds(inst, f);
}

/* A counter that would wrap has passed every bound. */
static bool for_next(const Inst *inst, uint64_t *f) {
    int64_t next;
    if (__builtin_add_overflow((int64_t)f[inst->dst], (int64_t)f[inst->c], &next)) return false;
    f[inst->dst] = (uint64_t)next;
    return for_holds(inst, f);
}

/* One instruction that goes on with the next. */
static void step(Machine *m, const Inst *i, uint64_t *f) {
    switch (i->kind) {
    case INST_CONST: f[i->dst] = i->u.imm; return;
    case INST_COPY: memcpy(f + i->dst, f + i->a, 8 * (size_t)i->count); return;
    case INST_SCALAR: run_scalar(i, f); return;
    case INST_ADD_I64: f[i->dst] = f[i->a] + f[i->b]; return;
    case INST_SUB_I64: f[i->dst] = f[i->a] - f[i->b]; return;
    case INST_MUL_I64: f[i->dst] = f[i->a] * f[i->b]; return;
    case INST_LT_I64: f[i->dst] = (int64_t)f[i->a] < (int64_t)f[i->b]; return;
    case INST_ADD_F32: f[i->dst] = f32_word(f32_at(f, i->a) + f32_at(f, i->b)); return;
    case INST_SUB_F32: f[i->dst] = f32_word(f32_at(f, i->a) - f32_at(f, i->b)); return;
    case INST_MUL_F32: f[i->dst] = f32_word(f32_at(f, i->a) * f32_at(f, i->b)); return;
    case INST_ADD_F64: f[i->dst] = f64_word(f64_at(f, i->a) + f64_at(f, i->b)); return;
    case INST_SUB_F64: f[i->dst] = f64_word(f64_at(f, i->a) - f64_at(f, i->b)); return;
    case INST_MUL_F64: f[i->dst] = f64_word(f64_at(f, i->a) * f64_at(f, i->b)); return;
    case INST_CAST: f[i->dst] = eval_cast(i->scalar, i->to, f[i->a]); return;
    case INST_GET:
        if (ref_covers(m, i->op, f + i->a, scalar_bytes(i->scalar)))
            f[i->dst] = scalar_load(i->scalar, (void *)(uintptr_t)f[i->a]);
        return;
    case INST_SET:
        if (ref_covers(m, i->op, f + i->a, scalar_bytes(i->scalar)))
            scalar_store(i->scalar, (void *)(uintptr_t)f[i->a], f[i->b]);
        return;
    case INST_RUN: i->u.run(m, i, f); return;
    case INST_LOST: machine_fault(m, NULL, "the end of a function without `return`"); return;
    case INST_JUMP: case INST_JUMP_UNLESS: case INST_FOR_START: case INST_FOR_NEXT:
    case INST_SPACE_START: case INST_SPACE_NEXT: case INST_CALL: case INST_RETURN:
    case INST_RAISE:
        break;
    }
    UNREACHABLE();
}

/* Whether a jump is taken. */
static bool jumps(Machine *m, const Inst *i, uint64_t *f) {
    switch ((int)i->kind) {
    case INST_JUMP: return true;
    case INST_JUMP_UNLESS: return !f[i->a];
    case INST_FOR_START: return !for_start(m, i, f);
    case INST_FOR_NEXT: return for_next(i, f);
    case INST_SPACE_START: return !space_start(m, i, f);
    case INST_SPACE_NEXT: return space_next(m, i, f);
    default: UNREACHABLE();
    }
}

void machine_run(Machine *m, void *results) {
    Frame frame = *machine_frame(m); /* a copy: the stack of frames moves as it grows */
    const Inst *i = frame.code->insts;
    while (i != NULL && m->status == INTERP_OK) {
        if (m->steps++ == m->step_limit) {
            m->status = INTERP_LIMIT;
        } else if (i->kind == INST_CALL) {
            uint32_t depth = m->depth;
            if (m->oracle != NULL) oracle_call(m, i, frame.words);
            if (m->status == INTERP_OK) enter(m, i, frame.words);
            frame = *machine_frame(m);
            i = m->depth == depth ? i + 1 : frame.code->insts;
        } else if (i->kind == INST_RETURN) {
            if (m->oracle != NULL) oracle_leave(m, i, frame.words);
            i = leave(m, i, results);
            frame = *machine_frame(m);
        } else if (i->kind == INST_RAISE) {
            if (m->oracle != NULL) oracle_leave(m, i, frame.words);
            i = leave_failed(m);
            frame = *machine_frame(m);
        } else if (i->kind >= INST_JUMP && i->kind <= INST_SPACE_NEXT) {
            i = jumps(m, i, frame.words) ? frame.code->insts + i->target : i + 1;
        } else {
            step(m, i, frame.words);
            i++;
        }
    }
}

void machine_call(Machine *m, const Op *op, const IrFn *fn, const uint64_t *arg) {
    KC_CHECK(fn->params.len == 1 && fn->results.len == 0 && !fn->raises);
    if (!frame_push(m, fn, NULL, op)) return;
    const Frame *frame = machine_frame(m);
    const Value *param = fn->params.data[0].value;
    memcpy(frame->words + frame->code->slots[param->id], arg,
           8 * (size_t)layout_of(m, param->type)->words);
    m->nested++;
    machine_run(m, NULL);
    m->nested--;
    if (m->status == INTERP_OK) frame_pop(m);
}
