#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "runtime/arena.h"
#include "runtime/pool.h"

#include <sys/mman.h>
#include <unistd.h>

enum { SMALL_ALIGNMENT = 64, HUGE_PAGE = 2 << 20, LARGE = 4 << 20 };

/* First touch of a page costs three times as much in pages of 4 KiB as in huge ones. */
static void advise(void *memory, int64_t size) {
    int64_t whole = size / HUGE_PAGE * HUGE_PAGE;
    if (whole > 0) madvise(memory, (size_t)whole, MADV_HUGEPAGE);
}

#ifdef KC_DEBUG
/* The memory ends, up to what alignment leaves, at a page of its own. */
static int64_t page_size(void) { return sysconf(_SC_PAGESIZE); }

static char *guard_of(const Piece *piece) {
    uintptr_t end = (uintptr_t)piece->memory + (uintptr_t)piece->size;
    return (char *)piece->memory + (end + -end % (uintptr_t)page_size() - (uintptr_t)piece->memory);
}

static int64_t guard_room(void) { return 2 * page_size(); }

static void guard_set(const Piece *piece, int protection) {
    mprotect(guard_of(piece), (size_t)page_size(), protection);
}
#else
static int64_t guard_room(void) { return 0; }

static void guard_set(const Piece *piece, int protection) { (void)piece, (void)protection; }
#endif

Piece kc_piece_get(int64_t size, bool counted) {
    int64_t alignment = size >= LARGE ? HUGE_PAGE : SMALL_ALIGNMENT;
    int64_t whole = size + alignment - SMALL_ALIGNMENT + guard_room();
    char *base = counted ? kc_alloc(whole, 1, 0) : kc_host_alloc(whole);
    if (base == NULL) return (Piece){0};
    char *memory = base + -(uintptr_t)base % (uintptr_t)alignment;
    if (size >= LARGE) advise(memory, size);
    Piece piece = {memory, base, size, counted};
    guard_set(&piece, PROT_NONE);
    return piece;
}

void kc_piece_free(const Piece *piece) {
    guard_set(piece, PROT_READ | PROT_WRITE);
    if (piece->counted)
        kc_free(piece->base);
    else
        kc_host_free(piece->base);
}
