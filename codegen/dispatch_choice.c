/* How an object chooses among its variants, as LLVM text: what the processor and the system offer, against what each
 * variant needs, against KC_ARCH in the environment. */
#include "codegen/dispatch.h"
#include "codegen/target.h"

#include <string.h>

enum { NAME_BYTES = 24 }; /* of an architecture's name and its NUL; a row of @kc.names has 4 more */

/* ---- The choice ------------------------------------------------------------------------------ */

static uint32_t need_count(const char *needs) {
    uint32_t count = *needs != '\0';
    for (const char *c = needs; *c != '\0'; c++) count += *c == ',';
    return count;
}

/* The last variant that KC_ARCH=`name` admits: the one of that name, or else the largest that needs
 * no more than the architecture does; the first in any case, since something has to run. */
static uint32_t cap_of(const TargetRow *row, const Variant *variants, uint32_t count) {
    uint32_t cap = 1;
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(variants[i].target->march, row->name) == 0) return i + 1;
        if (need_count(variants[i].target->needs) <= need_count(row->needs)) cap = i + 1;
    }
    return cap;
}

static void name_row(StrBuf *rows, const char *name, uint32_t cap) {
    size_t length = strlen(name);
    KC_CHECK(length < NAME_BYTES);
    strbuf_printf(rows, "%s\n  { [%d x i8], i32 } { [%d x i8] c\"%s", rows->len > 0 ? "," : "",
                  NAME_BYTES, NAME_BYTES, name);
    for (size_t k = length; k < NAME_BYTES; k++) strbuf_puts(rows, "\\00");
    strbuf_printf(rows, "\", i32 %u }", cap);
}

/* Architectures, and what else the variants are called. */
static void names_text(const Dispatch *d, StrBuf *out) {
    TargetArch arch = d->e->target->arch;
    const Variant *variants = d->variants;
    uint32_t count = d->count;
    StrBuf rows = {0};
    uint32_t row_count = 0;
    for (uint32_t i = 0; i < target_row_count; i++) {
        const TargetRow *row = &target_rows[i];
        if (row->arch != arch) continue;
        name_row(&rows, row->name, cap_of(row, variants, count));
        row_count++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (variants[i].target->tune == NULL) continue;
        name_row(&rows, variants[i].target->march, i + 1);
        row_count++;
    }
    strbuf_printf(out, "@kc.names = internal constant [%u x { [%d x i8], i32 }] [%s ]\n",
                  row_count, NAME_BYTES, strbuf_text(&rows));
    strbuf_printf(out, "@kc.name.count = internal constant i64 %u\n", row_count);
    strbuf_free(&rows);
}

/* i32 @kc.cap(): the last variant that the environment admits; a name that nobody knows admits
 * all. */
static const char cap_text[] =
    "@kc.key = internal constant [8 x i8] c\"KC_ARCH\\00\"\n"
    "declare extern_weak ptr @\"getenv\"(ptr)\n"
    "define internal i32 @kc.cap() {\n"
    "start:\n"
    "  %can.ask = icmp ne ptr @\"getenv\", null\n"
    "  br i1 %can.ask, label %ask, label %none\n"
    "ask:\n"
    "  %text = call ptr @\"getenv\"(ptr @kc.key)\n"
    "  %is.set = icmp ne ptr %text, null\n"
    "  br i1 %is.set, label %row, label %none\n"
    "row:\n"
    "  %r = phi i64 [ 0, %ask ], [ %r.next, %next ]\n"
    "  %name = getelementptr { [24 x i8], i32 }, ptr @kc.names, i64 %r\n"
    "  br label %byte\n"
    "byte:\n"
    "  %i = phi i64 [ 0, %row ], [ %i.next, %same ]\n"
    "  %p = getelementptr i8, ptr %name, i64 %i\n"
    "  %q = getelementptr i8, ptr %text, i64 %i\n"
    "  %c = load i8, ptr %p\n"
    "  %d = load i8, ptr %q\n"
    "  %equal = icmp eq i8 %c, %d\n"
    "  br i1 %equal, label %same, label %next\n"
    "same:\n"
    "  %i.next = add i64 %i, 1\n"
    "  %ends = icmp eq i8 %c, 0\n"
    "  br i1 %ends, label %found, label %byte\n"
    "next:\n"
    "  %r.next = add i64 %r, 1\n"
    "  %count = load i64, ptr @kc.name.count\n"
    "  %more = icmp ult i64 %r.next, %count\n"
    "  br i1 %more, label %row, label %none\n"
    "found:\n"
    "  %place = getelementptr { [24 x i8], i32 }, ptr @kc.names, i64 %r, i32 1\n"
    "  %cap = load i32, ptr %place\n"
    "  ret i32 %cap\n"
    "none:\n"
    "  ret i32 -1\n"
    "}\n";

