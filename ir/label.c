#include "ir/label.h"
#include "ir/idmap.h"
#include "ir/value.h"

typedef struct Labelling {
    Labels labels;
    IdMap used; /* by name id: how many values had the name so far; 0 counts those without */
} Labelling;

static void label_value(Labelling *labelling, const Value *value) {
    if (value->id < labelling->labels.count)
        labelling->labels.numbers[value->id] =
            (uint32_t)(*idmap_at(&labelling->used, value->name.id))++;
}

static void label_op(void *user, Op *op) {
    Labelling *labelling = user;
    for (uint32_t i = 0; i < op->result_count; i++) label_value(labelling, op->results[i]);
    for (uint32_t r = 0; r < op->region_count; r++)
        for (uint32_t i = 0; i < op->regions[r]->param_count; i++)
            label_value(labelling, op->regions[r]->params[i]);
}

Labels labels_of_fn(Arena *arena, const IrFn *fn) {
    Labelling labelling = {.labels = {.cx = fn->module->cx, .count = fn->next_value}};
    labelling.labels.numbers = arena_array(arena, uint32_t, fn->next_value);
    for (uint32_t i = 0; i < fn->next_value; i++) labelling.labels.numbers[i] = NO_LABEL;
    labelling.used.arena = arena;
    for (uint32_t i = 0; i < fn->params.len; i++)
        label_value(&labelling, fn->params.data[i].value);
    if (fn->body != NULL) region_walk(fn->body, label_op, &labelling);
    return labelling.labels;
}

void label_print(const Labels *labels, const Value *value, StrBuf *out) {
    uint32_t number = value->id < labels->count ? labels->numbers[value->id] : NO_LABEL;
    strbuf_putc(out, '%');
    if (value->name.id != 0) ir_name_print(labels->cx, value->name, out);
    if (number == NO_LABEL)
        strbuf_puts(out, "?");
    else if (value->name.id == 0)
        strbuf_printf(out, "%u", number);
    else if (number != 0)
        strbuf_printf(out, ".%u", number);
}
