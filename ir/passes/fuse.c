/* fuse: neighbouring loops over the same range become one pass over memory.
 *
 * Requires: stage LOOP; the checks of counted loops stand before them where that is possible (PROVED).
 * Establishes: nothing that others rely on.
 * Breaks: nothing.
 *
 * A region is cut into stretches at what nothing may move past: ways out, calls and loops of unknown effect,
 * lists and arenas. The loops of a stretch are grouped and fused, outermost loops first; then the same is
 * done in the bodies, which hold several loops now where several rows are worked on together. So softmax
 * over the rows of a matrix is one loop over rows with three inside. */
#include "ir/passes/fuse.h"

#include "ir/analysis/effects.h"
#include "ir/passes/fuse_walk.h"
#include "ir/passes/runs.h"

static void stretch_fuse(Fuse *f, Stretch *s) {
    stretch_plan(f, s);
    stretch_report(f, s);
    if (stretch_apply(f, s)) f->pass->changed = true;
}

static void wall_report(Fuse *f, const Op *first, const Op *second, const char *reason) {
    pass_remark(f->pass, f->fn, second->span, REMARK_APART, "the loop%s: %s",
                line_text(f, first->span), reason);
}

void fuse_run(PassContext *pass, IrModule *module) {
    const unsigned *effects = effects_of_module(pass->scratch, module);
    for (uint32_t i = 0; i < module->fns.len; i++) {
        IrFn *fn = module->fns.data[i];
        if (fn->body == NULL || !has_neighbours(fn->body)) continue;
        Fuse f = fuse_begin(pass, effects, fn);
        stretches_visit(&f, fn->body, stretch_fuse);
        if (pass->remarks != NULL) walls_visit(&f, fn->body, wall_report);
    }
}
