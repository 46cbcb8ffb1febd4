/* The report of `kc explain` for people: by function and source line, what became of it. */
#include <string.h>

#include "driver/explain_report.h"

/* ---- Lines ----------------------------------------------------------------------------------- */

static void line_begin(Report *r) { strbuf_puts(&r->out, "      |   "); }

static void line_end(Report *r, const Item *item) {
    if (item->times > 1) strbuf_printf(&r->out, " (%u times)", item->times);
    strbuf_putc(&r->out, '\n');
}

static void put_fix(Report *r, const char *fix) {
    if (fix != NULL) strbuf_printf(&r->out, "      |     to change: %s\n", fix);
}

/* Without what stands before and behind it. */
static void put_code(Report *r, const Source *source, uint32_t line) {
    uint32_t length;
    const char *text = source_line(source, line, &length);
    while (length > 0 && *text == ' ') text++, length--;
    strbuf_printf(&r->out, "%.*s", (int)length, text);
}

static void put_source_line(Report *r, const Item *item) {
    bool is_elsewhere = item->symbol == NULL || item->symbol->decl->name.span.file != item->source->file;
    strbuf_printf(&r->out, "%5u | ", item->at.line);
    put_code(r, item->source, item->at.line);
    if (is_elsewhere) strbuf_printf(&r->out, "    (%s)", item->source->path);
    strbuf_putc(&r->out, '\n');
}

static void put_function(Report *r, const Item *item) {
    const FnSymbol *symbol = item->symbol;
    if (symbol == NULL) {
        strbuf_puts(&r->out, "added by the compiler\n");
        return;
    }
    const Source *source = source_of(&r->c->cx->sources, symbol->decl->name.span);
    uint32_t line = source_line_col(source, symbol->decl->name.span.start).line;
    strbuf_printf(&r->out, "%s:%u: %s\n", source->path, line, text_of(r->c->cx, item->function));
}

/* ---- Loops ----------------------------------------------------------------------------------- */

static const char *plural(uint32_t count, const char *one, const char *several) {
    return count == 1 ? one : several;
}

static const char *tail_text(LoopTail tail) {
    switch (tail) {
    case TAIL_MASKED: return "under a mask";
    case TAIL_NARROWER: return "in narrower steps";
    case TAIL_SINGLE: return "one by one";
    }
    UNREACHABLE();
}

static void put_width(Report *r, const VectorFacts *facts) {
    uint32_t each = facts->lanes / facts->registers;
    strbuf_printf(&r->out, "%u iterations at a time%s: ", facts->lanes,
                  facts->fixed_lanes ? ", as on all targets" : "");
    if (facts->registers > 1) strbuf_printf(&r->out, "%u registers of ", facts->registers);
    else strbuf_puts(&r->out, "a register of ");
    strbuf_printf(&r->out, "%u %s (%u bits); the rest ", each, scalar_spelling(facts->element),
                  facts->register_bits);
    if (facts->registers > 1 && !facts->fixed_lanes) strbuf_printf(&r->out, "%u at a time, then ", each);
    strbuf_puts(&r->out, tail_text(facts->tail));
}

static void put_part(Report *r, bool *first, uint32_t count, const char *what) {
    if (count == 0) return;
    strbuf_printf(&r->out, "%s%u %s", *first ? "memory: " : ", ", count, what);
    *first = false;
}

static void put_accesses(Report *r, const VectorFacts *f) {
    uint32_t all = f->side_by_side + f->backward + f->strided + f->apart + f->broadcast + f->lookups + f->gathers +
                   f->scatters;
    bool first = true;
    if (all == 0) return;
    line_begin(r);
    put_part(r, &first, f->side_by_side, "side by side (aligned or not)");
    put_part(r, &first, f->backward, "in reverse");
    put_part(r, &first, f->strided, "with a step, by loads and shuffles");
    put_part(r, &first, f->apart, "at one distance from each other");
    put_part(r, &first, f->broadcast, "the same for all");
    put_part(r, &first, f->lookups, plural(f->lookups, "lookup in a table", "lookups in tables"));
    put_part(r, &first, f->gathers, plural(f->gathers, "gather", "gathers"));
    put_part(r, &first, f->scatters, plural(f->scatters, "scatter", "scatters"));
    strbuf_putc(&r->out, '\n');
}

