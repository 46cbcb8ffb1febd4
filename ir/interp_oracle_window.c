/* Windows: what they cover, and when they end. */
#include "ir/interp_oracle.h"

/* ---- Failures -------------------------------------------------------------------------------- */

bool op_is_unsafe(const Op *op) {
    for (const Region *region = op != NULL ? op->parent : NULL; region != NULL && region->parent != NULL;
         region = region->parent->parent)
        if (region->parent->kind == OP_UNSAFE) return true;
    return false;
}

void oracle_fail(Machine *m, const Op *op, const Op *cause, const char *format, ...) {
    if (m->status != INTERP_OK || op_is_unsafe(op)) return;
    va_list args;
    va_start(args, format);
    const char *text = arena_vprintf(m->module->arena, format, args);
    va_end(args);
    const Source *source =
        cause != NULL ? source_of(&m->module->cx->sources, cause->span) : NULL;
    if (source != NULL)
        text = arena_printf(m->module->arena, "%s in line %u", text,
                            source_line_col(source, cause->span.start).line);
    machine_fault(m, op, text);
    m->panic->message = arena_printf(m->module->arena, "oracle: %s", text);
}

/* ---- Extents --------------------------------------------------------------------------------- */

Extent extent_of_view(Machine *m, const IrType *type, const uint64_t *view) {
    Extent extent = {.block = block_of(view[0]), .base = view[1], .rank = type->rank,
                     .size = layout_of(m, type->elem)->bytes};
    for (uint32_t i = 0; i < type->rank; i++) {
        extent.dims[i] = view[2 + i];
        extent.strides[i] = view[2 + type->rank + i] * extent.size;
    }
    return extent;
}

Extent extent_of_bytes(const Block *block, uint64_t base, uint64_t bytes) {
    return (Extent){.block = block, .base = base, .size = bytes};
}

/* From the lowest byte to behind the highest; false when there is none. */
static bool extent_range(const Extent *e, uint64_t *low, uint64_t *high) {
    *low = e->base;
    *high = e->base + e->size;
    for (uint32_t i = 0; i < e->rank; i++) {
        if ((int64_t)e->dims[i] <= 0) return false;
        int64_t reach = (int64_t)((e->dims[i] - 1) * e->strides[i]);
        *(reach < 0 ? low : high) += (uint64_t)reach;
    }
    return e->size != 0;
}

static uint64_t extent_count(const Extent *e) {
    uint64_t count = 1;
    for (uint32_t i = 0; i < e->rank; i++) count *= e->dims[i];
    return count;
}

static uint64_t extent_element(const Extent *e, uint64_t position) {
    uint64_t address = e->base;
    for (uint32_t i = e->rank; i-- > 0;) {
        address += position % e->dims[i] * e->strides[i];
        position /= e->dims[i];
    }
    return address;
}

enum { MAX_PAIRS = 1 << 16 };

/* Element by element where both reach into one another; too many of them count as an overlap. */
bool extents_overlap(const Extent *a, const Extent *b) {
    uint64_t low[2], high[2];
    if (a->block != b->block) return false;
    if (!extent_range(a, &low[0], &high[0]) || !extent_range(b, &low[1], &high[1])) return false;
    if (high[0] <= low[1] || high[1] <= low[0]) return false;
    uint64_t left = extent_count(a), right = extent_count(b);
    if (left * a->size == high[0] - low[0] && right * b->size == high[1] - low[1]) return true;
    if (left > MAX_PAIRS / right) return true;
    for (uint64_t i = 0; i < left; i++)
        for (uint64_t k = 0; k < right; k++) {
            uint64_t x = extent_element(a, i), y = extent_element(b, k);
            if (x < y + b->size && y < x + a->size) return true;
        }
    return false;
}

/* ---- Lives ----------------------------------------------------------------------------------- */

Window *window_add(Machine *m, const Op *op, const Window *parent, const Extent *extent,
                   bool is_mutable) {
    Window *window = arena_new(m->arena, Window);
    *window = (Window){.parent = parent, .extent = *extent, .made = op, .is_mutable = is_mutable};
    Block *block = (Block *)extent->block;
    uint64_t low, high;
    if (block == NULL || block == NO_BLOCK || !extent_range(extent, &low, &high)) return window;
    if (block->windows == NULL) block->windows = arena_new(m->arena, WindowList);
    if (is_mutable)
        vec_push(m->arena, &block->windows->writers, window);
    else
        vec_push(m->arena, &block->windows->readers, window);
    return window;
}

