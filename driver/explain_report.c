#include "driver/explain_report.h"

#include <stdlib.h>
#include <string.h>

/* ---- Functions ------------------------------------------------------------------------------- */

typedef void (*FunctionVisit)(void *user, const FnSymbol *fn);

static void functions_visit(const Compilation *c, FunctionVisit visit, void *user) {
    for (uint32_t i = 0; i < c->checked->modules.len; i++) {
        const ModuleSymbol *module = c->checked->modules.data[i];
        for (uint32_t k = 0; k < module->fns.len; k++) visit(user, module->fns.data[k]);
        for (uint32_t k = 0; k < module->structs.len; k++) {
            const FnSymbolVec *methods = &module->structs.data[k]->methods;
            for (uint32_t m = 0; m < methods->len; m++) visit(user, methods->data[m]);
        }
    }
}

typedef struct FunctionSearch {
    const Compilation *c;
    const char *name;
    const FnSymbol *found;
    TextVec names;
} FunctionSearch;

static void name_compare(void *user, const FnSymbol *fn) {
    FunctionSearch *search = user;
    if (search->found == NULL && strcmp(text_of(search->c->cx, fn->name), search->name) == 0)
        search->found = fn;
}

const FnSymbol *function_find(const Compilation *c, const char *name) {
    FunctionSearch search = {.c = c, .name = name};
    functions_visit(c, name_compare, &search);
    return search.found;
}

static void name_add(void *user, const FnSymbol *fn) {
    FunctionSearch *search = user;
    vec_push(search->c->cx->arena, &search->names, text_of(search->c->cx, fn->name));
}

TextVec function_names(const Compilation *c) {
    FunctionSearch search = {.c = c};
    functions_visit(c, name_add, &search);
    return search.names;
}

/* Its body may have gone where it was called. */
static bool is_left(const Report *r, Name function) {
    const IrModule *module = r->c->module;
    for (uint32_t i = 0; i < module->fns.len; i++)
        if (name_eq(module->fns.data[i]->source_name, function)) return true;
    return false;
}

/* ---- Items ----------------------------------------------------------------------------------- */

static bool name_is_wanted(const Report *r, Name function) {
    return r->wanted == NULL || strcmp(text_of(r->c->cx, function), r->wanted) == 0;
}

static Item item_at(const Report *r, Name function, Span span) {
    Item item = {.function = function, .order = r->items.len, .times = 1};
    item.source = source_of(&r->c->cx->sources, span);
    if (item.source != NULL) item.at = source_line_col(item.source, span.start);
    item.symbol = function_find(r->c, text_of(r->c->cx, function));
    return item;
}

/* Small things that other modules do well are no news. */
static bool is_news(const Report *r, const Remark *remark, const Item *item) {
    bool is_here = item->source == r->c->sources.data[0];
    return is_here || !remark_infos[remark->kind].made || remark->kind == REMARK_VECTORISED;
}

/* The line on which the last loop begins that begins on `line` or before it. LLVM gives the place of the loop, or
 * that of an instruction in it. */
static uint32_t loop_line(const Remarks *remarks, const Source *source, uint32_t line) {
    uint32_t best = 0;
    for (uint32_t i = 0; i < remarks->all.len; i++) {
        const Remark *remark = &remarks->all.data[i];
        bool is_loop = remark->kind == REMARK_SCALAR || remark->kind == REMARK_VECTORISED;
        if (!is_loop || remark->span.file != source->file) continue;
        uint32_t begin = source_line_col(source, remark->span.start).line;
        if (begin <= line && begin > best) best = begin;
    }
    return best;
}

/* The best that LLVM says of the loop: it may stand in several functions. */
static const LoopNote *note_at(const Remarks *remarks, const LoopNotes *notes, const Item *item) {
    const LoopNote *best = NULL;
    for (uint32_t i = 0; i < notes->all.len; i++) {
        const LoopNote *note = &notes->all.data[i];
        if (strcmp(note->file, item->source->path) != 0) continue;
        bool is_its = loop_line(remarks, item->source, note->line) == item->at.line;
        if (is_its && (best == NULL || note->lanes > best->lanes)) best = note;
    }
    return best;
}

static void remark_collect(Report *r, const Remark *remark, const Remarks *remarks,
                           const LoopNotes *notes) {
    if (!name_is_wanted(r, remark->function) || !is_left(r, remark->function)) return;
    Item item = item_at(r, remark->function, remark->span);
    item.remark = remark;
    if (item.source == NULL || !is_news(r, remark, &item)) return;
    if (remark->kind == REMARK_SCALAR) item.note = note_at(remarks, notes, &item);
    vec_push(r->c->cx->arena, &r->items, item);
}

static void memory_collect(Report *r, const MemoryRemark *memory) {
    bool is_copy = memory->deed == MEMORY_COPY || memory->deed == MEMORY_CONVERT;
    bool is_asked = is_copy ? r->copies : memory->deed == MEMORY_ALLOC ? r->allocs : r->frees;
    if (!is_asked || !name_is_wanted(r, memory->function)) return;
    Item item = item_at(r, memory->function, memory->span);
    item.memory = memory;
    vec_push(r->c->cx->arena, &r->items, item);
}

/* ---- Order ----------------------------------------------------------------------------------- */

