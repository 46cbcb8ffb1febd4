/* Inside codegen: what the files of the C header share.
 *
 * header.c writes types and prototypes, header_doc.c the comments, c_names.c keeps names clear of
 * what C and C++ reserve. */
#ifndef KC_CODEGEN_HEADER_H
#define KC_CODEGEN_HEADER_H

#include "codegen/codegen.h"

typedef struct Header {
    const IrModule *module;
    const CodegenOptions *options;
    const Context *cx;
    StrBuf *out;
    Arena *scratch;
    const char ***param_names; /* by function id; NULL until somebody asks */
} Header;

/* ---- c_names.c ------------------------------------------------------------------------------- */

/* Whether a C or C++ compiler, or a standard header, takes the name for something else. */
bool c_name_is_reserved(const char *name);
/* The name with what C does not allow replaced, and `_` appended while it is reserved. */
const char *c_name(Arena *arena, const char *name);
/* A field's name in C, apart from the fields before it. */
const char *c_field_name(const Header *h, const IrType *type, uint32_t field);
/* A parameter's name in C: also apart from the module's structs and the parameters before it. */
const char *c_param_name(const Header *h, const IrFn *fn, uint32_t param);
/* Of a function that raises: the name of the pointer to a result. */
const char *c_out_name(const Header *h, const IrFn *fn, uint32_t result);

/* ---- header.c -------------------------------------------------------------------------------- */

/* The name of a function of libkcrt, in the copy that is meant. */
const char *header_runtime(const Header *h, const char *symbol);
void c_type_print(const Header *h, const IrType *type, StrBuf *out); /* scalar, struct or handle */
const char *c_struct_name(const Header *h, const IrType *type);
/* "kc_strided_f32_2", "kc_strided_mut_f32_2", "kc_array_f32_2" */
const char *c_view_name(const Header *h, const IrType *type, bool is_written);
bool result_is_owned(const IrFn *fn, uint32_t result); /* an array that the caller must free */
bool returns_owned(const IrFn *fn);                    /* some result is */

/* ---- header_doc.c ---------------------------------------------------------------------------- */

void header_intro(const Header *h);
void header_fn_doc(const Header *h, const IrFn *fn);

#endif