static void put_count(Report *r, uint32_t count, const char *one, const char *several) {
    if (count == 0) return;
    line_begin(r);
    strbuf_printf(&r->out, "%u %s\n", count, plural(count, one, several));
}

static void put_lead(Report *r, const VectorFacts *facts) {
    if (facts->led_from == 0) return;
    line_begin(r);
    strbuf_printf(&r->out, "from %u iterations on, the first few under a mask, so that vectors are stored at multiples of %u bytes%s\n",
                  facts->led_from, facts->lead_bytes, facts->leads_rows ? ", if rows are a multiple of that apart" : "");
    if (facts->stream_bytes == 0) return;
    line_begin(r);
    strbuf_printf(&r->out, "stores past the caches where it stores %u MiB or more\n", facts->stream_bytes >> 20);
}

static void put_far(Report *r, const VectorFacts *facts) {
    if (facts->far_bytes == 0) return;
    line_begin(r);
    strbuf_printf(&r->out, "loads of %u MiB or more begin with vectors of %u lanes", facts->far_bytes >> 20, facts->far_lanes);
    if (facts->far_parts > 1) strbuf_printf(&r->out, ", in %u parts side by side", facts->far_parts);
    strbuf_putc(&r->out, '\n');
}

/* Variables from outside that the iterations change. */
static void put_outer(Report *r, const VectorFacts *facts) {
    uint32_t others = facts->best + facts->places + facts->scans + facts->latest + facts->cursors + facts->counters;
    put_count(r, facts->reductions - others, "accumulator, combined behind the loop",
              "accumulators, combined behind the loop");
    put_count(r, facts->best, "smallest or largest of all, of which each lane keeps its own until behind the loop",
              "smallest or largest of all, of which each lane keeps its own until behind the loop");
    put_count(r, facts->places, "place where that was, of which each lane keeps the turn",
              "places where that was, of which each lane keeps the turn");
    put_count(r, facts->scans, "running sum, minimum or maximum: lanes are combined in steps that double",
              "running sums, minima or maxima: lanes are combined in steps that double");
    put_count(r, facts->latest, "variable that some iterations set: the last lane that does counts",
              "variables that some iterations set: the last lane that does counts");
    put_count(r, facts->cursors, "cursor: the lanes that are wanted move together, and are stored there or loaded at once",
              "cursors: the lanes that are wanted move together, and are stored there or loaded at once");
    put_count(r, facts->counters, "counter, kept in lanes narrower than itself and added up now and then",
              "counters, kept in lanes narrower than themselves and added up now and then");
}

static void put_vectors(Report *r, const Item *item) {
    const VectorFacts *facts = &item->remark->facts;
    line_begin(r);
    put_width(r, facts);
    line_end(r, item);
    put_accesses(r, facts);
    put_lead(r, facts);
    put_far(r, facts);
    put_count(r, facts->masks, "condition that lanes decide for themselves, under a mask",
              "conditions that lanes decide for themselves, under masks");
    put_count(r, facts->exits, "way out before the last iteration, asked for all lanes at once",
              "ways out before the last iteration, asked for all lanes at once");
    put_outer(r, facts);
    put_count(r, facts->private_arrays, "array of each iteration, with a place for each lane",
              "arrays of each iteration, with a place for each lane");
    put_count(r, facts->variants, "call of a function made for as many lanes",
              "calls of functions made for as many lanes");
    put_count(r, facts->lane_ops, "call or place in a list, one lane after the other",
              "calls or places in lists, one lane after the other");
    if (facts->narrow_indices) {
        line_begin(r);
        strbuf_puts(&r->out, "indices in 32 bits where sizes allow that, which is found out before the loop\n");
    }
    put_count(r, facts->checks, "check left, made for all lanes at once",
              "checks left, made for all lanes at once");
    put_fix(r, item->remark->fix);
}