/* The variable that the window was made from, as far as that is known. */
static const char *window_root(Machine *m, const Window *window) {
    while (window->parent != NULL) window = window->parent;
    const Value *value = window->made->operand_count != 0 ? window->made->operands[0] : NULL;
    while (value != NULL && value->def != NULL && value->def->kind != OP_VAR &&
           value->def->operand_count != 0)
        value = value->def->operands[0];
    return value != NULL && value->name.id != 0 ? text_of(m->module->cx, value->name) : NULL;
}

bool window_use(Machine *m, const Op *op, const Window *window) {
    if (window == NULL) return true;
    const Block *block = window->extent.block;
    bool gone = block != NULL && block != NO_BLOCK && block->is_freed;
    if (window->ended == NULL && !gone) return true;
    const char *how = window->ended != NULL ? window->ended
                      : block->arena != NULL ? "was forgotten by its arena"
                                             : "was freed";
    const char *root = window_root(m, window);
    if (root != NULL)
        oracle_fail(m, op, window->ended_by, "this looks into `%s`, which %s", root, how);
    else
        oracle_fail(m, op, window->ended_by, "this looks into memory that %s", how);
    return false;
}

void window_keep(Machine *m, const Op *op, Window *window) {
    if (window == NULL || !window_use(m, op, window)) return;
    memory_touch(m, op, &window->extent, window, window->is_mutable);
}

static void windows_add(Machine *m, const IrType *type, const uint64_t *words, WindowSet *set) {
    if (!ir_type_looks(type)) return;
    Window *window = type->kind == IR_VIEW ? window_of(words[view_tag(type)]) : NULL;
    if (window != NULL && set->count < ARRAY_LEN(set->windows))
        set->windows[set->count++] = window;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const char *field = (const char *)words + layout_of(m, type)->offsets[i];
        windows_add(m, type->fields[i].type, (const uint64_t *)(const void *)field, set);
    }
}

WindowSet windows_in(Machine *m, const IrType *type, const uint64_t *words) {
    WindowSet set = {0};
    windows_add(m, type, words, &set);
    return set;
}

void windows_keep(Machine *m, const Op *op, const IrType *type, const uint64_t *words) {
    WindowSet set = windows_in(m, type, words);
    for (uint32_t i = 0; i < set.count; i++) window_keep(m, op, set.windows[i]);
}

static bool descends_from(const Window *window, const Window *from) {
    while (window != NULL && window != from) window = window->parent;
    return window != NULL;
}

static void window_end(Window *window, const Op *op, const char *how) {
    window->ended = how;
    window->ended_by = op;
}

static void writers_touch(const Op *op, WindowList *list, const Extent *extent, const Window *by,
                          bool is_write) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->writers.len; i++) {
        Window *window = list->writers.data[i];
        bool spared = descends_from(by, window) || !extents_overlap(&window->extent, extent);
        if (spared)
            list->writers.data[kept++] = window;
        else
            window_end(window, op, is_write ? "was changed" : "was looked at by another name");
    }
    list->writers.len = kept;
}

static void readers_touch(const Op *op, WindowList *list, const Extent *extent, const Window *by) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < list->readers.len; i++) {
        Window *window = list->readers.data[i];
        if (descends_from(by, window) || !extents_overlap(&window->extent, extent))
            list->readers.data[kept++] = window;
        else
            window_end(window, op, "was changed");
    }
    list->readers.len = kept;
}

void memory_touch(Machine *m, const Op *op, const Extent *extent, const Window *by, bool is_write) {
    const Block *block = extent->block;
    (void)m;
    if (block == NULL || block == NO_BLOCK || block->windows == NULL || op_is_unsafe(op)) return;
    writers_touch(op, block->windows, extent, by, is_write);
    if (is_write) readers_touch(op, block->windows, extent, by);
}

void block_windows_end(const Op *op, Block *block, const char *how) {
    WindowList *list = block->windows;
    if (list == NULL) return;
    for (uint32_t i = 0; i < list->writers.len; i++) window_end(list->writers.data[i], op, how);
    for (uint32_t i = 0; i < list->readers.len; i++) window_end(list->readers.data[i], op, how);
    list->writers.len = list->readers.len = 0;
}
