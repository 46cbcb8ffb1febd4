/* Interned names: one small id for each distinct text, so that names compare with ==. */
#ifndef KC_SUPPORT_INTERN_H
#define KC_SUPPORT_INTERN_H

#include "support/arena.h"

typedef struct Name {
    uint32_t id; /* 0 is "no name" */
} Name;

typedef struct Names Names;

#define NO_NAME ((Name){0})

Names *names_create(Arena *arena);
Name name_of(Names *names, const char *text, size_t length);
Name name_of_str(Names *names, const char *text);
/* The NUL-terminated text; "" for NO_NAME. Lives as long as the arena. */
const char *name_text(const Names *names, Name name);
size_t name_length(const Names *names, Name name);
/* How many names there are; ids run from 1 to this. */
uint32_t names_count(const Names *names);

static inline bool name_eq(Name a, Name b) { return a.id == b.id; }

/* The candidate nearest to `wanted` by edit distance, if near enough to be a plausible slip
 * (Damerau-Levenshtein, at most a third of the length); NULL otherwise. */
const char *nearest_text(const char *wanted, const char *const *candidates, size_t count);

#endif
