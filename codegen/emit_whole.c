/* All that goes into one output: a module, or several that are joined.
 *
 * LLVM takes nearly all the time of a compilation, and its contexts share nothing. So an object is
 * made in parts, each in a context of its own on some thread: a part of a module (parts.h) for one
 * target. A part more says how to choose among variants and what the object is. Text shows the same
 * functions as one module, which LLVM's linker puts together. */
#include "codegen/dispatch.h"
#include "codegen/elf.h"
#include "codegen/info.h"
#include "codegen/loop_notes.h"
#include "codegen/parts.h"
#include "codegen/pipeline.h"
#include "codegen/target.h"

#include <llvm-c/Linker.h>

#include "support/threads.h"

/* LLVM's warnings are not for our users, its remarks for those who asked; what it cannot do is our
 * mistake. */
static void on_diagnostic(LLVMDiagnosticInfoRef info, void *user) {
    LoopNotes *notes = user;
    LLVMDiagnosticSeverity severity = LLVMGetDiagInfoSeverity(info);
    bool is_error = severity == LLVMDSError;
    if (!is_error && (notes == NULL || severity != LLVMDSRemark)) return;
    char *text = LLVMGetDiagInfoDescription(info);
    if (is_error) KC_BUG("LLVM: %s", text);
    loop_notes_add(notes, text);
    LLVMDisposeMessage(text);
}

static LLVMContextRef context_new(const CodegenOptions *options) {
    LLVMContextRef llvm = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(llvm, on_diagnostic, options->notes);
    return llvm;
}

static void needs_take(Emit *e, const Emit *part) {
    for (uint32_t i = 0; i < part->needs.len; i++)
        need_add(e, part->needs.data[i].symbol, part->needs.data[i].place);
}

/* ---- As one module --------------------------------------------------------------------------- */

/* Each variant is optimised as a module of its own; what they define carries its target along, so
 * that one module can hold them all. */
static void variants_join(Emit *e, const CodegenOptions *options) {
    for (uint32_t i = 0; i < options->variant_count; i++) {
        const Variant *variant = &options->variants[i];
        LLVMTargetMachineRef machine = target_machine(variant->target, options->opt_level);
        Emit part;
        module_start(&part, variant, options, e->llvm, machine);
        module_compile(&part, machine);
        LLVMDisposeTargetMachine(machine);
        if (LLVMLinkModules2(e->mod, part.mod)) KC_BUG("cannot join the variants");
        needs_take(e, &part);
        arena_destroy(part.scratch);
    }
    dispatch_add(e, options->variants, options->variant_count);
    module_verify(e);
}

static void emit_as_one(Emit *e, LLVMTargetMachineRef machine, CodegenOutput output, StrBuf *out) {
    if (e->options->variant_count > 0) variants_join(e, e->options);
    else module_compile(e, machine);
    info_section_add(e);
    module_write(e, machine, output, out);
}

/* ---- As objects ------------------------------------------------------------------------------ */

typedef struct Job {
    const Variant *variant;
    const uint32_t *part_of; /* NULL: the choice among the variants */
    uint32_t part, ops;
    Emit e; /* of which the module is gone when the job is done */
    StrBuf *object;
} Job;

typedef struct Jobs {
    const CodegenOptions *options;
    Vec(Job) all;
    Job **order; /* the longest first, since none should begin when the others end */
} Jobs;

static void job_fill(Job *job, const CodegenOptions *options, LLVMTargetMachineRef machine) {
    job->e.part_of = job->part_of;
    job->e.part = job->part;
    if (job->part_of != NULL) {
        module_compile(&job->e, machine);
    } else {
        dispatch_add(&job->e, options->variants, options->variant_count);
        module_verify(&job->e);
    }
}

