/* What was fused, what was not and why, and what it saves: remarks for the user. */
#include "ir/passes/fuse.h"

const char *line_text(const Fuse *f, Span span) {
    if (span_is_none(span)) return "";
    const Source *source = source_of(&f->pass->cx->sources, span);
    if (source == NULL) return "";
    uint32_t line = source_line_col(source, span.start).line;
    return arena_printf(f->pass->scratch, " of line %u", (unsigned)line);
}

static Span loop_span(const Stretch *s, uint32_t loop) {
    return s->nodes.data[s->loops[loop]]->op->span;
}

static void group_report(Fuse *f, const Stretch *s, uint32_t loop) {
    uint32_t first = s->group[loop];
    if (first == loop) return;
    const char *how = s->fit[first][loop].carries
                          ? "what it needs of earlier iterations is there"
                          : "each iteration needs only what the same iteration makes";
    pass_remark(f->pass, f->fn, loop_span(s, loop), REMARK_FUSED, "the loop%s: %s",
                line_text(f, loop_span(s, first)), how);
}

static void apart_report(Fuse *f, const Stretch *s, uint32_t loop) {
    if (loop == 0 || s->group[loop - 1] == s->group[loop]) return;
    if (span_is_none(loop_span(s, loop - 1))) return; /* it is not the user's */
    pass_remark(f->pass, f->fn, loop_span(s, loop), REMARK_APART, "the loop%s: %s",
                line_text(f, loop_span(s, loop - 1)), stretch_reason(s, loop - 1, loop));
}

void stretch_report(Fuse *f, const Stretch *s) {
    if (f->pass->remarks == NULL) return;
    FusionFacts facts = {s->loop_count, 0, s->bytes_before, s->bytes_after};
    for (uint32_t i = 0; i < s->loop_count; i++) {
        group_report(f, s, i);
        apart_report(f, s, i);
        facts.loops_after += s->group[i] == i;
    }
    if (facts.loops_after < facts.loops_before)
        pass_record(f->pass, f->fn,
                    &(Remark){.kind = REMARK_PASSES, .span = loop_span(s, 0), .fusion = facts});
}
