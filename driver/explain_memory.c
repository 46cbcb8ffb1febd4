/* Memory that a program takes, copies and gives back, as text and as JSON. */
#include <inttypes.h>

#include "driver/explain_report.h"
#include "support/json.h"

static const char *spelled(const Report *r, Name name) { return text_of(r->c->cx, name); }

/* "n * m elements of 4 bytes", "64 bytes" when all of it is known. */
static void put_size(StrBuf *out, const MemoryRemark *memory) {
    if (memory->element_bytes == 0) return;
    strbuf_puts(out, ": ");
    if (memory->elements >= 0)
        strbuf_printf(out, "%" PRId64 " bytes", memory->elements * memory->element_bytes);
    else
        strbuf_printf(out, "%s * %u bytes", memory->size, memory->element_bytes);
}

static void conversion_text(Report *r, const Item *item) {
    strbuf_printf(&r->out, "      |   converts `%s` %s%s\n", report_snippet(r, item->memory->span),
                  item->memory->why, item->memory->in_loop ? ", in every iteration" : "");
}

void memory_text(Report *r, const Item *item) {
    static const char *const deeds[] = {
        [MEMORY_ALLOC] = "allocates", [MEMORY_COPY] = "copies", [MEMORY_FREE] = "frees"};
    static const char *const places[] = {
        [FROM_HEAP] = "", [FROM_ARENA] = " in an arena", [FROM_SCRATCH] = " in its thread's scratch memory"};
    const MemoryRemark *memory = item->memory;
    if (memory->deed == MEMORY_CONVERT) {
        conversion_text(r, item);
        return;
    }
    strbuf_printf(&r->out, "      |   %s ", deeds[memory->deed]);
    if (memory->name.id != 0) strbuf_printf(&r->out, "`%s`", spelled(r, memory->name));
    else strbuf_puts(&r->out, "a temporary");
    if (memory->deed == MEMORY_ALLOC) strbuf_puts(&r->out, places[memory->from]);
    if (memory->deed != MEMORY_FREE) put_size(&r->out, memory);
    if (memory->in_loop) strbuf_puts(&r->out, ", in every iteration");
    if (item->times > 1) strbuf_printf(&r->out, ", %u times", item->times);
    strbuf_printf(&r->out, " (%s)\n", memory->why);
}

/* `from` matters for allocations. */
static uint32_t count_from(const Report *r, MemoryDeed deed, MemoryFrom from) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->items.len; i++) {
        const Item *item = &r->items.data[i];
        if (item->memory != NULL && item->memory->deed == deed && item->memory->from == from)
            count += item->times;
    }
    return count;
}

static uint32_t count_of(const Report *r, MemoryDeed deed) {
    return count_from(r, deed, FROM_HEAP) + count_from(r, deed, FROM_ARENA) +
           count_from(r, deed, FROM_SCRATCH);
}

static void put_count(Report *r, bool *first, uint32_t count, const char *one, const char *several) {
    strbuf_printf(&r->out, "%s%u %s", *first ? "" : ", ", count, count == 1 ? one : several);
    *first = false;
}

static void put_allocations(Report *r, bool *first) {
    uint32_t all = count_of(r, MEMORY_ALLOC), heap = count_from(r, MEMORY_ALLOC, FROM_HEAP);
    put_count(r, first, all, "allocation", "allocations");
    if (heap != all) strbuf_printf(&r->out, " (%u of the heap)", heap);
}

void memory_summary(Report *r) {
    bool first = true;
    if (r->allocs) put_allocations(r, &first);
    if (r->frees) put_count(r, &first, count_of(r, MEMORY_FREE), "free", "frees");
    if (r->copies) put_count(r, &first, count_of(r, MEMORY_COPY), "copy", "copies");
    uint32_t conversions = count_of(r, MEMORY_CONVERT);
    if (conversions > 0) put_count(r, &first, conversions, "conversion", "conversions");
    strbuf_putc(&r->out, '\n');
}

void memory_json(Report *r, const Item *item) {
    static const char *const deeds[] = {
        [MEMORY_ALLOC] = "alloc", [MEMORY_COPY] = "copy", [MEMORY_FREE] = "free",
        [MEMORY_CONVERT] = "conversion"};
    static const char *const places[] = {
        [FROM_HEAP] = "heap", [FROM_ARENA] = "arena", [FROM_SCRATCH] = "scratch"};
    const MemoryRemark *memory = item->memory;
    strbuf_printf(&r->out, "{\"kind\":\"%s\",", deeds[memory->deed]);
    if (memory->deed == MEMORY_ALLOC)
        strbuf_printf(&r->out, "\"from\":\"%s\",", places[memory->from]);
    strbuf_puts(&r->out, "\"function\":");
    json_str(&r->out, spelled(r, memory->function));
    strbuf_puts(&r->out, ",\"name\":");
    json_str(&r->out, memory->name.id != 0 ? spelled(r, memory->name) : NULL);
    strbuf_puts(&r->out, ",\"file\":");
    json_str(&r->out, item->source ? item->source->path : NULL);
    strbuf_printf(&r->out, ",\"line\":%u,\"element_bytes\":%u,\"elements\":", item->at.line,
                  memory->element_bytes);
    if (memory->elements >= 0) strbuf_printf(&r->out, "%" PRId64, memory->elements);
    else strbuf_puts(&r->out, "null");
    strbuf_puts(&r->out, ",\"size\":");
    json_str(&r->out, memory->size);
    strbuf_printf(&r->out, ",\"times\":%u,\"in_loop\":%s,\"why\":", item->times,
                  memory->in_loop ? "true" : "false");
    json_str(&r->out, memory->why);
    strbuf_putc(&r->out, '}');
}
