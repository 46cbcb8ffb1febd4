/* libkcrt: the part of a kernel that is not in its object file.
 *
 * A serial kernel that neither allocates nor prints needs none of this. What does need it calls the
 * functions below; they are plain C and can be used from C and C++ directly. Every symbol starts with
 * kc_. The library has no constructor and no state that needs setting up. */
#ifndef KC_KCRT_H
#define KC_KCRT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Failed checks ---------------------------------------------------------------------------- */

/* What a failed check tells: where it stands in the source, what was required, and the values that
 * broke it, e.g. message "index out of range", names "index" and "size", values 12 and 10. All
 * pointers are to constants in the object that failed. */
typedef struct kc_panic_info {
    const char *message;      /* what failed, without the values */
    const char *function;     /* kernel function, as spelled in the source */
    const char *file;         /* source file as given to the compiler */
    int32_t line;             /* from 1 */
    int32_t value_count;      /* how many of the following are set: 0 to 3 */
    const char *value_names[3];
    int64_t values[3];
} kc_panic_info;

/* Called by a failed check; does not return to the kernel. Kernels refer to it weakly: where nobody
 * defines it they trap. This library's definition calls the handler set below, and if there is none, or
 * it returns, prints the message to standard error and aborts. A host may define kc_panic itself. */
void kc_panic(const kc_panic_info *info);

/* Replaces the handler for the whole process; NULL restores the default. Returns the old one. A handler
 * may leave by longjmp. */
typedef void (*kc_panic_handler)(const kc_panic_info *info);
kc_panic_handler kc_panic_set_handler(kc_panic_handler handler);

/* Writes "file:line: in f: message (index 12, size 10)" into `buffer` (always terminated); returns the
 * length it would have needed, as snprintf does. */
size_t kc_panic_format(const kc_panic_info *info, char *buffer, size_t size);

/* ---- Memory ------------------------------------------------------------------------------------ */

/* `count` elements of `size` bytes, aligned to 64 bytes; contents are zero if `zeroed`. Returns NULL
 * when the product overflows or memory is short. A count of 0 gives a valid pointer to free. */
void *kc_alloc(int64_t count, int64_t size, int zeroed);
/* Frees what kc_alloc or a kernel returned; NULL is fine. */
void kc_free(void *memory);

/* ---- Printing ---------------------------------------------------------------------------------- */

/* Element types as numbers, for the functions that take "an array of some type". */
typedef enum kc_type {
    KC_BOOL, KC_I8, KC_I16, KC_I32, KC_I64, KC_U8, KC_U16, KC_U32, KC_U64,
    KC_F16, KC_BF16, KC_F32, KC_F64
} kc_type;

/* Text of one value, in its shortest form that reads back the same, as Python prints it ("3", "0.1",
 * "1e-07", "inf", "nan", "True"). f32, f16 and bf16 are shortest within their own format. `value`
 * points to a value of that type. Returns the length; `buffer` has at least 40 bytes. */
size_t kc_format_value(kc_type type, const void *value, char *buffer);

/* Text of an array in the manner of NumPy: brackets, at most three leading and three trailing items per
 * dimension when there are more than a thousand elements in all. `shape` and `stride` count elements.
 * Returns the length it needs; writes at most `size` bytes, always terminated. */
size_t kc_format_array(kc_type type, const void *data, int32_t rank, const int64_t *shape,
                       const int64_t *stride, char *buffer, size_t size);

/* One item of a print statement. */
typedef enum kc_item_kind { KC_ITEM_VALUE, KC_ITEM_TEXT, KC_ITEM_ARRAY } kc_item_kind;
typedef struct kc_print_item {
    int32_t kind;          /* a kc_item_kind */
    int32_t type;          /* a kc_type, for VALUE and ARRAY */
    const void *data;      /* the value; the text; the first element */
    int64_t length;        /* TEXT: bytes */
    int32_t rank;          /* ARRAY */
    const int64_t *shape;  /* ARRAY, in elements */
    const int64_t *stride; /* ARRAY, in elements */
} kc_print_item;

/* Prints the items with one space between and a newline after, as one write to standard output. */
void kc_print(const kc_print_item *items, int32_t count);

/* ---- Arithmetic that a target may lack --------------------------------------------------------- */

/* Correctly rounded x*y+z, for kernels that say fma() on a target without the instruction. */
float kc_fma_f32(float x, float y, float z);
double kc_fma_f64(double x, double y, double z);

#ifdef __cplusplus
}
#endif

#endif
