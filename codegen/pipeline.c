/* Which of LLVM's passes a module goes through.
 *
 * What kc has made vectors of is far along: it is inlined, in loops of the right shape, and nothing is
 * computed or loaded twice. Such code gets the few passes that still find something: variables become values,
 * addresses are folded, short loops unrolled, branches tidied. Loops that are left to LLVM, and straight code, of
 * which it may make vectors, get all that LLVM has; a function that only counts and calls is done. */
#include "codegen/pipeline.h"

#include <llvm-c/Support.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>

/* ---- What a function holds ------------------------------------------------------------------- */

typedef struct Contents {
    bool has_vectors;
    bool has_scalars; /* floats or elements, which straight code may have vectors of */
    bool has_loop; /* an innermost one of which LLVM may make vectors */
} Contents;

static void look_for_vectors(void *user, Op *op) {
    bool *found = user;
    for (uint32_t i = 0; i < op->result_count; i++)
        *found = *found || op->results[i]->type->kind == IR_VEC;
    for (uint32_t i = 0; i < op->operand_count; i++)
        *found = *found || op->operands[i]->type->kind == IR_VEC;
}

/* Nor does LLVM make vectors of a loop that calls. */
static void look_for_loops(void *user, Op *op) {
    bool *found = user;
    *found = *found || op->kind == OP_FOR || op->kind == OP_WHILE || op->kind == OP_CALL;
}

/* What stands in a loop over vectors, or in what one left over, was looked at when that was made. */
static bool is_dealt_with(const Op *op) {
    for (; op != NULL; op = op->parent->parent)
        if (op->kind == OP_FOR && op->attr.loop.is_vector) return true;
    return false;
}

static void contents_note(void *user, Op *op) {
    Contents *contents = user;
    look_for_vectors(&contents->has_vectors, op);
    bool is_float = op->result_count == 1 && ir_is_float(op_result(op)->type);
    if (is_float || op->kind == OP_LOAD || op->kind == OP_STORE) contents->has_scalars = true;
    if ((op->kind != OP_FOR && op->kind != OP_WHILE) || is_dealt_with(op)) return;
    bool is_done = false;
    for (uint32_t i = 0; i < op->region_count; i++) {
        region_walk(op->regions[i], look_for_vectors, &is_done);
        region_walk(op->regions[i], look_for_loops, &is_done);
    }
    contents->has_loop = contents->has_loop || !is_done;
}

bool fn_is_done(const IrFn *fn) {
    if (fn->is_seldom) return true;
    Contents contents = {.has_loop = false};
    region_walk(fn->body, contents_note, &contents);
    return !contents.has_loop && (contents.has_vectors || !contents.has_scalars);
}

/* ---- Passes ---------------------------------------------------------------------------------- */

/* In pieces, between which those stand that only some modules need: loops that only move elements are looked for, which
 * takes an analysis that the others do without, loops that may be unrolled, which much is found in then, and what LLVM makes
 * vectors of, lane by lane. */
static const char first_passes[] = "always-inline,function(sroa<modify-cfg>,early-cse<memssa>,simplifycfg";
static const char second_passes[] = "instcombine<no-verify-fixpoint>,loop-mssa(loop-rotate,licm<allowspeculation>)";
static const char move_passes[] = ",loop(loop-idiom,loop-deletion)";
static const char unroll_passes[] = ",loop-unroll<O3>,sroa<modify-cfg>,early-cse<memssa>,reassociate,instcombine<no-verify-fixpoint>";
static const char lanes_passes[] = ",slp-vectorizer,vector-combine,instcombine<no-verify-fixpoint>";
static const char last_passes[] =
    ",infer-alignment,loop-mssa(licm<allowspeculation>),"
    "simplifycfg<bonus-inst-threshold=1;forward-switch-cond;switch-range-to-icmp;no-keep-loops;"
    "hoist-common-insts;sink-common-insts>),"
    "globaldce,deadargelim,constmerge";

