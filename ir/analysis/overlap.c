#include "ir/analysis/overlap.h"

static Overlap overlap_unknown(const char *reason) {
    return (Overlap){.kind = OVERLAP_UNKNOWN, .reason = reason};
}

static bool views_share_root(const Memory *memory, const Value *a, const Value *b, Root *root) {
    Root other = memory_root(memory, b);
    *root = memory_root(memory, a);
    return roots_may_overlap(root, &other);
}

Overlap overlap_of_view(Arena *arena, const Memory *memory, const NestStore *store,
                        const Value *view) {
    Root root;
    if (!views_share_root(memory, store->view, view, &root))
        return (Overlap){.kind = OVERLAP_NONE, .reason = "it is other memory"};
    return overlap_unknown(arena_printf(arena, "any element of %s may be read",
                                        root_text(arena, memory, &root)));
}

/* The nest's index that `form` follows, as step * index + something without indices of the nest. */
static bool nest_index_of(const NestStore *store, const Affine *form, uint32_t *which,
                          int64_t *step) {
    bool found = false;
    for (uint32_t k = 0; k < store->rank; k++) {
        int64_t factor = affine_factor(form, store->indices[k]);
        if (factor == 0) continue;
        if (found) return false;
        found = true;
        *which = k;
        *step = factor;
    }
    return found;
}

/* What can be said of one dimension: the distance between the two indices is constant. */
typedef enum DimAnswer { DIM_APART, DIM_DISTANCE, DIM_OPAQUE } DimAnswer;

/* `difference` is at least what an index below `size` covers in steps of `step`: the windows lie
 * apart. As both are windows of one array, the difference is a number of i64. */
static bool windows_apart(const NestStore *store, const Affine *difference, int64_t sign,
                          const Value *size, int64_t step) {
    Interval type = interval_of_type(SCALAR_I64), gap;
    Affine length = affine_of(size, NULL, NULL), form = affine_const(0);
    if (step == INT64_MIN || !affine_add_exact(&form, difference, sign) ||
        !affine_add_exact(&form, &length, step < 0 ? step : -step))
        return false;
    return interval_of_form(store->intervals, &form, &gap) && gap.lo >= 0 && gap.hi <= type.hi;
}

static DimAnswer dim_compare(const NestStore *store, const Affine *stored, const Affine *loaded,
                             Overlap *overlap) {
    Affine difference = *loaded;
    int64_t delta, step;
    uint32_t which;
    if (!affine_add(&difference, stored, -1)) return DIM_OPAQUE;
    for (uint32_t k = 0; k < store->rank; k++)
        if (affine_factor(&difference, store->indices[k]) != 0) return DIM_OPAQUE;
    if (nest_index_of(store, stored, &which, &step) &&
        (windows_apart(store, &difference, 1, store->sizes[which], step) ||
         windows_apart(store, &difference, -1, store->sizes[which], step)))
        return DIM_APART;
    if (!affine_is_const(&difference, &delta)) return DIM_OPAQUE;
    if (!nest_index_of(store, stored, &which, &step)) {
        bool is_fixed = true;
        for (uint32_t k = 0; k < store->rank; k++)
            is_fixed = is_fixed && affine_factor(stored, store->indices[k]) == 0;
        if (!is_fixed) return DIM_OPAQUE;
        return delta == 0 ? DIM_DISTANCE : DIM_APART;
    }
    if (delta % step != 0) return DIM_APART;
    overlap->distance[which] = delta / step;
    return DIM_DISTANCE;
}

/* Whether the store visits each element once: every index of the nest moves some dimension. */
static bool store_is_injective(const NestStore *store, const Element *element) {
    for (uint32_t k = 0; k < store->rank; k++) {
        bool moves = false;
        for (uint32_t d = 0; d < element->rank; d++)
            moves = moves || affine_factor(&element->index[d], store->indices[k]) != 0;
        if (!moves) return false;
    }
    return true;
}

static Overlap elements_compare(Arena *arena, const char *name, const NestStore *store,
                                const Element *stored, const Element *loaded) {
    Overlap overlap = {.kind = OVERLAP_SAME, .reason = "each element is read where it is written"};
    bool opaque = !store_is_injective(store, stored);
    for (uint32_t d = 0; d < stored->rank; d++) {
        DimAnswer answer = dim_compare(store, &stored->index[d], &loaded->index[d], &overlap);
        if (answer == DIM_APART)
            return (Overlap){.kind = OVERLAP_NONE,
                             .reason = "the elements read are never those written"};
        opaque = opaque || answer == DIM_OPAQUE;
    }
    if (opaque)
        return overlap_unknown(
            arena_printf(arena, "other elements of %s are read than the one written", name));
    for (uint32_t k = 0; k < store->rank; k++) {
        if (overlap.distance[k] == 0 || overlap.kind == OVERLAP_SHIFTED) continue;
        overlap.kind = OVERLAP_SHIFTED;
        int64_t distance = overlap.distance[k];
        overlap.reason = arena_printf(arena, "each element of %s comes from the one %lld %s it",
                                      name, (long long)(distance < 0 ? -distance : distance),
                                      distance < 0 ? "before" : "after");
    }
    return overlap;
}

/* Same view, same indices: no arithmetic is needed, and steps may be anything. */
static bool is_same_access(const NestStore *store, const Op *load) {
    if (load->operands[0] != store->view || load->operand_count != store->rank + 1) return false;
    for (uint32_t k = 0; k < store->rank; k++)
        if (load->operands[1 + k] != store->indices[k]) return false;
    return true;
}

Overlap overlap_of_load(Arena *arena, const Memory *memory, const NestStore *store,
                        const Op *load) {
    Root root;
    const Value *view = load->operands[0];
    if (is_same_access(store, load))
        return (Overlap){.kind = OVERLAP_SAME,
                         .reason = "each element is read where it is written"};
    if (!views_share_root(memory, store->view, view, &root))
        return (Overlap){.kind = OVERLAP_NONE, .reason = "it is other memory"};
    Affine written[8], read[8];
    Element stored, loaded;
    const char *name = root_text(arena, memory, &root);
    for (uint32_t k = 0; k < store->rank; k++) written[k] = affine_symbol(store->indices[k]);
    for (uint32_t k = 0; k < view->type->rank; k++)
        read[k] = affine_of(load->operands[1 + k], NULL, NULL);
    if (!element_of(memory, store->view, written, &stored) ||
        !element_of(memory, view, read, &loaded))
        return overlap_unknown(
            arena_printf(arena, "two windows of %s have steps that are not known", name));
    if (!bases_equal(stored.base, loaded.base))
        return overlap_unknown(arena_printf(
            arena, "%s is read through a window that cannot be compared with the one written",
            name));
    return elements_compare(arena, name, store, &stored, &loaded);
}
