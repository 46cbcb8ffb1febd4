#include "driver/explain_program.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/compile.h"
#include "driver/driver.h"
#include "ir/passes/memory_remarks.h"
#include "support/json.h"

/* What is reported: remarks of the functions asked for, each with its line. Code that was inlined several
 * times has its remarks several times. */
typedef struct Line {
    const MemoryRemark *remark;
    const Source *source; /* NULL: nowhere in particular */
    uint32_t line, order, times;
} Line;

typedef struct Report {
    Compilation *c;
    const char *wanted; /* function, or NULL: all */
    bool allocs, copies;
    Vec(Line) lines;
    StrBuf out;
} Report;

static const char *spelled(const Report *r, Name name) { return text_of(r->c->cx, name); }

static bool is_wanted(const Report *r, const MemoryRemark *remark) {
    bool is_copy = remark->deed == MEMORY_COPY || remark->deed == MEMORY_CONVERT;
    bool wants_deed = is_copy ? r->copies : r->allocs;
    return wants_deed && (!r->wanted || strcmp(spelled(r, remark->function), r->wanted) == 0);
}

static int compare_lines(const void *left, const void *right) {
    const Line *a = left, *b = right;
    uint32_t file_a = a->source ? a->source->file : 0, file_b = b->source ? b->source->file : 0;
    if (file_a != file_b) return file_a < file_b ? -1 : 1;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static bool is_same(const Line *a, const Line *b) {
    const MemoryRemark *x = a->remark, *y = b->remark;
    if (x->deed == MEMORY_CONVERT || y->deed == MEMORY_CONVERT) return false;
    return a->source == b->source && a->line == b->line && x->deed == y->deed &&
           name_eq(x->name, y->name) && x->in_loop == y->in_loop && strcmp(x->size, y->size) == 0 &&
           strcmp(x->why, y->why) == 0;
}

static void merge_repeated(Report *r) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->lines.len; i++) {
        uint32_t same = 0;
        while (same < kept && !is_same(&r->lines.data[same], &r->lines.data[i])) same++;
        if (same < kept) r->lines.data[same].times++;
        else r->lines.data[kept++] = r->lines.data[i];
    }
    r->lines.len = kept;
}

static void collect(Report *r, const MemoryRemarkVec *all) {
    for (uint32_t i = 0; i < all->len; i++) {
        const MemoryRemark *remark = &all->data[i];
        if (!is_wanted(r, remark)) continue;
        const Source *source = source_of(&r->c->cx->sources, remark->span);
        uint32_t at = source ? source_line_col(source, remark->span.start).line : 0;
        vec_push(r->c->cx->arena, &r->lines, ((Line){remark, source, at, i, 1}));
    }
    if (r->lines.len > 1) qsort(r->lines.data, r->lines.len, sizeof(Line), compare_lines);
    merge_repeated(r);
}

/* What `def`s convert, as the source has it. */
static void conversions_add(Compilation *c, MemoryRemarkVec *all) {
    for (uint32_t i = 0; i < c->checked->conversions.len; i++) {
        const Conversion *conversion = &c->checked->conversions.data[i];
        const char *why = arena_printf(c->cx->arena, "from `%s` to `%s`, one instruction%s",
                                       type_text(c->cx, conversion->from),
                                       type_text(c->cx, conversion->to),
                                       conversion->is_array ? " for each element" : "");
        MemoryRemark remark = {.deed = MEMORY_CONVERT,
                               .span = conversion->span,
                               .function = conversion->fn,
                               .in_loop = conversion->in_loop,
                               .elements = -1,
                               .why = why};
        vec_push(c->cx->arena, all, remark);
    }
}

/* ---- Text ------------------------------------------------------------------------------------ */

/* "n * m elements of 4 bytes", "64 bytes" when all of it is known. */
static void put_size(StrBuf *out, const MemoryRemark *remark) {
    if (remark->element_bytes == 0) return;
    strbuf_puts(out, ": ");
    if (remark->elements >= 0)
        strbuf_printf(out, "%" PRId64 " bytes", remark->elements * remark->element_bytes);
    else
        strbuf_printf(out, "%s * %u bytes", remark->size, remark->element_bytes);
}

