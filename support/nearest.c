#include "support/intern.h"

#include <string.h>

enum { LONGEST = 64 }; /* names above this are not slips of one another worth the time */

static uint32_t min3(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Twice the Damerau-Levenshtein distance in its restricted form (optimal string alignment); a
 * difference in letter case costs half an edit. Reference: Boytsov, "Indexing methods for approximate
 * dictionary searching", 2011. */
static uint32_t edit_distance(const char *a, size_t na, const char *b, size_t nb) {
    uint32_t rows[3][LONGEST + 1];
    uint32_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= nb; j++) above[j] = (uint32_t)(2 * j);
    for (size_t i = 1; i <= na; i++) {
        row[0] = (uint32_t)(2 * i);
        for (size_t j = 1; j <= nb; j++) {
            char x = a[i - 1], y = b[j - 1];
            uint32_t change = x == y ? 0 : lower(x) == lower(y) ? 1 : 2;
            row[j] = min3(above[j] + 2, row[j - 1] + 2, above[j - 1] + change);
            bool swapped = i > 1 && j > 1 && x == b[j - 2] && a[i - 2] == y;
            if (swapped && before[j - 2] + 2 < row[j]) row[j] = before[j - 2] + 2;
        }
        uint32_t *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[nb];
}

const char *nearest_text(const char *wanted, const char *const *candidates, size_t count) {
    size_t length = strlen(wanted);
    if (length == 0 || length > LONGEST) return NULL;
    const char *best = NULL;
    uint32_t best_distance = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other == 0 || other > LONGEST) continue;
        size_t longer = length > other ? length : other;
        uint32_t allowed = (uint32_t)(longer < 3 ? 1 : longer / 3 * 2);
        uint32_t distance = edit_distance(wanted, length, candidates[i], other);
        if (distance == 0 || distance > allowed || distance >= best_distance) continue;
        best = candidates[i];
        best_distance = distance;
    }
    return best;
}
