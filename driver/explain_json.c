/* The report of `kc explain --json`; docs/explain.md describes it. Keys are only ever added. */
#include "driver/explain_report.h"
#include "support/json.h"

static void put_text(Report *r, const char *key, const char *text) {
    strbuf_printf(&r->out, ",\"%s\":", key);
    json_str(&r->out, text);
}

static void put_number(Report *r, const char *key, uint32_t number) {
    strbuf_printf(&r->out, ",\"%s\":%u", key, number);
}

static void put_facts(Report *r, const VectorFacts *facts) {
    put_number(r, "lanes", facts->lanes);
    put_text(r, "element", scalar_spelling(facts->element));
    put_number(r, "registers", facts->registers);
    put_number(r, "register_bits", facts->register_bits);
    static const char *const tails[] = {"masked", "narrower", "single"};
    put_text(r, "tail", tails[facts->tail]);
    put_number(r, "fixed_lanes", facts->fixed_lanes);
    put_number(r, "side_by_side", facts->side_by_side);
    put_number(r, "reversed", facts->backward);
    put_number(r, "strided", facts->strided);
    put_number(r, "apart", facts->apart);
    put_number(r, "broadcast", facts->broadcast);
    put_number(r, "lookups", facts->lookups);
    put_number(r, "gathers", facts->gathers);
    put_number(r, "scatters", facts->scatters);
    put_number(r, "led_from_iterations", facts->led_from);
    put_number(r, "led_if_rows_are_even", facts->leads_rows);
    put_number(r, "streams_from_bytes", facts->stream_bytes);
    put_number(r, "far_from_bytes", facts->far_bytes);
    put_number(r, "masks", facts->masks);
    put_number(r, "variants", facts->variants);
    put_number(r, "lane_by_lane", facts->lane_ops);
    put_number(r, "exits", facts->exits);
    put_number(r, "reductions", facts->reductions);
    put_number(r, "best", facts->best);
    put_number(r, "places", facts->places);
    put_number(r, "scans", facts->scans);
    put_number(r, "latest", facts->latest);
    put_number(r, "cursors", facts->cursors);
    put_number(r, "counters", facts->counters);
    put_number(r, "private_arrays", facts->private_arrays);
    put_number(r, "narrow_indices", facts->narrow_indices);
    put_number(r, "checks", facts->checks);
}

static void put_passes(Report *r, const FusionFacts *facts) {
    put_number(r, "passes_before", facts->loops_before);
    put_number(r, "passes_after", facts->loops_after);
    put_number(r, "bytes_before", facts->bytes_before);
    put_number(r, "bytes_after", facts->bytes_after);
}

/* What stands against it, and what LLVM made of it. */
static void put_scalar(Report *r, const Item *item) {
    const Source *source = source_of(&r->c->cx->sources, item->remark->against);
    uint32_t line = source != NULL ? source_line_col(source, item->remark->against.start).line : 0;
    const char *fix;
    if (line != 0) put_number(r, "against_line", line);
    if (item_is_llvm_vector(item)) {
        put_number(r, "lanes", item->note->lanes);
        put_number(r, "interleaved", item->note->interleave);
    } else if (item->note != NULL) {
        put_text(r, "llvm", llvm_reason(item->note, &fix));
    }
}

static void put_decision(Report *r, const Item *item) {
    const Remark *remark = item->remark;
    const RemarkInfo *info = &remark_infos[remark->kind];
    bool by_llvm = item_is_llvm_vector(item);
    strbuf_printf(&r->out, "{\"kind\":\"%s\",\"made\":%s", by_llvm ? "vectorised-by-llvm" : info->key,
                  info->made || by_llvm ? "true" : "false");
    put_text(r, "function", text_of(r->c->cx, item->function));
    put_text(r, "file", item->source->path);
    put_number(r, "line", item->at.line);
    put_number(r, "column", item->at.column);
    put_number(r, "times", item->times);
    put_text(r, "why", remark->text[0] != '\0' ? remark->text : NULL);
    put_text(r, "fix", remark->fix);
    if (remark->kind == REMARK_PASSES) put_passes(r, &remark->fusion);
    if (remark->kind == REMARK_VECTORISED) put_facts(r, &remark->facts);
    if (remark->kind == REMARK_SCALAR) put_scalar(r, item);
    if (remark->callee.id != 0) put_text(r, "callee", text_of(r->c->cx, remark->callee));
    bool is_check = remark->kind == REMARK_CHECK_PROVEN || remark->kind == REMARK_CHECK_HOISTED ||
                    remark->kind == REMARK_CHECK_LEFT;
    if (is_check) {
        put_text(r, "check", check_infos[remark->check].mnemonic);
        put_text(r, "place", report_snippet(r, remark->span));
    }
    strbuf_putc(&r->out, '}');
}

static void put_items(Report *r, bool memory) {
    const char *separator = "\n";
    for (uint32_t i = 0; i < r->items.len; i++) {
        const Item *item = &r->items.data[i];
        if ((item->memory != NULL) != memory) continue;
        strbuf_puts(&r->out, separator);
        if (memory) memory_json(r, item);
        else put_decision(r, item);
        separator = ",\n";
    }
}

void report_json(Report *r) {
    strbuf_puts(&r->out, "{\"march\":");
    json_str(&r->out, r->c->target.march);
    strbuf_printf(&r->out, ",\"level\":%d,\n", r->c->ir.opt_level);
    if (r->decisions) {
        strbuf_puts(&r->out, "\"decisions\":[");
        put_items(r, false);
        strbuf_puts(&r->out, "\n],\n");
    }
    strbuf_puts(&r->out, "\"memory\":[");
    put_items(r, true);
    strbuf_puts(&r->out, "\n],\n\"diagnostics\":");
    diags_render_json(r->c->cx, &r->out);
    strbuf_puts(&r->out, "}\n");
    r->c->told = true;
}
