/* Remarks: the table of their kinds, and adding one to the list. */
#include "ir/passes/pass.h"

const RemarkInfo remark_infos[REMARK_KIND_COUNT] = {
#define REMARK(kind, key, made, words) {key, made, words},
#include "ir/passes/remarks.def"
#undef REMARK
};

void pass_record(PassContext *pass, const IrFn *fn, const Remark *remark) {
    if (pass->remarks == NULL) return;
    Arena *arena = pass->remarks->arena;
    Remark added = *remark;
    added.pass = pass->name;
    added.function = fn->source_name;
    added.text = added.text == NULL ? "" : arena_printf(arena, "%s", added.text);
    if (added.fix != NULL) added.fix = arena_printf(arena, "%s", added.fix);
    vec_push(arena, &pass->remarks->all, added);
}

void pass_remark(PassContext *pass, const IrFn *fn, Span span, RemarkKind kind, const char *format,
                 ...) {
    if (pass->remarks == NULL) return;
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(pass->scratch, format, args);
    va_end(args);
    pass_record(pass, fn, &(Remark){.kind = kind, .span = span, .text = text});
}
