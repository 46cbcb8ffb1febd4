/* Values as people write them (`2.5`, `[1, 2]`, `[[1, nan], [3, 4]]`, `(1, 2)` for a struct) and as memory
 * holds them: what `kc run` takes and prints, and what `# run:` comments compare. */
#ifndef KC_DRIVER_VALUE_H
#define KC_DRIVER_VALUE_H

#include "ir/ir.h"

enum { VALUE_MAX_RANK = 8 };

typedef enum ValueKind { VALUE_WORD, VALUE_LIST, VALUE_TUPLE, VALUE_TEXT } ValueKind;

/* What was written, before any type is known. */
typedef struct ValueTree ValueTree;
struct ValueTree {
    ValueKind kind;
    const char *text; /* WORD: a number, True, nan ...; TEXT: the string's bytes */
    Vec(ValueTree *) items;
};

/* A value in memory: one scalar or struct (rank 0), or a dense array of them. */
typedef struct Datum {
    const IrType *elem;
    uint32_t rank;
    int64_t shape[VALUE_MAX_RANK];
    void *data; /* from kc_alloc when rank > 0; otherwise the arena's */
} Datum;

/* Reads one value at `*text` and moves it on. NULL with a reason. */
ValueTree *value_parse(Arena *arena, const char **text, const char **reason);

int64_t datum_count(const Datum *datum);
/* An array of zeros. False when memory is short. */
bool datum_alloc(Datum *datum, const IrType *elem, uint32_t rank, const int64_t *shape);
void datum_free(Datum *datum);
/* Stores a tree as an element, or as an array of the given rank whose shape it decides. False with a
 * reason ("300 is not a u8"). */
bool datum_from_tree(Arena *arena, const ValueTree *tree, const IrType *elem, uint32_t rank,
                     Datum *out, const char **reason);
/* Equal shapes and equal bits, where any NaN equals any NaN. `ulps`: how many steps floats may differ. */
bool datum_equal(const Datum *a, const Datum *b, uint64_t ulps);
/* As a literal that value_parse reads; arrays in full. */
void datum_print(const Datum *datum, StrBuf *out);
/* As `print` of the language shows it: large arrays abbreviated. */
void datum_show(const Datum *datum, StrBuf *out);

#endif
