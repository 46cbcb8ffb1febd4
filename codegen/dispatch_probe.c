/* What the machine has, asked by the object itself: LLVM text for each architecture, and the masks
 * that go with it, both by cpu_features.def. */
#include "codegen/dispatch.h"

#include <string.h>

typedef enum SavedState { STATE_NONE, STATE_YMM, STATE_ZMM } SavedState;

typedef struct FeatureRow {
    TargetArch arch;
    const char *name;
    uint8_t word, bit;
    SavedState state;
} FeatureRow;

static const FeatureRow features[] = {
#define FEATURE(arch, name, word, bit, state) {ARCH_##arch, name, word, bit, STATE_##state},
#include "codegen/cpu_features.def"
#undef FEATURE
};

static const FeatureRow *feature_find(TargetArch arch, const char *name, size_t length) {
    for (size_t i = 0; i < ARRAY_LEN(features); i++)
        if (features[i].arch == arch && strlen(features[i].name) == length &&
            memcmp(features[i].name, name, length) == 0)
            return &features[i];
    KC_BUG("no way to ask for the feature `%.*s`", (int)length, name);
}

void probe_masks(TargetArch arch, const char *needs, uint64_t words[PROBE_WORDS]) {
    memset(words, 0, PROBE_WORDS * sizeof *words);
    for (const char *at = needs; *at != '\0';) {
        size_t item = strcspn(at, ",");
        const FeatureRow *row = feature_find(arch, at + 1, item - 1);
        words[row->word] |= UINT64_C(1) << row->bit;
        at += item + (at[item] == ',');
    }
}

/* The bits of a word that mean nothing unless the system saves the registers. */
static uint64_t bits_of_state(uint8_t word, SavedState state) {
    uint64_t bits = 0;
    for (size_t i = 0; i < ARRAY_LEN(features); i++)
        if (features[i].arch == ARCH_X86_64 && features[i].word == word &&
            features[i].state == state)
            bits |= UINT64_C(1) << features[i].bit;
    return bits;
}

/* ---- x86-64 ---------------------------------------------------------------------------------- */

/* ECX of a leaf, or EBX and above it ECX. A leaf beyond the last one answers with those of another;
 * it counts as zeros. */
static const char leaf_text[] =
    "define internal i64 @kc.leaf(i32 %leaf, i32 %first, i1 %two) {\n"
    "start:\n"
    "  %range = call { i32, i32, i32, i32 } asm sideeffect \"cpuid\", "
    "\"={ax},={bx},={cx},={dx},{ax},{cx},~{dirflag},~{fpsr},~{flags}\"(i32 %first, i32 0)\n"
    "  %last = extractvalue { i32, i32, i32, i32 } %range, 0\n"
    "  %is.there = icmp uge i32 %last, %leaf\n"
    "  br i1 %is.there, label %there, label %none\n"
    "there:\n"
    "  %all = call { i32, i32, i32, i32 } asm sideeffect \"cpuid\", "
    "\"={ax},={bx},={cx},={dx},{ax},{cx},~{dirflag},~{fpsr},~{flags}\"(i32 %leaf, i32 0)\n"
    "  %b = extractvalue { i32, i32, i32, i32 } %all, 1\n"
    "  %c = extractvalue { i32, i32, i32, i32 } %all, 2\n"
    "  %low = zext i32 %b to i64\n"
    "  %wide = zext i32 %c to i64\n"
    "  %high = shl i64 %wide, 32\n"
    "  %both = or i64 %low, %high\n"
    "  %word = select i1 %two, i64 %both, i64 %wide\n"
    "  ret i64 %word\n"
    "none:\n"
    "  ret i64 0\n"
    "}\n";

