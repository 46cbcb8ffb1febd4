#include "support/intern.h"

#include "support/vec.h"

#include <string.h>

typedef struct Entry {
    const char *text;
    size_t length;
    uint32_t hash;
} Entry;

/* An open hash table of ids over a vector of entries; entry 0 is NO_NAME. */
struct Names {
    Arena *arena;
    Vec(Entry) entries;
    uint32_t *slots; /* ids, 0 is empty */
    uint32_t slot_count; /* a power of two */
};

enum { FIRST_SLOTS = 1024 };

/* FNV-1a. */
static uint32_t hash_text(const char *text, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)text[i]) * 16777619u;
    return hash;
}

Names *names_create(Arena *arena) {
    Names *names = arena_new(arena, Names);
    names->arena = arena;
    names->slot_count = FIRST_SLOTS;
    names->slots = arena_array(arena, uint32_t, FIRST_SLOTS);
    vec_push(arena, &names->entries, ((Entry){"", 0, 0}));
    return names;
}

/* The slot that holds the text, or the empty one where it belongs. */
static uint32_t *slot_find(const Names *names, uint32_t hash, const char *text, size_t length) {
    uint32_t mask = names->slot_count - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        uint32_t id = names->slots[at];
        if (id == 0) return &names->slots[at];
        const Entry *entry = &names->entries.data[id];
        if (entry->hash == hash && entry->length == length &&
            memcmp(entry->text, text, length) == 0) {
            return &names->slots[at];
        }
    }
}

static void slots_double(Names *names) {
    names->slot_count *= 2;
    names->slots = arena_array(names->arena, uint32_t, names->slot_count);
    for (uint32_t id = 1; id < names->entries.len; id++) {
        const Entry *entry = &names->entries.data[id];
        *slot_find(names, entry->hash, entry->text, entry->length) = id;
    }
}

Name name_of(Names *names, const char *text, size_t length) {
    if (length == 0) return NO_NAME;
    uint32_t hash = hash_text(text, length);
    uint32_t *slot = slot_find(names, hash, text, length);
    if (*slot != 0) return (Name){*slot};
    uint32_t id = names->entries.len;
    *slot = id;
    Entry entry = {arena_strndup(names->arena, text, length), length, hash};
    vec_push(names->arena, &names->entries, entry);
    if (names->entries.len > names->slot_count / 2) slots_double(names);
    return (Name){id};
}

Name name_of_str(Names *names, const char *text) { return name_of(names, text, strlen(text)); }

const char *name_text(const Names *names, Name name) { return names->entries.data[name.id].text; }

size_t name_length(const Names *names, Name name) { return names->entries.data[name.id].length; }

uint32_t names_count(const Names *names) { return names->entries.len - 1; }