static void job_run(void *user, uint32_t index) {
    const Jobs *jobs = user;
    Job *job = jobs->order[index];
    LLVMContextRef llvm = context_new(jobs->options);
    LLVMTargetMachineRef machine =
        target_machine(job->variant->target, job->part_of != NULL ? jobs->options->opt_level : 0);
    module_start(&job->e, job->variant, jobs->options, llvm, machine);
    job_fill(job, jobs->options, machine);
    module_write(&job->e, machine, OUTPUT_OBJECT, job->object);
    LLVMDisposeTargetMachine(machine);
    LLVMDisposeModule(job->e.mod);
    LLVMContextDispose(llvm);
}

static void jobs_add(Jobs *jobs, const Variant *variant, Arena *arena) {
    uint32_t variants = jobs->options->variant_count;
    Parts parts;
    parts_find(variant->module, variants > 0 ? variants : 1, arena, &parts);
    for (uint32_t i = 0; i < parts.count; i++) {
        Job job = {.variant = variant, .part_of = parts.of, .part = i, .ops = parts.ops[i]};
        vec_push(arena, &jobs->all, job);
    }
}

/* Its functions are a block or two each, most of them for the first call: making them better takes longer than they do. */
static void choice_job_add(Jobs *jobs, const Variant *whole, Arena *arena) {
    Job job = {.variant = whole};
    vec_push(arena, &jobs->all, job);
}

static void jobs_order(Jobs *jobs, Arena *arena) {
    jobs->order = arena_array(arena, Job *, jobs->all.len);
    for (uint32_t i = 0; i < jobs->all.len; i++) {
        Job *job = &jobs->all.data[i];
        uint32_t at = i;
        for (; at > 0 && jobs->order[at - 1]->ops < job->ops; at--) jobs->order[at] = jobs->order[at - 1];
        jobs->order[at] = job;
    }
}

/* Runs all jobs; `e` then gets the rest, and is the first part of the object. */
static void emit_in_parts(Emit *e, LLVMTargetMachineRef machine, Jobs *jobs, StrBuf *out) {
    uint32_t count = jobs->all.len;
    StrBuf *objects = arena_array(e->scratch, StrBuf, count + 1);
    for (uint32_t i = 0; i < count; i++) jobs->all.data[i].object = &objects[i + 1];
    jobs_order(jobs, e->scratch);
    threads_each(e->options->threads, count, job_run, jobs);
    for (uint32_t i = 0; i < count; i++) {
        needs_take(e, &jobs->all.data[i].e);
        arena_destroy(jobs->all.data[i].e.scratch);
    }
    info_section_add(e);
    module_write(e, machine, OUTPUT_OBJECT, &objects[0]);
    elf_join(objects, count + 1, out);
    for (uint32_t i = 0; i <= count; i++) strbuf_free(&objects[i]);
}

void codegen_emit(const IrModule *module, const CodegenOptions *options, CodegenOutput output,
                  StrBuf *out) {
    llvm_options_set();
    if (options->notes != NULL) loop_notes_enable();
    Target target = *options->target;
    if (options->variant_count > 0) target_to_baseline(&target);
    target_initialize(target.arch);
    LLVMContextRef llvm = context_new(options);
    LLVMTargetMachineRef machine = target_machine(&target, options->opt_level);
    const Variant whole = {module, &target};
    Emit e;
    module_start(&e, &whole, options, llvm, machine);
    Jobs jobs = {.options = options};
    for (uint32_t i = 0; i < options->variant_count; i++)
        jobs_add(&jobs, &options->variants[i], e.scratch);
    if (options->variant_count == 0) jobs_add(&jobs, &whole, e.scratch);
    else choice_job_add(&jobs, &whole, e.scratch);
    if (output == OUTPUT_OBJECT && jobs.all.len > 1) emit_in_parts(&e, machine, &jobs, out);
    else emit_as_one(&e, machine, output, out);
    LLVMDisposeTargetMachine(machine);
    module_end(&e);
    LLVMContextDispose(llvm);
}
