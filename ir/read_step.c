/* The small steps of the reader. */
#include "ir/read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool at_punct(const Reader *r, char c) {
    return r->t.token.kind == KIR_PUNCT && r->t.token.punct == c && !r->t.token.arrow;
}

bool at_word(const Reader *r, const char *word) {
    return r->t.token.kind == KIR_WORD && strcmp(r->t.token.text, word) == 0;
}

bool take_punct(Reader *r, char c) {
    if (!at_punct(r, c)) return false;
    kir_next(&r->t);
    return true;
}

bool take_word(Reader *r, const char *word) {
    if (!at_word(r, word)) return false;
    kir_next(&r->t);
    return true;
}

static void fail_expecting(Reader *r, const char *what) {
    kir_fail(&r->t, r->t.token.span, "expected %s, found %s", what, kir_shown(&r->t));
}

bool expect_punct(Reader *r, char c, const char *where) {
    if (take_punct(r, c)) return true;
    kir_fail(&r->t, r->t.token.span, "expected `%c` %s, found %s", c, where, kir_shown(&r->t));
    return false;
}

Name expect_name(Reader *r, const char *what) {
    const KirToken *token = &r->t.token;
    bool word = token->kind == KIR_WORD, quoted = token->kind == KIR_QUOTED;
    if ((!word && !quoted) || memchr(token->text, '\0', token->length) != NULL) {
        fail_expecting(r, what);
        return NO_NAME;
    }
    Name name = token->length == 0 ? NO_NAME : name_of(r->cx->names, token->text, token->length);
    kir_next(&r->t);
    return name;
}

const char *expect_text(Reader *r, const char *what) {
    const KirToken *token = &r->t.token;
    if (token->kind != KIR_QUOTED || memchr(token->text, '\0', token->length) != NULL) {
        fail_expecting(r, what);
        return "";
    }
    const char *text = token->text;
    kir_next(&r->t);
    return text;
}

int64_t expect_number(Reader *r, int64_t lowest, int64_t highest, const char *what) {
    if (r->t.token.kind != KIR_NUMBER) {
        fail_expecting(r, what);
        return lowest;
    }
    char *end;
    errno = 0;
    long long value = strtoll(r->t.token.text, &end, 10);
    if (*end != '\0' || errno != 0 || value < lowest || value > highest) {
        kir_fail(&r->t, r->t.token.span, "%s runs from %lld to %lld, found %s", what,
                 (long long)lowest, (long long)highest, kir_shown(&r->t));
        return lowest;
    }
    kir_next(&r->t);
    return value;
}

uint32_t word_index(const Reader *r, const char *const *words, uint32_t count) {
    uint32_t i = 0;
    while (i < count && !at_word(r, words[i])) i++;
    return i;
}

Span read_loc(Reader *r, Span otherwise) {
    if (r->has_files) otherwise = NO_SPAN;
    if (r->t.token.starts_line || !take_word(r, "loc")) return otherwise;
    Span place = r->t.token.span;
    uint64_t file = (uint64_t)expect_number(r, 0, INT32_MAX, "the file of a `loc`");
    expect_punct(r, ':', "after the file of a `loc`");
    Span span = {.start = (uint32_t)expect_number(r, 0, UINT32_MAX, "the start of a `loc`")};
    expect_punct(r, ':', "after the start of a `loc`");
    span.end = (uint32_t)expect_number(r, 0, UINT32_MAX, "the end of a `loc`");
    if (r->t.failed) return otherwise;
    span.file = (uint32_t)*idmap_at(&r->files, file);
    if (span.file == 0)
        kir_fail(&r->t, place, "no line `file %llu \"...\"` at the top", (unsigned long long)file);
    return span;
}

/* ---- Labels ---------------------------------------------------------------------------------- */

static uintptr_t *label_slot(Reader *r, const KirToken *label) {
    return idmap_at(&r->labels, (uint64_t)label->name.id << 32 | label->number);
}

void label_define(Reader *r, const KirToken *label, Value *value) {
    if (r->t.failed) return;
    uintptr_t *slot = label_slot(r, label);
    if (*slot != 0) {
        const char *text = r->t.source->text + label->span.start;
        kir_fail(&r->t, label->span, "`%.*s` is defined a second time in this function",
                 (int)(label->span.end - label->span.start), text);
        return;
    }
    *slot = (uintptr_t)value;
    value->name = label->name;
}

Value *expect_value(Reader *r) {
    if (r->t.token.kind != KIR_VALUE) {
        fail_expecting(r, "a value such as `%x`");
        return NULL;
    }
    Value *value = (Value *)*label_slot(r, &r->t.token);
    if (value == NULL) {
        kir_fail(&r->t, r->t.token.span, "no value %s is defined before this", kir_shown(&r->t));
        return NULL;
    }
    kir_next(&r->t);
    return value;
}
