#include "support/context.h"

Context *context_create(void) {
    Arena *arena = arena_create();
    Context *cx = arena_new(arena, Context);
    cx->arena = arena;
    cx->names = names_create(arena);
    sources_init(&cx->sources, arena);
    return cx;
}

void context_destroy(Context *cx) {
    if (cx != NULL) arena_destroy(cx->arena);
}