static int compare_numbers(uint32_t a, uint32_t b) { return a < b ? -1 : a > b; }

static int compare_functions(const FnSymbol *a, const FnSymbol *b) {
    if (a == NULL || b == NULL) return (a == NULL) - (b == NULL);
    Span x = a->decl->name.span, y = b->decl->name.span;
    return x.file != y.file ? compare_numbers(x.file, y.file) : compare_numbers(x.start, y.start);
}

static int compare_items(const void *left, const void *right) {
    const Item *a = left, *b = right;
    int order = compare_functions(a->symbol, b->symbol);
    uint32_t file_a = a->source ? a->source->file : 0, file_b = b->source ? b->source->file : 0;
    if (order == 0) order = compare_numbers(file_a, file_b);
    if (order == 0) order = compare_numbers(a->at.line, b->at.line);
    return order != 0 ? order : compare_numbers(a->order, b->order);
}

/* ---- The same, several times ----------------------------------------------------------------- */

static bool remarks_equal(const Remark *a, const Remark *b) {
    return a->kind == b->kind && a->span.start == b->span.start && a->span.end == b->span.end &&
           strcmp(a->text, b->text) == 0 && name_eq(a->callee, b->callee) &&
           memcmp(&a->facts, &b->facts, sizeof a->facts) == 0 &&
           memcmp(&a->fusion, &b->fusion, sizeof a->fusion) == 0;
}

static bool memories_equal(const MemoryRemark *a, const MemoryRemark *b) {
    if (a->deed == MEMORY_CONVERT || b->deed == MEMORY_CONVERT) return false;
    return a->deed == b->deed && name_eq(a->name, b->name) && a->in_loop == b->in_loop &&
           strcmp(a->size, b->size) == 0 && strcmp(a->why, b->why) == 0;
}

static bool items_equal(const Item *a, const Item *b) {
    if (a->symbol != b->symbol || a->source != b->source || a->at.line != b->at.line) return false;
    if ((a->remark == NULL) != (b->remark == NULL)) return false;
    return a->remark != NULL ? remarks_equal(a->remark, b->remark)
                             : memories_equal(a->memory, b->memory);
}

static void merge_repeated(Report *r) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->items.len; i++) {
        uint32_t same = kept;
        while (same > 0 && r->items.data[same - 1].at.line == r->items.data[i].at.line &&
               !items_equal(&r->items.data[same - 1], &r->items.data[i]))
            same--;
        bool is_found = same > 0 && items_equal(&r->items.data[same - 1], &r->items.data[i]);
        if (is_found) r->items.data[same - 1].times++;
        else r->items.data[kept++] = r->items.data[i];
    }
    r->items.len = kept;
}

/* What `def`s convert, as the source has it. */
static void conversions_collect(Report *r) {
    Compilation *c = r->c;
    for (uint32_t i = 0; i < c->checked->conversions.len; i++) {
        const Conversion *conversion = &c->checked->conversions.data[i];
        MemoryRemark *remark = arena_new(c->cx->arena, MemoryRemark);
        *remark = (MemoryRemark){.deed = MEMORY_CONVERT,
                                 .span = conversion->span,
                                 .function = conversion->fn,
                                 .in_loop = conversion->in_loop,
                                 .elements = -1};
        remark->why = arena_printf(c->cx->arena, "from `%s` to `%s`, one instruction%s",
                                   type_text(c->cx, conversion->from), type_text(c->cx, conversion->to),
                                   conversion->is_array ? " for each element" : "");
        memory_collect(r, remark);
    }
}

void report_collect(Report *r, const Remarks *remarks, const LoopNotes *notes) {
    for (uint32_t i = 0; r->decisions && i < remarks->all.len; i++)
        remark_collect(r, &remarks->all.data[i], remarks, notes);
    MemoryRemarkVec memory = memory_remarks(remarks, r->c->module);
    for (uint32_t i = 0; i < memory.len; i++) {
        MemoryRemark *kept = arena_new(r->c->cx->arena, MemoryRemark);
        *kept = memory.data[i];
        memory_collect(r, kept);
    }
    conversions_collect(r);
    if (r->items.len > 1) qsort(r->items.data, r->items.len, sizeof(Item), compare_items);
    merge_repeated(r);
}

/* ---- Words ----------------------------------------------------------------------------------- */

const char *report_snippet(const Report *r, Span span) {
    const Source *source = source_of(&r->c->cx->sources, span);
    if (source == NULL) return "?";
    const char *start = source->text + span.start;
    size_t length = span.end - span.start;
    const char *newline = memchr(start, '\n', length);
    const char *text = arena_strndup(r->c->cx->arena, start, newline ? (size_t)(newline - start) : length);
    return newline ? arena_printf(r->c->cx->arena, "%s...", text) : text;
}

const char *llvm_reason(const LoopNote *note, const char **fix) {
    static const struct {
        const char *beginning, *words, *fix;
    } reasons[] = {
#define LLVM_REASON(beginning, words, fix) {beginning, words, fix},
#include "driver/llvm_reasons.def"
    };
    *fix = NULL;
    if (note->reason == NULL) return NULL;
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (strncmp(note->reason, reasons[i].beginning, strlen(reasons[i].beginning)) != 0) continue;
        *fix = reasons[i].fix;
        return reasons[i].words;
    }
    return note->reason;
}
