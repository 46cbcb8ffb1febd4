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

/* No piece of memory is larger: more is refused without asking the system. */
#define KC_MEMORY_MAX (INT64_C(1) << 48)

/* `count` elements of `size` bytes, aligned to 64 bytes; contents are zero if `zeroed`. Returns NULL
 * when that is too much or memory is short. A count of 0 gives a valid pointer to free. */
void *kc_alloc(int64_t count, int64_t size, int zeroed);
/* Frees what kc_alloc or a kernel returned; NULL is fine, and so is memory of an arena, which stays
 * until the arena is reset or freed. Memory from elsewhere, or freed before, is undefined; builds of this
 * library with KC_DEBUG stop there. */
void kc_free(void *memory);

/* What this library has allocated and freed in this process so far, memory of arenas and lists included. */
typedef struct kc_memory_stats {
    int64_t allocations, frees;      /* pieces of memory */
    int64_t live_bytes, peak_bytes;  /* as asked for, without what alignment adds */
} kc_memory_stats;
kc_memory_stats kc_memory_get_stats(void);

/* ---- Arenas ------------------------------------------------------------------------------------ */

/* Memory that is given out by moving a pointer and taken back all at once. Each array in it is aligned
 * to 64 bytes and counts as its size rounded up to a multiple of 64; so does the size of the arena. Not
 * for several threads at the same time. */
typedef struct kc_arena kc_arena;

/* An arena of `bytes` bytes; when it `grows`, one that gets as many again, or more for a larger array,
 * whenever it is full. NULL when `bytes` is negative or too much or memory is
 * short. */
kc_arena *kc_arena_create(int64_t bytes, int grows);
/* Frees it and all that lives in it. NULL is fine. */
void kc_arena_free(kc_arena *arena);
/* As kc_alloc, from the arena; NULL when it is exhausted. kc_free on the result does nothing. */
void *kc_arena_alloc(kc_arena *arena, int64_t count, int64_t size, int zeroed);
/* Whether kc_arena_alloc would succeed. */
int kc_arena_has_room(const kc_arena *arena, int64_t count, int64_t size);
/* Forgets everything in it, in constant time (a grown arena keeps its memory). Builds with KC_DEBUG
 * overwrite that with 0xDB. */
void kc_arena_reset(kc_arena *arena);
int64_t kc_arena_used(const kc_arena *arena);     /* bytes given out since the last reset, rounded up */
int64_t kc_arena_peak(const kc_arena *arena);     /* the most it ever was */
int64_t kc_arena_capacity(const kc_arena *arena); /* what it can be without growing */

/* ---- Lists ------------------------------------------------------------------------------------- */

/* List[T] of a kernel: `length` elements side by side, room for `capacity`. All zeros: an empty list. */
typedef struct kc_list {
    void *data;
    int64_t length, capacity;
} kc_list;

/* Makes room for one more element of `size` bytes and returns where it goes, counted as there; NULL when
 * memory is short (the list stays as it was). */
void *kc_list_append(kc_list *list, int64_t size);
/* Copies element `i` (in range) to `out`, moves the later ones up, and shortens the list. */
void kc_list_take(kc_list *list, int64_t i, int64_t size, void *out);

/* ---- Errors ------------------------------------------------------------------------------------ */

/* What a function that raises returns: 0, or KC_RAISED and the message below. */
typedef int32_t kc_status;
enum { KC_OK = 0, KC_RAISED = 1 };

/* Sets the calling thread's error. The texts are not copied and have to stay. */
void kc_error_set(const char *message, const char *file, int32_t line);
/* The last error that was raised on this thread: its text, that text's length in bytes, and "file:line:
 * text". Never NULL; "" when there was none. The last is good until the thread's next call of it. */
const char *kc_error_text(void);
int64_t kc_error_length(void);
const char *kc_error_message(void);

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