void llvm_passes_run(Emit *e, LLVMTargetMachineRef machine, const char *passes) {
    int level = e->options->opt_level;
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMPassBuilderOptionsSetLoopVectorization(options, level >= 2);
    LLVMPassBuilderOptionsSetLoopInterleaving(options, level >= 2);
    LLVMPassBuilderOptionsSetSLPVectorization(options, level >= 2);
    LLVMPassBuilderOptionsSetLoopUnrolling(options, level >= 2);
    LLVMErrorRef error = LLVMRunPasses(e->mod, passes, machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (error != NULL) KC_BUG("LLVM: %s", LLVMGetErrorMessage(error));
}

bool module_is_done(const Emit *e) {
    if (e->options->opt_level < 2) return false;
    for (uint32_t i = 0; i < e->module->fns.len; i++) {
        const IrFn *fn = e->module->fns.data[i];
        if (fn_is_here(e, fn) && !fn_is_done(fn)) return false;
    }
    return true;
}

/* A store of what it finds elsewhere, or of the same each time. */
static void look_for_move(void *user, Op *op) {
    bool *found = user;
    if (op->kind != OP_STORE && op->kind != OP_VSTORE) return;
    const Op *value = op->operands[1]->def;
    *found = *found || value == NULL || value->parent != op->parent || value->kind == OP_LOAD ||
             value->kind == OP_VLOAD || value->kind == OP_SPLAT || value->kind == OP_CONST;
}

static void look_for_rolled(void *user, Op *op) {
    bool *found = user;
    bool is_loop = op->kind == OP_FOR || op->kind == OP_WHILE;
    *found = *found || (is_loop && !loop_stays_rolled(op));
}

/* Something is found by `look` in a function that is optimised to the end. */
static bool module_has(const Emit *e, void (*look)(void *user, Op *op)) {
    bool found = false;
    for (uint32_t i = 0; i < e->module->fns.len; i++) {
        const IrFn *fn = e->module->fns.data[i];
        if (fn_is_here(e, fn) && !fn->is_seldom) region_walk(fn->body, look, &found);
    }
    return found;
}

static bool is_seldom_here(const Emit *e, const IrFn *fn) { return fn->is_seldom && fn_is_here(e, fn); }

static bool has_seldom(const Emit *e) {
    for (uint32_t i = 0; i < e->module->fns.len; i++)
        if (is_seldom_here(e, e->module->fns.data[i])) return true;
    return false;
}

/* Functions that hardly ever run get the first passes alone. Their instructions are chosen as for -O0. */
static void seldom_finish(Emit *e, LLVMTargetMachineRef machine) {
    llvm_passes_run(e, machine, arena_printf(e->scratch, "%s)", first_passes));
    for (uint32_t i = 0; i < e->module->fns.len; i++)
        if (is_seldom_here(e, e->module->fns.data[i]))
            attribute_add(e, e->fns[i].fn, LLVMAttributeFunctionIndex, "optnone", 0);
}

static void light_passes_run(Emit *e, LLVMTargetMachineRef machine) {
    const char *lanes = e->took_lanes_apart ? lanes_passes : "";
    const char *moves = module_has(e, look_for_move) ? move_passes : "";
    const char *unrolls = module_has(e, look_for_rolled) ? unroll_passes : "";
    const char *first = has_seldom(e) ? "function(" : arena_printf(e->scratch, "%s,", first_passes);
    llvm_passes_run(e, machine,
                    arena_printf(e->scratch, "%s%s%s%s%s%s", first, second_passes, moves, unrolls, lanes,
                                 last_passes));
}

void pipeline_run(Emit *e, LLVMTargetMachineRef machine) {
    int level = e->options->opt_level;
    char passes[32];
    if (has_seldom(e)) seldom_finish(e, machine);
    if (e->is_done) {
        light_passes_run(e, machine);
        return;
    }
    snprintf(passes, sizeof passes, "default<O%d>", level < 0 ? 0 : level > 3 ? 3 : level);
    llvm_passes_run(e, machine, passes);
}

/* ---- Steps of addresses ---------------------------------------------------------------------- */

bool makes_steps(const Emit *e) { return e->is_done && e->target->arch == ARCH_X86_64; }

void llvm_options_set(void) {
    static const char *const words[] = {"kc", "-disable-lsr", "-dag-maps-huge-region=200"};
    LLVMParseCommandLineOptions(ARRAY_LEN(words), words, "");
}

void loops_finish(Emit *e, LLVMTargetMachineRef machine) {
    const char *passes = makes_steps(e) ? "loop-simplify" : "loop(canon-freeze,loop-reduce)";
    llvm_passes_run(e, machine, arena_printf(e->scratch, "function(%s)", passes));
}
