/* Lists after -march: "x86-64-v2,avx2,avx512", the variants of one object. */
#include "codegen/target.h"

#include <string.h>

/* The name as a part of C names: "__x86_64_v2". */
static const char *suffix_of(Arena *arena, const char *march) {
    char *suffix = (char *)arena_printf(arena, "__%s", march);
    for (char *c = suffix; *c != '\0'; c++) {
        bool fits = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9');
        if (!fits) *c = '_';
    }
    return suffix;
}

static bool report(Context *cx, const char *message, const char *march, const char *note) {
    Diag *d = diag_add(cx, K0501, NO_SPAN, message, march);
    diag_note(cx, d, "%s", note);
    return false;
}

/* Whether one can be told from the others while the program runs. */
static bool can_be_listed(Context *cx, const Target *target, const TargetList *before) {
    if (strcmp(target->march, "native") == 0)
        return report(cx, "`%s` cannot be one of several architectures", target->march,
                      "the object could not tell which other machines it runs on; name the "
                      "architecture");
    if (target->needs == NULL && target->asks == NULL)
        return report(cx, "the processor `%s` cannot be one of several architectures",
                      target->march,
                      "what it can do beyond its architecture is nothing that an object can ask "
                      "for: name the architectures that `kc targets` lists");
    for (uint32_t i = 0; i < before->count; i++)
        if (strcmp(before->all[i].march, target->march) == 0)
            return report(cx, "the architecture `%s` is named twice", target->march,
                          "each variant of the object has a name of its own");
    return true;
}

static uint32_t need_count(const Target *target) {
    uint32_t count = *target->needs != '\0';
    for (const char *c = target->needs; *c != '\0'; c++) count += *c == ',';
    return count;
}

/* Keeps the least demanding first; of equals the one named later counts for more. */
static void insert(TargetList *list, const Target *target) {
    uint32_t at = list->count++;
    while (at > 0 && need_count(&list->all[at - 1]) > need_count(target)) {
        list->all[at] = list->all[at - 1];
        at--;
    }
    list->all[at] = *target;
}

bool targets_resolve(Context *cx, const char *triple, const char *marches, TargetList *targets) {
    uint32_t room = 1;
    for (const char *c = marches; c != NULL && *c != '\0'; c++) room += *c == ',';
    *targets = (TargetList){.all = arena_array(cx->arena, Target, room)};
    if (room == 1) {
        targets->count = 1;
        return target_resolve(cx, triple, marches, &targets->all[0]);
    }
    for (const char *at = marches; room > 0; room--) {
        size_t length = strcspn(at, ",");
        Target target;
        if (length == 0)
            return report(cx, "a name is missing in the list `%s`", marches,
                          "write names with one comma between them");
        if (!target_resolve(cx, triple, arena_strndup(cx->arena, at, length), &target))
            return false;
        if (!can_be_listed(cx, &target, targets)) return false;
        if (target.needs == NULL) target_ask(&target);
        target.suffix = suffix_of(cx->arena, target.march);
        insert(targets, &target);
        at += length + (at[length] == ',');
    }
    return true;
}
