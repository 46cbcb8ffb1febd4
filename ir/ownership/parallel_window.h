/* Where a view of a parallel loop's body looks: for each memory that it may look into, a path.
 *
 * A view comes from a place (LEND, GET), is narrowed (SLICE), goes through variables of the body, and out
 * of calls; several ways give several windows. */
#ifndef KC_IR_OWNERSHIP_PARALLEL_WINDOW_H
#define KC_IR_OWNERSHIP_PARALLEL_WINDOW_H

#include "ir/ownership/parallel_access.h"

enum { WINDOW_DIMS = 8 };

/* One dimension of a window: element k is at first + k * every. */
typedef struct WindowDim {
    uint32_t at; /* position in the path */
    const Index *first, *every;
    const Index *length; /* NULL: all of it; then first is 0 and every 1 */
} WindowDim;

typedef struct Window {
    const Value *root;
    Path path;
    bool is_blurred; /* what indices mean here is not known; the path is as far as it is */
    bool is_one_of_several; /* the view looks here or elsewhere */
    uint32_t dim_count;
    WindowDim dims[WINDOW_DIMS];
} Window;

typedef Vec(Window) WindowVec;

/* What the body itself made is left out. */
void windows_of_view(Indices *x, const Value *view,
                     WindowVec *out); /* a view, or a struct with some */
void windows_of_ref(Indices *x, const Value *ref, WindowVec *out); /* the place */
void windows_of_content(Indices *x, const Value *ref,
                        WindowVec *out); /* what is there looks into */
/* Narrows to one element: fixes the leading dimensions to the indices. */
void window_index(Indices *x, Window *window, Value *const *indices, uint32_t count);

#endif