static void x86_text(StrBuf *out) {
    strbuf_puts(out, leaf_text);
    strbuf_puts(out, "define internal { i64, i64, i64 } @kc.probe() {\n"
                     "start:\n"
                     "  %w0 = call i64 @kc.leaf(i32 1, i32 0, i1 false)\n"
                     "  %w1 = call i64 @kc.leaf(i32 7, i32 0, i1 true)\n"
                     "  %w2 = call i64 @kc.leaf(i32 -2147483647, i32 -2147483648, i1 false)\n"
                     "  %os.bit = and i64 %w0, 134217728\n"
                     "  %has.xcr0 = icmp ne i64 %os.bit, 0\n"
                     "  br i1 %has.xcr0, label %ask, label %done\n"
                     "ask:\n" /* OSXSAVE says that there is XCR0 */
                     "  %all = call { i32, i32 } asm sideeffect \"xgetbv\", "
                     "\"={ax},={dx},{cx},~{dirflag},~{fpsr},~{flags}\"(i32 0)\n"
                     "  %xcr0 = extractvalue { i32, i32 } %all, 0\n"
                     "  br label %done\n"
                     "done:\n"
                     "  %saved = phi i32 [ 0, %start ], [ %xcr0, %ask ]\n"
                     "  %ymm.bits = and i32 %saved, 6\n" /* XMM and the upper halves of YMM */
                     "  %ymm = icmp eq i32 %ymm.bits, 6\n"
                     "  %zmm.bits = and i32 %saved, 230\n" /* masks, and both new parts of ZMM */
                     "  %zmm = icmp eq i32 %zmm.bits, 230\n");
    for (uint8_t w = 0; w < PROBE_WORDS; w++) {
        strbuf_printf(out, "  %%y%u = select i1 %%ymm, i64 -1, i64 %lld\n", w,
                      (long long)~bits_of_state(w, STATE_YMM));
        strbuf_printf(out, "  %%z%u = select i1 %%zmm, i64 -1, i64 %lld\n", w,
                      (long long)~bits_of_state(w, STATE_ZMM));
        strbuf_printf(out, "  %%a%u = and i64 %%w%u, %%y%u\n  %%b%u = and i64 %%a%u, %%z%u\n", w, w,
                      w, w, w, w);
    }
    strbuf_puts(out, "  %r0 = insertvalue { i64, i64, i64 } poison, i64 %b0, 0\n"
                     "  %r1 = insertvalue { i64, i64, i64 } %r0, i64 %b1, 1\n"
                     "  %r2 = insertvalue { i64, i64, i64 } %r1, i64 %b2, 2\n"
                     "  ret { i64, i64, i64 } %r2\n"
                     "}\n");
}

/* ---- aarch64 and riscv64 --------------------------------------------------------------------- */

static const char auxv_text[] =
    "declare extern_weak i64 @getauxval(i64)\n"
    "define internal { i64, i64, i64 } @kc.probe() {\n"
    "start:\n"
    "  %can.ask = icmp ne ptr @getauxval, null\n"
    "  br i1 %can.ask, label %ask, label %done\n"
    "ask:\n"
    "  %hwcap = call i64 @getauxval(i64 16)\n"
    "  %hwcap2 = call i64 @getauxval(i64 26)\n"
    "  br label %done\n"
    "done:\n"
    "  %w0 = phi i64 [ 0, %start ], [ %hwcap, %ask ]\n"
    "  %w1 = phi i64 [ 0, %start ], [ %hwcap2, %ask ]\n"
    "  %r0 = insertvalue { i64, i64, i64 } zeroinitializer, i64 %w0, 0\n"
    "  %r1 = insertvalue { i64, i64, i64 } %r0, i64 %w1, 1\n"
    "  ret { i64, i64, i64 } %r1\n"
    "}\n";

void probe_text(TargetArch arch, StrBuf *out) {
    switch (arch) {
    case ARCH_X86_64: x86_text(out); return;
    case ARCH_AARCH64:
    case ARCH_RISCV64: strbuf_puts(out, auxv_text); return;
    }
    UNREACHABLE();
}

const char *probe_symbol(TargetArch arch) { return arch == ARCH_X86_64 ? NULL : "getauxval"; }
