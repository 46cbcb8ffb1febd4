#include "kc/kcrt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SIZE = 40 };

/* The text of an item into `out`, which has `size` bytes; returns the length it needs. */
static size_t put_item(const kc_print_item *item, char *out, size_t size) {
    char value[VALUE_SIZE];
    const char *text = value;
    size_t length;
    switch ((kc_item_kind)item->kind) {
    case KC_ITEM_ARRAY:
        return kc_format_array((kc_type)item->type, item->data, item->rank, item->shape,
                               item->stride, out, size);
    case KC_ITEM_TEXT:
        text = item->data;
        length = (size_t)item->length;
        break;
    case KC_ITEM_VALUE:
    default:
        length = kc_format_value((kc_type)item->type, item->data, value);
        break;
    }
    if (size > 0 && length > 0) memcpy(out, text, length < size ? length : size);
    return length;
}

/* The whole line into `out`, as far as it fits; returns the length it needs. */
static size_t put_line(const kc_print_item *items, int32_t count, char *out, size_t size) {
    size_t length = 0;
    for (int32_t i = 0; i < count; i++) {
        if (i > 0 && length < size) out[length] = ' ';
        if (i > 0) length++;
        size_t room = length < size ? size - length : 0;
        length += put_item(&items[i], room > 0 ? out + length : NULL, room);
    }
    if (length < size) out[length] = '\n';
    return length + 1;
}

void kc_print(const kc_print_item *items, int32_t count) {
    char small[512];
    size_t length = put_line(items, count, small, sizeof small);
    /* An array's text is always terminated, and the terminator may have taken its last byte: the line
     * is complete only if the buffer was larger. */
    if (length < sizeof small) {
        fwrite(small, 1, length, stdout);
        return;
    }
    char *large = malloc(length + 1);
    if (large == NULL) {
        /* Short of memory, the beginning of the line is better than none of it. */
        fwrite(small, 1, sizeof small - 1, stdout);
        fputc('\n', stdout);
        return;
    }
    put_line(items, count, large, length + 1);
    fwrite(large, 1, length, stdout);
    free(large);
}
