/* How values lie in memory and in frames. */
#include "ir/interp_machine.h"

static uint32_t align_up(uint32_t offset, uint32_t align) {
    return (offset + align - 1) / align * align;
}

static void layout_struct(Machine *m, const IrType *type, Layout *layout) {
    uint32_t *offsets = arena_array(m->arena, uint32_t, type->field_count);
    layout->offsets = offsets;
    layout->align = 1;
    for (uint32_t i = 0; i < type->field_count; i++) {
        const Layout *field = layout_of(m, type->fields[i].type);
        offsets[i] = align_up(layout->bytes, field->align);
        layout->bytes = offsets[i] + field->bytes;
        if (field->align > layout->align) layout->align = field->align;
    }
    layout->bytes = align_up(layout->bytes == 0 ? 1 : layout->bytes, layout->align);
    layout->words = (layout->bytes + 7) / 8;
}

static uint32_t words_of(Machine *m, const IrType *type) {
    switch (type->kind) {
    case IR_SCALAR: case IR_ARENA: return 1;
    case IR_VEC: return type->lanes;
    case IR_STR: return 2;
    case IR_BUF: case IR_REF: return 3;
    case IR_VIEW: return view_tag(type) + 1;
    case IR_ARRAY: return 1 + type->rank;
    case IR_LIST: return LIST_WORDS;
    case IR_TASK: return TASK_WORDS + (type->elem == NULL ? 0 : layout_of(m, type->elem)->words);
    case IR_STRUCT: break;
    }
    UNREACHABLE();
}

const Layout *layout_of(Machine *m, const IrType *type) {
    Layout *layout = &m->layouts[type->id];
    if (layout->words != 0) return layout;
    if (type->kind == IR_STRUCT) {
        layout_struct(m, type, layout);
        return layout;
    }
    uint32_t words = words_of(m, type);
    bool plain = ir_is_lanewise(type) || type->kind == IR_BUF;
    *layout = (Layout){.words = words, .bytes = plain ? type->size : 8 * words,
                       .align = type->kind == IR_SCALAR ? type->align : 8};
    return layout;
}
