/* Growable arrays in an arena.
 *
 *     typedef Vec(Stmt *) StmtVec;
 *     StmtVec body = {0};
 *     vec_push(arena, &body, stmt);
 *     for (uint32_t i = 0; i < body.len; i++) use(body.data[i]);
 *
 * Growing leaves the old block in the arena: cheap, and pointers into it stay readable. */
#ifndef KC_SUPPORT_VEC_H
#define KC_SUPPORT_VEC_H

#include "support/arena.h"

#define Vec(T)                                                                                     \
    struct {                                                                                       \
        T *data;                                                                                   \
        uint32_t len, cap;                                                                         \
    }

#define vec_push(arena, v, x)                                                                      \
    ((v)->data = (v)->len == (v)->cap                                                              \
                     ? vec_grow((arena), (v)->data, (v)->len, &(v)->cap, sizeof *(v)->data)        \
                     : (v)->data,                                                                  \
     (v)->data[(v)->len++] = (x))

#define vec_last(v) ((v)->data[(v)->len - 1])
#define vec_pop(v) ((v)->data[--(v)->len])

/* Doubles the capacity; returns the new block. Used through vec_push. */
void *vec_grow(Arena *arena, void *data, uint32_t len, uint32_t *cap, size_t item_size);

#endif