/* i64 %best: the number of the best variant from 1, or 0 when even the first needs more than there is. */
static void best_text(const Dispatch *d, StrBuf *out) {
    strbuf_puts(out, "  %have = call { i64, i64, i64 } @kc.probe()\n"
                     "  %cap = call i32 @kc.cap()\n"
                     "  %h0 = extractvalue { i64, i64, i64 } %have, 0\n"
                     "  %h1 = extractvalue { i64, i64, i64 } %have, 1\n"
                     "  %h2 = extractvalue { i64, i64, i64 } %have, 2\n"
                     "  %best0 = add i64 0, 0\n");
    for (uint32_t v = 1; v <= d->count; v++) {
        uint64_t masks[PROBE_WORDS];
        probe_masks(d->e->target->arch, d->variants[v - 1].target->needs, masks);
        strbuf_printf(out, "  %%ok%u.0 = icmp uge i32 %%cap, %u\n", v, v);
        for (unsigned w = 0; w < PROBE_WORDS; w++)
            strbuf_printf(out,
                          "  %%m%u.%u = and i64 %%h%u, %lld\n"
                          "  %%e%u.%u = icmp eq i64 %%m%u.%u, %lld\n"
                          "  %%ok%u.%u = and i1 %%ok%u.%u, %%e%u.%u\n",
                          v, w, w, (long long)masks[w], v, w, v, w, (long long)masks[w], v, w + 1,
                          v, w, v, w);
        strbuf_printf(out, "  %%best%u = select i1 %%ok%u.%d, i64 %u, i64 %%best%u\n", v, v,
                      PROBE_WORDS, v, v - 1);
    }
    strbuf_printf(out, "  %%best = add i64 %%best%u, 0\n", d->count);
}

/* Where the first variant may not run either; as kc.fail, but there are no values to show. */
static const char none_text[] =
    "  %some = icmp ne i64 %best, 0\n"
    "  br i1 %some, label %found, label %none\n"
    "none:\n"
    "  %can.tell = icmp ne ptr @kc_panic, null\n"
    "  br i1 %can.tell, label %tell, label %stop\n"
    "tell:\n"
    "  call void @kc_panic(ptr %panic)\n"
    "  br label %stop\n"
    "stop:\n"
    "  call void @llvm.trap()\n"
    "  unreachable\n";

static const char store_text[] =
    "found:\n"
    "  %before = sub i64 %best, 1\n"
    "  %first = mul i64 %before, %count\n"
    "  %row = getelementptr ptr, ptr @kc.variants, i64 %first\n"
    "  br label %store\n"
    "store:\n"
    "  %i = phi i64 [ 0, %found ], [ %next, %store ]\n"
    "  %from = getelementptr ptr, ptr %row, i64 %i\n"
    "  %to = getelementptr ptr, ptr @kc.chosen, i64 %i\n"
    "  %code = load ptr, ptr %from\n"
    "  store atomic ptr %code, ptr %to monotonic, align 8\n"
    "  %next = add i64 %i, 1\n"
    "  %more = icmp ult i64 %next, %count\n"
    "  br i1 %more, label %store, label %done\n"
    "done:\n"
    "  %mine = getelementptr ptr, ptr %row, i64 %entry\n"
    "  %chosen = load ptr, ptr %mine\n"
    "  ret ptr %chosen\n"
    "}\n";

/* ptr @kc.choose(entry, panic): lets all entries jump to the best variant from now on, and returns where this one
 * does; panics with that kc_panic_info where no variant runs. */
static void choose_text(const Dispatch *d, StrBuf *out) {
    strbuf_puts(out, "@kc.chosen = external global ptr\n"
                     "@kc.variants = external constant ptr\n");
    if (dispatch_may_fail(d)) strbuf_puts(out, "declare extern_weak void @kc_panic(ptr)\ndeclare void @llvm.trap()\n");
    strbuf_printf(out,
                  "define ptr @kc.choose(i64 %%entry, ptr %%panic) {\n"
                  "start:\n"
                  "  %%count = add i64 %u, 0\n",
                  d->fn_count);
    best_text(d, out);
    strbuf_puts(out, dispatch_may_fail(d) ? none_text : "  br label %found\n");
    strbuf_puts(out, store_text);
}

void dispatch_text(const Dispatch *d, StrBuf *out) {
    names_text(d, out);
    strbuf_puts(out, cap_text);
    probe_text(d->e->target->arch, out);
    choose_text(d, out);
}
