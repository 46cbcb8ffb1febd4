/* Arenas: memory by lifetime.
 *
 * Everything the compiler builds belongs to an arena (the compilation's, a function's, a pass's
 * scratch) and goes when the arena goes; nothing is freed one by one. Memory comes zeroed. Running out
 * of memory ends the process in one place, so no caller checks for NULL. */
#ifndef KC_SUPPORT_ARENA_H
#define KC_SUPPORT_ARENA_H

#include "support/base.h"

typedef struct Arena Arena;

Arena *arena_create(void);
void arena_destroy(Arena *arena);

/* Zeroed memory, aligned for any type. `size` may be 0. */
void *arena_alloc(Arena *arena, size_t size);
/* `count` objects of `size` bytes; an overflowing product is fatal. */
void *arena_alloc_array(Arena *arena, size_t count, size_t size);
/* Copies `size` bytes into the arena. */
void *arena_copy(Arena *arena, const void *bytes, size_t size);
/* A NUL-terminated copy of `length` bytes of text. */
char *arena_strndup(Arena *arena, const char *text, size_t length);
char *arena_printf(Arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(Arena *arena, const char *format, va_list args);
/* Bytes handed out so far. */
size_t arena_used(const Arena *arena);

#define arena_new(arena, T) ((T *)arena_alloc((arena), sizeof(T)))
#define arena_array(arena, T, count) ((T *)arena_alloc_array((arena), (count), sizeof(T)))

#endif
