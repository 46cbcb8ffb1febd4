#include "support/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A chain of blocks. Small requests are bumped off the newest block; a request larger than a quarter
 * of a block gets one of its own, put behind the newest so that the rest of that one is not lost. */
typedef struct Block {
    struct Block *next;
    size_t used, size;
    max_align_t data[];
} Block;

struct Arena {
    Block *newest;
    size_t used;
};

enum { FIRST_BLOCK = 16 * 1024, LARGEST_BLOCK = 1024 * 1024, ALIGNMENT = _Alignof(max_align_t) };

Arena *arena_create(void) {
    Arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) fatal("out of memory");
    return arena;
}

void arena_destroy(Arena *arena) {
    if (arena == NULL) return;
    for (Block *block = arena->newest; block != NULL;) {
        Block *next = block->next;
        free(block);
        block = next;
    }
    free(arena);
}

static Block *block_create(size_t size) {
    if (size > SIZE_MAX - sizeof(Block)) fatal("out of memory");
    Block *block = calloc(1, sizeof(Block) + size);
    if (block == NULL) fatal("out of memory");
    block->size = size;
    return block;
}

static size_t next_block_size(const Arena *arena) {
    if (arena->newest == NULL) return FIRST_BLOCK;
    size_t size = arena->newest->size * 2;
    return size < FIRST_BLOCK ? FIRST_BLOCK : size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
}

/* A block for one large object, behind the newest. */
static void *alloc_alone(Arena *arena, size_t size) {
    Block *block = block_create(size);
    block->used = size;
    if (arena->newest == NULL) {
        arena->newest = block;
    } else {
        block->next = arena->newest->next;
        arena->newest->next = block;
    }
    return block->data;
}

void *arena_alloc(Arena *arena, size_t size) {
    if (size > SIZE_MAX - ALIGNMENT) fatal("out of memory");
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded == 0) rounded = ALIGNMENT;
    arena->used += rounded;
    Block *block = arena->newest;
    if (block == NULL || block->size - block->used < rounded) {
        size_t fresh = next_block_size(arena);
        if (rounded > fresh / 4) return alloc_alone(arena, rounded);
        block = block_create(fresh);
        block->next = arena->newest;
        arena->newest = block;
    }
    void *memory = (char *)block->data + block->used;
    block->used += rounded;
    return memory;
}

void *arena_alloc_array(Arena *arena, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) fatal("out of memory");
    return arena_alloc(arena, count * size);
}

void *arena_copy(Arena *arena, const void *bytes, size_t size) {
    void *copy = arena_alloc(arena, size);
    if (size != 0) memcpy(copy, bytes, size);
    return copy;
}

char *arena_strndup(Arena *arena, const char *text, size_t length) {
    char *copy = arena_alloc(arena, length + 1);
    if (length != 0) memcpy(copy, text, length);
    return copy;
}

char *arena_vprintf(Arena *arena, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length < 0) KC_BUG("bad format `%s`", format);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(Arena *arena, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

size_t arena_used(const Arena *arena) { return arena->used; }
