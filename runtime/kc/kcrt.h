/* libkcrt: the part of a kernel that is not in its object file.
 *
 * A serial kernel that neither allocates nor prints needs none of this. What does need it calls
 * the functions below; they are plain C and can be used from C and C++ directly. Every symbol
 * starts with kc_. The library has no constructor and no state that needs setting up.
 * docs/runtime.md tells what it does with threads, forks, signals and memory. */
#ifndef KC_KCRT_H
#define KC_KCRT_H

#include "kc/prefix.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Failed checks
 * ---------------------------------------------------------------------------- */

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

/* Called by a failed check; does not return to the kernel. Kernels refer to it weakly: where
 * nobody defines it they trap. This library's definition calls the handler set below, and if
 * there is none, or it returns, prints the message to standard error and aborts. A host may
 * define kc_panic itself. */
void kc_panic(const kc_panic_info *info);

/* Replaces the handler for the whole process; NULL restores the default. Returns the old one. A
 * handler may leave by longjmp. */
typedef void (*kc_panic_handler)(const kc_panic_info *info);
kc_panic_handler kc_panic_set_handler(kc_panic_handler handler);

/* Writes "file:line: in f: message (index 12, size 10)" into `buffer` (always terminated);
 * returns the length it would have needed, as snprintf does. */
size_t kc_panic_format(const kc_panic_info *info, char *buffer, size_t size);

/* ---- Memory
 * ------------------------------------------------------------------------------------ */

/* No piece of memory is larger: more is refused without asking the system. */
#define KC_MEMORY_MAX (INT64_C(1) << 48)

/* `count` elements of `size` bytes, aligned to 64 bytes; contents are zero if `zeroed`. Returns
 * NULL when that is too much or memory is short. A count of 0 gives a valid pointer to free. */
void *kc_alloc(int64_t count, int64_t size, int zeroed);
/* Frees what kc_alloc or a kernel returned; NULL is fine, and so is memory of an arena, which
 * stays until the arena is reset or freed. Memory from elsewhere, or freed before, is undefined;
 * builds of this library with KC_DEBUG stop there. */
void kc_free(void *memory);

/* What this library has allocated and freed in this process so far, memory of arenas and lists
 * included. */
typedef struct kc_memory_stats {
    int64_t allocations, frees;      /* pieces of memory */
    int64_t live_bytes, peak_bytes;  /* as asked for, without what alignment adds */
} kc_memory_stats;
kc_memory_stats kc_memory_get_stats(void);

/* ---- Arenas
 * ------------------------------------------------------------------------------------ */

/* Memory that is given out by moving a pointer and taken back all at once. Each array in it is
 * aligned to 64 bytes and counts as its size rounded up to a multiple of 64; so does the size of
 * the arena. Not for several threads at the same time. */
typedef struct kc_arena kc_arena;

/* An arena of `bytes` bytes; when it `grows`, one that gets as many again, or more for a larger
 * array, whenever it is full. NULL when `bytes` is negative or too much or memory is short. */
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

/* ---- Lists
 * ------------------------------------------------------------------------------------- */

/* List[T] of a kernel: `length` elements side by side, room for `capacity`. All zeros: an empty
 * list. */
typedef struct kc_list {
    void *data;
    int64_t length, capacity;
} kc_list;

/* Makes room for one more element of `size` bytes and returns where it goes, counted as there;
 * NULL when memory is short (the list stays as it was). */
void *kc_list_append(kc_list *list, int64_t size);
/* Copies element `i` (in range) to `out`, moves the later ones up, and shortens the list. */
void kc_list_take(kc_list *list, int64_t i, int64_t size, void *out);

/* ---- Errors
 * ------------------------------------------------------------------------------------ */

/* What a function that raises returns: 0, or KC_RAISED and the message below. */
typedef int32_t kc_status;
enum { KC_OK = 0, KC_RAISED = 1 };

/* Sets the calling thread's error. The texts are not copied and have to stay. */
void kc_error_set(const char *message, const char *file, int32_t line);
/* The last error with which a function failed on this thread: its text, that text's length in
 * bytes, and "file:line: text". Never NULL; "" when there was none. The last is good until the
 * thread's next call of it. */
const char *kc_error_text(void);
int64_t kc_error_length(void);
const char *kc_error_message(void);

/* ---- Parallel loops
 * ---------------------------------------------------------------------------- */

/* Iterations begin <= i < end. Returns 0, or what went wrong: any other number, with
 * kc_error_set called before where there is a message. It must come back by returning (or by
 * kc_panic), on its own thread. */
