#include "driver/variants.h"

#include <stdio.h>
#include <string.h>

#include "support/threads.h"

uint64_t source_hash(const Compilation *c) {
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (uint32_t f = 1; f < c->cx->sources.files.len; f++) {
        const Source *source = c->cx->sources.files.data[f];
        for (uint32_t i = 0; i < source->length; i++)
            hash = (hash ^ (unsigned char)source->text[i]) * 0x100000001b3u;
    }
    return hash;
}

/* ---- Diagnostics ------------------------------------------------------------------------------- */

static bool has_diag(const Diags *diags, const Diag *wanted) {
    for (uint32_t i = 0; i < diags->all.len; i++) {
        const Diag *d = diags->all.data[i];
        if (d->code == wanted->code && d->span.file == wanted->span.file &&
            d->span.start == wanted->span.start && d->span.end == wanted->span.end &&
            strcmp(d->message, wanted->message) == 0)
            return true;
    }
    return false;
}

/* Files are read in the same order, so that places mean the same in both. */
static void take_diags(Compilation *c, Compilation *other) {
    Diags *diags = &c->cx->diags;
    for (uint32_t i = 0; i < other->cx->diags.all.len; i++) {
        Diag *d = other->cx->diags.all.data[i];
        if (has_diag(diags, d)) continue;
        diag_note(c->cx, d, "when compiled for `%s`", other->target.march);
        vec_push(c->cx->arena, &diags->all, d);
        diags->errors += d->severity == SEVERITY_ERROR;
    }
}

/* ---- Compiling --------------------------------------------------------------------------------- */

static void variant_begin(Compilation *c, const Target *target) {
    Compilation *other = arena_new(c->cx->arena, Compilation);
    *other = (Compilation){.options = c->options,
                           .cx = context_create(),
                           .ir = c->ir,
                           .input_count = c->input_count,
                           .data_dir = c->data_dir,
                           .traces_later = true};
    other->ids = (AstIds){.arena = other->cx->arena, .exprs = 1, .stmts = 1};
    compile_set_target(other, target);
    vec_push(c->cx->arena, &c->others, other);
}

typedef struct Steps {
    Compilation *c;
    bool (*run)(Compilation *c);
    bool *worked; /* by target */
} Steps;

static Compilation *compilation_at(Compilation *c, uint32_t index) {
    return index == 0 ? c : c->others.data[index - 1];
}

static void steps_run(void *user, uint32_t index) {
    const Steps *steps = user;
    steps->worked[index] = steps->run(compilation_at(steps->c, index));
}

/* What a target's compilation showed and found; false when there were errors. */
static bool outcome_take(Compilation *c, Compilation *other, bool worked) {
    fputs(strbuf_text(&other->trace), stderr);
    strbuf_free(&other->trace);
    if (other == c) return worked;
    if (worked && source_hash(other) != source_hash(c)) {
        diag_add(c->cx, K0001, NO_SPAN, "`%s` or an import changed while it was compiled",
                 c->options->inputs.data[0]);
        return false;
    }
    take_diags(c, other);
    return worked;
}

bool variants_compile(Compilation *c, bool (*steps)(Compilation *c)) {
    for (uint32_t i = 1; i < c->targets.count; i++) variant_begin(c, &c->targets.all[i]);
    uint32_t count = c->targets.count;
    c->traces_later = count > 1;
    Steps all = {c, steps, arena_array(c->cx->arena, bool, count)};
    threads_each(c->threads, count, steps_run, &all);
    for (uint32_t i = 0; i < count; i++)
        if (!outcome_take(c, compilation_at(c, i), all.worked[i])) return false;
    return !diags_have_errors(c->cx);
}

/* ---- One header for all ------------------------------------------------------------------------ */

static const IrFn *exported_named(const IrModule *module, const char *name) {
    for (uint32_t i = 0; i < module->fns.len; i++) {
        const IrFn *fn = module->fns.data[i];
        bool is_c = fn->is_exported || fn->is_extern;
        if (is_c && strcmp(text_of(module->cx, fn->name), name) == 0) return fn;
    }
    return NULL;
}

/* Two functions of which the second may be another variant of the first. */
static bool same_sizes(const IrFn *fn, const IrFn *other) {
    if (other == NULL || fn->params.len != other->params.len) return false;
    for (uint32_t i = 0; i < fn->params.len; i++)
        if (fn->params.data[i].min_elements != other->params.data[i].min_elements) return false;
    return true;
}

static void check_interface(Compilation *c, const IrFn *fn, const Compilation *other) {
    const char *name = text_of(c->cx, fn->name);
    const IrFn *same = exported_named(other->module, name);
    if (same_sizes(fn, same) && header_abi(c->module, fn) == header_abi(other->module, same)) return;
    Diag *d = diag_add(c->cx, K0502, fn->span,
                       "C sees `%s` differently for `%s` and for `%s`", name, c->target.march,
                       other->target.march);
    diag_note(c->cx, d, "one header describes all variants: types and sizes of exported functions "
                        "may not depend on `simdwidthof`");
}

static void check_entries(Compilation *c, const IrFn *fn) {
    for (uint32_t i = 0; i < c->targets.count; i++) {
        const char *name = text_of(c->cx, fn->name);
        const char *entry = arena_printf(c->cx->arena, "%s%s", name, c->targets.all[i].suffix);
        const IrFn *owner = exported_named(c->module, entry);
        if (owner == NULL) continue;
        Diag *d = diag_add(c->cx, K0502, owner->span,
                           "`%s` is also what the variant of `%s` for `%s` is called", entry, name,
                           c->targets.all[i].march);
        diag_note(c->cx, d, "rename one of the functions, or give it another name in C with "
                            "`@export(\"other_name\")`");
    }
}

bool variants_agree(Compilation *c) {
    for (uint32_t i = 0; c->others.len > 0 && i < c->module->fns.len; i++) {
        const IrFn *fn = c->module->fns.data[i];
        if (!fn->is_exported) continue;
        check_entries(c, fn);
        for (uint32_t k = 0; k < c->others.len && !diags_have_errors(c->cx); k++)
            check_interface(c, fn, c->others.data[k]);
    }
    return !diags_have_errors(c->cx);
}