static void put_conversion(Report *r, const Line *line) {
    Span span = line->remark->span;
    const char *text = line->source->text + span.start;
    uint32_t length = (uint32_t)strcspn(text, "\n");
    if (length > span.end - span.start) length = span.end - span.start;
    strbuf_printf(&r->out, "      |   converts `%.*s` %s%s\n", (int)length, text, line->remark->why,
                  line->remark->in_loop ? ", in every iteration" : "");
}

static void put_remark(Report *r, const Line *line) {
    const MemoryRemark *remark = line->remark;
    if (remark->deed == MEMORY_CONVERT) {
        put_conversion(r, line);
        return;
    }
    static const char *const deeds[] = {
        [MEMORY_ALLOC] = "allocates", [MEMORY_COPY] = "copies", [MEMORY_FREE] = "frees"};
    strbuf_printf(&r->out, "      |   %s ", deeds[remark->deed]);
    if (remark->name.id != 0) strbuf_printf(&r->out, "`%s`", spelled(r, remark->name));
    else strbuf_puts(&r->out, "a temporary");
    if (remark->deed != MEMORY_FREE) put_size(&r->out, remark);
    if (remark->in_loop) strbuf_puts(&r->out, ", in every iteration");
    if (line->times > 1) strbuf_printf(&r->out, ", %u times", line->times);
    strbuf_printf(&r->out, " (%s)", remark->why);
    strbuf_putc(&r->out, '\n');
}

static void put_source_line(Report *r, const Line *line) {
    uint32_t length;
    const char *text = source_line(line->source, line->line, &length);
    while (length > 0 && *text == ' ') text++, length--;
    strbuf_printf(&r->out, "%5u | %.*s\n", line->line, (int)length, text);
}

static uint32_t count_of(const Report *r, MemoryDeed deed) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->lines.len; i++)
        if (r->lines.data[i].remark->deed == deed) count += r->lines.data[i].times;
    return count;
}

static const char *plural(uint32_t count, const char *one, const char *several) {
    return count == 1 ? one : several;
}

static void put_summary(Report *r) {
    uint32_t allocs = count_of(r, MEMORY_ALLOC), frees = count_of(r, MEMORY_FREE);
    uint32_t copies = count_of(r, MEMORY_COPY), conversions = count_of(r, MEMORY_CONVERT);
    if (r->lines.len > 0) strbuf_putc(&r->out, '\n');
    if (r->allocs)
        strbuf_printf(&r->out, "%u %s, %u %s", allocs, plural(allocs, "allocation", "allocations"),
                      frees, plural(frees, "free", "frees"));
    if (r->copies)
        strbuf_printf(&r->out, "%s%u %s", r->allocs ? ", " : "", copies,
                      plural(copies, "copy", "copies"));
    if (r->copies && conversions > 0)
        strbuf_printf(&r->out, ", %u %s", conversions, plural(conversions, "conversion", "conversions"));
    strbuf_putc(&r->out, '\n');
}

