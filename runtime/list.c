#include "kc/kcrt.h"

#include <string.h>

/* Doubling keeps the cost of an append constant on average. */
static int64_t larger(int64_t capacity) {
    if (capacity < 4) return 4;
    return capacity <= INT64_MAX / 2 ? 2 * capacity : INT64_MAX;
}

void *kc_list_append(kc_list *list, int64_t size) {
    if (list->length == list->capacity) {
        int64_t capacity = larger(list->capacity);
        void *data = kc_alloc(capacity, size, 0);
        if (data == NULL) return NULL;
        if (list->length > 0) memcpy(data, list->data, (size_t)(list->length * size));
        kc_free(list->data);
        list->data = data;
        list->capacity = capacity;
    }
    return (char *)list->data + list->length++ * size;
}

void kc_list_take(kc_list *list, int64_t i, int64_t size, void *out) {
    char *item = (char *)list->data + i * size;
    memcpy(out, item, (size_t)size);
    list->length--;
    memmove(item, item + size, (size_t)((list->length - i) * size));
}
