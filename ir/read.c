/* Modules from text; functions are in read_fn.c, types in read_type.c, ops in read_op.c. */
#include "ir/read.h"
#include "ir/text.h"

#include <string.h>

/* ---- Modules --------------------------------------------------------------------------------- */

/* `file 1 "saxpy.k"`, after its first word: a source of that path, with the text if the context has
 * it already. */
static void read_file(Reader *r) {
    Span span = r->t.token.span;
    uint64_t number = (uint64_t)expect_number(r, 1, INT32_MAX, "the number of a file");
    const char *path = expect_text(r, "the path of a file");
    r->has_files = true;
    if (r->t.failed) return;
    if (*idmap_at(&r->files, number) != 0) {
        kir_fail(&r->t, span, "file %llu is named a second time", (unsigned long long)number);
        return;
    }
    const Sources *sources = &r->cx->sources;
    for (uint32_t i = 1; i < sources->files.len; i++)
        if (strcmp(sources->files.data[i]->path, path) == 0) {
            *idmap_at(&r->files, number) = i;
            return;
        }
    *idmap_at(&r->files, number) = sources_add(&r->cx->sources, path, "", 0)->file;
}

static void read_head(Reader *r) {
    if (!take_word(r, "module")) {
        kir_fail(&r->t, r->t.token.span, "IR text starts with `module`, found %s",
                 kir_shown(&r->t));
        return;
    }
    r->module = ir_module_create(r->cx, expect_name(r, "the module's name"));
    r->module->owned_stage = take_word(r, "owned");
    r->module->tensor_stage = r->module->owned_stage || take_word(r, "tensor");
    if (!r->module->tensor_stage && !take_word(r, "loop"))
        kir_fail(&r->t, r->t.token.span, "expected the stage, `owned`, `tensor` or `loop`, found %s",
                 kir_shown(&r->t));
    if (take_word(r, "doc")) r->module->doc = expect_text(r, "the documentation");
}

static void resolve_calls(Reader *r) {
    for (uint32_t i = 0; i < r->calls.len && !r->t.failed; i++) {
        const PendingCall *call = &r->calls.data[i];
        call->op->attr.callee = (IrFn *)*idmap_at(&r->fns, call->callee.id);
        if (call->op->attr.callee == NULL)
            kir_fail(&r->t, call->span, "no function `@%s` in this module",
                     text_of(r->cx, call->callee));
    }
}

static void resolve_dels(Reader *r) {
    for (uint32_t i = 0; i < r->dels.len && !r->t.failed; i++) {
        const PendingDel *del = &r->dels.data[i];
        IrFn *fn = (IrFn *)*idmap_at(&r->fns, del->name.id);
        if (fn == NULL)
            kir_fail(&r->t, del->span, "no function `@%s` in this module",
                     text_of(r->cx, del->name));
        else
            ir_struct_set_del(del->type, fn);
    }
}

IrModule *ir_read_module(Context *cx, const Source *source) {
    Reader r = {.cx = cx};
    r.structs.arena = r.fns.arena = r.files.arena = cx->arena;
    kir_start(&r.t, cx, source);
    read_head(&r);
    while (r.t.token.kind != KIR_END) {
        if (take_word(&r, "file"))
            read_file(&r);
        else if (take_word(&r, "struct"))
            read_struct(&r);
        else
            read_fn(&r);
    }
    resolve_calls(&r);
    resolve_dels(&r);
    return r.t.failed ? NULL : r.module;
}