static void print_text(Report *r) {
    const Line *before = NULL;
    for (uint32_t i = 0; i < r->lines.len; i++) {
        const Line *line = &r->lines.data[i];
        bool starts = !before || before->source != line->source;
        if (starts && before) strbuf_putc(&r->out, '\n');
        if (starts)
            strbuf_printf(&r->out, "%s\n", line->source ? line->source->path : "added by the compiler");
        if (line->source && (starts || before->line != line->line)) put_source_line(r, line);
        put_remark(r, line);
        before = line;
    }
    put_summary(r);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void put_json_line(Report *r, const Line *line) {
    static const char *const deeds[] = {
        [MEMORY_ALLOC] = "alloc", [MEMORY_COPY] = "copy", [MEMORY_FREE] = "free",
        [MEMORY_CONVERT] = "conversion"};
    const MemoryRemark *remark = line->remark;
    strbuf_printf(&r->out, "{\"kind\":\"%s\",\"function\":", deeds[remark->deed]);
    json_str(&r->out, spelled(r, remark->function));
    strbuf_puts(&r->out, ",\"name\":");
    json_str(&r->out, remark->name.id != 0 ? spelled(r, remark->name) : NULL);
    strbuf_puts(&r->out, ",\"file\":");
    json_str(&r->out, line->source ? line->source->path : NULL);
    strbuf_printf(&r->out, ",\"line\":%u,\"element_bytes\":%u,\"elements\":", line->line,
                  remark->element_bytes);
    if (remark->elements >= 0) strbuf_printf(&r->out, "%" PRId64, remark->elements);
    else strbuf_puts(&r->out, "null");
    strbuf_puts(&r->out, ",\"size\":");
    json_str(&r->out, remark->size);
    strbuf_printf(&r->out, ",\"times\":%u,\"in_loop\":%s,\"why\":", line->times,
                  remark->in_loop ? "true" : "false");
    json_str(&r->out, remark->why);
    strbuf_putc(&r->out, '}');
}

static void print_json(Report *r) {
    strbuf_puts(&r->out, "{\"memory\":[");
    for (uint32_t i = 0; i < r->lines.len; i++) {
        strbuf_puts(&r->out, i ? ",\n" : "\n");
        put_json_line(r, &r->lines.data[i]);
    }
    strbuf_puts(&r->out, "\n],\n\"diagnostics\":");
    diags_render_json(r->c->cx, &r->out);
    strbuf_puts(&r->out, "}\n");
    r->c->told = true;
}

/* ---- The command ----------------------------------------------------------------------------- */

static bool has_function(const FnSymbolVec *fns, Compilation *c, const char *name) {
    for (uint32_t i = 0; i < fns->len; i++)
        if (strcmp(text_of(c->cx, fns->data[i]->name), name) == 0) return true;
    return false;
}

static bool function_exists(Compilation *c, const char *name) {
    for (uint32_t i = 0; i < c->checked->modules.len; i++) {
        const ModuleSymbol *module = c->checked->modules.data[i];
        if (has_function(&module->fns, c, name)) return true;
        for (uint32_t k = 0; k < module->structs.len; k++)
            if (has_function(&module->structs.data[k]->methods, c, name)) return true;
    }
    return false;
}

static int report(Compilation *c) {
    const Options *options = c->options;
    Remarks remarks = {.arena = c->cx->arena};
    c->remarks = &remarks;
    if (!(compile_read(c) && compile_lex(c) && compile_parse(c) && compile_check(c))) return EXIT_ERRORS;
    const char *wanted = options->inputs.len > 1 ? options->inputs.data[1] : NULL;
    if (wanted && !function_exists(c, wanted))
        return usage_error(options, "`%s` has no function `%s`", options->inputs.data[0], wanted);
    if (!compile_lower(c)) return EXIT_ERRORS;
    compile_keep_main(c);
    if (!compile_optimise(c)) return EXIT_ERRORS;
    bool allocs = option_given(options, OPT_ALLOCS), copies = option_given(options, OPT_COPIES);
    Report r = {.c = c, .wanted = wanted, .allocs = allocs || !copies, .copies = copies || !allocs};
    MemoryRemarkVec all = memory_remarks(&remarks, c->module);
    conversions_add(c, &all);
    collect(&r, &all);
    if (option_given(options, OPT_JSON)) print_json(&r);
    else print_text(&r);
    fputs(strbuf_text(&r.out), stdout);
    strbuf_free(&r.out);
    return EXIT_CLEAN;
}

int explain_program(const Options *options) {
    Compilation c;
    int status;
    if (options->inputs.len > 2) return usage_error(options, "takes a file and one function");
    if (!compile_begin(&c, options, &status)) return status;
    c.input_count = 1;
    return compile_end(&c, report(&c));
}
