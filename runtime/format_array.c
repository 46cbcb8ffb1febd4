#include "kc/kcrt.h"

#include <stdbool.h>
#include <string.h>

enum { MANY = 1000, EDGE = 3, LINE_WIDTH = 75, VALUE_SIZE = 40 };

typedef struct ArrayText {
    kc_type type;
    const char *data;
    int32_t rank;
    const int64_t *shape, *stride;
    bool abbreviated; /* more than MANY elements: the middle of long dimensions is left out */
    size_t width;     /* of the widest item shown: all are aligned to it */
    char *buffer;
    size_t size, length; /* `length` counts what did not fit, too */
    size_t line;         /* columns used in the current line */
} ArrayText;

static size_t item_size(kc_type type) {
    switch (type) {
    case KC_BOOL: case KC_I8: case KC_U8: return 1;
    case KC_I16: case KC_U16: case KC_F16: case KC_BF16: return 2;
    case KC_I32: case KC_U32: case KC_F32: return 4;
    case KC_I64: case KC_U64: case KC_F64: return 8;
    }
    return 1;
}

static void put(ArrayText *text, const char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (text->length + 1 < text->size) text->buffer[text->length] = bytes[i];
        text->length++;
    }
    text->line += count;
}

static void put_blanks(ArrayText *text, size_t count) {
    while (count-- > 0) put(text, " ", 1);
}

static void new_line(ArrayText *text, int32_t indent) {
    put(text, "\n", 1);
    text->line = 0;
    put_blanks(text, (size_t)indent);
}

/* The index after `i` that is shown: the middle of a long dimension is skipped. */
static int64_t next_shown(const ArrayText *text, int32_t axis, int64_t i) {
    int64_t count = text->shape[axis];
    if (text->abbreviated && i + 1 == EDGE && count > 2 * EDGE) return count - EDGE;
    return i + 1;
}

/* Offsets are in elements from the first one, and may be negative. */
static size_t put_item(const ArrayText *text, int64_t offset, char *out) {
    return kc_format_value(text->type, text->data + offset * (int64_t)item_size(text->type), out);
}

static size_t widest_item(const ArrayText *text, int32_t axis, int64_t offset) {
    char item[VALUE_SIZE];
    if (axis == text->rank) return put_item(text, offset, item);
    size_t widest = 0;
    for (int64_t i = 0; i < text->shape[axis]; i = next_shown(text, axis, i)) {
        size_t width = widest_item(text, axis + 1, offset + i * text->stride[axis]);
        if (width > widest) widest = width;
    }
    return widest;
}

/* Items of the last dimension follow one another, and wrap; rows begin a line each, and blocks of rows
 * leave a blank line for every further dimension. */
static void separate(ArrayText *text, int32_t axis, size_t next_width) {
    if (axis + 1 == text->rank) {
        if (text->line + 1 + next_width > LINE_WIDTH) {
            new_line(text, axis + 1);
        } else {
            put(text, " ", 1);
        }
        return;
    }
    for (int32_t i = axis + 2; i < text->rank; i++) put(text, "\n", 1);
    new_line(text, axis + 1);
}

static void put_axis(ArrayText *text, int32_t axis, int64_t offset) {
    if (axis == text->rank) {
        char item[VALUE_SIZE];
        size_t length = put_item(text, offset, item);
        put_blanks(text, text->width - length);
        put(text, item, length);
        return;
    }
    put(text, "[", 1);
    for (int64_t i = 0; i < text->shape[axis];) {
        put_axis(text, axis + 1, offset + i * text->stride[axis]);
        int64_t next = next_shown(text, axis, i);
        if (next > i + 1) {
            separate(text, axis, 3);
            put(text, "...", 3);
        }
        if (next < text->shape[axis]) separate(text, axis, text->width);
        i = next;
    }
    put(text, "]", 1);
}

/* How many elements there are, or a number above MANY if there are more than that. */
static int64_t count_elements(int32_t rank, const int64_t *shape) {
    int64_t count = 1;
    for (int32_t i = 0; i < rank; i++) {
        if (shape[i] <= 0) return 0;
    }
    for (int32_t i = 0; i < rank; i++) {
        if (shape[i] > MANY || count > MANY) return MANY + 1;
        count *= shape[i];
    }
    return count;
}

size_t kc_format_array(kc_type type, const void *data, int32_t rank, const int64_t *shape,
                       const int64_t *stride, char *buffer, size_t size) {
    ArrayText text = {.type = type, .data = data, .rank = rank, .shape = shape, .stride = stride,
                      .buffer = buffer, .size = size};
    int64_t count = count_elements(rank, shape);
    text.abbreviated = count > MANY;
    if (count == 0) {
        put(&text, "[]", 2);
    } else {
        text.width = widest_item(&text, 0, 0);
        put_axis(&text, 0, 0);
    }
    if (size > 0) buffer[text.length < size ? text.length : size - 1] = '\0';
    return text.length;
}