static void put_against(Report *r, const Item *item) {
    const Source *source = source_of(&r->c->cx->sources, item->remark->against);
    if (source == NULL) return;
    uint32_t line = source_line_col(source, item->remark->against.start).line;
    if (source == item->source && line == item->at.line) return;
    strbuf_printf(&r->out, " (line %u: `", line);
    put_code(r, source, line);
    strbuf_puts(&r->out, "`)");
}

/* What kc could not promise, LLVM may have done. */
static void put_scalar(Report *r, const Item *item) {
    const Remark *remark = item->remark;
    const char *fix = NULL, *reason = item->note != NULL ? llvm_reason(item->note, &fix) : NULL;
    line_begin(r);
    if (item_is_llvm_vector(item))
        strbuf_printf(&r->out, "%u iterations at a time by LLVM, without a promise: %s",
                      item->note->lanes * item->note->interleave, remark->text);
    else
        strbuf_printf(&r->out, "%s%s", remark_infos[REMARK_SCALAR].words, remark->text);
    put_against(r, item);
    line_end(r, item);
    if (reason != NULL) {
        line_begin(r);
        strbuf_printf(&r->out, "LLVM leaves it so as well: %s\n", reason);
    }
    put_fix(r, remark->fix != NULL ? remark->fix : fix);
}

/* ---- Checks ---------------------------------------------------------------------------------- */

static bool is_check(const Item *item) {
    if (item->remark == NULL) return false;
    RemarkKind kind = item->remark->kind;
    return kind == REMARK_CHECK_PROVEN || kind == REMARK_CHECK_HOISTED || kind == REMARK_CHECK_LEFT;
}

/* Of one line, and alike but for their places. */
static bool shares_line(const Item *a, const Item *b) {
    return is_check(a) && is_check(b) && a->symbol == b->symbol && a->source == b->source &&
           a->at.line == b->at.line && a->remark->kind == b->remark->kind &&
           a->remark->check == b->remark->check && strcmp(a->remark->text, b->remark->text) == 0;
}

static bool is_told(const Report *r, uint32_t index) {
    for (uint32_t i = index; i-- > 0 && r->items.data[i].at.line == r->items.data[index].at.line;)
        if (shares_line(&r->items.data[i], &r->items.data[index])) return true;
    return false;
}

static void put_places(Report *r, uint32_t first) {
    const Item *start = &r->items.data[first];
    const char *before = NULL;
    for (uint32_t i = first; i < r->items.len && r->items.data[i].at.line == start->at.line; i++) {
        const Item *item = &r->items.data[i];
        if (!shares_line(item, start)) continue;
        const char *place = report_snippet(r, item->remark->span);
        if (before != NULL && strcmp(before, place) == 0) continue;
        strbuf_printf(&r->out, "%s`%s`", before != NULL ? ", " : "", place);
        before = place;
    }
}

static void put_checks(Report *r, uint32_t index) {
    const Remark *remark = r->items.data[index].remark;
    if (is_told(r, index)) return;
    line_begin(r);
    strbuf_printf(&r->out, "%s%s (%s ", remark_infos[remark->kind].words, remark->text,
                  check_infos[remark->check].mnemonic);
    put_places(r, index);
    strbuf_puts(&r->out, ")\n");
    put_fix(r, remark->fix);
}

/* ---- Items ----------------------------------------------------------------------------------- */

static void put_call(Report *r, const Item *item) {
    const Remark *remark = item->remark;
    line_begin(r);
    strbuf_printf(&r->out, "`%s` ", text_of(r->c->cx, remark->callee));
    if (remark->kind == REMARK_INLINED) strbuf_puts(&r->out, "is inlined");
    else strbuf_printf(&r->out, "%s%s", remark_infos[remark->kind].words, remark->text);
    line_end(r, item);
    put_fix(r, remark->fix);
}

static void put_passes(Report *r, const Item *item) {
    const FusionFacts *facts = &item->remark->fusion;
    line_begin(r);
    strbuf_printf(&r->out, "with its neighbours: %u passes over memory became %u, and %u bytes for each element %u",
                  facts->loops_before, facts->loops_after, facts->bytes_before, facts->bytes_after);
    line_end(r, item);
}

