/* Inside libkcrt: how floating-point numbers are rounded, and whether subnormal ones count. Flags of
 * exceptions are not part of it. */
#ifndef KC_RUNTIME_MODE_H
#define KC_RUNTIME_MODE_H

#include <stdint.h>

#if defined(__x86_64__)
enum { MODE_FLAGS = 0x3f };
static inline uint32_t mode_get(void) { return __builtin_ia32_stmxcsr() & ~(uint32_t)MODE_FLAGS; }
static inline void mode_set(uint32_t mode) {
    __builtin_ia32_ldmxcsr((__builtin_ia32_stmxcsr() & MODE_FLAGS) | mode);
}
#elif defined(__aarch64__)
static inline uint32_t mode_get(void) {
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    return (uint32_t)control;
}
static inline void mode_set(uint32_t mode) {
    __asm__ volatile("msr fpcr, %0" ::"r"((uint64_t)mode));
}
#elif defined(__riscv_flen)
static inline uint32_t mode_get(void) {
    uint64_t rounding;
    __asm__ volatile("frrm %0" : "=r"(rounding));
    return (uint32_t)rounding;
}
static inline void mode_set(uint32_t mode) { __asm__ volatile("fsrm %0" ::"r"((uint64_t)mode)); }
#else
static inline uint32_t mode_get(void) { return 0; }
static inline void mode_set(uint32_t mode) { (void)mode; }
#endif

#endif