typedef kc_status (*kc_range_body)(void *context, int64_t begin, int64_t end);

/* Runs iterations 0 to n-1, in pieces that begin at a multiple of `grain` and end at one or at n;
 * the caller takes part, and has seen every iteration's writes when this returns. A loop of at most
 * one grain runs in the caller at once. `name` (a constant, or NULL) is for traces.
 *
 * Gives 0, or what the body returned for the first iterations that failed, in the order of
 * iterations, with that error as the calling thread's own: what a serial loop would have given.
 * Later iterations may have run, and are begun no more once the failure is known. If that first
 * failure was a failed check, then kc_panic is called here, once, on the caller's thread, when no
 * piece runs any more.
 *
 * From any thread, in any number, and within a body as well. */
kc_status kc_parallel_for(int64_t n, int64_t grain, kc_range_body body, void *context,
                          const char *name);

/* The same in chunks that depend on n and grain only, never on the number of threads: chunk k is
 * iterations k * size to (k + 1) * size or n. Who puts results of chunks together in the order
 * of chunks gets the same bits from any number of threads. */
enum { KC_CHUNKS_MAX = 1024 };
typedef kc_status (*kc_chunk_body)(void *context, int64_t chunk, int64_t begin, int64_t end);
kc_status kc_parallel_chunks(int64_t n, int64_t grain, kc_chunk_body body, void *context,
                             const char *name);
/* The size of a chunk: at least `grain`, and so large that there are at most KC_CHUNKS_MAX. */
static inline int64_t kc_chunk_size(int64_t n, int64_t grain) {
    int64_t least = n / KC_CHUNKS_MAX + (n % KC_CHUNKS_MAX > 0);
    if (grain < 1) grain = 1;
    return grain < least ? least : grain;
}
static inline int64_t kc_chunk_count(int64_t n, int64_t grain) {
    int64_t size = kc_chunk_size(n, grain);
    return n <= 0 ? 0 : n / size + (n % size > 0);
}

/* ---- Tasks
 * ------------------------------------------------------------------------------------- */

/* A call that may run on another thread. The storage is the caller's, and stays until the wait. */
typedef struct kc_task {
    kc_status (*body)(void *context); /* these three are set by who spawns it */
    void *context;
    const char *name; /* for traces; a constant, or NULL */
    uint64_t own[16]; /* the library's */
} kc_task;

/* Lets it begin. The thread that spawned it waits for it, once, before the function or task in
 * which it was spawned ends; the order of waits is free. Spawning allocates nothing and cannot
 * fail: where there is no room in the queue, the task runs at once. */
void kc_task_spawn(kc_task *task);
/* Gives what the body returned, with its error as this thread's own. A failed check in the task
 * becomes a call of kc_panic here. */
kc_status kc_task_wait(kc_task *task);
/* Waits and forgets how it went: for the way out after another failure, whose error stays this thread's. */
void kc_task_join(kc_task *task);

/* A graph of calls that is known when it is compiled: constants. Nodes are in the order of the
 * program: successors have higher numbers. */
typedef struct kc_node {
    kc_status (*body)(void *context);
    const char *name;
    int32_t predecessors;     /* how many nodes it waits for */
    int32_t first_successor;  /* in `successors` of the graph */
    int32_t successor_count;
} kc_node;
typedef struct kc_graph {
    int32_t node_count;
    const kc_node *nodes;
    const int32_t *successors;
} kc_graph;

/* Runs all nodes, each after its predecessors and all with the same context; the caller takes part.
 * `storage` has room for node_count numbers. Gives what the first node that failed, in the order of the
 * program, returned; nodes after it that have not begun are left out. Failed checks: as in parallel
 * loops. */
kc_status kc_graph_run(const kc_graph *graph, void *context, int32_t *storage);

/* ---- The threads
 * ------------------------------------------------------------------------------- */

/* The pool starts at the first loop that has use for it. Zeros are the defaults. */
typedef struct kc_pool_options {
    int32_t threads;      /* the caller included; 0: as kc_pool_threads says; 1: no other thread */
    int32_t spin_us;      /* how long an idle thread looks for work; 0: 20; -1: not at all */
    uint64_t seed;        /* not 0: tests; order, splits and steals are random */
} kc_pool_options;

/* Takes effect at the next loop; NULL restores the defaults. Both end the workers, and raise
 * ("the pool is in use") while a loop or task runs. After kc_pool_shutdown the next loop starts
 * the pool again. */