static void put_plain(Report *r, const Item *item) {
    line_begin(r);
    strbuf_printf(&r->out, "%s%s", remark_infos[item->remark->kind].words, item->remark->text);
    line_end(r, item);
    put_fix(r, item->remark->fix);
}

static void put_remark(Report *r, uint32_t index) {
    const Item *item = &r->items.data[index];
    switch (item->remark->kind) {
    case REMARK_VECTORISED: put_vectors(r, item); return;
    case REMARK_SCALAR: put_scalar(r, item); return;
    case REMARK_CHECK_PROVEN: case REMARK_CHECK_HOISTED: case REMARK_CHECK_LEFT:
        put_checks(r, index);
        return;
    case REMARK_INLINED: case REMARK_CALLED: case REMARK_LANE_CALLS: put_call(r, item); return;
    case REMARK_PASSES: put_passes(r, item); return;
    case REMARK_FUSED: case REMARK_APART: case REMARK_REWRITTEN: case REMARK_JAMMED: case REMARK_STORE_DROPPED:
    case REMARK_UNREAD: case REMARK_IN_PLACE: case REMARK_THROUGH_MEMORY: case REMARK_CONTRACTED:
    case REMARK_BUILT_IN_PLACE: case REMARK_LANES: case REMARK_PAIRED: case REMARK_TABLE: case REMARK_STAGGERED:
    case REMARK_PARALLEL: case REMARK_TASK: case REMARK_TASK_IN_LINE:
        put_plain(r, item);
        return;
    case REMARK_KIND_COUNT: break;
    }
    UNREACHABLE();
}

static bool starts_function(const Item *before, const Item *item) {
    return before == NULL || before->symbol != item->symbol;
}

static bool starts_line(const Item *before, const Item *item) {
    return starts_function(before, item) || before->source != item->source ||
           before->at.line != item->at.line;
}

/* ---- The end --------------------------------------------------------------------------------- */

typedef struct Totals {
    uint32_t vectors, llvm, scalar, proven, hoisted, left;
} Totals;

static Totals totals_of(const Report *r) {
    Totals t = {0};
    for (uint32_t i = 0; i < r->items.len; i++) {
        const Item *item = &r->items.data[i];
        if (item->remark == NULL) continue;
        switch ((int)item->remark->kind) {
        case REMARK_VECTORISED: t.vectors += item->times; break;
        case REMARK_SCALAR: *(item_is_llvm_vector(item) ? &t.llvm : &t.scalar) += item->times; break;
        case REMARK_CHECK_PROVEN: t.proven += item->times; break;
        case REMARK_CHECK_HOISTED: t.hoisted += item->times; break;
        case REMARK_CHECK_LEFT: t.left += item->times; break;
        default: break;
        }
    }
    return t;
}

static void put_totals(Report *r) {
    Totals t = totals_of(r);
    const Target *target = &r->c->target;
    strbuf_printf(&r->out, "%s, -O%d: %u %s over vectors", target->march, r->c->ir.opt_level, t.vectors,
                  plural(t.vectors, "loop", "loops"));
    if (t.llvm > 0) strbuf_printf(&r->out, ", %u more by LLVM", t.llvm);
    strbuf_printf(&r->out, ", %u scalar\nchecks: %u proven, %u made once before a loop, %u left in loops\n",
                  t.scalar, t.proven, t.hoisted, t.left);
}

void report_text(Report *r) {
    const Item *before = NULL;
    for (uint32_t i = 0; i < r->items.len; i++) {
        const Item *item = &r->items.data[i];
        if (starts_function(before, item)) {
            if (before != NULL) strbuf_putc(&r->out, '\n');
            put_function(r, item);
        }
        if (item->source != NULL && starts_line(before, item)) put_source_line(r, item);
        if (item->memory != NULL) memory_text(r, item);
        else put_remark(r, i);
        before = item;
    }
    if (before != NULL) strbuf_putc(&r->out, '\n');
    if (r->decisions) put_totals(r);
    memory_summary(r);
}