kc_status kc_pool_configure(const kc_pool_options *options);
kc_status kc_pool_shutdown(void);
/* How many threads a loop can use, the caller included: as configured, or else the least of the
 * CPUs that this process may run on, the quota of its cgroups (rounded up), and KC_NUM_THREADS. */
int32_t kc_pool_threads(void);

/* Memory and threads from the host instead of malloc and pthread_create. */
typedef struct kc_host {
    void *user;
    /* At least `size` bytes, aligned to 16, or NULL; both or neither. From any thread. */
    void *(*allocate)(void *user, size_t size);
    void (*release)(void *user, void *memory);
    /* Calls run(argument) later, once, on another thread, and returns 0; or does not, and
     * returns something else. The call comes back when there is nothing to do. `threads` is how
     * many such calls at the same time are useful. kc_pool_shutdown waits for calls that were
     * accepted. */
    int (*submit)(void *user, void (*run)(void *argument), void *argument);
    int32_t threads;
} kc_host;
/* NULL restores the defaults. Raises while the pool is in use or memory is live. */
kc_status kc_host_set(const kc_host *host);

/* For a host that defines kc_panic itself: to be called first. In a parallel loop or task it
 * does not return: the task ends there, and kc_panic will be called again at the caller.
 * Elsewhere it returns. */
void kc_task_panic(const kc_panic_info *info);

/* An arena for temporary memory, until kc_scratch_close. Threads of the pool keep theirs, so that opening
 * costs next to nothing; opening it within another opening adds to it, and closing takes back what came
 * after. NULL when memory is short. */
typedef struct kc_scratch {
    kc_arena *arena;
    void *own; /* the library's */
} kc_scratch;
kc_arena *kc_scratch_open(kc_scratch *scratch);
void kc_scratch_close(kc_scratch *scratch);

/* As kc_alloc and kc_free, for memory that the piece of work that takes it gives back before it ends, on
 * the same thread: it comes from that arena. Outside of loops and tasks, and above KC_SCRATCH_MAX bytes, it
 * comes from kc_alloc. */
#define KC_SCRATCH_MAX (INT64_C(1) << 24)
void *kc_scratch_alloc(int64_t count, int64_t size, int zeroed);
void kc_scratch_free(void *memory);

/* ---- Traces
 * ------------------------------------------------------------------------------------ */

/* One piece of work that a thread has done. Times are of CLOCK_MONOTONIC, in nanoseconds. */
typedef struct kc_trace_event {
    const char *name;     /* of the loop or task; never NULL */
    int32_t worker;       /* 0 to kc_pool_threads() - 2; callers come after them */
    int64_t begin, end;   /* iterations of a loop, the node of a graph; 0, 1 for a task */
    int64_t start_ns, end_ns;
} kc_trace_event;

/* Called after each piece, on the thread that ran it; NULL ends that. Set it while nothing runs. */
typedef void (*kc_trace_hook)(void *user, const kc_trace_event *event);
void kc_trace_set_hook(kc_trace_hook hook, void *user);
/* Keeps up to `capacity` events in memory, then writes them as Chrome's trace format
 * (chrome://tracing, ui.perfetto.dev). Both raise when they cannot. */
kc_status kc_trace_start(int64_t capacity);
kc_status kc_trace_write(const char *path);

/* ---- Printing
 * ---------------------------------------------------------------------------------- */

/* Element types as numbers, for the functions that take "an array of some type". */
typedef enum kc_type {
    KC_BOOL, KC_I8, KC_I16, KC_I32, KC_I64, KC_U8, KC_U16, KC_U32, KC_U64,
    KC_F16, KC_BF16, KC_F32, KC_F64
} kc_type;

/* Text of one value, in its shortest form that reads back the same, as Python prints it ("3",
 * "0.1", "1e-07", "inf", "nan", "True"). f32, f16 and bf16 are shortest within their own format.
 * `value` points to a value of that type. Returns the length; `buffer` has at least 40 bytes. */
size_t kc_format_value(kc_type type, const void *value, char *buffer);

/* Text of an array in the manner of NumPy: brackets, at most three leading and three trailing
 * items per dimension when there are more than a thousand elements in all. `shape` and `stride`
 * count elements. Returns the length it needs; writes at most `size` bytes, always terminated. */
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

/* ---- Arithmetic that a target may lack
 * --------------------------------------------------------- */

/* Correctly rounded x*y+z, for kernels that say fma() on a target without the instruction. */
float kc_fma_f32(float x, float y, float z);
double kc_fma_f64(double x, double y, double z);

#ifdef __cplusplus
}
#endif

#endif
